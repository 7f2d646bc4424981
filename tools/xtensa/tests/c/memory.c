/* Each memory function at every alignment and length up to 20; writes what it left. */
#include <stdint.h>
#include <string.h>

#include "ink_xtensa.h"

enum { SPAN = 28 };

static void fresh(uint8_t bytes[SPAN]) {
    for (int i = 0; i < SPAN; i++) {
        bytes[i] = (uint8_t)(i * 37 + 11);
    }
}

static void trial(size_t to, size_t from, size_t size) {
    uint8_t bytes[SPAN], other[SPAN];
    fresh(bytes);
    fresh(other);
    memset(bytes + to, (int)(from + 0x180), size);
    ink_write(bytes, sizeof bytes);
    memcpy(bytes + to, other + from, size);
    ink_write(bytes, sizeof bytes);
    memmove(bytes + to, bytes + from, size);
    ink_write(bytes, sizeof bytes);
    const int order = memcmp(bytes + to, other + from, size);
    const int8_t sign = (int8_t)((order > 0) - (order < 0));
    ink_write(&sign, sizeof sign);
}

int main(void) {
    for (size_t to = 0; to < 8; to++) {
        for (size_t from = 0; from < 8; from++) {
            for (size_t size = 0; size <= 20; size++) {
                trial(to, from, size);
            }
        }
    }
    return 0;
}
