/* The whole lock on a PC, in C: touch points in, digits read, PIN checked.
 *
 * Reads events, a line each, from standard input; --help says which. It forgets the PIN when it
 * ends: the two slots are memory here, where a device has flash. docs/c.md has the commands that
 * compile and feed it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digits.h"
#include "ink_kdf_mbedtls.h"
#include "ink_lock.h"
#include "ink_predict.h"
#include "ink_preprocess.h"

static const char *const STATES[] = {"choose",     "repeat",     "locked",        "waiting", "open",
                                     "change_old", "change_new", "change_repeat", "fault",   "try"};

typedef struct {
    uint8_t data[INK_RECORD_SIZE];
    int length;
} slot;

static int read_slot(void *user, unsigned number, uint8_t *data, size_t capacity) {
    const slot *slots = user;
    const size_t length = (size_t)slots[number].length;
    memcpy(data, slots[number].data, length < capacity ? length : capacity);
    return slots[number].length;
}

static bool write_slot(void *user, unsigned number, const uint8_t *data, size_t length) {
    slot *slots = user;
    if (length > sizeof slots[number].data) {
        return false;
    }
    memcpy(slots[number].data, data, length);
    slots[number].length = (int)length;
    return true;
}

static bool random_bytes(void *user, uint8_t *out, size_t count) {
    (void)user;
    FILE *source = fopen("/dev/urandom", "rb");
    const bool done = source && fread(out, 1, count, source) == count;
    if (source) {
        fclose(source);
    }
    return done;
}

/* Reads the ink as one digit and hands it to the lock; "?" costs nothing. */
static void read_ink(ink_strokes *ink, ink_lock *lock, uint32_t now) {
    static int32_t memory[DIGITS_MEMORY];
    ink_prediction reading = {0};
    if (ink_strokes_legible(ink)) {
        uint32_t rows[INK_SIDE];
        ink_strokes_bitmap(ink, INK_NORMALISED, rows);
        ink_predict(&digits_model, memory, rows, &reading);
    }
    ink_strokes_clear(ink);
    printf("Output %s %d%%\n", reading.label ? reading.label : "?", reading.confidence);
    if (reading.label) {
        ink_lock_step(lock, INK_LOCK_EVENT_DIGIT, (uint8_t)(reading.label[0] - '0'), now);
    } else {
        ink_lock_step(lock, INK_LOCK_EVENT_UNREAD, 0, now);
    }
}

static const char USAGE[] =
    "usage: lock < EVENTS\n\n"
    "A lock whose PIN is written. Prints each digit that was read and each new state; forgets the\n"
    "PIN when it ends. An event is a line of standard input:\n"
    "    x y      a touch sample, 0..239\n"
    "    up       the finger leaves\n"
    "    enter    the button: reads the ink, or without ink submits the PIN\n"
    "    clear    the button: drops the ink, or without ink the last digit\n"
    "    wait MS  time passes\n";

int main(int count, char **words) {
    static slot slots[2];
    static ink_strokes ink;
    static ink_lock lock;
    const ink_lock_hooks hooks = {
        NULL, ink_kdf_mbedtls, random_bytes, {slots, read_slot, write_slot}, NULL};
    const ink_lock_config config = INK_LOCK_DEFAULTS;
    uint32_t now = 0;
    char line[64];

    if (count > 1) {
        fputs(USAGE, strcmp(words[1], "--help") == 0 ? stdout : stderr);
        return strcmp(words[1], "--help") == 0 ? 0 : 2;
    }
    ink_strokes_clear(&ink);
    ink_lock_start(&lock, &hooks, &config, now);
    for (ink_lock_state shown = lock.state; fgets(line, sizeof line, stdin); shown = lock.state) {
        int x, y;
        if (sscanf(line, "%d %d", &x, &y) == 2) {
            ink_strokes_point(&ink, x, y);
        } else if (strcmp(line, "up\n") == 0) {
            ink_strokes_up(&ink);
        } else if (strcmp(line, "enter\n") == 0 && ink.count > 0) {
            read_ink(&ink, &lock, now);
        } else if (strcmp(line, "enter\n") == 0) {
            ink_lock_step(&lock, INK_LOCK_EVENT_ENTER, 0, now);
        } else if (strcmp(line, "clear\n") == 0 && ink.count > 0) {
            ink_strokes_clear(&ink);
        } else if (strcmp(line, "clear\n") == 0) {
            ink_lock_step(&lock, INK_LOCK_EVENT_CLEAR, 0, now);
        } else if (strncmp(line, "wait ", 5) == 0) {
            now += (uint32_t)strtoul(line + 5, NULL, 10);
            ink_lock_step(&lock, INK_LOCK_EVENT_TICK, 0, now);
        } else {
            fprintf(stderr, "not an event: %s", line);
            return 2;
        }
        if (lock.state != shown) {
            printf("State %s\n", STATES[lock.state]);
        }
    }
    return 0;
}
