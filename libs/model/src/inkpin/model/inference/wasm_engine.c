/* The recogniser as a WebAssembly module: a pad that is drawn on, and what the network makes of it.
 *
 * Its users are wasm_engine.mjs and the page of apps/web. Pointers are into the module's memory.
 */
#include "ink_predict.h"
#include "ink_preprocess.h"
#include "model.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

static ink_strokes ink;
static uint32_t rows[INK_SIDE];
static int32_t memory[MEMORY];
static ink_prediction prediction;

void EXPORT(pad_clear)(void);
void EXPORT(pad_point)(int32_t x, int32_t y);
void EXPORT(pad_up)(void);
bool EXPORT(pad_legible)(void);
/* An ink_unread: why the ink is "?", if it is. */
uint32_t EXPORT(pad_unread)(void);

/* Makes a bitmap of the ink. */
void EXPORT(pad_bitmap)(ink_mode mode);

/* Of the bitmap, for reading and, in place of pad_bitmap, for writing. */
uint32_t *EXPORT(pad_rows)(void);

/* Reads the bitmap; what follows tells of this. */
void EXPORT(pad_predict)(void);
const int32_t *EXPORT(pad_logits)(void);
uint32_t EXPORT(pad_best)(void);
/* Of the next label behind the best; NULL where none is likely. */
const char *EXPORT(pad_second)(void);
uint32_t EXPORT(pad_confidence)(void);
bool EXPORT(pad_refused)(void);

/* Of the network. Its confidence table: from a margin on, the confidence is so many percent. */
uint32_t EXPORT(pad_levels)(void);
int32_t EXPORT(pad_margin)(uint32_t place);
uint32_t EXPORT(pad_percent)(uint32_t place);
uint32_t EXPORT(pad_classes)(void);
const char *EXPORT(pad_label)(uint32_t place);

void pad_clear(void) { ink_strokes_clear(&ink); }
void pad_point(int32_t x, int32_t y) { ink_strokes_point(&ink, x, y); }
void pad_up(void) { ink_strokes_up(&ink); }
bool pad_legible(void) { return ink_strokes_legible(&ink); }
uint32_t pad_unread(void) {
    return ink_strokes_unread(&ink, prediction.logits[prediction.best] > 0);
}
void pad_bitmap(ink_mode mode) { ink_strokes_bitmap(&ink, mode, rows); }
uint32_t *pad_rows(void) { return rows; }

void pad_predict(void) { ink_predict(&MODEL, memory, rows, &prediction); }
const int32_t *pad_logits(void) { return prediction.logits; }
uint32_t pad_best(void) { return prediction.best; }
const char *pad_second(void) { return ink_second(&MODEL, &prediction); }
uint32_t pad_confidence(void) { return prediction.confidence; }
bool pad_refused(void) { return prediction.label == 0; }

uint32_t pad_levels(void) { return MODEL.levels; }
int32_t pad_margin(uint32_t place) { return MODEL.margins[place]; }
uint32_t pad_percent(uint32_t place) { return MODEL.percents[place]; }
uint32_t pad_classes(void) { return MODEL.classes; }
const char *pad_label(uint32_t place) { return MODEL.labels[place]; }
