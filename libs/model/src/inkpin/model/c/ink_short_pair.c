#include "ink_shorts.h"

void ink_short_add(const ink_short_pair *pair, const ink_short *a, const ink_short *b,
                   ink_short *out) {
    for (int o = 0; o < pair->outer; o++) {
        for (int m = 0; m < pair->middle; m++) {
            const int64_t other = (int64_t)b[m] * pair->b_multiplier;
            for (int i = 0; i < pair->inner; i++) {
                const int64_t sum = (int64_t)*a++ * pair->a_multiplier + other;
                *out++ = (int16_t)ink_rounded_within(sum, pair->shift, pair->low, pair->high);
            }
        }
    }
}

void ink_short_mul(const ink_short_pair *pair, const ink_short *a, const ink_short *b,
                   ink_short *out) {
    for (int o = 0; o < pair->outer; o++) {
        for (int m = 0; m < pair->middle; m++) {
            for (int i = 0; i < pair->inner; i++) {
                const int64_t product = (int64_t)(*a++ * b[m]) * pair->a_multiplier;
                *out++ = (int16_t)ink_rounded_within(product, pair->shift, pair->low, pair->high);
            }
        }
    }
}
