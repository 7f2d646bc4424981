#include "ink_text.h"

#include <stddef.h>

#include "ink_bytes.h"

typedef struct {
    char *text;
    size_t used;
} writer;

static void put(writer *to, char c) {
    if (to->used < INK_TEXT_SIZE - 1) {
        to->text[to->used++] = c;
    }
}

static void put_number(writer *to, uint32_t number) {
    char digits[10];
    const char *end = ink_put_decimal(digits, number);
    for (const char *c = digits; c < end; c++) {
        put(to, *c);
    }
}

void ink_text(char text[INK_TEXT_SIZE], const char *form, uint32_t number, const char *label) {
    writer to = {text, 0};
    for (; *form != '\0'; form++) {
        if (*form == '#') {
            put_number(&to, number);
        } else if (*form == '@') {
            for (const char *c = label; *c != '\0'; c++) {
                put(&to, *c);
            }
        } else {
            put(&to, *form);
        }
    }
    text[to.used] = '\0';
}
