/* All that a program on the emulated core has of an operating system: bytes in, bytes out, an end.
 *
 * The program is an ordinary one with `int main(void)`; what main returns is its exit status.
 * ink_host.c gives a POSIX machine the same three functions, so that the two can be compared.
 */
#ifndef INK_XTENSA_H
#define INK_XTENSA_H

#include <stddef.h>

/* Waits for standard input, copies at most `size` bytes of it and returns their number; 0 at its
 * end. */
size_t ink_read(void *to, size_t size);

/* Writes all bytes to standard output, unbuffered; ends the program with status 1 if it cannot. */
void ink_write(const void *from, size_t size);

/* Ends the program; 0 to 255. */
void ink_exit(int status) __attribute__((noreturn));

#endif
