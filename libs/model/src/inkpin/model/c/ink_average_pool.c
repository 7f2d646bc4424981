#include "ink_kernels.h"

static uint8_t average(const ink_average_pool_layer *layer, const uint8_t *map, int top, int left) {
    const ink_pool *pool = &layer->pool;
    const int bottom = pool->in_h + layer->margin_bottom;
    const int right = pool->in_w + layer->margin_right;
    int32_t sum = 0;
    int cells = 0;
    for (int i = 0; i < pool->window_h; i++) {
        const int y = top + i * pool->dilation_h;
        for (int j = 0; j < pool->window_w; j++) {
            const int x = left + j * pool->dilation_w;
            if (y >= 0 && y < pool->in_h && x >= 0 && x < pool->in_w) {
                sum += map[y * pool->in_w + x] - layer->in_zero;
            }
            cells += y >= -layer->margin_top && y < bottom && x >= -layer->margin_left && x < right;
        }
    }
    sum = ink_rescaled(sum, layer->multiplier[cells - layer->fewest], layer->shift) + layer->zero;
    sum = sum < layer->low ? layer->low : sum;
    return (uint8_t)(sum > layer->high ? layer->high : sum);
}

void ink_average_pool(const ink_average_pool_layer *layer, const uint8_t *in, uint8_t *out) {
    const ink_pool *pool = &layer->pool;
    for (int channel = 0; channel < pool->channels; channel++) {
        for (int row = 0; row < pool->out_h; row++) {
            for (int column = 0; column < pool->out_w; column++) {
                *out++ = average(layer, in, row * pool->stride_h - pool->pad_top,
                                 column * pool->stride_w - pool->pad_left);
            }
        }
        in += pool->in_h * pool->in_w;
    }
}
