#include "ink_queue.h"

#include <string.h>

size_t ink_queue_room(const ink_queue *queue) { return INK_QUEUE_SIZE - queue->count; }

bool ink_queue_put(ink_queue *queue, const char *bytes, size_t count) {
    if (count > ink_queue_room(queue)) {
        return false;
    }
    const size_t end = (queue->first + queue->count) % INK_QUEUE_SIZE;
    const size_t tail = INK_QUEUE_SIZE - end, straight = count < tail ? count : tail;
    memcpy(queue->bytes + end, bytes, straight);
    memcpy(queue->bytes, bytes + straight, count - straight);
    queue->count += count;
    return true;
}

void ink_queue_send(ink_queue *queue, size_t (*send)(void *user, const char *bytes, size_t count),
                    void *user) {
    while (queue->count > 0) {
        const size_t tail = INK_QUEUE_SIZE - queue->first;
        const size_t wanted = queue->count < tail ? queue->count : tail;
        const size_t taken = send(user, queue->bytes + queue->first, wanted);
        queue->first = (queue->first + taken) % INK_QUEUE_SIZE;
        queue->count -= taken;
        if (taken == 0) {
            return;
        }
    }
}
