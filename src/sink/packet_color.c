/* sink/packet_color.c - rows coloured after the rules that Wireshark comes with. Each colour sets letters and ground, so that a row can be read on
 * dark and on light terminals. */
#include "sink/packets.h"

#include "net/tcp.h"

/* As `tcp.analysis.flags && !tcp.analysis.window_update && !tcp.analysis.keep_alive && !tcp.analysis.keep_alive_ack`. */
static bool is_trouble(const struct ms_frame *f)
{
    const uint32_t harmless = MS_TA_WINDOW_UPDATE | MS_TA_KEEP_ALIVE | MS_TA_KEEP_ALIVE_ACK;
    return f->has_stream && f->stream.analysis && !(f->stream.analysis & harmless);
}

static const char *of_protocol(struct ms_bytes name)
{
    static const struct { const char *prefix, *color; } rows[] = {
        { "SMTP", "38;5;16;48;5;194" }, { "LMTP", "38;5;16;48;5;194" }, { "POP", "38;5;16;48;5;194" }, { "IMAP", "38;5;16;48;5;194" },
        { "IMF", "38;5;16;48;5;194" }, { "TLS", "38;5;16;48;5;189" }, { "SSL", "38;5;16;48;5;189" }, { "DNS", "38;5;16;48;5;195" },
        { "UDP", "38;5;16;48;5;195" }, { "ICMP", "38;5;16;48;5;225" }, { "ARP", "38;5;16;48;5;230" }, { "TCP", "38;5;16;48;5;189" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (ms_starts_nocase(name, ms_str(rows[i].prefix)))
            return rows[i].color;
    return NULL;
}

const char *ms_packet_color(const struct ms_frame *f, struct ms_bytes protocol)
{
    bool    tcp = f->decoded == MS_DECODED_TCP;
    uint8_t flags = tcp ? f->segment.flags : 0;
    if (is_trouble(f))
        return "38;5;16;48;5;210"; /* black on red */
    if (flags & MS_RST)
        return "38;5;229;48;5;124"; /* yellow on dark red */
    if (f->decoded == MS_DECODED_ICMP)
        return "38;5;155;48;5;235"; /* green on black */
    if (flags & (MS_SYN | MS_FIN))
        return "38;5;16;48;5;248"; /* grey */
    return of_protocol(protocol);
}
