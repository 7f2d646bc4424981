#include "ink_kernels.h"

void ink_short_widen(const ink_short *in, int32_t *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = in[i];
    }
}
