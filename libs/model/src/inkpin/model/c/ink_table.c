#include "ink_kernels.h"

void ink_table(const uint8_t table[256], const uint8_t *in, uint8_t *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = table[in[i]];
    }
}
