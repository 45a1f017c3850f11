/* auth/dns.h - what DNS says, for whoever judges senders: asked of the answers that went by in the capture, or of any other source.
 *
 * Names    are given to a resolver as they are written in mail: labels with dots between, any case, without the final dot.
 * Answers  a set lives until the next question to the same resolver. CNAMEs are followed by the resolver.
 * Unknown  is no answer: nobody asked in sight. What depends on it is unknown, too, and never a failure.
 * Store    answers seen in the capture, the latest of each name and type; a failure never replaces an answer. Bounded by the limit
 *          dns_answers (records; a long one counts for several), those learnt longest ago leave first.                    */
#pragma once
#include "net/dns.h"

enum ms_answer {
    MS_ANSWER_FOUND,
    MS_ANSWER_NODATA,   /* the name exists, without records of the type */
    MS_ANSWER_NXDOMAIN,
    MS_ANSWER_FAILED,   /* SERVFAIL, REFUSED, ...: the resolver could not tell */
    MS_ANSWER_UNKNOWN
};
struct ms_dns_record {
    struct ms_bytes value;      /* TXT: the text, strings joined; MX, PTR: the name, without the final dot */
    uint8_t         ip[16];     /* A, AAAA */
    uint16_t        preference; /* MX */
};
struct ms_dns_set { const struct ms_dns_record *at; size_t n; };
struct ms_resolver { enum ms_answer (*ask)(void *ctx, struct ms_bytes name, uint16_t type, struct ms_dns_set *out); void *ctx; };

/* Asks; a name that DNS cannot carry (RFC 1035 2.3.4: empty or long labels) does not exist. *out is empty unless FOUND. */
enum ms_answer ms_ask(const struct ms_resolver *r, struct ms_bytes name, uint16_t type, struct ms_dns_set *out);
bool ms_dns_name_fits(struct ms_bytes name); /* labels of 1 to 63 bytes, 253 in all */

/* Lookups that would settle what is unknown. */
enum { MS_MISSING = 16 };
struct ms_missing {
    struct ms_arena *arena;     /* of the names */
    struct { struct ms_bytes name; uint16_t type; } at[MS_MISSING];
    size_t           n;
};
void ms_missing_add(struct ms_missing *w, uint16_t type, struct ms_bytes name); /* once each, the first MS_MISSING */
void ms_missing_join(struct ms_missing *w, const struct ms_missing *more);
struct ms_bytes ms_missing_text(const struct ms_missing *w, struct ms_arena *arena); /* "TXT example.com, MX example.com" */

struct ms_dns_store;
struct ms_dns_store *ms_dns_store_create(const struct ms_limits *limits);
void ms_dns_store_destroy(struct ms_dns_store *s);
void ms_dns_store_learn(struct ms_dns_store *s, const struct ms_lookup *l);
uint64_t ms_dns_store_dropped(const struct ms_dns_store *s); /* entries that had to leave for the limit */
struct ms_resolver ms_dns_store_resolver(struct ms_dns_store *s); /* valid as long as the store */
