/* tests/support/look.h - what is seen in a text or a page, as one line: links with their text, signs, candidates for passwords. */
#pragma once
#include "base/text.h"
#include "content/content.h"

#include <stdlib.h>

struct look { struct ms_arena arena; struct ms_limits limits; struct ms_signs signs; struct ms_links links; uint64_t budget; struct ms_pixels pixels; struct ms_inside in; };

static inline void look_init(struct look *l)
{
    *l = (struct look){ .limits = ms_limits_default(), .budget = 1 << 20, .pixels.left = 1 << 20 };
    ms_signs_init(&l->signs, &l->arena);
    l->links = (struct ms_links){ .arena = &l->arena, .limits = &l->limits };
    l->in = (struct ms_inside){ .signs = &l->signs, .links = &l->links, .arena = &l->arena, .limits = &l->limits, .part = 1, .budget = &l->budget, .pixels = &l->pixels };
}

/* >link(text) !sign =password */
static inline void look_tell(const struct look *l, struct ms_buffer *out)
{
    for (size_t i = 0; i < l->links.n; i++) {
        ms_text_str(out, " >");
        ms_text_add(out, l->links.at[i].url);
        if (l->links.at[i].text.n) {
            ms_text_char(out, '(');
            ms_text_add(out, l->links.at[i].text);
            ms_text_char(out, ')');
        }
    }
    for (size_t i = 0; i < l->signs.n; i++) {
        ms_text_str(out, " !");
        ms_text_str(out, ms_sign_name((enum ms_sign_kind)l->signs.at[i].kind));
    }
    for (struct ms_bytes rest = l->in.passwords; rest.n;) {
        struct ms_bytes one = ms_head(rest, ms_find(rest, 0));
        ms_text_char(out, ' ');
        ms_text_char(out, '=');
        ms_text_add(out, one);
        rest = ms_tail(rest, one.n + 1);
    }
}

static inline void look_finish(struct look *l) { ms_arena_finish(&l->arena); }
