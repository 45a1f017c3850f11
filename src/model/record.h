/* model/record.h - the vocabulary: what happened in a mail connection, as every layer says it.
 *
 * Units    times are nanoseconds since 1970 UTC, durations nanoseconds, sizes bytes. 0 as a frame number means
 *          "none": frames count from 1. MS_UNKNOWN as a time or duration means "not seen".
 * Owns     nothing. Slices and pointers in a record live in the arena of their session or message and die with
 *          it; a record is borrowed during the callback that hands it over.
 * Text     slices hold bytes as they were on the wire unless a comment says "UTF-8". Whoever shows them escapes
 *          them (base/text.h).                                                                            */
#pragma once
#include "base/arena.h"
#include "model/names.def"
#include "model/sign.h"
#include "model/tls.h"

#define MS_UNKNOWN INT64_MIN

#define MS_X_PROTOCOL(name, word) MS_PROTO_##name,
#define MS_X_TRANSPORT(name, word) MS_TRANSPORT_##name,
#define MS_X_OUTCOME(name, word) MS_OUTCOME_##name,
#define MS_X_STAGE(name, word) MS_STAGE_##name,
#define MS_X_DIRECTION(name, word) MS_##name,
#define MS_X_STATUS(name, word) MS_STATUS_##name,
#define MS_X_SEVERITY(name, word) MS_SEVERITY_##name,
#define MS_X_CATEGORY(name, word) MS_CATEGORY_##name,
#define MS_X_MECHANISM(name, word) MS_MECH_##name,
#define MS_X_RESULT(name, word) MS_RESULT_##name,
#define MS_X_CLASS(name, word) MS_CLASS_##name,
enum ms_protocol  { MS_PROTOCOLS(MS_X_PROTOCOL) MS_PROTO_COUNT };
enum ms_transport { MS_TRANSPORTS(MS_X_TRANSPORT) MS_TRANSPORT_COUNT };
enum ms_outcome   { MS_OUTCOMES(MS_X_OUTCOME) MS_OUTCOME_COUNT };
enum ms_stage     { MS_STAGES(MS_X_STAGE) MS_STAGE_COUNT };
enum ms_direction { MS_DIRECTIONS(MS_X_DIRECTION) MS_DIRECTION_COUNT };
enum ms_status    { MS_STATUSES(MS_X_STATUS) MS_STATUS_COUNT };
enum ms_severity  { MS_SEVERITIES(MS_X_SEVERITY) MS_SEVERITY_COUNT };
enum ms_category  { MS_CATEGORIES(MS_X_CATEGORY) MS_CATEGORY_COUNT };
enum ms_mechanism { MS_MECHANISMS(MS_X_MECHANISM) MS_MECH_COUNT };
enum ms_class     { MS_CLASSES(MS_X_CLASS) MS_CLASS_COUNT };
enum ms_result    { MS_RESULTS(MS_X_RESULT) MS_RESULT_COUNT };

/* The words of the records; never NULL. */
const char *ms_protocol_name(enum ms_protocol v);
const char *ms_transport_name(enum ms_transport v);
const char *ms_outcome_name(enum ms_outcome v);
const char *ms_stage_name(enum ms_stage v);
const char *ms_direction_name(enum ms_direction v);
const char *ms_status_name(enum ms_status v);
const char *ms_severity_name(enum ms_severity v);
const char *ms_category_name(enum ms_category v);
const char *ms_class_name(enum ms_class v);
const char *ms_mechanism_name(enum ms_mechanism v);
enum ms_mechanism ms_mechanism_find(struct ms_bytes name); /* MS_MECH_OTHER when unknown; caseless */
/* "250" or "+OK" or "NO"; `code` is an SMTP code (>= 100) or an enum ms_result. Static or in `scratch`. */
const char *ms_code_name(unsigned code, char scratch[8]);
bool ms_code_refuses(unsigned code); /* 4xx, 5xx, -ERR, NO, BAD */

enum ms_dir { MS_C2S = 0, MS_S2C = 1 }; /* which way bytes went; also an index for pairs of counters */
static inline enum ms_dir ms_other(enum ms_dir d) { return d == MS_C2S ? MS_S2C : MS_C2S; }

/* A set of findings, by number (enum ms_rule of check/check.h, which asserts that they fit). */
enum { MS_RULE_WORDS = 4 };
struct ms_rule_set { uint64_t bits[MS_RULE_WORDS]; };
static inline bool ms_rules_have(const struct ms_rule_set *s, unsigned rule) { return s->bits[rule / 64] >> rule % 64 & 1; }
static inline void ms_rules_add(struct ms_rule_set *s, unsigned rule) { s->bits[rule / 64] |= UINT64_C(1) << rule % 64; }

struct ms_endpoint {
    uint8_t         ip[16]; /* IPv4 as ::ffff:a.b.c.d */
    uint16_t        port;
    struct ms_bytes name;   /* EHLO name or greeting host; empty when unknown */
};
bool ms_address_read(struct ms_bytes text, uint8_t ip[16]); /* "192.0.2.1", "2001:db8::1"; false: no address */
bool ms_address_is_v4(const uint8_t ip[16]);
/* Routed on the Internet: not private, local, reserved or multicast. The prefixes for examples (RFC 5737, RFC 3849) count as such: they stand
 * for addresses of others, and nobody has them. */
bool ms_address_is_global(const uint8_t ip[16]);

/* ---- session ------------------------------------------------------------------------------------------ */

struct ms_code_count { uint16_t code; uint32_t count; };

/* TCP trouble as Wireshark's tcp.analysis counts it, for the segments one side sent. */
enum ms_tcp_kind {
    MS_TCP_RETRANSMISSION,          /* all kinds, fast and spurious ones included */
    MS_TCP_FAST_RETRANSMISSION, MS_TCP_SPURIOUS_RETRANSMISSION, MS_TCP_OUT_OF_ORDER, MS_TCP_DUPLICATE_ACK,
    MS_TCP_ZERO_WINDOW, MS_TCP_WINDOW_FULL, MS_TCP_WINDOW_UPDATE, MS_TCP_KEEP_ALIVE, MS_TCP_ZERO_WINDOW_PROBE,
    MS_TCP_LOST_SEGMENT,            /* previous segment not captured */
    MS_TCP_ACKED_UNSEEN,            /* ACKed unseen segment */
    MS_TCP_RESET, MS_TCP_KIND_COUNT
};
enum { MS_TCP_FRAMES = 4 };

/* A segment that was sent again and again: the evidence for path-mtu-stall and for dead peers. */
struct ms_stuck {
    uint32_t seq, length;           /* of that segment: sequence number, payload bytes */
    uint32_t tries;                 /* transmissions seen, the first included */
    uint64_t frames[MS_TCP_FRAMES]; /* of the first tries */
    int64_t  since, until;          /* first and last transmission */
    bool     acked;                 /* in the end it was acknowledged */
};

struct ms_tcp_trouble {             /* in the session arena, made when the first trouble is seen */
    uint32_t count[MS_TCP_KIND_COUNT];
    uint64_t frames[MS_TCP_KIND_COUNT][MS_TCP_FRAMES]; /* the first ones of each kind */
    int64_t  zero_window, zero_since; /* time this side kept its receive window closed; since when, MS_UNKNOWN = open */
    int64_t  lost_time;             /* time spent until its retransmissions came */
    struct ms_stuck stuck;          /* the worst one */
    uint32_t largest_acked;         /* largest payload of one segment that was acknowledged, up to now */
};

/* Where the time of a session went. Stages may overlap nothing; parties add up to the duration. */
struct ms_timing {
    int64_t connect, greeting, tls, auth, transfer; /* time in that stage; MS_UNKNOWN when it was not reached */
    int64_t server, client, network, stalled;       /* who was waited for */
    int64_t jumps;                                  /* of the last two: pauses longer than the limit idle_seconds */
};

/* The first bytes of the client, as they came on the wire: what it takes the server for. */
enum { MS_OPENING_BYTES = 15 };
struct ms_opening { uint64_t frame; uint8_t n, bytes[MS_OPENING_BYTES]; }; /* frame: of the first one; 0 none */

/* What an NTLM challenge tells about the server to everybody who asks (MS-NLMP 2.2.1.2); UTF-8, each at most 1024 bytes, empty when not said. */
struct ms_ntlm {
    struct ms_bytes target, computer, domain, dns_computer, dns_domain, forest;
    uint8_t         major, minor; /* of Windows; 0 not said */
    uint16_t        build;
    bool            answered;     /* the client went on to log in */
    bool            told;         /* a finding tells of it */
};

/* SMTP smuggling: commands in a text, behind a lone dot between line ends that are not CRLF, which some servers take for the end of the text;
 * of BDAT behind any lone dot, or in place of the first line. */
struct ms_smuggling {
    uint64_t        frame, command_frame, reply_frame; /* of the marker, of the first command, of the reply that shows that the server took it */
    uint32_t        count;                             /* such commands */
    bool            taken;
    struct ms_bytes form;                              /* "LF.CRLF"; "BDAT": the begin of the text */
    struct ms_bytes command;                           /* the first one, its begin */
};

enum ms_session_flag {
    MS_SESSION_JOINED_LATE  = 1u << 0, /* no handshake seen: the capture begins in the middle */
    MS_SESSION_ONE_WAY      = 1u << 1, /* packets of one direction only */
    MS_SESSION_GAPS         = 1u << 2, /* bytes are missing from the capture */
    MS_SESSION_SNAPPED      = 1u << 3, /* packets cut by the snap length */
    MS_SESSION_ENCRYPTED    = 1u << 4, /* the rest of the dialogue is not readable */
    MS_SESSION_OPAQUE       = 1u << 5, /* the parser gave up: counted, not understood */
    MS_SESSION_FORCED       = 1u << 6, /* protocol named by --decode-as */
    MS_SESSION_GREETED      = 1u << 7, /* a greeting was seen */
    MS_SESSION_QUIT         = 1u << 8, /* QUIT or LOGOUT was sent */
    MS_SESSION_QUIT_OK      = 1u << 9, /* and answered */
    MS_SESSION_CLIENT_EARLY = 1u << 10,/* the client spoke before the greeting */
    MS_SESSION_TLS_OFFERED  = 1u << 11,/* STARTTLS or STLS in the capabilities */
    MS_SESSION_TLS_ASKED    = 1u << 12,/* the client sent STARTTLS or STLS */
    MS_SESSION_CAPS_SEEN    = 1u << 13,/* a capability list was seen */
    MS_SESSION_CLEAR_SECRET = 1u << 14,/* a password or token crossed in clear */
    MS_SESSION_CLEAR_MAIL   = 1u << 15,/* a message crossed in clear */
    MS_SESSION_SYN          = 1u << 16,/* SYN seen */
    MS_SESSION_SYN_ACK      = 1u << 17,/* SYN+ACK seen */
    MS_SESSION_FIN_CLIENT   = 1u << 18, MS_SESSION_FIN_SERVER = 1u << 19,
    MS_SESSION_RST_CLIENT   = 1u << 20, MS_SESSION_RST_SERVER = 1u << 21,
    MS_SESSION_BYE          = 1u << 22,/* the server said it closes: SMTP 421, IMAP BYE */
    MS_SESSION_PREAUTH      = 1u << 23,/* IMAP PREAUTH */
    MS_SESSION_CUT_OFF      = 1u << 24,/* still open when the capture ended, or when it was forgotten */
    MS_SESSION_PORT_REUSED  = 1u << 25,/* ended because its address pair was used again */
    MS_SESSION_SERVER_FIRST = 1u << 27,/* the first FIN or RST came from the server */
    MS_SESSION_NOT_MAIL     = 1u << 26,/* on a mail port, but what is said is not mail */
    MS_SESSION_DECRYPTED    = 1u << 28,/* plain text was read through TLS */
    MS_SESSION_COMPRESSED   = 1u << 29,/* COMPRESS=DEFLATE */
    MS_SESSION_CLEAR_AFTER  = 1u << 30,/* STARTTLS was agreed on, and the dialogue went on in clear (opened by an appliance) */
};

struct ms_session {
    uint32_t           id;          /* 0 until its number is known */
    uint32_t           flags;       /* enum ms_session_flag */
    uint8_t            protocol, transport, outcome, stage; /* enums; stage = how far it came */
    uint8_t            mechanism;   /* enum ms_mechanism of the last login attempt, NONE when none */
    uint8_t            auth_result; /* 0 none, 1 ok, 2 failed */
    uint16_t           auth_attempts;
    struct ms_endpoint client, server;
    struct ms_bytes    user;        /* login name, UTF-8 or as on the wire */
    uint64_t           first_frame, last_frame;
    uint32_t           frame_count, message_count;
    int64_t            started, ended;
    uint64_t           bytes[2];    /* application bytes by direction, retransmissions not counted twice */
    uint64_t           gap_bytes;   /* missing from the capture, both directions */
    struct ms_code_count *codes;    /* code_count of them, in order of first use; NULL when 0 */
    uint8_t            code_count, code_room;
    uint8_t            syn_retries;
    int64_t            rtt;         /* initial round trip (SYN to the ACK of SYN+ACK); MS_UNKNOWN */
    int64_t            rtt_server;  /* the share between the capture point and the server (SYN to SYN+ACK) */
    uint32_t           segments[2]; /* segments with payload, by direction */
    struct ms_tcp_trouble *tcp[2];  /* by direction of sending; NULL while there was none */
    uint64_t           close_frame; /* first FIN or RST; 0 none */
    struct ms_rule_set findings;    /* in this session */
    struct ms_timing   timing;
    struct ms_tls_info *tls;        /* NULL: no TLS was met (model/tls.h) */
    struct ms_name_lookup *lookup;  /* the DNS lookup that led to the server; NULL unknown */
    uint64_t           injected[2]; /* frame of bytes in clear behind STARTTLS, or behind its reply, before TLS; 0 none */
    uint64_t           overwritten_frame;  /* IMAP: of a list of capabilities in which a keyword was overwritten; 0 none */
    bool               tls_overwritten;    /* it is as long as STARTTLS */
    struct ms_opening  opening;
    struct ms_ntlm    *ntlm;        /* of the first challenge; NULL none */
    struct ms_smuggling *smuggling; /* NULL: none was seen */
    struct ms_obstacle *obstacle;   /* what the network said against it; NULL nothing */
    struct ms_bytes    mechanism_name; /* of MS_MECH_OTHER as the client called it, in upper case, at most MS_MECHANISM_BYTES; else empty */
};

enum { MS_MECHANISM_BYTES = 20 }; /* RFC 4422 3.1 */
/* What the mechanism of the last login attempt is called. */
struct ms_bytes ms_session_mechanism(const struct ms_session *s);

/* The lookup by which the client knew the server's address. */
struct ms_name_lookup { struct ms_bytes name; uint16_t type; uint64_t frame, answer_frame; int64_t duration; };

/* ICMP errors about this connection, resets that did not come from whom they claim, and bytes that came twice and were not the same. */
struct ms_obstacle {
    uint64_t frame;                 /* of the first ICMP error; 0 none */
    uint8_t  ip_version, type, code;
    uint8_t  from[16];              /* who sent it */
    uint32_t count;
    uint32_t mtu;                   /* of "fragmentation needed" or "packet too big"; 0 none */
    uint64_t reset_frame;           /* a reset (or SYN+ACK) whose TTL is that of another machine than the rest; 0 none */
    uint8_t  reset_ttl, usual_ttl;
    uint64_t twice_frames[2];       /* two segments with the same place in the stream and different bytes; 0 none */
    uint32_t twice_count;
    uint8_t  twice_ttl[2], twice_dir; /* of the first two; enum ms_dir */
};

/* ---- exchange ----------------------------------------------------------------------------------------- */

enum ms_exchange_flag {
    MS_EXCHANGE_PIPELINED  = 1u << 0, /* sent before the reply to the command before it */
    MS_EXCHANGE_UNANSWERED = 1u << 1, /* no reply came before the session ended */
    MS_EXCHANGE_GAP        = 1u << 2, /* bytes of the command or its reply are missing */
    MS_EXCHANGE_GREETING   = 1u << 3, /* unsolicited: the greeting, a 421 or BYE out of the blue */
    MS_EXCHANGE_NO_COMMAND = 1u << 4, /* the reply came, the command was not seen (one-way capture, joined late) */
    MS_EXCHANGE_DATA_END   = 1u << 5, /* SMTP: the reply to the message, not to DATA */
    MS_EXCHANGE_EARLY      = 1u << 6, /* command sent before the greeting */
    MS_EXCHANGE_IDLE       = 1u << 7, /* IMAP IDLE: the wait is no service time */
    MS_EXCHANGE_CHALLENGED = 1u << 8, /* login unfinished, the last word was the server's: the client owed the answer */
    MS_EXCHANGE_UNOFFERED  = 1u << 9, /* SMTP: the second or a later one that waits, and PIPELINING was not offered (RFC 2920 3.1) */
};

struct ms_enhanced { uint8_t class_; uint16_t subject, detail; }; /* RFC 3463; class_ 0 = none */

struct ms_exchange {
    uint32_t        flags;        /* enum ms_exchange_flag */
    uint64_t        frame, reply_frame; /* of the last byte of the command, of the first byte of the final reply; 0 = none */
    uint64_t        reply_last_frame;
    int64_t         sent, replied, reply_ended; /* times of those frames; MS_UNKNOWN when none */
    struct ms_bytes command;      /* the verb in upper case: "EHLO", "RETR", "UID FETCH", "AUTH"; "." for the end of DATA;
                                     empty for greetings */
    struct ms_bytes argument;     /* as given, without the line end */
    size_t          secret_at, secret_n; /* the part of argument that is a password or token; n = 0 none */
    struct ms_bytes secret;       /* what the client answered to a challenge, when it is one: never printed, but known again in the reply */
    unsigned        code;         /* SMTP code or enum ms_result; 0 when unanswered */
    struct ms_enhanced enhanced;
    struct ms_bytes reply_code;   /* POP3 and IMAP bracketed response code without brackets: "IN-USE"; empty */
    struct ms_bytes reply;        /* the server's words, lines joined by LF, codes and enhanced codes removed */
    struct ms_bytes subject;      /* what it was about: recipient, sender, user or mailbox; empty */
    uint64_t        data;         /* payload bytes that went with it, either way (bodies, literals, listings) */
    enum ms_stage   stage;        /* the stage of the session it belongs to */
};

/* ---- message ------------------------------------------------------------------------------------------ */

struct ms_recipient {
    struct ms_bytes    address;   /* as in RCPT TO, without <> and parameters */
    uint16_t           code;      /* the reply that decided; 0 none */
    uint8_t            status;    /* enum ms_status: ACCEPTED REJECTED DEFERRED UNANSWERED */
    struct ms_enhanced enhanced;
    struct ms_bytes    reply;     /* the server's words that decided */
    uint64_t           frame;     /* of that reply; 0 none */
};

struct ms_envelope {
    bool                 seen;    /* MAIL FROM was seen (SMTP, LMTP) */
    struct ms_bytes      from;    /* empty with seen = the null sender <> */
    struct ms_recipient *to;
    size_t               to_count;
    uint64_t             to_dropped; /* over the limit `recipients` */
    uint64_t             declared_size; /* SIZE= ; 0 none */
};

struct ms_part {
    struct ms_bytes path;         /* "1.2", as IMAP numbers sections (RFC 9051 6.4.5.1); "1" for a message without multipart */
    struct ms_bytes type;         /* "text/plain", lower case */
    struct ms_bytes filename;     /* UTF-8, decoded (RFC 2231, 2047); empty when none */
    struct ms_bytes disposition;  /* lower case: attachment, inline; empty when none */
    struct ms_bytes encoding;     /* lower case: base64, ...; empty when none given */
    struct ms_bytes charset;      /* lower case; empty when none given */
    struct ms_bytes content_id;
    const char     *detected;     /* MIME type by content; NULL when unknown or empty */
    uint64_t        size;         /* decoded bytes */
    uint8_t         sha256[32];   /* of the decoded bytes; valid when hashed */
    bool            hashed, complete, multipart;
    uint32_t        odd;          /* enum ms_mime_odd bits (mail/mime.h) */
    struct ms_bytes odd_field;    /* the first Content- field of it that programs read in different ways, as it came; empty none */
};

struct ms_headers { /* decoded to UTF-8 (RFC 2047), unfolded, the first of repeated fields; empty when absent */
    struct ms_bytes from, to, cc, subject, date, message_id, reply_to, return_path;
};

/* A link, as a program that opens it would read it (content/link/url.h). */
struct ms_url {
    struct ms_bytes url;          /* as it stands in the message, entities and encodings of HTML undone; UTF-8 */
    struct ms_bytes host;         /* lower case, escapes and other spellings undone, in ASCII (xn--): what is looked up and connected to; empty: none */
    struct ms_bytes text;         /* of the anchor, when it has one */
    uint16_t        part;         /* place in message->parts, from 1; 0 unknown */
    bool            loaded;       /* a picture: shown with the text, not followed */
    bool            qr;           /* it stands in a code for cameras (QR) */
};

/* One judgement about the sender: RFC 8601 words ("pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "policy") or
 * "unknown" when the DNS answers that would settle it are not in sight. */
struct ms_auth_result {
    const char     *result;       /* NULL: not judged (a message without sender address, without signature, ...) */
    struct ms_bytes domain;       /* that it is about */
    struct ms_bytes reason;       /* one clause in words: "192.0.2.1 is not among the senders that example.com names (-all)" */
    struct ms_bytes lookups;      /* of unknown: what would settle it, "TXT _dmarc.example.com, TXT s1._domainkey.example.com" */
};
/* Was a message sent, or carried, by who says so? OPEN: the DNS answers that would settle it are not in sight. */
enum ms_proof { MS_PROOF_NONE, MS_PROOF_OPEN, MS_PROOF_GIVEN };
struct ms_signer { struct ms_bytes domain; uint8_t proof; uint64_t value; /* of the signature itself, to know it again */ };
struct ms_authentication {
    struct ms_auth_result spf, dkim, dmarc, arc;
    uint8_t               envelope;   /* enum ms_proof of the domain of the return path (SPF) */
    bool                  found_genuine; /* the last server on the way wrote that it is from the domain of its From field (DMARC) */
    struct ms_signer     *signers;    /* domains of DKIM signatures, in order */
    size_t                signer_count;
};

struct ms_message {
    uint32_t           id;
    const struct ms_session *session; /* NULL: it came in a file */
    struct ms_bytes    file;      /* the name of that; empty */
    uint8_t            direction, status; /* enum ms_direction, enum ms_status */
    bool               complete;  /* false: bytes missing, or only a section was fetched */
    struct ms_envelope envelope;
    unsigned           code;      /* the reply that decided, SMTP code or enum ms_result; 0 none */
    struct ms_enhanced enhanced;
    struct ms_bytes    reply;     /* the server's words */
    uint64_t           first_frame, last_frame, reply_frame;
    int64_t            started, ended; /* first and last content byte */
    int64_t            replied;   /* MS_UNKNOWN */
    uint64_t           size;      /* as the receiver stores it */
    uint64_t           missing;   /* bytes known to be missing */
    uint8_t            sha256[32];
    bool               hashed;
    struct ms_headers  headers;
    struct ms_part    *parts;     /* leaves and multiparts in order of appearance */
    size_t             part_count;
    uint64_t           parts_dropped; /* over the limit `mime_parts` */
    uint32_t           odd;       /* enum ms_mime_odd bits */
    struct ms_url     *urls;      /* in order of appearance, equal ones once */
    size_t             url_count;
    uint64_t           urls_dropped; /* over the limit `message_urls` */
    uint64_t        text_digest;  /* of its words, without numbers, links, white space and punctuation; another one in each run. 0: few words */
    struct ms_authentication *authentication; /* NULL: not looked at */
    struct ms_bytes    top;       /* the header block as it came, without the blank line; empty when not looked at, or lost */
    const struct ms_signs *signs; /* model/sign.h; NULL: not looked at */
    const struct ms_sign **reasons; /* the smallest set of signs that carries the verdict, heaviest first */
    size_t             reason_count;
    struct ms_rule_set findings;  /* in this message */
    struct { uint8_t class_, score; } verdict; /* enum ms_class, 0 to 100; meaningless without signs */
};

/* ---- finding ------------------------------------------------------------------------------------------ */

enum { MS_FINDING_FRAMES = 8 };

struct ms_finding {
    uint32_t        id;
    uint16_t        rule;         /* enum ms_rule (check/catalogue.h) */
    uint8_t         severity, category;
    uint32_t        session, message; /* ids; 0 none */
    uint8_t         frame_count;
    uint64_t        frames[MS_FINDING_FRAMES]; /* ascending */
    const char     *rule_name;    /* "auth-failed" */
    struct ms_bytes title, evidence, explanation, remedy; /* UTF-8, escaped for a terminal already */
    const char     *references;   /* "RFC 4954 section 6; RFC 5321 4.2.1" */
};
