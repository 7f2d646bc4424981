#include "ink_commands.h"

#include <string.h>

static void refuse(ink_device *device, const char *why) {
    ink_wire_send(&device->writer, "error", why);
}

/* Cuts the next word off *rest; an empty one at the end. */
static char *next_word(char **rest) {
    char *word = *rest;
    while (*word == ' ') {
        word++;
    }
    char *end = word;
    while (*end != '\0' && *end != ' ') {
        end++;
    }
    *rest = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

/* --- commands; each gets what follows its name, and returns NULL or why it was refused --- */

static const char *ping(ink_device *device, char *rest) {
    (void)device;
    (void)rest;
    return NULL;
}

static const char *info(ink_device *device, char *rest) {
    (void)rest;
    ink_device_info(device);
    return NULL;
}

static const char *settings(ink_device *device, char *rest) {
    (void)rest;
    for (size_t i = 0; i < INK_SETTINGS; i++) {
        ink_wire_begin(&device->writer, "setting");
        ink_wire_text(&device->writer, " ", ink_setting_names[i]);
        ink_wire_number(&device->writer, " ", (int32_t)device->settings.values[i]);
        ink_wire_end(&device->writer);
    }
    return NULL;
}

/* Reads a whole number below 10,000; false if it is anything else. */
static bool number_of(const char *word, uint32_t *number) {
    *number = 0;
    size_t length = 0;
    for (; word[length] >= '0' && word[length] <= '9' && length < 5; length++) {
        *number = *number * 10 + (uint32_t)(word[length] - '0');
    }
    return length > 0 && length < 5 && word[length] == '\0';
}

static const char *set(ink_device *device, char *rest) {
    const char *name = next_word(&rest), *value = next_word(&rest);
    uint32_t number;
    for (size_t i = 0; i < INK_SETTINGS; i++) {
        if (strcmp(name, ink_setting_names[i]) == 0) {
            return number_of(value, &number) && ink_device_set(device, (ink_setting)i, number)
                       ? NULL
                       : "value out of range, or not kept";
        }
    }
    return "no such setting";
}

static const char *calibrate(ink_device *device, char *rest) {
    if (*rest == '\0') {
        ink_device_calibrate(device);
    } else if (strcmp(rest, "cancel") == 0) {
        return ink_device_calibrate_cancel(device) ? NULL : "no calibration is under way";
    } else if (strcmp(rest, "reset") == 0) {
        return ink_device_calibrate_reset(device) ? NULL : "not kept";
    } else {
        return "calibrate, calibrate cancel, or calibrate reset";
    }
    return NULL;
}

static const char *show_log(ink_device *device, char *rest) {
    char line[INK_LOG_LINE_SIZE];
    (void)rest;
    for (unsigned place = 0; place < INK_LOG_ENTRIES; place++) {
        if (ink_log_line(&device->log, place, line)) {
            ink_wire_send(&device->writer, "log", line + strlen("Log "));
        }
    }
    return NULL;
}

static const char *stream(ink_device *device, char *rest) {
    const char *word = next_word(&rest);
    const bool on = strcmp(word, "on") == 0;
    if (!on && strcmp(word, "off") != 0) {
        return "stream on, or stream off";
    }
    device->stream.on = on;
    ink_stream_try(&device->stream, device->lock.state == INK_LOCK_TRY);
    device->replaying = on; /* of what was drawn before anyone listened */
    device->replayed = 0;
    ink_device_replay(device);
    return NULL;
}

static const char *factory_reset(ink_device *device, char *rest) {
    if (strcmp(rest, "ERASE") != 0) { /* nothing less, and nothing more */
        return "to erase PIN, settings and log: factory-reset ERASE";
    }
    return ink_device_reset(device) ? NULL : "the storage failed";
}

static const char *help(ink_device *device, char *rest);

static const struct {
    const char *name, *form;
    const char *(*run)(ink_device *device, char *rest);
} commands[] = {
    {"help", "", help},
    {"ping", "", ping},
    {"info", "wire version, firmware, network, board, battery, bolt powered", info},
    {"settings", "what can be set", settings},
    {"set", "NAME VALUE", set},
    {"calibrate", "touch three crosses; cancel, or reset", calibrate},
    {"log", "the last events, seconds since the start before each", show_log},
    {"stream", "on or off: ink, bits and readings of try-it", stream},
    {"factory-reset", "ERASE: PIN, settings and log are gone", factory_reset},
};

static const char *help(ink_device *device, char *rest) {
    (void)rest;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        ink_wire_begin(&device->writer, "help");
        ink_wire_text(&device->writer, " ", commands[i].name);
        ink_wire_text(&device->writer, *commands[i].form ? " " : "", commands[i].form);
        ink_wire_end(&device->writer);
    }
    return NULL;
}

/* Carries out the line that the reader holds, or answers that it cannot be taken. */
static void run_line(ink_device *device, ink_wire_result result) {
    static const char *const troubles[] = {
        [INK_WIRE_OVERLONG] = "line too long",
        [INK_WIRE_GARBLED] = "line garbled",
        [INK_WIRE_UNCHECKED] = "check wrong",
    };
    if (result != INK_WIRE_COMMAND) {
        refuse(device, troubles[result]);
        return;
    }
    char *rest = device->reader.text;
    const char *name = next_word(&rest);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            const char *why = commands[i].run(device, rest);
            if (why) {
                refuse(device, why);
            } else {
                ink_wire_send(&device->writer, "ok", name);
            }
            return;
        }
    }
    refuse(device, "unknown command: help lists them");
}

static bool has_room(const ink_device *device) {
    return !device->replaying && ink_queue_room(&device->queue) >= INK_COMMANDS_ANSWER;
}

size_t ink_commands_take(ink_device *device, const uint8_t *bytes, size_t count, uint32_t now) {
    size_t taken = 0;
    device->now = now;
    ink_device_send(device);
    ink_device_replay(device);
    while (taken < count && has_room(device)) {
        const ink_wire_result result = ink_wire_take(&device->reader, bytes[taken++]);
        if (result != INK_WIRE_MORE) {
            run_line(device, result);
        }
    }
    return taken;
}
