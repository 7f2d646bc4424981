/* What the fuzz targets share: their input, storage in memory, and a way to say what is wrong. */
#ifndef FUZZ_H
#define FUZZ_H

#include "ink_bytes.h"
#include "ink_lock.h"
#include "ink_log.h"

/* Ends the run, with the condition, if it does not hold. */
#define CHECK(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

/* What libFuzzer calls; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

__attribute__((noreturn)) void fuzz_fail(const char *file, int line, const char *condition);

typedef struct {
    const uint8_t *data;
    size_t size;
} fuzz_input;

/* The next byte; 0 after the end. */
uint8_t fuzz_byte(fuzz_input *input);

uint32_t fuzz_u32(fuzz_input *input);

/* A number below `limit`, from one byte. */
uint8_t fuzz_below(fuzz_input *input, unsigned limit);

enum { FUZZ_SLOT_SIZE = 255, FUZZ_NO_LIMIT = 0xFFFF };

/* Two slots and the power that is left to write them: a write takes a unit to begin and one for
 * each byte; that which runs out is torn, and then nothing works. */
typedef struct {
    uint8_t data[2][FUZZ_SLOT_SIZE];
    size_t length[2];
    bool unreadable[2];
    bool no_kdf, no_random;
    unsigned power;
    uint8_t salt;
} fuzz_storage;

void fuzz_storage_clear(fuzz_storage *storage);

/* A quick stand-in for the key derivation, into hash[INK_HASH_SIZE]. */
bool fuzz_derive(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                 uint32_t iterations, uint8_t *hash);

/* `user` of all of them is a fuzz_storage. */
ink_lock_hooks fuzz_lock_hooks(fuzz_storage *storage);
ink_slots fuzz_slots(fuzz_storage *storage);

#endif
