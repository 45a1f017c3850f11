/* content/document/calendar.c - links and files in calendar objects (RFC 5545); and winmail.dat (MS-OXTNEF), attachments in a wrapping of Outlook's. */
#include "content/files.h"
#include "mail/base64.h"

enum { LINKS = 256, FILES = 64 };

/* ---- calendar ----------------------------------------------------------------------------------------------------------- */

/* Lines that are folded, joined; escapes ("\n", "\,") undone. */
static void unfold(struct ms_bytes b, struct ms_buffer *out)
{
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i], next = ms_at(b, i + 1);
        if (c == '\r' || (c == '\n' && i + 1 < b.n && ms_is_blank(next))) {
            i += c == '\n';
            continue;
        }
        bool escaped = c == '\\' && (ms_lower(next) == 'n' || next == ',' || next == ';' || next == '\\');
        uint8_t plain = escaped ? (ms_lower(next) == 'n' ? ' ' : next) : c;
        i += escaped;
        ms_buffer_append(out, (struct ms_bytes){ &plain, 1 });
    }
}

static void look_for_links(const struct ms_file *f, struct ms_bytes line)
{
    size_t links = 0;
    for (size_t i = 0, n; i < line.n && links < LINKS; i += n) {
        struct ms_bytes rest = ms_tail(line, i);
        n = 1;
        if (!ms_starts_nocase(rest, MS_LIT("http://")) && !ms_starts_nocase(rest, MS_LIT("https://")))
            continue;
        while (n < rest.n && n < 2000 && rest.p[n] > ' ' && rest.p[n] != 0x7f && !strchr("\"<>", rest.p[n]))
            n++;
        ms_file_link(f, ms_head(rest, n));
        links++;
    }
}

/* ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.exe:TVqQ... */
static void look_at_attachment(const struct ms_file *f, struct ms_bytes head, struct ms_bytes value)
{
    struct ms_buffer data = { 0 };
    struct ms_base64 d = ms_base64_start();
    size_t           at = ms_search_nocase(head, MS_LIT("FILENAME="));
    struct ms_bytes  name = ms_tail(head, at + 9);
    if (ms_search_nocase(head, MS_LIT("BASE64")) == head.n || !ms_file_spend(f, value.n))
        return;
    name = ms_head(name, ms_find(name, ';'));
    data.size = value.n / 4 * 3 + 2 * MS_BASE64_ROOM;
    data.p = ms_alloc(data.size);
    ms_base64_push(&d, value, &data);
    ms_base64_finish(&d, &data);
    ms_file_inner(f, &(struct ms_inner){ .name = name, .bytes = ms_buffer_bytes(&data), .around = MS_IN_MAIL });
    ms_buffer_finish(&data);
}

void ms_calendar_look(const struct ms_file *f)
{
    struct ms_buffer text = { 0 };
    size_t           files = 0;
    if (!ms_file_spend(f, f->piece->bytes.n))
        return;
    unfold(f->piece->bytes, &text);
    for (struct ms_bytes rest = ms_buffer_bytes(&text); rest.n;) {
        struct ms_bytes line = ms_head(rest, ms_find(rest, '\n'));
        size_t          colon = ms_find(line, ':');
        rest = ms_tail(rest, line.n + 1);
        if (ms_starts_nocase(line, MS_LIT("ATTACH")) && colon < line.n && files++ < FILES)
            look_at_attachment(f, ms_head(line, colon), ms_tail(line, colon + 1));
        look_for_links(f, line);
    }
    ms_buffer_finish(&text);
}

/* ---- winmail.dat ---------------------------------------------------------------------------------------------------------- */

enum { BEGIN = 0x9002, TITLE = 0x8010, DATA = 0x800f, PROPERTIES = 0x9005, NAME = 300 };
struct tnef { const struct ms_file *f; struct ms_bytes title, data, properties; bool open; };

/* The long name among the properties of an attachment (PidTagAttachLongFilename). */
static struct ms_bytes long_name(struct ms_bytes properties, char out[NAME])
{
    static const struct ms_bytes tags[] = { { (const uint8_t *)"\x1f\0\x07\x37\1\0\0\0", 8 }, { (const uint8_t *)"\x1e\0\x07\x37\1\0\0\0", 8 } };
    for (size_t i = 0; i < 2 && properties.n; i++) {
        const uint8_t *p = properties.p ? memmem(properties.p, properties.n, tags[i].p, tags[i].n) : NULL;
        if (!p)
            continue;
        struct ms_bytes rest = ms_tail(properties, (size_t)(p - properties.p) + 8), text = ms_slice(rest, 4, ms_le32_at(rest, 0));
        return i == 0 ? ms_utf16_text(text, false, out, NAME) : ms_head(text, ms_find(text, 0));
    }
    return (struct ms_bytes){ NULL, 0 };
}

static void close_attachment(struct tnef *t)
{
    char            text[NAME];
    struct ms_bytes name = long_name(t->properties, text);
    struct ms_inner inner = { .name = name.n ? name : ms_head(t->title, ms_find(t->title, 0)), .bytes = t->data, .around = MS_IN_MAIL };
    if (t->open && (inner.name.n || inner.bytes.n))
        ms_file_inner_slice(t->f, inner);
    *t = (struct tnef){ .f = t->f };
}

static void read_attribute(struct tnef *t, unsigned id, struct ms_bytes data)
{
    if (id == BEGIN) {
        close_attachment(t);
        t->open = true;
    }
    if (id == TITLE)
        t->title = data;
    if (id == DATA)
        t->data = data;
    if (id == PROPERTIES)
        t->properties = data;
}

void ms_tnef_look(const struct ms_file *f)
{
    struct tnef     t = { .f = f };
    struct ms_bytes rest = ms_tail(f->piece->bytes, 6);
    while (rest.n > 9 && ms_file_spend(f, 32)) { /* level, number, kind, length; data; checksum */
        size_t n = ms_le32(rest.p + 5);
        read_attribute(&t, ms_le16(rest.p + 1), ms_slice(rest, 9, n));
        rest = ms_tail(ms_tail(rest, 9), n);
        rest = ms_tail(rest, 2);
    }
    close_attachment(&t);
}
