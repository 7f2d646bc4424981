#include "ink_kernels.h"

/* Four at a time, so that a loop's end costs once for them. */
void ink_table(const uint8_t table[256], const uint8_t *in, uint8_t *out, int count) {
    const uint8_t *const end = in + count;
    for (const uint8_t *const first = in + (count & 3); in != first;) {
        *out++ = table[*in++];
    }
    for (; in != end; in += 4, out += 4) {
        out[0] = table[in[0]];
        out[1] = table[in[1]];
        out[2] = table[in[2]];
        out[3] = table[in[3]];
    }
}
