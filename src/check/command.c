/* check/command.c - attacks that one command shows: what its argument smuggles in, verbs of old, lines made to overflow or to keep the
 * server busy, names of scanners, and what an NTLM challenge gives away.
 *
 * Secrets  passwords are not looked at: of logins the user name alone.
 * BUGS     EHLO names of scanners are those that call themselves so.                                               */
#include "check/private.h"

enum { LONG_BYTES = 1024, LINK2STATE_BYTES = 520, SHOWN_BYTES = 80, MOST_NESTED = 100, MOST_ALTERNATIVES = 500, MOST_WILDCARDS = 10 };

static bool is_verb(const struct ms_exchange *x, const char *verb) { return ms_equal(x->command, ms_str(verb)); }
static bool is_smtp(const struct ms_session *s) { return s->protocol == MS_PROTO_SMTP || s->protocol == MS_PROTO_LMTP; }
static bool was_taken(const struct ms_exchange *x) { return x->code / 100 == 2 || x->code == MS_RESULT_POP_OK || x->code == MS_RESULT_OK; }

/* ---- command-injection -------------------------------------------------------------------------------------------- */

/* Bytes without which no argument can be one of those below. */
static bool is_odd(uint8_t c) { return c == 0 || c == '\r' || c == '\n' || c == '$' || c == '%' || c == '`' || c == '|' || c == ';' || c == '('; }

static bool holds(struct ms_bytes b, const char *phrases) /* "a|b": any of them, without regard to case */
{
    for (struct ms_bytes rest = ms_str(phrases), part; rest.n; rest = ms_tail(rest, part.n + 1)) {
        part = ms_head(rest, ms_find(rest, '|'));
        if (ms_search_nocase(b, part) < b.n)
            return true;
    }
    return false;
}

/* In IMAP it stands behind a tag. */
static bool is_command_word(struct ms_bytes b)
{
    b = ms_trim(b);
    struct ms_bytes word = ms_take_word(&b), next = ms_take_word(&b);
    return ms_is_one_of(ms_head(word, ms_find(word, ':')), "MAIL|RCPT|DATA|EHLO|HELO|RSET|QUIT|AUTH|USER|PASS|RETR|DELE|LOGIN|FETCH|STARTTLS|BCC|TO|CC|SUBJECT") ||
           ms_is_one_of(next, "LOGIN|AUTHENTICATE|SELECT|EXAMINE|FETCH|STORE|APPEND|DELETE|CREATE|LOGOUT|SETACL|SETMETADATA");
}

/* A line end inside of an argument, as a byte or as %0d%0a, or a NUL in the middle. */
static const char *line_trick(struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if ((b.p[i] == '\r' || b.p[i] == '\n') && is_command_word(ms_tail(b, i + 1)))
            return "a line end, and another command behind it";
    if (ms_find(b, 0) < b.n)
        return "a NUL byte";
    return holds(b, "%0d%0a|%0a%0d") ? "a line end in percent signs (%0d%0a)" : NULL;
}

/* `command`, not the lone backtick that an address may have. */
static bool has_backticks(struct ms_bytes b)
{
    size_t          from = ms_find(b, '`');
    struct ms_bytes inside = ms_tail(b, from + 1);
    inside = ms_head(inside, ms_find(inside, '`'));
    bool closed = from + 1 + inside.n < b.n && inside.n;
    return closed && (ms_find(inside, ' ') < inside.n || ms_find(inside, '/') < inside.n || ms_is_one_of(inside, "id|whoami|uname|ls|reboot"));
}

static const char *shell_trick(struct ms_bytes b)
{
    struct ms_bytes rest = b;
    size_t          open = ms_find(b, '<'), colon = ms_find(b, ':');
    rest = open < b.n ? ms_tail(b, open + 1) : colon < b.n ? ms_trim(ms_tail(b, colon + 1)) : b;
    if (ms_at(rest, 0) == '"')
        rest = ms_tail(rest, 1);
    if (holds(b, "${run{|${jndi:|${perl{|${readfile{"))
        return "an expansion that runs or reads something (${...})";
    if (holds(b, "$(") || has_backticks(b) || holds(b, "() {"))
        return "a command for the shell";
    if (ms_at(rest, 0) == '|' && rest.n > 1)
        return "a pipe into a program in the place of an address";
    if (ms_at(rest, 0) == ';' || holds(b, ";/bin/|;sh;|; sh;|;wget |;curl |; wget |; curl |;sleep |;nc "))
        return "a command for the shell";
    return NULL;
}

static struct ms_bytes argument_of(struct ms_reply r)
{
    const struct ms_exchange *x = r.x;
    switch (ms_at(x->command, 0)) {
    case 'M': return is_verb(x, "MAIL") ? x->argument : (struct ms_bytes){ NULL, 0 };
    case 'R': return is_verb(x, "RCPT") ? x->argument : (struct ms_bytes){ NULL, 0 };
    case 'E':
    case 'H':
    case 'V': return is_smtp(r.s) ? x->argument : (struct ms_bytes){ NULL, 0 };
    case 'U': return is_verb(x, "USER") ? x->argument : (struct ms_bytes){ NULL, 0 };
    case 'L': return is_verb(x, "LOGIN") ? x->subject : (struct ms_bytes){ NULL, 0 };
    case 'A': return x->stage == MS_STAGE_AUTH ? x->subject : (struct ms_bytes){ NULL, 0 };
    default: return (struct ms_bytes){ NULL, 0 };
    }
}

static void check_injection(struct ms_reply r)
{
    struct ms_bytes b = argument_of(r);
    size_t          i = 0, n = b.n;
    while (n && (b.p[n - 1] == '\r' || b.p[n - 1] == 0 || b.p[n - 1] == ' '))
        n--; /* a sloppy line end */
    b.n = n;
    while (i < n && !is_odd(b.p[i]))
        i++;
    const char *what = i < n ? line_trick(b) : NULL;
    what = i < n && !what ? shell_trick(b) : what;
    if (!what)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_COMMAND_INJECTION);
    f.severity = was_taken(r.x) ? MS_SEVERITY_CRITICAL : MS_SEVERITY_ERROR;
    f.command = ms_head(r.x->command, 64);
    f.subject = ms_head(b, SHOWN_BYTES);
    f.detail = ms_watch_text(r.w, "The argument holds %s", what);
    f.cause = was_taken(r.x) ? MS_LIT("The server took the command: see in its log and on its disk whether it ran anything.")
              : r.x->code    ? MS_LIT("The server refused the command.")
                             : (struct ms_bytes){ NULL, 0 };
    ms_fact_frame(&f, r.x->frame);
    ms_fact_frame(&f, r.x->reply_frame);
    ms_fact_add(r.w, &f);
}

/* ---- verbs of old, and lines too long ------------------------------------------------------------------------------- */

static void check_legacy(struct ms_reply r)
{
    static const struct { const char *verb, *words; } rows[] = {
        { "DEBUG", "let anybody run commands on Sendmail servers of the 1980s (the Morris worm used it)" },
        { "WIZ", "gave anybody a shell on Sendmail servers of the 1980s" },
        { "KILL", "goes with WIZ" },
        { "TURN", "makes the server hand out mail for any host name that the client claims (RFC 5321 F.1)" },
    };
    for (size_t i = 0; is_smtp(r.s) && i < sizeof rows / sizeof *rows; i++) {
        if (!is_verb(r.x, rows[i].verb))
            continue;
        struct ms_fact f = ms_fact_of(MS_RULE_LEGACY_COMMAND);
        f.severity = r.x->code / 100 == 2 ? MS_SEVERITY_CRITICAL : MS_SEVERITY_WARNING;
        f.command = f.subject = ms_str(rows[i].verb);
        f.detail = ms_str(rows[i].words);
        f.cause = r.x->code / 100 == 2 ? MS_LIT("The server answered that it did it.") : MS_LIT("The server did not do it.");
        ms_fact_frame(&f, r.x->frame);
        ms_fact_frame(&f, r.x->reply_frame);
        ms_fact_add(r.w, &f);
    }
}

/* Long lines are for challenges, and IMAP has lists of message numbers. */
static bool is_overlong(struct ms_reply r)
{
    const struct ms_exchange *x = r.x;
    if (is_verb(x, "X-LINK2STATE"))
        return x->argument.n > LINK2STATE_BYTES; /* MS05-021 */
    if (x->argument.n <= LONG_BYTES || x->stage == MS_STAGE_DATA || r.s->flags & (MS_SESSION_GAPS | MS_SESSION_JOINED_LATE | MS_SESSION_SNAPPED))
        return false;
    if (r.s->protocol == MS_PROTO_IMAP)
        return is_verb(x, "LOGIN");
    return !is_verb(x, "AUTH") && !is_verb(x, "AUTH-LINE");
}

static void check_length(struct ms_reply r)
{
    if (r.x->argument.n <= LINK2STATE_BYTES || !is_overlong(r))
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_OVERLONG_COMMAND);
    f.command = f.subject = ms_head(r.x->command, 64);
    f.size = r.x->command.n + 1 + r.x->argument.n;
    f.cause = !r.x->code ? MS_LIT("The server did not answer: see whether it still runs.") : (struct ms_bytes){ NULL, 0 };
    ms_fact_frame(&f, r.x->frame);
    ms_fact_frame(&f, r.x->reply_frame);
    ms_fact_add(r.w, &f);
}

/* ---- resource-exhaustion: what keeps an IMAP server busy ----------------------------------------------------------------- */

struct shape { uint32_t depth, deepest, wildcards, alternatives; };

/* Of an argument, quoted strings aside, but for the wildcards of a pattern. */
static struct shape shape_of(struct ms_bytes b)
{
    struct shape s = { .depth = 0 };
    bool         quoted = false;
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i];
        s.wildcards += c == '*' || c == '%';
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == '(')
            s.deepest = ++s.depth > s.deepest ? s.depth : s.deepest;
        else if (!quoted && c == ')')
            s.depth -= s.depth > 0;
        else if (!quoted && (c == 'O' || c == 'o') && ms_starts_nocase(ms_tail(b, i), MS_LIT("OR ")) && (i == 0 || b.p[i - 1] == ' ' || b.p[i - 1] == '('))
            s.alternatives++;
    }
    return s;
}

/* "{4294967296}" at the end: more than servers take, and more than 31 bits hold. */
static bool has_huge_literal(struct ms_bytes b)
{
    size_t   n = ms_at(b, b.n - 1) == '}' ? b.n - 1 : 0, from = n;
    uint64_t size = 0;
    while (from && (ms_is_digit(b.p[from - 1]) || (b.p[from - 1] == '+' && from == n)))
        from--;
    struct ms_bytes digits = ms_slice(b, from, n - from);
    digits.n -= ms_at(digits, digits.n - 1) == '+';
    if (from == 0 || b.p[from - 1] != '{' || digits.n == 0)
        return false;
    return !ms_parse_u64(digits, &size) || size > INT32_MAX;
}

static const char *heavy_words(const struct ms_exchange *x)
{
    bool         lists = is_verb(x, "LIST") || is_verb(x, "LSUB") || is_verb(x, "XLIST");
    struct shape s = lists || x->argument.n > MOST_NESTED ? shape_of(x->argument) : (struct shape){ .depth = 0 };
    if (s.deepest > MOST_NESTED)
        return "parentheses in more than 100 levels";
    if (s.alternatives > MOST_ALTERNATIVES)
        return "more than 500 alternatives (OR)";
    if (lists && s.wildcards > MOST_WILDCARDS)
        return "a pattern with more than 10 wildcards";
    return x->argument.n && x->argument.p[x->argument.n - 1] == '}' && has_huge_literal(x->argument) ? "a literal of more than 2 GiB" : NULL;
}

static void check_heavy(struct ms_reply r)
{
    const char *words = heavy_words(r.x);
    if (!words)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_RESOURCE_EXHAUSTION);
    f.command = f.subject = ms_head(r.x->command, 64);
    f.detail = ms_watch_text(r.w, "%.*s came with %s", (int)f.command.n, (const char *)f.command.p, words);
    f.cause = !r.x->code ? MS_LIT("The server did not answer: see whether it still runs.") : (struct ms_bytes){ NULL, 0 };
    ms_fact_frame(&f, r.x->frame);
    ms_fact_frame(&f, r.x->reply_frame);
    ms_fact_add(r.w, &f);
}

/* ---- EHLO ------------------------------------------------------------------------------------------------------------ */

static bool is_bare_address(struct ms_bytes name)
{
    unsigned dots = 0, digits = 0;
    for (size_t i = 0; i < name.n; i++) {
        dots += name.p[i] == '.';
        digits += ms_is_digit(name.p[i]);
    }
    return dots == 3 && digits >= 4 && dots + digits == name.n;
}

static void check_hello(struct ms_reply r)
{
    struct ms_bytes rest = r.x->argument, name = ms_take_word(&rest);
    bool            scanner = holds(name, "masscan|nmap|zgrab|shodan|censys|shadowserver|openvas|nessus|internet-census|internet-measurement|binaryedge|leakix|stretchoid|onyphe");
    bool            outside = ms_is_stranger(&r.s->client, &r.s->server);
    bool            own = name.n && ms_find(name, '.') < name.n && ms_equal_nocase(name, r.s->server.name);
    const char     *words = !outside ? NULL : own ? "the name of the server itself" : is_bare_address(name) ? "an address without brackets"
                            : ms_is_one_of(name, "localhost|localhost.localdomain") ? "\"localhost\"" : NULL;
    if (!scanner && !words)
        return;
    struct ms_fact f = ms_fact_of(scanner ? MS_RULE_SCANNER : MS_RULE_SUSPICIOUS_HELO);
    f.subject = ms_head(name, SHOWN_BYTES);
    f.command = ms_head(r.x->command, 64);
    f.detail = scanner ? MS_LIT("The client calls itself so") : ms_str(words);
    ms_fact_frame(&f, r.x->frame);
    ms_fact_add(r.w, &f);
}

/* ---- ntlm-disclosure --------------------------------------------------------------------------------------------------- */

static struct ms_bytes ntlm_words(struct ms_watch *w, const struct ms_ntlm *n)
{
    const struct { const char *what; struct ms_bytes name; } rows[] = {
        { "computer", n->computer }, { "domain", n->domain.n ? n->domain : n->target }, { "computer in DNS", n->dns_computer }, { "domain in DNS", n->dns_domain },
        { "forest", n->forest },
    };
    struct ms_bytes all = { NULL, 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].name.n)
            all = ms_watch_text(w, "%.*s%s%s %.*s", (int)all.n, (const char *)all.p, all.n ? ", " : "", rows[i].what, (int)ms_head(rows[i].name, SHOWN_BYTES).n,
                                (const char *)rows[i].name.p);
    if (n->major)
        all = ms_watch_text(w, "%.*s%sWindows %u.%u build %u", (int)all.n, (const char *)all.p, all.n ? ", " : "", n->major, n->minor, n->build);
    return all;
}

static void check_ntlm(struct ms_reply r)
{
    struct ms_ntlm *n = r.s->ntlm;
    if (!n || n->told || r.x->stage != MS_STAGE_AUTH || (n->answered && was_taken(r.x)))
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_NTLM_DISCLOSURE);
    f.detail = ntlm_words(r.w, n);
    if (f.detail.n == 0)
        return;
    n->told = true;
    f.severity = n->answered ? MS_SEVERITY_NOTE : MS_SEVERITY_WARNING;
    f.cause = n->answered ? MS_LIT("The client went on to log in, and failed.")
                          : MS_LIT("The client took these names and did not log in: it is how scanners take stock of a network from outside.");
    ms_fact_frame(&f, r.x->frame);
    ms_fact_frame(&f, r.x->reply_frame);
    ms_fact_add(r.w, &f);
}

/* ---- unoffered-pipelining --------------------------------------------------------------------------------------------- */

static void check_pipelining(struct ms_reply r)
{
    struct ms_fact f = ms_fact_of(MS_RULE_UNOFFERED_PIPELINING);
    bool           outside = ms_is_stranger(&r.s->client, &r.s->server) && r.s->auth_result != 1;
    f.severity = outside ? MS_SEVERITY_WARNING : MS_SEVERITY_NOTE;
    f.command = ms_head(r.x->command, 64);
    f.cause = outside ? MS_LIT("Mail servers wait; programs that send spam are in a hurry, and do not read what the server says.") : (struct ms_bytes){ NULL, 0 };
    ms_fact_frame(&f, r.x->frame);
    ms_fact_frame(&f, r.x->reply_frame);
    ms_fact_add(r.w, &f);
}

void ms_check_command(struct ms_reply r)
{
    check_injection(r);
    check_length(r);
    if (r.s->protocol == MS_PROTO_IMAP)
        check_heavy(r);
    r.w->commands++;
    uint8_t first = ms_at(r.x->command, 0);
    if (first == 'D' || first == 'W' || first == 'K' || first == 'T')
        check_legacy(r);
    if ((first == 'N' && is_verb(r.x, "NOOP")) || (first == 'R' && is_verb(r.x, "RSET")))
        r.w->idle_commands++;
    if ((first == 'E' || first == 'H') && (is_verb(r.x, "EHLO") || is_verb(r.x, "HELO")))
        check_hello(r);
    check_ntlm(r);
    if (r.x->flags & MS_EXCHANGE_UNOFFERED && r.s->protocol == MS_PROTO_SMTP)
        check_pipelining(r);
}
