#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_fail(const char *file, int line, const char *condition) {
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

uint8_t fuzz_byte(fuzz_input *input) {
    if (input->size == 0) {
        return 0;
    }
    input->size--;
    return *input->data++;
}

uint32_t fuzz_u32(fuzz_input *input) {
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++) {
        bytes[i] = fuzz_byte(input);
    }
    return ink_get_u32(bytes);
}

uint8_t fuzz_below(fuzz_input *input, unsigned limit) {
    return (uint8_t)(fuzz_byte(input) % limit);
}

void fuzz_storage_clear(fuzz_storage *storage) {
    memset(storage, 0, sizeof *storage);
    storage->power = FUZZ_NO_LIMIT;
}

bool fuzz_derive(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                 uint32_t iterations, uint8_t *hash) {
    uint32_t state = 2166136261u ^ iterations;
    for (size_t i = 0; i < length; i++) {
        state = (state ^ pin[i]) * 16777619u;
    }
    for (size_t i = 0; i < INK_SALT_SIZE; i++) {
        state = (state ^ salt[i]) * 16777619u;
    }
    for (size_t i = 0; i < INK_HASH_SIZE; i++) {
        state *= 16777619u;
        hash[i] = (uint8_t)(state >> 24);
    }
    return user == NULL || !((const fuzz_storage *)user)->no_kdf;
}

static bool take_random(void *user, uint8_t *out, size_t count) {
    fuzz_storage *storage = user;
    for (size_t i = 0; i < count; i++) {
        out[i] = storage->salt++;
    }
    return !storage->no_random;
}

static int read_slot(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    const fuzz_storage *storage = user;
    const size_t length = storage->length[slot];
    if (storage->unreadable[slot] || storage->power == 0) {
        return -1;
    }
    memcpy(data, storage->data[slot], length < capacity ? length : capacity);
    return (int)length;
}

static bool write_slot(void *user, unsigned slot, const uint8_t *data, size_t length) {
    fuzz_storage *storage = user;
    if (storage->power <= length) {
        const size_t fresh = storage->power > 0 ? storage->power - 1 : 0;
        memcpy(storage->data[slot], data, fresh);
        if (storage->length[slot] < fresh) {
            storage->length[slot] = fresh;
        }
        storage->power = 0;
        return false;
    }
    memcpy(storage->data[slot], data, length);
    storage->length[slot] = length;
    if (storage->power != FUZZ_NO_LIMIT) {
        storage->power -= (unsigned)length + 1;
    }
    return true;
}

ink_slots fuzz_slots(fuzz_storage *storage) { return (ink_slots){storage, read_slot, write_slot}; }

static bool take_chip(void *user, uint8_t own[INK_SALT_SIZE]) {
    (void)user;
    memset(own, 0x42, INK_SALT_SIZE);
    return true;
}

ink_lock_hooks fuzz_lock_hooks(fuzz_storage *storage) {
    return (ink_lock_hooks){storage, fuzz_derive, take_random, fuzz_slots(storage), take_chip};
}
