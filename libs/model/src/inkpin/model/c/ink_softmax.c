#include "ink_kernels.h"

void ink_softmax(const ink_softmax_layer *layer, int32_t *scores) {
    const int end = layer->count * layer->inner;
    for (int outer = 0; outer < layer->outer; outer++, scores += end) {
        for (int inner = 0; inner < layer->inner; inner++) {
            int32_t *line = scores + inner;
            ink_distances(layer, line);
            uint32_t sum = 0;
            for (int i = 0; i < end; i += layer->inner) {
                sum += ink_power(line[i]);
            }
            for (int i = 0; i < end; i += layer->inner) {
                const uint32_t share = ink_power(line[i]) * (uint32_t)layer->one + sum / 2;
                const int32_t result = (int32_t)(share / sum);
                line[i] = result < layer->highest ? result : layer->highest;
            }
        }
    }
}
