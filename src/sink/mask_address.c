/* Addresses: each part is moved within those that are written with as many digits, by what stands before it, so that addresses of one network stay
 * in one network and the text of an address stays as long. Loopback, multicast, broadcast and link-local stay; private ones stay private. */
#include "sink/mask_private.h"

#include <arpa/inet.h>

static bool keeps_first(uint8_t a) { return a == 10 || a == 127 || a == 169 || a == 172 || a == 192; }

/* May an address with `prefix` in front go on with `v`? */
static bool allowed(const uint8_t *ip, int i, unsigned v)
{
    if (i == 0)
        return v >= 1 && v < 224 && !keeps_first((uint8_t)v);
    if (i == 1 && ip[0] == 172)
        return (v >= 16 && v < 32) == (ip[1] >= 16 && ip[1] < 32);
    if (i == 1 && ip[0] == 192)
        return v != 168;
    if (i == 1 && ip[0] == 169)
        return v != 254;
    return i < 3 || (v != 0 && v != 255);
}

static unsigned digits(unsigned v) { return v < 10 ? 1 : v < 100 ? 2 : 3; }

static uint8_t move_octet(const struct ms_mask *m, const uint8_t *ip, int i, struct ms_bytes before)
{
    uint8_t  values[256];
    unsigned n = 0, at = 256;
    for (unsigned v = 0; v < 256; v++) {
        if (digits(v) != digits(ip[i]) || !allowed(ip, i, v))
            continue;
        at = v == ip[i] ? n : at;
        values[n++] = (uint8_t)v;
    }
    if (at == 256 || n < 2)
        return ip[i];
    return values[(at + 1 + ms_mask_hash(m, 4u << 8 | (unsigned)i, before) % (n - 1)) % n];
}

void ms_mask_ip4(const struct ms_mask *m, uint8_t ip[4])
{
    uint8_t old[4];
    memcpy(old, ip, 4);
    if (old[0] == 0 || old[0] == 127 || old[0] >= 224 || (old[0] == 169 && old[1] == 254))
        return;
    int first = old[0] == 10 || old[0] == 172 || keeps_first(old[0]) ? 1 : 0;
    if (old[0] == 192 && old[1] == 168)
        first = 2;
    for (int i = first; i < 4; i++)
        ip[i] = move_octet(m, old, i, (struct ms_bytes){ old, (size_t)i });
}

void ms_mask_ip6(const struct ms_mask *m, uint8_t ip[16])
{
    static const uint8_t zeros[15], mapped[12] = { [10] = 0xff, [11] = 0xff };
    uint8_t              old[16];
    memcpy(old, ip, 16);
    if (memcmp(old, mapped, 12) == 0) {
        ms_mask_ip4(m, ip + 12);
        return;
    }
    if (old[0] == 0xff || (memcmp(old, zeros, 15) == 0 && old[15] <= 1))
        return;
    for (unsigned i = old[0] >= 0xfc ? 1 : 0; i < 8; i++) {
        unsigned v = ms_be16(old + 2 * i), low = v < 0x10 ? 1 : v < 0x100 ? 0x10 : v < 0x1000 ? 0x100 : 0x1000;
        unsigned size = (i == 0 && low == 0x1000 ? 0xf000 : low * 16) - low;
        if (v == 0)
            continue;
        v = low + (unsigned)((v - low + 1 + ms_mask_hash(m, 6u << 8 | i, (struct ms_bytes){ old, 2 * (size_t)i }) % (size - 1)) % size);
        ip[2 * i] = (uint8_t)(v >> 8);
        ip[2 * i + 1] = (uint8_t)v;
    }
}

/* The maker stays. */
void ms_mask_mac(const struct ms_mask *m, uint8_t mac[6])
{
    static const uint8_t zeros[6];
    if (mac[0] & 1 || memcmp(mac, zeros, 6) == 0)
        return;
    uint64_t h = ms_mask_hash(m, 7u << 8, (struct ms_bytes){ mac, 6 });
    memcpy(mac + 3, &h, 3);
}

/* ---- as text --------------------------------------------------------------------------------------------------- */

static size_t ip4_text(const struct ms_mask *m, uint8_t *p, size_t n)
{
    uint8_t ip[4];
    size_t  at = 0;
    for (int i = 0; i < 4; i++) {
        unsigned v = 0;
        size_t   begin = at;
        while (at < n && at - begin < 3 && ms_is_digit(p[at]))
            v = v * 10 + p[at++] - '0';
        if (at == begin || v > 255 || digits(v) != at - begin || (i < 3 && (at == n || p[at++] != '.')))
            return 0;
        ip[i] = (uint8_t)v;
    }
    if (at < n && (ms_is_word(p[at]) || (p[at] == '.' && at + 1 < n && ms_is_digit(p[at + 1]))))
        return 0;
    ms_mask_ip4(m, ip);
    struct ms_buffer t = { 0 };
    for (int i = 0; i < 4; i++) {
        ms_text_u64(&t, ip[i]);
        ms_text_str(&t, i < 3 ? "." : "");
    }
    if (t.n == at)
        memcpy(p, t.p, at);
    ms_buffer_finish(&t);
    return at;
}

static bool is_hex(uint8_t c) { return ms_is_digit(c) || (ms_lower(c) >= 'a' && ms_lower(c) <= 'f'); }

/* Writes group `v` over the digits at p; zeros in front stay. */
static void put_group(uint8_t *p, size_t n, unsigned v)
{
    bool upper = false;
    for (size_t i = 0; i < n; i++)
        upper |= p[i] >= 'A' && p[i] <= 'F';
    for (size_t i = n; i-- > 0; v >>= 4)
        p[i] = (uint8_t)(upper ? "0123456789ABCDEF" : "0123456789abcdef")[v & 15];
}

static size_t ip6_text(const struct ms_mask *m, uint8_t *p, size_t n)
{
    char    text[INET6_ADDRSTRLEN] = "";
    uint8_t ip[16];
    size_t  end = 0, colons = 0;
    while (end < n && end < sizeof text - 1 && (is_hex(p[end]) || p[end] == ':'))
        colons += p[end++] == ':';
    if (colons < 2 || (end < n && (ms_is_word(p[end]) || p[end] == '.')))
        return 0;
    memcpy(text, p, end);
    if (inet_pton(AF_INET6, text, ip) != 1 || end < 4)
        return 0;
    ms_mask_ip6(m, ip);
    unsigned group = 0;
    for (size_t i = 0; i < end;) {
        size_t length = 0;
        while (i + length < end && p[i + length] != ':')
            length++;
        if (length)
            put_group(p + i, length, ms_be16(ip + 2 * group++));
        i += length + 1;
        if (i < end && p[i] == ':' && length) { /* "::": the groups behind it are counted from the end */
            unsigned behind = 0;
            for (size_t k = i + 1; k < end; k++)
                behind += p[k] != ':' && p[k - 1] == ':';
            group = 8 - behind;
        } else if (!length && i == 1) {
            unsigned behind = 0;
            for (size_t k = 2; k < end; k++)
                behind += p[k] != ':' && p[k - 1] == ':';
            group = 8 - behind;
        }
    }
    return end;
}

size_t ms_mask_address_text(const struct ms_mask *m, uint8_t *p, size_t n)
{
    size_t used = ms_is_digit(p[0]) ? ip4_text(m, p, n) : 0;
    return used ? used : is_hex(p[0]) || p[0] == ':' ? ip6_text(m, p, n) : 0;
}
