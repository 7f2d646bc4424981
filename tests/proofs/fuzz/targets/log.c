/* Whatever the log's slots hold: its lines are whole, and a restart keeps them. */
#include "fuzz.h"

#include <string.h>

static unsigned lines(const ink_log *log, char out[INK_LOG_ENTRIES][INK_LOG_LINE_SIZE]) {
    unsigned found = 0;
    for (unsigned place = 0; place < INK_LOG_ENTRIES + 2; place++) {
        char line[INK_LOG_LINE_SIZE];
        memset(line, '#', sizeof line);
        bool there = ink_log_line(log, place, line);
        CHECK(there == (line[0] != '\0'));
        if (there) {
            CHECK(memchr(line, '\0', sizeof line) != NULL && strncmp(line, "Log ", 4) == 0);
            memcpy(out[found++], line, sizeof line);
        }
    }
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input input = {data, size};
    fuzz_storage storage;
    const ink_log_hooks hooks = fuzz_log_hooks(&storage);
    char before[INK_LOG_ENTRIES][INK_LOG_LINE_SIZE], after[INK_LOG_ENTRIES][INK_LOG_LINE_SIZE];
    ink_log log, again;
    fuzz_storage_clear(&storage);
    for (unsigned slot = 0; slot < 2; slot++) {
        bool right = fuzz_slot(&storage, slot, &input, INK_LOG_SIZE, "LOG\1");
        if (right && ink_get_u32(storage.data[slot] + 4) > 0xFFFFFF00u)
            return 0; /* after so many events the count begins anew */
    }
    ink_log_start(&log, &hooks, (ink_lock_message)fuzz_below(&input, INK_LOCK_MESSAGE_STORAGE + 1),
                  fuzz_u32(&input));
    do {
        uint32_t effects = fuzz_byte(&input);
        ink_lock_message message =
            (ink_lock_message)fuzz_below(&input, INK_LOCK_MESSAGE_STORAGE + 1);
        ink_log_take(&log, effects, message, fuzz_u32(&input));
        unsigned count = lines(&log, before);
        CHECK(count >= 1);
        fuzz_storage copy = storage;
        const ink_log_hooks copied = fuzz_log_hooks(&copy);
        ink_log_start(&again, &copied, INK_LOCK_MESSAGE_NONE, 0);
        unsigned restarted = lines(&again, after);
        CHECK(restarted == count || restarted == count + 1);
        if (restarted == count + 1)
            CHECK(memcmp(before, after, count * sizeof before[0]) == 0);
    } while (input.size > 0);
    return 0;
}
