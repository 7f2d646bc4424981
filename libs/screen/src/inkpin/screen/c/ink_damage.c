#include "ink_damage.h"

#include <string.h>

enum {
    REACH = (INK_LAYOUT_INK_WIDTH + 1) / 2, /* of ink beside its point */
    PIECE = 16                              /* pixels of a line that a box is made around */
};

static int least(int a, int b) { return a < b ? a : b; }

static int most(int a, int b) { return a > b ? a : b; }

/* --- boxes --- */

static ink_box box_of(int left, int top, int right, int bottom) { /* the latter two just outside */
    return (ink_box){(int16_t)left, (int16_t)top, (int16_t)(right - left), (int16_t)(bottom - top)};
}

static int32_t area(ink_box box) { return (int32_t)box.w * box.h; }

static ink_box joined(ink_box a, ink_box b) {
    return box_of(least(a.x, b.x), least(a.y, b.y), most(a.x + a.w, b.x + b.w),
                  most(a.y + a.h, b.y + b.h));
}

/* What it costs to paint two boxes as one, beside painting each. */
static int32_t loss(ink_box a, ink_box b) {
    return area(joined(a, b)) - area(a) - area(b) - INK_DAMAGE_BOX_COST;
}

/* What is not on the list is zero: boxes tell how a digit was written. */
static ink_box removed(ink_damage *damage, int at) {
    const ink_box box = damage->boxes[at];
    damage->count--;
    memmove(&damage->boxes[at], &damage->boxes[at + 1],
            (size_t)(damage->count - at) * sizeof *damage->boxes);
    damage->boxes[damage->count] = (ink_box){0, 0, 0, 0};
    return box;
}

/* Joins the two boxes that are cheapest to join. */
static void shorten(ink_damage *damage) {
    int first = 0, second = 1;
    for (int i = 0; i < damage->count; i++) {
        for (int j = i + 1; j < damage->count; j++) {
            if (loss(damage->boxes[i], damage->boxes[j]) <
                loss(damage->boxes[first], damage->boxes[second])) {
                first = i;
                second = j;
            }
        }
    }
    const ink_box box = removed(damage, second);
    damage->boxes[first] = joined(damage->boxes[first], box);
}

void ink_damage_add(ink_damage *damage, ink_box box) {
    box = box_of(most(box.x, 0), most(box.y, 0), least(box.x + box.w, INK_SCREEN_WIDTH),
                 least(box.y + box.h, INK_SCREEN_HEIGHT));
    if (box.w <= 0 || box.h <= 0) {
        return;
    }
    for (int i = damage->count - 1; i >= 0; i--) {
        if (loss(damage->boxes[i], box) <= 0) {
            box = joined(removed(damage, i), box);
            i = damage->count; /* what is larger now may be joined with more */
        }
    }
    damage->boxes[damage->count++] = box;
    if (damage->count > INK_DAMAGE_BOXES) {
        shorten(damage);
    }
}

bool ink_damage_take(ink_damage *damage, int32_t pixels, ink_box *box) {
    if (damage->count == 0) {
        return false;
    }
    ink_box *from = &damage->boxes[damage->count - 1];
    const int rows = most(1, pixels / from->w);
    *box = *from;
    if (rows >= from->h) {
        removed(damage, damage->count - 1);
        return true;
    }
    box->h = (int16_t)rows;
    from->y = (int16_t)(from->y + rows);
    from->h = (int16_t)(from->h - rows);
    return true;
}

/* --- what commands cover --- */

static void add_line(ink_damage *damage, int x0, int y0, int x1, int y1) {
    const int dx = x1 - x0, dy = y1 - y0;
    const int pieces = 1 + most(dx > 0 ? dx : -dx, dy > 0 ? dy : -dy) / PIECE;
    const int reach = REACH + (pieces > 1); /* the ends of a piece are rounded */
    for (int i = 0; i < pieces; i++) {
        const int ax = x0 + dx * i / pieces, bx = x0 + dx * (i + 1) / pieces;
        const int ay = y0 + dy * i / pieces, by = y0 + dy * (i + 1) / pieces;
        ink_damage_add(damage, box_of(least(ax, bx) - reach, least(ay, by) - reach,
                                      most(ax, bx) + reach + 1, most(ay, by) + reach + 1));
    }
}

static bool ends_stroke(const uint8_t *point) { return point[0] >= ink_box_area.w; }

void ink_damage_add_ink(ink_damage *damage, const uint8_t *points, uint16_t first, uint16_t count) {
    for (uint16_t i = first; i < count; i++) {
        const uint8_t *to = points + 2 * i;
        if (!ends_stroke(to)) {
            const uint8_t *from = i > 0 && !ends_stroke(to - 2) ? to - 2 : to;
            add_line(damage, ink_box_area.x + from[0], ink_box_area.y + from[1],
                     ink_box_area.x + to[0], ink_box_area.y + to[1]);
        }
    }
}

static int width_of(const ink_letters *letters, const char *string, int count) {
    int width = 0;
    for (int i = 0; i < count; i++) {
        const bool known = string[i] >= ' ' && string[i] <= '~';
        width += letters->widths[(known ? string[i] : 'W') - ' '];
    }
    return width;
}

/* Adds where a text's letters can lie but for so many at its head and at its tail. A face may be
 * narrower than the table: then what lies at the head takes less, and so does the tail. */
static void add_letters(ink_damage *damage, const ink_draw *draw, int head, int tail) {
    const ink_letters *letters = &ink_font_letters[draw->as.text.font];
    const char *string = draw->as.text.string;
    const int count = (int)strlen(string);
    const int x = draw->as.text.x, y = draw->as.text.y;
    const int before = width_of(letters, string, head);
    const int inside = width_of(letters, string + head, count - head - tail);
    const int behind = width_of(letters, string + count - tail, tail);
    if (inside > 0) { /* by a pixel it may lean out, by one be rounded to the right */
        const bool left = draw->as.text.anchor == INK_ANCHOR_LEFT;
        const int from = left ? x : x - (inside + behind + 1) / 2;
        const int to = left ? x + before + inside : x + (before + inside) / 2;
        ink_damage_add(damage, box_of(from - 1, y - letters->above, to + 2, y + letters->below));
    }
}

static bool is_figure(char letter) { return letter >= '0' && letter <= '9'; }

/* Adds where two texts differ that are the same but for figures, which are all of one width;
 * returns whether they are such. */
static bool add_figures(ink_damage *damage, const ink_draw *before, const ink_draw *after) {
    const char *a = before->as.text.string, *b = after->as.text.string;
    if (before->kind != INK_DRAW_TEXT || after->kind != INK_DRAW_TEXT ||
        before->colour != after->colour || before->as.text.font != after->as.text.font ||
        before->as.text.anchor != after->as.text.anchor || before->as.text.x != after->as.text.x ||
        before->as.text.y != after->as.text.y || strlen(a) != strlen(b)) {
        return false;
    }
    const int count = (int)strlen(a);
    int first = count, last = -1;
    for (int i = 0; i < count; i++) {
        if (a[i] != b[i]) {
            if (!is_figure(a[i]) || !is_figure(b[i])) {
                return false;
            }
            first = least(first, i);
            last = i;
        }
    }
    add_letters(damage, after, first, count - 1 - last);
    return true;
}

static void add_draw(ink_damage *damage, const ink_draw *draw) {
    switch (draw->kind) {
    case INK_DRAW_RECT: {
        const int x = draw->as.rect.x, y = draw->as.rect.y;
        ink_damage_add(damage, box_of(x, y, x + draw->as.rect.w, y + draw->as.rect.h));
        break;
    }
    case INK_DRAW_TRIANGLE: {
        const int x0 = draw->as.triangle.x0, y0 = draw->as.triangle.y0;
        const int x1 = draw->as.triangle.x1, y1 = draw->as.triangle.y1;
        const int x2 = draw->as.triangle.x2, y2 = draw->as.triangle.y2;
        ink_damage_add(damage, box_of(least(x0, least(x1, x2)), least(y0, least(y1, y2)),
                                      most(x0, most(x1, x2)) + 1, most(y0, most(y1, y2)) + 1));
        break;
    }
    case INK_DRAW_TEXT:
        add_letters(damage, draw, 0, 0);
        break;
    case INK_DRAW_INK:
        ink_damage_add_ink(damage, draw->as.ink.points, 0, draw->as.ink.count);
        break;
    case INK_DRAW_BITMAP: {
        const int x = draw->as.bitmap.x, y = draw->as.bitmap.y;
        ink_damage_add(damage, box_of(x, y, x + INK_PANEL_ROWS, y + INK_PANEL_ROWS));
        break;
    }
    }
}

/* --- two pictures --- */

/* Whether both are commands for the same; ink is, however much there is of it. Should padding
 * differ that ink_view has cleared, no more comes of it than that too much is painted. */
static bool same(const ink_draw *a, const ink_draw *b) {
    if (a->kind != b->kind || a->kind == INK_DRAW_INK) {
        return a->kind == b->kind;
    }
    return memcmp(a, b, sizeof *a) == 0; /* NOLINT(*-suspicious-memory-comparison) */
}

/* Finds the nearest commands, from *i and *j on, that are the same, or both ends. */
static void align(const ink_picture *before, const ink_picture *after, int *i, int *j) {
    for (int apart = 0;; apart++) {
        for (int skipped = 0; skipped <= apart; skipped++) {
            const int a = *i + skipped, b = *j + apart - skipped;
            const bool ends = a == before->count && b == after->count;
            if (ends || (a < before->count && b < after->count &&
                         same(&before->items[a], &after->items[b]))) {
                *i = a;
                *j = b;
                return;
            }
        }
    }
}

void ink_damage_compare(ink_damage *damage, const ink_picture *before, const ink_picture *after,
                        uint16_t old_ink, bool old_bits) {
    /* A pixel changes only where a command covers it that the other picture has not. */
    for (int i = 0, j = 0; i < before->count || j < after->count; i++, j++) {
        int next = i, beside = j;
        align(before, after, &next, &beside);
        if (next - i == 1 && beside - j == 1 &&
            add_figures(damage, &before->items[i], &after->items[j])) {
            i = next;
            j = beside;
        }
        for (; i < next; i++) {
            add_draw(damage, &before->items[i]);
        }
        for (; j < beside; j++) {
            add_draw(damage, &after->items[j]);
        }
        if (i < before->count && after->items[j].kind == INK_DRAW_INK) {
            const ink_draw *draw = &after->items[j];
            ink_damage_add_ink(damage, draw->as.ink.points, old_ink, draw->as.ink.count);
        } else if (i < before->count && after->items[j].kind == INK_DRAW_BITMAP && !old_bits) {
            add_draw(damage, &after->items[j]);
        }
    }
}
