#include "ink_kernels.h"

#include <stddef.h>

/* The part of a kernel's side that lies inside the input. */
typedef struct {
    int first, end;
} span;

static span inside(int start, int kernel, int length) {
    const int end = length - start;
    const span found = {start < 0 ? -start : 0, end < kernel ? end : kernel};
    return found;
}

/* Unpacks the weights of one output channel. */
static void unpack(const ink_conv *conv, int channel, int size, int8_t *filter) {
    const int bits = conv->bits, sign = 1 << (bits - 1), mask = 2 * sign - 1;
    const uint8_t *packed = conv->weights + channel * ((size * bits + 7) / 8);
    for (int i = 0; i < size; i++) {
        const int at = i * bits;
        const int code = (packed[at / 8] >> (at % 8)) & mask;
        filter[i] = (int8_t)((code ^ sign) - sign);
    }
}

/* Returns the sum under one placing of a filter over its maps; its corner is at y, x. */
static int32_t sum_of_bytes(const ink_conv *conv, const uint8_t *maps, const int8_t *filter, int y,
                            int x) {
    const span rows = inside(y, conv->kernel_h, conv->in_h);
    const span columns = inside(x, conv->kernel_w, conv->in_w);
    int32_t sum = 0;
    for (int c = 0; c < conv->depth; c++) {
        for (int i = rows.first; i < rows.end; i++) {
            const uint8_t *value = maps + (y + i) * conv->in_w;
            const int8_t *weight = filter + i * conv->kernel_w;
            for (int j = columns.first; j < columns.end; j++) {
                sum += value[x + j] * weight[j];
            }
        }
        maps += conv->in_h * conv->in_w;
        filter += conv->kernel_h * conv->kernel_w;
    }
    return sum;
}

static int32_t sum_of_bits(const ink_conv *conv, const uint32_t *bitmap, const int8_t *filter,
                           int y, int x) {
    const span rows = inside(y, conv->kernel_h, conv->in_h);
    const span columns = inside(x, conv->kernel_w, conv->in_w);
    int32_t sum = 0;
    for (int i = rows.first; i < rows.end; i++) {
        uint32_t ink = bitmap[y + i] >> (x + columns.first);
        const int8_t *weight = filter + i * conv->kernel_w;
        for (int j = columns.first; j < columns.end && ink != 0; j++, ink >>= 1) {
            if (ink & 1u) {
                sum += weight[j];
            }
        }
    }
    return sum;
}

/* Returns sum / 2^shift, rounded half to even, within a byte. */
static uint8_t to_byte(int32_t sum, int shift) {
    if (sum <= 0) {
        return 0;
    }
    if (shift > 0) {
        sum = (sum + (1 << (shift - 1)) - 1 + ((sum >> shift) & 1)) >> shift;
    }
    return (uint8_t)(sum < 255 ? sum : 255);
}

/* Convolves `bytes`, or `bitmap` where `bytes` is NULL. */
static void convolve(const ink_conv *conv, const uint8_t *bytes, const uint32_t *bitmap, void *out,
                     int8_t *filter) {
    const int size = conv->depth * conv->kernel_h * conv->kernel_w;
    uint8_t *to_bytes = (uint8_t *)out;
    int32_t *to_sums = (int32_t *)out;
    int shared = 0; /* channels since the group of input maps began */
    for (int channel = 0; channel < conv->out; channel++, shared++) {
        if (bytes && shared == conv->share) {
            bytes += conv->depth * conv->in_h * conv->in_w;
            shared = 0;
        }
        unpack(conv, channel, size, filter);
        for (int row = 0; row < conv->out_h; row++) {
            for (int column = 0; column < conv->out_w; column++) {
                int32_t best = INT32_MIN;
                for (int i = 0; i < conv->pool_h; i++) {
                    const int y = (row * conv->pool_stride_h + i) * conv->stride_h - conv->pad_top;
                    for (int j = 0; j < conv->pool_w; j++) {
                        const int x =
                            (column * conv->pool_stride_w + j) * conv->stride_w - conv->pad_left;
                        const int32_t sum = bytes ? sum_of_bytes(conv, bytes, filter, y, x)
                                                  : sum_of_bits(conv, bitmap, filter, y, x);
                        best = sum > best ? sum : best;
                    }
                }
                best += conv->bias[channel];
                if (conv->shift) {
                    *to_bytes++ = to_byte(best, conv->shift[channel]);
                } else {
                    *to_sums++ = best;
                }
            }
        }
    }
}

void ink_conv_bytes(const ink_conv *conv, const uint8_t *in, void *out, int8_t *filter) {
    convolve(conv, in, NULL, out, filter);
}

void ink_conv_bits(const ink_conv *conv, const uint32_t *in, void *out, int8_t *filter) {
    convolve(conv, NULL, in, out, filter);
}
