/* Whatever is touched, sent and stored: the device opens only with a PIN that was set, a serial
 * line changes nothing of the lock unless it asks for the factory reset, what cannot be taken is
 * answered by an error, and what is sent is whole.
 *
 * In the network's place stands a reading that the input chooses.
 */
#include "fuzz.h"
#include "ink_commands.h"
#include "oracle.h"

#include <string.h>

enum { LOCK, LOG, SETTINGS, STORES };

enum { PINS = 16, PIN = 4, LONGEST = INK_LOCK_MAX_LENGTH, SENT = 400 };

typedef struct {
    fuzz_storage stores[STORES];
    ink_device device;
    uint32_t now;
    int battery;
    bool bolt_open;
    uint8_t pins[PINS][LONGEST]; /* that may be set, the newest in turn; zeros after the digits */
    unsigned count;
    uint8_t tried[LONGEST]; /* of which a hash was made last */
    char sent[SENT];        /* the line that is under way to the other end */
    size_t sent_length;
    unsigned done, refused, data; /* lines of the answer: @ok, @error, and of `try it` */
    bool may_tell;                /* `try it` is, or was right before, and its data is asked for */
    uint8_t typed[1024];          /* the line that is under way to the device, as it was sent */
    size_t typed_length;
} world;

static uint8_t reading; /* a digit, or any other for none */

static const char *const labels[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

enum { CLASSES = sizeof labels / sizeof *labels };

void ink_predict(const ink_model *model, int32_t *memory, const uint32_t rows[28],
                 ink_prediction *result) {
    CHECK(model->classes == CLASSES);
    for (int i = 0; i < INK_SIDE; i++) {
        CHECK(rows[i] >> INK_SIDE == 0);
    }
    result->label = reading < 10 ? labels[reading] : NULL;
    result->best = reading % 10;
    result->confidence = reading % 101;
    result->logits = memory;
    for (int i = 0; i < CLASSES; i++) {
        memory[i] = i % 2 ? INT32_MIN + i : INT32_MAX - i;
    }
}

const char *ink_second(const ink_model *model, const ink_prediction *prediction) {
    CHECK(model->classes == CLASSES);
    return reading % 2 ? labels[(prediction->best + 1) % CLASSES] : NULL;
}

/* --- the board --- */

static void paint(void *user, const ink_picture *picture, ink_box box) {
    (void)user;
    CHECK(box.w > 0 && box.x >= 0 && box.x + box.w <= INK_SCREEN_WIDTH);
    CHECK(box.h > 0 && box.y >= 0 && box.y + box.h <= INK_SCREEN_HEIGHT);
    CHECK(box.w * box.h <= INK_DEVICE_SLICE);
    CHECK(picture->count <= INK_DRAWS_MAX && !picture->overflow);
    for (int i = 0; i < picture->count; i++) {
        const ink_draw *draw = &picture->items[i];
        CHECK(draw->kind != INK_DRAW_TEXT || memchr(draw->as.text.string, 0, INK_TEXT_SIZE));
        CHECK(draw->kind != INK_DRAW_INK || draw->as.ink.count <= INK_CAPACITY);
    }
}

static void light(void *user, uint8_t percent) {
    (void)user;
    CHECK(percent <= 100);
}

static void take_line(world *w) {
    static const char *const data[] = {"@ink ", "@up*", "@erase*", "@bits ", "@read "};
    for (size_t i = 0; i < w->sent_length; i++) {
        CHECK(w->sent[i] >= ' ' && w->sent[i] <= '~');
    }
    CHECK(w->sent[0] != '@' || oracle_is_checked(w->sent, w->sent_length));
    w->done += oracle_begins(w->sent, "@ok ");
    w->refused += oracle_begins(w->sent, "@error ");
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        CHECK(!oracle_begins(w->sent, data[i]) || w->may_tell);
    }
    CHECK(!oracle_begins(w->sent, "Output ") || w->device.lock.state == INK_LOCK_TRY ||
          w->sent[7] == '*' || w->sent[7] == '?');
}

static size_t send(void *user, const char *text, size_t length) {
    world *w = user;
    for (size_t i = 0; i < length; i++) {
        CHECK(w->sent_length < SENT);
        w->sent[w->sent_length++] = text[i];
        if (text[i] == '\n') {
            CHECK(w->sent_length > 2 && w->sent[w->sent_length - 2] == '\r');
            w->sent_length -= 2;
            w->sent[w->sent_length] = '\0';
            take_line(w);
            w->sent_length = 0;
        }
    }
    return length;
}

static bool powered(void *user) { return ((const world *)user)->battery % 4 != 3; }

static void bolt(void *user, bool open) {
    CHECK(!open || powered(user));
    ((world *)user)->bolt_open = open;
}

static void tone(void *user, uint16_t hertz, uint16_t ms) {
    (void)user;
    CHECK(hertz > 0 && ms > 0);
}

static void vibrate(void *user, bool on) {
    (void)user;
    (void)on;
}

static int battery(void *user) { return ((const world *)user)->battery; }

static int read_slot(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    const ink_slots slots = fuzz_slots(user);
    CHECK(slot < 2 && capacity <= INK_SLOT_SIZE);
    return slots.read(user, slot, data, capacity);
}

static bool write_slot(void *user, unsigned slot, const uint8_t *data, size_t length) {
    const ink_slots slots = fuzz_slots(user);
    CHECK(slot < 2 && length <= INK_SLOT_SIZE);
    return slots.write(user, slot, data, length);
}

static bool derive(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                   uint32_t iterations, uint8_t *hash) {
    world *w = user;
    const ink_lock_state state = w->device.lock.state;
    CHECK(length >= PIN && length <= LONGEST);
    memset(w->tried, 0, LONGEST);
    memcpy(w->tried, pin, length);
    if (state == INK_LOCK_REPEAT || state == INK_LOCK_CHANGE_REPEAT) {
        memcpy(w->pins[w->count++ % PINS], w->tried, LONGEST);
    }
    return fuzz_derive(&w->stores[LOCK], pin, length, salt, iterations, hash);
}

static bool random_bytes(void *user, uint8_t *out, size_t count) {
    const ink_lock_hooks hooks = fuzz_lock_hooks(&((world *)user)->stores[LOCK]);
    return hooks.random(hooks.user, out, count);
}

/* --- what must hold --- */

static bool within(uint32_t value, uint32_t least, uint32_t most) {
    return value >= least && value <= most;
}

static bool sane(const ink_settings *settings) {
    const uint32_t *values = settings->values;
    return within(values[INK_SETTING_SOUND], 0, 1) && within(values[INK_SETTING_VIBRATION], 0, 1) &&
           within(values[INK_SETTING_BRIGHTNESS], 10, 100) &&
           within(values[INK_SETTING_DIM], 5, 3600) && within(values[INK_SETTING_SLEEP], 5, 3600) &&
           (values[INK_SETTING_AUTO] == 0 || within(values[INK_SETTING_AUTO], 600, 1500)) &&
           ink_calibration_is_sane(&settings->calibration);
}

static void start(world *w, const ink_device_hooks *hooks) {
    static const ink_lock_config config = {PIN, LONGEST, 10, 10, 1, 1000, 30000};
    w->may_tell = false;
    w->bolt_open = true;
    w->typed_length = 0;
    ink_device_start(&w->device, hooks, &config, w->now);
    CHECK(!w->bolt_open && w->device.lock.state != INK_LOCK_OPEN);
}

static bool known(const world *w) {
    for (unsigned i = 0; i < w->count && i < PINS; i++) {
        if (memcmp(w->pins[i], w->tried, LONGEST) == 0) {
            return true;
        }
    }
    return false;
}

static void touch(world *w, ink_touch phase, int16_t x, int16_t y) {
    ink_device *device = &w->device;
    const bool was_open = device->lock.state == INK_LOCK_OPEN;
    w->may_tell = device->stream.on && device->lock.state == INK_LOCK_TRY;
    memset(w->tried, 0, LONGEST);
    ink_device_touch(device, phase, x, y, w->now);
    CHECK(was_open || device->lock.state != INK_LOCK_OPEN || known(w));
}

static void press(world *w, uint8_t button) {
    const ink_box box = ink_button_boxes[button];
    touch(w, INK_TOUCH_DOWN, box.x, box.y);
    touch(w, INK_TOUCH_UP, box.x, box.y);
}

static void poll(world *w, unsigned fingers, int16_t x, int16_t y) {
    ink_device *device = &w->device;
    const bool was_open = device->lock.state == INK_LOCK_OPEN;
    w->may_tell = device->stream.on && device->lock.state == INK_LOCK_TRY;
    memset(w->tried, 0, LONGEST);
    ink_device_poll(device, fingers, x, y, w->now);
    CHECK(was_open || device->lock.state != INK_LOCK_OPEN || known(w));
}

static void tick(world *w) {
    const bool was_open = w->device.lock.state == INK_LOCK_OPEN;
    w->may_tell = false;
    ink_device_tick(&w->device, w->now);
    CHECK(was_open || w->device.lock.state != INK_LOCK_OPEN);
}

static void write_digit(world *w, uint8_t digit) {
    reading = digit;
    touch(w, INK_TOUCH_DOWN, 100, 60);
    touch(w, INK_TOUCH_MOVE, 100, 160);
    touch(w, INK_TOUCH_UP, 100, 160);
    press(w, INK_BUTTON_ENTER);
}

/* Writes one of four PINs and submits it: chance alone would seldom set one, or open. */
static void enter_pin(world *w, uint8_t which) {
    static const uint8_t pins[4][PIN] = {{3, 1, 4, 1}, {2, 7, 1, 8}, {3, 1, 4, 2}, {1, 2, 3, 4}};
    for (int i = 0; i < PIN; i++) {
        write_digit(w, pins[which % 4][i]);
    }
    if (which & 4) { /* a longer one */
        write_digit(w, 5);
    }
    press(w, INK_BUTTON_ENTER);
}

static bool is_blank(const world *w, int store) {
    return w->stores[store].length[0] + w->stores[store].length[1] == 0;
}

/* Whether a slot holds the mark that a factory reset leaves, and nothing else. */
static bool is_marked(const world *w, int slot) {
    return w->stores[LOCK].length[slot] == 1 && w->stores[LOCK].data[slot][0] == INK_SLOT_MARK;
}

/* Whether a copy that memcpy made is still the same, padding and all. */
static bool unchanged(const ink_lock *copy, const ink_lock *lock) {
    return memcmp(copy, lock, sizeof *lock) == 0; /* NOLINT(*-suspicious-memory-comparison) */
}

/* Sends what was typed since the last line, up to and with a line's end, and checks the answer. */
static void finish_line(world *w) {
    ink_device *device = &w->device;
    const uint8_t end = w->typed_length % 2 ? '\r' : '\n';
    ink_lock lock;
    memcpy(&lock, &device->lock, sizeof lock);
    const oracle_outcome what = oracle_expect(w->typed, w->typed_length);
    w->may_tell = device->lock.state == INK_LOCK_TRY;
    w->done = w->refused = 0;
    CHECK(ink_commands_take(device, &end, 1, w->now) == 1);
    w->typed_length = 0;
    CHECK(w->done + w->refused == (what == ORACLE_NOTHING ? 0 : 1));
    CHECK(what != ORACLE_ERROR || w->refused == 1);
    if (what != ORACLE_RESET) {
        CHECK(unchanged(&lock, &device->lock));
    } else if (w->refused) {
        CHECK(device->lock.state == INK_LOCK_CHOOSE || device->lock.state == INK_LOCK_FAULT);
    } else {
        CHECK(device->lock.state == INK_LOCK_CHOOSE && is_marked(w, 0) && is_marked(w, 1) &&
              is_blank(w, SETTINGS));
    }
}

static void type(world *w, const uint8_t *bytes, size_t count) {
    ink_lock lock;
    memcpy(&lock, &w->device.lock, sizeof lock);
    if (w->typed_length + count > sizeof w->typed) {
        finish_line(w);
    }
    memcpy(w->typed + w->typed_length, bytes, count);
    w->typed_length += count;
    w->may_tell = false;
    w->done = w->refused = 0;
    CHECK(ink_commands_take(&w->device, bytes, count, w->now) == count);
    CHECK(w->done + w->refused == 0);
    CHECK(unchanged(&lock, &w->device.lock));
}

/* Types a command, or what is nearly one; with or without its check, or with a wrong one; now and
 * then too long. */
static void command(world *w, fuzz_input *input, uint8_t which, bool checked) {
    static const char *const forms[] = {"help",    "ping",      "info",       "settings",
                                        "log",     "stream on", "stream off", "factory-reset ",
                                        "stream ", "open",      "set sound",  "set vibration",
                                        "set dim", "set sleep", "set x",      "set brightness"};
    static const char hex_digits[] = "0123456789ABCDEF";
    ink_wire_writer line;
    ink_wire_begin(&line, forms[which % (sizeof forms / sizeof *forms)]);
    if (which >= 7) {
        ink_wire_number(&line, " ", (int32_t)fuzz_u32(input) >> fuzz_byte(input) % 32);
    }
    if (fuzz_byte(input) % 8 == 1) {
        for (uint8_t left = fuzz_byte(input) % 100; left > 0; left--) {
            ink_wire_text(&line, " ", "");
        }
    }
    if (checked) {
        char check[5] = {'*'};
        const uint32_t crc = oracle_check(line.text + 1, line.length - 1) ^
                             (fuzz_byte(input) % 8 ? 0 : fuzz_byte(input));
        for (int i = 0; i < 4; i++) {
            check[1 + i] = hex_digits[crc >> (12 - 4 * i) & 15];
        }
        memcpy(line.text + line.length, check, sizeof check);
        line.length += sizeof check;
    }
    type(w, (const uint8_t *)line.text + !checked, line.length - !checked);
    finish_line(w);
}

static void type_anything(world *w, fuzz_input *input) {
    for (uint8_t left = fuzz_byte(input) % 100; left > 0; left--) {
        const uint8_t byte = fuzz_byte(input);
        if (byte == '\n' || byte == '\r') {
            finish_line(w);
        } else {
            type(w, &byte, 1);
        }
    }
}

static void damage(world *w, fuzz_input *input) {
    fuzz_storage *storage = &w->stores[fuzz_below(input, STORES)];
    const unsigned slot = fuzz_below(input, 2), bit = fuzz_u32(input);
    const size_t length = storage->length[slot];
    if (length > 0 && bit % 3 != 0) {
        storage->data[slot][bit / 8 % length] ^= (uint8_t)(1 << bit % 8);
    } else {
        storage->length[slot] = bit / 8 % INK_SLOT_SIZE;
    }
}

/* What somebody with a finger does, and with patience. */
static void use(world *w, fuzz_input *input, uint8_t what) {
    static const uint32_t times[] = {1, 10, 100, 1000, 30000, 120000, 3600000, 0x7FFFFFFF};
    if (what < 0x30) {
        write_digit(w, what & 0x0F);
    } else if (what < 0x50) {
        enter_pin(w, what);
    } else if (what < 0x70) {
        press(w, what % INK_BUTTONS);
    } else if (what < 0x80) {
        w->now += times[what & 7];
        tick(w);
    } else if (what < 0xA0) {
        w->now += fuzz_byte(input);
        const int16_t x = (int16_t)(2 * fuzz_byte(input) - 40), y = fuzz_byte(input);
        poll(w, what & 3, what & 4 ? (int16_t)(x * 64) : x, y);
    } else {
        const int16_t x = (int16_t)fuzz_u32(input), y = fuzz_byte(input);
        touch(w, (ink_touch)(what % 3), what & 8 ? x : (int16_t)(x & 0xFF), y);
    }
}

/* What the other end of the serial line does. */
static void talk(world *w, fuzz_input *input, uint8_t what) {
    static const char reset[] = "factory-reset ERASE";
    if (what < 0xD0) {
        command(w, input, what & 0x0F, what & 0x10);
    } else if (what < 0xE0) {
        type_anything(w, input);
    } else {
        type(w, (const uint8_t *)reset, strlen(reset));
        finish_line(w);
    }
}

/* What a board may do by itself. */
static void disturb(world *w, fuzz_input *input, uint8_t what) {
    fuzz_storage *storage = &w->stores[what % STORES];
    if (what < 0xE8) {
        w->battery = fuzz_byte(input) - 100;
    } else if (what < 0xEC) {
        storage->power = what & 1 ? fuzz_byte(input) : FUZZ_NO_LIMIT;
    } else {
        storage->unreadable[0] = what & 1;
        storage->unreadable[1] = what >> 1 & 1;
        storage->no_kdf = storage->no_random = what >> 2 & 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input input = {data, size};
    static const ink_model model = {.labels = labels, .hash = "00000000", .classes = CLASSES};
    int32_t memory[CLASSES];
    world w;
    memset(&w, 0, sizeof w);
    const ink_device_hooks hooks = {
        .user = &w,
        .paint = paint,
        .light = light,
        .send = send,
        .bolt = bolt,
        .tone = tone,
        .vibrate = vibrate,
        .battery = battery,
        .powered = powered,
        .lock = {&w, derive, random_bytes, {&w.stores[LOCK], read_slot, write_slot}, NULL},
        .log = {&w.stores[LOG], read_slot, write_slot},
        .settings = {&w.stores[SETTINGS], read_slot, write_slot},
        .board = "fuzz",
        .model = &model,
        .memory = memory,
        .words = CLASSES,
    };
    for (int store = 0; store < STORES; store++) {
        fuzz_storage_clear(&w.stores[store]);
    }
    w.now = fuzz_u32(&input);
    start(&w, &hooks);
    while (input.size > 0) {
        const uint8_t what = fuzz_byte(&input);
        if (what < 0xB0) {
            use(&w, &input, what);
        } else if (what < 0xE2) {
            talk(&w, &input, what);
        } else if (what < 0xF4) {
            disturb(&w, &input, what);
        } else {
            if (what > 0xFA) {
                damage(&w, &input);
            }
            start(&w, &hooks);
        }
        CHECK(w.device.damage.count <= INK_DAMAGE_BOXES);
        if (what & 1) {
            ink_device_paint(&w.device);
        }
        CHECK(w.bolt_open == (w.device.lock.state == INK_LOCK_OPEN));
        CHECK(w.device.strokes.count <= INK_CAPACITY && sane(&w.device.settings));
    }
    return 0;
}
