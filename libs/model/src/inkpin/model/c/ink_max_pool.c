#include "ink_kernels.h"
#include "ink_span.h"

static uint8_t largest(const ink_pool *pool, const uint8_t *map, int top, int left) {
    const ink_span rows = ink_inside(top, pool->window_h, pool->dilation_h, pool->in_h);
    const ink_span columns = ink_inside(left, pool->window_w, pool->dilation_w, pool->in_w);
    uint8_t best = 0;
    for (int i = rows.first; i < rows.end; i++) {
        const uint8_t *row = map + (top + i * pool->dilation_h) * pool->in_w + left;
        for (int j = columns.first; j < columns.end; j++) {
            const uint8_t value = row[j * pool->dilation_w];
            best = value > best ? value : best;
        }
    }
    return best;
}

void ink_max_pool(const ink_pool *pool, const uint8_t *in, uint8_t *out) {
    for (int channel = 0; channel < pool->channels; channel++) {
        for (int row = 0; row < pool->out_h; row++) {
            for (int column = 0; column < pool->out_w; column++) {
                *out++ = largest(pool, in, row * pool->stride_h - pool->pad_top,
                                 column * pool->stride_w - pool->pad_left);
            }
        }
        in += pool->in_h * pool->in_w;
    }
}
