/* The one record that the lock keeps, twice, so that a power cut never costs it.
 *
 * A record is 65 bytes, integers little-endian:
 *
 *     offset  size
 *          0     3  "INK"
 *          3     1  format version, 1
 *          4     4  sequence: one more with every new PIN
 *          8    16  salt
 *         24     4  iterations of PBKDF2-HMAC-SHA256, 1 to 1,000,000
 *         28    32  hash of the PIN
 *         60     1  failed: attempts that did not open, in a row
 *         61     4  CRC-32 (as in zlib) of all bytes before it
 *
 * record.py, which does the same, has the table of what the content of two slots amounts to.
 */
#ifndef INK_RECORD_H
#define INK_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INK_RECORD_SIZE 65
#define INK_RECORD_MARK 0xA5 /* slot 1 while the first PIN of all is being stored */
#define INK_RECORD_MAX_ITERATIONS 1000000
#define INK_SALT_SIZE 16
#define INK_HASH_SIZE 32

/* What the lock needs of its surroundings; `user` is handed to each. */
typedef struct {
    void *user;

    /* PBKDF2-HMAC-SHA256 into hash[INK_HASH_SIZE]; false if that failed. `pin` has one ASCII byte
     * for each place, '0' plus the symbol; keep no copy of it. salt[INK_SALT_SIZE]. */
    bool (*derive)(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                   uint32_t iterations, uint8_t *hash);

    /* `count` bytes that nobody can guess; false if there are none. */
    bool (*random)(void *user, uint8_t *out, size_t count);

    /* Copies at most `capacity` bytes of slot 0 or 1 and returns the number that it holds: 0 if
     * never written or erased, -1 on a read error. */
    int (*read)(void *user, unsigned slot, uint8_t *data, size_t capacity);

    /* Replaces what a slot holds (length 0 erases it); true once it would outlast a power cut.
     * A cut may leave any part of the new data, with or without the rest of the old. */
    bool (*write)(void *user, unsigned slot, const uint8_t *data, size_t length);
} ink_lock_hooks;

typedef struct {
    uint32_t sequence;
    uint32_t iterations;
    uint8_t salt[INK_SALT_SIZE];
    uint8_t hash[INK_HASH_SIZE];
    uint8_t failed;
} ink_record;

typedef enum {
    INK_RECORD_BLANK, /* first use */
    INK_RECORD_VALID,
    INK_RECORD_UNREADABLE,
    INK_RECORD_FAILED /* the storage, not its content */
} ink_record_finding;

void ink_record_encode(const ink_record *record, uint8_t data[INK_RECORD_SIZE]);

/* False if `length` bytes of data are anything but a record; *record is then undefined. */
bool ink_record_decode(const uint8_t *data, int length, ink_record *record);

/* Reads both slots, settles what they mean and brings both to it. *record is set for
 * INK_RECORD_VALID alone. */
ink_record_finding ink_record_load(const ink_lock_hooks *hooks, ink_record *record);

/* Writes a record to both slots and reads it back; `first` if no record came before it. */
bool ink_record_store(const ink_lock_hooks *hooks, const ink_record *record, bool first);

/* Erases both slots. Cut halfway, the other slot stands and the record comes back. */
bool ink_record_erase(const ink_lock_hooks *hooks);

#ifdef __cplusplus
}
#endif

#endif
