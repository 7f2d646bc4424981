/* Read a bitmap with a network: label, confidence, logits.
 *
 * `inkpin-model convert` writes the network, with labels and a confidence table: NAME.h declares
 * NAME_model, and NAME_MEMORY, the words that it works in. The Python class
 * inkpin.model.Recogniser gives the same numbers.
 */
#ifndef INK_PREDICT_H
#define INK_PREDICT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A network that reads bitmaps of 28 x 28. */
typedef struct {
    void (*run)(const uint32_t *rows, int32_t *logits, int32_t *arena);
    const char *const *labels; /* (classes) */
    const uint16_t *margins;   /* (levels), rising: from which margin on ... */
    const uint8_t *percents;   /* (levels): ... the confidence is this */
    const char *hash;          /* the SHA-256 of the ONNX file begins so */
    uint8_t classes, levels;
    uint8_t threshold; /* percent: what is read with less is refused */
} ink_model;

typedef struct {
    const char *label;     /* NULL where the reading is refused ("?") */
    const int32_t *logits; /* (classes); in the memory, until the next prediction */
    uint8_t best;          /* index of the largest logit, whether refused or not */
    uint8_t confidence;    /* percent */
} ink_prediction;

/* Reads a bitmap: bit c of rows[r] is the cell in row r, column c. `memory` has NAME_MEMORY words,
 * and holds nothing but the logits between two predictions. */
void ink_predict(const ink_model *model, int32_t *memory, const uint32_t rows[28],
                 ink_prediction *result);

/* The label of the next logit, or NULL where none but the largest is above that of nothing, 0.
 * To be asked before the next prediction. */
const char *ink_second(const ink_model *model, const ink_prediction *prediction);

#ifdef __cplusplus
}
#endif
#endif
