/* content/document/ooxml.c - Office documents that are ZIP archives, and OpenDocument: macros, what they fetch from elsewhere, fields, embedded files.
 *
 * XML is read as far as it takes: elements by name, attributes in either kind of quotes, five entities.                 */
#include "content/archive/zip.h"
#include "content/document/office.h"
#include "content/program/vocabulary.h"

enum { VALUE = 1024 };

/* ---- XML --------------------------------------------------------------------------------------------------------- */

static bool is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* The next tag: its name without a prefix, and what stands behind the name. False at the end. */
static bool next_tag(struct ms_bytes *rest, struct ms_bytes *name, struct ms_bytes *inside)
{
    *rest = ms_tail(*rest, ms_find(*rest, '<') + 1);
    if (rest->n == 0)
        return false;
    struct ms_bytes tag = ms_head(*rest, ms_find(*rest, '>'));
    size_t          n = 0, start = 0;
    for (; n < tag.n && n < 80 && !is_space(tag.p[n]) && (tag.p[n] != '/' || n == 0); n++)
        start = tag.p[n] == ':' ? n + 1 : start;
    *name = ms_slice(tag, start, n - start);
    *inside = ms_tail(tag, n);
    *rest = ms_tail(*rest, tag.n + 1);
    return true;
}

static bool next_element(struct ms_bytes *rest, const char *name, struct ms_bytes *inside)
{
    struct ms_bytes found;
    while (next_tag(rest, &found, inside))
        if (ms_equal_nocase(found, ms_str(name)))
            return true;
    return false;
}

static size_t entity_at(struct ms_bytes b, char *out)
{
    static const struct { struct ms_bytes text; char c; } entities[] = {
#define ROW(text, c) { { (const uint8_t *)(text), sizeof(text) - 1 }, c },
        ROW("&amp;", '&') ROW("&lt;", '<') ROW("&gt;", '>') ROW("&quot;", '"') ROW("&apos;", '\'')
#undef ROW
    };
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (ms_has_at(b, 0, entities[i].text)) {
            *out = entities[i].c;
            return entities[i].text.n;
        }
    *out = (char)b.p[0];
    return 1;
}

static struct ms_bytes unescape(struct ms_bytes b, char out[VALUE])
{
    size_t n = 0;
    for (size_t i = 0; i < b.n && n < VALUE; n++)
        i += entity_at(ms_tail(b, i), &out[n]);
    return (struct ms_bytes){ (const uint8_t *)out, n };
}

/* The value of an attribute, entities undone; empty when absent. */
static struct ms_bytes attribute(struct ms_bytes inside, const char *name, char out[VALUE])
{
    struct ms_bytes key = ms_str(name), rest = ms_head(inside, 8192);
    for (size_t at; (at = ms_search_nocase(rest, key)) < rest.n; rest = ms_tail(rest, at + key.n)) {
        struct ms_bytes value = ms_tail(rest, at + key.n);
        bool            whole = at == 0 || is_space(rest.p[at - 1]) || rest.p[at - 1] == ':';
        while (value.n && is_space(value.p[0]))
            value = ms_tail(value, 1);
        if (!whole || ms_at(value, 0) != '=')
            continue;
        value = ms_trim(ms_tail(value, 1));
        if (ms_at(value, 0) == '"' || ms_at(value, 0) == '\'') {
            uint8_t quote = value.p[0];
            value = ms_tail(value, 1);
            return unescape(ms_head(value, ms_find(value, quote)), out);
        }
    }
    return (struct ms_bytes){ NULL, 0 };
}

/* ---- relationships ------------------------------------------------------------------------------------------------ */

static bool is_web(struct ms_bytes target)
{
    return ms_starts_nocase(target, MS_LIT("http:")) || ms_starts_nocase(target, MS_LIT("https:")) || ms_starts_nocase(target, MS_LIT("ftp:"));
}

/* A share of a host that is told by its address, or reached over the web: no template of a company lies there. */
static bool is_odd_share(struct ms_bytes target)
{
    if (ms_starts_nocase(target, MS_LIT("file:")))
        target = ms_tail(target, 5);
    while (ms_at(target, 0) == '/')
        target = ms_tail(target, 1);
    while (ms_at(target, 0) == '\\')
        target = ms_tail(target, 1);
    size_t          n = 0;
    while (n < target.n && target.p[n] != '\\' && target.p[n] != '/')
        n++;
    struct ms_bytes host = ms_head(target, n);
    bool            digits = host.n > 6;
    for (size_t i = 0; i < host.n; i++)
        digits = digits && (ms_is_digit(host.p[i]) || host.p[i] == '.');
    return host.n && (digits || ms_find(host, '@') < host.n);
}

static bool is_share(struct ms_bytes target)
{
    return ms_starts_nocase(target, MS_LIT("\\\\")) || ms_starts_nocase(target, MS_LIT("file:///\\\\")) || ms_starts_nocase(target, MS_LIT("file:\\\\"))
        || (ms_starts_nocase(target, MS_LIT("file://")) && ms_at(target, 7) != '/');
}

static bool ends_with(struct ms_bytes b, const char *end)
{
    size_t n = strlen(end);
    return b.n >= n && ms_equal_nocase(ms_tail(b, b.n - n), ms_str(end));
}

static void look_at_relationship(const struct ms_file *f, struct ms_bytes type, struct ms_bytes target)
{
    bool share = is_share(target) && is_odd_share(target), remote = is_web(target) || share;
    if (is_web(target))
        ms_file_link(f, target);
    if (ends_with(type, "/hyperlink"))
        return;
    if (ms_starts_nocase(target, MS_LIT("mhtml:")) || (ends_with(type, "/oleObject") && is_web(target) && ends_with(target, "!")))
        ms_file_sign(f, MS_SIGN_EXPLOIT_OBJECT, target);
    else if (ends_with(type, "/attachedTemplate") && remote)
        ms_file_sign(f, MS_SIGN_REMOTE_TEMPLATE, target);
    else if (share && ends_with(type, "/image")) /* shown at once: the password hash is given away */
        ms_file_sign(f, MS_SIGN_REMOTE_OBJECT, target);
    else if ((ends_with(type, "/oleObject") || ends_with(type, "/aFChunk") || ends_with(type, "/frame") || ends_with(type, "/subDocument") || ends_with(type, "/package")
              || ends_with(type, "/control") || ends_with(type, "/ui/extensibility")) && remote)
        ms_file_sign(f, MS_SIGN_REMOTE_OBJECT, target);
    else if ((ends_with(type, "/externalLinkPath") || ends_with(type, "/externalLink")) && remote)
        ms_file_sign(f, MS_SIGN_REMOTE_LINK, target);
}

static void look_at_relationships(const struct ms_file *f, struct ms_bytes xml)
{
    char            type[VALUE], target[VALUE], mode[VALUE];
    struct ms_bytes element;
    while (next_element(&xml, "Relationship", &element))
        if (ms_equal_nocase(attribute(element, "TargetMode", mode), MS_LIT("External")))
            look_at_relationship(f, attribute(element, "Type", type), attribute(element, "Target", target));
}

/* ---- fields, formulas, ribbons --------------------------------------------------------------------------------------- */

/* An instruction may be cut into many pieces; fldChar stands before and behind all of them. */
static void look_at_document(const struct ms_file *f, struct ms_bytes xml)
{
    char            text[VALUE], value[VALUE];
    struct ms_bytes name, inside;
    size_t          n = 0;
    while (next_tag(&xml, &name, &inside)) {
        if (ms_equal_nocase(name, MS_LIT("fldSimple")))
            ms_field_look(f, attribute(inside, "instr", value));
        if (ms_equal_nocase(name, MS_LIT("fldChar"))) {
            ms_field_look(f, (struct ms_bytes){ (const uint8_t *)text, n });
            n = 0;
        }
        if (!ms_equal_nocase(name, MS_LIT("instrText")))
            continue;
        struct ms_bytes piece = unescape(ms_head(xml, ms_find(xml, '<')), value);
        piece = ms_head(piece, VALUE - n);
        if (piece.n)
            memcpy(text + n, piece.p, piece.n);
        n += piece.n;
    }
    ms_field_look(f, (struct ms_bytes){ (const uint8_t *)text, n });
}

/* Links by DDE are honest where a market data program is the server; interpreters are not. */
static void look_at_external(const struct ms_file *f, struct ms_bytes xml)
{
    char            value[VALUE];
    struct ms_bytes element;
    while (next_element(&xml, "ddeLink", &element)) {
        struct ms_bytes service = attribute(element, "ddeService", value);
        if (ms_commands_have(ms_vocabulary_find(service, ms_command_words, ms_command_count), MS_COMMAND_PROGRAM))
            ms_file_sign(f, MS_SIGN_DDE, service);
    }
}

static void look_at_ribbon(const struct ms_file *f, struct ms_bytes xml)
{
    char            value[VALUE];
    struct ms_bytes element;
    while (next_element(&xml, "customUI", &element))
        if (attribute(element, "onLoad", value).n)
            ms_file_sign(f, MS_SIGN_RIBBON_MACRO, attribute(element, "onLoad", value));
}

static void look_at_macro_sheet(const struct ms_file *f, struct ms_bytes xml)
{
    static const struct ms_vocable words[] = { { "exec", 0 }, { "call", 0 }, { "register", 0 }, { "fopen", 0 }, { "urldownloadtofilea", 0 } };
    ms_file_sign(f, MS_SIGN_EXCEL4_MACRO, (struct ms_bytes){ NULL, 0 });
    if (ms_vocabulary_find(xml, words, sizeof words / sizeof *words))
        ms_file_sign(f, MS_SIGN_EXCEL4_RUNS, (struct ms_bytes){ NULL, 0 });
}

static void look_at_workbook(const struct ms_file *f, struct ms_bytes xml)
{
    if (ms_search_nocase(xml, MS_LIT("_xlnm.Auto_Open")) < xml.n || ms_search_nocase(xml, MS_LIT("\"Auto_Open")) < xml.n)
        ms_file_sign(f, MS_SIGN_EXCEL4_RUNS, MS_LIT("starts by itself"));
}

/* ---- entries ---------------------------------------------------------------------------------------------------------- */

static const struct { const char *start, *end; void (*look)(const struct ms_file *f, struct ms_bytes xml); } readers[] = {
    { "", ".rels", look_at_relationships },
    { "word/document", ".xml", look_at_document }, { "word/document", ".xml", ms_office_text_look }, { "xl/sharedStrings", ".xml", ms_office_text_look },
    { "ppt/slides/slide", ".xml", ms_office_text_look }, { "content.xml", ".xml", ms_open_text_look }, { "word/header", ".xml", look_at_document }, { "word/footer", ".xml", look_at_document },
    { "word/footnotes", ".xml", look_at_document }, { "word/comments", ".xml", look_at_document }, { "word/endnotes", ".xml", look_at_document },
    { "xl/externalLinks/", ".xml", look_at_external }, { "customUI/", ".xml", look_at_ribbon },
    { "xl/macrosheets/", ".xml", look_at_macro_sheet }, { "xl/intlmacrosheets/", ".xml", look_at_macro_sheet },
    { "xl/macrosheets/", ".bin", look_at_macro_sheet }, { "xl/workbook", ".xml", look_at_workbook },
};

static bool look_by_name(struct ms_zip *z, const struct ms_zip_entry *e)
{
    bool               known = false;
    struct ms_unpacked u = { 0 };
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (!ms_starts_nocase(e->name, ms_str(readers[i].start)) || !ends_with(e->name, readers[i].end))
            continue;
        if (known || ms_zip_open(z, e, SIZE_MAX, &u))
            readers[i].look(z->f, ms_buffer_bytes(&u.out));
        known = true;
    }
    ms_buffer_finish(&u.out);
    return known;
}

static bool is_dull(struct ms_bytes name)
{
    return ms_is_one_of(ms_extension_word(name), "xml|png|jpg|jpeg|gif|emf|wmf|rels|vml|psmdcp|svg|tif|tiff|bmp|fntdata|odttf|css|wdp|rdf");
}

/* Macros in OpenDocument are folders of scripts. */
static bool is_open_macro(struct ms_bytes name)
{
    return (ms_starts_nocase(name, MS_LIT("Basic/")) && !ends_with(name, "-lc.xml") && !ends_with(name, "-lb.xml")) || ms_starts_nocase(name, MS_LIT("Scripts/"));
}

/* Behind all else, which matters more: pictures are large. */
static void look_at_pictures(struct ms_zip *z)
{
    size_t most = (size_t)z->f->in->limits->picture_bytes;
    for (size_t i = 0; i < z->n && z->f->in->pixels->left > 0; i++) {
        const struct ms_zip_entry *e = &z->at[i];
        struct ms_unpacked         u = { 0 };
        if (e->size == 0 || e->size > most || !ms_is_one_of(ms_extension_word(e->name), "png|jpg|jpeg|gif|bmp"))
            continue;
        if (ms_file_spend(z->f, 64) && ms_zip_open(z, e, most, &u))
            ms_file_inner(z->f, &(struct ms_inner){ .name = e->name, .bytes = ms_buffer_bytes(&u.out), .cut = u.cut, .around = MS_IN_DOCUMENT, .siblings = z->files });
        ms_buffer_finish(&u.out);
    }
}

void ms_ooxml_look(struct ms_zip *z)
{
    for (size_t i = 0; i < z->n && ms_file_spend(z->f, 64); i++) {
        const struct ms_zip_entry *e = &z->at[i];
        if (look_by_name(z, e) || e->size == 0)
            continue;
        if (is_open_macro(e->name))
            ms_file_sign_inner(z->f, MS_SIGN_OFFICE_MACRO, e->name);
        else if (!is_dull(e->name))
            ms_zip_look_into(z, e, MS_IN_DOCUMENT);
    }
    look_at_pictures(z);
}
