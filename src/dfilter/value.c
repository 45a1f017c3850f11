#include "dfilter/field.h"
#include "base/text.h"

static void unsigned_text(struct ms_buffer *out, const struct ms_field *f, uint64_t v)
{
    int digits = f->bits ? (f->bits + 3) / 4 : 8;
    if (f->base == MS_FB_HEX)
        ms_text_format(out, "0x%0*llx", digits, (unsigned long long)v);
    else if (f->base == MS_FB_OCT)
        ms_text_format(out, "0%llo", (unsigned long long)v);
    else
        ms_text_u64(out, v);
}

static void ether_text(struct ms_buffer *out, const uint8_t e[6])
{
    ms_text_format(out, "%02x:%02x:%02x:%02x:%02x:%02x", e[0], e[1], e[2], e[3], e[4], e[5]);
}

static void ipv6_text(struct ms_buffer *out, const uint8_t ip[16])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    if (memcmp(ip, mapped, 12) == 0)
        ms_text_str(out, "::ffff:");
    ms_text_address(out, ip);
}

static void duration_text(struct ms_buffer *out, int64_t ns)
{
    uint64_t v = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    ms_text_format(out, "%s%llu.%09llu", ns < 0 ? "-" : "", (unsigned long long)(v / 1000000000), (unsigned long long)(v % 1000000000));
}

void ms_value_text(struct ms_buffer *out, const struct ms_field *f, const struct ms_value *v)
{
    switch (f->type) {
    case MS_FT_BOOLEAN: ms_text_str(out, v->u ? "1" : "0"); break;
    case MS_FT_UINT: case MS_FT_FRAME: unsigned_text(out, f, v->u); break;
    case MS_FT_INT: ms_text_format(out, "%lld", (long long)v->i); break;
    case MS_FT_DOUBLE: ms_text_format(out, "%.15g", v->d); break;
    case MS_FT_STRING: ms_text_add(out, v->bytes); break;
    case MS_FT_BYTES: case MS_FT_PROTOCOL: ms_text_hex(out, v->bytes); break;
    case MS_FT_ETHER: ether_text(out, v->ether); break;
    case MS_FT_IPV6: ipv6_text(out, v->ip); break;
    case MS_FT_IPV4: case MS_FT_IP: ms_text_address(out, v->ip); break;
    case MS_FT_TIME: ms_text_time(out, v->i, 9); break;
    case MS_FT_DURATION: duration_text(out, v->i); break;
    default: break;
    }
}
