/* Where a touch panel's touches lie on the screen: for one whose edges are off.
 *
 * Three crosses are shown and touched. The touches make the affine map that takes each to its
 * cross; they are what is kept, so that the crosses' own places are the map that changes nothing.
 */
#ifndef INK_CALIBRATION_H
#define INK_CALIBRATION_H

#include "ink_panel.h"

#ifdef __cplusplus
extern "C" {
#endif

#define INK_CALIBRATION_REACH 32 /* pixels that a touch may lie off its cross */

typedef struct {
    ink_spot touched[INK_CROSSES]; /* as the panel reported them, in turn */
} ink_calibration;

/* Makes it the map that changes nothing. */
void ink_calibration_clear(ink_calibration *calibration);

/* Whether each touch lies near its cross: then the map is near to that which changes nothing. A
 * panel that is turned or mirrored is no such case. */
bool ink_calibration_is_sane(const ink_calibration *calibration);

/* The place on the screen of what the panel reports. What lies off the left, upper or right edge
 * counts as on it; below the screen is a panel's own zone. The calibration must be sane. */
ink_spot ink_calibration_map(const ink_calibration *calibration, int16_t x, int16_t y);

#ifdef __cplusplus
}
#endif
#endif
