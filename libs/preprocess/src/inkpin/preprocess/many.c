/* Bitmaps of many drawings at once: what many.py calls, compiled for this machine. */
#include "ink_preprocess.h"

/* Writes the normalised bitmaps of `count` drawings, INK_SIDE rows each.
 *
 * points: x and y of each entry, in 0..239; INK_PEN_UP twice ends a stroke.
 * ends: for each drawing how many entries there are up to its end. */
void ink_many_bitmaps(const uint8_t *points, const uint32_t *ends, uint32_t count, uint32_t *rows);

void ink_many_bitmaps(const uint8_t *points, const uint32_t *ends, uint32_t count, uint32_t *rows) {
    ink_strokes strokes;
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        ink_strokes_clear(&strokes);
        for (; at < ends[i]; at++) {
            const uint8_t x = points[2 * at], y = points[2 * at + 1];
            if (x == INK_PEN_UP && y == INK_PEN_UP) {
                ink_strokes_up(&strokes);
            } else {
                ink_strokes_point(&strokes, x, y);
            }
        }
        ink_strokes_bitmap(&strokes, INK_NORMALISED, rows + INK_SIDE * i);
    }
}
