/* M5Stack Core2 and Core2 v1.1: M5Unified finds out at run time which of the two it is. */
#include "board.h"

#include <Arduino.h>
#include <M5Unified.h>
#include <bootloader_random.h>
#include <digits.h>
#include <esp_system.h>
#include <esp_task_wdt.h>
#include <ink_kdf_mbedtls.h>
#include <mbedtls/hmac_drbg.h>
#include <mbedtls/platform_util.h>
#include <nvs.h>
#include <nvs_flash.h>

#include <algorithm>
#include <cstring>

#include "paint.h"

/* Painting goes deeper than the 8 KB that the core is held to on the emulated device. */
SET_LOOP_TASK_STACK_SIZE(16 * 1024);

namespace {

/* The bolt: a wire of Port A, and its two levels. */
constexpr uint8_t BOLT_PIN = 32;
constexpr uint8_t BOLT_OPEN = HIGH, BOLT_CLOSED = LOW;

constexpr uint32_t WATCHDOG_S = 8; /* PBKDF2 takes one or two of them */
constexpr uint32_t SEND_MS = 100;  /* patience with a serial line that takes nothing */

M5Canvas canvas(&M5.Display);
mbedtls_hmac_drbg_context generator;
bool seeded;
nvs_handle_t storage;
bool stored;

void set_bolt(bool open) {
    digitalWrite(BOLT_PIN, open ? BOLT_OPEN : BOLT_CLOSED);
    pinMode(BOLT_PIN, OUTPUT);
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

/* A partition of the lock's own: Arduino erases its own one when it finds it in disorder, and a
 * lock without a record is one that anybody may set. */
void open_storage() {
    static const char *const name = "inkpin";
    stored = nvs_flash_init_partition(name) == ESP_OK &&
             nvs_open_from_partition(name, name, NVS_READWRITE, &storage) == ESP_OK;
}

void start_display() {
    auto config = M5.config();
    config.internal_imu = config.internal_rtc = config.internal_mic = false;
    config.external_display_value = 0; /* none is looked for at Port A: the bolt is there */
    M5.begin(config);
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

/* A UART sends at its own pace, read or not; another kind of port may wait for a reader. A line
 * that does not go out in time is dropped as a whole, and so are those after it, until there is
 * room again: the loop waits once. */
void send_text(void *, const char *text, size_t length) {
    static bool deaf;
    const uint32_t since = board_now();
    while (static_cast<size_t>(Serial.availableForWrite()) < length) {
        if (deaf || board_now() - since >= SEND_MS) {
            deaf = true;
            return;
        }
        delay(1);
    }
    deaf = false;
    Serial.write(reinterpret_cast<const uint8_t *>(text), length);
}

void bolt(void *, bool open) { set_bolt(open); }

void play_tone(void *, uint16_t hertz, uint16_t ms) { M5.Speaker.tone(hertz, ms); }

void vibrate(void *, bool on) { M5.Power.setVibration(on ? 200 : 0); }

int battery(void *) { return M5.Power.getBatteryLevel(); }

/* The keys of two slots, which their hooks get as `user`. */
struct slot_keys {
    const char *of[2];
} lock_keys = {"lock0", "lock1"}, log_keys = {"log0", "log1"},
  settings_keys = {"settings0", "settings1"};

const char *key(void *user, unsigned slot) { return static_cast<slot_keys *>(user)->of[slot]; }

/* Preferences would give 0 bytes for a slot that cannot be read, as for one never written. */
int read_slot(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    uint8_t content[INK_SLOT_SIZE];
    size_t length = sizeof content;
    if (!stored) {
        return -1;
    }
    const esp_err_t error = nvs_get_blob(storage, key(user, slot), content, &length);
    if (error == ESP_ERR_NVS_NOT_FOUND) {
        return 0;
    }
    if (error != ESP_OK) {
        return -1;
    }
    memcpy(data, content, std::min(length, capacity));
    return static_cast<int>(length);
}

bool write_slot(void *user, unsigned slot, const uint8_t *data, size_t length) {
    if (!stored) {
        return false;
    }
    esp_err_t error;
    if (length > 0) {
        error = nvs_set_blob(storage, key(user, slot), data, length);
    } else {
        error = nvs_erase_key(storage, key(user, slot));
        if (error == ESP_ERR_NVS_NOT_FOUND) {
            return true;
        }
    }
    return error == ESP_OK && nvs_commit(storage) == ESP_OK;
}

bool random_bytes(void *, uint8_t *out, size_t count) {
    return seeded && mbedtls_hmac_drbg_random(&generator, out, count) == 0;
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
    {nullptr, ink_kdf_mbedtls, random_bytes, {&lock_keys, read_slot, write_slot}},
    {&log_keys, read_slot, write_slot},
    {&settings_keys, read_slot, write_slot},
    "core2",
    &digits_model,
    memory,
};

void board_start() {
    set_bolt(false);
    seed_generator();
    Serial.setRxBufferSize(1024);
    Serial.setTxBufferSize(4096);
    Serial.begin(115200);
    open_storage();
    start_display();
    set_bolt(false); /* looking for the kind of board may have touched the pin */
    esp_task_wdt_init(WATCHDOG_S, true);
    enableLoopWDT(); /* a loop that hangs while the bolt is open starts anew, and closes it */
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

void board_rest() { delay(1); }
