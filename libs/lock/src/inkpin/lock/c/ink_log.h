/* The event log: the last 32 events, outside of the lock and without secrets.
 *
 * log.py, which does the same byte for byte, has the format and says what a power cut costs. What
 * cannot be read is an empty log that begins with a storage fault; the lock neither reads nor
 * awaits any of it.
 */
#ifndef INK_LOG_H
#define INK_LOG_H

#include "ink_lock.h"

#ifdef __cplusplus
extern "C" {
#endif

#define INK_LOG_SIZE 172
#define INK_LOG_ENTRIES 32
#define INK_LOG_LINE_SIZE 44 /* bytes of a line, with the NUL */

typedef enum {
    INK_LOG_NONE,
    INK_LOG_REBOOT,
    INK_LOG_PIN_SET,
    INK_LOG_PIN_CHANGED,
    INK_LOG_OPENED,
    INK_LOG_REFUSED,
    INK_LOG_LOCKED_OUT, /* too many failures in a row: only a factory reset leads out */
    INK_LOG_RESET,
    INK_LOG_STORAGE_FAULT
} ink_log_kind;

typedef struct {
    const ink_slots *slots;
    uint32_t started;
    uint32_t count; /* events ever noted */
    uint8_t data[INK_LOG_SIZE];
} ink_log;

/* Takes up what the slots hold and notes the reboot, and the fault if `message`, the lock's right
 * after its start, tells of one. `slots`, the log's own, must outlive the log; `now` is the lock's
 * clock. */
void ink_log_start(ink_log *log, const ink_slots *slots, ink_lock_message message, uint32_t now);

/* Notes what a step of the lock brought about; a factory reset empties the log first. `effects`
 * is what the step returned, `message` the lock's after it. */
void ink_log_take(ink_log *log, uint32_t effects, ink_lock_message message, uint32_t now);

/* Writes event `place` of INK_LOG_ENTRIES, the oldest first, as a line: "Log 58 opened 3605 s" (the
 * seconds since the start before it). False, and an empty line, where there is none. */
bool ink_log_line(const ink_log *log, unsigned place, char line[INK_LOG_LINE_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
