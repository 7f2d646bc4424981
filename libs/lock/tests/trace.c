/* Replays a trace from stdin, as trace.txt describes it, and prints it with the lock's answers. */
#include "ink_lock.h"

#include <stdio.h>
#include <string.h>

static const char *const events[] = {"tick", "digit", "unread", "enter", "clear", "try", "reset"};

typedef struct {
    uint8_t data[2][INK_RECORD_SIZE];
    size_t length[2];
    uint8_t drawn;
} plain_hooks;

static uint32_t mix(uint32_t state, uint8_t byte) { return (state ^ byte) * 16777619u; }

static bool plain_derive(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                         uint32_t iterations, uint8_t *hash) {
    (void)user;
    uint32_t state = 2166136261u;
    for (size_t i = 0; i < length; i++) {
        state = mix(state, pin[i]);
    }
    for (size_t i = 0; i < INK_SALT_SIZE; i++) {
        state = mix(state, salt[i]);
    }
    for (int i = 0; i < 4; i++) {
        state = mix(state, (uint8_t)(iterations >> (8 * i)));
    }
    for (size_t i = 0; i < INK_HASH_SIZE; i++) {
        state = mix(state, 0);
        hash[i] = (uint8_t)(state >> 24);
    }
    return true;
}

static bool plain_random(void *user, uint8_t *out, size_t count) {
    plain_hooks *hooks = user;
    for (size_t i = 0; i < count; i++) {
        out[i] = hooks->drawn++;
    }
    return true;
}

static int plain_read(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    const plain_hooks *hooks = user;
    const size_t length = hooks->length[slot];
    memcpy(data, hooks->data[slot], length < capacity ? length : capacity);
    return (int)length;
}

static bool plain_write(void *user, unsigned slot, const uint8_t *data, size_t length) {
    plain_hooks *hooks = user;
    memcpy(hooks->data[slot], data, length);
    hooks->length[slot] = length;
    return true;
}

static void print_answer(const ink_lock *lock, const plain_hooks *hooks, uint32_t effects) {
    printf(" = %d %d %u %d %d %u %d", (int)lock->state, (int)lock->message, (unsigned)effects,
           lock->filled, lock->shown == INK_LOCK_NO_SYMBOL ? -1 : lock->shown,
           (unsigned)lock->seconds_left, lock->attempts_left);
    for (int slot = 0; slot < 2; slot++) {
        const size_t length = hooks->length[slot];
        printf(length ? " " : " -");
        for (size_t i = length < 6 ? 0 : length - 6; i < length; i++) {
            printf("%02x", hooks->data[slot][i]);
        }
    }
}

int main(void) {
    plain_hooks storage = {0};
    const ink_lock_hooks hooks = {
        &storage, plain_derive, plain_random, {&storage, plain_read, plain_write}, NULL};
    ink_lock_config config = INK_LOCK_DEFAULTS;
    ink_lock lock;
    char line[256], word[16] = "";
    ink_lock_start(&lock, &hooks, &config, 0);
    while (fgets(line, sizeof line, stdin)) {
        char *end = strchr(line, '\n');
        if (end) {
            *end = 0;
        }
        char *answer = strstr(line, " = ");
        if (answer) {
            *answer = 0;
        }
        unsigned long n[7] = {0};
        uint32_t effects = 0;
        sscanf(line, "%15s %lu %lu %lu %lu %lu %lu %lu", word, &n[0], &n[1], &n[2], &n[3], &n[4],
               &n[5], &n[6]);
        if (strcmp(word, "config") == 0) {
            config = (ink_lock_config){(uint8_t)n[0],  (uint8_t)n[1],  (uint8_t)n[2], (uint8_t)n[6],
                                       (uint32_t)n[3], (uint32_t)n[4], (uint32_t)n[5]};
        } else if (strcmp(word, "start") == 0) {
            ink_lock_start(&lock, &hooks, &config, (uint32_t)n[0]);
        } else if (strcmp(word, "keep") == 0) {
            storage.length[n[0] % 2] = n[1];
        } else if (strcmp(word, "flip") == 0) {
            storage.data[n[0] % 2][n[1] / 8 % INK_RECORD_SIZE] ^= (uint8_t)(1 << n[1] % 8);
        } else {
            for (int event = 0; event < 7; event++) {
                if (strcmp(word, events[event]) == 0) {
                    effects =
                        ink_lock_step(&lock, (ink_lock_event)event, (uint8_t)n[1], (uint32_t)n[0]);
                }
            }
        }
        printf("%s", line);
        if (answer) {
            print_answer(&lock, &storage, effects);
        }
        printf("\n");
    }
    return 0;
}
