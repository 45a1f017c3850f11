/* dfilter/parse.c - the grammar, by descent. From loose to tight: or, xor, and, not; a relation; & (bitwise), + -, * / %, sign,
 * slices and layers. Chains of and/or/xor are one node with many children, so that depth comes from nesting alone.          */
#include "dfilter/private.h"

static struct ms_node *node_new(struct ms_compile *c, enum ms_node_kind kind, size_t at)
{
    if (++c->nodes > MS_DFILTER_NODES)
        return ms_compile_fail(c, at, 1, "The filter has more than %d parts", MS_DFILTER_NODES);
    struct ms_node *n = ms_arena_alloc(c->arena, sizeof *n);
    n->kind = (uint8_t)kind;
    n->at = (uint32_t)at;
    n->n = 1;
    n->leaf = -1;
    return n;
}

static void extend(struct ms_node *n, const struct ms_node *last) /* its place goes to the end of `last` */
{
    if (last->at + last->n > n->at + n->n)
        n->n = last->at + last->n - n->at;
}

static bool deeper(struct ms_compile *c)
{
    if (++c->depth <= MS_DFILTER_DEPTH)
        return true;
    return ms_compile_fail(c, c->token.at, c->token.n, "The filter is nested deeper than %d levels", MS_DFILTER_DEPTH), false;
}

static void *unexpected(struct ms_compile *c)
{
    if (c->token.kind == MS_T_END)
        return ms_compile_fail(c, c->token.at, 1, "The filter ends too early");
    return ms_compile_fail(c, c->token.at, c->token.n, "\"%.*s\" is not expected here", (int)(c->token.n < 40 ? c->token.n : 40),
                           (const char *)c->text.p + c->token.at);
}

static bool accept(struct ms_compile *c, enum ms_token_kind kind)
{
    if (c->token.kind != kind || c->failed)
        return false;
    ms_lex_next(c);
    return true;
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

static struct ms_node *parse_value(struct ms_compile *c);

static const char *const function_names[] = { "len", "count", "upper", "lower", "string", "min", "max", "abs" };

static struct ms_node *parse_arguments(struct ms_compile *c, struct ms_node *call, const struct ms_token *name)
{
    struct ms_node **end = &call->first;
    ms_lex_next(c);
    if (!deeper(c))
        return NULL;
    while (c->token.kind != MS_T_CLOSE || call->first) {
        struct ms_node *argument = parse_value(c);
        if (!argument)
            return NULL;
        *end = argument;
        end = &argument->next;
        if (!accept(c, MS_T_COMMA))
            break;
    }
    c->depth--;
    if (c->token.kind != MS_T_CLOSE)
        return unexpected(c);
    call->n = (uint32_t)(c->token.at + 1 - name->at);
    ms_lex_next(c);
    return call;
}

static struct ms_node *parse_call(struct ms_compile *c, const struct ms_token *name)
{
    size_t best = 3, i;
    for (i = 0; i < MS_F_NONE && !ms_equal(name->text, ms_str(function_names[i])); i++)
        ;
    if (i == MS_F_NONE) {
        ms_compile_fail(c, name->at, name->n, "There is no function of this name");
        for (i = 0; i < MS_F_NONE; i++) {
            size_t distance = ms_edit_distance(name->text, ms_str(function_names[i]));
            if (distance < best) {
                best = distance;
                ms_compile_suggest(c, function_names[i]);
            }
        }
        return NULL;
    }
    struct ms_node *call = node_new(c, MS_N_CALL, name->at);
    if (!call)
        return NULL;
    call->op = (uint8_t)i;
    return parse_arguments(c, call, name);
}

static struct ms_node *parse_word(struct ms_compile *c)
{
    struct ms_token name = c->token;
    ms_lex_next(c);
    if (c->token.kind == MS_T_OPEN)
        return parse_call(c, &name);
    bool            dotted = name.text.p[0] == '.'; /* certainly a field */
    long            field = ms_field_find(c->table, dotted ? ms_tail(name.text, 1) : name.text);
    struct ms_node *n = node_new(c, field == MS_FIELD_ABSENT ? MS_N_WORD : MS_N_FIELD, name.at);
    if (!n)
        return NULL;
    n->n = (uint32_t)name.n;
    if (field == MS_FIELD_ABSENT)
        n->text = name.text;
    else
        n->field = &c->table->fields[field];
    if (field == MS_FIELD_ABSENT && dotted)
        return ms_compile_unknown(c, n);
    return n;
}

static struct ms_node *parse_quoted(struct ms_compile *c)
{
    struct ms_node *n = node_new(c, c->token.kind == MS_T_CHAR ? MS_N_CHAR : MS_N_STRING, c->token.at);
    if (!n)
        return NULL;
    n->n = (uint32_t)c->token.n;
    n->text = c->token.text;
    ms_lex_next(c);
    return n;
}

static struct ms_node *parse_braces(struct ms_compile *c)
{
    ms_lex_next(c);
    if (!deeper(c))
        return NULL;
    struct ms_node *n = parse_value(c);
    c->depth--;
    if (n && !accept(c, MS_T_UNBRACE))
        return unexpected(c);
    return n;
}

/* `ip.src#2`, `tcp.port#[1-2]`: the sign stands right before what follows. */
static bool parse_layers(struct ms_compile *c, struct ms_node *n)
{
    size_t at = c->token.at + 1;
    if (ms_at(c->text, at) == '[')
        return ms_lex_ranges(c, at, &n->ranges);
    if (!ms_lex_number_follows(c, at))
        return ms_compile_fail(c, at, 1, "The number of a layer, or \"[\", is expected right after \"#\""), false;
    struct ms_range *r = ms_arena_alloc(c->arena, sizeof *r);
    uint64_t         layer;
    ms_lex_next(c);
    if (!ms_parse_u64(c->token.text, &layer) || layer > 255)
        return ms_compile_fail(c, at, c->token.n, "This is no number of a layer"), false;
    *r = (struct ms_range){ (int32_t)layer, 1, MS_R_LENGTH };
    n->ranges = (struct ms_ranges){ r, 1 };
    extend(n, &(struct ms_node){ .at = (uint32_t)c->token.at, .n = (uint32_t)c->token.n });
    ms_lex_next(c);
    return true;
}

static struct ms_node *parse_slices(struct ms_compile *c, struct ms_node *n)
{
    unsigned depth = c->depth;
    while (n && !c->failed && c->token.kind == MS_T_BRACKET) {
        struct ms_node *slice = node_new(c, MS_N_SLICE, n->at);
        if (!slice || !deeper(c) || !ms_lex_ranges(c, c->token.at, &slice->ranges))
            return NULL;
        extend(slice, n);
        slice->first = n;
        n = slice;
    }
    c->depth = depth;
    return n;
}

static struct ms_node *parse_primary(struct ms_compile *c)
{
    struct ms_node *n;
    switch (c->token.kind) {
    case MS_T_WORD: n = parse_word(c); break;
    case MS_T_STRING: case MS_T_RAW: case MS_T_CHAR: n = parse_quoted(c); break;
    case MS_T_BRACE: n = parse_braces(c); break;
    default: return unexpected(c);
    }
    if (n && n->kind == MS_N_FIELD && c->token.kind == MS_T_HASH && !n->ranges.n && !parse_layers(c, n))
        return NULL;
    return parse_slices(c, n);
}

static struct ms_node *parse_sign(struct ms_compile *c)
{
    if (c->token.kind != MS_T_MINUS && c->token.kind != MS_T_PLUS)
        return parse_primary(c);
    size_t at = c->token.at;
    bool   minus = c->token.kind == MS_T_MINUS;
    ms_lex_next(c);
    struct ms_node *of = parse_primary(c), *n = of && minus ? node_new(c, MS_N_MINUS, at) : of;
    if (!n || !minus)
        return n;
    n->first = of;
    extend(n, of);
    return n;
}

static char operator_of(uint8_t token)
{
    static const uint8_t kinds[] = { MS_T_PLUS, MS_T_MINUS, MS_T_STAR, MS_T_SLASH, MS_T_PERCENT, MS_T_AMPERSAND };
    const uint8_t       *hit = memchr(kinds, token, sizeof kinds);
    return hit ? "+-*/%&"[hit - kinds] : 0;
}

/* level 0: &, 1: + -, 2: * / % */
static struct ms_node *parse_operators(struct ms_compile *c, int level)
{
    static const char *const levels[] = { "&", "+-", "*/%" };
    if (level == 3)
        return parse_sign(c);
    unsigned        depth = c->depth;
    struct ms_node *left = parse_operators(c, level + 1);
    for (char op; left && !c->failed && (op = operator_of(c->token.kind)) != 0 && strchr(levels[level], op);) {
        struct ms_node *n = node_new(c, MS_N_ARITHMETIC, left->at);
        ms_lex_next(c);
        if (!n || !deeper(c)) /* a chain of operators is as deep as it is long */
            return NULL;
        n->op = (uint8_t)op;
        n->first = left;
        left->next = parse_operators(c, level + 1);
        if (!left->next)
            return NULL;
        extend(n, left->next);
        left = n;
    }
    c->depth = depth;
    return left;
}

static struct ms_node *parse_value(struct ms_compile *c) { return c->failed ? NULL : parse_operators(c, 0); }

/* ---- relations ------------------------------------------------------------------------------------------------- */

static struct ms_node *parse_element(struct ms_compile *c)
{
    struct ms_node *low = parse_value(c);
    if (!low || c->token.kind != MS_T_DOTS)
        return low;
    struct ms_node *n = node_new(c, MS_N_RANGE, low->at);
    ms_lex_next(c);
    if (!n)
        return NULL;
    n->first = low;
    low->next = parse_value(c);
    if (!low->next)
        return NULL;
    extend(n, low->next);
    return n;
}

static struct ms_node *parse_set(struct ms_compile *c, struct ms_node *of, enum ms_quantifier quantifier, bool negated)
{
    struct ms_node *in = node_new(c, MS_N_IN, of->at), **end = &of->next;
    if (!in)
        return NULL;
    in->first = of;
    in->quantifier = (uint8_t)quantifier;
    in->negated = negated;
    if (!accept(c, MS_T_BRACE))
        return unexpected(c);
    do {
        *end = parse_element(c);
        if (!*end)
            return NULL;
        end = &(*end)->next;
    } while (accept(c, MS_T_COMMA));
    in->n = (uint32_t)(c->token.at + 1 - in->at);
    return accept(c, MS_T_UNBRACE) ? in : unexpected(c);
}

static struct ms_node *copy_of(struct ms_compile *c, const struct ms_node *n)
{
    if (++c->nodes > MS_DFILTER_NODES)
        return ms_compile_fail_node(c, n, "The filter has more than %d parts", MS_DFILTER_NODES);
    struct ms_node *copy = ms_arena_alloc(c->arena, sizeof *copy);
    *copy = *n;
    copy->next = NULL;
    return copy;
}

static struct ms_node *one_relation(struct ms_compile *c, struct ms_node *left, enum ms_quantifier quantifier)
{
    struct ms_token op = c->token;
    struct ms_node *n = node_new(c, op.kind == MS_T_COMPARE ? MS_N_COMPARE : op.kind == MS_T_CONTAINS ? MS_N_CONTAINS : MS_N_MATCHES, left->at);
    ms_lex_next(c);
    if (!n)
        return NULL;
    n->op = op.compare;
    n->quantifier = (uint8_t)(quantifier ? quantifier : op.kind == MS_T_COMPARE ? op.quantifier : MS_Q_ANY);
    n->first = left;
    left->next = parse_value(c);
    if (!left->next)
        return NULL;
    extend(n, left->next);
    return n;
}

static bool at_relation(const struct ms_compile *c)
{
    return !c->failed && (c->token.kind == MS_T_COMPARE || c->token.kind == MS_T_CONTAINS || c->token.kind == MS_T_MATCHES);
}

/* a < b < c is a < b and b < c; the middle one is asked twice but shares its field's values. */
static struct ms_node *parse_chain(struct ms_compile *c, struct ms_node *left, enum ms_quantifier quantifier)
{
    struct ms_node *relation = one_relation(c, left, quantifier), **end;
    if (!relation || !at_relation(c))
        return relation;
    struct ms_node *both = node_new(c, MS_N_AND, left->at);
    if (!both)
        return NULL;
    both->first = relation;
    for (end = &relation->next; at_relation(c); end = &relation->next) {
        struct ms_node *middle = copy_of(c, relation->first->next);
        if (!middle || !(relation = *end = one_relation(c, middle, quantifier)))
            return NULL;
    }
    return both;
}

static struct ms_node *parse_relation(struct ms_compile *c)
{
    enum ms_quantifier quantifier = c->token.kind == MS_T_ANY ? MS_Q_ANY : c->token.kind == MS_T_ALL ? MS_Q_ALL : MS_Q_NONE;
    if (quantifier)
        ms_lex_next(c);
    struct ms_node *left = parse_value(c);
    if (!left || c->failed)
        return NULL;
    if (at_relation(c))
        return parse_chain(c, left, quantifier);
    bool negated = accept(c, MS_T_NOT);
    if (accept(c, MS_T_IN))
        return parse_set(c, left, quantifier, negated);
    if (quantifier || negated)
        return unexpected(c);
    bool            made = left->kind == MS_N_ARITHMETIC || left->kind == MS_N_MINUS;
    struct ms_node *n = node_new(c, made ? MS_N_NONZERO : MS_N_EXISTS, left->at);
    if (!n)
        return NULL;
    n->first = left;
    n->n = left->n;
    return n;
}

/* ---- boolean --------------------------------------------------------------------------------------------------- */

static struct ms_node *parse_or(struct ms_compile *c);

static struct ms_node *parse_not(struct ms_compile *c)
{
    struct ms_node *n;
    size_t          at = c->token.at;
    bool            negated = false;
    while (accept(c, MS_T_NOT))
        negated = !negated;
    if (c->token.kind == MS_T_OPEN) {
        ms_lex_next(c);
        if (!deeper(c))
            return NULL;
        n = parse_or(c);
        c->depth--;
        if (n && !accept(c, MS_T_CLOSE))
            return unexpected(c);
    } else
        n = parse_relation(c);
    if (!n || !negated)
        return n;
    struct ms_node *not = node_new(c, MS_N_NOT, at);
    if (!not)
        return NULL;
    not->first = n;
    extend(not, n);
    return not;
}

/* level 0: or, 1: xor, 2: and */
static struct ms_node *parse_boolean(struct ms_compile *c, int level)
{
    static const uint8_t tokens[] = { MS_T_OR, MS_T_XOR, MS_T_AND }, kinds[] = { MS_N_OR, MS_N_XOR, MS_N_AND };
    if (level == 3)
        return parse_not(c);
    struct ms_node *first = parse_boolean(c, level + 1), *n, **end;
    if (!first || c->failed || c->token.kind != tokens[level])
        return c->failed ? NULL : first;
    n = node_new(c, kinds[level], first->at);
    if (!n)
        return NULL;
    n->first = first;
    for (end = &first->next; accept(c, tokens[level]); end = &(*end)->next) {
        *end = parse_boolean(c, level + 1);
        if (!*end)
            return NULL;
    }
    return c->failed ? NULL : n;
}

static struct ms_node *parse_or(struct ms_compile *c) { return parse_boolean(c, 0); }

struct ms_node *ms_parse(struct ms_compile *c)
{
    ms_lex_next(c);
    if (c->token.kind == MS_T_END)
        return NULL;
    struct ms_node *root = parse_or(c);
    if (root && !c->failed && c->token.kind != MS_T_END)
        return unexpected(c);
    return c->failed ? NULL : root;
}
