#include "ink_products.h"

int32_t ink_total(const uint8_t *in, int count) {
    const uint8_t *const end = in + count, *const last = in + (count & ~3);
    int32_t sum = 0;
    for (; in < last; in += 4) {
        sum += in[0] + in[1] + in[2] + in[3];
    }
    while (in < end) {
        sum += *in++;
    }
    return sum;
}

static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

static int32_t one_channel(const uint8_t *in, const uint8_t *weights, int count, int32_t sum) {
    const uint8_t *const end = in + count;
    for (const uint8_t *const first = in + (count & 3); in != first;) {
        sum += *in++ * *weights++;
    }
    for (; in != end; in += 4, weights += 4) {
        sum += in[0] * weights[0];
        sum += in[1] * weights[1];
        sum += in[2] * weights[2];
        sum += in[3] * weights[3];
    }
    return sum;
}

void ink_raise(const ink_products *of) {
    int channel = 0;
    /* Of four channels at a time an input is read once, and a loop's end costs once for four of
     * them. */
    for (; channel + INK_LANES <= of->channels; channel += INK_LANES) {
        const uint8_t *weights = of->weights + channel * of->count, *cell = of->in;
        const int32_t *bias = of->bias + channel, start = of->start;
        int32_t a = start + bias[0], b = start + bias[1], c = start + bias[2], d = start + bias[3];
        for (const uint8_t *const first = cell + (of->count & 3); cell != first; weights += 4) {
            const int32_t x = *cell++;
            a += x * weights[0];
            b += x * weights[1];
            c += x * weights[2];
            d += x * weights[3];
        }
        for (const uint8_t *const end = of->in + of->count; cell != end; cell += 4) {
            int32_t x = cell[0];
            a += x * weights[0];
            b += x * weights[1];
            c += x * weights[2];
            d += x * weights[3];
            x = cell[1];
            a += x * weights[4];
            b += x * weights[5];
            c += x * weights[6];
            d += x * weights[7];
            x = cell[2];
            a += x * weights[8];
            b += x * weights[9];
            c += x * weights[10];
            d += x * weights[11];
            x = cell[3];
            a += x * weights[12];
            b += x * weights[13];
            c += x * weights[14];
            d += x * weights[15];
            weights += 16;
        }
        int32_t *sums = of->sums + channel;
        if (!of->fresh) {
            a = larger(a, sums[0]);
            b = larger(b, sums[1]);
            c = larger(c, sums[2]);
            d = larger(d, sums[3]);
        }
        sums[0] = a;
        sums[1] = b;
        sums[2] = c;
        sums[3] = d;
    }
    for (; channel < of->channels; channel++) {
        const int32_t start = of->start + of->bias[channel];
        const int32_t a = one_channel(of->in, of->weights + channel * of->count, of->count, start);
        of->sums[channel] = of->fresh ? a : larger(a, of->sums[channel]);
    }
}
