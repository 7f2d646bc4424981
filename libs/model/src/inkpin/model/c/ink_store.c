#include "ink_kernels.h"
#include "ink_words.h"

void ink_store(const ink_scaling *to, int channel, int step, const int32_t *sums, int count,
               void *out, int at, int stride) {
    const int32_t low = to->low, more = to->more;
    const uint32_t codes = to->codes;
    /* Behind a Relu there's no need to know how far below a sum is. */
    const int32_t least = codes && more < 2 ? 1 : INT32_MIN;
    const int size = codes ? 1 : 4;
    const uint32_t *factor = to->factor + channel;
    uint8_t *byte = (uint8_t *)out + at * size;
    for (stride *= size; count != 0; count--, byte += stride, factor += step) {
        int32_t value = *sums++;
        if (value < least) {
            *byte = (uint8_t)low;
            continue;
        }
        if (!ink_fits_words(value)) {
            value = ink_scaled(value, *factor) + (more >> 1);
        } else {
            value = ink_scaled_in_words(value, *factor, more);
        }
        if ((uint32_t)value >= codes) {
            if (!codes) {
                *(int32_t *)(void *)byte = value;
                continue;
            }
            value = value < 0 ? 0 : (int32_t)codes - 1;
        }
        *byte = (uint8_t)(value + low);
    }
}
