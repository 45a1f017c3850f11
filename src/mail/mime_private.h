/* mail/mime_private.h - the inside of the MIME parser.
 *
 *   mime.c           the outer calls, the pool
 *   mime_stream.c    pieces -> lines and bodies; what a line start may be
 *   mime_head.c      header blocks -> fields of the message and of its parts
 *   mime_tree.c      open multiparts and messages, their boundaries and paths
 *   mime_section.c   parts that come one by one
 *   mime_part.c      decoded bytes -> digest, sink, detection; bare uuencoded blocks
 *
 * A stream is a message as bytes. There is one for the message itself and one more for each message/rfc822 that came in base64 or
 * quoted-printable: decoded bytes of its part are pushed into it. All streams of a message share one struct ms_mime.        */
#pragma once
#include "mail/base64.h"
#include "mail/doubt.h"
#include "mail/header.h"
#include "mail/mime.h"
#include "mail/quoted.h"
#include "mail/scan.h"
#include "mail/sha256.h"
#include "mail/uuencode.h"

enum {
    MS_FIRST_BYTES = 512,       /* of a part, for its detection */
    MS_DECODE_ROOM = 32 * 1024, /* decoded bytes gathered before they are hashed and handed on */
    MS_BOUNDARY_MAX = 8192,     /* bytes; longer ones are no boundary (RFC 2046 allows 70) */
    MS_GUESS_MAX = 128,         /* the same, where the boundary given is missing or wrong */
    MS_BLANKS_MAX = 256,        /* blanks that may stand behind a boundary */
    MS_HASHED_MESSAGES = 8,     /* message/rfc822 inside each other whose bytes are all hashed: work stays linear */
};

/* Where the bytes of one open part go. */
struct ms_mime_out {
    size_t              index;  /* of the part in ms_mime.parts */
    struct ms_sha256   *md;     /* NULL: not hashed */
    uint64_t            size;
    uint32_t            first_n;
    struct ms_mime_out *next;   /* in the pool's list */
    uint8_t             first[MS_FIRST_BYTES];
};

struct ms_mime_pool {
    struct ms_sha256   *md[64];
    uint8_t            *rooms[8];
    struct ms_mime     *parsers[64];
    struct ms_mime_out *outs;
    uint32_t            md_n, room_n, parser_n, out_n;
    struct ms_hasher    hasher;
};

#define MS_WORD(s) { (const uint8_t *)(s), sizeof(s) - 1 } /* a slice in a static table */

enum ms_encoding { MS_ENC_IDENTITY, MS_ENC_BASE64, MS_ENC_QUOTED, MS_ENC_UUENCODE };
enum ms_line_end { MS_EOL_NONE, MS_EOL_CR, MS_EOL_LF, MS_EOL_CRLF };
enum ms_stream_state { MS_STREAM_HEAD, MS_STREAM_BODY };

/* A bare uuencoded block in a text part. */
struct ms_mime_uu {
    struct ms_uu        uu;
    struct ms_mime_out *out;    /* NULL: no block is open, or it is not recorded */
    bool                watching, begun; /* begun: a data line was seen */
    size_t              name_n;
    uint8_t             name[MS_UU_LINE];
};

struct ms_mime_leaf {           /* the part whose body is being read; out NULL: none, or one that is not recorded */
    struct ms_mime_out    *out;
    enum ms_encoding       encoding;
    bool                   watch_uu; /* bare blocks may stand in it */
    bool                   unsure;   /* a message in base64, if its first line does not say otherwise */
    uint32_t               blocks; /* of them, up to now */
    union { struct ms_base64 base64; struct ms_quoted quoted; struct ms_uu uu; } decoder;
    struct ms_mime_uu     *bare;
    struct ms_mime_stream *inner; /* an encoded message/rfc822 */
};

struct ms_mime_level {          /* an open multipart or message/rfc822 */
    struct ms_mime_out *out;    /* of a message/rfc822; of a multipart while no part of it has begun */
    size_t   index;             /* of its part */
    uint32_t path_n;            /* its path, the start of stream->path */
    uint32_t children;
    uint32_t boundary_at, boundary_n; /* in stream->boundaries */
    uint32_t longest;           /* boundary of this level and those around it */
    uint64_t hash;              /* of the boundary */
    bool     message, digest, bounded; /* bounded: it has a boundary */
    bool     guessed;           /* inside the level of the same part: a boundary that only its parts use */
};

struct ms_mime_stream {
    struct ms_mime       *m;
    enum ms_stream_state  state;
    enum ms_line_end      eol;  /* read but not handed on: it may belong to a boundary */
    bool     bol;               /* the next byte begins a line */
    bool     skip_line;         /* in a header: drop bytes up to the next line end */
    bool     root;              /* the header block is that of a message, not of a multipart's child */
    bool     first_line;        /* no header line yet */
    bool     head_full;
    bool     cr_lines;          /* the first line of the header block ended with a CR alone: so do its others */
    bool     cr_message;        /* it was that of the message: so may all its lines */
    bool     moved;             /* the state changed without a byte used */
    uint32_t depth;             /* levels around this stream */
    uint32_t head_odd;          /* of the header block being read */
    uint32_t head_count, need;  /* need: bytes of a line after which it cannot be a boundary; 0 = none open */
    struct ms_mime_level *levels;
    uint32_t level_n, level_size, messages;
    struct ms_buffer      head, boundaries, path, carry, room;
    struct ms_mime_leaf   leaf;
    uint8_t  guess[MS_GUESS_MAX]; /* the line before this one looked like a boundary: it, without the dashes */
    uint32_t guess_n;
};

struct ms_mime {
    struct ms_arena        *arena;
    const struct ms_limits *limits;
    struct ms_mime_options  options;
    struct ms_mime_pool    *pool;
    bool                    own_pool;
    struct ms_sha256       *md;
    struct ms_part         *parts;
    size_t                  part_n, part_size;
    uint64_t                dropped, size, missing;
    uint32_t                odd;
    size_t                  header_parts, listed, next_listed; /* places in `parts`: behind those that the header told of, and the server's list; where to look */
    size_t                  begun; /* the part, from 1, of which the sink was told though its content has not come; 0 none */
    struct ms_headers       headers;
    struct ms_mime_stream   stream;
};

/* ---- mime.c */
void                ms_mime_count(struct ms_mime *m, struct ms_bytes bytes); /* for size and digest of the message */
struct ms_mime_out *ms_mime_out_take(struct ms_mime_pool *pool, bool hash);
void                ms_mime_out_give(struct ms_mime_pool *pool, struct ms_mime_out *out);
uint8_t            *ms_mime_room_take(struct ms_mime_pool *pool);
void                ms_mime_room_give(struct ms_mime_pool *pool, uint8_t *room);

/* ---- mime_stream.c */
void ms_mime_stream_start(struct ms_mime_stream *st, struct ms_mime *m, uint32_t depth, struct ms_bytes path);
void ms_mime_stream_push(struct ms_mime_stream *st, struct ms_bytes bytes);
void ms_mime_stream_gap(struct ms_mime_stream *st);
void ms_mime_stream_finish(struct ms_mime_stream *st); /* buffers stay, for the next message */
void ms_mime_stream_free(struct ms_mime_stream *st);

/* ---- mime_head.c */
struct ms_mime_info {           /* what a header block says about the body behind it */
    struct ms_part   part;      /* strings in the arena */
    enum ms_encoding encoding;
    struct ms_bytes  boundary;  /* in the arena */
    bool             multipart, message, digest;
    bool             bounded;   /* there is a boundary; it may be empty */
};
/* Reads st->head. `digest`: the part is a child of a multipart/digest. */
void ms_mime_head_read(struct ms_mime_stream *st, bool digest, struct ms_mime_info *out);

/* ---- mime_tree.c */
void ms_mime_tree_body(struct ms_mime_stream *st, struct ms_mime_info *info); /* the header block is over: open its body */
/* The first line of an attached message that says base64: opens it as it stands when that is a header field. */
bool ms_mime_tree_clear(struct ms_mime_stream *st, struct ms_bytes line);
/* What a line that begins with "--" is (without its line end): the level whose boundary it is, or -1. */
int  ms_mime_tree_match(const struct ms_mime_stream *st, struct ms_bytes line, bool *close);
bool ms_mime_tree_may_guess(const struct ms_mime_stream *st); /* in a multipart of which no part has begun */
void ms_mime_tree_guess(struct ms_mime_stream *st);           /* st->guess is its boundary, too; its first part begins */
void ms_mime_tree_end_inside(struct ms_mime_stream *st, uint32_t level); /* ends all that is open inside it */
void ms_mime_tree_child(struct ms_mime_stream *st, uint32_t level);      /* the next part of it begins */
void ms_mime_tree_close(struct ms_mime_stream *st, bool closed);         /* the innermost level ends */
void ms_mime_tree_incomplete(struct ms_mime_stream *st);                 /* bytes are missing from all that is open */
bool ms_mime_tree_digest(const struct ms_mime_stream *st);               /* the innermost level is a multipart/digest */

/* ---- mime_section.c */
bool ms_mime_part_listed(struct ms_mime *m, const struct ms_part *part, size_t *index); /* it was listed and comes now */
void ms_mime_sections_end(struct ms_mime *m);

/* ---- mime_part.c */
/* Records a part and tells the sink; false over the limit (counted). Takes the strings of *part as they are. */
bool ms_mime_part_add(struct ms_mime *m, size_t *index); /* room for one more; false over the limit (counted) */
bool ms_mime_part_record(struct ms_mime *m, const struct ms_part *part, size_t *index);
struct ms_mime_out *ms_mime_out_open(struct ms_mime *m, size_t index, bool hash);
void ms_mime_out_write(struct ms_mime *m, struct ms_mime_out *out, struct ms_bytes bytes);
void ms_mime_out_close(struct ms_mime *m, struct ms_mime_out *out);
void ms_mime_part_end(struct ms_mime *m, size_t index, struct ms_mime_out *unused); /* of a multipart; `unused` may be NULL */
void ms_mime_odd(struct ms_mime_stream *st, uint32_t bits); /* for the message and the open part */
void ms_mime_leaf_start(struct ms_mime_stream *st, const struct ms_mime_info *info, size_t index);
void ms_mime_leaf_write(struct ms_mime_stream *st, struct ms_bytes content);  /* not for base64 */
size_t ms_mime_leaf_base64(struct ms_mime_stream *st, struct ms_bytes body, bool dash_stops); /* bytes used */
void ms_mime_leaf_watch(struct ms_mime_stream *st); /* what comes next may begin a bare uuencoded block */
void ms_mime_leaf_flush(struct ms_mime_stream *st);
void ms_mime_leaf_end(struct ms_mime_stream *st);
void ms_mime_leaf_drop(struct ms_mime_stream *st); /* of which nothing was read yet: its part goes on as something else */
