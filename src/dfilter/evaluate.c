/* dfilter/evaluate.c - whether a leaf holds, and what a filter makes of its leaves. */
#include "dfilter/private.h"

static int order_of(bool less, bool greater) { return less ? -1 : greater; }

int64_t ms_value_signed(unsigned type, const struct ms_value *v)
{
    bool is_signed = type == MS_FT_INT || type == MS_FT_TIME || type == MS_FT_DURATION;
    return is_signed || v->u <= INT64_MAX ? v->i : INT64_MAX;
}

/* Text by its first difference; of other bytes, as in Wireshark, the shorter ones come first. */
static int order_bytes(bool text, struct ms_bytes a, struct ms_bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int    order = n && (text || a.n == b.n) ? memcmp(a.p, b.p, n) : 0;
    return order ? order_of(order < 0, true) : order_of(a.n < b.n, a.n > b.n);
}

/* Only the bits of the shorter prefix count. Families do not compare. */
static int order_addresses(const struct ms_node *a_node, const struct ms_value *a, const struct ms_node *b_node, const struct ms_value *b)
{
    unsigned a_prefix = a_node->kind == MS_N_VALUE ? a_node->prefix : 128, prefix = b_node->kind == MS_N_VALUE ? b_node->prefix : 128;
    if (ms_value_view(a_node->type, a).n != ms_value_view(b_node->type, b).n)
        return MS_UNORDERED;
    if (a_prefix < prefix)
        prefix = a_prefix;
    int order = memcmp(a->ip, b->ip, prefix / 8);
    if (order == 0 && prefix % 8) {
        uint8_t keep = (uint8_t)(0xff00 >> prefix % 8);
        order = (a->ip[prefix / 8] & keep) - (b->ip[prefix / 8] & keep);
    }
    return order_of(order < 0, order > 0);
}

int ms_value_order(const struct ms_node *a_node, const struct ms_value *a, const struct ms_node *b_node, const struct ms_value *b,
                   enum ms_class class)
{
    int64_t x, y;
    switch (class) {
    case MS_K_UINT: return order_of(a->u < b->u, a->u > b->u);
    case MS_K_INT:
        x = ms_value_signed(a_node->type, a), y = ms_value_signed(b_node->type, b);
        return order_of(x < y, x > y);
    case MS_K_DOUBLE: return a->d < b->d ? -1 : a->d > b->d ? 1 : a->d == b->d ? 0 : MS_UNORDERED;
    case MS_K_IP: return order_addresses(a_node, a, b_node, b);
    default: return order_bytes(a_node->type == MS_FT_STRING, ms_value_view(a_node->type, a), ms_value_view(b_node->type, b));
    }
}

static bool satisfies(int order, enum ms_compare op)
{
    switch (op) {
    case MS_C_EQ: return order == 0;
    case MS_C_NE: return order != 0;
    case MS_C_LT: return order == -1;
    case MS_C_LE: return order == -1 || order == 0;
    case MS_C_GT: return order == 1;
    default: return order == 1 || order == 0;
    }
}

/* Of fields with many values only so many pairs are compared. */
bool ms_pair_spend(struct ms_dfilter *f)
{
    if (++f->state.pairs <= MS_DFILTER_PAIRS)
        return true;
    f->state.cut++;
    return false;
}

/* What a search looks at: of a protocol also what it carries. */
static struct ms_bytes searched(const struct ms_node *n, const struct ms_value *v)
{
    struct ms_bytes b = ms_value_view(n->type, v);
    b.n += n->type == MS_FT_PROTOCOL ? v->beyond : 0;
    return b;
}

static bool contains(const struct ms_node *a_node, const struct ms_value *a, const struct ms_node *b_node, const struct ms_value *b)
{
    struct ms_bytes hay = searched(a_node, a), needle = ms_value_view(b_node->type, b);
    return needle.n && hay.n >= needle.n && memmem(hay.p, hay.n, needle.p, needle.n);
}

static bool pair_holds(const struct ms_node *n, const struct ms_value *a, const struct ms_value *b)
{
    const struct ms_node *left = n->first, *right = left->next;
    if (n->kind == MS_N_CONTAINS)
        return contains(left, a, right, b);
    return satisfies(ms_value_order(left, a, right, b, n->class), n->op);
}

static bool compare_pairs(struct ms_dfilter *f, const struct ms_node *n, struct ms_list a, struct ms_list b)
{
    bool all = n->quantifier == MS_Q_ALL, constant = n->first->next->kind == MS_N_VALUE;
    for (size_t i = 0; i < a.n; i++)
        for (size_t k = 0; k < b.n; k++) {
            if (!constant && !ms_pair_spend(f))
                return false;
            if (pair_holds(n, &a.v[i], &b.v[k]) != all)
                return !all;
        }
    return all && b.n;
}

static bool compare(struct ms_dfilter *f, const struct ms_node *n)
{
    struct ms_list        a = ms_values_of(f, n->first);
    const struct ms_node *right = n->first->next;
    bool                  all = n->quantifier == MS_Q_ALL;
    if (a.n == 0)
        return false;
    if (n->kind != MS_N_COMPARE || n->class != MS_K_UINT || right->kind != MS_N_VALUE)
        return compare_pairs(f, n, a, ms_values_of(f, right));
    for (size_t i = 0; i < a.n; i++) /* the most frequent kind */
        if (satisfies(order_of(a.v[i].u < right->value.u, a.v[i].u > right->value.u), n->op) != all)
            return !all;
    return all;
}

static bool matches(struct ms_dfilter *f, const struct ms_node *n)
{
    struct ms_list a = ms_values_of(f, n->first);
    bool           all = n->quantifier == MS_Q_ALL;
    for (size_t i = 0; i < a.n; i++)
        if (ms_regex_matches(n->regex, searched(n->first, &a.v[i]), &f->state.cut) != all)
            return !all;
    return all && a.n;
}

/* ---- membership ------------------------------------------------------------------------------------------------ */

/* The values of an element: of a range, of both its ends. */
struct element { const struct ms_node *low, *high; struct ms_list lows, highs; enum ms_class class; };

static struct element element_of(struct ms_dfilter *f, const struct ms_node *n)
{
    bool           range = n->kind == MS_N_RANGE;
    struct element e = { .low = range ? n->first : n, .high = range ? n->first->next : NULL, .class = n->class };
    e.lows = ms_values_of(f, e.low);
    if (range)
        e.highs = ms_values_of(f, e.high);
    return e;
}

/* v stands to one value of the list as `op` says. */
static bool one_is(struct ms_dfilter *f, const struct ms_node *left, const struct ms_value *v, enum ms_compare op,
                   const struct ms_node *n, struct ms_list list, enum ms_class class)
{
    for (size_t i = 0; i < list.n; i++) {
        if (n->kind != MS_N_VALUE && !ms_pair_spend(f))
            return false;
        if (satisfies(ms_value_order(left, v, n, &list.v[i], class), op))
            return true;
    }
    return false;
}

static bool is_in(struct ms_dfilter *f, const struct ms_node *left, const struct ms_value *v, const struct element *e)
{
    if (!e->high)
        return one_is(f, left, v, MS_C_EQ, e->low, e->lows, e->class);
    return one_is(f, left, v, MS_C_GE, e->low, e->lows, e->class) && one_is(f, left, v, MS_C_LE, e->high, e->highs, e->class);
}

static bool any_in_set(struct ms_dfilter *f, const struct ms_node *n, struct ms_list of)
{
    for (const struct ms_node *each = n->first->next; of.n && each; each = each->next) {
        size_t         stacked = f->state.stacked;
        struct element e = element_of(f, each);
        for (size_t i = 0; i < of.n; i++)
            if (is_in(f, n->first, &of.v[i], &e))
                return true;
        f->state.stacked = stacked;
    }
    return false;
}

static bool all_in_set(struct ms_dfilter *f, const struct ms_node *n, struct ms_list of)
{
    uint64_t hits[MS_VALUES_MAX / 64] = { 0 };
    size_t   found = 0;
    for (const struct ms_node *each = n->first->next; each; each = each->next) {
        size_t         stacked = f->state.stacked;
        struct element e = element_of(f, each);
        for (size_t i = 0; i < of.n; i++) {
            uint64_t bit = (uint64_t)1 << i % 64;
            if (hits[i / 64] & bit || !is_in(f, n->first, &of.v[i], &e))
                continue;
            hits[i / 64] |= bit;
            found++;
        }
        f->state.stacked = stacked;
    }
    return of.n && found == of.n;
}

static bool in_set(struct ms_dfilter *f, const struct ms_node *n)
{
    struct ms_list of = ms_values_of(f, n->first);
    if (n->negated) /* also of an absent field, whatever the quantifier: as Wireshark 4.0 */
        return !any_in_set(f, n, of);
    return n->quantifier == MS_Q_ALL ? all_in_set(f, n, of) : any_in_set(f, n, of);
}

static bool is_nonzero(unsigned type, const struct ms_value *v)
{
    if (type == MS_FT_DOUBLE)
        return v->d != 0;
    if (type < MS_FT_STRING || type == MS_FT_DURATION)
        return v->u != 0;
    struct ms_bytes b = ms_value_view(type, v);
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i])
            return true;
    return false;
}

static bool nonzero(struct ms_dfilter *f, const struct ms_node *of)
{
    struct ms_list a = ms_values_of(f, of);
    for (size_t i = 0; i < a.n; i++)
        if (is_nonzero(of->type, &a.v[i]))
            return true;
    return false;
}

bool ms_leaf_holds(struct ms_dfilter *f, const struct ms_node *n)
{
    f->state.stacked = 0;
    f->state.made_n = 0;
    switch (n->kind) {
    case MS_N_EXISTS: return ms_values_of(f, n->first).n != 0;
    case MS_N_NONZERO: return nonzero(f, n->first);
    case MS_N_MATCHES: return matches(f, n);
    case MS_N_IN: return in_set(f, n);
    default: return compare(f, n);
    }
}

/* ---- the whole filter ------------------------------------------------------------------------------------------ */

/* `bits`: the leaves, or NULL to ask them */
static bool holds(struct ms_dfilter *f, const struct ms_node *n, const uint64_t *bits)
{
    bool odd = false;
    switch (n->kind) {
    case MS_N_AND:
    case MS_N_OR:
        for (const struct ms_node *c = n->first; c; c = c->next)
            if (holds(f, c, bits) != (n->kind == MS_N_AND))
                return n->kind == MS_N_OR;
        return n->kind == MS_N_AND;
    case MS_N_XOR:
        for (const struct ms_node *c = n->first; c; c = c->next)
            odd ^= holds(f, c, bits);
        return odd;
    case MS_N_NOT: return !holds(f, n->first, bits);
    default: return bits ? n->leaf >= 0 && *bits >> n->leaf & 1 : ms_leaf_holds(f, n);
    }
}

static void begin(struct ms_dfilter *f, const struct ms_dfilter_source *source)
{
    f->state.evaluation++;
    f->state.pairs = 0;
    f->state.source = source;
}

bool ms_dfilter_matches(const struct ms_dfilter *f, const struct ms_dfilter_source *source)
{
    struct ms_dfilter *own = f->self;
    if (!f->root)
        return true;
    begin(own, source);
    return holds(own, f->root, NULL);
}

uint64_t ms_dfilter_test(const struct ms_dfilter *f, unsigned unit, const struct ms_dfilter_source *source)
{
    uint64_t bits = 0;
    if (unit >= MS_FIELD_UNITS || !(f->units >> unit & 1))
        return 0;
    begin(f->self, source);
    for (unsigned i = 0; i < f->leaf_count; i++)
        if (f->leaves[i]->unit == unit && ms_leaf_holds(f->self, f->leaves[i]))
            bits |= (uint64_t)1 << i;
    return bits;
}

bool ms_dfilter_decide(const struct ms_dfilter *f, uint64_t bits)
{
    return !f->root || holds(f->self, f->root, &bits);
}
