#include "ink_device.h"

#include <string.h>

enum {
    DIMMED = 10, /* percent of light */
    BATTERY_EVERY = 10000,
    POWER_EVERY = 1000,
    CALIBRATION_PATIENCE = 30000, /* ms without a touch */
    LONGEST_IDLE = 3600000,       /* ms: no screen takes longer to sleep */
    SUCCESS = INK_LOCK_EFFECT_SET | INK_LOCK_EFFECT_OPENED,
    FAILURE = INK_LOCK_EFFECT_UNREAD | INK_LOCK_EFFECT_REFUSED | INK_LOCK_EFFECT_FAULT |
        INK_LOCK_EFFECT_UNPOWERED
};

/* What a finger gets to hear and to feel. */
typedef struct {
    uint16_t hertz, tone_ms, vibration_ms;
} feedback;

static const feedback key = {1400, 15, 20}, success = {1760, 180, 60}, failure = {220, 350, 250};

/* --- sound, vibration, light --- */

static void give_feedback(ink_device *device, const feedback *what) {
    const ink_device_hooks *hooks = device->hooks;
    if (device->settings.values[INK_SETTING_SOUND]) {
        hooks->tone(hooks->user, what->hertz, what->tone_ms);
    }
    if (device->settings.values[INK_SETTING_VIBRATION]) {
        if (device->vibration == 0) {
            hooks->vibrate(hooks->user, true);
        }
        device->vibrating = device->now;
        device->vibration = what->vibration_ms;
    }
}

static void stop_vibration(ink_device *device) {
    if (device->vibration > 0) {
        device->vibration = 0;
        device->hooks->vibrate(device->hooks->user, false);
    }
}

static void end_vibration(ink_device *device) {
    if (device->now - device->vibrating >= device->vibration) {
        stop_vibration(device);
    }
}

static void update_light(ink_device *device) {
    const uint32_t *values = device->settings.values;
    const uint32_t idle = (device->now - device->touched) / 1000;
    uint32_t light = values[INK_SETTING_BRIGHTNESS];
    if (idle >= values[INK_SETTING_SLEEP]) {
        light = 0;
    } else if (idle >= values[INK_SETTING_DIM]) {
        light = light < DIMMED ? light : DIMMED;
    }
    if (light != device->light) {
        device->light = (uint8_t)light;
        device->hooks->light(device->hooks->user, device->light);
    }
}

static void apply_settings(ink_device *device) {
    ink_panel_auto(&device->panel, (uint16_t)device->settings.values[INK_SETTING_AUTO]);
    update_light(device);
}

static void read_battery(ink_device *device) {
    const int percent = device->hooks->battery(device->hooks->user);
    device->measured = device->now;
    ink_panel_battery(&device->panel,
                      percent < 0 || percent > 100 ? INK_NO_BATTERY : (uint8_t)percent);
}

static void look_for_power(ink_device *device) {
    device->looked = device->now;
    ink_lock_power(&device->lock, device->hooks->powered(device->hooks->user));
}

/* --- what the panel orders --- */

static void route(ink_device *device, const ink_outputs *outputs);

/* After the buffer may have been thinned: which lines that changed is not known. */
static void heed_thinning(ink_device *device, uint16_t gap) {
    if (device->strokes.gap != gap) {
        ink_damage_add(&device->damage, ink_box_area);
        device->old_ink = 0;
    }
}

static void add_point(ink_device *device, uint8_t x, uint8_t y) {
    ink_strokes *strokes = &device->strokes;
    const uint16_t count = strokes->count, gap = strokes->gap;
    ink_point newest[2] = {{0, 0}, {0, 0}};
    if (count >= 2) {
        memcpy(newest, &strokes->points[count - 2], sizeof newest);
    }
    ink_strokes_point(strokes, x, y);
    if (count >= 2 && strokes->count == count &&
        memcmp(&newest[1], &strokes->points[count - 1], sizeof *newest) != 0) { /* replaced */
        ink_damage_add_ink(&device->damage, &newest[0].x, 1, 2);
        device->old_ink = device->old_ink < count ? device->old_ink : (uint16_t)(count - 1);
    }
    heed_thinning(device, gap);
    if (!device->replaying) {
        ink_stream_point(&device->stream, x, y, device->now);
    }
}

static void end_stroke(ink_device *device) {
    const uint16_t gap = device->strokes.gap;
    ink_strokes_up(&device->strokes);
    heed_thinning(device, gap);
    if (!device->replaying) {
        ink_stream_up(&device->stream);
    }
}

static void erase(ink_device *device) {
    const ink_strokes *strokes = &device->strokes;
    ink_damage_add_ink(&device->damage, &strokes->points[0].x, 0, strokes->count);
    memset(&device->strokes, 0, sizeof device->strokes); /* a digit of a PIN */
    ink_strokes_clear(&device->strokes);
    device->old_ink = 0;
    device->replaying = false;
    ink_stream_erase(&device->stream);
}

static void read_ink(ink_device *device) {
    const ink_model *model = device->hooks->model;
    ink_prediction prediction = {0};
    ink_outputs outputs;
    const bool legible = ink_strokes_legible(&device->strokes);
    if (legible) {
        uint32_t rows[INK_SIDE];
        ink_strokes_bitmap(&device->strokes, INK_NORMALISED, rows);
        ink_predict(model, device->hooks->memory, rows, &prediction);
        ink_stream_bits(&device->stream, rows);
        ink_stream_prediction(&device->stream, model, &prediction);
    }
    if (prediction.label) {
        ink_panel_reading(&device->panel, prediction.label, prediction.confidence, device->now,
                          &outputs);
    } else {
        const bool likely = legible && prediction.logits[prediction.best] > 0;
        const ink_unread why = ink_strokes_unread(&device->strokes, likely);
        const bool unsure = why == INK_UNREAD_UNSURE;
        ink_panel_refuse(&device->panel, (uint8_t)why,
                         unsure ? model->labels[prediction.best] : NULL,
                         unsure ? ink_second(model, &prediction) : NULL, device->now, &outputs);
    }
    memset(device->hooks->memory, 0, device->hooks->words * sizeof *device->hooks->memory);
    route(device, &outputs);
}

/* Sends a line, or puts it into the queue; one that finds no room is dropped whole. */
static void send_line(void *user, const char *line, size_t length) {
    ink_device *device = user;
    ink_queue_put(&device->queue, line, length);
    ink_queue_send(&device->queue, device->hooks->send, device->hooks->user);
}

/* Sends a line for a person. */
static void say(ink_device *device, const char *text) {
    char line[INK_TEXT_SIZE + 2];
    const size_t length = strlen(text);
    memcpy(line, text, length);
    memcpy(line + length, "\r\n", 2);
    send_line(device, line, length + 2);
}

static void on_lock(ink_device *device, uint32_t effect) {
    ink_log_take(&device->log, effect, device->lock.message, device->now);
    if (effect & FAILURE) {
        give_feedback(device, &failure);
    } else if (effect & SUCCESS) {
        give_feedback(device, &success);
    } else if (effect & INK_LOCK_EFFECT_DIGIT) {
        give_feedback(device, &key);
    }
}

static void route(ink_device *device, const ink_outputs *outputs) {
    for (int i = 0; i < outputs->count; i++) {
        const ink_output *output = &outputs->items[i];
        switch (output->order) {
        case INK_ORDER_POINT:
            add_point(device, output->x, output->y);
            break;
        case INK_ORDER_PEN_UP:
            end_stroke(device);
            break;
        case INK_ORDER_ERASE:
            erase(device);
            break;
        case INK_ORDER_PREVIEW: {
            uint32_t rows[INK_SIDE];
            ink_strokes_bitmap(&device->strokes, INK_NORMALISED, rows);
            ink_panel_preview(&device->panel, rows);
            device->old_bits = false;
            break;
        }
        case INK_ORDER_READING:
            read_ink(device);
            break;
        case INK_ORDER_LINE:
            say(device, output->text);
            break;
        case INK_ORDER_LOCK:
            on_lock(device, output->effect);
            break;
        }
    }
}

/* --- after everything that happens --- */

static void draw(ink_device *device) {
    ink_picture *next = &device->next;
    if (device->cross > 0) {
        ink_view_cross((uint8_t)(device->cross - 1), next);
    } else {
        ink_view(&device->panel, &device->strokes.points[0].x, device->strokes.count, next);
    }
    ink_damage_compare(&device->damage, &device->picture, next, device->old_ink, device->old_bits);
    device->picture = *next;
    device->old_ink = device->strokes.count;
    device->old_bits = true;
}

static void update(ink_device *device, const ink_outputs *outputs) {
    route(device, outputs);
    const bool open = device->lock.state == INK_LOCK_OPEN;
    if (open != device->bolt_open) {
        device->bolt_open = open;
        device->hooks->bolt(device->hooks->user, open);
    }
    const bool trying = device->lock.state == INK_LOCK_TRY;
    if (trying != device->stream.trying) {
        ink_stream_try(&device->stream, trying);
    }
    const uint8_t pressed = ink_panel_pressed(&device->panel);
    if (pressed != device->pressed && pressed != INK_BUTTONS) {
        give_feedback(device, &key);
    }
    device->pressed = pressed;
    update_light(device);
    draw(device);
}

/* --- calibration --- */

static void say_calibration(ink_device *device, const char *what) {
    ink_wire_send(&device->writer, "calibration", what);
}

static void ask_for_cross(ink_device *device, uint8_t cross) {
    device->cross = cross;
    ink_wire_begin(&device->writer, "calibration");
    ink_wire_number(&device->writer, " cross ", cross);
    ink_wire_end(&device->writer);
}

static void end_calibration(ink_device *device, const char *how) {
    device->cross = 0;
    say_calibration(device, how);
}

/* Takes a touch, as the panel reports it; where it ends it counts. */
static void touch_cross(ink_device *device, ink_touch phase, int16_t x, int16_t y) {
    if (phase != INK_TOUCH_UP || x < 0) { /* cancelled ones are off the screen */
        return;
    }
    device->crosses.touched[device->cross - 1] = (ink_spot){x, y};
    give_feedback(device, &key);
    if (device->cross < INK_CROSSES) {
        ask_for_cross(device, (uint8_t)(device->cross + 1));
    } else {
        const bool kept =
            ink_settings_calibrate(&device->settings, &device->hooks->settings, &device->crosses);
        give_feedback(device, kept ? &success : &failure);
        end_calibration(device, kept ? "kept" : "refused");
    }
}

/* --- the public side --- */

void ink_device_start(ink_device *device, const ink_device_hooks *hooks,
                      const ink_lock_config *config, uint32_t now) {
    ink_outputs outputs;
    memset(device, 0, sizeof *device);
    device->hooks = hooks;
    device->now = device->touched = now;
    device->pressed = INK_BUTTONS;
    device->writer.send = send_line;
    device->writer.user = device;
    device->stream.writer = &device->writer;
    hooks->bolt(hooks->user, false);
    hooks->vibrate(hooks->user, false); /* a restart may have come in the middle of it */
    ink_strokes_clear(&device->strokes);
    const bool settings_read = ink_settings_load(&device->settings, &hooks->settings);
    ink_lock_start(&device->lock, &hooks->lock, config, now);
    ink_log_start(&device->log, &hooks->log, device->lock.message, now);
    if (!settings_read) {
        ink_log_take(&device->log, INK_LOCK_EFFECT_FAULT, INK_LOCK_MESSAGE_STORAGE, now);
        ink_settings_erase(&device->settings, &hooks->settings); /* so that this is noted once */
    }
    ink_panel_start(&device->panel, &device->lock, &outputs);
    ink_panel_auto(&device->panel, (uint16_t)device->settings.values[INK_SETTING_AUTO]);
    read_battery(device);
    look_for_power(device);
    ink_device_info(device); /* a program at the other end learns of the start */
    update(device, &outputs);
}

void ink_device_tick(ink_device *device, uint32_t now) {
    ink_outputs outputs;
    device->now = now;
    if (now - device->touched > LONGEST_IDLE) {
        device->touched = now - LONGEST_IDLE; /* or a clock that wraps would wake the screen */
    }
    ink_device_send(device);
    ink_device_replay(device);
    end_vibration(device);
    if (now - device->measured >= BATTERY_EVERY) {
        read_battery(device);
    }
    if (now - device->looked >= POWER_EVERY) {
        look_for_power(device);
    }
    if (device->cross > 0 && now - device->touched >= CALIBRATION_PATIENCE) {
        end_calibration(device, "cancelled");
    }
    ink_panel_tick(&device->panel, now, &outputs);
    update(device, &outputs);
}

void ink_device_send(ink_device *device) {
    ink_queue_send(&device->queue, device->hooks->send, device->hooks->user);
}

void ink_device_replay(ink_device *device) {
    enum { ROOM = 128 }; /* bytes: more than a point's line and the answer behind it */
    while (device->replaying && ink_queue_room(&device->queue) >= ROOM) {
        if (device->replayed >= device->strokes.count) {
            device->replaying = false;
            return;
        }
        const ink_point point = device->strokes.points[device->replayed++];
        if (point.x == INK_PEN_UP) {
            ink_stream_up(&device->stream);
        } else {
            ink_stream_point(&device->stream, point.x, point.y, device->now);
        }
    }
}

bool ink_device_paint(ink_device *device) {
    int32_t left = INK_DEVICE_SLICE;
    ink_box box;
    while (left >= INK_SCREEN_WIDTH && ink_damage_take(&device->damage, left, &box)) {
        device->hooks->paint(device->hooks->user, &device->picture, box);
        left -= box.w * box.h + INK_DAMAGE_BOX_COST;
    }
    return device->damage.count > 0;
}

void ink_device_touch(ink_device *device, ink_touch phase, int16_t x, int16_t y, uint32_t now) {
    ink_outputs outputs;
    device->now = device->touched = now;
    if (phase == INK_TOUCH_UP) { /* what it brings about may take a second */
        stop_vibration(device);
        look_for_power(device);
    }
    if (device->cross > 0) {
        touch_cross(device, phase, x, y);
        outputs.count = 0;
    } else {
        ink_panel_touch(&device->panel, phase, x, y, now, &outputs);
    }
    update(device, &outputs);
}

void ink_device_poll(ink_device *device, unsigned fingers, int16_t x, int16_t y, uint32_t now) {
    ink_touch_event event;
    bool happened;
    device->now = now;
    if (fingers > 0 && device->light == 0) { /* the touch that wakes does nothing else */
        device->touched = now;
        happened = ink_touch_ignore(&device->filter, &event);
        update_light(device);
    } else {
        const ink_calibration *calibration = &device->settings.calibration;
        const ink_spot reported = {x, y};
        const bool mapped = fingers > 0 && device->cross == 0;
        const ink_spot at = mapped ? ink_calibration_map(calibration, x, y) : reported;
        happened = ink_touch_poll(&device->filter, fingers, at.x, at.y, now, &event);
    }
    if (happened) {
        ink_device_touch(device, event.phase, event.x, event.y, now);
    }
}

void ink_device_info(ink_device *device) {
    const ink_device_hooks *hooks = device->hooks;
    ink_wire_begin(&device->writer, "info");
    ink_wire_number(&device->writer, " ", INK_WIRE_VERSION);
    ink_wire_text(&device->writer, " ", INK_DEVICE_VERSION);
    ink_wire_text(&device->writer, " ", device->hooks->model->hash);
    ink_wire_text(&device->writer, " ", hooks->board);
    ink_wire_number(&device->writer, " ", hooks->battery(hooks->user));
    ink_wire_number(&device->writer, " ", device->lock.powered);
    ink_wire_end(&device->writer);
}

bool ink_device_set(ink_device *device, ink_setting setting, uint32_t value) {
    const bool kept = ink_settings_set(&device->settings, &device->hooks->settings, setting, value);
    apply_settings(device);
    return kept;
}

void ink_device_calibrate(ink_device *device) {
    ink_outputs outputs;
    ink_touch_event event;
    outputs.count = 0;
    device->cross = 0;
    if (ink_touch_ignore(&device->filter, &event)) { /* the touch under way, if there is one */
        ink_panel_touch(&device->panel, event.phase, event.x, event.y, device->now, &outputs);
    }
    device->touched = device->now; /* wakes the screen */
    ask_for_cross(device, 1);
    update(device, &outputs);
}

bool ink_device_calibrate_cancel(ink_device *device) {
    const bool under_way = device->cross > 0;
    ink_outputs outputs;
    outputs.count = 0;
    if (under_way) {
        end_calibration(device, "cancelled");
        update(device, &outputs);
    }
    return under_way;
}

bool ink_device_calibrate_reset(ink_device *device) {
    ink_calibration none;
    ink_calibration_clear(&none);
    ink_device_calibrate_cancel(device);
    return ink_settings_calibrate(&device->settings, &device->hooks->settings, &none);
}

bool ink_device_reset(ink_device *device) {
    ink_outputs outputs;
    const bool erased = ink_settings_erase(&device->settings, &device->hooks->settings);
    ink_device_calibrate_cancel(device);
    apply_settings(device);
    ink_panel_reset(&device->panel, device->now, &outputs);
    update(device, &outputs);
    return erased && device->lock.state == INK_LOCK_CHOOSE;
}
