/* auth/dns.c - names and questions, whoever answers them. */
#include "auth/dns.h"
#include "base/text.h"

enum { LABEL_BYTES = 63, NAME_BYTES = 253 };

bool ms_dns_name_fits(struct ms_bytes name)
{
    if (name.n == 0 || name.n > NAME_BYTES)
        return false;
    for (struct ms_bytes rest = name;;) {
        size_t dot = ms_find(rest, '.');
        if (dot == 0 || dot > LABEL_BYTES)
            return false;
        if (dot == rest.n)
            return true;
        rest = ms_tail(rest, dot + 1);
    }
}

enum ms_answer ms_ask(const struct ms_resolver *r, struct ms_bytes name, uint16_t type, struct ms_dns_set *out)
{
    *out = (struct ms_dns_set){ NULL, 0 };
    if (name.n && name.p[name.n - 1] == '.')
        name.n--;
    if (!ms_dns_name_fits(name))
        return MS_ANSWER_NXDOMAIN;
    enum ms_answer answer = r->ask(r->ctx, name, type, out);
    if (answer != MS_ANSWER_FOUND)
        *out = (struct ms_dns_set){ NULL, 0 };
    return answer == MS_ANSWER_FOUND && out->n == 0 ? MS_ANSWER_NODATA : answer;
}

void ms_missing_add(struct ms_missing *w, uint16_t type, struct ms_bytes name)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->at[i].type == type && ms_equal_nocase(w->at[i].name, name))
            return;
    if (w->n == MS_MISSING)
        return;
    w->at[w->n].name = ms_arena_keep(w->arena, name);
    w->at[w->n++].type = type;
}

void ms_missing_join(struct ms_missing *w, const struct ms_missing *more)
{
    for (size_t i = 0; i < more->n; i++)
        ms_missing_add(w, more->at[i].type, more->at[i].name);
}

struct ms_bytes ms_missing_text(const struct ms_missing *w, struct ms_arena *arena)
{
    struct ms_buffer text = { 0 };
    char             scratch[12];
    for (size_t i = 0; i < w->n; i++) {
        ms_text_str(&text, i ? ", " : "");
        ms_text_str(&text, ms_dns_type_name(w->at[i].type, scratch));
        ms_text_char(&text, ' ');
        ms_text_plain(&text, w->at[i].name);
    }
    struct ms_bytes kept = ms_arena_keep(arena, ms_buffer_bytes(&text));
    ms_buffer_finish(&text);
    return kept;
}
