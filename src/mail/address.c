/* mail/address.c - address lists of header fields, as real mailers write them (RFC 5322 section 3.4, 4.4, and worse).
 *
 * Two passes over each entry: the first finds where it ends (comma, semicolon, end, or an angle bracket, which makes everything
 * before it a name, even when it looks like an address: `ceo@bank.example <x@evil.example>`), the second takes it apart. Quotes,
 * brackets and comments that never close are ordinary text from there on, so each byte is looked at a bounded number of times.
 *
 * BUGS     blanks around the dots of an address outside of angle brackets part it; encoded words in quotes are decoded (against
 *          RFC 2047 section 5, as mail programs do); domains stay as they were written, IDNA not decoded.                    */
#include "base/text.h"
#include "mail/mime.h"

enum kind { END, BLANK, TEXT, QUOTED, PAIR, LITERAL, ENCODED, COMMENT, SPECIAL };
struct token { enum kind kind; uint8_t c; size_t end; }; /* c: which one, when SPECIAL */

static const size_t NONE = SIZE_MAX;

struct parser {
    struct ms_bytes    in;
    size_t             at;
    size_t             dead_quote, dead_comment, dead_literal; /* from here on an opening one is text: it never closes */
    bool               loose;                                  /* an angle address ended and no comma came */
    struct ms_bytes    group;
    struct ms_mailbox *out;
    size_t             max, count;
    struct ms_arena   *arena;
    struct ms_buffer   phrase, word, comment; /* of the entry under work, unquoted */
    size_t             word_at;               /* the last '@' of `word` outside of quotes, or NONE */
};

/* ---- tokens -------------------------------------------------------------------------------------------------- */

static bool is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* After the `close` that belongs to the opening byte at `at`; NONE when there is none. */
static size_t closing(struct ms_bytes in, size_t at, uint8_t close)
{
    size_t depth = 1;
    for (size_t i = at + 1; i < in.n; i++) {
        if (in.p[i] == '\\')
            i++;
        else if (in.p[i] == close && --depth == 0)
            return i + 1;
        else if (in.p[i] == '(' && close == ')')
            depth++;
    }
    return NONE;
}

static bool try_closed(const struct parser *p, size_t at, uint8_t close, size_t *dead, struct token *t)
{
    if (at >= *dead)
        return false;
    t->end = closing(p->in, at, close);
    if (t->end != NONE)
        return true;
    *dead = at;
    return false;
}

static size_t skip_to_mark(struct ms_bytes in, size_t i) /* the next '?', or NONE when a blank comes first */
{
    while (i < in.n && in.p[i] != '?' && !is_space(in.p[i]))
        i++;
    return i < in.n && in.p[i] == '?' ? i : NONE;
}

/* End of the encoded word at `at` (RFC 2047 section 2): its commas and parentheses are not those of the list. */
static size_t encoded_word_end(struct ms_bytes in, size_t at)
{
    size_t charset = ms_at(in, at + 1) == '?' ? skip_to_mark(in, at + 2) : NONE;
    if (charset == NONE || ms_at(in, charset + 2) != '?')
        return NONE;
    size_t text = skip_to_mark(in, charset + 3);
    return text != NONE && ms_at(in, text + 1) == '=' ? text + 2 : NONE;
}

static struct token text_token(struct ms_bytes in, size_t at)
{
    size_t i = at + 1;
    while (i < in.n && !is_space(in.p[i]) && !strchr("<>,;:@\"([\\=", in.p[i] ? in.p[i] : 'x'))
        i++;
    return (struct token){ TEXT, 0, i };
}

static struct token next_token(struct parser *p, size_t at)
{
    struct token t = { END, 0, at };
    if (at >= p->in.n)
        return t;
    uint8_t c = p->in.p[at];
    if (is_space(c)) {
        while (t.end < p->in.n && is_space(p->in.p[t.end]))
            t.end++;
        t.kind = BLANK;
    } else if (c && strchr("<>,;:@", c)) {
        t = (struct token){ SPECIAL, c, at + 1 };
    } else if (c == '"' && try_closed(p, at, '"', &p->dead_quote, &t)) {
        t.kind = QUOTED;
    } else if (c == '(' && try_closed(p, at, ')', &p->dead_comment, &t)) {
        t.kind = COMMENT;
    } else if (c == '[' && try_closed(p, at, ']', &p->dead_literal, &t)) {
        t.kind = LITERAL;
    } else if (c == '\\' && at + 1 < p->in.n) {
        t = (struct token){ PAIR, 0, at + 2 };
    } else if (c == '=' && encoded_word_end(p->in, at) != NONE) {
        t = (struct token){ ENCODED, 0, encoded_word_end(p->in, at) };
    } else {
        t = text_token(p->in, at);
    }
    return t;
}

/* ---- text of tokens ------------------------------------------------------------------------------------------ */

static void add_unquoted(struct ms_buffer *b, struct ms_bytes s) /* without backslashes and line ends */
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n)
            i++;
        if (s.p[i] != '\r' && s.p[i] != '\n')
            ms_buffer_append(b, ms_slice(s, i, 1));
    }
}

static void add_token(struct parser *p, struct ms_buffer *b, struct token t, size_t at)
{
    struct ms_bytes raw = ms_slice(p->in, at, t.end - at);
    if (t.kind == QUOTED || t.kind == COMMENT)
        add_unquoted(b, ms_slice(raw, 1, raw.n - 2));
    else if (t.kind == PAIR)
        add_unquoted(b, raw);
    else
        ms_buffer_append(b, raw);
}

/* The words from `at` to `end` as one phrase: comments left out, runs of blanks one space. */
static void read_phrase(struct parser *p, size_t at, size_t end)
{
    bool blank = false;
    p->phrase.n = 0;
    while (at < end) {
        struct token t = next_token(p, at);
        if (t.kind == COMMENT) {
            p->comment.n = 0;
            add_token(p, &p->comment, t, at);
        }
        if (t.kind == BLANK || t.kind == COMMENT) {
            blank = true;
        } else {
            if (blank && p->phrase.n)
                ms_text_char(&p->phrase, ' ');
            blank = false;
            add_token(p, &p->phrase, t, at);
        }
        at = t.end;
    }
}

static bool is_ascii(struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] >= 0x80)
            return false;
    return true;
}

static struct ms_bytes keep_address_part(struct parser *p, struct ms_bytes b)
{
    return is_ascii(b) ? ms_arena_keep(p->arena, b) : ms_decode_header(b, p->arena);
}

/* One mailbox out of the phrase (else the comment) and the word. */
static void emit(struct parser *p)
{
    struct ms_bytes word = ms_buffer_bytes(&p->word), name = ms_trim(ms_buffer_bytes(&p->phrase));
    if (name.n == 0)
        name = ms_trim(ms_buffer_bytes(&p->comment));
    if (p->word_at == NONE) /* `"user@host"`: all of it in quotes */
        for (size_t i = word.n; i-- > 0 && p->word_at == NONE;)
            p->word_at = word.p[i] == '@' ? i : NONE;
    if (ms_equal(word, MS_LIT("@"))) /* nothing on either side */
        word.n = 0;
    if ((word.n || ms_trim(ms_buffer_bytes(&p->phrase)).n) && p->count++ < p->max)
        p->out[p->count - 1] = (struct ms_mailbox){
            .display = name.n ? ms_decode_header(name, p->arena) : name,
            .local = keep_address_part(p, ms_head(word, p->word_at)),
            .domain = p->word_at == NONE ? (struct ms_bytes){ NULL, 0 } : keep_address_part(p, ms_tail(word, p->word_at + 1)),
            .group = p->group,
        };
    p->phrase.n = p->word.n = p->comment.n = 0;
    p->word_at = NONE;
}

/* ---- entries ------------------------------------------------------------------------------------------------- */

static void add_to_word(struct parser *p, struct token t, size_t at)
{
    if (t.kind == SPECIAL && t.c == '@')
        p->word_at = p->word.n;
    add_token(p, &p->word, t, at);
    struct ms_bytes word = ms_buffer_bytes(&p->word);
    bool route = t.c == ':' && (ms_at(word, 0) == '@' || ms_equal_nocase(word, MS_LIT("mailto:")));
    if (route && t.kind == SPECIAL) {
        p->word.n = 0;
        p->word_at = NONE;
    }
}

static bool word_is_address(const struct parser *p) { return p->word_at != NONE && p->word_at > 0; }

static void word_to_phrase(struct parser *p)
{
    if (p->phrase.n && p->word.n)
        ms_text_char(&p->phrase, ' ');
    ms_buffer_append(&p->phrase, ms_buffer_bytes(&p->word));
    p->word.n = 0;
    p->word_at = NONE;
}

/* The blank from `at` on parts two words unless an '@' is on either side of it. */
static bool parts_words(struct parser *p, struct token blank)
{
    bool after_at = p->word_at != NONE && p->word_at + 1 == p->word.n;
    return !after_at && ms_at(p->in, blank.end) != '@';
}

/* A lone word is a user (`root`) unless it was a quoted name or an encoded word. */
static bool is_name(struct ms_bytes word) { return ms_find(word, ' ') < word.n || ms_starts_nocase(word, MS_LIT("=?")); }

/* An entry without angle brackets: `name user@host`, `user@host (name)`, or several addresses without commas. */
static void read_bare(struct parser *p, size_t at, size_t end)
{
    bool any = p->loose, ended = false;
    p->phrase.n = p->word.n = p->comment.n = 0;
    p->word_at = NONE;
    for (struct token t; at < end; at = t.end) {
        t = next_token(p, at);
        if (t.kind == COMMENT) {
            p->comment.n = 0;
            add_token(p, &p->comment, t, at);
        } else if (t.kind == BLANK || t.c == '>') {
            ended |= t.c == '>' || parts_words(p, t);
        } else {
            if (ended && word_is_address(p)) {
                emit(p);
                any = true;
            } else if (ended && p->word.n) {
                word_to_phrase(p);
            }
            ended = false;
            add_to_word(p, t, at);
        }
    }
    if (!word_is_address(p) && any) /* words after the last address name nobody */
        return;
    if (!word_is_address(p) && p->phrase.n)
        word_to_phrase(p);
    else if (!word_is_address(p) && is_name(ms_buffer_bytes(&p->word)))
        word_to_phrase(p);
    emit(p);
}

/* Where the address in angle brackets from `at` on ends; *next: where reading goes on. */
static size_t find_angle_end(struct parser *p, size_t at, size_t *next)
{
    size_t comma = NONE;
    for (struct token t;; at = t.end) {
        t = next_token(p, at);
        if (t.kind == SPECIAL && t.c == '>') {
            *next = t.end;
            return at;
        }
        if (t.kind == END || (t.kind == SPECIAL && t.c == '<'))
            return *next = comma == NONE ? at : comma; /* never closed */
        if (t.kind == SPECIAL && (t.c == ',' || t.c == ';') && comma == NONE)
            comma = at;
    }
}

/* Blanks, comments and stray '>' after an angle address, and the comma or semicolon if there is one. */
static void finish_angle(struct parser *p)
{
    struct token t = next_token(p, p->at);
    for (; t.kind == BLANK || t.kind == COMMENT || t.c == '>'; t = next_token(p, p->at)) {
        if (t.kind == COMMENT && p->comment.n == 0)
            add_token(p, &p->comment, t, p->at);
        p->at = t.end;
    }
    emit(p);
    p->loose = t.c != ',' && t.c != ';';
    if (t.c == ';')
        p->group = (struct ms_bytes){ NULL, 0 };
    if (!p->loose)
        p->at = t.end;
}

static bool is_joint(uint8_t c) { return c == '.' || c == '@' || c == ':'; }

static void read_angle(struct parser *p, size_t start, size_t angle)
{
    p->comment.n = p->word.n = 0;
    p->word_at = NONE;
    read_phrase(p, start, angle);
    size_t at = angle;
    while (ms_at(p->in, at) == '<')
        at++;
    size_t end = find_angle_end(p, at, &p->at);
    bool blank = false; /* counts between words only: not around dots and the at sign (RFC 5322 section 4.4) */
    for (struct token t; at < end; at = t.end) {
        t = next_token(p, at);
        if (t.kind == BLANK || t.kind == COMMENT) {
            blank |= t.kind == BLANK;
            continue;
        }
        if (blank && p->word.n && !is_joint(p->in.p[at]) && !is_joint(p->word.p[p->word.n - 1]))
            ms_text_char(&p->word, ' ');
        blank = false;
        add_to_word(p, t, at);
    }
    finish_angle(p);
}

/* A name and a colon: a group begins (RFC 5322 section 3.4). */
static void begin_group(struct parser *p, size_t start, size_t colon)
{
    p->comment.n = 0;
    read_phrase(p, start, colon);
    struct ms_bytes name = ms_trim(ms_buffer_bytes(&p->phrase));
    p->at = colon + 1;
    p->loose = false;
    if (name.n && !ms_equal_nocase(name, MS_LIT("mailto")))
        p->group = p->count < p->max ? ms_decode_header(name, p->arena) : (struct ms_bytes){ NULL, 0 };
}

static void read_entry(struct parser *p)
{
    size_t start = p->at;
    bool   seen_at = false;
    for (size_t at = start;;) {
        struct token t = next_token(p, at);
        if (t.kind == END || t.c == ',' || t.c == ';') {
            read_bare(p, start, at);
            p->at = t.kind == END ? at : t.end;
            p->loose = false;
            if (t.c == ';')
                p->group = (struct ms_bytes){ NULL, 0 };
            return;
        }
        if (t.c == '<') {
            read_angle(p, start, at);
            return;
        }
        if (t.c == ':' && !seen_at) {
            begin_group(p, start, at);
            return;
        }
        seen_at |= t.c == '@';
        at = t.end;
    }
}

size_t ms_parse_addresses(struct ms_bytes raw, struct ms_mailbox *out, size_t max, struct ms_arena *arena)
{
    struct parser p = { .in = raw, .out = out, .max = max, .arena = arena, .dead_quote = NONE, .dead_comment = NONE,
                        .dead_literal = NONE, .word_at = NONE };
    while (p.at < raw.n)
        read_entry(&p);
    ms_buffer_finish(&p.phrase);
    ms_buffer_finish(&p.word);
    ms_buffer_finish(&p.comment);
    return p.count;
}
