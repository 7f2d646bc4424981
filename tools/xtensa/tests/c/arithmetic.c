/* Reads records of two 64-bit operands and a shift; writes the results of every operation that is a
 * call on Xtensa.
 */
#include <stdint.h>

#include "ink_xtensa.h"

typedef struct {
    uint64_t a, b, shift;
} operands;

static void put(uint64_t value) { ink_write(&value, sizeof value); }

static void unsigned_operations(uint64_t a, uint64_t b, int shift) {
    put(a * b);
    put(a / b);
    put(a % b);
    put(a << shift);
    put(a >> shift);
    put(__builtin_bswap64(a));
    put((uint64_t)__builtin_popcountll(a));
    put((uint64_t)__builtin_clzll(b));
}

static void signed_operations(int64_t a, int64_t b, int shift) {
    put((uint64_t)(a >> shift));
    if (a == INT64_MIN && b == -1) {
        return;
    }
    put((uint64_t)(a / b));
    put((uint64_t)(a % b));
}

static void words(uint32_t a, uint32_t b) {
    put((uint64_t)a * b);
    put((uint64_t)((int64_t)(int32_t)a * (int32_t)b));
    put(__builtin_bswap32(a));
    put((uint64_t)__builtin_popcount(a));
    if (b == 0) {
        return;
    }
    put(a / b);
    put(a % b);
    if (a == 0x80000000u && b == 0xFFFFFFFFu) {
        return;
    }
    put((uint64_t)((int32_t)a / (int32_t)b));
    put((uint64_t)((int32_t)a % (int32_t)b));
}

int main(void) {
    operands in;
    while (ink_read(&in, sizeof in) == sizeof in) {
        unsigned_operations(in.a, in.b, (int)in.shift);
        signed_operations((int64_t)in.a, (int64_t)in.b, (int)in.shift);
        words((uint32_t)in.a, (uint32_t)in.b);
        words((uint32_t)(in.a >> 32), (uint32_t)(in.b >> 32));
    }
    return 0;
}
