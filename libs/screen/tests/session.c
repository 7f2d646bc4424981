/* Replays a session from stdin, an event a line, and prints all orders and draw commands:
 *
 *   start SHORTEST LONGEST ALPHABET NOW   a lock on blank storage
 *   damage NOW                          a reboot with a record that cannot be read
 *   touch PHASE X Y NOW
 *   key BUTTON NOW
 *   tick NOW
 *   preview ROW                         all 28 rows alike
 *   reading LABEL CONFIDENCE NOW        "-" for no label
 *   reset NOW
 *   battery PERCENT                     255 for none
 *   auto MS                             auto-enter
 *   cross NUMBER                        prints what asks for it, too
 *
 * Salt and hash are plain sums, so that a session repeats; the shell's stroke buffer is an array.
 */
#include "ink_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { INK_MAX = 20000 };

typedef struct {
    uint8_t data[2][INK_RECORD_SIZE];
    size_t length[2];
} plain_storage;

static bool plain_derive(void *user, const uint8_t *pin, size_t length, const uint8_t *salt,
                         uint32_t iterations, uint8_t *hash) {
    (void)user;
    (void)iterations;
    for (size_t i = 0; i < INK_HASH_SIZE; i++) {
        hash[i] = (uint8_t)(pin[i % length] + salt[i % INK_SALT_SIZE] + i);
    }
    return true;
}

static bool plain_random(void *user, uint8_t *out, size_t count) {
    (void)user;
    memset(out, 7, count);
    return true;
}

static int plain_read(void *user, unsigned slot, uint8_t *data, size_t capacity) {
    const plain_storage *storage = user;
    const size_t length = storage->length[slot];
    memcpy(data, storage->data[slot], length < capacity ? length : capacity);
    return (int)length;
}

static bool plain_write(void *user, unsigned slot, const uint8_t *data, size_t length) {
    plain_storage *storage = user;
    memcpy(storage->data[slot], data, length);
    storage->length[slot] = length;
    return true;
}

typedef struct {
    uint8_t points[INK_MAX][2];
    uint16_t count;
} plain_ink;

static void route(const ink_outputs *out, plain_ink *ink) {
    for (int i = 0; i < out->count; i++) {
        const ink_output *o = &out->items[i];
        printf("order %d %d %d %" PRIu32 " %s\n", (int)o->order, o->x, o->y, o->effect, o->text);
        if (o->order == INK_ORDER_POINT && ink->count < INK_MAX) {
            ink->points[ink->count][0] = o->x;
            ink->points[ink->count++][1] = o->y;
        } else if (o->order == INK_ORDER_PEN_UP && ink->count < INK_MAX) {
            memset(ink->points[ink->count++], 255, 2);
        } else if (o->order == INK_ORDER_ERASE) {
            ink->count = 0;
        }
    }
}

static void print_draw(const ink_draw *d) {
    printf("%d %06" PRIx32, (int)d->kind, ink_palette[d->colour]);
    switch (d->kind) {
    case INK_DRAW_RECT:
        printf(" %d %d %d %d %d", d->as.rect.x, d->as.rect.y, d->as.rect.w, d->as.rect.h,
               d->as.rect.radius);
        break;
    case INK_DRAW_TRIANGLE:
        printf(" %d %d %d %d %d %d", d->as.triangle.x0, d->as.triangle.y0, d->as.triangle.x1,
               d->as.triangle.y1, d->as.triangle.x2, d->as.triangle.y2);
        break;
    case INK_DRAW_TEXT:
        printf(" %d %d %d %d %s", d->as.text.x, d->as.text.y, (int)d->as.text.anchor,
               ink_font_heights[d->as.text.font], d->as.text.string);
        break;
    case INK_DRAW_INK:
        for (int i = 0; i < 2 * d->as.ink.count; i++) {
            printf(" %d", d->as.ink.points[i]);
        }
        break;
    case INK_DRAW_BITMAP:
        printf(" %d %d", d->as.bitmap.x, d->as.bitmap.y);
        for (int i = 0; i < INK_PANEL_ROWS; i++) {
            printf(" %" PRIx32, d->as.bitmap.rows[i]);
        }
        break;
    }
    printf("\n");
}

typedef struct {
    plain_storage storage;
    plain_ink ink;
    ink_lock_hooks hooks;
    ink_lock_config config;
    ink_lock lock;
    ink_panel panel;
} world;

static void boot(world *w, uint32_t now, ink_outputs *out) {
    w->ink.count = 0;
    ink_lock_start(&w->lock, &w->hooks, &w->config, now);
    ink_panel_start(&w->panel, &w->lock, out);
}

static void preview(world *w, uint32_t row) {
    uint32_t rows[INK_PANEL_ROWS];
    for (int i = 0; i < INK_PANEL_ROWS; i++) {
        rows[i] = row;
    }
    ink_panel_preview(&w->panel, rows);
}

/* Lets happen what a line says; false if it is no event. */
static bool happen(world *w, const char *line, ink_outputs *out) {
    char label[40], second[40];
    unsigned a, b, c;
    int32_t x, y;
    uint32_t now;
    if (sscanf(line, "start %u %u %u %" SCNu32, &a, &b, &c, &now) == 4) {
        w->config.shortest = (uint8_t)a;
        w->config.longest = (uint8_t)b;
        w->config.alphabet = (uint8_t)c;
        memset(&w->storage, 0, sizeof w->storage);
        boot(w, now, out);
    } else if (sscanf(line, "damage %" SCNu32, &now) == 1) {
        w->storage.length[0] = w->storage.length[1] = 3;
        boot(w, now, out);
    } else if (sscanf(line, "touch %u %" SCNd32 " %" SCNd32 " %" SCNu32, &a, &x, &y, &now) == 4) {
        ink_panel_touch(&w->panel, (ink_touch)a, x, y, now, out);
    } else if (sscanf(line, "key %u %" SCNu32, &a, &now) == 2) {
        ink_panel_key(&w->panel, (uint8_t)a, now, out);
    } else if (sscanf(line, "tick %" SCNu32, &now) == 1) {
        ink_panel_tick(&w->panel, now, out);
    } else if (sscanf(line, "preview %" SCNu32, &now) == 1) {
        preview(w, now);
    } else if (sscanf(line, "reading %39s %u %" SCNu32, label, &a, &now) == 3) {
        ink_panel_reading(&w->panel, strcmp(label, "-") ? label : NULL, (uint8_t)a, now, out);
    } else if (sscanf(line, "refuse %u %39s %39s %" SCNu32, &a, label, second, &now) == 4) {
        ink_panel_refuse(&w->panel, (uint8_t)a, strcmp(label, "-") ? label : NULL,
                         strcmp(second, "-") ? second : NULL, now, out);
    } else if (sscanf(line, "battery %u", &a) == 1) {
        ink_panel_battery(&w->panel, (uint8_t)a);
    } else if (sscanf(line, "cross %u", &a) == 1) {
        ink_picture picture;
        ink_view_cross((uint8_t)a, &picture);
        for (int i = 0; i < picture.count; i++) {
            print_draw(&picture.items[i]);
        }
    } else if (sscanf(line, "auto %u", &a) == 1) {
        ink_panel_auto(&w->panel, (uint16_t)a);
    } else if (sscanf(line, "reset %" SCNu32, &now) == 1) {
        ink_panel_reset(&w->panel, now, out);
    } else {
        return false;
    }
    return true;
}

int main(void) {
    static world w = {.config = INK_LOCK_DEFAULTS};
    ink_outputs out;
    ink_picture picture;
    char line[80];
    w.config.iterations = 1;
    w.hooks = (ink_lock_hooks){
        &w.storage, plain_derive, plain_random, {&w.storage, plain_read, plain_write}, NULL};
    while (fgets(line, sizeof line, stdin)) {
        out.count = 0;
        out.overflow = false;
        if (!happen(&w, line, &out)) {
            fprintf(stderr, "no event: %s", line);
            return 1;
        }
        route(&out, &w.ink);
        ink_view(&w.panel, w.ink.points[0], w.ink.count, &picture);
        for (int i = 0; i < picture.count; i++) {
            print_draw(&picture.items[i]);
        }
        if (out.overflow || picture.overflow) {
            printf("overflow\n");
        }
    }
    return 0;
}
