/* dns.*, and the line of a frame that says it. */
#include "frame/dns_message.h"

#include "base/text.h"
#include "frame/numbers.h"
#include "frame/words.h"
#include "net/dns.h"

enum { PORT = 53, UDP_HEADER = 8, INFO_RECORDS = 64 };

static const struct ms_number_at numbers[] = {
    { MS_FF_DNS_ID, 0, 2, 0, 0 }, { MS_FF_DNS_FLAGS, 2, 2, 0, 0 }, { MS_FF_DNS_FLAGS_RESPONSE, 2, 2, 0, 0x8000 },
    { MS_FF_DNS_FLAGS_OPCODE, 2, 2, 11, 0x7800 }, { MS_FF_DNS_FLAGS_TRUNCATED, 2, 2, 0, 0x0200 }, { MS_FF_DNS_FLAGS_RECDESIRED, 2, 2, 0, 0x0100 },
    { MS_FF_DNS_FLAGS_Z, 2, 2, 0, 0x0040 }, { MS_FF_DNS_FLAGS_CHECKDISABLE, 2, 2, 0, 0x0010 }, { MS_FF_DNS_COUNT_QUERIES, 4, 2, 0, 0 },
    { MS_FF_DNS_COUNT_ANSWERS, 6, 2, 0, 0 }, { MS_FF_DNS_COUNT_AUTH_RR, 8, 2, 0, 0 }, { MS_FF_DNS_COUNT_ADD_RR, 10, 2, 0, 0 },
}, answer_numbers[] = {
    { MS_FF_DNS_FLAGS_AUTHORITATIVE, 2, 2, 0, 0x0400 }, { MS_FF_DNS_FLAGS_RECAVAIL, 2, 2, 0, 0x0080 },
    { MS_FF_DNS_FLAGS_AUTHENTICATED, 2, 2, 0, 0x0020 }, { MS_FF_DNS_FLAGS_RCODE, 2, 2, 0, 0x000f },
};

/* ---- where messages are ------------------------------------------------------------------------------------------------------ */

struct place { size_t layer, pdu; bool joined; };

static bool next_message(const struct ms_frame *f, struct place *at, struct ms_bytes *out)
{
    const struct ms_layer_at *l;
    while ((l = ms_frame_layer(f, MS_L_UDP, &at->layer))) {
        struct ms_bytes b = ms_frame_bytes(f, l);
        if (b.n < UDP_HEADER || (ms_be16(b.p) != PORT && ms_be16(b.p + 2) != PORT))
            continue;
        *out = ms_tail(ms_be16(b.p + 4) >= UDP_HEADER ? ms_head(b, ms_be16(b.p + 4)) : b, UDP_HEADER);
        at->joined = true;
        if (out->n)
            return true;
    }
    if (f->decoded == MS_DECODED_UDP && !at->joined) {
        at->joined = true;
        *out = f->segment.payload;
        return out->n > 0;
    }
    for (; at->pdu < f->pdu_count; at->pdu++)
        if (f->pdus[at->pdu].kind == MS_PDU_DNS) {
            *out = f->pdus[at->pdu++].body;
            return true;
        }
    return false;
}

/* ---- values -------------------------------------------------------------------------------------------------------------------- */

static void push_text(const struct ms_frame *f, struct ms_bytes text, struct ms_value_sink *to)
{
    ms_value_push(to, ms_value_string(ms_arena_keep(f->scratch, text)));
}

static void question_values(const struct ms_frame *f, const struct ms_dns_item *q, enum ms_frame_field field, struct ms_value_sink *to)
{
    bool root = q->name.labels == 0;
    switch (field) {
    case MS_FF_DNS_QRY_NAME: push_text(f, (struct ms_bytes){ q->name.text, q->name.n }, to); break;
    case MS_FF_DNS_QRY_NAME_LEN: ms_value_push(to, ms_value_uint(root ? 6 : q->name.n)); break;
    case MS_FF_DNS_COUNT_LABELS: ms_value_push(to, ms_value_uint(q->name.labels)); break;
    case MS_FF_DNS_QRY_TYPE: ms_value_push(to, ms_value_uint(q->type)); break;
    case MS_FF_DNS_QRY_CLASS: ms_value_push(to, ms_value_uint(q->class_)); break;
    default: break;
    }
}

static void record_values(const struct ms_frame *f, struct ms_bytes message, const struct ms_dns_item *r, enum ms_frame_field field, struct ms_value_sink *to)
{
    bool edns = r->type == MS_DNS_OPT; /* its class and TTL are others */
    switch (field) {
    case MS_FF_DNS_RESP_NAME: push_text(f, (struct ms_bytes){ r->name.text, r->name.n }, to); break;
    case MS_FF_DNS_RESP_TYPE: ms_value_push(to, ms_value_uint(r->type)); break;
    case MS_FF_DNS_RESP_CLASS: if (!edns) ms_value_push(to, ms_value_uint(r->class_)); break;
    case MS_FF_DNS_RESP_TTL: if (!edns) ms_value_push(to, ms_value_uint(r->ttl)); break;
    case MS_FF_DNS_RESP_LEN: ms_value_push(to, ms_value_uint(r->length)); break;
    default: ms_values_dns_data(f, message, r, field, to); break;
    }
}

static void message_values(const struct ms_frame *f, struct ms_bytes m, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_dns_items items;
    struct ms_dns_item  item;
    if (field == MS_FF_DNS)
        ms_value_push(to, ms_value_protocol(m));
    else if (field == MS_FF_DNS_LENGTH && f->decoded == MS_DECODED_TCP)
        ms_value_push(to, ms_value_uint(m.n));
    else if (MS_NUMBER_PUSH(numbers, m, field, to) || (ms_at(m, 2) & 0x80 && MS_NUMBER_PUSH(answer_numbers, m, field, to)))
        return;
    else if (field == MS_FF_DNS_FLAGS_AUTHENTICATED && ms_at(m, 3) & 0x20) /* of a query: it is asked for */
        ms_value_push(to, ms_value_bool(true));
    else if (field >= MS_FF_DNS_QRY_NAME && ms_dns_items_begin(&items, m))
        while (!to->full && ms_dns_items_next(&items, &item)) {
            if (item.section == 0)
                question_values(f, &item, field, to);
            else
                record_values(f, m, &item, field, to);
        }
}

static void pair_values(const struct ms_pair_seen *d, bool response, enum ms_frame_field field, struct ms_value_sink *to)
{
    switch (field) {
    case MS_FF_DNS_RESPONSE_TO: if (d->request) ms_value_push(to, ms_value_frame(d->request)); break;
    case MS_FF_DNS_TIME: if (d->request) ms_value_push(to, ms_value_duration(d->took)); break;
    case MS_FF_DNS_RETRANSMISSION: if (d->repeats) ms_value_push(to, ms_value_bool(true)); break;
    case MS_FF_DNS_RETRANSMIT_REQUEST_IN: if (d->repeats && !response) ms_value_push(to, ms_value_frame(d->repeats)); break;
    case MS_FF_DNS_RETRANSMIT_RESPONSE_IN: if (d->repeats && response) ms_value_push(to, ms_value_frame(d->repeats)); break;
    case MS_FF_DNS_UNSOLICITED: if (d->unsolicited) ms_value_push(to, ms_value_bool(true)); break;
    default: break;
    }
}

void ms_values_dns(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct place    at = { 0 };
    struct ms_bytes m;
    while (next_message(f, &at, &m)) {
        if (field >= MS_FF_DNS_RESPONSE_TO) {
            pair_values(&f->dns, ms_at(m, 2) & 0x80, field, to);
            return;
        }
        message_values(f, m, field, to);
    }
}

/* ---- the packet list ---------------------------------------------------------------------------------------------------------- */

static void put_name(struct ms_bytes message, size_t at, struct ms_buffer *t)
{
    struct ms_dns_shown name;
    if (ms_dns_shown_name(message, at, &name)) {
        ms_text_char(t, ' ');
        ms_text_add(t, (struct ms_bytes){ name.text, name.n });
    }
}

static void put_address(const struct ms_dns_item *r, struct ms_buffer *t)
{
    size_t  n = r->type == MS_DNS_A ? 4 : 16;
    uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };
    if (r->data.n < n)
        return;
    memcpy(ip + 16 - n, r->data.p, n);
    ms_text_char(t, ' ');
    ms_text_address(t, ip);
}

static void put_record(struct ms_bytes message, const struct ms_dns_item *r, struct ms_buffer *t)
{
    char scratch[12];
    ms_text_format(t, " %s", ms_dns_type_name(r->type, scratch));
    switch (r->type) {
    case MS_DNS_A: case MS_DNS_AAAA: put_address(r, t); break;
    case MS_DNS_NS: case MS_DNS_CNAME: case MS_DNS_PTR: case MS_DNS_SOA: put_name(message, r->at, t); break;
    case MS_DNS_MX:
        if (r->data.n < 2)
            break;
        ms_text_format(t, " %u", ms_be16(r->data.p));
        put_name(message, r->at + 2, t);
        break;
    case MS_DNS_SRV:
        if (r->data.n < 6)
            break;
        ms_text_format(t, " %u %u %u", ms_be16(r->data.p), ms_be16(r->data.p + 2), ms_be16(r->data.p + 4));
        put_name(message, r->at + 6, t);
        break;
    default: break;
    }
}

static void put_message(struct ms_bytes m, struct ms_buffer *t)
{
    struct ms_dns_items items;
    struct ms_dns_item  item;
    char                scratch[12];
    if (!ms_dns_items_begin(&items, m))
        return;
    unsigned    flags = ms_be16(m.p + 2);
    const char *opcode = ms_word_of(ms_words_dns_opcode, flags >> 11 & 15);
    const char *rcode = flags & 0x8000 && flags & 15 ? ms_word_of(ms_words_dns_rcode, flags & 15) : NULL;
    if (opcode)
        ms_text_str(t, opcode);
    else
        ms_text_format(t, "Unknown operation (%u)", flags >> 11 & 15);
    ms_text_format(t, " %s0x%04x%s%s", flags & 0x8000 ? "response " : "", ms_be16(m.p), rcode ? " " : "", rcode ? rcode : "");
    for (int i = 0; i < INFO_RECORDS && ms_dns_items_next(&items, &item); i++) {
        if (item.section) {
            put_record(m, &item, t);
            continue;
        }
        ms_text_format(t, " %s ", ms_dns_type_name(item.type, scratch));
        ms_text_add(t, (struct ms_bytes){ item.name.text, item.name.n });
    }
}

bool ms_info_dns(const struct ms_frame *f, struct ms_frame_line *out)
{
    struct place    at = { 0 };
    struct ms_bytes m;
    bool            any = false;
    if (ms_frame_layers(f)->quoted < ms_frame_layers(f)->count)
        return false;
    for (; next_message(f, &at, &m); any = true) {
        if (any)
            ms_text_str(&out->info, "  , ");
        put_message(m, &out->info);
    }
    if (any)
        ms_text_str(&out->protocol, "DNS");
    return any;
}
