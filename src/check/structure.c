/* check/structure.c - MIME that programs read in different ways: a filter and the recipient's mail program then see different attachments.
 *
 * Source   what the parser found odd, part by part (mail/mime.h, mail/doubt.h).                                     */
#include "check/private.h"
#include "mail/mime.h"

static const struct { uint32_t odd; enum ms_sign_kind sign; } rows[] = {
    { MS_MIME_ODD_FIELD, MS_SIGN_FIELD_AMBIGUOUS },
    { MS_MIME_ODD_BOUNDARY | MS_MIME_SHARED_BOUNDARY | MS_MIME_NO_BOUNDARY, MS_SIGN_BOUNDARY_AMBIGUOUS },
    { MS_MIME_TWO_NAMES, MS_SIGN_NAMES_AMBIGUOUS },
    { MS_MIME_ENCODED_PARTS | MS_MIME_NOT_ENCODED, MS_SIGN_PARTS_ENCODED },
    { MS_MIME_BASE64_SYNTAX | MS_MIME_BASE64_SPLIT, MS_SIGN_BASE64_AMBIGUOUS },
    { MS_MIME_QP_SYNTAX, MS_SIGN_QUOTED_AMBIGUOUS },
    { MS_MIME_HEADER_SYNTAX | MS_MIME_HEADER_LIMIT | MS_MIME_OUTSIDE, MS_SIGN_HEADER_BROKEN },
};

/* Of RFC 2045, which all programs undo. */
static bool is_usual(struct ms_bytes encoding) { return encoding.n == 0 || ms_is_one_of(encoding, "7bit|8bit|binary|base64|quoted-printable"); }

static struct ms_bytes evidence(const struct ms_part *p, uint32_t odd)
{
    uint32_t of_field = MS_MIME_ODD_FIELD | MS_MIME_ODD_BOUNDARY | MS_MIME_TWO_NAMES;
    uint32_t of_encoding = MS_MIME_ENCODED_PARTS | MS_MIME_NOT_ENCODED | MS_MIME_BASE64_SYNTAX | MS_MIME_BASE64_SPLIT | MS_MIME_QP_SYNTAX;
    if (odd & of_field && p->odd_field.n)
        return p->odd_field;
    return odd & of_encoding && p->encoding.n ? p->encoding : p->type;
}

/* A text without any header is one for all programs. */
static uint32_t odd_of(const struct ms_message *m, size_t i)
{
    const struct ms_headers *h = &m->headers;
    bool bare = i == 0 && h->from.n + h->to.n + h->subject.n + h->date.n + h->message_id.n == 0;
    return m->parts[i].odd & ~(bare ? (uint32_t)MS_MIME_HEADER_SYNTAX : 0);
}

/* An attached message that is encoded is against RFC 2046 5.2.1 too, and most programs undo it. */
static enum ms_sign_kind sign_of(const struct ms_part *p, size_t row)
{
    bool message = rows[row].sign == MS_SIGN_PARTS_ENCODED && !p->multipart && !(p->odd & MS_MIME_NOT_ENCODED);
    return message ? MS_SIGN_MESSAGE_ENCODED : rows[row].sign;
}

void ms_check_structure(struct ms_signs *signs, const struct ms_message *m)
{
    uint32_t of_parts = 0;
    if (!m->complete) /* what is missing looks like what is odd */
        return;
    for (size_t i = 0; i < m->part_count; i++) {
        uint32_t odd = odd_of(m, i);
        of_parts |= odd;
        if (!is_usual(m->parts[i].encoding))
            ms_sign_add(signs, MS_SIGN_ENCODING_UNUSUAL, i + 1, m->parts[i].encoding);
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            if (odd & rows[k].odd)
                ms_sign_add(signs, sign_of(&m->parts[i], k), i + 1, evidence(&m->parts[i], odd & rows[k].odd));
    }
    if (m->odd & ~of_parts & MS_MIME_OUTSIDE) /* behind all of them */
        ms_sign_add(signs, MS_SIGN_HEADER_BROKEN, MS_SIGN_WHOLE, MS_LIT("a part behind the last boundary"));
}
