#include "ink_lock.h"

#include <string.h>

/* Nick Berry's count of leaked four-digit codes, its ten most frequent. */
static const char common_pins[10][5] = {"1234", "1111", "0000", "1212", "7777",
                                        "1004", "2000", "4444", "2222", "6969"};

/* volatile, or the compiler would leave out writes that nothing reads. */
static void wipe(uint8_t *data, size_t length) {
    volatile uint8_t *bytes = data;
    while (length--) {
        *bytes++ = 0;
    }
}

bool ink_lock_equal(const uint8_t *a, const uint8_t *b, size_t length) {
    const volatile uint8_t *left = a, *right = b;
    uint8_t difference = 0;
    for (size_t i = 0; i < length; i++) {
        difference |= left[i] ^ right[i];
    }
    return difference == 0;
}

static uint16_t delay_s(uint8_t failed) {
    return (uint16_t)(failed < 12 ? (1u << failed) - 1 : INK_LOCK_MAX_DELAY_S);
}

static void enter(ink_lock *lock, ink_lock_state state, ink_lock_message message) {
    lock->state = state;
    lock->message = message;
    lock->since = lock->now;
    lock->filled = 0;
    lock->shown = INK_LOCK_NO_SYMBOL;
    wipe(lock->places, sizeof lock->places);
    if (state != INK_LOCK_REPEAT && state != INK_LOCK_CHANGE_REPEAT) {
        wipe(lock->first, sizeof lock->first);
    }
}

static void fail(ink_lock *lock, ink_lock_message reason) { enter(lock, INK_LOCK_FAULT, reason); }

static void relock(ink_lock *lock) {
    enter(lock, lock->has_record ? INK_LOCK_LOCKED : INK_LOCK_CHOOSE, INK_LOCK_MESSAGE_NONE);
}

static bool chip(const ink_lock *lock, uint8_t own[INK_SALT_SIZE]) {
    return lock->hooks->chip && lock->hooks->chip(lock->hooks->user, own);
}

static bool derive(const ink_lock *lock, const ink_record *record, uint8_t *hash) {
    uint8_t salt[INK_SALT_SIZE] = {0};
    if (record->bound && !chip(lock, salt)) {
        return false;
    }
    for (size_t i = 0; i < INK_SALT_SIZE; i++) {
        salt[i] ^= record->salt[i];
    }
    return lock->hooks->derive(lock->hooks->user, lock->places, lock->filled, salt,
                               record->iterations, hash);
}

static void stay_closed(ink_lock *lock) {
    lock->effects |= INK_LOCK_EFFECT_UNPOWERED;
    enter(lock, INK_LOCK_LOCKED, INK_LOCK_MESSAGE_POWER);
}

/* Opens, if the storage agrees: the PIN is compared a second time, with what slot 1 holds now. One
 * disturbed instruction, or a flipped bit of the record in memory, does not open. */
static void accept(ink_lock *lock, const uint8_t *hash) {
    ink_record again;
    const bool same = ink_record_stored(&lock->hooks->slots, &again) &&
                      ink_record_counts(&lock->record) && again.failed == lock->record.failed &&
                      ink_lock_equal(hash, again.hash, sizeof again.hash);
    ink_record_change(&lock->record, 0);
    if (!same || !ink_record_store(&lock->hooks->slots, &lock->record, false)) {
        fail(lock, INK_LOCK_MESSAGE_STORAGE);
    } else if (lock->state == INK_LOCK_CHANGE_OLD) {
        enter(lock, INK_LOCK_CHANGE_NEW, INK_LOCK_MESSAGE_NONE);
    } else if (lock->powered) {
        enter(lock, INK_LOCK_OPEN, INK_LOCK_MESSAGE_NONE);
    } else {
        stay_closed(lock);
    }
}

/* Counts the attempt as failed, in both slots, and only then checks it. */
static void attempt(ink_lock *lock) {
    ink_record *record = &lock->record;
    uint8_t hash[INK_HASH_SIZE] = {0};
    const uint8_t failed = record->failed;
    const bool counts = ink_record_counts(record);
    ink_record_change(record, failed < UINT8_MAX ? (uint8_t)(failed + 1) : failed);
    if (!counts || !ink_record_store(&lock->hooks->slots, record, false) ||
        !derive(lock, record, hash)) {
        fail(lock, INK_LOCK_MESSAGE_STORAGE);
    } else if (ink_lock_equal(hash, record->hash, sizeof hash)) {
        accept(lock, hash);
    } else {
        lock->effects |= INK_LOCK_EFFECT_REFUSED;
        if (record->failed >= lock->config.max_failures) {
            fail(lock, INK_LOCK_MESSAGE_ATTEMPTS);
        } else {
            enter(lock, INK_LOCK_WAITING, INK_LOCK_MESSAGE_WRONG);
        }
    }
    wipe(hash, sizeof hash);
}

static void set_pin(ink_lock *lock) {
    const bool first = !lock->has_record;
    ink_record *record = &lock->record;
    record->sequence = first ? 0 : record->sequence;
    ink_record_change(record, 0);
    record->iterations = lock->config.iterations;
    uint8_t own[INK_SALT_SIZE];
    record->bound = chip(lock, own);
    lock->has_record = lock->hooks->random(lock->hooks->user, record->salt, INK_SALT_SIZE) &&
                       derive(lock, record, record->hash) &&
                       ink_record_store(&lock->hooks->slots, record, first);
    if (lock->has_record) {
        lock->effects |= INK_LOCK_EFFECT_SET;
        enter(lock, INK_LOCK_LOCKED, first ? INK_LOCK_MESSAGE_SET : INK_LOCK_MESSAGE_CHANGED);
    } else {
        fail(lock, INK_LOCK_MESSAGE_STORAGE);
    }
}

/* Whether each value is the one `period` places before it. */
static bool repeats(const uint8_t *values, size_t count, size_t period) {
    return memcmp(values + period, values, count - period) == 0;
}

/* Of more than four digits, those that are made by a rule: see lock.py. */
static bool follows_a_rule(const uint8_t *pin, size_t length) {
    uint8_t steps[INK_LOCK_MAX_LENGTH] = {0};
    bool found = true;
    for (size_t i = 0; i < length; i++) {
        steps[i] = (uint8_t)((pin[(i + 1) % length] + 10 - pin[i]) % 10);
        found = found && pin[i] == pin[length - 1 - i]; /* the same backwards */
    }
    found = found || repeats(steps, length - 1, 2);
    for (size_t block = 1; block <= length / 2; block++) {
        found = found || repeats(pin, length, block);
    }
    wipe(steps, sizeof steps);
    return found;
}

static bool is_common(const ink_lock *lock) {
    if (lock->config.alphabet != 10 || lock->filled < 4) {
        return false;
    }
    for (size_t i = 0; lock->filled == 4 && i < sizeof common_pins / sizeof common_pins[0]; i++) {
        if (memcmp(lock->places, common_pins[i], 4) == 0) {
            return true;
        }
    }
    return lock->filled > 4 && follows_a_rule(lock->places, lock->filled);
}

static void submit(ink_lock *lock) {
    const bool choosing = lock->state == INK_LOCK_CHOOSE || lock->state == INK_LOCK_REPEAT;
    if (lock->state == INK_LOCK_OPEN || lock->state == INK_LOCK_TRY) {
        relock(lock);
    } else if (lock->filled < lock->config.shortest) {
        lock->message = INK_LOCK_MESSAGE_INCOMPLETE;
    } else if (lock->state == INK_LOCK_CHOOSE || lock->state == INK_LOCK_CHANGE_NEW) {
        if (is_common(lock)) {
            enter(lock, lock->state, INK_LOCK_MESSAGE_COMMON);
        } else {
            memcpy(lock->first, lock->places, sizeof lock->first);
            enter(lock, choosing ? INK_LOCK_REPEAT : INK_LOCK_CHANGE_REPEAT, INK_LOCK_MESSAGE_NONE);
        }
    } else if (lock->state == INK_LOCK_REPEAT || lock->state == INK_LOCK_CHANGE_REPEAT) {
        if (ink_lock_equal(lock->places, lock->first, sizeof lock->first)) {
            set_pin(lock);
        } else {
            enter(lock, choosing ? INK_LOCK_CHOOSE : INK_LOCK_CHANGE_NEW,
                  INK_LOCK_MESSAGE_DIFFERENT);
        }
    } else {
        attempt(lock);
    }
}

static void take(ink_lock *lock, uint8_t symbol) {
    if (lock->filled == lock->config.longest) {
        lock->message = INK_LOCK_MESSAGE_FULL;
        return;
    }
    lock->effects |= INK_LOCK_EFFECT_DIGIT;
    if (lock->state != INK_LOCK_TRY) {
        lock->places[lock->filled++] = (uint8_t)('0' + symbol);
        lock->shown = symbol;
        lock->shown_since = lock->now;
    }
}

static void take_back(ink_lock *lock) {
    if (lock->state == INK_LOCK_OPEN) {
        enter(lock, INK_LOCK_CHANGE_OLD, INK_LOCK_MESSAGE_NONE);
    } else if (lock->filled > 0) {
        lock->places[--lock->filled] = 0;
        lock->shown = INK_LOCK_NO_SYMBOL;
    } else if (lock->state != INK_LOCK_CHOOSE && lock->state != INK_LOCK_TRY) {
        relock(lock);
    }
}

static void toggle_try(ink_lock *lock) {
    if (lock->state == INK_LOCK_TRY) {
        relock(lock);
    } else if (lock->state == INK_LOCK_CHOOSE || lock->state == INK_LOCK_LOCKED ||
               lock->state == INK_LOCK_OPEN) {
        enter(lock, INK_LOCK_TRY, INK_LOCK_MESSAGE_NONE);
    }
}

static void handle(ink_lock *lock, ink_lock_event event, uint8_t symbol) {
    const bool ink = event == INK_LOCK_EVENT_DIGIT || event == INK_LOCK_EVENT_UNREAD;
    if (lock->state == INK_LOCK_OPEN && ink) {
        return;
    }
    if (lock->state != INK_LOCK_OPEN) {
        lock->since = lock->now;
    }
    lock->message = INK_LOCK_MESSAGE_NONE;
    if (event == INK_LOCK_EVENT_DIGIT && symbol < lock->config.alphabet) {
        take(lock, symbol);
    } else if (ink) {
        lock->message = INK_LOCK_MESSAGE_UNREAD;
        lock->effects |= INK_LOCK_EFFECT_UNREAD;
    } else if (event == INK_LOCK_EVENT_ENTER) {
        submit(lock);
    } else if (event == INK_LOCK_EVENT_CLEAR) {
        take_back(lock);
    } else if (event == INK_LOCK_EVENT_TRY) {
        toggle_try(lock);
    }
}

static void reset(ink_lock *lock) {
    lock->has_record = false;
    if (ink_record_erase(&lock->hooks->slots)) {
        lock->effects |= INK_LOCK_EFFECT_RESET;
        enter(lock, INK_LOCK_CHOOSE, INK_LOCK_MESSAGE_NONE);
    } else {
        fail(lock, INK_LOCK_MESSAGE_STORAGE);
    }
}

static void expire_timers(ink_lock *lock) {
    const uint32_t passed = lock->now - lock->since;
    if (lock->state == INK_LOCK_WAITING) {
        if (passed >= 1000u * delay_s(lock->record.failed)) {
            enter(lock, INK_LOCK_LOCKED, lock->message);
        }
    } else if (lock->state == INK_LOCK_OPEN && !lock->powered) {
        stay_closed(lock);
    } else if (passed >= lock->config.open_ms) {
        if (lock->state >= INK_LOCK_OPEN && lock->state <= INK_LOCK_CHANGE_REPEAT) {
            enter(lock, INK_LOCK_LOCKED, INK_LOCK_MESSAGE_NONE);
        } else if (lock->state == INK_LOCK_REPEAT) {
            enter(lock, INK_LOCK_CHOOSE, INK_LOCK_MESSAGE_NONE);
        } else if (lock->filled > 0) {
            enter(lock, lock->state, INK_LOCK_MESSAGE_NONE);
        }
    }
    if (lock->now - lock->shown_since >= lock->config.reveal_ms) {
        lock->shown = INK_LOCK_NO_SYMBOL;
    }
}

/* Brings the figures for the screen up to date. */
static void update_figures(ink_lock *lock) {
    const uint8_t failed = lock->has_record ? lock->record.failed : 0;
    const bool fault = lock->state == INK_LOCK_FAULT;
    lock->attempts_left = fault ? 0 : (uint8_t)(lock->config.max_failures - failed);
    lock->seconds_left = 0;
    if (lock->state == INK_LOCK_WAITING || lock->state == INK_LOCK_OPEN) {
        const bool open = lock->state == INK_LOCK_OPEN;
        const uint32_t lasts = open ? lock->config.open_ms : 1000u * delay_s(failed);
        const uint32_t left = lasts - (lock->now - lock->since);
        lock->seconds_left = left / 1000 + (left % 1000 > 0);
    }
}

static bool within_limits(const ink_lock_config *config) {
    return config->shortest >= 1 && config->shortest <= config->longest &&
           config->longest <= INK_LOCK_MAX_LENGTH && config->alphabet >= 2 &&
           config->alphabet <= INK_LOCK_MAX_ALPHABET && config->max_failures >= 1 &&
           config->iterations >= 1 && config->iterations <= INK_RECORD_MAX_ITERATIONS;
}

void ink_lock_start(ink_lock *lock, const ink_lock_hooks *hooks, const ink_lock_config *config,
                    uint32_t now) {
    memset(lock, 0, sizeof *lock);
    lock->config = *config;
    lock->now = now;
    lock->powered = true;
    if (!within_limits(config)) {
        fail(lock, INK_LOCK_MESSAGE_STORAGE);
        return;
    }
    lock->hooks = hooks;
    const ink_record_status status = ink_record_load(&hooks->slots, &lock->record);
    lock->has_record = status == INK_RECORD_VALID;
    if (status == INK_RECORD_BLANK) {
        enter(lock, INK_LOCK_CHOOSE, INK_LOCK_MESSAGE_NONE);
    } else if (status == INK_RECORD_UNREADABLE) {
        fail(lock, INK_LOCK_MESSAGE_RECORD);
    } else if (status == INK_RECORD_FAILED) {
        fail(lock, INK_LOCK_MESSAGE_STORAGE);
    } else if (lock->record.failed >= config->max_failures) {
        fail(lock, INK_LOCK_MESSAGE_ATTEMPTS);
    } else {
        enter(lock, lock->record.failed ? INK_LOCK_WAITING : INK_LOCK_LOCKED,
              INK_LOCK_MESSAGE_NONE);
    }
    update_figures(lock);
}

uint32_t ink_lock_step(ink_lock *lock, ink_lock_event event, uint8_t symbol, uint32_t now) {
    const ink_lock_state before = lock->state;
    lock->effects = 0;
    if (lock->hooks == NULL) {
        return 0;
    }
    lock->now = now;
    expire_timers(lock);
    if (event == INK_LOCK_EVENT_RESET) {
        reset(lock);
    } else if (event != INK_LOCK_EVENT_TICK && lock->state != INK_LOCK_WAITING &&
               lock->state != INK_LOCK_FAULT) {
        handle(lock, event, symbol);
    }
    if (lock->state != before) {
        if (lock->state == INK_LOCK_OPEN) {
            lock->effects |= INK_LOCK_EFFECT_OPENED;
        }
        if (before == INK_LOCK_OPEN) {
            lock->effects |= INK_LOCK_EFFECT_LOCKED;
        }
        if (lock->state == INK_LOCK_FAULT) {
            lock->effects |= INK_LOCK_EFFECT_FAULT;
        }
    }
    update_figures(lock);
    return lock->effects;
}

void ink_lock_power(ink_lock *lock, bool on) { lock->powered = on; }

void ink_lock_touch(ink_lock *lock, uint32_t now) {
    if (lock->state != INK_LOCK_OPEN && lock->state != INK_LOCK_WAITING &&
        now - lock->since < lock->config.open_ms) {
        lock->since = now;
    }
}
