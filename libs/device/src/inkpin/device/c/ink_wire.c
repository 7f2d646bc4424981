#include "ink_wire.h"

#include <string.h>

#include "ink_bytes.h"

enum { CHECK_SIZE = 5, TAIL_SIZE = CHECK_SIZE + 3, BACKSPACE = 8, DELETE = 127 };

static const char hex_digits[] = "0123456789ABCDEF";

static uint16_t crc16(const char *text, size_t length) {
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < length; i++) {
        crc = (uint16_t)(crc ^ (uint8_t)text[i] << 8);
        for (int bit = 0; bit < 8; bit++) {
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
        }
    }
    return crc;
}

static void put_hex(char *out, uint32_t value, unsigned digits) {
    for (unsigned i = digits; i-- > 0; value >>= 4) {
        out[i] = hex_digits[value & 15];
    }
}

/* --- lines in --- */

/* Strips @ and check off a line that has them; false if the check is not right. */
static bool checked(ink_wire_reader *reader) {
    if (reader->text[0] != '@') {
        return true;
    }
    char check[CHECK_SIZE] = {'*'};
    if (reader->length < 1 + CHECK_SIZE) {
        return false;
    }
    const size_t length = reader->length - 1u - CHECK_SIZE;
    put_hex(check + 1, crc16(reader->text + 1, length), CHECK_SIZE - 1);
    if (memcmp(reader->text + 1 + length, check, CHECK_SIZE) != 0) {
        return false;
    }
    memmove(reader->text, reader->text + 1, length);
    reader->text[length] = '\0';
    return true;
}

static ink_wire_result end_line(ink_wire_reader *reader) {
    reader->ended = true;
    reader->text[reader->length] = '\0';
    if (reader->garbled) {
        return INK_WIRE_GARBLED;
    }
    if (reader->overlong) {
        return INK_WIRE_OVERLONG;
    }
    if (reader->length == 0) {
        return INK_WIRE_MORE;
    }
    return checked(reader) ? INK_WIRE_COMMAND : INK_WIRE_UNCHECKED;
}

ink_wire_result ink_wire_take(ink_wire_reader *reader, uint8_t byte) {
    if (reader->ended) {
        memset(reader, 0, sizeof *reader);
    }
    if (byte == '\n' || byte == '\r') {
        return end_line(reader);
    }
    if (byte == BACKSPACE || byte == DELETE) { /* a person at a terminal */
        reader->length = (uint8_t)(reader->length - (reader->length > 0));
    } else if (byte < ' ' || byte > '~') {
        reader->garbled = true;
    } else if (reader->length < INK_WIRE_IN_SIZE - 1) {
        reader->text[reader->length++] = (char)byte;
    } else {
        reader->overlong = true;
    }
    return INK_WIRE_MORE;
}

/* --- lines out --- */

static void put(ink_wire_writer *writer, const char *text, size_t length) {
    const size_t room = INK_WIRE_OUT_SIZE - TAIL_SIZE - writer->length;
    length = length < room ? length : room;
    memcpy(writer->text + writer->length, text, length);
    writer->length += length;
}

void ink_wire_begin(ink_wire_writer *writer, const char *name) {
    writer->length = 0;
    ink_wire_text(writer, "@", name);
}

void ink_wire_text(ink_wire_writer *writer, const char *before, const char *text) {
    put(writer, before, strlen(before));
    put(writer, text, strlen(text));
}

void ink_wire_number(ink_wire_writer *writer, const char *before, int32_t number) {
    char digits[10];
    const uint32_t size = number < 0 ? 0u - (uint32_t)number : (uint32_t)number;
    ink_wire_text(writer, before, number < 0 ? "-" : "");
    put(writer, digits, (size_t)(ink_put_decimal(digits, size) - digits));
}

void ink_wire_hex(ink_wire_writer *writer, const char *before, uint32_t value, unsigned digits) {
    char text[8];
    put_hex(text, value, digits);
    put(writer, before, strlen(before));
    put(writer, text, digits);
}

void ink_wire_end(ink_wire_writer *writer) {
    char tail[TAIL_SIZE] = {'*'};
    put_hex(tail + 1, crc16(writer->text + 1, writer->length - 1), CHECK_SIZE - 1);
    memcpy(tail + CHECK_SIZE, "\r\n", 3);
    memcpy(writer->text + writer->length, tail, TAIL_SIZE);
    writer->length += TAIL_SIZE - 1;
    writer->send(writer->user, writer->text, writer->length);
}

void ink_wire_send(ink_wire_writer *writer, const char *name, const char *text) {
    ink_wire_begin(writer, name);
    ink_wire_text(writer, " ", text);
    ink_wire_end(writer);
}
