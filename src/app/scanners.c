#include "app/scanners.h"

#include "app/options.h"

struct ms_opened { struct ms_scanners list; struct ms_scanner at[2]; struct ms_yara *yara; struct ms_clamd *clamd; };

int ms_scanners_open(const struct ms_args *a, struct ms_scanners **out)
{
    int status = -1;
    *out = NULL;
    if (!a->yara && !a->clamd)
        return status;
    struct ms_opened *o = ms_alloc(sizeof *o);
    o->list.at = o->at;
    *out = &o->list;
    if (a->yara && (o->yara = ms_yara_open(a->yara, &status)))
        o->at[o->list.n++] = (struct ms_scanner){ MS_SIGN_YARA, ms_yara_scan, o->yara };
    if (status < 0 && a->clamd && (o->clamd = ms_clamd_open(a->clamd, &status)))
        o->at[o->list.n++] = (struct ms_scanner){ MS_SIGN_VIRUS, ms_clamd_scan, o->clamd };
    return status;
}

void ms_scanners_close(struct ms_scanners *s)
{
    struct ms_opened *o = (struct ms_opened *)(void *)s;
    if (!o)
        return;
    ms_yara_close(o->yara);
    ms_clamd_close(o->clamd);
    ms_free(o);
}
