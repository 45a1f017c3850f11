/* tls/open.c - opens protected records: RFC 6101 5.2.3, 5246 6.2.3, 7366, 5288, 6655, 7905, 8446 5.2.
 *
 * How      An attempt at a record has two steps. `prepare` does what needs no sequence number (CBC, RC4); `fits` tries one: the MAC, or
 *          the whole AEAD. So records behind a gap cost one decryption and a MAC a guess, or one AEAD a guess.
 * Guesses  What they may cost altogether is bounded: GUESS_BYTES, and GUESS_SHARE times what was opened well.
 * Timing   is no matter here: nobody waits for an answer, so padding and MAC are compared plainly.
 *
 * BUGS     The first record behind a gap is lost with CBC of SSL 3.0 and TLS 1.0, since its IV was the end of the record before it.        */
#include "base/secret.h"
#include "tls/cipher.h"

enum { GUESSES = 1024, GUESS_SHARE = 4, GUESS_COST = 64, UPDATE_COST = 16384, RECORD_HEADER = 5 };
#define GUESS_BYTES (32ull << 20)

struct attempt {
    const uint8_t  *header;
    struct ms_bytes body;
    uint8_t        *out;
    struct ms_bytes content, mac;   /* in `out`, after `prepare`; with encrypt-then-MAC the MAC is in `body` */
};

static void put_be64(uint8_t *p, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        p[i] = (uint8_t)v;
}

/* ---- MACs ------------------------------------------------------------------------------------------------------------------ */

static bool mac_is(struct ms_tls_cipher *c, const struct attempt *a, uint64_t sequence, struct ms_bytes data)
{
    uint8_t head[13], hash[EVP_MAX_MD_SIZE];
    size_t  n = 9;
    put_be64(head, sequence);
    head[8] = a->header[0];
    if (c->version != 0x0300) {
        memcpy(head + 9, a->header + 1, 2);
        n = 11;
    }
    head[n++] = (uint8_t)(data.n >> 8);
    head[n++] = (uint8_t)data.n;
    bool good = EVP_DigestInit_ex2(c->md, NULL, NULL) == 1 && EVP_DigestUpdate(c->md, c->keys->inner, c->inner) == 1
                && EVP_DigestUpdate(c->md, head, n) == 1 && EVP_DigestUpdate(c->md, data.p, data.n) == 1
                && EVP_DigestFinal_ex(c->md, hash, NULL) == 1;
    good = good && EVP_DigestInit_ex2(c->md, NULL, NULL) == 1 && EVP_DigestUpdate(c->md, c->keys->outer, c->outer) == 1
           && EVP_DigestUpdate(c->md, hash, c->mac) == 1 && EVP_DigestFinal_ex(c->md, hash, NULL) == 1;
    return good && memcmp(hash, a->mac.p, c->mac) == 0;
}

/* ---- stream and block ciphers ------------------------------------------------------------------------------------------------ */

/* content + MAC */
static bool split_mac(const struct ms_tls_cipher *c, struct attempt *a, struct ms_bytes both)
{
    if (both.n < c->mac)
        return false;
    a->content = ms_head(both, both.n - c->mac);
    a->mac = ms_tail(both, both.n - c->mac);
    return true;
}

static bool strip_padding(const struct ms_tls_cipher *c, struct ms_bytes *b)
{
    if (b->n == 0)
        return false;
    size_t pad = b->p[b->n - 1];
    if (pad + 1 > b->n)
        return false;
    for (size_t i = b->n - 1 - pad; i < b->n && c->version != 0x0300; i++) /* SSL 3.0 pads with anything */
        if (b->p[i] != pad)
            return false;
    *b = ms_head(*b, b->n - 1 - pad);
    return true;
}

static bool prepare_cbc(struct ms_tls_cipher *c, struct attempt *a)
{
    struct ms_bytes sealed = a->body;
    size_t          block = c->bulk->iv;
    int             n = 0;
    if (c->encrypt_then_mac) {
        if (sealed.n < c->mac)
            return false;
        a->mac = ms_tail(sealed, sealed.n - c->mac);
        sealed = ms_head(sealed, sealed.n - c->mac);
    }
    if (sealed.n == 0 || sealed.n % block || EVP_DecryptUpdate(c->ctx, a->out, &n, sealed.p, (int)sealed.n) != 1)
        return false;
    struct ms_bytes plain = { a->out, (size_t)n };
    if (!c->chained)
        plain = ms_tail(plain, block);
    if (!strip_padding(c, &plain))
        return false;
    if (!c->encrypt_then_mac)
        return split_mac(c, a, plain);
    a->content = plain;
    return true;
}

static bool prepare(struct ms_tls_cipher *c, struct attempt *a)
{
    switch (c->bulk->mode) {
    case MS_MODE_CBC:
        return prepare_cbc(c, a);
    case MS_MODE_RC4:
        ms_tls_rc4_run(&c->keys->rc4, a->body, a->out);
        return split_mac(c, a, (struct ms_bytes){ a->out, a->body.n });
    case MS_MODE_NULL:
        if (a->body.n)
            memcpy(a->out, a->body.p, a->body.n);
        return split_mac(c, a, (struct ms_bytes){ a->out, a->body.n });
    default:
        return a->body.n >= (size_t)c->bulk->tag + (c->explicit_nonce ? 8 : 0);
    }
}

/* ---- AEAD ---------------------------------------------------------------------------------------------------------------------- */

/* RFC 5246 6.2.3.3, RFC 8446 5.2 */
static size_t additional_data(const struct ms_tls_cipher *c, const struct attempt *a, uint64_t sequence, size_t plain, uint8_t ad[13])
{
    if (c->version == 0x0304) {
        memcpy(ad, a->header, RECORD_HEADER);
        return RECORD_HEADER;
    }
    put_be64(ad, sequence);
    memcpy(ad + 8, a->header, 3);
    ad[11] = (uint8_t)(plain >> 8);
    ad[12] = (uint8_t)plain;
    return 13;
}

static void nonce_of(const struct ms_tls_cipher *c, const struct attempt *a, uint64_t sequence, uint8_t nonce[12])
{
    memcpy(nonce, c->keys->iv, 12);
    if (c->explicit_nonce) {
        memcpy(nonce + 4, a->body.p, 8);
        return;
    }
    uint8_t number[8];
    put_be64(number, sequence);
    for (size_t i = 0; i < 8; i++)
        nonce[4 + i] ^= number[i];
}

static bool aead_fits(struct ms_tls_cipher *c, struct attempt *a, uint64_t sequence)
{
    struct ms_bytes sealed = ms_tail(a->body, c->explicit_nonce ? 8 : 0);
    struct ms_bytes tag = ms_tail(sealed, sealed.n - c->bulk->tag);
    uint8_t         nonce[12], ad[13], tag_copy[16];
    sealed = ms_head(sealed, sealed.n - c->bulk->tag);
    nonce_of(c, a, sequence, nonce);
    memcpy(tag_copy, tag.p, tag.n); /* libcrypto asks for it writable */
    int  n = 0, more = 0, ad_n = (int)additional_data(c, a, sequence, sealed.n, ad);
    bool ccm = c->bulk->mode == MS_MODE_CCM;
    if (EVP_DecryptInit_ex2(c->ctx, NULL, NULL, nonce, NULL) != 1
        || EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, (int)tag.n, tag_copy) != 1
        || (ccm && EVP_DecryptUpdate(c->ctx, NULL, &n, NULL, (int)sealed.n) != 1) /* CCM wants the length first */
        || (!c->bare && EVP_DecryptUpdate(c->ctx, NULL, &n, ad, ad_n) != 1))
        return false;
    n = 0;
    if ((sealed.n || ccm) && EVP_DecryptUpdate(c->ctx, a->out, &n, sealed.p, (int)sealed.n) != 1)
        return false;
    if (!ccm && EVP_DecryptFinal_ex(c->ctx, a->out + n, &more) != 1)
        return false;
    a->content = (struct ms_bytes){ a->out, sealed.n };
    return true;
}

/* ---- one record ------------------------------------------------------------------------------------------------------------------ */

/* The drafts of TLS 1.3 up to 24 did not authenticate the header: the first record shows it. */
static bool bare_fits(struct ms_tls_cipher *c, struct attempt *a, uint64_t sequence)
{
    if (c->version != 0x0304 || c->opened || sequence || c->bare)
        return false;
    c->bare = true;
    c->bare = aead_fits(c, a, sequence);
    return c->bare;
}

static bool fits(struct ms_tls_cipher *c, struct attempt *a, uint64_t sequence)
{
    if (c->bulk->tag)
        return aead_fits(c, a, sequence) || bare_fits(c, a, sequence);
    if (!c->mac)
        return true; /* NULL_WITH_NULL_NULL */
    return mac_is(c, a, sequence, c->encrypt_then_mac ? ms_head(a->body, a->body.n - c->mac) : a->content);
}

static uint64_t explicit_nonce(const struct attempt *a) { return (uint64_t)ms_be32(a->body.p) << 32 | ms_be32(a->body.p + 4); }

static void accept(struct ms_tls_cipher *c, struct attempt *a, uint64_t sequence)
{
    c->sequence = sequence + 1;
    c->behind = 0;
    c->opened += a->body.n;
    c->have_nonce = c->explicit_nonce;
    if (c->explicit_nonce)
        c->nonce = explicit_nonce(a);
}

/* TLS 1.3: the content type is the last byte that is not zero (RFC 8446 5.4). */
static void tell(const struct ms_tls_cipher *c, const struct attempt *a, struct ms_bytes *plain, uint8_t *type)
{
    *plain = a->content;
    *type = a->header[0];
    if (c->version != 0x0304)
        return;
    while (plain->n && plain->p[plain->n - 1] == 0)
        plain->n--;
    *type = plain->n ? plain->p[--plain->n] : 0;
}

bool ms_tls_cipher_open(struct ms_tls_cipher *c, const uint8_t header[5], struct ms_bytes body, uint8_t *out, struct ms_bytes *plain,
                        uint8_t *type)
{
    struct attempt a = { .header = header, .body = body, .out = out };
    if (body.n > UINT16_MAX || !prepare(c, &a) || !fits(c, &a, c->sequence)) {
        c->behind++;
        return false;
    }
    accept(c, &a, c->sequence);
    tell(c, &a, plain, type);
    return true;
}

/* ---- behind a gap ------------------------------------------------------------------------------------------------------------------ */

static bool afford(struct ms_tls_cipher *c, uint64_t bytes)
{
    uint64_t may = GUESS_BYTES + GUESS_SHARE * c->opened;
    if (c->spent > may || bytes > may - c->spent)
        return false;
    c->spent += bytes;
    return true;
}

/* How many records can be missing: `from` to `to`. */
struct range { uint64_t from, to; };

static struct range possible(const struct ms_tls_cipher *c, uint64_t missing, uint64_t most)
{
    uint64_t     smallest = (uint64_t)RECORD_HEADER + c->mac + c->bulk->tag;
    struct range r = { missing / (RECORD_HEADER + MS_TLS_RECORD_MAX), most };
    if (missing && r.to > missing / smallest + c->behind)
        r.to = missing / smallest + c->behind;
    if (r.from > r.to)
        r.from = r.to;
    if (r.from < 1)
        r.from = 1;
    if (r.to > r.from + GUESSES - 1)
        r.to = r.from + GUESSES - 1;
    return r;
}

/* Senders count the explicit nonce up, so that it tells how many records are missing. */
static bool nonce_tells(const struct ms_tls_cipher *c, const struct attempt *a, uint64_t *lost)
{
    if (!c->have_nonce)
        return false;
    *lost = explicit_nonce(a) - c->nonce - 1;
    return *lost < UINT32_MAX;
}

static bool guess(struct ms_tls_cipher *c, struct attempt *a, struct range r, uint64_t *lost)
{
    uint64_t told = 0;
    if (fits(c, a, c->sequence)) { /* nothing is missing after all, or an earlier call has found the number */
        *lost = 0;
        return true;
    }
    if (nonce_tells(c, a, &told) && fits(c, a, c->sequence + told)) {
        *lost = told;
        return true;
    }
    for (*lost = r.from; *lost <= r.to && afford(c, a->body.n + GUESS_COST); ++*lost)
        if (fits(c, a, c->sequence + *lost))
            return true;
    return false;
}

/* RC4 goes on over the missing bytes, but not over the headers among them: the more records, the nearer the place. */
static bool guess_rc4(struct ms_tls_cipher *c, struct attempt *a, struct range r, uint64_t missing, uint64_t *lost)
{
    struct ms_tls_rc4 was = c->keys->rc4, at = was;
    uint64_t          past = 0; /* bytes that `at` has skipped */
    bool              found = false;
    for (uint64_t k = 0; k <= r.to - (missing ? r.from : 0) && !found; k++) {
        *lost = missing ? r.to - k : k;
        uint64_t headers = RECORD_HEADER * (*lost > c->behind ? *lost - c->behind : 0);
        uint64_t skip = missing > headers ? missing - headers : 0;
        if (!afford(c, skip - past + a->body.n + GUESS_COST))
            break;
        ms_tls_rc4_skip(&at, skip - past);
        past = skip;
        c->keys->rc4 = at;
        found = prepare(c, a) && fits(c, a, c->sequence + *lost);
    }
    if (!found)
        c->keys->rc4 = was;
    ms_secret_wipe(&was, sizeof was);
    ms_secret_wipe(&at, sizeof at);
    return found;
}

/* A KeyUpdate was among the missing records: the next generation counts from 0 (RFC 8446 5.3). How many came before is not known. */
static bool guess_update(struct ms_tls_cipher *c, struct attempt *a, struct range r, uint64_t *lost)
{
    struct ms_tls_cipher *next = c->version == 0x0304 && afford(c, UPDATE_COST) ? ms_tls_cipher_next(c) : NULL;
    bool                  found = false;
    for (uint64_t k = 0; next && k < r.to && !found && afford(c, a->body.n + GUESS_COST); k++) {
        found = fits(next, a, k);
        next->sequence = k;
    }
    if (found) {
        *lost = next->sequence + 1;
        ms_tls_cipher_replace(c, next);
    } else {
        ms_tls_cipher_destroy(next);
    }
    return found;
}

static bool find(struct ms_tls_cipher *c, struct attempt *a, uint64_t missing, uint64_t most, uint64_t *lost)
{
    struct range r = possible(c, missing, most);
    if (c->bulk->mode == MS_MODE_RC4) {
        if (r.to < r.from || !guess_rc4(c, a, r, missing, lost))
            return false;
        c->sequence += *lost;
        return true;
    }
    if (!prepare(c, a))
        return false;
    if (guess(c, a, r, lost)) {
        c->sequence += *lost;
        return true;
    }
    return guess_update(c, a, r, lost);
}

bool ms_tls_cipher_resync(struct ms_tls_cipher *c, uint64_t missing, uint64_t most, const uint8_t header[5], struct ms_bytes body, uint8_t *out,
                          struct ms_bytes *plain, uint8_t *type, uint64_t *lost)
{
    struct attempt a = { .header = header, .body = body, .out = out };
    *lost = 0;
    if (body.n > UINT16_MAX || !find(c, &a, missing, most, lost))
        return false;
    bool torn = c->chained && c->encrypt_then_mac && *lost > c->behind; /* authentic, but its first block cannot be read */
    accept(c, &a, c->sequence);
    if (!torn)
        tell(c, &a, plain, type);
    return !torn;
}
