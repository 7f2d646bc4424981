/* What a line over the wire makes the device do, and what it answers.
 *
 * Nothing here changes the mode or the PIN but the factory reset, which erases both.
 */
#ifndef INK_COMMANDS_H
#define INK_COMMANDS_H

#include "ink_device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that an answer has at most; the longest is the log's, of 32 lines. */
#define INK_COMMANDS_ANSWER 2048

/* Takes bytes from the serial line and carries out the lines that they end, or answers that one
 * cannot be taken. Returns how many it took: none while earlier answers leave the next no room.
 * `now` as in ink_device.h. */
size_t ink_commands_take(ink_device *device, const uint8_t *bytes, size_t count, uint32_t now);

#ifdef __cplusplus
}
#endif
#endif
