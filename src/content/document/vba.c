/* content/document/vba.c - the source of macros (MS-OVBA).
 *
 * A module is a stream: compiled code, then the source as a compressed container. Where the container begins stands in the stream "dir"; but
 * every source begins with "Attribute VB_Name", and the first eight bytes of that are never compressed, so the container is found without
 * "dir", which attackers damage.                                                                                       */
#include "content/document/office.h"

enum { CHUNK = 4096, SOURCE_MOST = 1 << 20, STOMPED_BYTES = 512 };

/* One chunk: flag bytes, each before eight literals or copies. */
static void unpack_chunk(struct ms_bytes in, struct ms_buffer *out)
{
    size_t start = out->n;
    for (size_t i = 0; i < in.n && out->n - start < CHUNK;) {
        unsigned flags = in.p[i++];
        for (unsigned k = 0; k < 8 && i < in.n && out->n - start < CHUNK; k++, flags >>= 1) {
            if (!(flags & 1)) {
                ms_buffer_append(out, ms_slice(in, i++, 1));
                continue;
            }
            if (i + 2 > in.n)
                return;
            unsigned token = ms_le16(in.p + i), bits = 4;
            size_t   done = out->n - start;
            while (bits < 12 && (size_t)1 << bits < done)
                bits++;
            size_t length = (token & (0xffffu >> bits)) + 3, back = (token >> (16 - bits)) + 1u;
            i += 2;
            if (back > done)
                return;
            for (; length > 0 && out->n - start < CHUNK; length--) {
                uint8_t c = out->p[out->n - back];
                ms_buffer_append(out, (struct ms_bytes){ &c, 1 });
            }
        }
    }
}

bool ms_vba_unpack(struct ms_bytes packed, size_t most, struct ms_buffer *out)
{
    *out = (struct ms_buffer){ 0 };
    if (ms_at(packed, 0) != 1)
        return false;
    for (size_t at = 1; at + 2 < packed.n && out->n < most;) {
        unsigned head = ms_le16(packed.p + at);
        size_t   n = (head & 0xfff) + 1u;
        if ((head >> 12 & 7) != 3)
            break;
        struct ms_bytes chunk = ms_slice(packed, at + 2, n);
        if (head & 0x8000)
            unpack_chunk(chunk, out);
        else
            ms_buffer_append(out, ms_head(chunk, CHUNK));
        at += 2 + n;
    }
    return out->n > 0;
}

/* Where a source begins in the stream; n when there is none. */
static size_t find_source(struct ms_bytes stream)
{
    static const struct ms_bytes mark = { (const uint8_t *)"\0Attribut", 9 };
    for (struct ms_bytes rest = stream; rest.n > mark.n;) {
        const uint8_t *p = memmem(rest.p, rest.n, mark.p, mark.n);
        if (!p)
            break;
        size_t at = (size_t)(p - stream.p);
        if (at >= 3 && stream.p[at - 3] == 1)
            return at - 3;
        rest = ms_tail(stream, at + 1);
    }
    return stream.n;
}

static bool is_module(const struct ms_ole *o, size_t entry)
{
    char            text[MS_OLE_NAME];
    struct ms_bytes name = ms_ole_name(o, entry, text);
    size_t          parent = o->parents[entry];
    if (ms_ole_type(o, entry) != MS_OLE_STREAM || ms_is_one_of(name, "dir|_VBA_PROJECT|PROJECT|PROJECTwm") || ms_starts_nocase(name, MS_LIT("__SRP_")))
        return false;
    return parent != MS_OLE_NO_ENTRY && (ms_ole_is(o, parent, "VBA") || ms_ole_is(o, parent, "Macros"));
}

/* Whether it had source; that goes to the end of *all. */
static bool read_module(const struct ms_ole *o, size_t entry, struct ms_buffer *all)
{
    struct ms_buffer stream, source;
    ms_ole_read(o, entry, &stream);
    struct ms_bytes b = ms_buffer_bytes(&stream);
    size_t          at = find_source(b);
    bool            found = at < b.n && ms_vba_unpack(ms_tail(b, at), SOURCE_MOST, &source);
    if (found) {
        if (all->n + source.n <= SOURCE_MOST && ms_file_spend(o->f, source.n))
            ms_buffer_append(all, ms_buffer_bytes(&source));
        ms_buffer_finish(&source);
    } else if (b.n > STOMPED_BYTES && ms_has_at(b, 0, MS_LIT("\x01\x16")) && !o->f->piece->cut) {
        char text[MS_OLE_NAME]; /* compiled code without its source */
        ms_file_sign(o->f, MS_SIGN_MACRO_STOMPED, ms_ole_name(o, entry, text));
    }
    ms_buffer_finish(&stream);
    return found;
}

void ms_vba_look(struct ms_ole *o)
{
    struct ms_buffer all = { 0 };
    bool             any = false;
    for (size_t i = 0; i < o->n; i++)
        if (is_module(o, i))
            any |= read_module(o, i, &all);
    if (any || ms_ole_find(o, "_VBA_PROJECT", MS_OLE_NO_ENTRY, 0) != MS_OLE_NO_ENTRY)
        ms_file_sign(o->f, MS_SIGN_OFFICE_MACRO, (struct ms_bytes){ NULL, 0 });
    ms_macro_look(o->f, ms_buffer_bytes(&all));
    ms_buffer_finish(&all);
}
