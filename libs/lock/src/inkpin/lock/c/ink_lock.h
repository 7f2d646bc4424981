/* The lock: a step function over what was drawn or pressed, a clock, and two slots of storage.
 *
 * It knows nothing of strokes, screens or files. It keeps no log and no settings, it knows one PIN
 * and no users, and it trusts no clock over a reboot. No malloc, no stdio, no globals; of libc it
 * calls memcmp, memcpy and memset. lock.py does the same, step for step and byte for byte.
 */
#ifndef INK_LOCK_H
#define INK_LOCK_H

#include "ink_record.h"

#ifdef __cplusplus
extern "C" {
#endif

#define INK_LOCK_MAX_LENGTH 8
#define INK_LOCK_MAX_ALPHABET 10
#define INK_LOCK_MAX_DELAY_S 3600
#define INK_LOCK_NO_SYMBOL 0xFF

typedef enum {
    INK_LOCK_CHOOSE,
    INK_LOCK_REPEAT,
    INK_LOCK_LOCKED,
    INK_LOCK_WAITING,
    INK_LOCK_OPEN,
    INK_LOCK_CHANGE_OLD,
    INK_LOCK_CHANGE_NEW,
    INK_LOCK_CHANGE_REPEAT,
    INK_LOCK_FAULT,
    INK_LOCK_TRY
} ink_lock_state;

typedef enum {
    INK_LOCK_EVENT_TICK,
    INK_LOCK_EVENT_DIGIT,  /* with a symbol */
    INK_LOCK_EVENT_UNREAD, /* ink that gave no digit */
    INK_LOCK_EVENT_ENTER,  /* without ink, as is CLEAR */
    INK_LOCK_EVENT_CLEAR,
    INK_LOCK_EVENT_TRY,
    INK_LOCK_EVENT_RESET /* the factory's */
} ink_lock_event;

/* What there is to say beside the state. */
typedef enum {
    INK_LOCK_MESSAGE_NONE,
    INK_LOCK_MESSAGE_UNREAD,
    INK_LOCK_MESSAGE_FULL,
    INK_LOCK_MESSAGE_INCOMPLETE,
    INK_LOCK_MESSAGE_COMMON,
    INK_LOCK_MESSAGE_DIFFERENT,
    INK_LOCK_MESSAGE_WRONG,
    INK_LOCK_MESSAGE_SET,
    INK_LOCK_MESSAGE_CHANGED,
    INK_LOCK_MESSAGE_RECORD,   /* fault: the record cannot be read */
    INK_LOCK_MESSAGE_ATTEMPTS, /* fault: too many failures in a row */
    INK_LOCK_MESSAGE_STORAGE,  /* fault: a hook failed */
    INK_LOCK_MESSAGE_POWER     /* the bolt cannot be driven */
} ink_lock_message;

/* What a step brought about, for sound, serial line, bolt and log; flags. */
enum {
    INK_LOCK_EFFECT_DIGIT = 1, /* a digit took a place or, in TRY, was read */
    INK_LOCK_EFFECT_UNREAD = 2,
    INK_LOCK_EFFECT_SET = 4, /* a new PIN is stored */
    INK_LOCK_EFFECT_OPENED = 8,
    INK_LOCK_EFFECT_LOCKED = 16, /* the state OPEN was left, for whatever other */
    INK_LOCK_EFFECT_REFUSED = 32,
    INK_LOCK_EFFECT_FAULT = 64,
    INK_LOCK_EFFECT_RESET = 128,
    INK_LOCK_EFFECT_UNPOWERED = 256 /* OPEN was not entered, or left: the bolt cannot be driven */
};

typedef struct {
    uint8_t shortest;     /* places of a PIN at the least, 1 to 8 */
    uint8_t longest;      /* at the most, to 8 */
    uint8_t alphabet;     /* symbols, 2 to 10 */
    uint8_t max_failures; /* 1 to 255 */
    uint32_t iterations;  /* for a new PIN, 1 to 1,000,000 */
    uint32_t reveal_ms;   /* how long a digit shows */
    uint32_t open_ms;     /* until an open lock locks, and what nobody goes on with is dropped */
} ink_lock_config;

#define INK_LOCK_DEFAULTS {4, 8, 10, 10, 10000, 1000, 30000}

/* What the lock needs of its surroundings. */
typedef struct {
    void *user; /* handed to the next two; the slots have one of their own */

    /* PBKDF2-HMAC-SHA256 into hash[INK_HASH_SIZE]; false if that failed. `pin` has one ASCII byte
     * for each place, '0' plus the symbol; keep no copy of it. salt[INK_SALT_SIZE]. */
    bool (*derive)(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                   uint32_t iterations, uint8_t *hash);

    /* `count` bytes that nobody can guess; false if there are none. */
    bool (*random)(void *user, uint8_t *out, size_t count);

    ink_slots slots; /* for the record */

    /* 16 bytes that are this chip's own, the same for ever, for `user` of the first two; false if
     * they cannot be had. A PIN that is set is bound to them, and opens on no other chip. NULL: the
     * chip has none. */
    bool (*chip)(void *user, uint8_t own[INK_SALT_SIZE]);
} ink_lock_hooks;

typedef struct {
    /* For reading; they hold until the next step. */
    ink_lock_state state;
    ink_lock_message message; /* stays until the next event that the state heeds */
    uint8_t filled;           /* places taken, 0 to config.longest */
    uint8_t shown;            /* symbol in the newest place while it may be seen, or NO_SYMBOL */
    uint8_t attempts_left;    /* until only a factory reset is left; 0 in FAULT */
    uint32_t seconds_left;    /* until WAITING or OPEN ends by itself, rounded up; else 0 */
    bool powered;             /* the bolt can be driven; a lock that cannot never is open */
    ink_lock_config config;

    /* The lock's own. */
    const ink_lock_hooks *hooks;
    bool has_record;
    ink_record record;
    uint8_t places[INK_LOCK_MAX_LENGTH];
    uint8_t first[INK_LOCK_MAX_LENGTH];
    uint32_t now;
    uint32_t since;
    uint32_t shown_since;
    uint32_t effects;
} ink_lock;

/* Starts from what the slots hold. `hooks` must outlive the lock; config is copied. `now` is a
 * clock in ms that may wrap. A config beyond its limits is a fault that nothing leads out of. */
void ink_lock_start(ink_lock *lock, const ink_lock_hooks *hooks, const ink_lock_config *config,
                    uint32_t now);

/* Lets one thing happen and returns the effects. A symbol counts for DIGIT; one of config.alphabet
 * or more is UNREAD. TICK lets time pass, at least every few days. */
uint32_t ink_lock_step(ink_lock *lock, ink_lock_event event, uint8_t symbol, uint32_t now);

/* Learns whether the bolt can be driven, which it is taken for at the start; what comes of it comes
 * with the next step. */
void ink_lock_power(ink_lock *lock, bool on);

/* Learns that somebody is there: digits that stand unsent are kept for a while longer. */
void ink_lock_touch(ink_lock *lock, uint32_t now);

/* Whether two secrets are the same, by the same instructions wherever they differ. */
bool ink_lock_equal(const uint8_t *a, const uint8_t *b, size_t length);

#ifdef __cplusplus
}
#endif

#endif
