/* sink/ladder_tcp.c - what segments add to a ladder: steps of the connection, pauses, marks, bytes that nobody could read.               */
#include "sink/ladder_private.h"

#include "net/tcp.h"

static const char *waited_for(const struct ms_timing *now, const struct ms_timing *before)
{
    const int64_t shares[] = { now->server - before->server, now->client - before->client, now->network - before->network,
                               now->stalled - before->stalled };
    static const char *const words[] = { "waiting for the server", "waiting for the client", "on the network", "stalled" };
    size_t most = 0;
    for (size_t i = 1; i < sizeof shares / sizeof *shares; i++)
        most = shares[i] > shares[most] ? i : most;
    return words[most];
}

static void note_pause(struct ms_ladder *l, const struct ms_session *s, const struct ms_seen_segment *seen)
{
    int64_t pause;
    bool    known = l->last_time != MS_UNKNOWN && !__builtin_sub_overflow(seen->time, l->last_time, &pause);
    if (known && pause >= MS_LADDER_PAUSE) {
        l->text.n = 0;
        ms_text_seconds(&l->text, pause, 6);
        ms_text_format(&l->text, " s, %s", waited_for(&s->timing, &l->timing));
        ladder_put(l, (struct ladder_row){ .frame = seen->frame, .time = seen->time, .kind = LADDER_PAUSE, .tone = LADDER_DIM, .rank = RANK_PAUSE }, false);
    }
    l->timing = s->timing;
    l->last_time = seen->time;
    l->last_frame = seen->frame;
}

static void step(struct ms_ladder *l, const struct ms_seen_segment *seen, const char *words, enum ladder_tone tone)
{
    bool again = seen->analysis & (MS_TA_RETRANSMISSION | MS_TA_FAST_RETRANSMISSION | MS_TA_SPURIOUS_RETRANSMISSION);
    bool end = seen->segment->flags & (MS_FIN | MS_RST);
    ladder_say(l, words);
    ms_text_str(&l->text, again ? ", again" : "");
    ladder_put(l, (struct ladder_row){ .frame = seen->frame, .time = seen->time, .kind = LADDER_ARROW, .dir = (uint8_t)seen->dir,
                                .tone = (uint8_t)(again ? LADDER_TROUBLE : tone), .rank = (uint8_t)(end ? RANK_END : RANK_BELOW) }, end);
}

/* The beginning and the end of the connection; true: the segment has its arrow. */
static bool note_steps(struct ms_ladder *l, const struct ms_session *s, const struct ms_seen_segment *seen)
{
    unsigned flags = seen->segment->flags;
    bool     client = seen->dir == MS_C2S, before = l->ended[seen->dir] || l->reset[seen->dir];
    if (flags & MS_SYN) {
        step(l, seen, flags & MS_ACK ? "SYN, ACK" : "SYN", LADDER_OF_SIDE);
    } else if (client && !l->shook && s->flags & MS_SESSION_SYN_ACK && flags & MS_ACK && !(flags & MS_RST)) {
        l->shook = true;
        if (seen->segment->payload_length == 0 && !(flags & MS_FIN))
            step(l, seen, "ACK", LADDER_OF_SIDE);
    }
    if (flags & MS_RST && !l->reset[seen->dir])
        step(l, seen, client ? "RST: the client resets" : "RST: the server resets", LADDER_BAD);
    else if (flags & MS_FIN && !l->ended[seen->dir])
        step(l, seen, client ? "FIN: the client closes" : "FIN: the server closes", LADDER_OF_SIDE);
    l->reset[seen->dir] |= flags & MS_RST;
    l->ended[seen->dir] |= flags & MS_FIN;
    return flags & MS_SYN || (flags & (MS_FIN | MS_RST) && !before);
}

static void mark(struct ms_ladder *l, const struct ms_seen_segment *seen, enum ladder_what what, uint64_t amount)
{
    l->text.n = 0;
    ladder_put(l, (struct ladder_row){ .frame = seen->frame, .time = seen->time, .kind = LADDER_TCP, .what = (uint8_t)what, .amount = amount,
                                .dir = (uint8_t)seen->dir, .tone = LADDER_TROUBLE, .rank = RANK_BELOW }, false);
}

static void note_analysis(struct ms_ladder *l, const struct ms_seen_segment *seen, bool said)
{
    static const struct { uint32_t bit; enum ladder_what what; } rows[] = {
        { MS_TA_FAST_RETRANSMISSION, TCP_FAST }, { MS_TA_SPURIOUS_RETRANSMISSION, TCP_SPURIOUS }, { MS_TA_RETRANSMISSION, TCP_AGAIN },
        { MS_TA_OUT_OF_ORDER, TCP_OUT_OF_ORDER }, { MS_TA_ZERO_WINDOW_PROBE, TCP_PROBE }, { MS_TA_KEEP_ALIVE, TCP_KEEP_ALIVE },
        { MS_TA_WINDOW_FULL, TCP_FULL },
    };
    for (size_t i = 0; !said && i < sizeof rows / sizeof *rows; i++) {
        if (!(seen->analysis & rows[i].bit))
            continue;
        mark(l, seen, rows[i].what, seen->segment->payload_length);
        said = true;
    }
    int64_t *since = &l->zero_since[seen->dir];
    if (seen->analysis & MS_TA_ZERO_WINDOW && *since == MS_UNKNOWN) {
        mark(l, seen, TCP_ZERO, 0);
        *since = seen->time;
    } else if (*since != MS_UNKNOWN && seen->segment->window && !(seen->segment->flags & MS_RST)) {
        mark(l, seen, TCP_REOPENED, seen->time > *since ? (uint64_t)(seen->time - *since) : 0);
        *since = MS_UNKNOWN;
    }
}

/* ---- what nobody could read ------------------------------------------------------------------------------------ */

void ladder_end_run(struct ms_ladder *l)
{
    const struct ladder_run *r = &l->run;
    if (r->bytes == 0)
        return;
    ladder_say(l, r->tls ? "encrypted: " : "not understood: ");
    ms_text_size(&l->text, r->bytes);
    ladder_add_duration(l, r->since, r->until);
    ladder_put(l, (struct ladder_row){ .frame = r->frame, .time = r->since, .kind = r->tls ? LADDER_ENCRYPTED : LADDER_THICK, .dir = (uint8_t)l->run_dir,
                                .rank = RANK_WORDS }, false);
    l->run.bytes = 0;
}

static void note_unread(struct ms_ladder *l, const struct ms_session *s, const struct ms_seen_segment *seen)
{
    bool     tls = s->tls && s->flags & MS_SESSION_ENCRYPTED, opaque = s->flags & MS_SESSION_OPAQUE;
    uint64_t all = tls ? s->tls->protected_bytes[seen->dir] : opaque ? s->bytes[seen->dir] : 0;
    uint64_t more = all > l->unread[seen->dir] ? all - l->unread[seen->dir] : 0;
    l->unread[seen->dir] = all;
    if (more == 0)
        return;
    if (l->run_dir != seen->dir)
        ladder_end_run(l);
    if (l->run.bytes == 0)
        l->run = (struct ladder_run){ .frame = seen->frame, .since = seen->time, .tls = tls };
    l->run_dir = seen->dir;
    l->run.bytes += more;
    l->run.until = seen->time;
}

void ladder_note_missing(struct ms_ladder *l, const struct ms_session *s, uint64_t frame, int64_t time)
{
    if (s->gap_bytes <= l->gap_bytes)
        return;
    l->text.n = 0;
    ms_text_format(&l->text, "%llu bytes missing from the capture", (unsigned long long)(s->gap_bytes - l->gap_bytes));
    ladder_remark(l, frame, time, RANK_BELOW);
    l->gap_bytes = s->gap_bytes;
}

void ladder_segment(void *ctx, const struct ms_session *s, const struct ms_seen_segment *seen)
{
    struct ms_ladder *l = ctx;
    ladder_check_sides(l, s);
    note_pause(l, s, seen);
    bool said = note_steps(l, s, seen);
    ladder_note_missing(l, s, seen->frame, seen->time);
    note_analysis(l, seen, said);
    note_unread(l, s, seen);
    if (s->tls && s->tls->certificate_frame == seen->frame)
        l->certificate_time = seen->time;
}

