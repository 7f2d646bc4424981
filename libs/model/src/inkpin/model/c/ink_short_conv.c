#include "ink_shorts.h"
#include "ink_span.h"

typedef ink_short_conv_layer layer;

/* Returns the sum under a filter with its corner at top, left; what lies outside is 0. */
static int64_t sum_under(const layer *conv, int32_t bias, const ink_short *map,
                         const int8_t *weights, int top, int left) {
    const ink_filters *at = &conv->at;
    const int plane = at->in_h * at->in_w, area = at->kernel_h * at->kernel_w;
    const ink_span rows = ink_inside(top, at->kernel_h, at->dilation_h, at->in_h);
    const ink_span columns = ink_inside(left, at->kernel_w, at->dilation_w, at->in_w);
    const int width = columns.end - columns.first;
    ink_short_sum sum = {bias, 0, 0};
    if (rows.first >= rows.end || width <= 0) {
        return bias;
    }
    map += (top + rows.first * at->dilation_h) * at->in_w + left + columns.first * at->dilation_w;
    if (area == 1) { /* one cell a channel: the channels are the row */
        ink_short_add_products(&sum, map, plane, weights, conv->depth);
        return sum.whole + sum.part;
    }
    weights += rows.first * at->kernel_w + columns.first;
    for (int channel = 0; channel < conv->depth; channel++, map += plane, weights += area) {
        const ink_short *cells = map;
        const int8_t *line = weights;
        for (int row = rows.first; row < rows.end; row++) {
            ink_short_add_products(&sum, cells, at->dilation_w, line, width);
            cells += at->dilation_h * at->in_w;
            line += at->kernel_w;
        }
    }
    return sum.whole + sum.part;
}

/* Returns the largest sum under the window of the pooling whose first filter lies at top, left. */
static int64_t pooled(const layer *conv, int32_t bias, const ink_short *maps, const int8_t *weights,
                      int top, int left) {
    const ink_filters *at = &conv->at;
    int64_t best = INT64_MIN;
    for (int i = 0, y = top; i < at->pool_h; i++, y += at->stride_h) {
        for (int j = 0, x = left; j < at->pool_w; j++, x += at->stride_w) {
            const int64_t sum = sum_under(conv, bias, maps, weights, y, x);
            best = sum > best ? sum : best;
        }
    }
    return best;
}

void ink_short_conv(const ink_short_conv_layer *conv, const ink_short *in, void *out) {
    const ink_filters *at = &conv->at;
    const int8_t *weights = conv->weights;
    int place = 0, shared = 0; /* channels since the group of input maps began */
    for (int channel = 0; channel < conv->out; channel++, shared++) {
        if (shared == conv->share) {
            in += conv->depth * at->in_h * at->in_w;
            shared = 0;
        }
        int top = -at->pad_h;
        for (int row = 0; row < at->out_h; row++, top += at->apart_h) {
            int left = -at->pad_w;
            for (int column = 0; column < at->out_w; column++, left += at->apart_w) {
                const int64_t sum = pooled(conv, conv->bias[channel], in, weights, top, left);
                ink_short_store(&conv->to, channel, sum, out, place++);
            }
        }
        weights += conv->depth * at->kernel_h * at->kernel_w;
    }
}
