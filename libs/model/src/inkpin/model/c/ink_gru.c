#include "ink_kernels.h"

static int32_t gate(const ink_recurrent *layer, const uint8_t *in, const int32_t *state, int row) {
    return ink_sigmoid(ink_share_of_input(layer, in, row) +
                       ink_share_of_state(layer, state, 3, row));
}

static void take(const ink_recurrent *layer, const uint8_t *in, int32_t *state) {
    const int units = layer->units;
    int32_t *next = state + units, *reset = state + 2 * units;
    if (!layer->reset_after) {
        for (int i = 0; i < units; i++) {
            reset[i] = ink_rescaled(state[i], gate(layer, in, state, units + i), 15);
        }
    }
    for (int i = 0; i < units; i++) {
        const int row = 2 * units + i;
        int32_t product;
        if (layer->reset_after) {
            product = ink_share_of_state(layer, state, 3, row) + layer->bias[3 * units + i];
            product = ink_rescaled(product, gate(layer, in, state, units + i), 15);
        } else {
            product = ink_share_of_state(layer, reset, 3, row);
        }
        const int32_t fresh = ink_tanh(ink_share_of_input(layer, in, row) + product);
        next[i] = fresh + ink_rescaled(state[i] - fresh, gate(layer, in, state, i), 15);
    }
}

void ink_gru(const ink_recurrent *layer, const uint8_t *in, int32_t *state, uint8_t *out) {
    for (int taken = 0; taken < layer->steps; taken++) {
        take(layer, ink_recurrent_step(layer, in, taken), state);
        ink_recurrent_store(layer, taken, state, out);
    }
}
