/* The table of fields, and who gives their values. */
#include "frame/frame.h"

#include "frame/words.h"

const struct ms_field ms_frame_fields[MS_FF_COUNT] = {
#define X(id, name_, type_, base_, bits_, words_, title_, help_)                                                     \
    [MS_FF_##id] = { .name = name_, .type = MS_FT_##type_, .base = MS_FB_##base_, .bits = bits_, .title = title_, \
                     .help = help_, .words = words_ },
#include "frame/fields/all.def"
#undef X
};

/* The group of each field; the order is that of all.def. */
static const uint8_t group_of[MS_FF_COUNT] = {
#define X(id, name, type, base, bits, words, title, help) MS_FG_FRAME,
#include "frame/fields/frame.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_LINK,
#include "frame/fields/link.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_IP,
#include "frame/fields/ip.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_TCP,
#include "frame/fields/tcp.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_STREAM,
#include "frame/fields/stream.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_UDP,
#include "frame/fields/udp.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_DNS,
#include "frame/fields/dns.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_TLS,
#include "frame/fields/tls.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_SMTP,
#include "frame/fields/smtp.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_POP,
#include "frame/fields/pop.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_IMAP,
#include "frame/fields/imap.def"
#undef X
#define X(id, name, type, base, bits, words, title, help) MS_FG_IMF,
#include "frame/fields/imf.def"
#undef X
};

static const struct group {
    uint64_t needs; /* beside the elements of ms_frame_field_marks() */
    void   (*values)(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
} groups[MS_FG_COUNT] = {
    [MS_FG_FRAME] = { 0, ms_values_frame },
    [MS_FG_LINK] = { MS_NEED_LAYERS, ms_values_link },
    [MS_FG_IP] = { MS_NEED_LAYERS | MS_NEED_SEGMENT, ms_values_ip },
    [MS_FG_TCP] = { MS_NEED_LAYERS | MS_NEED_SEGMENT, ms_values_tcp },
    [MS_FG_STREAM] = { MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_STREAM, ms_values_stream },
    [MS_FG_UDP] = { MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_FLOWS, ms_values_udp },
    [MS_FG_DNS] = { MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_STREAM | MS_NEED_FLOWS | MS_NEED_PDUS, ms_values_dns },
    [MS_FG_TLS] = { MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_STREAM | MS_NEED_PDUS | MS_NEED_SAID(MS_ELEMENTS_ANY(1 << MS_EL_TLS_RECORD)), ms_values_tls },
    [MS_FG_SMTP] = { 0, ms_values_smtp },
    [MS_FG_POP] = { 0, ms_values_pop },
    [MS_FG_IMAP] = { 0, ms_values_imap },
    [MS_FG_IMF] = { 0, ms_values_imf },
};

/* ---- what is needed of what was said ---------------------------------------------------------------------------------- */

static unsigned smtp_kinds(enum ms_frame_field field)
{
    switch ((int)field) {
    case MS_FF_SMTP: return MS_EL_ALL;
    case MS_FF_SMTP_RSP: case MS_FF_SMTP_RESPONSE: case MS_FF_SMTP_RESPONSE_CODE: case MS_FF_SMTP_RESPONSE_CODE_UNEXPECTED:
    case MS_FF_SMTP_RSP_PARAMETER: return 1 << MS_EL_REPLY;
    case MS_FF_SMTP_REQ: case MS_FF_SMTP_COMMAND_LINE: case MS_FF_SMTP_REQ_COMMAND: case MS_FF_SMTP_REQ_PARAMETER: case MS_FF_SMTP_AUTH_USERNAME:
    case MS_FF_SMTP_AUTH_PASSWORD: case MS_FF_SMTP_AUTH_USERNAME_PASSWORD: case MS_FF_SMTP_BASE64_DECODE: return 1 << MS_EL_COMMAND | 1 << MS_EL_AUTH;
    case MS_FF_SMTP_EOM: case MS_FF_SMTP_DATA_REASSEMBLED_IN: return 1 << MS_EL_CONTENT_END;
    default: return 1 << MS_EL_FRAGMENTS;
    }
}

static unsigned pop_kinds(enum ms_frame_field field)
{
    switch ((int)field) {
    case MS_FF_POP: return MS_EL_ALL;
    case MS_FF_POP_RESPONSE: case MS_FF_POP_RESPONSE_INDICATOR: case MS_FF_POP_RESPONSE_DESCRIPTION:
    case MS_FF_POP_RESPONSE_TOT_LEN_INVALID: return 1 << MS_EL_REPLY;
    case MS_FF_POP_RESPONSE_DATA: return MS_EL_LINES | 1 << MS_EL_CONTENT;
    case MS_FF_POP_REQUEST: case MS_FF_POP_REQUEST_COMMAND: case MS_FF_POP_REQUEST_PARAMETER: case MS_FF_POP_REQUEST_DATA: return MS_EL_LINES;
    default: return 1 << MS_EL_FRAGMENTS;
    }
}

/* A field of the analysis that only segments with a flag have. */
static bool is_flag(enum ms_frame_field field) { return field == MS_FF_TCP_ANALYSIS_FLAGS || field >= MS_FF_TCP_ANALYSIS_RTO; }

uint64_t ms_frame_field_marks(enum ms_frame_field field)
{
    unsigned kinds;
    switch (group_of[field]) {
    case MS_FG_SMTP: kinds = smtp_kinds(field); return MS_ELEMENTS(MS_PROTO_SMTP, kinds) | MS_ELEMENTS(MS_PROTO_LMTP, kinds);
    case MS_FG_POP: return MS_ELEMENTS(MS_PROTO_POP3, pop_kinds(field));
    case MS_FG_IMAP: return MS_ELEMENTS(MS_PROTO_IMAP, field == MS_FF_IMAP || field == MS_FF_IMAP_ISREQUEST ? MS_EL_ALL : MS_EL_LINES);
    case MS_FG_IMF: return MS_ELEMENTS_ANY(1 << MS_EL_HEADERS);
    case MS_FG_STREAM: return is_flag(field) ? MS_MARK_ANALYSIS : 0;
    default: return 0;
    }
}

/* Those that depend on which segment an acknowledgement is for. */
static bool is_timed(enum ms_frame_field field)
{
    return field == MS_FF_TCP_ANALYSIS || field == MS_FF_TCP_ANALYSIS_ACKS_FRAME || field == MS_FF_TCP_ANALYSIS_ACK_RTT || field == MS_FF_TCP_ANALYSIS_RTO ||
           field == MS_FF_TCP_ANALYSIS_RTO_FRAME || field == MS_FF_TCP_ANALYSIS_INITIAL_RTT;
}

/* The bytes of a mail protocol are those of its segment. */
uint64_t ms_frame_field_needs(enum ms_frame_field field)
{
    bool bytes_said = field == MS_FF_SMTP || field == MS_FF_POP || field == MS_FF_IMAP;
    if (field == MS_FF_FRAME_PROTOCOLS)
        return (MS_NEED_LINE & ~(uint64_t)MS_NEED_WORDS) | MS_NEED_STREAM | MS_NEED_PDUS | MS_NEED_ELEMENTS;
    if (field == MS_FF_IP_FRAGMENT || field == MS_FF_IP_FRAGMENT_COUNT || field == MS_FF_ICMP_RESP_TO || field == MS_FF_ICMP_RESPTIME)
        return MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_FLOWS;
    bool joined = field >= MS_FF_IP_FRAGMENTS && field <= MS_FF_IP_REASSEMBLED_IN;
    bool bytes = field == MS_FF_FRAME || field == MS_FF_FRAME_CAP_LEN || field == MS_FF_FRAME_COMMENT;
    return groups[group_of[field]].needs | MS_NEED_SAID(ms_frame_field_marks(field) & ~MS_MARK_ANALYSIS) | (bytes_said || joined ? MS_NEED_SEGMENT : 0) |
           (bytes ? MS_NEED_BYTES : 0) | (is_timed(field) ? MS_NEED_TIMES : 0);
}

void ms_frame_values(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    groups[group_of[field]].values(f, field, to);
}

const struct ms_layers *ms_frame_layers(const struct ms_frame *f)
{
    struct ms_frame_layers *l = f->layers;
    if (l->known)
        return &l->of;
    ms_layers_of(f->packet->link_type, f->packet->data, f->packet->length, l->tunnel_depth, &l->of);
    if (f->joined.bytes.p)
        ms_layers_joined(&f->joined, l->tunnel_depth, &l->of);
    l->known = true;
    return &l->of;
}

const struct ms_layer_at *ms_frame_layer(const struct ms_frame *f, enum ms_layer kind, size_t *at)
{
    const struct ms_layers *l = ms_frame_layers(f);
    while (*at < l->count)
        if (l->layer[(*at)++].kind == kind)
            return &l->layer[*at - 1];
    return NULL;
}

struct ms_bytes ms_frame_shown(const struct ms_frame *f, const struct ms_element *el)
{
    static const char mask[] = "********";
    if (f->show_secrets || el->secret_n == 0)
        return el->line;
    struct ms_bytes before = ms_head(el->line, el->secret_at), after = ms_tail(el->line, el->secret_at + el->secret_n);
    uint8_t        *to = ms_arena_alloc(f->scratch, before.n + sizeof mask - 1 + after.n);
    memcpy(to, before.p, before.n);
    memcpy(to + before.n, mask, sizeof mask - 1);
    memcpy(to + before.n + sizeof mask - 1, after.p, after.n);
    return (struct ms_bytes){ to, before.n + sizeof mask - 1 + after.n };
}

struct ms_bytes ms_frame_line_of(const struct ms_frame *f, const struct ms_element *el)
{
    return f->printing ? ms_frame_shown(f, el) : el->line;
}

static bool speaks(const struct ms_element *el, enum ms_protocol protocol)
{
    bool lmtp = protocol == MS_PROTO_SMTP && el->protocol == MS_PROTO_LMTP;
    return (el->protocol == protocol || lmtp) && el->kind < MS_EL_CONTENT;
}

struct ms_bytes ms_frame_said(const struct ms_frame *f, enum ms_protocol protocol)
{
    size_t n = 0;
    bool   decrypted = false;
    for (size_t i = 0; i < f->element_count; i++) {
        n += speaks(&f->elements[i], protocol) ? f->elements[i].line.n + 2 : 0;
        decrypted |= f->elements[i].flags & MS_ELEMENT_DECRYPTED;
    }
    if (!decrypted)
        return f->decoded == MS_DECODED_TCP ? f->segment.payload : (struct ms_bytes){ 0 };
    uint8_t *p = ms_arena_alloc(f->scratch, n), *to = p;
    for (size_t i = 0; i < f->element_count; i++) {
        if (!speaks(&f->elements[i], protocol))
            continue;
        struct ms_bytes line = f->elements[i].line;
        if (line.n)
            memcpy(to, line.p, line.n);
        memcpy(to + line.n, "\r\n", 2);
        to += line.n + 2;
    }
    return (struct ms_bytes){ p, n };
}
