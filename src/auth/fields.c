/* auth/fields.c - header fields by name. Finding is by a table of hashes, so that long lists of names stay linear. */
#include "auth/fields.h"
#include "base/hash.h"

struct ms_field_group { uint64_t hash; struct ms_bytes name; uint32_t last, next, count; };

static bool is_blank_name(struct ms_bytes line) { return line.n == 0 || ms_is_blank(line.p[0]); }

/* The line at the start of b, with its line end. */
static struct ms_bytes line_of(struct ms_bytes b)
{
    return ms_head(b, ms_find(b, '\n') + 1);
}

static struct ms_bytes without_end(struct ms_bytes b)
{
    if (b.n && b.p[b.n - 1] == '\n')
        b.n--;
    if (b.n && b.p[b.n - 1] == '\r')
        b.n--;
    return b;
}

/* A line with the folded lines that follow it. */
static struct ms_bytes take_field(struct ms_bytes *rest)
{
    struct ms_bytes field = line_of(*rest), next;
    while (next = line_of(ms_tail(*rest, field.n)), next.n && ms_is_blank(next.p[0]))
        field.n += next.n;
    *rest = ms_tail(*rest, field.n);
    return without_end(field);
}

static bool read_field(struct ms_bytes whole, struct ms_field *out)
{
    size_t colon = ms_find(whole, ':');
    if (colon == whole.n || is_blank_name(whole))
        return false;
    struct ms_bytes name = ms_head(whole, colon);
    while (name.n && ms_is_blank(name.p[name.n - 1]))
        name.n--;
    if (ms_find(name, '\n') < name.n || name.n == 0)
        return false;
    *out = (struct ms_field){ name, whole, ms_tail(whole, colon + 1), name.n < colon };
    return true;
}

/* How many lines may begin a field: the room that is needed. */
static size_t count_fields(struct ms_bytes block, uint64_t limit)
{
    size_t n = 0;
    for (struct ms_bytes rest = block; rest.n && n < limit; rest = ms_tail(rest, line_of(rest).n))
        n += !ms_is_blank(rest.p[0]);
    return n;
}

static uint64_t hash_name(struct ms_bytes name)
{
    enum { NAME_BYTES = 80 };
    uint8_t low[NAME_BYTES + 8];
    size_t  n = 0;
    for (; n < name.n && n < NAME_BYTES; n++)
        low[n] = ms_lower(name.p[n]);
    memcpy(low + n, &name.n, sizeof name.n);
    return ms_hash((struct ms_bytes){ low, n + sizeof name.n });
}

static uint32_t *slot_of(const struct ms_fields *f, struct ms_bytes name, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & (f->slot_count - 1);
    while (f->slots[i]) {
        const struct ms_field_group *g = &f->groups[f->slots[i] - 1];
        if (g->hash == hash && ms_equal_nocase(g->name, name))
            break;
        i = (i + 1) & (f->slot_count - 1);
    }
    return &f->slots[i];
}

static void index_field(struct ms_fields *f, uint32_t number)
{
    struct ms_bytes name = f->at[number - 1].name;
    uint64_t        hash = hash_name(name);
    uint32_t       *slot = slot_of(f, name, hash);
    if (*slot == 0) {
        *slot = ++f->group_count;
        f->groups[*slot - 1] = (struct ms_field_group){ .hash = hash, .name = name };
    }
    struct ms_field_group *g = &f->groups[*slot - 1];
    f->above[number - 1] = g->last;
    g->last = g->next = number;
    g->count++;
}

void ms_fields_read(struct ms_fields *f, struct ms_bytes block, const struct ms_limits *limits, struct ms_arena *arena)
{
    size_t room = count_fields(block, limits->header_count);
    *f = (struct ms_fields){ .at = ms_arena_alloc(arena, (room + 1) * sizeof *f->at) };
    for (struct ms_bytes rest = block; rest.n;) {
        struct ms_bytes whole = take_field(&rest);
        struct ms_field field;
        if (!read_field(whole, &field))
            continue;
        if (f->n == room)
            f->dropped++;
        else
            f->at[f->n++] = field;
    }
    for (f->slot_count = 16; f->slot_count < 2 * f->n; f->slot_count *= 2)
        ;
    f->slots = ms_arena_alloc(arena, f->slot_count * sizeof *f->slots);
    f->groups = ms_arena_alloc(arena, f->n * sizeof *f->groups);
    f->above = ms_arena_alloc(arena, f->n * sizeof *f->above);
    for (uint32_t i = 1; i <= f->n; i++)
        index_field(f, i);
}

static struct ms_field_group *group_of(const struct ms_fields *f, struct ms_bytes name)
{
    uint32_t number = *slot_of(f, name, hash_name(name));
    return number ? &f->groups[number - 1] : NULL;
}

uint32_t ms_fields_last(const struct ms_fields *f, struct ms_bytes name)
{
    const struct ms_field_group *g = group_of(f, name);
    return g ? g->last : 0;
}

uint32_t ms_fields_next(struct ms_fields *f, struct ms_bytes name)
{
    struct ms_field_group *g = group_of(f, name);
    uint32_t               number = g ? g->next : 0;
    if (number)
        g->next = f->above[number - 1];
    return number;
}

void ms_fields_restart(struct ms_fields *f)
{
    for (uint32_t i = 0; i < f->group_count; i++)
        f->groups[i].next = f->groups[i].last;
}
