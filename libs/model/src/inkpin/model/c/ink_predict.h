/* Read a bitmap with the shipped network: label, confidence, logits.
 *
 * The Python class inkpin.model.Recogniser gives the same numbers.
 */
#ifndef INK_PREDICT_H
#define INK_PREDICT_H

#include <stdint.h>

#include "digits.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Working memory of one prediction; holds nothing between two. */
typedef struct {
    int32_t arena[(DIGITS_ARENA + 3) / 4];
} ink_predictor;

typedef struct {
    const char *label;  /* NULL where the reading is refused ("?") */
    uint8_t best;       /* index of the largest logit, whether refused or not */
    uint8_t confidence; /* percent */
    int32_t logits[DIGITS_CLASSES];
} ink_prediction;

/* Reads a bitmap: bit c of rows[r] is the cell in row r, column c. */
void ink_predict(ink_predictor *predictor, const uint32_t rows[28], ink_prediction *result);

#ifdef __cplusplus
}
#endif
#endif
