/* What mbedTLS calls of its surroundings. */
#include <stdint.h>
#include <string.h>

#include "ink_mbedtls_config.h"

void mbedtls_platform_zeroize(void *memory, size_t size);
void mbedtls_zeroize_and_free(void *memory, size_t size);

enum { ARENA = 512 }; /* an HMAC's two contexts; they are freed before the next is made */

static union {
    uint64_t aligned;
    uint8_t bytes[ARENA];
} arena;
static size_t used, blocks;

void *ink_calloc(size_t count, size_t size) {
    const size_t room = (count * size + 7u) & ~(size_t)7u;
    if (room > ARENA - used) {
        return NULL;
    }
    void *memory = arena.bytes + used;
    memset(memory, 0, room);
    used += room;
    blocks++;
    return memory;
}

void ink_free(void *memory) {
    if (memory && --blocks == 0) {
        used = 0;
    }
}

void mbedtls_platform_zeroize(void *memory, size_t size) {
    volatile uint8_t *bytes = memory;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = 0;
    }
}

void mbedtls_zeroize_and_free(void *memory, size_t size) { /* mbedTLS 3 */
    if (memory) {
        mbedtls_platform_zeroize(memory, size);
    }
    ink_free(memory);
}
