/* proto/imap/imap_fetch.c - one FETCH response, taken apart line by line without being kept.
 *
 * Shape    "(" name value name value ... ")": at depth 1 names and values take turns; deeper lists are skipped. A literal at depth
 *          1 is the value of the name before it, deeper it belongs to an envelope, which is skipped, or to a body structure. Header
 *          fields, MIME headers and body structures are remembered (imap_known.c): parts may be fetched later.
 * BUGS     of a line longer than line_bytes only the beginning and the end are known: what is between is not looked at.   */
#include "imap_private.h"

/* "HEADER", "TEXT", "", "1.2", "1.MIME", "1.2.HEADER": first whose it is, then what. Fields of a part's header tell nothing. */
static void read_section(struct ms_bytes section, struct imap_item *item)
{
    size_t n = 0;
    while (ms_is_digit(ms_at(section, n)) || (n && ms_at(section, n) == '.' && ms_is_digit(ms_at(section, n + 1))))
        n++;
    struct ms_bytes word = ms_tail(section, n + (n && ms_at(section, n) == '.'));
    item->path = ms_head(section, n);
    item->deep = n > IMAP_PATH;
    if (item->deep)
        return;
    if (word.n == 0)
        item->kind = IMAP_WHOLE;
    else if (ms_equal_nocase(word, MS_LIT("HEADER")))
        item->kind = IMAP_HEADER;
    else if (ms_equal_nocase(word, MS_LIT("TEXT")))
        item->kind = IMAP_TEXT;
    else if (n && ms_equal_nocase(word, MS_LIT("MIME")))
        item->kind = IMAP_MIME;
    else if (!n && ms_starts_nocase(word, MS_LIT("HEADER.FIELDS")))
        item->kind = IMAP_FIELDS;
}

static struct imap_item bracketed(struct ms_bytes rest)
{
    size_t           close = ms_find(rest, ']');
    struct imap_item item = { .kind = IMAP_NONE };
    struct ms_bytes  range = ms_tail(rest, close + 1);
    if (close == rest.n)
        return item;
    read_section(ms_head(rest, close), &item);
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
        { "BODYSTRUCTURE", IMAP_STRUCTURE }, { "BODY", IMAP_STRUCTURE },
    };
    static const char *const openers[] = { "BODY[", "BODY.PEEK[", "BINARY[", "BINARY.PEEK[" };
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
        if (ms_starts_nocase(name, ms_str(openers[i]))) {
            struct imap_item item = bracketed(ms_tail(name, strlen(openers[i])));
            item.binary = openers[i][1] == 'I';
            return item;
        }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_equal_nocase(name, ms_str(words[i].name)))
            return (struct imap_item){ .kind = words[i].kind };
    return (struct imap_item){ .kind = IMAP_NONE };
}

/* ---- how much was asked for ---------------------------------------------------------------------------------- */

enum { LOOK_BYTES = 1024, LOOK_COMMANDS = 16, LOOK_ITEMS = 64 }; /* bounds on the search in the commands that are open */

/* The n of `BODY[section]<origin.n>` in one command's argument. */
static uint64_t asked_in(struct ms_bytes argument, const struct imap_fetch *f, int *items)
{
    argument = ms_head(argument, LOOK_BYTES);
    for (size_t open = ms_find(argument, '['); open < argument.n && *items > 0; (*items)--) {
        struct ms_bytes  section = ms_tail(argument, open + 1), rest = section;
        struct imap_item asked = bracketed(section);
        section = ms_head(section, ms_find(section, ']'));
        rest = ms_tail(rest, section.n + 1);
        size_t   dot = ms_find(rest, '.'), end = ms_find(rest, '>');
        uint64_t n = 0;
        if (asked.ranged && asked.kind == f->item.kind && ms_equal(asked.path, imap_fetch_path(f)) && asked.origin == f->item.origin &&
            dot < end && end < rest.n && ms_parse_u64(ms_slice(rest, dot + 1, end - dot - 1), &n))
            return n;
        size_t next = ms_find(rest, '[');
        open = argument.n - rest.n + next;
    }
    return IMAP_UNKNOWN;
}

static uint64_t asked_for(const struct imap *im, const struct imap_fetch *f)
{
    uint64_t n = IMAP_UNKNOWN;
    int      looked = 0, items = LOOK_ITEMS;
    for (const struct imap_pending *p = im->first; p && n == IMAP_UNKNOWN && looked < LOOK_COMMANDS; p = p->next)
        if (p->verb == IMAP_V_FETCH || p->verb == IMAP_V_UID_FETCH) {
            n = asked_in(imap_pending_argument(p), f, &items);
            looked++;
        }
    return n;
}

/* ---- what is remembered ------------------------------------------------------------------------------------- */

static enum imap_fact_kind fact_of(const struct imap_fetch *f)
{
    switch (f->item.kind) {
    case IMAP_STRUCTURE: return IMAP_KNOWN_STRUCTURE;
    case IMAP_MIME: return IMAP_KNOWN_MIME;
    case IMAP_FIELDS: return IMAP_KNOWN_FIELDS;
    default: return IMAP_KNOWN_HEADER;
    }
}

static bool to_keep(const struct imap_fetch *f)
{
    bool header = f->item.kind == IMAP_FIELDS || f->item.kind == IMAP_MIME || (f->item.kind == IMAP_HEADER && !f->path_n);
    return header && !f->item.ranged;
}

static void keep(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes bytes)
{
    f->keeps &= f->kept.n + bytes.n <= imap_line_limit(x->h);
    if (f->keeps)
        ms_buffer_append(&f->kept, bytes);
}

static void keep_end(const struct imap_ctx *x, struct imap_fetch *f, bool whole)
{
    if (f->keeps && whole && f->kept.n) {
        imap_known_put(x, f, fact_of(f), ms_buffer_bytes(&f->kept));
        f->learned = true;
    }
    f->keeps = false;
    f->kept.n = 0;
}

/* A string of a body structure that came as a literal. */
static void keep_string(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.p[i] == '"' || bytes.p[i] == '\\')
            keep(x, f, MS_LIT("\\"));
        keep(x, f, ms_slice(bytes, i, 1));
    }
}

/* ---- values ------------------------------------------------------------------------------------------------ */

static bool is_body(const struct imap_item *item) { return item->kind >= IMAP_WHOLE; }

static void begin_value(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n)
{
    f->value = false;
    f->sink = (struct imap_sink){ .item = f->item, .n = n, .asked = IMAP_UNKNOWN };
    f->sink.item.path = (struct ms_bytes){ NULL, 0 };
    f->keeps = to_keep(f) && n <= imap_line_limit(x->h);
    if (!is_body(&f->item))
        return;
    if (f->item.ranged)
        f->sink.asked = asked_for(x->im, f);
    imap_value_begin(x, f, n);
}

/* First what it says of the message is remembered, then it is part of it. */
static void end_value(const struct imap_ctx *x, struct imap_fetch *f, bool whole)
{
    keep_end(x, f, whole);
    imap_value_end(x, f, whole);
}

void imap_fetch_literal(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n)
{
    f->sink = (struct imap_sink){ .kind = IMAP_SINK_NONE };
    if (f->keeps) /* inside a body structure */
        keep(x, f, MS_LIT("\""));
    if (!f->is_fetch || f->depth != 1 || !f->value)
        return;
    imap_top_begin(x, f);
    begin_value(x, f, n);
}

void imap_fetch_push(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes bytes)
{
    if (f->keeps && f->depth > 1)
        keep_string(x, f, bytes);
    else if (f->keeps)
        keep(x, f, bytes);
    imap_value_push(x, f, bytes);
}

void imap_fetch_gap(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n)
{
    f->keeps = f->keeps && n == 0;
    imap_value_gap(x, f, n);
}

void imap_fetch_literal_end(const struct imap_ctx *x, struct imap_fetch *f, bool whole)
{
    if (f->depth == 1)
        end_value(x, f, whole);
    else if (f->keeps)
        keep(x, f, MS_LIT("\""));
}

static void quoted_value(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes token)
{
    struct ms_buffer plain = { 0 };
    if (!is_body(&f->item) && !to_keep(f)) {
        f->value = false;
        return;
    }
    imap_unquote(token, &plain);
    begin_value(x, f, plain.n);
    imap_fetch_push(x, f, ms_buffer_bytes(&plain));
    end_value(x, f, true);
    ms_buffer_finish(&plain);
}

static void atom_value(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes token)
{
    uint64_t n;
    f->value = false;
    if (is_body(&f->item) && f->item.ranged && f->item.origin && ms_equal_nocase(token, MS_LIT("NIL"))) {
        begin_value(x, f, 0);
        end_value(x, f, true);
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

static void bracket(const struct imap_ctx *x, struct imap_fetch *f, bool open)
{
    if (open && f->depth < UINT32_MAX)
        f->depth++;
    else if (!open && f->depth)
        f->depth--;
    if (open && f->depth == 2 && f->value) {
        f->keeps = f->item.kind == IMAP_STRUCTURE;
        f->kept.n = 0;
    }
    if (f->keeps)
        keep(x, f, open ? MS_LIT("(") : MS_LIT(")"));
    if (!open && f->depth == 1) {
        keep_end(x, f, true);
        f->value = false; /* a list was the value */
    }
}

static void take_name(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes name)
{
    f->item = imap_item_of(name);
    f->path_n = 0;
    if (f->item.deep)
        x->h->ops->limit(x->h, MS_LIMIT_mime_depth);
    else if (f->item.path.n)
        memcpy(f->path, f->item.path.p, f->path_n = (uint8_t)f->item.path.n);
    f->item.path = (struct ms_bytes){ NULL, 0 };
}

/* The length of the token at the start of b, which is acted on. */
static size_t token(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes b)
{
    uint8_t c = b.p[0];
    if (c == '(' || c == ')') {
        bracket(x, f, c == '(');
        return 1;
    }
    size_t          n = c == ' ' ? 1 : c == '"' ? imap_quoted_size(b) : atom_size(b);
    struct ms_bytes t = ms_head(b, n);
    if (f->keeps)
        keep(x, f, t);
    if (f->depth != 1 || c == ' ')
        return n;
    if (f->value && c == '"') {
        quoted_value(x, f, t);
    } else if (f->value) {
        atom_value(x, f, t);
    } else {
        take_name(x, f, t);
        f->value = true;
    }
    return n;
}

/* The name that a literal follows, from the end of a line whose middle is not known. */
static void item_from_tail(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes tail)
{
    struct imap_literal l;
    if (!imap_literal_at_end(tail, &l))
        return;
    tail = ms_trim(ms_head(tail, tail.n - l.head));
    size_t at = tail.n;
    while (at && tail.p[at - 1] != ' ' && tail.p[at - 1] != '(')
        at--;
    take_name(x, f, ms_tail(tail, at));
    f->keeps = false;
    f->value = f->item.kind != IMAP_NONE;
    f->depth = f->value ? 1 : 2; /* a name of a body stands at depth 1 */
}

void imap_fetch_text(const struct imap_ctx *x, struct imap_fetch *f, const struct imap_line *line, struct ms_bytes text)
{
    for (size_t i = 0; i < text.n;)
        i += token(x, f, ms_tail(text, i));
    f->keeps &= !line->cut;
    if (line->cut)
        item_from_tail(x, f, line->tail);
}

void imap_fetch_end(const struct imap_ctx *x, struct imap_fetch *f)
{
    if (f->is_fetch)
        imap_assembly_settle(x, f);
    ms_buffer_finish(&f->kept);
}
