/* Sums and rescaling for values of 16 bits; for the kernels only.
 *
 * A product of 16 bits with 8 has 23; so 256 of them fit a word, and the sum of those words has 64
 * bits. What goes out is rounded once.
 */
#ifndef INK_SHORTS_H
#define INK_SHORTS_H

#include "ink_kernels.h"

/* A sum of products on its way. */
typedef struct {
    int64_t whole;
    int32_t part; /* what is not in it yet, of `made` products */
    int made;
} ink_short_sum;

/* Adds `count` inputs, `step` apart, times weights. */
void ink_short_add_products(ink_short_sum *sum, const ink_short *in, int step,
                            const int8_t *weights, int count);

/* Returns product / 2^shift, rounded half to even, within low and high. */
int32_t ink_rounded_within(int64_t product, int shift, int32_t low, int32_t high);

/* Stores a channel's sum as out[at], 16 or 32 bits. */
void ink_short_store(const ink_short_scaling *to, int channel, int64_t sum, void *out, int at);

#endif
