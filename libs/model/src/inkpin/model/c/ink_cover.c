#include "ink_cover.h"

/* A file of its own: woven into the loops over places, these would lack registers. */

int32_t ink_cover_products(const ink_cover *over) {
    const uint8_t *map = over->cells;
    const int32_t *filter = over->weights;
    const int step = over->step;
    int32_t sum = 0;
    for (int c = over->channels; c > 0; c--, map += over->plane, filter += over->area) {
        const uint8_t *row = map;
        const int32_t *weights = filter;
        for (int i = over->height; i > 0; i--, row += over->line, weights += over->weights_line) {
            const uint8_t *cell = row;
            const int32_t *end = weights + over->width;
            for (const int32_t *weight = weights; weight < end; cell += step) {
                sum += *cell * *weight++;
            }
        }
    }
    return sum;
}

int32_t ink_cover_weights(const ink_cover *over) {
    const int32_t *filter = over->weights;
    int32_t sum = 0;
    for (int c = over->channels; c > 0; c--, filter += over->area) {
        const int32_t *weights = filter;
        for (int i = over->height; i > 0; i--, weights += over->weights_line) {
            for (int j = 0; j < over->width; j++) {
                sum += weights[j];
            }
        }
    }
    return sum;
}
