/* Reads drawings and bitmaps from standard input until it ends, and answers each one.
 *
 * A bitmap comes as the byte BITMAP and its packed rows. A drawing comes as its ink_mode in a byte,
 * the number of its entries in 32 bits, and the entries, laid out as in ink_strokes. Words are
 * little-endian. The other side is xtensa_engine.py.
 */
#include "ink_predict.h"
#include "ink_preprocess.h"
#include "ink_xtensa.h"
#include "model.h"

enum { BITMAP = 2, CHUNK = 64 };

/* Whether there was that much input left. */
static bool take(void *to, size_t size) {
    uint8_t *bytes = to;
    while (size > 0) {
        const size_t count = ink_read(bytes, size);
        if (count == 0) {
            return false;
        }
        bytes += count;
        size -= count;
    }
    return true;
}

static bool take_drawing(ink_strokes *ink) {
    uint32_t left;
    ink_strokes_clear(ink);
    if (!take(&left, sizeof left)) {
        return false;
    }
    while (left > 0) {
        ink_point entries[CHUNK];
        const uint32_t count = left < CHUNK ? left : CHUNK;
        if (!take(entries, count * sizeof *entries)) {
            return false;
        }
        for (uint32_t i = 0; i < count; i++) {
            if (entries[i].x == INK_PEN_UP) {
                ink_strokes_up(ink);
            } else {
                ink_strokes_point(ink, entries[i].x, entries[i].y);
            }
        }
        left -= count;
    }
    return true;
}

int main(void) {
    static ink_strokes ink;
    static int32_t memory[MEMORY];
    static ink_prediction prediction;
    const ink_model *const model = &MODEL;
    static uint32_t rows[INK_SIDE];
    uint8_t kind;
    while (take(&kind, sizeof kind)) {
        bool legible = true;
        if (kind == BITMAP) {
            if (!take(rows, sizeof rows)) {
                return 1;
            }
        } else {
            if (!take_drawing(&ink)) {
                return 1;
            }
            legible = ink_strokes_legible(&ink);
            ink_strokes_bitmap(&ink, (ink_mode)kind, rows);
        }
        ink_predict(model, memory, rows, &prediction);
        const uint8_t head[] = {prediction.best, prediction.confidence, prediction.label == NULL,
                                legible};
        ink_write(head, sizeof head);
        ink_write(rows, sizeof rows);
        ink_write(prediction.logits, model->classes * sizeof *prediction.logits);
    }
    return 0;
}
