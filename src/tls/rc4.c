/* tls/rc4.c - RC4, for old captures: libcrypto has it in the legacy provider only, which may not be installed. */
#include "tls/cipher.h"

void ms_tls_rc4_start(struct ms_tls_rc4 *r, struct ms_bytes key)
{
    r->i = r->j = 0;
    for (unsigned i = 0; i < 256; i++)
        r->s[i] = (uint8_t)i;
    uint8_t j = 0;
    for (unsigned i = 0; i < 256 && key.n; i++) {
        uint8_t old = r->s[i];
        j = (uint8_t)(j + old + key.p[i % key.n]);
        r->s[i] = r->s[j];
        r->s[j] = old;
    }
}

static inline uint8_t next(struct ms_tls_rc4 *r)
{
    r->i++;
    uint8_t a = r->s[r->i];
    r->j = (uint8_t)(r->j + a);
    uint8_t b = r->s[r->j];
    r->s[r->i] = b;
    r->s[r->j] = a;
    return r->s[(uint8_t)(a + b)];
}

void ms_tls_rc4_skip(struct ms_tls_rc4 *r, uint64_t n)
{
    while (n--)
        next(r);
}

void ms_tls_rc4_run(struct ms_tls_rc4 *r, struct ms_bytes in, uint8_t *out)
{
    for (size_t k = 0; k < in.n; k++)
        out[k] = (uint8_t)(in.p[k] ^ next(r));
}
