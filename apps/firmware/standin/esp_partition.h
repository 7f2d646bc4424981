/* Stand-in: partitions of a NOR flash as files, in the folder $INKPIN_FLASH or, without it,
 * inkpin-flash: bits only fall, an erase takes sectors of 4096 bytes.
 */
#ifndef STANDIN_ESP_PARTITION_H
#define STANDIN_ESP_PARTITION_H

#include <cstdint>

#include "esp_system.h"

typedef enum { ESP_PARTITION_TYPE_DATA = 0x01 } esp_partition_type_t;
typedef enum { ESP_PARTITION_SUBTYPE_ANY = 0xFF } esp_partition_subtype_t;

typedef struct {
    uint32_t size;
    char label[17];
} esp_partition_t;

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type,
                                                esp_partition_subtype_t subtype, const char *label);
esp_err_t esp_partition_read(const esp_partition_t *partition, size_t offset, void *data,
                             size_t size);
esp_err_t esp_partition_write(const esp_partition_t *partition, size_t offset, const void *data,
                              size_t size);
esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t offset, size_t size);

#endif
