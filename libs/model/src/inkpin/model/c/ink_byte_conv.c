#include "ink_kernels.h"
#include "ink_products.h"
#include "ink_span.h"

typedef ink_byte_conv_layer layer;

/* Copies a block of cells, `from` the first one on, rows `line` and channels `plane` apart there;
 * returns their sum. */
static int32_t copied(const ink_block *block, const uint8_t *from, uint8_t *to, int line,
                      int plane) {
    const int step = block->step, width = block->width;
    int32_t total = 0;
    for (int c = block->channels; c > 0; c--, from += block->plane, to += plane) {
        const uint8_t *row = from;
        uint8_t *start = to;
        for (int i = block->height; i > 0; i--, row += block->line, start += line) {
            const uint8_t *cell = row;
            uint8_t *at = start;
            for (const uint8_t *const end = at + width; at < end; cell += step) {
                const uint8_t value = *cell;
                total += value;
                *at++ = value;
            }
        }
    }
    return total;
}

/* The same where rows of three neighbours, which most are, come to lie one behind another. */
static int32_t threes_copied(const ink_block *block, const uint8_t *from, uint8_t *to) {
    const int line = block->line, height = block->height;
    int32_t total = 0;
    for (int c = block->channels; c > 0; c--, from += block->plane) {
        const uint8_t *row = from;
        for (int i = height; i > 0; i--, row += line, to += 3) {
            const uint8_t first = row[0], second = row[1], third = row[2];
            total += first + second + third;
            to[0] = first;
            to[1] = second;
            to[2] = third;
        }
    }
    return total;
}

/* Copies the cells under a filter with its corner at y, x, that reaches beyond the maps. */
static int32_t copied_at_border(const layer *conv, const uint8_t *maps, int y, int x,
                                int32_t *words) {
    const ink_filters *at = &conv->at;
    const ink_span rows = ink_inside(y, at->kernel_h, at->dilation_h, at->in_h);
    const ink_span columns = ink_inside(x, at->kernel_w, at->dilation_w, at->in_w);
    const int area = at->kernel_h * at->kernel_w;
    ink_block block;
    block.channels = conv->depth;
    block.height = rows.end - rows.first;
    block.width = columns.end - columns.first;
    block.plane = at->in_h * at->in_w;
    block.line = at->dilation_h * at->in_w;
    block.step = at->dilation_w;
    for (int i = 0; i < conv->taps; i += 4) {
        words[i / 4] = (int32_t)(conv->zero * UINT32_C(0x01010101));
    }
    y += rows.first * at->dilation_h;
    x += columns.first * at->dilation_w;
    return conv->zero * (conv->taps - block.channels * block.height * block.width) +
           copied(&block, maps + y * at->in_w + x,
                  (uint8_t *)words + rows.first * at->kernel_w + columns.first, at->kernel_w, area);
}

/* Copies the cells under a filter that lies inside, `first` its corner; returns their sum. */
static int32_t copied_inside(const ink_block *inside, const uint8_t *first, int32_t *words) {
    uint8_t *const to = (uint8_t *)words;
    if (inside->width == 3 && inside->step == 1) {
        return threes_copied(inside, first, to);
    }
    return copied(inside, first, to, inside->width, inside->width * inside->height);
}

void ink_byte_conv(const layer *conv, const uint8_t *in, void *out, int32_t *scratch) {
    const ink_filters *at = &conv->at;
    const int places = at->out_h * at->out_w, share = conv->share;
    /* Corners of filters that lie inside. */
    const int high = at->in_h - (at->kernel_h - 1) * at->dilation_h;
    const int wide = at->in_w - (at->kernel_w - 1) * at->dilation_w;
    int32_t *const cells = scratch + share;
    ink_products of;
    of.in = (const uint8_t *)cells;
    of.sums = scratch;
    of.count = conv->taps;
    of.channels = share;
    for (int channel = 0; channel < conv->out; channel += share) {
        of.bias = conv->bias + channel;
        of.weights = conv->weights + channel * conv->taps;
        int place = channel * places;
        for (int row = 0, top = -at->pad_h; row < at->out_h; row++, top += at->apart_h) {
            int left = -at->pad_w;
            for (int column = 0; column < at->out_w; column++, left += at->apart_w, place++) {
                for (int i = 0, y = top; i < at->pool_h; i++, y += at->stride_h) {
                    for (int j = 0, x = left; j < at->pool_w; j++, x += at->stride_w) {
                        const int is_inside = y >= 0 && y < high && x >= 0 && x < wide;
                        const int32_t total =
                            is_inside ? copied_inside(&conv->inside, in + y * at->in_w + x, cells)
                                      : copied_at_border(conv, in, y, x, cells);
                        of.start = conv->offset * total;
                        of.fresh = i + j == 0;
                        ink_raise(&of);
                    }
                }
                ink_store(&conv->to, channel, 1, scratch, share, out, place, places);
            }
        }
        in += conv->depth * at->in_h * at->in_w;
    }
}
