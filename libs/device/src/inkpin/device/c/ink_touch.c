#include "ink_touch.h"

enum { SLOWEST_READING = 10 }; /* ms; panels are read about so often, however often one asks */

static const ink_touch_event cancelled = {INK_TOUCH_UP, -1, -1};

static int32_t distance(ink_spot a, ink_spot b) {
    const int32_t x = a.x < b.x ? b.x - a.x : a.x - b.x;
    const int32_t y = a.y < b.y ? b.y - a.y : a.y - b.y;
    return x > y ? x : y;
}

/* Whether a finger cannot have come so far since the newest good sample. */
static bool leaps(const ink_touch_filter *filter, ink_spot at, uint32_t now) {
    const uint32_t elapsed = now - filter->seen;
    const uint32_t ms = elapsed > SLOWEST_READING ? elapsed : SLOWEST_READING;
    return ms > INK_TOUCH_LONGEST || distance(at, filter->at) > INK_TOUCH_FASTEST * (int32_t)ms;
}

static bool take(ink_touch_filter *filter, ink_touch phase, ink_spot at, uint32_t now,
                 ink_touch_event *event) {
    filter->at = at;
    filter->seen = now;
    filter->leapt = false;
    *event = (ink_touch_event){phase, at.x, at.y};
    return true;
}

bool ink_touch_ignore(ink_touch_filter *filter, ink_touch_event *event) {
    const bool was_down = filter->down;
    filter->down = false;
    filter->ignored = true;
    *event = cancelled;
    return was_down;
}

bool ink_touch_poll(ink_touch_filter *filter, unsigned fingers, int16_t x, int16_t y, uint32_t now,
                    ink_touch_event *event) {
    const ink_spot at = {x, y};
    const bool doubtful = filter->doubtful;
    filter->doubtful = fingers > 1;
    if (fingers > 1 && !doubtful) {
        return false; /* a reading that fails looks like this too, but not twice in a row */
    }
    if (fingers == 0) {
        const bool was_down = filter->down;
        filter->down = filter->ignored = false;
        return was_down && take(filter, INK_TOUCH_UP, filter->at, now, event);
    }
    if (filter->ignored) {
        return false;
    }
    if (!filter->down && fingers == 1) {
        filter->down = true;
        filter->since = now;
        return take(filter, INK_TOUCH_DOWN, at, now, event);
    }
    if (fingers > 1 || now - filter->since > INK_TOUCH_LONGEST) {
        return ink_touch_ignore(filter, event);
    }
    if (distance(at, filter->at) == 0) { /* it rests, or is back from a leap */
        filter->seen = now;
        filter->leapt = false;
        return false;
    }
    if (filter->leapt && distance(at, filter->leap) == 0) {
        return false; /* the same reading, asked for again */
    }
    /* Twice in a row away, and nearer to where it leapt than to where it was: another finger. */
    if (filter->leapt && distance(at, filter->leap) < distance(at, filter->at)) {
        return ink_touch_ignore(filter, event);
    }
    if (leaps(filter, at, now)) {
        filter->leapt = true;
        filter->leap = at;
        return false;
    }
    return take(filter, INK_TOUCH_MOVE, at, now, event);
}
