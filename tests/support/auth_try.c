/* tests/support/auth_try.c - who sent messages, by zones on standard input (zone_lines.h), for tests/dkim.
 *   O                                         from here on what is not in the zone is unknown
 *   M id time ip helo mail-from cut message   time in seconds; ip "-": a message from a file; the message goes by in pieces of `cut` bytes, 0:
 *                                             at once. Prints "id spf dkim dmarc arc signs reason-of-dkim reason-of-arc lookups", "-" for none   */
#include "auth/auth.h"
#include "base/text.h"
#include "zone_lines.h"

static const char *word(const struct ms_auth_result *r) { return r->result ? r->result : "-"; }

static void print(const char *id, const struct ms_authentication *got, const struct ms_signs *signs)
{
    printf("%s\t%s\t%s\t%s\t%s\t", id, word(&got->spf), word(&got->dkim), word(&got->dmarc), word(&got->arc));
    for (size_t i = 0; i < signs->n; i++)
        printf("%s%s", i ? "," : "", ms_sign_name((enum ms_sign_kind)signs->at[i].kind));
    printf("\t%.*s\t%.*s\t%.*s\n", (int)got->dkim.reason.n, (const char *)got->dkim.reason.p, (int)got->arc.reason.n,
           (const char *)got->arc.reason.p, (int)got->dkim.lookups.n, (const char *)got->dkim.lookups.p);
}

static void feed(struct ms_auth *a, struct ms_bytes message, size_t cut)
{
    for (size_t n; message.n; message = ms_tail(message, n)) {
        n = cut && cut < message.n ? cut : message.n;
        ms_auth_push(a, ms_head(message, n));
    }
    ms_auth_end(a);
}

static void try(char *const *f, size_t count)
{
    struct ms_arena          arena = { 0 };
    struct ms_limits         limits = ms_limits_default();
    struct ms_signs          signs;
    struct ms_authentication got;
    uint8_t                  ip[16];
    zone_open |= f[0][0] == 'O';
    if (f[0][0] != 'M' || count < 8)
        return;
    static struct ms_hasher hasher;
    ms_hasher_init(&hasher);
    ms_signs_init(&signs, &arena);
    struct ms_auth      *a = ms_auth_create(&arena, &limits, &hasher, &signs);
    struct ms_auth_facts facts = { .direction = MS_SENT, .helo = unhex(f[4]), .mail_from = unhex(f[5]), .time = strtoll(f[2], NULL, 10) * 1000000000 };
    if (f[3][0] != '-') {
        read_ip(f[3], ip);
        facts.client = ip;
        facts.envelope = true;
    }
    feed(a, unhex(f[7]), strtoul(f[6], NULL, 10));
    struct ms_resolver resolver = { ask, NULL };
    ms_auth_finish(a, &facts, &resolver, &got);
    print(f[1], &got, &signs);
    ms_arena_finish(&arena);
}

int main(void) { return zone_run(try); }
