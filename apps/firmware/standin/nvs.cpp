#include "nvs.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/stat.h>

#include "nvs_flash.h"

static std::string path_of(const std::string &key) {
    const char *folder = getenv("INKPIN_NVS");
    return std::string(folder ? folder : "inkpin-nvs") + "/" + key;
}

esp_err_t nvs_flash_init_partition(const char *) {
    const int made = mkdir(path_of("").c_str(), 0777);
    return made == 0 || errno == EEXIST ? ESP_OK : ESP_FAIL;
}

esp_err_t nvs_open_from_partition(const char *, const char *, nvs_open_mode_t,
                                  nvs_handle_t *handle) {
    *handle = 1;
    struct stat folder;
    return stat(path_of("").c_str(), &folder) == 0 && S_ISDIR(folder.st_mode) ? ESP_OK : ESP_FAIL;
}

esp_err_t nvs_get_blob(nvs_handle_t, const char *key, void *data, size_t *length) {
    FILE *file = fopen(path_of(key).c_str(), "rb");
    if (!file) {
        return errno == ENOENT ? ESP_ERR_NVS_NOT_FOUND : ESP_FAIL;
    }
    const size_t count = fread(data, 1, *length, file);
    const bool failed = ferror(file), whole = fgetc(file) == EOF;
    fclose(file);
    *length = count;
    return failed ? ESP_FAIL : whole ? ESP_OK : ESP_ERR_NVS_INVALID_LENGTH;
}

esp_err_t nvs_set_blob(nvs_handle_t, const char *key, const void *data, size_t length) {
    const std::string path = path_of(key), scratch = path + ".new";
    FILE *file = fopen(scratch.c_str(), "wb");
    if (!file) {
        return ESP_FAIL;
    }
    const bool written = fwrite(data, 1, length, file) == length;
    const bool closed = fclose(file) == 0;
    return written && closed && rename(scratch.c_str(), path.c_str()) == 0 ? ESP_OK : ESP_FAIL;
}

esp_err_t nvs_erase_key(nvs_handle_t, const char *key) {
    if (remove(path_of(key).c_str()) == 0) {
        return ESP_OK;
    }
    return errno == ENOENT ? ESP_ERR_NVS_NOT_FOUND : ESP_FAIL;
}

esp_err_t nvs_commit(nvs_handle_t) { return ESP_OK; }
