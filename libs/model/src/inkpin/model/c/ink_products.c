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

static void raise(int32_t *sum, int32_t to, int fresh) {
    if (fresh || to > *sum) {
        *sum = to;
    }
}

/* An input is read once for four channels, and a loop's end costs once for four inputs. */
static void four_channels(const uint8_t *in, const uint8_t *weights, int count, const int32_t *bias,
                          int32_t start, int32_t *sums, int fresh) {
    int32_t a = start + bias[0], b = start + bias[1], c = start + bias[2], d = start + bias[3];
    const uint8_t *const end = in + count, *const last = in + (count & ~3);
    for (; in < last; in += 4, weights += 16) {
        int32_t x = in[0];
        a += x * weights[0];
        b += x * weights[1];
        c += x * weights[2];
        d += x * weights[3];
        x = in[1];
        a += x * weights[4];
        b += x * weights[5];
        c += x * weights[6];
        d += x * weights[7];
        x = in[2];
        a += x * weights[8];
        b += x * weights[9];
        c += x * weights[10];
        d += x * weights[11];
        x = in[3];
        a += x * weights[12];
        b += x * weights[13];
        c += x * weights[14];
        d += x * weights[15];
    }
    for (; in < end; weights += 4) {
        const int32_t x = *in++;
        a += x * weights[0];
        b += x * weights[1];
        c += x * weights[2];
        d += x * weights[3];
    }
    raise(&sums[0], a, fresh);
    raise(&sums[1], b, fresh);
    raise(&sums[2], c, fresh);
    raise(&sums[3], d, fresh);
}

static int32_t one_channel(const uint8_t *in, const uint8_t *weights, int count, int32_t sum) {
    const uint8_t *const end = in + count, *const last = in + (count & ~3);
    for (; in < last; in += 4, weights += 4) {
        sum += in[0] * weights[0];
        sum += in[1] * weights[1];
        sum += in[2] * weights[2];
        sum += in[3] * weights[3];
    }
    while (in < end) {
        sum += *in++ * *weights++;
    }
    return sum;
}

void ink_raise(const uint8_t *in, const uint8_t *weights, int count, int channels,
               const int32_t *bias, int32_t start, int32_t *sums, int fresh) {
    if (channels == INK_LANES) {
        four_channels(in, weights, count, bias, start, sums, fresh);
        return;
    }
    for (; channels > 0; channels--, weights += count) {
        raise(sums++, one_channel(in, weights, count, start + *bias++), fresh);
    }
}
