/* Draw commands on a canvas of M5GFX, for every board that has one. */
#ifndef PAINT_H
#define PAINT_H

#include <M5Unified.h>
#include <ink_preprocess.h>
#include <ink_view.h>

/* Paints what of a picture lies in a box; the rest of the canvas stays. */
void paint_picture(M5Canvas &canvas, const ink_picture &picture, ink_box box);

#endif
