#include "ink_kernels.h"

void ink_small_trees(const ink_small_trees_layer *layer, const uint8_t *in, int32_t *out) {
    const int16_t *splits = layer->split;
    const int count = layer->out;
    for (int i = 0; i < count; i++) {
        out[i] = layer->base[i];
    }
    for (int tree = 0; tree < layer->trees; tree++) {
        int at = layer->root[tree];
        while (at >= 0) {
            const int16_t *split = splits + at;
            const uint32_t pair = (uint16_t)split[0];
            const uint32_t above = ((pair >> 8) - in[pair & 255U]) >> 31;
            at = split[1 + above];
        }
        if (layer->share) {
            const uint8_t *share = layer->share + (-1 - at);
            for (int i = 0; i < count; i++) {
                out[i] += share[i];
            }
        } else {
            const int16_t *leaf = layer->leaf + (-1 - at);
            for (int i = 0; i < count; i++) {
                out[i] += leaf[i];
            }
        }
    }
}
