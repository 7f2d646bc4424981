#include "ink_record.h"

#include <string.h>

#include "ink_bytes.h"

#define CRC_OFFSET (INK_RECORD_SIZE - 4)

enum { VERSION = 2, BOUND_VERSION = 3 };

void ink_record_encode(const ink_record *record, uint8_t data[INK_RECORD_SIZE]) {
    memcpy(data, "INK", 3);
    data[3] = record->bound ? BOUND_VERSION : VERSION;
    ink_put_u32(data + 4, record->sequence);
    memcpy(data + 8, record->salt, INK_SALT_SIZE);
    ink_put_u32(data + 24, record->iterations);
    memcpy(data + 28, record->hash, INK_HASH_SIZE);
    data[60] = record->failed;
    data[61] = record->failed_inverted;
    ink_put_u32(data + CRC_OFFSET, ink_crc32(data, CRC_OFFSET));
}

bool ink_record_decode(const uint8_t *data, int length, ink_record *record) {
    if (length != INK_RECORD_SIZE || memcmp(data, "INK", 3) != 0 ||
        (data[3] != VERSION && data[3] != BOUND_VERSION) ||
        ink_get_u32(data + CRC_OFFSET) != ink_crc32(data, CRC_OFFSET)) {
        return false;
    }
    record->bound = data[3] == BOUND_VERSION;
    record->sequence = ink_get_u32(data + 4);
    memcpy(record->salt, data + 8, INK_SALT_SIZE);
    record->iterations = ink_get_u32(data + 24);
    memcpy(record->hash, data + 28, INK_HASH_SIZE);
    record->failed = data[60];
    record->failed_inverted = data[61];
    return ink_record_counts(record) && record->iterations >= 1 &&
           record->iterations <= INK_RECORD_MAX_ITERATIONS;
}

void ink_record_change(ink_record *record, uint8_t failed) {
    record->sequence++;
    record->failed = failed;
    record->failed_inverted = (uint8_t)~failed;
}

bool ink_record_counts(const ink_record *record) {
    const volatile uint8_t *failed = &record->failed, *inverted = &record->failed_inverted;
    return (uint8_t)(*failed ^ *inverted) == 0xFF;
}

/* What a slot holds, as it was read. */
typedef struct {
    int length;
    uint8_t data[INK_RECORD_SIZE];
} content;

static void read_slot(const ink_slots *slots, unsigned slot, content *found) {
    found->length = slots->read(slots->user, slot, found->data, INK_RECORD_SIZE);
}

static bool same(const content *a, const uint8_t *data, int length) {
    if (a->length != length) {
        return false;
    }
    const int compared = length < INK_RECORD_SIZE ? length : INK_RECORD_SIZE;
    return compared <= 0 || memcmp(a->data, data, (size_t)compared) == 0;
}

static bool is_mark(const content *found) {
    return found->length == 1 && found->data[0] == INK_SLOT_MARK;
}

/* For INK_RECORD_VALID, also the slot that the record came from. */
static ink_record_status reconcile(const content contents[2], ink_record *record,
                                   unsigned *source) {
    ink_record found[2];
    bool valid[2], lost = true;
    uint8_t least = 0;
    for (unsigned slot = 0; slot < 2; slot++) {
        valid[slot] = ink_record_decode(contents[slot].data, contents[slot].length, &found[slot]);
    }
    if (valid[0] && valid[1]) {
        const uint32_t ahead = found[1].sequence - found[0].sequence;
        if (ahead == 0 && !same(&contents[0], contents[1].data, contents[1].length)) {
            return INK_RECORD_UNREADABLE;
        }
        *source = ahead > 0 && ahead <= UINT32_MAX / 2;
        lost = ahead > 1 && ahead < UINT32_MAX;
        least = found[1 - *source].failed;
    } else if (valid[0] || valid[1]) {
        *source = valid[1];
    } else if (contents[0].length < 0 || contents[1].length < 0) {
        return INK_RECORD_FAILED;
    } else if (is_mark(&contents[0]) || is_mark(&contents[1]) ||
               (contents[0].length == 0 && contents[1].length == 0)) {
        return INK_RECORD_BLANK;
    } else {
        return INK_RECORD_UNREADABLE;
    }
    *record = found[*source];
    const uint8_t counted = record->failed;
    uint8_t failed = lost && counted < UINT8_MAX ? (uint8_t)(counted + 1) : counted;
    failed = failed < least ? least : failed;
    if (failed != counted) {
        ink_record_change(record, failed);
    }
    return INK_RECORD_VALID;
}

static bool put(const ink_slots *slots, unsigned slot, const uint8_t *data, size_t length) {
    content back;
    if (!slots->write(slots->user, slot, data, length)) {
        return false;
    }
    read_slot(slots, slot, &back);
    return same(&back, data, (int)length);
}

/* Erases a slot, and says so. */
static bool put_mark(const ink_slots *slots, unsigned slot) {
    static const uint8_t mark = INK_SLOT_MARK;
    return put(slots, slot, &mark, 0) && put(slots, slot, &mark, 1);
}

static ink_record_status confirm_blank(const ink_slots *slots, const content contents[2]) {
    content again[2];
    for (unsigned slot = 0; slot < 2; slot++) {
        read_slot(slots, slot, &again[slot]);
    }
    for (unsigned slot = 0; slot < 2; slot++) {
        if (!same(&again[slot], contents[slot].data, contents[slot].length)) {
            return INK_RECORD_FAILED;
        }
    }
    for (unsigned slot = 0; slot < 2; slot++) {
        if (contents[slot].length != 0 && !is_mark(&contents[slot]) && !put_mark(slots, slot)) {
            return INK_RECORD_FAILED;
        }
    }
    return INK_RECORD_BLANK;
}

ink_record_status ink_record_load(const ink_slots *slots, ink_record *record) {
    content contents[2];
    uint8_t data[INK_RECORD_SIZE];
    unsigned source = 0;
    for (unsigned slot = 0; slot < 2; slot++) {
        read_slot(slots, slot, &contents[slot]);
    }
    const ink_record_status status = reconcile(contents, record, &source);
    if (status == INK_RECORD_BLANK) {
        return confirm_blank(slots, contents);
    }
    if (status != INK_RECORD_VALID) {
        return status;
    }
    ink_record_encode(record, data);
    for (unsigned i = 0; i < 2; i++) {
        const unsigned slot = i == 0 ? 1 - source : source;
        if (!same(&contents[slot], data, sizeof data) && !put(slots, slot, data, sizeof data)) {
            return INK_RECORD_FAILED;
        }
    }
    return INK_RECORD_VALID;
}

/* Puts the mark into slot 1; one that is there stays, for a cut now could lose it. */
static bool begin(const ink_slots *slots) {
    static const uint8_t mark = INK_SLOT_MARK;
    content contents[2];
    ink_record record;
    unsigned source;
    for (unsigned slot = 0; slot < 2; slot++) {
        read_slot(slots, slot, &contents[slot]);
    }
    return reconcile(contents, &record, &source) == INK_RECORD_BLANK &&
           (is_mark(&contents[1]) || put(slots, 1, &mark, 1));
}

bool ink_record_store(const ink_slots *slots, const ink_record *record, bool first) {
    uint8_t data[INK_RECORD_SIZE];
    ink_record_encode(record, data);
    return (!first || begin(slots)) && put(slots, 0, data, sizeof data) &&
           put(slots, 1, data, sizeof data);
}

bool ink_record_stored(const ink_slots *slots, ink_record *record) {
    content found;
    read_slot(slots, 1, &found);
    return ink_record_decode(found.data, found.length, record);
}

bool ink_record_erase(const ink_slots *slots) { return put_mark(slots, 0) && put_mark(slots, 1); }
