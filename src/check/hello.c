/* check/hello.c - one client that calls itself by many names (EHLO): programs that send spam draw one for each connection. */
#include "base/hash.h"
#include "check/private.h"
#include "mail/site.h"

enum { HELLO_BYTES = 48, MANY = 5, SITES = 16, WINDOW_S = 3600 };
static const int64_t SECOND = 1000000000;

struct first_hello { /* of an hour */
    int64_t        time;
    uint64_t       frame;
    struct hellos *all;               /* from the second domain on; NULL before */
    uint32_t       again;             /* sessions of domains that came before */
    uint8_t        n, text[HELLO_BYTES]; /* the end of the name: its domain is there */
};
struct hellos { struct ms_case first; uint64_t sites[SITES]; uint32_t count; bool told; };

static struct ms_bytes name_of(const struct first_hello *f) { return (struct ms_bytes){ f->text, f->n }; }

/* Servers behind one address each have a name, and keep it: it comes again. */
static bool is_many(const struct ms_who *client)
{
    const struct hellos *h = client->hello ? client->hello->all : NULL;
    return h && (h->told || (h->count >= MANY && client->hello->again < h->count));
}

static void begin_hellos(struct hellos *h, const struct ms_who *client)
{
    h->sites[0] = ms_hash(ms_site(name_of(client->hello)));
    h->count = 1;
    h->first.fact.frame_count = 0;
    ms_fact_frame(&h->first.fact, client->hello->frame);
}

static struct hellos *hellos_of(struct ms_who *client, struct ms_arena *arena, const struct ms_session *s)
{
    if (!client->hello->all) {
        struct hellos *h = client->hello->all = ms_arena_alloc(arena, sizeof *h);
        h->first = (struct ms_case){ .fact = ms_fact_of(MS_RULE_SUSPICIOUS_HELO), .client = s->client, .server = s->server, .protocol = s->protocol };
        h->first.client.name = (struct ms_bytes){ NULL, 0 };
        h->first.server.name = ms_arena_keep(arena, s->server.name);
        h->first.fact.command = MS_LIT("EHLO");
        h->first.fact.subject = MS_LIT("many");
        h->first.fact.detail = MS_LIT("of another domain each time: five and more within an hour");
        begin_hellos(h, client);
    }
    return client->hello->all;
}

static void begin_hour(struct ms_who *client, struct ms_arena *arena, const struct ms_session *s, struct ms_bytes name)
{
    struct hellos *all = client->hello ? client->hello->all : NULL;
    if (all)
        all->told = is_many(client);
    if (!client->hello)
        client->hello = ms_arena_alloc(arena, sizeof *client->hello);
    *client->hello = (struct first_hello){ .all = all, .time = s->started, .frame = s->first_frame, .n = (uint8_t)name.n };
    memcpy(client->hello->text, name.p, name.n);
    if (all && !all->told)
        begin_hellos(all, client);
}

static void note_hello(struct hellos *h, struct first_hello *hour, const struct ms_session *s, uint64_t site)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->sites[i] != site)
            continue;
        hour->again++;
        return;
    }
    if (h->told || h->count == SITES)
        return;
    h->sites[h->count++] = site;
    ms_fact_frame(&h->first.fact, s->first_frame);
}

/* Names of one domain are those of a farm of servers. Where people hand in their mail (587), many may stand behind one address. */
void ms_hello_see(struct ms_who *client, struct ms_arena *arena, const struct ms_session *s)
{
    struct ms_bytes name = s->client.name.n > HELLO_BYTES ? ms_tail(s->client.name, s->client.name.n - HELLO_BYTES) : s->client.name;
    bool            counts = client && s->protocol == MS_PROTO_SMTP && s->server.port == 25 && s->auth_result != 1 && ms_find(name, '.') < name.n;
    if (!counts || !ms_is_stranger(&s->client, &s->server))
        return;
    if (!client->hello || ms_span(client->hello->time, s->started) > WINDOW_S * SECOND)
        begin_hour(client, arena, s, name);
    if (ms_equal(name_of(client->hello), name)) { /* as of most: nothing to look up */
        client->hello->again += s->first_frame != client->hello->frame;
        return;
    }
    note_hello(hellos_of(client, arena, s), client->hello, s, ms_hash(ms_site(name)));
}

void ms_hello_report(const struct ms_who *client, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    if (is_many(client))
        report(ctx, &client->hello->all->first);
}
