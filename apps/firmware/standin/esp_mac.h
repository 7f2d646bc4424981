/* Stand-in: see Arduino.h. ESP-IDF 4 has it in esp_system.h, 5 only here. */
#ifndef STANDIN_ESP_MAC_H
#define STANDIN_ESP_MAC_H

#include <cstdint>

/* Six bytes. */
int esp_efuse_mac_get_default(uint8_t *mac);

#endif
