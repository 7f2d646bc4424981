#include "ink_kernels.h"

static void take(const ink_recurrent *layer, const uint8_t *in, int32_t *state) {
    for (int i = 0; i < layer->units; i++) {
        const int32_t sum =
            ink_share_of_input(layer, in, i) + ink_share_of_state(layer, state, 1, i);
        state[layer->units + i] = ink_tanh(sum);
    }
}

void ink_rnn(const ink_recurrent *layer, const uint8_t *in, int32_t *state, uint8_t *out) {
    for (int taken = 0; taken < layer->steps; taken++) {
        take(layer, ink_recurrent_step(layer, in, taken), state);
        ink_recurrent_store(layer, taken, state, out);
    }
}
