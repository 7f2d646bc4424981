/* Rescaling in words, since products of 64 bits and their shifts are calls on small cores; for the
 * kernels only. */
#ifndef INK_WORDS_H
#define INK_WORDS_H

#include <stdint.h>

/* Of a product of 20 bits with 24, made of two: bits that its lower half takes, and the fewest to
 * shift it by. A factor is a word: the multiplier, and in the 8 bits below it the shift less that,
 * up to 31, and a flag where a value that fits may come to exactly a half. */
enum {
    INK_LOWER = 12,
    INK_FEWEST = INK_LOWER + 1,
    INK_MOST = 31,
    INK_HALVES = 128,
    INK_MULTIPLIER = 8
};

static inline int ink_fits_words(int32_t value) {
    const uint32_t size = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
    return size >> 19 == 0;
}

/* Returns a value that fits times a factor, rounded half to even, and half of an odd `more`,
 * rounded down. */
static inline int32_t ink_scaled_in_words(int32_t value, uint32_t factor, int32_t more) {
    const uint32_t lower = (1u << INK_LOWER) - 1;
    const int32_t low = value * (int32_t)(factor >> INK_MULTIPLIER & lower);
    const int32_t high =
        value * (int32_t)(factor >> (INK_MULTIPLIER + INK_LOWER)) + (low >> INK_LOWER);
    int32_t doubled = high >> (factor & INK_MOST);
    if ((factor & INK_HALVES) && (doubled & 3) == 1 && !((uint32_t)low & lower) &&
        (uint32_t)high << (~factor & INK_MOST) == 1u << 31) {
        doubled--; /* a half above an even number, and nothing is left */
    }
    return (doubled + more) >> 1;
}

/* The fewest to shift a product with 16 bits by. */
enum { INK_FEWEST_BY_16 = 17 };

/* Returns value * multiplier / 2^shift, rounded half to even; shifts up to 48. */
static inline int32_t ink_rescaled_by_16(int32_t value, uint16_t multiplier, int shift) {
    const uint32_t low = (uint32_t)(value & 0xffff) * multiplier;
    const int32_t high = (value >> 16) * multiplier + (int32_t)(low >> 16);
    const int32_t doubled = high >> (shift - INK_FEWEST_BY_16);
    const int32_t below = doubled >> 1;
    if (!(doubled & 1)) {
        return below;
    }
    const int more =
        high != (int32_t)((uint32_t)doubled << (shift - INK_FEWEST_BY_16)) || (low & 0xffff) != 0;
    return below + (more || (below & 1));
}

#endif
