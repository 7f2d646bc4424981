/* The least program that reads a drawing, to be linked and weighed: no more than the recogniser. */
#include "ink_predict.h"
#include "ink_preprocess.h"
#include "model.h"

int main(void) {
    static ink_strokes ink;
    static int32_t memory[MEMORY];
    static ink_prediction prediction;
    static uint32_t rows[INK_SIDE];
    ink_strokes_clear(&ink);
    ink_strokes_point(&ink, 1, 2);
    ink_strokes_up(&ink);
    if (ink_strokes_legible(&ink)) {
        ink_strokes_bitmap(&ink, INK_NORMALISED, rows);
        ink_predict(&MODEL, memory, rows, &prediction);
    }
    return 0;
}
