/* Two slots in raw NOR flash: a filesystem would say "not found" of what is damaged; this does not.
 *
 * A slot is an area of two sectors of 4096 bytes, and an area 32 places of 256 bytes. An entry,
 * which is what was written last, takes one place, integers little-endian:
 *
 *     offset  size
 *          0     4  CRC-32 (as in zlib) of all bytes after it
 *          4     2  length of the content, 1 to 250
 *          6   250  content, then 0xFF
 *
 * flash.py, which does the same byte for byte, tells how an area is written and read.
 */
#ifndef INK_FLASH_H
#define INK_FLASH_H

#include "ink_slots.h"

#ifdef __cplusplus
extern "C" {
#endif

#define INK_FLASH_SECTOR 4096
#define INK_FLASH_AREA (2 * INK_FLASH_SECTOR)
#define INK_FLASH_CONTENT 250 /* bytes of content at most */

/* The chip. Each is true if it was done; `at` is an address of the caller's choice. */
typedef struct {
    void *user; /* handed to each */
    bool (*read)(void *user, uint32_t at, uint8_t *data, size_t count);
    bool (*program)(void *user, uint32_t at, const uint8_t *data, size_t count); /* bits to 0 */
    bool (*erase)(void *user, uint32_t at); /* a sector's bits to 1 */
} ink_flash;

/* Two areas, which no sector, and better no partition, takes together. */
typedef struct {
    const ink_flash *flash;
    uint32_t at[2];
} ink_flash_areas;

/* For ink_slots; `user` is an ink_flash_areas. */
int ink_flash_read(void *user, unsigned slot, uint8_t *data, size_t capacity);
bool ink_flash_write(void *user, unsigned slot, const uint8_t *data, size_t length);

#ifdef __cplusplus
}
#endif

#endif
