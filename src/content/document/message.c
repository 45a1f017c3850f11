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
    if (part->multipart || ms_mime_opens(part->type))
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

/* From the first field on: programs read over the line of a mailbox in front of it, and over others. Empty: there is none. */
static struct ms_bytes from_first_field(struct ms_bytes b)
{
    enum { LINES = 64 };
    for (size_t lines = 0; lines < LINES && !ms_mime_is_field(ms_head(b, ms_find(b, '\n'))); lines++)
        b = ms_tail(b, ms_find(b, '\n') + 1);
    return ms_mime_is_field(ms_head(b, ms_find(b, '\n'))) ? b : ms_head(b, 0);
}

void ms_message_look(const struct ms_file *f)
{
    struct reading         r = { .f = f, .in = *f->in };
    struct ms_mime_options options = { .sink = { part_begin, part_data, part_end, &r } };
    struct ms_message      unused = { 0 };
    struct ms_bytes        message = from_first_field(f->piece->bytes);
    if (message.n == 0 || !ms_file_spend(f, message.n))
        return;
    r.in.digest = NULL;
    struct ms_mime *mime = ms_mime_create(f->in->arena, f->in->limits, &options);
    ms_mime_push(mime, message);
    ms_mime_finish(mime, &unused);
}
