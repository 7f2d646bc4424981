/* Stand-in: see Arduino.h. */
#ifndef STANDIN_ESP_SYSTEM_H
#define STANDIN_ESP_SYSTEM_H

#include <cstddef>
#include <cstdint>

#include "esp_idf_version.h"

typedef int esp_err_t;

#if ESP_IDF_VERSION_MAJOR < 5
#include "esp_mac.h"
#include "esp_random.h"
#endif

/* As M5Unified defines them on a PC. */
#define ESP_OK 0
#define ESP_FAIL -1

#endif
