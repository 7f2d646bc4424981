/* Of a mathematics library, what generated C names; see floats.c. */
#ifndef BENCH_MATH_H
#define BENCH_MATH_H

#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)

float fmaxf(float a, float b);
float fminf(float a, float b);
float expf(float x);
float tanhf(float x);

#endif
