/* A device lives through the same twice, with other digits of its PIN: what it holds once they were
 * sent, taken back or left alone has to be the same, byte for byte. Says which parts differ.
 *
 * All PINs have the same hash here, the one thing of them that stays.
 */
#include <stdio.h>
#include <string.h>

#include "digits.h"
#include "ink_device.h"

enum { PIN = 4, CORNERS = 9, END = 255 };

typedef struct {
    uint8_t data[INK_SLOT_SIZE];
    int length;
} slot;

enum { MOMENTS = 5 };

static ink_device device;
static uint8_t before[MOMENTS][sizeof(ink_device)];
static int32_t memory[DIGITS_MEMORY];
static slot stores[3][2];
static uint32_t now;

static void paint(void *user, const ink_picture *picture, ink_box box) {
    (void)user;
    (void)picture;
    (void)box;
}

static void light(void *user, uint8_t percent) {
    (void)user;
    (void)percent;
}

static size_t send(void *user, const char *text, size_t length) {
    (void)user;
    (void)text;
    return length;
}

static void turn(void *user, bool on) {
    (void)user;
    (void)on;
}

static void tone(void *user, uint16_t hertz, uint16_t ms) {
    (void)user;
    (void)hertz;
    (void)ms;
}

static int battery(void *user) {
    (void)user;
    return -1;
}

static bool powered(void *user) {
    (void)user;
    return true;
}

static bool derive(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                   uint32_t iterations, uint8_t *hash) {
    (void)user;
    (void)pin;
    (void)length;
    (void)salt;
    (void)iterations;
    memset(hash, 0x5A, INK_HASH_SIZE);
    return true;
}

static bool random_bytes(void *user, uint8_t *out, size_t count) {
    (void)user;
    memset(out, 0x3C, count);
    return true;
}

static int read_slot(void *user, unsigned number, uint8_t *data, size_t capacity) {
    const slot *at = (const slot *)user + number;
    const size_t length = (size_t)at->length;
    memcpy(data, at->data, length < capacity ? length : capacity);
    return at->length;
}

static bool write_slot(void *user, unsigned number, const uint8_t *data, size_t length) {
    slot *at = (slot *)user + number;
    memcpy(at->data, data, length);
    at->length = (int)length;
    return true;
}

static const ink_device_hooks hooks = {
    .paint = paint,
    .light = light,
    .send = send,
    .bolt = turn,
    .tone = tone,
    .vibrate = turn,
    .battery = battery,
    .powered = powered,
    .lock = {NULL, derive, random_bytes, {stores[0], read_slot, write_slot}, NULL},
    .log = {stores[1], read_slot, write_slot},
    .settings = {stores[2], read_slot, write_slot},
    .board = "none",
    .model = &digits_model,
    .memory = memory,
    .words = DIGITS_MEMORY,
};

static void wait(uint32_t ms) {
    now += ms;
    ink_device_tick(&device, now);
    while (ink_device_paint(&device)) {
    }
}

static void touch(ink_touch phase, int x, int y) {
    ink_device_touch(&device, phase, (int16_t)x, (int16_t)y, now);
}

static void press(unsigned button) {
    const ink_box box = ink_button_boxes[button];
    touch(INK_TOUCH_DOWN, box.x + 5, box.y + 5);
    touch(INK_TOUCH_UP, box.x + 5, box.y + 5);
    wait(10);
}

/* Writes a digit as the corners of its one stroke. */
static void write_ink(const uint8_t corners[2 * CORNERS]) {
    int i = 0;
    touch(INK_TOUCH_DOWN, corners[0], corners[1]);
    for (i = 2; i < 2 * CORNERS && corners[i] != END; i += 2) {
        touch(INK_TOUCH_MOVE, corners[i], corners[i + 1]);
        wait(0);
    }
    touch(INK_TOUCH_UP, corners[i - 2], corners[i - 1]);
    wait(0);
}

static void write_digit(const uint8_t *corners) {
    write_ink(corners);
    press(INK_BUTTON_ENTER);
}

static const uint8_t seven[] = {75, 45, 165, 45, 110, 200, END, END};
static const uint8_t one[] = {120, 40, 120, 200, END, END};
static const uint8_t two[] = {75, 75, 100, 45, 140, 45, 160, 80, 140, 120, 75, 195, 170, 195, END};
static const uint8_t four[] = {145, 200, 145, 45, 70, 150, 175, 150, END};
static const uint8_t *const pins[2][PIN] = {{one, seven, two, four}, {seven, two, four, one}};

static void enter(const uint8_t *const pin[PIN]) {
    for (int i = 0; i < PIN; i++) {
        write_digit(pin[i]);
    }
    press(INK_BUTTON_ENTER);
    wait(1100);
}

static void part(int moment, const char *name, size_t begin, size_t size) {
    if (memcmp(before[moment] + begin, (const uint8_t *)&device + begin, size) != 0) {
        printf("moment %d: %s differs\n", moment, name);
    }
}

#define PART(name) part(moment, #name, offsetof(ink_device, name), sizeof device.name)

/* Keeps what the device holds the first time, and compares the second time. */
static void look(int life, int moment) {
    for (size_t i = 0; i < DIGITS_MEMORY; i++) {
        if (memory[i] != 0) {
            printf("moment %d: the network's memory is not wiped\n", moment);
            break;
        }
    }
    if (life == 0) {
        memcpy(before[moment], &device, sizeof device);
        return;
    }
    PART(lock);
    PART(log);
    PART(panel);
    PART(strokes);
    PART(settings);
    PART(picture);
    PART(next);
    PART(filter);
    PART(writer);
    PART(queue);
    PART(stream);
    PART(damage);
    part(moment, "the device", 0, sizeof device);
}

/* Sets a PIN, opens with it, begins it anew and thinks better of it. */
static void live(int life) {
    static const ink_lock_config config = INK_LOCK_DEFAULTS;
    const uint8_t *const *pin = pins[life];
    int moment = 0;
    memset(stores, 0, sizeof stores);
    now = 0;
    ink_device_start(&device, &hooks, &config, now);
    enter(pin); /* which the lock then holds, to compare it with the next one */
    for (; moment < 2; moment++) {
        enter(pin);
        look(life, moment);
    }
    if (device.lock.state != INK_LOCK_OPEN) {
        printf("not open\n");
    }
    press(INK_BUTTON_ENTER);
    write_digit(pin[0]);
    press(INK_BUTTON_CLEAR);
    wait(10);
    look(life, moment++);
    write_digit(pin[0]);
    wait(30000);
    look(life, moment++);
    write_ink(pin[0]);
    wait(30000);
    look(life, moment++);
}

int main(void) {
    live(0);
    live(1);
    return 0;
}
