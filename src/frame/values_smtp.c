/* smtp.*, and the line of a frame that says it. */
#include "frame/frame.h"

#include "base/text.h"

static bool is_ours(const struct ms_element *el)
{
    unsigned p = el->protocol;
    return (p == MS_PROTO_SMTP || p == MS_PROTO_LMTP) && el->kind < MS_EL_HEADERS;
}

void ms_values_smtp(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    for (size_t i = 0; i < f->element_count; i++)
        if (is_ours(&f->elements[i]) && field == MS_FF_SMTP) {
            ms_value_push(to, ms_value_protocol((struct ms_bytes){ 0 }));
            return;
        }
}

bool ms_info_smtp(const struct ms_frame *f, struct ms_frame_line *out)
{
    for (size_t i = 0; i < f->element_count; i++) {
        const struct ms_element *el = &f->elements[i];
        if (!is_ours(el))
            continue;
        ms_text_str(&out->protocol, "SMTP");
        ms_text_add(&out->info, ms_frame_shown(f, el));
        return true;
    }
    return false;
}
