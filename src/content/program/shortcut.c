/* content/program/shortcut.c - files that point to something: .lnk (MS-SHLLINK), and those that are text (.url, .scf, .library-ms, .iqy, ...). */
#include "content/program/vocabulary.h"

enum { HEADER = 76, HAS_LIST = 1, HAS_INFO = 2, WIDE = 0x80, STRINGS = 5, TARGET = 1024, SCANNED = 65536 };

/* The strings in their order; flag bits 4 to 0x40. */
enum { NAME, RELATIVE, FOLDER, ARGUMENTS, ICON };
struct link { struct ms_bytes strings[STRINGS]; char text[STRINGS][TARGET]; };

static void read_strings(struct link *l, struct ms_bytes b, unsigned flags)
{
    struct ms_cur c = { b, false };
    for (unsigned i = 0; i < STRINGS; i++) {
        if (!(flags >> (2 + i) & 1))
            continue;
        struct ms_bytes count = ms_take(&c, 2), raw = { NULL, 0 };
        if (count.n)
            raw = ms_take(&c, (size_t)ms_le16(count.p) * (flags & WIDE ? 2 : 1));
        l->strings[i] = flags & WIDE ? ms_utf16_text(raw, false, l->text[i], TARGET) : ms_head(raw, TARGET);
    }
}

/* The file without its NULs: UTF-16 and other text alike. */
static void narrow(struct ms_bytes b, struct ms_buffer *out)
{
    b = ms_head(b, SCANNED);
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i])
            ms_buffer_append(out, ms_slice(b, i, 1));
}

/* ---- targets ------------------------------------------------------------------------------------------------------ */

static bool is_host_byte(uint8_t c) { return ms_is_digit(c) || (ms_lower(c) >= 'a' && ms_lower(c) <= 'z') || c == '.' || c == '-' || c == '@' || c == '_'; }

/* "\\host\..." or "file://host/": how long; 0 when it is none. */
static size_t share_at(struct ms_bytes b)
{
    size_t start = ms_starts_nocase(b, MS_LIT("file:")) ? 5 : 0, n = start;
    while (ms_at(b, n) == '\\' || (start && ms_at(b, n) == '/'))
        n++;
    size_t slashes = n - start, host = n;
    while (n < b.n && is_host_byte(b.p[n]))
        n++;
    if ((slashes != 2 && !(start && slashes > 3)) || n - host < 3 || (ms_at(b, n) != '\\' && !(start && ms_at(b, n) == '/')))
        return 0;
    while (n < b.n && b.p[n] > ' ' && !strchr("\"'<>|", b.p[n]))
        n++;
    return n;
}

static struct ms_bytes url_at(struct ms_bytes b)
{
    size_t n = 0;
    if (!ms_starts_nocase(b, MS_LIT("http://")) && !ms_starts_nocase(b, MS_LIT("https://")))
        return (struct ms_bytes){ NULL, 0 };
    while (n < b.n && n < 2000 && b.p[n] > ' ' && b.p[n] < 0x7f && !strchr("\"'<>|", b.p[n]))
        n++;
    return ms_head(b, n);
}

/* Shares and links anywhere in the text; true when there was a share. */
static bool look_for_targets(const struct ms_file *f, struct ms_bytes text)
{
    bool shared = false;
    for (size_t i = 0, links = 0; i < text.n; i++) {
        struct ms_bytes rest = ms_slice(text, i, 2048);
        uint8_t         c = ms_lower(text.p[i]);
        size_t          n = c == '\\' || c == 'f' ? share_at(rest) : 0;
        if (n && !shared)
            ms_file_sign(f, MS_SIGN_SHORTCUT_REMOTE, ms_head(rest, n));
        shared |= n > 0;
        struct ms_bytes url = c == 'h' && links < 64 ? url_at(rest) : (struct ms_bytes){ NULL, 0 };
        links += url.n > 0;
        ms_file_link(f, url);
        i += n ? n - 1 : url.n ? url.n - 1 : 0;
    }
    return shared;
}

/* ---- .lnk ---------------------------------------------------------------------------------------------------------- */

static struct ms_bytes evidence_of(const struct link *l, char *out, size_t size)
{
    struct ms_bytes pieces[] = { l->strings[RELATIVE], l->strings[ARGUMENTS], l->strings[ICON] };
    size_t          n = 0;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (pieces[i].n == 0 || n + pieces[i].n + 1 > size)
            continue;
        if (n)
            out[n++] = ' ';
        memcpy(out + n, pieces[i].p, pieces[i].n);
        n += pieces[i].n;
    }
    return (struct ms_bytes){ (const uint8_t *)out, n };
}

void ms_lnk_look(const struct ms_file *f)
{
    struct ms_bytes  b = f->piece->bytes;
    unsigned         flags = ms_le32_at(b, 20);
    size_t           at = HEADER;
    struct link     *l = ms_alloc(sizeof *l);
    struct ms_buffer text = { 0 };
    char             told[STRINGS * TARGET];
    if (flags & HAS_LIST)
        at += 2u + ms_le16_at(b, at);
    if (flags & HAS_INFO)
        at += at < b.n ? ms_le32_at(b, at) : 0u;
    read_strings(l, ms_tail(b, at), flags);
    struct ms_bytes evidence = evidence_of(l, told, sizeof told);
    ms_file_sign(f, MS_SIGN_SHORTCUT, evidence);
    narrow(b, &text);
    if (ms_vocabulary_find(ms_buffer_bytes(&text), ms_command_words, ms_command_count))
        ms_file_sign(f, MS_SIGN_SHORTCUT_COMMAND, evidence);
    look_for_targets(f, ms_buffer_bytes(&text));
    ms_buffer_finish(&text);
    ms_free(l);
}

/* ---- text ------------------------------------------------------------------------------------------------------------ */

static struct ms_bytes value_of(struct ms_bytes text, struct ms_bytes key)
{
    size_t at = ms_search_nocase(text, key);
    if (at == text.n)
        return (struct ms_bytes){ NULL, 0 };
    struct ms_bytes value = ms_tail(text, at + key.n);
    return ms_trim(ms_head(value, ms_find(value, '\n')));
}

void ms_text_shortcut_look(const struct ms_file *f)
{
    struct ms_buffer text = { 0 };
    narrow(f->piece->bytes, &text);
    struct ms_bytes   b = ms_buffer_bytes(&text), target = value_of(b, MS_LIT("URL="));
    enum ms_extension kind = ms_extension_of(ms_head(target, ms_find(target, '?')));
    look_for_targets(f, b);
    if (kind == MS_EXT_PROGRAM || kind == MS_EXT_SCRIPT || kind == MS_EXT_SHORTCUT || kind == MS_EXT_DISK)
        ms_file_sign(f, MS_SIGN_SHORTCUT_COMMAND, target);
    struct ms_bytes run = value_of(b, MS_LIT("\nExec="));
    if (run.n == 0)
        run = value_of(b, MS_LIT("<DeepLink>"));
    if (ms_vocabulary_find(run, ms_command_words, ms_command_count))
        ms_file_sign(f, MS_SIGN_SHORTCUT_COMMAND, run);
    ms_buffer_finish(&text);
}
