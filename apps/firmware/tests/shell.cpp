/* The firmware's shell on a board of paper: a script on standard input says what happens, standard
 * output tells what the shell does about it. Its clock stands still but for `wait` and delays.
 *
 *     wait MS           loop() runs until so much time has passed
 *     touch N X Y       N fingers lie on the panel, one of them at (X, Y)
 *     type TEXT         a line arrives at the serial port
 *     stuck 0|1         the serial port takes nothing
 *     battery MV        the battery's voltage, 0 without one
 *     chip 0|1          whether there is a power chip
 *     port 0|1          whether Port A's 5 V may be switched on; what was on goes off with 0
 *     pixel X Y         asks for a pixel of the display
 *     clock             asks for the time
 *     hang MS           the loop hangs for so long
 *     edge              something else makes an edge at the bolt's pin
 *
 * At the bolt's pin hangs the circuit of docs/firmware.md, which is told of as `bolt 0|1`.
 *     unseen            asks how many pixels were pushed at most between looks at the touch panel
 */
#include <Arduino.h>
#include <M5Unified.h>
#include <bootloader_random.h>
#include <esp_mac.h>
#include <esp_random.h>
#include <esp_system.h>
#include <esp_task_wdt.h>
#include <mbedtls/hmac_drbg.h>
#include <mbedtls/platform_util.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <iostream>
#include <sstream>
#include <string>
#include <unistd.h>

void setup();
void loop();

static uint32_t now;
static std::string incoming, sent;
static bool stuck;
static int millivolts = 4000;
static bool chip = true;
static bool port_allowed = true, port_on = true;

/* --- Arduino and ESP-IDF --- */

HardwareSerial Serial;

size_t HardwareSerial::setRxBufferSize(size_t size) { return size; }

size_t HardwareSerial::setTxBufferSize(size_t size) { return size; }

void HardwareSerial::begin(unsigned long baud) { printf("baud %lu\n", baud); }

int HardwareSerial::available() { return static_cast<int>(incoming.size()); }

size_t HardwareSerial::read(uint8_t *buffer, size_t size) {
    const size_t count = std::min(size, incoming.size());
    std::copy_n(incoming.begin(), count, buffer);
    incoming.erase(0, count);
    return count;
}

/* 115200 baud, into a buffer of 1 KB; the clock stands still within a pass. */
static uint32_t sent_at;
static int room = 1024;

int HardwareSerial::availableForWrite() {
    if (!stuck) {
        room = std::min<int>(1024, room + static_cast<int>((now - sent_at) * 11));
    }
    sent_at = now;
    return stuck ? 0 : room;
}

size_t HardwareSerial::write(const uint8_t *buffer, size_t size) {
    std::string text(buffer, buffer + size);
    text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
    sent += text;
    room -= static_cast<int>(size);
    for (size_t end; (end = sent.find('\n')) != std::string::npos; sent.erase(0, end + 1)) {
        printf("serial %s\n", sent.substr(0, end).c_str());
    }
    return size;
}

static bool is_output[40];

void pinMode(uint8_t pin, uint8_t mode) {
    printf("mode %d %d\n", pin, mode);
    is_output[pin] = mode == OUTPUT;
}

/* Volts, farads, ohms and seconds. What a transistor of its kind needs to open, and to close, at
 * the least and at the most. */
static struct {
    bool level, open, beating;
    double gate;
    uint32_t since;
} bolt;

static void settle_bolt(bool level) {
    const double supply = 3.3, drop = 0.3, pump = 2.2e-6, keep = 22e-6, leak = 22e3;
    bolt.gate /= exp((now - bolt.since) / 1000.0 / (leak * keep));
    bolt.since = now;
    if (level && !bolt.level) {
        bolt.gate += std::max(0.0, supply - 2 * drop - bolt.gate) * pump / (pump + keep);
    }
    bolt.level = level;
    if (bolt.open ? bolt.gate < 0.65 : bolt.gate >= 1.45) {
        bolt.open = !bolt.open;
        printf("bolt %d\n", bolt.open);
    }
}

/* As core 3 does, which core 2 does not mind: a level is heeded behind pinMode alone. */
void digitalWrite(uint8_t pin, uint8_t level) {
    if (!is_output[pin]) {
        printf("unheeded %d %d\n", pin, level);
        return;
    }
    if (!bolt.beating) {
        printf("pin %d %d\n", pin, level);
    }
    if (pin == 32) {
        settle_bolt(level);
    }
}

unsigned long millis() { return now; }

void delay(uint32_t ms) { now += ms; }

void enableLoopWDT() { printf("watchdog\n"); }

#if ESP_IDF_VERSION_MAJOR >= 5
/* The core of Arduino has started it. */
esp_err_t esp_task_wdt_init(const esp_task_wdt_config_t *) { return ESP_FAIL; }

esp_err_t esp_task_wdt_reconfigure(const esp_task_wdt_config_t *config) {
    printf("watchdog %u %d\n", config->timeout_ms, config->trigger_panic);
    return ESP_OK;
}
#else
esp_err_t esp_task_wdt_init(uint32_t seconds, bool panic) {
    printf("watchdog %u %d\n", 1000 * seconds, panic);
    return ESP_OK;
}
#endif

static void *noise; /* where random bytes went last */

/* Whether there is a file NAME.broken beside the flash. */
static bool broken(const char *name) {
    return access((std::string(getenv("INKPIN_FLASH")) + "/" + name + ".broken").c_str(), F_OK) ==
           0;
}

int esp_efuse_mac_get_default(uint8_t *mac) {
    static const uint8_t burned[] = {0x24, 0x6f, 0x28, 0xaa, 0x55, 0x01};
    std::copy_n(burned, sizeof burned, mac);
    return broken("fuses") ? ESP_FAIL : ESP_OK;
}

void bootloader_random_enable() { printf("noise 1\n"); }

void bootloader_random_disable() { printf("noise 0\n"); }

void esp_fill_random(void *buffer, size_t size) {
    std::fill_n(static_cast<uint8_t *>(buffer), size, 0x5A);
    printf("random %zu\n", size);
    noise = buffer;
}

/* In the place of mbedTLS's own, which its library then calls too. */
extern "C" void mbedtls_platform_zeroize(void *buffer, size_t size) {
    volatile uint8_t *bytes = static_cast<uint8_t *>(buffer);
    std::fill_n(bytes, size, 0);
    if (buffer && buffer == noise) {
        printf("wiped %zu\n", size);
        noise = nullptr;
    }
}

/* Likewise; a file seed.broken beside the flash makes it fail, though it did its work. */
extern "C" int mbedtls_hmac_drbg_seed_buf(mbedtls_hmac_drbg_context *context,
                                          const mbedtls_md_info_t *info, const unsigned char *data,
                                          size_t size) {
    const auto real = reinterpret_cast<decltype(&mbedtls_hmac_drbg_seed_buf)>(
        dlsym(RTLD_NEXT, "mbedtls_hmac_drbg_seed_buf"));
    const int result = real(context, info, data, size);
    return broken("seed") ? -1 : result;
}

/* --- M5GFX --- */

const lgfx::IFont fonts::DejaVu9 = {"DejaVu9"}, fonts::Font2 = {"Font2"},
                  fonts::FreeSans9pt7b = {"FreeSans9pt7b"}, fonts::DejaVu18 = {"DejaVu18"},
                  fonts::DejaVu24 = {"DejaVu24"}, fonts::DejaVu40 = {"DejaVu40"};

m5::M5Unified M5;

void Surface::setClipRect(int32_t x, int32_t y, int32_t w, int32_t h) { clip = {x, y, w, h}; }

void Surface::clearClipRect() { clip = {0, 0, width, height}; }

void Surface::drawPixel(int32_t x, int32_t y, uint32_t colour) {
    if (x >= clip.x && x < clip.x + clip.w && y >= clip.y && y < clip.y + clip.h) {
        pixels[static_cast<size_t>(y * width + x)] = colour;
    }
}

uint32_t Surface::readPixel(int32_t x, int32_t y) const {
    return pixels[static_cast<size_t>(y * width + x)];
}

void M5GFX::begin() {
    width = 320;
    height = 240;
    pixels.assign(320 * 240, 0);
    clearClipRect();
}

void M5GFX::setBrightness(uint8_t level) {
    brightness = level;
    printf("brightness %d\n", level);
}

uint8_t M5GFX::getBrightness() const { return brightness; }

void M5GFX::sleep() { printf("sleep\n"); }

void M5GFX::wakeup() { printf("wakeup\n"); }

uint_fast8_t M5GFX::getTouch(lgfx::touch_point_t *points, uint_fast8_t count) {
    unseen = 0;
    if (fingers > 0) {
        points[0] = finger;
    }
    return std::min<uint_fast8_t>(fingers, count);
}

void M5GFX::take(int32_t x, int32_t y, const M5Canvas &source) {
    printf("push %d %d %d %d\n", x, y, source.width, source.height);
    for (int32_t row = 0; row < source.height; row++) {
        for (int32_t column = 0; column < source.width; column++) {
            drawPixel(x + column, y + row, source.readPixel(column, row));
        }
    }
    unseen += source.width * source.height;
    most_unseen = std::max(most_unseen, unseen);
}

M5Canvas::M5Canvas(M5GFX *parent) : parent(parent) {}

void M5Canvas::setBuffer(void *, int32_t w, int32_t h, uint8_t bits) {
    width = w;
    height = h;
    pixels.assign(static_cast<size_t>(w * h), 0xBAD);
    clearClipRect();
    if (bits != 16) {
        printf("bits %d\n", bits);
    }
}

void M5Canvas::pushSprite(int32_t x, int32_t y) { parent->take(x, y, *this); }

void M5Canvas::fillRect(int32_t x, int32_t y, int32_t w, int32_t h, uint32_t colour) {
    fillRectAlpha(x, y, w, h, 255, colour);
}

void M5Canvas::fillSmoothRoundRect(int32_t x, int32_t y, int32_t w, int32_t h, int32_t,
                                   uint32_t colour) {
    fillRect(x, y, w, h, colour);
}

void M5Canvas::fillTriangle(int32_t x0, int32_t y0, int32_t x1, int32_t y1, int32_t x2, int32_t y2,
                            uint32_t colour) {
    printf("triangle %d %d %d %d %d %d %06x\n", x0, y0, x1, y1, x2, y2, colour);
}

void M5Canvas::fillRectAlpha(int32_t x, int32_t y, int32_t w, int32_t h, uint8_t alpha,
                             uint32_t colour) {
    for (int32_t row = std::max(y, clip.y); row < std::min(y + h, clip.y + clip.h); row++) {
        for (int32_t column = std::max(x, clip.x); column < std::min(x + w, clip.x + clip.w);
             column++) {
            uint32_t mixed = 0;
            for (int shift = 0; shift < 24; shift += 8) {
                const uint32_t under = readPixel(column, row) >> shift & 255;
                const uint32_t over = colour >> shift & 255;
                mixed |= (under * (255 - alpha) + over * alpha) / 255 << shift;
            }
            drawPixel(column, row, mixed);
        }
    }
}

void M5Canvas::setFont(const lgfx::IFont *font) { printf("text %s ", font->name); }

void M5Canvas::setTextColor(uint32_t colour) { printf("%06x ", colour); }

void M5Canvas::setTextDatum(lgfx::textdatum_t datum) { printf("%d ", datum); }

size_t M5Canvas::drawString(const char *string, int32_t x, int32_t y) {
    printf("%d %d %s\n", x, y, string);
    return 0;
}

/* --- M5Unified --- */

m5::M5Unified::config_t m5::M5Unified::config() { return {}; }

void m5::M5Unified::begin(config_t config) {
    printf("begin %d\n", config.external_display_value);
    Display.begin();
    Display.setBrightness(127);
}

bool m5::Speaker_Class::tone(float frequency, uint32_t ms) {
    printf("tone %.0f %u\n", static_cast<double>(frequency), ms);
    return true;
}

void m5::Power_Class::setVibration(uint8_t level) { printf("vibrate %d\n", level); }

int32_t m5::Power_Class::getBatteryLevel() { return millivolts > 3000 ? 80 : 0; }

void m5::Power_Class::setExtOutput(bool enable) {
    printf("port %d\n", enable && port_allowed);
    port_on = enable && port_allowed;
}

bool m5::Power_Class::getExtOutput() { return chip && port_on; }

int16_t m5::Power_Class::getBatteryVoltage() { return static_cast<int16_t>(chip ? millivolts : 0); }

m5::Power_Class::pmic_t m5::Power_Class::getType() const {
    return chip ? pmic_axp192 : pmic_unknown;
}

/* --- the script --- */

static void run(uint32_t ms) {
    bolt.beating = true; /* not every beat is worth a line */
    for (const uint32_t since = now; now - since < ms;) {
        loop();
        settle_bolt(bolt.level);
    }
    bolt.beating = false;
}

int main() {
    std::string line, word;
    setup();
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        int x = 0, y = 0;
        words >> word;
        if (word == "wait") {
            words >> x;
            run(static_cast<uint32_t>(x));
        } else if (word == "touch") {
            words >> M5.Display.fingers >> M5.Display.finger.x >> M5.Display.finger.y;
        } else if (word == "type") {
            incoming += line.substr(5) + "\n";
        } else if (word == "stuck") {
            words >> stuck;
        } else if (word == "pixel" && words >> x >> y) {
            printf("pixel %06x\n", M5.Display.readPixel(x, y));
        } else if (word == "battery") {
            words >> millivolts;
        } else if (word == "chip") {
            words >> chip;
        } else if (word == "port") {
            words >> port_allowed;
            port_on = port_on && port_allowed;
        } else if (word == "unseen") {
            printf("unseen %d\n", M5.Display.most_unseen);
        } else if (word == "hang") {
            words >> x;
            now += static_cast<uint32_t>(x);
            settle_bolt(bolt.level);
        } else if (word == "edge") {
            settle_bolt(false);
            settle_bolt(true);
        } else if (word == "clock") {
            printf("clock %u\n", now);
        } else {
            fprintf(stderr, "not an event: %s\n", line.c_str());
            return 2;
        }
        printf(".\n");
        fflush(stdout);
    }
    return 0;
}
