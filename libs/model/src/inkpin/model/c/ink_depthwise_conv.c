#include "ink_kernels.h"

enum { PLACES = 16 }; /* of a row of the output at a time */

typedef ink_depthwise_layer layer;

/* Copies the rows under a row of filters, and what stands outside the map. */
static void lay(const layer *conv, const uint8_t *map, int y, int x, int width, uint8_t *to) {
    for (const int last = y + 3; y < last; y++) {
        const uint8_t *const row = map + y * conv->in_w;
        const int length = y >= 0 && y < conv->in_h ? conv->in_w : 0;
        for (int j = x; j < x + width; j++) {
            *to++ = j >= 0 && j < length ? row[j] : conv->zero;
        }
    }
}

/* Makes the sums of `count` filters in a row, the cells' rows being `line` apart. */
static void sum_up(const layer *conv, const int32_t w[10], const uint8_t *cells, int line,
                   int32_t *sums, int count) {
    for (const int32_t *const end = sums + count; sums < end; cells += conv->stride) {
        const uint8_t *row = cells;
        int32_t sum = w[9] + row[0] * w[0] + row[1] * w[1] + row[2] * w[2];
        row += line;
        sum += row[0] * w[3] + row[1] * w[4] + row[2] * w[5];
        row += line;
        sum += row[0] * w[6] + row[1] * w[7] + row[2] * w[8];
        *sums++ = sum;
    }
}

void ink_depthwise_conv(const layer *conv, const uint8_t *in, void *out, uint8_t *band) {
    const int8_t *weights = conv->weights;
    int place = 0, shared = 0; /* channels since the input map began */
    for (int channel = 0; channel < conv->out; channel++, shared++) {
        int32_t filter[10]; /* and the bias */
        if (shared == conv->share) {
            in += conv->in_h * conv->in_w;
            shared = 0;
        }
        for (int i = 0; i < 9; i++) {
            filter[i] = *weights++ + conv->offset;
        }
        filter[9] = conv->bias[channel];
        for (int row = 0, y = -conv->pad_top; row < conv->out_h; row++, y += conv->stride) {
            int x = -conv->pad_left;
            for (int left = conv->out_w; left > 0; left -= PLACES, x += PLACES * conv->stride) {
                const int count = left < PLACES ? left : PLACES;
                const int width = (count - 1) * conv->stride + 3;
                int32_t sums[PLACES];
                if (y < 0 || x < 0 || y + 3 > conv->in_h || x + width > conv->in_w) {
                    lay(conv, in, y, x, width, band);
                    sum_up(conv, filter, band, width, sums, count);
                } else {
                    sum_up(conv, filter, in + y * conv->in_w + x, conv->in_w, sums, count);
                }
                ink_store(&conv->to, channel, 0, sums, count, out, place, 1);
                place += count;
            }
        }
    }
}
