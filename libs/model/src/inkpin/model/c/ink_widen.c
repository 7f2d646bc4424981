#include "ink_kernels.h"

void ink_widen(uint8_t zero, const uint8_t *in, int32_t *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = in[i] - zero;
    }
}
