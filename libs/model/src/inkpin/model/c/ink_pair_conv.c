#include <stddef.h>

#include "ink_kernels.h"

enum { NINE = 9 };

/* A pair is a + b * 2^16 in one word: two weights, their products with a byte,
   or sums of these. One multiplication or addition does the work of both, as
   long as both stay within 16 bits. */

static int32_t first_of(int32_t pair) { return (int16_t)pair; }

static int32_t second_of(int32_t pair) { return (pair - first_of(pair)) >> 16; }

static int32_t extended(uint32_t field, unsigned bits) {
    return (int32_t)(field << (32 - bits)) >> (32 - bits);
}

/* Unpacks `count` pairs of weights, from number `from` on. */
static void unpack(const uint8_t *packed, unsigned bits, unsigned from, unsigned count,
                   int32_t *filter) {
    const int32_t *const end = filter + count;
    if (bits == 4) {
        for (packed += from; filter < end; packed++) {
            *filter++ = extended(*packed, 4) + extended(*packed >> 4, 4) * 65536;
        }
        return;
    }
    for (; filter < end; from++) {
        const uint32_t field = (uint32_t)packed[from / 2] >> from % 2 * 4;
        *filter++ = extended(field, 2) + extended(field >> 2, 2) * 65536;
    }
}

/* Adds to `count` pairs the sums under a filter of 3x3 that moves along a row of the input. It is
   kept out of line so that the weights stay in registers. */
__attribute__((noinline)) static void add_nine(const uint8_t *a, int width, const int32_t *w,
                                               int32_t *pairs, int count) {
    const uint8_t *b = a + width, *c = b + width;
    const int32_t w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3], w4 = w[4], w5 = w[5], w6 = w[6],
                  w7 = w[7], w8 = w[8];
    for (const int32_t *end = pairs + count; pairs < end; a++, b++, c++) {
        *pairs++ += a[0] * w0 + a[1] * w1 + a[2] * w2 + b[0] * w3 + b[1] * w4 + b[2] * w5 +
                    c[0] * w6 + c[1] * w7 + c[2] * w8;
    }
}

/* Adds to `count` pairs what a table says of the bits that a row of the filter
 * lies on. */
__attribute__((noinline)) static void look_up(uint32_t bits, const int32_t *table, uint32_t mask,
                                              int32_t *pairs, int count) {
    for (const int32_t *end = pairs + count; pairs < end; bits >>= 1) {
        *pairs++ += table[bits & mask];
    }
}

/* Writes the sums of `count` weights under every pattern of bits. */
static void tabulate(const int32_t *weights, int count, int32_t *table) {
    int size = 1;
    table[0] = 0;
    for (const int32_t *end = weights + count; weights < end; weights++, size *= 2) {
        for (int i = 0; i < size; i++) {
            table[size + i] = table[i] + *weights;
        }
    }
}

/* Returns sum / 2^shift, rounded half to even, within a byte. */
static uint8_t to_byte(int32_t sum, int shift) {
    if (sum <= 0) {
        return 0;
    }
    if (shift < 0) {
        sum <<= -shift;
    } else if (shift > 0) {
        sum = (sum + (1 << (shift - 1)) - 1 + ((sum >> shift) & 1)) >> shift;
    }
    return (uint8_t)(sum < 255 ? sum : 255);
}

static void store(const ink_pair_conv *conv, int channel, int32_t sum, void *out, int at) {
    at += channel * conv->out_plane;
    sum += conv->bias[channel];
    if (conv->shift) {
        ((uint8_t *)out)[at] = to_byte(sum, conv->shift[channel]);
    } else {
        ((int32_t *)out)[at] = sum;
    }
}

/* Stores the largest sum under each window of the pooling, for a channel and
   its rows from `row` on. */
static void pool_sums(const ink_pair_conv *conv, int channel, int row, const int32_t *sums,
                      void *out) {
    const int side = conv->pool, width = conv->out_w * side;
    int at = row * conv->out_w;
    for (int y = 0; y < conv->rows; y++, sums += width * (side - 1)) {
        for (const int32_t *end = sums + width; sums < end; sums += side) {
            int32_t best = *sums;
            for (int i = 0; i < side * width; i += width) {
                for (int j = i; j < i + side; j++) {
                    best = sums[j] > best ? sums[j] : best;
                }
            }
            store(conv, channel, best, out, at++);
        }
    }
}

/* The same for both channels of pairs. */
static void pool_pairs(const ink_pair_conv *conv, int channel, int row, const int32_t *pairs,
                       void *out) {
    const int side = conv->pool, width = conv->out_w * side;
    int at = row * conv->out_w;
    for (int y = 0; y < conv->rows; y++, pairs += width * (side - 1)) {
        for (const int32_t *end = pairs + width; pairs < end; pairs += side) {
            int32_t first = INT32_MIN, second = INT32_MIN;
            for (int i = 0; i < side * width; i += width) {
                for (int j = i; j < i + side; j++) {
                    const int32_t a = first_of(pairs[j]), b = second_of(pairs[j]);
                    first = a > first ? a : first;
                    second = b > second ? b : second;
                }
            }
            store(conv, channel, first, out, at);
            if (channel + 1 < conv->out) {
                store(conv, channel + 1, second, out, at);
            }
            at++;
        }
    }
}

static void clear(int32_t *from, const int32_t *end) {
    while (from < end) {
        *from++ = 0;
    }
}

/* Sums before the pooling that are computed at a time. */
static int places_of(const ink_pair_conv *conv) {
    return conv->rows * conv->out_w * conv->pool * conv->pool;
}

/* Bytes of the packed weights of a pair of channels. */
static int packed_size(const ink_pair_conv *conv) {
    return (conv->depth * conv->kernel_h * conv->kernel_w * 2 * conv->bits + 7) / 8;
}

void ink_pair_conv_bytes(const ink_pair_conv *conv, const uint8_t *in, void *out,
                         int32_t *scratch) {
    const int places = places_of(conv), width = conv->out_w * conv->pool;
    int32_t *const seconds = scratch + places, *const pairs = seconds + places;
    int32_t *const filter = pairs + places;
    const uint8_t *packed = conv->weights;
    for (int channel = 0; channel < conv->out; channel += 2, packed += packed_size(conv)) {
        for (int row = 0; row < conv->out_h; row += conv->rows) {
            const uint8_t *line = in + row * conv->pool * conv->in_w;
            clear(scratch, filter);
            for (int c = 0, batched = 1; c < conv->depth; c++, batched++) {
                unpack(packed, conv->bits, (unsigned)c * NINE, NINE, filter);
                const uint8_t *from = line;
                for (int32_t *to = pairs; to < filter; to += width, from += conv->in_w) {
                    add_nine(from, conv->in_w, filter, to, width);
                }
                line += conv->in_h * conv->in_w;
                if (batched == conv->batch || c == conv->depth - 1) {
                    for (int i = 0; i < places; i++) {
                        scratch[i] += first_of(pairs[i]);
                        seconds[i] += second_of(pairs[i]);
                        pairs[i] = 0;
                    }
                    batched = 0;
                }
            }
            pool_sums(conv, channel, row, scratch, out);
            if (channel + 1 < conv->out) {
                pool_sums(conv, channel + 1, row, seconds, out);
            }
        }
    }
}

void ink_pair_conv_bits(const ink_pair_conv *conv, const uint32_t *in, void *out,
                        int32_t *scratch) {
    const int width = conv->out_w * conv->pool;
    const uint32_t mask = (1u << conv->kernel_w) - 1;
    int32_t *const filter = scratch + places_of(conv), *const table = filter + conv->kernel_w;
    const uint8_t *packed = conv->weights;
    for (int channel = 0; channel < conv->out; channel += 2, packed += packed_size(conv)) {
        for (int row = 0; row < conv->out_h; row += conv->rows) {
            const uint32_t *top = in + row * conv->pool;
            clear(scratch, filter);
            for (unsigned k = 0; k < conv->kernel_h; k++, top++) {
                const uint32_t *bits = top;
                unpack(packed, conv->bits, k * conv->kernel_w, conv->kernel_w, filter);
                tabulate(filter, conv->kernel_w, table);
                for (int32_t *to = scratch; to < filter; to += width) {
                    look_up(*bits++, table, mask, to, width);
                }
            }
            pool_pairs(conv, channel, row, scratch, out);
        }
    }
}

void ink_pair_conv_stream(const ink_pair_conv *first, const ink_pair_conv *second, int rows,
                          const uint32_t *in, uint8_t *out, int32_t *scratch, uint8_t *window) {
    const int plane = second->in_h * second->in_w, fresh = first->out_h * first->out_w;
    const int kept = plane - fresh; /* of each channel, from one row of the output to the next */
    uint8_t *const end = out + rows * second->out_w;
    for (int filled = fresh; out < end; filled += fresh, in += first->out_h * first->pool) {
        for (int i = 0; i < first->out * plane; i += plane) {
            for (int j = i; j < i + kept; j++) {
                window[j] = window[j + fresh];
            }
        }
        ink_pair_conv_bits(first, in, window + kept, scratch);
        if (filled >= plane) {
            ink_pair_conv_bytes(second, window, out, scratch);
            out += second->out_w;
        }
    }
}
