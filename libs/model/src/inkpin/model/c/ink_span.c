#include "ink_span.h"

ink_span ink_inside(int start, int size, int dilation, int length) {
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

int ink_counted(int start, int size, int dilation, int length, int before, int after) {
    const ink_span span = ink_inside(start + before, size, dilation, before + length + after);
    return span.end - span.first;
}
