/* What a program gives that run.c measures. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>

extern unsigned char bench_input[], bench_output[];
extern const size_t bench_input_size, bench_output_size;

void bench_run(void);

#endif
