#include "ink_kernels.h"
#include "ink_words.h"

int32_t ink_scaled(int32_t value, uint32_t factor) {
    int32_t rounded;
    if (ink_fits_words(value)) {
        return ink_half_in_words(value, factor, &rounded) ? rounded & ~1 : rounded;
    }
    return ink_rounded((int64_t)value * (int32_t)(factor >> INK_MULTIPLIER),
                       (int)(factor & INK_MOST) + INK_FEWEST);
}
