/* What a user may set, kept in two slots so that a power cut leaves the old value or the new one.
 *
 *     offset  size
 *          0     4  "SET", format version 2
 *          4    24  the values, in turn; integers are little-endian
 *         28    12  x and y, signed, of where each of three crosses was touched: ink_calibration.h
 *         40     4  CRC-32 (as in zlib) of all bytes before it
 *
 * Version 1 had the first five values alone; it is read, too, and the rest is as usual.
 */
#ifndef INK_SETTINGS_H
#define INK_SETTINGS_H

#include "ink_calibration.h"
#include "ink_slots.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    INK_SETTING_SOUND,      /* 0 or 1 */
    INK_SETTING_VIBRATION,  /* 0 or 1 */
    INK_SETTING_BRIGHTNESS, /* 10 to 100 percent */
    INK_SETTING_DIM,        /* seconds without a touch until the screen dims, 5 to 3600 */
    INK_SETTING_SLEEP,      /* seconds without a touch until it goes dark, 5 to 3600 */
    INK_SETTING_AUTO,       /* auto-enter: ms without pen, 600 to 1500, or 0: off */
    INK_SETTINGS
} ink_setting;

#define INK_SETTINGS_SIZE (4 + 4 * INK_SETTINGS + 4 * INK_CROSSES + 4)

typedef struct {
    uint32_t values[INK_SETTINGS];
    ink_calibration calibration;
} ink_settings;

/* The name of a setting on the wire. */
extern const char *const ink_setting_names[INK_SETTINGS];

/* Reads what is kept, and mends a slot that is not as it ought to be; where neither can be read,
 * the defaults; false if there was something that cannot be read. */
bool ink_settings_load(ink_settings *settings, const ink_slots *slots);

/* Sets and keeps a value; false, and all as before, if it is out of range or cannot be kept. */
bool ink_settings_set(ink_settings *settings, const ink_slots *slots, ink_setting setting,
                      uint32_t value);

/* Keeps another calibration; false, and all as before, if it makes no sense or cannot be kept. */
bool ink_settings_calibrate(ink_settings *settings, const ink_slots *slots,
                            const ink_calibration *calibration);

/* Back to the defaults, and nothing kept; false if the storage failed. */
bool ink_settings_erase(ink_settings *settings, const ink_slots *slots);

#ifdef __cplusplus
}
#endif
#endif
