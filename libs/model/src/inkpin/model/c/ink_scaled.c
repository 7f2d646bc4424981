#include "ink_kernels.h"
#include "ink_words.h"

/* In words, since a network whose other kernels need no products of 64 bits is spared their code.
 */
int32_t ink_scaled(int32_t value, uint32_t factor) {
    const int32_t mask = (1 << INK_LOWER) - 1;
    const int32_t low_by = (int32_t)(factor >> INK_MULTIPLIER) & mask;
    const int32_t high_by = (int32_t)(factor >> (INK_MULTIPLIER + INK_LOWER));
    const int32_t low = value & mask, high = value >> INK_LOWER;
    const int32_t lowest = low * low_by, middle = high * low_by + (lowest >> INK_LOWER);
    const int32_t carried = low * high_by + (middle & mask);
    /* The product is whole * 2^24 + part, and then whole + part / 2^32. */
    int32_t whole = high * high_by + (middle >> INK_LOWER) + (carried >> INK_LOWER);
    uint32_t part = (uint32_t)((carried & mask) << INK_LOWER | (lowest & mask));
    const int shift = (int)(factor & INK_MOST) + INK_FEWEST, aligned = 2 * INK_LOWER;
    if (shift > aligned) {
        part = (uint32_t)whole << (32 + aligned - shift) | (part != 0);
        whole >>= shift - aligned;
    } else {
        whole = (int32_t)((uint32_t)whole << (aligned - shift) | part >> shift);
        part <<= 32 - shift;
    }
    return whole + ((part | (whole & 1)) > 1u << 31);
}
