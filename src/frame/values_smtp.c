/* smtp.*, and the line of a frame that says it. LMTP is read as SMTP. */
#include "frame/frame.h"

#include "base/text.h"

static bool is_ours(const struct ms_element *el)
{
    return (el->protocol == MS_PROTO_SMTP || el->protocol == MS_PROTO_LMTP) && el->kind <= MS_EL_FRAGMENTS;
}

static bool is_lone_dot(const struct ms_element *el) { return el->kind == MS_EL_CONTENT_END && el->line.n; }

/* Replies have no memory across frames: the first line in a frame begins one. */
struct replies { uint16_t code; bool more; };

/* True: this line is the first one of its reply, in this frame. A line without a code belongs to what stands around it. */
static bool begins_reply(struct replies *r, const struct ms_element *el)
{
    bool first = !r->more;
    if (el->code == 0)
        return first;
    if (first)
        r->code = el->code;
    r->more = el->flags & MS_ELEMENT_MORE;
    return first;
}

/* ---- fields ----------------------------------------------------------------------------------------------------- */

static void push_text(struct ms_value_sink *to, struct ms_bytes b)
{
    if (b.n)
        ms_value_push(to, ms_value_string(b));
}

/* A line with its line end. */
static struct ms_bytes whole_line(const struct ms_frame *f, const struct ms_element *el)
{
    struct ms_bytes line = ms_frame_line_of(f, el), end = ms_tail(MS_LIT("\r\n"), el->length - el->line.n == 1 ? 1 : 0);
    if (el->flags & MS_ELEMENT_CUT)
        return line;
    uint8_t *p = ms_arena_alloc(f->scratch, line.n + end.n);
    if (line.n)
        memcpy(p, line.p, line.n);
    memcpy(p + line.n, end.p, end.n);
    return (struct ms_bytes){ p, line.n + end.n };
}

/* What a line of a login says of `login`: the initial response of a command, or all of an answer. */
static struct ms_bytes login_of(const struct ms_frame *f, const struct ms_element *el, enum ms_element_login login)
{
    struct ms_bytes shown = ms_frame_line_of(f, el);
    if (el->code != login)
        return (struct ms_bytes){ 0 };
    return el->kind == MS_EL_AUTH ? shown : ms_tail(shown, el->secret_at);
}

static void client_values(const struct ms_frame *f, enum ms_frame_field field, const struct ms_element *el, struct ms_value_sink *to)
{
    bool command = el->kind == MS_EL_COMMAND;
    switch (field) {
    case MS_FF_SMTP_REQ: ms_value_push(to, ms_value_bool(true)); break;
    case MS_FF_SMTP_COMMAND_LINE:
        if (command || el->code == MS_LOGIN_OTHER)
            push_text(to, whole_line(f, el));
        break;
    case MS_FF_SMTP_REQ_COMMAND:
        if (command)
            push_text(to, ms_head(el->line, 4));
        break;
    case MS_FF_SMTP_REQ_PARAMETER:
        if (command)
            push_text(to, ms_tail(ms_frame_line_of(f, el), 5));
        break;
    case MS_FF_SMTP_AUTH_USERNAME: push_text(to, login_of(f, el, MS_LOGIN_USER)); break;
    case MS_FF_SMTP_AUTH_PASSWORD: push_text(to, login_of(f, el, MS_LOGIN_PASSWORD)); break;
    case MS_FF_SMTP_AUTH_USERNAME_PASSWORD: push_text(to, login_of(f, el, MS_LOGIN_BOTH)); break;
    case MS_FF_SMTP_BASE64_DECODE:
        if (el->code == MS_LOGIN_BOTH)
            ms_value_push(to, ms_value_none());
        break;
    default: break;
    }
}

static void server_values(const struct ms_frame *f, enum ms_frame_field field, const struct ms_element *el, struct replies *r,
                          struct ms_value_sink *to)
{
    bool first = begins_reply(r, el);
    if (el->code == 0)
        return;
    switch (field) {
    case MS_FF_SMTP_RESPONSE:
        if (first)
            push_text(to, whole_line(f, el));
        break;
    case MS_FF_SMTP_RESPONSE_CODE:
        if (first)
            ms_value_push(to, ms_value_uint(el->code));
        break;
    case MS_FF_SMTP_RESPONSE_CODE_UNEXPECTED:
        if (el->code != r->code)
            ms_value_push(to, ms_value_none());
        break;
    case MS_FF_SMTP_RSP_PARAMETER: /* empty behind a blank or hyphen, too */
        if (el->line.n > 3)
            ms_value_push(to, ms_value_string(ms_tail(ms_frame_line_of(f, el), 4)));
        break;
    default: break;
    }
}

static void push_frames(const struct ms_element *el, struct ms_value_sink *to)
{
    for (size_t i = 0; i + sizeof(uint64_t) <= el->line.n; i += sizeof(uint64_t)) {
        uint64_t number;
        memcpy(&number, el->line.p + i, sizeof number);
        ms_value_push(to, ms_value_frame(number));
    }
}

static void message_values(enum ms_frame_field field, const struct ms_element *el, struct ms_value_sink *to)
{
    switch (field) {
    case MS_FF_SMTP_DATA_FRAGMENTS: ms_value_push(to, ms_value_none()); break;
    case MS_FF_SMTP_DATA_FRAGMENT: push_frames(el, to); break;
    case MS_FF_SMTP_DATA_FRAGMENT_COUNT: ms_value_push(to, ms_value_uint(el->line.n / sizeof(uint64_t))); break;
    case MS_FF_SMTP_DATA_REASSEMBLED_LENGTH: ms_value_push(to, ms_value_uint(el->length)); break;
    default: break;
    }
}

static void end_values(enum ms_frame_field field, const struct ms_element *el, struct ms_value_sink *to)
{
    if (field == MS_FF_SMTP_EOM && is_lone_dot(el))
        ms_value_push(to, ms_value_none());
    if (field == MS_FF_SMTP_DATA_REASSEMBLED_IN && !is_lone_dot(el))
        ms_value_push(to, ms_value_frame(el->frame));
}

/* Once a frame: the protocol, and that the server spoke. */
static bool once(const struct ms_frame *f, enum ms_frame_field field, const struct ms_element *el, struct ms_value_sink *to)
{
    if (field == MS_FF_SMTP)
        ms_value_push(to, ms_value_protocol(ms_frame_said(f, MS_PROTO_SMTP)));
    else if (field == MS_FF_SMTP_RSP && el->kind == MS_EL_REPLY)
        ms_value_push(to, ms_value_bool(true));
    else
        return false;
    return true;
}

void ms_values_smtp(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct replies r = { 0 };
    for (size_t i = 0; i < f->element_count; i++) {
        const struct ms_element *el = &f->elements[i];
        if (!is_ours(el))
            continue;
        if (once(f, field, el, to))
            return;
        if (el->kind == MS_EL_COMMAND || el->kind == MS_EL_AUTH)
            client_values(f, field, el, to);
        else if (el->kind == MS_EL_REPLY)
            server_values(f, field, el, &r, to);
        else if (el->kind == MS_EL_FRAGMENTS)
            message_values(field, el, to);
        else if (el->kind == MS_EL_CONTENT_END)
            end_values(field, el, to);
    }
}

/* ---- the line --------------------------------------------------------------------------------------------------- */

struct words { const struct ms_frame *f; struct ms_frame_line *out; uint64_t content; bool any; };

/* Begins the next of several things that a frame said. */
static struct ms_buffer *next_words(struct words *w, bool server)
{
    if (w->any)
        ms_text_str(&w->out->info, " | ");
    else
        ms_text_str(&w->out->info, server ? "S: " : "C: ");
    w->any = true;
    return &w->out->info;
}

static void flush_content(struct words *w)
{
    if (w->content)
        ms_text_format(next_words(w, false), "DATA fragment, %llu byte%s", (unsigned long long)w->content, w->content == 1 ? "" : "s");
    w->content = 0;
}

static void say_login(struct words *w, const struct ms_element *el)
{
    static const char *const names[] = { [MS_LOGIN_OTHER] = "", [MS_LOGIN_USER] = "User: ", [MS_LOGIN_PASSWORD] = "Pass: ", [MS_LOGIN_BOTH] = "" };
    struct ms_bytes   line = ms_frame_shown(w->f, el);
    struct ms_buffer *info = next_words(w, false);
    size_t            at = el->kind == MS_EL_COMMAND && el->code ? el->secret_at : 0;
    ms_text_add(info, ms_head(line, at));
    ms_text_str(info, names[el->code & 3]);
    ms_text_add(info, ms_tail(line, at));
}

static void say_reply(struct words *w, struct replies *r, const struct ms_element *el)
{
    bool            first = begins_reply(r, el);
    struct ms_bytes line = ms_frame_shown(w->f, el);
    if (el->code == 0)
        line = (struct ms_bytes){ 0 };
    ms_text_add(next_words(w, true), first ? line : ms_tail(line, 4));
}

static void say_message(struct words *w, const struct ms_element *el)
{
    size_t before = w->out->info.n, begin = w->any ? before + 3 : before;
    ms_text_str(&w->out->protocol, "/IMF");
    if (w->any)
        ms_text_str(&w->out->info, " | ");
    ms_imf_words(w->f, el, &w->out->info);
    if (w->out->info.n == begin) { /* without headers: as any other content */
        w->out->info.n = before;
        return;
    }
    w->content = 0;
    w->any = true;
}

static void say(struct words *w, struct replies *r, const struct ms_element *el, const struct ms_element *next)
{
    switch ((enum ms_element_kind)el->kind) {
    case MS_EL_CONTENT:
    case MS_EL_TEXT: w->content += el->length; return;
    case MS_EL_FRAGMENTS: return;
    case MS_EL_HEADERS: say_message(w, el); return;
    case MS_EL_CONTENT_END:
        if (next && next->kind == MS_EL_HEADERS)
            return;
        flush_content(w);
        if (el->line.n)
            ms_text_add(next_words(w, false), el->line);
        return;
    default: break;
    }
    flush_content(w);
    if (el->kind == MS_EL_REPLY)
        say_reply(w, r, el);
    else
        say_login(w, el);
}

bool ms_info_smtp(const struct ms_frame *f, struct ms_frame_line *out)
{
    struct words   w = { .f = f, .out = out };
    struct replies r = { 0 };
    for (size_t i = 0; i < f->element_count; i++) {
        const struct ms_element *el = &f->elements[i];
        if (!is_ours(el))
            continue;
        if (out->protocol.n == 0)
            ms_text_str(&out->protocol, "SMTP");
        say(&w, &r, el, i + 1 < f->element_count ? el + 1 : NULL);
    }
    flush_content(&w);
    return out->protocol.n > 0;
}
