/* auth/signature.h - one signature over header fields and a body: a DKIM-Signature (RFC 6376), an ARC-Message-Signature or, without
 * a body and a list of fields, an ARC-Seal (RFC 8617 4.1).
 *
 * Order    read (while the header block is there; header digests are made at once), then the body goes by, then judge, as late as one
 *          likes: what is kept is the digest and a few words, in the arena.                                              */
#pragma once
#include "auth/body_hash.h"
#include "auth/dns.h"
#include "auth/fields.h"

enum ms_signature_kind { MS_DKIM_SIGNATURE, MS_ARC_MESSAGE_SIGNATURE, MS_ARC_SEAL };
enum ms_signature_result {
    MS_SIG_NONE, MS_SIG_PASS, MS_SIG_FAIL, MS_SIG_NEUTRAL, MS_SIG_TEMPERROR, MS_SIG_PERMERROR, MS_SIG_UNKNOWN
};
const char *ms_signature_name(enum ms_signature_result result); /* "pass", ... */

struct ms_signature {
    enum ms_signature_kind   kind;
    enum ms_signature_result result;
    struct ms_bytes domain, selector;   /* d=, s=; lower case */
    struct ms_bytes identity;           /* domain of i= */
    struct ms_bytes b;                  /* decoded */
    struct ms_bytes reason;             /* of what is no pass: a clause */
    bool            ed25519, sha1;
    bool            domain_odd;         /* d= or s= hold what no domain name has */
    bool            from_once;          /* From is signed, and another From could be added without notice */
    bool            has_length;         /* l= */
    bool            body_differs;       /* the body hash is wrong: known without a key */
    bool            expired, early;     /* x= before the message, t= after it */
    bool            incomplete;         /* the message was not seen whole: no lookup would settle it */
    bool            testing;            /* t=y in the key */
    unsigned        bits;               /* of the RSA key; 0 unknown */
    uint64_t        unsigned_bytes;     /* of the body, behind what l= covers */
    uint64_t        instance;           /* i= of ARC */
    uint8_t         cv;                 /* of a seal: 'n'one, 'p'ass, 'f'ail; 0 anything else */
    /* for judging */
    const char     *broken;             /* why it cannot be judged at all; NULL */
    uint8_t         digest[32];         /* of the header fields */
    struct ms_bytes body_hash;          /* bh=, decoded */
    int             body;               /* number of its digest; -1: none */
    int64_t         length;             /* l=, or MS_BODY_WHOLE */
    uint64_t        signed_at, until;   /* t=, x=; 0 not given */
};
struct ms_reading { struct ms_fields *fields; struct ms_bodies *bodies; struct ms_arena *arena; };

/* Reads the signature in field `number` (from 1). What cannot be judged has `broken`. */
void ms_signature_read(const struct ms_reading *r, enum ms_signature_kind kind, uint32_t number, struct ms_signature *out);
struct ms_judging {
    const struct ms_bodies   *bodies;
    const struct ms_resolver *resolver;
    struct ms_arena          *arena;
    struct ms_missing         *wanted;
    int64_t                   now;      /* nanoseconds; MS_UNKNOWN: expiry is not looked at */
    bool                      partial;  /* not all of the body was seen */
};
void ms_signature_judge(const struct ms_judging *j, struct ms_signature *s);

/* Header fields into a digest, simple or relaxed (RFC 6376 3.4.1, 3.4.2); of `cut` (empty: none) the bytes are left out: b=. */
struct ms_form { bool relaxed; struct ms_bytes cut; bool last; }; /* last: without the final line end */
void ms_field_hash(void *md, const struct ms_field *field, const struct ms_form *form); /* md: EVP_MD_CTX */
