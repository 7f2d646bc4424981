/* Whatever is touched, read and shown: strokes, orders and commands fit, texts are whole, and what
 * was read for a PIN leaves masked.
 */
#include "fuzz.h"
#include "ink_preprocess.h"
#include "ink_view.h"

#include <string.h>

typedef struct {
    fuzz_storage storage;
    ink_lock lock;
    ink_panel panel;
    ink_outputs out;
    ink_picture picture;
    ink_strokes strokes;
    uint32_t now;
} world;

static bool whole(const char text[INK_TEXT_SIZE]) { return memchr(text, 0, INK_TEXT_SIZE) != NULL; }

static void preview(world *w) {
    uint32_t rows[INK_SIDE];
    for (int mode = INK_NORMALISED; mode <= INK_DIRECT; mode++) {
        ink_strokes_bitmap(&w->strokes, (ink_mode)mode, rows);
        for (int i = 0; i < INK_SIDE; i++) {
            CHECK(rows[i] >> INK_SIDE == 0);
        }
        ink_panel_preview(&w->panel, rows);
    }
}

static void route(world *w, bool trying) {
    CHECK(w->out.count <= INK_OUTPUTS_MAX && !w->out.overflow);
    for (int i = 0; i < w->out.count; i++) {
        const ink_output *output = &w->out.items[i];
        CHECK(whole(output->text));
        if (output->order == INK_ORDER_POINT) {
            CHECK(output->x < INK_AREA && output->y < INK_AREA);
            ink_strokes_point(&w->strokes, output->x, output->y);
        } else if (output->order == INK_ORDER_PEN_UP) {
            ink_strokes_up(&w->strokes);
        } else if (output->order == INK_ORDER_ERASE) {
            ink_strokes_clear(&w->strokes);
        } else if (output->order == INK_ORDER_PREVIEW) {
            preview(w);
        } else if (output->order == INK_ORDER_LINE && strncmp(output->text, "Output ", 7) == 0) {
            CHECK(trying || strcmp(output->text, "Output *") == 0 ||
                  strcmp(output->text, "Output ?") == 0);
        }
    }
    CHECK(w->strokes.count <= INK_CAPACITY);
    ink_view(&w->panel, &w->strokes.points[0].x, w->strokes.count, &w->picture);
    CHECK(w->picture.count <= INK_DRAWS_MAX && !w->picture.overflow);
    for (int i = 0; i < w->picture.count; i++) {
        const ink_draw *draw = &w->picture.items[i];
        CHECK(draw->kind != INK_DRAW_TEXT || whole(draw->as.text.string));
    }
}

static void read_ink(world *w, fuzz_input *input) {
    char label[16] = "";
    const uint8_t length = fuzz_below(input, sizeof label);
    for (uint8_t i = 0; i < length; i++) {
        label[i] = (char)(1 + fuzz_below(input, 127));
    }
    const uint8_t confidence = fuzz_below(input, 101);
    if (confidence == 0) {
        ink_panel_refuse(&w->panel, fuzz_byte(input), label, "second", w->now, &w->out);
    } else {
        ink_panel_reading(&w->panel, length > 0 ? label : NULL, confidence, w->now, &w->out);
    }
}

/* What a person does to enter a digit: draw, ENTER, and the reading. */
static void write_digit(world *w, uint8_t digit) {
    const char label[2] = {(char)('0' + digit % 10), '\0'};
    ink_panel_touch(&w->panel, INK_TOUCH_DOWN, 100, 100, w->now, &w->out);
    route(w, false);
    ink_panel_touch(&w->panel, INK_TOUCH_UP, 100, 140, w->now, &w->out);
    route(w, false);
    ink_panel_key(&w->panel, INK_BUTTON_ENTER, w->now, &w->out);
    route(w, w->lock.state == INK_LOCK_TRY);
    const bool trying = w->lock.state == INK_LOCK_TRY;
    ink_panel_reading(&w->panel, label, 98, w->now, &w->out);
    route(w, trying);
}

/* Moves the finger that is down by steps of one size, turning as the input says. */
static void scribble(world *w, fuzz_input *input) {
    int32_t x = fuzz_byte(input), y = fuzz_byte(input), size = fuzz_byte(input);
    for (int steps = fuzz_byte(input); steps > 0; steps--) {
        const uint8_t turn = steps % 8 ? 0 : fuzz_byte(input);
        x += turn & 1 ? size : -size;
        y += turn & 2 ? size : -size;
        ink_panel_touch(&w->panel, INK_TOUCH_MOVE, x, y, w->now, &w->out);
        route(w, w->lock.state == INK_LOCK_TRY);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint32_t times[] = {0, 1, 10, 100, 999, 1000, 30000, 3600000};
    fuzz_input input = {data, size};
    world w;
    memset(&w, 0, sizeof w);
    fuzz_storage_clear(&w.storage);
    ink_strokes_clear(&w.strokes);
    const ink_lock_hooks hooks = fuzz_lock_hooks(&w.storage);
    const ink_lock_config config = {(uint8_t)(1 + fuzz_below(&input, 8)),
                                    INK_LOCK_MAX_LENGTH,
                                    (uint8_t)(2 + fuzz_below(&input, 9)),
                                    (uint8_t)(1 + fuzz_below(&input, 255)),
                                    1,
                                    1000,
                                    30000};
    ink_lock_start(&w.lock, &hooks, &config, 0);
    ink_panel_start(&w.panel, &w.lock, &w.out);
    route(&w, false);
    while (input.size > 0) {
        const uint8_t what = fuzz_byte(&input);
        const bool trying = w.lock.state == INK_LOCK_TRY;
        w.out.count = 0;
        if (what < 0x60) {
            write_digit(&w, what & 0x0F);
        } else if (what < 0x90) {
            ink_panel_key(&w.panel, what & 3, w.now, &w.out);
        } else if (what < 0xB0) {
            w.now += times[what & 7];
            ink_panel_tick(&w.panel, w.now, &w.out);
        } else if (what < 0xD0) {
            const int32_t x = what & 8 ? (int32_t)fuzz_u32(&input) : 2 * fuzz_byte(&input);
            const int32_t y = what & 8 ? (int32_t)fuzz_u32(&input) : fuzz_byte(&input);
            ink_panel_touch(&w.panel, (ink_touch)(what % 3), x, y, w.now, &w.out);
        } else if (what < 0xE0) {
            read_ink(&w, &input);
        } else if (what < 0xE8) {
            scribble(&w, &input);
        } else if (what < 0xEC) {
            ink_panel_reset(&w.panel, w.now, &w.out);
        } else if (what < 0xF0) {
            w.storage.power = what & 1 ? fuzz_byte(&input) : FUZZ_NO_LIMIT;
        } else if (what < 0xF4) {
            w.storage.length[what & 1] = fuzz_below(&input, 66);
        } else {
            ink_strokes_clear(&w.strokes);
            ink_lock_start(&w.lock, &hooks, &config, w.now);
            ink_panel_start(&w.panel, &w.lock, &w.out);
        }
        route(&w, trying);
    }
    return 0;
}
