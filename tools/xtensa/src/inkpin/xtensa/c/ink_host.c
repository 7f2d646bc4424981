/* ink_xtensa.h on a POSIX machine. */
#include "ink_xtensa.h"

#include <stdlib.h>
#include <unistd.h>

size_t ink_read(void *to, size_t size) {
    const ssize_t count = read(0, to, size);
    return count > 0 ? (size_t)count : 0;
}

void ink_write(const void *from, size_t size) {
    const char *bytes = from;
    while (size > 0) {
        const ssize_t count = write(1, bytes, size);
        if (count <= 0) {
            exit(1);
        }
        bytes += count;
        size -= (size_t)count;
    }
}

void ink_exit(int status) { exit(status); }
