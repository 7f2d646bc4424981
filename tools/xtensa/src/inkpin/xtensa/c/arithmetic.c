/* The compiler's support library: what gcc calls for operations that it has no instructions for.
 *
 * gcc believes in a core without division, so that 32-bit quotients are calls here and single
 * instructions in a build for the ESP32. On 64 bits gcc adds, compares and shifts by constants in
 * line; all else must be made of halves, or it would call the very function that defines it.
 */
#include <stdint.h>

uint32_t __udivsi3(uint32_t a, uint32_t b);
int32_t __divsi3(int32_t a, int32_t b);
uint32_t __umodsi3(uint32_t a, uint32_t b);
int32_t __modsi3(int32_t a, int32_t b);
uint32_t __bswapsi2(uint32_t a);
uint64_t __bswapdi2(uint64_t a);
int __popcountsi2(uint32_t a);
int __popcountdi2(uint64_t a);
uint64_t __ashldi3(uint64_t a, int shift);
uint64_t __lshrdi3(uint64_t a, int shift);
int64_t __ashrdi3(int64_t a, int shift);
uint64_t __umulsidi3(uint32_t a, uint32_t b);
uint64_t __muldi3(uint64_t a, uint64_t b);
uint64_t __udivdi3(uint64_t a, uint64_t b);
uint64_t __umoddi3(uint64_t a, uint64_t b);
int64_t __divdi3(int64_t a, int64_t b);
int64_t __moddi3(int64_t a, int64_t b);

static uint32_t low(uint64_t a) { return (uint32_t)a; }
static uint32_t high(uint64_t a) { return (uint32_t)(a >> 32); }
static uint64_t join(uint32_t upper, uint32_t lower) { return (uint64_t)upper << 32 | lower; }

uint32_t __udivsi3(uint32_t a, uint32_t b) {
    __asm__("quou %0, %0, %1" : "+r"(a) : "r"(b));
    return a;
}

int32_t __divsi3(int32_t a, int32_t b) {
    __asm__("quos %0, %0, %1" : "+r"(a) : "r"(b));
    return a;
}

uint32_t __umodsi3(uint32_t a, uint32_t b) {
    __asm__("remu %0, %0, %1" : "+r"(a) : "r"(b));
    return a;
}

int32_t __modsi3(int32_t a, int32_t b) {
    __asm__("rems %0, %0, %1" : "+r"(a) : "r"(b));
    return a;
}

uint32_t __bswapsi2(uint32_t a) {
    uint32_t pairs = (a >> 8 & 0x00FF00FFu) | (a & 0x00FF00FFu) << 8;
    __asm__("" : "+r"(pairs)); /* or gcc sees what this is, and calls what this is */
    return pairs >> 16 | pairs << 16;
}

uint64_t __bswapdi2(uint64_t a) { return join(__bswapsi2(low(a)), __bswapsi2(high(a))); }

int __popcountsi2(uint32_t a) {
    a -= a >> 1 & 0x55555555u;
    a = (a & 0x33333333u) + (a >> 2 & 0x33333333u);
    a = (a + (a >> 4)) & 0x0F0F0F0Fu;
    return (int)(a * 0x01010101u >> 24);
}

int __popcountdi2(uint64_t a) { return __popcountsi2(low(a)) + __popcountsi2(high(a)); }

uint64_t __ashldi3(uint64_t a, int shift) {
    if (shift >= 32) {
        return join(low(a) << (shift - 32), 0);
    }
    if (shift == 0) {
        return a;
    }
    return join(high(a) << shift | low(a) >> (32 - shift), low(a) << shift);
}

uint64_t __lshrdi3(uint64_t a, int shift) {
    if (shift >= 32) {
        return high(a) >> (shift - 32);
    }
    if (shift == 0) {
        return a;
    }
    return join(high(a) >> shift, low(a) >> shift | high(a) << (32 - shift));
}

int64_t __ashrdi3(int64_t a, int shift) {
    int32_t upper = (int32_t)high((uint64_t)a);
    uint32_t lower = low((uint64_t)a);
    if (shift >= 32) {
        return (int64_t)join((uint32_t)(upper >> 31), (uint32_t)(upper >> (shift - 32)));
    }
    if (shift == 0) {
        return a;
    }
    lower = lower >> shift | (uint32_t)upper << (32 - shift);
    return (int64_t)join((uint32_t)(upper >> shift), lower);
}

/* 32 x 32 to 64 bits, by halves again: there is no instruction for a product's upper word. */
uint64_t __umulsidi3(uint32_t a, uint32_t b) {
    const uint32_t a0 = a & 0xFFFF, a1 = a >> 16, b0 = b & 0xFFFF, b1 = b >> 16;
    const uint32_t lowest = a0 * b0;
    const uint32_t middle = a1 * b0 + (lowest >> 16); /* at most 2^32 - 2^16: no carry */
    const uint32_t other = a0 * b1 + (middle & 0xFFFF);
    return join(a1 * b1 + (middle >> 16) + (other >> 16), other << 16 | (lowest & 0xFFFF));
}

uint64_t __muldi3(uint64_t a, uint64_t b) {
    const uint64_t c = __umulsidi3(low(a), low(b));
    return join(high(c) + low(a) * high(b) + high(a) * low(b), low(c));
}

/* Long division bit by bit; one instruction each where both operands fit into a word. */
static uint64_t divide(uint64_t a, uint64_t b, uint64_t *remainder) {
    if (high(a) == 0 && high(b) == 0) {
        *remainder = low(a) % low(b);
        return low(a) / low(b);
    }
    uint64_t rest = 0;
    for (int bit = 0; bit < 64; bit++) {
        /* a gives its highest bit to the rest, which is at most a's upper 63 bits before, and takes
         * in one of the quotient. */
        rest = rest << 1 | high(a) >> 31;
        a <<= 1;
        if (rest >= b) {
            rest -= b;
            a |= 1;
        }
    }
    *remainder = rest;
    return a;
}

uint64_t __udivdi3(uint64_t a, uint64_t b) {
    uint64_t remainder;
    return divide(a, b, &remainder);
}

uint64_t __umoddi3(uint64_t a, uint64_t b) {
    uint64_t remainder;
    divide(a, b, &remainder);
    return remainder;
}

static uint64_t magnitude(int64_t a) { return a < 0 ? 0 - (uint64_t)a : (uint64_t)a; }

int64_t __divdi3(int64_t a, int64_t b) {
    const uint64_t quotient = __udivdi3(magnitude(a), magnitude(b));
    return (int64_t)((a < 0) != (b < 0) ? 0 - quotient : quotient);
}

int64_t __moddi3(int64_t a, int64_t b) {
    const uint64_t remainder = __umoddi3(magnitude(a), magnitude(b));
    return (int64_t)(a < 0 ? 0 - remainder : remainder);
}
