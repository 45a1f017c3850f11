/* The block format (draft-ietf-opsawg-pcapng). What a block claims as its length leads from one to the next; the length
 * repeated at its end is only looked at where the first is no multiple of 4, to find out whether the writer padded.
 *
 * BUGS  Name resolution and statistics blocks, and options but for those of time, names of interfaces and those of packets, are
 *       skipped. A section whose byte order mark is damaged ends the reading.                                     */
#include "capture/reader.h"

#include <inttypes.h>

enum {
    BLOCK_INTERFACE = 1, BLOCK_OLD_PACKET = 2, BLOCK_SIMPLE = 3, BLOCK_ENHANCED = 6,
    BLOCK_JOURNAL = 9, BLOCK_SECRETS = 10, BLOCK_CUSTOM = 0x0bad, BLOCK_CUSTOM_FIXED = 0x40000bad,
    OPTION_NAME = 2, OPTION_RESOLUTION = 9, OPTION_OFFSET = 14,
    BLOCK_HEADER = 8, SMALLEST_BLOCK = 12, SECTION_BYTES = 28, SECTION_FIXED = 24, INTERFACE_FIXED = 16, PACKET_FIXED = 28, SIMPLE_FIXED = 12,
    INTERFACE_LOOK = 65536,  /* bytes of an interface block in which options are looked for */
    NAME_BYTES = 256, NAMES_MAX = 4096, /* names of interfaces that are kept, of all sections */
    INTERFACES_MAX = 65536,  /* of a section; packets of further ones are left out, with a sentence */
};
#define BLOCK_SECTION 0x0a0d0d0au /* the same in both byte orders */
#define BYTE_ORDER_MARK 0x1a2b3c4du

/* ---- time ------------------------------------------------------------------------------------------------ */

/* if_tsresol: 10^-n, or 2^-n with the top bit set. Nanoseconds of a unit; 0 when that is no whole number. */
static uint32_t scale_of(uint8_t resolution)
{
    uint32_t scale = 1;
    if (resolution > 9)
        return 0;
    for (unsigned i = resolution; i < 9; i++)
        scale *= 10;
    return scale;
}

/* 10^-7 and 2^-20 are the first steps finer than a microsecond. */
static bool is_fine(uint8_t resolution) { return resolution & 0x80 ? (resolution & 0x7f) >= 20 : resolution > 6; }

__extension__ typedef __int128 wide; /* 2^64 units of a second each, in nanoseconds */

static int64_t clamp_time(wide ns)
{
    if (ns > INT64_MAX)
        return INT64_MAX;
    return ns < INT64_MIN + 1 ? INT64_MIN + 1 : (int64_t)ns; /* INT64_MIN means unknown */
}

static int64_t time_of(const struct ms_interface *f, uint64_t units)
{
    uint64_t quick;
    if (f->scale && !__builtin_mul_overflow(units, (uint64_t)f->scale, &quick) && quick <= INT64_MAX)
        return (int64_t)quick;
    unsigned n = f->resolution & 0x7f;
    wide     ns = units;
    if (f->resolution & 0x80) {
        ns = n < 96 ? ns * 1000000000 >> n : 0;
    } else if (n <= 9) {
        ns *= scale_of(f->resolution);
    } else {
        for (unsigned i = 9; i < n && ns; i++)
            ns /= 10;
    }
    return clamp_time(ns + (wide)f->offset_s * 1000000000);
}

/* ---- section and interface ------------------------------------------------------------------------------- */

static size_t section(struct ms_reader *r, struct ms_block *b)
{
    struct ms_pcapng *f = &r->pcapng;
    if (ms_input_left(&r->in) < SECTION_BYTES)
        return SECTION_BYTES;
    f->big = ms_be32(b->p + 8) == BYTE_ORDER_MARK;
    b->total = ms_word32(b->p + 4, f->big);
    unsigned major = ms_word16(b->p + 12, f->big);
    if ((!f->big && ms_le32(b->p + 8) != BYTE_ORDER_MARK) || b->total < SECTION_BYTES)
        ms_reader_stop(r, "damaged section header at byte %" PRIu64 " (after frame %" PRIu64 ")",
                       ms_input_offset(&r->in), r->frames);
    else if (major != 1)
        ms_reader_stop(r, "pcapng version %u is not known, at byte %" PRIu64 " (after frame %" PRIu64 ")", major,
                       ms_input_offset(&r->in), r->frames);
    size_t left = ms_input_left(&r->in), need = 0;
    b->here = left < b->total ? left : b->total;
    if (!r->done && ms_pcapng_has_options(r, b, SECTION_FIXED))
        need = ms_pcapng_comments(r, b, SECTION_FIXED);
    f->count = need ? f->count : 0; /* interfaces are numbered anew */
    return need;
}

/* Interfaces of one name share it; sections may repeat theirs without end. */
static const char *keep_name(struct ms_pcapng *f, struct ms_bytes name)
{
    f->names.cap = NAMES_MAX;
    name = ms_head(name, ms_find(name, 0));
    void **at = name.n && name.n <= NAME_BYTES ? ms_map_put(&f->names, name) : NULL;
    if (at && !*at) {
        char *text = ms_arena_alloc(&f->names.arena, name.n + 1);
        memcpy(text, name.p, name.n);
        *at = text;
    }
    return at ? *at : NULL;
}

static void read_options(struct ms_pcapng *in, struct ms_interface *f, struct ms_bytes rest)
{
    bool big = in->big;
    while (rest.n >= 4) {
        unsigned code = ms_word16(rest.p, big), n = ms_word16(rest.p + 2, big);
        struct ms_bytes value = ms_slice(rest, 4, n);
        if (code == 0 || value.n < n)
            return;
        if (code == OPTION_RESOLUTION && n >= 1)
            f->resolution = value.p[0];
        if (code == OPTION_NAME)
            f->name = keep_name(in, value);
        if (code == OPTION_OFFSET && n >= 8) {
            uint64_t high = ms_word32(value.p + (big ? 0 : 4), big), low = ms_word32(value.p + (big ? 4 : 0), big);
            f->offset_s = (int64_t)(high << 32 | low);
        }
        rest = ms_tail(rest, 4 + ((size_t)n + 3) / 4 * 4);
    }
}

static size_t interface(struct ms_reader *r, const struct ms_block *b)
{
    struct ms_pcapng *f = &r->pcapng;
    size_t            look = b->total < INTERFACE_LOOK ? b->total : INTERFACE_LOOK;
    if (b->here < look)
        return look;
    if (b->total < INTERFACE_FIXED + 4 || f->count == INTERFACES_MAX)
        return 0; /* packets that name it are counted */
    size_t need = ms_pcapng_has_options(r, b, INTERFACE_FIXED) ? ms_pcapng_comments(r, b, INTERFACE_FIXED) : 0;
    if (need)
        return need;
    if (f->count == f->size) {
        f->size = f->size ? f->size * 2 : 4;
        f->interfaces = ms_resize(f->interfaces, f->size * sizeof *f->interfaces);
    }
    struct ms_interface *made = &f->interfaces[f->count++];
    *made = (struct ms_interface){ .link_type = ms_word16(b->p + 8, f->big), .resolution = 6,
                                   .snaplen = ms_word32(b->p + 12, f->big) };
    read_options(f, made, ms_slice((struct ms_bytes){ b->p, look - 4 }, INTERFACE_FIXED, look));
    made->scale = made->offset_s ? 0 : scale_of(made->resolution);
    if (is_fine(made->resolution))
        r->digits = 9;
    return 0;
}

/* ---- packets --------------------------------------------------------------------------------------------- */

static const struct ms_interface *find_interface(struct ms_reader *r, uint32_t id)
{
    struct ms_pcapng *f = &r->pcapng;
    if (id < f->count)
        return &f->interfaces[id];
    if (f->unknown++ == 0)
        f->unknown_at = ms_input_offset(&r->in);
    return NULL;
}

static bool fits(struct ms_reader *r, uint32_t captured, uint64_t room)
{
    if (captured <= room && captured <= r->packet_bytes)
        return true;
    if (r->pcapng.damaged++ == 0)
        r->pcapng.damaged_at = ms_input_offset(&r->in);
    return false;
}

/* Enhanced packet blocks, and the obsolete ones, which differ in the first word: 16 bits of interface, 16 of drops. */
static size_t packet(struct ms_reader *r, const struct ms_block *b, struct ms_packet *out, bool *got)
{
    bool big = r->pcapng.big;
    if (b->total < PACKET_FIXED + 4) {
        fits(r, 1, 0);
        return 0;
    }
    if (b->here < PACKET_FIXED)
        return PACKET_FIXED;
    uint32_t captured = ms_word32(b->p + 20, big);
    uint32_t id = b->type == BLOCK_ENHANCED ? ms_word32(b->p + 8, big) : ms_word16(b->p + 8, big);
    if (!fits(r, captured, b->total - PACKET_FIXED - 4))
        return 0;
    if (b->here < PACKET_FIXED + (size_t)captured)
        return PACKET_FIXED + (size_t)captured;
    size_t options = PACKET_FIXED + ((size_t)captured + 3) / 4 * 4;
    size_t need = ms_pcapng_has_options(r, b, options) ? ms_pcapng_comments(r, b, options) : 0;
    if (need)
        return need;
    const struct ms_interface *f = find_interface(r, id);
    if (!f)
        return 0;
    uint64_t units = (uint64_t)ms_word32(b->p + 12, big) << 32 | ms_word32(b->p + 16, big);
    out->time = time_of(f, units);
    out->link_type = f->link_type;
    out->interface_number = id + 1;
    out->length = ms_word32(b->p + 24, big);
    out->data = (struct ms_bytes){ b->p + PACKET_FIXED, captured };
    out->interface = f->name;
    out->options = ms_pcapng_has_options(r, b, options) ? ms_pcapng_options(b, options) : 0;
    out->big = big;
    *got = true;
    return 0;
}

/* Simple packets have neither time nor interface: the first interface, and the time of the packet before, so that
 * the timeline stays in order.                                                                                 */
static size_t simple(struct ms_reader *r, const struct ms_block *b, struct ms_packet *out, bool *got)
{
    if (b->total < SIMPLE_FIXED + 4) {
        fits(r, 1, 0);
        return 0;
    }
    if (b->here < SIMPLE_FIXED)
        return SIMPLE_FIXED;
    const struct ms_interface *f = find_interface(r, 0);
    if (!f)
        return 0;
    uint32_t wire = ms_word32(b->p + 8, r->pcapng.big), captured = b->total - SIMPLE_FIXED - 4;
    if (captured > wire)
        captured = wire;
    if (f->snaplen && captured > f->snaplen)
        captured = f->snaplen;
    if (!fits(r, captured, captured))
        return 0;
    if (b->here < SIMPLE_FIXED + (size_t)captured)
        return SIMPLE_FIXED + (size_t)captured;
    *out = (struct ms_packet){ .time = out->time, .link_type = f->link_type, .interface_number = 1, .length = wire,
                               .data = { b->p + SIMPLE_FIXED, captured }, .interface = f->name };
    *got = true;
    return 0;
}

/* ---- from block to block --------------------------------------------------------------------------------- */

/* The trailing length of a block that is no multiple of 4 long follows the content at once, or after padding. */
static size_t find_trailer(struct ms_reader *r)
{
    struct ms_pcapng *f = &r->pcapng;
    struct ms_input  *in = &r->in;
    size_t            pad = 4 - f->odd_length % 4, left = ms_input_left(in);
    if (left < 4)
        return 4;
    if (ms_word32(in->p + in->at, f->big) == f->odd_length) {
        ms_input_advance(in, 4);
        f->odd_length = 0;
        return 0;
    }
    if (left < 4 + pad)
        return 4 + pad;
    if (ms_word32(in->p + in->at + pad, f->big) != f->odd_length)
        ms_reader_stop(r, "damaged block before byte %" PRIu64 " (after frame %" PRIu64 "): its two lengths differ",
                       ms_input_offset(in), r->frames);
    ms_input_advance(in, 4 + pad);
    f->odd_length = 0;
    return 0;
}

static size_t block_content(struct ms_reader *r, struct ms_block *b, struct ms_packet *out, bool *got)
{
    switch (b->type) {
    case BLOCK_SECTION: return section(r, b);
    case BLOCK_INTERFACE: return interface(r, b);
    case BLOCK_ENHANCED:
    case BLOCK_OLD_PACKET: return packet(r, b, out, got);
    case BLOCK_SIMPLE: return simple(r, b, out, got);
    case BLOCK_SECRETS: return ms_pcapng_secrets(r, b);
    case BLOCK_JOURNAL:
    case BLOCK_CUSTOM:
    case BLOCK_CUSTOM_FIXED:
        r->frames++; /* Wireshark gives these a frame number, so that the numbers agree they get one here */
        return 0;
    default: return 0;
    }
}

/* One block. 0: dealt with; otherwise so many bytes must be in the window first, and nothing was used. */
static size_t block(struct ms_reader *r, struct ms_packet *out, bool *got)
{
    struct ms_pcapng *f = &r->pcapng;
    struct ms_input  *in = &r->in;
    size_t            left = ms_input_left(in);
    if (f->odd_length)
        return find_trailer(r);
    if (left < SMALLEST_BLOCK)
        return SMALLEST_BLOCK;
    struct ms_block b = { .p = in->p + in->at };
    b.type = ms_word32(b.p, f->big);
    b.total = ms_word32(b.p + 4, f->big);
    b.here = left < b.total ? left : b.total;
    if (b.type != BLOCK_SECTION && b.total < SMALLEST_BLOCK) {
        ms_reader_stop(r, "damaged block at byte %" PRIu64 " (after frame %" PRIu64 "): its length would be %" PRIu32
                       " bytes", ms_input_offset(in), r->frames, b.total);
        return 0;
    }
    size_t need = block_content(r, &b, out, got);
    if (need || r->done)
        return need;
    f->odd_length = b.total % 4 ? b.total : 0;
    ms_input_advance(in, f->odd_length ? b.total - 4 : b.total);
    return 0;
}

/* Says what was left out, when all is read. */
static void sum_up(struct ms_reader *r)
{
    const struct ms_pcapng *f = &r->pcapng;
    if (f->unknown)
        ms_reader_note(r, MS_NOTE_INTERFACE, "%" PRIu64 " packet%s left out: no such interface (first at byte %" PRIu64 ")",
                       f->unknown, f->unknown == 1 ? "" : "s", f->unknown_at);
    if (f->damaged)
        ms_reader_note(r, MS_NOTE_PACKETS, "%" PRIu64 " damaged packet record%s left out (first at byte %" PRIu64 ")",
                       f->damaged, f->damaged == 1 ? "" : "s", f->damaged_at);
}

static void stop_early(struct ms_reader *r)
{
    const struct ms_input *in = &r->in;
    bool     inside = ms_input_left(in) || in->skip || r->pcapng.odd_length;
    uint32_t type = ms_input_left(in) >= 4 && !r->pcapng.odd_length ? ms_word32(in->p + in->at, r->pcapng.big) : 0;
    bool     is_packet = type == BLOCK_ENHANCED || type == BLOCK_SIMPLE || type == BLOCK_OLD_PACKET;
    ms_reader_stop_early(r, !inside ? MS_WHOLE : is_packet ? MS_IN_PACKET : MS_IN_BLOCK);
}

size_t ms_pcapng_batch(struct ms_reader *r, struct ms_packet out[MS_BATCH])
{
    struct ms_input  *in = &r->in;
    struct ms_pcapng *f = &r->pcapng;
    size_t            n = 0;
    while (n < MS_BATCH && !r->done) {
        bool got = false;
        f->optional = false;
        f->packets_out = n > 0;
        out[n].time = n ? out[n - 1].time : r->last_time;
        size_t need = in->skip ? 1 : block(r, &out[n], &got);
        if (got)
            out[n++].number = ++r->frames;
        if (need == 0)
            continue;
        if (n > 0)
            break; /* these packets point into the window: it must not move before they are used */
        if (in->skip ? ms_input_drop(in) : ms_input_need(in, need))
            continue;
        if (f->optional)
            f->no_more = true;
        else
            stop_early(r);
    }
    if (r->done)
        sum_up(r);
    return n;
}

bool ms_pcapng_start(struct ms_reader *r)
{
    const struct ms_input *in = &r->in;
    if (ms_input_left(in) < 4 || ms_be32(in->p + in->at) != BLOCK_SECTION)
        return false;
    r->format = MS_FORMAT_PCAPNG;
    return true;
}
