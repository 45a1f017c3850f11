/* net/dns.h - DNS messages (RFC 1035, 6891, 3596, 2782, 6698) and the lookups that they make together.
 *
 * Takes    UDP payloads from or to port 53 (and 5353's unicast look-alikes are left alone), and messages of DNS over TCP.
 * Lookup   query and answer paired by client, resolver, port, id and question; tries counted (same question again, also with another id
 *          within the time it was unanswered), truncation and the retry over TCP joined to one lookup. Handed up when it is answered, or
 *          given up (limits dns_lookups, dns_seconds), or at the end. An answer without a query in sight is a lookup without
 *          frame and tries; answers that came again, or with another id or port than a query that waits, are left alone.
 * Names    what an address is called, and by which lookup, is kept in a bounded table (limit dns_names): CNAME chains are
 *          followed back to the name that was asked for.                                                             */
#pragma once
#include "base/arena.h"
#include "base/limits.h"
#include "model/record.h"

enum ms_dns_type { MS_DNS_A = 1, MS_DNS_NS = 2, MS_DNS_CNAME = 5, MS_DNS_SOA = 6, MS_DNS_PTR = 12, MS_DNS_MX = 15, MS_DNS_TXT = 16, MS_DNS_AAAA = 28,
                   MS_DNS_SRV = 33, MS_DNS_OPT = 41, MS_DNS_TLSA = 52 };
enum ms_dns_rcode { MS_DNS_OK = 0, MS_DNS_FORMERR = 1, MS_DNS_SERVFAIL = 2, MS_DNS_NXDOMAIN = 3, MS_DNS_REFUSED = 5 };

struct ms_dns_answer { /* one record of the answer section */
    struct ms_bytes name;      /* dotted, lower case, escaped as in zone files, without the final dot; the root is "." */
    uint16_t        type;
    uint32_t        ttl;
    uint16_t        preference; /* MX preference, SRV priority */
    uint8_t         ip[16];    /* A, AAAA */
    struct ms_bytes target;    /* MX, CNAME, PTR, SRV, NS: a name; TXT: the text; TLSA: its bytes */
};

struct ms_lookup {
    struct ms_endpoint client, resolver;
    struct ms_bytes    name;      /* as asked, lower case */
    uint16_t           type;      /* enum ms_dns_type or any other */
    uint8_t            rcode;     /* meaningless unless answered */
    uint8_t            tries;     /* queries seen */
    bool               answered, truncated, over_tcp;
    bool               incomplete;          /* answers are missing below: cut by the capture, malformed, truncated, more than 64 */
    uint64_t           frame, answer_frame; /* first query, 0 when an answer came without one; final answer, 0 none */
    int64_t            sent, replied;       /* MS_UNKNOWN */
    int64_t            until;               /* how long its answer was waited for: the time of the answer, or when it was given up */
    const struct ms_dns_answer *answers; size_t answer_count; /* the answer section, at most 64 */
};
const char *ms_dns_type_name(uint16_t type, char scratch[12]); /* "MX", "TYPE65" */
const char *ms_dns_rcode_name(uint8_t rcode, char scratch[12]); /* "NXDOMAIN" */

struct ms_dns; /* open lookups, names */
struct ms_dns_sink { void (*lookup)(void *ctx, const struct ms_lookup *l); void (*limit)(void *ctx, enum ms_limit which); void *ctx; };
struct ms_dns *ms_dns_create(const struct ms_limits *limits, const struct ms_dns_sink *sink);
void ms_dns_destroy(struct ms_dns *d);
struct ms_dns_packet { struct ms_endpoint from, to; struct ms_bytes message; bool tcp, cut; uint64_t frame; int64_t time; };
void ms_dns_message(struct ms_dns *d, const struct ms_dns_packet *p);
void ms_dns_finish(struct ms_dns *d); /* open lookups go up unanswered */

/* By which lookup `ip` is known to `client` (else to anyone), the latest before now. False: by none. */
struct ms_dns_name { struct ms_bytes name; uint16_t type; uint64_t frame, answer_frame; int64_t sent, replied; };
bool ms_dns_name_of(const struct ms_dns *d, const uint8_t client[16], const uint8_t ip[16], struct ms_dns_name *out); /* borrowed until the next call */
