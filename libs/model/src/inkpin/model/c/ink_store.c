#include <stddef.h>

#include "ink_kernels.h"
#include "ink_words.h"

static void store_wide(const uint32_t *factor, int step, const int32_t *sums, int count,
                       int32_t *out, int stride) {
    for (; count > 0; count--, out += stride, sums++) {
        *out = *sums;
        if (factor) {
            *out = ink_scaled(*sums, *factor);
            factor += step;
        }
    }
}

void ink_store(const ink_scaling *to, int channel, int step, const int32_t *sums, int count,
               void *out, int at, int stride) {
    if (to->wide) {
        const uint32_t *factor = to->factor ? to->factor + channel : NULL;
        store_wide(factor, step, sums, count, (int32_t *)out + at, stride);
        return;
    }
    const uint32_t *factor = to->factor + channel;
    const int32_t low = to->low, zero = to->zero - low, most = to->high - low;
    const int32_t least = zero ? INT32_MIN : 1; /* Relu: no need to know how far below */
    uint8_t *byte = (uint8_t *)out + at;
    for (; count > 0; count--, byte += stride, factor += step) {
        int32_t value = *sums++;
        if (value < least) {
            value = 0;
        } else {
            const uint32_t by = *factor;
            int32_t steps;
            if (!ink_fits_words(value) || ink_half_in_words(value, by, &steps)) {
                steps = ink_scaled(value, by);
            }
            value = zero + steps;
            if ((uint32_t)value > (uint32_t)most) {
                value = value < 0 ? 0 : most;
            }
        }
        *byte = (uint8_t)(value + low);
    }
}
