#include "ink_kernels.h"

/* The sums of four places, or of four channels, lie in the four bytes of a word, so that one
 * addition does the work of four. What is added up there stays within a signed byte, which the
 * converter sees to; EXCESS keeps the bytes from borrowing. */

enum { SIDE = 3, TRIPLES = 27, CODE = 5, LANES = 4, BITS = 8 };

static const uint32_t EXCESS = 0x80808080u, EVEN = 0x00ff00ffu, UPPER = 0xffff0000u;

static const int32_t ZERO = 128; /* a byte's in excess */

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* Returns a sum above 0 as a nibble. Kept out of line, as most sums are not and need no call. */
__attribute__((noinline)) static unsigned scaled(const ink_channel *to, unsigned most,
                                                 uint32_t sum) {
    const unsigned shift = to->shift;
    uint32_t value = sum * to->multiplier;
    value = (value + (1u << (shift - 1)) - 1 + (value >> shift & 1)) >> shift;
    return value < most ? value : most;
}

/* Returns the nibble that the sum of a channel becomes. */
__attribute__((always_inline)) static inline unsigned level(const ink_channel *to, unsigned most,
                                                            int32_t sum) {
    sum += to->bias;
    return sum > 0 ? scaled(to, most, (uint32_t)sum) : 0;
}

/* Stores the sum of a channel as number `at` of the output. */
static void store(const ink_channel *to, unsigned most, int32_t sum, void *out, unsigned at) {
    const unsigned place = at % 2 * 4;
    uint8_t *const byte = (uint8_t *)out + at / 2;
    if (!to->shift) {
        ((int32_t *)out)[at] = sum + to->bias;
        return;
    }
    *byte = (uint8_t)((*byte & 15u << (4 - place)) | level(to, most, sum) << place);
}

/* Returns the four nibbles of the bytes 0 and 2 of a word as its bytes. */
static uint32_t spread(uint32_t pairs) { return (pairs | pairs << 4) & 0x0f0f0f0fu; }

/* Writes the sums of three words under weights of -1, 0 and 1, each plus `start`: entry
 * 9 i + 3 j + k is of the weights i - 1, j - 1, k - 1. Kept out of line, as `add` is, so that its
 * few values stay in registers. */
__attribute__((noinline)) static void tabulate(uint32_t start, uint32_t a, uint32_t b, uint32_t c,
                                               uint32_t *table) {
    start -= a + b + c;
    b -= c + c; /* from the last of three entries to the next three */
    for (const uint32_t *const end = table + TRIPLES; table < end; table += TRIPLES / SIDE) {
        uint32_t sum = start;
        table[0] = sum;
        table[1] = sum += c;
        table[2] = sum += c;
        table[3] = sum += b;
        table[4] = sum += c;
        table[5] = sum += c;
        table[6] = sum += b;
        table[7] = sum += c;
        table[8] = sum + c;
        start += a;
    }
}

/* Writes the tables of the three rows of a filter, for the window whose first cell is number `at`.
 * Of its four rows only `rows` are in the map; for those below, where only places lie that do not
 * count, the last one stands. Returns 0, and writes nothing, if what counts of the window, under
 * `mask`, is 0: many windows a stroke passes by. */
static uint32_t look(const uint8_t *in, unsigned at, unsigned width, unsigned rows, uint32_t mask,
                     uint32_t *tables) {
    uint32_t fours[SIDE + 1], found = 0, a, b, c;
    for (unsigned row = 0; row <= SIDE; row++) {
        const uint8_t *const bytes = in + at / 2;
        uint32_t pairs = bytes[0] | (uint32_t)bytes[1] << 2 * BITS;
        if (at % 2) {
            pairs = (pairs >> 4 | (bytes[1] | (uint32_t)bytes[2] << 2 * BITS) << 4) & EVEN;
        }
        found |= fours[row] = spread(pairs);
        at += row + 1 < rows ? width : 0;
    }
    found &= mask;
    if (!found) {
        return 0;
    }
    uint32_t start = EXCESS;
    for (const uint32_t *four = fours; four < fours + SIDE; four++) {
        const uint32_t upper = four[0], lower = four[1];
        a = (upper & 0xffff) | lower << 2 * BITS;
        b = (upper >> BITS & 0xffff) | (lower << BITS & UPPER);
        c = upper >> 2 * BITS | (lower & UPPER);
        tabulate(start, a, b, c, tables);
        tables += TRIPLES;
        start = 0;
    }
    return found;
}

/* Returns what the tables say of a filter's rows. */
__attribute__((always_inline)) static inline uint32_t sum_of(const uint32_t *tables,
                                                             uint32_t codes) {
    return tables[codes & 31] + tables[TRIPLES + (codes >> CODE & 31)] +
           tables[2 * TRIPLES + (codes >> 2 * CODE)];
}

/* Adds one input channel's sums to all output channels', two words to each: the sums of the odd
 * bytes in 16 bits each, and before it those of all four, whose carries `put` takes out again by
 * that. Kept out of line so that its few values stay in registers. */
__attribute__((noinline)) static void add(const uint16_t *filters, const uint32_t *tables,
                                          uint32_t *sums, const uint32_t *end) {
    const uint32_t even = EVEN;
    while (sums < end) {
        const uint32_t sum = sum_of(tables, *filters++);
        *sums++ += sum;
        *sums++ += sum >> BITS & even;
    }
}

/* The same for weights of two digits. */
__attribute__((noinline)) static void add_threefold(const uint16_t *filters, const uint32_t *tables,
                                                    uint32_t *sums, const uint32_t *end) {
    const uint32_t even = EVEN;
    while (sums < end) {
        const uint32_t threes = sum_of(tables, *filters++), ones = sum_of(tables, *filters++);
        *sums++ += 3 * threes + ones;
        *sums++ += 3 * (threes >> BITS & even) + (ones >> BITS & even);
    }
}

/* Stores the sums of a window, or the largest of them; `wide` and `high` places of it count. */
static void put(const ink_ternary_conv *conv, const uint32_t *sums, int32_t excess, void *out,
                unsigned at, unsigned wide, unsigned high) {
    const ink_channel *const end = conv->to + conv->channels;
    for (const ink_channel *to = conv->to; to < end; to++, sums += 2, at += conv->plane) {
        uint32_t odd = sums[1], even = sums[0] - (odd << BITS);
        if (conv->pool) {
            const uint32_t best =
                larger(larger(even & 0xffff, even >> 16), larger(odd & 0xffff, odd >> 16));
            store(to, conv->most, (int32_t)best - excess, out, at);
            continue;
        }
        for (unsigned y = 0, row = at; y < high; y++, row += conv->wide) {
            const int32_t left = (int32_t)(even & 0xffff) - excess;
            const int32_t right = (int32_t)(odd & 0xffff) - excess;
            even >>= 16;
            odd >>= 16;
            if (wide > 1 && row % 2 == 0 && to->shift) {
                ((uint8_t *)out)[row / 2] =
                    (uint8_t)(level(to, conv->most, left) | level(to, conv->most, right) << 4);
                continue;
            }
            store(to, conv->most, left, out, row);
            if (wide > 1) {
                store(to, conv->most, right, out, row + 1);
            }
        }
    }
}

/* Convolves a map into the cells of the output from number `at` of each channel on. */
static void convolve(const ink_ternary_conv *conv, const uint8_t *in, void *out, unsigned at,
                     uint32_t *scratch) {
    const unsigned pool = conv->pool, high = conv->high, wide = conv->wide;
    uint32_t *const sums = scratch + SIDE * TRIPLES, *const end = sums + 2 * conv->channels;
    for (unsigned y = 0; y < high; y += 2) {
        for (unsigned x = 0; x < wide; x += 2) {
            const uint16_t *filters = conv->filters;
            for (uint32_t *sum = sums; sum < end; sum++) {
                *sum = 0;
            }
            const unsigned across = wide - x < 2 ? 1 : 2;
            const uint32_t mask = across < 2 ? ~0u >> BITS : ~0u; /* one place reads three */
            unsigned cell = y * conv->in_w + x;
            int32_t excess = 0;
            for (unsigned c = 0; c < conv->depth; c++, filters += conv->digits * conv->channels) {
                if (look(in, cell, conv->in_w, conv->in_h - y, mask, scratch)) {
                    excess += ZERO;
                    if (conv->digits == 2) {
                        excess += 3 * ZERO;
                        add_threefold(filters, scratch, sums, end);
                    } else {
                        add(filters, scratch, sums, end);
                    }
                }
                cell += conv->in_h * conv->in_w;
            }
            put(conv, sums, excess, out, at, across, high - y < 2 ? 1 : 2);
            at += pool ? 1 : across;
        }
        at += pool ? 0 : wide;
    }
}

void ink_ternary_conv_nibbles(const ink_ternary_conv *conv, const uint8_t *in, void *out,
                              uint32_t *scratch) {
    convolve(conv, in, out, 0, scratch);
}

/* Writes the sums of a row of weights of four channels under every pattern of bits. */
static void tabulate_bits(const uint16_t *weights, unsigned count, uint32_t *table) {
    uint32_t *end = table + 1;
    table[0] = 0;
    for (; count > 0; count--, weights++) {
        const uint32_t four =
            spread((*weights & 0xff) | (*weights & 0xff00u) << BITS) - 0x08080808u;
        for (const uint32_t *from = table, *const half = end; from < half; from++) {
            *end++ = *from + four;
        }
    }
}

/* Adds to the words of a row what a table says of the bits that a row of the filter lies on. */
__attribute__((noinline)) static void look_up(uint32_t bits, const uint32_t *table, uint32_t mask,
                                              uint32_t *sums, const uint32_t *end) {
    for (; sums < end; bits >>= 1) {
        *sums++ += table[bits & mask];
    }
}

void ink_ternary_conv_bits(const ink_bit_conv *conv, const uint32_t *in, void *out,
                           uint32_t *scratch) {
    const unsigned wide = conv->wide, side = conv->kernel;
    const unsigned skipped = conv->plane - conv->high / 2u * (wide / 2);
    const ink_channel *to = conv->to, *const last = to + conv->channels;
    unsigned at = 0;
    const uint32_t mask = (1u << side) - 1;
    uint32_t *const end = scratch + conv->high * wide;
    const uint16_t *weights = conv->weights;
    while (to < last) {
        for (uint32_t *sum = scratch; sum < end; sum++) {
            *sum = EXCESS;
        }
        for (unsigned k = 0; k < side; k++, weights += side) {
            const uint32_t *bits = in + k;
            tabulate_bits(weights, side, end);
            for (uint32_t *sum = scratch; sum < end; sum += wide) {
                look_up(*bits++, end, mask, sum, sum + wide);
            }
        }
        for (unsigned lane = 0; lane < LANES * BITS && to < last; lane += BITS, to++) {
            for (const uint32_t *row = scratch; row < end; row += wide) {
                for (const uint32_t *const next = row + wide; row < next; row += 2, at++) {
                    const uint32_t a = row[0] >> lane & 255, b = row[1] >> lane & 255;
                    const uint32_t c = row[wide] >> lane & 255, d = row[wide + 1] >> lane & 255;
                    const uint32_t best = larger(larger(a, b), larger(c, d));
                    store(to, conv->most, (int32_t)best - ZERO, out, at);
                }
            }
            at += skipped;
        }
    }
}

/* Makes room for two new rows at the end of each channel of a window of four. */
static void advance(uint8_t *window, const ink_ternary_conv *conv) {
    const unsigned half = conv->in_w;
    for (uint8_t *const end = window + 2 * half * conv->depth; window < end; window += 2 * half) {
        for (unsigned i = 0; i < half; i++) {
            window[i] = window[half + i];
        }
    }
}

void ink_ternary_conv_stream(const ink_bit_conv *first, const ink_ternary_conv *convs,
                             unsigned count, const uint32_t *in, uint8_t *out, uint32_t *scratch,
                             uint8_t *windows) {
    const ink_ternary_conv *const last = convs + count - 1;
    unsigned at = 0;
    for (unsigned step = 0; at < last->plane; step++, in += first->high) {
        uint8_t *window = windows;
        advance(window, convs);
        ink_ternary_conv_bits(first, in, window + convs->in_w, scratch);
        /* Each convolution has its first four rows one step later than the one before. */
        for (const ink_ternary_conv *conv = convs; conv < convs + step; conv++) {
            if (conv == last) {
                convolve(conv, window, out, at, scratch);
                at += conv->wide / 2u;
                break;
            }
            uint8_t *const next = window + 2u * conv->in_w * conv->depth;
            advance(next, conv + 1);
            convolve(conv, window, next, 2u * conv->wide, scratch);
            window = next;
        }
    }
}
