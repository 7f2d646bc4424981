/* The lines of the serial port that programs read and write, and those that people type.
 *
 *     @NAME FIELD FIELD ...*CCCC
 *
 * Printable ASCII between a line's ends (CR, LF or both). CCCC is the CRC-16/CCITT-FALSE of what
 * lies between @ and the last *, in upper-case hex. A line without @ is a person's: the same words,
 * no check. wire.py is the other end; docs/wire.md lists the names.
 */
#ifndef INK_WIRE_H
#define INK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INK_WIRE_VERSION 1
#define INK_WIRE_IN_SIZE 64   /* bytes of a line that is taken, with its NUL */
#define INK_WIRE_OUT_SIZE 288 /* bytes of a line that is sent, with its CR, LF and NUL */

typedef enum {
    INK_WIRE_MORE,     /* the line has not ended */
    INK_WIRE_COMMAND,  /* reader->text holds the line, without @ and check */
    INK_WIRE_OVERLONG, /* it was too long, and is dropped */
    INK_WIRE_GARBLED,  /* it held bytes that no line has */
    INK_WIRE_UNCHECKED /* it began with @, and its check is wrong or missing */
} ink_wire_result;

/* Takes bytes as they come. All zeros is one that has seen none. */
typedef struct {
    char text[INK_WIRE_IN_SIZE];
    uint8_t length;
    bool overlong, garbled, ended;
} ink_wire_reader;

ink_wire_result ink_wire_take(ink_wire_reader *reader, uint8_t byte);

/* Writes a line, and hands it to `send`; what does not fit is cut, never the check. */
typedef struct {
    void (*send)(void *user, const char *text, size_t length);
    void *user; /* for `send` */
    char text[INK_WIRE_OUT_SIZE];
    size_t length;
} ink_wire_writer;

void ink_wire_begin(ink_wire_writer *writer, const char *name);

/* Add a field, or what follows a separator of the caller's choice in the field before. */
void ink_wire_text(ink_wire_writer *writer, const char *before, const char *text);
void ink_wire_number(ink_wire_writer *writer, const char *before, int32_t number);
void ink_wire_hex(ink_wire_writer *writer, const char *before, uint32_t value, unsigned digits);

/* Adds check and line end, and sends the line. */
void ink_wire_end(ink_wire_writer *writer);

/* Sends a line of one field. */
void ink_wire_send(ink_wire_writer *writer, const char *name, const char *text);

#ifdef __cplusplus
}
#endif
#endif
