/* proto/imap/imap_response.c - what the server says: greeting, untagged data, continuation requests, tagged results.
 *
 * BUGS     with several commands open, untagged data counts for the oldest of them, FETCH data for the oldest FETCH; servers
 *          that answer out of order make that wrong. A greeting names its host only when one of its words looks like a host name with a dot.      */
#include "imap_private.h"

static enum ms_result result_of(struct ms_bytes word)
{
    static const struct { const char *word; enum ms_result result; } words[] = {
        { "OK", MS_RESULT_OK }, { "NO", MS_RESULT_NO }, { "BAD", MS_RESULT_BAD },
        { "PREAUTH", MS_RESULT_PREAUTH }, { "BYE", MS_RESULT_BYE },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_equal_nocase(word, ms_str(words[i].word)))
            return words[i].result;
    return MS_RESULT_NONE;
}

/* "[CODE arguments] text": the closing bracket is the first one outside a quoted string. */
static void split_text(struct ms_bytes text, struct imap_tagged *out)
{
    text = ms_trim(text);
    out->reply = text;
    out->reply_code = (struct ms_bytes){ NULL, 0 };
    if (ms_at(text, 0) != '[')
        return;
    size_t i = 1;
    while (i < text.n && text.p[i] != ']') {
        size_t quoted = text.p[i] == '"' ? imap_quoted_size(ms_tail(text, i)) : 1;
        i += i + quoted < text.n ? quoted : 1;
    }
    if (i == text.n)
        return;
    out->reply_code = ms_slice(text, 1, i - 1);
    out->reply = ms_trim(ms_tail(text, i + 1));
}

static void note_overwritten(struct ms_session *s, size_t n, uint64_t frame)
{
    bool tls = n == sizeof "STARTTLS" - 1;
    if (s->overwritten_frame && (s->tls_overwritten || !tls))
        return;
    s->overwritten_frame = frame;
    s->tls_overwritten = tls;
}

static void capabilities(const struct imap_ctx *x, struct ms_bytes list, uint64_t frame)
{
    struct ms_session *s = x->h->session;
    s->flags |= MS_SESSION_CAPS_SEEN;
    while (list.n) {
        struct ms_bytes word = ms_take_word(&list);
        if (!x->im->tls[MS_S2C] && ms_keyword_overwritten(word))
            note_overwritten(s, word.n, frame);
        if (ms_equal_nocase(word, MS_LIT("STARTTLS")))
            s->flags |= MS_SESSION_TLS_OFFERED;
    }
}

static void use_code(const struct imap_ctx *x, const struct imap_tagged *r)
{
    struct ms_bytes rest = r->reply_code, word = ms_take_word(&rest);
    if (ms_equal_nocase(word, MS_LIT("CAPABILITY")))
        capabilities(x, rest, r->frame);
    else if (ms_equal_nocase(word, MS_LIT("CLOSED")))
        imap_mailbox_left(x);
}

static struct imap_tagged result_at(const struct imap_ctx *x, const struct imap_line *line, enum ms_result code)
{
    return (struct imap_tagged){ .code = (unsigned)code, .frame = line->frame, .time = line->time, .last_frame = x->frame, .last_time = x->time };
}

static void lone_exchange(const struct imap_ctx *x, const struct imap_tagged *r, uint32_t flags)
{
    enum ms_stage      stage = (enum ms_stage)x->h->session->stage;
    struct ms_exchange e = {
        .flags = flags, .sent = MS_UNKNOWN, .replied = r->time, .reply_ended = r->last_time,
        .reply_frame = r->frame, .reply_last_frame = r->last_frame,
        .code = r->code, .reply_code = r->reply_code, .reply = r->reply,
        .stage = stage == MS_STAGE_CONNECT ? MS_STAGE_GREETING : stage,
    };
    x->h->ops->exchange(x->h, &e);
}

/* ---- greeting -------------------------------------------------------------------------------------------- */

static bool host_char(uint8_t c) { return ms_is_digit(c) || (ms_lower(c) >= 'a' && ms_lower(c) <= 'z') || c == '-'; }

/* Labels of letters, digits and hyphens, at least two, the last one all letters: versions and addresses fall through. */
static bool looks_like_host(struct ms_bytes word)
{
    size_t dots = 0, label = 0, letters = 0;
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] == '.') {
            if (label == 0)
                return false;
            dots++;
            label = letters = 0;
            continue;
        }
        if (!host_char(word.p[i]))
            return false;
        label++;
        letters += !ms_is_digit(word.p[i]) && word.p[i] != '-';
    }
    return dots && label >= 2 && letters == label && word.n <= 253;
}

static void name_server(const struct imap_ctx *x, struct ms_bytes text)
{
    while (text.n && x->h->session->server.name.n == 0) {
        struct ms_bytes word = ms_take_word(&text);
        while (word.n && memchr("<([", word.p[0], 3))
            word = ms_tail(word, 1);
        while (word.n && memchr(">)],;:.!", word.p[word.n - 1], 8))
            word.n--;
        if (looks_like_host(word))
            x->h->session->server.name = ms_arena_keep(x->h->arena, word);
    }
}

static bool may_greet(const struct imap_ctx *x)
{
    return !x->im->server_spoke && !x->im->lost[MS_S2C] && !(x->h->session->flags & MS_SESSION_JOINED_LATE);
}

static void greeting(const struct imap_ctx *x, const struct imap_tagged *r)
{
    struct ms_session *s = x->h->session;
    s->flags |= MS_SESSION_GREETED;
    ms_session_reach(s, MS_STAGE_GREETING);
    name_server(x, r->reply);
    if (r->code == MS_RESULT_PREAUTH) {
        s->flags |= MS_SESSION_PREAUTH;
        ms_session_count_code(s, x->h, r->code);
    }
    for (struct imap_pending *p = x->im->first; p; p = p->next) {
        p->flags |= MS_EXCHANGE_EARLY;
        s->flags |= MS_SESSION_CLIENT_EARLY;
    }
}

static void status(const struct imap_ctx *x, const struct imap_line *line, struct ms_bytes text, enum ms_result code)
{
    struct imap_tagged r = result_at(x, line, code);
    bool               greets = may_greet(x), unasked = false;
    split_text(text, &r);
    use_code(x, &r);
    if (code == MS_RESULT_BYE) {
        unasked = !x->im->logout;
        x->h->session->flags |= unasked ? MS_SESSION_BYE : 0;
        if (unasked) /* codes are of tagged results; a BYE out of the blue is worth a count */
            ms_session_count_code(x->h->session, x->h, r.code);
    }
    if (greets)
        greeting(x, &r);
    if (greets || unasked)
        lone_exchange(x, &r, MS_EXCHANGE_GREETING);
}

/* ---- tagged results ---------------------------------------------------------------------------------------- */

static void tls_or_compression(const struct imap_ctx *x, const struct imap_pending *p)
{
    if (p->verb == IMAP_V_STARTTLS) {
        x->h->session->transport = MS_TRANSPORT_STARTTLS;
        ms_session_reach(x->h->session, MS_STAGE_TLS);
        x->im->tls_next[MS_C2S] = !x->im->tls[MS_C2S];
        x->im->tls_next[MS_S2C] = !x->im->tls[MS_S2C];
        bool gave_up = p->next && p->next->verb == IMAP_V_LOGOUT; /* after a while without reply */
        x->im->agreed = gave_up ? 0 : x->time;
        if (p->next && !gave_up && !(p->flags & MS_EXCHANGE_GAP))
            x->h->session->injected[MS_C2S] = p->next->frame;
    } else if (p->verb == IMAP_V_COMPRESS) {
        x->im->deflate_next[MS_C2S] = x->im->deflate_next[MS_S2C] = true;
    }
}

/* Before the exchange is handed up. A failed SELECT leaves no mailbox selected either (RFC 9051 6.3.2). */
void imap_result_effects(const struct imap_ctx *x, const struct imap_pending *p, const struct imap_tagged *r)
{
    bool ok = r->code == MS_RESULT_OK;
    if (ok)
        tls_or_compression(x, p);
    if (p->verb == IMAP_V_LOGIN || p->verb == IMAP_V_AUTHENTICATE)
        x->h->session->auth_result = ok ? 1 : 2;
    if (p->verb == IMAP_V_AUTHENTICATE)
        x->im->refused = !ok;
    if (p->verb == IMAP_V_IDLE)
        x->im->idle = false;
    if (p->verb == IMAP_V_SELECT || p->verb == IMAP_V_EXAMINE || (ok && (p->verb == IMAP_V_CLOSE || p->verb == IMAP_V_UNSELECT)))
        imap_mailbox_left(x);
    if (ok && p->verb == IMAP_V_LOGOUT)
        x->h->session->flags |= MS_SESSION_QUIT_OK;
    if (ok && imap_verb(p->verb)->stage == MS_STAGE_MAILBOX)
        ms_session_reach(x->h->session, MS_STAGE_MAILBOX);
    use_code(x, r);
}

/* Something that a mail's text is unlikely to start a line with. */
static bool tag_like(struct ms_bytes tag)
{
    bool digit = false;
    for (size_t i = 0; i < tag.n; i++) {
        digit |= ms_is_digit(tag.p[i]);
        if (!host_char(tag.p[i]) && !memchr("._$", tag.p[i], 3))
            return false;
    }
    return digit && tag.n <= 32;
}

/* Older commands whose replies may lie in a gap: servers answer in order but for rare cases, so they do. */
static void give_up_before(const struct imap_ctx *x, const struct imap_pending *p)
{
    struct imap *im = x->im;
    for (struct imap_pending *q = im->first; q != p && (q->flags & MS_EXCHANGE_GAP); q = im->first) {
        imap_pending_unlink(im, q);
        imap_complete(x, q, NULL);
    }
}

static void tagged(const struct imap_ctx *x, const struct imap_line *line)
{
    struct ms_bytes rest = line->text, tag = ms_head(rest, ms_find(rest, ' '));
    rest = ms_tail(rest, tag.n);
    enum ms_result result = result_of(ms_take_word(&rest));
    if (tag.n == 0 || tag.n > IMAP_TAG || result < MS_RESULT_OK || result > MS_RESULT_BAD)
        return;
    struct imap_tagged   r = result_at(x, line, result);
    struct imap_pending *p = imap_pending_find(x->im, tag);
    split_text(rest, &r);
    if (p || !x->im->lost[MS_S2C])
        ms_session_reach(x->h->session, MS_STAGE_GREETING);
    if (p) {
        give_up_before(x, p);
        imap_pending_unlink(x->im, p);
        imap_complete(x, p, &r);
    } else if (!imap_client_tagged(x, tag, &r)) {
        if (x->im->lost[MS_S2C] && (x->im->first || !tag_like(tag)))
            return;
        ms_session_count_code(x->h->session, x->h, r.code);
        use_code(x, &r);
        lone_exchange(x, &r, MS_EXCHANGE_NO_COMMAND);
    }
    x->im->lost[MS_S2C] = false;
}

/* ---- untagged data ----------------------------------------------------------------------------------------- */

static bool known_data(struct ms_bytes word)
{
    static const char *const words[] = { "CAPABILITY", "ENABLED", "LIST", "LSUB", "XLIST", "STATUS", "SEARCH", "ESEARCH", "FLAGS",
        "NAMESPACE", "ID", "SORT", "THREAD", "QUOTA", "QUOTAROOT", "ACL", "LISTRIGHTS", "MYRIGHTS", "METADATA", "VANISHED",
        "EXISTS", "RECENT", "EXPUNGE", "FETCH", "LANGUAGE", "COMPARATOR", "CONVERSION", "GENURLAUTH", "URLFETCH" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_equal_nocase(word, ms_str(words[i])))
            return true;
    return false;
}

static void count_data(const struct imap_ctx *x, const struct imap_fetch *f, uint64_t n)
{
    struct imap_pending *p = imap_pending_owner(x->im, f->is_fetch);
    if (p)
        p->data += n;
}

/* One physical line of an untagged response; it goes on after the literal at its end. */
static void data_line(const struct imap_ctx *x, const struct imap_line *line, struct ms_bytes text, struct imap_fetch *f)
{
    struct imap_literal l;
    bool                more = imap_literal_at_end(line->tail, &l);
    count_data(x, f, line->text.n);
    if (more && !line->cut)
        text = ms_head(text, text.n > l.head ? text.n - l.head : 0);
    if (f->is_fetch)
        imap_fetch_text(x, f, line, text);
    struct imap_side *s = x->im->side[MS_S2C];
    if (!more) {
        imap_fetch_end(x, f);
        if (s && s->fetch) {
            ms_free(s->fetch);
            s->fetch = NULL;
        }
        return;
    }
    s = imap_side_get(x->im, MS_S2C);
    if (!s->fetch) {
        s->fetch = ms_alloc(sizeof *s->fetch);
        *s->fetch = *f;
    }
    s->in_literal = true;
    s->literal = l.n;
    imap_fetch_literal(x, s->fetch, l.n);
}

static uint32_t number(struct ms_bytes word)
{
    uint64_t v = 0;
    return ms_parse_u64(word, &v) && v <= UINT32_MAX ? (uint32_t)v : 0;
}

static void untagged(const struct imap_ctx *x, const struct imap_line *line)
{
    struct ms_bytes rest = ms_tail(line->text, 2), word = ms_take_word(&rest);
    enum ms_result  result = result_of(word);
    uint32_t        seq = number(word);
    struct imap_fetch f = { .seq = seq, .size = IMAP_UNKNOWN };
    if (seq || ms_equal(word, MS_LIT("0")))
        word = ms_take_word(&rest);
    if (x->im->lost[MS_S2C] && !result && !known_data(word))
        return;
    if (result)
        status(x, line, rest, result);
    else if (ms_equal_nocase(word, MS_LIT("EXPUNGE")))
        imap_expunged(x, seq);
    else if (ms_equal_nocase(word, MS_LIT("VANISHED")))
        x->im->expunged++; /* numbers have changed, which ones is not said */
    else if (ms_equal_nocase(word, MS_LIT("CAPABILITY")))
        capabilities(x, rest, line->frame);
    x->im->lost[MS_S2C] = false;
    f.is_fetch = seq && ms_equal_nocase(word, MS_LIT("FETCH"));
    if (!result)
        data_line(x, line, rest, &f);
}

static void asked_to_go_on(const struct imap_ctx *x, struct ms_bytes text)
{
    struct imap      *im = x->im;
    struct imap_side *client = im->side[MS_C2S];
    if (client && client->building && client->building->waiting) {
        client->building->waiting = false;
        if (client->in_literal && client->literal == 0)
            imap_client_literal_end(x);
        return;
    }
    if (im->auth) {
        im->client_next = true;
        ms_sasl_server(&im->auth->sasl, ms_trim(text), &im->auth->arena, x->h->limits);
        ms_sasl_disclosed(&im->auth->sasl, text, x->h->session, x->h->arena);
        return;
    }
    for (const struct imap_pending *p = im->first; p; p = p->next)
        im->idle |= p->verb == IMAP_V_IDLE;
}

void imap_server_line(const struct imap_ctx *x, const struct imap_line *line)
{
    struct imap_side *s = x->im->side[MS_S2C];
    uint8_t           first = ms_at(line->text, 0), second = ms_at(line->text, 1);
    bool              goes_on = s && s->fetch, data = goes_on || first == '*';
    bool              said = !x->h->elements || (!data && imap_say_answer(x, line));
    if (goes_on)
        data_line(x, line, line->text, s->fetch);
    else if (first == '*' && second == ' ')
        untagged(x, line);
    else if (first == '+' && (second == ' ' || line->text.n == 1 || !x->im->lost[MS_S2C]))
        asked_to_go_on(x, ms_tail(line->text, 1));
    else
        tagged(x, line);
    x->im->server_spoke = true;
    if (!said)
        imap_say_data(x, line, goes_on);
}

void imap_server_abandon(const struct imap_ctx *x)
{
    struct imap_side *s = x->im->side[MS_S2C];
    if (!s || !s->fetch)
        return;
    imap_top_end(x, s->fetch, false);
    imap_say_kept(x);
    if (s->in_literal)
        imap_fetch_literal_end(x, s->fetch, false);
    s->in_literal = false;
    s->literal = 0;
    imap_fetch_end(x, s->fetch);
    ms_free(s->fetch);
    s->fetch = NULL;
}
