#include "auth/tags.h"
#include "mail/base64.h"

static bool is_space(uint8_t c) { return ms_is_blank(c) || c == '\r' || c == '\n'; }

static bool is_name(struct ms_bytes name)
{
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = ms_lower(name.p[i]);
        if (!((c >= 'a' && c <= 'z') || (i && (ms_is_digit(c) || c == '_' || c == '-'))))
            return false;
    }
    return name.n > 0;
}

bool ms_tags_read(struct ms_bytes text, struct ms_tags *out)
{
    out->n = 0;
    while (text.n) {
        struct ms_bytes piece = ms_head(text, ms_find(text, ';'));
        text = ms_tail(text, piece.n + 1);
        if (ms_trim(piece).n == 0)
            continue;
        size_t equals = ms_find(piece, '=');
        struct ms_tag tag = { ms_trim(ms_head(piece, equals)), ms_trim(ms_tail(piece, equals + 1)), ms_tail(piece, equals + 1) };
        if (equals == piece.n || !is_name(tag.name) || out->n == MS_TAGS)
            return false;
        for (size_t i = 0; i < out->n; i++)
            if (ms_equal(out->at[i].name, tag.name))
                return false;
        out->at[out->n++] = tag;
    }
    return out->n > 0;
}

const struct ms_tag *ms_tag_find(const struct ms_tags *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (ms_equal(t->at[i].name, ms_str(name)))
            return &t->at[i];
    return NULL;
}

struct ms_bytes ms_tag_value(const struct ms_tags *t, const char *name)
{
    const struct ms_tag *tag = ms_tag_find(t, name);
    return tag ? tag->value : (struct ms_bytes){ NULL, 0 };
}

struct ms_bytes ms_tag_packed(struct ms_bytes value, struct ms_arena *arena)
{
    uint8_t *p = ms_arena_alloc(arena, value.n);
    size_t   n = 0;
    for (size_t i = 0; i < value.n; i++)
        if (!is_space(value.p[i]))
            p[n++] = value.p[i];
    return (struct ms_bytes){ p, n };
}

bool ms_tag_base64(struct ms_bytes value, struct ms_arena *arena, struct ms_bytes *out)
{
    struct ms_base64 d = ms_base64_start();
    struct ms_buffer decoded = { .p = ms_alloc(value.n + 2 * MS_BASE64_ROOM), .size = value.n + 2 * MS_BASE64_ROOM };
    ms_base64_push(&d, value, &decoded);
    ms_base64_finish(&d, &decoded);
    *out = ms_arena_keep(arena, ms_buffer_bytes(&decoded));
    ms_buffer_finish(&decoded);
    return !d.foreign && out->n > 0;
}

struct ms_bytes ms_tag_next(struct ms_bytes *list)
{
    struct ms_bytes word = ms_head(*list, ms_find(*list, ':'));
    *list = ms_tail(*list, word.n + 1);
    return ms_trim(word);
}

bool ms_tag_lists(struct ms_bytes value, const char *word)
{
    while (value.n)
        if (ms_equal_nocase(ms_tag_next(&value), ms_str(word)))
            return true;
    return false;
}
