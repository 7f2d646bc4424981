/* Runs a network once, on bytes from standard input; writes how deep its stack grew, and its
 * output. */
#include <stdint.h>
#include <stdlib.h>

#include "bench.h"
#include "ink_xtensa.h"

enum { UNTOUCHED = 0xa5, OWN = 512 }; /* bytes of stack for what main does itself */

extern uint8_t ink_stack_low[];

int main(void) {
    uint8_t here = 0;
    uint8_t *const end = &here - OWN;
    uint32_t depth;
    ink_read(bench_input, bench_input_size);
    for (volatile uint8_t *at = ink_stack_low; at < end; at++) {
        *at = UNTOUCHED;
    }
    bench_run();
    const volatile uint8_t *low = ink_stack_low;
    while (low < end && *low == UNTOUCHED) {
        low++;
    }
    depth = (uint32_t)((uintptr_t)&here - (uintptr_t)low);
    ink_write(&depth, sizeof depth);
    ink_write(bench_output, bench_output_size);
    return 0;
}
