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

/* Carries out a line that arrived, or answers that it cannot be taken. */
void ink_command(ink_device *device, ink_wire_result result);

/* Says what the device is. */
void ink_tell_info(ink_device *device);

/* Tell a program that listens of `try it`. */
void ink_tell_try(ink_device *device);
void ink_tell_point(ink_device *device, uint8_t x, uint8_t y);
void ink_tell(ink_device *device, const char *name);
void ink_tell_bits(ink_device *device, const uint32_t rows[INK_SIDE]);
void ink_tell_reading(ink_device *device, const ink_prediction *prediction);

#ifdef __cplusplus
}
#endif
#endif
