#include "sink/stats_tls.h"

#include "base/hash.h"
#include "base/text.h"
#include "sink/tls_words.h"

#include <stdlib.h>


struct server {
    struct ms_endpoint at;
    uint8_t            protocol, transport;
    bool               certified, other;
    uint16_t           version, cipher;
    struct ms_bytes    sni, subject, common_name, issuer, key, signature;
    uint8_t            sha256[32];
    int64_t            not_before, not_after, last_seen; /* last_seen: start of the latest session */
    uint64_t           sessions, failed, resumed, read, unread, first_frame;
};

struct ms_inventory { struct ms_map rows; struct server other; };

struct ms_inventory *ms_inventory_create(uint32_t rows)
{
    struct ms_inventory *v = ms_alloc(sizeof *v);
    v->rows.cap = rows;
    v->other = (struct server){ .other = true, .not_before = MS_UNKNOWN, .not_after = MS_UNKNOWN, .last_seen = MS_UNKNOWN };
    return v;
}

void ms_inventory_destroy(struct ms_inventory *v)
{
    if (v)
        ms_map_finish(&v->rows);
    ms_free(v);
}

/* ---- sessions in --------------------------------------------------------------------------------------------- */

enum { KEY_BASE = 16 + 2 + 2 + 2, KEY_FULL = KEY_BASE + 32 };

static const struct ms_certificate *leaf_of(const struct ms_session *s)
{
    return s->tls && s->tls->certificate_count ? &s->tls->certificates[0] : NULL;
}

static void make_key(uint8_t key[KEY_BASE], const struct ms_session *s)
{
    const uint16_t numbers[] = { s->server.port, s->tls ? s->tls->version : 0, s->tls ? s->tls->cipher : 0 };
    memcpy(key, s->server.ip, 16);
    for (int i = 0; i < 3; i++) {
        key[16 + 2 * i] = (uint8_t)(numbers[i] >> 8);
        key[17 + 2 * i] = (uint8_t)numbers[i];
    }
}

static struct server *row_at(struct ms_inventory *v, const struct ms_session *s, struct ms_bytes key)
{
    void **at = ms_map_put(&v->rows, key);
    if (!at)
        return &v->other;
    if (*at)
        return *at;
    struct server *r = *at = ms_arena_alloc(&v->rows.arena, sizeof *r);
    *r = (struct server){ .at = s->server, .protocol = s->protocol, .transport = s->transport, .first_frame = s->first_frame,
                          .not_before = MS_UNKNOWN, .not_after = MS_UNKNOWN, .last_seen = MS_UNKNOWN };
    r->at.name = ms_arena_keep(&v->rows.arena, s->server.name);
    r->version = s->tls ? s->tls->version : 0;
    r->cipher = s->tls ? s->tls->cipher : 0;
    return r;
}

/* The row of its server, version and cipher while that one has no certificate or the same one; else one of its own. */
static struct server *row_of(struct ms_inventory *v, const struct ms_session *s)
{
    uint8_t                      key[KEY_FULL];
    const struct ms_certificate *leaf = leaf_of(s);
    make_key(key, s);
    struct server *base = row_at(v, s, (struct ms_bytes){ key, KEY_BASE });
    if (!leaf || !base->certified || memcmp(base->sha256, leaf->sha256, sizeof base->sha256) == 0)
        return base;
    memcpy(key + KEY_BASE, leaf->sha256, sizeof leaf->sha256);
    return row_at(v, s, (struct ms_bytes){ key, KEY_FULL });
}

static void keep_certificate(struct ms_arena *a, struct server *r, const struct ms_certificate *c)
{
    r->certified = true;
    r->subject = ms_arena_keep(a, c->subject);
    r->common_name = ms_arena_keep(a, c->common_name.n ? c->common_name : c->name_count ? c->names[0] : c->subject);
    r->issuer = ms_arena_keep(a, c->issuer);
    r->key = ms_arena_keep(a, c->key);
    r->signature = ms_arena_keep(a, c->signature);
    memcpy(r->sha256, c->sha256, sizeof r->sha256);
    r->not_before = c->not_before;
    r->not_after = c->not_after;
}

static void count(struct server *r, const struct ms_session *s)
{
    enum ms_tls_reading reading = ms_tls_reading_of(s);
    r->sessions++;
    r->failed += s->outcome == MS_OUTCOME_TLS_FAILED;
    r->resumed += s->tls && s->tls->flags & MS_TLS_RESUMED;
    r->read += reading == MS_TLS_READ;
    r->unread += reading == MS_TLS_UNREAD || reading == MS_TLS_PARTLY; /* keys are missing */
    if (r->last_seen == MS_UNKNOWN || s->started > r->last_seen)
        r->last_seen = s->started;
}

void ms_inventory_session(void *inventory, const struct ms_session *s)
{
    struct ms_inventory *v = inventory;
    if (ms_tls_reading_of(s) == MS_TLS_NONE)
        return;
    struct server *r = row_of(v, s);
    count(r, s);
    if (!r->certified && !r->other && leaf_of(s))
        keep_certificate(&v->rows.arena, r, leaf_of(s));
    if (r->sni.n == 0 && !r->other && s->tls)
        r->sni = ms_arena_keep(&v->rows.arena, s->tls->sni);
}

/* ---- rows out ------------------------------------------------------------------------------------------------ */

struct printer { struct ms_rows *rows; struct ms_buffer text; bool table; };

static void put_address(struct printer *p, const struct server *r)
{
    p->text.n = 0;
    if (r->other)
        ms_text_str(&p->text, "other");
    else
        ms_text_address(&p->text, r->at.ip);
    ms_rows_cell(p->rows, ms_buffer_bytes(&p->text));
}

static void put_port(struct printer *p, const struct server *r)
{
    if (r->other)
        ms_rows_cell(p->rows, (struct ms_bytes){ 0 });
    else
        ms_rows_u64(p->rows, r->at.port);
}

/* A day for people, a time for programs. */
static void put_date(struct printer *p, int64_t when)
{
    p->text.n = 0;
    if (when != MS_UNKNOWN)
        ms_text_time(&p->text, when, 0);
    ms_rows_cell(p->rows, p->table ? ms_head(ms_buffer_bytes(&p->text), 10) : ms_buffer_bytes(&p->text));
}

/* Whole days that the certificate was still valid when the server was last seen; negative: it had expired. */
static void put_days(struct printer *p, const struct server *r)
{
    int64_t left;
    p->text.n = 0;
    if (r->not_after != MS_UNKNOWN && r->last_seen != MS_UNKNOWN && !__builtin_sub_overflow(r->not_after, r->last_seen, &left))
        ms_text_format(&p->text, "%lld", (long long)ms_days_floor(left));
    ms_rows_cell(p->rows, ms_buffer_bytes(&p->text));
}

static void put_hex(struct printer *p, const struct server *r)
{
    p->text.n = 0;
    if (r->certified)
        ms_text_hex(&p->text, (struct ms_bytes){ r->sha256, sizeof r->sha256 });
    ms_rows_cell(p->rows, ms_buffer_bytes(&p->text));
}

static void print_head(struct printer *p, const struct server *r)
{
    char scratch[8];
    put_address(p, r);
    put_port(p, r);
    ms_rows_cell(p->rows, ms_str(ms_protocol_name((enum ms_protocol)r->protocol)));
    ms_rows_cell(p->rows, ms_tls_version_words(r->version, scratch));
    ms_rows_cell(p->rows, ms_tls_cipher_words(r->cipher, scratch));
}

static void print_counts(struct printer *p, const struct server *r)
{
    ms_rows_u64(p->rows, r->sessions);
    ms_rows_u64(p->rows, r->failed);
    ms_rows_u64(p->rows, r->resumed);
    ms_rows_u64(p->rows, r->read);
    ms_rows_u64(p->rows, r->unread);
}

static void print_for_people(struct printer *p, const struct server *r)
{
    print_head(p, r);
    print_counts(p, r);
    ms_rows_cell(p->rows, r->common_name);
    put_date(p, r->not_after);
    put_days(p, r);
    ms_rows_cell(p->rows, r->issuer);
}

static void print_for_programs(struct printer *p, const struct server *r)
{
    print_head(p, r);
    print_counts(p, r);
    ms_rows_cell(p->rows, ms_str(r->other ? "" : ms_transport_name((enum ms_transport)r->transport)));
    ms_rows_cell(p->rows, r->at.name);
    ms_rows_cell(p->rows, r->sni);
    ms_rows_cell(p->rows, r->subject);
    ms_rows_cell(p->rows, r->issuer);
    put_date(p, r->not_before);
    put_date(p, r->not_after);
    put_days(p, r);
    ms_rows_cell(p->rows, r->key);
    ms_rows_cell(p->rows, r->signature);
    put_hex(p, r);
    ms_rows_u64(p->rows, r->first_frame);
}

#define HEAD                                                                                                                   \
    { "SERVER", "server", false }, { "PORT", "port", true }, { "PROTO", "protocol", false }, { "VERSION", "version", false },    \
    { "CIPHER", "cipher", false }, { "SESSIONS", "sessions", true }, { "FAILED", "failed", true }, { "RESUMED", "resumed", true }, \
    { "DECRYPTED", "decrypted", true }, { "NO KEYS", "without_keys", true }

static const struct ms_table_column people_columns[] = {
    HEAD, { "CERTIFICATE", "common_name", false }, { "EXPIRES", "not_after", false }, { "DAYS LEFT", "days_left", true },
    { "ISSUER", "issuer", false },
};
static const struct ms_table_column program_columns[] = {
    HEAD, { "TRANSPORT", "transport", false }, { "NAME", "name", false }, { "SNI", "sni", false }, { "SUBJECT", "subject", false },
    { "ISSUER", "issuer", false }, { "FROM", "not_before", false }, { "UNTIL", "not_after", false }, { "DAYS LEFT", "days_left", true },
    { "KEY", "key", false }, { "SIGNATURE", "signature", false }, { "SHA256", "sha256", false }, { "FRAME", "frame", true },
};

/* By server; a server's rows in order of version, best first, then of appearance. */
static int by_server(const void *a, const void *b)
{
    const struct server *x = *(struct server *const *)a, *y = *(struct server *const *)b;
    int                  ip = memcmp(x->at.ip, y->at.ip, 16);
    if (ip || x->at.port != y->at.port)
        return ip ? ip : (int)x->at.port - (int)y->at.port;
    if (x->version != y->version)
        return (int)y->version - (int)x->version;
    return x->first_frame < y->first_frame ? -1 : x->first_frame > y->first_frame;
}

bool ms_inventory_print(struct ms_inventory *v, enum ms_format format, FILE *out)
{
    uint32_t        n = v->rows.count;
    struct server **all = ms_alloc((n + 1) * sizeof *all);
    struct printer  p = { .table = format == MS_FORMAT_TABLE };
    p.rows = p.table ? ms_rows_open(format, out, people_columns, sizeof people_columns / sizeof *people_columns)
                     : ms_rows_open(format, out, program_columns, sizeof program_columns / sizeof *program_columns);
    for (uint32_t i = 0; i < n; i++)
        all[i] = v->rows.entries[i].value;
    qsort(all, n, sizeof *all, by_server);
    if (v->other.sessions)
        all[n++] = &v->other;
    for (uint32_t i = 0; i < n; i++) {
        if (p.table)
            print_for_people(&p, all[i]);
        else
            print_for_programs(&p, all[i]);
    }
    ms_free(all);
    ms_buffer_finish(&p.text);
    return ms_rows_close(p.rows);
}
