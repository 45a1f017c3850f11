/* dfilter/private.h - what the files of this folder share: the tree of a filter, its compilation and the state of its evaluation.
 *
 * text -> tokens (lex.c) -> tree (parse.c) -> types, literals turned into values (check.c, literal.c, time.c) -> asked (evaluate.c,
 * compute.c, regex.c). Tree and values of literals live in the filter's arena.                                          */
#pragma once
#include "dfilter/dfilter.h"

enum ms_token_kind {
    MS_T_END, MS_T_WORD, MS_T_STRING, MS_T_RAW, MS_T_CHAR, MS_T_OPEN, MS_T_CLOSE, MS_T_BRACE, MS_T_UNBRACE, MS_T_BRACKET, MS_T_COMMA,
    MS_T_DOTS, MS_T_HASH, MS_T_COMPARE, MS_T_CONTAINS, MS_T_MATCHES, MS_T_IN, MS_T_NOT, MS_T_AND, MS_T_OR, MS_T_XOR, MS_T_ANY, MS_T_ALL,
    MS_T_PLUS, MS_T_MINUS, MS_T_STAR, MS_T_SLASH, MS_T_PERCENT, MS_T_AMPERSAND
};
enum ms_compare { MS_C_EQ, MS_C_NE, MS_C_LT, MS_C_LE, MS_C_GT, MS_C_GE };
enum ms_quantifier { MS_Q_NONE, MS_Q_ANY, MS_Q_ALL };
struct ms_token {
    uint8_t         kind, compare, quantifier; /* the latter two of MS_T_COMPARE */
    size_t          at, n;                     /* where it stands */
    struct ms_bytes text;                      /* of words; of strings and characters without quotes and escapes */
};

enum ms_node_kind {
    /* boolean */
    MS_N_AND, MS_N_OR, MS_N_XOR, MS_N_NOT,
    /* leaves */
    MS_N_EXISTS, MS_N_NONZERO, MS_N_COMPARE, MS_N_CONTAINS, MS_N_MATCHES, MS_N_IN,
    /* values */
    MS_N_WORD, MS_N_STRING, MS_N_CHAR, /* literals until their type is known */
    MS_N_VALUE, MS_N_FIELD, MS_N_SLICE, MS_N_CALL, MS_N_MINUS, MS_N_ARITHMETIC,
    MS_N_RANGE /* an element `a .. b` of a set */
};
enum ms_function { MS_F_LEN, MS_F_COUNT, MS_F_UPPER, MS_F_LOWER, MS_F_STRING, MS_F_MIN, MS_F_MAX, MS_F_ABS, MS_F_NONE };
enum ms_class { MS_K_UINT, MS_K_INT, MS_K_DOUBLE, MS_K_BYTES, MS_K_IP }; /* how two values are compared */

enum ms_range_end { MS_R_LENGTH, MS_R_INCLUSIVE, MS_R_OPEN };
struct ms_range { int32_t from, to; uint8_t end; };
struct ms_ranges { const struct ms_range *p; size_t n; };

struct ms_regex;
struct ms_node {
    uint8_t          kind, type; /* type: enum ms_field_type, of values */
    uint8_t          op;         /* enum ms_compare, enum ms_function, or the character of an arithmetic operator */
    uint8_t          quantifier, class, unit;
    bool             negated;    /* of MS_N_IN: `not in` */
    uint8_t          prefix;     /* of an address: significant bits of its 16 bytes */
    int16_t          leaf;       /* its bit; -1: beyond MS_DFILTER_LEAVES */
    uint16_t         slot;       /* of a field: place in the filter's list of fields */
    uint32_t         at, n;      /* where it stands in the text */
    struct ms_node  *first, *next;
    const struct ms_field *field;
    union {
        struct ms_bytes  text;
        struct ms_value  value;
        struct ms_ranges ranges; /* of a slice, or the layers of a field */
        struct ms_regex *regex;
    };
};

/* ---- compilation ---- */

struct ms_dfilter;
struct ms_compile {
    const struct ms_field_table *table;
    struct ms_dfilter           *filter;
    struct ms_arena             *arena;
    struct ms_bytes              text;
    struct ms_dfilter_error     *error;
    struct ms_token              token; /* the one to be read next */
    size_t                       at;    /* of what follows it */
    unsigned                     nodes, depth, leaves;
    bool                         failed;
};

/* The first error counts. Returns NULL. */
void *ms_compile_fail(struct ms_compile *c, size_t at, size_t n, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void *ms_compile_fail_node(struct ms_compile *c, const struct ms_node *node, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void  ms_compile_suggest(struct ms_compile *c, const char *name);
void *ms_compile_unknown(struct ms_compile *c, const struct ms_node *word); /* neither a field nor a protocol */

void ms_lex_next(struct ms_compile *c);                                       /* c->token becomes the next one */
bool ms_lex_ranges(struct ms_compile *c, size_t open, struct ms_ranges *out); /* `[...]` whose bracket stands at `open` */
bool ms_lex_number_follows(const struct ms_compile *c, size_t at);

struct ms_node *ms_parse(struct ms_compile *c); /* the whole text; NULL when empty or failed */
void            ms_check(struct ms_compile *c, struct ms_node *node);
/* Turns a literal into a value of `type`; `like` is the field that it is compared with, or NULL. */
bool ms_literal_convert(struct ms_compile *c, struct ms_node *node, enum ms_field_type type, const struct ms_field *like);
bool ms_time_parse(struct ms_bytes text, int64_t *ns);
bool ms_duration_parse(struct ms_bytes text, int64_t *ns);
bool ms_byte_string_parse(struct ms_bytes text, uint8_t *out, size_t *n); /* out: room for text.n bytes */

const char *ms_type_words(enum ms_field_type type); /* "an unsigned integer" */

/* ---- evaluation ---- */

enum {
    MS_DFILTER_STACK = 8 * MS_VALUES_MAX, /* values that the parts of one leaf may make */
    MS_DFILTER_PAIRS = 1 << 20            /* comparisons of values of one field with values of another, in one evaluation */
};

struct ms_slot { /* the values of a field, valid when of the current evaluation; room for them grows up to MS_VALUES_MAX */
    uint64_t         evaluation;
    size_t           n, size;
    struct ms_value *values;
};
struct ms_list { const struct ms_value *v; size_t n; };

struct ms_state {
    uint64_t         evaluation, cut;
    struct ms_slot  *slots;
    struct ms_value *stack;
    size_t           stacked;
    uint8_t         *made;
    size_t           made_n, pairs;
    struct ms_buffer text;
    const struct ms_dfilter_source *source;
};

struct ms_dfilter {
    struct ms_dfilter           *self; /* evaluation changes `state` of a filter that callers hold as const */
    struct ms_arena              arena;
    const struct ms_field_table *table;
    struct ms_node              *root;
    struct ms_node              *leaves[MS_DFILTER_LEAVES];
    unsigned                     leaf_count;
    uint32_t                     units;
    uint16_t                    *fields;
    bool                        *read;  /* by slot: somebody looks at its values */
    size_t                       field_count;
    struct ms_regex             *regexes;
    struct ms_state              state;
};

bool            ms_leaf_holds(struct ms_dfilter *f, const struct ms_node *leaf);
struct ms_list  ms_values_of(struct ms_dfilter *f, const struct ms_node *node);
struct ms_list  ms_field_values(struct ms_dfilter *f, const struct ms_node *node);
struct ms_bytes ms_value_view(enum ms_field_type type, const struct ms_value *v); /* its bytes, of the types that have some */
struct ms_value *ms_stack_room(struct ms_dfilter *f, size_t n); /* n values after each other, or NULL; the caller takes them by stacked += */
uint8_t        *ms_made_room(struct ms_dfilter *f, size_t n);
bool            ms_pair_spend(struct ms_dfilter *f);
int64_t         ms_value_signed(unsigned type, const struct ms_value *v); /* of an unsigned one at most INT64_MAX */
struct ms_list  ms_call(struct ms_dfilter *f, const struct ms_node *node);
struct ms_list  ms_arithmetic(struct ms_dfilter *f, const struct ms_node *node);

/* -1, 0, 1, or MS_UNORDERED: NaN, and addresses of two families */
enum { MS_UNORDERED = 2 };
int ms_value_order(const struct ms_node *a_node, const struct ms_value *a, const struct ms_node *b_node, const struct ms_value *b,
                   enum ms_class class);

struct ms_regex *ms_regex_create(struct ms_compile *c, const struct ms_node *pattern); /* NULL after an error */
bool             ms_regex_matches(struct ms_regex *r, struct ms_bytes subject, uint64_t *cut);
void             ms_regex_destroy_all(struct ms_regex *first);
