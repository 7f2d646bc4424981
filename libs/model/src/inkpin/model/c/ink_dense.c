#include "ink_kernels.h"

#include <stddef.h>

#include "ink_unpack.h"

/* Returns the product of two rows. */
static int32_t product(const ink_dense_layer *dense, const uint8_t *in, const uint8_t *packed) {
    const int8_t *bytes = (const int8_t *)packed;
    int32_t sum = 0, total = 0;
    for (int i = 0; i < dense->in; i++) {
        sum += in[i] * (dense->bits == 8 ? bytes[i] : ink_unpack(packed, dense->bits, i));
    }
    for (int i = 0; dense->offset && i < dense->in; i++) {
        total += in[i];
    }
    return sum + dense->offset * total;
}

void ink_dense(const ink_dense_layer *dense, const uint8_t *in, void *out) {
    int at = 0;
    for (int row = 0; row < dense->rows; row++, in += dense->in) {
        const uint8_t *packed = dense->weights;
        for (int channel = 0; channel < dense->out; channel++) {
            const int32_t sum = product(dense, in, packed) + dense->bias[channel];
            ink_rescale_store(&dense->to, channel, sum, out, at++);
            packed += (dense->in * dense->bits + 7) / 8;
        }
    }
}
