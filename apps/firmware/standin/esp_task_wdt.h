/* Stand-in: see Arduino.h. */
#ifndef STANDIN_ESP_TASK_WDT_H
#define STANDIN_ESP_TASK_WDT_H

#include <cstdint>

#include "esp_system.h"

esp_err_t esp_task_wdt_init(uint32_t timeout, bool panic);

#endif
