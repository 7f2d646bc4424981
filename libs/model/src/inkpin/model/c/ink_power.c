#include "ink_kernels.h"

/* round(2^15 * 2^(-i / 32)); between two entries a straight line is wrong by 2 at most. */
static const uint16_t POWERS[33] = {32768, 32066, 31379, 30706, 30048, 29405, 28774, 28158, 27554,
                                    26964, 26386, 25821, 25268, 24726, 24196, 23678, 23170, 22674,
                                    22188, 21713, 21247, 20792, 20347, 19911, 19484, 19066, 18658,
                                    18258, 17867, 17484, 17109, 16743, 16384};

uint32_t ink_power(int32_t distance) {
    const int32_t whole = distance >> 12, entry = (distance >> 7) & 31, rest = distance & 127;
    if (whole > 15) {
        return 0;
    }
    const int32_t low = POWERS[entry + 1], high = POWERS[entry];
    return (uint32_t)(high - ((high - low) * rest + 64) / 128) >> whole;
}

void ink_distances(const ink_softmax_layer *layer, int32_t *scores) {
    const int end = layer->count * layer->inner;
    int32_t best = scores[0];
    for (int i = layer->inner; i < end; i += layer->inner) {
        best = scores[i] > best ? scores[i] : best;
    }
    for (int i = 0; i < end; i += layer->inner) {
        const int32_t below = best - scores[i];
        scores[i] = ink_rescaled(below < layer->farthest ? below : layer->farthest,
                                 layer->multiplier, layer->shift);
    }
}
