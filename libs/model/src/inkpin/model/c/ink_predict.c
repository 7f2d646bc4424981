#include "ink_predict.h"

#include <stddef.h>

void ink_predict(ink_predictor *predictor, const uint32_t rows[28], ink_prediction *result) {
    /* Of words or of bytes, as the network demands. */
    digits_run(rows, result->logits, (void *)predictor->arena);
    int best = 0;
    for (int i = 1; i < DIGITS_CLASSES; i++) {
        best = result->logits[i] > result->logits[best] ? i : best;
    }
    int32_t second = 0; /* the logit of nothing: what is no drawing of a label ends below it */
    for (int i = 0; i < DIGITS_CLASSES; i++) {
        second = i != best && result->logits[i] > second ? result->logits[i] : second;
    }
    const int32_t margin = result->logits[best] - second;
    int entry = DIGITS_MARGINS - 1;
    while (entry > 0 && digits_margins[entry] > margin) {
        entry--;
    }
    result->best = (uint8_t)best;
    result->confidence = digits_percents[entry];
    result->label = result->confidence >= DIGITS_THRESHOLD ? digits_labels[best] : NULL;
}
