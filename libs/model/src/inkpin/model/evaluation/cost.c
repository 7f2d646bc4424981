/* The least program that reads a drawing, to be linked and weighed: no more than the recogniser. */
#include "ink_predict.h"
#include "ink_preprocess.h"

int main(void) {
    static ink_strokes ink;
    static ink_predictor predictor;
    static ink_prediction prediction;
    static uint32_t rows[INK_SIDE];
    ink_strokes_clear(&ink);
    ink_strokes_point(&ink, 1, 2);
    ink_strokes_up(&ink);
    if (ink_strokes_legible(&ink)) {
        ink_strokes_bitmap(&ink, INK_NORMALISED, rows);
        ink_predict(&predictor, rows, &prediction);
    }
    return 0;
}
