#include "ink_predict.h"

#include <stddef.h>

void ink_predict(const ink_model *model, int32_t *memory, const uint32_t rows[28],
                 ink_prediction *result) {
    const int32_t *logits = memory;
    model->run(rows, memory, memory + model->classes);
    int best = 0;
    int32_t second = 0; /* the logit of nothing: what is no drawing of a label ends below it */
    for (int i = 1; i < model->classes; i++) {
        int32_t lower = logits[i];
        if (lower > logits[best]) {
            lower = logits[best];
            best = i;
        }
        second = lower > second ? lower : second;
    }
    const int32_t margin = logits[best] - second;
    int level = model->levels - 1;
    while (level > 0 && model->margins[level] > margin) {
        level--;
    }
    result->logits = logits;
    result->best = (uint8_t)best;
    result->confidence = model->percents[level];
    result->label = result->confidence >= model->threshold ? model->labels[best] : NULL;
}

const char *ink_second(const ink_model *model, const ink_prediction *prediction) {
    int second = prediction->best;
    int32_t largest = 0;
    for (int i = 0; i < model->classes; i++) {
        if (i != prediction->best && prediction->logits[i] > largest) {
            largest = prediction->logits[i];
            second = i;
        }
    }
    return second == prediction->best ? NULL : model->labels[second];
}
