#include "ink_kernels.h"
#include "ink_products.h"

void ink_byte_dense(const ink_byte_dense_layer *dense, const uint8_t *in, void *out) {
    const int count = dense->in;
    int at = 0;
    for (int row = 0; row < dense->rows; row++, in += count) {
        const int32_t start = dense->offset * ink_total(in, count);
        const uint8_t *weights = dense->weights;
        for (int channel = 0; channel < dense->out; channel += INK_LANES) {
            const int left = dense->out - channel, lanes = left < INK_LANES ? left : INK_LANES;
            int32_t sums[INK_LANES];
            ink_raise(in, weights, count, lanes, dense->bias + channel, start, sums, 1);
            ink_store(&dense->to, channel, 1, sums, lanes, out, at, 1);
            weights += lanes * count;
            at += lanes;
        }
    }
}
