#include "ink_kernels.h"

enum { PLACES = 16 }; /* of a row of the output at a time */

static int32_t total(const ink_pool *pool, const uint8_t *row, int32_t sum) {
    const int step = pool->dilation_w, line = pool->dilation_h * pool->in_w;
    for (int i = pool->window_h; i > 0; i--, row += line) {
        const uint8_t *cell = row;
        for (int j = pool->window_w; j > 0; j--, cell += step) {
            sum += *cell;
        }
    }
    return sum;
}

void ink_inner_average_pool(const ink_inner_average_pool_layer *layer, const uint8_t *in,
                            void *out) {
    const ink_pool *pool = &layer->pool;
    const int square = pool->window_h == 2 && pool->window_w == 2; /* which many are */
    const int stride = pool->stride_w, step = pool->dilation_w;
    const int line = pool->dilation_h * pool->in_w;
    int at = 0;
    for (int channel = 0; channel < pool->channels; channel++) {
        const uint8_t *row = in;
        for (int i = 0; i < pool->out_h; i++, row += pool->stride_h * pool->in_w) {
            const uint8_t *cell = row;
            for (int left = pool->out_w; left > 0; left -= PLACES) {
                const int count = left < PLACES ? left : PLACES;
                int32_t sums[PLACES], *const end = sums + count;
                for (int32_t *sum = sums; sum < end; cell += stride) {
                    *sum++ = square ? layer->start + cell[0] + cell[step] + cell[line] +
                                          cell[line + step]
                                    : total(pool, cell, layer->start);
                }
                ink_store(&layer->to, 0, 0, sums, count, out, at, 1);
                at += count;
            }
        }
        in += pool->in_h * pool->in_w;
    }
}
