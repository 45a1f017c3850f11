/* content/text/reading.c - one pass over a text.
 *
 * BUGS     links that plain text breaks over two lines are cut at the line end, as mail programs do. */
#include "content/text/reading.h"

#include "content/link/confusable.h"
#include "content/link/link.h"

#include "base/hash.h"
#include "base/text.h"

enum kind { WORD, BLANK, STOP, COLON, DIGIT, OPEN, MARK, WIDE, RUN }; /* of a byte; RUN: scripts that put no blanks between words */

#define W WORD
#define B BLANK
#define S STOP
#define D DIGIT
static const uint8_t kinds[256] = {
    S, S, S, S, S, S, S, S, S, B, B, B, B, B, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S, S,
    B, S, S, MARK, S, MARK, S, S, OPEN, S, S, DIGIT, S, S, S, S, D, D, D, D, D, D, D, D, D, D, COLON, S, S, S, S, S,
    S, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, MARK, S, S, S, S,
    S, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, MARK, S, S, S, S,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, WIDE, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    W, W, WIDE, RUN, RUN, RUN, RUN, RUN, RUN, RUN, RUN, RUN, RUN, RUN, W, WIDE, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
};
#undef W
#undef B
#undef S
#undef D

struct reader {
    struct ms_inside  *in;
    struct ms_bytes    text;
    struct ms_spans    known;
    size_t             span; /* the first of `known` that is not behind us */
    struct ms_reading *out;
};

static bool is_word(uint8_t c) { return ms_is_letter(c) || ms_is_digit(c) || c >= 0x80; }

/* ---- links ----------------------------------------------------------------------------------------------------- */

static bool ends_link(uint8_t c) { return c <= ' ' || c == 0x7f || strchr("<>\"`{}|^", c); }

/* Punctuation behind a link belongs to the sentence; a ')' only when none was opened in the link. */
static size_t without_punctuation(struct ms_bytes link)
{
    size_t n = link.n, opened = 0, closed = 0;
    for (size_t i = 0; i < n; i++) {
        opened += link.p[i] == '(';
        closed += link.p[i] == ')';
    }
    for (; n > 0; n--) {
        uint8_t c = link.p[n - 1];
        if (c == ')' && closed-- <= opened)
            break;
        if (c != ')' && !strchr(".,;:!?'*_]", c))
            break;
    }
    return n;
}

static size_t link_length(struct ms_bytes b)
{
    size_t n = 0;
    for (; n < b.n && n < MS_URL_BYTES && !ends_link(b.p[n]); n++)
        if (b.p[n] >= 0xc2 && n + 2 < b.n) { /* quotation marks, no-break spaces and East Asian full stops end it too */
            uint32_t point = 0;
            size_t   used = ms_utf8_sequence(ms_tail(b, n), &point);
            if (point == 0xa0 || point == 0xab || point == 0xbb || (point >= 0x2018 && point <= 0x201f) || (point >= 0x3000 && point <= 0x3011 && point != 0x3002))
                break;
            n += used ? used - 1 : 0;
        }
    return without_punctuation(ms_utf8_head(b, n));
}

static bool is_known(struct reader *r, size_t at)
{
    while (r->span < r->known.n && r->known.at[r->span].to <= at)
        r->span++;
    return r->span < r->known.n && r->known.at[r->span].from <= at;
}

static size_t take_link(struct reader *r, size_t from)
{
    size_t          n = link_length(ms_tail(r->text, from));
    struct ms_bytes link = ms_slice(r->text, from, n);
    r->out->links++;
    if (ms_starts_nocase(link, MS_LIT("hxxp")))
        r->out->obfuscated = link;
    else if (!is_known(r, from))
        ms_link_found(r->in, link, (struct ms_bytes){ NULL, 0 });
    return from + n;
}

/* At a ':' with "//" behind it: the scheme is in front. Returns where to go on. */
static size_t at_colon(struct reader *r, size_t at)
{
    enum { LONGEST_SCHEME = 16 };
    size_t from = at;
    if (ms_at(r->text, at + 1) != '/' || ms_at(r->text, at + 2) != '/')
        return at + 1;
    while (from > 0 && at - from < LONGEST_SCHEME && (ms_is_letter(r->text.p[from - 1]) || ms_is_digit(r->text.p[from - 1]) || strchr("+-.", r->text.p[from - 1])))
        from--;
    while (from < at && !ms_is_letter(r->text.p[from]))
        from++;
    bool too_short = at - from < 3 || link_length(ms_tail(r->text, at)) < 5;
    return too_short ? at + 1 : take_link(r, from);
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

static bool is_toll_free(const char *digits, size_t n)
{
    const char *area = n == 11 && digits[0] == '1' ? digits + 1 : n == 10 ? digits : NULL;
    return area && area[0] == '8' && (area[1] == area[2] || (area[1] == '0' && area[2] == '8')) && area[1] != '1' && area[1] != '2' && area[1] != '9';
}

/* Ten to fifteen digits in groups, as telephone numbers are written. Returns where they end; `at` when it is none. */
static size_t at_digit(struct reader *r, size_t at)
{
    enum { MOST = 15, LONGEST = 32 };
    char   digits[MOST + 1];
    size_t n = 0, groups = 1, last = 0, end = at;
    bool   plus = ms_at(r->text, at) == '+';
    for (size_t i = at + plus; i < r->text.n && i < at + LONGEST; i++) {
        uint8_t c = r->text.p[i];
        if (ms_is_digit(c)) {
            if (n == MOST)
                return at;
            digits[n++] = (char)c;
            last++;
            end = i + 1;
        } else if (c == ' ' || c == '.' || c == '-' || c == '(' || c == ')' || c == '/') {
            bool more = ms_is_digit(ms_at(r->text, i + 1));
            groups += more;
            last = more ? 0 : last;
        } else {
            break;
        }
    }
    if (n < 10 || groups < (plus ? 1 : 3) || (!plus && last < 4) || /* no date, no address of a host */
         is_word(ms_at(r->text, end)) || is_known(r, at))
        return at;
    struct ms_bytes number = ms_slice(r->text, at, end - at);
    if (r->out->phone.n == 0)
        r->out->phone = number;
    if (r->out->free_phone.n == 0 && is_toll_free(digits, n))
        r->out->free_phone = number;
    return end;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static void take_phrase(struct reader *r, const struct ms_word_hit *hit, size_t at)
{
    uint64_t bit = (uint64_t)1 << (hit->phrase % 64), *seen = &r->out->seen[hit->phrase / 64];
    if (*seen & bit)
        return;
    *seen |= bit;
    if (r->out->phrases[hit->class_] < UINT8_MAX && r->out->phrases[hit->class_]++ == 0)
        r->out->first[hit->class_] = ms_slice(r->text, at, hit->length);
}

/* The pattern that tests of spam filters use: never in one piece here, so that this file does not carry it. */
static void at_pattern(struct reader *r, size_t at)
{
    static const char before[] = "XJS*C4JDBQADN1.NSBN3*2IDNEN*", behind[] = "GTUBE-STANDARD-ANTI-UBE-" "TEST-EMAIL*C.34X";
    size_t n = sizeof before - 1;
    if (at < n)
        return;
    struct ms_bytes whole = ms_slice(r->text, at - n, n + sizeof behind - 1);
    if (ms_equal(ms_head(whole, n), ms_str(before)) && ms_equal(ms_tail(whole, n), ms_str(behind)))
        r->out->pattern = whole;
}

static bool begins_www(struct ms_bytes b)
{
    return b.n > 6 && ms_starts_nocase(b, MS_LIT("www")) && (b.p[3] == '.' || (ms_is_digit(b.p[3]) && b.p[4] == '.')) && is_word(b.p[b.p[3] == '.' ? 4 : 5]);
}

/* ---- candidates for passwords ---------------------------------------------------------------------------------- */

static struct ms_bytes after_blanks(struct ms_bytes b, size_t most)
{
    size_t n = 0;
    while (n < most && (kinds[ms_at(b, n)] == BLANK || ms_at(b, n) == '*'))
        n++;
    return ms_tail(b, n);
}

static void keep_password(struct ms_inside *in, struct ms_bytes word)
{
    enum { ALL = 2048 };
    for (struct ms_bytes rest = in->passwords; rest.n;) {
        struct ms_bytes one = ms_head(rest, ms_find(rest, 0));
        if (ms_equal(one, word))
            return;
        rest = ms_tail(rest, one.n + 1);
    }
    if (in->passwords.n + word.n + 1 > ALL)
        return;
    uint8_t *all = ms_arena_alloc(in->arena, in->passwords.n + word.n + 1); /* ends in the NUL that it is zeroed to */
    if (in->passwords.n)
        memcpy(all, in->passwords.p, in->passwords.n);
    memcpy(all + in->passwords.n, word.p, word.n);
    in->passwords = (struct ms_bytes){ all, in->passwords.n + word.n + 1 };
}

/* "password: X", "Passwort lautet X", "code = 'X'". `b` is what follows the word. */
static void read_password(struct ms_inside *in, struct ms_bytes b)
{
    enum { GAP = 8, LONGEST = 64 };
    static const char *const links[] = { "for the file is", "is set to", "is", "ist", "lautet", "est", "es", "era" };
    bool            linked = false;
    struct ms_bytes rest = after_blanks(b, GAP);
    for (size_t i = 0; i < sizeof links / sizeof *links && !linked; i++) {
        struct ms_bytes word = ms_str(links[i]);
        linked = rest.p != b.p && ms_starts_nocase(rest, word) && !is_word(ms_at(rest, word.n));
        rest = linked ? after_blanks(ms_tail(rest, word.n), GAP) : rest;
    }
    if (ms_at(rest, 0) == ':' || ms_at(rest, 0) == '=') {
        linked = true;
        rest = after_blanks(ms_tail(rest, 1), GAP);
    }
    uint8_t quote = ms_at(rest, 0);
    bool    quoted = quote == '"' || quote == '\'' || quote == '(';
    rest = ms_tail(rest, quoted);
    size_t n = 0;
    while (n < rest.n && n <= LONGEST && (quoted || kinds[rest.p[n]] != BLANK) && !(quoted && rest.p[n] == (quote == '(' ? ')' : quote)) && rest.p[n] != '<')
        n++;
    if (!linked || n < 2 || n > LONGEST)
        return;
    keep_password(in, ms_head(rest, n));
    size_t bare = n;
    while (bare > 2 && strchr(".,;!?)*_\"'", rest.p[bare - 1]))
        bare--;
    if (bare < n)
        keep_password(in, ms_head(rest, bare));
}

static void take_hit(struct reader *r, const struct ms_word_hit *hit, size_t at)
{
    take_phrase(r, hit, at);
    if (hit->class_ == MS_WORDS_GTUBE)
        at_pattern(r, at);
    else if (hit->class_ == MS_WORDS_PASSWORD)
        read_password(r->in, ms_tail(r->text, at + hit->length));
}

/* Inside of a word that begins at `from`: where words are written without blanks, a phrase may begin. */
static bool look_inside(struct reader *r, size_t from, size_t at)
{
    struct ms_word_hit hit;
    if (at > from && ms_words_at(ms_tail(r->text, at), &hit))
        take_hit(r, &hit, at);
    return true;
}

static bool goes_on(struct reader *r, size_t from, size_t at)
{
    uint8_t c = r->text.p[at];
    return kinds[c] == WORD || ms_is_digit(c) || (kinds[c] == RUN && look_inside(r, from, at));
}

/* At the first byte of a word. Returns its end. */
static size_t at_word(struct reader *r, size_t at)
{
    struct ms_word_hit hit;
    struct ms_bytes    here = ms_tail(r->text, at);
    if ((here.p[0] | 0x20) == 'w' && begins_www(here) && !(at > 0 && ms_find(MS_LIT("@./-_"), r->text.p[at - 1]) < 5))
        return take_link(r, at);
    if (ms_words_at(here, &hit))
        take_hit(r, &hit, at);
    size_t end = at, digits = 0;
    while (end < r->text.n && goes_on(r, at, end))
        digits += ms_is_digit(r->text.p[end++]);
    if (digits == 0)
        r->out->digest = ms_hash_after(r->out->digest, ms_slice(r->text, at, end - at));
    if (end - at >= 26 && end - at <= 74 && r->out->wallet.n == 0 && ms_wallet_is_valid(ms_slice(r->text, at, end - at)))
        r->out->wallet = ms_slice(r->text, at, end - at);
    r->out->words++;
    return end;
}

/* ---- what is not ASCII ----------------------------------------------------------------------------------------- */

static void note_split(struct reader *r, size_t at, size_t used)
{
    if (at == 0 || !ms_is_letter(r->text.p[at - 1]) || !ms_is_letter(ms_at(r->text, at + used)))
        return;
    if (r->out->split_words++ > 0)
        return;
    size_t from = at, to = at + used;
    while (from > 0 && at - from < 16 && ms_is_letter(r->text.p[from - 1]))
        from--;
    while (to < r->text.n && to - at < 32 && ms_is_letter(r->text.p[to]))
        to++;
    r->out->split_word = ms_slice(r->text, from, to - from);
}

static size_t at_wide(struct reader *r, size_t at)
{
    uint32_t point = 0;
    size_t   used = ms_utf8_sequence(ms_tail(r->text, at), &point);
    if (used == 0)
        return at + 1;
    r->out->blocks += point >= 0x2580 && point <= 0x259f;
    r->out->overrides += point == 0x202d || point == 0x202e;
    if (ms_is_invisible(point) && point != 0xad)
        note_split(r, at, used);
    else if (point >= 0xff00 && point <= 0xff5e)
        at_word(r, at); /* fullwidth letters: a phrase may begin here */
    return at + used;
}

/* ---- tokens that a sending program left unfilled --------------------------------------------------------------- */

static size_t at_mark(struct reader *r, size_t at)
{
    static const char *const tokens[] = { "[[-", "{{email", "{{name", "{{user", "{{first", "{{recipient", "##email", "##name", "##domain", "#email#", "[email]",
                                          "[emailid]", "[victim", "[random", "{random", "%rand", "%%email", "%%rnd", "%%name", "[-email-]", "[-domain-]", "{email}" };
    struct ms_bytes here = ms_tail(r->text, at);
    if (ms_find(MS_LIT("[{#%-evrnd"), ms_lower(ms_at(here, 1))) == 10)
        return at + 1;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens && r->out->template.n == 0; i++)
        if (ms_starts_nocase(here, ms_str(tokens[i])))
            r->out->template = ms_utf8_head(here, 24);
    return at + 1;
}

void ms_reading_digest(const struct ms_inside *in, const struct ms_reading *r)
{
    enum { FEW_WORDS = 20 };
    if (in->digest && r->words > FEW_WORDS)
        *in->digest = ms_hash_words(*in->digest, r->digest, 0, 0, 0) | 1;
    if (!in->letter)
        return;
    in->letter->words = r->words > in->letter->words ? r->words : in->letter->words;
    in->letter->refers |= r->phrases[MS_WORDS_ATTACHED] > 0;
}

void ms_reading_take(struct ms_inside *in, struct ms_bytes text, struct ms_spans known, struct ms_reading *out)
{
    struct reader r = { in, text, known, 0, out };
    ms_words_prepare();
    out->bytes += text.n;
    for (size_t at = 0; at < text.n;) {
        size_t before = at;
        switch ((enum kind)kinds[text.p[at]]) {
        case WORD:
        case RUN: at = at_word(&r, at); break;
        case DIGIT:
        case OPEN: {
            size_t end = at_digit(&r, at);
            at = end > at ? end : kinds[text.p[at]] == DIGIT && text.p[at] != '+' ? at_word(&r, at) : at + 1;
            break;
        }
        case COLON: at = at_colon(&r, at); break;
        case MARK: at = at_mark(&r, at); break;
        case WIDE: at = at_wide(&r, at); break;
        case BLANK:
        case STOP: at++; break;
        }
        if (at <= before)
            at = before + 1;
    }
}
