#include "paint.h"

#include <algorithm>
#include <cmath>

namespace {

/* A font of M5GFX of about the twin's height and width, as it is: a smaller size of a font leaves
 * out rows, and an E becomes an F. The middle of its capitals lies `rise` pixels above the
 * baseline. By INK_FONT_... */
const struct {
    const lgfx::IFont *font;
    int rise;
} faces[INK_FONTS] = {{&fonts::DejaVu9, 3},  {&fonts::Font2, 5},     {&fonts::FreeSans9pt7b, 6},
                      {&fonts::DejaVu18, 6}, {&fonts::DejaVu24, 10}, {&fonts::DejaVu40, 15}};

/* A canvas that holds a box of the screen, whose pixel (x, y) is its (x - left, y - top). */
struct sheet {
    M5Canvas &canvas;
    ink_box box;

    int left() const { return box.x; }
    int top() const { return box.y; }
};

void rect(const sheet &on, const ink_draw &draw, uint32_t colour) {
    const auto &at = draw.as.rect;
    const int x = at.x - on.left(), y = at.y - on.top();
    if (at.radius > 0) {
        on.canvas.fillSmoothRoundRect(x, y, at.w, at.h, at.radius, colour);
    } else {
        on.canvas.fillRect(x, y, at.w, at.h, colour);
    }
}

void triangle(const sheet &on, const ink_draw &draw, uint32_t colour) {
    const auto &at = draw.as.triangle;
    const int x = on.left(), y = on.top();
    on.canvas.fillTriangle(at.x0 - x, at.y0 - y, at.x1 - x, at.y1 - y, at.x2 - x, at.y2 - y,
                           colour);
}

void text(const sheet &on, const ink_draw &draw, uint32_t colour) {
    const auto &at = draw.as.text;
    M5Canvas &canvas = on.canvas;
    canvas.setFont(faces[at.font].font);
    canvas.setTextColor(colour);
    canvas.setTextDatum(at.anchor == INK_ANCHOR_LEFT ? lgfx::baseline_left : lgfx::baseline_center);
    canvas.drawString(at.string, at.x - on.left(), at.y + faces[at.font].rise - on.top());
}

/* Some rows of the area, and how much of each pixel is ink: 255 for all of it. The strokes are
 * gathered before they are painted, or their joints would be darker at the edge. */
struct ink_band {
    enum { ROWS = 8 };
    ink_box box; /* at most so many rows */
    uint8_t cover[ROWS][INK_AREA];
};

/* Adds a line as wide as ink, round at its ends and smooth at its edge. */
void add_line(ink_band &band, int x0, int y0, int x1, int y1) {
    constexpr float RADIUS = INK_LAYOUT_INK_WIDTH / 2.f;
    constexpr float CORE = (RADIUS - .5f) * (RADIUS - .5f), RIM = (RADIUS + .5f) * (RADIUS + .5f);
    constexpr int REACH = INK_LAYOUT_INK_WIDTH / 2;
    const ink_box &box = band.box;
    const int left = std::max(std::min(x0, x1) - REACH, int{box.x});
    const int right = std::min(std::max(x0, x1) + REACH, box.x + box.w - 1);
    const int top = std::max(std::min(y0, y1) - REACH, int{box.y});
    const int bottom = std::min(std::max(y0, y1) + REACH, box.y + box.h - 1);
    const float dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
    for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
            float px = x - x0, py = y - y0;
            if (length > 0) {
                const float along = std::min(1.f, std::max(0.f, (px * dx + py * dy) / length));
                px -= along * dx;
                py -= along * dy;
            }
            const float square = px * px + py * py;
            uint8_t &cover = band.cover[y - box.y][x];
            if (square <= CORE) {
                cover = 255;
            } else if (square < RIM) {
                const float part = RADIUS + .5f - std::sqrt(square);
                cover = std::max(cover, static_cast<uint8_t>(255 * part));
            }
        }
    }
}

void paint_band(const sheet &on, const ink_band &band, uint32_t colour) {
    const int top = band.box.y - on.top();
    for (int y = 0; y < band.box.h; y++) {
        for (int x = band.box.x; x < band.box.x + band.box.w; x++) {
            const uint8_t cover = band.cover[y][x];
            if (cover == 255) {
                on.canvas.drawPixel(x - on.left(), top + y, colour);
            } else if (cover > 0) {
                on.canvas.fillRectAlpha(x - on.left(), top + y, 1, 1, cover, colour);
            }
        }
    }
}

void ink(const sheet &on, const ink_draw &draw, uint32_t colour) {
    const ink_box &box = on.box;
    const uint8_t *points = draw.as.ink.points;
    const int right = std::min<int>(box.x + box.w, INK_AREA), bottom = box.y + box.h;
    for (int top = box.y; top < bottom && box.x < right; top += ink_band::ROWS) {
        ink_band band = {};
        band.box = {box.x, static_cast<int16_t>(top), static_cast<int16_t>(right - box.x),
                    static_cast<int16_t>(std::min<int>(ink_band::ROWS, bottom - top))};
        for (int i = 0; i < draw.as.ink.count; i++) {
            const uint8_t *to = points + 2 * i;
            if (to[0] != INK_PEN_UP) {
                const uint8_t *from = i > 0 && to[-2] != INK_PEN_UP ? to - 2 : to;
                add_line(band, from[0], from[1], to[0], to[1]);
            }
        }
        paint_band(on, band, colour);
    }
}

void bitmap(const sheet &on, const ink_draw &draw, uint32_t colour) {
    const auto &at = draw.as.bitmap;
    for (int row = 0; row < INK_PANEL_ROWS; row++) {
        for (int column = 0; column < INK_PANEL_ROWS; column++) {
            if (at.rows[row] >> column & 1) {
                on.canvas.drawPixel(at.x + column - on.left(), at.y + row - on.top(), colour);
            }
        }
    }
}

} /* namespace */

void paint_picture(M5Canvas &canvas, const ink_picture &picture, ink_box box) {
    static uint16_t pixels[INK_DEVICE_SLICE]; /* in the chip's own memory: no PSRAM is needed */
    const sheet on = {canvas, box};
    canvas.setBuffer(pixels, box.w, box.h, 16);
    for (int i = 0; i < picture.count; i++) {
        const ink_draw &draw = picture.items[i];
        const uint32_t colour = ink_palette[draw.colour];
        switch (draw.kind) {
        case INK_DRAW_RECT:
            rect(on, draw, colour);
            break;
        case INK_DRAW_TRIANGLE:
            triangle(on, draw, colour);
            break;
        case INK_DRAW_TEXT:
            text(on, draw, colour);
            break;
        case INK_DRAW_INK:
            ink(on, draw, colour);
            break;
        case INK_DRAW_BITMAP:
            bitmap(on, draw, colour);
            break;
        }
    }
    canvas.pushSprite(box.x, box.y);
}
