/* The core that the compiler's assembler and linker read through XTENSA_GNU_CONFIG, made of QEMU's
 * tables and binutils' headers. gcc reads it since 13; before, it has a core of its own and is told
 * to use register windows on its command line. */
#include <stddef.h>

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

/* The same again for gcc, as macros that it predefines. */
#define QUOTED(text) #text
#define VALUE(macro) QUOTED(macro)
#undef XTENSA_CONFIG_ENTRY
#define XTENSA_CONFIG_ENTRY(name) "__" #name "=" VALUE(name)
const char *const xtensa_config_strings[] = {XTENSA_CONFIG_ENTRY_LIST, NULL};

/* binutils 2.44 asks plugins for this; the headers that this is made of are under the GPL. */
int plugin_is_GPL_compatible;
