/* Reading packed weights; for the kernels only. */
#ifndef INK_UNPACK_H
#define INK_UNPACK_H

#include <stdint.h>

/* Returns the weight in the lowest bits of `codes`. */
static inline int32_t ink_lowest(uint32_t codes, int bits) {
    return (int32_t)(codes << (32 - bits)) >> (32 - bits);
}

#endif
