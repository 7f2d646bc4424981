/* Made by `python -m inkpin.screen.generate` from screen.toml, SHA-256
 * 133645b6ad09ed30ee13743ee578486bb403dd13183ea2c1503d24fcb5b3827f.
 */

#ifndef INK_SCREEN_DATA_H
#define INK_SCREEN_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    INK_SCREEN_WIDTH = 320,
    INK_SCREEN_HEIGHT = 240,
    INK_ICON_SHAPES = 5,
    INK_LAYOUT_INK_WIDTH = 8,
    INK_LAYOUT_PLACE_RADIUS = 6,
    INK_LAYOUT_PLACE_RIM = 2,
    INK_LAYOUT_PLACE_PITCH = 17,
    INK_LAYOUT_PLACES_WIDTH = 72,
    INK_LAYOUT_BUTTON_RADIUS = 6,
    INK_LAYOUT_ICON_SCALE = 1,
    INK_LAYOUT_BIG_ICON_SCALE = 4,
    INK_LAYOUT_LARGE_LABEL = 1,
    INK_LAYOUT_CROSS_LENGTH = 21,
    INK_LAYOUT_CROSS_WIDTH = 3,
    INK_LAYOUT_BATTERY_LOW = 15,
};

enum {
    INK_COLOUR_PAPER,
    INK_COLOUR_INK,
    INK_COLOUR_MUTED,
    INK_COLOUR_RULE,
    INK_COLOUR_CALM,
    INK_COLOUR_OPEN,
    INK_COLOUR_WAIT,
    INK_COLOUR_FAULT,
    INK_COLOUR_TRY,
    INK_COLOUR_COLUMN,
    INK_COLOUR_WELL,
    INK_COLOUR_BRIGHT,
    INK_COLOUR_SOFT,
    INK_COLOUR_RING,
    INK_COLOUR_BUTTON,
    INK_COLOUR_ENTER,
    INK_COLOUR_OFF,
    INK_COLOUR_OFF_TEXT,
    INK_COLOURS,
};

enum {
    INK_FONT_SMALL,
    INK_FONT_BODY,
    INK_FONT_TITLE,
    INK_FONT_PLACE,
    INK_FONT_HUGE,
    INK_FONT_DIGIT,
    INK_FONTS,
};

enum {
    INK_BUTTON_ENTER,
    INK_BUTTON_CLEAR,
    INK_BUTTON_TRY,
    INK_BUTTONS,
};

enum { INK_UNREADS = 6 }; /* of ink_preprocess.h */

enum {
    INK_ICON_LOCKED,
    INK_ICON_OPEN,
    INK_ICON_KEY,
    INK_ICON_HOURGLASS,
    INK_ICON_WARNING,
    INK_ICON_PENCIL,
};

typedef struct {
    int16_t x, y, w, h;
} ink_box;

typedef struct {
    int16_t x, y;
} ink_spot;

/* A rectangle (x, y, w, h, radius) or a triangle (x0, y0, x1, y1, x2, y2) on a grid of 24. */
typedef struct {
    bool triangle, hole;
    uint8_t numbers[6];
} ink_shape;

typedef struct {
    const ink_shape *shapes;
    uint8_t count;
} ink_icon;

/* What a text of a font can cover: pixels above and below the middle of its line, and the widths of
 * the letters from " " to "~". */
typedef struct {
    uint8_t above, below, widths[95];
} ink_letters;

/* What a state looks like; without lines it is paper to write on. */
typedef struct {
    const char *title, *serial, *enough, *lines[2];
    uint8_t icon, colour;
    uint8_t buttons; /* bit b: button b does something */
    bool places;
} ink_look;

/* What a message says on the screen and on the serial line. */
typedef struct {
    const char *text, *serial;
} ink_notice;

/* 0xRRGGBB */
static const uint32_t ink_palette[] = {
    0xf6f3ec,
    0x1b2436,
    0x676052,
    0xddd6c8,
    0x2b5c8a,
    0x1b7448,
    0x8f5500,
    0xb0261e,
    0x69409c,
    0x1b2436,
    0x101828,
    0xf6f3ec,
    0xa9b4c8,
    0x7c8aa5,
    0x33415f,
    0x2f6ca3,
    0x232e46,
    0x66738e,
};

/* pixels */
static const uint8_t ink_font_heights[] = {
    12,
    14,
    16,
    20,
    30,
    44,
};

/* by INK_FONT_... */
static const ink_letters ink_font_letters[] = {
    {5, 8, {4, 4, 5, 9, 7, 10, 9, 3, 5, 5, 7, 9, 4, 4, 4, 4, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 4, 4, 9, 9, 9, 6, 11, 8, 8, 9, 8, 7, 7, 9, 9, 4, 7, 7, 7, 10, 8, 9, 7, 9, 7, 8, 8, 8, 7, 11, 8, 7, 8, 5, 4, 5, 9, 6, 6, 7, 7, 7, 8, 7, 4, 8, 7, 4, 4, 6, 4, 11, 7, 7, 7, 8, 5, 6, 5, 7, 6, 9, 6, 6, 7, 6, 4, 6, 9}},
    {8, 8, {6, 3, 6, 9, 9, 11, 9, 3, 7, 7, 9, 9, 3, 6, 5, 7, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 3, 3, 8, 8, 8, 8, 12, 9, 10, 10, 11, 9, 8, 10, 10, 4, 8, 9, 9, 12, 10, 11, 9, 11, 10, 8, 9, 10, 9, 13, 9, 8, 9, 5, 7, 4, 8, 9, 5, 8, 9, 8, 9, 8, 6, 9, 8, 7, 7, 7, 7, 11, 8, 9, 9, 9, 5, 7, 5, 8, 7, 11, 7, 8, 8, 6, 5, 7, 8}},
    {8, 11, {5, 6, 6, 10, 10, 16, 12, 4, 6, 6, 9, 11, 5, 6, 5, 5, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 5, 5, 11, 11, 11, 10, 18, 12, 12, 13, 13, 11, 11, 14, 13, 5, 10, 12, 10, 15, 13, 14, 12, 14, 13, 12, 11, 13, 12, 17, 12, 12, 11, 6, 5, 5, 9, 10, 5, 10, 10, 9, 10, 10, 6, 10, 10, 4, 4, 9, 4, 15, 10, 10, 10, 10, 6, 9, 6, 10, 9, 13, 9, 9, 9, 6, 5, 6, 9}},
    {9, 12, {7, 8, 9, 16, 12, 18, 14, 5, 8, 8, 11, 16, 7, 8, 7, 7, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 7, 7, 16, 16, 16, 11, 19, 13, 13, 14, 15, 12, 12, 15, 15, 7, 11, 13, 12, 17, 15, 15, 12, 15, 14, 12, 13, 15, 13, 20, 14, 13, 14, 8, 7, 8, 16, 10, 10, 11, 12, 11, 13, 12, 7, 13, 12, 6, 6, 11, 6, 18, 12, 12, 12, 13, 9, 9, 8, 12, 12, 17, 12, 12, 10, 12, 7, 12, 16}},
    {12, 18, {9, 11, 12, 21, 17, 24, 20, 8, 10, 10, 17, 21, 9, 10, 9, 9, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 9, 9, 21, 21, 21, 15, 26, 19, 19, 20, 21, 18, 17, 21, 22, 8, 17, 19, 18, 26, 21, 22, 18, 22, 19, 18, 18, 21, 19, 29, 19, 18, 18, 10, 9, 10, 21, 15, 13, 16, 18, 16, 18, 17, 10, 18, 18, 8, 8, 16, 7, 25, 18, 18, 18, 18, 11, 14, 10, 18, 16, 24, 16, 16, 15, 16, 9, 16, 21}},
    {19, 26, {14, 17, 19, 35, 26, 39, 32, 12, 17, 17, 24, 35, 14, 15, 14, 14, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 14, 14, 35, 35, 35, 22, 41, 28, 28, 31, 32, 26, 25, 32, 31, 13, 24, 27, 25, 37, 31, 33, 26, 33, 29, 26, 26, 30, 28, 42, 28, 26, 28, 17, 14, 17, 35, 22, 21, 26, 26, 23, 26, 26, 15, 27, 26, 12, 12, 24, 12, 40, 26, 25, 26, 26, 17, 22, 17, 26, 25, 35, 25, 25, 22, 26, 14, 26, 35}},
};

static const ink_box ink_box_screen = {0, 0, 320, 240};
static const ink_box ink_box_area = {0, 0, 240, 240};
static const ink_box ink_box_column = {240, 0, 80, 240};
static const ink_box ink_box_well = {249, 9, 30, 30};
static const ink_box ink_box_rule = {8, 33, 224, 1};
static const ink_box ink_box_battery = {286, 10, 26, 13};
static const ink_box ink_box_battery_tip = {312, 14, 2, 5};
static const ink_box ink_box_battery_full = {288, 12, 22, 9};

static const ink_spot ink_at_icon = {8, 5};
static const ink_spot ink_at_title = {39, 17};
static const ink_spot ink_at_attempts = {200, 17};
static const ink_spot ink_at_hint = {120, 228};
static const ink_spot ink_at_preview = {250, 10};
static const ink_spot ink_at_digit = {265, 80};
static const ink_spot ink_at_confidence = {300, 80};
static const ink_spot ink_at_name = {280, 72};
static const ink_spot ink_at_name_confidence = {280, 91};
static const ink_spot ink_at_places = {280, 114};
static const ink_spot ink_at_big_icon = {72, 36};
static const ink_spot ink_at_big_title = {120, 160};
static const ink_spot ink_at_first_line = {120, 188};
static const ink_spot ink_at_second_line = {120, 208};
static const ink_spot ink_at_cross_title = {160, 104};
static const ink_spot ink_at_cross_number = {160, 128};
static const ink_spot ink_at_cross_leave = {160, 150};

enum { INK_CROSSES = 3 };
static const ink_spot ink_crosses[] = {
    {24, 24},
    {296, 24},
    {24, 216},
};

static const ink_box ink_button_boxes[] = {
    {246, 130, 68, 32},
    {246, 166, 68, 32},
    {246, 202, 68, 32},
};

static const char *const ink_button_names[] = {
    "ENTER",
    "CLEAR",
    "TRY",
};

static const ink_shape ink_shapes_locked[] = {
    {false, false, {6, 1, 12, 16, 6}},
    {false, true, {9, 4, 6, 13, 3}},
    {false, false, {3, 10, 18, 13, 2}},
    {false, true, {11, 14, 2, 5, 1}},
};

static const ink_shape ink_shapes_open[] = {
    {false, false, {11, 1, 12, 16, 6}},
    {false, true, {14, 4, 6, 13, 3}},
    {false, true, {19, 9, 5, 8, 0}},
    {false, false, {1, 10, 18, 13, 2}},
    {false, true, {9, 14, 2, 5, 1}},
};

static const ink_shape ink_shapes_key[] = {
    {false, false, {1, 6, 12, 12, 6}},
    {false, true, {4, 9, 6, 6, 3}},
    {false, false, {12, 10, 11, 3, 1}},
    {false, false, {20, 11, 3, 6, 1}},
    {false, false, {15, 11, 3, 5, 1}},
};

static const ink_shape ink_shapes_hourglass[] = {
    {true, false, {5, 3, 19, 3, 12, 13}},
    {true, false, {5, 21, 19, 21, 12, 11}},
    {true, true, {8, 17, 16, 17, 12, 12}},
    {false, false, {3, 1, 18, 3, 1}},
    {false, false, {3, 20, 18, 3, 1}},
};

static const ink_shape ink_shapes_warning[] = {
    {true, false, {12, 1, 23, 22, 1, 22}},
    {false, true, {11, 8, 2, 8, 1}},
    {false, true, {11, 18, 2, 2, 1}},
};

static const ink_shape ink_shapes_pencil[] = {
    {true, false, {16, 2, 22, 8, 9, 21}},
    {true, false, {16, 2, 9, 21, 3, 15}},
    {true, false, {2, 17, 7, 22, 1, 23}},
};

static const ink_icon ink_icons[] = {
    {ink_shapes_locked, 4},
    {ink_shapes_open, 5},
    {ink_shapes_key, 5},
    {ink_shapes_hourglass, 5},
    {ink_shapes_warning, 3},
    {ink_shapes_pencil, 3},
};

/* by ink_lock_state */
static const ink_look ink_looks[] = {
    {"Choose a PIN", "State choose", "ENTER takes it, or write on", {NULL, NULL}, INK_ICON_KEY, INK_COLOUR_CALM, 7, true},
    {"Repeat the PIN", "State repeat", "ENTER sets the PIN", {NULL, NULL}, INK_ICON_KEY, INK_COLOUR_CALM, 3, true},
    {"Locked", "State locked", "ENTER tries this PIN", {NULL, NULL}, INK_ICON_LOCKED, INK_COLOUR_CALM, 7, true},
    {"Wait # s", "State waiting # s", "", {"Wrong PIN", "Tries left: #"}, INK_ICON_HOURGLASS, INK_COLOUR_WAIT, 0, false},
    {"Open # s", "State open", "", {"Then it locks; ENTER locks now", "CLEAR changes the PIN"}, INK_ICON_OPEN, INK_COLOUR_OPEN, 7, false},
    {"The old PIN", "State change old", "ENTER tries this PIN", {NULL, NULL}, INK_ICON_KEY, INK_COLOUR_CALM, 3, true},
    {"The new PIN", "State change new", "ENTER takes it, or write on", {NULL, NULL}, INK_ICON_KEY, INK_COLOUR_CALM, 3, true},
    {"Repeat the new PIN", "State change repeat", "ENTER changes the PIN", {NULL, NULL}, INK_ICON_KEY, INK_COLOUR_CALM, 3, true},
    {"Fault", "State fault", "", {"The lock stays closed", "Only a factory reset leads out"}, INK_ICON_WARNING, INK_COLOUR_FAULT, 0, false},
    {"Try it", "State try", "", {NULL, NULL}, INK_ICON_PENCIL, INK_COLOUR_TRY, 7, false},
};

/* by ink_lock_message */
static const ink_notice ink_notices[] = {
    {"", ""},
    {"", ""},
    {"All places are filled: ENTER", "All places are filled"},
    {"Too short: # digits or more", "PIN incomplete"},
    {"Too common: choose another PIN", "PIN too common"},
    {"Not the same: choose again", "PINs differ"},
    {"Wrong PIN", "Wrong PIN, tries left: #"},
    {"The PIN is set: write it to open", "PIN set"},
    {"The PIN is changed", "PIN changed"},
    {"The PIN record is damaged", "Fault: record unreadable"},
    {"Too many wrong PINs in a row", "Fault: no tries left"},
    {"The storage does not keep data", "Fault: storage"},
    {"No power for the bolt", "No power for the bolt"},
};

/* by ink_unread */
static const char *const ink_unread_texts[] = {
    "Too little ink: write it again",
    "Too small: write it larger",
    "Cut off at the edge: once more",
    "More than one? One at a time",
    "Not sure: write it again",
    "No digit: write it again",
};

#define INK_TEXT_CHOOSE "Write # to @ digits"
#define INK_TEXT_FIRST "Write the first digit"
#define INK_TEXT_NEXT "Write the next digit"
#define INK_TEXT_ANY "Write something"
#define INK_TEXT_READ "ENTER reads it"
#define INK_TEXT_SOON "Read in a moment"
#define INK_TEXT_READING "Reading ..."
#define INK_TEXT_LEAVE "ENTER leaves"
#define INK_TEXT_ATTEMPTS "Tries left: #"
#define INK_TEXT_CONFIDENCE "#%"
#define INK_TEXT_UNREAD "?"
#define INK_TEXT_UNSURE "Not sure: @?"
#define INK_TEXT_OR " or "
#define INK_TEXT_OUTPUT "Output @ #%"
#define INK_TEXT_OUTPUT_UNREAD "Output ?"
#define INK_TEXT_OUTPUT_MASKED "Output *"
#define INK_TEXT_RESET "Factory reset"
#define INK_TEXT_CROSS "Touch the middle of the cross"
#define INK_TEXT_CROSS_NUMBER "# of @"
#define INK_TEXT_CROSS_LEAVE "30 s without a touch: all stays"

#endif
