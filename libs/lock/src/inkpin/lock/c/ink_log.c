#include "ink_log.h"

#include <string.h>

#include "ink_bytes.h"

#define HEAD_SIZE 8
#define ENTRY_SIZE 5
#define CRC_OFFSET (INK_LOG_SIZE - 4)

static const char texts[][16] = {"",        "reboot",     "PIN set",       "PIN changed",  "opened",
                                 "refused", "locked out", "factory reset", "storage fault"};

static size_t offset(uint32_t number) {
    return HEAD_SIZE + ENTRY_SIZE * (number % INK_LOG_ENTRIES);
}

/* How many events were ever noted in a log's bytes; 0 if they are anything else. */
static uint32_t count_of(const uint8_t *data, int length) {
    if (length != INK_LOG_SIZE || memcmp(data, "LOG\1", 4) != 0 ||
        ink_get_u32(data + CRC_OFFSET) != ink_crc32(data, CRC_OFFSET)) {
        return 0;
    }
    for (uint32_t i = 0; i < INK_LOG_ENTRIES; i++) {
        if (data[offset(i)] > INK_LOG_STORAGE_FAULT) {
            return 0;
        }
    }
    return ink_get_u32(data + 4);
}

static void note(ink_log *log, ink_log_kind kind, uint32_t now) {
    uint8_t *data = log->data;
    data[offset(log->count)] = (uint8_t)kind;
    ink_put_u32(data + offset(log->count) + 1, (now - log->started) / 1000);
    log->count++;
    memcpy(data, "LOG\1", 4);
    ink_put_u32(data + 4, log->count);
    ink_put_u32(data + CRC_OFFSET, ink_crc32(data, CRC_OFFSET));
    log->slots->write(log->slots->user, log->count % 2, data, INK_LOG_SIZE);
}

void ink_log_start(ink_log *log, const ink_slots *slots, ink_lock_message message, uint32_t now) {
    memset(log, 0, sizeof *log);
    log->slots = slots;
    log->started = now;
    bool lost = false;
    for (unsigned slot = 0; slot < 2; slot++) {
        uint8_t data[INK_LOG_SIZE];
        const int length = slots->read(slots->user, slot, data, sizeof data);
        const uint32_t count = count_of(data, length);
        lost = lost || (length != 0 && count == 0);
        if (count > 0 && count >= log->count) {
            log->count = count;
            memcpy(log->data, data, sizeof data);
        }
    }
    lost = lost && log->count == 0;
    /* Pulling the plug again and again must not push out what came before. */
    if (log->count == 0 || log->data[offset(log->count - 1)] != INK_LOG_REBOOT) {
        note(log, INK_LOG_REBOOT, now);
    }
    if (lost || message == INK_LOCK_MESSAGE_RECORD || message == INK_LOCK_MESSAGE_STORAGE) {
        note(log, INK_LOG_STORAGE_FAULT, now);
    }
}

void ink_log_take(ink_log *log, uint32_t effects, ink_lock_message message, uint32_t now) {
    if (effects & INK_LOCK_EFFECT_RESET) {
        static const uint8_t nothing = 0;
        memset(log->data, 0, sizeof log->data);
        note(log, INK_LOG_RESET, now);
        log->slots->write(log->slots->user, 1 - log->count % 2, &nothing, 0);
    }
    if (effects & INK_LOCK_EFFECT_SET) {
        note(log, message == INK_LOCK_MESSAGE_SET ? INK_LOG_PIN_SET : INK_LOG_PIN_CHANGED, now);
    }
    if (effects & INK_LOCK_EFFECT_OPENED) {
        note(log, INK_LOG_OPENED, now);
    }
    if (effects & INK_LOCK_EFFECT_REFUSED) {
        note(log, INK_LOG_REFUSED, now);
    }
    if (effects & INK_LOCK_EFFECT_FAULT) {
        note(log, message == INK_LOCK_MESSAGE_ATTEMPTS ? INK_LOG_LOCKED_OUT : INK_LOG_STORAGE_FAULT,
             now);
    }
}

static char *put_text(char *end, const char *text) {
    while (*text) {
        *end++ = *text++;
    }
    return end;
}

bool ink_log_line(const ink_log *log, unsigned place, char line[INK_LOG_LINE_SIZE]) {
    const uint32_t oldest = log->count > INK_LOG_ENTRIES ? log->count - INK_LOG_ENTRIES : 0;
    const uint32_t number = oldest + place;
    const uint8_t *entry = log->data + offset(number);
    line[0] = '\0';
    if (place >= INK_LOG_ENTRIES || number >= log->count || entry[0] == INK_LOG_NONE) {
        return false;
    }
    char *end = ink_put_decimal(put_text(line, "Log "), number + 1);
    end = put_text(put_text(put_text(end, " "), texts[entry[0]]), " ");
    end = put_text(ink_put_decimal(end, ink_get_u32(entry + 1)), " s");
    *end = '\0';
    return true;
}
