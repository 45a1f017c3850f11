/* auth/spf.h - the Sender Policy Framework (RFC 7208): may this address send mail for that domain?
 *
 * Identity the address of MAIL FROM; of a null sender, postmaster at the HELO name (2.4).
 * Limits   10 terms that ask DNS, 2 answers without records, 10 MX and 10 PTR names (4.6.4); macros expand to 64 KiB in all.
 * Unknown  when the resolver does not know an answer, the rest of the policy is walked to learn what else is missing, and the result is
 *          UNKNOWN: `wanted` names the lookups. What is wrong with the policy itself is told first.
 * Memory   results live in the arena; nothing else is left behind.                                                        */
#pragma once
#include "auth/dns.h"

enum ms_spf_result {
    MS_SPF_NONE, MS_SPF_NEUTRAL, MS_SPF_PASS, MS_SPF_FAIL, MS_SPF_SOFTFAIL, MS_SPF_TEMPERROR, MS_SPF_PERMERROR, MS_SPF_UNKNOWN
};
struct ms_spf_input {
    const uint8_t  *ip;         /* of the client, 16 bytes as in struct ms_endpoint */
    struct ms_bytes helo;       /* name given with HELO or EHLO */
    struct ms_bytes mail_from;  /* without <>; empty: the null sender */
    struct ms_bytes receiver;   /* name of the server, for explanations; empty: "unknown" */
    int64_t         time;       /* for explanations */
};
struct ms_spf {
    enum ms_spf_result result;
    bool             of_helo;   /* judged by the HELO name */
    struct ms_bytes  domain;    /* that was judged, lower case */
    struct ms_bytes  term;      /* that decided, as it stands in the policy; empty: none did */
    struct ms_bytes  policy;    /* the record it stands in */
    struct ms_bytes  wide;      /* a term that lets (nearly) anyone pass and decided: +all, ip4:0.0.0.0/0, ... */
    struct ms_bytes  explanation; /* of FAIL, when the domain gives one: its own words */
    const char      *problem;   /* of errors: what is wrong, as a clause; else NULL */
    struct ms_bytes  problem_at;/* the name or term it is about */
    struct ms_missing wanted;
};
void ms_spf_check(const struct ms_spf_input *in, const struct ms_resolver *resolver, struct ms_arena *arena, struct ms_spf *out);
const char *ms_spf_name(enum ms_spf_result result); /* "pass", ... */
