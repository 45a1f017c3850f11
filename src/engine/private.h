/* engine/private.h - what the files of the engine share. */
#pragma once
#include "engine/engine.h"
#include "engine/examine.h"
#include "engine/http.h"
#include "engine/table.h"
#include "net/tcp.h"
#include "proto/top.h"
#include "tls/inflate.h"
#include "tls/tls.h"

/* Bytes of a connection that has not said yet whether it is mail, kept in frame order. */
struct ms_sniff_piece { uint64_t offset, frame; int64_t time; uint32_t length; uint8_t dir; bool gap; };
struct ms_sniff {
    struct ms_buffer bytes[2];     /* what each side said */
    struct ms_buffer pieces;       /* struct ms_sniff_piece in frame order */
    bool             plain;        /* they came out of TLS */
};

/* A connection with bytes of which it is not known yet what they say. They stand in the order in which that began. */
struct ms_unsettled { struct ms_unsettled *before, *next; struct ms_conn *conn; uint64_t since; };
/* The secret of a login that failed, or what may be one, for as many replies as may repeat it. */
struct ms_told { uint16_t n; uint8_t replies; uint8_t secret[]; };

enum ms_decision { MS_UNDECIDED, MS_IS_MAIL, MS_IS_ENCRYPTED, MS_IS_OPAQUE };

struct ms_fetch;
struct ms_visiting { struct ms_visit seen; struct ms_fetch *fetch; /* of what comes; NULL nothing */ };

struct ms_conn {
    struct ms_session session;
    struct ms_tcp     tcp;
    struct ms_arena   arena;
    const struct ms_parser *parser;
    void             *state;
    struct ms_sniff  *sniff;
    struct ms_tls    *tls;                     /* filters (engine/filter.c): NULL none */
    struct ms_inflate *inflate[2];             /* by direction */
    struct ms_watch  *watch;
    struct ms_told   *told;                    /* NULL none */
    struct ms_visiting *visit;                 /* it is no mail, but of interest (engine/visit.c); in `arena`; NULL no */
    struct ms_conn   *line_before, *line_next; /* the line of those without a number (engine/line.c) */
    struct ms_unsettled *unsettled;            /* NULL: none, or nobody wants to know */
    struct ms_conn   *closed_next;             /* closed connections, oldest first */
    int64_t           last_time;               /* the latest of its packets': stamps may go back */
    int64_t           last_clock;              /* the engine's clock then */
    int64_t           wait_allowance;          /* network time left in this wait (engine/timing.c) */
    uint32_t          largest_end[2];          /* sequence number behind the largest segment in flight */
    uint16_t          largest_length[2], largest_acked[2];
    int64_t           least_answer[2];         /* shortest time in which that side acknowledged; 0 unknown */
    uint32_t          open_bodies;
    uint8_t           turn;                    /* enum ms_turn after the last packet */
    uint8_t           decision;                /* enum ms_decision */
    uint8_t           usual_ttl[2];            /* of the last packet of each side; 0 none yet (engine/obstacle.c) */
    uint16_t          syn_ack_after;           /* frames between the first one and the SYN+ACK while it waits to be judged; 0 none */
    bool              in_flight_before[2];     /* bytes were unacknowledged after the last packet */
    bool              over_tls[2];             /* that direction goes through `tls` */
    bool              in_line, session_port, closing, follow, handshake_done, turned; /* turned: client and server have changed places while TCP hands bytes on */
};

/* A segment with commands or replies, as long as it may come again. */
enum { MS_RECENT = 2048 };
struct ms_recent { uint64_t place, frame, begin, digest; uint32_t about; uint16_t length; uint8_t ttl; }; /* place: whose it is, and its sequence
                                                                                            * number; about: its time in 2^30 ns */

/* A message under way. */
struct ms_body {
    struct ms_message   message;
    struct ms_arena     arena;
    struct ms_examine   examine;   /* when it is read */
    struct ms_top       top;       /* header block as it came, with want_headers */
    struct ms_engine   *engine;
    bool                read, ended; /* read: not with dialogue_only */
    struct ms_body     *free_next;
};

enum { MS_FREEZE_WORDS = 192 }; /* room for struct ms_conn, the largest parser state and struct ms_watch */

enum ms_waiting_kind { MS_WAIT_EXCHANGE, MS_WAIT_MESSAGE, MS_WAIT_SESSION };
struct ms_waiting {
    struct ms_waiting *next;
    struct ms_conn    *conn;
    struct ms_body    *body;      /* MS_WAIT_MESSAGE */
    struct ms_exchange exchange;  /* MS_WAIT_EXCHANGE; slices in `arena` */
    struct ms_arena    arena;
    size_t             bytes;     /* that it keeps from being freed */
    uint8_t            kind;
};

/* The host that parsers see; one an engine, pointed at the connection at work. */
struct ms_live {
    struct ms_host    host;
    struct ms_engine *engine;
    struct ms_conn   *conn;
    struct ms_chunk   rest;      /* of the bytes in which a parser asked for a filter, kept in rest_bytes; empty: none */
    struct ms_buffer  rest_bytes; /* a copy: they may come from what the parser itself held and is about to free */
    enum ms_filter    rest_kind;
};

struct ms_engine {
    struct ms_engine_options options;
    struct ms_output         output;
    struct ms_totals         totals;
    struct ms_decoder       *decoder;
    struct ms_tcp_pool      *pool;
    struct ms_examine_shared examine;
    struct ms_weights        weights;
    struct ms_answers       *own_answers; /* NULL: those of the options, or none */
    struct ms_checks        *checks;
    struct ms_names         *names;
    struct ms_http_work      http_work;
    struct ms_tls_context   *tls;
    struct ms_table          table;
    struct ms_live           live;
    struct ms_conn          *line_first, *line_last;     /* without a number, in order of first frame */
    struct ms_waiting       *waiting_first, *waiting_last;
    struct ms_unsettled     *unsettled_first, *unsettled_last;
    struct ms_conn          *closed_first, *closed_last;
    struct ms_conn          *free_conns;                 /* by closed_next */
    struct ms_body          *free_bodies;
    struct ms_inflate_pool   inflate_pool;
    uint32_t                 closed_count, open_count, line_count, waiting_count;
    uint64_t                 waiting_bytes;
    struct ms_buffer         half_open;                  /* room.c: candidates to go */
    size_t                   half_open_at;               /* those before it are used up */
    uint32_t                 half_open_wait;             /* newcomers before the table is looked through again */
    struct ms_buffer         echo[4];                    /* a reply without the secret that it repeated */
    uint32_t                 last_session, last_message;
    uint64_t                 frame;                      /* at work */
    bool                     ignored;                    /* nobody asks what it says */
    bool                     moved;                      /* TCP handed something on */
    int64_t                  now;
    int64_t                  clock;                      /* the latest time seen: it never goes back, as packet times may */
    int64_t                  forgot;                     /* the clock when forgotten connections were last looked for */
    struct ms_decode_as     *decode_as;
    struct ms_recent        *recent;                     /* MS_RECENT of them (obstacle.c); NULL: none yet */
    uint64_t                *freeze_models[MS_PROTO_COUNT * 4]; /* freeze.c */
};

static inline bool ms_is_endpoint(const struct ms_endpoint *e, const uint8_t ip[16], uint16_t port)
{
    return e->port == port && memcmp(e->ip, ip, 16) == 0;
}

static inline struct ms_endpoint ms_sender(const struct ms_segment *s)
{
    struct ms_endpoint e = { .port = s->src_port };
    memcpy(e.ip, s->src, 16);
    return e;
}

static inline struct ms_endpoint ms_receiver(const struct ms_segment *s)
{
    struct ms_endpoint e = { .port = s->dst_port };
    memcpy(e.ip, s->dst, 16);
    return e;
}

/* conn.c */
void ms_conn_packet(struct ms_engine *e, const struct ms_segment *s, uint64_t hash);
void ms_conn_end(struct ms_engine *e, struct ms_conn *c); /* finishes its parser and hands up the session; removed from the table */
void ms_conn_free(struct ms_engine *e, struct ms_conn *c);
void ms_conn_sweep(struct ms_engine *e); /* ends what is closed or silent for long */
bool ms_conn_is_forgotten(const struct ms_engine *e, const struct ms_conn *c); /* silent beyond idle_seconds */
void ms_conn_cut_off(struct ms_engine *e, struct ms_conn *c); /* it is open, but has to go */
struct ms_conn *ms_conn_take(struct ms_engine *e);                  /* memory for one, zeroed */
void ms_conn_give_back(struct ms_engine *e, struct ms_conn *c);     /* the struct alone */
void ms_conn_point_at(struct ms_engine *e, struct ms_conn *c); /* what parsers see is this connection from now on */
struct ms_conn *ms_conn_find(struct ms_engine *e, const struct ms_segment *s, uint64_t hash); /* that s belongs to; NULL: none, or not mail */

/* freeze.c */
bool            ms_conn_freeze(struct ms_engine *e, struct ms_slot *slot); /* false: it stays as it is */
uint64_t        ms_frozen_first_frame(const struct ms_engine *e, const struct ms_slot *slot);
const struct ms_conn *ms_frozen_conn(const struct ms_engine *e, const struct ms_slot *slot, struct ms_conn *room); /* a look; it stays packed */
struct ms_conn *ms_conn_thaw(struct ms_engine *e, struct ms_slot *slot);

/* settled.c: what frames said, and from when on a frame gets no more */
void ms_settled_look(struct ms_engine *e, struct ms_conn *c);  /* after a packet */
void ms_settled_leave(struct ms_engine *e, struct ms_conn *c); /* it ends */
void ms_host_element(struct ms_host *h, const struct ms_element *el);

/* room.c */
bool ms_room_make(struct ms_engine *e); /* there is room for one more connection; false: nobody could go */

/* recognise.c */
void ms_conn_data(void *engine, enum ms_dir dir, struct ms_bytes b, uint64_t offset, uint64_t frame, int64_t time);
void ms_conn_gap(void *engine, enum ms_dir dir, uint64_t n, uint64_t offset, uint64_t frame, int64_t time);
void ms_conn_decide_at_end(struct ms_engine *e, struct ms_conn *c);
enum ms_dir ms_conn_turn(struct ms_conn *c, enum ms_dir dir); /* after TCP has handed on: its halves follow; the side that `dir` is now */
void ms_conn_force(struct ms_engine *e, struct ms_conn *c, enum ms_protocol p, bool tls);

/* What comes out of the filters: to the parser, or kept until it is known what it is. */
void ms_conn_top(struct ms_engine *e, struct ms_conn *c, const struct ms_chunk *chunk);
void ms_conn_top_gap(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time);

/* visit.c: connections to hosts that the checks watch for */
bool ms_visit_waits(struct ms_engine *e, struct ms_conn *c, bool last); /* it is no mail: is more needed to know where it goes? `last`: no more comes */
void ms_visit_sealed(struct ms_engine *e, struct ms_conn *c); /* keys were tried on its TLS, in vain */
void ms_visit_end(struct ms_engine *e, struct ms_conn *c);
/* fetch.c: what comes by HTTP. */
struct ms_fetch *ms_fetch_begin(struct ms_engine *e, struct ms_conn *c);
void ms_fetch_data(struct ms_fetch *f, enum ms_dir dir, struct ms_bytes bytes, uint64_t frame);
void ms_fetch_gap(struct ms_fetch *f, enum ms_dir dir);
/* The files that came whole, in the memory of the connection. closed: by the server, in order. */
size_t ms_fetch_end(struct ms_fetch *f, bool closed, const struct ms_download **found);

/* filter.c */
struct ms_tls_context *ms_filter_context(struct ms_engine *e);
void ms_filter_data(struct ms_engine *e, struct ms_conn *c, const struct ms_chunk *chunk);
void ms_filter_gap(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time);
/* The same for what came out of TLS and was kept. */
void ms_filter_plain(struct ms_engine *e, struct ms_conn *c, const struct ms_chunk *chunk);
void ms_filter_plain_gap(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time);
void ms_filter_start_tls(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir);
void ms_filter_request(struct ms_host *h, enum ms_filter kind, const struct ms_chunk *rest);
void ms_filter_rest(struct ms_engine *e, struct ms_conn *c); /* the rest of the chunk in which a filter was asked for */
void ms_filter_end(struct ms_engine *e, struct ms_conn *c);  /* what they hold is handed on; frees them */

/* names.c: DNS, and what servers are called */
struct ms_names *ms_names_create(struct ms_engine *e);
void ms_names_destroy(struct ms_engine *e);
void ms_names_datagram(struct ms_engine *e, const struct ms_segment *s);
bool ms_names_segment(struct ms_engine *e, const struct ms_segment *s, uint64_t hash); /* port 53; false: it is some other connection's */
void ms_names_session(struct ms_engine *e, struct ms_conn *c);       /* it begins: by which lookup does the client know the server? */
void ms_names_session_ended(struct ms_engine *e, struct ms_conn *c); /* still without a name: a reverse lookup may have one */
void ms_names_finish(struct ms_engine *e);                           /* lookups that wait go up unanswered */

/* obstacle.c: ICMP errors, packets of other machines, bytes that come twice and differ */
void ms_obstacle_icmp(struct ms_engine *e, const struct ms_segment *s, uint64_t hash);
void ms_obstacle_ttl(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s);
void ms_obstacle_twice(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s);
bool ms_ttl_differs(uint8_t a, uint8_t b); /* clearly: the packets come from different machines */

/* trouble.c: TCP evidence; outcome.c; timing.c */
void ms_trouble_note(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s, uint32_t analysis);
void ms_timing_packet(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s, uint32_t analysis);
void ms_timing_exchange(struct ms_conn *c, const struct ms_exchange *x);
void ms_timing_tls(struct ms_conn *c); /* at the end: the handshake */
void ms_outcome_decide(struct ms_engine *e, struct ms_conn *c);

/* body.c, host.c */
extern const struct ms_host_ops ms_engine_host_ops;
void ms_body_free(struct ms_engine *e, struct ms_body *b);
void *ms_body_open(struct ms_host *h, const struct ms_body_start *start);
void ms_body_push(struct ms_host *h, void *body, struct ms_bytes bytes, uint64_t frame, int64_t time);
void ms_body_gap(struct ms_host *h, void *body, uint64_t missing, uint64_t frame, int64_t time);
void ms_body_section(struct ms_host *h, void *body, const struct ms_section *s, uint64_t frame, int64_t time);
void ms_body_end(struct ms_host *h, void *body, uint64_t frame, int64_t time);
void ms_body_verdict(struct ms_host *h, void *body, const struct ms_verdict *v);
void ms_body_discard(struct ms_host *h, void *body);

/* line.c: numbers for sessions, and the records that wait for them */
void ms_line_join(struct ms_engine *e, struct ms_conn *c);  /* a new connection that is, or may become, a session */
void ms_line_decided(struct ms_engine *e, struct ms_conn *c); /* it is mail, or it leaves the line */
void ms_line_leave(struct ms_engine *e, struct ms_conn *c);
void ms_emit_exchange(struct ms_engine *e, struct ms_conn *c, const struct ms_exchange *x);
void ms_emit_message(struct ms_engine *e, struct ms_conn *c, struct ms_body *b);  /* takes the body */
void ms_emit_session(struct ms_engine *e, struct ms_conn *c);                    /* takes the connection */
void ms_limit_reached(struct ms_engine *e, enum ms_limit which);
