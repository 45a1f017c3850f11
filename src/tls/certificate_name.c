/* Does a certificate speak for a name? RFC 6125, as OpenSSL and GnuTLS see it.
 * BUGS: names with other letters than ASCII are compared as they are; what a client asks for has been made ASCII (xn--) before. */
#include "model/record.h"
#include "tls/certificate.h"

/* "*" stands for one whole label, with at least two labels behind it: "*.org" fits nothing. */
static bool wildcard_fits(struct ms_bytes pattern, struct ms_bytes name)
{
    struct ms_bytes suffix = ms_tail(pattern, 1);
    size_t          label = ms_find(name, '.');
    if (label == 0 || label == name.n || ms_find(ms_tail(suffix, 1), '.') == suffix.n - 1)
        return false;
    return ms_equal_nocase(suffix, ms_tail(name, label));
}

static struct ms_bytes without_final_dot(struct ms_bytes b)
{
    return b.n > 1 && b.p[b.n - 1] == '.' ? ms_head(b, b.n - 1) : b;
}

static bool host_fits(struct ms_bytes pattern, struct ms_bytes name)
{
    pattern = without_final_dot(pattern);
    if (pattern.n > 2 && pattern.p[0] == '*' && pattern.p[1] == '.')
        return wildcard_fits(pattern, name);
    return pattern.n && ms_equal_nocase(pattern, name);
}

bool ms_certificate_fits(const struct ms_certificate *c, struct ms_bytes name)
{
    uint8_t asked[16], own[16];
    bool    address = ms_address_read(name, asked), hosts = false;
    name = without_final_dot(name);
    if (name.n == 0)
        return false;
    for (uint32_t i = 0; i < c->name_count; i++) {
        bool is_address = ms_address_read(c->names[i], own);
        hosts |= !is_address;
        if (is_address && address && memcmp(asked, own, sizeof own) == 0)
            return true;
        if (!is_address && !address && host_fits(c->names[i], name))
            return true;
    }
    return c->flags & MS_CERT_NAMES_CUT || (!address && !hosts && host_fits(c->common_name, name));
}
