/* tests/support/tcp_script.h - a connection written as a line of words, and what came of it as another.
 *
 * Words    "CSA:7,9,data" is a segment of the client (S: server) with the flags S F R P A U, seq 7, ack 9 and payload "data";
 *          a fourth number is its length on the wire. "C=0" sets the window that side advertises from here on, "C/7" the window
 *          scale its next SYN offers, "+20" lets 20 ms more pass; each segment comes 1 ms after the one before. "." ends the
 *          connection.
 * Trace    "C0=data@3": bytes at offset 0 carried by frame 3. "C4-10@5": a gap of 10 bytes at offset 4.          */
#pragma once
#include "net/tcp.h"

#include <stdio.h>
#include <stdlib.h>

struct tcp_script {
    struct ms_tcp       t;
    struct ms_tcp_pool *pool;
    uint32_t            shift; /* added to every sequence number */
    uint64_t            frame;
    int64_t             time, rtt;
    uint32_t            bits;  /* of the last segment */
    int                 window[2], scale[2];
    size_t              n;
    char                trace[1 << 16];
};

static inline void tcp_script_put(struct tcp_script *r, int written) /* what does not fit is not in the trace */
{
    r->n += (size_t)written;
    if (r->n >= sizeof r->trace)
        r->n = sizeof r->trace - 1;
}

static inline void tcp_script_data(void *ctx, enum ms_dir dir, struct ms_bytes b, uint64_t offset, uint64_t frame, int64_t time)
{
    struct tcp_script *r = ctx;
    (void)time;
    tcp_script_put(r, snprintf(r->trace + r->n, sizeof r->trace - r->n, "%s%c%llu=%.*s@%llu", r->n ? " " : "", "CS"[dir],
                               (unsigned long long)offset, (int)b.n, (const char *)b.p, (unsigned long long)frame));
}

static inline void tcp_script_gap(void *ctx, enum ms_dir dir, uint64_t length, uint64_t offset, uint64_t frame, int64_t time)
{
    struct tcp_script *r = ctx;
    (void)time;
    tcp_script_put(r, snprintf(r->trace + r->n, sizeof r->trace - r->n, "%s%c%llu-%llu@%llu", r->n ? " " : "", "CS"[dir],
                               (unsigned long long)offset, (unsigned long long)length, (unsigned long long)frame));
}

static inline void tcp_script_init(struct tcp_script *r, const struct ms_limits *limits, uint32_t shift)
{
    r->pool = ms_tcp_pool_create(limits);
    ms_tcp_init(&r->t);
    r->shift = shift;
    r->frame = 0;
    r->n = 0;
    r->time = 1000000000;
    r->trace[0] = 0;
    r->window[0] = r->window[1] = 8192;
    r->scale[0] = r->scale[1] = -1;
}

static inline struct ms_tcp_sink tcp_script_sink(struct tcp_script *r)
{
    return (struct ms_tcp_sink){ tcp_script_data, tcp_script_gap, r };
}

static inline void tcp_script_feed(struct tcp_script *r, enum ms_dir dir, struct ms_segment *s)
{
    struct ms_tcp_sink sink = tcp_script_sink(r);
    uint8_t           *exact = malloc(s->payload.n ? s->payload.n : 1); /* so that a sanitizer sees one byte too many */
    if (s->payload.n)
        memcpy(exact, s->payload.p, s->payload.n);
    s->payload.p = exact;
    r->time += 1000000;
    r->bits = ms_tcp_segment(&r->t, r->pool, dir, s, ++r->frame, r->time, &sink, &r->rtt);
    free(exact);
}

static inline void tcp_script_finish(struct tcp_script *r)
{
    struct ms_tcp_sink sink = tcp_script_sink(r);
    ms_tcp_finish(&r->t, r->pool, &sink);
}

/* Reads "CSA:7,9,data,4". */
static inline enum ms_dir tcp_script_segment(struct tcp_script *r, const char *word, struct ms_segment *s)
{
    enum ms_dir dir = word[0] == 'S' ? MS_S2C : MS_C2S;
    *s = (struct ms_segment){ .window = (uint16_t)r->window[dir] };
    const char *p = word + 1;
    for (; *p != ':'; p++)
        s->flags |= (uint8_t)(*p == 'S' ? MS_SYN : *p == 'F' ? MS_FIN : *p == 'R' ? MS_RST : *p == 'P' ? MS_PSH :
                              *p == 'A' ? MS_ACK : MS_URG);
    char *end;
    s->seq = (uint32_t)strtoul(p + 1, &end, 10) + r->shift;
    s->ack = *end == ',' ? (uint32_t)strtoul(end + 1, &end, 10) : 0;
    if (s->flags & MS_ACK)
        s->ack += r->shift;
    if (*end == ',') {
        s->payload.p = (const uint8_t *)end + 1;
        s->payload.n = strcspn(end + 1, ",");
        end += 1 + s->payload.n;
    }
    s->payload_length = *end == ',' ? (uint32_t)strtoul(end + 1, &end, 10) : (uint32_t)s->payload.n;
    if ((s->flags & MS_SYN) && r->scale[dir] >= 0) {
        s->has_scale = true;
        s->scale = (uint8_t)r->scale[dir];
    }
    return dir;
}

static inline void tcp_script_word(struct tcp_script *r, const char *word)
{
    struct ms_segment s;
    int               dir = word[0] == 'S';
    if (word[0] == '+')
        r->time += atoi(word + 1) * 1000000ll;
    else if (word[0] == '.')
        tcp_script_finish(r);
    else if (word[1] == '=')
        r->window[dir] = atoi(word + 2);
    else if (word[1] == '/')
        r->scale[dir] = atoi(word + 2);
    else {
        enum ms_dir way = tcp_script_segment(r, word, &s);
        tcp_script_feed(r, way, &s);
    }
}

/* Plays a script; `after` (may be NULL) is called after each segment. */
static inline void tcp_script_play(struct tcp_script *r, const char *script, void (*after)(struct tcp_script *))
{
    char word[4096];
    for (const char *p = script; *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        snprintf(word, sizeof word, "%.*s", (int)n, p);
        p += n;
        uint64_t frame = r->frame;
        tcp_script_word(r, word);
        if (after && r->frame != frame)
            after(r);
    }
}
