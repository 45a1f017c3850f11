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

#define X(id, name, type, base, bits, words, title, help) +1
enum {
    FRAME_END = 0
#include "frame/fields/frame.def"
    , LINK_END = FRAME_END
#include "frame/fields/link.def"
    , IP_END = LINK_END
#include "frame/fields/ip.def"
    , TCP_END = IP_END
#include "frame/fields/tcp.def"
    , STREAM_END = TCP_END
#include "frame/fields/stream.def"
    , UDP_END = STREAM_END
#include "frame/fields/udp.def"
    , DNS_END = UDP_END
#include "frame/fields/dns.def"
    , TLS_END = DNS_END
#include "frame/fields/tls.def"
    , SMTP_END = TLS_END
#include "frame/fields/smtp.def"
    , POP_END = SMTP_END
#include "frame/fields/pop.def"
    , IMAP_END = POP_END
#include "frame/fields/imap.def"
};
#undef X

struct group {
    unsigned end; /* the first field behind it */
    uint32_t needs;
    void   (*values)(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
};

static const struct group groups[MS_FG_COUNT] = {
    [MS_FG_FRAME] = { FRAME_END, 0, ms_values_frame },
    [MS_FG_LINK] = { LINK_END, MS_NEED_LAYERS, ms_values_link },
    [MS_FG_IP] = { IP_END, MS_NEED_LAYERS | MS_NEED_SEGMENT, ms_values_ip },
    [MS_FG_TCP] = { TCP_END, MS_NEED_LAYERS | MS_NEED_SEGMENT, ms_values_tcp },
    [MS_FG_STREAM] = { STREAM_END, MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_STREAM, ms_values_stream },
    [MS_FG_UDP] = { UDP_END, MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_FLOWS, ms_values_udp },
    [MS_FG_DNS] = { DNS_END, MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_STREAM | MS_NEED_FLOWS | MS_NEED_PDUS, ms_values_dns },
    [MS_FG_TLS] = { TLS_END, MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_STREAM | MS_NEED_PDUS | MS_NEED_ELEMENTS, ms_values_tls },
    [MS_FG_SMTP] = { SMTP_END, MS_NEED_ELEMENTS, ms_values_smtp },
    [MS_FG_POP] = { POP_END, MS_NEED_ELEMENTS, ms_values_pop },
    [MS_FG_IMAP] = { IMAP_END, MS_NEED_ELEMENTS, ms_values_imap },
    [MS_FG_IMF] = { MS_FF_COUNT, MS_NEED_ELEMENTS | MS_NEED_HEADERS, ms_values_imf },
};

static const struct group *group_of(enum ms_frame_field field)
{
    const struct group *g = groups;
    while (field >= g->end)
        g++;
    return g;
}

/* The bytes of a mail protocol are those of its segment. */
uint32_t ms_frame_field_needs(enum ms_frame_field field)
{
    bool said = field == MS_FF_SMTP || field == MS_FF_POP || field == MS_FF_IMAP;
    if (field == MS_FF_FRAME_PROTOCOLS)
        return MS_NEED_LINE & ~(uint32_t)MS_NEED_FLOWS;
    if (field == MS_FF_IP_FRAGMENT || field == MS_FF_IP_FRAGMENT_COUNT)
        return MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_FLOWS;
    bool joined = field >= MS_FF_IP_FRAGMENTS && field <= MS_FF_IP_REASSEMBLED_IN;
    bool bytes = field == MS_FF_FRAME || field == MS_FF_FRAME_CAP_LEN;
    bool fragments = (field >= MS_FF_SMTP_DATA_FRAGMENTS && field <= MS_FF_SMTP_DATA_REASSEMBLED_LENGTH) ||
                     (field >= MS_FF_POP_DATA_FRAGMENTS && field <= MS_FF_POP_DATA_REASSEMBLED_LENGTH);
    return group_of(field)->needs | (said || joined ? MS_NEED_SEGMENT : 0) | (bytes ? MS_NEED_BYTES : 0) | (fragments ? MS_NEED_FRAGMENTS : 0);
}

bool ms_frame_field_is_said(enum ms_frame_field field) { return group_of(field) >= &groups[MS_FG_SMTP]; }

void ms_frame_values(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    group_of(field)->values(f, field, to);
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
