/* Chooses a PIN, sets it and refuses another one, each on a stack of its own, and looks for what is
 * left on that: the steps between the digits, and the hash. */
#include "ink_lock.h"

#include <stdio.h>
#include <string.h>
#include <ucontext.h>

static uint8_t slots[2][INK_RECORD_SIZE];
static int lengths[2];
static uint8_t fill;
static ink_lock lock;
static uint8_t stack[1 << 16];
static ucontext_t outside, inside;

static bool derive(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                   uint32_t iterations, uint8_t *hash) {
    (void)user;
    (void)pin;
    (void)length;
    (void)salt;
    (void)iterations;
    memset(hash, fill, INK_HASH_SIZE);
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

static void enter(void) {
    static const uint8_t digits[] = {3, 1, 8, 2, 9, 4, 0, 5};
    for (size_t place = 0; place < sizeof digits; place++) {
        ink_lock_step(&lock, INK_LOCK_EVENT_DIGIT, digits[place], 0);
    }
    ink_lock_step(&lock, INK_LOCK_EVENT_ENTER, 0, 0);
}

/* Enters the PIN; returns whether these bytes are left on the stack that this took. */
static bool leaves(const uint8_t *bytes, size_t count) {
    memset(stack, 0, sizeof stack);
    getcontext(&inside);
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = sizeof stack;
    inside.uc_link = &outside;
    makecontext(&inside, enter, 0);
    swapcontext(&outside, &inside);
    for (size_t i = 0; i + count <= sizeof stack; i++) {
        if (memcmp(stack + i, bytes, count) == 0) {
            return true;
        }
    }
    return false;
}

int main(void) {
    static const ink_lock_hooks hooks = {
        NULL, derive, no_noise, {NULL, read_slot, write_slot}, NULL};
    static const ink_lock_config config = INK_LOCK_DEFAULTS;
    static const uint8_t steps[] = {8, 7, 4, 7, 5, 6, 5}, hash[] = {0xE7, 0xE7, 0xE7, 0xE7};
    ink_lock_start(&lock, &hooks, &config, 0);
    fill = 0x11;
    const bool chosen = leaves(steps, sizeof steps);
    printf("%s, %s\n", lock.state == INK_LOCK_REPEAT ? "chosen" : "not chosen",
           chosen ? "not forgotten" : "forgotten");
    enter();
    fill = 0xE7;
    const bool refused = leaves(hash, sizeof hash);
    printf("%s, %s\n", lock.state == INK_LOCK_WAITING ? "refused" : "not refused",
           refused ? "not forgotten" : "forgotten");
    return 0;
}
