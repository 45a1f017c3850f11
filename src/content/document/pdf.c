/* content/document/pdf.c - PDF by its names: actions that start by themselves, scripts, programs to launch, files inside, links.
 *
 * Not a parser of objects: names are read wherever they stand (with #xx undone), in the file and in object streams, and what stands behind some
 * of them. That finds them in damaged and in repaired files alike.
 * Limits   STRINGS links and file names a file; object streams are unpacked from the budget; streams of other kinds are passed over.         */
#include "content/archive/unpack.h"

enum { NAME = 40, NEAR = 512, STRING = 2048, STRINGS = 2048, OBJECT_STREAM_MOST = 1 << 20, FILTERS = 8 };

enum word { JS, JAVASCRIPT, OPEN_ACTION, ADDITIONAL, LAUNCH, EMBEDDED, RICH_MEDIA, ENCRYPT, URI, FILE_NAME, FILE_NAME_UNICODE, REMOTE_GOTO,
            OBJECT_STREAM, FILTER, WORDS };
static const char *const words[WORDS] = {
    "JS", "JavaScript", "OpenAction", "AA", "Launch", "EmbeddedFile", "RichMedia", "Encrypt", "URI", "F", "UF", "GoToR", "ObjStm", "Filter",
};
enum filter { FLATE, HEX, BASE85, NO_FILTER };
static const struct { const char *name; enum filter filter; } filter_names[] = {
    { "FlateDecode", FLATE }, { "Fl", FLATE }, { "ASCIIHexDecode", HEX }, { "AHx", HEX }, { "ASCII85Decode", BASE85 }, { "A85", BASE85 },
};

struct pdf {
    const struct ms_file *f;
    size_t                counts[WORDS];
    uint8_t               recent[WORDS]; /* how often, since the last stream, or the last object; 255 at most */
    size_t                strings; /* read */
    bool                  hidden, within; /* within: an object stream */
    bool                  encrypted;      /* its strings say nothing, unless they are plain */
    uint8_t               filters[FILTERS], filter_count; /* enum filter, of this object, in their order */
};

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

static bool ends_name(uint8_t c) { return c <= ' ' || strchr("/<>[](){}%", c); }

/* Behind the slash; *hidden: letters are written as numbers. */
static size_t read_name(struct ms_bytes b, char out[NAME + 1], bool *hidden)
{
    size_t i = 0, n = 0;
    *hidden = false;
    while (i < b.n && n < NAME && !ends_name(b.p[i])) {
        int high = b.p[i] == '#' ? ms_hex_digit(ms_at(b, i + 1)) : -1, low = high >= 0 ? ms_hex_digit(ms_at(b, i + 2)) : -1;
        uint8_t c = (uint8_t)(low >= 0 ? high << 4 | low : b.p[i]);
        *hidden |= low >= 0 && ((ms_lower(c) >= 'a' && ms_lower(c) <= 'z') || ms_is_digit(c));
        out[n++] = (char)c;
        i += low >= 0 ? 3 : 1;
    }
    out[n] = 0;
    return i;
}

static size_t read_hex_string(struct ms_bytes b, char *out)
{
    size_t n = 0;
    int    high = -1;
    for (size_t i = 1; i < b.n && b.p[i] != '>' && n < STRING; i++) {
        int digit = ms_hex_digit(b.p[i]);
        if (digit >= 0 && high >= 0)
            out[n++] = (char)(high << 4 | digit);
        high = digit < 0 ? high : high >= 0 ? -1 : digit;
    }
    return n;
}

/* "\n", "\053", "\(": how much is used. */
static size_t read_escape(struct ms_bytes b, char *out)
{
    unsigned value = 0;
    size_t   n = 0;
    while (n < 3 && ms_at(b, n) >= '0' && ms_at(b, n) <= '7')
        value = value * 8 + (unsigned)(b.p[n++] - '0');
    *out = n ? (char)value : (char)ms_at(b, 0);
    return n ? n : 1;
}

/* The string that comes next, blanks before it skipped; empty when something else comes. UTF-16 becomes UTF-8. */
static struct ms_bytes read_string(struct ms_bytes b, char out[STRING], char wide[STRING])
{
    size_t n = 0, depth = 0, i = 0;
    while (i < b.n && i < 64 && b.p[i] <= ' ')
        i++;
    b = ms_slice(b, i, STRING * 2);
    if (ms_at(b, 0) == '<' && ms_at(b, 1) != '<')
        n = read_hex_string(b, out);
    for (i = 0; ms_at(b, 0) == '(' && i < b.n && n < STRING; i++) {
        uint8_t c = b.p[i];
        depth += c == '(';
        if (c == ')' && --depth == 0)
            break;
        if (c == '\\')
            i += read_escape(ms_tail(b, i + 1), &out[n++]);
        else if (i > 0)
            out[n++] = (char)c;
    }
    struct ms_bytes text = { (const uint8_t *)out, n };
    return ms_has_at(text, 0, MS_LIT("\xfe\xff")) ? ms_utf16_text(ms_tail(text, 2), true, wide, STRING) : text;
}

/* ---- names that matter --------------------------------------------------------------------------------------------- */

static enum word word_of(const char *name)
{
    size_t i = 0;
    while (i < WORDS && (name[0] != words[i][0] || strcmp(name, words[i]) != 0))
        i++;
    return (enum word)i;
}

static void look_at_file_name(struct pdf *p, struct ms_bytes name)
{
    enum ms_extension kind = ms_extension_of(name);
    if (ms_starts_nocase(name, MS_LIT("http"))) /* where a form is sent to */
        ms_file_link(p->f, name);
    if (p->recent[LAUNCH])
        ms_file_sign(p->f, MS_SIGN_PDF_LAUNCH, name);
    else if (ms_starts_nocase(name, MS_LIT("\\\\")) || ms_starts_nocase(name, MS_LIT("//")))
        ms_file_sign(p->f, MS_SIGN_REMOTE_OBJECT, name);
    else if (kind == MS_EXT_PROGRAM || kind == MS_EXT_SCRIPT || kind == MS_EXT_SHORTCUT || kind == MS_EXT_DISK)
        ms_file_sign_inner(p->f, MS_SIGN_EMBEDDED_PROGRAM, name);
}

/* An encrypted string has other bytes, too: one that has none was never encrypted. */
static bool is_plain(struct ms_bytes string)
{
    size_t i = 0;
    while (i < string.n && string.p[i] >= ' ' && string.p[i] < 0x7f)
        i++;
    return i == string.n;
}

static void look_behind(struct pdf *p, enum word word, struct ms_bytes rest)
{
    char            text[STRING], wide[STRING];
    if ((word != URI && word != FILE_NAME && word != FILE_NAME_UNICODE) || p->strings++ >= STRINGS)
        return;
    struct ms_bytes string = read_string(rest, text, wide);
    if (string.n == 0 || (p->encrypted && !is_plain(string)))
        return;
    if (word == URI)
        ms_file_link(p->f, string);
    if (word != URI)
        look_at_file_name(p, string);
}

static enum filter filter_of(const char *name)
{
    size_t i = 0;
    while (i < sizeof filter_names / sizeof *filter_names && strcmp(name, filter_names[i].name) != 0)
        i++;
    return i < sizeof filter_names / sizeof *filter_names ? filter_names[i].filter : NO_FILTER;
}

static struct ms_bytes skip_blanks(struct ms_bytes b) /* and comments */
{
    size_t i = 0;
    for (bool comment = false; i < b.n && (comment || b.p[i] <= ' ' || b.p[i] == '%'); i++)
        comment = b.p[i] == '%' || (comment && b.p[i] != '\r' && b.p[i] != '\n');
    return ms_tail(b, i);
}

/* One name, or a list of them. Those that are not known are passed over: one of them says that nothing is done. */
static void note_filters(struct pdf *p, struct ms_bytes rest)
{
    rest = skip_blanks(ms_head(rest, NEAR));
    bool list = ms_at(rest, 0) == '[';
    rest = skip_blanks(ms_tail(rest, list));
    for (size_t n = 0; ms_at(rest, 0) == '/' && p->filter_count < FILTERS && n < 2 * FILTERS && (list || n == 0); n++) {
        char name[NAME + 1];
        bool hidden;
        rest = skip_blanks(ms_tail(rest, 1 + read_name(ms_tail(rest, 1), name, &hidden)));
        enum filter filter = filter_of(name);
        if (filter != NO_FILTER)
            p->filters[p->filter_count++] = (uint8_t)filter;
    }
}

static size_t look_at_name(struct pdf *p, struct ms_bytes b)
{
    char      name[NAME + 1];
    bool      hidden;
    size_t    used = read_name(b, name, &hidden);
    enum word word = word_of(name);
    if (word == WORDS)
        return used;
    p->counts[word]++;
    if (p->recent[word] < UINT8_MAX)
        p->recent[word]++;
    p->hidden |= hidden;
    if (word == FILTER)
        note_filters(p, ms_tail(b, used));
    else
        look_behind(p, word, ms_tail(b, used));
    return used;
}

/* ---- streams -------------------------------------------------------------------------------------------------------- */

static void scan(struct pdf *p, struct ms_bytes b);

static void add_bytes(struct ms_buffer *out, uint32_t group, size_t n)
{
    uint8_t bytes[4] = { (uint8_t)(group >> 24), (uint8_t)(group >> 16), (uint8_t)(group >> 8), (uint8_t)group };
    ms_buffer_append(out, (struct ms_bytes){ bytes, n });
}

static void undo_hex(struct ms_bytes b, struct ms_buffer *out)
{
    int high = -1;
    for (size_t i = 0; i < b.n && b.p[i] != '>'; i++) {
        int digit = ms_hex_digit(b.p[i]);
        if (digit >= 0 && high >= 0)
            add_bytes(out, (uint32_t)(high << 4 | digit) << 24, 1);
        high = digit < 0 ? high : high >= 0 ? -1 : digit;
    }
}

/* Five digits of '!' to 'u' are four bytes, 'z' is four times 0; of the last group a byte less than it has digits. */
static void undo_base85(struct ms_bytes b, struct ms_buffer *out)
{
    uint32_t group = 0;
    size_t   digits = 0;
    for (size_t i = 0; i < b.n && b.p[i] != '~'; i++) {
        uint8_t c = b.p[i];
        if (c == 'z' && digits == 0)
            add_bytes(out, 0, 4);
        if (c < '!' || c > 'u')
            continue;
        group = group * 85 + c - '!';
        if (++digits < 5)
            continue;
        add_bytes(out, group, 4);
        digits = group = 0;
    }
    for (size_t i = digits; digits && i < 5; i++)
        group = group * 85 + 84;
    if (digits > 1)
        add_bytes(out, group, digits - 1);
}

/* Do all of the first bytes belong to the alphabet of a filter of text? Others never were its work. */
static bool fits(enum filter filter, struct ms_bytes data)
{
    size_t i = 0;
    for (data = ms_head(data, 64); i < data.n && data.p[i] != (filter == HEX ? '>' : '~'); i++) {
        uint8_t c = data.p[i];
        bool    digit = filter == HEX ? ms_hex_digit(c) >= 0 : (c >= '!' && c <= 'u') || c == 'z';
        if (c > ' ' && !digit)
            return false;
    }
    return i > 0;
}

/* Into *out, when the data are of that filter. */
static void undo_filter(struct pdf *p, enum filter filter, struct ms_bytes data, struct ms_unpacked *out)
{
    *out = (struct ms_unpacked){ 0 };
    if (filter == FLATE)
        ms_unpack(p->f, data, MS_ZLIB, p->recent[OBJECT_STREAM] ? (size_t)OBJECT_STREAM_MOST : SIZE_MAX, out);
    else if (fits(filter, data) && ms_file_spend(p->f, data.n))
        (filter == HEX ? undo_hex : undo_base85)(data, &out->out);
}

/* *u becomes what comes out of it, when the data are of that filter. */
static bool undo_next(struct pdf *p, enum filter filter, struct ms_bytes data, struct ms_unpacked *u)
{
    struct ms_unpacked next;
    undo_filter(p, filter, data, &next);
    if (next.out.n == 0) {
        ms_buffer_finish(&next.out);
        return false;
    }
    ms_buffer_finish(&u->out);
    *u = next;
    return true;
}

/* Filters of a stream undone, in their order; the name of one that was not used says nothing. When none was, perhaps it stands in another object, and
 * nearly always it is the one that packs. True when *u has what comes out. */
static bool undo_filters(struct pdf *p, struct ms_bytes data, struct ms_unpacked *u)
{
    bool undone = false;
    for (size_t i = 0; i < p->filter_count; i++)
        undone |= undo_next(p, p->filters[i], undone ? ms_buffer_bytes(&u->out) : data, u);
    return undone || undo_next(p, FLATE, data, u);
}

static void look_at_stream(struct pdf *p, struct ms_bytes data)
{
    bool               objects = p->recent[OBJECT_STREAM], file = p->recent[EMBEDDED];
    struct ms_unpacked u = { 0 };
    struct ms_inner    inner = { .name = MS_LIT("embedded"), .bytes = data, .around = MS_IN_DOCUMENT, .siblings = 1 };
    if (p->within || (!objects && !file))
        return;
    if (undo_filters(p, data, &u))
        inner.bytes = ms_buffer_bytes(&u.out);
    if (file && !objects)
        ms_file_inner_slice(p->f, inner);
    p->within = true;
    if (objects)
        scan(p, inner.bytes);
    p->within = false;
    ms_buffer_finish(&u.out);
}

static void begin_object(struct pdf *p)
{
    memset(p->recent, 0, sizeof p->recent);
    p->filter_count = 0;
}

/* At "stream": what stands up to "endstream" is looked at and passed over. */
static size_t pass_stream(struct pdf *p, struct ms_bytes b)
{
    size_t start = ms_at(b, 6) == '\r' ? 8 : 7;
    struct ms_bytes rest = ms_tail(b, start);
    const uint8_t  *end = rest.n ? memmem(rest.p, rest.n, "endstream", 9) : NULL;
    struct ms_bytes data = end ? ms_head(rest, (size_t)(end - rest.p)) : rest;
    look_at_stream(p, data);
    begin_object(p);
    return start + data.n + (end ? 9 : 0);
}

static bool begins_stream(struct ms_bytes b) { return ms_has_at(b, 0, MS_LIT("stream")) && (ms_at(b, 6) == '\r' || ms_at(b, 6) == '\n'); }

static void scan(struct pdf *p, struct ms_bytes b)
{
    static const bool begins[256] = { ['/'] = true, ['s'] = true, ['e'] = true }; /* what is looked at below */
    for (size_t i = 0; i < b.n;) {
        uint8_t c = b.p[i];
        if (!begins[c])
            while (++i < b.n && !begins[b.p[i]])
                ;
        else if (c == '/')
            i += 1 + look_at_name(p, ms_tail(b, i + 1));
        else if (c == 's' && begins_stream(ms_slice(b, i, 7)))
            i += pass_stream(p, ms_tail(b, i));
        else {
            if (c == 'e' && ms_has_at(b, i, MS_LIT("endobj")))
                begin_object(p);
            i++;
        }
    }
}

static void tell(const struct pdf *p)
{
    static const struct ms_bytes none = { NULL, 0 };
    bool script = p->counts[JS] || p->counts[JAVASCRIPT];
    if (script)
        ms_file_sign(p->f, p->counts[OPEN_ACTION] ? MS_SIGN_PDF_SCRIPT_OPENS : MS_SIGN_PDF_SCRIPT, none);
    if (p->counts[LAUNCH])
        ms_file_sign(p->f, MS_SIGN_PDF_LAUNCH, none);
    if (p->counts[EMBEDDED])
        ms_file_sign(p->f, MS_SIGN_PDF_FILE, none);
    if (p->counts[RICH_MEDIA])
        ms_file_sign(p->f, MS_SIGN_PDF_MEDIA, none);
    if (p->hidden)
        ms_file_sign(p->f, MS_SIGN_PDF_HIDDEN, none);
    if (p->counts[ENCRYPT])
        ms_file_sign(p->f, MS_SIGN_PDF_ENCRYPTED, none);
}

/* A name that only begins so, as one of what is encrypted does, is another. */
static bool is_encrypted(struct ms_bytes b)
{
    for (const uint8_t *p; b.n && (p = memmem(b.p, b.n, "/Encrypt", 8)) != NULL;) {
        b = ms_tail(b, (size_t)(p - b.p) + 8);
        struct ms_bytes behind = skip_blanks(ms_head(b, NEAR));
        if (ends_name(ms_at(b, 0)) && (ms_at(behind, 0) == '<' || ms_is_digit(ms_at(behind, 0))))
            return true;
    }
    return false;
}

void ms_pdf_look(const struct ms_file *f)
{
    struct ms_bytes b = f->piece->bytes;
    struct pdf      p = { .f = f, .encrypted = is_encrypted(b) };
    scan(&p, b);
    tell(&p);
}
