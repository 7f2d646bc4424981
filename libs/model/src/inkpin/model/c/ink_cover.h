/* What a placing of a filter covers of its maps; for the kernels only. */
#ifndef INK_COVER_H
#define INK_COVER_H

#include <stdint.h>

typedef struct {
    const uint8_t *cells;   /* the first one covered */
    const int32_t *weights; /* its weight */
    int channels, height;   /* covered, in rows */
    int width;              /* of a row */
    int plane, line, step;  /* between channels, rows and cells */
    int area, weights_line; /* between the weights of channels and of rows */
} ink_cover;

/* Returns the sum of the cells times their weights. */
int32_t ink_cover_products(const ink_cover *over);

/* Returns the sum of the weights. */
int32_t ink_cover_weights(const ink_cover *over);

#endif
