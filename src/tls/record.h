/* tls/record.h - TLS records of one direction found in its bytes: whole ones where they are, cut ones put together, and the next one after
 * missing bytes.
 *
 * Gaps     inside of a record whose header was seen, the next header is known to follow its last byte. Otherwise it is looked for: a plausible
 *          header (type, version, length) whose record the caller can open (MS_TLS_FOUND_CANDIDATE), or that is followed by another
 *          plausible header or by the end of the data.
 * Cuts     what is found depends on the bytes alone, not on how they were cut. Records that are whole in `in` are not copied.
 * Memory   a cut record, or up to one record and a header while looking for the next; buffers are shared through a pool.           */
#pragma once
#include "base/arena.h"

enum { MS_TLS_HEADER = 5, MS_TLS_POOL = 4 };
enum ms_tls_content { MS_TLS_CCS = 20, MS_TLS_ALERT = 21, MS_TLS_HANDSHAKE = 22, MS_TLS_APPLICATION = 23, MS_TLS_HEARTBEAT = 24 };

struct ms_tls_record {
    struct ms_bytes whole;   /* header and body; of an SSL 2.0 hello what follows its length */
    uint64_t        frame;   /* that completed it */
    int64_t         time;
    uint64_t        missing; /* bytes lost before it, headers included; 0: none or unknown how many */
    bool            lost;    /* something is missing before it */
};
static inline uint8_t         ms_tls_record_type(const struct ms_tls_record *r) { return ms_at(r->whole, 0); }
static inline struct ms_bytes ms_tls_record_body(const struct ms_tls_record *r) { return ms_tail(r->whole, MS_TLS_HEADER); }

struct ms_tls_pool { struct ms_buffer spare[MS_TLS_POOL]; uint32_t count; }; /* zeroed is empty */
void ms_tls_pool_finish(struct ms_tls_pool *p);

struct ms_tls_framing { /* zeroed: the begin of a direction */
    struct ms_buffer part;
    uint64_t         skip;    /* the rest of a record that lost some of its bytes */
    uint64_t         missing;
    uint64_t         frame;   /* of the bytes that came last */
    int64_t          time;
    uint32_t         at;      /* bytes at the begin of `part` that are done */
    bool             begun, lost, unknown, scan, tried, dead;
};

enum ms_tls_found {
    MS_TLS_FOUND_NOTHING,   /* all bytes are taken */
    MS_TLS_FOUND_RECORD,
    MS_TLS_FOUND_SSL2,      /* a client hello in the format of SSL 2.0 */
    MS_TLS_FOUND_CANDIDATE, /* after a gap: a record if it opens: then ms_tls_framing_accept(); else go on */
    MS_TLS_FOUND_ODD,       /* these are no records: ms_tls_framing_drop(), or go on with looking for one */
};
/* The next thing in what was kept and in *in, which is shortened by what was taken. r is valid until the next call. `end`: nothing
 * follows for now (a gap, the end). */
enum ms_tls_found ms_tls_framing_next(struct ms_tls_framing *f, struct ms_tls_pool *pool, struct ms_bytes *in, bool end, struct ms_tls_record *r);
void ms_tls_framing_accept(struct ms_tls_framing *f);
void ms_tls_framing_drop(struct ms_tls_framing *f, struct ms_tls_pool *pool); /* nothing is found in this direction any more */
/* Missing bytes (0: unknown how many); what ms_tls_framing_next() finds with `end` was taken before. */
void ms_tls_framing_gap(struct ms_tls_framing *f, struct ms_tls_pool *pool, uint64_t length);
/* What is kept of a record that is not whole is forgotten: that record is lost. False: nothing was kept. */
bool ms_tls_framing_lose(struct ms_tls_framing *f, struct ms_tls_pool *pool);
void ms_tls_framing_finish(struct ms_tls_framing *f, struct ms_tls_pool *pool);

/* Can `b`, as far as there is of it, be the begin of a record header? The length bound is that of protected records. */
bool ms_tls_header_fits(struct ms_bytes b);
/* Length of an SSL 2.0 client hello at the begin of b, with its 2 bytes of length; 0: it is none; needs 5 bytes. */
size_t ms_tls_ssl2_size(struct ms_bytes b);
