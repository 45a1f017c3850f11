/* mail/charset.c - bytes of any charset to UTF-8.
 *
 * UTF-8, US-ASCII, Latin-1 and windows-1252 are read here; the others through iconv, by names from charsets.def only: a label of
 * the wire never reaches iconv_open(). What says US-ASCII or nothing known, but has high bytes, is read as UTF-8 when it is valid,
 * else as windows-1252, of which Latin-1 is the part that mail uses.
 * Memory   the result is at most 4 times the input, plus a few bytes.
 *
 * BUGS     opens an iconv descriptor for each call. UTF-16 without a byte order mark is guessed from where its zero bytes stand.  */
#include "base/text.h"
#include "mail/mime.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>

enum kind { UTF8, ASCII, CP1252, ICONV, JIS, HZ, UTF16, UNKNOWN };
struct charset { const char *label; enum kind kind; char name[20]; };

enum { LABEL_MAX = 40, FLUSH = 4096 };

/* ---- labels -------------------------------------------------------------------------------------------------- */

static const struct charset known[] = {
#define X(label, kind, name) { label, kind, name },
#include "mail/charsets.def"
#undef X
};

/* Lower case, letters and digits only; the language of RFC 2231 ("utf-8*en") cut off. */
static void normalise(struct ms_bytes label, char out[LABEL_MAX])
{
    size_t n = 0;
    label = ms_head(label, ms_find(label, '*'));
    for (size_t i = 0; i < label.n && n < LABEL_MAX - 1; i++) {
        uint8_t c = ms_lower(label.p[i]);
        if (ms_is_digit(c) || (c >= 'a' && c <= 'z'))
            out[n++] = (char)c;
    }
    out[n] = 0;
}

/* "windows1251", "win1251", "xcp1251", "ibm850", "850", "iso88592" and the like. */
static bool find_code_page(const char *label, struct charset *out)
{
    static const char *const prefixes[] = { "x", "windows", "win", "cp", "ibm", "ms", "dos", "ansi", "iso8859" };
    static const unsigned pages[] = { 437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874, 932,
                                      949, 1125, 1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258 };
    bool iso = false;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t n = strlen(prefixes[i]);
        if (strncmp(label, prefixes[i], n) == 0) {
            label += n;
            iso = i == sizeof prefixes / sizeof *prefixes - 1;
        }
    }
    uint64_t number = 0;
    if (!ms_parse_u64(ms_str(label), &number))
        return false;
    if (iso && number >= 2 && number <= 16 && number != 12) {
        snprintf(out->name, sizeof out->name, "ISO-8859-%u", (unsigned)number);
        return true;
    }
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (!iso && pages[i] == number) {
            snprintf(out->name, sizeof out->name, "CP%u", pages[i]);
            return true;
        }
    return false;
}

static struct charset find_charset(struct ms_bytes label)
{
    char           plain[LABEL_MAX];
    struct charset other = { "", ICONV, "" };
    normalise(label, plain);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].label, plain) == 0)
            return known[i];
    if (!find_code_page(plain, &other))
        other.kind = UNKNOWN;
    return other;
}

bool ms_charset_known(struct ms_bytes label) { return label.n && find_charset(label).kind != UNKNOWN; }

/* ---- read here ----------------------------------------------------------------------------------------------- */

static size_t ascii_run(struct ms_bytes b, size_t i)
{
    for (uint64_t w; i + 8 <= b.n; i += 8) {
        memcpy(&w, b.p + i, sizeof w);
        if (w & 0x8080808080808080)
            break;
    }
    while (i < b.n && b.p[i] < 0x80)
        i++;
    return i;
}

static size_t utf8_run(struct ms_bytes b, size_t i) /* where valid UTF-8 ends */
{
    for (size_t n = 1; n; i += n) {
        uint32_t cp;
        i = ascii_run(b, i);
        n = ms_utf8_sequence(ms_tail(b, i), &cp);
    }
    return i;
}

/* Bytes that one U+FFFD stands for: the longest start of a valid sequence, else one (Unicode 3.9, U+FFFD substitution). */
static size_t broken_run(struct ms_bytes b)
{
    uint8_t c = ms_at(b, 0), low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80, high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    size_t  most = c < 0xc2 || c > 0xf4 ? 1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3, n = 1;
    for (; n < most && n < b.n && b.p[n] >= low && b.p[n] <= high; n++) {
        low = 0x80;
        high = 0xbf;
    }
    return n;
}

static void add_replacement(struct ms_buffer *t) { ms_text_str(t, "\xef\xbf\xbd"); }

static struct ms_bytes keep_and_finish(struct ms_buffer *t, struct ms_arena *arena)
{
    struct ms_bytes kept = ms_arena_keep(arena, ms_buffer_bytes(t));
    ms_buffer_finish(t);
    return kept;
}

static struct ms_bytes from_utf8(struct ms_bytes raw, struct ms_arena *arena)
{
    size_t at = utf8_run(raw, 0);
    if (at == raw.n)
        return ms_arena_keep(arena, raw);
    struct ms_buffer t = { 0 };
    for (size_t start = 0; start < raw.n; at = utf8_run(raw, start)) {
        ms_text_add(&t, ms_slice(raw, start, at - start));
        if (at < raw.n)
            add_replacement(&t);
        start = at < raw.n ? at + broken_run(ms_tail(raw, at)) : at;
    }
    return keep_and_finish(&t, arena);
}

static struct ms_bytes from_cp1252(struct ms_bytes raw, struct ms_arena *arena)
{
    static const uint16_t c1[32] = { /* the five that windows-1252 leaves open stay C1 */
        0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
        0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
    };
    size_t high = ascii_run(raw, 0);
    if (high == raw.n)
        return ms_arena_keep(arena, raw);
    struct ms_buffer t = { 0 };
    for (size_t start = 0; start < raw.n; high = ascii_run(raw, start)) {
        ms_text_add(&t, ms_slice(raw, start, high - start));
        for (start = high; start < raw.n && raw.p[start] >= 0x80; start++) {
            uint8_t  c = raw.p[start];
            unsigned cp = c < 0xa0 ? c1[c - 0x80] : c;
            if (cp >= 0x800)
                ms_text_char(&t, (char)(0xe0 | cp >> 12));
            ms_text_char(&t, (char)(cp >= 0x800 ? 0x80 | (cp >> 6 & 63) : 0xc0 | cp >> 6));
            ms_text_char(&t, (char)(0x80 | (cp & 63)));
        }
    }
    return keep_and_finish(&t, arena);
}

static struct ms_bytes from_unknown(struct ms_bytes raw, struct ms_arena *arena)
{
    return utf8_run(raw, 0) == raw.n ? ms_arena_keep(arena, raw) : from_cp1252(raw, arena);
}

/* ---- through iconv ------------------------------------------------------------------------------------------- */

/* Bytes to skip where the converter cannot go on. In double-byte charsets a second high byte belongs to the first one; an ASCII
 * byte does not: it may be the end of the text that the broken character stands in. */
static size_t broken_unit(const char *name, struct ms_bytes in)
{
    if (strncmp(name, "UTF-", 4) == 0)
        return strncmp(name + 4, "16", 2) == 0 ? 2 : strncmp(name + 4, "32", 2) == 0 ? 4 : 1;
    static const char *const wide[] = { "EUC-", "BIG5", "GB18030", "CP9", "JOHAB" };
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (strncmp(name, wide[i], strlen(wide[i])) == 0 && ms_at(in, 0) >= 0x80 && ms_at(in, 1) >= 0x80)
            return 2;
    return 1;
}

/* One call of iconv() into the buffer. True while it may go on; false at the end. */
static bool convert_some(iconv_t cd, struct ms_bytes *in, struct ms_buffer *t, const char *name)
{
    char   out[FLUSH], *to = out, *from = (char *)(uintptr_t)in->p; /* iconv() does not write to its input */
    size_t room = sizeof out, left = in->n;
    bool   failed = iconv(cd, in->n ? &from : NULL, in->n ? &left : NULL, &to, &room) == (size_t)-1;
    int    why = failed ? errno : 0;
    ms_text_add(t, (struct ms_bytes){ (const uint8_t *)out, sizeof out - room });
    bool ended = in->n == 0;
    *in = ms_tail(*in, in->n - left);
    if (ended)
        return why == E2BIG;
    if (why && (why != E2BIG || room == sizeof out)) { /* invalid, or cut at the end */
        add_replacement(t);
        *in = ms_tail(*in, why == EINVAL ? in->n : broken_unit(name, *in));
    }
    return true;
}

static struct ms_bytes from_iconv(struct ms_bytes raw, const char *name, struct ms_arena *arena)
{
    iconv_t cd = iconv_open("UTF-8", name);
    if (cd == (iconv_t)-1) /* a C library without its converters */
        return from_unknown(raw, arena);
    struct ms_buffer t = { 0 };
    while (convert_some(cd, &raw, &t, name))
        ;
    iconv_close(cd);
    struct ms_bytes text = keep_and_finish(&t, arena);
    return utf8_run(text, 0) == text.n ? text : from_utf8(text, arena); /* whatever the converter did */
}

static struct ms_bytes from_utf16(struct ms_bytes raw, struct ms_arena *arena)
{
    size_t zeros[2] = { 0, 0 };
    for (size_t i = 0; i < raw.n; i++)
        zeros[i & 1] += raw.p[i] == 0;
    unsigned mark = raw.n >= 2 ? ms_be16(raw.p) : 0;
    bool     little = mark == 0xfffe || (mark != 0xfeff && zeros[1] > zeros[0]); /* RFC 2781 section 4.3: else big */
    if (mark == 0xfffe || mark == 0xfeff)
        raw = ms_tail(raw, 2);
    return from_iconv(raw, little ? "UTF-16LE" : "UTF-16BE", arena);
}

/* ISO-2022-JP (RFC 1468) as EUC-JP, because mailers put characters into it that only the supersets of EUC-JP know. Line ends go
 * back to ASCII. */
static struct ms_bytes from_jis(struct ms_bytes raw, struct ms_arena *arena)
{
    struct ms_buffer euc = { 0 };
    char             set = 'B'; /* B: ASCII, I: half-width kana, $: JIS X 0208, D: JIS X 0212 */
    for (size_t i = 0; i < raw.n; i++) {
        struct ms_bytes rest = ms_tail(raw, i + 1);
        uint8_t         c = raw.p[i];
        bool            graphic = c > 0x20 && c < 0x7f;
        if (c == 0x1b && (ms_at(rest, 0) == '(' || ms_at(rest, 0) == '$') && rest.n > 1) {
            bool extra = ms_starts_nocase(rest, MS_LIT("$(")) && rest.n > 2;
            set = (char)(rest.p[0] == '(' ? (rest.p[1] == 'I' ? 'I' : 'B') : extra && rest.p[2] == 'D' ? 'D' : '$');
            i += extra ? 3 : 2;
        } else if (set == 'I' && graphic && c < 0x60) {
            ms_text_char(&euc, (char)0x8e);
            ms_text_char(&euc, (char)(c | 0x80));
        } else if ((set == '$' || set == 'D') && graphic) {
            if (set == 'D')
                ms_text_char(&euc, (char)0x8f);
            ms_text_char(&euc, (char)(c | 0x80));
            if (rest.n && rest.p[0] > 0x20 && rest.p[0] < 0x7f)
                ms_text_char(&euc, (char)(raw.p[++i] | 0x80));
        } else {
            ms_text_char(&euc, (char)c);
            set = c == '\n' ? 'B' : set;
        }
    }
    struct ms_bytes text = from_iconv(ms_buffer_bytes(&euc), "EUC-JP-MS", arena);
    ms_buffer_finish(&euc);
    return text;
}

/* HZ (RFC 1843) as GB 2312 with high bits: ~{ and ~} switch, ~~ is a tilde, ~ at a line end joins lines. */
static struct ms_bytes from_hz(struct ms_bytes raw, struct ms_arena *arena)
{
    struct ms_buffer gb = { 0 };
    bool             chinese = false;
    for (size_t i = 0; i < raw.n; i++) {
        uint8_t c = raw.p[i], next = ms_at(raw, i + 1);
        if (c == '~' && (next == '{' || next == '}' || next == '\n')) {
            chinese = next == '{';
            i++;
        } else if (c == '~' && next == '~' && !chinese) {
            ms_text_char(&gb, '~');
            i++;
        } else {
            chinese = chinese && c != '\n';
            ms_text_char(&gb, (char)(chinese && c > 0x20 && c < 0x7f ? c | 0x80 : c));
        }
    }
    struct ms_bytes text = from_iconv(ms_buffer_bytes(&gb), "GB18030", arena);
    ms_buffer_finish(&gb);
    return text;
}

struct ms_bytes ms_charset_to_utf8(struct ms_bytes raw, struct ms_bytes charset, struct ms_arena *arena)
{
    if (raw.n == 0)
        return (struct ms_bytes){ NULL, 0 };
    struct charset c = find_charset(charset);
    switch (c.kind) {
    case UTF8:   return from_utf8(raw, arena);
    case CP1252: return from_cp1252(raw, arena);
    case ICONV:  return from_iconv(raw, c.name, arena);
    case JIS:    return from_jis(raw, arena);
    case HZ:     return from_hz(raw, arena);
    case UTF16:  return from_utf16(raw, arena);
    case ASCII: case UNKNOWN: break;
    }
    return from_unknown(raw, arena);
}
