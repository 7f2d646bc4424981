#include "ink_kernels.h"
#include "ink_span.h"

/* Returns how many cells of a window count, those outside within the margins too. */
static int counted(int start, int size, int dilation, int length, int before, int after) {
    const ink_span span = ink_inside(start + before, size, dilation, before + length + after);
    return span.end - span.first;
}

static uint8_t average(const ink_average_pool_layer *layer, const uint8_t *map, int top, int left) {
    const ink_pool *pool = &layer->pool;
    const ink_span rows = ink_inside(top, pool->window_h, pool->dilation_h, pool->in_h);
    const ink_span columns = ink_inside(left, pool->window_w, pool->dilation_w, pool->in_w);
    int32_t sum = 0;
    for (int i = rows.first; i < rows.end; i++) {
        const uint8_t *row = map + (top + i * pool->dilation_h) * pool->in_w + left;
        for (int j = columns.first; j < columns.end; j++) {
            sum += row[j * pool->dilation_w];
        }
    }
    int cells = (rows.end - rows.first) * (columns.end - columns.first);
    sum -= cells * layer->in_zero;
    if (cells < pool->window_h * pool->window_w) {
        cells = counted(top, pool->window_h, pool->dilation_h, pool->in_h, layer->margin_top,
                        layer->margin_bottom) *
                counted(left, pool->window_w, pool->dilation_w, pool->in_w, layer->margin_left,
                        layer->margin_right);
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
