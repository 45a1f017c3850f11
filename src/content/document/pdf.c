/* content/document/pdf.c - PDF by its names: actions that start by themselves, scripts, programs to launch, files inside, links.
 *
 * Not a parser of objects: names are read wherever they stand (with #xx undone), in the file and in object streams, and what stands behind some
 * of them. That finds them in damaged and in repaired files alike.
 * Limits   STRINGS links and file names a file; object streams are unpacked from the budget; streams of other kinds are passed over.         */
#include "content/document/pdf.h"

enum { NEAR = 512, STRINGS = 2048, OBJECT_STREAM_MOST = 1 << 20, OBJECTS = 1 << 16, WORK = 8 << 20 };

enum word { JS, JAVASCRIPT, OPEN_ACTION, ADDITIONAL, LAUNCH, EMBEDDED, RICH_MEDIA, ENCRYPT, URI, FILE_NAME, FILE_NAME_UNICODE, REMOTE_GOTO,
            OBJECT_STREAM, ROOT, WORDS };
static const char *const words[WORDS] = {
    "JS", "JavaScript", "OpenAction", "AA", "Launch", "EmbeddedFile", "RichMedia", "Encrypt", "URI", "F", "UF", "GoToR", "ObjStm", "Root",
};

struct pdf {
    const struct ms_file *f;
    size_t                counts[WORDS];
    uint8_t               recent[WORDS]; /* how often, since the last stream, or the last object; 255 at most */
    size_t                strings; /* read */
    bool                  hidden, within; /* within: an object stream */
    bool                  encrypted;      /* its strings say nothing, unless they are plain */
    struct ms_bytes       head;           /* from where the value of this object begins to the end of the file, or of the object stream */
    uint32_t              number;         /* of this object; 0: none that is kept */
    struct ms_pdf         pieces;
};

/* ---- strings ------------------------------------------------------------------------------------------------------ */

/* The string that comes next, blanks before it skipped; empty when something else comes. UTF-16 becomes UTF-8. */
static struct ms_bytes read_string(struct ms_bytes b, uint8_t out[MS_PDF_STRING], char wide[MS_PDF_STRING])
{
    size_t i = 0;
    while (i < b.n && i < 64 && b.p[i] <= ' ')
        i++;
    b = ms_slice(b, i, 2 * MS_PDF_STRING);
    struct ms_bytes text = ms_has_at(b, 0, MS_LIT("<<")) ? ms_head(b, 0) : ms_pdf_string(b, out, MS_PDF_STRING);
    return ms_has_at(text, 0, MS_LIT("\xfe\xff")) ? ms_utf16_text(ms_tail(text, 2), true, wide, MS_PDF_STRING) : text;
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
    uint8_t text[MS_PDF_STRING];
    char    wide[MS_PDF_STRING];
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

static size_t look_at_name(struct pdf *p, struct ms_bytes b)
{
    char      name[MS_PDF_NAME + 1];
    bool      hidden;
    size_t    used = ms_pdf_name(b, name, &hidden);
    enum word word = word_of(name);
    if (word == WORDS)
        return used;
    p->counts[word]++;
    if (p->recent[word] < UINT8_MAX)
        p->recent[word]++;
    p->hidden |= hidden;
    look_behind(p, word, ms_tail(b, used));
    if (word == ROOT)
        ms_pdf_reference(ms_slice(b, used, NEAR), &p->pieces.root);
    return used;
}

/* ---- streams -------------------------------------------------------------------------------------------------------- */

static void scan(struct pdf *p, struct ms_bytes b);

static void keep_object(struct pdf *p, uint32_t number, struct ms_bytes head, struct ms_bytes stream)
{
    size_t n = p->pieces.objects.n / sizeof(struct ms_pdf_object);
    if (number == 0 || n == OBJECTS || p->encrypted)
        return;
    struct ms_pdf_object object = { number, (uint32_t)n, head, stream };
    ms_buffer_append(&p->pieces.objects, (struct ms_bytes){ (const uint8_t *)&object, sizeof object });
}

/* In an object stream numbers and places of all of them stand in front (ISO 32000-1 7.5.7). */
static void keep_objects(struct pdf *p, struct ms_bytes head, struct ms_bytes stream)
{
    struct ms_pdf       walk = { .f = p->f, .work = NEAR };
    double              first = ms_pdf_number(ms_pdf_get(&walk, head, "First"), 0);
    struct ms_bytes     list = ms_head(stream, first > 0 && first < OBJECT_STREAM_MOST ? (size_t)first : 0), values = ms_tail(stream, list.n);
    struct ms_pdf_token number, place;
    uint32_t            last = 0;
    size_t              from = 0;
    while (ms_pdf_next(&list, &number) && ms_pdf_next(&list, &place) && place.number >= 0 && place.number <= OBJECT_STREAM_MOST) {
        size_t to = (size_t)place.number;
        keep_object(p, last, ms_slice(values, from, to > from ? to - from : SIZE_MAX), ms_head(stream, 0));
        last = number.number > 0 && number.number < UINT32_MAX ? (uint32_t)number.number : 0;
        from = to;
    }
    keep_object(p, last, ms_tail(values, from), ms_head(stream, 0));
}

static void look_at_stream(struct pdf *p, struct ms_bytes head, struct ms_bytes data)
{
    bool               objects = p->recent[OBJECT_STREAM], file = p->recent[EMBEDDED];
    struct ms_unpacked u = { 0 };
    struct ms_inner    inner = { .name = MS_LIT("embedded"), .bytes = data, .around = MS_IN_DOCUMENT, .siblings = 1 };
    if (p->within || (!objects && !file))
        return;
    if (ms_pdf_unpack(p->f, head, data, objects ? (size_t)OBJECT_STREAM_MOST : SIZE_MAX, &u))
        inner.bytes = ms_buffer_bytes(&u.out);
    if (file && !objects)
        ms_file_inner_slice(p->f, inner);
    p->within = true;
    if (objects) {
        struct ms_bytes kept = ms_arena_keep(p->f->in->arena, inner.bytes); /* text is read at the end */
        scan(p, kept);
        keep_objects(p, head, kept);
    }
    p->within = false;
    ms_buffer_finish(&u.out);
}

static void begin_object(struct pdf *p, struct ms_bytes head)
{
    memset(p->recent, 0, sizeof p->recent);
    p->head = head;
    p->number = 0;
}

/* At "stream": what stands up to "endstream" is looked at and passed over. */
static size_t pass_stream(struct pdf *p, struct ms_bytes b)
{
    size_t start = ms_at(b, 6) == '\r' ? 8 : 7;
    struct ms_bytes rest = ms_tail(b, start);
    const uint8_t  *end = rest.n ? memmem(rest.p, rest.n, "endstream", 9) : NULL;
    struct ms_bytes data = end ? ms_head(rest, (size_t)(end - rest.p)) : rest;
    struct ms_bytes head = ms_head(p->head, p->head.n - b.n);
    keep_object(p, p->number, head, data);
    look_at_stream(p, head, data);
    begin_object(p, ms_tail(rest, data.n));
    return start + data.n + (end ? 9 : 0);
}

static bool begins_stream(struct ms_bytes b) { return ms_has_at(b, 0, MS_LIT("stream")) && (ms_at(b, 6) == '\r' || ms_at(b, 6) == '\n'); }

/* "12 0 " in front of "obj": 12; 0: something else. */
static uint32_t number_before(struct ms_bytes b, size_t at)
{
    enum { FAR = 24 };
    uint64_t        numbers[2] = { 0, 0 };
    struct ms_bytes rest = ms_trim(ms_slice(b, at > FAR ? at - FAR : 0, at > FAR ? FAR : at));
    for (size_t i = 0; i < 2; i++) {
        size_t n = rest.n;
        while (n > 0 && ms_is_digit(rest.p[n - 1]))
            n--;
        if (!ms_parse_u64(ms_tail(rest, n), &numbers[i]))
            return 0;
        rest = ms_trim(ms_head(rest, n));
    }
    return numbers[1] < UINT32_MAX ? (uint32_t)numbers[1] : 0;
}

/* "obj" and "endobj". */
static void at_border(struct pdf *p, struct ms_bytes b, size_t at)
{
    bool end = ms_has_at(b, at, MS_LIT("endobj")), start = ms_has_at(b, at, MS_LIT("obj")) && at > 0 && b.p[at - 1] <= ' ';
    if (!end && !start)
        return;
    if (p->number && !p->within)
        keep_object(p, p->number, ms_head(p->head, p->head.n - (b.n - at)), ms_head(b, 0));
    if (end)
        begin_object(p, ms_tail(b, at));
    p->head = ms_tail(b, at + 3); /* at "obj", what was seen stays: a comment may say so, too */
    p->number = start && !p->within ? number_before(b, at) : 0;
}

static void scan(struct pdf *p, struct ms_bytes b)
{
    static const bool begins[256] = { ['/'] = true, ['s'] = true, ['e'] = true, ['o'] = true }; /* what is looked at below */
    begin_object(p, b);
    for (size_t i = 0; i < b.n;) {
        uint8_t c = b.p[i];
        if (!begins[c])
            while (++i < b.n && !begins[b.p[i]])
                ;
        else if (c == '/')
            i += 1 + look_at_name(p, ms_tail(b, i + 1));
        else if (c == 's' && begins_stream(ms_slice(b, i, 7)))
            i += pass_stream(p, ms_tail(b, i));
        else
            at_border(p, b, i++);
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
        struct ms_bytes behind = ms_pdf_skip(ms_head(b, NEAR));
        if (ms_pdf_ends_name(ms_at(b, 0)) && (ms_at(behind, 0) == '<' || ms_is_digit(ms_at(behind, 0))))
            return true;
    }
    return false;
}

void ms_pdf_read(const struct ms_file *f, struct ms_buffer *text)
{
    struct ms_bytes b = f->piece->bytes;
    struct pdf      p = { .f = f, .encrypted = is_encrypted(b), .pieces = { .f = f, .work = WORK, .streams = f->in->limits->document_streams } };
    scan(&p, b);
    tell(&p);
    ms_pdf_sort(&p.pieces);
    ms_pdf_text(&p.pieces, f->in->limits->document_text_bytes, text);
    p.pieces.work = WORK; /* pages do not use up what pictures need */
    p.pieces.streams = f->in->limits->document_streams;
    ms_pdf_pictures(&p.pieces);
    ms_buffer_finish(&p.pieces.objects);
}

void ms_pdf_look(const struct ms_file *f)
{
    struct ms_buffer text = { 0 };
    ms_pdf_read(f, &text);
    ms_file_text(f, ms_buffer_bytes(&text));
    ms_buffer_finish(&text);
}
