/* content/document/signed.c - what an S/MIME or CMS signature is wrapped around (RFC 5652 5): filters that do not open it see a file smime.p7m and
 * nothing else, mail programs show what is in it. Whether the signature fits is not asked.
 *
 * Reads    BER: lengths that are not told, and content in pieces, as programs that sign while they read write it.          */
#include "content/files.h"
#include "mail/doubt.h"

enum { SEQUENCE = 0x30, SET = 0x31, INTEGER = 2, OID = 6, OCTETS = 4, OCTETS_IN_PIECES = 0x24, CONTENT = 0xa0, PARTS = 0x20 /* of a tag: other values are inside */ };

/* The content of the next value when its tag is that: all that is left when its length is not told. Empty and bad otherwise. */
static struct ms_bytes take_value(struct ms_cur *c, uint8_t tag)
{
    uint8_t found = ms_take_u8(c), n = ms_take_u8(c);
    size_t  length = n;
    c->bad |= found != tag;
    c->bad |= n == 0x80 && !(tag & PARTS);
    if (n == 0x80)
        return c->bad ? (struct ms_bytes){ NULL, 0 } : c->rest;
    if (n > 0x80) {
        c->bad |= n > 0x84;
        for (length = 0; n > 0x80 && !c->bad; n--)
            length = length << 8 | ms_take_u8(c);
    }
    if (c->bad)
        return (struct ms_bytes){ NULL, 0 };
    struct ms_bytes value = ms_head(c->rest, length); /* the file may be cut */
    c->rest = ms_tail(c->rest, value.n);
    return value;
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

/* The octets, their pieces put together; false when there is nothing that is signed in it. */
static bool find_content(struct ms_bytes file, struct ms_buffer *pieces, struct ms_bytes *out)
{
    struct ms_cur whole = { file, false }, info = enter(&whole, SEQUENCE);
    if (!is_oid(&info, MS_LIT("\2")))
        return false;
    struct ms_cur wrapped = enter(&info, CONTENT), signed_data = enter(&wrapped, SEQUENCE);
    take_value(&signed_data, INTEGER);
    take_value(&signed_data, SET);
    struct ms_cur content = enter(&signed_data, SEQUENCE);
    if (!is_oid(&content, MS_LIT("\1")))
        return false;
    struct ms_cur octets = enter(&content, CONTENT);
    if (ms_at(octets.rest, 0) == OCTETS) {
        *out = take_value(&octets, OCTETS);
        return !octets.bad;
    }
    struct ms_cur piece = enter(&octets, OCTETS_IN_PIECES);
    while (!piece.bad && ms_at(piece.rest, 0) == OCTETS)
        ms_buffer_append(pieces, take_value(&piece, OCTETS));
    *out = ms_buffer_bytes(pieces);
    return out->n > 0;
}

void ms_signed_look(const struct ms_file *f)
{
    struct ms_buffer pieces = { 0 };
    struct ms_inner  inner = { .cut = f->piece->cut, .unwrapped = true, .around = f->around, .siblings = 1 };
    struct ms_bytes  name = ms_base_name(f->piece->name), word = ms_extension_word(name);
    if (find_content(f->piece->bytes, &pieces, &inner.bytes)) {
        bool entity = ms_is_content_field(inner.bytes) || ms_starts_nocase(inner.bytes, MS_LIT("MIME-Version:"));
        inner.type = entity ? "message/rfc822" : NULL;
        inner.name = entity ? MS_LIT("message") : ms_head(name, word.n && word.p > name.p ? (size_t)(word.p - name.p) - 1 : name.n);
        ms_file_inner_slice(f, inner);
    }
    ms_buffer_finish(&pieces);
}
