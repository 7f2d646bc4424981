/* Storage of two slots, as the lock, its log and the settings are kept: a write that the power cuts
 * tears one of them, never both.
 */
#ifndef INK_SLOTS_H
#define INK_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a slot gives that holds something else than what was written: no content of anybody's. */
#define INK_SLOT_DAMAGED "damaged"

/* One byte of content that keeps a place; it is what it is also while it is half written. */
#define INK_SLOT_MARK 0xA5

typedef struct {
    void *user; /* handed to both */

    /* Copies at most `capacity` bytes of slot 0 or 1 and returns the number that it holds: 0 if it
     * is blank (never written, erased, or a mark was begun on that and cut), -1 on a read error. */
    int (*read)(void *user, unsigned slot, uint8_t *data, size_t capacity);

    /* Replaces what a slot holds (length 0 erases it); true once it would outlast a power cut.
     * A cut may leave any part of the new data, with or without the rest of the old. */
    bool (*write)(void *user, unsigned slot, const uint8_t *data, size_t length);
} ink_slots;

#endif
