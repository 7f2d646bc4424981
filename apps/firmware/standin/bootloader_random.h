/* Stand-in: see Arduino.h. */
#ifndef STANDIN_BOOTLOADER_RANDOM_H
#define STANDIN_BOOTLOADER_RANDOM_H

void bootloader_random_enable();
void bootloader_random_disable();

#endif
