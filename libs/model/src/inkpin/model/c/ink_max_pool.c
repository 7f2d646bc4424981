#include "ink_kernels.h"

static uint8_t largest(const ink_pool *pool, const uint8_t *map, int top, int left) {
    uint8_t best = 0;
    for (int i = 0; i < pool->window_h; i++) {
        const int y = top + i * pool->dilation_h;
        for (int j = 0; j < pool->window_w; j++) {
            const int x = left + j * pool->dilation_w;
            if (y >= 0 && y < pool->in_h && x >= 0 && x < pool->in_w &&
                map[y * pool->in_w + x] > best) {
                best = map[y * pool->in_w + x];
            }
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
