/* imap.*, and the words of a frame that says it.
 *
 * Words    stand behind one space, as in the grammar (RFC 9051 9): behind two there is none. */
#include "frame/frame.h"

#include "base/text.h"

static bool is_ours(const struct ms_element *el) { return el->protocol == MS_PROTO_IMAP && el->kind < MS_EL_HEADERS; }

static bool is_line(const struct ms_element *el) { return el->kind <= MS_EL_TEXT; }

/* Tagged, or a continuation request. */
static bool is_response(const struct ms_element *el)
{
    return el->kind == MS_EL_REPLY && !(ms_at(el->line, 0) == '*' && (el->line.n == 1 || el->line.p[1] == ' '));
}

static void push(struct ms_value_sink *to, struct ms_bytes b) { ms_value_push(to, ms_value_string(b)); }

static void push_some(struct ms_value_sink *to, struct ms_bytes b)
{
    if (b.n)
        push(to, b);
}

/* The next word, and the space behind it. */
static struct ms_bytes take(struct ms_bytes *rest)
{
    struct ms_bytes word = ms_head(*rest, ms_find(*rest, ' '));
    *rest = word.n ? ms_tail(*rest, word.n + 1) : (struct ms_bytes){ NULL, 0 };
    return word;
}

/* A word, or a quoted string with its quotes. */
static struct ms_bytes take_string(struct ms_bytes *rest)
{
    size_t n = 1;
    if (ms_at(*rest, 0) != '"')
        return take(rest);
    while (n < rest->n && rest->p[n] != '"')
        n += rest->p[n] == '\\' ? 2 : 1;
    struct ms_bytes string = ms_head(*rest, n + 1);
    *rest = ms_tail(*rest, n + 2);
    return string;
}

static struct ms_bytes with_line_end(const struct ms_frame *f, const struct ms_element *el)
{
    struct ms_bytes line = ms_frame_line_of(f, el), end = { (const uint8_t *)"\r\n", el->length - el->line.n };
    if (el->length - el->line.n > 2 || el->flags & MS_ELEMENT_CUT)
        return line;
    if (end.n == 1)
        end.p++;
    uint8_t *p = ms_arena_alloc(f->scratch, line.n + 2);
    if (line.n)
        memcpy(p, line.p, line.n);
    memcpy(p + line.n, end.p, end.n);
    return (struct ms_bytes){ p, line.n + end.n };
}

/* ---- requests ----------------------------------------------------------------------------------------------------- */

struct request { struct ms_bytes tag, first, command, arguments; bool uid; };

static struct request request_of(struct ms_bytes line)
{
    struct request r;
    r.tag = take(&line);
    r.first = r.command = take(&line);
    r.uid = ms_equal_nocase(r.first, MS_LIT("UID"));
    if (r.uid) {
        r.command = take(&line);
        r.first = r.command.n ? r.first : r.command;
    }
    r.arguments = line;
    return r;
}

/* Which argument is the mailbox, from 1; 0: none. */
static unsigned folder_place(struct ms_bytes command)
{
    static const struct { const char *command; unsigned place; } words[] = {
        { "SELECT", 1 }, { "EXAMINE", 1 }, { "CREATE", 1 }, { "DELETE", 1 }, { "RENAME", 1 }, { "SUBSCRIBE", 1 },
        { "UNSUBSCRIBE", 1 }, { "STATUS", 1 }, { "APPEND", 1 }, { "COPY", 2 }, { "MOVE", 2 },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_equal_nocase(command, ms_str(words[i].command)))
            return words[i].place;
    return 0;
}

/* Argument `place` as written; empty: none, or a literal. */
static struct ms_bytes argument(const struct request *r, unsigned place)
{
    struct ms_bytes rest = r->arguments, a = { NULL, 0 };
    while (place--)
        a = take_string(&rest);
    return ms_at(a, 0) == '{' ? (struct ms_bytes){ NULL, 0 } : a;
}

static void login(const struct ms_frame *f, const struct ms_element *el, const struct request *r, enum ms_frame_field field,
                  struct ms_value_sink *to)
{
    if (!ms_equal_nocase(r->command, MS_LIT("LOGIN")))
        return;
    if (field == MS_FF_IMAP_REQUEST_USERNAME)
        push_some(to, argument(r, 1));
    else if (el->secret_n)
        push(to, f->printing && !f->show_secrets ? MS_LIT("********") : ms_slice(el->line, el->secret_at, el->secret_n));
}

static void command(const struct ms_frame *f, const struct ms_element *el, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct request r = request_of(ms_frame_line_of(f, el));
    switch (field) {
    case MS_FF_IMAP_TAG:
    case MS_FF_IMAP_REQUEST_TAG: push_some(to, r.tag); break;
    case MS_FF_IMAP_COMMAND: push_some(to, r.first); break;
    case MS_FF_IMAP_REQUEST_COMMAND: push_some(to, r.command); break;
    case MS_FF_IMAP_REQUEST_COMMAND_UID:
        if (r.uid)
            ms_value_push(to, ms_value_bool(true));
        break;
    case MS_FF_IMAP_REQUEST_FOLDER: push_some(to, argument(&r, folder_place(r.command))); break;
    case MS_FF_IMAP_REQUEST_USERNAME:
    case MS_FF_IMAP_REQUEST_PASSWORD: login(f, el, &r, field, to); break;
    default: break;
    }
}

/* ---- responses ---------------------------------------------------------------------------------------------------- */

static void response(const struct ms_frame *f, const struct ms_element *el, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes rest = ms_frame_line_of(f, el), tag = take(&rest), status = take(&rest), third = take(&rest);
    switch (field) {
    case MS_FF_IMAP_RESPONSE: push(to, ms_frame_line_of(f, el)); break;
    case MS_FF_IMAP_TAG:
    case MS_FF_IMAP_RESPONSE_TAG: push_some(to, tag); break;
    case MS_FF_IMAP_RESPONSE_STATUS: push_some(to, status); break;
    case MS_FF_IMAP_COMMAND:
    case MS_FF_IMAP_RESPONSE_COMMAND: push_some(to, third); break;
    case MS_FF_IMAP_RESPONSE_TO:
        if (el->asked)
            ms_value_push(to, ms_value_frame(el->asked));
        break;
    case MS_FF_IMAP_TIME:
        if (el->asked)
            ms_value_push(to, ms_value_duration(f->packet->time - el->asked_time));
        break;
    default: break;
    }
}

static void line(const struct ms_frame *f, const struct ms_element *el, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == MS_FF_IMAP_LINE)
        push(to, with_line_end(f, el));
    else if (field == MS_FF_IMAP_REQUEST && el->line.n && (el->kind == MS_EL_COMMAND || el->kind == MS_EL_AUTH))
        push(to, ms_frame_line_of(f, el));
    else if (el->kind == MS_EL_COMMAND)
        command(f, el, field, to);
    else if (is_response(el) && el->line.n)
        response(f, el, field, to);
}

void ms_values_imap(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    for (size_t i = 0; i < f->element_count; i++) {
        const struct ms_element *el = &f->elements[i];
        if (!is_ours(el))
            continue;
        if (field == MS_FF_IMAP || field == MS_FF_IMAP_ISREQUEST) {
            ms_value_push(to, field == MS_FF_IMAP ? ms_value_protocol(ms_frame_said(f, MS_PROTO_IMAP)) : ms_value_bool(el->dir == MS_C2S));
            return;
        }
        if (is_line(el))
            line(f, el, field, to);
    }
}

/* The first request; of responses the first tagged one, if there is one. A frame of literals alone is told by what is below. */
bool ms_info_imap(const struct ms_frame *f, struct ms_frame_line *out)
{
    const struct ms_element *best = NULL;
    for (size_t i = 0; i < f->element_count; i++) {
        const struct ms_element *el = &f->elements[i];
        if (is_ours(el) && is_line(el) && (!best || (el->dir == MS_S2C && is_response(el) && !is_response(best))))
            best = el;
    }
    if (!best)
        return false;
    ms_text_str(&out->protocol, "IMAP");
    ms_text_str(&out->info, best->dir == MS_C2S ? "Request: " : "Response: ");
    ms_text_add(&out->info, ms_frame_shown(f, best));
    return true;
}
