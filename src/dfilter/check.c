/* dfilter/check.c - the type of each value, literals converted to the type that they meet, and the errors that Wireshark too gives for
 * what does not fit. Leaves get their unit and their bit.                                                            */
#include "dfilter/private.h"

enum { ANY_TYPE = MS_FT_COUNT }; /* nothing says yet what a literal here is */
struct context { struct ms_compile *c; int unit; /* of the leaf, -1: not yet known */ };

const char *ms_type_words(enum ms_field_type type)
{
    static const char *const words[MS_FT_COUNT] = {
        "a mark without value", "a protocol", "a boolean", "an unsigned integer", "a frame number", "an integer", "a floating point number",
        "text", "bytes", "an Ethernet address", "an IPv4 address", "an IPv6 address", "an IP address", "a time", "a duration",
    };
    return words[type];
}

static bool is_integer(unsigned t) { return t == MS_FT_UINT || t == MS_FT_FRAME || t == MS_FT_INT; }
static bool is_address(unsigned t) { return t == MS_FT_IPV4 || t == MS_FT_IPV6 || t == MS_FT_IP; }
static bool is_octets(unsigned t) { return t == MS_FT_BYTES || t == MS_FT_PROTOCOL || t == MS_FT_ETHER; }
static bool is_literal(const struct ms_node *n) { return n->kind == MS_N_WORD || n->kind == MS_N_STRING || n->kind == MS_N_CHAR; }

static bool is_constant(const struct ms_node *n) /* literals, and arithmetic of nothing else */
{
    if (n->kind == MS_N_MINUS)
        return is_constant(n->first);
    return n->kind == MS_N_ARITHMETIC ? is_constant(n->first) && is_constant(n->first->next) : is_literal(n);
}

static bool compatible(unsigned a, unsigned b)
{
    if (is_integer(a))
        return is_integer(b) || b == MS_FT_BOOLEAN;
    if (is_octets(a))
        return is_octets(b);
    if (is_address(a))
        return is_address(b) && (a == b || a == MS_FT_IP || b == MS_FT_IP);
    return a == b && a != MS_FT_NONE;
}

static uint8_t class_of(unsigned a, unsigned b) /* enum ms_class */
{
    if (a == MS_FT_DOUBLE)
        return MS_K_DOUBLE;
    if (is_address(a))
        return MS_K_IP;
    if (a == MS_FT_INT || b == MS_FT_INT || a == MS_FT_TIME || a == MS_FT_DURATION)
        return MS_K_INT;
    return is_integer(a) || a == MS_FT_BOOLEAN ? MS_K_UINT : MS_K_BYTES;
}

static const char *plural(const struct ms_compile *c, int unit)
{
    return c->table->units && c->table->units[unit] ? c->table->units[unit] : "other records";
}

static bool mismatch(struct ms_compile *c, const struct ms_node *a, const struct ms_node *b)
{
    return ms_compile_fail_node(c, b, "%s cannot be compared with %s", ms_type_words(b->type), ms_type_words(a->type)), false;
}

/* ---- fields ---------------------------------------------------------------------------------------------------- */

static bool note_field(struct ms_compile *c, const struct ms_node *n)
{
    struct ms_dfilter *f = c->filter;
    uint16_t           index = (uint16_t)(n->field - c->table->fields);
    size_t             at = 0;
    while (at < f->field_count && f->fields[at] < index)
        at++;
    if (at < f->field_count && f->fields[at] == index)
        return true;
    if (f->field_count == MS_DFILTER_FIELDS)
        return ms_compile_fail_node(c, n, "The filter names more than %d fields", MS_DFILTER_FIELDS), false;
    memmove(f->fields + at + 1, f->fields + at, (f->field_count - at) * sizeof *f->fields);
    f->fields[at] = index;
    f->field_count++;
    return true;
}

static bool check_field(struct context *x, struct ms_node *n)
{
    int unit = n->field->unit;
    n->type = n->field->type;
    if (x->unit >= 0 && x->unit != unit)
        return ms_compile_fail_node(x->c, n, "This is a field of %s; within one comparison all fields must be of %s", plural(x->c, unit),
                                    plural(x->c, x->unit)), false;
    x->unit = unit;
    return note_field(x->c, n);
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

static bool check_value(struct context *x, struct ms_node *n, unsigned want, const struct ms_field *like);

static bool check_slice(struct context *x, struct ms_node *n)
{
    if (!check_value(x, n->first, ANY_TYPE, NULL))
        return false;
    n->type = MS_FT_BYTES;
    unsigned t = n->first->type;
    if (t == MS_FT_STRING || is_octets(t) || is_address(t))
        return true;
    return ms_compile_fail_node(x->c, n->first, "This is %s, and cannot be sliced", ms_type_words(t)), false;
}

static bool check_minus(struct context *x, struct ms_node *n, unsigned want)
{
    struct ms_node *of = n->first;
    if (want == MS_FT_UINT || want == MS_FT_FRAME)
        want = MS_FT_INT;
    if (!check_value(x, of, want, NULL))
        return false;
    n->type = is_integer(of->type) ? MS_FT_INT : of->type;
    if (n->type != MS_FT_INT && n->type != MS_FT_DOUBLE && n->type != MS_FT_DURATION)
        return ms_compile_fail_node(x->c, n, "%s has no negative", ms_type_words(of->type)), false;
    if (of->kind != MS_N_VALUE)
        return true;
    struct ms_node value = *of; /* -5 is a literal */
    if (n->type == MS_FT_DOUBLE)
        value.value.d = -value.value.d;
    else
        value.value.i = (int64_t)(0 - value.value.u);
    value.at = n->at, value.n = n->n, value.next = n->next;
    *n = value;
    return true;
}

static bool operator_fits(char op, unsigned type)
{
    if (op == '&')
        return is_integer(type) || is_address(type) || type == MS_FT_BYTES || type == MS_FT_ETHER;
    return is_integer(type) || type == MS_FT_DOUBLE || (type == MS_FT_DURATION && (op == '+' || op == '-'));
}

static bool check_arithmetic(struct context *x, struct ms_node *n, unsigned want)
{
    struct ms_node *left = n->first, *right = left->next;
    bool            swap = is_constant(left) && !is_constant(right);
    struct ms_node *lead = swap ? right : left, *other = swap ? left : right;
    char            op = (char)n->op;
    if (op != '&' && (want == MS_FT_UINT || want == MS_FT_FRAME))
        want = MS_FT_INT;
    if (!check_value(x, lead, want, NULL))
        return false;
    if (!operator_fits(op, lead->type))
        return ms_compile_fail_node(x->c, lead, "%s cannot take part in \"%c\"", ms_type_words(lead->type), op), false;
    unsigned type = op != '&' && is_integer(lead->type) ? MS_FT_INT : lead->type;
    if (!check_value(x, other, type == MS_FT_ETHER && op == '&' ? MS_FT_BYTES : type, NULL))
        return false;
    if (!operator_fits(op, other->type) || !compatible(lead->type, other->type))
        return ms_compile_fail_node(x->c, other, "%s cannot take part in \"%c\" with %s", ms_type_words(other->type), op, ms_type_words(lead->type)), false;
    n->type = (uint8_t)(type == MS_FT_ETHER ? MS_FT_BYTES : type == MS_FT_UINT && other->type == MS_FT_INT ? MS_FT_INT : type);
    return true;
}

static bool check_extreme(struct context *x, struct ms_node *n) /* min, max */
{
    struct ms_node *first = n->first;
    n->type = first->type;
    if (first->type == MS_FT_NONE)
        return ms_compile_fail_node(x->c, first, "Only the presence of this field can be tested"), false;
    for (struct ms_node *a = first->next; a; a = a->next) {
        if (!check_value(x, a, first->type, first->field))
            return false;
        if (!compatible(first->type, a->type))
            return mismatch(x->c, first, a);
        if (is_integer(first->type) && a->type == MS_FT_INT)
            n->type = MS_FT_INT;
    }
    n->class = class_of(n->type, n->type);
    return true;
}

static bool argument_fits(enum ms_function function, unsigned t)
{
    switch (function) {
    case MS_F_UPPER: case MS_F_LOWER: return t == MS_FT_STRING;
    case MS_F_STRING: return is_integer(t) || t == MS_FT_DOUBLE || t == MS_FT_ETHER || is_address(t);
    case MS_F_ABS: return is_integer(t) || t == MS_FT_BOOLEAN || t == MS_FT_DOUBLE || t == MS_FT_DURATION;
    default: return true;
    }
}

static bool check_call(struct context *x, struct ms_node *n)
{
    enum ms_function function = n->op;
    bool             many = function == MS_F_MIN || function == MS_F_MAX;
    if (!n->first || (n->first->next && !many))
        return ms_compile_fail_node(x->c, n, "This function takes %s", many ? "at least one argument" : "one argument"), false;
    if (is_constant(n->first))
        return ms_compile_fail_node(x->c, n->first, "The argument must be a field, not a constant"), false;
    if (!check_value(x, n->first, ANY_TYPE, NULL))
        return false;
    unsigned t = n->first->type;
    if (!argument_fits(function, t))
        return ms_compile_fail_node(x->c, n->first, "%s is no argument for this function", ms_type_words(t)), false;
    if (many)
        return check_extreme(x, n);
    bool text = function == MS_F_UPPER || function == MS_F_LOWER || function == MS_F_STRING;
    n->type = (uint8_t)(text ? MS_FT_STRING : function == MS_F_ABS && t != MS_FT_BOOLEAN && t != MS_FT_FRAME ? t : MS_FT_UINT);
    return true;
}

static bool check_value(struct context *x, struct ms_node *n, unsigned want, const struct ms_field *like)
{
    if (x->c->failed)
        return false;
    switch (n->kind) {
    case MS_N_VALUE: return true; /* the middle of a chain is seen twice */
    case MS_N_FIELD: return check_field(x, n);
    case MS_N_SLICE: return check_slice(x, n);
    case MS_N_CALL: return check_call(x, n);
    case MS_N_MINUS: return check_minus(x, n, want);
    case MS_N_ARITHMETIC: return check_arithmetic(x, n, want);
    default: break;
    }
    if (want != ANY_TYPE)
        return ms_literal_convert(x->c, n, want, like);
    if (n->kind == MS_N_WORD && !ms_is_digit(ms_at(n->text, 0)))
        return ms_compile_unknown(x->c, n), false;
    return ms_compile_fail_node(x->c, n, "A field or a function is expected here, not a constant"), false;
}

/* ---- leaves ---------------------------------------------------------------------------------------------------- */

/* What is compared with `left`: a literal takes its type. */
static bool check_against(struct context *x, struct ms_node *left, struct ms_node *n)
{
    if (!check_value(x, n, left->type, left->field))
        return false;
    return compatible(left->type, n->type) || mismatch(x->c, left, n);
}

static bool check_left(struct context *x, struct ms_node *left)
{
    if (!check_value(x, left, ANY_TYPE, NULL))
        return false;
    if (left->type != MS_FT_NONE)
        return true;
    return ms_compile_fail_node(x->c, left, "This field has no value: only its presence can be tested"), false;
}

static bool check_compare(struct context *x, struct ms_node *n)
{
    struct ms_node *left = n->first;
    if (!check_left(x, left) || !check_against(x, left, left->next))
        return false;
    n->class = class_of(left->type, left->next->type);
    return true;
}

static bool check_search(struct context *x, struct ms_node *n) /* contains, matches */
{
    struct ms_node *left = n->first, *right = left->next;
    bool            matches = n->kind == MS_N_MATCHES;
    if (!check_left(x, left))
        return false;
    if (left->type != MS_FT_STRING && !is_octets(left->type))
        return ms_compile_fail_node(x->c, left, "%s cannot be searched with \"%s\"%s", ms_type_words(left->type), matches ? "matches" : "contains",
                                    argument_fits(MS_F_STRING, left->type) ? "; string() makes text of it" : ""), false;
    if (matches) {
        if (right->kind != MS_N_STRING)
            return ms_compile_fail_node(x->c, right, "After \"matches\" stands a regular expression between double quotes"), false;
        n->regex = ms_regex_create(x->c, right);
        return n->regex != NULL;
    }
    if (!check_value(x, right, left->type == MS_FT_STRING ? MS_FT_STRING : MS_FT_BYTES, NULL))
        return false;
    return compatible(left->type, right->type) || mismatch(x->c, left, right);
}

static bool check_in(struct context *x, struct ms_node *n)
{
    struct ms_node *left = n->first;
    if (!check_left(x, left))
        return false;
    for (struct ms_node *e = left->next; e; e = e->next) {
        if (e->kind == MS_N_RANGE) {
            if (!check_against(x, left, e->first) || !check_against(x, left, e->first->next))
                return false;
            bool is_int = e->first->type == MS_FT_INT || e->first->next->type == MS_FT_INT;
            e->class = class_of(left->type, is_int ? MS_FT_INT : left->type);
        } else if (!check_against(x, left, e))
            return false;
        else
            e->class = class_of(left->type, e->type);
    }
    return true;
}

static bool check_exists(struct context *x, struct ms_node *n)
{
    struct ms_node *of = n->first;
    if (is_literal(of))
        return ms_compile_unknown(x->c, of), false;
    if (of->kind == MS_N_CALL)
        return ms_compile_fail_node(x->c, of, "A function must be compared with something"), false;
    return check_value(x, of, ANY_TYPE, NULL);
}

static bool check_nonzero(struct context *x, struct ms_node *n)
{
    if (is_constant(n->first))
        return ms_compile_fail_node(x->c, n->first, "A constant is no test"), false;
    return check_value(x, n->first, ANY_TYPE, NULL);
}

static void check_leaf(struct ms_compile *c, struct ms_node *n)
{
    struct context x = { c, -1 };
    bool           ok = false;
    switch (n->kind) {
    case MS_N_EXISTS: ok = check_exists(&x, n); break;
    case MS_N_NONZERO: ok = check_nonzero(&x, n); break;
    case MS_N_COMPARE: ok = check_compare(&x, n); break;
    case MS_N_IN: ok = check_in(&x, n); break;
    default: ok = check_search(&x, n); break;
    }
    if (!ok || x.unit < 0)
        return;
    n->unit = (uint8_t)x.unit;
    c->filter->units |= (uint32_t)1 << x.unit;
    if (c->leaves < MS_DFILTER_LEAVES) {
        n->leaf = (int16_t)c->leaves;
        c->filter->leaves[c->leaves] = n;
    }
    c->leaves++;
}

void ms_check(struct ms_compile *c, struct ms_node *node)
{
    if (node->kind > MS_N_NOT) {
        check_leaf(c, node);
        return;
    }
    for (struct ms_node *child = node->first; child && !c->failed; child = child->next)
        ms_check(c, child);
}
