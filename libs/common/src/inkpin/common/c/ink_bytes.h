/* Integers as bytes and digits, and the check that goes with what is kept. */
#ifndef INK_BYTES_H
#define INK_BYTES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Little-endian. */
void ink_put_u32(uint8_t *data, uint32_t value);
uint32_t ink_get_u32(const uint8_t *data);

/* CRC-32, as in zlib. */
uint32_t ink_crc32(const uint8_t *data, size_t length);

/* Writes a number in decimal, at most ten digits and no NUL, and returns where it ends. */
char *ink_put_decimal(char *out, uint32_t number);

#ifdef __cplusplus
}
#endif

#endif
