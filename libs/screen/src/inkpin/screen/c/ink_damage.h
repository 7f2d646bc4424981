/* Which parts of the screen are to be painted anew: a short list of boxes that a shell works off.
 *
 * Boxes are as true as they can be told without the shell's fonts: around each piece of ink, and
 * around what a text can cover. Boxes that cost less as one are joined, and so are the two that are
 * cheapest to join when there are too many.
 */
#ifndef INK_DAMAGE_H
#define INK_DAMAGE_H

#include "ink_view.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef INK_DAMAGE_BOXES
#define INK_DAMAGE_BOXES 24
#endif

/* What a box costs beside its pixels, in pixels: the commands that set a display's window, and what
 * a shell does for each box. */
#define INK_DAMAGE_BOX_COST 16

/* All zeros is a screen that shows all it should. */
typedef struct {
    uint8_t count;
    ink_box boxes[INK_DAMAGE_BOXES + 1]; /* the last is for one that has not been joined yet */
} ink_damage;

/* Adds what of a box lies within the screen. */
void ink_damage_add(ink_damage *damage, ink_box box);

/* Adds ink, `count` points as of INK_DRAW_INK, from the point `first` on with the line that leads
 * there. */
void ink_damage_add_ink(ink_damage *damage, const uint8_t *points, uint16_t first, uint16_t count);

/* Adds all that differs between two pictures.
 *
 * What the pictures point into may have changed between them: of ink in both, the first `old_ink`
 * points are as they were, and a bitmap in both is if `old_bits`. */
void ink_damage_compare(ink_damage *damage, const ink_picture *before, const ink_picture *after,
                        uint16_t old_ink, bool old_bits);

/* Takes a box of at most so many pixels, or one row, off the list, the newest first; false if there
 * is none. */
bool ink_damage_take(ink_damage *damage, int32_t pixels, ink_box *box);

#ifdef __cplusplus
}
#endif
#endif
