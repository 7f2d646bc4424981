/* What a touch panel reports, made into what a finger did.
 *
 * A resistive or capacitive panel is polled: a number of fingers and the place of one. It drops
 * samples, makes two fingers one between them, leaps for a sample, and may report a finger that is
 * long gone. A touch that cannot be trusted is cancelled and heeded again once the panel is free:
 * ink stays as far as it was drawn, and no button is ever pressed by it.
 */
#ifndef INK_TOUCH_H
#define INK_TOUCH_H

#include "ink_panel.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    INK_TOUCH_FASTEST = 8,    /* pixels a ms: 1 m/s on the Core2, faster than a hand writes */
    INK_TOUCH_LONGEST = 30000 /* ms of one touch */
};

/* All zeros is a panel that nobody touches. */
typedef struct {
    bool down;            /* a finger is followed */
    bool ignored;         /* until the panel is free */
    bool doubtful;        /* the last sample was of several fingers: dropped, if the next is not */
    bool leapt;           /* the last sample was too far off: dropped, if the next is back again */
    ink_spot at, leap;    /* of the newest good sample, and of the dropped one */
    uint32_t since, seen; /* ms: of the touch's begin and of its newest good sample */
} ink_touch_filter;

/* A touch for the panel; off the screen, (-1, -1), where it is cancelled. */
typedef struct {
    ink_touch phase;
    int16_t x, y;
} ink_touch_event;

/* Takes what the panel reports: the fingers on it and where one is. True if *event happened. */
bool ink_touch_poll(ink_touch_filter *filter, unsigned fingers, int16_t x, int16_t y, uint32_t now,
                    ink_touch_event *event);

/* Heeds nothing until the panel is free; true if *event, the end of a touch, happened. */
bool ink_touch_ignore(ink_touch_filter *filter, ink_touch_event *event);

#ifdef __cplusplus
}
#endif
#endif
