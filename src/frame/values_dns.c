/* dns.*, and the line of a frame that says it. */
#include "frame/frame.h"

#include "base/text.h"

static bool is_dns(const struct ms_frame *f) { return f->decoded == MS_DECODED_UDP; }

void ms_values_dns(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (is_dns(f) && field == MS_FF_DNS)
        ms_value_push(to, ms_value_protocol(f->segment.payload));
}

bool ms_info_dns(const struct ms_frame *f, struct ms_frame_line *out)
{
    if (!is_dns(f))
        return false;
    ms_text_str(&out->protocol, "DNS");
    return true;
}
