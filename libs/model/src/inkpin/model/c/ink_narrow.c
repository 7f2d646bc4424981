#include "ink_kernels.h"

void ink_narrow(const ink_rescale *to, const int32_t *in, uint8_t *out, int count) {
    for (int i = 0; i < count; i++) {
        ink_rescale_store(to, 0, in[i], out, i);
    }
}
