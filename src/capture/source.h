/* capture/source.h - a source of packets: capture files, plain or compressed, or standard input.
 *
 * Formats  pcap (both byte orders, micro- and nanoseconds, the 24-byte records of Kuznetzov's libpcap) and pcapng
 *          (sections of either byte order, several interfaces, if_tsresol/if_tsoffset, TLS keys in secrets blocks and comments, unknown blocks skipped;
 *          simple, enhanced and obsolete packet blocks). A simple packet block has no time: it gets that of the packet
 *          before it in its file.
 * Reads    with read() into a reused 256 KiB buffer; gzip (concatenated members too), zstd (several frames) and
 *          lz4 frames are recognised by their magic and decompressed on the fly. Never seeks: pipes work.
 * Errors   what can be read is delivered; what stopped the reading is kept as a sentence in ms_source_error().
 * Borrows  packets of a batch point into the source's buffers until the next ms_source_next().
 * Threads  one source, one thread.                                                                        */
#pragma once
#include "base/arena.h"
#include "base/limits.h"

struct ms_packet {
    uint64_t        number;    /* frame number, from 1, over the whole timeline; as in Wireshark, custom blocks count */
    int64_t         time;      /* ns since 1970 UTC */
    uint32_t        link_type; /* LINKTYPE_ value of the interface (tcpdump.org/linktypes.html) */
    uint32_t        length;    /* on the wire; data.n is what was captured */
    struct ms_bytes data;
    const char     *interface; /* name of the interface in a pcapng; NULL: none. Lives as long as the source */
    uint32_t        interface_number; /* which one of its file, from 1 (pcapng); 0: unknown */
    uint32_t        options;   /* bytes of pcapng options, behind `data` at the next multiple of 4 from its begin; 0 none, or too many,
                                * or nobody wants secrets */
    bool            big;       /* their byte order */
};

/* All that lies in the source's buffer of it: data and options. */
static inline struct ms_bytes ms_packet_all(const struct ms_packet *p)
{
    return (struct ms_bytes){ p->data.p, p->options ? (p->data.n + 3) / 4 * 4 + p->options : p->data.n };
}
static inline struct ms_bytes ms_packet_options(const struct ms_packet *p)
{
    return ms_tail(ms_packet_all(p), p->options ? (p->data.n + 3) / 4 * 4 : p->data.n);
}

struct ms_source;

/* Opens one timeline of `count` captures; "-" is standard input. Several captures are merged by time stamp, packets
 * of one file keep their order; ties go by the file whose first packet is earliest, then by its path, so the order on the
 * command line does not matter. A file that cannot be opened, or is no capture, becomes an error sentence and the others
 * are read. Never NULL. `limits` is copied (packet_bytes). */
struct ms_source *ms_source_open(const char *const *paths, size_t count, const struct ms_limits *limits);
void ms_source_close(struct ms_source *s);

enum { MS_BATCH = 64 };
/* Keys that a capture brings along, as text of key log lines: called by ms_source_next() between batches, in the order of the file (several
 * captures: of the timeline), before the packets behind them; at once for captures without packets. `text` is valid during the call.
 * Without this call they are passed over. Call it before the first ms_source_next(). */
void ms_source_on_secrets(struct ms_source *s, void (*fn)(void *ctx, struct ms_bytes text), void *ctx);
void ms_source_secrets_behind(struct ms_source *s); /* those behind the last packet of a file are handed up at once, and again in their place */
bool ms_source_may_have_secrets(const struct ms_source *s); /* one of the captures is a pcapng: keys may come later than what they open */

/* Up to MS_BATCH packets into `out`; 0 at the end of everything. */
size_t ms_source_next(struct ms_source *s, struct ms_packet out[MS_BATCH]);

unsigned ms_source_time_digits(const struct ms_source *s); /* 6 or 9: the finest precision seen so far */
uint64_t ms_source_bytes(const struct ms_source *s);       /* read so far, before decompression: for progress */
uint64_t ms_source_bytes_total(const struct ms_source *s); /* sum of the file sizes; 0 when one is a pipe */
/* Sentences for the inputs that could not be read to their end or lost packets, in order of path: "mail.pcap: cut off in the middle
 * of a packet record at byte 1234 (frame 17)". Byte and frame are those of that file, after decompression. NULL past the
 * last. Complete only after ms_source_next() gave 0. */
const char *ms_source_error(const struct ms_source *s, size_t i);
