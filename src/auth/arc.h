/* auth/arc.h - the Authenticated Received Chain of a message (RFC 8617 5.2).
 *
 * Judged   that instances 1 to N are whole and once each, cv= of each seal, the newest message signature with its body, all seals.
 *          Older message signatures are expected to be broken by whoever came later, and are not looked at.             */
#pragma once
#include "auth/signature.h"

enum { MS_ARC_SETS = 50 };
struct ms_arc {
    struct ms_signature  message;  /* of the newest instance */
    struct ms_signature *seals;    /* of all instances, 1 first */
    size_t               n;
    const char          *broken;   /* why there is no chain; NULL */
    enum ms_signature_result result; /* NONE, PASS, FAIL, TEMPERROR, UNKNOWN */
    struct ms_bytes      reason, domain;
};
bool ms_arc_read(struct ms_arc *a, const struct ms_reading *r); /* false: no ARC fields at all */
void ms_arc_judge(struct ms_arc *a, const struct ms_judging *j);
