/* dfilter/compute.c - the values of each part of a leaf: fields, layers, slices, functions, arithmetic. What is made lies on the filter's
 * stack of values and in its room for bytes until the leaf is decided.                                                 */
#include "dfilter/private.h"
#include "base/text.h"

#include <ctype.h>
#include <math.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff }; /* IPv4 in 16 bytes */

struct ms_bytes ms_value_view(enum ms_field_type type, const struct ms_value *v)
{
    if (type == MS_FT_ETHER)
        return (struct ms_bytes){ v->ether, 6 };
    if (type == MS_FT_IPV4 || (type == MS_FT_IP && memcmp(v->ip, mapped, 12) == 0))
        return (struct ms_bytes){ v->ip + 12, 4 };
    if (type == MS_FT_IPV6 || type == MS_FT_IP)
        return (struct ms_bytes){ v->ip, 16 };
    return v->bytes;
}

/* Both are made when first needed, whole, so that nothing in them ever moves. */
struct ms_value *ms_stack_room(struct ms_dfilter *f, size_t n)
{
    if (!f->state.stack)
        f->state.stack = ms_resize(NULL, MS_DFILTER_STACK * sizeof *f->state.stack);
    if (n <= MS_DFILTER_STACK - f->state.stacked)
        return f->state.stack + f->state.stacked;
    f->state.cut++;
    return NULL;
}

uint8_t *ms_made_room(struct ms_dfilter *f, size_t n)
{
    if (!f->state.made)
        f->state.made = ms_resize(NULL, MS_DFILTER_MADE);
    if (n <= MS_DFILTER_MADE - f->state.made_n)
        return f->state.made + f->state.made_n;
    f->state.cut++;
    return NULL;
}

static struct ms_list taken(struct ms_dfilter *f, struct ms_value *from, size_t n)
{
    f->state.stacked += n;
    return (struct ms_list){ from, n };
}

/* ---- fields ---------------------------------------------------------------------------------------------------- */

struct growing { struct ms_value_sink sink; struct ms_slot *slot; }; /* the sink comes first */

static bool grow(struct ms_value_sink *sink)
{
    struct ms_slot *slot = ((struct growing *)sink)->slot;
    size_t          n = slot->size;
    if (n == MS_VALUES_MAX)
        return false;
    slot->size = n ? n * 4 : 4; /* 4, 16 ... 4096 */
    slot->values = ms_resize(slot->values, slot->size * sizeof *slot->values);
    sink->next = slot->values + n;
    sink->end = slot->values + slot->size;
    return true;
}

static void ask(struct ms_dfilter *f, struct ms_slot *slot, const struct ms_node *n)
{
    struct growing g = { { slot->values, slot->values, false, grow, 0 }, slot };
    if (slot->size)
        g.sink.end += slot->size;
    f->state.source->values(f->state.source->ctx, f->fields[n->slot], &g.sink);
    slot->evaluation = f->state.evaluation;
    slot->n = 0;
    for (struct ms_value *v = slot->values; v < g.sink.next; v++)
        if (v->type == n->type) { /* else the source is wrong: nothing is better than garbage */
            struct ms_value *kept = &slot->values[slot->n++];
            if (kept != v)
                *kept = *v;
        }
    f->state.cut += g.sink.full;
}

static bool in_ranges(const struct ms_ranges *ranges, int layer, int layers)
{
    for (size_t i = 0; i < ranges->n; i++) {
        const struct ms_range *r = &ranges->p[i];
        int64_t from = r->from < 0 ? layers + 1 + r->from : r->from, to = layers;
        if (r->end == MS_R_LENGTH)
            to = from + r->to - 1;
        else if (r->end == MS_R_INCLUSIVE)
            to = r->to < 0 ? layers + 1 + r->to : r->to;
        if (layer >= from && layer <= to)
            return true;
    }
    return false;
}

static int layer_of(const struct ms_value *v) { return v->layer ? v->layer : 1; }

static struct ms_list of_layers(struct ms_dfilter *f, const struct ms_node *n, struct ms_list all)
{
    struct ms_value *out = ms_stack_room(f, all.n);
    size_t           kept = 0;
    int              layers = 0;
    for (size_t i = 0; out && i < all.n; i++)
        if (layer_of(&all.v[i]) > layers)
            layers = layer_of(&all.v[i]);
    for (size_t i = 0; out && i < all.n; i++)
        if (in_ranges(&n->ranges, layer_of(&all.v[i]), layers))
            out[kept++] = all.v[i];
    return taken(f, out, kept);
}

struct ms_list ms_field_values(struct ms_dfilter *f, const struct ms_node *n)
{
    struct ms_slot *slot = &f->state.slots[n->slot];
    if (slot->evaluation != f->state.evaluation)
        ask(f, slot, n);
    struct ms_list all = { slot->values, slot->n };
    return n->ranges.n ? of_layers(f, n, all) : all;
}

/* ---- slices ---------------------------------------------------------------------------------------------------- */

/* The part of `whole`; empty when it does not lie in it. */
static struct ms_bytes part(struct ms_bytes whole, const struct ms_range *r)
{
    int64_t n = (int64_t)whole.n, from = r->from < 0 ? n + r->from : r->from, to = n;
    if (r->end == MS_R_LENGTH)
        to = from + r->to;
    else if (r->end == MS_R_INCLUSIVE)
        to = (r->to < 0 ? n + r->to : r->to) + 1;
    if (from < 0 || to > n || from >= to)
        return (struct ms_bytes){ NULL, 0 };
    return ms_slice(whole, (size_t)from, (size_t)(to - from));
}

/* What stands behind a part that does not exist is left out, too, as in Wireshark. */
static struct ms_bytes joined(struct ms_dfilter *f, const struct ms_ranges *ranges, struct ms_bytes whole)
{
    size_t   n = 0;
    uint8_t *room;
    for (size_t i = 0; i < ranges->n; i++) {
        struct ms_bytes b = part(whole, &ranges->p[i]);
        if (b.n == 0)
            break;
        room = ms_made_room(f, b.n);
        if (!room)
            return (struct ms_bytes){ NULL, 0 };
        memcpy(room, b.p, b.n);
        n += b.n;
        f->state.made_n += b.n;
    }
    return n ? (struct ms_bytes){ f->state.made + f->state.made_n - n, n } : (struct ms_bytes){ NULL, 0 };
}

static struct ms_list slices(struct ms_dfilter *f, const struct ms_node *n)
{
    struct ms_list   of = ms_values_of(f, n->first);
    struct ms_value *out = ms_stack_room(f, of.n);
    size_t           kept = 0;
    for (size_t i = 0; out && i < of.n; i++) {
        struct ms_bytes whole = ms_value_view(n->first->type, &of.v[i]);
        struct ms_bytes b = n->ranges.n == 1 ? part(whole, n->ranges.p) : joined(f, &n->ranges, whole);
        if (b.n)
            out[kept++] = ms_value_bytes(b);
    }
    return taken(f, out, kept);
}

/* ---- functions ------------------------------------------------------------------------------------------------- */

/* Of numbers the width of the field. In Wireshark times, fractions and truths have none. */
static uint64_t length_of(const struct ms_node *n, const struct ms_value *v)
{
    unsigned bits = n->field ? n->field->bits : 0;
    switch (n->type) {
    case MS_FT_NONE: case MS_FT_TIME: case MS_FT_DURATION: case MS_FT_DOUBLE: case MS_FT_BOOLEAN: return 0;
    case MS_FT_FRAME: return 4;
    case MS_FT_UINT: case MS_FT_INT: return bits ? (bits + 7) / 8 : 8;
    default: return ms_value_view(n->type, v).n;
    }
}

static bool change_case(struct ms_dfilter *f, const struct ms_value *v, bool upper, struct ms_value *out)
{
    uint8_t *room = ms_made_room(f, v->bytes.n);
    for (size_t i = 0; room && i < v->bytes.n; i++) {
        uint8_t c = v->bytes.p[i];
        room[i] = upper ? (uint8_t)(c >= 'a' && c <= 'z' ? c - 32 : c) : ms_lower(c);
    }
    *out = ms_value_string((struct ms_bytes){ room, v->bytes.n });
    f->state.made_n += room ? v->bytes.n : 0;
    return room != NULL;
}

static bool to_string(struct ms_dfilter *f, const struct ms_node *n, const struct ms_value *v, struct ms_value *out)
{
    struct ms_buffer *t = &f->state.text;
    struct ms_field   plain = { .type = n->type }; /* numbers are decimal here, whatever the field's base */
    t->n = 0;
    ms_value_text(t, &plain, v);
    uint8_t *room = ms_made_room(f, t->n);
    if (!room)
        return false;
    memcpy(room, t->p, t->n);
    f->state.made_n += t->n;
    *out = ms_value_string((struct ms_bytes){ room, t->n });
    return true;
}

static bool absolute(const struct ms_node *n, const struct ms_value *v, struct ms_value *out)
{
    *out = *v;
    out->type = n->type;
    if (n->type == MS_FT_DOUBLE)
        out->d = fabs(v->d);
    else if (n->type != MS_FT_UINT && v->i < 0)
        return !__builtin_sub_overflow(0, v->i, &out->i);
    return true;
}

static bool apply(struct ms_dfilter *f, const struct ms_node *n, const struct ms_value *v, struct ms_value *out)
{
    switch (n->op) {
    case MS_F_LEN: *out = ms_value_uint(length_of(n->first, v)); return true;
    case MS_F_UPPER: case MS_F_LOWER: return change_case(f, v, n->op == MS_F_UPPER, out);
    case MS_F_STRING: return to_string(f, n->first, v, out);
    default: return absolute(n, v, out);
    }
}

static struct ms_list extreme(struct ms_dfilter *f, const struct ms_node *n)
{
    struct ms_value *best = ms_stack_room(f, 1);
    bool             found = false;
    if (!best)
        return taken(f, NULL, 0);
    taken(f, best, 1);
    const struct ms_node like = { .kind = MS_N_FIELD, .type = n->type };
    for (const struct ms_node *a = n->first; a; a = a->next) {
        size_t         mark = f->state.stacked;
        struct ms_list of = ms_values_of(f, a);
        for (size_t i = 0; i < of.n; i++) {
            struct ms_value v = of.v[i];
            if (n->type == MS_FT_INT)
                v.i = ms_value_signed(a->type, &of.v[i]);
            int order = found ? ms_value_order(&like, &v, &like, best, n->class) : 0;
            if (!found || (n->op == MS_F_MIN ? order == -1 : order == 1))
                *best = v;
            found = true;
        }
        f->state.stacked = mark;
    }
    best->type = n->type;
    return (struct ms_list){ best, found };
}

struct ms_list ms_call(struct ms_dfilter *f, const struct ms_node *n)
{
    if (n->op == MS_F_MIN || n->op == MS_F_MAX)
        return extreme(f, n);
    struct ms_list   of = ms_values_of(f, n->first);
    bool             count = n->op == MS_F_COUNT;
    struct ms_value *out = ms_stack_room(f, count ? 1 : of.n);
    size_t           kept = 0;
    if (out && count && of.n) /* of an absent field not even 0, as Wireshark */
        out[kept++] = ms_value_uint(of.n);
    for (size_t i = 0; out && !count && i < of.n; i++)
        kept += apply(f, n, &of.v[i], &out[kept]);
    return taken(f, out, kept);
}

/* ---- arithmetic ------------------------------------------------------------------------------------------------ */

static bool calculate(char op, int64_t a, int64_t b, int64_t *out) /* false: no result fits */
{
    switch (op) {
    case '+': return !__builtin_add_overflow(a, b, out);
    case '-': return !__builtin_sub_overflow(a, b, out);
    case '*': return !__builtin_mul_overflow(a, b, out);
    case '&': return *out = a & b, true;
    default: break;
    }
    if (b == 0 || (b == -1 && a == INT64_MIN))
        return false;
    *out = op == '/' ? a / b : a % b;
    return true;
}

static double calculate_double(char op, double a, double b)
{
    switch (op) {
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    case '/': return a / b;
    default: return fmod(a, b);
    }
}

static bool mask(struct ms_dfilter *f, struct ms_bytes a, struct ms_bytes b, struct ms_bytes *out)
{
    size_t   n = a.n < b.n ? a.n : b.n;
    uint8_t *room = ms_made_room(f, n);
    for (size_t i = 0; room && i < n; i++)
        room[i] = a.p[i] & b.p[i];
    f->state.made_n += room ? n : 0;
    *out = (struct ms_bytes){ room, n };
    return room && n;
}

static bool mask_addresses(const struct ms_node *n, const struct ms_value *a, const struct ms_value *b, struct ms_value *out)
{
    struct ms_bytes x = ms_value_view(n->first->type, a), y = ms_value_view(n->first->next->type, b);
    if (x.n != y.n)
        return false;
    *out = *a;
    for (size_t i = 16 - x.n; i < 16; i++)
        out->ip[i] = a->ip[i] & b->ip[i];
    return true;
}

static bool combine(struct ms_dfilter *f, const struct ms_node *n, const struct ms_value *a, const struct ms_value *b, struct ms_value *out)
{
    const struct ms_node *left = n->first, *right = left->next;
    struct ms_bytes       bytes;
    out->type = n->type;
    switch (n->type) {
    case MS_FT_UINT: case MS_FT_FRAME: return *out = *a, out->u = a->u & b->u, true;
    case MS_FT_INT: return calculate((char)n->op, ms_value_signed(left->type, a), ms_value_signed(right->type, b), &out->i);
    case MS_FT_DURATION: return calculate((char)n->op, a->i, b->i, &out->i);
    case MS_FT_DOUBLE: return out->d = calculate_double((char)n->op, a->d, b->d), true;
    case MS_FT_BYTES:
        if (!mask(f, ms_value_view(left->type, a), ms_value_view(right->type, b), &bytes))
            return false;
        return *out = ms_value_bytes(bytes), true;
    default: return mask_addresses(n, a, b, out);
    }
}

struct ms_list ms_arithmetic(struct ms_dfilter *f, const struct ms_node *n)
{
    struct ms_list   a = ms_values_of(f, n->first), b = ms_values_of(f, n->first->next);
    size_t           most = a.n * b.n < MS_VALUES_MAX ? a.n * b.n : MS_VALUES_MAX, kept = 0;
    struct ms_value *out = ms_stack_room(f, most);
    for (size_t i = 0; out && i < a.n; i++)
        for (size_t k = 0; k < b.n; k++) {
            if (kept == most || !ms_pair_spend(f)) {
                f->state.cut += kept == most;
                return taken(f, out, kept);
            }
            kept += combine(f, n, &a.v[i], &b.v[k], &out[kept]);
        }
    return taken(f, out, kept);
}

static struct ms_list negatives(struct ms_dfilter *f, const struct ms_node *n)
{
    struct ms_list   of = ms_values_of(f, n->first);
    struct ms_value *out = ms_stack_room(f, of.n);
    size_t           kept = 0;
    for (size_t i = 0; out && i < of.n; i++) {
        out[kept].type = n->type;
        if (n->type == MS_FT_DOUBLE)
            out[kept++].d = -of.v[i].d;
        else
            kept += !__builtin_sub_overflow(0, ms_value_signed(n->first->type, &of.v[i]), &out[kept].i);
    }
    return taken(f, out, kept);
}

struct ms_list ms_values_of(struct ms_dfilter *f, const struct ms_node *n)
{
    switch (n->kind) {
    case MS_N_VALUE: return (struct ms_list){ &n->value, 1 };
    case MS_N_FIELD: return ms_field_values(f, n);
    case MS_N_SLICE: return slices(f, n);
    case MS_N_CALL: return ms_call(f, n);
    case MS_N_MINUS: return negatives(f, n);
    default: return ms_arithmetic(f, n);
    }
}
