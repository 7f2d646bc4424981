#include "ink_shorts.h"

enum { MOST = 256 }; /* products whose sum fits a word */

static int32_t products(const ink_short *in, int step, const int8_t *weights, int count) {
    int32_t sum = 0;
    const int8_t *const end = weights + count, *const last = weights + (count & ~3);
    for (; weights < last; weights += 4, in += 4 * step) {
        sum += in[0] * weights[0];
        sum += in[step] * weights[1];
        sum += in[2 * step] * weights[2];
        sum += in[3 * step] * weights[3];
    }
    for (; weights < end; in += step) {
        sum += *in * *weights++;
    }
    return sum;
}

void ink_short_add_products(ink_short_sum *sum, const ink_short *in, int step,
                            const int8_t *weights, int count) {
    while (count > 0) {
        const int room = MOST - sum->made, more = count < room ? count : room;
        sum->part += products(in, step, weights, more);
        sum->made += more;
        if (sum->made == MOST) {
            sum->whole += sum->part;
            sum->part = 0;
            sum->made = 0;
        }
        in += more * step;
        weights += more;
        count -= more;
    }
}

int32_t ink_rounded_within(int64_t product, int shift, int32_t low, int32_t high) {
    const int64_t whole = product >> shift;
    if (whole < low) {
        return low;
    }
    return whole < high ? ink_rounded(product, shift) : high;
}

void ink_short_store(const ink_short_scaling *to, int channel, int64_t sum, void *out, int at) {
    const int32_t value =
        ink_rounded_within(sum * to->multiplier[channel], to->shift[channel], to->low, to->high);
    if (to->wide) {
        ((int32_t *)out)[at] = value;
    } else {
        ((ink_short *)out)[at] = (int16_t)value;
    }
}
