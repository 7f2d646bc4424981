#include "ink_shorts.h"

void ink_short_dense(const ink_short_dense_layer *dense, const ink_short *in, void *out) {
    int at = 0;
    for (int row = 0; row < dense->rows; row++, in += dense->in) {
        const int8_t *weights = dense->weights;
        for (int channel = 0; channel < dense->out; channel++, weights += dense->in) {
            ink_short_sum sum = {dense->bias[channel], 0, 0};
            ink_short_add_products(&sum, in, 1, weights, dense->in);
            ink_short_store(&dense->to, channel, sum.whole + sum.part, out, at++);
        }
    }
}
