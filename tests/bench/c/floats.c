/* What float C takes of a mathematics library, for the emulated Xtensa core, whose compiler comes
 * without one: short, and good to a few units of the last place. */
#include "math.h"

/* What the compiler calls for a division. */
float __divsf3(float a, float b);

float __divsf3(float a, float b) {
    union {
        float number;
        unsigned bits;
    } inverse = {b};
    const unsigned sign = inverse.bits & 0x80000000u;
    inverse.bits = 0x7ef311c7u - (inverse.bits & 0x7fffffffu);
    const float size = sign ? -b : b;
    for (int i = 0; i < 3; i++) {
        inverse.number *= 2 - size * inverse.number;
    }
    return sign ? -a * inverse.number : a * inverse.number;
}

float fmaxf(float a, float b) { return a > b || b != b ? a : b; }

float fminf(float a, float b) { return a < b || b != b ? a : b; }

float expf(float x) {
    union {
        float number;
        unsigned bits;
    } power;
    if (x < -87 || x > 88) {
        return x < 0 ? 0 : INFINITY;
    }
    const float turns = x * 1.44269504f;
    const int whole = (int)(turns < 0 ? turns - 0.5f : turns + 0.5f);
    const float rest = (x - (float)whole * 0.693359375f) + (float)whole * 2.12194440e-4f;
    power.bits = (unsigned)(whole + 127) << 23;
    return power.number *
           (1 + rest * (1 + rest * (0.5f + rest * (0.16666667f +
                                                   rest * (0.041666667f +
                                                           rest * (8.3333333e-3f +
                                                                   rest * 1.3888889e-3f))))));
}

float tanhf(float x) {
    const float size = x < 0 ? -x : x;
    const float grown = expf(2 * size);
    const float answer = size > 9       ? 1
                         : size < 0.02f ? size - size * size * size / 3
                                        : 1 - 2 / (grown + 1);
    return x < 0 ? -answer : answer;
}
