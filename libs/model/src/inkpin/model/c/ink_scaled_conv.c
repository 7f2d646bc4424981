#include <stddef.h>

#include "ink_kernels.h"
#include "ink_unpack.h"

typedef ink_scaled_conv_layer layer;

/* Returns the sum under a filter that lies within its maps, from its corner on. */
static int32_t sum_inside(const layer *conv, const uint8_t *corner, const int8_t *weight) {
    const int plane = conv->in_h * conv->in_w, line = conv->dilation_h * conv->in_w;
    const int width = conv->kernel_w, step = conv->dilation_w;
    int32_t sum = 0;
    for (int c = 0; c < conv->depth; c++, corner += plane) {
        const uint8_t *row = corner;
        for (int i = 0; i < conv->kernel_h; i++, row += line) {
            const uint8_t *value = row;
            for (const int8_t *end = weight + width; weight < end; value += step) {
                sum += *value * *weight++;
            }
        }
    }
    return sum;
}

/* Returns the sum under a filter with its corner at y, x; the zero stands outside the maps. */
static int32_t sum_at_border(const layer *conv, const uint8_t *maps, const int8_t *weight, int y,
                             int x) {
    int32_t sum = 0;
    for (int c = 0; c < conv->depth; c++, maps += conv->in_h * conv->in_w) {
        for (int i = 0; i < conv->kernel_h; i++) {
            const int row = y + i * conv->dilation_h;
            for (int j = 0; j < conv->kernel_w; j++) {
                const int column = x + j * conv->dilation_w;
                const int inside =
                    row >= 0 && row < conv->in_h && column >= 0 && column < conv->in_w;
                sum += (inside ? maps[row * conv->in_w + column] : conv->zero) * *weight++;
            }
        }
    }
    return sum;
}

static int32_t sum_at(const layer *conv, const uint8_t *maps, const int8_t *weight, int y, int x) {
    const int bottom = y + (conv->kernel_h - 1) * conv->dilation_h;
    const int right = x + (conv->kernel_w - 1) * conv->dilation_w;
    if (y >= 0 && x >= 0 && bottom < conv->in_h && right < conv->in_w) {
        return sum_inside(conv, maps + y * conv->in_w + x, weight);
    }
    return sum_at_border(conv, maps, weight, y, x);
}

/* Returns the largest sum under one window of the pooling. */
static int32_t pooled(const layer *conv, const uint8_t *maps, const int8_t *filter,
                      const int8_t *ones, int row, int column) {
    int32_t best = INT32_MIN;
    for (int i = 0; i < conv->pool_h; i++) {
        const int y = (row * conv->pool_stride_h + i) * conv->stride_h - conv->pad_top;
        for (int j = 0; j < conv->pool_w; j++) {
            const int x = (column * conv->pool_stride_w + j) * conv->stride_w - conv->pad_left;
            int32_t sum = sum_at(conv, maps, filter, y, x);
            if (conv->offset) {
                sum += conv->offset * sum_at(conv, maps, ones, y, x);
            }
            best = sum > best ? sum : best;
        }
    }
    return best;
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
        const int8_t *weight = (const int8_t *)packed;
        if (conv->bits != 8 || conv->offset) {
            for (int i = 0; i < size; i++) {
                filter[i] = ink_unpack(packed, conv->bits, i);
            }
            for (int i = size; conv->offset && i < 2 * size; i++) {
                filter[i] = 1;
            }
            weight = filter;
        }
        packed += (size * conv->bits + 7) / 8;
        for (int row = 0; row < conv->out_h; row++) {
            for (int column = 0; column < conv->out_w; column++) {
                const int32_t sum =
                    pooled(conv, in, weight, weight + size, row, column) + conv->bias[channel];
                ink_rescale_store(&conv->to, channel, sum, out, at++);
            }
        }
    }
}
