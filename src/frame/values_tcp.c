/* tcp.*: headers, streams, analysis; and the line of a segment that says nothing that is mail. */
#include "frame/frame.h"

#include "base/text.h"

void ms_values_tcp(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    const struct ms_segment *s = &f->segment;
    if (f->decoded != MS_DECODED_TCP)
        return;
    switch (field) {
    case MS_FF_TCP: ms_value_push(to, ms_value_protocol((struct ms_bytes){ 0 })); break;
    case MS_FF_TCP_SRCPORT: ms_value_push(to, ms_value_uint(s->src_port)); break;
    case MS_FF_TCP_DSTPORT: ms_value_push(to, ms_value_uint(s->dst_port)); break;
    case MS_FF_TCP_PORT:
        ms_value_push(to, ms_value_uint(s->src_port));
        ms_value_push(to, ms_value_uint(s->dst_port));
        break;
    default: break;
    }
}

bool ms_info_tcp(const struct ms_frame *f, struct ms_frame_line *out)
{
    if (f->decoded != MS_DECODED_TCP)
        return false;
    ms_text_str(&out->protocol, "TCP");
    ms_text_format(&out->info, "%u \xe2\x86\x92 %u", f->segment.src_port, f->segment.dst_port);
    return true;
}
