#include "ink_recurrent.h"

/* Makes the state of each unit times its reset gate, for the product with it. */
static ink_vector reset_all(const ink_recurrent *layer, const ink_vector *in,
                            const ink_vector *state, int32_t *reset) {
    const int units = layer->units;
    for (int i = 0; i < units; i += INK_LANES) {
        const int lanes = ink_lanes(layer, i);
        int32_t sums[INK_LANES];
        ink_gate_sums(layer, in, state, 3, units + i, lanes, sums);
        for (int j = 0; j < lanes; j++) {
            reset[i + j] = ink_rescaled(state->words[i + j], ink_sigmoid(sums[j]), 15);
        }
    }
    return ink_vector_of(reset, units);
}

/* Adds what the state adds to the fresh values of some units, reset before the product or behind
 * it. */
static void add_state(const ink_recurrent *layer, const ink_vector *in, const ink_vector *state,
                      int i, int lanes, int32_t *fresh) {
    const int units = layer->units, row = 2 * units + i;
    if (!layer->reset_after) {
        ink_add_state(layer, state, 3, row, lanes, fresh, fresh);
        return;
    }
    int32_t product[INK_LANES], sums[INK_LANES];
    ink_add_state(layer, state, 3, row, lanes, layer->bias + 3 * units + i, product);
    ink_gate_sums(layer, in, state, 3, units + i, lanes, sums);
    for (int j = 0; j < lanes; j++) {
        fresh[j] += ink_rescaled(product[j], ink_sigmoid(sums[j]), 15);
    }
}

static void take(const ink_recurrent *layer, const ink_vector *in, int32_t *state) {
    const int units = layer->units;
    const ink_vector hidden = ink_vector_of(state, units);
    const ink_vector product =
        layer->reset_after ? hidden : reset_all(layer, in, &hidden, state + 2 * units);
    int32_t *const next = state + units;
    for (int i = 0; i < units; i += INK_LANES) {
        const int lanes = ink_lanes(layer, i);
        int32_t fresh[INK_LANES], update[INK_LANES];
        ink_share_of_input(layer, in, 2 * units + i, lanes, fresh);
        add_state(layer, in, &product, i, lanes, fresh);
        ink_gate_sums(layer, in, &hidden, 3, i, lanes, update);
        for (int j = 0; j < lanes; j++) {
            const int32_t made = ink_tanh(fresh[j]);
            next[i + j] = made + ink_rescaled(state[i + j] - made, ink_sigmoid(update[j]), 15);
        }
    }
}

void ink_gru(const ink_recurrent *layer, const uint8_t *in, int32_t *state, uint8_t *out) {
    int32_t *const fed = state + (layer->reset_after ? 2 : 3) * layer->units;
    for (int taken = 0; taken < layer->steps; taken++) {
        const ink_vector input = ink_recurrent_feed(layer, in, taken, fed);
        take(layer, &input, state);
        ink_recurrent_store(layer, taken, state, out);
    }
}
