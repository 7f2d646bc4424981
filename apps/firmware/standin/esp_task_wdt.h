/* Stand-in: see Arduino.h. */
#ifndef STANDIN_ESP_TASK_WDT_H
#define STANDIN_ESP_TASK_WDT_H

#include <cstdint>

#include "esp_system.h"

#if ESP_IDF_VERSION_MAJOR >= 5
typedef struct {
    uint32_t timeout_ms, idle_core_mask;
    bool trigger_panic;
} esp_task_wdt_config_t;

esp_err_t esp_task_wdt_init(const esp_task_wdt_config_t *config);
esp_err_t esp_task_wdt_reconfigure(const esp_task_wdt_config_t *config);
#else
esp_err_t esp_task_wdt_init(uint32_t timeout, bool panic);
#endif

#endif
