/* The integer kernels that converted networks call: one, and its descriptor.
 *
 * Maps are bytes laid out (channel, row, column); a bitmap is one 32-bit word a row, bit c for
 * column c. A dense layer is a convolution whose kernel covers its whole input. Pooling and the
 * way back to bytes are part of the convolution, so that no full-size map is ever kept.
 * Refused here, and by the converter before: dilation, signed maps, branches.
 */
#ifndef INK_KERNELS_H
#define INK_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const uint8_t *weights; /* (out, depth, kernel_h, kernel_w), see `bits` */
    const int32_t *bias;    /* (out) */
    const uint8_t *shift;   /* (out): bytes are sum / 2^shift; NULL where the sums go out */
    uint16_t depth, out;    /* input channels under one filter, and output channels */
    uint16_t share;         /* output channels over the same input channels; out without groups */
    uint8_t bits;           /* of a weight, two's complement: 2, 4 or 8; lowest bits first,
                               every filter begins on a byte */
    uint8_t in_h, in_w;
    uint8_t kernel_h, kernel_w;
    uint8_t stride_h, stride_w;
    uint8_t pad_top, pad_left;
    uint8_t pool_h, pool_w; /* window of the max pooling; 1 for none */
    uint8_t pool_stride_h, pool_stride_w;
    uint8_t out_h, out_w; /* after pooling */
} ink_conv;

/* Convolves the bytes `in`, (channel, in_h, in_w), into `out`, (out, out_h, out_w): bytes, or
 * int32_t sums where conv->shift is NULL. `filter` is scratch for the weights of one output
 * channel, depth * kernel_h * kernel_w bytes. */
void ink_conv_bytes(const ink_conv *conv, const uint8_t *in, void *out, int8_t *filter);

/* The same over a bitmap of in_h rows: one channel of ones and zeros, at most 32 wide. */
void ink_conv_bits(const ink_conv *conv, const uint32_t *in, void *out, int8_t *filter);

#ifdef __cplusplus
}
#endif
#endif
