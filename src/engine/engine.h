/* engine/engine.h - from packets to records: connections, their parsers, their messages, their findings.
 *
 * Way      source -> decode -> connection (hash of the address pair) -> TCP order and analysis -> protocol parser -> bodies ->
 *          MIME -> records -> outputs; checks look at every record on its way.
 * Numbers  sessions are numbered from 1 by their first frame, messages by their first content frame. A record of a session whose
 *          number is not known yet (an earlier connection on an odd port has not said yet whether it is mail) waits in line.
 * Order    records leave in the order in which they end.
 * Borrows  a record is valid during the call of the output.                                                        */
#pragma once
#include "capture/source.h"
#include "check/check.h"
#include "mail/mime.h"
#include "net/decode.h"
#include "proto/proto.h"

/* A segment where it stands in its session; `analysis` as enum ms_tcp_analysis (net/tcp.h). */
struct ms_seen_segment { const struct ms_segment *segment; enum ms_dir dir; uint32_t analysis; uint64_t frame; int64_t time; };

/* Who listens. Functions may be NULL: what nobody wants is not made. */
struct ms_output {
    void (*session)(void *ctx, const struct ms_session *s);
    void (*exchange)(void *ctx, const struct ms_session *s, const struct ms_exchange *x);
    void (*message)(void *ctx, const struct ms_message *m);
    /* The bytes of a message as it streams by, and its decoded parts, for export; `id` is the message's. body_done comes when the
     * last byte went by, or with discarded = true when it was no message after all; message() with the same id follows otherwise. */
    void (*body)(void *ctx, uint32_t id, struct ms_bytes bytes);
    void (*part_begin)(void *ctx, uint32_t id, size_t index, const struct ms_part *part);
    void (*part_data)(void *ctx, uint32_t id, size_t index, struct ms_bytes decoded);
    void (*part_end)(void *ctx, uint32_t id, size_t index, const struct ms_part *part);
    void (*body_done)(void *ctx, uint32_t id, bool discarded);
    /* The dialogue of the session that opens at frame `follow_frame` (struct ms_engine_options), in frame order. */
    void (*stream)(void *ctx, const struct ms_session *s, const struct ms_chunk *c);
    /* What the frames of mail sessions said. */
    void (*element)(void *ctx, const struct ms_session *s, const struct ms_element *el);
    uint64_t elements; /* of these, as a set */
    /* A segment of a connection that is, or may become, a mail session. Until it has ended the session is known by its first frame; or
     * other() says that it was none. */
    void (*frame)(void *ctx, const struct ms_session *s, uint64_t frame);
    void (*other)(void *ctx, const struct ms_session *s);
    /* Told right after a frame, with element(): its connection keeps bytes, so that elements of it may come later. Of all others none come. */
    void (*kept)(void *ctx, uint64_t frame);
    void *frames_ctx; /* of element(), frame() and kept(); NULL: ctx */
    void (*stream_gap)(void *ctx, const struct ms_session *s, enum ms_dir dir, uint64_t length);
    /* Each TCP segment of that session, when what it brought was handed on and the session counts it. */
    void (*segment)(void *ctx, const struct ms_session *s, const struct ms_seen_segment *seen);
    void *ctx;
};

struct ms_answers;
struct ms_scanners;
/* tls/keylog.h and tls/private_key.h */
struct ms_keylog;
struct ms_private_keys;

/* Who has a say about records before they are handed out: they may add findings to them. NULL: nobody. */
struct ms_judges {
    void (*session)(void *ctx, struct ms_session *s);
    void (*exchange)(void *ctx, const struct ms_session *s, const struct ms_exchange *x);
    void (*message)(void *ctx, struct ms_message *m);
    void *ctx;
};

struct ms_decode_as { uint16_t port; enum ms_protocol protocol; bool implicit_tls; };

struct ms_engine_options {
    struct ms_limits limits;
    bool hash_parts, hash_messages;
    bool keep_findings;
    bool judge;                           /* links, signs and verdicts of messages, and their findings */
    struct ms_judges judges;
    const struct ms_decode_as *decode_as; size_t decode_as_count;
    uint64_t follow_frame;                /* 0: none */
    bool dialogue_only;                   /* no messages, no findings: what is listed are frames */
    const struct ms_weights *weights;     /* borrowed; NULL: as they are */
    const struct ms_scanners *scanners;   /* borrowed; NULL: none (content/content.h) */
    bool names_only;                      /* nothing but DNS is read, for `answers` */
    struct ms_answers *answers;           /* engine/answers.h; borrowed; NULL: answers are those that went by up to now */
    bool want_headers;                    /* header blocks of messages as elements */
    bool want_messages;                   /* and what follows them, as far as header_bytes goes */
    /* What opens TLS; NULL: nothing does. Borrowed; they live longer than the engine. More secrets may be added between calls. */
    struct ms_keylog *keylog;
    struct ms_private_keys *private_keys;
    struct ms_decoder *decoder;           /* packets come decoded (ms_engine_decoded()), by this one, which keeps the counts; borrowed. NULL: the engine decodes */
    bool secrets_may_come;                /* a live key log, or secrets further on in the capture: what cannot be opened yet may be later */
};

struct ms_totals {
    uint64_t packets, bytes;              /* frames and their bytes on the wire */
    int64_t  first_time, last_time;       /* MS_UNKNOWN when there was no frame */
    uint64_t tcp_connections, other_connections; /* all; those that were not mail */
    uint64_t sessions[MS_PROTO_COUNT], messages[MS_DIRECTION_COUNT], encrypted,
             key_faults[MS_TLS_FAULT_COUNT]; /* sessions that were not (all) read, by why the keys given do not open them */
    uint64_t parts;                       /* leaves with a file name */
    uint64_t limits[MS_LIMIT_COUNT];      /* how often each was reached */
    struct ms_decode_counts decode;
};

struct ms_engine;
struct ms_engine *ms_engine_create(const struct ms_engine_options *options, const struct ms_output *output);
void ms_engine_destroy(struct ms_engine *e);
void ms_engine_packets(struct ms_engine *e, const struct ms_packet *packets, size_t count);
/* The same for packets that somebody has decoded, at most MS_BATCH; segments and their payload stay as they are during the call. */
struct ms_decoded_packet { const struct ms_packet *packet; const struct ms_segment *segment; enum ms_decoded kind; bool ignored, skipped; /* nobody asks what it says; what its TCP connection says */ uint64_t hash; /* ms_segment_hash(); 0: not known */ };
void ms_engine_decoded(struct ms_engine *e, struct ms_decoded_packet *packets, size_t count);
/* Frames up to this one get no more elements. */
uint64_t ms_engine_settled(const struct ms_engine *e);
void ms_engine_finish(struct ms_engine *e); /* ends every session, emits what waits, runs the checks across sessions */

const struct ms_totals *ms_engine_totals(const struct ms_engine *e);
const struct ms_decoder *ms_engine_decoder(const struct ms_engine *e);
struct ms_checks *ms_engine_checks(struct ms_engine *e);
