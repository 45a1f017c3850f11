/* frame.*: what the capture says of a frame. */
#include "frame/frame.h"

static int64_t since(int64_t time, int64_t before) { return before == MS_UNKNOWN ? 0 : time - before; }

void ms_values_frame(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    const struct ms_packet *p = f->packet;
    switch (field) {
    case MS_FF_FRAME: ms_value_push(to, ms_value_protocol(p->data)); break;
    case MS_FF_FRAME_NUMBER: ms_value_push(to, ms_value_frame(p->number)); break;
    case MS_FF_FRAME_LEN: ms_value_push(to, ms_value_uint(p->length)); break;
    case MS_FF_FRAME_CAP_LEN: ms_value_push(to, ms_value_uint(p->data.n)); break;
    case MS_FF_FRAME_TIME: ms_value_push(to, ms_value_time(p->time)); break;
    case MS_FF_FRAME_TIME_EPOCH: ms_value_push(to, ms_value_duration(p->time)); break;
    case MS_FF_FRAME_TIME_RELATIVE: ms_value_push(to, ms_value_duration(since(p->time, f->first_time))); break;
    case MS_FF_FRAME_TIME_DELTA: ms_value_push(to, ms_value_duration(since(p->time, f->previous_time))); break;
    case MS_FF_FRAME_TIME_DELTA_DISPLAYED: ms_value_push(to, ms_value_duration(since(p->time, f->shown_time))); break;
    default: break;
    }
}
