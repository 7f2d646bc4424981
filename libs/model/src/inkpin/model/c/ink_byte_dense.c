#include "ink_kernels.h"
#include "ink_products.h"

enum { CHANNELS = 4 * INK_LANES }; /* at a time */

void ink_byte_dense(const ink_byte_dense_layer *dense, const uint8_t *in, void *out) {
    int32_t sums[CHANNELS];
    ink_products of;
    of.in = in;
    of.count = dense->in;
    of.sums = sums;
    of.fresh = 1;
    int at = 0;
    for (int row = 0; row < dense->rows; row++, of.in += of.count) {
        of.start = dense->offset * ink_total(of.in, of.count);
        of.weights = dense->weights;
        for (int channel = 0; channel < dense->out; channel += CHANNELS) {
            const int left = dense->out - channel;
            of.channels = left < CHANNELS ? left : CHANNELS;
            of.bias = dense->bias + channel;
            ink_raise(&of);
            ink_store(&dense->to, channel, 1, sums, of.channels, out, at, 1);
            of.weights += of.channels * of.count;
            at += of.channels;
        }
    }
}
