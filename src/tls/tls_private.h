/* tls/tls_private.h - what the files tls.c and tls_*.c share. Nobody else includes it.
 *
 * Way      ms_tls_data() finds records (record.c); each goes to ms_tls_record(), at once or from the queue when its turn has come;
 *          what it holds goes to ms_tls_messages(), to the alerts, or to the sink.
 * Sums     what all connections hold is counted when a call ends (tls_held.c): parts of records and messages, and records that wait. Beyond its limit
 *          the connection that has been silent for longest gives up what it holds, so those that are busy go on.
 * Stages   of a direction: CLEAR until its first keys are due (ChangeCipherSpec; the server hello of TLS 1.3), WANT from there to its next
 *          record, then OPEN, or BLIND when there are no keys. TLS 1.3 goes back to WANT with each level of secrets.     */
#pragma once
#include "tls/handshake.h"
#include "tls/record.h"
#include "tls/resume.h"
#include "tls/tls.h"

enum ms_tls_stage { MS_SIDE_CLEAR, MS_SIDE_WANT, MS_SIDE_OPEN, MS_SIDE_BLIND };
enum ms_tls_level { MS_SECRET_EARLY, MS_SECRET_HANDSHAKE, MS_SECRET_APPLICATION }; /* of TLS 1.3 */

enum { MS_TLS13 = 0x0304, MS_TLS_FAILURES = 16 /* in a row: the direction is given up */, MS_TLS_CANDIDATES = 256 };

/* What one connection holds of a sum, in a list by the time of the last change. */
struct ms_tls_share { struct ms_tls_share *older, *newer; size_t bytes; };
struct ms_tls_sum { struct ms_tls_share *oldest, *newest; uint64_t bytes; };

struct ms_tls_context {
    struct ms_limits      limits;
    struct ms_keylog     *keylog;       /* borrowed; may be NULL */
    struct ms_private_keys *private_keys; /* the same */
    struct ms_tls_resume *resume;
    struct ms_certificate_cache *certificates;
    struct ms_tls_pool    pool;
    uint8_t              *plain;        /* MS_TLS_RECORD_MAX bytes; wiped at the end */
    struct ms_tls_sum     parts, waiting; /* of records and messages; records in queues */
    void (*limit)(void *ctx, enum ms_limit which);
    void                 *limit_ctx;
    ms_tls_record_fn     *record;       /* or NULL */
    void                 *record_ctx;
    uint64_t              guessed_bytes; /* limit tls_guess_bytes */
    bool                  may_come;     /* secrets */
    bool                  stale;        /* key logs were not looked at since the last tick */
};

struct ms_tls_setup { /* what a handshake needs until it is over */
    struct ms_tls_handshake hs;
    struct ms_buffer        transcript[3]; /* client hello, the server's messages, the client's other ones up to ClientKeyExchange */
    struct ms_tls_cipher   *next[2];       /* made, not in use yet */
    uint8_t                *master;        /* 48 bytes of secret memory; NULL: not known */
    uint32_t                hellos[2];     /* seen; a HelloRetryRequest counts for the server */
    uint64_t secrets_tried; /* with how many in the key logs a missing hello was last guessed at */
    uint8_t source, nth; /* up to TLS 1.2: what is tried next for a master secret */
    bool taken[2];    /* the direction uses keys of this handshake */
    bool proven;      /* a record opened under them */
    bool extensions;  /* EncryptedExtensions were read */
    bool whole;       /* it is no resumption: Certificate, ServerHelloDone or ClientKeyExchange was seen */
    bool exchanged;   /* ClientKeyExchange was seen */
    bool too_long;    /* the transcript, or it was given up */
    bool paired;      /* keys of this handshake were made or looked for in vain */
};

struct ms_tls_side {
    struct ms_tls_framing in;
    struct ms_buffer      message;      /* a handshake message that is not whole yet */
    struct ms_tls_cipher *cipher;       /* stage OPEN, and after it until the next keys come */
    uint64_t              offset;       /* of the plain text */
    uint64_t              missing;      /* bytes before the next record, as far as known */
    uint64_t              guessed;      /* the record that was last tried for a missing hello */
    uint32_t              queued;       /* records in the queue */
    uint64_t              passed_bytes;
    uint32_t              passed;       /* records not read that may be messages of the handshake, until data is met */
    uint32_t              message_skip; /* bytes of a message too long to read */
    uint16_t              candidates;   /* tried in vain since the last record that opened */
    uint8_t               stage, level, failures, guesses;
    bool known;       /* a hello was seen, or never will be: the other side need not wait for it */
    bool resync;      /* the next record's number is to be found by trying */
    bool unknown;     /* how many bytes are missing is not known */
    bool proven;      /* a record opened under the present keys */
    bool opened;      /* a record of TLS 1.3 opened under the keys of data */
    bool early;       /* what was passed over may be early data: its keys are missing */
    bool trial;       /* records under other keys may come before those that open */
    bool gap_due;     /* the sink has not been told of a loss */
    bool gap_told;    /* it has, and nothing came since */
    bool changed;     /* ChangeCipherSpec was seen */
    bool finished;    /* its Finished was read, or what has to be it went by */
    bool last_alert;  /* its last record was an alert that could not be read */
};

struct ms_tls {
    struct ms_tls_context       *x;
    struct ms_arena             *arena;
    struct ms_tls_info          *info;
    struct ms_tls_setup      *setup;    /* NULL when over */
    const struct ms_stream_sink *sink;     /* during a call */
    struct ms_tls_side           side[2];
    struct ms_buffer             queue;    /* records that wait, in the order in which they came: struct ms_tls_waiting, header, body */
    struct ms_tls_share          parts, waiting;
    uint64_t                     certificate_bytes; /* that its session keeps */
    bool                         hasten;   /* nothing waits any more */
    bool                         guessed;  /* a hello is missing, and what it would have said is known */
};

static inline bool ms_tls_is13(const struct ms_tls *t) { return t->info->version == MS_TLS13; }

/* tls.c */
struct ms_tls_setup *ms_tls_setup_begin(struct ms_tls *t);
void ms_tls_setup_end(struct ms_tls *t);
void ms_tls_limit(struct ms_tls *t, enum ms_limit which);
void ms_tls_hasten(struct ms_tls *t); /* no waiting any more: what is there is taken with what is known */

/* tls_held.c: at the end of a call: counts what t holds, and makes room where all together hold too much. */
void ms_tls_settle(struct ms_tls *t);
void ms_tls_settle_end(struct ms_tls *t); /* it holds nothing any more */

/* tls_records.c: false: it has to wait for keys or for the other direction (never when t->hasten). */
uint8_t *ms_tls_plain_room(struct ms_tls_context *x);
bool ms_tls_record(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r);
bool ms_tls_record_try(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r); /* a candidate behind a gap: does it open? */
void ms_tls_gap_note(struct ms_tls *t, enum ms_dir d, uint64_t frame);      /* bytes are missing */
void ms_tls_gap_tell(struct ms_tls *t, enum ms_dir d, uint64_t frame, int64_t time); /* to the sink, when plain text is concerned */

/* tls_blind.c */
void ms_tls_blind(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r); /* a record without keys */
void ms_tls_passed(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r); /* one not read, which may be data */
void ms_tls_passed_end(struct ms_tls *t, enum ms_dir d, bool data); /* what may be data is, or it was the handshake */
void ms_tls_alerts(struct ms_tls *t, enum ms_dir d, struct ms_bytes b, const struct ms_tls_record *r);
void ms_tls_alert_unreadable(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r);
void ms_tls_done(struct ms_tls *t, uint64_t frame, int64_t time); /* sets MS_TLS_DONE when both sides have finished */
void ms_tls_spoke(struct ms_tls *t, enum ms_dir d);
bool ms_tls_has_hellos(const struct ms_tls *t);

/* tls_messages.c: handshake bytes of one record. `frame` and `time` are the record's. */
void ms_tls_messages(struct ms_tls *t, enum ms_dir d, struct ms_bytes b, const struct ms_tls_record *r);
void ms_tls_messages_ssl2(struct ms_tls *t, const struct ms_tls_record *r);
void ms_tls_message_pass(struct ms_tls *t, enum ms_dir d); /* the rest of the one under way, whose length is known, is passed over */
void ms_tls_messages_lost(struct ms_tls *t, enum ms_dir d); /* a message under way will not be whole */
void ms_tls_want(struct ms_tls *t, enum ms_dir d, enum ms_tls_level level); /* its next records are under other keys */

/* tls_guess.c: where a hello is missing: the secrets that open r are looked for. True: they are found, and it is as if the hellos had been read. */
bool ms_tls_guess(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r);

/* tls_keys.c: keys for direction d in stage WANT. NONE: not known, and nothing to wait for. */
enum ms_tls_keys_state { MS_KEYS_NONE, MS_KEYS_WAIT, MS_KEYS_HERE };
enum ms_tls_keys_state ms_tls_keys(struct ms_tls *t, enum ms_dir d);
void ms_tls_keys_refresh(struct ms_tls_context *x); /* what was appended to the key logs is read, once a tick */
enum ms_keylog_label ms_tls_keys_label(enum ms_dir d, enum ms_tls_level level); /* TLS 1.3 */
struct ms_tls_cipher *ms_tls_keys_of_level(struct ms_tls *t, enum ms_dir d, enum ms_tls_level level, unsigned nth); /* TLS 1.3; or NULL */
bool ms_tls_keys_more(struct ms_tls *t); /* up to TLS 1.2: next[] are made of another secret; false: there was no other, they are the first ones again */
void ms_tls_keys_fault(struct ms_tls *t); /* there are none: notes why those that were given do not help */
void ms_tls_keys_forget(struct ms_tls *t); /* up to TLS 1.2, while neither side uses them: they are looked for anew */
void ms_tls_keys_remember(struct ms_tls *t); /* the master secret, for resumption */
