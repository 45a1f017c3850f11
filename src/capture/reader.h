/* capture/reader.h - packets of one capture file, in the order of the file; inside of capture/ only.
 *
 * Borrows  packets of a batch point into the input's window until the next batch.
 * Errors   each reader keeps at most one sentence of each kind of enum ms_reader_note.             */
#pragma once
#include "base/hash.h"
#include "capture/input.h"
#include "capture/source.h"

enum ms_reader_note { MS_NOTE_STOPPED, MS_NOTE_INTERFACE, MS_NOTE_PACKETS, MS_NOTE_COUNT };
enum ms_format { MS_FORMAT_NONE, MS_FORMAT_PCAP, MS_FORMAT_PCAPNG };

struct ms_pcap {
    bool     big, nano;     /* byte order of the file; fractions are nanoseconds */
    uint8_t  old_lengths;   /* libpcap before 0.5 wrote the two lengths in the other order: 2 always, 1 when it helps */
    uint8_t  header_bytes;  /* of a record */
    uint32_t link_type;
};

struct ms_interface {
    uint16_t link_type;
    uint8_t  resolution;    /* if_tsresol as in the file */
    uint32_t snaplen;       /* 0: none */
    uint32_t scale;         /* nanoseconds of a unit; 0 when that is no whole number, or an offset is to be added */
    int64_t  offset_s;
    const char *name;       /* if_name, in struct ms_pcapng.names; NULL: none */
};

struct ms_pcapng {
    bool     big;           /* byte order of the section */
    uint32_t count, size;
    struct ms_interface *interfaces; /* of the section */
    struct ms_map names;    /* of interfaces; packets point there */
    uint32_t odd_length;    /* an unpadded block ends here: its trailing length is to be looked for */
    uint64_t unknown, damaged;       /* packets left out: no such interface; record that contradicts itself */
    uint64_t unknown_at, damaged_at; /* offsets of the first */
    bool     packets_out;   /* of this batch: what is handed up between batches waits */
    bool     optional, no_more; /* the bytes asked for are options behind a packet; they will not come */
};

struct ms_block { uint32_t type, total; const uint8_t *p; size_t here; /* bytes of it in the window, at most total */ };

struct ms_reader {
    const char      *path;
    struct ms_input  in;
    enum ms_format   format;
    bool             done;
    uint8_t          digits;       /* of times: 6 or 9 */
    uint64_t         packet_bytes; /* limit */
    uint64_t         frames;       /* numbers given so far, to packets and to blocks that Wireshark counts as frames */
    int64_t          last_time;
    struct ms_pcap   pcap;
    struct ms_pcapng pcapng;
    struct { void (*fn)(void *ctx, struct ms_bytes text); void *ctx; } secrets; /* fn NULL: nobody wants them */
    struct ms_buffer notes[MS_NOTE_COUNT]; /* NUL-terminated; empty: none */
};

/* Starts reading at the first byte of r->path; `packet_bytes` and `path` are set, the rest is zero. False: it is done. */
bool   ms_reader_open(struct ms_reader *r, size_t window);
void   ms_reader_close(struct ms_reader *r);  /* the sentences stay */
void   ms_reader_finish(struct ms_reader *r); /* and everything else goes */
size_t ms_reader_batch(struct ms_reader *r, struct ms_packet out[MS_BATCH]); /* 0: done */

/* Ends the reading with a sentence: the path, a colon and this. */
void ms_reader_stop(struct ms_reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same when the bytes ended or failed; nothing is said when they ended in peace. */
enum ms_inside { MS_WHOLE, MS_IN_HEADER, MS_IN_PACKET, MS_IN_BLOCK };
void ms_reader_stop_early(struct ms_reader *r, enum ms_inside inside);
void ms_reader_note(struct ms_reader *r, enum ms_reader_note kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

bool   ms_pcap_start(struct ms_reader *r); /* true: it was one; perhaps r->done already */
size_t ms_pcap_batch(struct ms_reader *r, struct ms_packet out[MS_BATCH]);
bool   ms_pcapng_start(struct ms_reader *r);
size_t ms_pcapng_batch(struct ms_reader *r, struct ms_packet out[MS_BATCH]);

/* secrets.c. 0: dealt with; otherwise so many bytes must be in the window first, or packets_out be false. */
size_t ms_pcapng_secrets(struct ms_reader *r, const struct ms_block *b);
size_t ms_pcapng_comments(struct ms_reader *r, const struct ms_block *b, size_t from); /* options begin at `from`, before the trailer */
/* Of a file that is a pcapng: the secrets behind its last packet, up to `most` bytes of them. */
void   ms_pcapng_secrets_behind(const char *path, uint64_t most, void (*fn)(void *ctx, struct ms_bytes text), void *ctx);
bool   ms_pcapng_is_key_comment(struct ms_bytes comment); /* it has a label of a key log: it may hold secrets */
/* The bytes of options from `from` on, those that are looked at; 0: none, or not here. */
uint32_t ms_pcapng_options(const struct ms_block *b, size_t from);
static inline bool ms_pcapng_has_options(const struct ms_reader *r, const struct ms_block *b, size_t from)
{
    return b->total >= from + 8 && r->secrets.fn; /* the first of them and the trailer */
}

/* What a file is that is no capture: the rest of a sentence. NULL when unknown. */
const char *ms_foreign_format(struct ms_bytes start, const char *path);

static inline uint32_t ms_word32(const uint8_t *p, bool big) { return big ? ms_be32(p) : ms_le32(p); }
static inline uint16_t ms_word16(const uint8_t *p, bool big) { return big ? ms_be16(p) : ms_le16(p); }
