/* content/document/signed.c - what an S/MIME or CMS signature is wrapped around (RFC 5652 5): filters that do not open it see a file smime.p7m and
 * nothing else, mail programs show what is in it. Whether the signature fits is not asked.
 *
 * Reads    BER: lengths that are not told, and content in pieces (and pieces of those), as programs that sign while they read write it.  */
#include "content/files.h"
#include "mail/doubt.h"

enum { SEQUENCE = 0x30, INTEGER = 2, OID = 6, OCTETS = 4, OCTETS_IN_PIECES = 0x24, CONTENT = 0xa0, PARTS = 0x20 /* of a tag: other values are inside */, END = 0 };

struct head { uint8_t tag; bool told; size_t length; }; /* told: its length */

static struct head take_head(struct ms_cur *c)
{
    struct head h = { .tag = ms_take_u8(c) };
    uint8_t     n = ms_take_u8(c);
    h.told = n != 0x80;
    c->bad |= !h.told && !(h.tag & PARTS);
    h.length = n < 0x80 ? n : 0;
    for (; n > 0x80 && !c->bad; n--) { /* zeros may be in front of it */
        c->bad |= h.length > SIZE_MAX >> 8;
        h.length = h.length << 8 | ms_take_u8(c);
    }
    return h;
}

static struct ms_bytes take_content(struct ms_cur *c, const struct head *h)
{
    struct ms_bytes value = ms_head(c->rest, c->bad ? 0 : h->length); /* the file may be cut */
    c->rest = ms_tail(c->rest, value.n);
    return value;
}

/* The content of the next value when its tag is that: all that is left when its length is not told. Empty and bad otherwise. */
static struct ms_bytes take_value(struct ms_cur *c, uint8_t tag)
{
    struct head h = take_head(c);
    c->bad |= h.tag != tag;
    return h.told || c->bad ? take_content(c, &h) : c->rest;
}

/* The next value, with all that is in it. */
static void pass_value(struct ms_cur *c)
{
    size_t open = 0;
    do {
        struct head h = take_head(c);
        open += !h.told;
        open -= open > 0 && h.tag == END;
        take_content(c, &h);
    } while (open && !c->bad);
}

static struct ms_cur enter(struct ms_cur *c, uint8_t tag)
{
    struct ms_bytes inside = take_value(c, tag);
    return (struct ms_cur){ inside, c->bad };
}

static bool is_oid(struct ms_cur *c, struct ms_bytes last)
{
    static const struct ms_bytes pkcs7 = { (const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x01\x07", 8 };
    struct ms_bytes oid = take_value(c, OID);
    return ms_equal(ms_head(oid, pkcs7.n), pkcs7) && ms_equal(ms_tail(oid, pkcs7.n), last);
}

/* Pieces, and pieces of pieces: where those end need not be known, what comes behind all of them is of other kinds. */
static void put_together(struct ms_cur *c, struct ms_buffer *pieces)
{
    for (uint8_t tag = ms_at(c->rest, 0); c->rest.n && !c->bad && (tag == OCTETS || tag == OCTETS_IN_PIECES || tag == END); tag = ms_at(c->rest, 0)) {
        struct head h = take_head(c);
        if (tag == OCTETS)
            ms_buffer_append(pieces, take_content(c, &h));
    }
}

/* Fields, one of them of MIME. */
static bool is_entity(struct ms_bytes b)
{
    bool entity = false, field = true;
    for (; b.n && field && !entity; b = ms_tail(b, ms_find(b, '\n') + 1)) {
        struct ms_bytes line = ms_head(b, ms_find(b, '\n'));
        entity = ms_is_content_field(b) || ms_starts_nocase(b, MS_LIT("MIME-Version:"));
        field = ms_is_blank(b.p[0]) || ms_mime_is_field(line);
    }
    return entity;
}

/* The octets, their pieces put together; false when there is nothing that is signed in it. */
static bool find_content(struct ms_bytes file, struct ms_buffer *pieces, struct ms_bytes *out)
{
    struct ms_cur whole = { file, false }, info = enter(&whole, SEQUENCE);
    if (!is_oid(&info, MS_LIT("\2")))
        return false;
    struct ms_cur wrapped = enter(&info, CONTENT), signed_data = enter(&wrapped, SEQUENCE);
    take_value(&signed_data, INTEGER);
    pass_value(&signed_data); /* how digests are made */
    struct ms_cur content = enter(&signed_data, SEQUENCE);
    if (!is_oid(&content, MS_LIT("\1")))
        return false;
    struct ms_cur octets = enter(&content, CONTENT);
    if (ms_at(octets.rest, 0) == OCTETS) {
        *out = take_value(&octets, OCTETS);
        return !octets.bad;
    }
    put_together(&octets, pieces);
    *out = ms_buffer_bytes(pieces);
    return out->n > 0;
}

void ms_signed_look(const struct ms_file *f)
{
    struct ms_buffer pieces = { 0 };
    struct ms_inner  inner = { .cut = f->piece->cut, .unwrapped = true, .around = f->around, .siblings = 1 };
    struct ms_bytes  name = ms_base_name(f->piece->name), word = ms_extension_word(name);
    if (find_content(f->piece->bytes, &pieces, &inner.bytes)) {
        bool entity = is_entity(inner.bytes);
        inner.type = entity ? "message/rfc822" : NULL;
        inner.name = entity ? MS_LIT("message") : ms_head(name, word.n && word.p > name.p ? (size_t)(word.p - name.p) - 1 : name.n);
        ms_file_inner_slice(f, inner);
    }
    ms_buffer_finish(&pieces);
}
