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

/* The channel of an element, and how many of it lie before. */
typedef struct {
    int channel, before;
} place;

static place ahead(const ink_normalise_layer *layer, place at, int by) {
    for (at.before += by; at.before >= layer->span; at.before -= layer->span) {
        at.channel = at.channel + 1 < layer->channels ? at.channel + 1 : 0;
    }
    return at;
}

/* Writes a group; returns the place behind it. */
static place divided(const ink_normalise_layer *layer, const uint8_t *in, uint8_t *out, place at) {
    const int end = layer->count * layer->inner;
    const divisor by = found(layer, in);
    const int64_t half = (int64_t)1 << (by.down - 1);
    for (int i = 0; i < end; i += layer->inner) {
        const int32_t part = layer->count * (in[i] - layer->in_zero) - by.total;
        const int64_t steps = ((int64_t)part * by.inverse + half) >> by.down;
        const int64_t sum = steps * layer->gain[at.channel] + layer->bias[at.channel];
        int32_t value = ink_rounded(sum, layer->shift) + layer->zero;
        value = value < layer->low ? layer->low : value;
        out[i] = (uint8_t)(value > layer->high ? layer->high : value);
        at = ahead(layer, at, layer->inner);
    }
    return at;
}

void ink_normalise(const ink_normalise_layer *layer, const uint8_t *in, uint8_t *out) {
    place at = {0, 0};
    for (int outer = 0; outer < layer->outer; outer++) {
        const place behind = divided(layer, in, out, at);
        for (int inner = 1; inner < layer->inner; inner++) {
            at = ahead(layer, at, 1);
            divided(layer, in + inner, out + inner, at);
        }
        at = behind;
        in += layer->count * layer->inner;
        out += layer->count * layer->inner;
    }
}
