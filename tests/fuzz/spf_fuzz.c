/* tests/fuzz/spf_fuzz.c - lines: byte 0 says what DNS does not know; sender, HELO name, then texts of TXT records and names. However they are
 * made, the check ends after a bounded number of questions, and says the same twice. */
#include "auth/spf.h"
#include "base/hash.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES = 16, QUESTIONS = 160 };
struct world { struct ms_bytes lines[LINES]; size_t n; uint8_t mode; unsigned asked; struct ms_dns_record found[12]; };

static unsigned sum(struct ms_bytes b)
{
    unsigned s = 0;
    for (size_t i = 0; i < b.n; i++)
        s = s * 31 + ms_lower(b.p[i]);
    return s;
}

static enum ms_answer ask(void *ctx, struct ms_bytes name, uint16_t type, struct ms_dns_set *out)
{
    struct world *w = ctx;
    unsigned      pick = sum(name);
    size_t        n = type == MS_DNS_TXT ? 1 : pick % 12;
    if (++w->asked > QUESTIONS || !ms_dns_name_fits(name))
        abort();
    if ((pick & 31) < (w->mode & 7u))
        return (w->mode & 8) ? MS_ANSWER_UNKNOWN : (w->mode & 16) ? MS_ANSWER_FAILED : MS_ANSWER_NXDOMAIN;
    for (size_t i = 0; i < n; i++) {
        w->found[i] = (struct ms_dns_record){ .value = w->n ? w->lines[(pick + i) % w->n] : name };
        memcpy(w->found[i].ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2", 15);
        w->found[i].ip[15] = (uint8_t)(pick + i);
    }
    *out = (struct ms_dns_set){ w->found, n };
    return MS_ANSWER_FOUND;
}

static struct ms_bytes take_line(struct ms_bytes *rest)
{
    struct ms_bytes line = ms_head(*rest, ms_find(*rest, '\n'));
    *rest = ms_tail(*rest, line.n + 1);
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    ms_hash_init();
    struct world    w = { .mode = data[0] };
    struct ms_bytes rest = { data + 1, size - 1 };
    uint8_t         ip[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, data[0] };
    struct ms_spf_input in = { .ip = ip, .time = 1 };
    if (w.mode & 128)
        memset(ip, 0x20, sizeof ip);
    in.mail_from = take_line(&rest);
    in.helo = take_line(&rest);
    while (rest.n && w.n < LINES)
        w.lines[w.n++] = take_line(&rest);
    struct ms_resolver r = { ask, &w };
    struct ms_arena    arena = { 0 };
    struct ms_spf      first, second;
    ms_spf_check(&in, &r, &arena, &first);
    w.asked = 0;
    ms_spf_check(&in, &r, &arena, &second);
    if (first.result != second.result || (first.result == MS_SPF_UNKNOWN && first.wanted.n == 0) || first.explanation.n > 70000)
        abort();
    ms_arena_finish(&arena);
    return 0;
}
