/* auth/field_hash.c - header fields in the forms that signatures are over (RFC 6376 3.4.1, 3.4.2, 3.7). */
#include "auth/signature.h"

#include <openssl/evp.h>

enum { SMALL = 512 };
struct out { EVP_MD_CTX *md; size_t n; uint8_t small[SMALL]; };

static void flush(struct out *o)
{
    EVP_DigestUpdate(o->md, o->small, o->n);
    o->n = 0;
}

static void put(struct out *o, uint8_t c)
{
    if (o->n == SMALL)
        flush(o);
    o->small[o->n++] = c;
}

static void put_end(struct out *o, const struct ms_form *form)
{
    if (!form->last) {
        put(o, '\r');
        put(o, '\n');
    }
    flush(o);
}

/* As it stands; a bare LF is a line end. */
static void put_simple(struct out *o, struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++) {
        if (b.p[i] == '\n' && (i == 0 || b.p[i - 1] != '\r'))
            put(o, '\r');
        put(o, b.p[i]);
    }
}

struct squeeze { bool begun, blank; };

/* Without line ends; runs of blanks are one space, none at either end. */
static void put_relaxed(struct out *o, struct ms_bytes b, struct squeeze *s)
{
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i];
        bool    end = c == '\n' || (c == '\r' && ms_at(b, i + 1) == '\n');
        if (end || ms_is_blank(c)) {
            s->blank |= !end;
            continue;
        }
        if (s->blank && s->begun)
            put(o, ' ');
        put(o, c);
        s->begun = true;
        s->blank = false;
    }
}

void ms_field_hash(void *md, const struct ms_field *field, const struct ms_form *form)
{
    struct out      o = { .md = md };
    struct ms_bytes cut = form->cut, text = form->relaxed ? field->value : field->whole;
    size_t          head = cut.n ? (size_t)(cut.p - text.p) : text.n;
    struct ms_bytes before = ms_head(text, head), after = ms_tail(text, head + cut.n);
    if (!form->relaxed) {
        put_simple(&o, before);
        put_simple(&o, after);
        put_end(&o, form);
        return;
    }
    struct squeeze s = { false, false };
    for (size_t i = 0; i < field->name.n; i++)
        put(&o, ms_lower(field->name.p[i]));
    put(&o, ':');
    put_relaxed(&o, before, &s);
    put_relaxed(&o, after, &s);
    put_end(&o, form);
}
