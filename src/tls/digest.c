#include "tls/digest.h"

#include <openssl/evp.h>

bool ms_tls_digest(const char *name, const struct ms_bytes *pieces, size_t count, uint8_t *out)
{
    EVP_MD     *type = EVP_MD_fetch(NULL, name, NULL);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool        good = type && md && EVP_DigestInit_ex2(md, type, NULL) == 1;
    for (size_t i = 0; i < count && good; i++)
        good = EVP_DigestUpdate(md, pieces[i].p, pieces[i].n) == 1;
    good = good && EVP_DigestFinal_ex(md, out, NULL) == 1;
    EVP_MD_CTX_free(md);
    EVP_MD_free(type);
    return good;
}
