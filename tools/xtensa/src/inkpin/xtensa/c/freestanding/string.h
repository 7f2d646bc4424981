/* What gcc demands of a freestanding program, and two functions that programs call; memory.c. */
#ifndef INK_STRING_H
#define INK_STRING_H

#include <stddef.h>

int memcmp(const void *left, const void *right, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int strcmp(const char *left, const char *right);
size_t strlen(const char *text);

#endif
