/* engine/freeze.c - connections that are silent among very many, packed small.
 *
 * A connection, its parser's state and what the checks remember of it are structs full of zeros, of small numbers, and of words that
 * differ little from one connection to the next (times, addresses in memory). Packed, each 8-byte word is what differs from the
 * same word of the first connection that was frozen with this parser: one bit when nothing does, else one byte (how many
 * low bytes are equal, how many follow) and the bytes. The structs hold no pointers into themselves, so they may come back at
 * another place; what they point to stays where it is.
 *
 * It is used when more connections are open than the limit freeze_above says (conn.c), and only for connections that nobody
 * else points to: numbered, no message open, nothing held, not closing.                                    */
#include "engine/private.h"

struct ms_frozen { uint8_t model, bytes[]; };

static size_t whole(size_t n) { return (n + 7) & ~(size_t)7; }

static size_t state_size(const struct ms_conn *c) { return c->state ? whole(c->parser->state_size) : 0; }

/* The three structs one behind the other. Where the second and third were is of no interest: they come back elsewhere. */
static size_t gather(const struct ms_conn *c, uint64_t out[MS_FREEZE_WORDS])
{
    uint8_t *to = (uint8_t *)out;
    size_t   n = sizeof *c + state_size(c);
    memcpy(to, c, sizeof *c);
    out[offsetof(struct ms_conn, state) / 8] = out[offsetof(struct ms_conn, watch) / 8] = 0;
    if (c->state)
        memcpy(to + sizeof *c, c->state, state_size(c));
    if (c->watch)
        memcpy(to + n, c->watch, ms_checks_watch_size());
    return n + (c->watch ? ms_checks_watch_size() : 0);
}

/* ---- words ---------------------------------------------------------------------------------------------------- */

/* The head byte of a word: low nibble how many bytes follow, high nibble how many equal bytes lie below them. Two more forms:
 * AGAIN: the difference is that of an earlier word, high nibble which of the last 16; TWICE: the same four bytes in both halves. */
enum { AGAIN = 0, TWICE = 9, RECENT = 16 };

struct recent { uint64_t differences[RECENT]; unsigned next; };

static void remember(struct recent *r, uint64_t difference) { r->differences[r->next++ % RECENT] = difference; }

static uint8_t *pack_bytes(uint8_t *to, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        *to++ = (uint8_t)(v >> i * 8);
    return to;
}

static uint8_t *pack_word(uint8_t *to, uint64_t difference, struct recent *r)
{
    for (unsigned i = 0; i < RECENT; i++) {
        if (r->differences[i] != difference)
            continue;
        *to++ = (uint8_t)(i << 4 | AGAIN);
        return to;
    }
    remember(r, difference);
    unsigned skip = (unsigned)__builtin_ctzll(difference) / 8, n = (71u - (unsigned)__builtin_clzll(difference)) / 8 - skip;
    if (n > 4 && difference >> 32 == (uint32_t)difference) {
        *to++ = TWICE;
        return pack_bytes(to, difference, 4);
    }
    *to++ = (uint8_t)(skip << 4 | n);
    return pack_bytes(to, difference >> skip * 8, n);
}

static size_t pack(uint8_t *to, const uint64_t *words, const uint64_t *model, size_t count)
{
    uint8_t      *bits = to, *at = to + (count + 7) / 8;
    struct recent recent = { 0 };
    memset(bits, 0, (count + 7) / 8);
    for (size_t i = 0; i < count; i++) {
        if (words[i] == model[i])
            continue;
        bits[i / 8] |= (uint8_t)(1u << i % 8);
        at = pack_word(at, words[i] ^ model[i], &recent);
    }
    return (size_t)(at - to);
}

struct unpacker { const uint8_t *bits, *at; const uint64_t *model; size_t next; struct recent recent; };

static uint64_t unpack_word(struct unpacker *u)
{
    unsigned head = *u->at++, n = head & 15, skip = head >> 4;
    uint64_t v = 0;
    if (n == AGAIN)
        return u->recent.differences[skip];
    for (unsigned b = 0; b < (n == TWICE ? 4 : n); b++)
        v |= (uint64_t)*u->at++ << (skip + b) * 8;
    v |= n == TWICE ? v << 32 : 0;
    remember(&u->recent, v);
    return v;
}

static void unpack(struct unpacker *u, void *to, size_t n)
{
    for (size_t i = 0; i < n / 8; i++, u->next++) {
        uint64_t v = u->model[u->next];
        if (u->bits[u->next / 8] >> u->next % 8 & 1)
            v ^= unpack_word(u);
        memcpy((uint8_t *)to + i * 8, &v, 8);
    }
}

/* ---- connections ----------------------------------------------------------------------------------------------- */

static bool may_freeze(const struct ms_engine *e, const struct ms_conn *c)
{
    for (int d = 0; d < 2; d++)
        if (c->tcp.half[d].held || c->tcp.half[d].unacked)
            return false;
    bool fits = sizeof *c + state_size(c) + ms_checks_watch_size() <= MS_FREEZE_WORDS * sizeof(uint64_t);
    return fits && c->session.id && !c->in_line && !c->closing && !c->sniff && !c->unsettled && !c->open_bodies && !c->visit &&
           !c->follow && !e->waiting_first;
}

/* One model for each combination of structs that are there. */
static unsigned model_of(const struct ms_conn *c) { return c->session.protocol * 4u + (c->state ? 2u : 0u) + (c->watch ? 1u : 0u); }

bool ms_conn_freeze(struct ms_engine *e, struct ms_slot *slot)
{
    struct ms_conn *c = (struct ms_conn *)slot->value;
    uint64_t        words[MS_FREEZE_WORDS];
    uint8_t         packed[MS_FREEZE_WORDS * 10];
    if (!may_freeze(e, c))
        return false;
    if (c->watch)
        ms_checks_watch_rest(c->watch);
    size_t    count = gather(c, words) / sizeof *words;
    unsigned  m = model_of(c);
    uint64_t *model = e->freeze_models[m];
    if (!model) {
        model = e->freeze_models[m] = ms_alloc(sizeof words);
        memcpy(model, words, count * sizeof *words);
    }
    size_t            n = pack(packed, words, model, count);
    struct ms_frozen *f = ms_alloc(sizeof *f + n);
    f->model = (uint8_t)m;
    memcpy(f->bytes, packed, n);
    ms_free(c->state);
    ms_free(c->watch);
    slot->value = (uintptr_t)f | MS_SLOT_FROZEN;
    ms_conn_give_back(e, c);
    return true;
}

static struct ms_frozen *frozen(const struct ms_slot *slot) { return (struct ms_frozen *)(slot->value & ~(uintptr_t)MS_SLOT_FROZEN); }

static size_t frozen_states(unsigned model) { return model & 2 ? whole(ms_parser_for((enum ms_protocol)(model / 4))->state_size) : 0; }

static struct unpacker unpacker_of(const struct ms_engine *e, const struct ms_frozen *f)
{
    size_t watch = f->model & 1 ? ms_checks_watch_size() : 0;
    size_t words = (sizeof(struct ms_conn) + frozen_states(f->model) + watch) / 8;
    return (struct unpacker){ .bits = f->bytes, .at = f->bytes + (words + 7) / 8, .model = e->freeze_models[f->model] };
}

uint64_t ms_frozen_first_frame(const struct ms_engine *e, const struct ms_slot *slot)
{
    struct unpacker u = unpacker_of(e, frozen(slot));
    uint64_t        words[offsetof(struct ms_conn, session.first_frame) / 8 + 1];
    unpack(&u, words, sizeof words);
    return words[sizeof words / 8 - 1];
}

const struct ms_conn *ms_frozen_conn(const struct ms_engine *e, const struct ms_slot *slot, struct ms_conn *room)
{
    struct unpacker u = unpacker_of(e, frozen(slot));
    unpack(&u, room, sizeof *room);
    return room;
}

struct ms_conn *ms_conn_thaw(struct ms_engine *e, struct ms_slot *slot)
{
    struct ms_frozen *f = frozen(slot);
    struct ms_conn   *c = ms_conn_take(e);
    size_t            states = frozen_states(f->model), watch = f->model & 1 ? ms_checks_watch_size() : 0;
    struct unpacker   u = unpacker_of(e, f);
    unpack(&u, c, sizeof *c);
    if (states) {
        c->state = ms_alloc(states);
        unpack(&u, c->state, states);
    }
    if (watch) {
        c->watch = ms_alloc(watch);
        unpack(&u, c->watch, watch);
    }
    ms_free(f);
    slot->value = (uintptr_t)c;
    return c;
}
