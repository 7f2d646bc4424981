#include "ink_commands.h"

#include <string.h>

static void send(ink_device *device) {
    ink_wire_end(&device->line);
    device->hooks->send(device->hooks->user, device->line.text, device->line.length);
}

static void answer(ink_device *device, const char *name, const char *text) {
    ink_wire_begin(&device->line, name);
    ink_wire_text(&device->line, " ", text);
    send(device);
}

static void refuse(ink_device *device, const char *why) { answer(device, "error", why); }

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

void ink_tell_info(ink_device *device) {
    const ink_device_hooks *hooks = device->hooks;
    ink_wire_begin(&device->line, "info");
    ink_wire_number(&device->line, " ", INK_WIRE_VERSION);
    ink_wire_text(&device->line, " ", INK_DEVICE_VERSION);
    ink_wire_text(&device->line, " ", DIGITS_MODEL);
    ink_wire_text(&device->line, " ", hooks->board);
    ink_wire_number(&device->line, " ", hooks->battery(hooks->user));
    send(device);
}

static const char *info(ink_device *device, char *rest) {
    (void)rest;
    ink_tell_info(device);
    return NULL;
}

static const char *settings(ink_device *device, char *rest) {
    (void)rest;
    for (size_t i = 0; i < INK_SETTINGS; i++) {
        ink_wire_begin(&device->line, "setting");
        ink_wire_text(&device->line, " ", ink_setting_names[i]);
        ink_wire_number(&device->line, " ", (int32_t)device->settings.values[i]);
        send(device);
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
            return number_of(value, &number) &&
                           ink_settings_set(&device->settings, &device->hooks->settings,
                                            (ink_setting)i, number)
                       ? NULL
                       : "value out of range, or not kept";
        }
    }
    return "no such setting";
}

static const char *show_log(ink_device *device, char *rest) {
    char line[INK_LOG_LINE_SIZE];
    (void)rest;
    for (unsigned place = 0; place < INK_LOG_ENTRIES; place++) {
        if (ink_log_line(&device->log, place, line)) {
            answer(device, "log", line + strlen("Log "));
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
    device->streaming = on;
    ink_tell_try(device);
    if (device->trying) { /* what was drawn before anyone listened */
        for (uint16_t i = 0; i < device->strokes.count; i++) {
            const ink_point point = device->strokes.points[i];
            if (point.x == INK_PEN_UP) {
                ink_tell(device, "up");
            } else {
                ink_tell_point(device, point.x, point.y);
            }
        }
    }
    return NULL;
}

static const char *factory_reset(ink_device *device, char *rest) {
    if (strcmp(next_word(&rest), "ERASE") != 0) {
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
    {"info", "wire version, firmware, network, board, battery", info},
    {"settings", "what can be set", settings},
    {"set", "NAME VALUE", set},
    {"log", "the last events, seconds since the start before each", show_log},
    {"stream", "on or off: ink, bits and readings of try-it", stream},
    {"factory-reset", "ERASE: PIN, settings and log are gone", factory_reset},
};

static const char *help(ink_device *device, char *rest) {
    (void)rest;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        ink_wire_begin(&device->line, "help");
        ink_wire_text(&device->line, " ", commands[i].name);
        ink_wire_text(&device->line, *commands[i].form ? " " : "", commands[i].form);
        send(device);
    }
    return NULL;
}

void ink_command(ink_device *device, ink_wire_result result) {
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
                answer(device, "ok", name);
            }
            return;
        }
    }
    refuse(device, "unknown command: help lists them");
}

/* --- unasked --- */

static bool listened(const ink_device *device) { return device->streaming && device->trying; }

void ink_tell_try(ink_device *device) {
    device->trying = device->lock.state == INK_LOCK_TRY;
    if (device->streaming) {
        answer(device, "try", device->trying ? "on" : "off");
    }
}

void ink_tell(ink_device *device, const char *name) {
    if (listened(device)) {
        ink_wire_begin(&device->line, name);
        send(device);
    }
}

void ink_tell_point(ink_device *device, uint8_t x, uint8_t y) {
    if (listened(device)) {
        ink_wire_begin(&device->line, "ink");
        ink_wire_number(&device->line, " ", x);
        ink_wire_number(&device->line, " ", y);
        ink_wire_number(&device->line, " ", (int32_t)(device->now & INT32_MAX));
        send(device);
    }
}

void ink_tell_bits(ink_device *device, const uint32_t rows[INK_SIDE]) {
    if (listened(device)) {
        ink_wire_begin(&device->line, "bits");
        for (int i = 0; i < INK_SIDE; i++) {
            ink_wire_hex(&device->line, i == 0 ? " " : "", rows[i], INK_SIDE / 4);
        }
        send(device);
    }
}

void ink_tell_reading(ink_device *device, const ink_prediction *prediction) {
    if (listened(device)) {
        ink_wire_begin(&device->line, "read");
        ink_wire_number(&device->line, " ", prediction->confidence);
        for (int i = 0; i < DIGITS_CLASSES; i++) {
            ink_wire_number(&device->line, i == 0 ? " " : ",", prediction->logits[i]);
        }
        ink_wire_text(&device->line, " ", prediction->label ? prediction->label : "");
        send(device);
    }
}
