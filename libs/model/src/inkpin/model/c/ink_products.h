/* Sums of products of bytes with weights of a byte each; for the kernels only.
 *
 * The weights are stored as bytes from 0 to 255, the sum of the inputs times what that adds being
 * part of `start`. Those of four channels are interleaved: of each input's four one behind another.
 * What is left of channels has a row each.
 */
#ifndef INK_PRODUCTS_H
#define INK_PRODUCTS_H

#include <stdint.h>

/* Channels whose sums are made in one go. */
enum { INK_LANES = 4 };

/* Returns the sum of bytes. */
int32_t ink_total(const uint8_t *in, int count);

typedef struct {
    const uint8_t *in, *weights;
    const int32_t *bias;
    int32_t *sums;
    int32_t start; /* is added to every sum */
    int count, channels;
    int fresh;
} ink_products;

/* Raises the `sums` of channels to start + bias + inputs times weights, or sets them where they are
 * `fresh`. At most 33,000 inputs, whose products with 255 fit 31 bits. */
void ink_raise(const ink_products *of);

#endif
