#include "ink_kernels.h"

void ink_fill(uint8_t value, uint8_t *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = value;
    }
}
