/* Stand-in: what the shell takes of Arduino-ESP32, for a PC. The simulator and the tests define it,
 * each in its own way; the device has the real one.
 */
#ifndef STANDIN_ARDUINO_H
#define STANDIN_ARDUINO_H

#include <cstddef>
#include <cstdint>

#define SET_LOOP_TASK_STACK_SIZE(size) static_assert(size > 0, "")

enum { LOW, HIGH };
enum { OUTPUT = 3 };

void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t level);

unsigned long millis();
void delay(uint32_t ms);
void enableLoopWDT();

class HardwareSerial {
  public:
    size_t setRxBufferSize(size_t size);
    size_t setTxBufferSize(size_t size);
    void begin(unsigned long baud);
    int available();
    size_t read(uint8_t *buffer, size_t size);
    int availableForWrite();
    size_t write(const uint8_t *buffer, size_t size);
};

extern HardwareSerial Serial;

#endif
