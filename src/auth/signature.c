/* auth/signature.c - what a signature says of itself, and the digest of the fields that it lists. */
#include "auth/signature.h"
#include "auth/tags.h"

#include <openssl/evp.h>

enum { BODY_HASH_BYTES = 32, B_BYTES = 1024, MOST_DIGITS = 12, MOST_LENGTH_DIGITS = 18 };

struct draft { const struct ms_reading *r; struct ms_signature *s; struct ms_tags tags; struct ms_bytes list; bool relaxed_header, relaxed_body; };

/* Names in DNS that hold more than letters, digits, hyphens and underscores are made to confuse somebody. */
static bool is_plain_name(struct ms_bytes name)
{
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = ms_lower(name.p[i]);
        if (!((c >= 'a' && c <= 'z') || ms_is_digit(c) || c == '-' || c == '_' || c == '.' || c >= 0x80))
            return false;
    }
    return ms_dns_name_fits(name);
}

static const char *read_algorithm(struct draft *d)
{
    struct ms_bytes a = ms_tag_value(&d->tags, "a");
    d->s->ed25519 = ms_equal_nocase(a, MS_LIT("ed25519-sha256"));
    d->s->sha1 = ms_equal_nocase(a, MS_LIT("rsa-sha1"));
    if (d->s->sha1)
        return "its algorithm, rsa-sha1, is no longer acceptable (RFC 8301)";
    return d->s->ed25519 || ms_equal_nocase(a, MS_LIT("rsa-sha256")) ? NULL : "its algorithm (a=) is unknown";
}

static bool read_form(struct ms_bytes word, bool *relaxed)
{
    *relaxed = ms_equal_nocase(word, MS_LIT("relaxed"));
    return *relaxed || word.n == 0 || ms_equal_nocase(word, MS_LIT("simple"));
}

static const char *read_forms(struct draft *d)
{
    struct ms_bytes c = ms_tag_value(&d->tags, "c");
    size_t          slash = ms_find(c, '/');
    if (d->s->kind == MS_ARC_SEAL) {
        d->relaxed_header = true;
        return NULL;
    }
    return read_form(ms_head(c, slash), &d->relaxed_header) && read_form(ms_tail(c, slash + 1), &d->relaxed_body)
               ? NULL : "its canonicalization (c=) is unknown";
}

static bool is_below(struct ms_bytes name, struct ms_bytes domain)
{
    return name.n >= domain.n && ms_equal(ms_tail(name, name.n - domain.n), domain) &&
           (name.n == domain.n || name.p[name.n - domain.n - 1] == '.');
}

static const char *read_names(struct draft *d)
{
    struct ms_signature *s = d->s;
    struct ms_bytes      i = ms_tag_value(&d->tags, "i");
    s->domain = ms_arena_lower(d->r->arena, ms_tag_packed(ms_tag_value(&d->tags, "d"), d->r->arena));
    s->selector = ms_arena_lower(d->r->arena, ms_tag_packed(ms_tag_value(&d->tags, "s"), d->r->arena));
    s->domain_odd = (s->domain.n && !is_plain_name(s->domain)) || (s->selector.n && !is_plain_name(s->selector));
    if (s->domain.n == 0 || s->selector.n == 0)
        return "it names no domain (d=) or no selector (s=)";
    if (s->domain_odd)
        return "its domain or selector is no name that DNS knows";
    s->identity = s->domain;
    if (s->kind != MS_DKIM_SIGNATURE || i.n == 0)
        return NULL;
    size_t at = i.n;
    while (at > 0 && i.p[at - 1] != '@')
        at--;
    s->identity = ms_arena_lower(d->r->arena, ms_tail(i, at));
    return at && is_below(s->identity, s->domain) ? NULL : "its identity (i=) is not of its domain (d=)";
}

/* Digits alone, a bounded number of them. */
static bool read_number(const struct draft *d, const char *name, size_t most, uint64_t *out)
{
    const struct ms_tag *tag = ms_tag_find(&d->tags, name);
    *out = 0;
    return !tag || (tag->value.n <= most && ms_parse_u64(tag->value, out));
}

static const char *read_numbers(struct draft *d)
{
    struct ms_signature *s = d->s;
    uint64_t             length;
    const struct ms_tag *l = ms_tag_find(&d->tags, "l"), *q = ms_tag_find(&d->tags, "q");
    s->length = MS_BODY_WHOLE;
    if (!read_number(d, "t", MOST_DIGITS, &s->signed_at) || !read_number(d, "x", MOST_DIGITS, &s->until))
        return "its times (t=, x=) make no sense";
    if (s->until && s->until < s->signed_at)
        return "it expires (x=) before it was made (t=)";
    if (!read_number(d, "l", MOST_LENGTH_DIGITS, &length) || (l && l->value.n == 0))
        return "its body length (l=) makes no sense";
    if (l)
        s->length = (int64_t)length;
    s->has_length = l != NULL;
    return s->kind == MS_DKIM_SIGNATURE && q && !ms_tag_lists(q->value, "dns/txt") ? "it gives no way to its key (q=)" : NULL;
}

static const char *read_values(struct draft *d)
{
    struct ms_signature *s = d->s;
    if (!ms_tag_base64(ms_tag_value(&d->tags, "b"), d->r->arena, &s->b) || s->b.n > B_BYTES)
        return "its value (b=) is missing or no base64";
    if (s->kind == MS_ARC_SEAL)
        return ms_tag_find(&d->tags, "h") || ms_tag_find(&d->tags, "bh") ? "a seal has neither h= nor bh=" : NULL;
    if (!ms_tag_base64(ms_tag_value(&d->tags, "bh"), d->r->arena, &s->body_hash) || s->body_hash.n != BODY_HASH_BYTES)
        return "its body hash (bh=) is missing or of a wrong size";
    d->list = ms_tag_value(&d->tags, "h");
    if (!ms_tag_lists(d->list, "from"))
        return "it does not cover From (h=)";
    return s->kind == MS_ARC_MESSAGE_SIGNATURE && ms_tag_lists(d->list, "arc-seal") ? "it covers an ARC-Seal" : NULL;
}

static const char *read_kind(struct draft *d)
{
    struct ms_signature *s = d->s;
    struct ms_bytes      cv = ms_tag_value(&d->tags, "cv");
    const struct ms_tag *v = ms_tag_find(&d->tags, "v");
    if (s->kind == MS_DKIM_SIGNATURE)
        return v && ms_equal(v->value, MS_LIT("1")) ? NULL : "its version (v=) is not 1";
    if (!read_number(d, "i", 4, &s->instance) || s->instance == 0)
        return "its instance (i=) makes no sense";
    s->cv = ms_equal_nocase(cv, MS_LIT("none")) ? 'n' : ms_equal_nocase(cv, MS_LIT("pass")) ? 'p' : ms_equal_nocase(cv, MS_LIT("fail")) ? 'f' : 0;
    return NULL;
}

static const char *read_all(struct draft *d, const struct ms_field *field)
{
    static const char *(*const steps[])(struct draft *) = { read_kind, read_names, read_algorithm, read_forms, read_numbers, read_values };
    if (!ms_tags_read(field->value, &d->tags))
        return "it makes no sense";
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const char *broken = steps[i](d);
        if (broken)
            return broken;
    }
    return NULL;
}

/* More lines than a name is listed: one more is not covered (RFC 6376 5.4.2, 8.15). */
static bool from_is_listed_once(const struct ms_fields *f, struct ms_bytes list)
{
    size_t there = 0, listed = 0;
    for (uint32_t i = ms_fields_last(f, MS_LIT("from")); i; i = f->above[i - 1])
        there++;
    while (list.n)
        listed += ms_equal_nocase(ms_tag_next(&list), MS_LIT("from"));
    return listed < there + 1;
}

/* The next one from below; a signature does not cover itself this way. NULL: there is none, which is covered, too. */
static const struct ms_field *next_field(struct ms_fields *f, struct ms_bytes name, const struct ms_field *own)
{
    uint32_t i = ms_fields_next(f, name);
    if (i && &f->at[i - 1] == own)
        i = ms_fields_next(f, name);
    return i ? &f->at[i - 1] : NULL;
}

static void hash_fields(struct draft *d, const struct ms_field *own)
{
    const struct ms_tag *b = ms_tag_find(&d->tags, "b");
    EVP_MD_CTX          *md = EVP_MD_CTX_new();
    struct ms_form       form = { .relaxed = d->relaxed_header };
    if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
        d->s->broken = "there is no SHA-256 here";
    ms_fields_restart(d->r->fields);
    for (struct ms_bytes list = d->list; list.n && !d->s->broken;) {
        const struct ms_field *field = next_field(d->r->fields, ms_tag_next(&list), own);
        if (field)
            ms_field_hash(md, field, &form);
    }
    if (!d->s->broken) {
        ms_field_hash(md, own, &(struct ms_form){ .relaxed = d->relaxed_header, .cut = b->raw, .last = true });
        EVP_DigestFinal_ex(md, d->s->digest, NULL);
    }
    EVP_MD_CTX_free(md);
}

void ms_signature_read(const struct ms_reading *r, enum ms_signature_kind kind, uint32_t number, struct ms_signature *out)
{
    const struct ms_field *field = &r->fields->at[number - 1];
    struct draft           d = { .r = r, .s = out };
    *out = (struct ms_signature){ .kind = kind, .body = -1 };
    out->broken = read_all(&d, field);
    if (out->broken || kind == MS_ARC_SEAL) /* what a seal covers is the chain's matter (auth/arc.c) */
        return;
    out->body = ms_bodies_want(r->bodies, d.relaxed_body, out->length);
    out->from_once = from_is_listed_once(r->fields, d.list);
    hash_fields(&d, field);
}
