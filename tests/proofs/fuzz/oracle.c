#include "oracle.h"

#include <string.h>

#include "ink_wire.h"

bool oracle_begins(const char *line, const char *with) {
    return strncmp(line, with, strlen(with)) == 0;
}

uint32_t oracle_check(const char *text, size_t length) {
    uint32_t crc = 0xFFFF;
    while (length--) {
        for (uint32_t bit = 0, byte = (uint8_t)*text++; bit < 8; bit++) {
            crc = (crc << 1 ^ ((crc >> 15 ^ byte >> (7 - bit)) & 1 ? 0x1021 : 0)) & 0xFFFF;
        }
    }
    return crc;
}

bool oracle_is_checked(const char *line, size_t length) {
    uint32_t check = 0;
    if (length < 6 || line[0] != '@' || line[length - 5] != '*') {
        return false;
    }
    for (size_t i = length - 4; i < length; i++) {
        const char *digits = "0123456789ABCDEF", *digit = strchr(digits, line[i]);
        if (line[i] == '\0' || digit == NULL) {
            return false;
        }
        check = check << 4 | (uint32_t)(digit - digits);
    }
    return check == oracle_check(line + 1, length - 6);
}

oracle_outcome oracle_expect(const uint8_t *typed, size_t count) {
    static const char *const names[] = {"help",      "ping", "info",   "settings",     "set",
                                        "calibrate", "log",  "stream", "factory-reset"};
    char line[INK_WIRE_IN_SIZE];
    size_t length = 0;
    bool overlong = false;
    for (size_t i = 0; i < count; i++) {
        const uint8_t byte = typed[i];
        if (byte == 8 || byte == 127) {
            length -= length > 0;
        } else if (byte < ' ' || byte > '~') {
            return ORACLE_ERROR;
        } else if (length == sizeof line - 1) {
            overlong = true;
        } else {
            line[length++] = (char)byte;
        }
    }
    line[length] = '\0';
    if (overlong || (line[0] == '@' && !oracle_is_checked(line, length))) {
        return ORACLE_ERROR;
    }
    if (length == 0) {
        return ORACLE_NOTHING;
    }
    if (line[0] == '@') {
        line[length - 5] = '\0';
    }
    const char *word = line + (line[0] == '@');
    word += strspn(word, " ");
    const size_t size = strcspn(word, " ");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == size && oracle_begins(word, names[i])) {
            const char *rest = word + size + strspn(word + size, " ");
            const bool erases = oracle_begins(rest, "ERASE") && (rest[5] == '\0' || rest[5] == ' ');
            return strcmp(names[i], "factory-reset") == 0 && erases ? ORACLE_RESET : ORACLE_ANSWER;
        }
    }
    return ORACLE_ERROR;
}
