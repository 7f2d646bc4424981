#include "ink_kernels.h"

void ink_resize(const ink_resize_layer *layer, const uint8_t *in, uint8_t *out) {
    for (int channel = 0; channel < layer->channels; channel++) {
        for (int y = 0; y < layer->out_h; y++) {
            const uint32_t down = layer->down[y];
            const uint8_t *const above = in + layer->row[y] * layer->in_w;
            const uint8_t *const below = down ? above + layer->in_w : above;
            for (int x = 0; x < layer->out_w; x++) {
                const uint32_t across = layer->across[x];
                const int left = layer->column[x], right = across ? left + 1 : left;
                const uint32_t upper = above[left] * (256 - across) + above[right] * across;
                const uint32_t lower = below[left] * (256 - across) + below[right] * across;
                *out++ = (uint8_t)((upper * (256 - down) + lower * down + 32768) >> 16);
            }
        }
        in += layer->in_h * layer->in_w;
    }
}
