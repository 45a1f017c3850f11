/* imf.*: the headers of a message belong to the frame that ended it; and the words of such a frame.
 *
 * Reads    header fields as they came (RFC 5322 2.2): values are not unfolded and not decoded, blanks in front of them are left out.
 *          Entries of address fields are cut at commas outside of quotes, comments and angle brackets, without blanks around.  */
#include "frame/frame.h"

#include "base/text.h"
#include "mail/header.h"

/* The title of such a field is the name of a header field. */
static bool is_title(int field) { return field >= MS_FF_IMF_DATE && field < MS_FF_IMF_CONTENT_TYPE_TYPE; }

static bool is_named(const struct ms_header_field *h, enum ms_frame_field field)
{
    return ms_equal_nocase(h->name, ms_str(ms_frame_fields[field].title));
}

static int field_of(const struct ms_header_field *h)
{
    for (int i = MS_FF_IMF_DATE; is_title(i); i++)
        if (is_named(h, (enum ms_frame_field)i))
            return i;
    return is_named(h, MS_FF_IMF_SIOLABEL) ? MS_FF_IMF_SIOLABEL : -1;
}

static struct ms_bytes headers_of(const struct ms_element *el) { return ms_head(el->line, el->head); }

static void push(struct ms_value_sink *to, struct ms_bytes b) { ms_value_push(to, ms_value_string(b)); }

/* ---- parts of a value ------------------------------------------------------------------------------------------- */

/* Length up to one of `ends`, outside of quotes, comments and angle brackets; or all. */
static size_t length_to(struct ms_bytes b, const char *ends)
{
    bool   quoted = false, angle = false;
    size_t depth = 0;
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i];
        if (c == '\\' && (quoted || depth))
            i++;
        else if (c == '"' && !depth)
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '(' || (c == ')' && depth))
            depth += c == '(' ? 1 : (size_t)-1;
        else if (!depth && !angle && c && strchr(ends, c))
            return i;
        else if (!depth)
            angle = c == '<' || (angle && c != '>');
    }
    return b.n;
}

static struct ms_bytes take_to(struct ms_bytes *rest, const char *ends)
{
    size_t          n = length_to(*rest, ends);
    struct ms_bytes got = ms_trim(ms_head(*rest, n));
    *rest = ms_tail(*rest, n + 1);
    return got;
}

/* "Name <address>", or an address alone. */
static void mailbox(struct ms_bytes box, enum ms_frame_field field, struct ms_value_sink *to)
{
    size_t          open = length_to(box, "<");
    struct ms_bytes name = open < box.n ? ms_trim(ms_head(box, open)) : (struct ms_bytes){ 0 }, address = ms_tail(box, open + 1);
    address = open < box.n ? ms_trim(ms_head(address, ms_find(address, '>'))) : box;
    if (field == MS_FF_IMF_DISPLAY_NAME && name.n)
        push(to, name);
    if (field == MS_FF_IMF_ADDRESS && address.n)
        push(to, address);
}

static void mailboxes(struct ms_bytes list, enum ms_frame_field item, enum ms_frame_field field, struct ms_value_sink *to)
{
    while (list.n) {
        struct ms_bytes box = take_to(&list, ",");
        if (box.n && field == item)
            push(to, box);
        else if (box.n)
            mailbox(box, field, to);
    }
}

/* "name: a@b, c@d;" with `name` up to the colon taken already. */
static void group(struct ms_bytes name, struct ms_bytes members, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == MS_FF_IMF_DISPLAY_NAME && name.n)
        push(to, name);
    mailboxes(members, MS_FF_IMF_MAILBOX_LIST_ITEM, field, to);
}

static void addresses(struct ms_bytes list, enum ms_frame_field field, struct ms_value_sink *to)
{
    while (list.n) {
        size_t n = length_to(list, ",:");
        if (ms_at(list, n) != ':') {
            mailboxes(ms_head(list, n), MS_FF_IMF_ADDRESS_LIST_ITEM, field, to);
            list = ms_tail(list, n + 1);
            continue;
        }
        struct ms_bytes members = ms_tail(list, n + 1);
        size_t          end = length_to(members, ";");
        if (field == MS_FF_IMF_ADDRESS_LIST_ITEM)
            push(to, ms_trim(ms_head(list, n + 1 + end + 1)));
        else
            group(ms_trim(ms_head(list, n)), ms_head(members, end), field, to);
        list = ms_tail(members, end + 1);
    }
}

static void address_values(int header, struct ms_bytes value, enum ms_frame_field field, struct ms_value_sink *to)
{
    switch (header) {
    case MS_FF_IMF_FROM:
    case MS_FF_IMF_RESENT_FROM: mailboxes(value, MS_FF_IMF_MAILBOX_LIST_ITEM, field, to); break;
    case MS_FF_IMF_SENDER:
    case MS_FF_IMF_RESENT_SENDER:
    case MS_FF_IMF_DELIVERED_TO: mailbox(ms_trim(value), field, to); break;
    case MS_FF_IMF_REPLY_TO:
    case MS_FF_IMF_TO:
    case MS_FF_IMF_CC:
    case MS_FF_IMF_BCC:
    case MS_FF_IMF_RESENT_TO:
    case MS_FF_IMF_RESENT_CC:
    case MS_FF_IMF_RESENT_BCC:
    case MS_FF_IMF_EXT_ORIGINAL_TO: addresses(value, field, to); break;
    default: break;
    }
}

static void label_values(struct ms_bytes value, enum ms_frame_field field, struct ms_value_sink *to)
{
    static const struct { const char *name; enum ms_frame_field field; } rows[] = {
        { "marking", MS_FF_IMF_SIOLABEL_MARKING }, { "fgcolor", MS_FF_IMF_SIOLABEL_FGCOLOR }, { "bgcolor", MS_FF_IMF_SIOLABEL_BGCOLOR },
        { "type", MS_FF_IMF_SIOLABEL_TYPE },       { "label", MS_FF_IMF_SIOLABEL_LABEL },
    };
    while (value.n) {
        struct ms_bytes part = take_to(&value, ";"), name = ms_trim(ms_head(part, ms_find(part, '=')));
        bool            known = part.n == 0;
        for (size_t i = 0; i < sizeof rows / sizeof *rows && !known; i++) {
            known = ms_equal_nocase(name, ms_str(rows[i].name));
            if (known && field == rows[i].field)
                push(to, ms_trim(ms_tail(part, ms_find(part, '=') + 1)));
        }
        if (!known && field == MS_FF_IMF_SIOLABEL_UNKNOWN)
            push(to, part);
        if (!known && field == MS_FF_IMF_UNKNOWN_PARAM)
            ms_value_push(to, ms_value_none());
    }
}

static void extension_values(const struct ms_header_field *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == MS_FF_IMF_EXTENSION)
        push(to, h->whole);
    else if (field == MS_FF_IMF_EXTENSION_TYPE)
        push(to, h->name);
    else if (field == MS_FF_IMF_EXTENSION_VALUE)
        push(to, h->value);
}

/* ---- fields ----------------------------------------------------------------------------------------------------- */

static struct ms_bytes type_of(struct ms_bytes value) { return ms_trim(ms_head(value, ms_find(value, ';'))); }

static void type_values(struct ms_bytes value, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes type = type_of(value), parameters = ms_tail(value, ms_find(value, ';') + 1);
    if (field == MS_FF_IMF_CONTENT_TYPE_TYPE && type.n)
        push(to, type);
    else if (field == MS_FF_IMF_CONTENT_TYPE_PARAMETERS && parameters.n)
        push(to, parameters);
    else if (field == MS_FF_MIME_MULTIPART && ms_starts_nocase(type, MS_LIT("multipart/")))
        ms_value_push(to, ms_value_protocol((struct ms_bytes){ 0 }));
}

static void header_values(const struct ms_header_field *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    int which = field_of(h);
    if (which < 0) {
        extension_values(h, field, to);
        return;
    }
    if (which == (int)field && which == MS_FF_IMF_SIOLABEL)
        ms_value_push(to, ms_value_none());
    else if (which == (int)field)
        push(to, h->value);
    else if (which == MS_FF_IMF_CONTENT_TYPE)
        type_values(h->value, field, to);
    else if (which == MS_FF_IMF_SIOLABEL)
        label_values(h->value, field, to);
    else if (field >= MS_FF_IMF_DISPLAY_NAME && field <= MS_FF_IMF_MAILBOX_LIST_ITEM)
        address_values(which, h->value, field, to);
}

/* A named field asks one name of each header field only. */
static void values_of(struct ms_bytes block, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_header_field h;
    bool          named = is_title((int)field), dissected = false;
    while (ms_header_next(&block, &h)) {
        dissected |= is_named(&h, MS_FF_IMF_CONTENT_TYPE) && ms_find(h.value, ';') < h.value.n;
        if (!named || is_named(&h, field))
            header_values(&h, field, to);
    }
    if (field == MS_FF_IMF_MESSAGE_TEXT && !dissected)
        ms_value_push(to, ms_value_none());
}

void ms_values_imf(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    for (size_t i = 0; i < f->element_count; i++) {
        if (f->elements[i].kind != MS_EL_HEADERS)
            continue;
        if (field == MS_FF_IMF)
            ms_value_push(to, ms_value_protocol(f->elements[i].line));
        else
            values_of(headers_of(&f->elements[i]), field, to);
    }
}

/* ---- the line --------------------------------------------------------------------------------------------------- */

void ms_imf_words(const struct ms_frame *f, const struct ms_element *headers, struct ms_buffer *out)
{
    struct ms_bytes block = headers_of(headers), type = { 0 };
    struct ms_header_field   h;
    (void)f;
    while (ms_header_next(&block, &h)) {
        bool from = is_named(&h, MS_FF_IMF_FROM);
        if (from || is_named(&h, MS_FF_IMF_SUBJECT)) {
            ms_text_str(out, from ? "from: " : "subject: ");
            ms_text_add(out, h.value);
            ms_text_str(out, ", ");
        } else if (is_named(&h, MS_FF_IMF_CONTENT_TYPE) && ms_find(h.value, ';') < h.value.n) {
            type = type_of(h.value);
        }
    }
    if (type.n == 0)
        return;
    ms_text_str(out, " (");
    ms_text_add(out, type);
    ms_text_str(out, ")");
}

/* A message that was retrieved. One that was sent stands between commands: values_smtp.c. */
bool ms_info_imf(const struct ms_frame *f, struct ms_frame_line *out)
{
    for (size_t i = 0; i < f->element_count; i++) {
        const struct ms_element *el = &f->elements[i];
        bool                     pop = el->protocol == MS_PROTO_POP3;
        if (el->kind != MS_EL_HEADERS || (!pop && el->protocol != MS_PROTO_IMAP))
            continue;
        if (out->protocol.n == 0)
            ms_text_str(&out->protocol, pop ? "POP" : "IMAP");
        ms_text_str(&out->protocol, "/IMF");
        ms_imf_words(f, el, &out->info);
    }
    return out->protocol.n > 0;
}
