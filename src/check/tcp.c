/* check/tcp.c - retransmissions, windows, order, path MTU: what TCP says about the network and the hosts. */
#include "base/text.h"
#include "check/private.h"

static const int64_t SECOND = 1000000000;
static const int64_t TWICE_NS = 1000000; /* no sender repeats itself within a millisecond */
enum { FULL_SIZE = 1000 }; /* bytes of payload: no path takes less than this by nature (IPv6: 1280 minus headers) */

static uint64_t sum(const struct ms_session *s, enum ms_tcp_kind kind)
{
    uint64_t n = 0;
    for (int d = 0; d < 2; d++)
        n += s->tcp[d] ? s->tcp[d]->count[kind] : 0;
    return n;
}

static struct ms_fact fact(const struct ms_session *s, enum ms_rule rule, enum ms_tcp_kind kind)
{
    struct ms_fact f = ms_fact_of(rule);
    f.count = sum(s, kind);
    f.total = (uint64_t)s->segments[0] + s->segments[1];
    for (int d = 0; d < 2; d++)
        for (int i = 0; s->tcp[d] && i < MS_TCP_FRAMES; i++)
            ms_fact_frame(&f, s->tcp[d]->frames[kind][i]);
    return f;
}

static uint64_t of_side(const struct ms_session *s, enum ms_dir d, enum ms_tcp_kind kind)
{
    return s->tcp[d] ? s->tcp[d]->count[kind] : 0;
}

static int64_t lost_time(const struct ms_session *s)
{
    return (s->tcp[0] ? s->tcp[0]->lost_time : 0) + (s->tcp[1] ? s->tcp[1]->lost_time : 0);
}

static void check_retransmissions(struct ms_watch **w, struct ms_session *s)
{
    struct ms_fact f = fact(s, MS_RULE_TCP_RETRANSMISSIONS, MS_TCP_RETRANSMISSION);
    if (f.count < 3)
        return;
    f.duration = lost_time(s);
    bool twice = f.duration < (int64_t)f.count * TWICE_NS && sum(s, MS_TCP_FAST_RETRANSMISSION) == 0;
    if ((f.count >= 5 && f.count * 20 > f.total && !twice) || f.duration > SECOND)
        f.severity = MS_SEVERITY_WARNING;
    if (twice)
        f.cause = MS_LIT("They follow the first copy at once: rather than the network having lost them, the capture may hold packets twice "
                         "(two interfaces, a mirror of both directions), or its times are not real.");
    f.detail = ms_watch_text(ms_watch_of(w), "%llu from the client, %llu from the server (%llu fast, %llu spurious)",
                             (unsigned long long)of_side(s, MS_C2S, MS_TCP_RETRANSMISSION),
                             (unsigned long long)of_side(s, MS_S2C, MS_TCP_RETRANSMISSION),
                             (unsigned long long)sum(s, MS_TCP_FAST_RETRANSMISSION),
                             (unsigned long long)sum(s, MS_TCP_SPURIOUS_RETRANSMISSION));
    ms_fact_add(*w, &f);
}

static void check_zero_window(struct ms_watch **w, struct ms_session *s)
{
    struct ms_fact f = fact(s, MS_RULE_TCP_ZERO_WINDOW, MS_TCP_ZERO_WINDOW);
    if (f.count == 0)
        return;
    bool server = of_side(s, MS_S2C, MS_TCP_ZERO_WINDOW) >= of_side(s, MS_C2S, MS_TCP_ZERO_WINDOW);
    f.duration = s->tcp[server ? MS_S2C : MS_C2S]->zero_window;
    if (f.duration >= SECOND)
        f.severity = MS_SEVERITY_WARNING;
    f.detail = server ? MS_LIT("The server") : MS_LIT("The client");
    ms_fact_add(ms_watch_of(w), &f);
}

static void check_rest(struct ms_watch **w, struct ms_session *s)
{
    struct ms_fact full = fact(s, MS_RULE_TCP_WINDOW_FULL, MS_TCP_WINDOW_FULL);
    struct ms_fact order = fact(s, MS_RULE_TCP_OUT_OF_ORDER, MS_TCP_OUT_OF_ORDER);
    struct ms_fact loss = fact(s, MS_RULE_TCP_CAPTURE_LOSS, MS_TCP_ACKED_UNSEEN);
    if (full.count >= 3)
        ms_fact_add(ms_watch_of(w), &full);
    if (order.count >= 3 && order.count * 100 > order.total)
        ms_fact_add(ms_watch_of(w), &order);
    if (loss.count == 0 || s->flags & MS_SESSION_ONE_WAY)
        return;
    loss.detail = ms_watch_text(ms_watch_of(w), "%llu acknowledgements are for bytes that are not in the capture, %llu bytes are missing",
                                (unsigned long long)loss.count, (unsigned long long)s->gap_bytes);
    ms_fact_add(*w, &loss);
}

/* Was the sender told, or is it that nobody tells it? */
static void cite_icmp(struct ms_watch *w, const struct ms_session *s, struct ms_fact *f)
{
    const struct ms_obstacle *o = s->obstacle;
    bool told = o && o->frame && (o->ip_version == 6 ? o->type == 2 : o->type == 3 && o->code == 4);
    if (!told) {
        f->cause = MS_LIT("A link on the way takes only smaller packets, and the ICMP \"fragmentation needed\" (IPv6: \"packet too big\") that would "
                          "say so is filtered.");
        return;
    }
    struct ms_buffer from = { 0 };
    ms_text_address(&from, o->from);
    f->cause = o->mtu
        ? ms_watch_text(w, "%.*s on the way said by ICMP that packets over %u bytes do not pass, and yet the sender went on with the same size: the "
                           "message does not reach it, or it does not heed it.", (int)from.n, (const char *)from.p, o->mtu)
        : ms_watch_text(w, "%.*s on the way said by ICMP that the packets are too large, without saying how large they may be, and the sender went on "
                           "with the same size.", (int)from.n, (const char *)from.p);
    f->advice = o->mtu ? ms_watch_text(w, "Set the MTU of the sender's route to %u, or the MSS to %u.", o->mtu, o->mtu - (o->ip_version == 6 ? 60u : 40u))
                       : MS_LIT("Lower the MTU of the sender's route (1400 is a good try).");
    ms_fact_frame(f, o->frame);
    ms_buffer_finish(&from);
}

static void check_path_mtu(struct ms_watch **w, struct ms_session *s)
{
    for (int d = 0; d < 2; d++) {
        const struct ms_tcp_trouble *t = s->tcp[d];
        if (!t || t->stuck.tries < 4 || t->stuck.acked || t->stuck.length < FULL_SIZE)
            continue;
        if (t->largest_acked == 0 || t->largest_acked >= t->stuck.length)
            continue; /* no small one passed, or one as large did */
        struct ms_fact f = ms_fact_of(MS_RULE_PATH_MTU_STALL);
        f.count = t->stuck.tries;
        f.size = t->stuck.length;
        f.duration = t->stuck.until - t->stuck.since;
        f.detail = d == MS_C2S ? MS_LIT("client to server") : MS_LIT("server to client");
        for (int i = 0; i < MS_TCP_FRAMES; i++)
            ms_fact_frame(&f, t->stuck.frames[i]);
        cite_icmp(ms_watch_of(w), s, &f);
        ms_fact_add(*w, &f);
    }
}

void ms_check_tcp(struct ms_watch **w, struct ms_session *s)
{
    if (!s->tcp[0] && !s->tcp[1])
        return;
    check_retransmissions(w, s);
    check_zero_window(w, s);
    check_rest(w, s);
    check_path_mtu(w, s);
}
