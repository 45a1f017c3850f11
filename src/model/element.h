/* model/element.h - what a frame said, piece by piece: lines of a dialogue, content of messages, TLS records. Whoever lists frames reads them.
 *
 * Frame    the one that completed the piece: a line belongs to the frame with its line end, as in Wireshark.
 * Order    pieces of one direction come in the order of the stream. A piece may come late (a segment that waited for one before it, a
 *          connection that had not said yet what it is); ms_engine_settled() tells from when on a frame gets no more.
 * Borrows  slices are valid during the call.                                                                       */
#pragma once
#include "model/record.h"

enum ms_element_kind {
    MS_EL_COMMAND,     /* a command line */
    MS_EL_REPLY,       /* a line of a reply, a continuation request, an untagged or tagged response */
    MS_EL_AUTH,        /* a client's line in a login dialogue, a server's challenge being MS_EL_REPLY */
    MS_EL_TEXT,        /* another line: of a multi-line answer (POP3 LIST), one that is no command */
    MS_EL_CONTENT,     /* bytes of a message: `length` of them; `line` is empty */
    MS_EL_CONTENT_END, /* the message ended: `line` is what ended it (the lone dot), or empty */
    MS_EL_HEADERS,     /* header block of the message that ended in this frame, as on the wire, unstuffed; may be cut (header_bytes). `head` bytes of `line`: what
                          follows it comes behind, when somebody wants that */
    MS_EL_FRAGMENTS,   /* the frames of the message that ended in this one: `line` is their numbers, uint64_t each, MS_ELEMENT_FRAMES at most;
                          `length` what they held of it */
    MS_EL_TLS_RECORD,  /* a TLS record under keys that was opened: `code` is its content type, `line` what it held unless that is application data */
};

/* Sets of elements: of a protocol those kinds, 1 << MS_EL_...; of any protocol. */
enum { MS_ELEMENT_KINDS = MS_EL_TLS_RECORD + 1, MS_EL_ALL = (1 << MS_ELEMENT_KINDS) - 1, MS_EL_LINES = (1 << (MS_EL_TEXT + 1)) - 1 };
#define MS_ELEMENTS(protocol, kinds) ((uint64_t)(kinds) << ((unsigned)(protocol) * MS_ELEMENT_KINDS))
#define MS_ELEMENTS_ANY(kinds)                                                                                            \
    (MS_ELEMENTS(MS_PROTO_NONE, kinds) | MS_ELEMENTS(MS_PROTO_SMTP, kinds) | MS_ELEMENTS(MS_PROTO_LMTP, kinds) | \
     MS_ELEMENTS(MS_PROTO_POP3, kinds) | MS_ELEMENTS(MS_PROTO_IMAP, kinds))

/* What the secret part of AUTH, and of a COMMAND that logs in, holds: `code`. */
enum ms_element_login { MS_LOGIN_OTHER, MS_LOGIN_USER, MS_LOGIN_PASSWORD, MS_LOGIN_BOTH /* PLAIN */ };

enum { MS_ELEMENT_FRAMES = 4096 };

enum ms_element_flag {
    MS_ELEMENT_MORE = 1,      /* more lines of the same reply follow */
    MS_ELEMENT_CUT = 2,       /* `line` is not whole (line_bytes, a gap) */
    MS_ELEMENT_DECRYPTED = 4, /* it came out of TLS */
    MS_ELEMENT_LITERAL = 8,   /* IMAP: a literal follows, the command or response goes on behind it */
    MS_ELEMENT_LAST = 16,     /* CONTENT, CONTENT_END: the chunk of BDAT LAST; TEXT: the lone dot that ends an answer */
};

struct ms_element {
    uint64_t        frame;
    uint64_t        length;     /* bytes on the wire, with the line end */
    struct ms_bytes line;       /* without its line end */
    size_t          head;       /* HEADERS */
    size_t          secret_at, secret_n; /* the part of `line` that is a password or token; n 0: none */
    struct ms_bytes repeats;    /* REPLY: a secret that the server may repeat; the engine looks for it */
    void           *body;       /* CONTENT_END: handle of the message (proto/proto.h), for the engine alone */
    uint64_t        asked;      /* REPLY of IMAP with a tag: the frame of the command that it answers; 0 unknown */
    int64_t         asked_time; /* when that was */
    uint16_t        code;       /* SMTP reply code; POP3 reply: 1 a message follows; enum ms_element_login; see the kinds */
    uint16_t        version;
    uint8_t         kind, dir, protocol, flags;
};
