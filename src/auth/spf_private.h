/* auth/spf_private.h - what the files of SPF share: one check under way, terms of a policy. */
#pragma once
#include "auth/spf.h"

enum { MS_SPF_LOOKUPS = 10, MS_SPF_VOID = 2, MS_SPF_NAMES = 10, MS_SPF_EXPANDED = 64 * 1024, MS_SPF_SENDER = 512 };

struct ms_spf_run {
    const struct ms_spf_input *in;
    const struct ms_resolver  *resolver;
    struct ms_arena           *arena;
    struct ms_spf             *out;
    struct ms_bytes            local, sender_domain; /* of the identity */
    unsigned                   lookups, empty;       /* so far, of the limits */
    size_t                     expanded;             /* bytes that macros made so far */
    bool                       unknown;              /* an answer was missing: it stays so */
    bool                       names_done;           /* names[] are known */
    struct ms_bytes            names[MS_SPF_NAMES];  /* of the client, whose addresses include it (5.5) */
    size_t                     name_count;
};

enum ms_spf_kind {
    MS_SPF_ALL, MS_SPF_INCLUDE, MS_SPF_A, MS_SPF_MX, MS_SPF_PTR, MS_SPF_IP4, MS_SPF_IP6, MS_SPF_EXISTS,
    MS_SPF_REDIRECT, MS_SPF_EXP, MS_SPF_OTHER /* a modifier that nobody knows */
};
struct ms_spf_term {
    enum ms_spf_kind kind;
    uint8_t          qualifier; /* '+', '-', '~', '?' */
    struct ms_bytes  spec;      /* domain-spec, unexpanded; empty: none */
    unsigned         bits4, bits6; /* of the network */
    uint8_t          ip[16];    /* of ip4, ip6 */
    struct ms_bytes  text;      /* all of it */
};

/* spf_term.c: the grammar (12). */
struct ms_bytes ms_spf_next(struct ms_bytes *rest);                      /* next term; empty: no more */
bool ms_spf_term(struct ms_bytes text, struct ms_spf_term *out);         /* false: it is none */
bool ms_spf_macros_fit(struct ms_bytes text, bool explanation);          /* a macro-string, or explain-string */

/* spf_macro.c: macros (7). False: more than MS_SPF_EXPANDED. */
bool ms_spf_expand(struct ms_spf_run *r, struct ms_bytes text, struct ms_bytes domain, struct ms_buffer *out);
bool ms_spf_expand_name(struct ms_spf_run *r, struct ms_bytes spec, struct ms_bytes domain, struct ms_bytes *out); /* in the arena */

/* spf.c: a question that counts; RUN_ON: go on with the answer (found or empty); else the result of the check. */
enum { MS_SPF_RUN_ON = -1 };
int  ms_spf_ask(struct ms_spf_run *r, struct ms_bytes name, uint16_t type, struct ms_dns_set *out);
int  ms_spf_problem(struct ms_spf_run *r, enum ms_spf_result result, const char *problem, struct ms_bytes at);
bool ms_spf_is_ipv4(const uint8_t ip[16]);

/* spf_match.c: mechanisms that look at addresses. MS_SPF_MATCH, MS_SPF_RUN_ON (no match) or a result that ends the check. */
enum { MS_SPF_MATCH = -2 };
int  ms_spf_match(struct ms_spf_run *r, const struct ms_spf_term *t, struct ms_bytes domain);
void ms_spf_learn_names(struct ms_spf_run *r);
bool ms_spf_is_below(struct ms_bytes name, struct ms_bytes domain); /* equal, or a subdomain */
