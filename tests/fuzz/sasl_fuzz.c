/* tests/fuzz/sasl_fuzz.c - the first line names the mechanism; each next one is a client's ('C' first) or a server's message. Property:
 * no read outside of the line, names within their bound, a clear secret is a secret. */
#include "proto/sasl.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(struct ms_sasl *s, struct ms_bytes line, struct ms_arena *a, const struct ms_limits *l)
{
    uint8_t *exact = malloc(line.n ? line.n : 1);
    if (line.n)
        memcpy(exact, line.p, line.n);
    struct ms_bytes text = ms_tail((struct ms_bytes){ exact, line.n }, 1);
    if (ms_at(line, 0) == 'S')
        ms_sasl_server(s, text, a, l);
    else
        ms_sasl_client(s, text, a, l);
    free(exact);
    if (s->user.n > 1536 || s->domain.n > 1536 || s->host.n > 1536 || (s->clear_secret && !s->secret))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_limits limits = ms_limits_default();
    struct ms_arena  arena = { 0 };
    struct ms_sasl   sasl;
    struct ms_bytes  rest = { data, size };
    size_t           lf = ms_find(rest, '\n');
    ms_sasl_start(&sasl, ms_head(rest, lf));
    for (rest = ms_tail(rest, lf + 1); rest.n; rest = ms_tail(rest, lf + 1)) {
        lf = ms_find(rest, '\n');
        feed(&sasl, ms_head(rest, lf), &arena, &limits);
    }
    ms_arena_finish(&arena);
    return 0;
}
