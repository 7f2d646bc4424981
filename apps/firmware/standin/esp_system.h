/* Stand-in: see Arduino.h. */
#ifndef STANDIN_ESP_SYSTEM_H
#define STANDIN_ESP_SYSTEM_H

#include <cstddef>

typedef int esp_err_t;

/* As M5Unified defines them on a PC. */
#define ESP_OK 0
#define ESP_FAIL -1

void esp_fill_random(void *buffer, size_t size);

#endif
