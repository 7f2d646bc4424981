/* Lines of words on standard input and output, without stdio. */
#ifndef INK_LINE_IO_H
#define INK_LINE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a line and returns false at the end of the input; next_... then take its words in turn. */
bool read_line(void);
const char *next_text(void);
int32_t next_number(void);
size_t next_bytes(uint8_t *bytes, size_t capacity); /* of a word in hex */

/* Add words to the line being written; end_line ends it, flush hands all lines over. */
void put_number(int32_t number);
void put_bytes(const uint8_t *bytes, size_t count); /* as a word in hex */
void put_text(const char *text);                    /* a word, or the rest of the line */
void end_line(void);
void flush(void);

#endif
