/* The shell of the device in a browser: its hooks are functions of the page, as are its events.
 *
 * The other side is js/hooks.mjs. Pointers are into the module's memory; the page looks at what
 * they point to, or writes there, before it returns.
 */
#include <string.h>

#include "ink_commands.h"
#include "ink_kdf_mbedtls.h"
#include "model.h"

#define EXPORT(name) __attribute__((export_name(#name))) name
#define PAGE(name) __attribute__((import_module("page"), import_name(#name))) page_##name

enum { LOCK, LOG, SETTINGS };

/* --- what the page does --- */

/* A new picture: `paint` says which parts of the screen changed, the commands of the whole follow,
 * `painted` ends them. */
void PAGE(paint)(int32_t x, int32_t y, int32_t w, int32_t h);
void PAGE(rect)(int32_t x, int32_t y, int32_t w, int32_t h, int32_t radius, uint32_t colour);
void PAGE(triangle)(int32_t x0, int32_t y0, int32_t x1, int32_t y1, int32_t x2, int32_t y2,
                    uint32_t colour);
void PAGE(text)(int32_t x, int32_t y, ink_anchor anchor, uint32_t font, uint32_t colour,
                const char *string, size_t length);
void PAGE(ink)(const uint8_t *points, uint32_t count, uint32_t colour);
void PAGE(bitmap)(int32_t x, int32_t y, uint32_t colour, const uint32_t *rows);
void PAGE(painted)(void);

void PAGE(light)(uint32_t percent);
void PAGE(bolt)(bool open);
void PAGE(tone)(uint32_t hertz, uint32_t ms);
void PAGE(vibrate)(bool on);
void PAGE(send)(const char *text, size_t length);
int32_t PAGE(battery)(void);
bool PAGE(random)(uint8_t *out, size_t count);

/* As in ink_slots.h, of the lock (0), its log (1) or the settings (2). */
int32_t PAGE(read)(uint32_t store, uint32_t slot, uint8_t *data, size_t capacity);
bool PAGE(write)(uint32_t store, uint32_t slot, const uint8_t *data, size_t length);

/* --- what happens to the device; `now` as in ink_device.h --- */

void EXPORT(device_start)(uint32_t iterations, uint32_t now);
void EXPORT(device_tick)(uint32_t now);
void EXPORT(device_poll)(uint32_t fingers, int32_t x, int32_t y, uint32_t now);
void EXPORT(device_touch)(ink_touch phase, int32_t x, int32_t y, uint32_t now);

/* Bytes arrive: `count` of them, which lie in device_bytes(); it has room for device_room(). */
void EXPORT(device_serial)(uint32_t count, uint32_t now);
uint8_t *EXPORT(device_bytes)(void);
uint32_t EXPORT(device_room)(void);

/* --- the hooks --- */

static void draw(const ink_draw *item) {
    const uint8_t colour = item->colour;
    switch (item->kind) {
    case INK_DRAW_RECT:
        page_rect(item->as.rect.x, item->as.rect.y, item->as.rect.w, item->as.rect.h,
                  item->as.rect.radius, colour);
        break;
    case INK_DRAW_TRIANGLE:
        page_triangle(item->as.triangle.x0, item->as.triangle.y0, item->as.triangle.x1,
                      item->as.triangle.y1, item->as.triangle.x2, item->as.triangle.y2, colour);
        break;
    case INK_DRAW_TEXT:
        page_text(item->as.text.x, item->as.text.y, item->as.text.anchor, item->as.text.font,
                  colour, item->as.text.string, strlen(item->as.text.string));
        break;
    case INK_DRAW_INK:
        page_ink(item->as.ink.points, item->as.ink.count, colour);
        break;
    case INK_DRAW_BITMAP:
        page_bitmap(item->as.bitmap.x, item->as.bitmap.y, colour, item->as.bitmap.rows);
        break;
    }
}

static void paint(void *user, const ink_picture *picture, ink_box box) {
    (void)user;
    (void)picture;
    page_paint(box.x, box.y, box.w, box.h);
}

static void light(void *user, uint8_t percent) {
    (void)user;
    page_light(percent);
}

static size_t send(void *user, const char *text, size_t length) {
    (void)user;
    page_send(text, length);
    return length;
}

static void bolt(void *user, bool open) {
    (void)user;
    page_bolt(open);
}

static void tone(void *user, uint16_t hertz, uint16_t ms) {
    (void)user;
    page_tone(hertz, ms);
}

static void vibrate(void *user, bool on) {
    (void)user;
    page_vibrate(on);
}

static int battery(void *user) {
    (void)user;
    return page_battery();
}

/* A page has no bolt but the one that it paints. */
static bool powered(void *user) {
    (void)user;
    return true;
}

static bool random_bytes(void *user, uint8_t *out, size_t count) {
    (void)user;
    return page_random(out, count);
}

static int read_slot(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    const uint32_t *store = user;
    return page_read(*store, slot, data, capacity);
}

static bool write_slot(void *user, unsigned slot, const uint8_t *data, size_t length) {
    const uint32_t *store = user;
    return page_write(*store, slot, data, length);
}

static ink_device device;
static int32_t memory[MEMORY];
static uint32_t stores[] = {LOCK, LOG, SETTINGS};

static const ink_device_hooks hooks = {
    .paint = paint,
    .light = light,
    .send = send,
    .bolt = bolt,
    .tone = tone,
    .vibrate = vibrate,
    .battery = battery,
    .powered = powered,
    .lock = {NULL, ink_kdf_mbedtls, random_bytes, {&stores[LOCK], read_slot, write_slot}, NULL},
    .log = {&stores[LOG], read_slot, write_slot},
    .settings = {&stores[SETTINGS], read_slot, write_slot},
    .board = "browser",
    .model = &MODEL,
    .memory = memory,
    .words = MEMORY,
};

/* --- events --- */

static uint8_t bytes[1024];

/* Shows what came of an event, all at once: a page has no line to a display that it could block. */
static void show(void) {
    if (device.damage.count > 0) {
        while (ink_device_paint(&device)) {
        }
        for (uint16_t i = 0; i < device.picture.count; i++) {
            draw(&device.picture.items[i]);
        }
        page_painted();
    }
}

void device_start(uint32_t iterations, uint32_t now) {
    ink_lock_config config = INK_LOCK_DEFAULTS;
    config.iterations = iterations;
    ink_device_start(&device, &hooks, &config, now);
    show();
}

void device_tick(uint32_t now) {
    ink_device_tick(&device, now);
    show();
}

void device_poll(uint32_t fingers, int32_t x, int32_t y, uint32_t now) {
    ink_device_poll(&device, fingers, (int16_t)x, (int16_t)y, now);
    show();
}

void device_touch(ink_touch phase, int32_t x, int32_t y, uint32_t now) {
    ink_device_touch(&device, phase, (int16_t)x, (int16_t)y, now);
    show();
}

uint8_t *device_bytes(void) { return bytes; }
uint32_t device_room(void) { return sizeof bytes; }

void device_serial(uint32_t count, uint32_t now) {
    const size_t all = count < sizeof bytes ? count : sizeof bytes;
    for (size_t taken = 0; taken < all;) { /* a page takes every answer at once */
        taken += ink_commands_take(&device, bytes + taken, all - taken, now);
    }
    show();
}
