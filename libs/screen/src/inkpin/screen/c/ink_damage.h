/* Which part of the screen differs between two pictures, so that a shell paints no more. */
#ifndef INK_DAMAGE_H
#define INK_DAMAGE_H

#include "ink_view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A box around all that differs, within the screen; empty (w is 0) if nothing does.
 *
 * What the pictures point into may have changed between them: of ink in both, the first `old_ink`
 * points are as they were, and a bitmap in both is if `old_bits`. */
ink_box ink_damage(const ink_picture *before, const ink_picture *after, uint16_t old_ink,
                   bool old_bits);

#ifdef __cplusplus
}
#endif
#endif
