#include "ink_kernels.h"

void ink_argmax(const int32_t *in, int32_t *out, int outer, int count, int inner, int last) {
    for (int o = 0; o < outer; o++, in += count * inner) {
        for (int i = 0; i < inner; i++) {
            int best = 0;
            for (int k = 1; k < count; k++) {
                const int32_t rival = in[k * inner + i], champion = in[best * inner + i];
                best = rival > champion || (last && rival == champion) ? k : best;
            }
            *out++ = best;
        }
    }
}
