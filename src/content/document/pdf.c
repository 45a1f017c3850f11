/* content/document/pdf.c - PDF by its names: actions that start by themselves, scripts, programs to launch, files inside, links.
 *
 * Not a parser of objects: names are read wherever they stand (with #xx undone), in the file and in object streams, and what stands behind some
 * of them. That finds them in damaged and in repaired files alike.
 * Limits   STRINGS links and file names a file; object streams are unpacked from the budget; streams of other kinds are passed over.         */
#include "content/document/pdf.h"

enum { NEAR = 512, STRINGS = 2048, OBJECT_STREAM_MOST = 1 << 20 };

enum word { JS, JAVASCRIPT, OPEN_ACTION, ADDITIONAL, LAUNCH, EMBEDDED, RICH_MEDIA, ENCRYPT, URI, FILE_NAME, FILE_NAME_UNICODE, REMOTE_GOTO,
            OBJECT_STREAM, WORDS };
static const char *const words[WORDS] = {
    "JS", "JavaScript", "OpenAction", "AA", "Launch", "EmbeddedFile", "RichMedia", "Encrypt", "URI", "F", "UF", "GoToR", "ObjStm",
};

struct pdf {
    const struct ms_file *f;
    size_t                counts[WORDS];
    uint8_t               recent[WORDS]; /* how often, since the last stream, or the last object; 255 at most */
    size_t                strings; /* read */
    bool                  hidden, within; /* within: an object stream */
    bool                  encrypted;      /* its strings say nothing, unless they are plain */
    struct ms_bytes       head;           /* from where the value of this object begins to the end of the file, or of the object stream */
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
    return used;
}

/* ---- streams -------------------------------------------------------------------------------------------------------- */

static void scan(struct pdf *p, struct ms_bytes b);

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
    if (objects)
        scan(p, inner.bytes);
    p->within = false;
    ms_buffer_finish(&u.out);
}

static void begin_object(struct pdf *p, struct ms_bytes head)
{
    memset(p->recent, 0, sizeof p->recent);
    p->head = head;
}

/* At "stream": what stands up to "endstream" is looked at and passed over. */
static size_t pass_stream(struct pdf *p, struct ms_bytes b)
{
    size_t start = ms_at(b, 6) == '\r' ? 8 : 7;
    struct ms_bytes rest = ms_tail(b, start);
    const uint8_t  *end = rest.n ? memmem(rest.p, rest.n, "endstream", 9) : NULL;
    struct ms_bytes data = end ? ms_head(rest, (size_t)(end - rest.p)) : rest;
    look_at_stream(p, ms_head(p->head, p->head.n - b.n), data);
    begin_object(p, ms_tail(rest, data.n));
    return start + data.n + (end ? 9 : 0);
}

static bool begins_stream(struct ms_bytes b) { return ms_has_at(b, 0, MS_LIT("stream")) && (ms_at(b, 6) == '\r' || ms_at(b, 6) == '\n'); }

/* "obj" and "endobj". */
static void at_border(struct pdf *p, struct ms_bytes b, size_t at)
{
    if (ms_has_at(b, at, MS_LIT("obj")) && at > 0 && b.p[at - 1] <= ' ')
        p->head = ms_tail(b, at + 3); /* what was seen stays: a comment may say so, too */
    else if (ms_has_at(b, at, MS_LIT("endobj")))
        begin_object(p, ms_tail(b, at));
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

void ms_pdf_look(const struct ms_file *f)
{
    struct ms_bytes b = f->piece->bytes;
    struct pdf      p = { .f = f, .encrypted = is_encrypted(b) };
    scan(&p, b);
    tell(&p);
}
