/* Which cells of a window lie inside its input, along one side; for the kernels only. */
#ifndef INK_SPAN_H
#define INK_SPAN_H

typedef struct {
    int first, end;
} ink_span;

/* Returns the cells of a window of `size` that begins at `start`, of an input `length` long. */
ink_span ink_inside(int start, int size, int dilation, int length);

/* Returns how many of these cells count where some before and after the input do, too. */
int ink_counted(int start, int size, int dilation, int length, int before, int after);

#endif
