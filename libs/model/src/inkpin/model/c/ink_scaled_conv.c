#include <stddef.h>

#include "ink_cover.h"
#include "ink_kernels.h"
#include "ink_span.h"
#include "ink_unpack.h"

typedef ink_scaled_conv_layer layer;

/* What the placings of the filters of one layer share. */
typedef struct {
    ink_cover whole;    /* of a placing inside the maps */
    int last_y, last_x; /* of the corners of such */
    int32_t weights;    /* the sum of the filter's, where the zero is not 0 */
} placings;

/* Member by member: copies of whole structures would call memcpy, which a board may lack. */
static void prepare(const layer *conv, const int32_t *filter, placings *all) {
    ink_cover *whole = &all->whole;
    whole->weights = filter;
    whole->channels = conv->depth;
    whole->height = conv->kernel_h;
    whole->width = conv->kernel_w;
    whole->plane = conv->in_h * conv->in_w;
    whole->line = conv->dilation_h * conv->in_w;
    whole->step = conv->dilation_w;
    whole->area = conv->kernel_h * conv->kernel_w;
    whole->weights_line = conv->kernel_w;
    if (whole->area == 1) {
        /* One cell a channel: the channels are the row. */
        whole->channels = 1;
        whole->width = conv->depth;
        whole->step = whole->plane;
    }
    all->last_y = conv->in_h - 1 - (conv->kernel_h - 1) * conv->dilation_h;
    all->last_x = conv->in_w - 1 - (conv->kernel_w - 1) * conv->dilation_w;
}

/* Returns the sum under a filter with its corner at y, x, that reaches beyond the maps. */
static int32_t sum_at_border(const layer *conv, placings *all, const uint8_t *maps, int y, int x) {
    const ink_span rows = ink_inside(y, conv->kernel_h, conv->dilation_h, conv->in_h);
    const ink_span columns = ink_inside(x, conv->kernel_w, conv->dilation_w, conv->in_w);
    ink_cover *over = &all->whole;
    const int32_t *weights = over->weights;
    const int width = over->width;
    y += rows.first * conv->dilation_h;
    x += columns.first * conv->dilation_w;
    over->cells = maps + y * conv->in_w + x;
    over->weights += rows.first * conv->kernel_w + columns.first;
    over->height = rows.end - rows.first;
    over->width = columns.end - columns.first;
    int32_t sum = ink_cover_products(over);
    if (conv->zero) {
        /* NOLINTNEXTLINE(clang-analyzer-core.*): there where conv->zero is */
        sum += conv->zero * (all->weights - ink_cover_weights(over));
    }
    over->weights = weights;
    over->height = conv->kernel_h;
    over->width = width;
    return sum;
}

/* Returns the largest sum under the window of the pooling whose first filter lies at top, left. */
static int32_t pooled(const layer *conv, placings *all, const uint8_t *maps, int top, int left) {
    int32_t best = INT32_MIN;
    for (int i = 0, y = top; i < conv->pool_h; i++, y += conv->stride_h) {
        for (int j = 0, x = left; j < conv->pool_w; j++, x += conv->stride_w) {
            int32_t sum;
            if (y < 0 || x < 0 || y > all->last_y || x > all->last_x) {
                sum = sum_at_border(conv, all, maps, y, x);
            } else {
                all->whole.cells = maps + y * conv->in_w + x;
                sum = ink_cover_products(&all->whole);
            }
            best = sum > best ? sum : best;
        }
    }
    return best;
}

/* Unpacks `count` weights; returns where the next ones begin. */
static const uint8_t *unpacked(const uint8_t *packed, int bits, int offset, int count,
                               int32_t *filter) {
    uint32_t codes = 0;
    for (int i = 0, left = 0; i < count; i++, left -= bits, codes >>= bits) {
        if (left == 0) {
            codes = *packed++;
            left = 8;
        }
        filter[i] = ink_lowest(codes, bits) + offset;
    }
    return packed;
}

void ink_scaled_conv(const ink_scaled_conv_layer *conv, const uint8_t *in, void *out,
                     int32_t *filter) {
    const int size = conv->depth * conv->kernel_h * conv->kernel_w;
    const int down = conv->pool_stride_h * conv->stride_h;
    const int across = conv->pool_stride_w * conv->stride_w;
    const uint8_t *packed = conv->weights;
    placings all;
    prepare(conv, filter, &all);
    int at = 0, shared = 0; /* channels since the group of input maps began */
    for (int channel = 0; channel < conv->out; channel++, shared++) {
        if (shared == conv->share) {
            in += conv->depth * conv->in_h * conv->in_w;
            shared = 0;
        }
        packed = unpacked(packed, conv->bits, conv->offset, size, filter);
        if (conv->zero) {
            all.weights = ink_cover_weights(&all.whole);
        }
        int top = -conv->pad_top;
        for (int row = 0; row < conv->out_h; row++, top += down) {
            int left = -conv->pad_left;
            for (int column = 0; column < conv->out_w; column++, left += across) {
                const int32_t sum = pooled(conv, &all, in, top, left) + conv->bias[channel];
                ink_rescale_store(&conv->to, channel, sum, out, at++);
            }
        }
    }
}
