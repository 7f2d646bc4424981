/* What the screen shows: a pure function of the panel and the ink, as a list of draw commands.
 *
 * Five kinds of command are all that a shell must be able to paint, each over what came before:
 * filled rectangles with or without round corners, filled triangles, lines of text, the strokes,
 * and a bitmap. Colours index ink_palette, fonts ink_font_heights. view.py gives the same list.
 */
#ifndef INK_VIEW_H
#define INK_VIEW_H

#include "ink_panel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Commands of the fullest screen: an icon; paper, title, attempts, rule, hint and ink; the column;
 * well, bits, label and confidence; the battery's four; two of each place and of each button. */
#ifndef INK_DRAWS_MAX
#define INK_DRAWS_MAX (INK_ICON_SHAPES + 6 + 1 + 4 + 4 + 2 * INK_LOCK_MAX_LENGTH + 2 * INK_BUTTONS)
#endif

typedef enum {
    INK_DRAW_RECT,
    INK_DRAW_TRIANGLE,
    INK_DRAW_TEXT,
    INK_DRAW_INK,
    INK_DRAW_BITMAP
} ink_draw_kind;

/* What the point of a text is: its centre, or the middle of its left end. */
typedef enum { INK_ANCHOR_CENTRE, INK_ANCHOR_LEFT } ink_anchor;

typedef struct {
    ink_draw_kind kind;
    uint8_t colour;
    union {
        struct {
            int16_t x, y, w, h, radius;
        } rect;
        struct {
            int16_t x0, y0, x1, y1, x2, y2;
        } triangle;
        struct {
            int16_t x, y;
            ink_anchor anchor;
            uint8_t font;
            char string[INK_TEXT_SIZE];
        } text;
        struct {
            const uint8_t *points; /* x, y, x, y ... of the area; 255, 255 ends a stroke */
            uint16_t count;        /* of points; INK_LAYOUT_INK_WIDTH is how wide to draw them */
        } ink;
        struct {
            int16_t x, y;
            const uint32_t *rows; /* 28; bit c of a row is the pixel in column c */
        } bitmap;
    } as;
} ink_draw;

typedef struct {
    uint16_t count;
    bool overflow; /* a command found no room and is lost; tests see that none ever is */
    ink_draw items[INK_DRAWS_MAX + 1];
} ink_picture;

/* Writes the commands that paint the whole screen, in order.
 *
 * ink: the shell's stroke buffer, `points` pairs of x and y; (255, 255) ends a stroke. The picture
 * points into it and into the panel, and holds while both stay as they are. */
void ink_view(const ink_panel *panel, const uint8_t *ink, uint16_t points, ink_picture *picture);

/* Writes the commands that ask for a touch of cross `number`, from 0 on, over the whole screen. */
void ink_view_cross(uint8_t number, ink_picture *picture);

#ifdef __cplusplus
}
#endif
#endif
