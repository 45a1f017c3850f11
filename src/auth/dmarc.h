/* auth/dmarc.h - does the domain in From stand behind a message? (RFC 7489)
 *
 * Aligned  a pass of SPF or DKIM counts when its domain is that of From (strict), or of the same organization (relaxed).
 * Unknown  when the policy, or what would have to be aligned, is not known from the answers in sight.                    */
#pragma once
#include "auth/dkim.h"
#include "auth/spf.h"

enum ms_dmarc_result {
    MS_DMARC_NONE, MS_DMARC_PASS, MS_DMARC_FAIL, MS_DMARC_TEMPERROR, MS_DMARC_PERMERROR, MS_DMARC_UNKNOWN
};
enum ms_dmarc_policy { MS_DMARC_P_NONE, MS_DMARC_P_QUARANTINE, MS_DMARC_P_REJECT };
struct ms_dmarc_input {
    struct ms_bytes       from;      /* domain of the one author */
    const struct ms_spf  *spf;       /* NULL: not judged */
    const struct ms_dkim *dkim;      /* judged; NULL: no signatures */
};
struct ms_dmarc {
    enum ms_dmarc_result result;
    enum ms_dmarc_policy policy;     /* that holds for this domain: p=, or sp= */
    unsigned             percent;    /* pct= */
    bool                 strict_spf, strict_dkim;
    bool                 spf_aligned, dkim_aligned; /* passed, and aligned */
    struct ms_bytes      domain;     /* of From, lower case */
    struct ms_bytes      at;         /* where the policy was found; empty: nowhere */
    struct ms_bytes      dkim_domain;/* of the aligned signature */
    struct ms_missing     wanted;
};
void ms_dmarc_judge(const struct ms_dmarc_input *in, const struct ms_resolver *resolver, struct ms_arena *arena, struct ms_dmarc *out);
const char *ms_dmarc_name(enum ms_dmarc_result result);
const char *ms_dmarc_policy_name(enum ms_dmarc_policy policy);
