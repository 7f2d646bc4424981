#include "ink_kernels.h"

void ink_short_curve(const int16_t *points, int step, const ink_short *in, ink_short *out,
                     int count) {
    for (int i = 0; i < count; i++) {
        const int32_t from_lowest = in[i] - INT16_MIN, rest = from_lowest & ((1 << step) - 1);
        const int16_t *point = points + (from_lowest >> step);
        const int32_t rise = (point[1] - point[0]) * rest + (1 << (step - 1));
        out[i] = (int16_t)(point[0] + (rise >> step));
    }
}
