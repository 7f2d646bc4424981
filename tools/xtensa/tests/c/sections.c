/* 400 bytes of constants, 40 of initialised data, at least 4000 of zeros; BIG adds more zeros. */
#include <stdint.h>

#include "ink_xtensa.h"

#ifndef BIG
#define BIG 0
#endif

static const uint8_t constants[400] = {[399] = 1};
static uint8_t initialised[40] = {[39] = 2};
static uint8_t zeros[4000 + BIG];
uint8_t unused[1000000] = {1};

int main(void) {
    const size_t count = ink_read(zeros, 1);
    initialised[0] = zeros[0];
    const uint8_t out[4] = {constants[399 + count], initialised[39 + count], initialised[0],
                            zeros[sizeof zeros - 1]};
    ink_write(out, sizeof out);
    return 0;
}
