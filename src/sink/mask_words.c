/* One-to-one mappings of words, by key.
 *
 * Word     cut in two halves that are added to each other in turns, each letter modulo 26 (in long hexadecimal words each digit modulo 16), each
 *          digit modulo 10: a Feistel network of ROUNDS. Case stays. A result that is a word of the vocabulary goes through once more.
 * Single letters and digits stay but where somebody could be told by them: in names, secrets and messages (MS_MASK_SINGLES).  */
#include "sink/mask_private.h"

enum { ROUNDS = 4, HEX_MIN = 16, WALK_MAX = 64 };

/* ---- SipHash-2-4 (Aumasson, Bernstein 2012) ------------------------------------------------------------------- */

static uint64_t rotate(uint64_t x, int by) { return x << by | x >> (64 - by); }

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t m)
{
    v[3] ^= m;
    sip_round(v);
    sip_round(v);
    v[0] ^= m;
}

uint64_t ms_mask_hash(const struct ms_mask *m, uint64_t salt, struct ms_bytes b)
{
    uint64_t v[4] = { m->key[0] ^ 0x736f6d6570736575u, m->key[1] ^ 0x646f72616e646f6du, m->key[0] ^ 0x6c7967656e657261u, m->key[1] ^ 0x7465646279746573u };
    uint64_t last = (uint64_t)b.n << 56;
    sip_word(v, salt);
    for (; b.n >= 8; b = ms_tail(b, 8))
        sip_word(v, ms_le64(b.p));
    for (size_t i = 0; i < b.n; i++)
        last |= (uint64_t)b.p[i] << 8 * i;
    sip_word(v, last);
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- words --------------------------------------------------------------------------------------------------- */

static bool is_hex_word(const uint8_t *p, size_t n)
{
    bool digit = false, letter = false;
    for (size_t i = 0; i < n; i++) {
        digit |= ms_is_digit(p[i]);
        letter |= !ms_is_digit(p[i]);
        if (!ms_is_digit(p[i]) && (ms_lower(p[i]) < 'a' || ms_lower(p[i]) > 'f'))
            return false;
    }
    return n >= HEX_MIN && digit && letter;
}

static unsigned radix(uint8_t c, bool hex) { return hex ? 16 : ms_is_digit(c) ? 10 : 26; }

static unsigned value_of(uint8_t c) { return ms_is_digit(c) ? c - '0' : c - 'a'; }

static uint8_t digit_of(unsigned v, unsigned r, uint8_t old)
{
    if (r == 16)
        return (uint8_t)(v < 10 ? '0' + v : 'a' + v - 10);
    return (uint8_t)((ms_is_digit(old) ? '0' : 'a') + v);
}

static unsigned hex_value(uint8_t c) { return ms_is_digit(c) ? c - '0' : c - 'a' + 10; }

static void add_half(const struct ms_mask *m, uint8_t *to, size_t n, struct ms_bytes other, uint64_t salt)
{
    bool     hex = salt >> 63;
    uint64_t state = ms_mask_hash(m, salt, other);
    for (size_t i = 0; i < n; i++) {
        unsigned r = radix(to[i], hex), v = hex ? hex_value(to[i]) : value_of(to[i]);
        to[i] = digit_of((unsigned)((v + ms_mask_next(&state) % r) % r), r, to[i]);
    }
}

/* `n` lower-case letters and digits, at least 2. */
static void permute(const struct ms_mask *m, uint8_t *p, size_t n, bool hex)
{
    size_t half = n / 2;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t salt = (uint64_t)hex << 63 | (uint64_t)n << 8 | round;
        if (round % 2 == 0)
            add_half(m, p, half, (struct ms_bytes){ p + half, n - half }, salt);
        else
            add_half(m, p + half, n - half, (struct ms_bytes){ p, half }, salt);
    }
}

unsigned ms_mask_vocabulary(const struct ms_mask *m, const uint8_t *p, size_t n)
{
    uint8_t low[24];
    if (n > sizeof low)
        return 0;
    for (size_t i = 0; i < n; i++)
        low[i] = ms_lower(p[i]);
    return (unsigned)(uintptr_t)ms_map_get(&m->vocabulary, (struct ms_bytes){ low, n });
}

static bool is_upper(uint8_t c) { return c >= 'A' && c <= 'Z'; }

/* Letters get the case of their place; where a hexadecimal word had a digit, that of the word. */
static void mask_part(const struct ms_mask *m, uint8_t *p, size_t n)
{
    uint8_t low[256];
    bool    hex = is_hex_word(p, n), upper = false;
    for (size_t i = 0; i < n; i++) {
        low[i] = ms_lower(p[i]);
        upper |= is_upper(p[i]);
    }
    for (int walk = 0; walk < WALK_MAX; walk++) {
        permute(m, low, n, hex);
        if (!ms_mask_vocabulary(m, low, n))
            break;
    }
    for (size_t i = 0; i < n; i++) {
        bool raise = (hex ? upper : is_upper(p[i])) && !ms_is_digit(low[i]);
        p[i] = raise ? (uint8_t)(low[i] & ~0x20) : low[i];
    }
}

void ms_mask_word(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { PART = 256 };
    for (; n > PART; p += PART, n -= PART)
        mask_part(m, p, PART);
    if (n > 1)
        mask_part(m, p, n);
}

void ms_mask_noise(const struct ms_mask *m, uint8_t *p, size_t n)
{
    uint64_t state = ms_mask_hash(m, 1u << 30, (struct ms_bytes){ p, n });
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)ms_mask_next(&state);
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

void ms_mask_hide(struct ms_mask *m, struct ms_bytes name)
{
    uint8_t low[64];
    for (size_t i = 0; i < name.n;) {
        size_t n = 0;
        while (i + n < name.n && ms_is_word(name.p[i + n]))
            n++;
        for (size_t k = 0; k < n && k < sizeof low; k++)
            low[k] = ms_lower(name.p[i + k]);
        void **at = n > 1 && n <= sizeof low ? ms_map_put(&m->hidden, (struct ms_bytes){ low, n }) : NULL;
        if (at)
            *at = m;
        i += n + 1;
    }
}

struct ms_mask *ms_mask_create(const struct ms_limits *limits, const uint8_t key[MS_MASK_KEY_BYTES])
{
    struct ms_mask *m = ms_alloc(sizeof *m);
    m->limits = *limits;
    m->key[0] = ms_le64(key);
    m->key[1] = ms_le64(key + 8);
    m->hidden.cap = (uint32_t)limits->groups * 8;
    ms_mask_fill_vocabulary(&m->vocabulary);
    m->streams = ms_mask_streams_create(m);
    return m;
}

void ms_mask_destroy(struct ms_mask *m)
{
    if (!m)
        return;
    ms_mask_streams_destroy(m->streams);
    ms_map_finish(&m->vocabulary);
    ms_map_finish(&m->hidden);
    ms_map_finish(&m->flows);
    ms_buffer_finish(&m->packet);
    ms_free(m);
}
