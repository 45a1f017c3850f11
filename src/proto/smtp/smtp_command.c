/* proto/smtp/smtp_command.c - one line from the client, taken apart (RFC 5321 4.1, and what clients make of it). */
#include "proto/smtp/smtp_private.h"

static const struct { const char *name; uint8_t verb; } verbs[] = {
    { "EHLO", SMTP_EHLO }, { "HELO", SMTP_HELO }, { "LHLO", SMTP_LHLO }, { "MAIL", SMTP_MAIL }, { "RCPT", SMTP_RCPT },
    { "DATA", SMTP_DATA }, { "BDAT", SMTP_BDAT }, { "RSET", SMTP_RSET }, { "QUIT", SMTP_QUIT }, { "AUTH", SMTP_AUTH },
    { "STARTTLS", SMTP_STARTTLS }, { "X-ANONYMOUSTLS", SMTP_STARTTLS }, { "NOOP", SMTP_KNOWN }, { "VRFY", SMTP_KNOWN },
    { "EXPN", SMTP_KNOWN }, { "HELP", SMTP_KNOWN }, { "ETRN", SMTP_KNOWN }, { "TURN", SMTP_KNOWN }, { "ATRN", SMTP_KNOWN },
    { "XCLIENT", SMTP_KNOWN }, { "XFORWARD", SMTP_KNOWN }, { "SEND", SMTP_KNOWN }, { "SOML", SMTP_KNOWN },
    { "SAML", SMTP_KNOWN }, { "BURL", SMTP_KNOWN }, { "XEXCH50", SMTP_KNOWN }, { "X-EXPS", SMTP_KNOWN },
    { "X-LINK2STATE", SMTP_KNOWN }, { "XADR", SMTP_KNOWN }, { "XPRDR", SMTP_KNOWN },
};

static bool is_verb_char(uint8_t c)
{
    uint8_t low = ms_lower(c);
    return (low >= 'a' && low <= 'z') || ms_is_digit(c) || c == '-';
}

static enum smtp_verb find_verb(struct ms_bytes word)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (ms_equal_nocase(word, ms_str(verbs[i].name)))
            return verbs[i].verb;
    return SMTP_OTHER;
}

/* The first word: letters, digits and "-"; a line that starts otherwise is cut at its first blank. */
static size_t word_length(struct ms_bytes line)
{
    size_t n = 0;
    while (n < line.n && n < SMTP_VERB_BYTES && is_verb_char(line.p[n]))
        n++;
    if (n == 0)
        while (n < line.n && n < SMTP_VERB_BYTES && !ms_is_blank(line.p[n]))
            n++;
    return n;
}

static struct ms_bytes skip_blanks(struct ms_bytes b)
{
    while (b.n && ms_is_blank(b.p[0]))
        b = ms_tail(b, 1);
    return b;
}

/* Behind "FROM" or "TO": blanks, a colon, blanks; any of them may be missing. */
static struct ms_bytes skip_keyword(struct ms_bytes b, struct ms_bytes keyword)
{
    b = skip_blanks(b);
    if (ms_starts_nocase(b, keyword))
        b = skip_blanks(ms_tail(b, keyword.n));
    return skip_blanks(ms_at(b, 0) == ':' ? ms_tail(b, 1) : b);
}

/* Length up to `end` outside of quoted strings, or all. */
static size_t quoted_length(struct ms_bytes b, const char *ends)
{
    bool quoted = false;
    for (size_t i = 0; i < b.n; i++) {
        if (quoted && b.p[i] == '\\')
            i++;
        else if (b.p[i] == '"')
            quoted = !quoted;
        else if (!quoted && b.p[i] && strchr(ends, b.p[i]))
            return i;
    }
    return b.n;
}

/* "<@a,@b:user@host>" or "user@host": the address is given, *b begins behind it. */
static struct ms_bytes take_path(struct ms_bytes *b)
{
    bool            angle = ms_at(*b, 0) == '<';
    struct ms_bytes rest = angle ? ms_tail(*b, 1) : *b;
    size_t          n = quoted_length(rest, angle ? ">" : " \t");
    struct ms_bytes path = ms_trim(ms_head(rest, n));
    *b = ms_tail(rest, angle ? n + 1 : n);
    if (ms_at(path, 0) == '@') { /* source route, RFC 5321 appendix C */
        size_t colon = quoted_length(path, ":");
        if (colon < path.n)
            path = ms_tail(path, colon + 1);
    }
    return path;
}

static void read_path(struct smtp_command *c, struct ms_bytes keyword)
{
    struct ms_bytes rest = skip_keyword(c->argument, keyword);
    c->subject = take_path(&rest);
    for (struct ms_bytes word = ms_take_word(&rest); word.n; word = ms_take_word(&rest))
        if (c->verb == SMTP_MAIL && ms_starts_nocase(word, MS_LIT("SIZE=")))
            c->sized = ms_parse_u64(ms_tail(word, 5), &c->size);
}

/* BDAT count [LAST] (RFC 3030 section 2); anything else is a syntax error and has no bytes behind it. */
static void read_bdat(struct smtp_command *c)
{
    struct ms_bytes rest = c->argument, count = ms_take_word(&rest), last = ms_take_word(&rest);
    c->last = ms_equal_nocase(last, MS_LIT("LAST"));
    c->sized = ms_parse_u64(count, &c->size) && c->size <= INT64_MAX && (c->last || last.n == 0) && ms_trim(rest).n == 0;
}

void smtp_command_parse(struct ms_bytes line, struct smtp_command *out)
{
    line = skip_blanks(line);
    size_t n = word_length(line);
    *out = (struct smtp_command){ .verb = find_verb(ms_head(line, n)), .name_n = n };
    for (size_t i = 0; i < n; i++)
        out->name[i] = line.p[i] >= 'a' && line.p[i] <= 'z' ? (uint8_t)(line.p[i] - 32) : line.p[i];
    out->argument = ms_tail(line, n);
    if (n < SMTP_VERB_BYTES && ms_is_blank(ms_at(out->argument, 0)))
        out->argument = ms_tail(out->argument, 1);
    if (out->verb == SMTP_MAIL)
        read_path(out, MS_LIT("FROM"));
    else if (out->verb == SMTP_RCPT)
        read_path(out, MS_LIT("TO"));
    else if (out->verb == SMTP_BDAT)
        read_bdat(out);
}

bool smtp_command_likely(struct ms_bytes line)
{
    size_t          n = word_length(line);
    enum smtp_verb  verb = find_verb(ms_head(line, n));
    struct ms_bytes rest = ms_tail(line, n), bare = ms_trim(rest);
    uint64_t        count;
    switch (verb) {
    case SMTP_MAIL: return ms_starts_nocase(bare, MS_LIT("FROM")) && ms_find(rest, ':') < rest.n;
    case SMTP_RCPT: return ms_starts_nocase(bare, MS_LIT("TO")) && ms_find(rest, ':') < rest.n;
    case SMTP_EHLO:
    case SMTP_HELO:
    case SMTP_LHLO: return bare.n == 0 || (ms_is_blank(rest.p[0]) && ms_find(bare, ' ') == bare.n);
    case SMTP_BDAT: return ms_parse_u64(ms_take_word(&bare), &count);
    case SMTP_AUTH: return bare.n && ms_is_blank(rest.p[0]) && ms_mechanism_find(ms_take_word(&bare)) != MS_MECH_OTHER;
    case SMTP_DATA:
    case SMTP_RSET:
    case SMTP_QUIT:
    case SMTP_STARTTLS: return bare.n == 0;
    case SMTP_KNOWN: return bare.n == 0 && (line.p[0] & 0x20) == 0; /* "help" alone may be a line of a letter */
    default: return false;
    }
}
