#include "ink_view.h"

#include <string.h>

/* --- commands --- */

/* Where there is no room, the place behind the last one takes the command, and nobody paints it. */
static ink_draw *add(ink_picture *picture, ink_draw_kind kind, uint8_t colour) {
    ink_draw *draw = &picture->items[picture->count];
    memset(draw, 0, sizeof *draw);
    draw->kind = kind;
    draw->colour = colour;
    if (picture->count < INK_DRAWS_MAX) {
        picture->count++;
    } else {
        picture->overflow = true;
    }
    return draw;
}

static void rect(ink_picture *picture, ink_box box, int radius, uint8_t colour) {
    ink_draw *draw = add(picture, INK_DRAW_RECT, colour);
    draw->as.rect.x = box.x;
    draw->as.rect.y = box.y;
    draw->as.rect.w = box.w;
    draw->as.rect.h = box.h;
    draw->as.rect.radius = (int16_t)radius;
}

static void disc(ink_picture *picture, int x, int y, int radius, uint8_t colour) {
    const int16_t side = (int16_t)(2 * radius);
    rect(picture, (ink_box){(int16_t)(x - radius), (int16_t)(y - radius), side, side}, radius,
         colour);
}

/* Returns where to write the text. */
static char *text(ink_picture *picture, ink_spot at, ink_anchor anchor, uint8_t font,
                  uint8_t colour) {
    ink_draw *draw = add(picture, INK_DRAW_TEXT, colour);
    draw->as.text.x = at.x;
    draw->as.text.y = at.y;
    draw->as.text.anchor = anchor;
    draw->as.text.font = font;
    return draw->as.text.string;
}

static void words(ink_picture *picture, ink_spot at, uint8_t font, uint8_t colour, const char *form,
                  uint32_t number) {
    ink_text(text(picture, at, INK_ANCHOR_CENTRE, font, colour), form, number, "");
}

static void icon(ink_picture *picture, uint8_t name, ink_spot at, int scale, uint8_t colour,
                 uint8_t ground) {
    for (uint8_t i = 0; i < ink_icons[name].count; i++) {
        const ink_shape *shape = &ink_icons[name].shapes[i];
        const uint8_t paint = shape->hole ? ground : colour;
        int16_t n[6];
        for (int k = 0; k < 6; k++) {
            const bool place = shape->triangle || k < 2; /* else a size */
            const int origin = !place ? 0 : k % 2 ? at.y : at.x;
            n[k] = (int16_t)(origin + scale * shape->numbers[k]);
        }
        if (shape->triangle) {
            ink_draw *draw = add(picture, INK_DRAW_TRIANGLE, paint);
            draw->as.triangle.x0 = n[0];
            draw->as.triangle.y0 = n[1];
            draw->as.triangle.x1 = n[2];
            draw->as.triangle.y1 = n[3];
            draw->as.triangle.x2 = n[4];
            draw->as.triangle.y2 = n[5];
        } else {
            rect(picture, (ink_box){n[0], n[1], n[2], n[3]}, n[4], paint);
        }
    }
}

/* --- the parts of the screen --- */

/* Fills the area with the state: a big icon and words. */
static void announce(const ink_panel *panel, const ink_look *look, ink_picture *picture) {
    const ink_lock *lock = panel->lock;
    const bool told = lock->message != INK_LOCK_MESSAGE_NONE;
    const char *first = told ? ink_notices[lock->message].text : look->lines[0];
    rect(picture, ink_box_area, 0, look->colour);
    icon(picture, look->icon, ink_at_big_icon, INK_LAYOUT_BIG_ICON_SCALE, INK_COLOUR_PAPER,
         look->colour);
    words(picture, ink_at_big_title, INK_FONT_HUGE, INK_COLOUR_PAPER, look->title,
          lock->seconds_left);
    words(picture, ink_at_first_line, INK_FONT_BODY, INK_COLOUR_PAPER, first, 0);
    words(picture, ink_at_second_line, INK_FONT_BODY, INK_COLOUR_PAPER, look->lines[1],
          lock->attempts_left);
}

/* Whether there is ink to read: the first stroke has ended. Until then the words stay as they are:
 * painting them would take the display while a finger draws. */
static bool inked(const ink_panel *panel) {
    return panel->ink == INK_PANEL_FRESH && panel->has_rows;
}

/* Writes why the ink was not read. */
static void why_unread(const ink_panel *panel, char out[INK_TEXT_SIZE]) {
    if (panel->between[0][0] == '\0') {
        ink_text(out, ink_unread_texts[panel->unread], 0, "");
        return;
    }
    const char *parts[] = {panel->between[0], INK_TEXT_OR, panel->between[1]};
    char labels[INK_TEXT_SIZE];
    size_t used = 0;
    for (int i = 0; i < (panel->between[1][0] == '\0' ? 1 : 3); i++) {
        for (const char *c = parts[i]; *c != '\0' && used < sizeof labels - 1; c++) {
            labels[used++] = *c;
        }
    }
    labels[used] = '\0';
    ink_text(out, INK_TEXT_UNSURE, 0, labels);
}

/* What to do next: # stands for the digits of the shortest PIN, @ of the longest. */
static const char *hint(const ink_panel *panel, const ink_look *look) {
    const ink_lock *lock = panel->lock;
    if (panel->awaiting) {
        return INK_TEXT_READING;
    }
    if (inked(panel)) {
        return panel->auto_ms > 0 ? INK_TEXT_SOON : INK_TEXT_READ;
    }
    if (lock->state == INK_LOCK_TRY) {
        return panel->ink == INK_PANEL_READ ? INK_TEXT_LEAVE : INK_TEXT_ANY;
    }
    if (lock->filled == lock->config.longest) {
        return ink_notices[INK_LOCK_MESSAGE_FULL].text;
    }
    if (lock->filled >= lock->config.shortest) {
        return look->enough;
    }
    if (lock->filled > 0) {
        return INK_TEXT_NEXT;
    }
    if (lock->state == INK_LOCK_LOCKED && !lock->powered) {
        return ink_notices[INK_LOCK_MESSAGE_POWER].text;
    }
    const bool choosing = lock->state == INK_LOCK_CHOOSE || lock->state == INK_LOCK_CHANGE_NEW;
    return choosing ? INK_TEXT_CHOOSE : INK_TEXT_FIRST;
}

/* Lays out the paper to write on: the state above, a hint or what the lock has to say below. */
static void sheet(const ink_panel *panel, const ink_look *look, ink_picture *picture) {
    const ink_lock *lock = panel->lock;
    rect(picture, ink_box_area, 0, INK_COLOUR_PAPER);
    icon(picture, look->icon, ink_at_icon, INK_LAYOUT_ICON_SCALE, look->colour, INK_COLOUR_PAPER);
    ink_text(text(picture, ink_at_title, INK_ANCHOR_LEFT, INK_FONT_TITLE, look->colour),
             look->title, 0, "");
    if (lock->state == INK_LOCK_LOCKED && lock->attempts_left < lock->config.max_failures) {
        words(picture, ink_at_attempts, INK_FONT_SMALL, INK_COLOUR_FAULT, INK_TEXT_ATTEMPTS,
              lock->attempts_left);
    }
    rect(picture, ink_box_rule, 0, INK_COLOUR_RULE);
    if (lock->message == INK_LOCK_MESSAGE_UNREAD && !inked(panel)) {
        why_unread(panel,
                   text(picture, ink_at_hint, INK_ANCHOR_CENTRE, INK_FONT_BODY, INK_COLOUR_INK));
    } else if (lock->message != INK_LOCK_MESSAGE_NONE && !inked(panel)) {
        words(picture, ink_at_hint, INK_FONT_BODY, INK_COLOUR_INK, ink_notices[lock->message].text,
              lock->config.shortest);
    } else {
        const char longest[] = {(char)('0' + lock->config.longest), '\0'};
        ink_text(text(picture, ink_at_hint, INK_ANCHOR_CENTRE, INK_FONT_BODY, INK_COLOUR_MUTED),
                 hint(panel, look), lock->config.shortest, longest);
    }
}

/* Shows the bits that the network gets and what it made of them, while they may be seen. */
static void recognised(const ink_panel *panel, ink_picture *picture) {
    rect(picture, ink_box_well, 0, INK_COLOUR_WELL);
    if (panel->has_rows) {
        ink_draw *draw = add(picture, INK_DRAW_BITMAP, INK_COLOUR_BRIGHT);
        draw->as.bitmap.x = ink_at_preview.x;
        draw->as.bitmap.y = ink_at_preview.y;
        draw->as.bitmap.rows = panel->rows;
    }
    if (panel->has_seen) {
        const bool read = panel->seen[0] != '\0';
        const bool large = strlen(panel->seen) <= INK_LAYOUT_LARGE_LABEL;
        ink_text(text(picture, large ? ink_at_digit : ink_at_name, INK_ANCHOR_CENTRE,
                      large ? INK_FONT_DIGIT : INK_FONT_BODY, INK_COLOUR_BRIGHT),
                 "@", 0, read ? panel->seen : INK_TEXT_UNREAD);
        if (read) {
            words(picture, large ? ink_at_confidence : ink_at_name_confidence, INK_FONT_BODY,
                  INK_COLOUR_SOFT, INK_TEXT_CONFIDENCE, panel->confidence);
        }
    }
}

static void battery(uint8_t percent, ink_picture *picture) {
    ink_box full = ink_box_battery_full;
    const ink_box hole = {(int16_t)(full.x - 1), (int16_t)(full.y - 1), (int16_t)(full.w + 2),
                          (int16_t)(full.h + 2)};
    full.w = (int16_t)(full.w * percent / 100);
    full.w = full.w > 0 ? full.w : 1;
    rect(picture, ink_box_battery, 0, INK_COLOUR_SOFT);
    rect(picture, ink_box_battery_tip, 0, INK_COLOUR_SOFT);
    rect(picture, hole, 0, INK_COLOUR_COLUMN);
    rect(picture, full, 0,
         percent <= INK_LAYOUT_BATTERY_LOW ? INK_COLOUR_FAULT : INK_COLOUR_BRIGHT);
}

/* Shows the places of the PIN: rings, dots, and the newest digit while it may be seen. There are as
 * many as the shortest PIN has, and more only as they are filled: how long the PIN is that is set,
 * nothing shows. */
static void places(const ink_panel *panel, ink_picture *picture) {
    const ink_lock *lock = panel->lock;
    const int least = lock->config.shortest;
    const int count = lock->filled > least ? lock->filled : least;
    const int share = INK_LAYOUT_PLACES_WIDTH / count;
    const int pitch = share < INK_LAYOUT_PLACE_PITCH ? share : INK_LAYOUT_PLACE_PITCH;
    const int fitting = pitch / 2 - 1;
    const int radius = fitting < INK_LAYOUT_PLACE_RADIUS ? fitting : INK_LAYOUT_PLACE_RADIUS;
    const int y = ink_at_places.y;
    for (int place = 0; place < count; place++) {
        const int x = ink_at_places.x - (count - 1) * pitch / 2 + place * pitch;
        if (lock->shown != INK_LOCK_NO_SYMBOL && place == lock->filled - 1) {
            words(picture, (ink_spot){(int16_t)x, (int16_t)y}, INK_FONT_PLACE, INK_COLOUR_BRIGHT,
                  "#", lock->shown);
        } else if (place < lock->filled) {
            disc(picture, x, y, radius, INK_COLOUR_BRIGHT);
        } else {
            disc(picture, x, y, radius, INK_COLOUR_RING);
            disc(picture, x, y, radius - INK_LAYOUT_PLACE_RIM, INK_COLOUR_COLUMN);
        }
    }
}

static void buttons(const ink_panel *panel, const ink_look *look, ink_picture *picture) {
    for (uint8_t button = 0; button < INK_BUTTONS; button++) {
        const ink_box box = ink_button_boxes[button];
        const ink_spot middle = {(int16_t)(box.x + box.w / 2), (int16_t)(box.y + box.h / 2)};
        uint8_t ground = button == INK_BUTTON_ENTER ? INK_COLOUR_ENTER : INK_COLOUR_BUTTON;
        uint8_t ink = INK_COLOUR_BRIGHT;
        if (!(look->buttons >> button & 1)) {
            ground = INK_COLOUR_OFF;
            ink = INK_COLOUR_OFF_TEXT;
        } else if (button == ink_panel_pressed(panel)) {
            ground = INK_COLOUR_BRIGHT;
            ink = INK_COLOUR_COLUMN;
        }
        rect(picture, box, INK_LAYOUT_BUTTON_RADIUS, ground);
        words(picture, middle, INK_FONT_BODY, ink, ink_button_names[button], 0);
    }
}

void ink_view(const ink_panel *panel, const uint8_t *ink, uint16_t points, ink_picture *picture) {
    const ink_look *look = &ink_looks[panel->lock->state];
    picture->count = 0;
    picture->overflow = false;
    if (look->lines[0] != NULL) {
        announce(panel, look, picture);
    } else {
        sheet(panel, look, picture);
        if (panel->ink != INK_PANEL_NO_INK && points > 0) {
            ink_draw *draw = add(picture, INK_DRAW_INK, INK_COLOUR_INK);
            draw->as.ink.points = ink;
            draw->as.ink.count = points;
        }
    }
    rect(picture, ink_box_column, 0, INK_COLOUR_COLUMN);
    recognised(panel, picture);
    if (panel->battery != INK_NO_BATTERY) {
        battery(panel->battery, picture);
    }
    if (look->places) {
        places(panel, picture);
    }
    buttons(panel, look, picture);
}

void ink_view_cross(uint8_t number, ink_picture *picture) {
    const ink_spot at = ink_crosses[number];
    const char all[] = {(char)('0' + INK_CROSSES), '\0'};
    const int16_t length = INK_LAYOUT_CROSS_LENGTH, width = INK_LAYOUT_CROSS_WIDTH;
    picture->count = 0;
    picture->overflow = false;
    rect(picture, ink_box_screen, 0, INK_COLOUR_PAPER);
    rect(picture,
         (ink_box){(int16_t)(at.x - length / 2), (int16_t)(at.y - width / 2), length, width}, 0,
         INK_COLOUR_CALM);
    rect(picture,
         (ink_box){(int16_t)(at.x - width / 2), (int16_t)(at.y - length / 2), width, length}, 0,
         INK_COLOUR_CALM);
    words(picture, ink_at_cross_title, INK_FONT_TITLE, INK_COLOUR_CALM, INK_TEXT_CROSS, 0);
    ink_text(text(picture, ink_at_cross_number, INK_ANCHOR_CENTRE, INK_FONT_BODY, INK_COLOUR_INK),
             INK_TEXT_CROSS_NUMBER, number + 1u, all);
    words(picture, ink_at_cross_leave, INK_FONT_BODY, INK_COLOUR_MUTED, INK_TEXT_CROSS_LEAVE, 0);
}
