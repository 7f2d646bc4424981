#include "ink_flash.h"

#include <string.h>

#include "ink_bytes.h"

enum {
    ENTRY = 256,
    HEAD = 6,
    PLACES = INK_FLASH_SECTOR / ENTRY, /* of a sector */
    DAMAGED_LENGTH = sizeof INK_SLOT_DAMAGED - 1
};

typedef enum { BLANK, UNFINISHED, LIVE, DAMAGED, FAILED } kind;

/* What an area, or a sector of it, holds. */
typedef struct {
    kind kind;
    unsigned place; /* of the entry, if it is live */
} finding;

static bool filled_with(const uint8_t entry[ENTRY], uint8_t value) {
    for (size_t i = 0; i < ENTRY; i++) {
        if (entry[i] != value) {
            return false;
        }
    }
    return true;
}

static void encode(const uint8_t *data, size_t length, uint8_t entry[ENTRY]) {
    memset(entry, 0xFF, ENTRY);
    entry[4] = (uint8_t)length;
    entry[5] = 0;
    memcpy(entry + HEAD, data, length);
    ink_put_u32(entry, ink_crc32(entry + 4, ENTRY - 4));
}

static bool is_whole(const uint8_t entry[ENTRY]) {
    return entry[4] >= 1 && entry[4] <= INK_FLASH_CONTENT && entry[5] == 0 &&
           ink_get_u32(entry) == ink_crc32(entry + 4, ENTRY - 4);
}

/* Whether these bits are on their way to the mark's: each that is set there is set here. */
static bool is_unfinished_mark(const uint8_t entry[ENTRY]) {
    static const uint8_t content = INK_SLOT_MARK;
    uint8_t mark[ENTRY];
    encode(&content, 1, mark);
    for (size_t i = 0; i < ENTRY; i++) {
        if ((entry[i] & mark[i]) != mark[i]) {
            return false;
        }
    }
    return true;
}

/* Looks at each byte of a sector; `entry` becomes what a live one holds. */
static finding look_at_sector(const ink_flash *flash, uint32_t at, uint8_t entry[ENTRY]) {
    finding found = {BLANK, 0};
    uint8_t here[ENTRY];
    for (unsigned place = 0; place < PLACES; place++) {
        if (!flash->read(flash->user, at + place * ENTRY, here, ENTRY)) {
            found.kind = FAILED;
            return found;
        }
        const bool begins = place == 0 || found.place == place; /* nothing but spent ones before */
        if (begins && filled_with(here, 0)) {
            found.place = place + 1;
        } else if (begins && is_whole(here)) {
            found.kind = LIVE;
            memcpy(entry, here, ENTRY);
        } else if (place == 0 && !filled_with(here, 0xFF) && is_unfinished_mark(here)) {
            found.kind = UNFINISHED;
        } else if (!filled_with(here, 0xFF)) {
            found.kind = DAMAGED;
        }
    }
    if (found.kind == BLANK && found.place > 0) {
        found.kind = DAMAGED; /* spent ones alone */
    }
    return found;
}

/* The same for an area. */
static finding look(const ink_flash *flash, uint32_t at, uint8_t entry[ENTRY]) {
    finding first = look_at_sector(flash, at, entry);
    finding second = look_at_sector(flash, at + INK_FLASH_SECTOR, entry);
    if (first.kind == FAILED || second.kind == BLANK) {
        return first;
    }
    second.place += PLACES;
    if (first.kind != BLANK || second.kind == UNFINISHED) {
        second.kind = second.kind == FAILED ? FAILED : DAMAGED;
    }
    return second;
}

static bool put(const ink_flash *flash, uint32_t at, const uint8_t entry[ENTRY]) {
    uint8_t back[ENTRY];
    return flash->program(flash->user, at, entry, ENTRY) &&
           flash->read(flash->user, at, back, ENTRY) && memcmp(back, entry, ENTRY) == 0;
}

static bool erase_sector(const ink_flash *flash, uint32_t at) {
    uint8_t entry[ENTRY];
    return flash->erase(flash->user, at) && look_at_sector(flash, at, entry).kind == BLANK;
}

/* Erases the sectors of an area that are not blank. */
static bool erase_area(const ink_flash *flash, uint32_t at) {
    uint8_t entry[ENTRY];
    for (unsigned sector = 0; sector < 2; sector++, at += INK_FLASH_SECTOR) {
        const kind kind = look_at_sector(flash, at, entry).kind;
        if (kind == FAILED || (kind != BLANK && !erase_sector(flash, at))) {
            return false;
        }
    }
    return true;
}

int ink_flash_read(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    const ink_flash_areas *areas = user;
    uint8_t entry[ENTRY];
    const finding found = look(areas->flash, areas->at[slot], entry);
    switch (found.kind) {
    case BLANK:
    case UNFINISHED:
        return 0;
    case LIVE:
        memcpy(data, entry + HEAD, entry[4] < capacity ? entry[4] : capacity);
        return entry[4];
    case DAMAGED:
        memcpy(data, INK_SLOT_DAMAGED, DAMAGED_LENGTH < capacity ? DAMAGED_LENGTH : capacity);
        return DAMAGED_LENGTH;
    default:
        return -1;
    }
}

bool ink_flash_write(void *user, unsigned slot, const uint8_t *data, size_t length) {
    const ink_flash_areas *areas = user;
    const ink_flash *flash = areas->flash;
    const uint32_t at = areas->at[slot];
    uint8_t entry[ENTRY];
    const finding found = look(flash, at, entry);
    if (found.kind == FAILED || length > INK_FLASH_CONTENT) {
        return false;
    }
    if (length == 0) {
        return erase_area(flash, at);
    }
    encode(data, length, entry);
    if (found.kind == UNFINISHED && length == 1 && data[0] == INK_SLOT_MARK) {
        return put(flash, at, entry); /* finishes it: an erase that is cut could leave anything */
    }
    if (found.kind != LIVE) {
        return erase_area(flash, at) && put(flash, at, entry);
    }
    const unsigned next = (found.place + 1) % (2 * PLACES);
    if (!put(flash, at + next * ENTRY, entry)) {
        return false;
    }
    if (next % PLACES == 0) {
        return erase_sector(flash, at + (found.place - (PLACES - 1)) * ENTRY);
    }
    memset(entry, 0, sizeof entry);
    return put(flash, at + found.place * ENTRY, entry);
}
