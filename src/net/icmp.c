/* ICMP errors about TCP: which connection the packet quoted in them belongs to.
 *
 * BUGS     checksums are not verified, and nothing proves that who sent the error is on the way: a forged one looks the same. Errors
 *          that quote a tunnel are not followed into it. */
#include "net/walk.h"

enum { ERROR_HEADER = 8, TCP_QUOTED = 8, EXTENSIONS_MAX = 8 };

static bool is_error(uint8_t version, uint8_t type)
{
    if (version == 6)
        return type >= 1 && type <= 4; /* RFC 4443 */
    return type == 3 || type == 4 || type == 11 || type == 12; /* RFC 792; 4, source quench, is obsolete (RFC 6633) */
}

/* Fewer bytes than needed: the capture ends here, or the quotation does. */
static enum ms_layer too_short(const struct ms_walk *w, size_t need) { return w->wire >= need ? MS_L_CUT : MS_L_END_ICMP; }

static enum ms_layer quoted_tcp(struct ms_walk *w, struct ms_segment *quoted)
{
    if (w->in.n < TCP_QUOTED)
        return too_short(w, TCP_QUOTED);
    quoted->src_port = ms_be16(w->in.p);
    quoted->dst_port = ms_be16(w->in.p + 2);
    quoted->seq = ms_be32(w->in.p + 4);
    *w->out = *quoted;
    return MS_L_ERROR;
}

static enum ms_layer quoted_ipv4(struct ms_walk *w, struct ms_segment *quoted)
{
    if (w->in.n < 20)
        return too_short(w, 20);
    const uint8_t *p = w->in.p;
    size_t         header = (size_t)(p[0] & 15) * 4;
    if (p[0] >> 4 != 4 || header < 20 || p[9] != 6 || ms_be16(p + 6) & 0x1fff) /* a later fragment has no ports */
        return MS_L_END_ICMP;
    if (w->in.n < header)
        return too_short(w, header);
    ms_walk_mapped(quoted->src, p + 12);
    ms_walk_mapped(quoted->dst, p + 16);
    quoted->ttl = p[8];
    ms_walk_skip(w, header);
    return quoted_tcp(w, quoted);
}

/* A header of this kind may stand before TCP: hop-by-hop, routing, destination options, the fragment header of a first fragment. */
static bool is_extension(const struct ms_walk *w, uint8_t next)
{
    if (next == 44)
        return w->in.n < 8 || (ms_be16(w->in.p + 2) & 0xfff8) == 0;
    return next == 0 || next == 43 || next == 60;
}

static enum ms_layer quoted_ipv6(struct ms_walk *w, struct ms_segment *quoted)
{
    if (w->in.n < 40)
        return too_short(w, 40);
    uint8_t next = w->in.p[6];
    if (w->in.p[0] >> 4 != 6)
        return MS_L_END_ICMP;
    memcpy(quoted->src, w->in.p + 8, 16);
    memcpy(quoted->dst, w->in.p + 24, 16);
    quoted->ttl = w->in.p[7];
    ms_walk_skip(w, 40);
    for (int i = 0; next != 6; i++) {
        if (i == EXTENSIONS_MAX || !is_extension(w, next))
            return MS_L_END_ICMP;
        size_t size = w->in.n < 8 || next == 44 ? 8 : 8 + (size_t)w->in.p[1] * 8;
        if (w->in.n < size)
            return too_short(w, size);
        next = w->in.p[0];
        ms_walk_skip(w, size);
    }
    return quoted_tcp(w, quoted);
}

/* RFC 1191 4: zero from routers that do not know it. RFC 4443 3.2. */
static uint32_t mtu_of(uint8_t version, const uint8_t header[ERROR_HEADER])
{
    if (version == 6)
        return header[0] == 2 ? ms_be32(header + 4) : 0;
    return header[0] == 3 && header[1] == 4 ? ms_be16(header + 6) : 0;
}

enum ms_layer ms_walk_icmp(struct ms_walk *w)
{
    if (w->in.n < ERROR_HEADER)
        return too_short(w, ERROR_HEADER);
    const uint8_t *p = w->in.p;
    if (!is_error(w->version, p[0]))
        return MS_L_END_ICMP;
    struct ms_segment quoted = { .icmp = { .ip_version = w->version, .type = p[0], .code = p[1], .mtu = mtu_of(w->version, p) } };
    memcpy(quoted.icmp.from, w->out->src, 16);
    ms_walk_skip(w, ERROR_HEADER);
    return w->version == 6 ? quoted_ipv6(w, &quoted) : quoted_ipv4(w, &quoted);
}
