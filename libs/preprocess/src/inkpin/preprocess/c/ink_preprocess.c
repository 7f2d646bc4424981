#include "ink_preprocess.h"

enum {
    UNIT = 256,      /* fractions of a cell */
    STEP = UNIT / 2, /* lines are walked in steps of at most half a cell */
    MARGIN = (INK_SIDE - INK_BOX) / 2,
    PEN = 2,      /* side of the pen in cells */
    BROAD = 3,    /* of the one that `direct` draws with */
    MAX_GAP = 256 /* wider than the area: every stroke is down to its two ends */
};

static int clamp(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

static int distance(int a, int b) { return a < b ? b - a : a - b; }

/* --- the stroke buffer --- */

static bool is_up(ink_point point) { return point.x == INK_PEN_UP; }

/* Whether the newest of `count` entries is still too near its predecessor to stay. */
static bool replaces_tail(const ink_strokes *s, uint16_t count) {
    if (count < 2 || is_up(s->points[count - 1]) || is_up(s->points[count - 2])) {
        return false;
    }
    const ink_point a = s->points[count - 2], b = s->points[count - 1];
    return distance(a.x, b.x) < s->gap && distance(a.y, b.y) < s->gap;
}

static uint16_t put(ink_strokes *s, uint16_t count, ink_point point) {
    if (!is_up(point) && replaces_tail(s, count)) {
        count--;
    }
    s->points[count] = point;
    return (uint16_t)(count + 1);
}

/* Thins until an entry is free; returns whether one is. */
static bool make_room(ink_strokes *s) {
    while (s->count == INK_CAPACITY && s->gap < MAX_GAP) {
        s->gap = (uint16_t)(s->gap * 2);
        uint16_t kept = 0;
        for (uint16_t i = 0; i < s->count; i++) {
            kept = put(s, kept, s->points[i]);
        }
        s->count = kept;
    }
    s->overflow = s->count == INK_CAPACITY;
    return !s->overflow;
}

void ink_strokes_clear(ink_strokes *strokes) {
    strokes->count = 0;
    strokes->gap = 1;
    strokes->overflow = false;
}

void ink_strokes_point(ink_strokes *strokes, int x, int y) {
    const ink_point point = {(uint8_t)clamp(x, 0, INK_AREA - 1),
                             (uint8_t)clamp(y, 0, INK_AREA - 1)};
    if (!strokes->overflow && (replaces_tail(strokes, strokes->count) || make_room(strokes))) {
        strokes->count = put(strokes, strokes->count, point);
    }
}

void ink_strokes_up(ink_strokes *strokes) {
    const ink_point up = {INK_PEN_UP, INK_PEN_UP};
    if (strokes->count > 0 && !is_up(strokes->points[strokes->count - 1]) && !strokes->overflow &&
        make_room(strokes)) {
        strokes->count = put(strokes, strokes->count, up);
    }
}

/* --- the bitmap --- */

typedef struct {
    int left, top, width, height, longer; /* of the bounding box, and the longer of its sides */
    bool empty;
} bounds;

static bounds bounds_of(const ink_strokes *s) {
    int left = INK_AREA, top = INK_AREA, right = 0, bottom = 0;
    for (uint16_t i = 0; i < s->count; i++) {
        const ink_point p = s->points[i];
        if (!is_up(p)) {
            left = p.x < left ? p.x : left;
            right = p.x > right ? p.x : right;
            top = p.y < top ? p.y : top;
            bottom = p.y > bottom ? p.y : bottom;
        }
    }
    const int width = right - left, height = bottom - top;
    const int longer = width > height ? width : height;
    return (bounds){left, top, width, height, longer, s->count == 0};
}

bool ink_strokes_legible(const ink_strokes *strokes) {
    const bounds box = bounds_of(strokes);
    return !box.empty && !strokes->overflow && box.longer >= INK_MIN_EXTENT;
}

/* Whether no ink lies on a column, and of what lies to its left and its right either is at least
 * half as high as all of it. */
static bool parted_at(const ink_strokes *s, int column, int height) {
    int top[2] = {INK_AREA, INK_AREA}, bottom[2] = {0, 0};
    for (uint16_t i = 0; i < s->count; i++) {
        const ink_point p = s->points[i];
        if (is_up(p)) {
            continue;
        }
        const int side = p.x > column;
        const bool joined = i > 0 && !is_up(s->points[i - 1]);
        if (p.x == column || (joined && (s->points[i - 1].x > column) != side)) {
            return false;
        }
        top[side] = p.y < top[side] ? p.y : top[side];
        bottom[side] = p.y > bottom[side] ? p.y : bottom[side];
    }
    return 2 * (bottom[0] - top[0]) >= height && 2 * (bottom[1] - top[1]) >= height;
}

static bool falls_apart(const ink_strokes *s, bounds box) {
    for (int column = box.left + 1; column < box.left + box.width; column++) {
        if (parted_at(s, column, box.height)) {
            return true;
        }
    }
    return false;
}

ink_unread ink_strokes_unread(const ink_strokes *strokes, bool likely) {
    const bounds box = bounds_of(strokes);
    if (strokes->overflow) {
        return INK_UNREAD_SEVERAL;
    }
    if (box.empty || box.longer < INK_MIN_EXTENT) {
        return box.empty || box.longer < INK_TAP_EXTENT ? INK_UNREAD_LITTLE : INK_UNREAD_SMALL;
    }
    if (box.left == 0 || box.top == 0 || box.left + box.width == INK_AREA - 1 ||
        box.top + box.height == INK_AREA - 1) {
        return INK_UNREAD_EDGE;
    }
    if (falls_apart(strokes, box)) {
        return INK_UNREAD_SEVERAL;
    }
    return likely ? INK_UNREAD_UNSURE : INK_UNREAD_NOTHING;
}

/* Sets a square of so many cells, whose upper left one may lie a cell outside; cut at the edge. */
static void stamp(uint32_t rows[INK_SIDE], int row, int column, int side) {
    const uint32_t wide = (((1u << side) - 1) << (column + 1) >> 1) & ((1u << INK_SIDE) - 1);
    for (int r = row; r < row + side; r++) {
        if (r >= 0 && r < INK_SIDE) {
            rows[r] |= wide;
        }
    }
}

/* Returns the size in the box of a side of the ink: the longer one fills it, and a shorter one, of
 * r times its length, becomes r (2 - r) of it. */
static int aspect_corrected(int side, int longer) {
    return (INK_BOX - 1) * UNIT * side * (2 * longer - side) / (longer * longer);
}

/* Returns where a pixel lies along a side that has that size; 0 along one without length. */
static int fit_to_box(int pixel, int origin, int side, int size) {
    return side > 0 ? ((pixel - origin) * size + side / 2) / side : 0;
}

static int interpolate(int a, int b, int k, int n) { return (a * (n - k) + b * k + n / 2) / n; }

static void draw_normalised(const ink_strokes *s, uint32_t rows[INK_SIDE]) {
    const bounds box = bounds_of(s);
    const int longer = box.longer > 0 ? box.longer : 1;
    const int wide = aspect_corrected(box.width, longer),
              high = aspect_corrected(box.height, longer);
    int from_x = 0, from_y = 0;
    bool down = false;
    for (uint16_t i = 0; i < s->count; i++) {
        if (is_up(s->points[i])) {
            down = false;
            continue;
        }
        const int x = fit_to_box(s->points[i].x, box.left, box.width, wide);
        const int y = fit_to_box(s->points[i].y, box.top, box.height, high);
        if (!down) {
            from_x = x;
            from_y = y;
            down = true;
        }
        const int dx = distance(from_x, x), dy = distance(from_y, y);
        const int whole = ((dx > dy ? dx : dy) + STEP - 1) / STEP;
        const int steps = whole > 0 ? whole : 1;
        for (int k = 1; k <= steps; k++) {
            stamp(rows, (interpolate(from_y, y, k, steps) + UNIT / 2) / UNIT + MARGIN,
                  (interpolate(from_x, x, k, steps) + UNIT / 2) / UNIT + MARGIN, PEN);
        }
        from_x = x;
        from_y = y;
    }
}

static void draw_direct(const ink_strokes *s, uint32_t rows[INK_SIDE]) {
    for (uint16_t i = 0; i < s->count; i++) {
        if (!is_up(s->points[i])) {
            stamp(rows, s->points[i].y * INK_SIDE / INK_AREA - 1,
                  s->points[i].x * INK_SIDE / INK_AREA - 1, BROAD);
        }
    }
}

/* Returns the shift that brings the centre of mass to the middle and keeps all ink inside,
 * from the sum of the cells' places and the first and the last place with ink. */
static int centring(int sum, int ink, int first, int last) {
    return clamp(INK_SIDE / 2 - (sum + ink - 1) / ink, -first, INK_SIDE - 1 - last);
}

static void centre(uint32_t rows[INK_SIDE]) {
    int ink = 0, sum_row = 0, sum_column = 0;
    int top = INK_SIDE, bottom = 0, left = INK_SIDE, right = 0;
    for (int r = 0; r < INK_SIDE; r++) {
        for (int c = 0; c < INK_SIDE; c++) {
            if ((rows[r] >> c) & 1u) {
                ink++;
                sum_row += r;
                sum_column += c;
                top = r < top ? r : top;
                bottom = r;
                left = c < left ? c : left;
                right = c > right ? c : right;
            }
        }
    }
    if (ink == 0) {
        return;
    }
    const int down = centring(sum_row, ink, top, bottom);
    const int across = centring(sum_column, ink, left, right);
    /* Walk against the shift, so that no row is overwritten before it was moved. */
    for (int i = 0; i < INK_SIDE; i++) {
        const int r = down > 0 ? INK_SIDE - 1 - i : i;
        const int from = r - down;
        const uint32_t row = from >= 0 && from < INK_SIDE ? rows[from] : 0;
        rows[r] = across > 0 ? row << across : row >> -across;
    }
}

void ink_strokes_bitmap(const ink_strokes *strokes, ink_mode mode, uint32_t rows[INK_SIDE]) {
    for (int r = 0; r < INK_SIDE; r++) {
        rows[r] = 0;
    }
    if (mode == INK_DIRECT) {
        draw_direct(strokes, rows);
    } else {
        draw_normalised(strokes, rows);
        centre(rows);
    }
}
