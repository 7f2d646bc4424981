/* What a program at the other end is told unasked, once it listens: all of `try it`, as it happens.
 *
 * Nothing that is drawn in any other state goes through here.
 */
#ifndef INK_STREAM_H
#define INK_STREAM_H

#include "ink_predict.h"
#include "ink_preprocess.h"
#include "ink_wire.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    ink_wire_writer *writer;
    bool on;     /* a program listens */
    bool trying; /* the device is in `try it`, as the program was told */
} ink_stream;

/* Tells whether the device is in `try it`. */
void ink_stream_try(ink_stream *stream, bool trying);

/* Tell, in `try it`, what becomes of the ink, what bits it gave and how they were read. `now` in
 * ms. */
void ink_stream_point(ink_stream *stream, uint8_t x, uint8_t y, uint32_t now);
void ink_stream_up(ink_stream *stream);
void ink_stream_erase(ink_stream *stream);
void ink_stream_bits(ink_stream *stream, const uint32_t rows[INK_SIDE]);
void ink_stream_prediction(ink_stream *stream, const ink_model *model,
                           const ink_prediction *prediction);

#ifdef __cplusplus
}
#endif
#endif
