#include "ink_settings.h"

#include <string.h>

#include "ink_bytes.h"

enum { SIZE = INK_SETTINGS_SIZE, CRC_OFFSET = SIZE - 4 };

const char *const ink_setting_names[INK_SETTINGS] = {"sound", "vibration", "brightness", "dim",
                                                     "sleep"};

static const struct {
    uint32_t usual, least, most;
} limits[INK_SETTINGS] = {{1, 0, 1}, {1, 0, 1}, {80, 10, 100}, {30, 5, 3600}, {120, 5, 3600}};

static bool within(ink_setting setting, uint32_t value) {
    return value >= limits[setting].least && value <= limits[setting].most;
}

static void use_defaults(ink_settings *settings) {
    for (size_t i = 0; i < INK_SETTINGS; i++) {
        settings->values[i] = limits[i].usual;
    }
}

static bool decode(ink_settings *settings, const uint8_t *data, int length) {
    if (length != SIZE || memcmp(data, "SET\1", 4) != 0 ||
        ink_get_u32(data + CRC_OFFSET) != ink_crc32(data, CRC_OFFSET)) {
        return false;
    }
    bool sane = true;
    for (size_t i = 0; i < INK_SETTINGS; i++) {
        settings->values[i] = ink_get_u32(data + 4 + 4 * i);
        sane = sane && within((ink_setting)i, settings->values[i]);
    }
    return sane;
}

bool ink_settings_load(ink_settings *settings, const ink_slots *slots) {
    uint8_t data[2][INK_SETTINGS_SIZE];
    ink_settings second;
    const int first_length = slots->read(slots->user, 0, data[0], SIZE);
    const int second_length = slots->read(slots->user, 1, data[1], SIZE);
    const bool first_whole = decode(settings, data[0], first_length);
    const bool second_whole = decode(&second, data[1], second_length);
    if (!first_whole && !second_whole) {
        use_defaults(settings);
        return first_length == 0 && second_length == 0;
    }
    if (!first_whole) {
        *settings = second;
    }
    /* The next change may tear one slot: the other has to be whole by then. */
    if (!first_whole || !second_whole || memcmp(data[0], data[1], SIZE) != 0) {
        const unsigned whole = first_whole ? 0 : 1;
        slots->write(slots->user, 1 - whole, data[whole], SIZE);
    }
    return true;
}

bool ink_settings_set(ink_settings *settings, const ink_slots *slots, ink_setting setting,
                      uint32_t value) {
    uint8_t data[INK_SETTINGS_SIZE];
    if (!within(setting, value)) {
        return false;
    }
    ink_settings wanted = *settings;
    wanted.values[setting] = value;
    memcpy(data, "SET\1", 4);
    for (size_t i = 0; i < INK_SETTINGS; i++) {
        ink_put_u32(data + 4 + 4 * i, wanted.values[i]);
    }
    ink_put_u32(data + CRC_OFFSET, ink_crc32(data, CRC_OFFSET));
    /* One after the other: while one may be torn, the other is whole. A start takes the first. */
    if (!slots->write(slots->user, 0, data, sizeof data)) {
        return false;
    }
    *settings = wanted;
    slots->write(slots->user, 1, data, sizeof data);
    return true;
}

bool ink_settings_erase(ink_settings *settings, const ink_slots *slots) {
    static const uint8_t nothing = 0;
    use_defaults(settings);
    const bool first = slots->write(slots->user, 0, &nothing, 0);
    return slots->write(slots->user, 1, &nothing, 0) && first;
}
