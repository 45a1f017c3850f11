/* tests/fuzz/address_fuzz.c - byte 0: how many mailboxes fit. The count does not depend on it, and all that comes out is UTF-8. */
#include "mail/mime.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct ms_bytes   in = { data + 1, size - 1 };
    struct ms_mailbox out[256];
    struct ms_arena   arena = { 0 };
    size_t            n = ms_parse_addresses(in, out, data[0], &arena);
    for (size_t i = 0; i < n && i < data[0]; i++) {
        const struct ms_mailbox *m = &out[i];
        bool empty = m->display.n + m->local.n + m->domain.n == 0;
        if (empty && ms_search_nocase(in, MS_LIT("=?")) == in.n) /* an encoded word may stand for nothing */
            abort();
        require_utf8(m->display);
        require_utf8(m->local);
        require_utf8(m->domain);
        require_utf8(m->group);
    }
    if (n > size || ms_parse_addresses(in, NULL, 0, &arena) != n)
        abort();
    ms_arena_finish(&arena);
    return 0;
}
