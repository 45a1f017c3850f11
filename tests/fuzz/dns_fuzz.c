/* tests/fuzz/dns_fuzz.c - messages between a few machines: {flags, seconds and tenths since the last, length, data}.
 *
 * Properties   every lookup handed up has a name that is text and a time order that makes sense; a message cut anywhere is refused, or says
 *              the same question; names found are text. */
#include "base/hash.h"
#include "net/dns_private.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_text(struct ms_bytes name)
{
    check(name.n <= MS_DNS_NAME_TEXT);
    for (size_t i = 0; i < name.n; i++)
        check(name.p[i] > ' ' && name.p[i] < 0x7f && !(name.p[i] >= 'A' && name.p[i] <= 'Z'));
}

struct seen { uint64_t lookups; };

static void lookup(void *ctx, const struct ms_lookup *l)
{
    struct seen *s = ctx;
    s->lookups++;
    check_text(l->name);
    check(l->answer_count <= MS_DNS_ANSWERS && (l->frame || (l->answered && l->tries == 0)));
    check(l->answered == (l->answer_frame != 0) && (l->replied == MS_UNKNOWN) == !l->answered);
    check(!l->truncated || l->answered);
    for (size_t i = 0; i < l->answer_count; i++) {
        check_text(l->answers[i].name);
        if (l->answers[i].type != MS_DNS_TXT && l->answers[i].type != MS_DNS_TLSA)
            check_text(l->answers[i].target);
    }
}

static void check_cut(struct ms_bytes m, size_t cut)
{
    struct ms_dns_scratch *a = ms_alloc(sizeof *a), *b = ms_alloc(sizeof *b);
    struct ms_dns_read     whole, part;
    uint8_t               *copy = malloc(cut ? cut : 1); /* exact size */
    if (cut)
        memcpy(copy, m.p, cut);
    bool has_whole = ms_dns_read(m, a, &whole), has_part = ms_dns_read((struct ms_bytes){ copy, cut }, b, &part);
    check(has_whole || !has_part);
    if (has_part) {
        check(ms_equal(whole.name, part.name) && whole.type == part.type && whole.response == part.response && whole.id == part.id);
        check(part.answer_count <= whole.answer_count && (part.answer_count == whole.answer_count || part.incomplete));
        for (size_t i = 0; i < part.answer_count; i++)
            check(ms_equal(whole.answers[i].name, part.answers[i].name) && ms_equal(whole.answers[i].target, part.answers[i].target));
    }
    free(copy);
    ms_free(a);
    ms_free(b);
}

static struct ms_endpoint machine(unsigned i, bool resolver, bool odd_port)
{
    struct ms_endpoint e = { .port = resolver ? 53 : odd_port ? 1053 : 1054 };
    e.ip[15] = (uint8_t)(i + (resolver ? 8 : 0));
    return e;
}

static void ask_names(const struct ms_dns *d)
{
    for (unsigned i = 0; i < 16; i++) {
        uint8_t            ip[16] = { [10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = (uint8_t)i };
        struct ms_endpoint client = machine(i & 3, false, false);
        struct ms_dns_name name;
        if (ms_dns_name_of(d, client.ip, ip, &name))
            check_text(name.name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    if (!ready)
        ms_hash_init();
    ready = true;
    struct ms_limits limits = ms_limits_tiny();
    struct seen      seen = { 0 };
    struct ms_dns   *d = ms_dns_create(&limits, &(struct ms_dns_sink){ .lookup = lookup, .ctx = &seen });
    struct ms_cur    c = { { data, size }, false };
    int64_t          time = 0;
    for (uint64_t frame = 1; c.rest.n; frame++) {
        unsigned flags = ms_take_u8(&c);
        time += (int64_t)ms_take_u8(&c) * (flags & 64 ? 1000000000 : 100000000);
        size_t               length = ms_take_be16(&c);
        struct ms_bytes      m = ms_take(&c, length < c.rest.n ? length : c.rest.n);
        struct ms_endpoint   client = machine(flags & 3, false, flags & 4), resolver = machine(flags >> 3 & 1, true, false);
        bool                 up = m.n > 2 && m.p[2] & 0x80;
        struct ms_dns_packet p = { up ? resolver : client, up ? client : resolver, m, flags & 32, false, frame, time };
        ms_dns_message(d, &p);
        check_cut(m, m.n ? m.p[m.n / 2] * m.n >> 8 : 0);
        ask_names(d);
    }
    ms_dns_finish(d);
    ms_dns_destroy(d);
    return 0;
}
