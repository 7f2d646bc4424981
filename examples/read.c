/* Reads drawings in C: gestures here; with its two names changed, whatever a network knows.
 *
 * Reads events, a line each, from standard input; --help says which. docs/labels.md has the
 * commands that make the network's C, compile this and feed it.
 */
#include <stdio.h>
#include <string.h>

#include "gestures.h"
#include "ink_predict.h"
#include "ink_preprocess.h"

static const char USAGE[] =
    "usage: read < EVENTS\n\n"
    "Reads drawings, and prints of each its label and the confidence, \"?\" for what was refused.\n"
    "An event is a line of standard input:\n"
    "    x y      a touch sample, 0..239\n"
    "    up       the finger leaves\n"
    "    enter    the drawing is done\n";

int main(int count, char **words) {
    static ink_strokes ink;
    static int32_t memory[GESTURES_MEMORY];
    char line[64];
    int x, y;
    if (count > 1) {
        fputs(USAGE, strcmp(words[1], "--help") == 0 ? stdout : stderr);
        return strcmp(words[1], "--help") == 0 ? 0 : 2;
    }
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
