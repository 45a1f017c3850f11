/* tls/tls_keys.c - secrets looked up and made into ciphers of a direction.
 *
 * Order    up to TLS 1.2: the master secret by client random; a pre-master secret by client random, by the encrypted pre-master, by private
 *          key; the master secret by session id; of the session that is resumed, when it was seen.
 * TLS 1.3  a secret that is missing while the next level's is known: records are tried with that one until the first opens. */
#include "base/secret.h"
#include "tls/tls_private.h"

enum { MASTER = 48 };

static struct ms_bytes random_of(const struct ms_tls_setup *e) { return (struct ms_bytes){ e->hs.randoms.client, sizeof e->hs.randoms.client }; }

/* The secret, copied; what was appended to the key logs is read when it is not known, once a tick. Returns its length. */
static size_t find_secret(struct ms_tls *t, enum ms_keylog_label label, struct ms_bytes id, uint8_t secret[MS_KEY_BYTES])
{
    struct ms_keylog *k = t->x->keylog;
    if (!k || id.n == 0)
        return 0;
    struct ms_bytes found = ms_keylog_find(k, label, id);
    if (found.n == 0 && t->x->stale) {
        t->x->stale = false;
        ms_keylog_refresh(k);
        found = ms_keylog_find(k, label, id);
    }
    found = ms_head(found, MS_KEY_BYTES);
    if (found.n)
        memcpy(secret, found.p, found.n);
    return found.n;
}

/* ---- TLS 1.3 ------------------------------------------------------------------------------------------------------------ */

static enum ms_keylog_label label_of(enum ms_dir d, enum ms_tls_level level)
{
    if (level == MS_SECRET_EARLY)
        return MS_KEY_CLIENT_EARLY;
    if (level == MS_SECRET_HANDSHAKE)
        return d == MS_C2S ? MS_KEY_CLIENT_HANDSHAKE : MS_KEY_SERVER_HANDSHAKE;
    return d == MS_C2S ? MS_KEY_CLIENT_TRAFFIC : MS_KEY_SERVER_TRAFFIC;
}

static struct ms_tls_cipher *traffic_cipher(struct ms_tls *t, enum ms_dir d, enum ms_tls_level level)
{
    uint8_t               secret[MS_KEY_BYTES];
    size_t                n = find_secret(t, label_of(d, level), random_of(t->setup), secret);
    struct ms_tls_cipher *c = n ? ms_tls_cipher_from_secret(ms_tls_suite_find(t->info->cipher), (struct ms_bytes){ secret, n }) : NULL;
    ms_secret_wipe(secret, sizeof secret);
    return c;
}

struct ms_tls_cipher *ms_tls_keys_application(struct ms_tls *t, enum ms_dir d)
{
    return t->setup ? traffic_cipher(t, d, MS_SECRET_APPLICATION) : NULL;
}

static enum ms_tls_keys_state keys13(struct ms_tls *t, enum ms_dir d)
{
    struct ms_tls_side   *s = &t->side[d];
    struct ms_tls_cipher *c = traffic_cipher(t, d, s->level);
    if (!c && t->x->may_come && !t->hasten)
        return MS_KEYS_WAIT;
    while (!c && s->level < MS_SECRET_APPLICATION) {
        s->level++;
        s->trial = true;
        t->info->flags |= MS_TLS_NO_KEYS;
        c = traffic_cipher(t, d, s->level);
    }
    if (!c)
        return MS_KEYS_NONE;
    ms_tls_cipher_destroy(s->cipher);
    s->cipher = c;
    return MS_KEYS_HERE;
}

/* ---- up to TLS 1.2 --------------------------------------------------------------------------------------------------------- */

static bool find_premaster(struct ms_tls *t, uint8_t premaster[MS_KEY_BYTES], size_t *n)
{
    struct ms_tls_setup *e = t->setup;
    struct ms_bytes         sealed = ms_buffer_bytes(&e->hs.key_exchange);
    *n = find_secret(t, MS_KEY_PREMASTER, random_of(e), premaster);
    if (*n == 0 && sealed.n >= 8)
        *n = find_secret(t, MS_KEY_RSA_PREMASTER, ms_head(sealed, 8), premaster);
    if (*n == 0 && sealed.n && t->x->private_keys
        && ms_private_keys_premaster(t->x->private_keys, ms_buffer_bytes(&e->hs.leaf), sealed, e->hs.client_version, premaster))
        *n = MASTER;
    return *n > 0;
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

static bool master_from_premaster(struct ms_tls *t, const struct ms_tls_suite *suite, uint8_t master[MASTER])
{
    struct ms_tls_setup *e = t->setup;
    uint8_t                 premaster[MS_KEY_BYTES], hash[64];
    size_t                  n = 0, hash_n = 0;
    bool                    extended = t->info->flags & MS_TLS_EXTENDED_MASTER;
    if (!suite || !e->exchanged || (extended && e->too_long))
        return false;
    bool good = find_premaster(t, premaster, &n);
    if (good && extended)
        good = (hash_n = session_hash(t, suite, hash)) > 0;
    good = good && ms_tls_master(t->info->version, suite, (struct ms_bytes){ premaster, n }, &e->hs.randoms, (struct ms_bytes){ hash, hash_n }, master);
    ms_secret_wipe(premaster, sizeof premaster);
    return good;
}

static bool master_of_session(struct ms_tls *t, uint8_t master[MASTER])
{
    const struct ms_tls_setup *e = t->setup;
    struct ms_bytes id = ms_buffer_bytes(&e->hs.session_id), ticket = ms_buffer_bytes(&e->hs.offered_ticket);
    if (!t->x->resume || e->whole)
        return false;
    if (ms_equal(id, ms_buffer_bytes(&e->hs.offered_session_id)) && ms_tls_resume_get(t->x->resume, MS_RESUME_ID, id, master))
        return true;
    return ms_tls_resume_get(t->x->resume, MS_RESUME_TICKET, ticket, master);
}

static bool find_master(struct ms_tls *t, const struct ms_tls_suite *suite, uint8_t master[MASTER])
{
    uint8_t secret[MS_KEY_BYTES];
    bool    good = find_secret(t, MS_KEY_MASTER, random_of(t->setup), secret) == MASTER;
    if (!good && master_from_premaster(t, suite, master))
        return true;
    if (!good)
        good = find_secret(t, MS_KEY_SESSION_MASTER, ms_buffer_bytes(&t->setup->hs.session_id), secret) == MASTER;
    if (good)
        memcpy(master, secret, MASTER);
    ms_secret_wipe(secret, sizeof secret);
    return good || master_of_session(t, master);
}

/* The server may change its keys before the client's ClientKeyExchange was seen, when chunks come out of order. */
static bool may_learn(const struct ms_tls *t, enum ms_dir d)
{
    const struct ms_tls_side *client = &t->side[MS_C2S];
    return t->x->may_come || (d == MS_S2C && t->setup->whole && !t->setup->exchanged && client->stage == MS_SIDE_CLEAR && !client->resync);
}

static enum ms_tls_keys_state make_pair(struct ms_tls *t, enum ms_dir d)
{
    struct ms_tls_setup    *e = t->setup;
    const struct ms_tls_suite *suite = ms_tls_suite_find(t->info->cipher);
    uint8_t                   *master = ms_secret_alloc(MASTER);
    if (t->info->flags & MS_TLS_COMPRESSED || !find_master(t, suite, master)) {
        ms_secret_free(master, MASTER);
        return may_learn(t, d) && !t->hasten ? MS_KEYS_WAIT : MS_KEYS_NONE;
    }
    e->master = master;
    e->paired = true;
    bool etm = t->info->flags & MS_TLS_ENCRYPT_THEN_MAC;
    return ms_tls_cipher_pair(t->info->version, suite, master, &e->hs.randoms, etm, e->next) ? MS_KEYS_HERE : MS_KEYS_NONE;
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
    if (!e || !e->hs.have_client || !e->hs.have_server)
        return MS_KEYS_NONE;
    return ms_tls_is13(t) ? keys13(t, d) : keys12(t, d);
}

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
