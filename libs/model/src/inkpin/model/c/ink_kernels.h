/* The integer kernels that converted networks call, and their descriptors.
 *
 * A value is an array of bytes; a byte b stands for scale * (b - zero). Maps are laid out (channel,
 * row, column); a bitmap is one 32-bit word a row, bit c for column c. Scores, and what goes into
 * softmax and argmax, are int32_t. Weights are packed in two's complement, 2, 4 or 8 bits each,
 * lowest bits first, and every filter begins on a byte.
 *
 * Three convolutions: ink_conv where all scales are powers of two and all zeros 0, so that a shift
 * makes bytes of sums; ink_ternary_conv, many times as fast, for networks of few bits from end to
 * end; and ink_scaled_conv for everything else. All pool as they go, so that no full-size map is
 * ever kept. Every kernel lies in a file of its name.
 * Right shifts of negative numbers are taken to keep the sign, as compilers for these targets do.
 */
#ifndef INK_KERNELS_H
#define INK_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const uint8_t *weights; /* (out, depth, kernel_h, kernel_w), see `bits` */
    const int32_t *bias;    /* (out) */
    const uint8_t *shift;   /* (out): bytes are sum / 2^shift; NULL where the sums go out */
    uint16_t depth, out;    /* input channels under one filter, and output channels */
    uint16_t share;         /* output channels over the same input channels; out without groups */
    uint8_t bits;           /* of a weight, two's complement: 2, 4 or 8; lowest bits first,
                             * every filter begins on a byte */
    uint8_t in_h, in_w;
    uint8_t kernel_h, kernel_w;
    uint8_t stride_h, stride_w;
    uint8_t pad_top, pad_left;
    uint8_t pool_h, pool_w; /* window of the max pooling; 1 for none */
    uint8_t pool_stride_h, pool_stride_w;
    uint8_t out_h, out_w; /* after pooling */
} ink_conv;

/* Convolves the bytes `in`, (channel, in_h, in_w), into `out`, (out, out_h, out_w): bytes, or
 * int32_t sums where conv->shift is NULL. `filter` is scratch for the weights of one output
 * channel, depth * kernel_h * kernel_w bytes. */
void ink_conv_bytes(const ink_conv *conv, const uint8_t *in, void *out, int8_t *filter);

/* The same over a bitmap of in_h rows: one channel of ones and zeros, at most 32 wide. */
void ink_conv_bits(const ink_conv *conv, const uint32_t *in, void *out, int8_t *filter);

/* Where the sums of a channel go: nibbles, (sum + bias) * multiplier / 2^shift rounded half to
 * even, within 0 and a limit; or, where the shift is 0, int32_t, sum + bias. */
typedef struct {
    int16_t bias;
    uint8_t multiplier, shift;
} ink_channel;

/* A square convolution over bits, and a max pooling of 2x2. */
typedef struct {
    const uint16_t *weights; /* (channels / 4, kernel, kernel): of each of four channels 4 bits, in
                              * excess of 8, the first lowest */
    const ink_channel *to;
    uint16_t channels;
    uint16_t plane;     /* cells of the output from one channel to the next */
    uint8_t most;       /* the largest nibble */
    uint8_t kernel;     /* side of the filter */
    uint8_t high, wide; /* places of the filter, even */
} ink_bit_conv;

/* A convolution of 3x3 over nibbles, with weights -1, 0 and 1, or -4 .. 4 in two such digits. */
typedef struct {
    const uint16_t *filters; /* (depth, channels, digits), the digit that counts threefold first: of
                              * each row of a filter 5 bits, the upper row lowest, 9 a + 3 b + c for
                              * the weights a - 1, b - 1, c - 1 */
    const ink_channel *to;
    uint16_t depth, channels; /* of input and output */
    uint16_t plane;           /* as above */
    uint8_t most;             /* as above */
    uint8_t in_h, in_w;
    uint8_t high, wide; /* places of the filter; even where they are pooled */
    uint8_t pool;       /* whether only the largest of each 2x2 sums goes out */
    uint8_t digits;     /* of a weight: 1 or 2 */
} ink_ternary_conv;

/* Convolves a bitmap into maps of nibbles: cell i of all is the lower half of byte i / 2 where i is
 * even. `scratch` has high * wide + 2^kernel words. */
void ink_ternary_conv_bits(const ink_bit_conv *conv, const uint32_t *in, void *out,
                           uint32_t *scratch);

/* Convolves maps of nibbles, behind which two more bytes may be read, into others, or into sums.
 * `scratch` has 81 + 2 * channels words. */
void ink_ternary_conv_nibbles(const ink_ternary_conv *conv, const uint8_t *in, void *out,
                              uint32_t *scratch);

/* Computes `count` convolutions over `first`, the last of them with pooling, the others without,
 * two rows of each at a time: of the maps between only the four rows are kept that the next one
 * reads, in `windows`: for each of them (depth, 4, in_w), and two bytes more behind the last.
 * `scratch` has as many words as the hungriest takes. */
void ink_ternary_conv_stream(const ink_bit_conv *first, const ink_ternary_conv *convs,
                             unsigned count, const uint32_t *in, uint8_t *out, uint32_t *scratch,
                             uint8_t *windows);

/* The way from the sums of a channel to its bytes:
 * zero + sum * multiplier / 2^shift, rounded half to even, within low and high. */
typedef struct {
    const int32_t *multiplier; /* by channel, positive */
    const uint8_t *shift;      /* by channel, at most 62; NULL where the sums go out as they are */
    uint8_t zero, low, high;
    uint8_t wide; /* int32_t go out, without zero and limits */
} ink_rescale;

/* Returns value / 2^shift, rounded half to even: the one place where kernels round so. */
int32_t ink_rounded(int64_t value, int shift);

/* Returns value * multiplier / 2^shift, rounded half to even. */
int32_t ink_rescaled(int32_t value, int32_t multiplier, int shift);

/* Stores a channel's sum as out[at]: a byte, or int32_t. */
void ink_rescale_store(const ink_rescale *to, int channel, int32_t sum, void *out, int at);

typedef struct {
    const uint8_t *weights; /* (out, depth, kernel_h, kernel_w) */
    const int32_t *bias;    /* (out), the input's zero times the filter's sum taken off */
    ink_rescale to;
    uint16_t depth, out, share; /* as in ink_conv */
    uint16_t in_h, in_w;
    uint16_t kernel_h, kernel_w;
    uint16_t stride_h, stride_w;
    uint16_t pad_top, pad_left;
    uint16_t dilation_h, dilation_w;
    uint16_t pool_h, pool_w; /* window of the max pooling; 1 for none */
    uint16_t pool_stride_h, pool_stride_w;
    uint16_t out_h, out_w; /* after pooling */
    uint8_t bits;          /* of a weight */
    uint8_t zero;          /* the input's, which is what stands outside it */
    int16_t offset;        /* is added to every weight */
} ink_scaled_conv_layer;

/* Convolves the maps `in` into `out`. `filter` is scratch for the weights of one output channel. */
void ink_scaled_conv(const ink_scaled_conv_layer *conv, const uint8_t *in, void *out,
                     int32_t *filter);

/* The same way as ink_rescale, in a word by channel: the multiplier, at most 24 bits, and in the 8
 * below it the shift, 13 to 44, less 13, and 128 where a sum below 2^19 may come to exactly a
 * half. */
typedef struct {
    const uint32_t *factor;
    int16_t more;   /* 2 * (zero - low) + 1 */
    uint16_t codes; /* bytes from `low` on that go out; 0 where int32_t do, zero and low being 0 */
    uint8_t low;
} ink_scaling;

/* Returns value * multiplier / 2^shift, rounded half to even, for such a word and any value. */
int32_t ink_scaled(int32_t value, uint32_t factor);

/* Stores `count` sums as out[at], out[at + stride], ..., the channel growing by `step`. */
void ink_store(const ink_scaling *to, int channel, int step, const int32_t *sums, int count,
               void *out, int at, int stride);

/* A box of cells: rows of `width` cells, `height` of them in each of `channels`, and how far it is
 * to the next channel, row and cell. */
typedef struct {
    int32_t channels, height, width;
    int32_t plane, line, step;
} ink_block;

/* Where filters lie. */
typedef struct {
    uint16_t in_h, in_w;
    uint16_t kernel_h, kernel_w;
    uint16_t stride_h, stride_w;
    uint16_t pad_h, pad_w; /* above and to the left */
    uint16_t dilation_h, dilation_w;
    uint16_t pool_h, pool_w;   /* window of the max pooling; 1 for none */
    uint16_t apart_h, apart_w; /* from one place of the output to the next */
    uint16_t out_h, out_w;     /* after pooling */
} ink_filters;

typedef struct {
    const uint8_t *weights; /* a byte each, as ink_products.h says, for each group of channels */
    const int32_t *bias;    /* (out), the input's zero times the filter's sum taken off */
    ink_scaling to;
    ink_filters at;
    ink_block inside; /* the cells under a filter, if all lie inside; of small filters rows or
                       * channels may count as one row */
    uint16_t depth, out, share;
    uint16_t taps;  /* weights of a filter */
    int16_t offset; /* is added to every weight */
    uint8_t zero;
} ink_byte_conv_layer;

/* Convolves the maps `in` into `out`, four channels at a time. `scratch` has `share` words and the
 * bytes under a filter. */
void ink_byte_conv(const ink_byte_conv_layer *conv, const uint8_t *in, void *out, int32_t *scratch);

/* Filters of 3x3 without pooling, as far apart down as across. */
typedef struct {
    const int8_t *weights; /* (out, 3, 3) */
    const int32_t *bias;
    ink_scaling to;
    uint16_t out, share;
    uint16_t in_h, in_w;
    uint16_t stride;
    uint16_t pad_top, pad_left;
    uint16_t out_h, out_w;
    int16_t offset; /* is added to every weight */
    uint8_t zero;
} ink_depthwise_layer;

/* Convolves each map by itself, each into `share` of the output's. `scratch` has 10 + out_w words
 * and four times the bytes that a row of filters is wide. */
void ink_depthwise_conv(const ink_depthwise_layer *conv, const uint8_t *in, void *out,
                        int32_t *scratch);

typedef struct {
    const uint8_t *weights; /* (out, in) */
    const int32_t *bias;    /* (out), the input's zero times the row's sum taken off */
    ink_rescale to;
    uint16_t rows, in, out;
    uint8_t bits;   /* of a weight */
    int16_t offset; /* is added to every weight */
} ink_dense_layer;

/* Multiplies every row of `in`, (rows, in), with every row of the weights: out is (rows, out). */
void ink_dense(const ink_dense_layer *dense, const uint8_t *in, void *out);

/* Matrices (batch, rows, depth) times matrices (batch, depth, columns). Each operand has steps from
 * one batch, row and column to the next, which may be negative. */
typedef struct {
    ink_rescale to; /* of one channel */
    uint16_t batch, rows, depth, columns;
    int32_t a_start, a_batch, a_row, a_column;
    int32_t b_start, b_batch, b_row, b_column;
    uint8_t a_zero, b_zero;
} ink_matmul_layer;

/* Multiplies two computed values: out is (batch, rows, columns). */
void ink_matmul(const ink_matmul_layer *layer, const uint8_t *a, const uint8_t *b, void *out);

typedef struct {
    const uint8_t *weights; /* a byte each, as ink_products.h says */
    const int32_t *bias;    /* (out), the input's zero times the row's sum taken off */
    ink_scaling to;
    uint16_t rows, in, out;
    int16_t offset; /* is added to every weight */
} ink_byte_dense_layer;

/* The same, four channels at a time. */
void ink_byte_dense(const ink_byte_dense_layer *dense, const uint8_t *in, void *out);

typedef struct {
    uint16_t channels, in_h, in_w, out_h, out_w;
    uint16_t window_h, window_w;
    uint16_t stride_h, stride_w;
    int16_t pad_top, pad_left;
    uint16_t dilation_h, dilation_w;
} ink_pool;

/* Returns the largest byte under each window in `out`; what lies outside does not count. */
void ink_max_pool(const ink_pool *pool, const uint8_t *in, uint8_t *out);

typedef struct {
    ink_pool pool;
    const int32_t *multiplier; /* by the number of cells averaged, from `fewest` on */
    uint16_t fewest;
    uint16_t margin_top, margin_left, margin_bottom, margin_right; /* cells outside that count */
    uint8_t shift;
    uint8_t in_zero, zero, low, high;
    uint8_t wide; /* int32_t go out, the sums themselves */
} ink_average_pool_layer;

/* Averages the bytes under each window: zero + (sum of (b - in_zero)) * multiplier / 2^shift. */
void ink_average_pool(const ink_average_pool_layer *layer, const uint8_t *in, void *out);

/* Windows that all lie inside. */
typedef struct {
    ink_pool pool;
    ink_scaling to; /* the same for all channels */
    int32_t start;  /* is added to every sum: what the input's zero takes off */
} ink_inner_average_pool_layer;

/* The same for them. */
void ink_inner_average_pool(const ink_inner_average_pool_layer *layer, const uint8_t *in,
                            void *out);

/* A group is `count` bytes, `inner` apart. Each, less the group's mean where that is taken off, is
 * divided by the group's size, rounded half up to 2^-12, then times gain plus bias over 2^shift.
 * The size is sqrt(mean square + epsilon), or the mean of absolutes; nothing is divided by 0. */
typedef struct {
    const int16_t *gain; /* by channel: that of element i of all is i / span modulo channels */
    const int32_t *bias;
    int64_t epsilon; /* times (count / scale)^2 */
    uint16_t outer, count, inner;
    uint16_t span, channels;
    uint8_t centred, root; /* whether the mean is taken off; whether the size is a root */
    uint8_t shift;
    uint8_t in_zero, zero, low, high;
} ink_normalise_layer;

/* Divides groups by their size; out may be in. */
void ink_normalise(const ink_normalise_layer *layer, const uint8_t *in, uint8_t *out);

/* Looks `count` bytes up; `out` may be `in`. */
void ink_table(const uint8_t table[256], const uint8_t *in, uint8_t *out, int count);

/* Elementwise with repetition: `a` and out are (outer, middle, inner), `b` is (middle). */
typedef struct {
    int32_t a_multiplier, b_multiplier; /* below 2^21 and above -2^21; mul has the first alone */
    uint16_t outer, middle, inner;
    uint8_t shift;
    uint8_t a_zero, b_zero, zero, low, high;
} ink_pair;

/* zero + ((a - a_zero) * a_multiplier + (b - b_zero) * b_multiplier) / 2^shift; out may be a. */
void ink_add(const ink_pair *pair, const uint8_t *a, const uint8_t *b, uint8_t *out);

/* zero + (a - a_zero) * (b - b_zero) * a_multiplier / 2^shift; out may be a. */
void ink_mul(const ink_pair *pair, const uint8_t *a, const uint8_t *b, uint8_t *out);

/* A box of bytes to copy: out[to + i * to_step] = in[from + i * from_step] over four indices. */
typedef struct {
    int32_t from, to;
    uint16_t count[4];
    int32_t from_step[4], to_step[4];
} ink_copy_box;

void ink_move(const ink_copy_box *boxes, int count, const uint8_t *in, uint8_t *out);

void ink_fill(uint8_t value, uint8_t *out, int count);

/* Makes int32_t of bytes. */
void ink_widen(uint8_t zero, const uint8_t *in, int32_t *out, int count);

/* Makes bytes of int32_t; `to` is of one channel. */
void ink_narrow(const ink_rescale *to, const int32_t *in, uint8_t *out, int count);

/* Softmax in place over the middle of (outer, count, inner). A difference of scores times
 * multiplier / 2^shift is in units of 1/4096 of a factor of two. */
typedef struct {
    int32_t multiplier;
    uint16_t outer, count, inner;
    uint8_t shift;
    int32_t farthest; /* larger differences count as this one */
    int32_t one;      /* what stands for a probability of 1 */
    int32_t highest;  /* results are cut here */
} ink_softmax_layer;

void ink_softmax(const ink_softmax_layer *layer, int32_t *scores);

/* The logarithm of it, in units of ln(2) / 4096. */
void ink_log_softmax(const ink_softmax_layer *layer, int32_t *scores);

/* Turns the scores of one softmax into their distances below the largest, in 1/4096 of a factor of
 * two; in ink_power.c. */
void ink_distances(const ink_softmax_layer *layer, int32_t *scores);

/* Returns 2^(-distance / 4096) in units of 2^-15. */
uint32_t ink_power(int32_t distance);

/* A layer that goes over time. Its state is int32_t in 2^-15: (units) the hidden one, (units) the
 * next one, and (units) more of an LSTM's cells, or of what a GRU resets before its product; behind
 * them (in) for a step's input. What goes into a gate is in 2^-12. Rows are (gates, units), in
 * ONNX's order of gates; weights a byte each, as ink_recurrent.h says. */
typedef struct {
    const uint8_t *weights;       /* (rows, in) */
    const uint8_t *state_weights; /* (rows, units) */
    const uint16_t *multiplier;   /* (rows) of sums over the input, then (rows) over the state */
    const int32_t *bias;          /* (rows), then (units) of the product that is reset behind it */
    int32_t to_multiplier;        /* from the hidden state to bytes, over 2^to_shift */
    uint16_t steps, in, units;
    uint16_t shown;      /* where in the state stands what goes out: 0, or an LSTM's cells */
    uint16_t out_step;   /* bytes from one step's output to the next; 0 where the last one stays */
    uint8_t reverse;     /* whether time runs backwards */
    uint8_t reset_after; /* whether a GRU resets the product with the state, not the state */
    uint8_t shift, state_shift, to_shift;
    uint8_t in_zero, zero;
} ink_recurrent;

/* Take all steps: `in` is (steps, in), `out` (steps, units) or (units). */
void ink_gru(const ink_recurrent *layer, const uint8_t *in, int32_t *state, uint8_t *out);
void ink_lstm(const ink_recurrent *layer, const uint8_t *in, int32_t *state, uint8_t *out);
void ink_rnn(const ink_recurrent *layer, const uint8_t *in, int32_t *state, uint8_t *out);

/* Lets a state of `count` words begin at zero, or `count` of its words as bytes say. */
void ink_recurrent_reset(int32_t *state, int count);
void ink_recurrent_start(uint8_t zero, int32_t multiplier, int shift, const uint8_t *in,
                         int32_t *state, int count);

/* Finds the largest (`last`: the last of equals) in the middle of (outer, count, inner). */
void ink_argmax(const int32_t *in, int32_t *out, int outer, int count, int inner, int last);

/* Maps of another size. */
typedef struct {
    const uint16_t *row, *column; /* (out_h), (out_w): the cell above, the cell to the left */
    const uint8_t *down, *across; /* likewise: how far to the next one, in 1/256 */
    uint16_t channels, in_h, in_w, out_h, out_w;
} ink_resize_layer;

/* Averages the four cells around each place, weighted by how near they are. */
void ink_resize(const ink_resize_layer *layer, const uint8_t *in, uint8_t *out);

/* Values of 16 bits: a code c stands for scale * c. They lie in the arena's words, which a compiler
 * may else take as read by words alone. */
#ifdef __GNUC__
typedef int16_t __attribute__((__may_alias__)) ink_short;
#else
typedef int16_t ink_short;
#endif

/* The way from the sums of a channel, or of a number of cells, to 16 or 32 bits:
 * sum * multiplier / 2^shift, rounded half to even, within low and high. */
typedef struct {
    const int32_t *multiplier; /* at most 24 bits */
    const uint8_t *shift;      /* at most 62 */
    int32_t low, high;
    uint8_t wide; /* int32_t go out */
} ink_short_scaling;

typedef struct {
    const int8_t *weights; /* (out, in) */
    const int32_t *bias;   /* (out) */
    ink_short_scaling to;
    uint16_t rows, in, out;
} ink_short_dense_layer;

/* As ink_dense. */
void ink_short_dense(const ink_short_dense_layer *dense, const ink_short *in, void *out);

typedef struct {
    const int8_t *weights; /* (out, depth, kernel_h, kernel_w) */
    const int32_t *bias;   /* (out) */
    ink_short_scaling to;
    ink_filters at;
    uint16_t depth, out, share;
} ink_short_conv_layer;

/* As ink_scaled_conv. */
void ink_short_conv(const ink_short_conv_layer *conv, const ink_short *in, void *out);

/* As ink_max_pool. */
void ink_short_max_pool(const ink_pool *pool, const ink_short *in, ink_short *out);

typedef struct {
    ink_pool pool;
    ink_short_scaling to; /* by the number of cells averaged, from `fewest` on */
    uint16_t fewest;
    uint16_t margin_top, margin_left, margin_bottom, margin_right; /* cells outside that count */
} ink_short_average_layer;

/* As ink_average_pool. */
void ink_short_average_pool(const ink_short_average_layer *layer, const ink_short *in, void *out);

/* As ink_pair. */
typedef struct {
    int32_t a_multiplier, b_multiplier; /* below 2^24; mul has the first alone */
    int32_t low, high;
    uint16_t outer, middle, inner;
    uint8_t shift;
} ink_short_pair;

/* (a * a_multiplier + b * b_multiplier) / 2^shift; out may be a. */
void ink_short_add(const ink_short_pair *pair, const ink_short *a, const ink_short *b,
                   ink_short *out);

/* a * b * a_multiplier / 2^shift; out may be a. */
void ink_short_mul(const ink_short_pair *pair, const ink_short *a, const ink_short *b,
                   ink_short *out);

/* As ink_move and ink_fill. */
void ink_short_move(const ink_copy_box *boxes, int count, const ink_short *in, ink_short *out);
void ink_short_fill(int16_t value, ink_short *out, int count);

/* Goes along straight lines between the points of a function, which are 2^step codes apart from the
 * lowest on, step being 14 at most; halves are rounded up; out may be in. */
void ink_short_curve(const int16_t *points, int step, const ink_short *in, ink_short *out,
                     int count);

/* zero + (code - in_zero) * multiplier / 2^shift, the latter rounded half to even, within low and
 * high. */
typedef struct {
    int32_t multiplier;
    int32_t in_zero, zero, low, high;
    uint8_t shift;
} ink_recoding;

/* Give `count` numbers other codes; of shorts of shorts, out may be in. */
void ink_shorts_of_bytes(const ink_recoding *to, const uint8_t *in, ink_short *out, int count);
void ink_bytes_of_shorts(const ink_recoding *to, const ink_short *in, uint8_t *out, int count);
void ink_shorts_of_shorts(const ink_recoding *to, const ink_short *in, ink_short *out, int count);

/* Makes int32_t of 16 bits. */
void ink_short_widen(const ink_short *in, int32_t *out, int count);

/* Decision trees over bytes. */
typedef struct {
    const uint16_t *feature; /* (splits): which byte is compared */
    const uint8_t *most;     /* (splits): the first child is next where it is at most this */
    const int16_t *child;    /* (splits, 2): a split, or -1 - n for row n of the leaves */
    const int16_t *root;     /* (trees): likewise */
    const int16_t *leaf;     /* (rows, out) */
    const int32_t *base;     /* (out) */
    ink_rescale to;
    uint16_t trees, out;
} ink_trees_layer;

/* Adds up the leaves that the trees lead to. `sums` is scratch for (out) where bytes go out. */
void ink_trees(const ink_trees_layer *layer, const uint8_t *in, void *out, int32_t *sums);

/* Decision trees over 256 bytes at most. */
typedef struct {
    /* (splits, 3): which byte is compared, and 256 times the most of it that the first child is
     * next for; then the children: where a split begins, or -1 - n for leaves from n on */
    const int16_t *split;
    const int16_t *root;  /* (trees): likewise */
    const uint8_t *share; /* (rows, out), or NULL for those of 16 bits */
    const int16_t *leaf;  /* likewise */
    const int32_t *base;  /* (out) */
    uint16_t trees, out;
} ink_small_trees_layer;

/* Adds up the leaves that the trees lead to. */
void ink_small_trees(const ink_small_trees_layer *layer, const uint8_t *in, int32_t *out);

/* As ink_trees_layer, over values of 16 bits. */
typedef struct {
    const uint16_t *feature;
    const int16_t *most, *child, *root, *leaf;
    const int32_t *base;
    ink_short_scaling to;
    uint16_t trees, out;
} ink_short_trees_layer;

/* As ink_trees; `sums` is scratch where 16 bits go out. */
void ink_short_trees(const ink_short_trees_layer *layer, const ink_short *in, void *out,
                     int32_t *sums);

#ifdef __cplusplus
}
#endif
#endif
