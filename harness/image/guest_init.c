/* The first program of a guest (images/initrd/init.c), built before this library and carried in it:
 * nothing has to be found on the host. GUEST_INIT is the path of the built program. */
#include "image/artifacts.h"

__asm__(".section .rodata\n"
        ".global guest_init_start\n"
        ".global guest_init_end\n"
        ".balign 16\n"
        "guest_init_start:\n"
        ".incbin \"" GUEST_INIT "\"\n"
        "guest_init_end:\n"
        ".byte 0\n"
        ".previous\n");
