#include "sink/follow.h"

#include "base/text.h"
#include "engine/echo.h"
#include "proto/line.h"
#include "sink/tls_words.h"

enum { LINE_BYTES = 16384, OUT_BYTES = 65536, SECRETS = 4, SECRET_BYTES = 1024 };

struct ms_follow {
    FILE            *out;
    enum ms_format   format;
    struct ms_dump  *dump;        /* NULL: lines */
    enum ms_only     only;
    bool             color, show_secrets, failed;
    uint64_t         missing[2];
    uint64_t         unread_records[2], unread_bytes[2]; /* of TLS, that were told of */
    bool             unread;
    struct ms_buffer rest[2];     /* unfinished lines */
    bool             more[2];     /* the beginning of the line under way was put */
    struct ms_buffer text, masked;
    uint64_t         frame[2];    /* where the unfinished line began */
    int64_t          time[2];
    bool             login;       /* a login is under way: client lines are secret */
    bool             secret;      /* the client's line under way: what is still to come of it is secret */
    bool             content;     /* SMTP DATA: client lines are a message */
    bool             tls_said, compressed_said; /* that they began */
    bool             refused;     /* the answers to challenges that never came may follow */
    struct ms_buffer told[SECRETS]; /* the client's latest secrets, which the server may repeat */
    unsigned         told_next;
    struct ms_buffer echo[2];
    struct ms_buffer tag;         /* IMAP: of the login command */
    const struct ms_session *session;
    uint64_t         first_frame; /* of the session that is followed */
    uint64_t         objects;     /* JSON: written so far */
    unsigned         time_digits;
};

struct ms_follow *ms_follow_create(const struct ms_follow_options *o)
{
    struct ms_follow *f = ms_alloc(sizeof *f);
    *f = (struct ms_follow){ .out = o->out, .format = o->format, .color = o->color, .show_secrets = o->show_secrets,
                             .only = o->only, .first_frame = o->first_frame, .time_digits = 6 };
    if (o->dump)
        f->dump = ms_dump_create(o->out, o->dump, o->only, o->color);
    return f;
}

/* ---- secrets ------------------------------------------------------------------------------------------------- */

static const struct ms_bytes MASK = { (const uint8_t *)"********", 8 };

static void keep_secret(struct ms_follow *f, struct ms_bytes secret)
{
    if (secret.n <= 1) /* "*" or nothing */
        return;
    struct ms_buffer *to = &f->told[f->told_next++ % SECRETS];
    to->n = 0;
    ms_buffer_append(to, ms_head(secret, SECRET_BYTES));
}

static struct ms_bytes without_secrets(struct ms_follow *f, struct ms_bytes line)
{
    unsigned used = 0;
    for (unsigned i = 0; i < SECRETS && !f->show_secrets; i++) {
        if (!ms_echo_mask(line, ms_buffer_bytes(&f->told[i]), &f->echo[used]))
            continue;
        line = ms_buffer_bytes(&f->echo[used]);
        used = !used;
    }
    return line;
}

static struct ms_bytes mask_all(struct ms_follow *f, struct ms_bytes line)
{
    keep_secret(f, line);
    return MASK;
}

/* One word that is no command: after a refused AUTH, or behind a gap, an answer to a challenge. */
static bool may_be_answer(const struct ms_follow *f, struct ms_bytes line)
{
    static const char *const verbs[] = { "QUIT", "RSET", "NOOP", "DATA", "STARTTLS", "EHLO", "HELO", "HELP", "STAT", "LIST", "UIDL", "CAPA",
                                         "STLS", "DONE", "AUTH", "." };
    struct ms_bytes word = ms_trim(line);
    if (!f->refused || word.n == 0 || ms_find(word, ' ') < word.n)
        return false;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (ms_equal_nocase(word, ms_str(verbs[i])))
            return false;
    return true;
}

/* The line with everything behind its first `words` words masked. */
static struct ms_bytes mask_after(struct ms_follow *f, struct ms_bytes line, int words)
{
    struct ms_bytes rest = line;
    while (words-- > 0)
        ms_take_word(&rest);
    struct ms_bytes secret = ms_trim(rest);
    if (secret.n == 0)
        return line;
    keep_secret(f, secret);
    f->masked.n = 0;
    ms_text_add(&f->masked, ms_head(line, (size_t)(secret.p - line.p)));
    ms_text_add(&f->masked, MASK);
    return ms_buffer_bytes(&f->masked);
}

static struct ms_bytes mask_imap(struct ms_follow *f, struct ms_bytes line)
{
    struct ms_bytes rest = line, tag = ms_take_word(&rest), verb = ms_take_word(&rest);
    if (ms_equal_nocase(tag, MS_LIT("LOGIN"))) /* no tag, or its line begins in the middle */
        return mask_after(f, line, 2);
    bool login = ms_equal_nocase(verb, MS_LIT("LOGIN")), before = f->login;
    if (!login && !ms_equal_nocase(verb, MS_LIT("AUTHENTICATE"))) {
        bool answer = before || may_be_answer(f, line);
        f->refused &= answer;
        return answer ? mask_all(f, line) : line;
    }
    f->login = true; /* of several at once the last one counts: the others are answered before it */
    f->tag.n = 0;
    ms_buffer_append(&f->tag, tag);
    bool literal = line.n && line.p[line.n - 1] == '}';
    if (before)
        return mask_all(f, line);
    return login && literal && ms_find(ms_trim(rest), ' ') == ms_trim(rest).n ? line : mask_after(f, line, 3);
}

static struct ms_bytes mask(struct ms_follow *f, struct ms_bytes line)
{
    struct ms_bytes rest = line, verb = ms_take_word(&rest);
    if (f->show_secrets || f->content)
        return line;
    if (f->session->protocol == MS_PROTO_IMAP)
        return mask_imap(f, line);
    if (f->login || may_be_answer(f, line))
        return mask_all(f, line);
    f->refused = false;
    if (ms_equal_nocase(verb, MS_LIT("PASS")))
        return mask_after(f, line, 1);
    if (ms_equal_nocase(verb, MS_LIT("APOP")))
        return mask_after(f, line, 2);
    if (!ms_equal_nocase(verb, MS_LIT("AUTH")))
        return line;
    f->login = ms_trim(rest).n != 0;
    return mask_after(f, line, 2);
}

/* 235, a refusal, or the go-ahead for a message; other replies are to commands sent together with AUTH. */
static bool ends_smtp_login(struct ms_bytes line)
{
    uint8_t first = ms_at(line, 0);
    bool    done = ms_starts_nocase(line, MS_LIT("235")) || ms_starts_nocase(line, MS_LIT("354"));
    return done || first == '4' || first == '5';
}

/* The server's lines begin and end logins and messages. A challenge begins one even where the command for it was not understood. */
static void watch_server(struct ms_follow *f, struct ms_bytes line)
{
    struct ms_bytes rest = line;
    switch (f->session->protocol) {
    case MS_PROTO_IMAP:
        if (f->tag.n && ms_equal_nocase(ms_take_word(&rest), ms_buffer_bytes(&f->tag)))
            f->login = false;
        break;
    case MS_PROTO_POP3:
        f->login = ms_at(line, 0) == '+' && ms_at(line, 1) != 'O';
        break;
    default:
        f->content = ms_starts_nocase(line, MS_LIT("354"));
        f->refused |= f->login && ends_smtp_login(line) && !ms_starts_nocase(line, MS_LIT("235"));
        f->login = ms_starts_nocase(line, MS_LIT("334")) || (f->login && !ends_smtp_login(line));
    }
}

/* ---- lines --------------------------------------------------------------------------------------------------- */

static void flush(struct ms_follow *f)
{
    f->failed |= f->text.n && fwrite(f->text.p, 1, f->text.n, f->out) != f->text.n;
    f->text.n = 0;
}

/* In JSON each line and each remark is an object: of an array, or on a line of its own. */
static void begin_object(struct ms_follow *f, const char *type)
{
    if (f->format == MS_FORMAT_JSON)
        ms_text_str(&f->text, f->objects ? ",\n" : "[\n");
    ms_text_format(&f->text, "{\"type\":\"%s\"", type);
    f->objects++;
}

static void end_object(struct ms_follow *f) { ms_text_str(&f->text, f->format == MS_FORMAT_JSON ? "}" : "}\n"); }

static void end_objects(struct ms_follow *f)
{
    if (f->format == MS_FORMAT_JSON)
        ms_text_str(&f->text, f->objects ? "\n]\n" : "[]\n");
}

static void put_json(struct ms_follow *f, enum ms_dir dir, struct ms_bytes line)
{
    begin_object(f, "line");
    ms_text_format(&f->text, ",\"session\":%u,\"frame\":%llu,\"time\":\"", f->session->id,
                   (unsigned long long)f->frame[dir]);
    ms_text_time(&f->text, f->time[dir], (int)f->time_digits);
    ms_text_format(&f->text, "\",\"from\":\"%s\",\"text\":", dir == MS_C2S ? "client" : "server");
    ms_text_json(&f->text, line);
    end_object(f);
}

static void put_plain(struct ms_follow *f, enum ms_dir dir, struct ms_bytes line)
{
    if (f->color)
        ms_text_str(&f->text, dir == MS_C2S ? "\033[31m" : "\033[34m");
    ms_text_str(&f->text, dir == MS_C2S ? "C: " : "S: ");
    ms_text_plain(&f->text, line);
    ms_text_str(&f->text, f->color ? "\033[0m\n" : "\n");
}

/* A whole line, or its beginning (`more` comes), or what follows. */
static struct ms_bytes shown_of(struct ms_follow *f, enum ms_dir dir, struct ms_bytes line, bool more)
{
    bool begins = !f->more[dir], secret = f->secret && dir == MS_C2S;
    f->more[dir] = more;
    if (dir == MS_S2C && begins)
        watch_server(f, line);
    if (dir == MS_S2C)
        return without_secrets(f, line);
    struct ms_bytes shown = secret && !f->show_secrets ? MASK : begins ? mask(f, line) : line;
    f->secret = more && (secret || shown.p != line.p || (f->login && !f->content));
    return shown;
}

/* What the server says in a dump: the secrets in it are covered by stars. */
static void dump_server(struct ms_follow *f, struct ms_bytes line)
{
    struct ms_buffer *covered = &f->echo[0];
    covered->n = 0;
    for (size_t i = 0; i < line.n; i++)
        ms_buffer_append(covered, (struct ms_bytes){ (const uint8_t *)"", 1 });
    for (unsigned i = 0; i < SECRETS && !f->show_secrets; i++)
        ms_echo_cover(line, ms_buffer_bytes(&f->told[i]), covered->p);
    for (size_t from = 0, to; from < line.n; from = to) {
        for (to = from; to < line.n && covered->p[to] == covered->p[from];)
            to++;
        ms_dump_ready(f->dump, MS_S2C, to - from, covered->p[from]);
    }
}

/* The same in a dump: which bytes of the line are covered by stars. */
static void dump_line(struct ms_follow *f, enum ms_dir dir, struct ms_bytes line, struct ms_bytes shown)
{
    size_t secret = line.n;
    if (dir == MS_S2C) {
        dump_server(f, line);
        return;
    }
    if (shown.p == MASK.p)
        secret = 0;
    else if (shown.p != line.p)
        secret = shown.n - MASK.n; /* the last word of what is shown */
    ms_dump_ready(f->dump, dir, secret, false);
    ms_dump_ready(f->dump, dir, line.n - secret, true);
}

static void put_line(struct ms_follow *f, enum ms_dir dir, struct ms_bytes line, bool more)
{
    bool cr = line.n && line.p[line.n - 1] == '\r';
    line.n -= cr;
    struct ms_bytes shown = shown_of(f, dir, line, more);
    if (f->content && dir == MS_C2S && ms_equal(line, MS_LIT(".")))
        f->content = false;
    if (f->dump) {
        dump_line(f, dir, line, shown);
        ms_dump_ready(f->dump, dir, cr, false);
    } else if (ms_only_leaves_out(f->only, dir)) {
        return;
    } else if (f->format == MS_FORMAT_TABLE) {
        put_plain(f, dir, shown);
    } else {
        put_json(f, dir, shown);
    }
    if (f->text.n > OUT_BYTES)
        flush(f);
}

static void end_rest(struct ms_follow *f, enum ms_dir dir, bool more)
{
    if (f->rest[dir].n)
        put_line(f, dir, ms_buffer_bytes(&f->rest[dir]), more);
    f->rest[dir].n = 0;
}

/* An empty line; or only the end of one of which all else was put, or lost, before. */
static void end_empty(struct ms_follow *f, enum ms_dir dir, struct ms_bytes line)
{
    if (!f->more[dir])
        put_line(f, dir, line, false);
    f->more[dir] = false;
    if (dir == MS_C2S)
        f->secret = false;
}

/* So much of the other side waits behind this line that it cannot be waited for any more. What may be the beginning of a secret is one. */
static void end_waiting(struct ms_follow *f, enum ms_dir dir)
{
    if (dir == MS_S2C || f->show_secrets || f->content) {
        end_rest(f, dir, true);
        return;
    }
    ms_dump_ready(f->dump, dir, f->rest[dir].n, true);
    f->rest[dir].n = 0;
    f->more[dir] = f->secret = true;
}

/* ---- remarks: TLS, compression, missing bytes ------------------------------------------------------------------ */

static void remark_said(struct ms_follow *f)
{
    if (!f->dump)
        return;
    ms_dump_remark(f->dump, ms_buffer_bytes(&f->text));
    f->text.n = 0;
}

static void end_rests(struct ms_follow *f)
{
    end_rest(f, MS_C2S, false);
    end_rest(f, MS_S2C, false);
}

static void remark_begin_json(struct ms_follow *f, const struct ms_tls_info *t)
{
    char scratch[8];
    begin_object(f, "remark");
    ms_text_str(&f->text, ",\"what\":\"tls\"");
    if (t->client_hello_frame)
        ms_text_format(&f->text, ",\"frame\":%llu", (unsigned long long)t->client_hello_frame);
    ms_text_str(&f->text, ",\"version\":");
    ms_text_json(&f->text, ms_tls_version_words(t->version, scratch));
    ms_text_str(&f->text, ",\"cipher\":");
    ms_text_json(&f->text, ms_tls_cipher_words(t->cipher, scratch));
}

static void remark_begin_plain(struct ms_follow *f, const struct ms_tls_info *t)
{
    char scratch[8];
    ms_text_str(&f->text, "[TLS");
    if (t->client_hello_frame)
        ms_text_format(&f->text, " from frame %llu", (unsigned long long)t->client_hello_frame);
    ms_text_str(&f->text, t->version ? ": " : "");
    ms_text_add(&f->text, ms_tls_version_words(t->version, scratch));
    ms_text_str(&f->text, t->cipher ? ", " : "");
    ms_text_add(&f->text, ms_tls_cipher_words(t->cipher, scratch));
}

static void end_remark(struct ms_follow *f)
{
    if (f->format == MS_FORMAT_TABLE)
        ms_text_str(&f->text, "]\n");
    else
        end_object(f);
}

static const char *reading_words(enum ms_tls_reading r)
{
    static const char *const words[] = { "", "decrypted", "decrypted in part", "no key for it", "the handshake failed", "it ended before anything was said" };
    return words[r];
}

/* Why a handshake failed: the first fatal alert; NULL when none was seen, or none that says something. */
static const struct ms_tls_alert *fatal_alert(const struct ms_tls_info *t)
{
    uint32_t kept = ms_tls_alerts_kept(t);
    for (uint32_t i = 0; i < kept; i++)
        if (t->alerts[i].level == 2 && ms_tls_alert_name(t->alerts[i].description))
            return &t->alerts[i];
    return NULL;
}

static void say_alert(struct ms_follow *f, const struct ms_tls_alert *a) /* NULL: nothing */
{
    if (!a)
        return;
    ms_text_format(&f->text, f->format == MS_FORMAT_TABLE ? ": the %s sent the alert %s (frame %llu)"
                                                          : ",\"alert\":{\"from\":\"%s\",\"description\":\"%s\",\"frame\":%llu}",
                   a->dir == MS_C2S ? "client" : "server", ms_tls_alert_name(a->description), (unsigned long long)a->frame);
}

/* Where TLS begins: before the first line that was read through it, or at the end when nothing was. */
static void say_tls(struct ms_follow *f, const struct ms_session *s)
{
    enum ms_tls_reading reading = ms_tls_reading_of(s);
    const char         *without = "";
    f->tls_said = true;
    if (reading == MS_TLS_READ && s->tls->flags & (MS_TLS_CLIENT_BLIND | MS_TLS_SERVER_BLIND))
        reading = MS_TLS_PARTLY;
    if (reading == MS_TLS_PARTLY && s->tls->flags & MS_TLS_CLIENT_BLIND)
        without = ", without a key for what the client says";
    else if (reading == MS_TLS_PARTLY && s->tls->flags & MS_TLS_SERVER_BLIND)
        without = ", without a key for what the server says";
    end_rests(f);
    if (f->format == MS_FORMAT_TABLE) {
        remark_begin_plain(f, s->tls);
        ms_text_format(&f->text, "; %s%s", reading_words(reading), without);
    } else {
        remark_begin_json(f, s->tls);
        ms_text_format(&f->text, ",\"decrypted\":%s", reading == MS_TLS_READ ? "true" : "false");
    }
    if (reading == MS_TLS_BROKEN)
        say_alert(f, fatal_alert(s->tls));
    end_remark(f);
}

static void say_compressed(struct ms_follow *f)
{
    f->compressed_said = true;
    end_rests(f);
    if (f->format == MS_FORMAT_TABLE) {
        ms_text_str(&f->text, "[compressed from here on; unpacked]\n");
        return;
    }
    begin_object(f, "remark");
    ms_text_str(&f->text, ",\"what\":\"compressed\"");
    end_object(f);
}

/* A remark about one side, in JSON to be ended by end_object(). */
static void begin_remark_of(struct ms_follow *f, enum ms_dir dir, const char *what)
{
    begin_object(f, "remark");
    ms_text_format(&f->text, ",\"from\":\"%s\",\"what\":\"%s\"", dir == MS_C2S ? "client" : "server", what);
}

static void say_records(struct ms_follow *f, enum ms_dir dir, uint64_t records, uint64_t bytes)
{
    if (ms_only_leaves_out(f->only, dir))
        return;
    if (f->format == MS_FORMAT_TABLE) {
        ms_text_format(&f->text, "%s[%llu TLS record%s, %llu bytes encrypted]\n", dir == MS_C2S ? "C: " : "S: ",
                       (unsigned long long)records, records == 1 ? "" : "s", (unsigned long long)bytes);
        return;
    }
    begin_remark_of(f, dir, "encrypted");
    ms_text_format(&f->text, ",\"bytes\":%llu,\"records\":%llu", (unsigned long long)bytes, (unsigned long long)records);
    end_object(f);
}

/* What was passed over since the last line, in the place where it was said. */
static void say_unread(struct ms_follow *f, const struct ms_tls_info *t)
{
    for (int d = 0; d < 2; d++) {
        if (t->unread[d] > f->unread_records[d])
            say_records(f, (enum ms_dir)d, t->unread[d] - f->unread_records[d], t->unread_bytes[d] - f->unread_bytes[d]);
        f->unread_records[d] = t->unread[d];
        f->unread_bytes[d] = t->unread_bytes[d];
    }
}

static void take_lines(struct ms_follow *f, const struct ms_chunk *c)
{
    struct ms_bytes in = c->bytes;
    while (in.n) {
        size_t          lf = ms_find(in, '\n');
        struct ms_bytes piece = ms_head(in, lf);
        if (f->rest[c->dir].n == 0) {
            f->frame[c->dir] = c->frame;
            f->time[c->dir] = c->time;
        }
        ms_buffer_append(&f->rest[c->dir], piece);
        if (lf < in.n && f->rest[c->dir].n == 0)
            end_empty(f, c->dir, piece);
        else if (lf < in.n || f->rest[c->dir].n > LINE_BYTES)
            end_rest(f, c->dir, lf == in.n);
        if (f->dump && lf < in.n)
            ms_dump_ready(f->dump, c->dir, 1, false);
        in = ms_tail(in, lf + 1);
    }
}

void ms_follow_data(void *follow, const struct ms_session *s, const struct ms_chunk *c)
{
    struct ms_follow *f = follow;
    f->refused |= !f->session && s->flags & MS_SESSION_JOINED_LATE; /* the capture may begin in a login */
    f->session = s;
    if (s->flags & MS_SESSION_DECRYPTED && s->tls && !f->tls_said)
        say_tls(f, s);
    if (s->flags & MS_SESSION_COMPRESSED && !f->compressed_said)
        say_compressed(f);
    if (s->tls && s->flags & MS_SESSION_DECRYPTED)
        say_unread(f, s->tls);
    remark_said(f);
    if (f->dump)
        ms_dump_chunk(f->dump, c);
    take_lines(f, c);
    for (enum ms_dir dir; f->dump && ms_dump_waits(f->dump, &dir) && f->rest[dir].n;)
        end_waiting(f, dir);
}

static void remark_missing(struct ms_follow *f, enum ms_dir dir, uint64_t bytes) /* 0: how many is not known */
{
    if (ms_only_leaves_out(f->only, dir))
        return;
    if (f->format != MS_FORMAT_TABLE) {
        begin_remark_of(f, dir, "missing from the capture");
        if (bytes)
            ms_text_format(&f->text, ",\"bytes\":%llu", (unsigned long long)bytes);
        end_object(f);
        return;
    }
    ms_text_str(&f->text, dir == MS_C2S ? "C: [" : "S: [");
    if (bytes)
        ms_text_format(&f->text, "%llu ", (unsigned long long)bytes);
    ms_text_format(&f->text, "byte%s missing from the capture]\n", bytes == 1 ? "" : "s");
}

void ms_follow_gap(void *follow, const struct ms_session *s, enum ms_dir dir, uint64_t length)
{
    struct ms_follow *f = follow;
    f->session = s;
    end_rest(f, dir, false);
    f->missing[dir] += length ? length : 1;
    bool unknown = s->flags & MS_SESSION_DECRYPTED && length <= 1; /* ciphertext does not tell */
    remark_missing(f, dir, unknown ? 0 : length);
    remark_said(f);
    if (f->dump)
        ms_dump_gap(f->dump, dir, length);
    if (dir == MS_S2C)
        return;
    f->content = false; /* its end may be missing */
    f->refused = true;
    f->secret = f->more[dir] = true; /* what comes is the rest of a line, of which one is not known */
}

static void say_lost(struct ms_follow *f, const struct ms_tls_info *t)
{
    if (f->format != MS_FORMAT_TABLE) {
        begin_object(f, "remark");
        ms_text_format(&f->text, ",\"what\":\"lost\",\"records\":%llu", (unsigned long long)t->lost_records);
    } else {
        ms_text_format(&f->text, "[at least %llu TLS record%s could not be read", (unsigned long long)t->lost_records,
                       t->lost_records == 1 ? "" : "s");
    }
    if (t->lost_frame)
        ms_text_format(&f->text, f->format == MS_FORMAT_TABLE ? ", the first in frame %llu" : ",\"frame\":%llu",
                       (unsigned long long)t->lost_frame);
    end_remark(f);
}

/* Keys were given: why they do not fit. */
static void say_key_faults(struct ms_follow *f, const struct ms_tls_info *t)
{
    for (int i = 0; i < MS_TLS_FAULT_COUNT; i++) {
        if (!(t->key_faults & 1u << i))
            continue;
        if (f->format == MS_FORMAT_TABLE) {
            ms_text_format(&f->text, "[keys do not fit: %s", ms_tls_key_fault_words((enum ms_tls_key_fault)i));
        } else {
            begin_object(f, "remark");
            ms_text_format(&f->text, ",\"what\":\"keys do not fit\",\"fault\":\"%s\"", ms_tls_key_fault_name((enum ms_tls_key_fault)i));
        }
        end_remark(f);
    }
}

void ms_follow_session(void *follow, const struct ms_session *s)
{
    struct ms_follow *f = follow;
    if (s->first_frame != f->first_frame)
        return;
    f->session = s;
    end_rests(f);
    if (!s->tls)
        return;
    if (!f->tls_said)
        say_tls(f, s);
    bool read = s->flags & MS_SESSION_DECRYPTED;
    for (int d = 0; d < 2 && !read; d++)
        if (s->tls->protected_bytes[d])
            say_records(f, (enum ms_dir)d, s->tls->records[d], s->tls->protected_bytes[d]);
    if (read)
        say_unread(f, s->tls);
    if (ms_tls_reading_of(s) == MS_TLS_UNREAD || ms_tls_reading_of(s) == MS_TLS_PARTLY)
        say_key_faults(f, s->tls);
    if (s->tls->lost_records)
        say_lost(f, s->tls);
    f->unread = ms_tls_reading_of(s) == MS_TLS_UNREAD || ms_tls_reading_of(s) == MS_TLS_PARTLY || s->tls->lost_records;
    remark_said(f);
}

bool ms_follow_unread(const struct ms_follow *f) { return f->unread; }

uint64_t ms_follow_missing(const struct ms_follow *f, enum ms_dir dir) { return f->missing[dir]; }

void ms_follow_time_digits(void *follow, unsigned digits) { ((struct ms_follow *)follow)->time_digits = digits; }

bool ms_follow_close(struct ms_follow *f)
{
    for (int d = 0; d < 2; d++)
        ms_buffer_finish(&f->rest[d]);
    end_objects(f);
    flush(f);
    bool ok = (!f->dump || ms_dump_close(f->dump)) && !f->failed;
    ms_buffer_finish(&f->text);
    ms_buffer_finish(&f->masked);
    ms_buffer_finish(&f->tag);
    for (unsigned i = 0; i < SECRETS; i++)
        ms_buffer_finish(&f->told[i]);
    ms_buffer_finish(&f->echo[0]);
    ms_buffer_finish(&f->echo[1]);
    ms_free(f);
    return ok;
}
