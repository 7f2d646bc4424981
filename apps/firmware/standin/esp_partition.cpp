#include "esp_partition.h"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

constexpr uint32_t SIZE = 0x8000, SECTOR = 0x1000;

static std::string path_of(const char *label) {
    const char *folder = getenv("INKPIN_FLASH");
    return std::string(folder ? folder : "inkpin-flash") + "/" + label;
}

/* A file LABEL.small makes a partition one that is too small, a file LABEL.broken.N makes sector N
 * of a partition one that cannot be changed. */
static bool is_broken(const esp_partition_t *partition, size_t offset) {
    const std::string path = path_of(partition->label) + ".broken.";
    return access((path + std::to_string(offset / SECTOR)).c_str(), F_OK) == 0;
}

static bool at_place(const esp_partition_t *partition, size_t offset, size_t size, uint8_t *data,
                     bool write) {
    const int file = open(path_of(partition->label).c_str(), write ? O_RDWR : O_RDONLY);
    const size_t whole = partition->size;
    if (file < 0 || offset > whole || size > whole - offset) {
        return file >= 0 && close(file) != 0;
    }
    const ssize_t done = write ? pwrite(file, data, size, static_cast<off_t>(offset))
                               : pread(file, data, size, static_cast<off_t>(offset));
    return close(file) == 0 && done == static_cast<ssize_t>(size);
}

const esp_partition_t *esp_partition_find_first(esp_partition_type_t, esp_partition_subtype_t,
                                                const char *label) {
    static esp_partition_t found[2];
    static size_t count;
    if (count == 2) {
        return nullptr;
    }
    esp_partition_t *partition = &found[count++];
    partition->size = access((path_of(label) + ".small").c_str(), F_OK) == 0 ? SIZE - SECTOR : SIZE;
    strncpy(partition->label, label, sizeof partition->label - 1);
    mkdir(path_of("").c_str(), 0700);
    const int file = open(path_of(label).c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
    if (file >= 0) {
        const std::vector<uint8_t> blank(SIZE, 0xFF);
        const bool whole = write(file, blank.data(), SIZE) == static_cast<ssize_t>(SIZE);
        return close(file) == 0 && whole ? partition : nullptr;
    }
    return access(path_of(label).c_str(), F_OK) == 0 ? partition : nullptr;
}

esp_err_t esp_partition_read(const esp_partition_t *partition, size_t offset, void *data,
                             size_t size) {
    return at_place(partition, offset, size, static_cast<uint8_t *>(data), false) ? ESP_OK
                                                                                  : ESP_FAIL;
}

esp_err_t esp_partition_write(const esp_partition_t *partition, size_t offset, const void *data,
                              size_t size) {
    std::vector<uint8_t> cells(size);
    if (is_broken(partition, offset) || !at_place(partition, offset, size, cells.data(), false)) {
        return ESP_FAIL;
    }
    for (size_t i = 0; i < size; i++) {
        cells[i] &= static_cast<const uint8_t *>(data)[i];
    }
    return at_place(partition, offset, size, cells.data(), true) ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t offset, size_t size) {
    std::vector<uint8_t> blank(size, 0xFF);
    const bool aligned = offset % SECTOR == 0 && size % SECTOR == 0;
    return aligned && !is_broken(partition, offset) &&
                   at_place(partition, offset, size, blank.data(), true)
               ? ESP_OK
               : ESP_FAIL;
}
