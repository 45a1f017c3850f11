/* The classic format (draft-ietf-opsawg-pcap): a file header of 24 bytes, then records of one link type.
 *
 * BUGS  A record that contradicts itself ends the reading: nothing in the format says where the next one starts. The
 *       variants of one vendor with the same magic (Nokia, AIX) are read as if they were standard.                  */
#include "capture/reader.h"

#include <inttypes.h>

enum { FILE_HEADER = 24, RECORD_HEADER = 16, MODIFIED_HEADER = 24 /* adds interface, protocol, packet type */ };
enum { LINKTYPE_RAW = 101 };

static bool read_magic(uint32_t word, struct ms_pcap *out)
{
    out->header_bytes = RECORD_HEADER;
    out->nano = word == 0xa1b23c4d;
    if (word == 0xa1b2cd34) /* Alexey Kuznetzov's patches, Red Hat 6 */
        out->header_bytes = MODIFIED_HEADER;
    return word == 0xa1b2c3d4 || word == 0xa1b23c4d || word == 0xa1b2cd34;
}

/* The low 16 bits are the link type; the rest says how long the frame check sequence is, or is reserved. 12 and 14
 * are DLT_RAW of some systems, written by a libpcap that did not map it yet.                                     */
static uint32_t link_type(uint32_t word)
{
    uint32_t type = word & 0xffff;
    return type == 12 || type == 14 ? LINKTYPE_RAW : type;
}

bool ms_pcap_start(struct ms_reader *r)
{
    struct ms_input *in = &r->in;
    struct ms_pcap  *f = &r->pcap;
    if (ms_input_left(in) < 4)
        return false;
    ms_input_need(in, FILE_HEADER);
    const uint8_t *h = in->p + in->at;
    f->big = read_magic(ms_be32(h), f);
    if (!f->big && !read_magic(ms_le32(h), f))
        return false;
    r->format = MS_FORMAT_PCAP;
    r->digits = f->nano ? 9 : 6;
    if (ms_input_left(in) < FILE_HEADER) {
        ms_reader_stop_early(r, MS_IN_HEADER);
        return true;
    }
    unsigned major = ms_word16(h + 4, f->big), minor = ms_word16(h + 6, f->big);
    if (major != 2 && major != 543) /* 543: DG/UX, else the same */
        ms_reader_stop(r, "pcap version %u.%u is not known", major, minor);
    f->old_lengths = major == 543 || minor < 3 ? 2 : minor == 3;
    f->link_type = link_type(ms_word32(h + 20, f->big));
    ms_input_advance(in, FILE_HEADER);
    return true;
}

struct lengths { uint32_t captured, wire; };

static inline __attribute__((always_inline)) struct lengths lengths_at(const uint8_t *h, bool big, unsigned old)
{
    struct lengths l = { ms_word32(h + 8, big), ms_word32(h + 12, big) };
    if (old == 2 || (old == 1 && l.captured > l.wire))
        l = (struct lengths){ l.wire, l.captured };
    return l;
}

/* The hot loop: whole records in the window, 64 at most. `big` and `old` are constants where it is called. */
static inline __attribute__((always_inline)) size_t walk(struct ms_reader *r, struct ms_packet *out, bool big, unsigned old)
{
    const struct ms_pcap f = r->pcap;
    const uint8_t *p = r->in.p;
    const int64_t  scale = f.nano ? 1 : 1000;
    const uint64_t limit = r->packet_bytes, number = r->frames + 1;
    size_t         at = r->in.at, end = r->in.n, i = 0;
    for (; i < MS_BATCH && end - at >= f.header_bytes; i++) {
        const uint8_t *h = p + at;
        struct lengths l = lengths_at(h, big, old);
        if (l.captured > end - at - f.header_bytes || l.captured > limit)
            break;
        out[i] = (struct ms_packet){
            .number = number + i,
            .time = (int64_t)ms_word32(h, big) * 1000000000 + (int64_t)ms_word32(h + 4, big) * scale,
            .link_type = f.link_type,
            .length = l.wire,
            .data = { h + f.header_bytes, l.captured },
        };
        at += f.header_bytes + (size_t)l.captured;
    }
    r->in.at = at;
    r->frames += i;
    return i;
}

static size_t walk_kind(struct ms_reader *r, struct ms_packet *out)
{
    if (r->pcap.old_lengths)
        return walk(r, out, r->pcap.big, r->pcap.old_lengths);
    return r->pcap.big ? walk(r, out, true, 0) : walk(r, out, false, 0);
}

/* One whole record into the window. False: there is none any more. */
static bool next_record(struct ms_reader *r)
{
    struct ms_input *in = &r->in;
    size_t           header = r->pcap.header_bytes;
    if (!ms_input_need(in, header)) {
        ms_reader_stop_early(r, ms_input_left(in) ? MS_IN_PACKET : MS_WHOLE);
        return false;
    }
    struct lengths l = lengths_at(in->p + in->at, r->pcap.big, r->pcap.old_lengths);
    if (l.captured > r->packet_bytes) {
        ms_reader_stop(r, "damaged packet record at byte %" PRIu64 " (frame %" PRIu64 "): its length would be %" PRIu32
                       " bytes (limit packet_bytes is %" PRIu64 ")",
                       ms_input_offset(in), r->frames + 1, l.captured, r->packet_bytes);
        return false;
    }
    if (ms_input_need(in, header + l.captured))
        return true;
    ms_reader_stop_early(r, MS_IN_PACKET);
    return false;
}

size_t ms_pcap_batch(struct ms_reader *r, struct ms_packet out[MS_BATCH])
{
    size_t n = walk_kind(r, out);
    if (n == 0 && next_record(r))
        n = walk_kind(r, out);
    return n;
}
