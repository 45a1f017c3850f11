/* engine/room.c - at the limit `connections`: who never got beyond its SYN makes room for newcomers, oldest first.
 *
 * The half-open ones are looked for in the whole table, and used up in order of their first frame before it is looked through again:
 * after as many newcomers as LOOK_SHARE says, so that a table full of others costs each newcomer little. The order does not
 * depend on the slots, which are others on every run.                                                         */
#include "engine/private.h"

#include <stdlib.h>

enum { LOOK_SHARE = 8 };

struct candidate { uint64_t first_frame, hash; };

static bool is_half_open(const struct ms_conn *c)
{
    return !c->handshake_done && c->session.segments[MS_C2S] == 0 && c->session.segments[MS_S2C] == 0;
}

static int by_first_frame(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->first_frame < y->first_frame ? -1 : x->first_frame > y->first_frame;
}

static void look(struct ms_engine *e)
{
    struct ms_buffer *found = &e->half_open;
    found->n = e->half_open_at = 0;
    for (uint32_t i = 0; i < e->table.size; i++) {
        struct ms_slot *slot = &e->table.slots[i];
        if (slot->value == 0 || ms_slot_is_mark(slot))
            continue;
        struct ms_conn        room;
        const struct ms_conn *c = ms_slot_is_frozen(slot) ? ms_frozen_conn(e, slot, &room) : (struct ms_conn *)slot->value;
        struct candidate      one = { c->session.first_frame, slot->hash };
        if (is_half_open(c))
            ms_buffer_append(found, (struct ms_bytes){ (const uint8_t *)&one, sizeof one });
    }
    if (found->n)
        qsort(found->p, found->n / sizeof(struct candidate), sizeof(struct candidate), by_first_frame);
}

/* True: one went. */
static bool end_next(struct ms_engine *e)
{
    struct candidate one;
    memcpy(&one, e->half_open.p + e->half_open_at, sizeof one);
    e->half_open_at += sizeof one;
    struct ms_slot *slot = ms_table_find(&e->table, one.hash);
    if (!slot || ms_slot_is_mark(slot))
        return false;
    struct ms_conn *c = ms_slot_is_frozen(slot) ? ms_conn_thaw(e, slot) : (struct ms_conn *)slot->value;
    if (c->session.first_frame != one.first_frame || !is_half_open(c))
        return false;
    ms_conn_cut_off(e, c);
    return true;
}

bool ms_room_make(struct ms_engine *e)
{
    if (e->half_open_at >= e->half_open.n && e->half_open_wait) {
        e->half_open_wait--;
        return false;
    }
    if (e->half_open_at >= e->half_open.n) {
        look(e);
        e->half_open_wait = (uint32_t)(e->options.limits.connections / LOOK_SHARE);
    }
    while (e->half_open_at < e->half_open.n)
        if (end_next(e))
            return true;
    return false;
}
