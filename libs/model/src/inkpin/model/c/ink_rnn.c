#include "ink_recurrent.h"

static void take(const ink_recurrent *layer, const ink_vector *in, int32_t *state) {
    const ink_vector hidden = ink_vector_of(state, layer->units);
    int32_t *next = state + layer->units;
    for (int i = 0; i < layer->units; i += INK_LANES) {
        const int lanes = ink_lanes(layer, i);
        int32_t sums[INK_LANES];
        ink_gate_sums(layer, in, &hidden, 1, i, lanes, sums);
        for (int j = 0; j < lanes; j++) {
            *next++ = ink_tanh(sums[j]);
        }
    }
}

void ink_rnn(const ink_recurrent *layer, const uint8_t *in, int32_t *state, uint8_t *out) {
    int32_t *const fed = state + 2 * layer->units;
    for (int taken = 0; taken < layer->steps; taken++) {
        const ink_vector input = ink_recurrent_feed(layer, in, taken, fed);
        take(layer, &input, state);
        ink_recurrent_store(layer, taken, state, out);
    }
}
