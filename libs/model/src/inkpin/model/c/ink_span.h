/* Which cells of a window lie inside its input, along one side; for the kernels only. */
#ifndef INK_SPAN_H
#define INK_SPAN_H

typedef struct {
    int first, end;
} ink_span;

/* Returns the cells of a window of `size` that begins at `start`, of an input `length` long. */
static inline ink_span ink_inside(int start, int size, int dilation, int length) {
    ink_span span = {0, size};
    for (int at = start; at < 0 && span.first < size; at += dilation) {
        span.first++;
    }
    for (int at = start + (size - 1) * dilation; at >= length && span.end > span.first;
         at -= dilation) {
        span.end--;
    }
    return span;
}

#endif
