/* Stand-in: see nvs.h. */
#ifndef STANDIN_NVS_FLASH_H
#define STANDIN_NVS_FLASH_H

#include "esp_system.h"

esp_err_t nvs_flash_init_partition(const char *partition);

#endif
