/* What a line that is typed must bring about, worked out a second time. */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { ORACLE_NOTHING, ORACLE_ERROR, ORACLE_ANSWER, ORACLE_RESET } oracle_outcome;

/* Of the bytes of a line, without its end. */
oracle_outcome oracle_expect(const uint8_t *typed, size_t count);

/* The CRC-16/CCITT-FALSE. */
uint32_t oracle_check(const char *text, size_t length);

/* Whether a line, from its @ on, ends in the check of what lies between. */
bool oracle_is_checked(const char *line, size_t length);

bool oracle_begins(const char *line, const char *with);

#endif
