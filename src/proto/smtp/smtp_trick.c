/* proto/smtp/smtp_trick.c - SMTP smuggling: a lone dot between line ends that are not CRLF, and commands behind it, in the middle of
 * a text. A server that takes such a dot for the end of the text reads the rest as commands (CVE-2023-51764, -51765, -51766).
 *
 * Reads    the text as it came on the wire: CR, LF or NUL, a dot, CR or LF. What follows, up to TRICK_BYTES, is looked through for lines that
 *          are commands. After DATA the proper end is never followed by text. In chunks (BDAT) dots are not doubled, so it may stand there, and
 *          ends the text at a next server that is told it by DATA and forgot to double; letters tell of dialogues, so that there only a
 *          command right behind it counts. So does one in place of the first line: a server that knows no BDAT reads it.
 * Speed    nothing is looked at as long as ms_dots_push() saw no dot behind a line end and no marker came shortly before.
 * Resume   the result never depends on where the text was cut.
 * BUGS     commands that are not known, or come later than TRICK_BYTES behind the marker, are not found.                 */
#include "proto/smtp/smtp_private.h"

enum { TRICK_BYTES = 4096, LINE_BYTES = 64, ENDS = 3 };

struct smtp_trick {
    uint64_t frame;            /* of the marker */
    uint32_t left;             /* bytes that are still looked through; 0: none */
    uint8_t  before;           /* BEHIND_LF and so on */
    uint8_t  ends[ENDS], ends_n; /* the line end behind the dot */
    bool     first, over;      /* no line came yet; the line end is over */
    uint8_t  line_n, line[LINE_BYTES];
};
enum { BEHIND_LF, BEHIND_CRLF, BEHIND_CR, BEHIND_NUL, BEHIND_BDAT };

static bool is_end(uint8_t c) { return c == '\r' || c == '\n'; }

void smtp_trick_begin(struct smtp_mail *m)
{
    m->tail[0] = 0;
    m->tail[1] = '\r';
    m->tail[2] = '\n';
    m->trick = NULL;
}

void smtp_trick_begin_chunk(struct smtp_mail *m, struct smtp_at at)
{
    smtp_trick_begin(m);
    m->trick = ms_arena_alloc(&m->arena, sizeof *m->trick);
    *m->trick = (struct smtp_trick){ .frame = at.frame, .left = LINE_BYTES, .before = BEHIND_BDAT, .first = true, .over = true };
}

void smtp_trick_gap(struct smtp_mail *m)
{
    memset(m->tail, 0, sizeof m->tail);
    if (m->trick)
        m->trick->left = 0;
}

/* ---- what was found --------------------------------------------------------------------------------------------- */

static size_t put(char *to, const char *word)
{
    size_t n = strlen(word);
    memcpy(to, word, n);
    return n;
}

static struct ms_bytes keep_form(const struct smtp_trick *t, struct ms_arena *arena)
{
    static const char *const before[] = { "LF", "CRLF", "CR", "CRLF NUL " };
    char   form[32];
    if (t->before == BEHIND_BDAT)
        return MS_LIT("BDAT");
    size_t n = put(form, before[t->before]);
    form[n++] = '.';
    for (unsigned i = 0; i < t->ends_n; i++)
        n += put(form + n, t->ends[i] == '\r' ? "CR" : "LF");
    return ms_arena_keep(arena, (struct ms_bytes){ (const uint8_t *)form, n });
}

static void tell(const struct smtp_trick *t, struct ms_host *h, struct ms_bytes command, struct smtp_at at)
{
    struct ms_session *s = h->session;
    if (!s->smuggling) {
        s->smuggling = ms_arena_alloc(h->arena, sizeof *s->smuggling);
        s->smuggling->frame = t->frame;
        s->smuggling->command_frame = at.frame;
        s->smuggling->form = keep_form(t, h->arena);
        s->smuggling->command = ms_arena_keep(h->arena, ms_head(command, LINE_BYTES));
    }
    s->smuggling->count++;
}

/* Right behind the marker any command of a transaction; further on only those that no letter has in a line of its own. */
static bool is_smuggled(struct ms_bytes line, bool first)
{
    struct smtp_command c;
    if (!smtp_command_likely(line))
        return false;
    smtp_command_parse(line, &c);
    switch (c.verb) {
    case SMTP_MAIL:
    case SMTP_RCPT: return true;
    case SMTP_EHLO:
    case SMTP_HELO:
    case SMTP_LHLO: return first || ms_trim(c.argument).n;
    case SMTP_DATA:
    case SMTP_BDAT: return first;
    default: return false;
    }
}

/* ---- the text ----------------------------------------------------------------------------------------------------- */

/* The end of a text as it should be, or no end at all: the first line behind it decides. */
static bool is_proper(const struct smtp_trick *t)
{
    return t->before == BEHIND_BDAT || (t->before == BEHIND_CRLF && t->ends_n == 2 && t->ends[0] == '\r' && t->ends[1] == '\n');
}

static void read_behind(struct smtp_trick *t, struct ms_host *h, uint8_t c, struct smtp_at at)
{
    t->left--;
    if (!is_end(c)) {
        t->over = true;
        if (t->line_n < LINE_BYTES)
            t->line[t->line_n++] = c;
        return;
    }
    if (!t->over && t->ends_n && t->ends_n < ENDS && t->ends[t->ends_n - 1] != '\n')
        t->ends[t->ends_n++] = c;
    if (t->line_n && (t->first || !is_proper(t)) && is_smuggled((struct ms_bytes){ t->line, t->line_n }, t->first))
        tell(t, h, (struct ms_bytes){ t->line, t->line_n }, at);
    t->first = t->first && t->line_n == 0;
    t->line_n = 0;
}

/* The byte c comes behind x y '.': a marker? */
static void look_for_marker(struct smtp_mail *m, uint8_t x, uint8_t y, uint8_t c, struct smtp_at at)
{
    if (!is_end(c) || !(is_end(y) || (y == 0 && is_end(x))))
        return;
    if (!m->trick)
        m->trick = ms_arena_alloc(&m->arena, sizeof *m->trick);
    *m->trick = (struct smtp_trick){ .frame = at.frame, .left = TRICK_BYTES, .first = true, .ends = { c }, .ends_n = 1 };
    m->trick->before = y == 0 ? BEHIND_NUL : y == '\r' ? BEHIND_CR : x == '\r' ? BEHIND_CRLF : BEHIND_LF;
}

/* From `i` on, where nothing is under way: the next byte that may end a marker. */
static size_t next_end(struct ms_bytes raw, size_t i)
{
    size_t from = i < 2 ? 0 : i - 2, hit = from + ms_dots_find(ms_tail(raw, from));
    return i < 2 ? i : hit + 2 < raw.n ? hit + 2 : raw.n;
}

static void look(struct smtp_mail *m, struct ms_host *h, struct ms_bytes raw, struct smtp_at at)
{
    uint8_t x = m->tail[0], y = m->tail[1], z = m->tail[2];
    for (size_t i = 0; i < raw.n; i++) {
        uint8_t c = raw.p[i];
        if (m->trick && m->trick->left)
            read_behind(m->trick, h, c, at);
        if (z == '.')
            look_for_marker(m, x, y, c, at);
        x = y, y = z, z = c;
        if (m->trick && m->trick->left)
            continue;
        size_t next = next_end(raw, i + 1);
        if (next > i + 1 && next < raw.n)
            x = ms_at(raw, next - 3), y = raw.p[next - 2], z = raw.p[next - 1];
        i = next - 1;
    }
}

static void keep_tail(struct smtp_mail *m, struct ms_bytes raw)
{
    size_t n = raw.n < 3 ? raw.n : 3;
    memmove(m->tail, m->tail + n, 3 - n);
    memcpy(m->tail + 3 - n, raw.p + raw.n - n, n);
}

void smtp_trick_look(struct smtp *s, struct ms_host *h, struct ms_bytes raw, struct smtp_at at)
{
    struct smtp_mail *m = s->mail;
    if (raw.n == 0)
        return;
    bool across = m->tail[2] == '.' || (m->tail[2] <= '\r' && raw.p[0] == '.');
    if (s->dots.near || across || (m->trick && m->trick->left))
        look(m, h, raw, at);
    s->dots.near = false;
    keep_tail(m, raw);
}

void smtp_trick_look_chunk(struct smtp *s, struct ms_host *h, struct ms_bytes raw, struct smtp_at at)
{
    s->dots.near = ms_dots_find(raw) < raw.n;
    smtp_trick_look(s, h, raw, at);
}

/* ---- what the server makes of it ------------------------------------------------------------------------------------ */

void smtp_trick_taken(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    struct ms_bytes   line = smtp_hold_line(s);
    struct smtp_trick *t = s->mail->trick;
    if (!t || !is_smuggled(line, true))
        return;
    tell(t, h, line, s->hold->marks[s->hold->mark_at].at);
    if (!h->session->smuggling->taken)
        h->session->smuggling->reply_frame = r->first.frame;
    h->session->smuggling->taken = true;
}

void smtp_trick_reply(const struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    struct ms_smuggling *m = h->session->smuggling;
    if (!m || m->taken || s->unsure || r->code == 421)
        return;
    m->taken = true;
    m->reply_frame = r->first.frame;
}
