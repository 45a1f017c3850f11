/* tls/tls_guess.c - a connection of which a hello is missing: which of the secrets that there are opens a record of it? One that does is the right
 * one, since records are authenticated; what the hello would have said follows from it.
 *
 * Client's  the key log is asked by client random, which is not known: each one that it has is tried.
 * Server's  TLS 1.3: version and cipher suite are not known; the suites are tried whose hash fits the secret. Both hellos may be missing so.
 *           Up to TLS 1.2 the keys are made with the server's random, so without its hello there are none; a pre-master secret (a private key)
 *           needs the client's as well.
 * Cost      what may be tried in all is bounded (limit tls_guess_bytes): all that come into question, or none, so that no order matters.
 *
 * BUGS      of several secrets of a kind for one client random the first alone is tried.                                    */
#include "base/secret.h"
#include "tls/tls_private.h"

enum {
    LOST = 16,         /* records missing before the one that is tried, which is so tried twice as often: a KeyUpdate may be among them */
    TRIES = 4,         /* records of a side that are tried with the same secrets */
    KEY_COST = 16384,  /* of making a cipher, in bytes that might be worked through instead */
    SUITE_FIRST = 0x1301, SUITE_LAST = 0x1305, SUITES_OF_HASH = 4,
    RANDOM = 32,
};

/* What is tried on record r of direction d. */
struct guess { struct ms_tls *t; const struct ms_tls_record *r; enum ms_dir d; uint16_t suite, level; const uint8_t *random; };

static struct ms_bytes secret_of(const struct guess *g, enum ms_keylog_label label)
{
    return ms_keylog_find(g->t->x->keylog, label, (struct ms_bytes){ g->random, RANDOM }, 0);
}

static bool opens(const struct guess *g, struct ms_tls_cipher *c)
{
    struct ms_bytes plain;
    uint8_t         type;
    uint64_t        lost;
    return c && ms_tls_cipher_resync(c, 0, LOST, g->r->whole.p, ms_tls_record_body(g->r), ms_tls_plain_room(g->t->x), &plain, &type, &lost);
}

static bool opens13(const struct guess *g)
{
    struct ms_bytes       secret = secret_of(g, ms_tls_keys_label(g->d, (enum ms_tls_level)g->level));
    struct ms_tls_cipher *c = secret.n ? ms_tls_cipher_from_secret(ms_tls_suite_find(g->suite), secret) : NULL;
    bool                  good = opens(g, c);
    ms_tls_cipher_destroy(c);
    return good;
}

static bool opens12(const struct guess *g)
{
    const struct ms_tls_info *info = g->t->info;
    struct ms_tls_randoms     randoms = g->t->setup->hs.randoms;
    struct ms_tls_cipher     *pair[2] = { NULL, NULL };
    struct ms_bytes           master = secret_of(g, MS_KEY_MASTER);
    memcpy(randoms.client, g->random, RANDOM);
    if (master.n)
        ms_tls_cipher_pair(info->version, ms_tls_suite_find(g->suite), master.p, &randoms, info->flags & MS_TLS_ENCRYPT_THEN_MAC, pair);
    bool good = opens(g, pair[g->d]);
    ms_tls_cipher_destroy(pair[0]);
    ms_tls_cipher_destroy(pair[1]);
    return good;
}

/* One client random; what fits is left in *g. */
static bool try_random(struct guess *g)
{
    bool     server = g->t->setup->hs.have_server;
    uint16_t first = server ? g->t->info->cipher : SUITE_FIRST, last = server ? first : SUITE_LAST;
    if (server && !ms_tls_is13(g->t))
        return g->suite = first, opens12(g);
    for (g->suite = first; g->suite <= last; g->suite++)
        for (g->level = MS_SECRET_HANDSHAKE; g->level <= MS_SECRET_APPLICATION; g->level++)
            if (opens13(g))
                return true;
    return false;
}

/* The client randoms that come into question, in `list`, which the caller frees; NULL: none, or too many to try them all. */
static const uint8_t **list_randoms(struct guess *g, size_t *n)
{
    struct ms_tls_context  *x = g->t->x;
    struct ms_tls_handshake *hs = &g->t->setup->hs;
    uint64_t                one = (KEY_COST + 2 * LOST * (uint64_t)g->r->whole.n) * (hs->have_server ? 2 : 2 * SUITES_OF_HASH);
    *n = hs->have_client ? 1 : ms_keylog_ids(x->keylog);
    if (*n == 0)
        return NULL;
    if (*n > (x->limits.tls_guess_bytes - x->guessed_bytes) / one) {
        ms_tls_limit(g->t, MS_LIMIT_tls_guess_bytes);
        return NULL;
    }
    x->guessed_bytes += *n * one;
    const uint8_t **list = ms_alloc(*n * sizeof *list);
    list[0] = hs->randoms.client;
    if (!hs->have_client)
        *n = ms_keylog_randoms(x->keylog, list);
    return list;
}

/* As if the hellos had been read. The sides are at the begin of their keys, or behind it, at a number that is not known. */
static void take(const struct guess *g)
{
    struct ms_tls       *t = g->t;
    struct ms_tls_setup *e = t->setup;
    memmove(e->hs.randoms.client, g->random, RANDOM);
    t->guessed = true;
    t->info->key_faults &= ~(1u << MS_TLS_FAULT_NO_HELLO);
    t->side[MS_C2S].known = t->side[MS_S2C].known = true;
    for (int i = 0; i < 2 && !e->hs.have_server; i++) {
        ms_tls_want(t, (enum ms_dir)i, i == (int)g->d ? (enum ms_tls_level)g->level : MS_SECRET_HANDSHAKE);
        t->side[i].resync = t->side[i].unknown = true;
        t->info->flags &= ~(uint32_t)(i == MS_C2S ? MS_TLS_CLIENT_BLIND : MS_TLS_SERVER_BLIND);
    }
    if (!e->hs.have_server) {
        t->info->version = MS_TLS13;
        t->info->cipher = g->suite;
    }
    e->hs.have_client = e->hs.have_server = true;
}

/* Not again what was tried in vain, however often it is asked for while it waits, unless there are more secrets than then. */
static bool may_try(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    uint64_t            count = ms_keylog_count(t->x->keylog), record = r->frame << 16 | r->whole.n;
    if (t->setup->secrets_tried != count)
        for (int i = 0; i < 2; i++)
            t->side[i].guesses = 0, t->side[i].guessed = 0;
    t->setup->secrets_tried = count;
    if (s->guessed == record || s->guesses == TRIES)
        return false;
    s->guessed = record;
    s->guesses++;
    return true;
}

bool ms_tls_guess(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_setup *e = t->setup;
    struct guess         g = { .t = t, .r = r, .d = d };
    size_t               n = 0;
    if (!e || (e->hs.have_client && e->hs.have_server) || !t->x->keylog)
        return false;
    ms_tls_keys_refresh(t->x);
    if ((!e->hs.have_server && ms_tls_record_type(r) != MS_TLS_APPLICATION) || !may_try(t, d, r))
        return false;
    const uint8_t **list = list_randoms(&g, &n);
    bool            found = false;
    for (size_t i = 0; i < n && list && !found; i++) {
        g.random = list[i];
        found = try_random(&g);
    }
    if (found)
        take(&g);
    ms_free(list);
    return found;
}
