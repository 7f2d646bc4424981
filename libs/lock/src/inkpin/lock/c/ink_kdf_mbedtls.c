#include "ink_kdf_mbedtls.h"

#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/version.h>

bool ink_kdf_mbedtls(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                     uint32_t iterations, uint8_t *hash) {
    (void)user;
#if MBEDTLS_VERSION_NUMBER >= 0x03030000
    return mbedtls_pkcs5_pbkdf2_hmac_ext(MBEDTLS_MD_SHA256, pin, length, salt, INK_SALT_SIZE,
                                         iterations, INK_HASH_SIZE, hash) == 0;
#else
    mbedtls_md_context_t hmac;
    mbedtls_md_init(&hmac);
    const bool done =
        mbedtls_md_setup(&hmac, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 1) == 0 &&
        mbedtls_pkcs5_pbkdf2_hmac(&hmac, pin, length, salt, INK_SALT_SIZE, iterations,
                                  INK_HASH_SIZE, hash) == 0;
    mbedtls_md_free(&hmac);
    return done;
#endif
}
