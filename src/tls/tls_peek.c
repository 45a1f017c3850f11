/* tls/tls_peek.c - a look at the begin of a stream, without a filter. See tls/tls.h.
 *
 * BUGS     a key log that grows is asked when the hello comes: on an odd port its later lines open nothing. To wait for them would hold up the records
 *          of mail behind every other connection inside of TLS.                                              */
#include "base/secret.h"
#include "tls/hello.h"
#include "tls/tls_private.h"

enum { MESSAGE_HEADER = 4 };

int ms_tls_begins(struct ms_bytes stream)
{
    if (stream.n == 0)
        return -1;
    if (stream.p[0] & 0x80)
        return stream.n < MS_TLS_HEADER ? -1 : ms_tls_ssl2_size(stream) != 0;
    if (stream.p[0] != MS_TLS_HANDSHAKE && stream.p[0] != MS_TLS_ALERT)
        return 0;
    if (!ms_tls_header_fits(ms_head(stream, MS_TLS_HEADER)))
        return 0;
    if (stream.n <= MS_TLS_HEADER)
        return -1;
    uint8_t first = stream.p[MS_TLS_HEADER];
    if (stream.p[0] == MS_TLS_ALERT)
        return ms_be16(stream.p + 3) == 2 && (first == 1 || first == 2);
    return first == MS_HS_CLIENT_HELLO || first == MS_HS_SERVER_HELLO || first == MS_HS_HELLO_REQUEST;
}

/* The client hello at the begin of the stream, in one record (nobody cuts it without need); empty: none, or not whole. */
static struct ms_bytes client_hello(struct ms_bytes stream)
{
    struct ms_bytes none = { NULL, 0 };
    if (stream.n < MS_TLS_HEADER + MESSAGE_HEADER || stream.p[0] != MS_TLS_HANDSHAKE || ms_tls_begins(stream) != 1)
        return none;
    struct ms_bytes message = ms_slice(stream, MS_TLS_HEADER, ms_be16(stream.p + 3));
    if (message.n < MESSAGE_HEADER || message.p[0] != MS_HS_CLIENT_HELLO)
        return none;
    size_t n = ms_be32(message.p) & 0xffffff;
    return message.n - MESSAGE_HEADER >= n ? ms_slice(message, MESSAGE_HEADER, n) : none;
}

int ms_tls_server_name(struct ms_bytes stream, struct ms_bytes *name)
{
    struct ms_tls_hello h;
    struct ms_bytes     body = client_hello(stream);
    int                 begins = ms_tls_begins(stream);
    if (begins < 1 || body.n == 0)
        return begins < 1 ? begins : -1;
    *name = ms_tls_hello_client(&h, body) ? h.server_name : (struct ms_bytes){ NULL, 0 };
    return 1;
}

/* A session of it may be resumed whose secret is known. */
static bool is_remembered(const struct ms_tls_resume *resume, const struct ms_tls_hello *h)
{
    uint8_t master[48];
    bool    found = resume && (ms_tls_resume_get(resume, MS_RESUME_ID, h->session_id, master) || ms_tls_resume_get(resume, MS_RESUME_TICKET, h->ticket, master));
    ms_secret_wipe(master, sizeof master);
    return found;
}

int ms_tls_may_open(const struct ms_tls_context *x, struct ms_bytes client)
{
    bool logged = x->keylog && ms_keylog_count(x->keylog), by_server = ms_private_keys_count(x->private_keys) > 0 || (logged && ms_keylog_by_server(x->keylog));
    if (!logged && !by_server)
        return 0;
    int begins = ms_tls_begins(client);
    if (begins != 1)
        return begins;
    struct ms_tls_hello h;
    struct ms_bytes     body = client_hello(client);
    if (body.n == 0 || !ms_tls_hello_client(&h, body))
        return client.p[0] & 0x80 ? by_server : -1; /* SSL 2.0's has no client random to look up */
    return by_server || ms_keylog_knows(x->keylog, h.random) || is_remembered(x->resume, &h);
}

bool ms_tls_is_blind(const struct ms_tls *t)
{
    return !t->setup && !t->queue.n && t->side[0].stage == MS_SIDE_BLIND && t->side[1].stage == MS_SIDE_BLIND;
}
