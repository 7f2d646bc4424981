/* Where a program begins: its stack pointer set to the device's stack, main called. A function
   that is entered by call4 returns its value in a6, which is where exit takes its status. */
    .section .text._start, "ax"
    .global _start
    .type _start, @function
    .align 4
    .literal_position
_start:
    movi a1, ink_stack_top
    call4 main
    movi a2, 118            /* exit */
    syscall
    .size _start, . - _start
