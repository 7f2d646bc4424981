#include "ink_shorts.h"
#include "ink_span.h"

static int16_t largest(const ink_pool *pool, const ink_short *map, int top, int left) {
    const ink_span rows = ink_inside(top, pool->window_h, pool->dilation_h, pool->in_h);
    const ink_span columns = ink_inside(left, pool->window_w, pool->dilation_w, pool->in_w);
    int16_t best = INT16_MIN;
    for (int i = rows.first; i < rows.end; i++) {
        const ink_short *row = map + (top + i * pool->dilation_h) * pool->in_w + left;
        for (int j = columns.first; j < columns.end; j++) {
            const int16_t value = row[j * pool->dilation_w];
            best = value > best ? value : best;
        }
    }
    return best;
}

void ink_short_max_pool(const ink_pool *pool, const ink_short *in, ink_short *out) {
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
