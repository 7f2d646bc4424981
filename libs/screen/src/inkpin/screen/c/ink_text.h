/* Texts of the screen with what they stand for put in. */
#ifndef INK_TEXT_H
#define INK_TEXT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INK_TEXT_SIZE 40 /* bytes of any text, with the NUL */

/* Writes a template with # replaced by the number and @ by the label; what is longer is cut. */
void ink_text(char text[INK_TEXT_SIZE], const char *form, uint32_t number, const char *label);

#ifdef __cplusplus
}
#endif
#endif
