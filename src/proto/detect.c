/* proto/detect.c - is it mail, and which protocol: by what both sides say first, with the port as a hint.
 *
 * Each direction is judged alone, by its first line (on mail ports also by later ones, since the capture may begin in the middle):
 * foreign, unknown, or evidence for one protocol, weak or strong. Weak evidence decides on the protocol's own port, or where both
 * sides give it for the same protocol; strong evidence decides on every port, unless the other side contradicts.
 *
 * BUGS     TLS is known by the head of its first record; on ports of implicit TLS anything binary passes for it. A capture that
 *          begins inside of a message and ends there too is not recognised, nor is mail inside of a tunnel (HTTP CONNECT, SOCKS). */
#include "proto/proto.h"

enum { ENOUGH_BYTES = 256, LATE_LINES = 40 };
enum strength {
    WAIT,    /* no whole line yet */
    BINARY,  /* no text */
    FOREIGN, /* another protocol that we know */
    NOTHING, /* text that says nothing */
    WEAK,    /* fits the protocol; NONE: a command that several mail protocols have */
    STRONG,  /* fits no other */
    TLS,
};

struct evidence { enum strength strength; enum ms_protocol protocol; };

static const struct evidence nothing = { NOTHING, MS_PROTO_NONE }, foreign = { FOREIGN, MS_PROTO_NONE };

/* ---- ports ------------------------------------------------------------------------------------------------------ */

enum ms_protocol ms_port_protocol(uint16_t port, bool *implicit_tls)
{
    static const struct { uint16_t port; uint8_t protocol; bool tls; } known[] = {
        { 25, MS_PROTO_SMTP, false },   { 587, MS_PROTO_SMTP, false }, { 2525, MS_PROTO_SMTP, false },
        { 465, MS_PROTO_SMTP, true },   { 24, MS_PROTO_LMTP, false },  { 110, MS_PROTO_POP3, false },
        { 995, MS_PROTO_POP3, true },   { 143, MS_PROTO_IMAP, false }, { 993, MS_PROTO_IMAP, true },
        { 220, MS_PROTO_IMAP, false },  { 1109, MS_PROTO_POP3, false },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].port == port) {
            *implicit_tls = known[i].tls;
            return (enum ms_protocol)known[i].protocol;
        }
    }
    *implicit_tls = false;
    return MS_PROTO_NONE;
}

static enum ms_protocol kind_of(enum ms_protocol p) { return p == MS_PROTO_LMTP ? MS_PROTO_SMTP : p; }

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

static bool has(struct ms_bytes line, const char *words) /* any of the words, separated by '|' */
{
    for (struct ms_bytes rest = ms_str(words); rest.n;) {
        struct ms_bytes word = ms_head(rest, ms_find(rest, '|'));
        if (ms_search_nocase(line, word) < line.n)
            return true;
        rest = ms_tail(rest, word.n + 1);
    }
    return false;
}

static bool is_alpha(uint8_t c) { return ms_lower(c) >= 'a' && ms_lower(c) <= 'z'; }

/* Text as mail protocols speak it in their first lines: no control characters. */
static bool is_text(struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] < ' ' && b.p[i] != '\t' && b.p[i] != '\r' && b.p[i] != '\n')
            return false;
    return true;
}

/* handshake, application data, alert or change cipher spec, of SSL 3.0 to TLS 1.3 */
static bool is_tls(struct ms_bytes b)
{
    return b.n >= 3 && b.p[0] >= 0x14 && b.p[0] <= 0x17 && b.p[1] == 3 && b.p[2] <= 4;
}

/* ---- the server's first line --------------------------------------------------------------------------------------- */

static struct evidence smtp_reply(struct ms_bytes line)
{
    unsigned code = (unsigned)(line.p[0] - '0') * 100 + (unsigned)(line.p[1] - '0') * 10 + (unsigned)(line.p[2] - '0');
    uint8_t  sep = ms_at(line, 3);
    if (code < 200 || code > 599 || (sep != ' ' && sep != '-' && sep != 0))
        return nothing;
    if (code == 220 && has(line, " LMTP"))
        return (struct evidence){ STRONG, MS_PROTO_LMTP };
    if (has(line, "ESMTP") || (code == 220 && has(line, "Postfix|Exim|Sendmail")))
        return (struct evidence){ STRONG, MS_PROTO_SMTP };
    if (has(line, "FTP|NNTP|NNRP|InterNetNews|news server") || code == 200 || code == 201)
        return foreign; /* after ESMTP: a mail server may be named ftp.example.com */
    if (has(line, " SMTP"))
        return (struct evidence){ STRONG, MS_PROTO_SMTP };
    return (struct evidence){ WEAK, MS_PROTO_SMTP };
}

static struct evidence pop_reply(struct ms_bytes line)
{
    bool   ok = ms_starts_nocase(line, MS_LIT("+OK"));
    size_t open = ms_find(line, '<');
    struct ms_bytes stamp = ms_tail(line, open);
    size_t at = ms_find(stamp, '@');
    if (ok && at < stamp.n && ms_find(stamp, '>') < stamp.n && ms_find(stamp, '.') < at)
        return (struct evidence){ STRONG, MS_PROTO_POP3 };
    if (has(line, "POP3|POP server|POP ready|maildrop|octets"))
        return (struct evidence){ STRONG, MS_PROTO_POP3 };
    return (struct evidence){ WEAK, MS_PROTO_POP3 };
}

/* "* OK ..." and what may stand there in its place (RFC 9051 7.1); the greeting of other protocols never begins so, except for
 * ACAP and Cyrus' own, which name themselves. */
static struct evidence imap_reply(struct ms_bytes line)
{
    struct ms_bytes rest = ms_tail(line, 2), word = ms_take_word(&rest);
    if (has(rest, "ACAP|MUPDATE"))
        return foreign;
    if (has(line, "IMAP") && ms_is_one_of(word, "OK|PREAUTH|BYE"))
        return (struct evidence){ STRONG, MS_PROTO_IMAP };
    if (ms_is_one_of(word, "OK|PREAUTH|BYE|CAPABILITY"))
        return (struct evidence){ ms_at(rest, 1) == '[' || word.n == 10 ? STRONG : WEAK, MS_PROTO_IMAP };
    uint64_t        number;
    struct ms_bytes next = ms_take_word(&rest);
    if (ms_parse_u64(word, &number) && ms_is_one_of(next, "FETCH|EXISTS|RECENT|EXPUNGE"))
        return (struct evidence){ STRONG, MS_PROTO_IMAP };
    if (ms_is_one_of(word, "FLAGS|LIST|LSUB|SEARCH|STATUS|ID|NAMESPACE|NO|BAD"))
        return (struct evidence){ WEAK, MS_PROTO_IMAP };
    return nothing;
}

/* "A001 OK ..." */
static bool is_tagged_reply(struct ms_bytes line)
{
    struct ms_bytes tag = ms_take_word(&line), word = ms_take_word(&line);
    return tag.n && tag.n <= 32 && (is_alpha(tag.p[0]) || ms_is_digit(tag.p[0])) && ms_is_one_of(word, "OK|NO|BAD") && line.n;
}

static struct evidence server_line(struct ms_bytes line)
{
    if (ms_starts_nocase(line, MS_LIT("SSH-")) || ms_starts_nocase(line, MS_LIT("HTTP/")) || ms_starts_nocase(line, MS_LIT("\"IMPLEMENTATION\"")) ||
        ms_starts_nocase(line, MS_LIT("<?xml")) || ms_starts_nocase(line, MS_LIT("RFB ")) || ms_at(line, 0) == '$')
        return foreign;
    bool code = line.n >= 3 && ms_is_digit(line.p[0]) && ms_is_digit(line.p[1]) && ms_is_digit(line.p[2]);
    struct evidence smtp = code ? smtp_reply(line) : nothing;
    if (smtp.strength != NOTHING)
        return smtp;
    if (ms_equal_nocase(ms_head(line, 3), MS_LIT("+OK")) && (line.n == 3 || line.p[3] == ' '))
        return pop_reply(line);
    if (ms_equal_nocase(ms_head(line, 4), MS_LIT("-ERR")) && (line.n == 4 || line.p[4] == ' '))
        return (struct evidence){ has(line, "POP|maildrop|mailbox") ? STRONG : WEAK, MS_PROTO_POP3 };
    if (ms_at(line, 0) == '*' && ms_at(line, 1) == ' ')
        return imap_reply(line);
    if (is_tagged_reply(line))
        return (struct evidence){ WEAK, MS_PROTO_IMAP };
    return nothing;
}

/* ---- the client's first line --------------------------------------------------------------------------------------- */

/* Commands of IMAP with what must follow, so that a chat line "a list of ..." is none. */
static struct evidence imap_command(struct ms_bytes line)
{
    struct ms_bytes rest = line, tag = ms_take_word(&rest), word = ms_take_word(&rest);
    rest = ms_trim(rest);
    if (tag.n == 0 || tag.n > 32 || !(is_alpha(tag.p[0]) || ms_is_digit(tag.p[0]) || tag.p[0] == '.'))
        return nothing;
    bool digits = false;
    for (size_t i = 0; i < tag.n; i++)
        digits |= ms_is_digit(tag.p[i]);
    if (ms_is_one_of(word, "CAPABILITY|STARTTLS") && rest.n == 0)
        return (struct evidence){ STRONG, MS_PROTO_IMAP };
    if (ms_is_one_of(word, "LOGIN|AUTHENTICATE|ID|SELECT|EXAMINE|LIST|LSUB|STATUS|FETCH|UID|APPEND|NAMESPACE|ENABLE|SEARCH|STORE|COPY"))
        return (struct evidence){ digits && rest.n && !ms_is_one_of(word, "ID|COPY|STORE|STATUS|SEARCH|LIST") ? STRONG : WEAK,
                                  MS_PROTO_IMAP };
    if (ms_is_one_of(word, "NOOP|LOGOUT|IDLE|CHECK|CLOSE|EXPUNGE") && rest.n == 0)
        return (struct evidence){ WEAK, MS_PROTO_IMAP };
    return nothing;
}

static bool is_http(struct ms_bytes line)
{
    struct ms_bytes rest = line, verb = ms_take_word(&rest);
    return ms_is_one_of(verb, "GET|POST|HEAD|PUT|DELETE|OPTIONS|CONNECT|PROPFIND|TRACE|PATCH|REGISTER|INVITE|SUBSCRIBE|NOTIFY|MESSAGE|"
                           "PRI|M-SEARCH|DESCRIBE|SETUP") &&
           has(rest, "HTTP/|SIP/|RTSP/");
}

static struct evidence client_line(struct ms_bytes line)
{
    struct ms_bytes rest = line, verb = ms_take_word(&rest);
    rest = ms_trim(rest);
    if (is_http(line) || ms_starts_nocase(line, MS_LIT("SSH-")) || ms_is_one_of(verb, "NICK|JOIN|PRIVMSG|MODE|CAP|SYST|FEAT|PASV|EPSV|PORT|"
        "CWD|PWD|XPWD|TYPE|MLSD|GROUP|XOVER|ARTICLE|AUTHINFO|PUTSCRIPT|LISTSCRIPTS|HAVESPACE|PING|PONG|WHO") ||
        ms_at(line, 0) == '*')
        return foreign; /* '*': a Redis array; no mail client begins so */
    if (ms_is_one_of(verb, "EHLO|LHLO") && rest.n)
        return (struct evidence){ STRONG, ms_lower(verb.p[0]) == 'l' ? MS_PROTO_LMTP : MS_PROTO_SMTP };
    if (ms_is_one_of(verb, "HELO"))
        return (struct evidence){ rest.n && ms_find(rest, ' ') == rest.n ? STRONG : WEAK, MS_PROTO_SMTP };
    if (ms_starts_nocase(line, MS_LIT("MAIL FROM:")) || ms_starts_nocase(line, MS_LIT("RCPT TO:")))
        return (struct evidence){ STRONG, MS_PROTO_SMTP };
    if (ms_is_one_of(verb, "APOP") && ms_find(rest, ' ') < rest.n)
        return (struct evidence){ STRONG, MS_PROTO_POP3 };
    if (ms_is_one_of(verb, "CAPA|STLS|UIDL|RETR|TOP|STAT|APOP|DELE|USER|PASS"))
        return (struct evidence){ WEAK, MS_PROTO_POP3 };
    if (ms_is_one_of(verb, "STARTTLS|BDAT|VRFY|EXPN|XCLIENT"))
        return (struct evidence){ WEAK, MS_PROTO_SMTP };
    if (ms_is_one_of(verb, "AUTH|QUIT|NOOP|RSET|HELP|LIST|DATA"))
        return (struct evidence){ WEAK, MS_PROTO_NONE };
    return imap_command(line);
}

/* ---- one direction ---------------------------------------------------------------------------------------------------- */

typedef struct evidence judge_line(struct ms_bytes line);

static struct ms_bytes take_line(struct ms_bytes *in)
{
    size_t          lf = ms_find(*in, '\n');
    struct ms_bytes line = ms_head(*in, lf);
    *in = ms_tail(*in, lf + 1);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return ms_head(line, ENOUGH_BYTES); /* the words that tell stand in front */
}

static bool fits(struct evidence e, enum ms_protocol p)
{
    return (e.strength == WEAK || e.strength == STRONG) && (e.protocol == MS_PROTO_NONE || kind_of(e.protocol) == kind_of(p));
}

/* The first line; when it says nothing on a mail port, the capture may begin in the middle: then one line of the port's protocol
 * further down is weak evidence. */
static struct evidence judge_lines(struct ms_bytes in, judge_line *judge, enum ms_protocol port)
{
    struct ms_bytes first = take_line(&in);
    if (ms_starts_nocase(first, MS_LIT("PROXY TCP"))) /* a load balancer's word about the client */
        first = take_line(&in);
    struct evidence e = judge(first);
    for (unsigned i = 0; port && e.strength == NOTHING && i < LATE_LINES && in.n; i++) {
        struct evidence late = judge(take_line(&in));
        if (fits(late, port) && late.protocol)
            e = (struct evidence){ WEAK, late.protocol };
    }
    return e;
}

static struct evidence judge(struct ms_bytes in, judge_line *line, enum ms_protocol port, bool ended)
{
    bool whole = ms_find(in, '\n') < in.n || in.n >= ENOUGH_BYTES || ended;
    bool maybe_tls = in.n > 0 && in.n < 3 && in.p[0] >= 0x14 && in.p[0] <= 0x17;
    if (in.n == 0 || (maybe_tls && !ended))
        return (struct evidence){ WAIT, MS_PROTO_NONE };
    if (is_tls(in))
        return (struct evidence){ TLS, MS_PROTO_NONE };
    if (!is_text(ms_head(in, ms_find(in, '\n'))))
        return (struct evidence){ BINARY, MS_PROTO_NONE };
    return whole ? judge_lines(in, line, port) : (struct evidence){ WAIT, MS_PROTO_NONE };
}

/* ---- both directions ------------------------------------------------------------------------------------------------- */

static const struct ms_guess more = { MS_GUESS_MORE, MS_PROTO_NONE }, no = { MS_GUESS_NO, MS_PROTO_NONE };

static struct ms_guess mail(enum ms_protocol p) { return (struct ms_guess){ MS_GUESS_MAIL, p }; }

static bool spoke(struct evidence e) { return (e.strength == WEAK || e.strength == STRONG) && e.protocol; }

/* SMTP and LMTP differ in the client's first word, at times in the greeting; else the port says. */
static enum ms_protocol finer(struct evidence client, struct evidence server, enum ms_protocol port)
{
    if (spoke(client) && client.strength == STRONG)
        return client.protocol;
    if (server.protocol == MS_PROTO_LMTP)
        return MS_PROTO_LMTP;
    return port ? port : spoke(server) ? server.protocol : client.protocol;
}

/* On a mail port the server's word is enough, whatever the client says: a browser that gets SMTP replies talks to a mail server. */
static struct ms_guess on_port(struct evidence client, struct evidence server, enum ms_protocol port, bool ended)
{
    if (fits(server, port))
        return mail(finer(fits(client, port) ? client : nothing, server, port));
    if (server.strength != WAIT && server.strength != NOTHING) /* clear words to the wrong server are worth a session, vague ones not */
        return fits(client, port) && client.strength == STRONG && !spoke(server) ? mail(client.protocol) : no;
    if (!fits(client, port))
        return ended || (server.strength != WAIT && client.strength != WAIT) ? no : more;
    if (client.strength == STRONG || server.strength == NOTHING || ended)
        return mail(finer(client, server, port));
    return more;
}

static struct ms_guess by_content(struct evidence client, struct evidence server, bool ended)
{
    if (spoke(client) && spoke(server)) {
        bool agree = kind_of(client.protocol) == kind_of(server.protocol);
        bool strong = client.strength == STRONG || server.strength == STRONG || kind_of(client.protocol) != MS_PROTO_SMTP;
        return agree && strong ? mail(finer(client, server, MS_PROTO_NONE)) : no;
    }
    if (spoke(server) && server.strength == STRONG)
        return mail(server.protocol);
    if (spoke(client) && client.strength == STRONG && server.strength == WAIT)
        return mail(client.protocol);
    bool open = (client.strength == WAIT || client.strength == WEAK) && (server.strength == WAIT || server.strength == WEAK) &&
                (client.strength == WAIT || server.strength == WAIT);
    return open && !ended ? more : no;
}

static struct ms_guess encrypted(struct evidence server, enum ms_protocol port)
{
    bool clear = spoke(server) && fits(server, port); /* a TLS client at a door that speaks in clear */
    return !port ? no : clear ? mail(server.protocol) : (struct ms_guess){ MS_GUESS_TLS, port };
}

/* "AUTH PLAIN" and "+OK": only POP3 speaks so. The word must be a mechanism, since "AUTH password" is Redis. */
static bool is_pop_login(struct ms_bytes client, struct ms_bytes server)
{
    struct ms_bytes line = take_line(&client), verb = ms_take_word(&line), mechanism = ms_take_word(&line);
    return ms_equal_nocase(verb, MS_LIT("AUTH")) && ms_starts_nocase(server, MS_LIT("+OK")) &&
           (mechanism.n == 0 || ms_mechanism_find(mechanism) != MS_MECH_OTHER);
}

struct ms_guess ms_detect(struct ms_bytes client, struct ms_bytes server, uint16_t server_port, bool ended)
{
    bool             implicit;
    enum ms_protocol port = ms_port_protocol(server_port, &implicit);
    struct evidence  c = judge(client, client_line, port, ended), s = judge(server, server_line, port, ended);
    if (!port && c.strength == WEAK && s.protocol == MS_PROTO_POP3 && is_pop_login(client, server))
        c.protocol = MS_PROTO_POP3;
    if (c.strength == TLS || s.strength == TLS)
        return encrypted(s, port);
    if (implicit && (c.strength == BINARY || s.strength == BINARY) && !spoke(c) && !spoke(s))
        return (struct ms_guess){ MS_GUESS_TLS, port }; /* from the middle of a record on */
    struct ms_guess own = port ? on_port(c, s, port, ended) : no;
    struct ms_guess any = own.kind == MS_GUESS_MAIL ? own : by_content(c, s, ended);
    return any.kind == MS_GUESS_MAIL ? any : port ? own : any;
}
