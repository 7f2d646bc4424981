/* Stand-in: see Arduino.h. ESP-IDF 4 has it in esp_system.h as well, 5 only here. */
#ifndef STANDIN_ESP_RANDOM_H
#define STANDIN_ESP_RANDOM_H

#include <cstddef>

void esp_fill_random(void *buffer, size_t size);

#endif
