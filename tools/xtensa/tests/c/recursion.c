/* Calls itself as deep as the byte on standard input says, 64 bytes a time, and writes a sum to
 * which each level adds on the way back.
 */
#include <stdint.h>

#include "ink_xtensa.h"

static uint32_t deeper(uint8_t depth) {
    volatile uint32_t kept[8];
    kept[depth % 8] = depth;
    return depth == 0 ? 0 : deeper((uint8_t)(depth - 1)) * 3 + kept[depth % 8];
}

int main(void) {
    uint8_t depth = 0;
    ink_read(&depth, 1);
    const uint32_t sum = deeper(depth);
    ink_write(&sum, sizeof sum);
    return 0;
}
