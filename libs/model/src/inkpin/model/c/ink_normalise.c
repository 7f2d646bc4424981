#include "ink_kernels.h"

/* Returns the root of a number of 31 or 32 bits, rounded down. */
static uint32_t square_root(uint32_t number) {
    uint32_t root = 0;
    for (uint32_t bit = 1u << 15; bit > 0; bit >>= 1) {
        const uint32_t more = root | bit;
        root = more * more <= number ? more : root;
    }
    return root;
}

/* What the numbers of a group are multiplied with, and shifted right by, for 2^-12 of one. */
typedef struct {
    int32_t total, inverse;
    int down;
} divisor;

static divisor found(const ink_normalise_layer *layer, const uint8_t *in) {
    const int end = layer->count * layer->inner;
    int32_t total = 0, sizes = 0;
    int64_t squares = 0;
    for (int i = 0; i < end; i += layer->inner) {
        const int32_t x = in[i] - layer->in_zero;
        total += x;
        sizes += x < 0 ? -x : x;
        squares += x * x;
    }
    total = layer->centred ? total : 0;
    int64_t power = (int64_t)sizes * sizes;
    if (layer->root) {
        power = layer->count * squares - (int64_t)total * total + layer->epsilon;
    }
    /* Brought to 31 or 32 bits by an even shift, so that the root has 16. */
    uint64_t number = power > 0 ? (uint64_t)power : 1;
    int up = 0;
    for (; number >> 32; up--) {
        number >>= 2;
    }
    for (; number < 1u << 30; up++) {
        number <<= 2;
    }
    const divisor by = {total, (int32_t)((1u << 31) / square_root((uint32_t)number)), 19 - up};
    return by;
}

void ink_normalise(const ink_normalise_layer *layer, const uint8_t *in, uint8_t *out) {
    const int end = layer->count * layer->inner;
    for (int group = 0; group < layer->outer * layer->inner; group++) {
        const int start = group / layer->inner * end + group % layer->inner;
        const divisor by = found(layer, in + start);
        const int64_t half = (int64_t)1 << (by.down - 1);
        for (int i = start; i < start + end; i += layer->inner) {
            const int32_t part = layer->count * (in[i] - layer->in_zero) - by.total;
            const int64_t steps = ((int64_t)part * by.inverse + half) >> by.down;
            const int channel = i / layer->span % layer->channels;
            const int64_t sum = steps * layer->gain[channel] + layer->bias[channel];
            int32_t value = ink_rounded(sum, layer->shift) + layer->zero;
            value = value < layer->low ? layer->low : value;
            out[i] = (uint8_t)(value > layer->high ? layer->high : value);
        }
    }
}
