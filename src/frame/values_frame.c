/* frame.*: what the capture says of a frame. */
#include "frame/frame.h"

#include <ctype.h>

static int64_t since(int64_t time, int64_t before) { return before == MS_UNKNOWN ? 0 : time - before; }

/* Wireshark's own numbers, for link types that are read; others 0. */
static int encapsulation(uint32_t link_type)
{
    switch (link_type) {
    case 1: return 1;
    case 9: case 50: return 4;
    case 12: case 14: case 101: case 228: case 229: return 7;
    case 0: case 108: return 15;
    case 113: return 25;
    case 104: return 28;
    case 239: return 141;
    case 276: return 210;
    default: return 0;
    }
}

/* Lines of a key log may stand in a comment: nothing else has so many hexadecimal digits in a row. */
static bool may_hold_keys(struct ms_bytes comment)
{
    enum { DIGITS = 64 };
    size_t row = 0;
    for (size_t i = 0; i < comment.n && row < DIGITS; i++)
        row = isxdigit(comment.p[i]) ? row + 1 : 0;
    return row == DIGITS;
}

static void comments(const struct ms_frame *f, struct ms_value_sink *to)
{
    enum { HEAD = 4, END = 0, COMMENT = 1 };
    const struct ms_packet *p = f->packet;
    for (struct ms_bytes rest = ms_packet_options(p); rest.n >= HEAD;) {
        uint16_t        code = p->big ? ms_be16(rest.p) : ms_le16(rest.p);
        size_t          n = p->big ? ms_be16(rest.p + 2) : ms_le16(rest.p + 2);
        struct ms_bytes value = ms_slice(rest, HEAD, n);
        if (code == END || value.n < n)
            return;
        bool hidden = f->printing && !f->show_secrets && may_hold_keys(value);
        if (code == COMMENT)
            ms_value_push(to, ms_value_string(hidden ? MS_LIT("********") : value));
        rest = ms_tail(rest, HEAD + (n + 3) / 4 * 4);
    }
}

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
    case MS_FF_FRAME_OFFSET_SHIFT: ms_value_push(to, ms_value_duration(0)); break;
    case MS_FF_FRAME_TIME_RELATIVE: ms_value_push(to, ms_value_duration(since(p->time, f->first_time))); break;
    case MS_FF_FRAME_TIME_DELTA: ms_value_push(to, ms_value_duration(since(p->time, f->previous_time))); break;
    case MS_FF_FRAME_TIME_DELTA_DISPLAYED: ms_value_push(to, ms_value_duration(since(p->time, f->shown_time))); break;
    case MS_FF_FRAME_PROTOCOLS: ms_value_push(to, ms_value_string(ms_frame_protocols(f))); break;
    case MS_FF_FRAME_ENCAP_TYPE: ms_value_push(to, ms_value_int(encapsulation(p->link_type))); break;
    case MS_FF_FRAME_INTERFACE_ID: if (p->interface_number) ms_value_push(to, ms_value_uint(p->interface_number - 1)); break;
    case MS_FF_FRAME_INTERFACE_NAME: if (p->interface_number) ms_value_push(to, ms_value_string(ms_str(p->interface ? p->interface : "unknown"))); break;
    case MS_FF_FRAME_COMMENT: comments(f, to); break;
    case MS_FF_FRAME_MARKED: case MS_FF_FRAME_IGNORED: ms_value_push(to, ms_value_bool(false)); break;
    default: break;
    }
}
