/* tls.*, and the line of a frame with TLS records. */
#include "frame/frame.h"

#include "base/text.h"

static bool is_tls(const struct ms_element *el) { return el->kind >= MS_EL_TLS_RECORD; }

void ms_values_tls(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    for (size_t i = 0; i < f->element_count; i++)
        if (is_tls(&f->elements[i]) && field == MS_FF_TLS) {
            ms_value_push(to, ms_value_protocol((struct ms_bytes){ 0 }));
            return;
        }
}

bool ms_info_tls(const struct ms_frame *f, struct ms_frame_line *out)
{
    for (size_t i = 0; i < f->element_count; i++)
        if (is_tls(&f->elements[i])) {
            ms_text_str(&out->protocol, "TLS");
            return true;
        }
    return false;
}
