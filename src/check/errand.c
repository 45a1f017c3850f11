/* check/errand.c - domains that are called after what forgers want: "bank-verify.example", "paket-zahlung.example". Companies are called by their names. */
#include "base/hash.h"
#include "check/private.h"
#include "mail/site.h"

#include <pthread.h>

enum { LABEL_BYTES = 63 }; /* of a name in DNS (RFC 1035 2.3.4) */
enum weight { BESIDE = 1, ALONE = 2 };
static struct ms_map  words; /* word: enum weight */
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void make(void)
{
    static const struct { const char *word; enum weight weight; } rows[] = {
#define X(word) { word, ALONE },
#define W(word) { word, BESIDE },
#include "check/errands.def"
#undef X
#undef W
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        *ms_map_put(&words, ms_str(rows[i].word)) = (void *)(uintptr_t)rows[i].weight;
}

bool ms_is_errand(struct ms_bytes domain)
{
    struct ms_bytes site = ms_site(domain);
    uint8_t         low[LABEL_BYTES];
    size_t          parts = 0, weight = 0, n = 0;
    pthread_once(&made, make);
    for (; n < site.n && site.p[n] != '.' && n < sizeof low; n++)
        low[n] = ms_lower(site.p[n]);
    for (struct ms_bytes rest = { low, n }, part; rest.n; rest = ms_tail(rest, part.n + 1), parts++) {
        part = ms_head(rest, ms_find(rest, '-'));
        weight += (uintptr_t)ms_map_get(&words, part);
    }
    return parts > 1 && weight >= ALONE;
}
