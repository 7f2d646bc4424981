/* Reading packed weights; for the kernels only. */
#ifndef INK_UNPACK_H
#define INK_UNPACK_H

#include <stdint.h>

/* Returns weight `i` of a row of packed weights. */
static inline int8_t ink_unpack(const uint8_t *packed, int bits, int i) {
    const int sign = 1 << (bits - 1), mask = 2 * sign - 1, at = i * bits;
    const int code = (packed[at / 8] >> (at % 8)) & mask;
    return (int8_t)((code ^ sign) - sign);
}

#endif
