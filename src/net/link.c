/* Link layers, down to the IP header. What is no IP ends the walk as "other". */
#include "net/walk.h"

enum { TAGS_MAX = 8, TYPE_MIN = 1536 };

const char *ms_link_type_name(uint32_t link_type)
{
    switch (link_type) {
#define X(number, name) case number: return name;
#include "net/link_types.def"
#undef X
    default: return NULL;
    }
}

enum ms_layer ms_walk_link_type(uint32_t link_type)
{
    switch (link_type) {
    case 1: return MS_L_ETHERNET;
    case 0: case 108: return MS_L_LOOPBACK;
    case 9: case 50: return MS_L_PPP;
    case 12: case 14: case 101: case 228: case 229: return MS_L_IP;
    case 51: return MS_L_PPPOE;
    case 104: return MS_L_CISCO_HDLC;
    case 113: return MS_L_COOKED;
    case 204: return MS_L_DIRECTION_PPP;
    case 205: return MS_L_DIRECTION_HDLC;
    case 219: return MS_L_MPLS;
    case 239: return MS_L_NFLOG;
    case 276: return MS_L_COOKED2;
    default: return MS_L_UNSUPPORTED;
    }
}

static bool is_tag(uint16_t type)
{
    return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
}

static bool is_followed(uint16_t type)
{
    return is_tag(type) || type == 0x0800 || type == 0x86dd || type == 0x8847 || type == 0x8848 || type == 0x8864;
}

static enum ms_layer ethertype(struct ms_walk *w)
{
    for (unsigned tags = 0; is_tag(w->type); tags++) {
        if (tags == TAGS_MAX)
            return MS_L_END_OTHER;
        if (w->in.n < 4)
            return ms_walk_short(w, 4);
        w->type = ms_be16(w->in.p + 2);
        ms_walk_skip(w, 4);
    }
    switch (w->type) {
    case 0x0800: return MS_L_IPV4;
    case 0x86dd: return MS_L_IPV6;
    case 0x8847: case 0x8848: return ms_walk_tunnel(w, MS_L_MPLS);
    case 0x8864: return ms_walk_tunnel(w, MS_L_PPPOE);
    default: return w->type < TYPE_MIN ? MS_L_LLC : MS_L_END_OTHER;
    }
}

/* A header of fixed size that holds an Ethernet type at `at`. */
static enum ms_layer typed_header(struct ms_walk *w, size_t size, size_t at)
{
    if (w->in.n < size)
        return ms_walk_short(w, size);
    uint16_t type = ms_be16(w->in.p + at);
    ms_walk_skip(w, size);
    return ms_walk_type(w, type);
}

static enum ms_layer llc(struct ms_walk *w) /* IEEE 802.2, RFC 1042 */
{
    if (w->in.n < 3)
        return ms_walk_short(w, 3);
    const uint8_t *p = w->in.p;
    if (p[0] == 0x06 && p[1] == 0x06 && p[2] == 0x03) {
        ms_walk_skip(w, 3);
        return MS_L_IP;
    }
    if (p[0] != 0xaa || p[1] != 0xaa || p[2] != 0x03)
        return MS_L_END_OTHER;
    if (w->in.n < 8)
        return ms_walk_short(w, 8);
    uint32_t oui = ms_be32(p + 2) & 0xffffff;
    uint16_t type = ms_be16(p + 6);
    if ((oui != 0 && oui != 0x0000f8) || type < TYPE_MIN) /* 00-00-f8: 802.1H, bridge tunnels */
        return MS_L_END_OTHER;
    ms_walk_skip(w, 8);
    return ms_walk_type(w, type);
}

/* Four bytes with the address family, in the byte order of the machine that wrote them (OpenBSD loop: big-endian). */
static enum ms_layer loopback(struct ms_walk *w)
{
    if (w->in.n < 4)
        return ms_walk_short(w, 4);
    uint32_t family = ms_le32(w->in.p);
    if (family > 0xffff)
        family = ms_be32(w->in.p);
    ms_walk_skip(w, 4);
    switch (family) {
    case 2: return MS_L_IPV4;
    case 10: case 24: case 28: case 30: return MS_L_IPV6; /* Linux, NetBSD and OpenBSD, FreeBSD, Darwin */
    default: return MS_L_END_OTHER;
    }
}

/* Family, version, resource id; then attributes {length, type} in the byte order of the writer, padded to 4 bytes. */
static enum ms_layer nflog(struct ms_walk *w)
{
    enum { HEADER = 4, PAYLOAD = 9 };
    if (w->in.n < HEADER)
        return ms_walk_short(w, HEADER);
    uint8_t family = w->in.p[0];
    ms_walk_skip(w, HEADER);
    while (w->in.n >= 4) {
        const uint8_t *p = w->in.p;
        bool   big = p[2] == 0 && p[3] != 0; /* types are small and not 0 */
        size_t length = big ? ms_be16(p) : ms_le16(p);
        unsigned type = (big ? ms_be16(p + 2) : ms_le16(p + 2)) & 0x7fff;
        if (length < 4 || length > w->wire)
            return MS_L_MALFORMED;
        if (type == PAYLOAD) {
            ms_walk_set_wire(w, length);
            ms_walk_skip(w, 4);
            return family == 2 || family == 10 ? MS_L_IP : MS_L_END_OTHER;
        }
        size_t padded = (length + 3) & ~(size_t)3;
        if (w->in.n < padded)
            return w->wire >= padded ? MS_L_CUT : MS_L_END_OTHER;
        ms_walk_skip(w, padded);
    }
    return w->wire > w->in.n ? MS_L_CUT : MS_L_END_OTHER;
}

static enum ms_layer ppp_protocol(struct ms_walk *w) /* RFC 1661, the field may be compressed to one byte (6.5) */
{
    if (w->in.n < 1)
        return ms_walk_short(w, 1);
    size_t size = w->in.p[0] & 1 ? 1 : 2;
    if (w->in.n < size)
        return ms_walk_short(w, size);
    unsigned protocol = size == 1 ? w->in.p[0] : ms_be16(w->in.p);
    ms_walk_skip(w, size);
    switch (protocol) {
    case 0x0021: return MS_L_IPV4;
    case 0x0057: return MS_L_IPV6;
    case 0x0281: case 0x0283: return ms_walk_tunnel(w, MS_L_MPLS);
    default: return MS_L_END_OTHER;
    }
}

static enum ms_layer cisco_hdlc(struct ms_walk *w)
{
    return typed_header(w, 4, 2);
}

static enum ms_layer ppp(struct ms_walk *w) /* with or without the HDLC framing of RFC 1662 */
{
    if (w->in.n < 2)
        return ms_walk_short(w, 2);
    const uint8_t *p = w->in.p;
    if (p[1] == 0 && (p[0] == 0x0f || p[0] == 0x8f)) /* unicast or broadcast: Cisco HDLC on a PPP link type */
        return cisco_hdlc(w);
    if (p[0] == 0xff && p[1] == 0x03)
        ms_walk_skip(w, 2);
    return ppp_protocol(w);
}

static enum ms_layer direction(struct ms_walk *w, enum ms_layer next) /* one byte: sent or received */
{
    if (w->in.n < 1)
        return ms_walk_short(w, 1);
    ms_walk_skip(w, 1);
    return next;
}

static enum ms_layer pppoe(struct ms_walk *w) /* RFC 2516: version and type, code, session, length */
{
    if (w->in.n < 6)
        return ms_walk_short(w, 6);
    const uint8_t *p = w->in.p;
    if (p[0] != 0x11)
        return MS_L_MALFORMED;
    if (p[1] != 0)
        return MS_L_END_OTHER;
    size_t length = ms_be16(p + 4);
    ms_walk_skip(w, 6);
    ms_walk_set_wire(w, length);
    return ppp_protocol(w);
}

/* Before the Ethernet header there may be a control word that starts with 0 (RFC 4385), as many addresses do: there is none when
 * only so the type makes sense. */
static enum ms_layer pseudowire(struct ms_walk *w)
{
    enum { WORD = 4, TYPE_AT = 12, BOTH = WORD + TYPE_AT + 2 };
    if (w->in.n < BOTH)
        return ms_walk_short(w, BOTH);
    const uint8_t *p = w->in.p;
    if (is_followed(ms_be16(p + WORD + TYPE_AT)) || !is_followed(ms_be16(p + TYPE_AT)))
        ms_walk_skip(w, WORD);
    return MS_L_ETHERNET;
}

/* RFC 3032 label stack. The payload has no type: 4 and 6 are IP, 1 a control channel, all else Ethernet. */
static enum ms_layer mpls(struct ms_walk *w)
{
    for (bool bottom = false; !bottom;) {
        if (w->in.n < 4)
            return ms_walk_short(w, 4);
        bottom = w->in.p[2] & 1;
        ms_walk_skip(w, 4);
    }
    if (w->in.n < 1)
        return ms_walk_short(w, 1);
    switch (w->in.p[0] >> 4) {
    case 4: return MS_L_IPV4;
    case 6: return MS_L_IPV6;
    case 1: return MS_L_END_OTHER;
    case 0: return pseudowire(w);
    default: return MS_L_ETHERNET;
    }
}

enum ms_layer ms_walk_link(struct ms_walk *w, enum ms_layer layer)
{
    switch (layer) {
    case MS_L_ETHERNET: return typed_header(w, 14, 12);
    case MS_L_ETHERTYPE: return ethertype(w);
    case MS_L_LLC: return llc(w);
    case MS_L_COOKED: return typed_header(w, 16, 14);
    case MS_L_COOKED2: return typed_header(w, 20, 0);
    case MS_L_LOOPBACK: return loopback(w);
    case MS_L_NFLOG: return nflog(w);
    case MS_L_CISCO_HDLC: return cisco_hdlc(w);
    case MS_L_DIRECTION_PPP: return direction(w, MS_L_PPP);
    case MS_L_DIRECTION_HDLC: return direction(w, MS_L_CISCO_HDLC);
    case MS_L_PPP: return ppp(w);
    case MS_L_PPPOE: return pppoe(w);
    case MS_L_MPLS: return mpls(w);
    default: return MS_L_END_OTHER;
    }
}
