/* tests/fuzz/certificate_fuzz.c - one certificate in DER; or, when it begins with another byte than 30, several behind their lengths of two
 * bytes. Property: nothing is read past one, a name it has is a name it fits, and a remembered chain is the same. */
#include "tls/certificate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void check_one(const struct ms_certificate *c)
{
    require(c->subject.n <= 1024 && c->issuer.n <= 1024 && c->common_name.n <= 1024 && c->serial.n <= 129 && c->name_count <= 1000);
    for (uint32_t i = 0; i < c->name_count; i++)
        require(c->names[i].n && (ms_find(c->names[i], '*') < c->names[i].n || ms_certificate_fits(c, c->names[i])));
    if (c->flags & MS_CERT_MALFORMED)
        require(c->flags == MS_CERT_MALFORMED && c->subject.n == 0);
    if (c->flags & MS_CERT_SELF_SIGNED)
        require(ms_equal(c->subject, c->issuer));
}

static void check_chain(const struct ms_bytes *der, size_t count)
{
    struct ms_certificate_cache *cache = ms_certificate_cache_create(UINT64_MAX);
    struct ms_arena              arena = { 0 };
    struct ms_tls_info           first = { 0 }, info = { 0 };
    ms_certificates_read(&first, &arena, der, count);
    require(first.certificate_count + first.certificates_dropped == count && first.certificate_count <= MS_TLS_CERTIFICATES);
    for (int round = 0; round < 2; round++) {
        ms_certificates_read_cached(cache, &info, &arena, der, count);
        require(info.flags == first.flags && info.certificate_count == first.certificate_count);
        for (uint32_t i = 0; i < info.certificate_count; i++) {
            check_one(&info.certificates[i]);
            require(info.certificates[i].flags == first.certificates[i].flags &&
                    ms_equal(info.certificates[i].subject, first.certificates[i].subject));
        }
    }
    ms_certificate_cache_destroy(cache);
    ms_arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_bytes rest = { data, size }, der[12] = { { 0 } };
    size_t          count = 0;
    if (size && data[0] == 0x30) {
        der[count++] = rest;
        rest.n = 0;
    }
    while (rest.n >= 2 && count < 12) {
        der[count] = ms_slice(rest, 2, ms_be16(rest.p));
        rest = ms_tail(rest, 2 + der[count++].n);
    }
    for (size_t i = 0; i < count; i++) { /* in blocks of exactly their size */
        uint8_t *exact = malloc(der[i].n ? der[i].n : 1);
        if (der[i].n)
            memcpy(exact, der[i].p, der[i].n);
        der[i].p = exact;
    }
    check_chain(der, count);
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)der[i].p);
    return 0;
}
