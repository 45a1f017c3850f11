/* proto/imap/imap_private.h - what the files of the IMAP parser share; nobody else includes it.
 *
 * Shape    each direction is physical lines and literals (imap_token.c). Client lines become pending commands
 *          (imap_command.c), server lines answer them or carry data (imap_response.c); FETCH data is taken apart without
 *          being kept (imap_fetch.c), and its pieces are put together to messages (imap_assembly.c, imap_run.c), those of single
 *          parts with what the server said of them before (imap_parts.c, imap_structure.c, imap_known.c).
 * Memory   an idle session is one struct imap. Everything else exists only while it is in use: a side while a line or a
 *          literal is unfinished, a pending command until its reply, an assembly until its message ends.
 * Borrows  lines point into the chunk or into their side's buffer and die with the call.                        */
#pragma once
#include "base/hash.h"
#include "proto/proto.h"
#include "proto/sasl.h"
#include "proto/top.h"

enum {
    IMAP_TAIL = 62,         /* last bytes of a line that are always known: room for a literal's head and an item's name */
    IMAP_NAME_LITERAL = 256,/* literals up to this size are shown as text where a name or password is expected */
    IMAP_TAG = 255,         /* longest tag, bytes */
    IMAP_USER = 512,        /* longest user name kept, bytes */
    IMAP_SASL_LINES = 16,   /* client lines of one AUTHENTICATE that are read */
    IMAP_KEPT_USERS = 256,  /* login attempts of one session whose user names are kept */
    IMAP_PATH = 128,        /* longest section number, "1.2.3", bytes */
};
#define IMAP_UNKNOWN UINT64_MAX
#define IMAP_FAR ((uint64_t)1 << 40) /* places in a message behind this are not believed */

/* ---- tokens (imap_token.c) ------------------------------------------------------------------------------ */

struct imap_line {
    struct ms_bytes text;   /* without line end, at most line_bytes */
    struct ms_bytes tail;   /* the last IMAP_TAIL bytes of the whole line, or fewer */
    bool            cut;    /* longer than line_bytes: text is the beginning only */
    bool            bare_lf;
    uint64_t        frame;  /* of its first byte */
    int64_t         time;
};
struct imap_literal { uint64_t n; bool sync; size_t head; }; /* head: bytes of "~{n+}" */

bool imap_literal_at_end(struct ms_bytes text, struct imap_literal *out);
/* Next atom, quoted string or parenthesised list; skips blanks before. Empty when used up. */
struct ms_bytes imap_take_argument(struct ms_bytes *rest);
void imap_unquote(struct ms_bytes token, struct ms_buffer *out); /* appends; atoms as they are */
size_t imap_quoted_size(struct ms_bytes b); /* of the quoted string at its start, quotes included; b.n when it does not end */

/* ---- state ----------------------------------------------------------------------------------------------- */

struct imap_upload { struct imap_upload *next; void *body; bool ended, partial, cut; };

struct imap_literals { /* of a command that had some */
    struct imap_upload  *uploads;    /* messages of an APPEND, in order */
    uint64_t             asked;      /* frame that ended its first line, and when */
    int64_t              asked_time;
};
struct imap_pending { /* a command that waits for its tagged reply; an idle session has one: small */
    struct imap_pending  *next;
    struct imap_literals *literals; /* NULL none */
    uint64_t             frame;
    int64_t              sent;
    uint64_t             data;
    uint32_t             argument_n, subject_n, secret_at, secret_n;
    uint8_t              tag_n, verb, verb_n, stage, flags; /* verb: index of imap_verbs; flags: enum ms_exchange_flag, low 8 */
    uint8_t              text[]; /* tag, verb, argument, subject */
};

struct imap_tagged { /* a completion result */
    unsigned        code;
    struct ms_bytes reply_code, reply;
    uint64_t        frame, last_frame;
    int64_t         time, last_time;
};
struct imap_early { struct imap_tagged result; struct ms_buffer text; }; /* came before the command was whole */

enum imap_use { IMAP_USE_SKIP, IMAP_USE_NAME, IMAP_USE_MESSAGE };
struct imap_building { /* a command with literals that is not whole yet */
    struct ms_buffer    text, name;
    struct imap_upload *uploads, *current;
    struct imap_early  *early;
    uint64_t            data;
    uint64_t            asked;    /* as in struct imap_literals */
    int64_t             asked_time;
    uint32_t            upload_count;
    uint8_t             verb, use;
    bool                waiting;  /* for "+" */
    bool                catenate, url, gap;
};

/* What an item of FETCH is. Of a section the path says whose it is ("2.1"; empty: of the message): BODY[2] is IMAP_WHOLE of 2. FIELDS, MIME and
 * STRUCTURE tell of a message and are no content. */
enum imap_kind { IMAP_NONE, IMAP_UID, IMAP_SIZE, IMAP_STRUCTURE, IMAP_FIELDS, IMAP_MIME, IMAP_WHOLE, IMAP_HEADER, IMAP_TEXT };
struct imap_item {
    uint8_t         kind;
    bool            ranged, binary, deep; /* binary: its transfer encoding is undone; deep: a path that is too long */
    uint64_t        origin;
    struct ms_bytes path;           /* in the name */
};

struct imap_piece { struct imap_piece *next; uint64_t from, at; bool text; struct ms_buffer bytes; }; /* [from, at) was lost */

struct imap_run { /* the bytes of a message, or of one of its parts, put in order */
    uint64_t at;            /* bytes handed on */
    uint64_t header, size;  /* length of the header and of all; IMAP_UNKNOWN */
    uint64_t text_size;     /* length of the text while the header's is unknown */
    struct imap_piece *pieces, *last; /* held: those of known place first in order, then text without a header */
    uint32_t piece_count;
};
struct imap_part { /* of which content was fetched */
    struct imap_part *next;
    struct imap_run   run;
    bool              binary, done, waits; /* waits: is held as a whole */
    uint8_t           path_n, path[];
};
struct imap_assembly {
    struct imap_assembly *next;
    void     *body;         /* NULL until the first byte is handed on */
    uint32_t  seq, uid;     /* uid 0 = not known */
    struct imap_run run;    /* of the message as a whole */
    uint64_t  said;         /* RFC822.SIZE; IMAP_UNKNOWN */
    struct imap_part      *parts, *last, *open; /* in order of appearance; open: the one whose bytes are handed on */
    struct imap_structure *structure;    /* NULL: not known, or not asked for yet */
    uint32_t  waiting;      /* parts that wait */
    uint32_t  leaves_done;
    bool      in_parts;     /* a part was handed on */
    uint64_t  frame, last_frame; /* of the first and the last byte that came, whenever it is handed on; 0: none yet */
    int64_t   time, last_time;
};

enum imap_sink_kind { IMAP_SINK_NONE, IMAP_SINK_WHOLE, IMAP_SINK_INTO, IMAP_SINK_HOLD };
struct imap_sink { /* where the value that is being read goes */
    uint8_t               kind;
    void                 *body;
    struct imap_assembly *into;
    struct imap_part     *part;   /* of it; NULL: the message itself */
    struct imap_piece    *piece;
    uint64_t              skip;   /* leading bytes that are there already */
    struct imap_item      item;   /* without path */
    uint64_t              n, asked;
};
struct imap_fetch { /* one untagged response with literals, between two of its lines */
    uint32_t         seq, uid, depth;
    bool             is_fetch, value; /* value: the item's name was read, its value comes next */
    bool             keeps, learned;  /* keeps: the value is remembered; learned: one was */
    uint8_t          path_n;
    uint64_t         size;
    struct imap_item item;
    struct imap_sink sink;
    struct ms_buffer kept;   /* of that value */
    struct ms_top   *top;    /* header block of the literal, while somebody lists frames; NULL: it has none */
    uint8_t          path[IMAP_PATH];
};

struct imap_fact { struct ms_bytes bytes; uint64_t frame; }; /* something said of a message */
struct imap_known {
    struct ms_map young, old; /* each up to half of what one session may remember; the older one is dropped when the other is full */
    uint64_t      charged;    /* to the limit */
};

struct imap_side {
    struct ms_buffer      rest;   /* of an unfinished line: its beginning and, when it is too long, its last bytes */
    uint64_t              frame;  /* of its first byte */
    int64_t               time;
    uint64_t              literal; /* bytes of the literal that are still to come */
    struct imap_building *building; /* C2S */
    struct imap_fetch    *fetch;    /* S2C */
    bool                  over, spent, in_literal;
};

struct imap_said { /* of a response with literals, kept until its end: what it said belongs to the frame with that */
    struct imap_said *next;
    struct ms_element el;
    uint8_t           text[];
};

struct imap_auth { struct ms_sasl sasl; struct ms_arena arena; };

struct imap {
    struct imap_side     *side[2];
    struct imap_pending  *first, *last;
    struct imap_assembly *assemblies; /* oldest first */
    struct imap_known    *known;      /* of the selected mailbox; NULL nothing */
    uint32_t              expunged;   /* how often numbers of messages changed */
    uint32_t              part_count; /* of all assemblies */
    struct imap_auth     *auth;
    struct imap_said     *said;       /* newest first */
    uint64_t              said_bytes; /* of them all */
    uint64_t              held;       /* bytes held by all assemblies */
    uint64_t              frame;      /* the last one seen */
    int64_t               agreed;     /* time of the OK to STARTTLS; 0 none */
    int64_t               time;
    uint32_t              pending_count;
    bool lost[2];       /* after a gap: only what is surely IMAP is believed */
    bool server_spoke;
    bool tls_next[2], tls[2]; /* the next byte may begin TLS; that direction went over */
    bool deflate_next[2];     /* the next byte is compressed */
    bool idle;          /* the server said "+" to IDLE, no DONE yet */
    bool refused;       /* AUTHENTICATE was: an answer to a challenge that never came may follow */
    bool client_next;   /* the server said "+" to AUTHENTICATE */
    bool logout;
};

struct imap_ctx { struct imap *im; struct ms_host *h; uint64_t frame; int64_t time; bool ending; /* no more frames will come */ };

bool imap_line_next(const struct imap_ctx *x, enum ms_dir dir, struct ms_bytes *in, struct imap_line *out);
struct imap_side *imap_side_get(struct imap *im, enum ms_dir dir);
void imap_side_release(struct imap *im, enum ms_dir dir); /* gives back what is not in use */
static inline size_t imap_line_limit(const struct ms_host *h)
{
    return (size_t)(h->limits->line_bytes < 1u << 24 ? h->limits->line_bytes : 1u << 24);
}

/* ---- commands (imap_command.c, imap_verb.c) --------------------------------------------------------------- */

enum imap_verb_no {
    IMAP_V_OTHER, IMAP_V_FETCH, IMAP_V_UID_FETCH, IMAP_V_LOGIN, IMAP_V_AUTHENTICATE, IMAP_V_SELECT, IMAP_V_EXAMINE, IMAP_V_CLOSE,
    IMAP_V_UNSELECT, IMAP_V_APPEND, IMAP_V_REPLACE, IMAP_V_UID_REPLACE, IMAP_V_IDLE, IMAP_V_STARTTLS, IMAP_V_COMPRESS, IMAP_V_LOGOUT,
    IMAP_V_REST
};
struct imap_verb {
    const char *name;
    uint8_t     stage;   /* enum ms_stage; CONNECT = the one the session is in */
    uint8_t     subject; /* which argument is the mailbox or user, from 1; 0 none */
    bool        names;   /* short literals are names and shown */
};
const struct imap_verb *imap_verb(uint8_t no);
uint8_t imap_verb_find(struct ms_bytes upper); /* IMAP_V_OTHER when unknown */

struct imap_parts { struct ms_bytes tag, word, argument; uint8_t verb; uint8_t name[40]; };
bool imap_split(struct ms_bytes line, struct imap_parts *out); /* false: no command */

void imap_client_line(const struct imap_ctx *x, const struct imap_line *line);
struct imap_pending *imap_pending_find(const struct imap *im, struct ms_bytes tag);
void imap_pending_unlink(struct imap *im, struct imap_pending *p);
struct ms_bytes imap_pending_argument(const struct imap_pending *p);
void imap_complete(const struct imap_ctx *x, struct imap_pending *p, const struct imap_tagged *r); /* NULL: unanswered */
void imap_judge_uploads(const struct imap_ctx *x, struct imap_upload *uploads, const struct imap_tagged *r); /* and frees them */
struct imap_pending *imap_command(const struct imap_ctx *x, const struct imap_parts *c); /* made, and what sending it means done */
void imap_queue(const struct imap_ctx *x, struct imap_pending *p);
struct imap_pending *imap_pending_owner(const struct imap *im, bool fetch); /* whose untagged data it is; NULL none */
void imap_auth_end(const struct imap_ctx *x);
void imap_auth_note(const struct imap_ctx *x);
void imap_clear_mail(const struct imap_ctx *x);

/* ---- commands with literals (imap_literal.c) ---------------------------------------------------------------- */

void imap_building_line(const struct imap_ctx *x, const struct imap_line *line);
void imap_client_literal(const struct imap_ctx *x, struct ms_bytes bytes);
void imap_client_literal_end(const struct imap_ctx *x);
void imap_client_literal_gap(const struct imap_ctx *x, uint64_t n);
void imap_client_abandon(const struct imap_ctx *x, bool cut); /* what is being built is handed up as far as it came */
bool imap_client_tagged(const struct imap_ctx *x, struct ms_bytes tag, const struct imap_tagged *r);

/* ---- responses (imap_response.c) -------------------------------------------------------------------------- */

void imap_server_line(const struct imap_ctx *x, const struct imap_line *line);
void imap_server_abandon(const struct imap_ctx *x);
void imap_result_effects(const struct imap_ctx *x, const struct imap_pending *p, const struct imap_tagged *r);

/* ---- FETCH (imap_fetch.c, imap_assembly.c) ----------------------------------------------------------------- */

struct imap_item imap_item_of(struct ms_bytes name);
void imap_fetch_text(const struct imap_ctx *x, struct imap_fetch *f, const struct imap_line *line, struct ms_bytes text);
void imap_fetch_literal(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n);
void imap_fetch_push(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes bytes); /* of the literal */
void imap_fetch_gap(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n);
void imap_fetch_literal_end(const struct imap_ctx *x, struct imap_fetch *f, bool whole);
void imap_fetch_end(const struct imap_ctx *x, struct imap_fetch *f);
static inline struct ms_bytes imap_fetch_path(const struct imap_fetch *f) { return (struct ms_bytes){ f->path, f->path_n }; }

void imap_value_begin(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n);
void imap_value_push(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes bytes);
void imap_value_gap(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n);
void imap_value_end(const struct imap_ctx *x, struct imap_fetch *f, bool whole);
void imap_assembly_settle(const struct imap_ctx *x, const struct imap_fetch *f);
void imap_mailbox_left(const struct imap_ctx *x); /* its messages are over, what was known of them is forgotten */
void imap_expunged(const struct imap_ctx *x, uint32_t seq);

/* Bytes in order (imap_run.c). `r` is a run of `a`. */
void *imap_body_open(const struct imap_ctx *x, uint64_t frame, int64_t time);
void *imap_body_of(const struct imap_ctx *x, struct imap_assembly *a);
void imap_run_init(struct imap_run *r);
void imap_run_push(const struct imap_ctx *x, struct imap_assembly *a, struct imap_run *r, struct ms_bytes bytes);
void imap_run_gap(const struct imap_ctx *x, struct imap_assembly *a, struct imap_run *r, uint64_t n);
void imap_run_drain(const struct imap_ctx *x, struct imap_assembly *a, struct imap_run *r);   /* what fits now */
void imap_run_release(const struct imap_ctx *x, struct imap_assembly *a, struct imap_run *r); /* all, with gaps for what never came */
void imap_run_set_header(struct imap_run *r, uint64_t n);
void imap_run_learn(struct imap_run *r, const struct imap_sink *s); /* sizes, when the value is read */
bool imap_run_full(const struct imap_ctx *x, const struct imap_run *r, uint64_t n); /* no room to hold n bytes more */
struct imap_piece *imap_run_hold(const struct imap_ctx *x, struct imap_run *r, uint64_t at, bool text);
static inline bool imap_run_over(const struct imap_run *r) { return r->size != IMAP_UNKNOWN && r->at >= r->size && !r->pieces; }

/* Parts (imap_parts.c). */
struct imap_part *imap_part_find(const struct imap_assembly *a, struct ms_bytes path, bool binary);
struct imap_part *imap_part_add(const struct imap_ctx *x, struct imap_assembly *a, struct ms_bytes path, bool binary);
bool imap_part_may_open(const struct imap_ctx *x, struct imap_assembly *a, const struct imap_part *p); /* what it is is known, and nothing is in its way */
void imap_part_open(const struct imap_ctx *x, struct imap_assembly *a, struct imap_part *p);
/* Something came of a part, or was learned (NULL). True: all parts of the structure are there. */
bool imap_parts_go_on(const struct imap_ctx *x, struct imap_assembly *a, struct imap_part *came);
void imap_parts_finish(const struct imap_ctx *x, struct imap_assembly *a);
void imap_lead_header(const struct imap_ctx *x, struct imap_assembly *a); /* hands on the header that was fetched before, if it was */
bool imap_is_only_part(const struct imap_ctx *x, const struct imap_fetch *f); /* BODY[1] of a message without multipart: its text */

/* What was said of messages (imap_known.c). `what`: a letter of enum imap_fact_kind. */
enum imap_fact_kind { IMAP_KNOWN_HEADER = 'H', IMAP_KNOWN_FIELDS = 'F', IMAP_KNOWN_STRUCTURE = 'S', IMAP_KNOWN_MIME = 'M' };
void imap_known_put(const struct imap_ctx *x, const struct imap_fetch *f, enum imap_fact_kind what, struct ms_bytes bytes);
const struct imap_fact *imap_known_get(const struct imap *im, uint32_t seq, uint32_t uid, enum imap_fact_kind what, struct ms_bytes path);
void imap_known_forget(const struct imap_ctx *x);

/* BODYSTRUCTURE (imap_structure.c): parts in order, each with a header block made of the server's words. */
struct imap_node { uint32_t path_at, path_n, head_at, head_n; uint64_t octets; bool multipart; };
struct imap_structure {
    struct ms_buffer  text;     /* paths and header blocks */
    struct imap_node *nodes;
    uint32_t          count, room, leaves, hint;
    uint32_t          boundary_at, boundary_n; /* of the outermost multipart */
    bool              cut;      /* deeper, or more parts, than is read */
};
struct imap_structure *imap_structure_read(struct ms_bytes said, const struct ms_limits *limits);
void imap_structure_free(struct imap_structure *t);
const struct imap_node *imap_structure_find(struct imap_structure *t, struct ms_bytes path); /* NULL: none; of a message, not the multipart that is its body */
static inline struct ms_bytes imap_node_path(const struct imap_structure *t, const struct imap_node *n) { return (struct ms_bytes){ t->text.p + n->path_at, n->path_n }; }
static inline struct ms_bytes imap_node_head(const struct imap_structure *t, const struct imap_node *n) { return (struct ms_bytes){ t->text.p + n->head_at, n->head_n }; }

/* ---- what frames said (imap_element.c); does nothing when nobody lists frames --------------------------------- */

void imap_say_client(const struct imap_ctx *x, const struct imap_line *line, enum ms_element_kind kind);
void imap_say_command(const struct imap_ctx *x, const struct imap_line *line, const struct imap_parts *c, const struct imap_pending *p);
void imap_say_more(const struct imap_ctx *x, const struct imap_line *line); /* of a command with literals */
bool imap_say_answer(const struct imap_ctx *x, const struct imap_line *line); /* tagged, or "+"; false: after a gap, not surely one */
void imap_say_data(const struct imap_ctx *x, const struct imap_line *line, bool goes_on); /* another line, when it has been read */
void imap_say_kept(const struct imap_ctx *x);
void imap_say_literal(const struct imap_ctx *x, enum ms_dir dir, struct ms_bytes part);
void imap_top_begin(const struct imap_ctx *x, struct imap_fetch *f);
void imap_top_end(const struct imap_ctx *x, struct imap_fetch *f, bool whole); /* the literal is over */
void imap_say_end(const struct imap_ctx *x, void *body);      /* an upload is over */
