/* The network of the page's module: the shipped one. */
#ifndef INK_WEB_MODEL_H
#define INK_WEB_MODEL_H

#include "digits.h"

#define MODEL digits_model
#define MEMORY DIGITS_MEMORY

#endif
