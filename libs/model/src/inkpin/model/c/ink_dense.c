#include "ink_kernels.h"

#include <stddef.h>

#include "ink_unpack.h"

static int32_t product_of_bytes(const uint8_t *in, const int8_t *weights, int count) {
    int32_t sum = 0;
    for (const int8_t *end = weights + count; weights < end;) {
        sum += *in++ * *weights++;
    }
    return sum;
}

/* The same for weights of 2 or 4 bits, byte after byte. */
static int32_t product_of_parts(const uint8_t *in, const uint8_t *packed, int bits, int count) {
    int32_t sum = 0;
    for (const uint8_t *end = in + count; in < end;) {
        uint32_t codes = *packed++;
        for (int left = 8; left > 0 && in < end; left -= bits, codes >>= bits) {
            sum += *in++ * ink_lowest(codes, bits);
        }
    }
    return sum;
}

/* Returns the sum of a row. */
static int32_t total(const uint8_t *in, int count) {
    int32_t sum = 0;
    for (int i = 0; i < count; i++) {
        sum += in[i];
    }
    return sum;
}

void ink_dense(const ink_dense_layer *dense, const uint8_t *in, void *out) {
    const int count = dense->in, bits = dense->bits;
    int at = 0;
    for (int row = 0; row < dense->rows; row++, in += count) {
        const int32_t more = dense->offset ? dense->offset * total(in, count) : 0;
        const uint8_t *packed = dense->weights;
        for (int channel = 0; channel < dense->out; channel++) {
            const int32_t sum = bits == 8 ? product_of_bytes(in, (const int8_t *)packed, count)
                                          : product_of_parts(in, packed, bits, count);
            ink_rescale_store(&dense->to, channel, sum + more + dense->bias[channel], out, at++);
            packed += (count * bits + 7) / 8;
        }
    }
}
