/* model/sign.c - signs of one message. */
#include "model/sign.h"
#include "base/text.h"
#include <string.h>

void ms_signs_init(struct ms_signs *s, struct ms_arena *arena)
{
    *s = (struct ms_signs){ .arena = arena };
}

static struct ms_sign *room_for(struct ms_signs *s)
{
    if (s->n == MS_SIGNS) {
        s->dropped++;
        return NULL;
    }
    if (s->n == s->room) {
        size_t          room = s->room ? s->room * 2 : 8;
        struct ms_sign *at = ms_arena_alloc(s->arena, room * sizeof *at);
        if (s->n)
            memcpy(at, s->at, s->n * sizeof *at);
        s->at = at;
        s->room = room;
    }
    return &s->at[s->n++];
}

void ms_sign_add(struct ms_signs *s, enum ms_sign_kind kind, size_t part, struct ms_bytes evidence)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->at[i].kind == kind && s->at[i].part == part) {
            s->at[i].count += s->at[i].count < UINT32_MAX;
            return;
        }
    struct ms_sign *sign = room_for(s);
    if (!sign)
        return;
    *sign = (struct ms_sign){ .kind = (uint16_t)kind, .part = (uint16_t)part, .count = 1,
                              .evidence = ms_arena_keep(s->arena, ms_utf8_head(evidence, MS_SIGN_BYTES)) };
}

const struct ms_sign *ms_sign_find(const struct ms_signs *s, enum ms_sign_kind kind)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->at[i].kind == kind)
            return &s->at[i];
    return NULL;
}

const char *ms_sign_name(enum ms_sign_kind kind)
{
    static const char *const names[MS_SIGN_COUNT] = {
#define X(name, slug, group, weight, rule, meaning) slug,
#include "model/signs.def"
#undef X
    };
    return kind < MS_SIGN_COUNT ? names[kind] : "";
}
