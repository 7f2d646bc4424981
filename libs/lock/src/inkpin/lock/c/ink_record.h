/* The one record that the lock keeps, twice, so that a power cut never costs it.
 *
 * A record is 66 bytes, integers little-endian:
 *
 *     offset  size
 *          0     3  "INK"
 *          3     1  format version: 2, or 3 if the hash is of the salt and the chip's own as well
 *          4     4  sequence: one more with every change
 *          8    16  salt
 *         24     4  iterations of PBKDF2-HMAC-SHA256, 1 to 1,000,000
 *         28    32  hash of the PIN
 *         60     1  failed: attempts that did not open, in a row
 *         61     1  failed again, each bit inverted
 *         62     4  CRC-32 (as in zlib) of all bytes before it
 *
 * record.py, which does the same, has the table of what the content of two slots amounts to.
 */
#ifndef INK_RECORD_H
#define INK_RECORD_H

#include "ink_slots.h"

#ifdef __cplusplus
extern "C" {
#endif

#define INK_RECORD_SIZE 66
#define INK_RECORD_MAX_ITERATIONS 1000000
#define INK_SALT_SIZE 16
#define INK_HASH_SIZE 32

typedef struct {
    uint32_t sequence;
    uint32_t iterations;
    uint8_t salt[INK_SALT_SIZE];
    uint8_t hash[INK_HASH_SIZE];
    uint8_t failed;
    uint8_t failed_inverted; /* kept apart from it: see ink_record_counts */
    bool bound;              /* to the chip */
} ink_record;

typedef enum {
    INK_RECORD_BLANK, /* first use */
    INK_RECORD_VALID,
    INK_RECORD_UNREADABLE,
    INK_RECORD_FAILED /* the storage, not its content */
} ink_record_status;

void ink_record_encode(const ink_record *record, uint8_t data[INK_RECORD_SIZE]);

/* False if `length` bytes of data are anything but a record; *record is then undefined. */
bool ink_record_decode(const uint8_t *data, int length, ink_record *record);

/* Reads both slots, reconciles them and brings both to the outcome. *record is set for
 * INK_RECORD_VALID alone. */
ink_record_status ink_record_load(const ink_slots *slots, ink_record *record);

/* Makes it the record that follows, with another count. */
void ink_record_change(ink_record *record, uint8_t failed);

/* Whether both copies of the count agree. */
bool ink_record_counts(const ink_record *record);

/* Writes a record to both slots and reads it back; `first` if no record came before it, and then
 * the slots must still say so. */
bool ink_record_store(const ink_slots *slots, const ink_record *record, bool first);

/* Reads the record as slot 1 holds it now; false if it holds none. */
bool ink_record_stored(const ink_slots *slots, ink_record *record);

/* Erases both slots. Cut halfway, the other slot stands and the record comes back. */
bool ink_record_erase(const ink_slots *slots);

#ifdef __cplusplus
}
#endif

#endif
