#include <stddef.h>

#include "ink_kernels.h"
#include "ink_words.h"

enum { MULTIPLIER = 24 }; /* its bits of a factor */

static int32_t rescaled(int32_t value, uint32_t factor) {
    return ink_rescaled(value, (int32_t)(factor & ((1u << MULTIPLIER) - 1)),
                        (int)(factor >> MULTIPLIER));
}

static void store_wide(const uint32_t *factor, int step, const int32_t *sums, int count,
                       int32_t *out, int stride) {
    for (; count > 0; count--, out += stride, sums++) {
        *out = *sums;
        if (factor) {
            *out = rescaled(*sums, *factor);
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
    const int32_t zero = to->zero, low = to->low, high = to->high;
    const int32_t least = low == zero ? 1 : INT32_MIN; /* Relu: no need to know how far below */
    uint8_t *byte = (uint8_t *)out + at;
    for (const int32_t *const end = sums + count; sums < end; byte += stride, factor += step) {
        int32_t value = *sums++;
        if (value < least) {
            value = low;
        } else {
            const int shift = (int)(*factor >> MULTIPLIER);
            value =
                zero + (ink_fits_words(value, shift) ? ink_rescaled_in_words(value, *factor, shift)
                                                     : rescaled(value, *factor));
            value = value < low ? low : value;
            value = value > high ? high : value;
        }
        *byte = (uint8_t)value;
    }
}
