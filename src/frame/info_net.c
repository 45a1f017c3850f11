/* The lines of frames with ICMP, ARP and fragments. */
#include "frame/frame.h"

#include "base/text.h"
#include "frame/numbers.h"

/* ---- ICMP ------------------------------------------------------------------------------------------------------------------ */

static const char *unreachable(unsigned code)
{
    static const char *const words[] = { "Network unreachable", "Host unreachable", "Protocol unreachable", "Port unreachable", "Fragmentation needed",
                                         "Source route failed", "Network unknown", "Host unknown", "Source host isolated",
                                         "Network administratively prohibited", "Host administratively prohibited",
                                         "Network unreachable for TOS", "Host unreachable for TOS", "Communication administratively filtered",
                                         "Host precedence violation", "Precedence cutoff in effect" };
    return code < sizeof words / sizeof *words ? words[code] : "Unknown code";
}

static const char *unreachable6(unsigned code)
{
    static const char *const words[] = { "no route to destination", "Administratively prohibited", "Beyond scope of source address", "Address unreachable",
                                         "Port unreachable", "Source address failed ingress/egress policy", "Reject route to destination" };
    return code < sizeof words / sizeof *words ? words[code] : "Unknown code";
}

static void put_echo(const struct ms_frame *f, struct ms_bytes b, const struct ms_layer_at *ip, struct ms_buffer *t)
{
    bool v6 = ip->kind == MS_L_IPV6, request = b.p[0] == 8 || b.p[0] == 128;
    if (b.n < 8)
        return;
    unsigned ttl = ms_at(ms_frame_bytes(f, ip), v6 ? 7 : 8);
    if (v6)
        ms_text_format(t, "Echo (ping) %s id=0x%04x, seq=%u, hop limit=%u", request ? "request" : "reply", ms_be16(b.p + 4), ms_be16(b.p + 6), ttl);
    else
        ms_text_format(t, "Echo (ping) %s id=0x%04x, seq=%u/%u, ttl=%u", request ? "request " : "reply   ", ms_be16(b.p + 4), ms_be16(b.p + 6),
                       ms_le16(b.p + 6), ttl);
    if (f->ping.request)
        ms_text_format(t, " (request in %llu)", (unsigned long long)f->ping.request);
}

static void put_icmp(const struct ms_frame *f, struct ms_bytes b, const struct ms_layer_at *ip, struct ms_buffer *t)
{
    uint8_t code = ms_at(b, 1);
    switch (b.p[0]) {
    case 0: case 8: put_echo(f, b, ip, t); break;
    case 3: ms_text_format(t, "Destination unreachable (%s)", unreachable(code)); break;
    case 4: ms_text_str(t, "Source quench (flow control)"); break;
    case 5: ms_text_format(t, "Redirect                (Redirect for %s)", code == 0 ? "network" : code == 1 ? "host" : code == 2 ? "TOS and network" : "TOS and host"); break;
    case 11: ms_text_format(t, "Time-to-live exceeded (%s)", code ? "Fragment reassembly time exceeded" : "Time to live exceeded in transit"); break;
    case 12: ms_text_str(t, "Parameter problem"); break;
    case 13: ms_text_str(t, "Timestamp request"); break;
    case 14: ms_text_str(t, "Timestamp reply"); break;
    default: ms_text_format(t, "Type %u, code %u", b.p[0], code); break;
    }
}

static void put_target(struct ms_bytes b, const char *words, struct ms_buffer *t)
{
    ms_text_str(t, words);
    if (b.n < 24)
        return;
    const uint8_t *option = b.n >= 32 && b.p[24] >= 1 && b.p[24] <= 2 && b.p[25] == 1 ? b.p + 26 : NULL;
    ms_text_address(t, b.p + 8);
    for (int i = 0; option && i < 6; i++)
        ms_text_format(t, "%s%02x", i ? ":" : b.p[0] == 135 ? " from " : " is at ", option[i]);
}

static void put_icmpv6(const struct ms_frame *f, struct ms_bytes b, const struct ms_layer_at *ip, struct ms_buffer *t)
{
    uint8_t code = ms_at(b, 1);
    switch (b.p[0]) {
    case 1: ms_text_format(t, "Destination Unreachable (%s)", unreachable6(code)); break;
    case 2: ms_text_str(t, "Packet Too Big"); break;
    case 3: ms_text_format(t, "Time Exceeded (%s)", code ? "fragment reassembly time exceeded" : "hop limit exceeded in transit"); break;
    case 4: ms_text_str(t, "Parameter Problem"); break;
    case 128: case 129: put_echo(f, b, ip, t); break;
    case 130: ms_text_str(t, "Multicast Listener Query"); break;
    case 131: ms_text_str(t, "Multicast Listener Report"); break;
    case 132: ms_text_str(t, "Multicast Listener Done"); break;
    case 133: ms_text_str(t, "Router Solicitation"); break;
    case 134: ms_text_str(t, "Router Advertisement"); break;
    case 135: put_target(b, "Neighbor Solicitation for ", t); break;
    case 136: put_target(b, "Neighbor Advertisement ", t); break;
    case 137: ms_text_str(t, "Redirect"); break;
    case 143: ms_text_str(t, "Multicast Listener Report Message v2"); break;
    default: ms_text_format(t, "Type %u, code %u", b.p[0], code); break;
    }
}

static bool info_icmp(const struct ms_frame *f, struct ms_frame_line *out)
{
    const struct ms_layers *layers = ms_frame_layers(f);
    const struct ms_layer_at *ip = NULL;
    for (size_t i = 0; i < layers->quoted; i++) {
        const struct ms_layer_at *l = &layers->layer[i];
        if (l->kind == MS_L_IPV4 || l->kind == MS_L_IPV6)
            ip = l;
        if (l->kind != MS_L_ICMP || l->captured == 0 || !ip)
            continue;
        struct ms_bytes b = ms_frame_bytes(f, l);
        ms_text_str(&out->protocol, l->protocol == 58 ? "ICMPv6" : "ICMP");
        if (l->protocol == 58)
            put_icmpv6(f, b, ip, &out->info);
        else
            put_icmp(f, b, ip, &out->info);
        return true;
    }
    return false;
}

/* ---- ARP, fragments ------------------------------------------------------------------------------------------------------------ */

static void put_ipv4(const uint8_t *p, struct ms_buffer *t) { ms_text_format(t, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]); }

static bool info_arp(const struct ms_frame *f, struct ms_frame_line *out)
{
    struct ms_bytes   b = ms_frame_arp(f);
    struct ms_buffer *t = &out->info;
    if (b.n == 0)
        return false;
    ms_text_str(&out->protocol, "ARP");
    unsigned opcode = ms_be16(b.p + 6);
    if (!ms_arp_is_ipv4(b) || opcode < 1 || opcode > 2) {
        ms_text_format(t, "Opcode %u", opcode);
        return true;
    }
    bool same = memcmp(b.p + 14, b.p + 24, 4) == 0;
    if (opcode == 1) {
        ms_text_str(t, same ? "ARP Announcement for " : "Who has ");
        put_ipv4(b.p + 24, t);
        if (!same) {
            ms_text_str(t, memcmp(b.p + 14, "\0\0\0\0", 4) == 0 ? "? (ARP Probe)" : "? Tell ");
            if (memcmp(b.p + 14, "\0\0\0\0", 4) != 0)
                put_ipv4(b.p + 14, t);
        }
        return true;
    }
    ms_text_str(t, same ? "Gratuitous ARP for " : "");
    put_ipv4(b.p + 14, t);
    ms_text_str(t, same ? " (Reply)" : " is at ");
    for (int i = 0; !same && i < 6; i++)
        ms_text_format(t, "%s%02x", i ? ":" : "", b.p[8 + i]);
    return true;
}

static const char *protocol_name(unsigned protocol)
{
    switch (protocol) {
    case 1: return "ICMP";
    case 6: return "TCP";
    case 17: return "UDP";
    case 47: return "Generic Routing Encapsulation";
    case 58: return "IPv6-ICMP";
    default: return "Unknown";
    }
}

static bool info_fragment(const struct ms_frame *f, struct ms_frame_line *out)
{
    const struct ms_layers *layers = ms_frame_layers(f);
    if (layers->end != MS_L_KEPT || layers->count == 0)
        return false;
    const struct ms_layer_at *l = &layers->layer[layers->count - 1];
    struct ms_bytes           b = ms_frame_bytes(f, l);
    if (l->kind == MS_L_IPV4 && b.n >= 20) {
        ms_text_str(&out->protocol, "IPv4");
        ms_text_format(&out->info, "Fragmented IP protocol (proto=%s %u, off=%u, ID=%04x)", protocol_name(b.p[9]), b.p[9],
                       (ms_be16(b.p + 6) & 0x1fffu) * 8, ms_be16(b.p + 4));
        return true;
    }
    if (l->kind != MS_L_PROTOCOL || b.n < 8)
        return false;
    ms_text_str(&out->protocol, "IPv6");
    ms_text_format(&out->info, "IPv6 fragment (off=%u more=%c ident=0x%08x nxt=%u)", ms_be16(b.p + 2) & 0xfff8u, b.p[3] & 1 ? 'y' : 'n',
                   ms_be32(b.p + 4), b.p[0]);
    return true;
}

bool ms_info_net(const struct ms_frame *f, struct ms_frame_line *out)
{
    return info_icmp(f, out) || info_arp(f, out) || info_fragment(f, out);
}
