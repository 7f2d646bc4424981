#include "ink_calibration.h"

enum { FAR = 2 * INK_SCREEN_WIDTH }; /* no panel reports more: sums stay below 2^31 */

static int32_t distance(int32_t a, int32_t b) { return a < b ? b - a : a - b; }

void ink_calibration_clear(ink_calibration *calibration) {
    for (int i = 0; i < INK_CROSSES; i++) {
        calibration->touched[i] = ink_crosses[i];
    }
}

bool ink_calibration_is_sane(const ink_calibration *calibration) {
    bool sane = true;
    for (int i = 0; i < INK_CROSSES; i++) {
        const ink_spot cross = ink_crosses[i], touched = calibration->touched[i];
        sane = sane && distance(cross.x, touched.x) <= INK_CALIBRATION_REACH &&
               distance(cross.y, touched.y) <= INK_CALIBRATION_REACH;
    }
    return sane;
}

/* The quotient to the nearest whole number, halves upwards; the divisor is positive. */
static int32_t rounded(int32_t dividend, int32_t divisor) {
    const int32_t doubled = 2 * dividend + divisor;
    const int32_t quotient = doubled / (2 * divisor);
    return doubled % (2 * divisor) < 0 ? quotient - 1 : quotient;
}

static int32_t clamp(int32_t value, int32_t low, int32_t high) {
    return value < low ? low : value > high ? high : value;
}

/* The place is a mean of the crosses, with the weights that make the same mean of the touches what
 * is reported. The sum of all three weights is positive where the touches are near to their
 * crosses. */
ink_spot ink_calibration_map(const ink_calibration *calibration, int16_t x, int16_t y) {
    const ink_spot a = calibration->touched[0], b = calibration->touched[1],
                   c = calibration->touched[2];
    const int32_t px = clamp(x, -FAR, FAR) - c.x, py = clamp(y, -FAR, FAR) - c.y;
    const int32_t all = (b.y - c.y) * (a.x - c.x) + (c.x - b.x) * (a.y - c.y);
    const int32_t first = (b.y - c.y) * px + (c.x - b.x) * py;
    const int32_t second = (c.y - a.y) * px + (a.x - c.x) * py;
    const ink_spot *to = ink_crosses;
    const int32_t dx = first * (to[0].x - to[2].x) + second * (to[1].x - to[2].x);
    const int32_t dy = first * (to[0].y - to[2].y) + second * (to[1].y - to[2].y);
    return (ink_spot){(int16_t)clamp(to[2].x + rounded(dx, all), 0, INK_SCREEN_WIDTH - 1),
                      (int16_t)clamp(to[2].y + rounded(dy, all), 0, INT16_MAX)};
}
