#include "ink_stream.h"

static bool listened(const ink_stream *stream) { return stream->on && stream->trying; }

void ink_stream_try(ink_stream *stream, bool trying) {
    stream->trying = trying;
    if (stream->on) {
        ink_wire_send(stream->writer, "try", trying ? "on" : "off");
    }
}

void ink_stream_point(ink_stream *stream, uint8_t x, uint8_t y, uint32_t now) {
    if (listened(stream)) {
        ink_wire_begin(stream->writer, "ink");
        ink_wire_number(stream->writer, " ", x);
        ink_wire_number(stream->writer, " ", y);
        ink_wire_number(stream->writer, " ", (int32_t)(now & INT32_MAX));
        ink_wire_end(stream->writer);
    }
}

void ink_stream_up(ink_stream *stream) {
    if (listened(stream)) {
        ink_wire_begin(stream->writer, "up");
        ink_wire_end(stream->writer);
    }
}

void ink_stream_erase(ink_stream *stream) {
    if (listened(stream)) {
        ink_wire_begin(stream->writer, "erase");
        ink_wire_end(stream->writer);
    }
}

void ink_stream_bits(ink_stream *stream, const uint32_t rows[INK_SIDE]) {
    if (listened(stream)) {
        ink_wire_begin(stream->writer, "bits");
        for (int i = 0; i < INK_SIDE; i++) {
            ink_wire_hex(stream->writer, i == 0 ? " " : "", rows[i], INK_SIDE / 4);
        }
        ink_wire_end(stream->writer);
    }
}

void ink_stream_prediction(ink_stream *stream, const ink_model *model,
                           const ink_prediction *prediction) {
    if (listened(stream)) {
        ink_wire_begin(stream->writer, "read");
        ink_wire_number(stream->writer, " ", prediction->confidence);
        for (int i = 0; i < model->classes; i++) {
            ink_wire_number(stream->writer, i == 0 ? " " : ",", prediction->logits[i]);
        }
        ink_wire_text(stream->writer, " ", prediction->label ? prediction->label : "");
        ink_wire_end(stream->writer);
    }
}
