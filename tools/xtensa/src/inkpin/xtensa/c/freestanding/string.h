/* The part of the C library that gcc demands of a freestanding program; see memory.c. */
#ifndef INK_STRING_H
#define INK_STRING_H

#include <stddef.h>

int memcmp(const void *left, const void *right, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

#endif
