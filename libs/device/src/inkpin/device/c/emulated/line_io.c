#include "line_io.h"

#include <string.h>

#include "ink_bytes.h"
#include "ink_xtensa.h"

enum { LINE = 4096, BUFFER = 4096 };

static char line[LINE], *rest;
static char in[BUFFER], out[BUFFER];
static size_t in_at, in_end, out_end;
static bool line_begun;

/* --- in --- */

static int next_char(void) {
    if (in_at == in_end) {
        in_at = 0;
        in_end = ink_read(in, sizeof in);
    }
    return in_end == 0 ? -1 : in[in_at++];
}

bool read_line(void) {
    size_t length = 0;
    int c = next_char();
    if (c < 0) {
        return false;
    }
    for (; c >= 0 && c != '\n'; c = next_char()) {
        if (length == sizeof line - 1) {
            ink_exit(2);
        }
        line[length++] = (char)c;
    }
    line[length] = '\0';
    rest = line;
    return true;
}

const char *next_text(void) {
    const char *word = rest;
    while (*rest != '\0' && *rest != ' ') {
        rest++;
    }
    if (*rest == ' ') {
        *rest++ = '\0';
    }
    return word;
}

int32_t next_number(void) {
    const char *word = next_text();
    const bool negative = *word == '-';
    uint32_t size = 0;
    for (word += negative; *word >= '0' && *word <= '9'; word++) {
        size = 10 * size + (uint32_t)(*word - '0');
    }
    return (int32_t)(negative ? 0u - size : size);
}

static int nibble(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

size_t next_bytes(uint8_t *bytes, size_t capacity) {
    const char *word = next_text();
    size_t count = 0;
    for (; word[0] != '\0' && word[1] != '\0' && count < capacity; word += 2) {
        bytes[count++] = (uint8_t)(nibble(word[0]) << 4 | nibble(word[1]));
    }
    return count;
}

/* --- out --- */

static void put(const char *text, size_t length) {
    if (out_end + length > sizeof out) {
        flush();
    }
    memcpy(out + out_end, text, length);
    out_end += length;
}

void put_text(const char *text) {
    if (line_begun) {
        put(" ", 1);
    }
    line_begun = true;
    put(text, strlen(text));
}

void put_number(int32_t number) {
    char digits[12] = {'-'};
    char *end = number < 0 ? ink_put_decimal(digits + 1, 0u - (uint32_t)number)
                           : ink_put_decimal(digits, (uint32_t)number);
    *end = '\0';
    put_text(digits);
}

void put_bytes(const uint8_t *bytes, size_t count) {
    static const char digits[] = "0123456789abcdef";
    put_text("");
    for (size_t i = 0; i < count; i++) {
        const char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        put(pair, sizeof pair);
    }
}

void end_line(void) {
    put("\n", 1);
    line_begun = false;
}

void flush(void) {
    ink_write(out, out_end);
    out_end = 0;
}
