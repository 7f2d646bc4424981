/* Refuses a PIN, and then looks for its hash in the stack that this took. */
#include "ink_lock.h"

#include <stdio.h>
#include <string.h>

static uint8_t slots[2][INK_RECORD_SIZE];
static int lengths[2];
static uint8_t fill;
static volatile uintptr_t hash_at;

static bool derive(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                   uint32_t iterations, uint8_t *hash) {
    (void)user;
    (void)pin;
    (void)length;
    (void)salt;
    (void)iterations;
    memset(hash, fill, INK_HASH_SIZE);
    hash_at = (uintptr_t)hash;
    return true;
}

static bool no_noise(void *user, uint8_t *out, size_t count) {
    (void)user;
    memset(out, 0, count);
    return true;
}

static int read_slot(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    (void)user;
    memcpy(data, slots[slot], capacity);
    return lengths[slot];
}

static bool write_slot(void *user, unsigned slot, const uint8_t *data, size_t length) {
    (void)user;
    memcpy(slots[slot], data, length);
    lengths[slot] = (int)length;
    return true;
}

static void enter(ink_lock *lock) {
    for (uint8_t place = 0; place < 4; place++) {
        ink_lock_step(lock, INK_LOCK_EVENT_DIGIT, place % 3, 0);
    }
    ink_lock_step(lock, INK_LOCK_EVENT_ENTER, 0, 0);
}

int main(void) {
    static const ink_lock_hooks hooks = {
        NULL, derive, no_noise, {NULL, read_slot, write_slot}, NULL};
    static const ink_lock_config config = INK_LOCK_DEFAULTS;
    static ink_lock lock;
    unsigned left = 0;
    ink_lock_start(&lock, &hooks, &config, 0);
    fill = 0x11;
    enter(&lock);
    enter(&lock);
    fill = 0xE7;
    enter(&lock);
    /* Below this frame, which nothing has used since; a loop calls nothing. */
    const volatile uint8_t *hash = (const volatile uint8_t *)hash_at;
    for (unsigned i = 0; i < INK_HASH_SIZE; i++) {
        left += hash[i] == 0xE7;
    }
    printf("%s, %s\n", lock.state == INK_LOCK_WAITING ? "refused" : "not refused",
           left > 1 ? "not forgotten" : "forgotten");
    return 0;
}
