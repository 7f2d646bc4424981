#include "ink_shorts.h"

enum { SMALL = 1 << 14 }; /* what 16 bits may be multiplied with in a word */

static int32_t recoded(const ink_recoding *to, int32_t value) {
    value -= to->in_zero;
    if (to->shift == 0 && to->multiplier < SMALL) { /* as between bytes and what holds them */
        value *= to->multiplier;
        value = value < to->low ? to->low : value;
        return to->zero + (value > to->high ? to->high : value);
    }
    return to->zero +
           ink_rounded_within((int64_t)value * to->multiplier, to->shift, to->low, to->high);
}

void ink_shorts_of_bytes(const ink_recoding *to, const uint8_t *in, ink_short *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = (int16_t)recoded(to, in[i]);
    }
}

void ink_bytes_of_shorts(const ink_recoding *to, const ink_short *in, uint8_t *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = (uint8_t)recoded(to, in[i]);
    }
}

void ink_shorts_of_shorts(const ink_recoding *to, const ink_short *in, ink_short *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = (int16_t)recoded(to, in[i]);
    }
}
