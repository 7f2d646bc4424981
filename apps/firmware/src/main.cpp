/* The firmware's shell: it polls, hands over what it gets, and decides nothing. */
#include <ink_commands.h>

#include <cstring>

#include "board.h"

static ink_device device;

void setup() {
    static const ink_lock_config config = INK_LOCK_DEFAULTS;
    board_start();
    ink_device_start(&device, &board_hooks, &config, board_now());
}

void loop() {
    const board_touch touch = board_poll();
    ink_device_poll(&device, touch.fingers, touch.x, touch.y, board_now());

    /* A flood of them must not keep a finger waiting; what finds no room for an answer waits. */
    static uint8_t bytes[64];
    static size_t waiting;
    waiting += board_receive(bytes + waiting, sizeof bytes - waiting);
    const size_t taken = ink_commands_take(&device, bytes, waiting, board_now());
    waiting -= taken;
    memmove(bytes, bytes + taken, waiting);

    ink_device_tick(&device, board_now());
    ink_device_paint(&device);
    board_rest();
}
