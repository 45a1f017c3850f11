/* model/address.c - addresses as text, and which belong to the Internet at large. */
#include "model/record.h"

#include <arpa/inet.h>
#include <string.h>

bool ms_address_read(struct ms_bytes text, uint8_t ip[16])
{
    char z[INET6_ADDRSTRLEN] = "";
    if (text.n == 0 || text.n >= sizeof z || ms_find(text, 0) < text.n)
        return false;
    memcpy(z, text.p, text.n);
    memset(ip, 0, 10);
    ip[10] = ip[11] = 0xff;
    return inet_pton(AF_INET, z, ip + 12) == 1 || inet_pton(AF_INET6, z, ip) == 1;
}

bool ms_address_is_v4(const uint8_t ip[16]) { return memcmp(ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0; }

struct prefix { uint8_t bits, bytes[6]; };

static bool is_in(const uint8_t *address, const struct prefix *p)
{
    unsigned whole = p->bits / 8, rest = p->bits % 8;
    uint8_t  mask = (uint8_t)(0xff00u >> rest);
    return memcmp(address, p->bytes, whole) == 0 && (rest == 0 || ((address[whole] ^ p->bytes[whole]) & mask) == 0);
}

static bool is_in_any(const uint8_t *address, const struct prefix *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_in(address, &p[i]))
            return true;
    return false;
}

bool ms_address_is_global(const uint8_t ip[16])
{
    /* What RFC 6890 and the IANA registries behind it call not globally reachable, and multicast. */
    static const struct prefix not_v4[] = {
        { 8, { 0 } }, { 8, { 10 } }, { 10, { 100, 64 } }, { 8, { 127 } }, { 16, { 169, 254 } }, { 12, { 172, 16 } },
        { 24, { 192, 0, 0 } }, { 16, { 192, 168 } }, { 15, { 198, 18 } }, { 4, { 224 } }, { 4, { 240 } },
    };
    static const struct prefix v6[] = { { 3, { 0x20 } }, { 48, { 0, 0x64, 0xff, 0x9b, 0, 0 } } }; /* RFC 4291 2.4, RFC 6052 */
    static const struct prefix not_v6[] = { { 48, { 0x20, 1, 0, 2, 0, 0 } }, { 28, { 0x20, 1, 0, 0x10 } } }; /* RFC 5180, RFC 4843 */
    if (ms_address_is_v4(ip))
        return !is_in_any(ip + 12, not_v4, sizeof not_v4 / sizeof *not_v4);
    return is_in_any(ip, v6, sizeof v6 / sizeof *v6) && !is_in_any(ip, not_v6, sizeof not_v6 / sizeof *not_v6);
}
