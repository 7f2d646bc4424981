#include "ink_kernels.h"

int32_t ink_sigmoid(int32_t sum) {
    const int32_t size = sum < 0 ? -sum : sum;
    const int32_t distance = ink_rescaled(size < 1 << 17 ? size : 1 << 17, 23637, 14);
    const uint32_t whole = (1u << 15) + ink_power(distance);
    const int32_t share = (int32_t)(((1u << 30) + whole / 2) / whole);
    return sum < 0 ? (1 << 15) - share : share;
}

int32_t ink_tanh(int32_t sum) { return 2 * ink_sigmoid(2 * sum) - (1 << 15); }

int32_t ink_share_of_input(const ink_recurrent *layer, const uint8_t *in, int row) {
    const int8_t *weights = layer->weights + row * layer->in;
    int32_t sum = 0;
    for (const uint8_t *end = in + layer->in; in < end;) {
        sum += (*in++ - layer->in_zero) * *weights++;
    }
    return ink_rescaled(sum, layer->multiplier[row], layer->shift) + layer->bias[row];
}

int32_t ink_share_of_state(const ink_recurrent *layer, const int32_t *state, int gates, int row) {
    const int8_t *weights = layer->state_weights + row * layer->units;
    int32_t sum = 0;
    for (const int32_t *end = state + layer->units; state < end;) {
        sum += *state++ * *weights++;
    }
    const int place = gates * layer->units + row;
    return ink_rescaled(sum, layer->multiplier[place], layer->state_shift);
}

void ink_recurrent_reset(int32_t *state, int count) {
    for (int i = 0; i < count; i++) {
        state[i] = 0;
    }
}

void ink_recurrent_start(uint8_t zero, int32_t multiplier, int shift, const uint8_t *in,
                         int32_t *state, int count) {
    for (int i = 0; i < count; i++) {
        state[i] = ink_rescaled(in[i] - zero, multiplier, shift);
    }
}

static int step_of(const ink_recurrent *layer, int taken) {
    return layer->reverse ? layer->steps - 1 - taken : taken;
}

const uint8_t *ink_recurrent_step(const ink_recurrent *layer, const uint8_t *in, int taken) {
    return in + step_of(layer, taken) * layer->in;
}

void ink_recurrent_store(const ink_recurrent *layer, int taken, int32_t *state, uint8_t *out) {
    const int units = layer->units;
    out += step_of(layer, taken) * layer->out_step;
    for (int i = 0; i < units; i++) {
        state[i] = state[units + i];
        const int32_t byte =
            ink_rescaled(state[layer->shown + i], layer->to_multiplier, layer->to_shift) +
            layer->zero;
        out[i] = (uint8_t)(byte < 0 ? 0 : byte > 255 ? 255 : byte);
    }
}
