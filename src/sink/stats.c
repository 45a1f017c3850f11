/* sink/stats.c - codes, commands, conversations, times; the inventory of TLS is in stats_tls.c, endpoints in stats_endpoints.c.
 *
 * Percentiles come from buckets 1/16 of a power of two wide: exact to 6 %.                                         */
#include "sink/stats.h"

#include "sink/stats_endpoints.h"
#include "sink/stats_tls.h"

#include <stdlib.h>

enum { STATS_GROUPS = 65536, BUCKETS = 64 * 16 };

const char *const ms_stats_names[MS_STATS_COUNT + 1] = { "codes", "commands", "conversations", "times", "tls", "endpoints", NULL };

struct spread { uint64_t count; int64_t sum, least, most; uint32_t *buckets; };

struct group {
    struct ms_bytes    name;       /* code or command */
    struct ms_endpoint client, server;
    uint8_t            protocol;
    unsigned           code;
    uint64_t           count, sessions, refused, unanswered, messages, bytes[2], frames, resent, first_frame, last_session;
    struct spread      times[9];   /* commands: [0] service; times: in the order of struct ms_timing */
};

struct ms_stats { enum ms_stats_kind kind; struct ms_map groups; struct group other; struct ms_inventory *inventory; struct ms_endpoints *endpoints; };

struct ms_stats *ms_stats_create(enum ms_stats_kind kind)
{
    struct ms_stats *s = ms_alloc(sizeof *s);
    s->kind = kind;
    s->groups.cap = STATS_GROUPS;
    s->other.name = MS_LIT("other");
    s->inventory = kind == MS_STATS_TLS ? ms_inventory_create(STATS_GROUPS) : NULL;
    s->endpoints = kind == MS_STATS_ENDPOINTS ? ms_endpoints_create(STATS_GROUPS) : NULL;
    return s;
}

static void free_spreads(struct group *g)
{
    for (size_t i = 0; i < sizeof g->times / sizeof *g->times; i++)
        ms_free(g->times[i].buckets);
}

void ms_stats_destroy(struct ms_stats *s)
{
    for (uint32_t i = 0; i < s->groups.count; i++)
        free_spreads(s->groups.entries[i].value);
    free_spreads(&s->other);
    ms_map_finish(&s->groups);
    ms_inventory_destroy(s->inventory);
    ms_endpoints_destroy(s->endpoints);
    ms_free(s);
}

/* ---- percentiles --------------------------------------------------------------------------------------------- */

static unsigned bucket_of(int64_t ns)
{
    uint64_t v = ns < 16 ? 16 : (uint64_t)ns;
    unsigned top = 63u - (unsigned)__builtin_clzll(v);
    return (top - 4) * 16 + (unsigned)(v >> (top - 4) & 15);
}

static int64_t bucket_value(unsigned b) { return (int64_t)((uint64_t)(16 + b % 16) << b / 16); }

static void spread_add(struct spread *s, int64_t ns)
{
    if (ns == MS_UNKNOWN)
        return;
    if (!s->buckets)
        s->buckets = ms_alloc(BUCKETS * sizeof *s->buckets);
    ns = ns < 0 ? 0 : ns;
    s->least = s->count == 0 || ns < s->least ? ns : s->least;
    s->most = ns > s->most ? ns : s->most;
    s->sum += ns;
    s->count++;
    s->buckets[bucket_of(ns)]++;
}

static int64_t percentile(const struct spread *s, unsigned percent)
{
    uint64_t rank = (s->count * percent + 99) / 100, seen = 0;
    for (unsigned b = 0; s->buckets && b < BUCKETS; b++) {
        seen += s->buckets[b];
        if (seen < rank)
            continue;
        int64_t v = bucket_value(b);
        return v < s->least ? s->least : v > s->most ? s->most : v;
    }
    return 0;
}

/* ---- records in ---------------------------------------------------------------------------------------------- */

static struct group *group_at(struct ms_stats *s, const void *key, size_t n)
{
    void **at = ms_map_put(&s->groups, (struct ms_bytes){ key, n });
    if (!at)
        return &s->other;
    if (!*at)
        *at = ms_arena_alloc(&s->groups.arena, sizeof(struct group));
    return *at;
}

static void count_codes(void *ctx, const struct ms_session *n)
{
    struct ms_stats *s = ctx;
    for (unsigned i = 0; i < n->code_count; i++) {
        uint16_t      key[2] = { n->protocol, n->codes[i].code };
        struct group *g = group_at(s, key, sizeof key);
        g->protocol = n->protocol;
        g->code = n->codes[i].code;
        g->count += n->codes[i].count;
        g->sessions++;
    }
}

static void count_command(void *ctx, const struct ms_session *n, const struct ms_exchange *x)
{
    struct ms_stats *s = ctx;
    uint8_t          key[65] = { n->protocol };
    struct ms_bytes  name = x->command.n ? ms_head(x->command, 64) : MS_LIT("(greeting)");
    memcpy(key + 1, name.p, name.n);
    struct group *g = group_at(s, key, name.n + 1);
    if (g->count++ == 0) {
        g->name = ms_arena_keep(&s->groups.arena, name);
        g->protocol = n->protocol;
    }
    g->refused += ms_code_refuses(x->code);
    g->unanswered += (x->flags & MS_EXCHANGE_UNANSWERED) != 0;
    if (x->sent != MS_UNKNOWN && x->replied != MS_UNKNOWN && !(x->flags & MS_EXCHANGE_IDLE))
        spread_add(&g->times[0], x->replied - x->sent);
}

static void key_endpoint(uint8_t key[18], const struct ms_endpoint *e)
{
    memcpy(key, e->ip, 16);
    key[16] = (uint8_t)(e->port >> 8);
    key[17] = (uint8_t)e->port;
}

static void count_conversation(void *ctx, const struct ms_session *n)
{
    struct ms_stats *s = ctx;
    uint8_t          key[34];
    memcpy(key, n->client.ip, 16);
    key_endpoint(key + 16, &n->server);
    struct group *g = group_at(s, key, sizeof key);
    if (g->count++ == 0) {
        g->client = n->client;
        g->server = n->server;
        g->protocol = n->protocol;
        g->first_frame = n->first_frame;
    }
    g->messages += n->message_count;
    g->frames += n->frame_count;
    for (int d = 0; d < 2; d++) {
        g->bytes[d] += n->bytes[d];
        g->resent += n->tcp[d] ? n->tcp[d]->count[MS_TCP_RETRANSMISSION] : 0;
    }
    g->refused += ms_stats_failed(n);
    spread_add(&g->times[0], n->ended - n->started);
}

static void count_times(void *ctx, const struct ms_session *n)
{
    struct ms_stats *s = ctx;
    uint8_t          key[18];
    key_endpoint(key, &n->server);
    struct group *g = group_at(s, key, sizeof key);
    if (g->count++ == 0) {
        g->server = n->server;
        g->protocol = n->protocol;
    }
    const struct ms_timing *t = &n->timing;
    const int64_t all[] = { t->connect, t->greeting, t->tls, t->auth, t->transfer, t->server, t->client, t->network, t->stalled };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        spread_add(&g->times[i], all[i]);
}

struct ms_output ms_stats_output(struct ms_stats *s)
{
    void (*const session[MS_STATS_TLS])(void *, const struct ms_session *) = { count_codes, NULL, count_conversation, count_times };
    if (s->inventory)
        return (struct ms_output){ .session = ms_inventory_session, .ctx = s->inventory };
    if (s->endpoints)
        return (struct ms_output){ .session = ms_endpoints_session, .message = ms_endpoints_message, .ctx = s->endpoints };
    return (struct ms_output){ .session = session[s->kind], .exchange = s->kind == MS_STATS_COMMANDS ? count_command : NULL, .ctx = s };
}

/* ---- tables out ---------------------------------------------------------------------------------------------- */

struct printer { struct ms_rows *rows; struct ms_buffer text; };

static void put_text(struct printer *p, const char *text) { ms_rows_cell(p->rows, ms_str(text)); }

static void put_seconds(struct printer *p, int64_t ns, bool known)
{
    p->text.n = 0;
    if (known)
        ms_text_seconds(&p->text, ns, 6);
    ms_rows_cell(p->rows, ms_buffer_bytes(&p->text));
}

static void put_address(struct printer *p, const struct ms_endpoint *e)
{
    p->text.n = 0;
    ms_text_address(&p->text, e->ip);
    ms_rows_cell(p->rows, ms_buffer_bytes(&p->text));
}

static void put_protocol(struct printer *p, const struct group *g) { put_text(p, ms_protocol_name((enum ms_protocol)g->protocol)); }

static void print_code(struct printer *p, const struct group *g)
{
    char        scratch[8];
    const char *meaning = ms_code_meaning((enum ms_protocol)g->protocol, g->code);
    put_protocol(p, g);
    put_text(p, ms_code_name(g->code, scratch));
    ms_rows_u64(p->rows, g->count);
    ms_rows_u64(p->rows, g->sessions);
    put_text(p, meaning ? meaning : "");
}

static void print_spread(struct printer *p, const struct spread *t)
{
    bool any = t->count != 0;
    put_seconds(p, t->least, any);
    put_seconds(p, any ? t->sum / (int64_t)t->count : 0, any);
    put_seconds(p, any ? percentile(t, 50) : 0, any);
    put_seconds(p, any ? percentile(t, 95) : 0, any);
    put_seconds(p, t->most, any);
}

static void print_command(struct printer *p, const struct group *g)
{
    put_protocol(p, g);
    ms_rows_cell(p->rows, g->name);
    ms_rows_u64(p->rows, g->count);
    ms_rows_u64(p->rows, g->refused);
    ms_rows_u64(p->rows, g->unanswered);
    print_spread(p, &g->times[0]);
}

static void print_conversation(struct printer *p, const struct group *g)
{
    put_address(p, &g->client);
    put_address(p, &g->server);
    ms_rows_u64(p->rows, g->server.port);
    put_protocol(p, g);
    ms_rows_u64(p->rows, g->count);
    ms_rows_u64(p->rows, g->refused);
    ms_rows_u64(p->rows, g->messages);
    ms_rows_u64(p->rows, g->frames);
    ms_rows_u64(p->rows, g->bytes[MS_C2S]);
    ms_rows_u64(p->rows, g->bytes[MS_S2C]);
    ms_rows_u64(p->rows, g->resent);
    put_seconds(p, g->times[0].sum, true);
}

static void print_times(struct printer *p, const struct group *g)
{
    put_address(p, &g->server);
    ms_rows_u64(p->rows, g->server.port);
    put_protocol(p, g);
    ms_rows_u64(p->rows, g->count);
    for (int i = 0; i < 5; i++) { /* stages: average and the 95th percentile */
        bool any = g->times[i].count != 0;
        put_seconds(p, any ? g->times[i].sum / (int64_t)g->times[i].count : 0, any);
        put_seconds(p, any ? percentile(&g->times[i], 95) : 0, any);
    }
    for (int i = 5; i < 9; i++) /* parties: the sum */
        put_seconds(p, g->times[i].sum, true);
}

static const struct ms_table_column code_columns[] = {
    { "PROTO", "protocol", false }, { "CODE", "code", false }, { "COUNT", "count", true }, { "SESSIONS", "sessions", true },
    { "MEANING", "meaning", false },
};
static const struct ms_table_column command_columns[] = {
    { "PROTO", "protocol", false }, { "COMMAND", "command", false }, { "COUNT", "count", true }, { "REFUSED", "refused", true },
    { "UNANSWERED", "unanswered", true }, { "MIN", "min", true }, { "AVERAGE", "average", true }, { "P50", "p50", true },
    { "P95", "p95", true }, { "MAX", "max", true },
};
static const struct ms_table_column conversation_columns[] = {
    { "CLIENT", "client", false }, { "SERVER", "server", false }, { "PORT", "port", true }, { "PROTO", "protocol", false },
    { "SESSIONS", "sessions", true }, { "FAILED", "failed", true }, { "MSGS", "messages", true }, { "FRAMES", "frames", true },
    { "C->S", "bytes_client", true }, { "S->C", "bytes_server", true }, { "RESENT", "retransmissions", true },
    { "SECONDS", "duration", true },
};
static const struct ms_table_column times_columns[] = {
    { "SERVER", "server", false }, { "PORT", "port", true }, { "PROTO", "protocol", false }, { "SESSIONS", "sessions", true },
    { "CONNECT", "connect", true }, { "P95", "connect_p95", true }, { "GREETING", "greeting", true }, { "P95", "greeting_p95", true },
    { "TLS", "tls", true }, { "P95", "tls_p95", true }, { "AUTH", "auth", true }, { "P95", "auth_p95", true },
    { "TRANSFER", "transfer", true }, { "P95", "transfer_p95", true }, { "SERVER", "server_time", true },
    { "CLIENT", "client_time", true }, { "NETWORK", "network_time", true }, { "STALLED", "stalled_time", true },
};
#define COLUMNS(a) a, sizeof(a) / sizeof *(a)
static const struct { const struct ms_table_column *columns; size_t count; void (*print)(struct printer *, const struct group *); }
    tables[MS_STATS_TLS] = {
        { COLUMNS(code_columns), print_code },
        { COLUMNS(command_columns), print_command },
        { COLUMNS(conversation_columns), print_conversation },
        { COLUMNS(times_columns), print_times },
    };

static int most_first(const void *a, const void *b)
{
    const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
    if (x->protocol != y->protocol)
        return (int)x->protocol - (int)y->protocol;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    int server = memcmp(x->server.ip, y->server.ip, 16), client = memcmp(x->client.ip, y->client.ip, 16);
    if (server || client)
        return server ? server : client;
    if (x->server.port != y->server.port || x->code != y->code)
        return (int)x->server.port - (int)y->server.port + (int)x->code - (int)y->code;
    size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
    int    order = n ? memcmp(x->name.p, y->name.p, n) : 0;
    return order ? order : (int)x->name.n - (int)y->name.n;
}

bool ms_stats_print(struct ms_stats *s, enum ms_format format, FILE *out)
{
    if (s->inventory)
        return ms_inventory_print(s->inventory, format, out);
    if (s->endpoints)
        return ms_endpoints_print(s->endpoints, format, out);
    uint32_t       n = s->groups.count;
    struct group **all = ms_alloc((n + 1) * sizeof *all);
    struct printer p = { .rows = ms_rows_open(format, out, tables[s->kind].columns, tables[s->kind].count) };
    for (uint32_t i = 0; i < n; i++)
        all[i] = s->groups.entries[i].value;
    qsort(all, n, sizeof *all, most_first);
    if (s->other.count)
        all[n++] = &s->other;
    for (uint32_t i = 0; i < n; i++)
        tables[s->kind].print(&p, all[i]);
    ms_free(all);
    ms_buffer_finish(&p.text);
    return ms_rows_close(p.rows);
}
