/* content/document/message.c - a message as a file: .eml, one in an archive, what an S/MIME signature is around. Messages that are parts of a message
 * are taken apart with it (mail/mime.h); these are none that the mail program shows, but a click opens them with all that is attached to them.
 *
 * BUGS     who sent it is not asked, nor how its structure may be read.                                                  */
#include "content/files.h"

struct leaf { struct leaf *outer; size_t index; struct ms_buffer bytes; };
struct reading { const struct ms_file *f; struct ms_inside in; struct leaf *open; };

static void part_begin(void *ctx, size_t index, const struct ms_part *part)
{
    struct reading *r = ctx;
    if (part->multipart || ms_starts_nocase(part->type, MS_LIT("message/")))
        return;
    struct leaf *leaf = ms_arena_alloc(r->in.arena, sizeof *leaf);
    *leaf = (struct leaf){ .outer = r->open, .index = index };
    r->open = leaf;
}

static void part_data(void *ctx, size_t index, struct ms_bytes decoded)
{
    struct reading *r = ctx;
    if (r->open && r->open->index == index)
        ms_buffer_append(&r->open->bytes, decoded);
}

static void look_at_part(struct reading *r, struct ms_bytes bytes, const struct ms_part *part)
{
    const struct ms_piece text = { .bytes = bytes, .cut = r->f->piece->cut, .type = part->type, .detected = part->detected, .charset = part->charset };
    if (!ms_is_body(part))
        ms_file_inner(r->f, &(struct ms_inner){ .name = part->filename, .bytes = bytes, .cut = r->f->piece->cut, .around = MS_IN_MAIL });
    else if (ms_equal(part->type, MS_LIT("text/html")))
        ms_html_look(&r->in, &text);
    else
        ms_text_look(&r->in, &text);
    r->f->in->passwords = r->in.passwords; /* for what comes behind it */
}

static void part_end(void *ctx, size_t index, const struct ms_part *part)
{
    struct reading *r = ctx;
    struct leaf    *leaf = r->open;
    if (!leaf || leaf->index != index)
        return;
    r->open = leaf->outer;
    look_at_part(r, ms_buffer_bytes(&leaf->bytes), part);
    ms_buffer_finish(&leaf->bytes);
}

void ms_message_look(const struct ms_file *f)
{
    struct reading         r = { .f = f, .in = *f->in };
    struct ms_mime_options options = { .sink = { part_begin, part_data, part_end, &r } };
    struct ms_message      unused = { 0 };
    if (!ms_file_spend(f, f->piece->bytes.n))
        return;
    r.in.digest = NULL;
    struct ms_mime *mime = ms_mime_create(f->in->arena, f->in->limits, &options);
    ms_mime_push(mime, f->piece->bytes);
    ms_mime_finish(mime, &unused);
}
