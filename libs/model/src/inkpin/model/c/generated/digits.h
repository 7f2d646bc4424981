/* Made by `inkpin-model convert` from a model with SHA-256
 * d9c03fa453a88fea5cf9919e7862c3fb94fd2f2ddd9b2d9dd243b7f7ff2118be. Do not edit. */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>

#include "ink_predict.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DIGITS_MODEL "d9c03fa4" /* the SHA-256 begins so */

enum { DIGITS_CLASSES = 10, DIGITS_ARENA = 1564 };

/* Bit c of input[r] is the cell in row r, column c, of 28 x 28.
 * A logit is worth 1. */
void digits_run(const uint32_t input[28], int32_t logits[DIGITS_CLASSES],
                int32_t arena[DIGITS_ARENA / 4]);

extern const char *const digits_labels[DIGITS_CLASSES];

/* Confidence in percent by the margin between the two largest logits, with
 * 0 as one more of them, for nothing that has a label: entry i
 * counts from digits_margins[i] on. Below the threshold a reading is refused. */
enum { DIGITS_MARGINS = 9, DIGITS_THRESHOLD = 55 };
extern const uint16_t digits_margins[DIGITS_MARGINS];
extern const uint8_t digits_percents[DIGITS_MARGINS];

/* For ink_predict, and the words that it works in. */
extern const ink_model digits_model;
enum { DIGITS_MEMORY = 401 };

#ifdef __cplusplus
}
#endif
#endif
