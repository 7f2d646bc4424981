/* A loop of known length: spin takes 2n + 2 instructions, entry and return included. */
#include <stdint.h>

#include "ink_xtensa.h"

static __attribute__((noinline)) void spin(uint32_t n) {
    __asm__ volatile("1: addi %0, %0, -1\n\tbnez %0, 1b" : "+r"(n));
}

int main(void) {
    uint32_t n = 1;
    ink_read(&n, sizeof n);
    spin(n);
    return 0;
}
