/* imf.*: the headers of a message belong to the frame that ended it; and the line of such a frame. */
#include "frame/frame.h"

#include "base/text.h"

void ms_values_imf(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    for (size_t i = 0; i < f->element_count; i++)
        if (f->elements[i].kind == MS_EL_HEADERS && field == MS_FF_IMF)
            ms_value_push(to, ms_value_protocol(f->elements[i].line));
}

bool ms_info_imf(const struct ms_frame *f, struct ms_frame_line *out)
{
    for (size_t i = 0; i < f->element_count; i++)
        if (f->elements[i].kind == MS_EL_HEADERS) {
            ms_text_str(&out->protocol, "IMF");
            return true;
        }
    return false;
}
