/* check/performance.c - who was slow: server, client or network. Network time is subtracted before a party is blamed. */
#include "check/private.h"

static const int64_t SECOND = 1000000000;
enum { GREETING_S = 3, REPLY_S = 2, CLIENT_S = 5, ACCEPTANCE_S = 5, ROUND_TRIP_MS = 300, BULK_BYTES = 65536 };

static int64_t known(int64_t ns) { return ns == MS_UNKNOWN ? 0 : ns; }

/* Time the server took for this reply: without the round trip to it, and without what TCP lost. */
static int64_t service_time(const struct ms_session *s, const struct ms_exchange *x)
{
    if (x->sent == MS_UNKNOWN || x->replied == MS_UNKNOWN || x->code == 0)
        return 0;
    return x->replied - x->sent - known(s->rtt_server) - s->timing.stalled;
}

static void add(struct ms_watch **w, struct ms_fact f, int64_t duration, const struct ms_exchange *x)
{
    f.duration = duration;
    f.command = x->command;
    ms_fact_frame(&f, x->frame);
    ms_fact_frame(&f, x->reply_frame);
    ms_fact_add(ms_watch_of(w), &f);
}

static void check_reply(struct ms_watch **w, struct ms_session *s, const struct ms_exchange *x)
{
    int64_t took = service_time(s, x);
    bool    refused_login = x->stage == MS_STAGE_AUTH && x->code != 235 && x->code != MS_RESULT_POP_OK && x->code != MS_RESULT_OK;
    if (x->flags & MS_EXCHANGE_DATA_END) {
        if (took >= ACCEPTANCE_S * SECOND) {
            struct ms_fact f = ms_fact_of(MS_RULE_SLOW_ACCEPTANCE);
            f.code = (uint16_t)x->code;
            add(w, f, took, x);
        }
        return;
    }
    if (x->flags & (MS_EXCHANGE_IDLE | MS_EXCHANGE_GREETING | MS_EXCHANGE_NO_COMMAND | MS_EXCHANGE_GAP) || refused_login)
        return; /* a refused login is slow on purpose */
    if (took < REPLY_S * SECOND || x->data > BULK_BYTES)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_SLOW_SERVER);
    f.detail = ms_watch_text(ms_watch_of(w), "%.1f ms", (double)known(s->rtt) / 1e6);
    add(w, f, took, x);
}

/* SMTP clients are programs; people sit behind POP3 and IMAP ones. */
static void check_client(struct ms_watch **w, struct ms_session *s, const struct ms_exchange *x)
{
    if (!*w || (*w)->last_reply == MS_UNKNOWN || x->sent == MS_UNKNOWN || s->protocol == MS_PROTO_IMAP || s->protocol == MS_PROTO_POP3)
        return;
    int64_t waited = x->sent - (*w)->last_reply - known(s->rtt) - s->timing.stalled;
    if (waited < CLIENT_S * SECOND || x->flags & (MS_EXCHANGE_DATA_END | MS_EXCHANGE_GREETING))
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_SLOW_CLIENT);
    ms_fact_frame(&f, (*w)->last_reply_frame);
    add(w, f, waited, x);
}

void ms_check_performance_exchange(struct ms_watch **w, struct ms_session *s, const struct ms_exchange *x)
{
    check_reply(w, s, x);
    check_client(w, s, x);
}

static void check_greeting(struct ms_watch **w, struct ms_session *s)
{
    int64_t took = known(s->timing.greeting);
    if (took - s->timing.stalled < GREETING_S * SECOND)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_SLOW_GREETING);
    f.duration = took;
    ms_fact_frame(&f, s->first_frame);
    ms_fact_frame(&f, ms_watch_of(w)->greeting_frame);
    ms_fact_add(*w, &f);
}

/* A pause beyond the limit idle_seconds is a wrong clock, or two captures in one, and not the network's. */
static void check_network(struct ms_watch **w, struct ms_session *s)
{
    int64_t whole = s->ended - s->started - s->timing.jumps, lost = s->timing.network + s->timing.stalled - s->timing.jumps;
    bool    far = known(s->rtt) >= ROUND_TRIP_MS * (SECOND / 1000);
    bool    mostly = whole >= 3 * SECOND && lost > whole / 2 && s->bytes[0] + s->bytes[1];
    if (!far && !mostly)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_SLOW_NETWORK);
    f.duration = lost;
    f.detail = s->rtt == MS_UNKNOWN
        ? ms_watch_text(ms_watch_of(w), "%.1f of %.1f s", (double)lost / 1e9, (double)whole / 1e9)
        : ms_watch_text(ms_watch_of(w), "round trip %.0f ms, %.1f of %.1f s in the network or stalled", (double)s->rtt / 1e6,
                        (double)lost / 1e9, (double)whole / 1e9);
    ms_fact_frame(&f, s->first_frame);
    for (int d = 0; d < 2; d++)
        for (int i = 0; s->tcp[d] && i < MS_TCP_FRAMES; i++)
            ms_fact_frame(&f, s->tcp[d]->frames[MS_TCP_RETRANSMISSION][i]);
    ms_fact_frame(&f, s->last_frame);
    ms_fact_add(*w, &f);
}

void ms_check_performance_session(struct ms_watch **w, struct ms_session *s)
{
    check_greeting(w, s);
    check_network(w, s);
}
