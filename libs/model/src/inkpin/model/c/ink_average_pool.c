#include "ink_kernels.h"
#include "ink_span.h"

/* What of a window lies over its map. */
typedef struct {
    const uint8_t *first; /* cell */
    int height, width;
    int cells; /* that count, some of which may lie outside */
} cover;

/* Clips a window that reaches beyond the map. */
static void clip(const ink_average_pool_layer *layer, const uint8_t *map, int top, int left,
                 cover *over) {
    const ink_pool *pool = &layer->pool;
    const ink_span rows = ink_inside(top, pool->window_h, pool->dilation_h, pool->in_h);
    const ink_span columns = ink_inside(left, pool->window_w, pool->dilation_w, pool->in_w);
    over->height = rows.end - rows.first;
    over->width = columns.end - columns.first;
    over->first = map + (top + rows.first * pool->dilation_h) * pool->in_w + left +
                  columns.first * pool->dilation_w;
    over->cells = ink_counted(top, pool->window_h, pool->dilation_h, pool->in_h, layer->margin_top,
                              layer->margin_bottom) *
                  ink_counted(left, pool->window_w, pool->dilation_w, pool->in_w,
                              layer->margin_left, layer->margin_right);
}

static int32_t total(const cover *over, int line, int step) {
    const uint8_t *row = over->first;
    if (over->height == 2 && over->width == 2) { /* which many are */
        return row[0] + row[step] + row[line] + row[line + step];
    }
    int32_t sum = 0;
    for (int i = over->height; i > 0; i--, row += line) {
        const uint8_t *cell = row;
        for (int j = over->width; j > 0; j--, cell += step) {
            sum += *cell;
        }
    }
    return sum;
}

static void store(const ink_average_pool_layer *layer, const cover *over, void *out, int at) {
    const ink_pool *pool = &layer->pool;
    int32_t sum = total(over, pool->dilation_h * pool->in_w, pool->dilation_w);
    sum -= over->height * over->width * layer->in_zero;
    if (layer->wide) {
        ((int32_t *)out)[at] = sum;
        return;
    }
    sum = ink_rescaled(sum, layer->multiplier[over->cells - layer->fewest], layer->shift);
    sum += layer->zero;
    sum = sum < layer->low ? layer->low : sum;
    ((uint8_t *)out)[at] = (uint8_t)(sum > layer->high ? layer->high : sum);
}

void ink_average_pool(const ink_average_pool_layer *layer, const uint8_t *in, void *out) {
    const ink_pool *pool = &layer->pool;
    const int last_y = pool->in_h - 1 - (pool->window_h - 1) * pool->dilation_h;
    const int last_x = pool->in_w - 1 - (pool->window_w - 1) * pool->dilation_w;
    int place = 0;
    for (int channel = 0; channel < pool->channels; channel++) {
        int top = -pool->pad_top;
        for (int row = 0; row < pool->out_h; row++, top += pool->stride_h) {
            int left = -pool->pad_left;
            for (int column = 0; column < pool->out_w; column++, left += pool->stride_w) {
                cover over;
                over.height = pool->window_h;
                over.width = pool->window_w;
                over.cells = over.height * over.width;
                over.first = in + top * pool->in_w + left;
                if (top < 0 || left < 0 || top > last_y || left > last_x) {
                    clip(layer, in, top, left, &over);
                }
                store(layer, &over, out, place++);
            }
        }
        in += pool->in_h * pool->in_w;
    }
}
