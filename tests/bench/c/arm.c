/* ink_xtensa.h by Linux's system calls for Arm, which qemu-arm serves. */
#include "ink_xtensa.h"

int main(void);
void _start(void);

void _start(void) {
    __asm__ volatile("ldr r0, =ink_stack_top\n mov sp, r0\n bl main\n movs r7, #1\n svc 0");
}

static int system_call(int number, int file_or_status, const void *bytes, size_t size) {
    register int r0 __asm__("r0") = file_or_status; /* then the result */
    register const void *r1 __asm__("r1") = bytes;
    register size_t r2 __asm__("r2") = size;
    register int r7 __asm__("r7") = number;
    __asm__ volatile("svc 0" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r7) : "memory");
    return r0;
}

enum { EXIT = 1, READ = 3, WRITE = 4 };

size_t ink_read(void *to, size_t size) {
    const int count = system_call(READ, 0, to, size);
    return count > 0 ? (size_t)count : 0;
}

void ink_write(const void *from, size_t size) {
    const char *bytes = from;
    while (size > 0) {
        const int count = system_call(WRITE, 1, bytes, size);
        if (count <= 0) {
            ink_exit(1);
        }
        bytes += count;
        size -= (size_t)count;
    }
}

void ink_exit(int status) {
    for (;;) {
        system_call(EXIT, status, NULL, 0);
    }
}
