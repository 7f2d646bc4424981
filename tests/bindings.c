/* What ctypes needs beside the C itself: sizes, and orders and draw commands as flat bytes.
 *
 * An item is its length (2 bytes), then what twins.py writes, integers little-endian.
 */
#include "ink_bytes.h"
#include "ink_log.h"
#include "ink_view.h"

#include <string.h>

const size_t ink_lock_size = sizeof(ink_lock);
const size_t ink_log_size = sizeof(ink_log);
const size_t ink_panel_size = sizeof(ink_panel);
const size_t ink_outputs_size = sizeof(ink_outputs);

size_t flat_outputs(const ink_outputs *outputs, uint8_t *out);
size_t flat_draws(const ink_panel *panel, const uint8_t *ink, uint16_t points, uint8_t *out);
void flat_preview(ink_panel *panel, uint32_t row);
bool memory_read(void *cells, uint32_t at, uint8_t *data, size_t count);

/* A flash's hook that reads from memory. */
bool memory_read(void *cells, uint32_t at, uint8_t *data, size_t count) {
    memcpy(data, (const uint8_t *)cells + at, count);
    return true;
}

static uint8_t *put8(uint8_t *out, int value) {
    *out = (uint8_t)value;
    return out + 1;
}

static uint8_t *put16(uint8_t *out, int value) { return put8(put8(out, value), value >> 8); }

static uint8_t *put32(uint8_t *out, uint32_t value) {
    ink_put_u32(out, value);
    return out + 4;
}

static uint8_t *put_text(uint8_t *out, const char *text) {
    const size_t length = strlen(text);
    memcpy(out, text, length);
    return out + length;
}

size_t flat_outputs(const ink_outputs *outputs, uint8_t *out) {
    uint8_t *end = out;
    for (int i = 0; i < outputs->count; i++) {
        const ink_output *output = &outputs->items[i];
        uint8_t *item = end;
        end = put8(put8(put8(item + 2, (int)output->order), output->x), output->y);
        end = put_text(put32(end, output->effect), output->text);
        put16(item, (int)(end - item - 2));
    }
    return (size_t)(end - out);
}

static uint8_t *put_draw(const ink_draw *draw, uint8_t *out) {
    out = put8(put8(out, (int)draw->kind), draw->colour);
    switch (draw->kind) {
    case INK_DRAW_RECT:
        out = put16(put16(out, draw->as.rect.x), draw->as.rect.y);
        out = put16(put16(out, draw->as.rect.w), draw->as.rect.h);
        return put16(out, draw->as.rect.radius);
    case INK_DRAW_TRIANGLE:
        out = put16(put16(out, draw->as.triangle.x0), draw->as.triangle.y0);
        out = put16(put16(out, draw->as.triangle.x1), draw->as.triangle.y1);
        return put16(put16(out, draw->as.triangle.x2), draw->as.triangle.y2);
    case INK_DRAW_TEXT:
        out = put16(put16(out, draw->as.text.x), draw->as.text.y);
        out = put8(put8(out, (int)draw->as.text.anchor), draw->as.text.font);
        return put_text(out, draw->as.text.string);
    case INK_DRAW_INK:
        memcpy(out, draw->as.ink.points, 2u * draw->as.ink.count);
        return out + 2u * draw->as.ink.count;
    case INK_DRAW_BITMAP:
        out = put16(put16(out, draw->as.bitmap.x), draw->as.bitmap.y);
        for (int i = 0; i < INK_PANEL_ROWS; i++) {
            out = put32(out, draw->as.bitmap.rows[i]);
        }
        return out;
    }
    return out;
}

size_t flat_draws(const ink_panel *panel, const uint8_t *ink, uint16_t points, uint8_t *out) {
    ink_picture picture;
    uint8_t *end = out;
    ink_view(panel, ink, points, &picture);
    for (int i = 0; i < picture.count; i++) {
        uint8_t *item = end;
        end = put_draw(&picture.items[i], item + 2);
        put16(item, (int)(end - item - 2));
    }
    return (size_t)(end - out);
}

void flat_preview(ink_panel *panel, uint32_t row) {
    uint32_t rows[INK_PANEL_ROWS];
    for (int i = 0; i < INK_PANEL_ROWS; i++) {
        rows[i] = row;
    }
    ink_panel_preview(panel, rows);
}
