/* Reads drawings in C: gestures here; with its two names changed, whatever a network knows.
 *
 * Reads a line for each event from standard input:
 *     x y      a touch sample, 0..239
 *     up       the finger leaves
 *     enter    the drawing is done
 * and prints what was read and the confidence, "?" for what was refused. docs/labels.md has the
 * commands that make the network's C and compile this.
 */
#include <stdio.h>
#include <string.h>

#include "gestures.h"
#include "ink_predict.h"
#include "ink_preprocess.h"

int main(void) {
    static ink_strokes ink;
    static int32_t memory[GESTURES_MEMORY];
    char line[64];
    int x, y;
    ink_strokes_clear(&ink);
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%d %d", &x, &y) == 2) {
            ink_strokes_point(&ink, x, y);
        } else if (strncmp(line, "up", 2) == 0) {
            ink_strokes_up(&ink);
        } else if (strncmp(line, "enter", 5) == 0) {
            ink_prediction reading = {0};
            if (ink_strokes_legible(&ink)) {
                uint32_t rows[INK_SIDE];
                ink_strokes_bitmap(&ink, INK_NORMALISED, rows);
                ink_predict(&gestures_model, memory, rows, &reading);
            }
            printf("%s %d%%\n", reading.label ? reading.label : "?", reading.confidence);
            ink_strokes_clear(&ink);
        }
    }
    return 0;
}
