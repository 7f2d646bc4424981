#include "ink_kernels.h"

void ink_add(const ink_pair *pair, const uint8_t *a, const uint8_t *b, uint8_t *out) {
    for (int o = 0; o < pair->outer; o++) {
        for (int m = 0; m < pair->middle; m++) {
            const int32_t other = (b[m] - pair->b_zero) * pair->b_multiplier;
            for (int i = 0; i < pair->inner; i++) {
                const int32_t sum = (*a++ - pair->a_zero) * pair->a_multiplier + other;
                int32_t value = ink_rescaled(sum, 1, pair->shift) + pair->zero;
                value = value < pair->low ? pair->low : value;
                *out++ = (uint8_t)(value > pair->high ? pair->high : value);
            }
        }
    }
}
