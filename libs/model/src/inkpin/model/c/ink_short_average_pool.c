#include "ink_shorts.h"
#include "ink_span.h"

static void average(const ink_short_average_layer *layer, const ink_short *map, int top, int left,
                    void *out, int at) {
    const ink_pool *pool = &layer->pool;
    const ink_span rows = ink_inside(top, pool->window_h, pool->dilation_h, pool->in_h);
    const ink_span columns = ink_inside(left, pool->window_w, pool->dilation_w, pool->in_w);
    int32_t sum = 0;
    for (int i = rows.first; i < rows.end; i++) {
        const ink_short *row = map + (top + i * pool->dilation_h) * pool->in_w + left;
        for (int j = columns.first; j < columns.end; j++) {
            sum += row[j * pool->dilation_w];
        }
    }
    const int cells = ink_counted(top, pool->window_h, pool->dilation_h, pool->in_h,
                                  layer->margin_top, layer->margin_bottom) *
                      ink_counted(left, pool->window_w, pool->dilation_w, pool->in_w,
                                  layer->margin_left, layer->margin_right);
    ink_short_store(&layer->to, cells - layer->fewest, sum, out, at);
}

void ink_short_average_pool(const ink_short_average_layer *layer, const ink_short *in, void *out) {
    const ink_pool *pool = &layer->pool;
    int at = 0;
    for (int channel = 0; channel < pool->channels; channel++) {
        for (int row = 0; row < pool->out_h; row++) {
            for (int column = 0; column < pool->out_w; column++) {
                average(layer, in, row * pool->stride_h - pool->pad_top,
                        column * pool->stride_w - pool->pad_left, out, at++);
            }
        }
        in += pool->in_h * pool->in_w;
    }
}
