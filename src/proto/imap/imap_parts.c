/* proto/imap/imap_parts.c - messages of which a client fetches single parts: BODY[1], BODY[2.MIME], BINARY[3], ...
 *
 * Known    what a part is says its BODY[n.MIME], else BODYSTRUCTURE; the message's header comes from BODY[HEADER], else from header
 *          fields listed before. A part that comes before these is held while there is room (fetch_buffer_bytes).
 * Order    one part after the other is handed on, in the order in which they come; pieces of another one are held meanwhile. Parts
 *          that do not fit go on as they are: of unknown type, the one before them not whole.
 * Message  its record is in parts: never whole, and without digest. It ends with the last part of its structure, when a part is fetched
 *          again, and otherwise as all messages do (imap_assembly.c).                                            */
#include "imap_private.h"

static const struct ms_bytes nothing = { NULL, 0 };

static void tell(const struct imap_ctx *x, struct imap_assembly *a, const struct ms_section *s)
{
    void *body = imap_body_of(x, a);
    x->h->ops->body_section(x->h, body, s, a->last_frame, a->last_time);
}

static struct imap_structure *structure(const struct imap_ctx *x, struct imap_assembly *a)
{
    const struct imap_fact *said = a->structure ? NULL : imap_known_get(x->im, a->seq, a->uid, IMAP_KNOWN_STRUCTURE, nothing);
    if (said)
        a->structure = imap_structure_read(said->bytes, x->h->limits);
    return a->structure;
}

/* ---- the header of the message ------------------------------------------------------------------------------- */

/* The value of Content-Type in a header block; empty: it has none. Cut at the end of its line. */
static struct ms_bytes content_type(struct ms_bytes block)
{
    static const struct ms_bytes name = { (const uint8_t *)"Content-Type:", 13 };
    while (block.n) {
        size_t lf = ms_find(block, '\n');
        if (ms_starts_nocase(block, name))
            return ms_trim(ms_tail(ms_head(block, lf), name.n));
        block = ms_tail(block, lf + 1);
    }
    return nothing;
}

bool imap_is_only_part(const struct imap_ctx *x, const struct imap_fetch *f)
{
    const struct imap_fact *said = imap_known_get(x->im, f->seq, f->uid, IMAP_KNOWN_STRUCTURE, nothing);
    if (f->item.kind != IMAP_WHOLE || f->item.binary || !ms_equal(imap_fetch_path(f), MS_LIT("1")))
        return false;
    if (said)
        return ms_at(said->bytes, 1) != '(';
    said = imap_known_get(x->im, f->seq, f->uid, IMAP_KNOWN_HEADER, nothing);
    return said && !ms_starts_nocase(content_type(said->bytes), MS_LIT("multipart/"));
}

void imap_lead_header(const struct imap_ctx *x, struct imap_assembly *a)
{
    const struct imap_fact *said = imap_known_get(x->im, a->seq, a->uid, IMAP_KNOWN_HEADER, nothing);
    if (!said)
        return;
    void *body = imap_body_of(x, a);
    x->h->ops->body_push(x->h, body, said->bytes, said->frame, a->last_time);
    a->run.at = said->bytes.n;
    imap_run_set_header(&a->run, a->run.at);
}

/* Of fields and structure: what is known of the header. */
static void lead_fields(const struct imap_ctx *x, struct imap_assembly *a)
{
    const struct imap_fact *said = imap_known_get(x->im, a->seq, a->uid, IMAP_KNOWN_FIELDS, nothing);
    struct imap_structure  *t = a->structure;
    struct ms_buffer        lead = { 0 };
    struct ms_bytes         fields = said ? said->bytes : nothing;
    while (fields.n && (fields.p[fields.n - 1] == '\n' || fields.p[fields.n - 1] == '\r'))
        fields.n--;
    ms_buffer_append(&lead, fields);
    ms_buffer_append(&lead, fields.n ? MS_LIT("\r\n") : nothing);
    if (t && t->count && content_type(fields).n == 0)
        ms_buffer_append(&lead, imap_node_head(t, &t->nodes[0]));
    ms_buffer_append(&lead, lead.n ? MS_LIT("\r\n") : nothing);
    struct ms_section s = { .kind = MS_SECTION_FIELDS, .lead = ms_buffer_bytes(&lead) };
    void             *body = lead.n ? imap_body_of(x, a) : NULL;
    if (body)
        x->h->ops->body_section(x->h, body, &s, said ? said->frame : a->last_frame, a->last_time);
    ms_buffer_finish(&lead);
}

static void list(const struct imap_ctx *x, struct imap_assembly *a)
{
    struct imap_structure *t = a->structure;
    for (uint32_t i = 0; t && i < t->count; i++) {
        struct ms_section s = { .kind = MS_SECTION_LISTED, .path = imap_node_path(t, &t->nodes[i]), .head = imap_node_head(t, &t->nodes[i]) };
        tell(x, a, &s);
    }
    if (t && t->cut)
        x->h->ops->limit(x->h, t->count >= x->h->limits->mime_parts ? MS_LIMIT_mime_parts : MS_LIMIT_mime_depth);
}

static void begin(const struct imap_ctx *x, struct imap_assembly *a)
{
    if (a->in_parts)
        return;
    a->in_parts = true;
    structure(x, a);
    if (a->run.at == 0)
        imap_lead_header(x, a);
    if (a->run.at == 0)
        lead_fields(x, a);
    list(x, a);
}

/* ---- one part ----------------------------------------------------------------------------------------------- */

static struct ms_bytes path_of(const struct imap_part *p) { return (struct ms_bytes){ p->path, p->path_n }; }

static bool is_part(const struct imap_part *p, struct ms_bytes path, bool binary)
{
    return p->path_n == path.n && p->binary == binary && p->path[path.n - 1] == path.p[path.n - 1] && memcmp(p->path, path.p, path.n) == 0;
}

struct imap_part *imap_part_find(const struct imap_assembly *a, struct ms_bytes path, bool binary)
{
    struct imap_part *p = a->open;
    if (p && is_part(p, path, binary))
        return p;
    for (p = a->parts; p && !is_part(p, path, binary); p = p->next)
        ;
    return p;
}

struct imap_part *imap_part_add(const struct imap_ctx *x, struct imap_assembly *a, struct ms_bytes path, bool binary)
{
    struct imap_part *p = ms_alloc(sizeof *p + path.n);
    imap_run_init(&p->run);
    p->binary = binary;
    p->path_n = (uint8_t)path.n;
    memcpy(p->path, path.p, path.n);
    x->im->part_count++;
    *(a->last ? &a->last->next : &a->parts) = p;
    return a->last = p;
}

static struct ms_bytes head_of(const struct imap_ctx *x, struct imap_assembly *a, const struct imap_part *p)
{
    const struct imap_fact *mime = imap_known_get(x->im, a->seq, a->uid, IMAP_KNOWN_MIME, path_of(p));
    const struct imap_node *node = mime ? NULL : imap_structure_find(structure(x, a), path_of(p));
    return mime ? mime->bytes : node ? imap_node_head(a->structure, node) : nothing;
}

bool imap_part_may_open(const struct imap_ctx *x, struct imap_assembly *a, const struct imap_part *p)
{
    if (a->open || p->done || head_of(x, a, p).n == 0)
        return false;
    return a->in_parts || a->run.at || imap_known_get(x->im, a->seq, a->uid, IMAP_KNOWN_HEADER, nothing) ||
           imap_known_get(x->im, a->seq, a->uid, IMAP_KNOWN_FIELDS, nothing);
}

static bool is_over(const struct imap_assembly *a, const struct imap_part *p)
{
    const struct imap_node *node = p->binary ? NULL : imap_structure_find(a->structure, path_of(p));
    return imap_run_over(&p->run) || (node && node->octets == p->run.at && !p->run.pieces);
}

static void close_part(const struct imap_ctx *x, struct imap_assembly *a)
{
    struct imap_part       *p = a->open;
    const struct imap_node *node;
    imap_run_drain(x, a, &p->run);
    struct ms_section end = { .kind = MS_SECTION_END, .path = path_of(p), .whole = is_over(a, p) };
    imap_run_release(x, a, &p->run);
    tell(x, a, &end);
    node = end.whole ? imap_structure_find(a->structure, end.path) : NULL;
    a->leaves_done += node && !node->multipart;
    p->done = true;
    a->open = NULL;
}

/* What stands before its content: a boundary where one is known, and its header block. */
void imap_part_open(const struct imap_ctx *x, struct imap_assembly *a, struct imap_part *p)
{
    struct ms_buffer lead = { 0 };
    if (a->open)
        close_part(x, a);
    begin(x, a);
    struct ms_bytes head = head_of(x, a, p), block = head;
    while (block.n && (block.p[block.n - 1] == '\n' || block.p[block.n - 1] == '\r'))
        block.n--;
    if (a->body)
        ms_buffer_append(&lead, MS_LIT("\r\n"));
    if (a->structure && a->structure->boundary_n) {
        ms_buffer_append(&lead, MS_LIT("--"));
        ms_buffer_append(&lead, (struct ms_bytes){ a->structure->text.p + a->structure->boundary_at, a->structure->boundary_n });
        ms_buffer_append(&lead, MS_LIT("\r\n"));
    }
    ms_buffer_append(&lead, block);
    ms_buffer_append(&lead, block.n ? MS_LIT("\r\n\r\n") : MS_LIT("\r\n"));
    struct ms_section s = { .kind = MS_SECTION_BEGIN, .path = path_of(p), .lead = ms_buffer_bytes(&lead), .head = head, .decoded = p->binary };
    tell(x, a, &s);
    ms_buffer_finish(&lead);
    a->open = p;
    a->waiting -= p->waits;
    p->waits = false;
}

/* ---- all of them ---------------------------------------------------------------------------------------------- */

static void try_part(const struct imap_ctx *x, struct imap_assembly *a, struct imap_part *p)
{
    if (!p->waits || p->run.pieces->text || p->run.pieces->from || !imap_part_may_open(x, a, p))
        return;
    imap_part_open(x, a, p);
    imap_run_drain(x, a, &p->run);
    if (is_over(a, p))
        close_part(x, a);
}

bool imap_parts_go_on(const struct imap_ctx *x, struct imap_assembly *a, struct imap_part *came)
{
    bool all = !came;
    if (came && !a->open)
        try_part(x, a, came);
    if (a->open && is_over(a, a->open)) {
        close_part(x, a);
        all = true; /* others may have waited for its end */
    }
    for (struct imap_part *p = a->parts; all && p && a->waiting && !a->open; p = p->next)
        try_part(x, a, p);
    return a->structure && a->structure->leaves && a->leaves_done >= a->structure->leaves;
}

void imap_parts_finish(const struct imap_ctx *x, struct imap_assembly *a)
{
    if (a->open)
        close_part(x, a);
    for (struct imap_part *p = a->parts, *next; p; p = next) {
        next = p->next;
        if (p->waits) {
            imap_part_open(x, a, p);
            close_part(x, a);
        }
        ms_free(p);
        x->im->part_count--;
    }
    a->parts = a->last = NULL;
    imap_structure_free(a->structure);
    a->structure = NULL;
}
