#include "sink/ladder_private.h"

enum { WORDS_BYTES = 2048, ALWAYS = 8 }; /* kept of one row; rows that go beyond the limit */

struct ms_ladder *ms_ladder_create(const struct ms_ladder_options *o)
{
    struct ms_ladder *l = ms_alloc(sizeof *l);
    l->o = *o;
    l->last_time = l->zero_since[0] = l->zero_since[1] = l->certificate_time = MS_UNKNOWN;
    return l;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

/* The row with the words in l->text; NULL when there are too many. */
struct ladder_row *ladder_put(struct ms_ladder *l, struct ladder_row row, bool always)
{
    bool room = ladder_row_count(&l->rows) < l->o.most_rows + l->forced;
    if (!room && (!always || l->forced == ALWAYS)) {
        l->rows.left_out++;
        return NULL;
    }
    l->forced += !room;
    row.seq = l->seq++;
    row.text = ms_spool_end(&l->rows.spool);
    row.text_n = (uint32_t)l->text.n;
    ms_spool_append(&l->rows.spool, ms_buffer_bytes(&l->text));
    ms_spool_flush(&l->rows.spool);
    ms_buffer_append(&l->rows.rows, (struct ms_bytes){ (const uint8_t *)&row, sizeof row });
    return ladder_row_at(&l->rows, ladder_row_count(&l->rows) - 1);
}

void ladder_say(struct ms_ladder *l, const char *words)
{
    l->text.n = 0;
    ms_text_str(&l->text, words);
}

void ladder_add_wire(struct ms_ladder *l, struct ms_bytes b) { ms_text_plain(&l->text, ms_head(b, WORDS_BYTES)); }

void ladder_add_duration(struct ms_ladder *l, int64_t from, int64_t to)
{
    if (to <= from)
        return;
    ms_text_str(&l->text, " in ");
    ms_text_seconds(&l->text, to - from, 6);
    ms_text_str(&l->text, " s");
}

void ladder_remark(struct ms_ladder *l, uint64_t frame, int64_t time, enum ladder_rank rank)
{
    ladder_put(l, (struct ladder_row){ .frame = frame, .time = time, .kind = LADDER_REMARK, .tone = LADDER_TROUBLE, .rank = (uint8_t)rank }, false);
}

static bool ours(struct ms_ladder *l, const struct ms_session *s) { return s && s->first_frame == l->o.first_frame; }

void ladder_check_sides(struct ms_ladder *l, const struct ms_session *s)
{
    bool same = ms_equal((struct ms_bytes){ l->client.ip, 16 }, (struct ms_bytes){ s->client.ip, 16 }) && l->client.port == s->client.port;
    size_t n = l->begun && !same ? ladder_row_count(&l->rows) : 0;
    for (size_t i = 0; i < n; i++)
        ladder_row_at(&l->rows, i)->dir ^= 1;
    l->client = s->client;
    l->begun = true;
}

/* ---- exchanges and messages ------------------------------------------------------------------------------------ */

static void add_argument(struct ms_ladder *l, const struct ms_exchange *x)
{
    if (x->argument.n == 0)
        return;
    ms_text_char(&l->text, ' ');
    if (l->o.show_secrets || x->secret_n == 0) {
        ladder_add_wire(l, x->argument);
        return;
    }
    ladder_add_wire(l, ms_head(x->argument, x->secret_at));
    ms_text_str(&l->text, "********");
    ladder_add_wire(l, ms_tail(x->argument, x->secret_at + x->secret_n));
}

static void put_command(struct ms_ladder *l, const struct ms_exchange *x)
{
    bool dot = ms_equal(x->command, MS_LIT(".")), unanswered = x->flags & MS_EXCHANGE_UNANSWERED;
    l->text.n = 0;
    ladder_add_wire(l, x->command);
    add_argument(l, x);
    ms_text_str(&l->text, dot ? " (end of the message)" : "");
    ms_text_str(&l->text, unanswered ? " (never answered)" : "");
    ladder_put(l, (struct ladder_row){ .frame = x->frame, .time = x->sent, .kind = LADDER_ARROW, .dir = MS_C2S, .rank = RANK_WORDS,
                                .tone = unanswered ? LADDER_BAD : LADDER_OF_SIDE }, false);
    l->dot = dot ? ladder_row_count(&l->rows) : l->dot;
}

/* Lines are joined by LF there; here one line has to do. */
static void add_lines(struct ms_ladder *l, struct ms_bytes reply)
{
    while (reply.n) {
        size_t lf = ms_find(reply, '\n');
        ladder_add_wire(l, ms_head(reply, lf));
        reply = ms_tail(reply, lf + 1);
        if (reply.n)
            ms_text_str(&l->text, "; ");
        if (l->text.n > WORDS_BYTES)
            return;
    }
}

static void put_reply(struct ms_ladder *l, const struct ms_exchange *x)
{
    char scratch[8];
    ladder_say(l, ms_code_name(x->code, scratch));
    if (x->enhanced.class_)
        ms_text_format(&l->text, " %u.%u.%u", x->enhanced.class_, x->enhanced.subject, x->enhanced.detail);
    if (x->reply_code.n) {
        ms_text_str(&l->text, " [");
        ladder_add_wire(l, x->reply_code);
        ms_text_char(&l->text, ']');
    }
    ms_text_str(&l->text, x->reply.n ? " " : "");
    add_lines(l, x->reply);
    ladder_put(l, (struct ladder_row){ .frame = x->reply_frame, .time = x->replied, .kind = LADDER_ARROW, .dir = MS_S2C, .rank = RANK_WORDS,
                                .tone = ms_code_refuses(x->code) ? LADDER_BAD : LADDER_OF_SIDE }, false);
}

static void on_exchange(void *ctx, const struct ms_session *s, const struct ms_exchange *x)
{
    struct ms_ladder *l = ctx;
    if (!ours(l, s))
        return;
    bool again = s->protocol == MS_PROTO_LMTP && x->flags & MS_EXCHANGE_DATA_END && x->frame == l->end_frame; /* a reply for each recipient */
    l->end_frame = x->flags & MS_EXCHANGE_DATA_END ? x->frame : l->end_frame;
    if (x->frame && !again)
        put_command(l, x);
    if (x->reply_frame)
        put_reply(l, x);
}

/* The end of a message is told before the message: in a frame that has both, the message comes first. */
static void before_dot(struct ms_ladder *l, struct ladder_row *row)
{
    struct ladder_row *dot = l->dot ? ladder_row_at(&l->rows, l->dot - 1) : NULL;
    l->dot = 0;
    if (!row || !dot)
        return;
    uint32_t seq = dot->seq;
    dot->seq = row->seq;
    row->seq = seq;
}

static void on_message(void *ctx, const struct ms_message *m)
{
    struct ms_ladder *l = ctx;
    if (!ours(l, m->session))
        return;
    bool got = m->direction == MS_RETRIEVED, whole = m->complete && m->missing == 0;
    bool after = got && m->session->protocol == MS_PROTO_POP3; /* behind the +OK of its frame */
    l->text.n = 0;
    ms_text_format(&l->text, "message %u: ", m->id);
    ms_text_size(&l->text, m->size);
    ladder_add_duration(l, m->started, m->ended);
    ms_text_str(&l->text, whole ? "" : m->missing ? ", bytes missing" : ", not whole");
    struct ladder_row *row = ladder_put(l, (struct ladder_row){ .frame = m->first_frame, .time = m->started, .kind = LADDER_THICK,
                                 .dir = got ? MS_S2C : MS_C2S, .rank = after ? RANK_BODY : RANK_WORDS }, false);
    before_dot(l, row);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void on_session(void *ctx, const struct ms_session *s)
{
    struct ms_ladder *l = ctx;
    if (!ours(l, s))
        return;
    ladder_check_sides(l, s);
    ladder_end_run(l);
    ladder_note_missing(l, s, l->last_frame, MS_UNKNOWN);
    ladder_tell_end(l, s);
}

struct ms_output ms_ladder_output(struct ms_ladder *l)
{
    return (struct ms_output){ .session = on_session, .exchange = on_exchange, .message = on_message, .segment = ladder_segment, .ctx = l };
}

uint64_t ms_ladder_left_out(const struct ms_ladder *l) { return l->rows.left_out; }

bool ms_ladder_close(struct ms_ladder *l)
{
    struct ladder_frame *f = &l->frame;
    struct ms_buffer    *all[] = { &f->title, &f->client, &f->server, &f->client_name, &f->server_name, &f->end, &l->text,
                                   &l->rows.rows };
    bool ok = ladder_draw(&l->o, f, &l->rows);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ms_buffer_finish(all[i]);
    ms_spool_finish(&l->rows.spool);
    ms_free(l);
    return ok;
}
