/* For libraries that include it: they get NULL and size_t, and call nothing of it. */
#ifndef INK_STDLIB_H
#define INK_STDLIB_H

#include <stddef.h>

#endif
