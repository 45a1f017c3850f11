/* tcp.stream, relative numbers and tcp.analysis.*; and the line of a segment that says nothing else. */
#include "frame/frame.h"

#include "base/text.h"
#include "frame/tcp_header.h"

static const struct { enum ms_frame_field field; uint32_t bit; } bits[] = {
    { MS_FF_TCP_ANALYSIS_RETRANSMISSION, MS_TA_RETRANSMISSION },
    { MS_FF_TCP_ANALYSIS_FAST_RETRANSMISSION, MS_TA_FAST_RETRANSMISSION },
    { MS_FF_TCP_ANALYSIS_SPURIOUS_RETRANSMISSION, MS_TA_SPURIOUS_RETRANSMISSION },
    { MS_FF_TCP_ANALYSIS_OUT_OF_ORDER, MS_TA_OUT_OF_ORDER },
    { MS_FF_TCP_ANALYSIS_LOST_SEGMENT, MS_TA_LOST_SEGMENT },
    { MS_FF_TCP_ANALYSIS_ACK_LOST_SEGMENT, MS_TA_ACKED_UNSEEN },
    { MS_FF_TCP_ANALYSIS_WINDOW_UPDATE, MS_TA_WINDOW_UPDATE },
    { MS_FF_TCP_ANALYSIS_WINDOW_FULL, MS_TA_WINDOW_FULL },
    { MS_FF_TCP_ANALYSIS_ZERO_WINDOW, MS_TA_ZERO_WINDOW },
    { MS_FF_TCP_ANALYSIS_ZERO_WINDOW_PROBE, MS_TA_ZERO_WINDOW_PROBE },
    { MS_FF_TCP_ANALYSIS_ZERO_WINDOW_PROBE_ACK, MS_TA_ZERO_WINDOW_PROBE_ACK },
    { MS_FF_TCP_ANALYSIS_KEEP_ALIVE, MS_TA_KEEP_ALIVE },
    { MS_FF_TCP_ANALYSIS_KEEP_ALIVE_ACK, MS_TA_KEEP_ALIVE_ACK },
    { MS_FF_TCP_ANALYSIS_REUSED_PORTS, MS_TA_REUSED_PORTS },
};

static uint32_t bit_of(enum ms_frame_field field)
{
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        if (bits[i].field == field)
            return bits[i].bit;
    return 0;
}

static void push_time(struct ms_value_sink *to, int64_t ns)
{
    if (ns != MS_UNKNOWN)
        ms_value_push(to, ms_value_duration(ns));
}

static void push_frame(struct ms_value_sink *to, uint64_t frame)
{
    if (frame)
        ms_value_push(to, ms_value_frame(frame));
}

static void push_count(struct ms_value_sink *to, uint64_t n)
{
    if (n)
        ms_value_push(to, ms_value_uint(n));
}

static bool is_analysed(const struct ms_stream_view *v) { return v->analysis || v->acks_frame || v->in_flight || v->push_bytes; }

static void analysis_values(const struct ms_stream_view *v, enum ms_frame_field field, struct ms_value_sink *to)
{
    switch (field) {
    case MS_FF_TCP_ANALYSIS: if (is_analysed(v)) ms_value_push(to, ms_value_none()); break;
    case MS_FF_TCP_ANALYSIS_FLAGS: if (v->analysis) ms_value_push(to, ms_value_none()); break;
    case MS_FF_TCP_ANALYSIS_ACKS_FRAME: push_frame(to, v->acks_frame); break;
    case MS_FF_TCP_ANALYSIS_ACK_RTT: push_time(to, v->ack_rtt); break;
    case MS_FF_TCP_ANALYSIS_INITIAL_RTT: if (is_analysed(v)) push_time(to, v->initial_rtt); break;
    case MS_FF_TCP_ANALYSIS_BYTES_IN_FLIGHT: push_count(to, v->in_flight); break;
    case MS_FF_TCP_ANALYSIS_PUSH_BYTES_SENT: push_count(to, v->push_bytes); break;
    case MS_FF_TCP_ANALYSIS_RTO: push_time(to, v->rto); break;
    case MS_FF_TCP_ANALYSIS_RTO_FRAME: push_frame(to, v->rto_frame); break;
    case MS_FF_TCP_ANALYSIS_DUPLICATE_ACK: if (v->analysis & MS_TA_DUPLICATE_ACK) ms_value_push(to, ms_value_none()); break;
    case MS_FF_TCP_ANALYSIS_DUPLICATE_ACK_NUM: push_count(to, v->duplicate_ack_number); break;
    case MS_FF_TCP_ANALYSIS_DUPLICATE_ACK_FRAME: push_frame(to, v->duplicate_ack_frame); break;
    default: if (v->analysis && v->analysis & bit_of(field)) ms_value_push(to, ms_value_none()); break;
    }
}

/* Edges are relative to the stream of the one who gets them. */
static void sack_edges(const struct ms_frame *f, size_t edge, struct ms_value_sink *to)
{
    struct ms_tcp_header h;
    size_t               at = 0;
    struct ms_bytes      o;
    if (!ms_tcp_header_next(f, &at, &h))
        return;
    for (struct ms_bytes options = ms_tail(h.bytes, 20); ms_tcp_option_next(&options, &o);)
        for (size_t i = 2; o.p[0] == 5 && i + 8 <= o.n; i += 8)
            ms_value_push(to, ms_value_uint((uint32_t)(ms_be32(o.p + i + edge) - f->stream.ack_base)));
}

static uint32_t next_sequence(const struct ms_segment *s) { return s->seq + s->payload_length + ((s->flags & (MS_SYN | MS_FIN)) != 0); }

/* Without the flag it is not relative. */
static uint32_t relative_ack(const struct ms_frame *f)
{
    struct ms_tcp_header h;
    size_t               at = 0;
    if (f->segment.flags & MS_ACK)
        return f->segment.ack - f->stream.ack_base;
    return ms_tcp_header_next(f, &at, &h) && h.bytes.n >= 20 ? ms_be32(h.bytes.p + 8) : 0;
}

void ms_values_stream(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    const struct ms_stream_view *v = &f->stream;
    if (!f->has_stream)
        return;
    switch (field) {
    case MS_FF_TCP_STREAM: ms_value_push(to, ms_value_uint(v->stream)); break;
    case MS_FF_TCP_SEQ: ms_value_push(to, ms_value_uint((uint32_t)(f->segment.seq - v->seq_base))); break;
    case MS_FF_TCP_NXTSEQ: ms_value_push(to, ms_value_uint((uint32_t)(next_sequence(&f->segment) - v->seq_base))); break;
    case MS_FF_TCP_ACK: ms_value_push(to, ms_value_uint(relative_ack(f))); break;
    case MS_FF_TCP_COMPLETENESS: ms_value_push(to, ms_value_uint(v->completeness)); break;
    case MS_FF_TCP_WINDOW_SIZE: ms_value_push(to, ms_value_uint(v->window)); break;
    case MS_FF_TCP_WINDOW_SIZE_SCALEFACTOR:
        if (!(f->segment.flags & MS_SYN)) {
            struct ms_value factor = ms_value_int(v->window_factor);
            ms_value_push(to, factor);
        }
        break;
    case MS_FF_TCP_TIME_RELATIVE: push_time(to, v->time_relative); break;
    case MS_FF_TCP_TIME_DELTA: push_time(to, v->time_delta); break;
    case MS_FF_TCP_OPTIONS_SACK_LE: sack_edges(f, 0, to); break;
    case MS_FF_TCP_OPTIONS_SACK_RE: sack_edges(f, 4, to); break;
    default: analysis_values(v, field, to); break;
    }
}

/* ---- the packet list ------------------------------------------------------------------------------------------------------ */

static void put_repeat(const struct ms_stream_view *v, struct ms_buffer *t)
{
    if (v->analysis & MS_TA_FAST_RETRANSMISSION)
        ms_text_str(t, "[TCP Fast Retransmission] ");
    else if (v->analysis & MS_TA_SPURIOUS_RETRANSMISSION)
        ms_text_str(t, "[TCP Spurious Retransmission] ");
    else if (v->analysis & MS_TA_RETRANSMISSION)
        ms_text_str(t, "[TCP Retransmission] ");
    if (v->analysis & MS_TA_OUT_OF_ORDER)
        ms_text_str(t, "[TCP Out-Of-Order] ");
    if (v->analysis & MS_TA_DUPLICATE_ACK)
        ms_text_format(t, "[TCP Dup ACK %llu#%u] ", (unsigned long long)v->duplicate_ack_frame, v->duplicate_ack_number);
}

void ms_info_analysis(const struct ms_frame *f, struct ms_buffer *t)
{
    static const struct { uint32_t bit; const char *words; } before[] = {
        { MS_TA_REUSED_PORTS, "[TCP Port numbers reused] " }, { MS_TA_LOST_SEGMENT, "[TCP Previous segment not captured] " },
        { MS_TA_ACKED_UNSEEN, "[TCP ACKed unseen segment] " },
    }, after[] = {
        { MS_TA_ZERO_WINDOW_PROBE, "[TCP ZeroWindowProbe] " }, { MS_TA_ZERO_WINDOW_PROBE_ACK, "[TCP ZeroWindowProbeAck] " },
        { MS_TA_ZERO_WINDOW, "[TCP ZeroWindow] " }, { MS_TA_WINDOW_FULL, "[TCP Window Full] " },
        { MS_TA_WINDOW_UPDATE, "[TCP Window Update] " }, { MS_TA_KEEP_ALIVE, "[TCP Keep-Alive] " },
        { MS_TA_KEEP_ALIVE_ACK, "[TCP Keep-Alive ACK] " },
    };
    if (!f->has_stream)
        return;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        ms_text_str(t, f->stream.analysis & before[i].bit ? before[i].words : "");
    put_repeat(&f->stream, t);
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        ms_text_str(t, f->stream.analysis & after[i].bit ? after[i].words : "");
}

static void put_flags(unsigned flags, struct ms_buffer *t)
{
    static const struct { unsigned flag; const char *name; } names[] = {
        { MS_FIN, "FIN" }, { MS_SYN, "SYN" }, { MS_RST, "RST" }, { MS_PSH, "PSH" },
        { MS_ACK, "ACK" }, { MS_URG, "URG" }, { MS_ECE, "ECE" }, { MS_CWR, "CWR" },
    };
    const char *comma = "";
    ms_text_str(t, "[");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flags & names[i].flag) {
            ms_text_format(t, "%s%s", comma, names[i].name);
            comma = ", ";
        }
    ms_text_str(t, flags ? "]" : "<None>]");
}

static void put_option(const struct ms_frame *f, struct ms_bytes o, struct ms_buffer *t)
{
    if (o.p[0] == 2 && o.n == 4)
        ms_text_format(t, " MSS=%u", ms_be16(o.p + 2));
    else if (o.p[0] == 4)
        ms_text_str(t, " SACK_PERM");
    else if (o.p[0] == 8 && o.n == 10)
        ms_text_format(t, " TSval=%u TSecr=%u", ms_be32(o.p + 2), ms_be32(o.p + 6));
    else if (o.p[0] == 3 && o.n == 3)
        ms_text_format(t, " WS=%u", 1u << (o.p[2] < 14 ? o.p[2] : 14));
    for (size_t i = 2; o.p[0] == 5 && i + 8 <= o.n; i += 8)
        ms_text_format(t, " SLE=%u SRE=%u", ms_be32(o.p + i) - f->stream.ack_base, ms_be32(o.p + i + 4) - f->stream.ack_base);
}

bool ms_info_tcp(const struct ms_frame *f, struct ms_frame_line *out)
{
    const struct ms_segment *s = &f->segment;
    struct ms_buffer        *t = &out->info;
    struct ms_tcp_header     h;
    struct ms_bytes          o;
    size_t                   at = 0;
    if (!f->has_stream)
        return false;
    ms_text_str(&out->protocol, "TCP");
    ms_text_format(t, "%u \xe2\x86\x92 %u ", s->src_port, s->dst_port);
    put_flags(s->flags, t);
    ms_text_format(t, " Seq=%u", s->seq - f->stream.seq_base);
    if (s->flags & MS_ACK)
        ms_text_format(t, " Ack=%u", relative_ack(f));
    ms_text_format(t, " Win=%u Len=%u", f->stream.window, s->payload_length);
    if (ms_tcp_header_next(f, &at, &h))
        for (struct ms_bytes options = ms_tail(h.bytes, 20); ms_tcp_option_next(&options, &o);)
            put_option(f, o, t);
    return true;
}
