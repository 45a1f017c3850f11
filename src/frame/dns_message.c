#include "frame/dns_message.h"

enum { HEADER = 12, NAME_WIRE = 255 };

static size_t finish(struct ms_dns_shown *out)
{
    static const char root[] = "<Root>";
    if (out->n) {
        out->n--; /* the final dot */
        return 1;
    }
    memcpy(out->text, root, sizeof root - 1);
    out->n = sizeof root - 1;
    return 1;
}

size_t ms_dns_shown_name(struct ms_bytes message, size_t at, struct ms_dns_shown *out)
{
    enum { MOST_JUMPS = NAME_WIRE / 2 }; /* more than a name has labels */
    size_t after = 0, start = at, jumps = 0;
    out->n = out->labels = 0;
    while (at < message.n) {
        size_t length = message.p[at];
        if (length == 0) {
            finish(out);
            return after ? after : at + 1;
        }
        if (length >= 0xc0) {
            size_t to = at + 1 < message.n ? ms_be16(message.p + at) & 0x3fffu : message.n;
            if (to >= start || ++jumps > MOST_JUMPS)
                return 0;
            after = after ? after : at + 2;
            at = start = to;
            continue;
        }
        if (length & 0xc0 || at + 1 + length > message.n || out->n + length + 1 > NAME_WIRE)
            return 0;
        memcpy(out->text + out->n, message.p + at + 1, length);
        out->text[out->n + length] = '.';
        out->n += length + 1;
        out->labels++;
        at += 1 + length;
    }
    return 0;
}

bool ms_dns_items_begin(struct ms_dns_items *w, struct ms_bytes message)
{
    if (message.n < HEADER)
        return false;
    *w = (struct ms_dns_items){ .message = message, .at = HEADER };
    for (int i = 0; i < 4; i++)
        w->left[i] = ms_be16(message.p + 4 + 2 * i);
    return true;
}

bool ms_dns_items_next(struct ms_dns_items *w, struct ms_dns_item *out)
{
    while (w->section < 4 && w->left[w->section] == 0)
        w->section++;
    if (w->section == 4)
        return false;
    size_t at = ms_dns_shown_name(w->message, w->at, &out->name);
    size_t fixed = w->section ? 10 : 4;
    if (at == 0 || w->message.n < at + fixed)
        return false;
    const uint8_t *p = w->message.p + at;
    out->section = (uint8_t)w->section;
    out->type = ms_be16(p);
    out->class_ = ms_be16(p + 2);
    out->ttl = w->section ? ms_be32(p + 4) : 0;
    out->length = w->section ? ms_be16(p + 8) : 0;
    out->at = at + fixed;
    out->data = ms_slice(w->message, out->at, out->length);
    w->at = out->at + out->length;
    w->left[w->section]--;
    return true;
}
