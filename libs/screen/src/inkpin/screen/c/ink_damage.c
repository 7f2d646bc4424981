#include "ink_damage.h"

#include <string.h>

typedef struct {
    int left, top, right, bottom; /* the latter two just outside */
} bounds;

static const bounds nothing = {INK_SCREEN_WIDTH, INK_SCREEN_HEIGHT, 0, 0};

static int least(int a, int b) { return a < b ? a : b; }

static int most(int a, int b) { return a > b ? a : b; }

static void include(bounds *all, int left, int top, int right, int bottom) {
    all->left = least(all->left, most(left, 0));
    all->top = least(all->top, most(top, 0));
    all->right = most(all->right, least(right, INK_SCREEN_WIDTH));
    all->bottom = most(all->bottom, least(bottom, INK_SCREEN_HEIGHT));
}

/* Includes the ink from its point `first` on, with the line that leads there. */
static void include_ink(bounds *all, const ink_draw *draw, uint16_t first) {
    const uint8_t *points = draw->as.ink.points;
    for (uint16_t i = first > 0 ? (uint16_t)(first - 1) : 0; i < draw->as.ink.count; i++) {
        const int x = ink_box_area.x + points[2 * i], y = ink_box_area.y + points[2 * i + 1];
        if (points[2 * i] < ink_box_area.w) { /* not the end of a stroke */
            include(all, x - INK_LAYOUT_INK_WIDTH, y - INK_LAYOUT_INK_WIDTH,
                    x + INK_LAYOUT_INK_WIDTH + 1, y + INK_LAYOUT_INK_WIDTH + 1);
        }
    }
}

static void include_draw(bounds *all, const ink_draw *draw) {
    switch (draw->kind) {
    case INK_DRAW_RECT: {
        const int x = draw->as.rect.x, y = draw->as.rect.y;
        include(all, x, y, x + draw->as.rect.w, y + draw->as.rect.h);
        break;
    }
    case INK_DRAW_TRIANGLE: {
        const int x0 = draw->as.triangle.x0, y0 = draw->as.triangle.y0;
        const int x1 = draw->as.triangle.x1, y1 = draw->as.triangle.y1;
        const int x2 = draw->as.triangle.x2, y2 = draw->as.triangle.y2;
        include(all, least(x0, least(x1, x2)), least(y0, least(y1, y2)), most(x0, most(x1, x2)) + 1,
                most(y0, most(y1, y2)) + 1);
        break;
    }
    case INK_DRAW_TEXT: { /* in no font is a letter wider than its line is high */
        const int height = ink_font_heights[draw->as.text.font];
        const int width = height * (int)strlen(draw->as.text.string);
        const int x = draw->as.text.x, y = draw->as.text.y;
        include(all, draw->as.text.anchor == INK_ANCHOR_LEFT ? x - height : x - width, y - height,
                x + width, y + height);
        break;
    }
    case INK_DRAW_INK:
        include_ink(all, draw, 0);
        break;
    case INK_DRAW_BITMAP: {
        const int x = draw->as.bitmap.x, y = draw->as.bitmap.y;
        include(all, x, y, x + INK_PANEL_ROWS, y + INK_PANEL_ROWS);
        break;
    }
    }
}

/* Includes all between the `head` first and the `tail` last commands, and of these the new ink. */
static void include_middle(bounds *all, const ink_picture *picture, int head, int tail,
                           uint16_t old_ink) {
    for (int i = 0; i < picture->count; i++) {
        const ink_draw *draw = &picture->items[i];
        if (i >= head && i < picture->count - tail) {
            include_draw(all, draw);
        } else if (draw->kind == INK_DRAW_INK) {
            include_ink(all, draw, old_ink);
        }
    }
}

/* Whether both are commands for the same; ink is, however much there is of it. Should padding
 * differ that ink_view has cleared, no more comes of it than that too much is painted. */
static bool same(const ink_draw *a, const ink_draw *b, bool old_bits) {
    if (a->kind != b->kind || a->kind == INK_DRAW_INK) {
        return a->kind == b->kind;
    }
    /* NOLINTNEXTLINE(*-suspicious-memory-comparison) */
    return (old_bits || a->kind != INK_DRAW_BITMAP) && memcmp(a, b, sizeof *a) == 0;
}

ink_box ink_damage(const ink_picture *before, const ink_picture *after, uint16_t old_ink,
                   bool old_bits) {
    /* Commands come and go in the middle of a picture: the same ones at both its ends do not
     * count. */
    const int shorter = least(before->count, after->count);
    int head = 0, tail = 0;
    while (head < shorter && same(&before->items[head], &after->items[head], old_bits)) {
        head++;
    }
    while (tail < shorter - head && same(&before->items[before->count - 1 - tail],
                                         &after->items[after->count - 1 - tail], old_bits)) {
        tail++;
    }
    bounds all = nothing;
    include_middle(&all, before, head, tail, old_ink);
    include_middle(&all, after, head, tail, old_ink);
    if (all.left >= all.right || all.top >= all.bottom) {
        return (ink_box){0, 0, 0, 0};
    }
    return (ink_box){(int16_t)all.left, (int16_t)all.top, (int16_t)(all.right - all.left),
                     (int16_t)(all.bottom - all.top)};
}
