/* auth/auth.h - who sent a message, as far as DNS answers tell: SPF, DKIM, DMARC and ARC of one message as it streams by.
 *
 * Order    create; push and gap with the message from its first byte, as mail/mime.h gets it; end after its last byte; then, as late as
 *          one likes (answers may come after the message), finish. drop instead of end or finish when the message is thrown away.
 * Cost     the header block is kept. A message without signatures costs nothing behind it; bodies of signed
 *          ones are hashed, once for each form that signatures ask for. After end only the arena holds anything, some kilobytes.
 * SPF      is judged for mail that came from another host: sent, not submitted, from a public address. Where it came from is known of
 *          no message that was fetched or appended; their DMARC can pass by DKIM, and else stays unknown.
 * Signs    of identity and trust, added by finish. What header fields alone show of the sender is check/sender.c's.
 *
 * BUGS     behind a gateway with a public address that hands mail on, SPF judges the gateway. Header blocks over the limit header_bytes are
 *          judged as if the message was not seen whole.                                                                  */
#pragma once
#include "auth/dns.h"
#include "mail/sha256.h"
#include "model/record.h"

struct ms_auth;
/* All of them must outlive it. */
struct ms_auth *ms_auth_create(struct ms_arena *arena, const struct ms_limits *limits, struct ms_hasher *hasher, struct ms_signs *signs);
void ms_auth_push(struct ms_auth *a, struct ms_bytes bytes);
void ms_auth_gap(struct ms_auth *a);
void ms_auth_end(struct ms_auth *a);
struct ms_bytes ms_auth_header(const struct ms_auth *a); /* after end: the header block without its blank line, in the arena */
void ms_auth_drop(struct ms_auth *a);   /* frees what is on the heap; also after end, and of NULL */

struct ms_auth_facts {
    enum ms_direction direction;
    bool              submitted;    /* by the sender's own program: logged in, or on the submission port */
    const uint8_t    *client;       /* address of the TCP client; NULL: none (.eml files) */
    struct ms_bytes   helo;         /* name given with EHLO */
    bool              envelope;     /* MAIL FROM was seen */
    struct ms_bytes   mail_from;    /* without <>; empty: the null sender */
    struct ms_bytes   server;       /* name in the server's greeting; empty: unknown */
    int64_t           time;         /* of the message; MS_UNKNOWN: do not look at expiry */
    bool              partial;      /* there is more of it than was pushed: nothing is said about its body */
};
/* Once. Slices of *out live in the arena; results that were not judged are NULL. */
void ms_auth_finish(struct ms_auth *a, const struct ms_auth_facts *facts, const struct ms_resolver *resolver, struct ms_authentication *out);
