/* tests/fuzz/engine_fuzz.c - the whole way from packets to lines of NDJSON.
 *
 * Input    byte 0 chooses the limits, byte 1 the frame that is followed; the rest is a script: one byte a packet (which
 *          connection, what it does), then what that packet needs. Payloads are words of the protocols and raw bytes.
 * Property no sanitizer report; every line is one object without raw control characters; sessions are numbered from 1 without
 *          holes; the session of every message and exchange is there; what was begun for a body is ended; silent connections
 *          packed or not, the answer is the same.                                                              */
#include "base/hash.h"
#include "engine/engine.h"
#include "sink/follow.h"
#include "sink/sink.h"

#include <stdlib.h>

enum { PACKETS = 400, PACKET_BYTES = 600, IDS = PACKETS + 1, OUTPUTS = 5 };

#define must(truth) ((truth) ? (void)0 : abort())

static const char *const WORDS[] = {
    "\r\n", "220 mx.example.org ESMTP Postfix\r\n", "EHLO client.example.org\r\n",
    "250-mx.example.org\r\n250-PIPELINING\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n",
    "MAIL FROM:<a@example.org> SIZE=100\r\n", "RCPT TO:<b@example.net>\r\n", "DATA\r\n", "BDAT 10 LAST\r\n", "BDAT 5\r\n",
    "354 go ahead\r\n", "250 2.0.0 Ok: queued as 4711\r\n", ".\r\n", "QUIT\r\n", "221 2.0.0 Bye\r\n", "RSET\r\n", "STARTTLS\r\n",
    "220 ready\r\n", "AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n", "AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n", "Ym9i\r\n", "c2VjcmV0\r\n",
    "235 2.7.0 ok\r\n", "535 5.7.8 authentication failed\r\n", "550 5.1.1 <b@example.net>: user unknown\r\n", "451 4.7.1 greylisted\r\n",
    "421 4.3.2 closing\r\n", "220 lmtp.example.org LMTP\r\n", "LHLO me\r\n", "+OK POP3 ready <1.2@example.org>\r\n",
    "USER bob\r\n", "PASS secret\r\n", "+OK\r\n", "-ERR [AUTH] no\r\n", "+OK 120 octets\r\n", "STAT\r\n", "LIST\r\n", "RETR 1\r\n",
    "TOP 1 0\r\n", "DELE 1\r\n", "UIDL\r\n", "CAPA\r\n", "STLS\r\n", "APOP bob c4c9334bac560ecc979e58001b3e22fb\r\n", "+ \r\n",
    "AUTH XOAUTH2 dXNlcj1ib2IBYXV0aD1CZWFyZXIgeAEB\r\n", "* OK [CAPABILITY IMAP4rev1] ready\r\n", "* PREAUTH ready\r\n",
    "a1 LOGIN bob secret\r\n", "a1 LOGIN {3+}\r\n", "a1 OK done\r\n", "a1 NO [AUTHENTICATIONFAILED] no\r\n", "a2 SELECT INBOX\r\n",
    "* 3 EXISTS\r\n", "a2 OK [READ-WRITE] done\r\n", "a3 FETCH 1:* (FLAGS BODY[])\r\n", "a4 UID FETCH 7 (BODY.PEEK[HEADER])\r\n",
    "* 1 FETCH (UID 7 BODY[] {40}\r\n", "* 1 FETCH (UID 7 BODY[HEADER] {30}\r\n", "* 1 FETCH (BODY[1]<0> {10}\r\n", ")\r\n",
    "a3 OK done\r\n", "a5 APPEND INBOX (\\Seen) {40}\r\n", "+ go\r\n", "a6 IDLE\r\n", "DONE\r\n", "a7 LOGOUT\r\n", "* BYE\r\n",
    "a8 STARTTLS\r\n", "a9 AUTHENTICATE PLAIN\r\n", "a1 BAD what\r\n", "From: a@example.org\r\nSubject: =?utf-8?Q?h=C3=A9?=\r\n",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n", "--b\r\n", "--b--\r\n", "Content-Type: message/rfc822\r\n\r\n",
    "Content-Disposition: attachment; filename=\"x.exe\"\r\nContent-Transfer-Encoding: base64\r\n\r\nTVqQAAM=\r\n", "hello\r\n", "..",
    "(((((", "{5}\r\n", "{99999999999}\r\n", "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", "\x80\xff\x1b[31m\x7f", "GET / HTTP/1.1\r\n",
};
enum { WORD_COUNT = sizeof WORDS / sizeof *WORDS };

struct input { const uint8_t *p; size_t n; };

static uint8_t take(struct input *in)
{
    if (in->n == 0)
        return 0;
    in->n--;
    return *in->p++;
}

/* ---- the script ------------------------------------------------------------------------------------------------ */

struct script {
    struct ms_packet packets[PACKETS];
    uint8_t          bytes[PACKETS][PACKET_BYTES];
    size_t           count;
    uint32_t         next[8][2]; /* sequence numbers of each connection */
    int64_t          time;
};

static size_t payload(struct input *in, uint8_t *out)
{
    size_t n = 0;
    for (unsigned pieces = take(in) % 4 + 1u; pieces; pieces--) {
        uint8_t     what = take(in);
        const char *word = WORDS[what % WORD_COUNT];
        size_t      length = what < 2 * WORD_COUNT ? strlen(word) : what & 15u;
        for (size_t i = 0; i < length && n < PACKET_BYTES - 40; i++)
            out[n++] = what < 2 * WORD_COUNT ? (uint8_t)word[i] : take(in);
    }
    return n;
}

static void put_be(uint8_t *p, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> (bytes - 1 - i) * 8);
}

struct shape { unsigned pair, dir; uint8_t flags; uint32_t seq; size_t payload; };

/* Headers in front of the payload that is there already. */
static void add_packet(struct script *s, struct shape f)
{
    static const uint16_t ports[8] = { 25, 110, 143, 2525, 993, 8025, 25, 143 };
    uint8_t  *p = s->bytes[s->count];
    uint16_t  client = (uint16_t)(40000 + f.pair), server = ports[f.pair];
    memset(p, 0, 40);
    p[0] = 0x45;
    put_be(p + 2, (uint32_t)(40 + f.payload), 2);
    p[8] = 64;
    p[9] = 6;
    put_be(p + 12, f.dir ? 0x0a000001 : 0x0a000100 + f.pair / 7, 4);
    put_be(p + 16, f.dir ? 0x0a000100 + f.pair / 7 : 0x0a000001, 4);
    put_be(p + 20, f.dir ? server : client, 2);
    put_be(p + 22, f.dir ? client : server, 2);
    put_be(p + 24, f.seq, 4);
    put_be(p + 28, s->next[f.pair][!f.dir], 4);
    p[32] = 0x50;
    p[33] = f.flags;
    put_be(p + 34, 8192, 2);
    s->packets[s->count] = (struct ms_packet){ .number = s->count + 1, .time = s->time, .link_type = 101, .length = (uint32_t)(40 + f.payload),
                                                    .data = { p, 40 + f.payload } };
    s->count++;
    s->time += 1000000;
}

static void say(struct script *s, struct input *in, struct shape f)
{
    uint32_t *next = &s->next[f.pair][f.dir];
    f.payload = payload(in, s->bytes[s->count] + 40);
    f.seq += *next;
    f.flags = MS_ACK | MS_PSH;
    if (f.seq == *next)
        *next += (uint32_t)f.payload;
    add_packet(s, f);
}

static void control(struct script *s, struct shape f, uint8_t flags, uint32_t step)
{
    f.flags = flags;
    f.seq = s->next[f.pair][f.dir];
    add_packet(s, f);
    s->next[f.pair][f.dir] += step;
}

static void command(struct script *s, struct input *in)
{
    uint8_t      op = take(in), what = op & 31;
    struct shape f = { .pair = op >> 5 };
    f.dir = what < 20 ? what >= 10 : what & 1;
    switch (what) {
    case 20: control(s, f, MS_SYN, 1); break;
    case 21: control(s, f, MS_SYN | MS_ACK, 1); break;
    case 22: case 23: control(s, f, MS_FIN | MS_ACK, 1); break;
    case 24: case 25: control(s, f, MS_RST | MS_ACK, 0); break;
    case 26: case 27: s->next[f.pair][f.dir] += take(in); break; /* lost */
    case 28: s->time += (int64_t)take(in) * 1000000000; break;
    case 29: f.seq = (uint32_t)(take(in) - 128); say(s, in, f); break;  /* back or ahead */
    case 30: control(s, f, MS_ACK, 0); break;
    case 31: /* cut by the snap length */
        say(s, in, f);
        s->packets[s->count - 1].data.n -= take(in) % (s->packets[s->count - 1].data.n - 39);
        break;
    default: say(s, in, f);
    }
}

/* ---- one run --------------------------------------------------------------------------------------------------- */

struct told {
    char            *text[OUTPUTS];
    size_t           size[OUTPUTS];
    struct ms_sink  *sink[OUTPUTS - 1]; /* by enum ms_kind */
    struct ms_follow *follow;
    bool             session[IDS], wanted[IDS];
    uint32_t         sessions;
    int64_t          parts; /* begun and not ended */
};

static void want(struct told *t, uint32_t id)
{
    must(id > 0 && id < IDS);
    t->wanted[id] = true;
}

static void on_session(void *ctx, const struct ms_session *s)
{
    struct told *t = ctx;
    must(s->id > 0 && s->id < IDS && !t->session[s->id]);
    t->session[s->id] = true;
    t->sessions++;
    ms_sink_session(t->sink[MS_KIND_SESSION], s);
    ms_follow_session(t->follow, s);
}

static void on_exchange(void *ctx, const struct ms_session *s, const struct ms_exchange *x)
{
    want(ctx, s->id);
    ms_sink_exchange(((struct told *)ctx)->sink[MS_KIND_EXCHANGE], s, x, x->frame);
}

static void on_message(void *ctx, const struct ms_message *m)
{
    want(ctx, m->session->id);
    must(m->first_frame <= m->last_frame);
    ms_sink_message(((struct told *)ctx)->sink[MS_KIND_MESSAGE], m);
}

static void on_finding(void *ctx, const struct ms_finding *f)
{
    if (f->session)
        want(ctx, f->session);
    ms_sink_finding(((struct told *)ctx)->sink[MS_KIND_FINDING], f);
}

static void on_body(void *ctx, uint32_t id, struct ms_bytes bytes) { must(ctx && id && bytes.n <= PACKETS * PACKET_BYTES); }
static void on_part_begin(void *ctx, uint32_t id, size_t index, const struct ms_part *part) { (void)id, (void)index, (void)part, ((struct told *)ctx)->parts++; }
static void on_part_data(void *ctx, uint32_t id, size_t index, struct ms_bytes b) { (void)index, must(ctx && id && b.n); }
static void on_part_end(void *ctx, uint32_t id, size_t index, const struct ms_part *part) { (void)id, (void)index, (void)part, ((struct told *)ctx)->parts--; }
static void on_body_done(void *ctx, uint32_t id, bool discarded) { (void)discarded, must(ctx && id); }
static void on_stream(void *ctx, const struct ms_session *s, const struct ms_chunk *c) { ms_follow_data(((struct told *)ctx)->follow, s, c); }
static void on_gap(void *ctx, const struct ms_session *s, enum ms_dir dir, uint64_t n) { ms_follow_gap(((struct told *)ctx)->follow, s, dir, n); }

static void check_lines(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        must((uint8_t)text[i] >= 0x20 || text[i] == '\n');
    for (size_t at = 0; at < n;) {
        const char *lf = memchr(text + at, '\n', n - at);
        must(lf && text[at] == '{' && lf[-1] == '}');
        at = (size_t)(lf - text) + 1;
    }
}

static void check_told(struct told *t)
{
    must(t->parts == 0);
    for (uint32_t id = 1; id < IDS; id++) {
        must(t->session[id] == (id <= t->sessions));
        must(!t->wanted[id] || t->session[id]);
    }
    for (int i = 0; i < OUTPUTS; i++)
        check_lines(t->text[i], t->size[i]);
}

static void run(const struct script *s, struct told *t, const struct ms_engine_options *o)
{
    FILE *out[OUTPUTS];
    memset(t, 0, sizeof *t);
    for (int i = 0; i < OUTPUTS; i++)
        out[i] = open_memstream(&t->text[i], &t->size[i]);
    for (int i = 0; i < OUTPUTS - 1; i++)
        t->sink[i] = ms_sink_open(&(struct ms_sink_options){ .format = MS_FORMAT_NDJSON, .kind = (enum ms_kind)i, .out = out[i] });
    t->follow = ms_follow_create(&(struct ms_follow_options){ .out = out[OUTPUTS - 1], .format = MS_FORMAT_NDJSON, .first_frame = o->follow_frame });
    struct ms_output output = { .session = on_session, .exchange = on_exchange, .message = on_message, .body = on_body,
                                .part_begin = on_part_begin, .part_data = on_part_data, .part_end = on_part_end,
                                .body_done = on_body_done, .stream = on_stream, .stream_gap = on_gap, .ctx = t };
    struct ms_engine *e = ms_engine_create(o, &output);
    for (size_t at = 0, n; at < s->count; at += n) {
        n = s->count - at < MS_BATCH ? s->count - at : o->follow_frame % MS_BATCH + 1 < s->count - at ? o->follow_frame % MS_BATCH + 1 : 1;
        ms_engine_packets(e, s->packets + at, n);
    }
    ms_engine_finish(e);
    ms_checks_each_finding(ms_engine_checks(e), on_finding, t);
    for (int i = 0; i < OUTPUTS - 1; i++)
        must(ms_sink_close(t->sink[i]));
    must(ms_follow_close(t->follow));
    ms_engine_destroy(e);
    for (int i = 0; i < OUTPUTS; i++)
        fclose(out[i]);
    check_told(t);
}

static void free_told(struct told *t)
{
    for (int i = 0; i < OUTPUTS; i++)
        free(t->text[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct script s;
    static struct told   packed, plain;
    struct input         in = { data, size };
    uint8_t              choice = take(&in);
    struct ms_engine_options o = { .limits = choice & 1 ? ms_limits_tiny() : ms_limits_default(), .hash_parts = choice & 2,
                                   .hash_messages = choice & 4, .keep_findings = true, .follow_frame = take(&in) };
    ms_hash_init();
    memset(s.next, 0, sizeof s.next);
    s.count = 0;
    s.time = 1600000000 * (int64_t)1000000000;
    while (in.n && s.count < PACKETS)
        command(&s, &in);
    o.limits.freeze_above = 1;
    o.limits.connections = choice & 8 ? o.limits.connections : 1000000;
    run(&s, &packed, &o);
    o.limits.freeze_above = 1000000;
    run(&s, &plain, &o);
    for (int i = 0; i < OUTPUTS; i++)
        must(packed.size[i] == plain.size[i] && memcmp(packed.text[i], plain.text[i], plain.size[i]) == 0);
    free_told(&packed);
    free_told(&plain);
    return 0;
}
