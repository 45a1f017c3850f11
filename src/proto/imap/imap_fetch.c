/* proto/imap/imap_fetch.c - one FETCH response, taken apart line by line without being kept.
 *
 * Shape    "(" name value name value ... ")": at depth 1 names and values take turns; deeper lists are skipped. A literal at depth
 *          1 is the value of the name before it, deeper it belongs to an envelope or a body structure and is skipped.
 * BUGS     of a line longer than line_bytes only the beginning and the end are known: what is between is not looked at.   */
#include "imap_private.h"

/* "HEADER", "TEXT", "", "1.2", "1.MIME"; HEADER.FIELDS at any depth is a listing, not a message. */
static uint8_t section_kind(struct ms_bytes section)
{
    if (section.n == 0)
        return IMAP_WHOLE;
    if (ms_equal_nocase(section, MS_LIT("HEADER")))
        return IMAP_HEADER;
    if (ms_equal_nocase(section, MS_LIT("TEXT")))
        return IMAP_TEXT;
    bool fields = ms_search_nocase(ms_head(section, 64), MS_LIT("FIELDS")) < (section.n < 64 ? section.n : 64);
    return ms_is_digit(section.p[0]) && !fields ? IMAP_SECTION : IMAP_NONE;
}

static struct imap_item bracketed(struct ms_bytes rest)
{
    size_t           close = ms_find(rest, ']');
    struct imap_item item = { .kind = section_kind(ms_head(rest, close)) };
    struct ms_bytes  range = ms_tail(rest, close + 1);
    if (close == rest.n)
        return (struct imap_item){ .kind = IMAP_NONE };
    item.fields = ms_starts_nocase(rest, MS_LIT("HEADER.FIELDS"));
    if (ms_at(range, 0) == '<') {
        size_t end = 1;
        while (ms_is_digit(ms_at(range, end)))
            end++;
        item.ranged = ms_parse_u64(ms_slice(range, 1, end - 1), &item.origin);
        if (!item.ranged)
            item.kind = IMAP_NONE;
    }
    return item;
}

struct imap_item imap_item_of(struct ms_bytes name)
{
    static const struct { const char *name; uint8_t kind; } words[] = {
        { "UID", IMAP_UID }, { "RFC822.SIZE", IMAP_SIZE }, { "RFC822", IMAP_WHOLE }, { "RFC822.PEEK", IMAP_WHOLE },
        { "RFC822.HEADER", IMAP_HEADER }, { "RFC822.TEXT", IMAP_TEXT }, { "RFC822.TEXT.PEEK", IMAP_TEXT },
    };
    static const char *const openers[] = { "BODY[", "BODY.PEEK[", "BINARY[", "BINARY.PEEK[" };
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
        if (ms_starts_nocase(name, ms_str(openers[i])))
            return bracketed(ms_tail(name, strlen(openers[i])));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_equal_nocase(name, ms_str(words[i].name)))
            return (struct imap_item){ .kind = words[i].kind };
    return (struct imap_item){ .kind = IMAP_NONE };
}

/* ---- how much was asked for ---------------------------------------------------------------------------------- */

enum { LOOK_BYTES = 1024, LOOK_COMMANDS = 16, LOOK_ITEMS = 64 }; /* bounds on the search in the commands that are open */

/* The n of `BODY[section]<origin.n>` in one command's argument. */
static uint64_t asked_in(struct ms_bytes argument, const struct imap_item *item, int *items)
{
    argument = ms_head(argument, LOOK_BYTES);
    for (size_t open = ms_find(argument, '['); open < argument.n && *items > 0; (*items)--) {
        struct ms_bytes section = ms_tail(argument, open + 1), rest = section;
        section = ms_head(section, ms_find(section, ']'));
        rest = ms_tail(rest, section.n + 1);
        size_t   dot = ms_find(rest, '.'), end = ms_find(rest, '>');
        uint64_t origin = 0, n = 0;
        if (ms_at(rest, 0) == '<' && dot < end && end < rest.n && section_kind(section) == item->kind &&
            ms_parse_u64(ms_slice(rest, 1, dot - 1), &origin) && origin == item->origin &&
            ms_parse_u64(ms_slice(rest, dot + 1, end - dot - 1), &n))
            return n;
        size_t next = ms_find(rest, '[');
        open = argument.n - rest.n + next;
    }
    return IMAP_UNKNOWN;
}

static uint64_t asked_for(const struct imap *im, const struct imap_item *item)
{
    uint64_t n = IMAP_UNKNOWN;
    int      looked = 0, items = LOOK_ITEMS;
    for (const struct imap_pending *p = im->first; p && n == IMAP_UNKNOWN && looked < LOOK_COMMANDS; p = p->next)
        if (p->verb == IMAP_V_FETCH || p->verb == IMAP_V_UID_FETCH) {
            n = asked_in(imap_pending_argument(p), item, &items);
            looked++;
        }
    return n;
}

/* ---- values ------------------------------------------------------------------------------------------------ */

static bool is_body(const struct imap_item *item) { return item->kind >= IMAP_WHOLE; }

static void begin_value(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n)
{
    f->value = false;
    f->sink = (struct imap_sink){ .item = f->item, .n = n, .asked = IMAP_UNKNOWN };
    if (!is_body(&f->item))
        return;
    if (f->item.ranged)
        f->sink.asked = asked_for(x->im, &f->item);
    imap_value_begin(x, f, n);
}

void imap_fetch_literal(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n)
{
    f->sink = (struct imap_sink){ .kind = IMAP_SINK_NONE };
    if (!f->is_fetch || f->depth != 1 || !f->value)
        return;
    imap_top_begin(x, f);
    begin_value(x, f, n);
}

static void quoted_value(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes token)
{
    struct ms_buffer plain = { 0 };
    if (!is_body(&f->item)) {
        f->value = false;
        return;
    }
    imap_unquote(token, &plain);
    begin_value(x, f, plain.n);
    imap_value_push(x, f, ms_buffer_bytes(&plain));
    imap_value_end(x, f, true);
    ms_buffer_finish(&plain);
}

static void atom_value(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes token)
{
    uint64_t n;
    f->value = false;
    if (is_body(&f->item) && f->item.ranged && f->item.origin && ms_equal_nocase(token, MS_LIT("NIL"))) {
        begin_value(x, f, 0);
        imap_value_end(x, f, true);
    }
    if (!ms_parse_u64(token, &n))
        return;
    if (f->item.kind == IMAP_UID && n <= UINT32_MAX)
        f->uid = (uint32_t)n;
    if (f->item.kind == IMAP_SIZE)
        f->size = n;
}

/* A name ends at a blank or a bracket outside its own [...]: "BODY[HEADER.FIELDS (FROM)]<0>". */
static size_t atom_size(struct ms_bytes b)
{
    size_t i = 0;
    while (i < b.n && b.p[i] != ' ' && b.p[i] != '(' && b.p[i] != ')' && b.p[i] != '"') {
        if (b.p[i] == '[')
            i += ms_find(ms_tail(b, i), ']');
        i += i < b.n;
    }
    return i;
}

static void bracket(struct imap_fetch *f, bool open)
{
    if (open && f->depth < UINT32_MAX)
        f->depth++;
    else if (!open && f->depth)
        f->depth--;
    if (!open && f->depth == 1)
        f->value = false; /* a list was the value */
}

/* The length of the token at the start of b, which is acted on. */
static size_t token(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes b)
{
    uint8_t c = b.p[0];
    if (c == ' ')
        return 1;
    if (c == '(' || c == ')') {
        bracket(f, c == '(');
        return 1;
    }
    size_t          n = c == '"' ? imap_quoted_size(b) : atom_size(b);
    struct ms_bytes t = ms_head(b, n);
    if (f->depth != 1)
        return n;
    if (f->value && c == '"') {
        quoted_value(x, f, t);
    } else if (f->value) {
        atom_value(x, f, t);
    } else {
        f->item = imap_item_of(t);
        f->value = true;
    }
    return n;
}

/* The name that a literal follows, from the end of a line whose middle is not known. */
static void item_from_tail(struct imap_fetch *f, struct ms_bytes tail)
{
    struct imap_literal l;
    if (!imap_literal_at_end(tail, &l))
        return;
    tail = ms_trim(ms_head(tail, tail.n - l.head));
    size_t at = tail.n;
    while (at && tail.p[at - 1] != ' ' && tail.p[at - 1] != '(')
        at--;
    f->item = imap_item_of(ms_tail(tail, at));
    f->value = f->item.kind != IMAP_NONE;
    f->depth = f->value ? 1 : 2; /* a name of a body stands at depth 1 */
}

void imap_fetch_text(const struct imap_ctx *x, struct imap_fetch *f, const struct imap_line *line, struct ms_bytes text)
{
    for (size_t i = 0; i < text.n;)
        i += token(x, f, ms_tail(text, i));
    if (line->cut)
        item_from_tail(f, line->tail);
}

void imap_fetch_end(const struct imap_ctx *x, struct imap_fetch *f)
{
    if (f->is_fetch)
        imap_assembly_settle(x, f);
}
