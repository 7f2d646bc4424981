#include "ink_kernels.h"

static void copy(const ink_copy_box *box, const ink_short *in, ink_short *out) {
    for (int i = 0; i < box->count[2]; i++) {
        for (int j = 0; j < box->count[3]; j++) {
            out[i * box->to_step[2] + j * box->to_step[3]] =
                in[i * box->from_step[2] + j * box->from_step[3]];
        }
    }
}

void ink_short_move(const ink_copy_box *boxes, int count, const ink_short *in, ink_short *out) {
    for (const ink_copy_box *box = boxes; box < boxes + count; box++) {
        for (int i = 0; i < box->count[0]; i++) {
            for (int j = 0; j < box->count[1]; j++) {
                copy(box, in + box->from + i * box->from_step[0] + j * box->from_step[1],
                     out + box->to + i * box->to_step[0] + j * box->to_step[1]);
            }
        }
    }
}

void ink_short_fill(int16_t value, ink_short *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = value;
    }
}
