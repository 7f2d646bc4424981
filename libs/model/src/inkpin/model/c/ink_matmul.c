#include "ink_kernels.h"

static int32_t product(const ink_matmul_layer *layer, const uint8_t *a, const uint8_t *b) {
    int32_t sum = 0;
    for (int i = 0; i < layer->depth; i++, a += layer->a_column, b += layer->b_row) {
        sum += (*a - layer->a_zero) * (*b - layer->b_zero);
    }
    return sum;
}

void ink_matmul(const ink_matmul_layer *layer, const uint8_t *a, const uint8_t *b, void *out) {
    int at = 0;
    a += layer->a_start;
    b += layer->b_start;
    for (int batch = 0; batch < layer->batch; batch++) {
        for (int row = 0; row < layer->rows; row++) {
            const uint8_t *line = a + row * layer->a_row;
            for (int column = 0; column < layer->columns; column++) {
                const int32_t sum = product(layer, line, b + column * layer->b_column);
                ink_rescale_store(&layer->to, 0, sum, out, at++);
            }
        }
        a += layer->a_batch;
        b += layer->b_batch;
    }
}
