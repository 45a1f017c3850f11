#include "auth/dkim.h"

bool ms_dkim_read(struct ms_dkim *d, const struct ms_reading *r)
{
    static const struct ms_bytes name = { (const uint8_t *)"dkim-signature", 14 };
    uint32_t last = ms_fields_last(r->fields, name);
    *d = (struct ms_dkim){ .n = 0 };
    if (!last)
        return false;
    for (uint32_t i = 1; i <= r->fields->n; i++) {
        if (!ms_equal_nocase(r->fields->at[i - 1].name, name))
            continue;
        if (d->n == MS_DKIM_SIGNATURES)
            d->dropped++;
        else
            ms_signature_read(r, MS_DKIM_SIGNATURE, i, &d->at[d->n++]);
    }
    return true;
}

void ms_dkim_judge(struct ms_dkim *d, const struct ms_judging *j)
{
    for (size_t i = 0; i < d->n; i++)
        ms_signature_judge(j, &d->at[i]);
}

const struct ms_signature *ms_dkim_best(const struct ms_dkim *d)
{
    static const uint8_t rank[] = { [MS_SIG_PASS] = 6, [MS_SIG_UNKNOWN] = 5, [MS_SIG_FAIL] = 4, [MS_SIG_TEMPERROR] = 3,
                                    [MS_SIG_PERMERROR] = 2, [MS_SIG_NEUTRAL] = 1 };
    const struct ms_signature *best = NULL;
    for (size_t i = 0; i < d->n; i++)
        if (!best || rank[d->at[i].result] > rank[best->result])
            best = &d->at[i];
    return best;
}
