#include "ink_record.h"

#include <string.h>

#include "ink_bytes.h"

#define CRC_OFFSET (INK_RECORD_SIZE - 4)

void ink_record_encode(const ink_record *record, uint8_t data[INK_RECORD_SIZE]) {
    memcpy(data, "INK\1", 4);
    ink_put_u32(data + 4, record->sequence);
    memcpy(data + 8, record->salt, INK_SALT_SIZE);
    ink_put_u32(data + 24, record->iterations);
    memcpy(data + 28, record->hash, INK_HASH_SIZE);
    data[60] = record->failed;
    ink_put_u32(data + CRC_OFFSET, ink_crc32(data, CRC_OFFSET));
}

bool ink_record_decode(const uint8_t *data, int length, ink_record *record) {
    if (length != INK_RECORD_SIZE || memcmp(data, "INK\1", 4) != 0 ||
        ink_get_u32(data + CRC_OFFSET) != ink_crc32(data, CRC_OFFSET)) {
        return false;
    }
    record->sequence = ink_get_u32(data + 4);
    memcpy(record->salt, data + 8, INK_SALT_SIZE);
    record->iterations = ink_get_u32(data + 24);
    memcpy(record->hash, data + 28, INK_HASH_SIZE);
    record->failed = data[60];
    return record->iterations >= 1 && record->iterations <= INK_RECORD_MAX_ITERATIONS;
}

static bool same_pin(const ink_record *a, const ink_record *b) {
    return a->iterations == b->iterations && memcmp(a->salt, b->salt, INK_SALT_SIZE) == 0 &&
           memcmp(a->hash, b->hash, INK_HASH_SIZE) == 0;
}

/* For INK_RECORD_VALID, also the slot that the PIN came from. */
static ink_record_status reconcile(uint8_t contents[2][INK_RECORD_SIZE], const int lengths[2],
                                   ink_record *record, unsigned *source) {
    ink_record found[2];
    bool valid[2];
    for (unsigned slot = 0; slot < 2; slot++) {
        valid[slot] = ink_record_decode(contents[slot], lengths[slot], &found[slot]);
    }
    if (valid[0] && valid[1]) {
        if (found[0].sequence == found[1].sequence && !same_pin(&found[0], &found[1])) {
            return INK_RECORD_UNREADABLE;
        }
        *source = found[1].sequence > found[0].sequence;
        *record = found[*source];
        if (record->failed < found[1 - *source].failed) {
            record->failed = found[1 - *source].failed;
        }
        return INK_RECORD_VALID;
    }
    if (valid[0] || valid[1]) {
        *source = valid[1];
        *record = found[*source];
        if (record->failed < UINT8_MAX) {
            record->failed++;
        }
        return INK_RECORD_VALID;
    }
    if (lengths[0] < 0 || lengths[1] < 0) {
        return INK_RECORD_FAILED;
    }
    if (lengths[1] == 1 && contents[1][0] == INK_RECORD_MARK) {
        return INK_RECORD_BLANK;
    }
    return lengths[0] == 0 && lengths[1] == 0 ? INK_RECORD_BLANK : INK_RECORD_UNREADABLE;
}

static bool put(const ink_slots *slots, unsigned slot, const uint8_t *data, size_t length) {
    uint8_t back[INK_RECORD_SIZE];
    return slots->write(slots->user, slot, data, length) &&
           slots->read(slots->user, slot, back, sizeof back) == (int)length &&
           memcmp(back, data, length) == 0;
}

ink_record_status ink_record_load(const ink_slots *slots, ink_record *record) {
    uint8_t contents[2][INK_RECORD_SIZE], data[INK_RECORD_SIZE];
    int lengths[2];
    unsigned source = 0;
    for (unsigned slot = 0; slot < 2; slot++) {
        lengths[slot] = slots->read(slots->user, slot, contents[slot], INK_RECORD_SIZE);
    }
    const ink_record_status status = reconcile(contents, lengths, record, &source);
    if (status != INK_RECORD_VALID) {
        return status;
    }
    ink_record_encode(record, data);
    for (unsigned i = 0; i < 2; i++) {
        const unsigned slot = i == 0 ? 1 - source : source;
        const bool same =
            lengths[slot] == INK_RECORD_SIZE && memcmp(contents[slot], data, sizeof data) == 0;
        if (!same && !put(slots, slot, data, sizeof data)) {
            return INK_RECORD_FAILED;
        }
    }
    return INK_RECORD_VALID;
}

/* Puts the mark into slot 1; one that a cut setting left stays, for a cut now could lose it. */
static bool put_mark(const ink_slots *slots) {
    static const uint8_t mark = INK_RECORD_MARK;
    uint8_t there;
    return (slots->read(slots->user, 1, &there, 1) == 1 && there == mark) ||
           put(slots, 1, &mark, 1);
}

bool ink_record_store(const ink_slots *slots, const ink_record *record, bool first) {
    uint8_t data[INK_RECORD_SIZE];
    ink_record_encode(record, data);
    return (!first || put_mark(slots)) && put(slots, 0, data, sizeof data) &&
           put(slots, 1, data, sizeof data);
}

bool ink_record_erase(const ink_slots *slots) {
    static const uint8_t nothing = 0;
    return put(slots, 0, &nothing, 0) && put(slots, 1, &nothing, 0);
}
