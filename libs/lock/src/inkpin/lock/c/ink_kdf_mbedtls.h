/* The lock's `derive` hook on mbedTLS 2.28 or 3, the library on the device's side.
 *
 * library.json leaves this pair out, so that builds without mbedTLS stay whole. Add the .c to the
 * build where mbedTLS is there: in platformio.ini by its path in build_src_filter, on a PC on the
 * compiler's command line together with -lmbedcrypto.
 */
#ifndef INK_KDF_MBEDTLS_H
#define INK_KDF_MBEDTLS_H

#include "ink_record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As ink_lock_hooks.derive says; `user` is not used. mbedTLS allocates while it runs. */
bool ink_kdf_mbedtls(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                     uint32_t iterations, uint8_t *hash);

#ifdef __cplusplus
}
#endif

#endif
