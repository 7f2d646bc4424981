#include "ink_kernels.h"

#define LARGEST (1 << 26)

static void take(const ink_recurrent *layer, const uint8_t *in, int32_t *state) {
    const int units = layer->units;
    int32_t *next = state + units, *cells = state + 2 * units;
    for (int i = 0; i < units; i++) {
        int32_t sums[4];
        for (int gate = 0; gate < 4; gate++) {
            const int row = gate * units + i;
            sums[gate] =
                ink_share_of_input(layer, in, row) + ink_share_of_state(layer, state, 4, row);
        }
        const int32_t fresh = ink_rescaled(ink_tanh(sums[3]), ink_sigmoid(sums[0]), 15);
        const int32_t cell = ink_rescaled(cells[i], ink_sigmoid(sums[2]), 15) + fresh;
        cells[i] = cell > LARGEST ? LARGEST : cell < -LARGEST ? -LARGEST : cell;
        const int32_t seen = ink_tanh(ink_rescaled(cells[i], 1, 3));
        next[i] = ink_rescaled(seen, ink_sigmoid(sums[1]), 15);
    }
}

void ink_lstm(const ink_recurrent *layer, const uint8_t *in, int32_t *state, uint8_t *out) {
    for (int taken = 0; taken < layer->steps; taken++) {
        take(layer, ink_recurrent_step(layer, in, taken), state);
        ink_recurrent_store(layer, taken, state, out);
    }
}
