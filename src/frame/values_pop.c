/* pop.*, and the words of a frame that says it. */
#include "frame/frame.h"

#include "base/text.h"

static bool is_ours(const struct ms_element *el) { return el->protocol == MS_PROTO_POP3 && el->kind < MS_EL_HEADERS; }

static bool is_client_line(const struct ms_element *el) { return el->dir == MS_C2S && el->kind <= MS_EL_TEXT; }

static void push(struct ms_value_sink *to, struct ms_bytes b) { ms_value_push(to, ms_value_string(b)); }

/* The line behind its first word and the blanks there. */
static struct ms_bytes rest_of(struct ms_bytes line)
{
    ms_take_word(&line);
    while (line.n && ms_is_blank(line.p[0]))
        line = ms_tail(line, 1);
    return line;
}

static void word_or_rest(struct ms_value_sink *to, struct ms_bytes line, bool rest)
{
    struct ms_bytes from = line, part = rest ? rest_of(line) : ms_take_word(&from);
    if (part.n)
        push(to, part);
}

static void client_line(const struct ms_frame *f, const struct ms_element *el, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes line = ms_frame_line_of(f, el);
    if (field == MS_FF_POP_REQUEST || (field == MS_FF_POP_REQUEST_DATA && el->kind != MS_EL_COMMAND))
        push(to, line);
    else if (field == MS_FF_POP_REQUEST_COMMAND && el->kind == MS_EL_COMMAND)
        word_or_rest(to, line, false);
    else if (field == MS_FF_POP_REQUEST_PARAMETER && el->kind == MS_EL_COMMAND)
        word_or_rest(to, line, true);
}

/* Words behind the status that do not begin with a size. */
static bool size_is_invalid(const struct ms_element *el)
{
    struct ms_bytes words = rest_of(el->line);
    return el->code && words.n && !ms_is_digit(ms_at(words, ms_at(words, 0) == '-'));
}

static void reply(const struct ms_frame *f, const struct ms_element *el, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes line = ms_frame_line_of(f, el);
    if (field == MS_FF_POP_RESPONSE)
        push(to, line);
    else if (field == MS_FF_POP_RESPONSE_INDICATOR || field == MS_FF_POP_RESPONSE_DESCRIPTION)
        word_or_rest(to, line, field == MS_FF_POP_RESPONSE_DESCRIPTION);
    else if (field == MS_FF_POP_RESPONSE_TOT_LEN_INVALID && size_is_invalid(el))
        ms_value_push(to, ms_value_none());
}

static void fragments(const struct ms_element *el, enum ms_frame_field field, struct ms_value_sink *to)
{
    uint64_t frame;
    size_t   n = el->line.n / sizeof frame;
    if (n < 2)
        return;
    if (field == MS_FF_POP_DATA_FRAGMENTS)
        ms_value_push(to, ms_value_none());
    else if (field == MS_FF_POP_DATA_FRAGMENT_COUNT || field == MS_FF_POP_DATA_REASSEMBLED_LENGTH)
        ms_value_push(to, ms_value_uint(field == MS_FF_POP_DATA_FRAGMENT_COUNT ? n : el->length));
    for (size_t i = 0; field == MS_FF_POP_DATA_FRAGMENT && i < n; i++) {
        memcpy(&frame, el->line.p + i * sizeof frame, sizeof frame);
        ms_value_push(to, ms_value_frame(frame));
    }
}

void ms_values_pop(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    bool announced = false; /* by a status line in this frame */
    for (size_t i = 0; i < f->element_count; i++) {
        const struct ms_element *el = &f->elements[i];
        if (el->protocol == MS_PROTO_POP3 && el->kind == MS_EL_FRAGMENTS)
            fragments(el, field, to);
        if (!is_ours(el))
            continue;
        if (field == MS_FF_POP) {
            ms_value_push(to, ms_value_protocol(ms_frame_said(f, MS_PROTO_POP3)));
            return;
        }
        if (is_client_line(el))
            client_line(f, el, field, to);
        else if (el->kind == MS_EL_REPLY)
            reply(f, el, field, to);
        else if (field == MS_FF_POP_RESPONSE_DATA && (el->kind == MS_EL_TEXT || (el->kind == MS_EL_CONTENT && announced)))
            push(to, el->line);
        announced |= el->kind == MS_EL_REPLY;
    }
}

bool ms_info_pop(const struct ms_frame *f, struct ms_frame_line *out)
{
    const struct ms_element *first = NULL;
    uint64_t                 content = 0;
    for (size_t i = 0; i < f->element_count; i++) {
        const struct ms_element *el = &f->elements[i];
        if (!is_ours(el))
            continue;
        first = first ? first : el;
        content += el->kind > MS_EL_TEXT ? el->length : 0;
    }
    if (!first)
        return false;
    ms_text_str(&out->protocol, "POP");
    if (first->kind > MS_EL_TEXT) {
        ms_text_format(&out->info, "S: DATA fragment, %llu byte%s", (unsigned long long)content, content == 1 ? "" : "s");
        return true;
    }
    ms_text_str(&out->info, first->dir == MS_C2S ? "C: " : "S: ");
    ms_text_add(&out->info, ms_frame_shown(f, first));
    return true;
}
