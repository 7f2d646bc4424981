/* Bytes that wait until a serial line has room for them. */
#ifndef INK_QUEUE_H
#define INK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INK_QUEUE_SIZE 4096

/* All zeros is an empty one. */
typedef struct {
    char bytes[INK_QUEUE_SIZE];
    size_t first, count;
} ink_queue;

/* How many bytes it has room for. */
size_t ink_queue_room(const ink_queue *queue);

/* Adds bytes; false, and none added, if there is no room for all. */
bool ink_queue_put(ink_queue *queue, const char *bytes, size_t count);

/* Hands bytes to `send`, which returns how many it took, until it takes none or none are left. */
void ink_queue_send(ink_queue *queue, size_t (*send)(void *user, const char *bytes, size_t count),
                    void *user);

#ifdef __cplusplus
}
#endif
#endif
