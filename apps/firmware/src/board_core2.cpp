/* M5Stack Core2 and Core2 v1.1: M5Unified finds out at run time which of the two it is. */
#include "board.h"

#include <Arduino.h>
#include <M5Unified.h>
#include <bootloader_random.h>
#include <digits.h>
#include <esp_idf_version.h>
#if ESP_IDF_VERSION_MAJOR >= 5 /* Arduino core 3; core 2 has ESP-IDF 4, and these in esp_system.h  \
                                */
#include <esp_mac.h>
#include <esp_random.h>
#endif
#include <esp_partition.h>
#include <esp_system.h>
#include <esp_task_wdt.h>
#include <ink_flash.h>
#include <ink_kdf_mbedtls.h>
#include <mbedtls/hmac_drbg.h>
#include <mbedtls/platform_util.h>

#include <algorithm>
#include <cstring>

#include "paint.h"

/* Painting goes deeper than the 8 KB that the core is held to on the emulated device. */
SET_LOOP_TASK_STACK_SIZE(16 * 1024);

namespace {

/* The bolt: a wire of Port A that is open while it beats. A restart of this chip by watchdog, panic
 * or brown-out leaves its pins as they were, so no level may mean open: docs/firmware.md has the
 * circuit that wants edges. Nothing but the loop makes them, no timer and no peripheral. */
constexpr uint8_t BOLT_PIN = 32;

constexpr uint32_t WATCHDOG_S = 8; /* PBKDF2 takes one or two of them */

M5Canvas canvas(&M5.Display);
mbedtls_hmac_drbg_context generator;
bool seeded;

bool bolt_open, bolt_level;

void set_bolt(bool open) {
    bolt_open = open;
    if (!open) {
        bolt_level = false;
        pinMode(BOLT_PIN, OUTPUT); /* first: until then core 3 heeds no level */
        digitalWrite(BOLT_PIN, LOW);
    }
}

void beat() {
    if (bolt_open) {
        bolt_level = !bolt_level;
        digitalWrite(BOLT_PIN, bolt_level ? HIGH : LOW);
    }
}

/* With the radio off, the chip's random numbers are noise only while the bootloader's source is
 * on. That source is the ADC fed through I2S0, which the loudspeaker takes later: a seed has to be
 * drawn before, for all random bytes until the next start. */
void seed_generator() {
    uint8_t noise[48];
    bootloader_random_enable();
    esp_fill_random(noise, sizeof noise);
    bootloader_random_disable();
    mbedtls_hmac_drbg_init(&generator);
    const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    seeded = mbedtls_hmac_drbg_seed_buf(&generator, sha256, noise, sizeof noise) == 0;
    mbedtls_platform_zeroize(noise, sizeof noise);
}

/* Two partitions of the lock's own, without NVS on them: that answers "not found" for what is
 * damaged, and a lock without a record is one that anybody may set. Slot 0 of everything lies in
 * the first, slot 1 in the second. */
constexpr uint32_t PARTITION_SIZE = 4 * INK_FLASH_AREA;
const esp_partition_t *partitions[2];

void find_partitions() {
    static const char *const names[] = {"inkpin0", "inkpin1"};
    for (size_t i = 0; i < 2; i++) {
        partitions[i] = esp_partition_find_first(static_cast<esp_partition_type_t>(0x40),
                                                 ESP_PARTITION_SUBTYPE_ANY, names[i]);
        if (partitions[i] && partitions[i]->size < PARTITION_SIZE) {
            partitions[i] = nullptr;
        }
    }
}

void start_display() {
    auto config = M5.config();
    config.internal_imu = config.internal_rtc = config.internal_mic = false;
    config.external_display_value = 0; /* none is looked for at Port A: the bolt is there */
    M5.begin(config);
}

/* The core may have started it already, with a time and an effect of its own. */
void start_watchdog() {
#if ESP_IDF_VERSION_MAJOR >= 5
    const esp_task_wdt_config_t config = {WATCHDOG_S * 1000, 0, true};
    if (esp_task_wdt_reconfigure(&config) != ESP_OK) {
        esp_task_wdt_init(&config);
    }
#else
    esp_task_wdt_init(WATCHDOG_S, true);
#endif
}

/* --- the hooks --- */

void paint(void *, const ink_picture *picture, ink_box box) {
    paint_picture(canvas, *picture, box);
}

void light(void *, uint8_t percent) {
    if (percent > 0 && M5.Display.getBrightness() == 0) {
        M5.Display.wakeup();
        delay(5); /* what the panel takes before it heeds another command */
    }
    M5.Display.setBrightness(static_cast<uint8_t>((255 * percent + 50) / 100));
    if (percent == 0) {
        M5.Display.sleep();
    }
}

size_t send_text(void *, const char *text, size_t length) {
    const int room = Serial.availableForWrite();
    const size_t most = room > 0 ? static_cast<size_t>(room) : 0;
    return Serial.write(reinterpret_cast<const uint8_t *>(text), std::min(length, most));
}

void bolt(void *, bool open) { set_bolt(open); }

void play_tone(void *, uint16_t hertz, uint16_t ms) { M5.Speaker.tone(hertz, ms); }

void vibrate(void *, bool on) { M5.Power.setVibration(on ? 200 : 0); }

/* A level is reckoned from a voltage: where there is no power chip, that is 0. */
int battery(void *) {
    return M5.Power.getBatteryVoltage() > 0 ? static_cast<int>(M5.Power.getBatteryLevel()) : -1;
}

/* Port A's 5 V. They are refused on a low battery that USB feeds, or without one, and asked for
 * again each time: the battery may have been charged since. On a board that has no power chip,
 * which is none but the one on a PC, nothing is known of them. */
bool bolt_powered(void *) {
    if (M5.Power.getType() == m5::Power_Class::pmic_unknown || M5.Power.getExtOutput()) {
        return true;
    }
    M5.Power.setExtOutput(true);
    return M5.Power.getExtOutput();
}

const esp_partition_t *partition_at(uint32_t at) { return partitions[at / PARTITION_SIZE]; }

bool read_flash(void *, uint32_t at, uint8_t *data, size_t count) {
    const esp_partition_t *partition = partition_at(at);
    return partition && esp_partition_read(partition, at % PARTITION_SIZE, data, count) == ESP_OK;
}

bool program_flash(void *, uint32_t at, const uint8_t *data, size_t count) {
    const esp_partition_t *partition = partition_at(at);
    return partition && esp_partition_write(partition, at % PARTITION_SIZE, data, count) == ESP_OK;
}

bool erase_flash(void *, uint32_t at) {
    const esp_partition_t *partition = partition_at(at);
    return partition &&
           esp_partition_erase_range(partition, at % PARTITION_SIZE, INK_FLASH_SECTOR) == ESP_OK;
}

const ink_flash flash = {nullptr, read_flash, program_flash, erase_flash};
ink_flash_areas lock_areas = {&flash, {0, PARTITION_SIZE}},
                log_areas = {&flash, {INK_FLASH_AREA, PARTITION_SIZE + INK_FLASH_AREA}},
                settings_areas = {&flash,
                                  {2 * INK_FLASH_AREA, PARTITION_SIZE + 2 * INK_FLASH_AREA}};

bool random_bytes(void *, uint8_t *out, size_t count) {
    return seeded && mbedtls_hmac_drbg_random(&generator, out, count) == 0;
}

/* The address that Espressif burned into the chip's fuses: no secret, but not in the flash. */
bool chip(void *, uint8_t own[INK_SALT_SIZE]) {
    memset(own, 0, INK_SALT_SIZE);
    return esp_efuse_mac_get_default(own) == ESP_OK;
}

int32_t memory[DIGITS_MEMORY]; /* that the network works in */

} /* namespace */

const ink_device_hooks board_hooks = {
    nullptr,
    paint,
    light,
    send_text,
    bolt,
    play_tone,
    vibrate,
    battery,
    bolt_powered,
    {nullptr, ink_kdf_mbedtls, random_bytes, {&lock_areas, ink_flash_read, ink_flash_write}, chip},
    {&log_areas, ink_flash_read, ink_flash_write},
    {&settings_areas, ink_flash_read, ink_flash_write},
    "core2",
    &digits_model,
    memory,
    DIGITS_MEMORY,
};

void board_start() {
    set_bolt(false);
    seed_generator();
    Serial.setRxBufferSize(1024);
    Serial.setTxBufferSize(1024);
    Serial.begin(115200);
    find_partitions();
    start_display();
    set_bolt(false); /* looking for the kind of board may have touched the pin */
    start_watchdog();
    enableLoopWDT(); /* a loop that hangs starts anew */
}

uint32_t board_now() { return millis(); }

/* The panel itself is asked: M5.Touch would hold back the first 8 pixels of a stroke. */
board_touch board_poll() {
    lgfx::touch_point_t points[2];
    const unsigned fingers = M5.Display.getTouch(points, 2);
    return {fingers, points[0].x, points[0].y};
}

size_t board_receive(uint8_t *bytes, size_t capacity) {
    const int waiting = Serial.available();
    return waiting > 0 ? Serial.read(bytes, std::min<size_t>(waiting, capacity)) : 0;
}

void board_rest() {
    beat();
    delay(1);
}
