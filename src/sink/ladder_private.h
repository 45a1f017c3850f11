/* sink/ladder_private.h - rows of a ladder, from those that collect them (ladder.c, ladder_tcp.c, ladder_end.c) to the one that draws
 * (ladder_draw.c). */
#pragma once
#include "base/spool.h"
#include "base/text.h"
#include "sink/ladder.h"

enum ladder_kind {
    LADDER_ARROW,    /* words, or a step of the handshakes */
    LADDER_THICK,    /* a message, or bytes that nobody could read */
    LADDER_ENCRYPTED,/* the same, left out when it was read after all */
    LADDER_REMARK,   /* of neither side */
    LADDER_PAUSE,    /* a silence of `amount` ns */
    LADDER_TCP,      /* a mark of TCP: `what` tells which, `amount` bytes; equal ones in a row become one line */
};
enum ladder_tone { LADDER_OF_SIDE, LADDER_BAD, LADDER_TROUBLE, LADDER_DIM };
/* What comes first in one frame. */
enum ladder_rank { RANK_PAUSE, RANK_BELOW, RANK_WORDS, RANK_BODY, RANK_END };

struct ladder_row {
    uint64_t frame;
    int64_t  time;                    /* MS_UNKNOWN: only the frame is known */
    uint64_t amount, text;            /* text: its place in the spool */
    uint32_t seq, text_n;
    uint8_t  kind, dir, tone, rank, what;
};

struct ladder_rows {
    struct ms_buffer rows;            /* struct ladder_row */
    struct ms_spool  spool;
    uint64_t         left_out;
};
static inline struct ladder_row *ladder_row_at(const struct ladder_rows *r, size_t i) { return (struct ladder_row *)(void *)r->rows.p + i; }
static inline size_t ladder_row_count(const struct ladder_rows *r) { return r->rows.n / sizeof(struct ladder_row); }

/* What is written above and below the rows; kept, since the session is gone when they are drawn. */
struct ladder_frame { struct ms_buffer title, client, server, client_name, server_name, end; int64_t started; bool decrypted; };

enum ladder_what {
    TCP_AGAIN, TCP_FAST, TCP_SPURIOUS, TCP_OUT_OF_ORDER, TCP_ZERO, TCP_FULL, TCP_PROBE, TCP_KEEP_ALIVE, TCP_REOPENED,
};

/* Bytes of one side that nobody could read, up to now. */
struct ladder_run { uint64_t bytes, frame; int64_t since, until; bool tls; };

struct ms_ladder {
    struct ms_ladder_options o;
    struct ladder_rows       rows;
    struct ladder_frame      frame;
    struct ms_endpoint       client;      /* as the rows know it: the sides may change places */
    struct ms_buffer         text;
    struct ms_timing         timing;      /* at the segment before */
    struct ladder_run        run;
    enum ms_dir              run_dir;
    uint64_t                 unread[2], gap_bytes, last_frame;
    int64_t                  last_time;   /* MS_UNKNOWN: no segment yet */
    int64_t                  zero_since[2]; /* MS_UNKNOWN: the window is open */
    int64_t                  certificate_time;
    uint64_t                 end_frame;   /* of the last end of a message */
    size_t                   dot;         /* row of the "." that no message has claimed yet, + 1; 0 none */
    uint32_t                 seq, forced;
    bool                     begun, shook, ended[2], reset[2];
};

/* ladder.c: `ladder_say` begins the words of the next row, which ladder_put makes; NULL when there are too many, unless `always`. */
void ladder_say(struct ms_ladder *l, const char *words);
void ladder_add_wire(struct ms_ladder *l, struct ms_bytes b);
void ladder_add_duration(struct ms_ladder *l, int64_t from, int64_t to); /* " in 0.5 s"; nothing for what took one packet */
struct ladder_row *ladder_put(struct ms_ladder *l, struct ladder_row row, bool always);
void ladder_remark(struct ms_ladder *l, uint64_t frame, int64_t time, enum ladder_rank rank);
/* A capture that begins in the middle may take the server for the client until it hears more: turns the rows so far. */
void ladder_check_sides(struct ms_ladder *l, const struct ms_session *s);

/* ladder_tcp.c */
void ladder_segment(void *ladder, const struct ms_session *s, const struct ms_seen_segment *seen);
void ladder_end_run(struct ms_ladder *l); /* the row of what could not be read up to now */
void ladder_note_missing(struct ms_ladder *l, const struct ms_session *s, uint64_t frame, int64_t time);

/* ladder_end.c */
void ladder_tell_end(struct ms_ladder *l, const struct ms_session *s);

/* ladder_draw.c: sorts the rows and writes all; false: write error. */
bool ladder_draw(const struct ms_ladder_options *o, const struct ladder_frame *frame, struct ladder_rows *rows);
