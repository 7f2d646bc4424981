#include "ink_shorts.h"

void ink_short_trees(const ink_short_trees_layer *layer, const ink_short *in, void *out,
                     int32_t *sums) {
    if (layer->to.wide) {
        sums = (int32_t *)out;
    }
    for (int i = 0; i < layer->out; i++) {
        sums[i] = layer->base[i];
    }
    for (int tree = 0; tree < layer->trees; tree++) {
        int at = layer->root[tree];
        while (at >= 0) {
            at = layer->child[2 * at + (in[layer->feature[at]] > layer->most[at])];
        }
        const int16_t *leaf = layer->leaf + (-1 - at) * layer->out;
        for (int i = 0; i < layer->out; i++) {
            sums[i] += leaf[i];
        }
    }
    for (int i = 0; i < layer->out; i++) {
        ink_short_store(&layer->to, i, sums[i], out, i);
    }
}
