/* What the firmware needs of a board. board_core2.cpp is one; a second board is a second file.
 *
 * Behind it is all that is the board's or Arduino's: display, touch panel, storage, clock, random
 * bytes, serial line, key derivation and lock output.
 */
#ifndef BOARD_H
#define BOARD_H

#include <ink_device.h>

/* What the touch panel reports: how many fingers, and where one of them is. */
typedef struct {
    unsigned fingers;
    int16_t x, y;
} board_touch;

/* Switches the board on; to be called before anything else. The bolt is closed first of all, and
 * stays so until the hooks open it. */
void board_start();

extern const ink_device_hooks board_hooks;

/* A clock in ms that may wrap. */
uint32_t board_now();

board_touch board_poll();

/* Copies at most `capacity` of the bytes that have come over the serial line, and returns their
 * number; waits for none. */
size_t board_receive(uint8_t *bytes, size_t capacity);

/* To be called in each round of the loop: leaves the processor to others for a moment, and keeps a
 * bolt open that is. */
void board_rest();

#endif
