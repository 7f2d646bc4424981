/* What of mbedTLS the emulated device is built with: PBKDF2-HMAC-SHA256, without a libc. */
#ifndef INK_MBEDTLS_CONFIG_H
#define INK_MBEDTLS_CONFIG_H

#include <stddef.h>

#define MBEDTLS_MD_C
#define MBEDTLS_PKCS5_C
#define MBEDTLS_SHA256_C

#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO ink_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO ink_free
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_STD_EXIT_SUCCESS 0
#define MBEDTLS_PLATFORM_STD_EXIT_FAILURE 1

/* platform.h wants names for these; nothing calls them. */
#define MBEDTLS_PLATFORM_EXIT_MACRO ink_absent
#define MBEDTLS_PLATFORM_FPRINTF_MACRO ink_absent
#define MBEDTLS_PLATFORM_PRINTF_MACRO ink_absent
#define MBEDTLS_PLATFORM_SNPRINTF_MACRO ink_absent
#define MBEDTLS_PLATFORM_VSNPRINTF_MACRO ink_absent

void *ink_calloc(size_t count, size_t size);
void ink_free(void *memory);

#endif
