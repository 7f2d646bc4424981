/* Made by `inkpin-model convert` from a model with SHA-256
 * ffabcda642a5037aeee91536052e88b4d6606fed19ba035f7aca8d9d962d9a59. Do not edit. */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DIGITS_CLASSES = 10, DIGITS_ARENA = 2024 };

/* Bit c of input[r] is the cell in row r, column c, of 28 x 28.
 * A logit is worth 1. */
void digits_run(const uint32_t input[28], int32_t logits[DIGITS_CLASSES],
                uint8_t arena[DIGITS_ARENA]);

extern const char *const digits_labels[DIGITS_CLASSES];

/* Confidence in percent by the margin between the two largest logits: entry i
 * counts from digits_margins[i] on. Below the threshold a reading is refused. */
enum { DIGITS_MARGINS = 12, DIGITS_THRESHOLD = 55 };
extern const uint16_t digits_margins[DIGITS_MARGINS];
extern const uint8_t digits_percents[DIGITS_MARGINS];

#ifdef __cplusplus
}
#endif
#endif
