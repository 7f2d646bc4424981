#include "ink_kernels.h"

typedef ink_depthwise_layer layer;

/* Makes the sums of `count` filters side by side, whose bias is last, over three rows of cells. */
static void sum_up(const int32_t *w, const uint8_t *a, const uint8_t *b, const uint8_t *c,
                   int stride, int32_t *sums, int count) {
    for (const int32_t *const end = sums + count; sums < end;) {
        *sums++ = w[9] + a[0] * w[0] + a[1] * w[1] + a[2] * w[2] + b[0] * w[3] + b[1] * w[4] +
                  b[2] * w[5] + c[0] * w[6] + c[1] * w[7] + c[2] * w[8];
        a += stride;
        b += stride;
        c += stride;
    }
}

void ink_depthwise_conv(const layer *conv, const uint8_t *in, void *out, int32_t *scratch) {
    const int stride = conv->stride, count = conv->out_w, width = (count - 1) * stride + 3;
    const int room = conv->pad_left < width ? width - conv->pad_left : 0;
    const int length = conv->in_w < room ? conv->in_w : room;
    const int8_t *weights = conv->weights;
    /* What stands outside the maps: a row, and the ends of three others, between which rows of the
     * maps are laid in turn. */
    uint8_t *const outside = (uint8_t *)(scratch + 10 + count), *line = outside;
    uint8_t *const lines = outside + width, *const behind = lines + 3 * width;
    while (line < behind) {
        *line++ = conv->zero;
    }
    int place = 0, shared = 0; /* channels since the input map began */
    for (int channel = 0; channel < conv->out; channel++, shared++) {
        const uint8_t *a = outside, *b = outside, *c = outside; /* under the filters */
        if (shared == conv->share) {
            in += conv->in_h * conv->in_w;
            shared = 0;
        }
        for (int i = 0; i < 9; i++) {
            scratch[i] = *weights++ + conv->offset;
        }
        scratch[9] = conv->bias[channel];
        int below = -conv->pad_top; /* the next row */
        for (int row = 0, end = below + 3; row < conv->out_h; row++, end += stride) {
            for (; below < end; below++) {
                a = b;
                b = c;
                c = outside;
                if (below >= 0 && below < conv->in_h) {
                    const uint8_t *cell = in + below * conv->in_w;
                    line = line < behind ? line : lines;
                    c = line;
                    uint8_t *to = line + conv->pad_left;
                    const uint8_t *const last = cell + length;
                    while (cell != last - (length & ~3)) {
                        *to++ = *cell++;
                    }
                    for (; cell != last; cell += 4, to += 4) {
                        to[0] = cell[0];
                        to[1] = cell[1];
                        to[2] = cell[2];
                        to[3] = cell[3];
                    }
                    line += width;
                }
            }
            sum_up(scratch, a, b, c, stride, scratch + 10, count);
            ink_store(&conv->to, channel, 0, scratch + 10, count, out, place, 1);
            place += count;
        }
    }
}
