#include "ink_kernels.h"

#include <stddef.h>

#include "ink_words.h"

int32_t ink_rounded(int64_t value, int shift) {
    if (shift == 0) {
        return (int32_t)value;
    }
    const int64_t doubled = value >> (shift - 1);
    const int32_t below = (int32_t)(doubled >> 1);
    if (!(doubled & 1)) {
        return below;
    }
    /* At least a half is left: exactly one goes to the even neighbour. */
    const int more = (uint64_t)doubled << (shift - 1) != (uint64_t)value;
    return below + (more || (below & 1));
}

int32_t ink_rescaled(int32_t value, int32_t multiplier, int shift) {
    const uint32_t size = (uint32_t)multiplier, more = (uint32_t)shift - INK_FEWEST;
    if (size < 1u << 24 && more <= INK_MOST && ink_fits_words(value)) {
        return ink_scaled_in_words(value, size << INK_MULTIPLIER | INK_HALVES | more, 1);
    }
    return ink_rounded((int64_t)value * multiplier, shift);
}

void ink_rescale_store(const ink_rescale *to, int channel, int32_t sum, void *out, int at) {
    if (sum <= 0 && to->low == to->zero && !to->wide) {
        ((uint8_t *)out)[at] = to->low; /* Relu: no need to know how far below */
        return;
    }
    if (to->shift) {
        sum = ink_rescaled(sum, to->multiplier[channel], to->shift[channel]);
    }
    if (to->wide) {
        ((int32_t *)out)[at] = sum;
        return;
    }
    sum += to->zero;
    sum = sum < to->low ? to->low : sum;
    ((uint8_t *)out)[at] = (uint8_t)(sum > to->high ? to->high : sum);
}
