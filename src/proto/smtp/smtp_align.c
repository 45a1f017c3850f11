/* proto/smtp/smtp_align.c - replies whose command is not certain, since bytes are missing: they stand aside until something tells.
 *
 * Adrift   behind a gap, a client that pipelines leaves open how many replies, or commands, are among what is missing.
 * Anchor   a reply that fits one command of the queue alone (354 DATA, an extension list EHLO, 2.1.0 MAIL, ...), or the end of
 *          a group, behind which a client waits (RFC 2920 3.1): those aside belong to the commands right before it, in their order.
 * Cause    a command comes before its reply, so its frame is a lower one. The bytes of a command behind a gap are read late, when the gap
 *          is given up: replies that came in the meantime are claimed by it.
 * Never    a reply is given to a command that it does not fit. Where nothing tells, commands go up unanswered and replies without command. */
#include "proto/smtp/smtp_private.h"

enum { ASIDE = 64 }; /* replies */

/* A list of extensions: more than one line, and a line behind the first that begins with the keyword of one. */
static bool is_list(const struct smtp_reply *r)
{
    static const char *const words[] = { "SIZE", "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS", "CHUNKING", "DSN", "AUTH", "SMTPUTF8" };
    struct ms_bytes rest = ms_tail(r->text, ms_find(r->text, '\n') + 1);
    while (r->code == 250 && rest.n) {
        struct ms_bytes line = ms_head(rest, ms_find(rest, '\n')), word = line;
        rest = ms_tail(rest, line.n + 1);
        word = ms_take_word(&line);
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (ms_equal_nocase(word, ms_str(words[i])))
                return true;
    }
    return false;
}

static bool has_detail(const struct smtp_reply *r, unsigned detail)
{
    return r->code / 100 == 2 && r->enhanced.class_ == 2 && r->enhanced.subject == 1 && r->enhanced.detail == detail;
}

enum smtp_verb smtp_verb_of(const struct smtp_reply *r)
{
    switch (r->code) {
    case 354: return SMTP_DATA;
    case 334:
    case 235:
    case 535: return SMTP_AUTH;
    case 220: return SMTP_STARTTLS;
    case 221: return SMTP_QUIT;
    default: break;
    }
    if (is_list(r))
        return SMTP_EHLO;
    return has_detail(r, 0) ? SMTP_MAIL : has_detail(r, 5) ? SMTP_RCPT : SMTP_OTHER;
}

static bool is_hello(uint8_t verb) { return verb == SMTP_EHLO || verb == SMTP_LHLO || verb == SMTP_HELO; }

bool smtp_reply_fits(const struct smtp_pending *p, const struct smtp_reply *r)
{
    enum smtp_verb verb = smtp_verb_of(r);
    if (p->at.frame > r->first.frame)
        return false;
    if (r->code >= 400)
        return verb == SMTP_OTHER || p->verb == verb;
    switch ((enum smtp_verb)p->verb) {
    case SMTP_DATA:
    case SMTP_AUTH:
    case SMTP_STARTTLS:
    case SMTP_QUIT: return p->verb == verb;
    case SMTP_EHLO:
    case SMTP_LHLO:
    case SMTP_HELO: return verb == SMTP_EHLO || (verb == SMTP_OTHER && r->enhanced.class_ == 0);
    default: return verb == SMTP_OTHER || p->verb == verb;
    }
}

/* The one command that the reply fits, should it be of a kind that tells. */
static struct smtp_pending *anchor_of(const struct smtp *s, const struct smtp_reply *r)
{
    enum smtp_verb       verb = smtp_verb_of(r);
    struct smtp_pending *found = NULL;
    for (struct smtp_pending *p = s->head; p && verb != SMTP_OTHER; p = p->next) {
        if (p->verb != verb && !(verb == SMTP_EHLO && is_hello(p->verb)))
            continue;
        if (found)
            return NULL;
        found = p;
    }
    return found && smtp_reply_fits(found, r) ? found : NULL;
}

/* ---- those aside ---------------------------------------------------------------------------------------------------- */

static void shift(struct smtp *s)
{
    struct smtp_kept *k = s->aside;
    s->aside = k->next;
    if (!s->aside)
        s->aside_last = NULL;
    s->aside_count--;
    ms_free(k);
}

static void give_up_first(struct smtp *s, struct ms_host *h)
{
    smtp_unsolicited(h, &s->aside->reply, MS_EXCHANGE_NO_COMMAND);
    shift(s);
}

void smtp_aside_give_up(struct smtp *s, struct ms_host *h)
{
    while (s->aside)
        give_up_first(s, h);
}

void smtp_aside_keep(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    if (s->aside_count >= ASIDE)
        give_up_first(s, h);
    struct smtp_kept *k = ms_alloc(sizeof *k + r->text.n);
    k->reply = *r;
    if (r->text.n)
        memcpy(k + 1, r->text.p, r->text.n);
    k->reply.text.p = (const uint8_t *)(k + 1);
    *(s->aside_last ? &s->aside_last->next : &s->aside) = k;
    s->aside_last = k;
    s->aside_count++;
}

/* The first one aside to the head of the queue. */
static void pair(struct smtp *s, struct ms_host *h)
{
    struct smtp_pending *p = s->head;
    if (!smtp_reply_fits(p, &s->aside->reply)) {
        smtp_queue_lose(s, h, MS_EXCHANGE_GAP);
        give_up_first(s, h);
        return;
    }
    smtp_answer(s, h, &s->aside->reply);
    shift(s);
}

/* The commands before `end` (NULL: all) and those aside, the last to the last. */
static void pair_before(struct smtp *s, struct ms_host *h, const struct smtp_pending *end)
{
    unsigned before = 0;
    for (const struct smtp_pending *p = s->head; p != end; p = p->next)
        before++;
    for (; before > s->aside_count; before--)
        smtp_queue_lose(s, h, MS_EXCHANGE_GAP);
    while (s->aside_count > before)
        give_up_first(s, h);
    while (s->aside && s->head && s->head != end)
        pair(s, h);
    smtp_aside_give_up(s, h);
    while (s->head && s->head != end) /* one that takes more than one reply */
        smtp_queue_lose(s, h, MS_EXCHANGE_GAP);
    s->adrift = false;
}

/* ---- replies -------------------------------------------------------------------------------------------------------- */

static struct smtp_pending *end_of_text(const struct smtp *s, const struct smtp_reply *r)
{
    for (struct smtp_pending *p = s->head; p; p = p->next)
        if (p->verb == SMTP_END)
            return smtp_reply_fits(p, r) ? p : NULL;
    return NULL;
}

/* As many replies as commands, none of which can be missing. */
static bool is_all(const struct smtp *s)
{
    for (const struct smtp_pending *p = s->head; p; p = p->next)
        if (p->lost_before)
            return false;
    return s->aside_count == s->count;
}

void smtp_align_reply(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    struct smtp_pending *p = anchor_of(s, r), *text = p ? NULL : end_of_text(s, r);
    if (text) { /* the text was sent, so all before it was answered */
        smtp_aside_give_up(s, h);
        while (s->head != text)
            smtp_queue_lose(s, h, MS_EXCHANGE_GAP);
        s->adrift = false;
    }
    if (p)
        pair_before(s, h, p);
    if (p || text) {
        smtp_answer(s, h, r);
        return;
    }
    smtp_aside_keep(s, h, r);
    if (is_all(s))
        pair_before(s, h, NULL);
}

/* Behind these a client waits for all replies (RFC 2920 3.1). */
static bool ends_group(uint8_t verb)
{
    return is_hello(verb) || verb == SMTP_DATA || verb == SMTP_AUTH || verb == SMTP_STARTTLS || verb == SMTP_END;
}

void smtp_align_command(struct smtp *s, struct ms_host *h, struct smtp_at at)
{
    if (s->adrift && s->aside && s->tail && ends_group(s->tail->verb) && at.frame > s->aside_last->reply.last.frame)
        pair_before(s, h, NULL);
    while (!s->adrift && s->aside && s->aside->reply.first.frame < at.frame)
        give_up_first(s, h);
}

void smtp_align_claim(struct smtp *s, struct ms_host *h)
{
    while (s->aside && !s->adrift && s->head && s->head == s->tail) {
        if (smtp_reply_fits(s->head, &s->aside->reply)) {
            pair(s, h);
            return;
        }
        give_up_first(s, h);
    }
}

void smtp_align_text(struct smtp *s, struct ms_host *h)
{
    while (s->head)
        smtp_queue_lose(s, h, MS_EXCHANGE_GAP);
    smtp_aside_give_up(s, h);
    s->adrift = false;
}
