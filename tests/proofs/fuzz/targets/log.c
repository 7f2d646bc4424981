/* Whatever the log's slots hold: its lines are whole, and a restart keeps them. */
#include "fuzz.h"

#include <string.h>

static unsigned lines(const ink_log *log, char out[INK_LOG_ENTRIES][INK_LOG_LINE_SIZE]) {
    unsigned found = 0;
    for (unsigned place = 0; place < INK_LOG_ENTRIES + 2; place++) {
        char line[INK_LOG_LINE_SIZE];
        memset(line, '#', sizeof line);
        const bool there = ink_log_line(log, place, line);
        CHECK(there == (line[0] != '\0'));
        if (there) {
            CHECK(memchr(line, '\0', sizeof line) != NULL && strncmp(line, "Log ", 4) == 0);
            memcpy(out[found++], line, sizeof line);
        }
    }
    return found;
}

/* Fills a slot with any bytes or, as a byte says, with a log of any events; true if that one's
 * count is so near its end that it would begin anew. */
static bool fill(fuzz_storage *storage, unsigned slot, fuzz_input *input) {
    uint8_t *data = storage->data[slot];
    if (!(fuzz_byte(input) & 1)) {
        storage->length[slot] = fuzz_byte(input);
        for (size_t i = 0; i < storage->length[slot]; i++) {
            data[i] = fuzz_byte(input);
        }
        return false;
    }
    const uint32_t count = fuzz_u32(input);
    memcpy(data, "LOG\1", 4);
    ink_put_u32(data + 4, count);
    for (size_t entry = 8; entry < INK_LOG_SIZE - 4; entry += 5) {
        data[entry] = fuzz_below(input, INK_LOG_STORAGE_FAULT + 1);
        ink_put_u32(data + entry + 1, fuzz_u32(input));
    }
    ink_put_u32(data + INK_LOG_SIZE - 4, ink_crc32(data, INK_LOG_SIZE - 4));
    storage->length[slot] = INK_LOG_SIZE;
    return count > 0xFFFFFF00u;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input input = {data, size};
    fuzz_storage storage;
    const ink_slots slots = fuzz_slots(&storage);
    char before[INK_LOG_ENTRIES][INK_LOG_LINE_SIZE], after[INK_LOG_ENTRIES][INK_LOG_LINE_SIZE];
    ink_log log, again;
    fuzz_storage_clear(&storage);
    for (unsigned slot = 0; slot < 2; slot++) {
        if (fill(&storage, slot, &input)) {
            return 0;
        }
    }
    ink_log_start(&log, &slots, (ink_lock_message)fuzz_below(&input, INK_LOCK_MESSAGE_STORAGE + 1),
                  fuzz_u32(&input));
    do {
        const uint32_t effects = fuzz_byte(&input);
        const ink_lock_message message =
            (ink_lock_message)fuzz_below(&input, INK_LOCK_MESSAGE_STORAGE + 1);
        ink_log_take(&log, effects, message, fuzz_u32(&input));
        const unsigned count = lines(&log, before);
        CHECK(count >= 1);
        fuzz_storage copy = storage;
        const ink_slots copied = fuzz_slots(&copy);
        ink_log_start(&again, &copied, INK_LOCK_MESSAGE_NONE, 0);
        const unsigned restarted = lines(&again, after);
        CHECK(restarted == count || restarted == count + 1);
        if (restarted == count + 1) {
            CHECK(memcmp(before, after, count * sizeof before[0]) == 0);
        }
    } while (input.size > 0);
    return 0;
}
