/* The shell of the emulated device: events on standard input, what they bring about on standard
 * output, a line each. Time is an event's last word, so that a session repeats to the bit.
 *
 *     slot STORE SLOT HEX       what the storage holds, before the boot
 *     boot ITERATIONS SEED NOW  switch on; the seed is of the random bytes
 *     poll FINGERS X Y NOW      the touch panel reports
 *     touch PHASE X Y NOW       a pointer that can be trusted: 0 down, 1 move, 2 up
 *     serial HEX NOW            bytes arrive
 *     tick NOW
 *     pass FINGERS X Y NOW      the firmware's loop once: poll, tick, and a slice is painted
 *     battery PERCENT           negative: not known
 *     power 0|1                 whether the bolt can be driven
 *
 * Each is answered by lines, and a last one that is a dot:
 *
 *     store STORE SLOT HEX      a slot was written
 *     serial HEX                bytes were sent
 *     bolt 0|1, light PERCENT, tone HERTZ MS, vibrate 0|1
 *     paint X Y W H             a box was painted; what is to be painted is, but after `pass`
 *     picture                   that of the paints before, the whole of it, a command a line:
 *     draw KIND COLOUR ...      as in ink_view.h; a text last, ink and bitmap in hex
 */
#include <string.h>

#include "digits.h"
#include "ink_commands.h"
#include "ink_kdf_mbedtls.h"
#include "line_io.h"

enum { LOCK, LOG, SETTINGS, STORES };

typedef struct {
    int number;
    uint8_t data[2][INK_SLOT_SIZE];
    size_t length[2];
} store;

typedef struct {
    store stores[STORES];
    uint32_t random;
    int battery;
    bool powered;
    const ink_picture *painted; /* since the event began */
} board;

static void line_of(const char *word, const int32_t *numbers, size_t count) {
    put_text(word);
    for (size_t i = 0; i < count; i++) {
        put_number(numbers[i]);
    }
}

static void tell(const char *word, int32_t number) {
    line_of(word, &number, 1);
    end_line();
}

/* --- the hooks --- */

static void light(void *user, uint8_t percent) {
    (void)user;
    tell("light", percent);
}

static void bolt(void *user, bool open) {
    (void)user;
    tell("bolt", open);
}

static void vibrate(void *user, bool on) {
    (void)user;
    tell("vibrate", on);
}

static void tone(void *user, uint16_t hertz, uint16_t ms) {
    (void)user;
    line_of("tone", (const int32_t[]){hertz, ms}, 2);
    end_line();
}

static size_t send(void *user, const char *text, size_t length) {
    (void)user;
    put_text("serial");
    put_bytes((const uint8_t *)text, length);
    end_line();
    return length;
}

static int battery(void *user) { return ((const board *)user)->battery; }

static bool powered(void *user) { return ((const board *)user)->powered; }

static int read_slot(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    const store *self = user;
    const size_t length = self->length[slot];
    memcpy(data, self->data[slot], length < capacity ? length : capacity);
    return (int)length;
}

static bool write_slot(void *user, unsigned slot, const uint8_t *data, size_t length) {
    store *self = user;
    memcpy(self->data[slot], data, length);
    self->length[slot] = length;
    line_of("store", (const int32_t[]){self->number, (int32_t)slot}, 2);
    put_bytes(data, length);
    end_line();
    return true;
}

/* Good enough for salts that protect nothing: Knuth's generator, by its upper byte. */
static bool random_bytes(void *user, uint8_t *out, size_t count) {
    board *self = user;
    for (size_t i = 0; i < count; i++) {
        self->random = self->random * 1664525u + 1013904223u;
        out[i] = (uint8_t)(self->random >> 24);
    }
    return true;
}

/* --- draw commands --- */

static void put_draw(const ink_draw *draw) {
    line_of("draw", (const int32_t[]){(int32_t)draw->kind, draw->colour}, 2);
    switch (draw->kind) {
    case INK_DRAW_RECT:
        put_number(draw->as.rect.x);
        put_number(draw->as.rect.y);
        put_number(draw->as.rect.w);
        put_number(draw->as.rect.h);
        put_number(draw->as.rect.radius);
        break;
    case INK_DRAW_TRIANGLE:
        put_number(draw->as.triangle.x0);
        put_number(draw->as.triangle.y0);
        put_number(draw->as.triangle.x1);
        put_number(draw->as.triangle.y1);
        put_number(draw->as.triangle.x2);
        put_number(draw->as.triangle.y2);
        break;
    case INK_DRAW_TEXT:
        put_number(draw->as.text.x);
        put_number(draw->as.text.y);
        put_number((int32_t)draw->as.text.anchor);
        put_number(draw->as.text.font);
        put_text(draw->as.text.string);
        break;
    case INK_DRAW_INK:
        put_bytes(draw->as.ink.points, 2u * draw->as.ink.count);
        break;
    case INK_DRAW_BITMAP:
        put_number(draw->as.bitmap.x);
        put_number(draw->as.bitmap.y);
        for (int i = 0; i < INK_PANEL_ROWS; i++) {
            put_number((int32_t)draw->as.bitmap.rows[i]);
        }
        break;
    }
    end_line();
}

static void paint(void *user, const ink_picture *picture, ink_box box) {
    board *self = user;
    line_of("paint", (const int32_t[]){box.x, box.y, box.w, box.h}, 4);
    end_line();
    self->painted = picture;
}

static void put_picture(board *self) {
    if (self->painted) {
        put_text("picture");
        end_line();
        for (uint16_t i = 0; i < self->painted->count; i++) {
            put_draw(&self->painted->items[i]);
        }
        self->painted = NULL;
    }
}

/* --- events --- */

static uint32_t next_now(void) { return (uint32_t)next_number(); }

static void take_slot(board *self) {
    const int32_t number = next_number(), slot = next_number();
    if (number >= 0 && number < STORES && slot >= 0 && slot < 2) {
        store *to = &self->stores[number];
        to->length[slot] = next_bytes(to->data[slot], INK_SLOT_SIZE);
    }
}

static void boot(ink_device *device, board *self, const ink_device_hooks *hooks) {
    ink_lock_config config = INK_LOCK_DEFAULTS;
    config.iterations = (uint32_t)next_number();
    self->random = (uint32_t)next_number();
    ink_device_start(device, hooks, &config, next_now());
    while (ink_device_paint(device)) {
    }
}

static void take_poll(ink_device *device) {
    const unsigned fingers = (unsigned)next_number();
    const int16_t x = (int16_t)next_number(), y = (int16_t)next_number();
    ink_device_poll(device, fingers, x, y, next_now());
}

static void take_touch(ink_device *device) {
    const ink_touch phase = (ink_touch)next_number();
    const int16_t x = (int16_t)next_number(), y = (int16_t)next_number();
    ink_device_touch(device, phase, x, y, next_now());
}

static void take_serial(ink_device *device) {
    uint8_t bytes[1024];
    const size_t count = next_bytes(bytes, sizeof bytes);
    const uint32_t now = next_now();
    for (size_t taken = 0; taken < count;) {
        taken += ink_commands_take(device, bytes + taken, count - taken, now);
    }
}

static void take_pass(ink_device *device) {
    const unsigned fingers = (unsigned)next_number();
    const int16_t x = (int16_t)next_number(), y = (int16_t)next_number();
    const uint32_t now = next_now();
    ink_device_poll(device, fingers, x, y, now);
    ink_device_tick(device, now);
    ink_device_paint(device);
}

/* Lets something happen to a device that is on; false for what is no event. */
static bool happen(ink_device *device, const char *event) {
    if (strcmp(event, "pass") == 0) {
        take_pass(device);
        return true;
    }
    if (strcmp(event, "poll") == 0) {
        take_poll(device);
    } else if (strcmp(event, "touch") == 0) {
        take_touch(device);
    } else if (strcmp(event, "serial") == 0) {
        take_serial(device);
    } else if (strcmp(event, "tick") == 0) {
        ink_device_tick(device, next_now());
    } else {
        return false;
    }
    while (ink_device_paint(device)) {
    }
    return true;
}

int main(void) {
    static board self = {.stores = {{.number = LOCK}, {.number = LOG}, {.number = SETTINGS}},
                         .battery = -1,
                         .powered = true};
    static ink_device device;
    static int32_t memory[DIGITS_MEMORY];
    static const ink_device_hooks hooks = {
        .user = &self,
        .paint = paint,
        .light = light,
        .send = send,
        .bolt = bolt,
        .tone = tone,
        .vibrate = vibrate,
        .battery = battery,
        .powered = powered,
        .lock = {&self,
                 ink_kdf_mbedtls,
                 random_bytes,
                 {&self.stores[LOCK], read_slot, write_slot},
                 NULL},
        .log = {&self.stores[LOG], read_slot, write_slot},
        .settings = {&self.stores[SETTINGS], read_slot, write_slot},
        .board = "emulated",
        .model = &digits_model,
        .memory = memory,
        .words = DIGITS_MEMORY,
    };
    bool running = false;
    while (read_line()) {
        const char *event = next_text();
        if (strcmp(event, "slot") == 0) {
            take_slot(&self);
        } else if (strcmp(event, "boot") == 0) {
            boot(&device, &self, &hooks);
            running = true;
        } else if (strcmp(event, "battery") == 0) {
            self.battery = next_number();
        } else if (strcmp(event, "power") == 0) {
            self.powered = next_number() != 0;
        } else if (!running || !happen(&device, event)) {
            return 2;
        }
        put_picture(&self);
        put_text(".");
        end_line();
        flush();
    }
    return 0;
}
