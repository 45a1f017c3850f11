/* auth/auth_private.h - what the files of one message's judgement share. */
#pragma once
#include "auth/arc.h"
#include "auth/auth.h"
#include "auth/dmarc.h"
#include "proto/top.h"

enum { MS_AUTH_RESULTS = 4 };

/* auth/sender.c: what the header fields say of the sender. */
struct ms_sender {
    struct ms_bytes domain;      /* of the first address in From */
    struct ms_bytes local;
    unsigned        froms;       /* From fields */
    bool            several;     /* more than one domain in From, or more than one From */
    bool            report;      /* of a mail system: multipart/report, Auto-Submitted, from its daemon */
    struct ms_bytes results[MS_AUTH_RESULTS]; /* names in Authentication-Results */
    unsigned        result_count;
    struct ms_bytes refuted;     /* by the last server on the way: what its Authentication-Results found; empty: nothing against it */
    bool            genuine;     /* likewise: from the domain of From, by its policy (dmarc=pass) */
    bool            handed_on;   /* a Received field stands below the first result: what follows, the sender may have written */
    bool            vouched;     /* by a chain of forwarders that it trusts (ARC) */
    bool            list;        /* carried by a mailing list, which breaks such proofs */
};
void ms_sender_read(struct ms_sender *s, const struct ms_fields *f, struct ms_arena *arena);

struct ms_auth {
    struct ms_arena        *arena;
    const struct ms_limits *limits;
    struct ms_hasher       *hasher;
    struct ms_signs        *signs;
    struct ms_top           top;        /* the header block, until its end */
    struct ms_bytes         header;     /* then */
    bool                    headless, ended; /* headless: its beginning was not seen */
    struct ms_sender        sender;
    struct ms_bodies       *bodies;     /* NULL: no signatures */
    struct ms_dkim         *dkim;       /* NULL: none */
    struct ms_arc          *arc;        /* NULL: none */
};

/* auth/tell.c: results as words. */
void ms_tell_spf(const struct ms_spf *s, const uint8_t client[16], struct ms_arena *arena, struct ms_auth_result *out);
void ms_tell_dkim(const struct ms_dkim *d, const struct ms_missing *wanted, struct ms_arena *arena, struct ms_auth_result *out);
void ms_tell_dmarc(const struct ms_dmarc *d, bool has_spf, struct ms_arena *arena, struct ms_auth_result *out);
void ms_tell_arc(const struct ms_arc *a, const struct ms_missing *wanted, struct ms_arena *arena, struct ms_auth_result *out);
