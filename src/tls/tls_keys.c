/* tls/tls_keys.c - secrets looked up and made into ciphers of a direction.
 *
 * Order    up to TLS 1.2: the master secret by client random; a pre-master secret by client random, by the encrypted pre-master, by private
 *          key; the master secret by session id; of the session that is resumed, when it was seen. Where the first that is found does not
 *          open the first record, the others are tried on it, MS_KEY_CANDIDATES of a kind.
 * TLS 1.3  a secret that is missing while the next level's is known: records are tried with that one until the first opens. */
#include "base/secret.h"
#include "tls/tls_private.h"

enum { MASTER = 48 };

static struct ms_bytes random_of(const struct ms_tls_setup *e) { return (struct ms_bytes){ e->hs.randoms.client, sizeof e->hs.randoms.client }; }

void ms_tls_keys_refresh(struct ms_tls_context *x)
{
    if (!x->stale)
        return;
    x->stale = false;
    ms_keylog_refresh(x->keylog);
}

/* The secret, copied. Returns its length. */
static size_t find_secret(struct ms_tls *t, enum ms_keylog_label label, struct ms_bytes id, unsigned nth, uint8_t secret[MS_KEY_BYTES])
{
    struct ms_keylog *k = t->x->keylog;
    if (!k || id.n == 0)
        return 0;
    struct ms_bytes found = ms_keylog_find(k, label, id, nth);
    if (found.n == 0 && nth == 0 && t->x->stale) {
        ms_tls_keys_refresh(t->x);
        found = ms_keylog_find(k, label, id, nth);
    }
    found = ms_head(found, MS_KEY_BYTES);
    if (found.n)
        memcpy(secret, found.p, found.n);
    return found.n;
}

/* ---- TLS 1.3 ------------------------------------------------------------------------------------------------------------ */

enum ms_keylog_label ms_tls_keys_label(enum ms_dir d, enum ms_tls_level level)
{
    if (level == MS_SECRET_EARLY)
        return MS_KEY_CLIENT_EARLY;
    if (level == MS_SECRET_HANDSHAKE)
        return d == MS_C2S ? MS_KEY_CLIENT_HANDSHAKE : MS_KEY_SERVER_HANDSHAKE;
    return d == MS_C2S ? MS_KEY_CLIENT_TRAFFIC : MS_KEY_SERVER_TRAFFIC;
}

/* A secret whose length does not fit the suite makes no cipher, and does not count. */
struct ms_tls_cipher *ms_tls_keys_of_level(struct ms_tls *t, enum ms_dir d, enum ms_tls_level level, unsigned nth)
{
    const struct ms_tls_suite *suite = ms_tls_suite_find(t->info->cipher);
    struct ms_tls_cipher      *c = NULL;
    uint8_t                    secret[MS_KEY_BYTES];
    size_t                     n = t->setup ? 1 : 0;
    for (unsigned i = 0; n && !c && i <= MS_KEY_CANDIDATES; i++) {
        n = find_secret(t, ms_tls_keys_label(d, level), random_of(t->setup), i, secret);
        c = n ? ms_tls_cipher_from_secret(suite, (struct ms_bytes){ secret, n }) : NULL;
        if (!c || nth-- == 0)
            continue;
        ms_tls_cipher_destroy(c);
        c = NULL;
    }
    ms_secret_wipe(secret, sizeof secret);
    return c;
}

static enum ms_tls_keys_state keys13(struct ms_tls *t, enum ms_dir d)
{
    struct ms_tls_side   *s = &t->side[d];
    struct ms_tls_cipher *c = ms_tls_keys_of_level(t, d, (enum ms_tls_level)s->level, 0);
    if (!c && t->x->may_come && !t->hasten)
        return MS_KEYS_WAIT;
    while (!c && s->level < MS_SECRET_APPLICATION) {
        s->early |= s->level == MS_SECRET_EARLY;
        s->level++;
        s->trial = true;
        t->info->flags |= MS_TLS_NO_KEYS;
        ms_tls_keys_fault(t);
        c = ms_tls_keys_of_level(t, d, (enum ms_tls_level)s->level, 0);
    }
    if (!c)
        return MS_KEYS_NONE;
    ms_tls_cipher_destroy(s->cipher);
    s->cipher = c;
    return MS_KEYS_HERE;
}

/* ---- up to TLS 1.2 --------------------------------------------------------------------------------------------------------- */

/* Where a master secret can come from, in the order in which they are tried. */
enum source { BY_RANDOM, PREMASTER_BY_RANDOM, PREMASTER_BY_SEALED, PREMASTER_BY_KEY, BY_SESSION, OF_SESSION_ID, OF_TICKET, SOURCES };

static size_t find_premaster(struct ms_tls *t, enum source from, unsigned nth, uint8_t premaster[MS_KEY_BYTES])
{
    struct ms_tls_setup *e = t->setup;
    struct ms_bytes         sealed = ms_buffer_bytes(&e->hs.key_exchange);
    if (from == PREMASTER_BY_RANDOM)
        return find_secret(t, MS_KEY_PREMASTER, random_of(e), nth, premaster);
    if (from == PREMASTER_BY_SEALED)
        return sealed.n >= 8 ? find_secret(t, MS_KEY_RSA_PREMASTER, ms_head(sealed, 8), nth, premaster) : 0;
    bool good = nth == 0 && sealed.n && t->x->private_keys
                && ms_private_keys_premaster(t->x->private_keys, ms_buffer_bytes(&e->hs.leaf), sealed, e->hs.client_version, premaster);
    return good ? MASTER : 0;
}

static size_t session_hash(struct ms_tls *t, const struct ms_tls_suite *suite, uint8_t hash[64])
{
    struct ms_buffer all = { 0 };
    for (size_t i = 0; i < sizeof t->setup->transcript / sizeof *t->setup->transcript; i++)
        ms_buffer_append(&all, ms_buffer_bytes(&t->setup->transcript[i]));
    size_t n = ms_tls_transcript(t->info->version, suite, ms_buffer_bytes(&all), hash);
    ms_buffer_finish(&all);
    return n;
}

static bool master_from_premaster(struct ms_tls *t, enum source from, unsigned nth, uint8_t master[MASTER])
{
    struct ms_tls_setup       *e = t->setup;
    const struct ms_tls_suite *suite = ms_tls_suite_find(t->info->cipher);
    uint8_t                    premaster[MS_KEY_BYTES], hash[64];
    size_t                     n = 0, hash_n = 0;
    bool                    extended = t->info->flags & MS_TLS_EXTENDED_MASTER;
    if (!suite || !e->exchanged || (extended && e->too_long))
        return false;
    bool good = (n = find_premaster(t, from, nth, premaster)) > 0;
    if (good && extended)
        good = (hash_n = session_hash(t, suite, hash)) > 0;
    good = good && ms_tls_master(t->info->version, suite, (struct ms_bytes){ premaster, n }, &e->hs.randoms, (struct ms_bytes){ hash, hash_n }, master);
    ms_secret_wipe(premaster, sizeof premaster);
    return good;
}

static bool master_of_session(struct ms_tls *t, enum source from, uint8_t master[MASTER])
{
    const struct ms_tls_setup *e = t->setup;
    struct ms_bytes id = ms_buffer_bytes(&e->hs.session_id), ticket = ms_buffer_bytes(&e->hs.offered_ticket);
    if (!t->x->resume || e->whole)
        return false;
    if (from == OF_TICKET)
        return ms_tls_resume_get(t->x->resume, MS_RESUME_TICKET, ticket, master);
    return ms_equal(id, ms_buffer_bytes(&e->hs.offered_session_id)) && ms_tls_resume_get(t->x->resume, MS_RESUME_ID, id, master);
}

static bool find_master(struct ms_tls *t, enum source from, unsigned nth, uint8_t master[MASTER])
{
    uint8_t secret[MS_KEY_BYTES];
    if (from >= PREMASTER_BY_RANDOM && from <= PREMASTER_BY_KEY)
        return master_from_premaster(t, from, nth, master);
    if (from != BY_RANDOM && from != BY_SESSION)
        return nth == 0 && master_of_session(t, from, master);
    struct ms_bytes id = from == BY_RANDOM ? random_of(t->setup) : ms_buffer_bytes(&t->setup->hs.session_id);
    bool            good = find_secret(t, from == BY_RANDOM ? MS_KEY_MASTER : MS_KEY_SESSION_MASTER, id, nth, secret) == MASTER;
    if (good)
        memcpy(master, secret, MASTER);
    ms_secret_wipe(secret, sizeof secret);
    return good;
}

/* The next one that there is, from where the last one was found. */
static bool next_master(struct ms_tls *t, uint8_t master[MASTER])
{
    struct ms_tls_setup *e = t->setup;
    for (; e->source < SOURCES; e->source++, e->nth = 0)
        if (find_master(t, (enum source)e->source, e->nth, master)) {
            e->nth++;
            return true;
        }
    return false;
}

/* The server may change its keys before the client's ClientKeyExchange was seen, when chunks come out of order. */
static bool may_learn(const struct ms_tls *t, enum ms_dir d)
{
    const struct ms_tls_side *client = &t->side[MS_C2S];
    return t->x->may_come || (d == MS_S2C && t->setup->whole && !t->setup->exchanged && client->stage == MS_SIDE_CLEAR && !client->resync);
}

/* e->next and e->master, of the next secret that there is. */
static bool make_next(struct ms_tls *t)
{
    struct ms_tls_setup *e = t->setup;
    uint8_t             *master = ms_secret_alloc(MASTER);
    if (t->info->flags & MS_TLS_COMPRESSED || !next_master(t, master)) {
        ms_secret_free(master, MASTER);
        return false;
    }
    e->master = master;
    e->paired = true;
    bool etm = t->info->flags & MS_TLS_ENCRYPT_THEN_MAC;
    ms_tls_cipher_pair(t->info->version, ms_tls_suite_find(t->info->cipher), master, &e->hs.randoms, etm, e->next);
    return true;
}

static enum ms_tls_keys_state make_pair(struct ms_tls *t, enum ms_dir d)
{
    t->setup->source = t->setup->nth = 0;
    if (!make_next(t))
        return may_learn(t, d) && !t->hasten ? MS_KEYS_WAIT : MS_KEYS_NONE;
    return t->setup->next[d] ? MS_KEYS_HERE : MS_KEYS_NONE;
}

bool ms_tls_keys_more(struct ms_tls *t)
{
    uint8_t source = t->setup->source, nth = t->setup->nth;
    ms_tls_keys_forget(t);
    t->setup->source = source;
    t->setup->nth = nth;
    if (make_next(t))
        return true;
    t->setup->source = t->setup->nth = 0;
    make_next(t);
    return false;
}

static enum ms_tls_keys_state keys12(struct ms_tls *t, enum ms_dir d)
{
    struct ms_tls_setup *e = t->setup;
    struct ms_tls_side     *s = &t->side[d];
    if (!e->paired) {
        enum ms_tls_keys_state state = make_pair(t, d);
        if (state != MS_KEYS_HERE)
            return state;
    }
    if (!e->next[d])
        return MS_KEYS_NONE;
    ms_tls_cipher_destroy(s->cipher);
    s->cipher = e->next[d];
    e->next[d] = NULL;
    e->taken[d] = true;
    return MS_KEYS_HERE;
}

void ms_tls_keys_forget(struct ms_tls *t)
{
    struct ms_tls_setup *e = t->setup;
    for (int d = 0; d < 2; d++) {
        ms_tls_cipher_destroy(e->next[d]);
        e->next[d] = NULL;
    }
    ms_secret_free(e->master, MASTER);
    e->master = NULL;
    e->paired = false;
}

enum ms_tls_keys_state ms_tls_keys(struct ms_tls *t, enum ms_dir d)
{
    const struct ms_tls_setup *e = t->setup;
    if (e && (!e->hs.have_client || !e->hs.have_server))
        return t->x->may_come && t->x->keylog ? MS_KEYS_WAIT : MS_KEYS_NONE; /* they may be found by trying */
    if (!e)
        return MS_KEYS_NONE;
    return ms_tls_is13(t) ? keys13(t, d) : keys12(t, d);
}

/* ---- why not --------------------------------------------------------------------------------------------------------------- */

static enum ms_tls_key_fault log_fault(const struct ms_tls *t, const struct ms_tls_suite *suite)
{
    if (!ms_keylog_knows(t->x->keylog, random_of(t->setup)))
        return MS_TLS_FAULT_NO_LINE;
    if (!suite || t->info->flags & MS_TLS_COMPRESSED || (t->setup->paired && !ms_tls_is13(t)))
        return MS_TLS_FAULT_CIPHER;
    return MS_TLS_FAULT_ONE_SIDE;
}

static enum ms_tls_key_fault private_key_fault(const struct ms_tls *t, const struct ms_tls_suite *suite)
{
    const struct ms_tls_setup *e = t->setup;
    if (ms_tls_is13(t) || (suite && suite->exchange != MS_KX_RSA))
        return MS_TLS_FAULT_NOT_RSA;
    if (!suite || t->info->flags & MS_TLS_COMPRESSED)
        return MS_TLS_FAULT_CIPHER;
    if (!e->whole)
        return MS_TLS_FAULT_RESUMED;
    if (e->hs.leaf.n && !ms_private_keys_fit(t->x->private_keys, ms_buffer_bytes(&e->hs.leaf)))
        return MS_TLS_FAULT_OTHER;
    return e->exchanged ? MS_TLS_FAULT_WRONG : MS_TLS_FAULT_NO_HELLO;
}

void ms_tls_keys_fault(struct ms_tls *t)
{
    bool logs = t->x->keylog && ms_keylog_count(t->x->keylog), keys = t->x->private_keys && ms_private_keys_count(t->x->private_keys);
    if (!logs && !keys)
        return;
    if (!t->setup || !t->setup->hs.have_client || !t->setup->hs.have_server) {
        t->info->key_faults |= 1u << MS_TLS_FAULT_NO_HELLO;
        return;
    }
    const struct ms_tls_suite *suite = ms_tls_suite_find(t->info->cipher);
    if (logs)
        t->info->key_faults |= 1u << log_fault(t, suite);
    if (keys)
        t->info->key_faults |= 1u << private_key_fault(t, suite);
}

/* ---- resumption ------------------------------------------------------------------------------------------------------------ */

void ms_tls_keys_remember(struct ms_tls *t)
{
    struct ms_tls_setup *e = t->setup;
    struct ms_bytes         id = ms_buffer_bytes(&e->hs.session_id), ticket = ms_buffer_bytes(&e->hs.new_ticket);
    if (!e->master || (id.n == 0 && ticket.n == 0))
        return;
    if (!t->x->resume)
        t->x->resume = ms_tls_resume_create(t->x->limits.tls_sessions);
    bool room = ms_tls_resume_put(t->x->resume, MS_RESUME_ID, id, e->master);
    if (!ms_tls_resume_put(t->x->resume, MS_RESUME_TICKET, ticket, e->master) || !room)
        ms_tls_limit(t, MS_LIMIT_tls_sessions);
}
