/* Whatever happens to a flash: a slot is blank if its area is, and no write takes more than its own
 * slot, or leaves it blank; a lock on it begins anew on a blank chip or a mark alone.
 */
#include "fuzz.h"
#include "ink_flash.h"

#include <string.h>

enum { AREA = INK_FLASH_AREA, ENTRY = 256 };

typedef struct {
    uint8_t cells[2 * AREA];
    unsigned power; /* bytes that may still be programmed; an erase takes one */
} chip;

static bool read_chip(void *user, uint32_t at, uint8_t *data, size_t count) {
    chip *c = user;
    CHECK(at <= sizeof c->cells && count <= sizeof c->cells - at);
    memcpy(data, c->cells + at, count);
    return true;
}

static bool program_chip(void *user, uint32_t at, const uint8_t *data, size_t count) {
    chip *c = user;
    CHECK(at <= sizeof c->cells && count <= sizeof c->cells - at);
    for (size_t i = 0; i < count; i++) {
        if (c->power == 0) {
            return false;
        }
        c->power--;
        c->cells[at + i] &= data[i];
    }
    return true;
}

static bool erase_chip(void *user, uint32_t at) {
    chip *c = user;
    CHECK(at % INK_FLASH_SECTOR == 0 && at < sizeof c->cells);
    if (c->power == 0) {
        return false;
    }
    c->power--;
    memset(c->cells + at, 0xFF, INK_FLASH_SECTOR);
    return true;
}

static bool blank(const uint8_t *area, size_t from) {
    for (size_t i = from; i < AREA; i++) {
        if (area[i] != 0xFF) {
            return false;
        }
    }
    return true;
}

/* What a slot gives, held against its area; of a buffer no larger than asked for. */
static int read_slot(ink_flash_areas *areas, const chip *c, unsigned slot, uint8_t *out) {
    const int length = ink_flash_read(areas, slot, out, INK_FLASH_CONTENT);
    const uint8_t *area = c->cells + slot * AREA;
    CHECK(length >= 0 && length <= INK_FLASH_CONTENT);
    if (length == 0) {
        CHECK(blank(area, ENTRY)); /* and at most a mark that was begun */
    } else {
        CHECK(!blank(area, 0));
    }
    return length;
}

static void start_lock(ink_flash_areas *areas, const chip *c) {
    static const ink_lock_config config = INK_LOCK_DEFAULTS;
    fuzz_storage none;
    ink_lock lock;
    uint8_t out[INK_FLASH_CONTENT];
    bool empty = true, marked = false;
    for (unsigned slot = 0; slot < 2; slot++) {
        const int length = read_slot(areas, c, slot, out);
        empty = empty && length == 0;
        marked = marked || (length == 1 && out[0] == INK_SLOT_MARK);
    }
    fuzz_storage_clear(&none);
    ink_lock_hooks hooks = fuzz_lock_hooks(&none);
    hooks.slots = (ink_slots){areas, ink_flash_read, ink_flash_write};
    ink_lock_start(&lock, &hooks, &config, 0);
    CHECK(lock.state != INK_LOCK_OPEN);
    CHECK(lock.state != INK_LOCK_CHOOSE || empty || marked);
}

static void write_slot(ink_flash_areas *areas, chip *c, fuzz_input *input) {
    static uint8_t other[AREA];
    uint8_t data[INK_FLASH_CONTENT], before[INK_FLASH_CONTENT], after[INK_FLASH_CONTENT];
    const unsigned slot = fuzz_byte(input) & 1;
    const uint8_t length = fuzz_below(input, INK_FLASH_CONTENT + 1);
    memset(data, fuzz_byte(input), sizeof data);
    memcpy(other, c->cells + (1 - slot) * AREA, AREA);
    const int had = read_slot(areas, c, slot, before);
    const bool done = ink_flash_write(areas, slot, data, length);
    const int has = read_slot(areas, c, slot, after);
    CHECK(memcmp(other, c->cells + (1 - slot) * AREA, AREA) == 0);
    CHECK(!done || (has == length && memcmp(after, data, length) == 0));
    /* An area that was damaged is erased first: only a record beside it may be written then. */
    CHECK(done || had == 0 || length == 0 || has != 0 || memcmp(before, "damaged", 7) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static chip c;
    fuzz_input input = {data, size};
    const ink_flash flash = {&c, read_chip, program_chip, erase_chip};
    ink_flash_areas areas = {&flash, {0, AREA}};
    memset(c.cells, 0xFF, sizeof c.cells);
    while (input.size > 0) {
        const uint8_t what = fuzz_byte(&input);
        c.power = UINT32_MAX;
        if (what < 0x80) {
            write_slot(&areas, &c, &input);
        } else if (what < 0xA0) {
            c.power = 2u * fuzz_byte(&input);
            write_slot(&areas, &c, &input);
        } else if (what < 0xC0) {
            const uint32_t at = fuzz_u32(&input) % sizeof c.cells;
            c.cells[at] = fuzz_byte(&input);
        } else if (what < 0xD0) {
            memset(c.cells + (what & 3) * INK_FLASH_SECTOR, fuzz_byte(&input), INK_FLASH_SECTOR);
        } else {
            start_lock(&areas, &c);
        }
    }
    start_lock(&areas, &c);
    return 0;
}
