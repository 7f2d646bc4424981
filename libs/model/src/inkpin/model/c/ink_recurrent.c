#include "ink_recurrent.h"

#include "ink_words.h"

enum { STEP = 8, LAST = 12 << 12 }; /* bits between two entries; the last one's place */

/* round(2^15 / (1 + e^(-i / 16))); between two entries a straight line is wrong by 2 at most. */
static const uint16_t SIGMOID[] = {
    16384, 16896, 17407, 17916, 18421, 18923, 19420, 19912, 20397, 20874, 21344, 21804, 22255,
    22696, 23127, 23547, 23955, 24352, 24737, 25110, 25471, 25819, 26155, 26479, 26790, 27090,
    27377, 27653, 27917, 28169, 28411, 28642, 28862, 29072, 29272, 29462, 29644, 29816, 29979,
    30135, 30282, 30422, 30555, 30680, 30799, 30912, 31018, 31119, 31214, 31304, 31389, 31469,
    31545, 31616, 31684, 31747, 31807, 31864, 31917, 31968, 32015, 32060, 32102, 32141, 32179,
    32214, 32247, 32278, 32307, 32335, 32361, 32385, 32408, 32430, 32450, 32469, 32487, 32504,
    32520, 32535, 32549, 32562, 32574, 32586, 32597, 32607, 32617, 32626, 32635, 32643, 32650,
    32657, 32664, 32670, 32676, 32682, 32687, 32692, 32696, 32701, 32705, 32709, 32712, 32716,
    32719, 32722, 32725, 32727, 32730, 32732, 32734, 32736, 32738, 32740, 32742, 32743, 32745,
    32746, 32747, 32749, 32750, 32751, 32752, 32753, 32754, 32755, 32756, 32756, 32757, 32758,
    32758, 32759, 32759, 32760, 32760, 32761, 32761, 32762, 32762, 32762, 32763, 32763, 32763,
    32764, 32764, 32764, 32764, 32765, 32765, 32765, 32765, 32765, 32766, 32766, 32766, 32766,
    32766, 32766, 32766, 32766, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767,
    32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32768, 32768, 32768, 32768,
    32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768};

int32_t ink_sigmoid(int32_t sum) {
    const int32_t size = sum < 0 ? -sum : sum;
    int32_t share = 1 << 15;
    if (size < LAST) {
        const uint16_t *const entry = &SIGMOID[size >> STEP];
        const int32_t rest = size & ((1 << STEP) - 1);
        share = entry[0] + (((entry[1] - entry[0]) * rest + (1 << (STEP - 1))) >> STEP);
    }
    return sum < 0 ? (1 << 15) - share : share;
}

int32_t ink_tanh(int32_t sum) { return 2 * ink_sigmoid(2 * sum) - (1 << 15); }

ink_vector ink_vector_of(const int32_t *words, int count) {
    ink_vector made = {words, words + count, 0};
    while (words < made.end) {
        made.start -= 128u * (uint32_t)*words++;
    }
    return made;
}

static uint32_t one_row(const ink_vector *in, const uint8_t *weights) {
    uint32_t sum = in->start;
    for (const int32_t *x = in->words; x < in->end;) {
        sum += (uint32_t)*x++ * *weights++;
    }
    return sum;
}

/* A number is read once for four rows, and a loop's end costs once for four numbers. */
static void four_rows(const ink_vector *in, const uint8_t *weights, int32_t *sums) {
    const int32_t *at = in->words;
    const int32_t *const end = in->end, *const last = end - 3;
    uint32_t a = in->start, b = a, c = a, d = a;
    for (; at < last; at += 4, weights += 16) {
        uint32_t x = (uint32_t)at[0];
        a += x * weights[0];
        b += x * weights[1];
        c += x * weights[2];
        d += x * weights[3];
        x = (uint32_t)at[1];
        a += x * weights[4];
        b += x * weights[5];
        c += x * weights[6];
        d += x * weights[7];
        x = (uint32_t)at[2];
        a += x * weights[8];
        b += x * weights[9];
        c += x * weights[10];
        d += x * weights[11];
        x = (uint32_t)at[3];
        a += x * weights[12];
        b += x * weights[13];
        c += x * weights[14];
        d += x * weights[15];
    }
    for (; at < end; weights += 4) {
        const uint32_t x = (uint32_t)*at++;
        a += x * weights[0];
        b += x * weights[1];
        c += x * weights[2];
        d += x * weights[3];
    }
    sums[0] = (int32_t)a;
    sums[1] = (int32_t)b;
    sums[2] = (int32_t)c;
    sums[3] = (int32_t)d;
}

static int32_t rescaled(int32_t sum, uint16_t multiplier, int shift) {
    return shift < INK_FEWEST_BY_16 ? ink_rescaled(sum, multiplier, shift)
                                    : ink_rescaled_by_16(sum, multiplier, shift);
}

/* Makes `out` of `to` and the sums of some rows, rescaled. */
static void add(const ink_vector *in, const uint8_t *weights, const uint16_t *multiplier, int shift,
                int rows, const int32_t *to, int32_t *out) {
    int32_t sums[INK_LANES];
    if (rows == INK_LANES) {
        four_rows(in, weights, sums);
    } else {
        for (int i = 0; i < rows; i++) {
            sums[i] = (int32_t)one_row(in, weights + i * (in->end - in->words));
        }
    }
    for (int i = 0; i < rows; i++) {
        out[i] = to[i] + rescaled(sums[i], multiplier[i], shift);
    }
}

void ink_share_of_input(const ink_recurrent *layer, const ink_vector *in, int row, int rows,
                        int32_t *out) {
    add(in, layer->weights + row * layer->in, layer->multiplier + row, layer->shift, rows,
        layer->bias + row, out);
}

void ink_add_state(const ink_recurrent *layer, const ink_vector *state, int gates, int row,
                   int rows, const int32_t *to, int32_t *out) {
    const int units = layer->units;
    add(state, layer->state_weights + row * units, layer->multiplier + gates * units + row,
        layer->state_shift, rows, to, out);
}

void ink_gate_sums(const ink_recurrent *layer, const ink_vector *in, const ink_vector *state,
                   int gates, int row, int rows, int32_t *out) {
    ink_share_of_input(layer, in, row, rows, out);
    ink_add_state(layer, state, gates, row, rows, out, out);
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

ink_vector ink_recurrent_feed(const ink_recurrent *layer, const uint8_t *in, int taken,
                              int32_t *fed) {
    in += step_of(layer, taken) * layer->in;
    for (int i = 0; i < layer->in; i++) {
        fed[i] = in[i] - layer->in_zero;
    }
    return ink_vector_of(fed, layer->in);
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
