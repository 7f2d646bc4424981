/* The core that the compiler's assembler and linker read through XTENSA_GNU_CONFIG, made of QEMU's
 * tables and binutils' headers. gcc is told to use register windows on its command line.
 */
#define XTENSA_CONFIG_DEFINITION

#include "core-isa.h"
#include "xtensa-modules.c.inc"

#define XTHAL_ABI_WINDOWED 0
#define XTHAL_ABI_CALL0 1
#define XSHAL_ABI XTHAL_ABI_WINDOWED
#define XSHAL_USE_ABSOLUTE_LITERALS 0
#define XSHAL_HAVE_TEXT_SECTION_LITERALS 1
#define XCHAL_HAVE_MMU XCHAL_HAVE_PTP_MMU

#include "xtensa-dynconfig.h"

XTENSA_CONFIG_INSTANCE_LIST;
