#include "ink_kernels.h"

/* Returns log2(sum / 2^15) in units of 1/4096, rounded down; sum >= 2^15. */
static int32_t logarithm(uint32_t sum) {
    int32_t result = 0;
    while (sum >= 1u << 16) {
        sum = (sum + 1) >> 1;
        result += 1 << 12;
    }
    for (int32_t bit = 1 << 11; bit > 0; bit >>= 1) {
        sum = (sum * sum + (1u << 14)) >> 15; /* below 2^17 */
        if (sum >= 1u << 16) {
            sum >>= 1;
            result += bit;
        }
    }
    return result;
}

void ink_log_softmax(const ink_softmax_layer *layer, int32_t *scores) {
    const int end = layer->count * layer->inner;
    for (int outer = 0; outer < layer->outer; outer++, scores += end) {
        for (int inner = 0; inner < layer->inner; inner++) {
            int32_t *line = scores + inner;
            ink_distances(layer, line);
            uint32_t sum = 0;
            for (int i = 0; i < end; i += layer->inner) {
                sum += ink_power(line[i]);
            }
            const int32_t least = logarithm(sum);
            for (int i = 0; i < end; i += layer->inner) {
                line[i] = -(line[i] + least);
            }
        }
    }
}
