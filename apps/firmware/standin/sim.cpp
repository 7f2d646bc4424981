/* The simulator: M5GFX's window for the display and the mouse for a finger, standard input and
 * output for the serial line, files for the storage.
 */
#include <Arduino.h>
#include <M5Unified.h>
#include <bootloader_random.h>
#include <esp_mac.h>
#include <esp_random.h>
#include <esp_system.h>
#include <esp_task_wdt.h>

#include <cstdio>
#include <poll.h>
#include <random>
#include <unistd.h>

void setup();
void loop();

static bool ready(int file, short event) {
    pollfd what = {file, event, 0};
    return ::poll(&what, 1, 0) == 1 && what.revents & event;
}

HardwareSerial Serial;

size_t HardwareSerial::setRxBufferSize(size_t size) { return size; }

size_t HardwareSerial::setTxBufferSize(size_t size) { return size; }

void HardwareSerial::begin(unsigned long) {}

int HardwareSerial::available() { return ready(STDIN_FILENO, POLLIN); }

size_t HardwareSerial::read(uint8_t *buffer, size_t size) {
    const ssize_t count = ::read(STDIN_FILENO, buffer, size);
    return count > 0 ? static_cast<size_t>(count) : 0;
}

int HardwareSerial::availableForWrite() { return ready(STDOUT_FILENO, POLLOUT) ? 4096 : 0; }

size_t HardwareSerial::write(const uint8_t *buffer, size_t size) {
    const ssize_t count = ::write(STDOUT_FILENO, buffer, size);
    return count > 0 ? static_cast<size_t>(count) : 0;
}

void pinMode(uint8_t, uint8_t) {}

void digitalWrite(uint8_t pin, uint8_t level) { fprintf(stderr, "pin %d: %d\n", pin, level); }

unsigned long millis() { return m5gfx::millis(); }

void delay(uint32_t ms) { m5gfx::delay(ms); }

void enableLoopWDT() {}

#if ESP_IDF_VERSION_MAJOR >= 5
esp_err_t esp_task_wdt_reconfigure(const esp_task_wdt_config_t *) { return ESP_OK; }

esp_err_t esp_task_wdt_init(const esp_task_wdt_config_t *) { return ESP_OK; }
#else
esp_err_t esp_task_wdt_init(uint32_t, bool) { return ESP_OK; }
#endif

int esp_efuse_mac_get_default(uint8_t *) { return ESP_FAIL; } /* no chip, no fuses */

void bootloader_random_enable() {}

void bootloader_random_disable() {}

void esp_fill_random(void *buffer, size_t size) {
    std::random_device source;
    for (size_t i = 0; i < size; i++) {
        static_cast<uint8_t *>(buffer)[i] = static_cast<uint8_t>(source());
    }
}

static int run(bool *running) {
    setup();
    while (*running) {
        loop();
    }
    return 0;
}

int main(int, char **) { return lgfx::Panel_sdl::main(run); }
