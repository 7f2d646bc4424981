#include <stddef.h>

#include "ink_kernels.h"
#include "ink_span.h"
#include "ink_unpack.h"

typedef ink_scaled_conv_layer layer;

/* The cells that a placing of the filter covers, as rows of `width` cells. */
typedef struct {
    const uint8_t *corner;
    int weight; /* index of the corner's weight */
    int depth, height, width;
    int plane, line, step; /* between channels, rows and cells of the input */
} cover;

/* Returns what lies inside the maps with the filter's corner at y, x. */
static cover covered(const layer *conv, const uint8_t *maps, int y, int x) {
    const ink_span rows = ink_inside(y, conv->kernel_h, conv->dilation_h, conv->in_h);
    const ink_span columns = ink_inside(x, conv->kernel_w, conv->dilation_w, conv->in_w);
    y += rows.first * conv->dilation_h;
    x += columns.first * conv->dilation_w;
    return (cover){
        .corner = maps + y * conv->in_w + x,
        .weight = rows.first * conv->kernel_w + columns.first,
        .depth = conv->depth,
        .height = rows.end - rows.first,
        .width = columns.end - columns.first,
        .plane = conv->in_h * conv->in_w,
        .line = conv->dilation_h * conv->in_w,
        .step = conv->dilation_w,
    };
}

/* Returns the sum of the cells, the zero taken off, times their weights. */
static int32_t products(const layer *conv, const cover *over, const int8_t *filter) {
    const int zero = conv->zero, area = conv->kernel_h * conv->kernel_w, step = over->step;
    const uint8_t *map = over->corner;
    int32_t sum = 0;
    filter += over->weight;
    for (int c = 0; c < over->depth; c++, map += over->plane, filter += area) {
        const uint8_t *row = map;
        const int8_t *weights = filter;
        for (int i = 0; i < over->height; i++, row += over->line, weights += conv->kernel_w) {
            const uint8_t *cell = row;
            const int8_t *end = weights + over->width;
            for (const int8_t *weight = weights; weight < end; cell += step) {
                sum += (*cell - zero) * *weight++;
            }
        }
    }
    return sum;
}

/* Returns the sum of the cells, the zero taken off. */
static int32_t total(const layer *conv, const cover *over) {
    const uint8_t *map = over->corner;
    int32_t sum = 0;
    for (int c = 0; c < over->depth; c++, map += over->plane) {
        const uint8_t *row = map;
        for (int i = 0; i < over->height; i++, row += over->line) {
            for (int j = 0; j < over->width; j++) {
                sum += row[j * over->step] - conv->zero;
            }
        }
    }
    return sum;
}

static int32_t sum_at(const layer *conv, const uint8_t *maps, const int8_t *filter, int y, int x) {
    cover over = covered(conv, maps, y, x);
    if (conv->kernel_h == 1 && conv->kernel_w == 1 && over.height == 1 && over.width == 1) {
        /* One cell a channel: the channels are the row. */
        over.width = over.depth;
        over.step = over.plane;
        over.depth = 1;
    }
    const int32_t sum = products(conv, &over, filter);
    return conv->offset ? sum + conv->offset * total(conv, &over) : sum;
}

/* Returns the largest sum under one window of the pooling. */
static int32_t pooled(const layer *conv, const uint8_t *maps, const int8_t *filter, int row,
                      int column) {
    int32_t best = INT32_MIN;
    for (int i = 0; i < conv->pool_h; i++) {
        const int y = (row * conv->pool_stride_h + i) * conv->stride_h - conv->pad_top;
        for (int j = 0; j < conv->pool_w; j++) {
            const int x = (column * conv->pool_stride_w + j) * conv->stride_w - conv->pad_left;
            const int32_t sum = sum_at(conv, maps, filter, y, x);
            best = sum > best ? sum : best;
        }
    }
    return best;
}

/* Unpacks `count` weights; returns where the next ones begin. */
static const uint8_t *unpacked(const uint8_t *packed, int bits, int count, int8_t *filter) {
    uint32_t codes = 0;
    for (int i = 0, left = 0; i < count; i++, left -= bits, codes >>= bits) {
        if (left == 0) {
            codes = *packed++;
            left = 8;
        }
        filter[i] = (int8_t)ink_lowest(codes, bits);
    }
    return packed;
}

void ink_scaled_conv(const ink_scaled_conv_layer *conv, const uint8_t *in, void *out,
                     int8_t *filter) {
    const int size = conv->depth * conv->kernel_h * conv->kernel_w;
    const uint8_t *packed = conv->weights;
    int at = 0, shared = 0; /* channels since the group of input maps began */
    for (int channel = 0; channel < conv->out; channel++, shared++) {
        if (shared == conv->share) {
            in += conv->depth * conv->in_h * conv->in_w;
            shared = 0;
        }
        const int8_t *weights = (const int8_t *)packed;
        if (conv->bits == 8) {
            packed += size;
        } else {
            packed = unpacked(packed, conv->bits, size, filter);
            weights = filter;
        }
        for (int row = 0; row < conv->out_h; row++) {
            for (int column = 0; column < conv->out_w; column++) {
                const int32_t sum = pooled(conv, in, weights, row, column) + conv->bias[channel];
                ink_rescale_store(&conv->to, channel, sum, out, at++);
            }
        }
    }
}
