#include "ink_kernels.h"

void ink_mul(const ink_pair *pair, const uint8_t *a, const uint8_t *b, uint8_t *out) {
    for (int o = 0; o < pair->outer; o++) {
        for (int m = 0; m < pair->middle; m++) {
            const int32_t other = b[m] - pair->b_zero;
            for (int i = 0; i < pair->inner; i++) {
                const int32_t product = (*a++ - pair->a_zero) * other;
                int32_t value = ink_rescaled(product, pair->a_multiplier, pair->shift) + pair->zero;
                value = value < pair->low ? pair->low : value;
                *out++ = (uint8_t)(value > pair->high ? pair->high : value);
            }
        }
    }
}
