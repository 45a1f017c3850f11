/* proto/foreign.c - other protocols, by the first bytes of the client. */
#include "proto/proto.h"

static const struct { const char *begin; const char *name; } words[] = {
    { "GET /", "HTTP" },          { "POST /", "HTTP" },        { "HEAD /", "HTTP" },        { "PUT /", "HTTP" },
    { "OPTIONS /", "HTTP" },      { "OPTIONS * ", "HTTP" },    { "CONNECT ", "HTTP" },      { "PRI * HTTP/2", "HTTP/2" },
    { "OPTIONS sip:", "SIP" },    { "REGISTER sip:", "SIP" },  { "INVITE sip:", "SIP" },    { "OPTIONS rtsp:", "RTSP" },
    { "DESCRIBE rtsp:", "RTSP" }, { "SSH-", "SSH" },           { "RFB 00", "VNC" },         { "\x13" "BitTorrent", "BitTorrent" },
    { "JRMI", "Java RMI" },
};

/* SOCKS 5: version, count, methods (RFC 1928 3); SOCKS 4: version, CONNECT or BIND, port, address. So many bytes tell it; 0: it is none. */
static size_t socks(struct ms_bytes b)
{
    if (ms_at(b, 0) == 5 && b.n >= 3 && b.p[1] && b.n == (size_t)b.p[1] + 2)
        return b.n;
    return ms_at(b, 0) == 4 && b.n >= 9 && (b.p[1] == 1 || b.p[1] == 2) ? 2 : 0;
}

struct ms_foreign ms_foreign(struct ms_bytes opening)
{
    enum { TPKT = 6, SMB = 8 };
    struct ms_bytes b = opening;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i].begin);
        if (b.n >= n && memcmp(b.p, words[i].begin, n) == 0)
            return (struct ms_foreign){ words[i].name, n };
    }
    if (b.n >= TPKT && memcmp(b.p, "\3\0\0", 3) == 0 && b.p[5] == 0xe0) /* X.224 connection request (RFC 1006, MS-RDPBCGR 2.2.1.1) */
        return (struct ms_foreign){ "RDP", TPKT };
    if (b.n >= SMB && b.p[0] == 0 && (memcmp(b.p + 4, "\xffSMB", 4) == 0 || memcmp(b.p + 4, "\xfeSMB", 4) == 0))
        return (struct ms_foreign){ "SMB", SMB };
    size_t n = socks(b);
    return (struct ms_foreign){ n ? "SOCKS" : NULL, n };
}
