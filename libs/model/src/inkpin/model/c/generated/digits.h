/* Made by `inkpin-model convert` from a model with SHA-256
 * 2f12b000ff8375f40972ad76a3f6ea32f343248c01b983d54a70ead44f36ab9d. Do not edit. */

#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DIGITS_CLASSES = 10, DIGITS_ARENA = 1924 };

/* Bit c of input[r] is the cell in row r, column c, of 28 x 28.
 * A logit is worth 1. */
void digits_run(const uint32_t input[28], int32_t logits[DIGITS_CLASSES], uint8_t arena[DIGITS_ARENA]);

extern const char *const digits_labels[DIGITS_CLASSES];

/* Confidence in percent by the margin between the two largest logits: entry i
 * counts from digits_margins[i] on. Below the threshold a reading is refused. */
enum { DIGITS_MARGINS = 13, DIGITS_THRESHOLD = 35 };
extern const uint16_t digits_margins[DIGITS_MARGINS];
extern const uint8_t digits_percents[DIGITS_MARGINS];

#ifdef __cplusplus
}
#endif
#endif
