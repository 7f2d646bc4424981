/* A lock whose surroundings are at the other end of a pipe, with slots there or in a flash there:
 * emulated_lock.py, which has the frames.
 */
#include "ink_bytes.h"
#include "ink_flash.h"
#include "ink_lock.h"
#include "ink_xtensa.h"

#include <string.h>

enum { PLACE = 256 /* what ink_flash.c reads and programs at once */ };

static bool receive(void *to, size_t size) {
    uint8_t *at = to;
    while (size > 0) {
        const size_t count = ink_read(at, size);
        if (count == 0) {
            return false;
        }
        at += count;
        size -= count;
    }
    return true;
}

static void ask(const uint8_t *frame, size_t size, uint8_t *answer, size_t answer_size) {
    ink_write(frame, size);
    if (!receive(answer, answer_size)) {
        ink_exit(1);
    }
}

static bool piped_derive(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                         uint32_t iterations, uint8_t *hash) {
    (void)user;
    uint8_t frame[30] = {'d', (uint8_t)length}, answer[1 + INK_HASH_SIZE];
    memcpy(frame + 2, pin, length);
    memcpy(frame + 10, salt, INK_SALT_SIZE);
    ink_put_u32(frame + 26, iterations);
    ask(frame, sizeof frame, answer, sizeof answer);
    memcpy(hash, answer + 1, INK_HASH_SIZE);
    return answer[0];
}

static bool piped_random(void *user, uint8_t *out, size_t count) {
    (void)user;
    const uint8_t frame[1] = {'r'};
    uint8_t answer[1 + INK_SALT_SIZE];
    ask(frame, sizeof frame, answer, sizeof answer);
    memcpy(out, answer + 1, count);
    return answer[0];
}

static int piped_read(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    (void)user;
    const uint8_t frame[2] = {'g', (uint8_t)slot};
    uint8_t answer[2 + INK_RECORD_SIZE];
    ask(frame, sizeof frame, answer, sizeof answer);
    memcpy(data, answer + 2, capacity);
    return (int16_t)(answer[0] | answer[1] << 8);
}

static bool piped_write(void *user, unsigned slot, const uint8_t *data, size_t length) {
    (void)user;
    uint8_t frame[3 + INK_RECORD_SIZE] = {'p', (uint8_t)slot, (uint8_t)length}, answer[1];
    memcpy(frame + 3, data, length);
    ask(frame, sizeof frame, answer, sizeof answer);
    return answer[0];
}

static bool piped_chip(void *user, uint8_t own[INK_SALT_SIZE]) {
    (void)user;
    const uint8_t frame[1] = {'c'};
    uint8_t answer[1 + INK_SALT_SIZE];
    ask(frame, sizeof frame, answer, sizeof answer);
    memcpy(own, answer + 1, INK_SALT_SIZE);
    return answer[0];
}

static bool piped_flash_read(void *user, uint32_t at, uint8_t *data, size_t count) {
    (void)user;
    uint8_t frame[7] = {'f'}, answer[1 + PLACE];
    ink_put_u32(frame + 1, at);
    frame[5] = (uint8_t)count;
    frame[6] = (uint8_t)(count >> 8);
    ask(frame, sizeof frame, answer, 1 + count);
    memcpy(data, answer + 1, count);
    return answer[0];
}

static bool piped_program(void *user, uint32_t at, const uint8_t *data, size_t count) {
    (void)user;
    uint8_t frame[5 + PLACE] = {'w'}, answer[1];
    ink_put_u32(frame + 1, at);
    memcpy(frame + 5, data, count);
    ask(frame, 5 + count, answer, sizeof answer);
    return answer[0];
}

static bool piped_erase(void *user, uint32_t at) {
    (void)user;
    uint8_t frame[5] = {'x'}, answer[1];
    ink_put_u32(frame + 1, at);
    ask(frame, sizeof frame, answer, sizeof answer);
    return answer[0];
}

static void report(const ink_lock *lock, uint32_t effects) {
    uint8_t frame[14] = {'a'};
    ink_put_u32(frame + 1, effects);
    frame[5] = (uint8_t)lock->state;
    frame[6] = (uint8_t)lock->message;
    frame[7] = lock->filled;
    frame[8] = lock->shown;
    frame[9] = lock->attempts_left;
    ink_put_u32(frame + 10, lock->seconds_left);
    ink_write(frame, sizeof frame);
}

int main(void) {
    const ink_flash flash = {NULL, piped_flash_read, piped_program, piped_erase};
    ink_flash_areas areas = {&flash, {0, INK_FLASH_AREA}};
    const ink_slots slots[2] = {{NULL, piped_read, piped_write},
                                {&areas, ink_flash_read, ink_flash_write}};
    const ink_lock_hooks hooks[2] = {{NULL, piped_derive, piped_random, slots[0], piped_chip},
                                     {NULL, piped_derive, piped_random, slots[1], piped_chip}};
    ink_lock lock;
    uint8_t request[24];
    while (receive(request, sizeof request)) {
        uint32_t now = ink_get_u32(request + 20), effects = 0;
        if (request[0] == 's') {
            const ink_lock_config config = {request[1],
                                            request[2],
                                            request[3],
                                            request[4],
                                            ink_get_u32(request + 8),
                                            ink_get_u32(request + 12),
                                            ink_get_u32(request + 16)};
            ink_lock_start(&lock, &hooks[request[5] != 0], &config, now);
        } else {
            effects = ink_lock_step(&lock, (ink_lock_event)request[1], request[2], now);
        }
        report(&lock, effects);
    }
    return 0;
}
