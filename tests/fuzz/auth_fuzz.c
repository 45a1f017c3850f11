/* tests/fuzz/auth_fuzz.c - byte 0: how DNS answers, byte 1: where the message is cut; then key, policy and SPF record, a line each, and the message. The
 * result does not depend on the cut. */
#include "auth/auth.h"
#include "base/hash.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world { struct ms_bytes key, policy, spf; uint8_t mode; struct ms_dns_record found; };

static enum ms_answer ask(void *ctx, struct ms_bytes name, uint16_t type, struct ms_dns_set *out)
{
    struct world *w = ctx;
    (void)type;
    bool key = ms_search_nocase(name, MS_LIT("._domainkey.")) < name.n, policy = ms_starts_nocase(name, MS_LIT("_dmarc."));
    if (w->mode & (key ? 1 : policy ? 2 : 4))
        return w->mode & 8 ? MS_ANSWER_UNKNOWN : w->mode & 16 ? MS_ANSWER_FAILED : MS_ANSWER_NXDOMAIN;
    w->found = (struct ms_dns_record){ .value = key ? w->key : policy ? w->policy : w->spf };
    *out = (struct ms_dns_set){ &w->found, 1 };
    return MS_ANSWER_FOUND;
}

struct outcome { struct ms_authentication got; struct ms_signs signs; };

static void judge(struct world *w, struct ms_bytes message, size_t step, struct ms_arena *arena, struct outcome *out)
{
    static const uint8_t ip[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1 };
    struct ms_limits     limits = w->mode & 64 ? ms_limits_tiny() : ms_limits_default();
    struct ms_auth_facts facts = { .direction = w->mode & 32 ? MS_RETRIEVED : MS_SENT, .client = ip, .envelope = true, .mail_from = MS_LIT("joe@example.com"),
                                   .helo = MS_LIT("mx.example.com"), .server = MS_LIT("mx.example.net"), .time = 1700000000000000000 };
    struct ms_resolver   r = { ask, w };
    ms_signs_init(&out->signs, arena);
    struct ms_hasher hasher;
    ms_hasher_init(&hasher);
    struct ms_auth *a = ms_auth_create(arena, &limits, &hasher, &out->signs);
    for (size_t n; message.n; message = ms_tail(message, n)) {
        n = step < message.n ? step : message.n;
        uint8_t *exact = malloc(n);
        memcpy(exact, message.p, n);
        ms_auth_push(a, (struct ms_bytes){ exact, n });
        free(exact);
    }
    ms_auth_end(a);
    ms_auth_finish(a, &facts, &r, &out->got);
    ms_hasher_finish(&hasher);
}

static bool same(const struct ms_auth_result *a, const struct ms_auth_result *b)
{
    return a->result == b->result && ms_equal(a->reason, b->reason) && ms_equal(a->lookups, b->lookups) && ms_equal(a->domain, b->domain);
}

static struct ms_bytes take_line(struct ms_bytes *rest)
{
    struct ms_bytes line = ms_head(*rest, ms_find(*rest, '\n'));
    *rest = ms_tail(*rest, line.n + 1);
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    ms_hash_init();
    struct ms_bytes rest = { data + 2, size - 2 };
    struct world    w = { .mode = data[0] };
    struct ms_arena arena = { 0 };
    struct outcome  whole, cut;
    w.key = take_line(&rest);
    w.policy = take_line(&rest);
    w.spf = take_line(&rest);
    judge(&w, rest, rest.n + 1, &arena, &whole);
    judge(&w, rest, (size_t)data[1] + 1, &arena, &cut);
    if (!same(&whole.got.spf, &cut.got.spf) || !same(&whole.got.dkim, &cut.got.dkim) || !same(&whole.got.dmarc, &cut.got.dmarc) ||
        !same(&whole.got.arc, &cut.got.arc) || whole.signs.n != cut.signs.n)
        abort();
    ms_arena_finish(&arena);
    return 0;
}
