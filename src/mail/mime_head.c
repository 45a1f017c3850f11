/* Header blocks: fields of the message and of its parts. */
#include "mail/mime_private.h"

enum field {
    FIELD_FROM, FIELD_TO, FIELD_CC, FIELD_SUBJECT, FIELD_DATE, FIELD_MESSAGE_ID, FIELD_REPLY_TO, FIELD_RETURN_PATH, FIELD_SENDER,
    FIELD_MIME_VERSION, FIELD_TYPE, FIELD_ENCODING, FIELD_DISPOSITION, FIELD_CONTENT_ID, FIELD_COUNT
};
static const struct ms_bytes field_names[FIELD_COUNT] = {
    [FIELD_FROM] = MS_WORD("from"), [FIELD_TO] = MS_WORD("to"), [FIELD_CC] = MS_WORD("cc"), [FIELD_SUBJECT] = MS_WORD("subject"),
    [FIELD_DATE] = MS_WORD("date"), [FIELD_MESSAGE_ID] = MS_WORD("message-id"), [FIELD_REPLY_TO] = MS_WORD("reply-to"),
    [FIELD_RETURN_PATH] = MS_WORD("return-path"), [FIELD_SENDER] = MS_WORD("sender"),
    [FIELD_MIME_VERSION] = MS_WORD("mime-version"), [FIELD_TYPE] = MS_WORD("content-type"),
    [FIELD_ENCODING] = MS_WORD("content-transfer-encoding"), [FIELD_DISPOSITION] = MS_WORD("content-disposition"),
    [FIELD_CONTENT_ID] = MS_WORD("content-id"),
};

enum { ODD_BYTES = 200 };
struct fields { struct ms_bytes value[FIELD_COUNT]; uint32_t seen; uint32_t odd; struct ms_bytes odd_field; };

static size_t name_length(struct ms_bytes line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] > ' ' && line.p[n] != ':' && line.p[n] != 127)
        n++;
    return n;
}

bool ms_mime_is_field(struct ms_bytes line)
{
    size_t n = name_length(line), colon = n;
    while (colon < line.n && ms_is_blank(line.p[colon])) /* RFC 5322 4.5: blanks before the colon */
        colon++;
    return n > 0 && colon < line.n && line.p[colon] == ':';
}

static void note_odd(struct fields *f, struct ms_bytes field, uint32_t odd)
{
    f->odd |= odd;
    if (odd && f->odd_field.n == 0)
        f->odd_field = field;
}

static void add_field(struct fields *f, struct ms_bytes field)
{
    static const enum ms_content_field kinds[FIELD_COUNT] = {
        [FIELD_TYPE] = MS_CONTENT_TYPE, [FIELD_ENCODING] = MS_CONTENT_ENCODING, [FIELD_DISPOSITION] = MS_CONTENT_DISPOSITION };
    struct ms_bytes name = ms_head(field, name_length(field)), value = ms_trim(ms_tail(field, ms_find(field, ':') + 1));
    if (ms_hides_content_field(field))
        note_odd(f, field, MS_MIME_ODD_FIELD);
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        if (!ms_equal_nocase(name, field_names[i]))
            continue;
        bool content = i == FIELD_TYPE || i == FIELD_ENCODING || i == FIELD_DISPOSITION;
        if (content)
            note_odd(f, field, ms_field_doubts(field, kinds[i]));
        if (f->seen & 1u << i) {
            f->odd |= MS_MIME_REPEATED_FIELD;
            note_odd(f, field, content && !ms_equal_nocase(value, f->value[i]) ? MS_MIME_ODD_FIELD : 0);
            return;
        }
        f->seen |= 1u << i;
        f->value[i] = value;
        return;
    }
}

/* Length of the field at the start of block, with its folded lines. */
static size_t field_length(struct ms_bytes block)
{
    size_t n = 0;
    do {
        n += ms_find(ms_tail(block, n), '\n');
        n += n < block.n;
    } while (n < block.n && ms_is_blank(block.p[n]));
    return n;
}

static void split(struct ms_bytes block, struct fields *f)
{
    while (block.n) {
        size_t n = field_length(block);
        add_field(f, ms_head(block, n));
        block = ms_tail(block, n);
    }
}

static uint32_t odd_bytes(struct ms_bytes block)
{
    struct ms_line_odd odd = { false, false, false };
    uint8_t            all = 0;
    for (size_t i = 0; i < block.n; i++)
        all |= block.p[i];
    for (size_t at = 0; at < block.n;)
        at += ms_scan_lines(ms_tail(block, at), '-', &odd);
    return (all & 0x80 ? MS_MIME_8BIT_HEADER : 0u) | (odd.nul ? MS_MIME_NUL : 0u) | (odd.bare_cr ? MS_MIME_BARE_CR : 0u) |
           (odd.bare_lf ? MS_MIME_BARE_LF : 0u);
}

/* In lower case; the usual words need no memory. */
static struct ms_bytes keep_lower(struct ms_arena *arena, struct ms_bytes b)
{
    static const struct ms_bytes usual[] = {
        MS_WORD("text/plain"), MS_WORD("text/html"), MS_WORD("base64"), MS_WORD("quoted-printable"), MS_WORD("7bit"), MS_WORD("8bit"),
        MS_WORD("utf-8"), MS_WORD("us-ascii"), MS_WORD("iso-8859-1"), MS_WORD("attachment"), MS_WORD("inline"),
        MS_WORD("multipart/mixed"), MS_WORD("multipart/alternative"), MS_WORD("application/octet-stream"),
    };
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (ms_equal_nocase(b, usual[i]))
            return usual[i];
    if (b.n == 0)
        return b;
    return ms_arena_lower(arena, b);
}

static enum ms_encoding encoding_of(struct ms_bytes name, uint32_t *odd)
{
    static const struct { struct ms_bytes name; enum ms_encoding encoding; } known[] = {
        { MS_WORD("base64"), MS_ENC_BASE64 }, { MS_WORD("quoted-printable"), MS_ENC_QUOTED }, { MS_WORD("7bit"), MS_ENC_IDENTITY },
        { MS_WORD("8bit"), MS_ENC_IDENTITY }, { MS_WORD("binary"), MS_ENC_IDENTITY }, { MS_WORD("x-uuencode"), MS_ENC_UUENCODE },
        { MS_WORD("uuencode"), MS_ENC_UUENCODE }, { MS_WORD("x-uue"), MS_ENC_UUENCODE }, { MS_WORD("uue"), MS_ENC_UUENCODE },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (ms_equal(name, known[i].name))
            return known[i].encoding;
    if (name.n)
        *odd |= MS_MIME_UNKNOWN_ENCODING;
    return MS_ENC_IDENTITY;
}

/* RFC 2045 5.2: what is no type/subtype counts as text/plain. */
static struct ms_bytes type_of(struct ms_arena *arena, struct ms_bytes value, bool digest)
{
    struct ms_bytes word = ms_header_word(value);
    size_t          slash = ms_find(word, '/');
    if (word.n == 0 && digest)
        return MS_LIT("message/rfc822");
    if (slash == 0 || slash + 1 >= word.n || ms_find(ms_tail(word, slash + 1), '/') != word.n - slash - 1)
        return MS_LIT("text/plain");
    return keep_lower(arena, word);
}

static void read_boundary(struct ms_arena *arena, struct ms_bytes type, struct ms_mime_info *info)
{
    struct ms_bytes boundary, charset;
    if (ms_header_param(type, MS_LIT("boundary"), arena, &boundary, &charset)) {
        while (boundary.n && ms_is_blank(boundary.p[boundary.n - 1]))
            boundary.n--;
        info->bounded = boundary.n <= MS_BOUNDARY_MAX;
        if (info->bounded)
            info->boundary = boundary;
    }
    info->multipart = true;
    info->part.odd |= info->boundary.n ? 0u : MS_MIME_NO_BOUNDARY;
}

bool ms_mime_opens(struct ms_bytes type) { return ms_is_one_of(type, "message/rfc822|message/global|message/news"); }

static void read_part(struct ms_arena *arena, struct fields *f, bool digest, struct ms_mime_info *info)
{
    struct ms_bytes type = ms_unfold(f->value[FIELD_TYPE], arena), disposition = ms_unfold(f->value[FIELD_DISPOSITION], arena);
    struct ms_part *part = &info->part;
    part->type = type_of(arena, type, digest);
    part->charset = keep_lower(arena, ms_header_word(ms_header_param_text(type, MS_LIT("charset"), MS_LIT(""), arena)));
    struct ms_bytes name = ms_header_param_text(type, MS_LIT("name"), part->charset, arena);
    part->filename = ms_header_param_text(disposition, MS_LIT("filename"), part->charset, arena);
    if (part->filename.n == 0)
        part->filename = name;
    else if (ms_names_differ(name, part->filename))
        note_odd(f, f->value[FIELD_DISPOSITION], MS_MIME_TWO_NAMES);
    part->disposition = keep_lower(arena, ms_header_word(disposition));
    part->encoding = keep_lower(arena, ms_header_word(ms_unfold(f->value[FIELD_ENCODING], arena)));
    part->content_id = ms_arena_keep(arena, ms_unfold(f->value[FIELD_CONTENT_ID], arena));
    part->odd |= f->odd;
    part->odd_field = ms_arena_keep(arena, ms_head(ms_trim(f->odd_field), ODD_BYTES));
    info->encoding = encoding_of(part->encoding, &part->odd);
    info->message = ms_mime_opens(part->type);
    info->digest = ms_equal(part->type, MS_LIT("multipart/digest"));
    if (ms_starts_nocase(part->type, MS_LIT("multipart/")))
        read_boundary(arena, type, info);
}

static void read_message(struct ms_mime *m, const struct fields *f, struct ms_bytes charset)
{
    struct ms_headers *h = &m->headers;
    const struct { struct ms_bytes *to; enum field from; } rows[] = {
        { &h->from, FIELD_FROM }, { &h->to, FIELD_TO }, { &h->cc, FIELD_CC }, { &h->subject, FIELD_SUBJECT },
        { &h->date, FIELD_DATE }, { &h->message_id, FIELD_MESSAGE_ID }, { &h->reply_to, FIELD_REPLY_TO },
        { &h->return_path, FIELD_RETURN_PATH },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (f->value[rows[i].from].n)
            *rows[i].to = ms_decode_header_as(f->value[rows[i].from], charset, m->arena);
}

void ms_mime_head_read(struct ms_mime_stream *st, bool digest, struct ms_mime_info *out)
{
    struct fields   f = { .odd = st->head_odd };
    struct ms_bytes block = ms_buffer_bytes(&st->head);
    split(block, &f);
    f.odd |= odd_bytes(block);
    *out = (struct ms_mime_info){ .boundary = { NULL, 0 } };
    read_part(st->m->arena, &f, digest, out);
    if (!st->root || st->depth || st->level_n)
        return;
    if (block.n == 0 && !st->head_full)
        out->part.odd |= MS_MIME_EMPTY;
    read_message(st->m, &f, out->part.charset);
}
