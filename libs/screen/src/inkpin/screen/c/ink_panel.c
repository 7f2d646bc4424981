#include "ink_panel.h"

#include <string.h>

enum { NO_SYMBOL = 255 };

static bool holds(ink_box box, int32_t x, int32_t y) {
    return x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h;
}

static int32_t clamp(int32_t value, int32_t low, int32_t high) {
    return value < low ? low : value > high ? high : value;
}

/* --- orders --- */

static void begin(ink_outputs *out) {
    out->count = 0;
    out->overflow = false;
}

/* Where there is no room, the place behind the last one takes the order, and nobody gets it. */
static ink_output *give(ink_outputs *out, ink_order order) {
    ink_output *output = &out->items[out->count];
    memset(output, 0, sizeof *output);
    output->order = order;
    if (out->count < INK_OUTPUTS_MAX) {
        out->count++;
    } else {
        out->overflow = true;
    }
    return output;
}

static void say(ink_outputs *out, const char *form, uint32_t number, const char *label) {
    ink_text(give(out, INK_ORDER_LINE)->text, form, number, label);
}

static void say_state(const ink_panel *panel, ink_outputs *out) {
    say(out, ink_looks[panel->lock->state].serial, panel->lock->seconds_left, "");
}

static void say_notice(const ink_panel *panel, ink_outputs *out) {
    const char *form = ink_notices[panel->lock->message].serial;
    if (*form != '\0') {
        say(out, form, panel->lock->attempts_left, "");
    }
}

/* Says what was read; digits of a PIN are masked. */
static void say_output(const ink_panel *panel, ink_outputs *out) {
#ifdef INKPIN_SERIAL_ECHO
    const bool plain = true;
#else
    const bool plain = panel->lock->state == INK_LOCK_TRY;
#endif
    if (panel->seen[0] == '\0') {
        say(out, INK_TEXT_OUTPUT_UNREAD, 0, "");
    } else if (plain) {
        say(out, INK_TEXT_OUTPUT, panel->confidence, panel->seen);
    } else {
        say(out, INK_TEXT_OUTPUT_MASKED, 0, "");
    }
}

/* --- what is kept --- */

static void forget_rows(ink_panel *panel) {
    panel->has_rows = false;
    memset(panel->rows, 0, sizeof panel->rows);
}

static void forget_seen(ink_panel *panel) {
    panel->has_seen = false;
    memset(panel->seen, 0, sizeof panel->seen);
    memset(panel->between, 0, sizeof panel->between);
    panel->confidence = 0;
}

static void erase(ink_panel *panel, ink_outputs *out) {
    if (panel->ink != INK_PANEL_NO_INK) {
        give(out, INK_ORDER_ERASE);
    }
    panel->ink = INK_PANEL_NO_INK;
    forget_rows(panel);
    if (panel->lock->state == INK_LOCK_TRY) {
        forget_seen(panel);
    }
}

/* Forgets everything of the state that was left. */
static void drop(ink_panel *panel, ink_outputs *out) {
    panel->finger = INK_FINGER_AWAY;
    panel->stale = panel->awaiting;
    erase(panel, out);
    forget_seen(panel);
}

/* Steps the lock, says what came of it and forgets what must not be seen any more. */
static void step(ink_panel *panel, ink_lock_event event, uint8_t symbol, uint32_t now,
                 ink_outputs *out) {
    ink_lock *lock = panel->lock;
    const ink_lock_state state = lock->state;
    const ink_lock_message message = lock->message;
    const uint32_t effect = ink_lock_step(lock, event, symbol, now);
    if (effect != 0) {
        give(out, INK_ORDER_LOCK)->effect = effect;
    }
    if (effect & (INK_LOCK_EFFECT_DIGIT | INK_LOCK_EFFECT_UNREAD)) {
        say_output(panel, out);
    }
    if (effect & INK_LOCK_EFFECT_RESET) {
        say(out, INK_TEXT_RESET, 0, "");
    }
    if (lock->message != message || (effect & INK_LOCK_EFFECT_REFUSED)) {
        say_notice(panel, out);
    }
    if (lock->state != state) {
        drop(panel, out);
        say_state(panel, out);
    } else if (lock->shown == INK_LOCK_NO_SYMBOL && lock->state != INK_LOCK_TRY) {
        forget_seen(panel);
        if (panel->ink == INK_PANEL_NO_INK) {
            forget_rows(panel);
        }
    }
}

/* --- touches and buttons --- */

static bool takes_ink(ink_lock_state state) {
    return state != INK_LOCK_WAITING && state != INK_LOCK_OPEN && state != INK_LOCK_FAULT;
}

static void draw(int32_t x, int32_t y, ink_outputs *out) {
    const ink_box area = ink_box_area;
    ink_output *output = give(out, INK_ORDER_POINT);
    output->x = (uint8_t)(clamp(x, area.x, area.x + area.w - 1) - area.x);
    output->y = (uint8_t)(clamp(y, area.y, area.y + area.h - 1) - area.y);
}

static void start_ink(ink_panel *panel, ink_outputs *out) {
    panel->finger = INK_FINGER_PEN;
    if (panel->ink == INK_PANEL_READ) {
        erase(panel, out);
    }
    if (panel->ink == INK_PANEL_NO_INK) {
        forget_rows(panel);
    }
    panel->ink = INK_PANEL_FRESH;
}

static void press(ink_panel *panel, int32_t x, int32_t y, ink_outputs *out) {
    if (holds(ink_box_area, x, y)) {
        if (takes_ink(panel->lock->state)) {
            start_ink(panel, out);
            draw(x, y, out);
        }
        return;
    }
    for (uint8_t button = 0; button < INK_BUTTONS; button++) {
        if (holds(ink_button_boxes[button], x, y)) {
            panel->finger = INK_FINGER_BUTTON;
            panel->button = button;
            panel->inside = true;
        }
    }
}

/* Ends the touch under way: a stroke as if the finger had left, a button without effect. */
static void lift(ink_panel *panel, ink_outputs *out) {
    if (panel->finger == INK_FINGER_PEN) {
        give(out, INK_ORDER_PEN_UP);
        give(out, INK_ORDER_PREVIEW);
    }
    panel->finger = INK_FINGER_AWAY;
}

static void await(ink_panel *panel, ink_outputs *out) {
    panel->awaiting = true;
    panel->stale = false;
    give(out, INK_ORDER_READING);
}

static void act(ink_panel *panel, uint8_t button, uint32_t now, ink_outputs *out) {
    static const ink_lock_event events[INK_BUTTONS] = {INK_LOCK_EVENT_ENTER, INK_LOCK_EVENT_CLEAR,
                                                       INK_LOCK_EVENT_TRY};
    if (button == INK_BUTTON_ENTER && panel->ink == INK_PANEL_FRESH) {
        await(panel, out);
    } else if (button == INK_BUTTON_CLEAR && panel->ink != INK_PANEL_NO_INK) {
        erase(panel, out);
    } else {
        step(panel, events[button], 0, now, out);
    }
}

/* The lock's symbol for a label: one ASCII digit. */
static uint8_t symbol_of(const char *label) {
    const bool digit = label[0] >= '0' && label[0] <= '9' && label[1] == '\0';
    return digit ? (uint8_t)(label[0] - '0') : NO_SYMBOL;
}

/* Copies a label, none for NULL, to where zeros are. */
static void keep_label(char kept[INK_LABEL_SIZE], const char *label) {
    for (size_t i = 0; label && label[i] != '\0' && i < INK_LABEL_SIZE - 1; i++) {
        kept[i] = label[i];
    }
}

static void see(ink_panel *panel, const char *label, uint8_t confidence) {
    forget_seen(panel);
    panel->has_seen = true;
    panel->confidence = confidence;
    keep_label(panel->seen, label);
}

/* Whether a reading that comes now is awaited, and of ink that is still wanted. */
static bool take_reading(ink_panel *panel, uint32_t now, ink_outputs *out) {
    begin(out);
    if (!panel->awaiting) {
        return false;
    }
    step(panel, INK_LOCK_EVENT_TICK, 0, now, out); /* it may be too late for this digit */
    panel->awaiting = false;
    return !panel->stale;
}

/* Tells the lock what is seen: a digit, or nothing that it takes. */
static void enter_seen(ink_panel *panel, uint8_t unread, uint32_t now, ink_outputs *out) {
    uint8_t symbol = symbol_of(panel->seen);
    panel->unread = unread;
    if (panel->lock->state == INK_LOCK_TRY) {
        panel->ink = INK_PANEL_READ;
        /* any label counts, and none is held */
        symbol = panel->seen[0] != '\0' ? 0 : NO_SYMBOL;
    } else {
        panel->ink = INK_PANEL_NO_INK;
        give(out, INK_ORDER_ERASE);
    }
    if (symbol >= panel->lock->config.alphabet) {
        memset(panel->seen, 0, sizeof panel->seen);
        step(panel, INK_LOCK_EVENT_UNREAD, 0, now, out);
    } else {
        step(panel, INK_LOCK_EVENT_DIGIT, symbol, now, out);
    }
}

/* --- the public side --- */

void ink_panel_start(ink_panel *panel, ink_lock *lock, ink_outputs *out) {
    memset(panel, 0, sizeof *panel);
    panel->lock = lock;
    panel->battery = INK_NO_BATTERY;
    begin(out);
    say_notice(panel, out);
    say_state(panel, out);
}

void ink_panel_tick(ink_panel *panel, uint32_t now, ink_outputs *out) {
    begin(out);
    step(panel, INK_LOCK_EVENT_TICK, 0, now, out);
    const uint32_t passed = now - panel->touched;
    if (panel->ink == INK_PANEL_FRESH && !panel->awaiting && panel->finger == INK_FINGER_AWAY) {
        if (panel->auto_ms > 0 && passed >= panel->auto_ms) {
            await(panel, out);
        } else if (panel->lock->state != INK_LOCK_TRY && passed >= panel->lock->config.open_ms) {
            erase(panel, out); /* a digit of a PIN, for whoever comes next to see */
        }
    }
}

void ink_panel_touch(ink_panel *panel, ink_touch phase, int32_t x, int32_t y, uint32_t now,
                     ink_outputs *out) {
    begin(out);
    panel->touched = now;
    if (phase == INK_TOUCH_DOWN) {
        ink_lock_touch(panel->lock, now);
        lift(panel, out);
        if (!panel->awaiting) {
            press(panel, x, y, out);
        }
    } else if (panel->finger == INK_FINGER_PEN) {
        if (phase == INK_TOUCH_MOVE) {
            draw(x, y, out);
        } else {
            lift(panel, out);
        }
    } else if (panel->finger == INK_FINGER_BUTTON) {
        panel->inside = holds(ink_button_boxes[panel->button], x, y);
        if (phase == INK_TOUCH_UP) {
            panel->finger = INK_FINGER_AWAY;
            if (panel->inside) {
                act(panel, panel->button, now, out);
            }
        }
    }
}

void ink_panel_key(ink_panel *panel, uint8_t button, uint32_t now, ink_outputs *out) {
    begin(out);
    panel->touched = now;
    if (!panel->awaiting && button < INK_BUTTONS) {
        lift(panel, out);
        act(panel, button, now, out);
    }
}

void ink_panel_preview(ink_panel *panel, const uint32_t rows[INK_PANEL_ROWS]) {
    if (panel->ink == INK_PANEL_FRESH) {
        panel->has_rows = true;
        memcpy(panel->rows, rows, sizeof panel->rows);
    }
}

void ink_panel_battery(ink_panel *panel, uint8_t percent) {
    panel->battery = percent > 100 ? INK_NO_BATTERY : percent;
}

void ink_panel_auto(ink_panel *panel, uint16_t ms) {
    panel->auto_ms = ms >= INK_AUTO_LEAST && ms <= INK_AUTO_MOST ? ms : 0;
}

void ink_panel_reading(ink_panel *panel, const char *label, uint8_t confidence, uint32_t now,
                       ink_outputs *out) {
    if (take_reading(panel, now, out)) {
        see(panel, label, confidence);
        enter_seen(panel, INK_UNREADS - 1, now, out);
    }
}

void ink_panel_refuse(ink_panel *panel, uint8_t unread, const char *first, const char *second,
                      uint32_t now, ink_outputs *out) {
    if (take_reading(panel, now, out)) {
        see(panel, NULL, 0);
        if (panel->lock->state == INK_LOCK_TRY) {
            keep_label(panel->between[0], first);
            keep_label(panel->between[1], first ? second : NULL);
        }
        enter_seen(panel, unread < INK_UNREADS ? unread : INK_UNREADS - 1, now, out);
    }
}

void ink_panel_reset(ink_panel *panel, uint32_t now, ink_outputs *out) {
    begin(out);
    drop(panel, out);
    step(panel, INK_LOCK_EVENT_RESET, 0, now, out);
}

uint8_t ink_panel_pressed(const ink_panel *panel) {
    const bool on = panel->finger == INK_FINGER_BUTTON && panel->inside;
    return on ? panel->button : (uint8_t)INK_BUTTONS;
}
