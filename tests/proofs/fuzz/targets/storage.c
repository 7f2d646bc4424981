/* Whatever two slots hold: a start never opens, never forgets a failure, and mends what it takes;
 * after it, a PIN opens if and only if it gives the record's hash.
 */
#include "fuzz.h"

#include <string.h>

static void enter(fuzz_storage *storage, fuzz_input *input, const ink_record *record) {
    const ink_lock_hooks hooks = fuzz_lock_hooks(storage);
    const ink_lock_config config = INK_LOCK_DEFAULTS;
    uint8_t pin[4], hash[INK_HASH_SIZE];
    ink_lock lock;
    ink_lock_start(&lock, &hooks, &config, 0);
    ink_lock_step(&lock, INK_LOCK_EVENT_TICK, 0, 3600000);
    CHECK(lock.state == INK_LOCK_LOCKED);
    for (int i = 0; i < 4; i++) {
        const uint8_t symbol = fuzz_below(input, config.alphabet);
        pin[i] = (uint8_t)('0' + symbol);
        ink_lock_step(&lock, INK_LOCK_EVENT_DIGIT, symbol, 3600000);
    }
    const uint32_t effects = ink_lock_step(&lock, INK_LOCK_EVENT_ENTER, 0, 3600000);
    fuzz_derive(NULL, pin, 4, record->salt, record->iterations, hash);
    CHECK(ink_lock_equal(hash, record->hash, INK_HASH_SIZE) ==
          ((effects & INK_LOCK_EFFECT_OPENED) != 0));
}

/* Fills a slot with any bytes or, as a byte says, with any that have a record's magic and CRC. */
static void fill(fuzz_storage *storage, unsigned slot, fuzz_input *input) {
    uint8_t *data = storage->data[slot];
    const bool with_crc = fuzz_byte(input) & 1;
    storage->length[slot] = with_crc ? INK_RECORD_SIZE : fuzz_byte(input);
    for (size_t i = 0; i < storage->length[slot]; i++) {
        data[i] = fuzz_byte(input);
    }
    if (with_crc) {
        memcpy(data, "INK\2", 4);
        data[61] = (uint8_t)~data[60];
        ink_put_u32(data + INK_RECORD_SIZE - 4, ink_crc32(data, INK_RECORD_SIZE - 4));
    }
}

/* Makes the record in a slot one for the PIN "0000". */
static void give_pin(fuzz_storage *storage, unsigned slot) {
    uint8_t *data = storage->data[slot];
    ink_record record;
    if (ink_record_decode(data, (int)storage->length[slot], &record)) {
        fuzz_derive(NULL, (const uint8_t *)"0000", 4, record.salt, record.iterations, record.hash);
        ink_record_encode(&record, data);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input input = {data, size};
    fuzz_storage storage;
    const ink_lock_hooks hooks = fuzz_lock_hooks(&storage);
    const ink_lock_config config = INK_LOCK_DEFAULTS;
    ink_record records[2], taken;
    bool valid[2];
    ink_lock lock;
    fuzz_storage_clear(&storage);
    const uint8_t flags = fuzz_byte(&input);
    for (unsigned slot = 0; slot < 2; slot++) {
        fill(&storage, slot, &input);
        if (flags >> slot & 1) {
            give_pin(&storage, slot);
        }
        storage.unreadable[slot] = flags >> (2 + slot) & 1;
        valid[slot] =
            !storage.unreadable[slot] &&
            ink_record_decode(storage.data[slot], (int)storage.length[slot], &records[slot]);
    }
    ink_lock_start(&lock, &hooks, &config, 0);
    CHECK(lock.state == INK_LOCK_CHOOSE || lock.state == INK_LOCK_LOCKED ||
          lock.state == INK_LOCK_WAITING || lock.state == INK_LOCK_FAULT);
    if (lock.state == INK_LOCK_CHOOSE) {
        CHECK(!valid[0] && !valid[1]);
    }
    if (lock.state == INK_LOCK_LOCKED || lock.state == INK_LOCK_WAITING) {
        CHECK(valid[0] || valid[1]);
        for (int slot = 0; slot < 2; slot++) {
            if (valid[slot]) {
                CHECK(config.max_failures - lock.attempts_left >= records[slot].failed);
            }
        }
        CHECK(ink_record_decode(storage.data[0], (int)storage.length[0], &taken));
        CHECK(storage.length[0] == storage.length[1]);
        CHECK(memcmp(storage.data[0], storage.data[1], INK_RECORD_SIZE) == 0);
        enter(&storage, &input, &taken);
    }
    storage.unreadable[0] = storage.unreadable[1] = false;
    ink_lock_step(&lock, INK_LOCK_EVENT_RESET, 0, 0);
    CHECK(lock.state == INK_LOCK_CHOOSE && storage.length[0] == 1 && storage.length[1] == 1);
    return 0;
}
