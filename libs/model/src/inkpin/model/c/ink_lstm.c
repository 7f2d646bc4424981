#include "ink_recurrent.h"

#define LARGEST (1 << 26)

static void take(const ink_recurrent *layer, const ink_vector *in, int32_t *state) {
    const int units = layer->units;
    const ink_vector hidden = ink_vector_of(state, layer->units);
    int32_t *next = state + units, *cells = state + 2 * units;
    for (int i = 0; i < units; i += INK_LANES) {
        const int lanes = ink_lanes(layer, i);
        int32_t sums[4][INK_LANES];
        for (int gate = 0; gate < 4; gate++) {
            ink_gate_sums(layer, in, &hidden, 4, gate * units + i, lanes, sums[gate]);
        }
        for (int j = 0; j < lanes; j++, cells++) {
            const int32_t fresh = ink_rescaled(ink_tanh(sums[3][j]), ink_sigmoid(sums[0][j]), 15);
            const int32_t cell = ink_rescaled(*cells, ink_sigmoid(sums[2][j]), 15) + fresh;
            *cells = cell > LARGEST ? LARGEST : cell < -LARGEST ? -LARGEST : cell;
            const int32_t seen = ink_tanh(ink_rescaled(*cells, 1, 3));
            *next++ = ink_rescaled(seen, ink_sigmoid(sums[1][j]), 15);
        }
    }
}

void ink_lstm(const ink_recurrent *layer, const uint8_t *in, int32_t *state, uint8_t *out) {
    int32_t *const fed = state + 3 * layer->units;
    for (int taken = 0; taken < layer->steps; taken++) {
        const ink_vector input = ink_recurrent_feed(layer, in, taken, fed);
        take(layer, &input, state);
        ink_recurrent_store(layer, taken, state, out);
    }
}
