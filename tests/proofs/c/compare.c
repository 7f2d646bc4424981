/* Compares, as the byte before them says, two secrets of 32 bytes or, within a whole attempt, a
 * record's hash with the one that is derived.
 */
#include "ink_lock.h"
#include "ink_xtensa.h"

#include <string.h>

typedef struct {
    uint8_t known[INK_HASH_SIZE];
    uint8_t found[INK_HASH_SIZE];
    uint8_t slots[2][INK_RECORD_SIZE];
} surroundings;

static bool derive(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                   uint32_t iterations, uint8_t *hash) {
    (void)pin;
    (void)length;
    (void)salt;
    (void)iterations;
    memcpy(hash, ((surroundings *)user)->found, INK_HASH_SIZE);
    return true;
}

static bool no_random(void *user, uint8_t *out, size_t count) {
    (void)user;
    memset(out, 0, count);
    return false;
}

static int read_slot(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    memcpy(data, ((surroundings *)user)->slots[slot], capacity);
    return INK_RECORD_SIZE;
}

static bool write_slot(void *user, unsigned slot, const uint8_t *data, size_t length) {
    memcpy(((surroundings *)user)->slots[slot], data, length);
    return true;
}

static void attempt(surroundings *around) {
    static const ink_lock_config config = INK_LOCK_DEFAULTS;
    const ink_lock_hooks hooks = {around, derive, no_random, {around, read_slot, write_slot}, NULL};
    ink_record record = {.sequence = 1, .iterations = 1};
    ink_lock lock;
    memcpy(record.hash, around->known, INK_HASH_SIZE);
    for (int slot = 0; slot < 2; slot++) {
        ink_record_encode(&record, around->slots[slot]);
    }
    ink_lock_start(&lock, &hooks, &config, 0);
    for (uint8_t place = 0; place < config.shortest; place++) {
        ink_lock_step(&lock, INK_LOCK_EVENT_DIGIT, place, 0);
    }
    ink_lock_step(&lock, INK_LOCK_EVENT_ENTER, 0, 0);
    ink_write(lock.state == INK_LOCK_OPEN ? "=" : "/", 1);
}

int main(void) {
    static surroundings around;
    uint8_t whole;
    if (ink_read(&whole, 1) != 1 || ink_read(around.known, INK_HASH_SIZE) != INK_HASH_SIZE ||
        ink_read(around.found, INK_HASH_SIZE) != INK_HASH_SIZE) {
        return 1;
    }
    if (whole) {
        attempt(&around);
    } else {
        ink_write(ink_lock_equal(around.known, around.found, INK_HASH_SIZE) ? "=" : "/", 1);
    }
    return 0;
}
