/* The whole device but for its shell: what a finger, a serial line and a clock make happen.
 *
 * It routes what the panel orders, as session.py does on the desk, and adds what only a board has:
 * a touch panel that is not to be trusted, settings, a bolt, sound, a screen that dims.
 * ink_commands.h takes what comes over the serial line. A shell polls, paints and obeys the hooks;
 * it decides nothing. No malloc, no stdio, no globals.
 */
#ifndef INK_DEVICE_H
#define INK_DEVICE_H

#include "ink_damage.h"
#include "ink_log.h"
#include "ink_queue.h"
#include "ink_settings.h"
#include "ink_stream.h"
#include "ink_touch.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A copy of pyproject.toml's: ./dev lint --fix writes it. */
#define INK_DEVICE_VERSION "0.1.0"

/* Pixels that are painted between two looks at the touch panel: 4 ms of a display's line of 40 MHz,
 * at 16 bits a pixel. */
#define INK_DEVICE_SLICE 10000

#define INK_SLOT_SIZE INK_LOG_SIZE /* the largest content of a slot */

/* The board. `user` is handed to each down to `powered`. */
typedef struct {
    void *user;

    /* Paints what the picture shows within a box of at most INK_DEVICE_SLICE pixels. */
    void (*paint)(void *user, const ink_picture *picture, ink_box box);

    /* Sets the light of the screen, in percent; at 0 the screen may sleep. */
    void (*light)(void *user, uint8_t percent);

    /* Sends bytes over the serial line, as many as it has room for at once, and returns how many.
     */
    size_t (*send)(void *user, const char *text, size_t length);

    /* The bolt: whatever the lock holds. Told at the start, and at every change. */
    void (*bolt)(void *user, bool open);

    /* Begins a tone; returns at once. */
    void (*tone)(void *user, uint16_t hertz, uint16_t ms);

    void (*vibrate)(void *user, bool on);

    /* The battery in percent, or a negative number where that is not known. */
    int (*battery)(void *user);

    /* Whether the bolt can be driven. Asked each second, and right before a touch may open. */
    bool (*powered)(void *user);

    ink_lock_hooks lock;
    ink_slots log, settings;

    const char *board; /* one word: what this is */

    /* The network, and the words that it works in, with their number: see ink_predict.h. */
    const ink_model *model;
    int32_t *memory;
    uint16_t words;
} ink_device_hooks;

typedef struct {
    /* For reading. */
    ink_lock lock;
    ink_log log;
    ink_panel panel;
    ink_strokes strokes;
    ink_settings settings;
    ink_picture picture; /* what the screen shows, but where there is damage */

    /* The device's own. */
    const ink_device_hooks *hooks;
    ink_touch_filter filter;
    ink_wire_reader reader;
    ink_wire_writer writer;
    ink_queue queue; /* lines that are to be sent */
    ink_stream stream;
    ink_picture next;
    ink_damage damage; /* what is still to be painted */
    uint32_t now;
    uint32_t touched;   /* when the screen was touched last */
    uint32_t vibrating; /* when the vibration began */
    uint32_t measured;  /* when the battery was read */
    uint32_t looked;    /* when the bolt's power was looked at */
    uint16_t vibration; /* ms, 0 for none */
    uint16_t replayed;  /* points of old ink that the stream was told */
    uint16_t old_ink;   /* points of the ink that the picture shows as they are */
    uint8_t light;
    uint8_t pressed;         /* the button under the finger, or INK_BUTTONS */
    uint8_t cross;           /* that a calibration asks for, from 1 on; 0: none does */
    ink_calibration crosses; /* as far as the calibration has come */
    bool old_bits;           /* the preview that the picture shows is as it was */
    bool replaying;          /* the stream is being told of old ink */
    bool bolt_open;
} ink_device;

/* Switches on. `hooks` must outlive the device; config is copied. `now`, here and below, in ms; it
 * may wrap. */
void ink_device_start(ink_device *device, const ink_device_hooks *hooks,
                      const ink_lock_config *config, uint32_t now);

/* Lets time pass; to be called at least ten times a second. */
void ink_device_tick(ink_device *device, uint32_t now);

/* Paints some of what changed, a slice at most; true if there is more to paint. To be called
 * between looks at the touch panel. */
bool ink_device_paint(ink_device *device);

/* Takes what the touch panel reports, each time that it is polled: how many fingers, and where one
 * of them is. */
void ink_device_poll(ink_device *device, unsigned fingers, int16_t x, int16_t y, uint32_t now);

/* Takes a touch that is known to be good, such as a pointer's, instead. */
void ink_device_touch(ink_device *device, ink_touch phase, int16_t x, int16_t y, uint32_t now);

/* Tells the stream of ink that was drawn before anyone listened, as there is room. */
void ink_device_replay(ink_device *device);

/* Sends what waits for the serial line, as far as there is room; a tick does so too. */
void ink_device_send(ink_device *device);

/* Says over the serial line what the device is. */
void ink_device_info(ink_device *device);

/* Sets and keeps a value, as ink_settings_set; the light follows at once. */
bool ink_device_set(ink_device *device, ink_setting setting, uint32_t value);

/* Asks for a touch of three crosses, one after the other, and keeps them as a calibration of the
 * touch panel if they make sense. Until then, or until 30 s have passed without a touch, no touch
 * does anything else. */
void ink_device_calibrate(ink_device *device);

/* Ends that before it has come to anything; false if there is nothing to end. */
bool ink_device_calibrate_cancel(ink_device *device);

/* Forgets the calibration; false if the storage failed. */
bool ink_device_calibrate_reset(ink_device *device);

/* Erases PIN, settings and log; false if the storage failed: then there may be a fault. */
bool ink_device_reset(ink_device *device);

#ifdef __cplusplus
}
#endif
#endif
