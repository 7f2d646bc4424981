/* Draw commands on a canvas of M5GFX, for every board that has one. */
#ifndef PAINT_H
#define PAINT_H

#include <M5Unified.h>
#include <ink_device.h>

/* Paints what of a picture lies in a box of at most INK_DEVICE_SLICE pixels, and pushes it to where
 * it belongs on the canvas's parent. */
void paint_picture(M5Canvas &canvas, const ink_picture &picture, ink_box box);

#endif
