/* Touches, buttons and readings in; orders to the shell out.
 *
 * The panel stands between a shell and the lock. It decides what a touch means and what may be
 * seen: what must not be shown is not kept. The shell routes the orders, one after the other, and
 * decides nothing. It keeps no strokes: the shell's buffer does. No malloc, no stdio, no globals;
 * of libc it calls memset. panel.py does the same, order for order.
 */
#ifndef INK_PANEL_H
#define INK_PANEL_H

#include "generated/ink_screen_data.h"
#include "ink_lock.h"
#include "ink_text.h"

#ifdef __cplusplus
extern "C" {
#endif

#define INK_PANEL_ROWS 28 /* of a preview */
#define INK_LABEL_SIZE 12 /* bytes of a label, with the NUL; longer ones are cut */
#define INK_NO_BATTERY 255
#define INK_AUTO_LEAST 600 /* ms without a touch that auto-enter takes for the end of a digit */
#define INK_AUTO_MOST 1500

/* Orders that one call can give: six of a step of the lock (what it did, what was read, the reset,
 * a notice, the ink erased, the new state), two more of the touch that a key ends. */
#ifndef INK_OUTPUTS_MAX
#define INK_OUTPUTS_MAX 8
#endif

typedef enum { INK_TOUCH_DOWN, INK_TOUCH_MOVE, INK_TOUCH_UP } ink_touch;

typedef enum {
    INK_ORDER_POINT,   /* add the point (x, y) of the area to the stroke buffer */
    INK_ORDER_PEN_UP,  /* end the stroke */
    INK_ORDER_ERASE,   /* clear the stroke buffer */
    INK_ORDER_PREVIEW, /* call ink_panel_preview with the bitmap of the strokes */
    INK_ORDER_READING, /* recognise the strokes and call ink_panel_reading */
    INK_ORDER_LINE,    /* print `text` on the serial line */
    INK_ORDER_LOCK     /* the lock did `effect`: sound, vibration, log */
} ink_order;

typedef struct {
    ink_order order;
    uint8_t x, y;
    uint32_t effect; /* INK_LOCK_EFFECT_... */
    char text[INK_TEXT_SIZE];
} ink_output;

typedef struct {
    uint8_t count;
    bool overflow; /* an order found no room and is lost; tests see that none ever is */
    ink_output items[INK_OUTPUTS_MAX + 1];
} ink_outputs;

typedef enum {
    INK_PANEL_NO_INK,
    INK_PANEL_FRESH, /* not yet read */
    INK_PANEL_READ   /* read; it stays in `try it` */
} ink_panel_ink;

typedef enum {
    INK_FINGER_AWAY, /* none, or one whose touch means nothing */
    INK_FINGER_PEN,
    INK_FINGER_BUTTON
} ink_finger;

typedef struct {
    /* For reading. */
    ink_lock *lock;
    ink_panel_ink ink;
    bool awaiting; /* a reading is under way: touches and buttons are ignored */
    bool has_rows;
    uint32_t rows[INK_PANEL_ROWS]; /* the preview: bit c of a row is the cell in column c */
    bool has_seen;
    char seen[INK_LABEL_SIZE];       /* what was read, empty for rejected */
    char between[2][INK_LABEL_SIZE]; /* labels that rejected ink may be, in `try it`; else empty */
    uint8_t unread;                  /* INK_UNREAD_...: why the last reading gave no label */
    uint8_t confidence;
    uint8_t battery;  /* percent, or INK_NO_BATTERY */
    uint16_t auto_ms; /* auto-enter: how long nobody touches until ink is read; 0: never */

    /* The panel's own. */
    bool stale; /* the awaited reading is of ink that was dropped */
    ink_finger finger;
    uint32_t touched; /* when anyone touched or pressed anything last */
    uint8_t button;
    bool inside;
} ink_panel;

/* Starts over a lock that nobody else may step; says which state it is in. */
void ink_panel_start(ink_panel *panel, ink_lock *lock, ink_outputs *out);

/* Lets time pass; to be called ten times a second or so. `now`, here and below: the lock's ms. */
void ink_panel_tick(ink_panel *panel, uint32_t now, ink_outputs *out);

/* Takes a touch at a pixel of the screen, or off it. */
void ink_panel_touch(ink_panel *panel, ink_touch phase, int32_t x, int32_t y, uint32_t now,
                     ink_outputs *out);

/* Takes a button (INK_BUTTON_...) pressed on a keyboard. */
void ink_panel_key(ink_panel *panel, uint8_t button, uint32_t now, ink_outputs *out);

/* Takes the bitmap of the ink. */
void ink_panel_preview(ink_panel *panel, const uint32_t rows[INK_PANEL_ROWS]);

/* Takes the battery's charge in percent, or INK_NO_BATTERY. */
void ink_panel_battery(ink_panel *panel, uint8_t percent);

/* Sets auto-enter: ink is read by itself once nobody has touched anything for INK_AUTO_LEAST
 * to INK_AUTO_MOST ms; 0: by ENTER alone. */
void ink_panel_auto(ink_panel *panel, uint16_t ms);

/* Takes the awaited reading: an ASCII label, NULL for rejected, and its confidence in percent. */
void ink_panel_reading(ink_panel *panel, const char *label, uint8_t confidence, uint32_t now,
                       ink_outputs *out);

/* Takes an awaited reading that gave no label.
 *
 * unread: why, an INK_UNREAD_... of ink_preprocess.h.
 * first, second: ASCII labels that it may be, NULL for none; `second` only behind `first`. */
void ink_panel_refuse(ink_panel *panel, uint8_t unread, const char *first, const char *second,
                      uint32_t now, ink_outputs *out);

/* Resets the lock to first use: PIN and failures are gone. */
void ink_panel_reset(ink_panel *panel, uint32_t now, ink_outputs *out);

/* The button under the finger that began on it, or INK_BUTTONS. */
uint8_t ink_panel_pressed(const ink_panel *panel);

#ifdef __cplusplus
}
#endif
#endif
