#include "sink/stats_endpoints.h"

#include "base/hash.h"
#include "base/text.h"
#include "sink/stats.h"

#include <stdlib.h>

enum { NAMES_KEPT = 4, NAME_BYTES = 64 };

struct host {
    uint8_t         ip[16];
    uint32_t        protocols;      /* bit by enum ms_protocol */
    struct ms_bytes names[NAMES_KEPT];
    uint32_t        name_count;     /* of those kept */
    bool            more_names;
    uint64_t        as[2];          /* sessions as client, as server */
    uint64_t        sessions, failed, frames, sent, received, messages_sent, messages_received, failed_logins, errors;
};

struct ms_endpoints { struct ms_map rows; struct host other; };

struct ms_endpoints *ms_endpoints_create(uint32_t rows)
{
    struct ms_endpoints *e = ms_alloc(sizeof *e);
    e->rows.cap = rows;
    return e;
}

void ms_endpoints_destroy(struct ms_endpoints *e)
{
    if (e)
        ms_map_finish(&e->rows);
    ms_free(e);
}

/* ---- records in ------------------------------------------------------------------------------------------------ */

static struct host *host_at(struct ms_endpoints *e, const uint8_t ip[16])
{
    void **at = ms_map_put(&e->rows, (struct ms_bytes){ ip, 16 });
    if (!at)
        return &e->other;
    if (!*at) {
        struct host *h = *at = ms_arena_alloc(&e->rows.arena, sizeof *h);
        memcpy(h->ip, ip, 16);
    }
    return *at;
}

static void add_name(struct ms_endpoints *e, struct host *h, struct ms_bytes name)
{
    name = ms_head(name, NAME_BYTES);
    if (name.n == 0 || h == &e->other)
        return;
    for (uint32_t i = 0; i < h->name_count; i++)
        if (ms_equal_nocase(h->names[i], name))
            return;
    if (h->name_count < NAMES_KEPT)
        h->names[h->name_count++] = ms_arena_keep(&e->rows.arena, name);
    else
        h->more_names = true;
}

static uint64_t errors_of(const struct ms_session *s)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < s->code_count; i++)
        n += ms_code_refuses(s->codes[i].code) ? s->codes[i].count : 0;
    return n;
}

/* All attempts but the one that went through, if one did. */
static uint64_t failed_logins_of(const struct ms_session *s) { return s->auth_attempts - (s->auth_result == 1 && s->auth_attempts ? 1u : 0u); }

static void count(struct host *h, const struct ms_session *s)
{
    h->sessions++;
    h->failed += ms_stats_failed(s);
    h->frames += s->frame_count;
    h->failed_logins += failed_logins_of(s);
    h->errors += errors_of(s);
}

void ms_endpoints_session(void *endpoints, const struct ms_session *s)
{
    struct ms_endpoints      *e = endpoints;
    const struct ms_endpoint *ends[] = { &s->client, &s->server };
    struct host              *hosts[] = { host_at(e, s->client.ip), host_at(e, s->server.ip) };
    for (int d = 0; d < 2; d++) {
        struct host *h = hosts[d];
        if (d == MS_C2S || h != hosts[MS_C2S])
            count(h, s);
        h->as[d]++;
        h->sent += s->bytes[d];
        h->received += s->bytes[1 - d];
        h->protocols |= 1u << s->protocol;
        add_name(e, h, ends[d]->name);
    }
}

void ms_endpoints_message(void *endpoints, const struct ms_message *m)
{
    struct ms_endpoints *e = endpoints;
    bool                 down = m->direction == MS_RETRIEVED;
    if (!m->session)
        return;
    host_at(e, down ? m->session->server.ip : m->session->client.ip)->messages_sent++;
    host_at(e, down ? m->session->client.ip : m->session->server.ip)->messages_received++;
}

/* ---- rows out -------------------------------------------------------------------------------------------------- */

static const struct ms_table_column columns[] = {
    { "ADDRESS", "address", false }, { "ROLE", "role", false }, { "PROTO", "protocol", false }, { "SESSIONS", "sessions", true },
    { "FAILED", "failed", true }, { "FRAMES", "frames", true }, { "SENT", "bytes_sent", true }, { "RECEIVED", "bytes_received", true },
    { "MSGS-OUT", "messages_sent", true }, { "MSGS-IN", "messages_received", true }, { "LOGINS-FAILED", "failed_logins", true },
    { "ERRORS", "errors", true }, { "NAMES", "names", false },
};

static void put_address(struct ms_rows *rows, struct ms_buffer *text, const struct host *h, bool other)
{
    text->n = 0;
    if (other)
        ms_text_str(text, "other");
    else
        ms_text_address(text, h->ip);
    ms_rows_cell(rows, ms_buffer_bytes(text));
}

static void put_protocols(struct ms_rows *rows, struct ms_buffer *text, const struct host *h)
{
    text->n = 0;
    for (int p = MS_PROTO_NONE + 1; p < MS_PROTO_COUNT; p++) {
        if (!(h->protocols >> p & 1))
            continue;
        ms_text_str(text, text->n ? "," : "");
        ms_text_str(text, ms_protocol_name((enum ms_protocol)p));
    }
    ms_rows_cell(rows, ms_buffer_bytes(text));
}

static void put_names(struct ms_rows *rows, struct ms_buffer *text, const struct host *h)
{
    text->n = 0;
    for (uint32_t i = 0; i < h->name_count; i++) {
        ms_text_str(text, i ? "," : "");
        ms_text_add(text, h->names[i]);
    }
    ms_text_str(text, h->more_names ? ",..." : "");
    ms_rows_cell(rows, ms_buffer_bytes(text));
}

static void put_row(struct ms_rows *rows, struct ms_buffer *text, const struct host *h, bool other)
{
    const uint64_t numbers[] = { h->sessions, h->failed, h->frames, h->sent, h->received, h->messages_sent, h->messages_received,
                                 h->failed_logins, h->errors };
    put_address(rows, text, h, other);
    ms_rows_cell(rows, h->as[0] && h->as[1] ? MS_LIT("client,server") : h->as[1] ? MS_LIT("server") : MS_LIT("client"));
    put_protocols(rows, text, h);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ms_rows_u64(rows, numbers[i]);
    put_names(rows, text, h);
}

static int busiest_first(const void *a, const void *b)
{
    const struct host *x = *(struct host *const *)a, *y = *(struct host *const *)b;
    if (x->sessions != y->sessions)
        return x->sessions > y->sessions ? -1 : 1;
    return memcmp(x->ip, y->ip, 16);
}

bool ms_endpoints_print(struct ms_endpoints *e, enum ms_format format, FILE *out)
{
    uint32_t         n = e->rows.count;
    struct host    **all = ms_alloc((n + 1) * sizeof *all);
    struct ms_buffer text = { 0 };
    struct ms_rows  *rows = ms_rows_open(format, out, columns, sizeof columns / sizeof *columns);
    for (uint32_t i = 0; i < n; i++)
        all[i] = e->rows.entries[i].value;
    qsort(all, n, sizeof *all, busiest_first);
    for (uint32_t i = 0; i < n; i++)
        put_row(rows, &text, all[i], false);
    if (e->other.sessions)
        put_row(rows, &text, &e->other, true);
    ms_free(all);
    ms_buffer_finish(&text);
    return ms_rows_close(rows);
}
