/* tests/support/spf_try.c - the results of SPF for cases and zones on standard input (zone_lines.h), for tests/spf.
 *   C id ip helo mail-from receiver       a case; prints "id result explanation lookups"                                     */
#include "auth/spf.h"
#include "base/text.h"
#include "zone_lines.h"

static void try(char *const *f, size_t count)
{
    if (f[0][0] != 'C' || count < 6)
        return;
    struct ms_arena     arena = { 0 };
    struct ms_buffer    text = { 0 };
    struct ms_spf       spf;
    uint8_t             ip[16];
    struct ms_resolver  resolver = { ask, NULL };
    read_ip(f[2], ip);
    struct ms_spf_input in = { .ip = ip, .helo = unhex(f[3]), .mail_from = unhex(f[4]), .receiver = unhex(f[5]), .time = 1 };
    ms_spf_check(&in, &resolver, &arena, &spf);
    ms_text_hex(&text, spf.explanation);
    ms_text_char(&text, '\t');
    ms_text_add(&text, ms_missing_text(&spf.wanted, &arena));
    printf("%s\t%s\t%.*s\n", f[1], ms_spf_name(spf.result), (int)text.n, (const char *)text.p);
    ms_buffer_finish(&text);
    ms_arena_finish(&arena);
}

int main(void) { return zone_run(try); }
