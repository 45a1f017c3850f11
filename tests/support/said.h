/* tests/support/said.h - what frames said (model/element.h), in words that a test can compare.
 *
 *   frame C command|auth|text "line" (secret part as <secret>) +bytes of its line end, flags
 *   frame S reply|text ...            code=N asked=frame repeats="..."
 *   frame S content bytes             of one frame added up: what a chunk is, is no matter
 *   frame S end bytes [body]          frame S headers bytes "block"        frame S frames 3,4 bytes                    */
#pragma once
#include "base/text.h"
#include "model/element.h"

#include <stdlib.h>

static inline void said_content(struct ms_buffer *o, struct ms_element *content)
{
    if (content->frame)
        ms_text_format(o, "%d %c content %d\n", (int)content->frame, "CS"[content->dir], (int)content->length);
    content->frame = 0;
}

static inline void said_quote(struct ms_buffer *o, struct ms_bytes b)
{
    ms_text_char(o, '"');
    ms_text_plain(o, b);
    ms_text_char(o, '"');
}

static inline void said_line(struct ms_buffer *o, const struct ms_element *el)
{
    if (el->secret_at + el->secret_n > el->line.n)
        abort();
    ms_text_char(o, '"');
    ms_text_plain(o, ms_head(el->line, el->secret_at));
    if (el->secret_n) {
        ms_text_char(o, '<');
        ms_text_plain(o, ms_slice(el->line, el->secret_at, el->secret_n));
        ms_text_char(o, '>');
    }
    ms_text_plain(o, ms_tail(el->line, el->secret_at + el->secret_n));
    ms_text_format(o, "\" +%d", (int)(el->length - el->line.n));
}

static inline void said_rest(struct ms_buffer *o, const struct ms_element *el)
{
    static const char *const flags[] = { "more", "cut", "decrypted", "literal", "last" };
    for (unsigned i = 0; i < 5; i++)
        if (el->flags >> i & 1)
            ms_text_format(o, " %s", flags[i]);
    if (el->code)
        ms_text_format(o, " code=%d", (int)el->code);
    if (el->asked)
        ms_text_format(o, " asked=%d@%d", (int)el->asked, (int)el->asked_time);
    if (el->repeats.n) {
        ms_text_str(o, " repeats=");
        said_quote(o, el->repeats);
    }
    ms_text_char(o, '\n');
}

static inline void said_frames(struct ms_buffer *o, struct ms_bytes list)
{
    for (uint64_t frame; list.n; list = ms_tail(list, sizeof frame)) {
        memcpy(&frame, list.p, sizeof frame);
        ms_text_format(o, "%d%s", (int)frame, list.n > sizeof frame ? "," : "");
    }
}

/* `content`: that of the frame under way; starts zeroed, said_content() at the end. */
static inline void said_add(struct ms_buffer *o, struct ms_element *content, const struct ms_element *el)
{
    static const char *const kinds[] = { "command", "reply", "auth", "text", "content", "end", "headers", "frames" };
    bool same = content->frame == el->frame && content->dir == el->dir;
    if (el->kind == MS_EL_CONTENT && same) {
        content->length += el->length;
        return;
    }
    said_content(o, content);
    if (el->kind == MS_EL_CONTENT) {
        *content = *el;
        return;
    }
    ms_text_format(o, "%d %c %s ", (int)el->frame, "CS"[el->dir], kinds[el->kind]);
    if (el->kind <= MS_EL_TEXT) {
        said_line(o, el);
    } else {
        ms_text_format(o, "%d%s ", (int)el->length, el->body ? " body" : "");
        if (el->kind == MS_EL_FRAGMENTS)
            said_frames(o, el->line);
        else
            said_quote(o, el->line);
    }
    said_rest(o, el);
}
