/* Whatever happens to a lock, its storage and its power: only a PIN that was once submitted twice
 * opens, and no failure is forgotten but by it or by a reset.
 */
#include "fuzz.h"

#include <string.h>

enum { PINS = 128 }; /* to set one takes four bytes of at most 512 that are fuzzed */

typedef struct {
    fuzz_storage storage;
    ink_lock_hooks hooks;
    ink_lock_config config;
    ink_lock lock;
    uint32_t now;
    uint8_t written[INK_LOCK_MAX_LENGTH];
    uint8_t chosen[INK_LOCK_MAX_LENGTH]; /* what is to be repeated */
    uint8_t chosen_length;
    uint8_t pins[PINS][INK_LOCK_MAX_LENGTH]; /* all that were submitted twice: a cut of power
                                              * may leave an old one in force */
    uint8_t lengths[PINS];
    unsigned count;
    unsigned most; /* attempts that may be left */
} world;

/* Whether the first so many digits that are written are a PIN that may be set. */
static bool known(const world *w, uint8_t length) {
    for (unsigned i = 0; i < w->count; i++) {
        if (w->lengths[i] == length && memcmp(w->pins[i], w->written, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Remembers the PIN that is submitted, if it is for the second time. */
static void submitted(world *w, ink_lock_state state, uint8_t length) {
    if (state == INK_LOCK_CHOOSE || state == INK_LOCK_CHANGE_NEW) {
        memcpy(w->chosen, w->written, INK_LOCK_MAX_LENGTH);
        w->chosen_length = length;
    } else if ((state == INK_LOCK_REPEAT || state == INK_LOCK_CHANGE_REPEAT) &&
               w->chosen_length == length && memcmp(w->chosen, w->written, length) == 0) {
        CHECK(w->count < PINS);
        memcpy(w->pins[w->count], w->written, INK_LOCK_MAX_LENGTH);
        w->lengths[w->count++] = length;
    }
}

/* Keeps `most` what the lock says, and lets it say no more than that. */
static void count(world *w, bool forgiven) {
    const ink_lock *lock = &w->lock;
    if (forgiven || lock->state == INK_LOCK_CHOOSE) {
        w->most = w->config.max_failures;
    }
    if (lock->state == INK_LOCK_FAULT) {
        return;
    }
    CHECK(lock->attempts_left <= w->most);
    w->most = lock->attempts_left;
}

static void start(world *w) {
    ink_lock_start(&w->lock, &w->hooks, &w->config, w->now);
    CHECK(w->lock.state != INK_LOCK_OPEN);
    count(w, false);
}

static void step(world *w, ink_lock_event event, uint8_t symbol) {
    ink_lock *lock = &w->lock;
    const ink_lock_state before = lock->state;
    const bool submits = event == INK_LOCK_EVENT_ENTER && lock->filled >= w->config.shortest;
    const uint8_t filled = lock->filled;
    if (submits) {
        submitted(w, before, filled);
    }
    const uint32_t effects = ink_lock_step(lock, event, symbol, w->now);
    if ((effects & INK_LOCK_EFFECT_DIGIT) && before != INK_LOCK_TRY) {
        CHECK(lock->filled == filled + 1 || lock->filled == 1); /* 1: a time-out came first */
        w->written[lock->filled - 1] = symbol;
    }
    if (effects & INK_LOCK_EFFECT_OPENED) {
        CHECK(submits && before == INK_LOCK_LOCKED);
    }
    const bool passed = lock->state != before &&
                        (lock->state == INK_LOCK_OPEN || lock->state == INK_LOCK_CHANGE_NEW) &&
                        before != INK_LOCK_CHANGE_REPEAT;
    if (passed) {
        CHECK(known(w, filled));
    }
    if (effects & INK_LOCK_EFFECT_REFUSED) {
        CHECK(submits && lock->attempts_left < w->most);
    }
    CHECK(lock->filled <= w->config.longest);
    CHECK(lock->shown == INK_LOCK_NO_SYMBOL || lock->shown < w->config.alphabet);
    if (lock->state == INK_LOCK_OPEN) {
        const uint32_t open_ms = w->config.open_ms;
        CHECK(lock->seconds_left <= open_ms / 1000 + (open_ms % 1000 > 0));
        CHECK(lock->seconds_left > 0 || open_ms == 0);
    } else if (lock->state == INK_LOCK_WAITING) {
        CHECK(lock->seconds_left > 0 && lock->seconds_left <= INK_LOCK_MAX_DELAY_S);
    } else {
        CHECK(lock->seconds_left == 0);
    }
    /* The right PIN may have been taken though its success could not be stored. */
    count(w, passed || (submits && known(w, filled)) ||
                 (effects & (INK_LOCK_EFFECT_SET | INK_LOCK_EFFECT_RESET)));
}

static void damage(world *w, fuzz_input *input) {
    const unsigned slot = fuzz_below(input, 2);
    const unsigned bit = fuzz_u32(input);
    const size_t length = w->storage.length[slot];
    if (length > 0 && bit % 3 != 0) {
        w->storage.data[slot][bit / 8 % length] ^= (uint8_t)(1 << bit % 8);
    } else {
        w->storage.length[slot] = length > 0 ? bit / 8 % length : 0;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint32_t times[] = {0, 1, 10, 100, 1000, 30000, 3600000, 0x7FFFFFFF};
    fuzz_input input = {data, size};
    world w;
    memset(&w, 0, sizeof w);
    fuzz_storage_clear(&w.storage);
    w.hooks = fuzz_lock_hooks(&w.storage);
    w.config = (ink_lock_config){(uint8_t)(1 + fuzz_below(&input, 8)),
                                 INK_LOCK_MAX_LENGTH,
                                 (uint8_t)(2 + fuzz_below(&input, 9)),
                                 (uint8_t)(1 + fuzz_below(&input, 255)),
                                 1,
                                 1000,
                                 30000};
    w.most = w.config.max_failures;
    start(&w);
    while (input.size > 0) {
        const uint8_t what = fuzz_byte(&input);
        if (what < 0x80) {
            step(&w, INK_LOCK_EVENT_DIGIT, what & 0x0F);
        } else if (what < 0xE0) {
            w.now += times[what & 7];
            step(&w, (ink_lock_event)((what >> 3 & 7) % 6 + (what >> 3 & 7) / 7), 0);
        } else if (what < 0xE8) {
            step(&w, INK_LOCK_EVENT_RESET, 0);
        } else if (what < 0xF0) {
            w.storage.power = what & 1 ? fuzz_byte(&input) : FUZZ_NO_LIMIT;
        } else if (what < 0xF8) {
            w.storage.unreadable[0] = what & 1;
            w.storage.unreadable[1] = what >> 1 & 1;
            w.storage.no_kdf = what >> 2 & 1;
            w.storage.no_random = w.storage.no_kdf;
        } else {
            if (what > 0xFC) {
                damage(&w, &input);
            }
            start(&w);
        }
    }
    return 0;
}
