/* What recurrent layers share; for the kernels only.
 *
 * The weights are stored as bytes from 0 to 255, those of four rows interleaved as ink_products.h
 * says, for each gate.
 */
#ifndef INK_RECURRENT_H
#define INK_RECURRENT_H

#include "ink_kernels.h"
#include "ink_products.h"

/* Numbers to be multiplied with rows, and what every sum begins at: their sum takes off what the
 * weights are stored larger by. Sums are counted modulo 2^32, which they fit in the end. */
typedef struct {
    const int32_t *words, *end;
    uint32_t start;
} ink_vector;

ink_vector ink_vector_of(const int32_t *words, int count);

/* Takes the zero off the input of a step. */
ink_vector ink_recurrent_feed(const ink_recurrent *layer, const uint8_t *in, int taken,
                              int32_t *fed);

/* Makes a step's next state, behind the state, the state, and stores it. */
void ink_recurrent_store(const ink_recurrent *layer, int taken, int32_t *state, uint8_t *out);

/* What the input adds to `rows` rows, INK_LANES or fewer, with their bias; `to` and what the state
 * adds, in a layer of so many gates; both. */
void ink_share_of_input(const ink_recurrent *layer, const ink_vector *in, int row, int rows,
                        int32_t *out);
void ink_add_state(const ink_recurrent *layer, const ink_vector *state, int gates, int row,
                   int rows, const int32_t *to, int32_t *out);
void ink_gate_sums(const ink_recurrent *layer, const ink_vector *in, const ink_vector *state,
                   int gates, int row, int rows, int32_t *out);

/* How many rows there are from the i-th of a gate on, INK_LANES at most. */
static inline int ink_lanes(const ink_recurrent *layer, int i) {
    const int left = layer->units - i;
    return left < INK_LANES ? left : INK_LANES;
}

/* What gates are, in 2^-15 of sums in 2^-12. */
int32_t ink_sigmoid(int32_t sum);
int32_t ink_tanh(int32_t sum);

#endif
