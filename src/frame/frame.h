/* frame/frame.h - one frame with all that is known of it: headers, its place in its TCP stream, what it said; and the fields and the line
 * of a packet list that are made of that, named and worded as Wireshark does.
 *
 * Fields   fields/GROUP.def declares them, values_GROUP.c gives their values. A group says what it needs, so that a filter pays for
 *          nothing else.
 * Borrows  everything is valid during the call that hands a frame over; `scratch` lives as long.                          */
#pragma once
#include "capture/source.h"
#include "dfilter/dfilter.h"
#include "model/element.h"
#include "net/decode.h"
#include "net/layers.h"
#include "net/streams.h"

enum ms_frame_need { /* bits of an uint64_t */
    MS_NEED_LAYERS = 1,   /* where headers begin */
    MS_NEED_SEGMENT = 2,  /* the TCP segment, DNS datagram or ICMP error, fragments joined */
    MS_NEED_STREAM = 4,   /* TCP streams: numbers, relative sequence numbers, analysis */
    MS_NEED_TIMES = 8,    /* with MS_NEED_STREAM: which segment an acknowledgement is for, and how long that took; when one that is sent again was sent */
    MS_NEED_FLOWS = 16,   /* UDP streams, and what answers what: UDP, DNS, pings */
    MS_NEED_PDUS = 32,    /* TLS records, and DNS messages over TCP (with MS_NEED_SEGMENT and MS_NEED_STREAM) */
    MS_NEED_BYTES = 64,   /* the bytes of the packet for themselves; the first two read them, too */
    MS_NEED_ANALYSIS = 128, /* of MS_NEED_STREAM no more than the analysis, and what duplicate acknowledgements repeat */
    MS_NEED_WORDS = 256,  /* of the others what ms_frame_line() reads of the frames that are handed over */
    MS_NEED_MESSAGES = 512, /* with MS_NEED_HEADERS: what follows them, too */
};
enum { MS_NEED_SHIFT = 16 }; /* from this bit on: which elements (model/element.h), for which the engine reads the mail */
#define MS_NEED_SAID(elements) ((uint64_t)(elements) << MS_NEED_SHIFT)
#define MS_NEED_HEADERS MS_NEED_SAID(MS_ELEMENTS_ANY(1 << MS_EL_HEADERS))     /* header blocks of messages */
#define MS_NEED_FRAGMENTS MS_NEED_SAID(MS_ELEMENTS_ANY(1 << MS_EL_FRAGMENTS)) /* which frames carried a message */
#define MS_NEED_ELEMENTS MS_NEED_SAID(MS_ELEMENTS_ANY(MS_EL_ALL & ~(1 << MS_EL_HEADERS | 1 << MS_EL_FRAGMENTS)))
/* All that ms_frame_line() reads. */
#define MS_NEED_LINE \
    (MS_NEED_LAYERS | MS_NEED_SEGMENT | MS_NEED_ANALYSIS | MS_NEED_BYTES | MS_NEED_WORDS | MS_NEED_HEADERS)
/* What a frame shows, as a set: its elements, and that the analysis of TCP has flags for it. */
#define MS_MARK_ANALYSIS (UINT64_C(1) << (MS_ELEMENT_KINDS * MS_PROTO_COUNT))
static inline uint64_t ms_need_elements(uint64_t needs) { return needs >> MS_NEED_SHIFT; } /* as a set */

enum { MS_UDP_SEEN = 4 };
struct ms_udp_at { uint64_t stream; int64_t since_first, since_previous; };
struct ms_udp_seen { unsigned count; struct ms_udp_at at[MS_UDP_SEEN]; }; /* one for each UDP header, in order */

struct ms_pair_seen { /* a query and its answer, a ping and its reply */
    uint64_t request;     /* of an answer: the frame that it answers; 0 none */
    int64_t  took;        /* since then */
    uint64_t repeats;     /* the frame that said the same before; 0 none */
    bool     unsolicited; /* an answer to nothing that was seen */
};

enum { MS_PIECES = 48 };
struct ms_pieces_seen { uint32_t count; uint64_t frames[MS_PIECES]; }; /* the frames with the fragments of the packet that this one completed */

enum ms_pdu_kind { MS_PDU_TLS_RECORD, MS_PDU_TLS_HANDSHAKE, MS_PDU_TLS_ALERT, MS_PDU_TLS_ODD /* no record */, MS_PDU_TLS_PART /* of a record, the rest comes later */, MS_PDU_DNS };
enum ms_pdu_flag { MS_PDU_ENCRYPTED = 1, MS_PDU_OPAQUE = 2 /* record of TLS 1.3 whose type is inside */, MS_PDU_PART = 4 /* of a message */, MS_PDU_SSL2 = 8, MS_PDU_OPENED = 16 /* with keys: `type` is what was inside */ };
struct ms_pdu {
    struct ms_bytes body;     /* of a message; of a record with application data */
    uint32_t length;          /* of the body */
    uint16_t version;         /* of the connection as far as it is known, else of the record; 0 unknown */
    uint16_t record_version;
    uint8_t  kind, type, level, flags; /* type: of the record or message, description of the alert */
};

static inline bool ms_frame_reads_bytes(uint64_t needs) { return needs & (MS_NEED_BYTES | MS_NEED_LAYERS | MS_NEED_SEGMENT); }

struct ms_frame_layers { bool known; uint64_t tunnel_depth; struct ms_layers of; }; /* found when somebody asks */

struct ms_frame {
    const struct ms_packet  *packet;
    struct ms_frame_layers  *layers;   /* ms_frame_layers() */
    struct ms_packet_joined  joined;   /* the packet that this frame completed, with MS_NEED_SEGMENT */
    struct ms_segment        segment;  /* as `decoded` says */
    enum ms_decoded          decoded;  /* MS_DECODED_OTHER when it is not needed */
    struct ms_stream_view    stream;   /* with MS_NEED_STREAM or MS_NEED_ANALYSIS, of a TCP segment */
    bool                     has_stream;
    const struct ms_element *elements; size_t element_count;
    uint64_t                 marks;    /* which they are, as a set, and MS_MARK_ANALYSIS */
    const struct ms_pdu     *pdus; size_t pdu_count; /* with MS_NEED_PDUS */
    struct ms_udp_seen       udp;      /* with MS_NEED_FLOWS */
    struct ms_pair_seen      ping, dns;
    const struct ms_pieces_seen *pieces; /* NULL: none */
    uint64_t                 session;  /* number of the mail session that it belongs to, as far as it said something and that is known; 0 none */
    uint64_t                 opened;   /* first frame of the connection that it belongs to, if that is or may become a mail session; 0 none, or nobody asked */
    int64_t                  first_time, previous_time, shown_time; /* of the first frame, the one before, the last one that was shown; MS_UNKNOWN */
    struct ms_arena         *scratch;  /* for values that have to be made */
    bool                     show_secrets;
    bool                     printing; /* values are for people, not for a filter: secrets are masked unless they are to be shown */
};

enum ms_frame_group {
    MS_FG_FRAME, MS_FG_LINK, MS_FG_IP, MS_FG_TCP, MS_FG_STREAM, MS_FG_UDP, MS_FG_DNS, MS_FG_TLS, MS_FG_SMTP, MS_FG_POP, MS_FG_IMAP, MS_FG_IMF, MS_FG_COUNT
};

/* Every field: its id is MS_FF_ and the first word of its row. */
enum ms_frame_field {
#define X(id, name, type, base, bits, words, title, help) MS_FF_##id,
#include "frame/fields/all.def"
#undef X
    MS_FF_COUNT
};

extern const struct ms_field ms_frame_fields[MS_FF_COUNT]; /* by enum ms_frame_field; unit 0 */
uint64_t ms_frame_field_needs(enum ms_frame_field field);   /* enum ms_frame_need */
uint64_t ms_frame_field_marks(enum ms_frame_field field);   /* frames without one of these marks have no value of it; 0: others may have some, too */
void     ms_frame_values(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);

/* One file a group. */
void ms_values_frame(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_link(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_ip(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_tcp(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_stream(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_udp(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_dns(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_tls(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_smtp(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_pop(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_imap(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_imf(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to);

/* The columns of a packet list. Text from the wire is not escaped; passwords are masked unless f->show_secrets. */
struct ms_frame_line { struct ms_buffer source, destination, protocol, info; };
void ms_frame_line(const struct ms_frame *f, struct ms_frame_line *out);

/* The words of one group: true when it has some to say of this frame. `protocol` gets its name, `info` what was said. */
bool ms_info_tcp(const struct ms_frame *f, struct ms_frame_line *out);
bool ms_info_udp(const struct ms_frame *f, struct ms_frame_line *out);
bool ms_info_net(const struct ms_frame *f, struct ms_frame_line *out); /* ICMP, ARP, fragments */
bool ms_info_dns(const struct ms_frame *f, struct ms_frame_line *out);
bool ms_info_tls(const struct ms_frame *f, struct ms_frame_line *out);
bool ms_info_smtp(const struct ms_frame *f, struct ms_frame_line *out);
bool ms_info_pop(const struct ms_frame *f, struct ms_frame_line *out);
bool ms_info_imap(const struct ms_frame *f, struct ms_frame_line *out);
bool ms_info_imf(const struct ms_frame *f, struct ms_frame_line *out);

void ms_info_analysis(const struct ms_frame *f, struct ms_buffer *t); /* what stands in front: "[TCP Retransmission] " */

/* Where its headers begin. */
const struct ms_layers *ms_frame_layers(const struct ms_frame *f);
/* The next layer of this kind from *at on, *at moved behind it; NULL: no more. Start with *at = 0. */
const struct ms_layer_at *ms_frame_layer(const struct ms_frame *f, enum ms_layer kind, size_t *at);
/* What was captured from there on. */
static inline struct ms_bytes ms_frame_bytes(const struct ms_frame *f, const struct ms_layer_at *l)
{
    return ms_slice(l->joined ? f->joined.bytes : f->packet->data, l->at, l->captured);
}
/* `line` of an element for people: its secret part masked unless secrets are to be shown. In `scratch`, or the line itself. */
struct ms_bytes ms_frame_shown(const struct ms_frame *f, const struct ms_element *el);
/* `line` of an element for a value: as it is for a filter, ms_frame_shown() while values are printed. */
struct ms_bytes ms_frame_line_of(const struct ms_frame *f, const struct ms_element *el);
/* What the frame said in this protocol, as bytes to search in: the payload of its segment, or what came out of TLS as far as it is lines. */
struct ms_bytes ms_frame_said(const struct ms_frame *f, enum ms_protocol protocol);
/* The ARP message of the frame, at least 8 bytes; empty: none. Is it about Ethernet and IPv4 (28 bytes)? */
struct ms_bytes ms_frame_arp(const struct ms_frame *f);
bool ms_arp_is_ipv4(struct ms_bytes arp);
/* The names of its protocols, with colons between them; in `scratch`. */
struct ms_bytes ms_frame_protocols(const struct ms_frame *f);
/* Whom a message is from and its subject, of an element MS_EL_HEADERS. */
void ms_imf_words(const struct ms_frame *f, const struct ms_element *headers, struct ms_buffer *out);
