/* Touch points to 28x28 bits, in integers and bounded memory.
 *
 * Feed points as the finger moves; ask for the bitmap at any time. The Python package
 * inkpin.preprocess gives the same bits; its raster.py describes the two modes.
 */
#ifndef INK_PREPROCESS_H
#define INK_PREPROCESS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    INK_AREA = 240,      /* side of the drawing area, pixels */
    INK_SIDE = 28,       /* side of the bitmap, cells */
    INK_BOX = 20,        /* cells along the longer side of a normalised drawing */
    INK_CAPACITY = 512,  /* points and pen-ups that a buffer holds */
    INK_MIN_EXTENT = 14, /* ink smaller than this, in pixels, is too small to read */
    INK_TAP_EXTENT = 6,  /* and smaller than this it is a tap */
    INK_PEN_UP = 255     /* x and y of the entry that ends a stroke */
};

typedef enum { INK_NORMALISED, INK_DIRECT } ink_mode;

/* Why ink is not read. */
typedef enum {
    INK_UNREAD_LITTLE,  /* there is none, or a tap */
    INK_UNREAD_SMALL,   /* smaller than can be read */
    INK_UNREAD_EDGE,    /* it reaches the edge of the area, where it may be cut off */
    INK_UNREAD_SEVERAL, /* two parts beside each other, or more strokes than any character has */
    INK_UNREAD_UNSURE,  /* it may be this label or that */
    INK_UNREAD_NOTHING  /* it is like no label */
} ink_unread;

typedef struct {
    uint8_t x, y;
} ink_point;

/* What was drawn so far. When it is full, the smallest distance between neighbours doubles
 * and all of it is thinned; `overflow` is set when even that leaves no room. */
typedef struct {
    ink_point points[INK_CAPACITY];
    uint16_t count;
    uint16_t gap;
    bool overflow;
} ink_strokes;

/* Forgets all ink; also makes a fresh ink_strokes usable. */
void ink_strokes_clear(ink_strokes *strokes);

/* Adds a touch sample; one outside the area moves to its edge. */
void ink_strokes_point(ink_strokes *strokes, int x, int y);

/* Ends the stroke, if one was begun. */
void ink_strokes_up(ink_strokes *strokes);

/* Whether the ink is worth reading: neither too small nor an overflowing scribble. */
bool ink_strokes_legible(const ink_strokes *strokes);

/* Why the ink, which was not read, was not. `likely`: whether the network found some label more
 * likely than none. */
ink_unread ink_strokes_unread(const ink_strokes *strokes, bool likely);

/* Writes the bitmap: bit c of rows[r] is the cell in row r, column c. Empty without ink. */
void ink_strokes_bitmap(const ink_strokes *strokes, ink_mode mode, uint32_t rows[INK_SIDE]);

#ifdef __cplusplus
}
#endif
#endif
