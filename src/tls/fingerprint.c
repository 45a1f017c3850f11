/* JA3, JA3S (MD5 in hex) and JA4, JA4S. Without MD5 or SHA-256 in libcrypto (a FIPS provider has no MD5) a fingerprint stays empty. */
#include "base/text.h"
#include "tls/hello.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { SHORT_HASH = 6 /* bytes: 12 hex digits */, MOST = 99 };

static const char no_hash[] = "000000000000";

static bool digest(const EVP_MD *md, struct ms_bytes text, uint8_t out[EVP_MAX_MD_SIZE])
{
    return md && EVP_Digest(text.p, text.n, out, NULL, md, NULL) == 1;
}

/* The MD5 of `t` in hex, kept in the arena; t is empty again. */
static struct ms_bytes keep_md5(struct ms_buffer *t, struct ms_arena *arena)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    bool    ok = digest(EVP_md5(), ms_buffer_bytes(t), hash);
    t->n = 0;
    if (!ok)
        return (struct ms_bytes){ 0 };
    ms_text_hex(t, (struct ms_bytes){ hash, 16 });
    struct ms_bytes kept = ms_arena_keep(arena, ms_buffer_bytes(t));
    t->n = 0;
    return kept;
}

/* Two bytes each, gathered from the wire without GREASE: at most 32,767 fit into a hello. */
struct codes { uint16_t *p; size_t n; };

static struct codes gather_codes(struct ms_bytes wire)
{
    struct codes c = { ms_alloc(wire.n + 1), 0 };
    while (wire.n >= 2) {
        uint16_t code = ms_tls_code_next(&wire);
        if (!ms_tls_is_grease(code))
            c.p[c.n++] = code;
    }
    return c;
}

static struct codes gather_types(struct ms_bytes extensions)
{
    struct codes    c = { ms_alloc(extensions.n / 2 + 1), 0 };
    struct ms_bytes body;
    uint16_t        type;
    while (ms_tls_extension_next(&extensions, &type, &body))
        if (!ms_tls_is_grease(type))
            c.p[c.n++] = type;
    return c;
}

/* "4865-4866"; frees the codes. */
static void add_decimal(struct ms_buffer *t, struct codes c)
{
    for (size_t i = 0; i < c.n; i++)
        ms_text_format(t, i ? "-%u" : "%u", c.p[i]);
    ms_free(c.p);
}

static int compare_codes(const void *a, const void *b)
{
    uint16_t x = *(const uint16_t *)a, y = *(const uint16_t *)b;
    return (x > y) - (x < y);
}

/* "002f,0035" */
static void add_list(struct ms_buffer *t, struct codes c)
{
    for (size_t i = 0; i < c.n; i++) {
        uint8_t two[2] = { (uint8_t)(c.p[i] >> 8), (uint8_t)c.p[i] };
        if (i)
            ms_text_char(t, ',');
        ms_text_hex(t, (struct ms_bytes){ two, 2 });
    }
}

/* "_" and the first twelve hex digits of the SHA-256 of `list`; twelve zeros when it is empty. */
static bool add_hash(struct ms_buffer *t, const struct ms_buffer *list)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    ms_text_char(t, '_');
    if (list->n == 0) {
        ms_text_str(t, no_hash);
        return true;
    }
    if (!digest(EVP_sha256(), ms_buffer_bytes(list), hash))
        return false;
    ms_text_hex(t, (struct ms_bytes){ hash, SHORT_HASH });
    return true;
}

static const char *version_letters(uint16_t version)
{
    switch (version) {
    case 0x0304: return "13";
    case 0x0303: return "12";
    case 0x0302: return "11";
    case 0x0301: return "10";
    case 0x0300: return "s3";
    case 0x0002: return "s2";
    default: return "00";
    }
}

static bool is_alphanumeric(uint8_t c)
{
    return ms_is_digit(c) || (ms_lower(c) >= 'a' && ms_lower(c) <= 'z');
}

/* First and last character of the first name; of its hex digits when one of the two is neither letter nor digit. */
static void add_protocol(struct ms_buffer *t, struct ms_bytes protocols)
{
    static const char digits[] = "0123456789abcdef";
    struct ms_bytes   name = { 0 };
    if (!ms_tls_protocol_next(&protocols, &name) || name.n == 0) {
        ms_text_str(t, "00");
        return;
    }
    uint8_t first = name.p[0], last = name.p[name.n - 1];
    bool    plain = is_alphanumeric(first) && is_alphanumeric(last);
    ms_text_char(t, plain ? (char)first : digits[first >> 4]);
    ms_text_char(t, plain ? (char)last : digits[last & 15]);
}

static void add_count(struct ms_buffer *t, size_t n)
{
    ms_text_format(t, "%02u", (unsigned)(n < MOST ? n : MOST));
}

/* The extensions sorted, without server_name and ALPN, then the signature algorithms as they come. */
static void list_extensions(struct ms_buffer *list, struct codes *types, struct ms_bytes signatures)
{
    size_t kept = 0;
    for (size_t i = 0; i < types->n; i++)
        if (types->p[i] != MS_EXT_SERVER_NAME && types->p[i] != MS_EXT_ALPN)
            types->p[kept++] = types->p[i];
    types->n = kept;
    qsort(types->p, types->n, sizeof *types->p, compare_codes);
    add_list(list, *types);
    struct codes s = gather_codes(signatures);
    if (s.n)
        ms_text_char(list, '_');
    add_list(list, s);
    ms_free(s.p);
}

static bool build_ja4(struct ms_buffer *t, const struct ms_tls_hello *h)
{
    struct codes     ciphers = gather_codes(h->ciphers), types = gather_types(h->extensions);
    struct ms_buffer list = { 0 };
    ms_text_char(t, 't');
    ms_text_str(t, version_letters(ms_tls_hello_version(h)));
    ms_text_char(t, ms_tls_hello_has(h, MS_EXT_SERVER_NAME) ? 'd' : 'i');
    add_count(t, ciphers.n);
    add_count(t, types.n);
    add_protocol(t, h->protocols);
    qsort(ciphers.p, ciphers.n, sizeof *ciphers.p, compare_codes);
    add_list(&list, ciphers);
    bool ok = add_hash(t, &list);
    list.n = 0;
    list_extensions(&list, &types, h->signatures);
    ok = ok && add_hash(t, &list);
    ms_buffer_finish(&list);
    ms_free(ciphers.p);
    ms_free(types.p);
    return ok;
}

void ms_tls_ja3_text(const struct ms_tls_hello *h, struct ms_buffer *t)
{
    ms_text_u64(t, h->version);
    ms_text_char(t, ',');
    add_decimal(t, gather_codes(h->ciphers));
    ms_text_char(t, ',');
    add_decimal(t, gather_types(h->extensions));
    if (h->server)
        return;
    ms_text_char(t, ',');
    add_decimal(t, gather_codes(h->groups));
    ms_text_char(t, ',');
    for (size_t i = 0; i < h->formats.n; i++)
        ms_text_format(t, i ? "-%u" : "%u", h->formats.p[i]);
}

void ms_tls_fingerprint_client(const struct ms_tls_hello *h, struct ms_arena *arena, struct ms_tls_info *info)
{
    struct ms_buffer t = { 0 };
    ms_tls_ja3_text(h, &t);
    info->ja3 = keep_md5(&t, arena);
    if (build_ja4(&t, h))
        info->ja4 = ms_arena_keep(arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
}

static bool build_ja4s(struct ms_buffer *t, const struct ms_tls_hello *h)
{
    struct codes     types = gather_types(h->extensions);
    struct ms_buffer list = { 0 };
    ms_text_char(t, 't');
    ms_text_str(t, version_letters(ms_tls_hello_version(h)));
    add_count(t, types.n);
    add_protocol(t, h->protocols);
    ms_text_char(t, '_');
    ms_text_hex(t, h->ciphers);
    add_list(&list, types);
    bool ok = add_hash(t, &list);
    ms_buffer_finish(&list);
    ms_free(types.p);
    return ok;
}

void ms_tls_fingerprint_server(const struct ms_tls_hello *h, struct ms_arena *arena, struct ms_tls_info *info)
{
    struct ms_buffer t = { 0 };
    if (h->ciphers.n < 2) /* cut before it: nothing to tell servers apart by */
        return;
    ms_text_u64(&t, h->version);
    ms_text_char(&t, ',');
    ms_text_u64(&t, ms_be16(h->ciphers.p));
    ms_text_char(&t, ',');
    add_decimal(&t, gather_types(h->extensions));
    info->ja3s = keep_md5(&t, arena);
    if (build_ja4s(&t, h))
        info->ja4s = ms_arena_keep(arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
}
