#include "ink_settings.h"

#include <string.h>

#include "ink_bytes.h"

enum {
    SIZE = INK_SETTINGS_SIZE,
    OLD_SETTINGS = 5, /* of version 1 */
    OLD_SIZE = 4 + 4 * OLD_SETTINGS + 4,
    CROSSES = 4 + 4 * INK_SETTINGS /* offset */
};

const char *const ink_setting_names[INK_SETTINGS] = {"sound", "vibration", "brightness",
                                                     "dim",   "sleep",     "auto"};

static const struct {
    uint32_t usual, least, most;
    bool or_none; /* 0 as well */
} limits[INK_SETTINGS] = {{1, 0, 1, false},      {1, 0, 1, false},
                          {80, 10, 100, false},  {30, 5, 3600, false},
                          {120, 5, 3600, false}, {0, INK_AUTO_LEAST, INK_AUTO_MOST, true}};

static bool within(ink_setting setting, uint32_t value) {
    return (value >= limits[setting].least && value <= limits[setting].most) ||
           (value == 0 && limits[setting].or_none);
}

static void use_defaults(ink_settings *settings) {
    for (size_t i = 0; i < INK_SETTINGS; i++) {
        settings->values[i] = limits[i].usual;
    }
    ink_calibration_clear(&settings->calibration);
}

static void put_i16(uint8_t *data, int16_t value) {
    data[0] = (uint8_t)value;
    data[1] = (uint8_t)((uint16_t)value >> 8);
}

static int16_t get_i16(const uint8_t *data) {
    return (int16_t)(data[0] | (int)(int8_t)data[1] * 256);
}

static void encode(const ink_settings *settings, uint8_t data[SIZE]) {
    memcpy(data, "SET\2", 4);
    for (size_t i = 0; i < INK_SETTINGS; i++) {
        ink_put_u32(data + 4 + 4 * i, settings->values[i]);
    }
    for (size_t i = 0; i < INK_CROSSES; i++) {
        put_i16(data + CROSSES + 4 * i, settings->calibration.touched[i].x);
        put_i16(data + CROSSES + 4 * i + 2, settings->calibration.touched[i].y);
    }
    ink_put_u32(data + SIZE - 4, ink_crc32(data, SIZE - 4));
}

static bool decode(ink_settings *settings, const uint8_t *data, int length) {
    const bool old = length == OLD_SIZE && memcmp(data, "SET\1", 4) == 0;
    if (!old && (length != SIZE || memcmp(data, "SET\2", 4) != 0)) {
        return false;
    }
    const size_t crc_at = (size_t)length - 4;
    if (ink_get_u32(data + crc_at) != ink_crc32(data, crc_at)) {
        return false;
    }
    use_defaults(settings);
    bool sane = true;
    for (size_t i = 0; i < (old ? (size_t)OLD_SETTINGS : (size_t)INK_SETTINGS); i++) {
        settings->values[i] = ink_get_u32(data + 4 + 4 * i);
        sane = sane && within((ink_setting)i, settings->values[i]);
    }
    for (size_t i = 0; !old && i < INK_CROSSES; i++) {
        settings->calibration.touched[i].x = get_i16(data + CROSSES + 4 * i);
        settings->calibration.touched[i].y = get_i16(data + CROSSES + 4 * i + 2);
    }
    return sane && ink_calibration_is_sane(&settings->calibration);
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
    const unsigned whole = first_whole ? 0 : 1;
    const int length = first_whole ? first_length : second_length;
    if (first_length != second_length || memcmp(data[0], data[1], (size_t)length) != 0) {
        slots->write(slots->user, 1 - whole, data[whole], (size_t)length);
    }
    return true;
}

/* One after the other: while one may be torn, the other is whole. A start takes the first. */
static bool keep(ink_settings *settings, const ink_slots *slots, const ink_settings *wanted) {
    uint8_t data[SIZE];
    encode(wanted, data);
    if (!slots->write(slots->user, 0, data, sizeof data)) {
        return false;
    }
    *settings = *wanted;
    slots->write(slots->user, 1, data, sizeof data);
    return true;
}

bool ink_settings_set(ink_settings *settings, const ink_slots *slots, ink_setting setting,
                      uint32_t value) {
    ink_settings wanted = *settings;
    wanted.values[setting] = value;
    return within(setting, value) && keep(settings, slots, &wanted);
}

bool ink_settings_calibrate(ink_settings *settings, const ink_slots *slots,
                            const ink_calibration *calibration) {
    ink_settings wanted = *settings;
    wanted.calibration = *calibration;
    return ink_calibration_is_sane(calibration) && keep(settings, slots, &wanted);
}

bool ink_settings_erase(ink_settings *settings, const ink_slots *slots) {
    static const uint8_t nothing = 0;
    use_defaults(settings);
    const bool first = slots->write(slots->user, 0, &nothing, 0);
    return slots->write(slots->user, 1, &nothing, 0) && first;
}
