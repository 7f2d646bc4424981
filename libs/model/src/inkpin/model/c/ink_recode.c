#include "ink_shorts.h"

static int32_t recoded(const ink_recoding *to, int32_t value) {
    return to->zero + ink_rounded_within((int64_t)(value - to->in_zero) * to->multiplier, to->shift,
                                         to->low, to->high);
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
