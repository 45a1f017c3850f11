/* check/sender_fields.c - what programs write into header fields: dates, identifiers, encoded words, fields that are missing, repeated or hidden in others. */
#include "check/sender.h"
#include "mail/date.h"
#include "mail/site.h"

enum { HOUR = 3600, DAY = 86400, FUTURE_HOURS = 6, PAST_DAYS = 14 };
static const int64_t SECOND = 1000000000;

static void check_date(const struct ms_claims *c)
{
    int64_t at, ahead;
    if (c->m->direction != MS_SENT && c->m->session)
        return; /* retrieved ones may be years old */
    if (!ms_parse_date(c->value[MS_SAID_DATE], &at)) {
        ms_claims_sign(c, MS_SIGN_DATE_MISSING, c->value[MS_SAID_DATE]);
        return;
    }
    if (!c->m->session || c->m->started == MS_UNKNOWN)
        return;
    ahead = (at - c->m->started) / SECOND;
    if (ahead > FUTURE_HOURS * HOUR)
        ms_claims_sign(c, MS_SIGN_DATE_FUTURE, c->value[MS_SAID_DATE]);
    else if (ahead < -PAST_DAYS * DAY)
        ms_claims_sign(c, MS_SIGN_DATE_PAST, c->value[MS_SAID_DATE]);
}

static void check_id(const struct ms_claims *c)
{
    struct ms_bytes id = ms_trim(c->value[MS_SAID_MESSAGE_ID]);
    if (id.n == 0) {
        ms_claims_sign(c, MS_SIGN_ID_MISSING, id);
        return;
    }
    struct ms_bytes inner = ms_slice(id, 1, id.n > 2 ? id.n - 2 : 0), domain = ms_address_domain(inner);
    size_t          first = ms_find(inner, '@');
    bool            quoted = ms_at(inner, 0) == '"', shaped = ms_at(id, 0) == '<' && ms_at(id, id.n - 1) == '>' && first > 0 && domain.n;
    if (!shaped || (!quoted && ms_find(ms_tail(inner, first + 1), '@') < inner.n - first - 1))
        ms_claims_sign(c, MS_SIGN_ID_MALFORMED, id);
    else if (c->site.n && !c->count[MS_SAID_LIST_ID] && !ms_same_site(domain, c->site) && !ms_same_site(domain, ms_address_domain(c->m->envelope.from)))
        ms_claims_sign(c, MS_SIGN_ID_ELSEWHERE, id);
}

/* Encoded words that hold nothing but ASCII. */
static bool is_needless(struct ms_bytes raw, struct ms_bytes decoded)
{
    for (size_t i = 0; i < decoded.n; i++)
        if (decoded.p[i] >= 0x80 || decoded.p[i] < ' ')
            return false;
    return ms_search_nocase(raw, MS_LIT("?b?")) < raw.n || ms_search_nocase(raw, MS_LIT("?q?")) < raw.n;
}

static bool is_raw(struct ms_bytes value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] >= 0x80)
            return true;
    return false;
}

static void check_words(const struct ms_claims *c)
{
    if (is_needless(c->value[MS_SAID_SUBJECT], c->m->headers.subject) || is_needless(c->value[MS_SAID_FROM], c->m->headers.from))
        ms_claims_sign(c, MS_SIGN_WORDS_NEEDLESS, c->value[is_needless(c->value[MS_SAID_SUBJECT], c->m->headers.subject) ? MS_SAID_SUBJECT : MS_SAID_FROM]);
    if (is_raw(c->value[MS_SAID_SUBJECT]) || is_raw(c->value[MS_SAID_FROM]))
        ms_claims_sign(c, MS_SIGN_HEADER_RAW, c->m->headers.subject);
    struct ms_bytes subject = c->value[MS_SAID_SUBJECT];
    if (subject.n > 1 && ms_is_blank(subject.p[subject.n - 1]))
        ms_claims_sign(c, MS_SIGN_SUBJECT_BLANKS, c->m->headers.subject);
    if (ms_has_random_word(c->m->headers.subject))
        ms_claims_sign(c, MS_SIGN_SUBJECT_RANDOM, c->m->headers.subject);
    if (ms_has_disguised_word(c->m->headers.subject))
        ms_claims_sign(c, MS_SIGN_NAME_DISGUISED, c->m->headers.subject);
}

/* "Termination request: ann@example.org", of a sender who has no name for her. */
static void check_subject(const struct ms_claims *c)
{
    struct ms_mailbox to;
    struct ms_bytes   subject = c->m->headers.subject;
    if (subject.n == 0 || ms_parse_addresses(c->value[MS_SAID_TO], &to, 1, c->arena) != 1 || to.domain.n == 0 || ms_same_site(to.domain, c->site))
        return;
    size_t at = ms_search_nocase(subject, to.local);
    if (at < subject.n && ms_at(subject, at + to.local.n) == '@' && ms_starts_nocase(ms_tail(subject, at + to.local.n + 1), to.domain))
        ms_claims_sign(c, MS_SIGN_SUBJECT_RECIPIENT, subject);
}

static void check_thread(const struct ms_claims *c)
{
    struct ms_bytes subject = ms_trim(c->m->headers.subject);
    if (ms_starts_nocase(subject, MS_LIT("re:")) && /* forwarded mail names none as a rule */
        !c->count[MS_SAID_THREAD] && !c->count[MS_SAID_LIST_ID])
        ms_claims_sign(c, MS_SIGN_REPLY_FALSE, c->m->headers.subject);
}

static void check_mailer(const struct ms_claims *c)
{
    struct ms_bytes mailer = ms_trim(c->value[MS_SAID_MAILER]);
    bool            letters = false;
    for (size_t i = 0; i < mailer.n; i++)
        letters |= ms_is_word_byte(mailer.p[i]) && !ms_is_digit(mailer.p[i]);
    if (mailer.n && !letters)
        ms_claims_sign(c, MS_SIGN_MAILER_DIGITS, mailer);
    if (c->count[MS_SAID_PHP])
        ms_claims_sign(c, ms_search_nocase(c->value[MS_SAID_PHP], MS_LIT("eval()'d")) < c->value[MS_SAID_PHP].n ? MS_SIGN_SCRIPT_EVAL : MS_SIGN_SCRIPT_MAILER, c->value[MS_SAID_PHP]);
    if (ms_at(c->value[MS_SAID_PRIORITY], 0) == '1' || ms_starts_nocase(c->value[MS_SAID_IMPORTANCE], MS_LIT("high")))
        ms_claims_sign(c, MS_SIGN_PRIORITY_HIGH, c->value[MS_SAID_PRIORITY].n ? c->value[MS_SAID_PRIORITY] : c->value[MS_SAID_IMPORTANCE]);
}

/* Behind a line end: letters and hyphens, and a colon. */
static bool begins_field(struct ms_bytes b)
{
    size_t n = 0;
    while (n < b.n && (ms_is_letter(b.p[n]) || b.p[n] == '-'))
        n++;
    return n > 1 && ms_at(b, n) == ':';
}

/* `bare`: line ends that are whole are those of the header block. */
static bool is_injected(struct ms_bytes text, bool bare)
{
    for (size_t i = 0; i < text.n; i++) {
        bool ends = text.p[i] == '\r' ? !bare || ms_at(text, i + 1) != '\n' : text.p[i] == '\n' && !bare;
        if (ends && begins_field(ms_tail(text, i + 1)))
            return true;
    }
    return false;
}

/* A field in a field: behind a line end that an encoded word hides, or behind a bare CR. */
static void check_injection(const struct ms_claims *c)
{
    const struct ms_headers *h = &c->m->headers;
    const struct ms_bytes    shown[] = { h->subject, h->from, h->to, h->cc, h->reply_to };
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (is_injected(shown[i], false))
            ms_claims_sign(c, MS_SIGN_HEADER_INJECTED, shown[i]);
    struct ms_bytes        rest = c->m->top;
    struct ms_header_field f;
    while (ms_header_next(&rest, &f))
        if (is_injected(f.whole, true))
            ms_claims_sign(c, MS_SIGN_HEADER_INJECTED, f.whole);
}

static void check_presence(const struct ms_claims *c)
{
    static const enum ms_said essential[] = { MS_SAID_FROM, MS_SAID_DATE, MS_SAID_MESSAGE_ID, MS_SAID_SUBJECT, MS_SAID_TO }, single[] = { MS_SAID_DATE, MS_SAID_SUBJECT, MS_SAID_TO, MS_SAID_MESSAGE_ID };
    int                     missing = 0;
    for (size_t i = 0; i < sizeof essential / sizeof *essential; i++)
        missing += c->count[essential[i]] == 0;
    if (missing >= 2 && c->m->complete)
        ms_claims_sign(c, MS_SIGN_ESSENTIALS_MISSING, (struct ms_bytes){ NULL, 0 });
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (c->count[single[i]] > 1)
            ms_claims_sign(c, MS_SIGN_FIELDS_REPEATED, ms_str(ms_said_names[single[i]]));
    if ((c->count[MS_SAID_TO] == 0 && c->count[MS_SAID_CC] == 0) || ms_search_nocase(c->value[MS_SAID_TO], MS_LIT("undisclosed")) < c->value[MS_SAID_TO].n)
        ms_claims_sign(c, MS_SIGN_RECIPIENT_HIDDEN, c->value[MS_SAID_TO]);
}

void ms_check_sender_fields(const struct ms_claims *c)
{
    check_date(c);
    check_id(c);
    check_words(c);
    check_thread(c);
    check_subject(c);
    check_mailer(c);
    check_presence(c);
    check_injection(c);
}
