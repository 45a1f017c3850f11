/* proto/proto.h - what a protocol parser gets and what it says. Everything is pushed.
 *
 * The engine owns the session and feeds both directions in frame order; the parser fills struct ms_session (protocol, transport,
 * user, mechanism, auth_*, stage, flags, codes, names, message_count) and calls up through struct ms_host_ops. It never asks for
 * more and never knows who listens.
 *
 * Counts   message_count is kept by the engine; the rest of the fields that come from the dialogue by the parser.
 * Bodies   the only way to mail/: body_open, body_push, body_gap, body_end, then body_verdict exactly once. Between body_end and
 *          body_verdict other bodies may be opened (pipelining, IMAP). A handle is never used after body_verdict.
 * Borrows  chunk bytes, and every slice in a record handed up, are valid during the call only.
 * Filters  a parser that sees TLS begin, or whose peers agreed on compression, asks for a filter and resets itself (RFC 3207 4.2: what was known
 *          before TLS is forgotten). session.flags has MS_SESSION_ENCRYPTED while no plain text comes back.
 * Memory   parser state is allocated by the engine (state_size, zeroed); it keeps strings in host->arena (lives as long as the
 *          session: put only bounded things there) and transient things in struct ms_buffer that finish() frees.             */
#pragma once
#include "base/limits.h"
#include "model/element.h"
#include "model/stream.h"

struct ms_host;

struct ms_body_start { enum ms_direction direction; uint64_t frame; int64_t time; };

/* How a message ended. Slices as everywhere: valid during the call. */
struct ms_verdict {
    const struct ms_envelope *envelope; /* NULL for retrieved and appended ones */
    enum ms_status     status;
    unsigned           code;            /* the deciding reply; 0 none */
    struct ms_enhanced enhanced;
    struct ms_bytes    reply;
    uint64_t           reply_frame;
    int64_t            replied;         /* MS_UNKNOWN when none */
    bool               partial;         /* only a section was fetched (TOP, BODY[1], BODY[]<0.n>) */
};

enum ms_filter { MS_FILTER_TLS, MS_FILTER_DEFLATE };

struct ms_host_ops {
    void (*exchange)(struct ms_host *h, const struct ms_exchange *x);
    void *(*body_open)(struct ms_host *h, const struct ms_body_start *b); /* never NULL */
    void (*body_push)(struct ms_host *h, void *body, struct ms_bytes bytes, uint64_t frame, int64_t time);
    void (*body_gap)(struct ms_host *h, void *body, uint64_t missing, uint64_t frame, int64_t time);
    /* What follows is one part of the message; after the first BEGIN every byte is pushed between BEGIN and END of a part. */
    void (*body_section)(struct ms_host *h, void *body, const struct ms_section *s, uint64_t frame, int64_t time);
    void (*body_end)(struct ms_host *h, void *body, uint64_t frame, int64_t time);
    void (*body_verdict)(struct ms_host *h, void *body, const struct ms_verdict *v);
    void (*body_discard)(struct ms_host *h, void *body); /* it was no message after all: nothing is recorded */
    /* A word of the client behind missing bytes that may be the answer to a challenge: it is known again in the next replies. */
    void (*stray)(struct ms_host *h, struct ms_bytes word);
    void (*limit)(struct ms_host *h, enum ms_limit which); /* a limit was reached: counted and said once */
    /* From this chunk on the direction chunk->dir is TLS, or DEFLATE (asked for once each direction; an empty chunk is fine: what comes next). The
     * engine takes the stream over; data() and gap() get plain text again where it can be made, as if the dialogue began anew. */
    void (*filter)(struct ms_host *h, enum ms_filter kind, const struct ms_chunk *rest);
    /* A piece of the dialogue was read; called only when host->elements is set. `protocol` and MS_ELEMENT_DECRYPTED are filled in by the engine. */
    void (*element)(struct ms_host *h, const struct ms_element *el);
};

struct ms_host {
    const struct ms_host_ops *ops;
    struct ms_session        *session;
    struct ms_arena          *arena;
    const struct ms_limits   *limits;
    bool                      elements; /* somebody lists frames */
    bool                      fragments; /* and asks which of them carried a message (MS_EL_FRAGMENTS) */
    bool                      messages;  /* and for messages behind their header blocks (MS_EL_HEADERS) */
    uint64_t                  known;    /* fetch_known_bytes: bytes that parsers remember, all connections together */
};

/* Who has to act next; the engine divides time by it. */
enum ms_turn {
    MS_TURN_NONE,   /* unknown, or both */
    MS_TURN_SERVER, /* the server owes a greeting or a reply, or is sending one */
    MS_TURN_CLIENT, /* all commands are answered: the client thinks */
    MS_TURN_UPLOAD, /* the client is sending a message */
    MS_TURN_IDLE,   /* both wait by agreement: IMAP IDLE */
};

struct ms_parser {
    enum ms_protocol protocol;
    size_t           state_size;
    void (*init)(void *state, struct ms_host *h);
    void (*data)(void *state, struct ms_host *h, const struct ms_chunk *c);
    void (*gap)(void *state, struct ms_host *h, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time);
    /* The session is over (or the capture is): open exchanges and messages are handed up as unanswered or incomplete, all
     * memory is freed. */
    void (*finish)(void *state, struct ms_host *h);
    enum ms_turn (*turn)(const void *state);
    /* Bytes were taken of which it cannot be said yet what they are; elements of earlier frames may come. NULL: never. */
    bool (*holds)(const void *state);
};

extern const struct ms_parser ms_smtp_parser; /* SMTP, ESMTP and LMTP */
extern const struct ms_parser ms_pop3_parser;
extern const struct ms_parser ms_imap_parser;

const struct ms_parser *ms_parser_for(enum ms_protocol p); /* NULL for NONE */

/* ---- recognition: on any port, by what is said (proto/detect.c) ----------------------------------------- */

enum ms_guess_kind {
    MS_GUESS_MORE,  /* not enough bytes yet */
    MS_GUESS_NO,    /* not mail */
    MS_GUESS_MAIL,  /* `protocol` speaks in clear; `tls_port` false */
    MS_GUESS_TLS,   /* a TLS client or server hello on a port of implicit TLS: `protocol` by the port */
};
struct ms_guess { enum ms_guess_kind kind; enum ms_protocol protocol; };

/* The first bytes of each direction (either may be empty), the server's port. A port is a hint only: mail ports need less
 * evidence, other ports need a greeting or a command that fits no other protocol (FTP, NNTP and HTTP greet alike: "220 " alone is not
 * enough on an unknown port). `ended`: no more bytes will come. */
struct ms_guess ms_detect(struct ms_bytes client, struct ms_bytes server, uint16_t server_port, bool ended);

/* What a port is known for: 25 587 2525 465(tls) 24(lmtp) 110 995(tls) 143 993(tls) ...; NONE for others. */
enum ms_protocol ms_port_protocol(uint16_t port, bool *implicit_tls);

/* What else than mail the client begins with these bytes (proto/foreign.c). */
struct ms_foreign { const char *name; size_t sign; }; /* NULL: mail, or nothing known; so many bytes tell it */
struct ms_foreign ms_foreign(struct ms_bytes opening);

/* ---- shared by the parsers ------------------------------------------------------------------------------- */

bool ms_keyword_overwritten(struct ms_bytes word); /* "XXXXXXXA": what is left when an inspecting firewall has overwritten it */
/* The frames of a message, for MS_EL_FRAGMENTS: one more, unless it is the last one already or there are MS_ELEMENT_FRAMES. */
void ms_element_frames_add(const struct ms_host *h, struct ms_buffer *frames, uint64_t frame);

/* A line of the client that is no command, where what it answers may be missing from the capture: one word in base64 may be the answer to a
 * challenge, and is handed up as such. */
bool ms_note_stray(struct ms_host *h, struct ms_bytes line);
void ms_session_count_code(struct ms_session *s, struct ms_host *h, unsigned code);
/* What is said now anyone on the way can read: no TLS was agreed on, or an appliance has opened it. */
static inline bool ms_session_in_clear(const struct ms_session *s)
{
    return s->transport == MS_TRANSPORT_PLAIN || s->flags & MS_SESSION_CLEAR_AFTER;
}
/* The first byte of a TLS record (types 20 to 23): no line of a mail protocol begins so. */
static inline bool ms_begins_tls_record(uint8_t first) { return (first & 0xfc) == 0x14; }
/* Words of the server in clear after it agreed on TLS: put there (starttls-injection) when they came in the same go, or soon after and before
 * the client said anything (`waits`). Where packets end does not matter; later ones may say that the server gave up. */
static inline bool ms_injected_behind(int64_t agreed, int64_t now, bool waits)
{
    return agreed && now >= agreed && (now == agreed || (waits && now - agreed < 1000000000));
}
static inline void ms_session_reach(struct ms_session *s, enum ms_stage stage)
{
    if (stage > s->stage)
        s->stage = (uint8_t)stage;
}
