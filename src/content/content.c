/* content/content.c - the parts of a message under way: what is kept of each, and who looks into it. */
#include "content/content.h"
#include "mail/mime.h"

struct open { /* a part whose bytes come */
    struct open     *next; /* around it */
    struct ms_buffer bytes;
    size_t           index;
    struct ms_bytes  name, type;
    bool             body, unwanted, decided, cut;
    bool             scanned_only; /* nobody but scanners wants its bytes */
    bool             picture;
};

struct ms_content {
    struct ms_arena         *arena;
    const struct ms_limits  *limits;
    struct ms_content_pool  *pool;
    struct ms_signs         *signs;
    struct ms_links          links;
    struct ms_buffer         passwords; /* struct ms_inside */
    struct open             *open, *spare;
    uint64_t                 digest;
    struct ms_letter         letter;
    struct ms_signs          said;         /* struct ms_inside */
    uint64_t                 budget;       /* bytes that may still be unpacked of the message */
    struct ms_pixels         pixels;
    bool                     cut, crowded; /* told once a message */
};

struct ms_content *ms_content_create(struct ms_arena *arena, const struct ms_limits *limits, struct ms_content_pool *pool, struct ms_signs *signs)
{
    struct ms_content *c = ms_alloc(sizeof *c);
    *c = (struct ms_content){ .arena = arena, .limits = limits, .pool = pool, .signs = signs, .budget = limits->content_held_bytes, .pixels.left = limits->message_pixels, .links = { .arena = arena, .limits = limits } };
    ms_signs_init(&c->said, arena);
    return c;
}

enum { DECIDE_BYTES = 512 };

bool ms_is_body(const struct ms_part *part)
{
    return part->filename.n == 0 && !ms_equal(part->disposition, MS_LIT("attachment"))
        && (ms_equal(part->type, MS_LIT("text/plain")) || ms_equal(part->type, MS_LIT("text/html")));
}

void ms_content_begin(struct ms_content *c, size_t index, const struct ms_part *part)
{
    struct open *o = c->spare;
    if (o)
        c->spare = o->next;
    else
        o = ms_alloc(sizeof *o);
    *o = (struct open){ .next = c->open, .bytes = o->bytes, .index = index, .name = part->filename, .type = part->type,
                        .body = ms_is_body(part), .unwanted = part->multipart };
    c->open = o;
}

static struct open *find(struct ms_content *c, size_t index)
{
    struct open *o = c->open;
    while (o && o->index != index)
        o = o->next;
    return o;
}

/* How many more bytes of this part may be kept. */
static size_t room_for(struct ms_content *c, const struct open *o, size_t more)
{
    uint64_t own = c->limits->content_bytes - o->bytes.n, all = c->limits->content_held_bytes - c->pool->held;
    if (more > own && !c->cut)
        c->pool->reached_bytes += c->cut = true;
    else if (more > all && !c->crowded)
        c->pool->reached_held += c->crowded = true;
    uint64_t room = own < all ? own : all;
    return more < room ? more : (size_t)room;
}

/* Its bytes are for scanners at most. */
static void pass_over(struct ms_content *c, struct open *o)
{
    o->scanned_only = c->pool->scanners != NULL;
    o->unwanted = !o->scanned_only;
    o->picture = false;
    if (!o->unwanted)
        return;
    c->pool->held -= o->bytes.n;
    o->bytes.n = 0;
}

/* The first bytes tell whether the part can matter; what cannot is not kept. */
static void decide(struct ms_content *c, struct open *o)
{
    const struct ms_part part = { .filename = o->name, .type = o->type };
    struct ms_bytes      first = ms_head(ms_buffer_bytes(&o->bytes), DECIDE_BYTES);
    bool                 wanted = o->body || ms_file_wants(&part, first);
    o->decided = true;
    o->picture = !wanted && ms_picture_wants(&part, first);
    if (!wanted && !o->picture)
        pass_over(c, o);
}

void ms_content_data(struct ms_content *c, size_t index, struct ms_bytes decoded)
{
    struct open *o = find(c, index);
    if (!o || o->unwanted || o->cut)
        return;
    size_t n = room_for(c, o, decoded.n);
    ms_buffer_append(&o->bytes, ms_head(decoded, n));
    c->pool->held += n;
    o->cut = n < decoded.n;
    if (!o->decided && o->bytes.n >= DECIDE_BYTES)
        decide(c, o);
    if (o->picture && o->bytes.n > c->limits->picture_bytes) {
        c->pool->reached_picture_bytes++;
        pass_over(c, o);
    }
}

static bool is_html(const struct ms_part *part)
{
    return ms_equal(part->type, MS_LIT("text/html")) || (part->detected && ms_equal(ms_str(part->detected), MS_LIT("text/html")));
}

static void look_at_text(struct ms_inside *in, const struct ms_piece *piece, const struct ms_part *part)
{
    if (is_html(part))
        ms_html_look(in, piece);
    else
        ms_text_look(in, piece);
}

struct hits { struct ms_scan_hits to; struct ms_content *content; size_t part; enum ms_sign_kind sign; };

static void on_hit(struct ms_scan_hits *hits, struct ms_bytes name)
{
    struct hits *h = (struct hits *)(void *)hits;
    ms_sign_add(h->content->signs, h->sign, h->part, name);
}

static void scan(struct ms_content *c, const struct open *o)
{
    struct hits h = { { on_hit }, c, o->index + 1, MS_SIGN_COUNT };
    for (size_t i = 0; c->pool->scanners && i < c->pool->scanners->n && o->bytes.n; i++) {
        const struct ms_scanner *s = &c->pool->scanners->at[i];
        h.sign = s->sign;
        s->scan(s->ctx, ms_buffer_bytes(&o->bytes), &h.to);
    }
}

/* Of what a part might unpack, `left` is left. When it is the message that has nothing left, that is told. */
static void spend(struct ms_content *c, uint64_t most, uint64_t left)
{
    c->budget -= most - left;
    if (left == 0 && most < c->limits->content_bytes && !c->crowded)
        c->pool->reached_held += c->crowded = true;
}

static void look(struct ms_content *c, const struct open *o, const struct ms_part *part)
{
    scan(c, o);
    uint64_t         most = c->budget < c->limits->content_bytes ? c->budget : c->limits->content_bytes, budget = most;
    struct ms_arena  scratch = { 0 };
    struct ms_inside in = { c->signs, &c->links, &scratch, c->limits, o->index + 1, 0, &budget, ms_buffer_bytes(&c->passwords), false, o->body ? &c->digest : NULL,
                             o->body ? &c->letter : NULL, &c->said, &c->pixels, false };
    struct ms_piece  piece = { ms_head(ms_buffer_bytes(&o->bytes), o->scanned_only ? 0 : o->bytes.n), o->cut, part->filename, part->type, part->detected, part->charset };
    bool text = o->body || ms_equal(part->type, MS_LIT("text/plain")) || is_html(part);
    if (!part->multipart)
        (o->body ? ms_body_look : ms_file_look)(&in, &piece);
    if (text && !(part->odd & MS_MIME_NOT_FETCHED))
        look_at_text(&in, &piece, part);
    spend(c, most, budget);
    ms_buffer_append(&c->passwords, ms_tail(in.passwords, c->passwords.n)); /* new ones are behind those that were there */
    ms_arena_finish(&scratch);
}

static void close_part(struct ms_content *c, struct open *o)
{
    c->pool->held -= o->bytes.n;
    o->bytes.n = 0;
    o->next = c->spare;
    c->spare = o;
}

void ms_content_end(struct ms_content *c, size_t index, const struct ms_part *part)
{
    for (struct open **at = &c->open; *at; at = &(*at)->next) {
        struct open *o = *at;
        if (o->index != index)
            continue;
        *at = o->next;
        look(c, o, part);
        close_part(c, o);
        return;
    }
}

/* Texts in files count where the letter itself says little, or speaks of what is attached. Telephone numbers alone are no reason to look there. */
static void hear_files(struct ms_content *c)
{
    enum { LITTLE = 150, HARDLY = 40 };
    const struct ms_sign *first = NULL;
    if (c->letter.words > LITTLE && !c->letter.refers)
        return;
    for (size_t i = 0; i < c->said.n; i++) {
        const struct ms_sign *s = &c->said.at[i];
        ms_sign_add(c->signs, (enum ms_sign_kind)s->kind, s->part, s->evidence);
        if (!first && s->kind != MS_SIGN_TEXT_PHONE)
            first = s;
    }
    if (first && c->letter.words < HARDLY && !c->letter.unseen)
        ms_sign_add(c->signs, MS_SIGN_TEXT_IN_FILE, first->part, first->evidence);
}

void ms_content_partial(struct ms_content *c) { c->letter.unseen = true; }

void ms_content_finish(struct ms_content *c, struct ms_message *out)
{
    hear_files(c);
    struct ms_inside subject = { .signs = c->signs, .links = &c->links, .arena = c->arena, .limits = c->limits, .part = MS_SIGN_WHOLE };
    ms_subject_look(&subject, out->headers.subject);
    for (struct open *next; c->open; c->open = next) {
        next = c->open->next;
        close_part(c, c->open);
    }
    for (struct open *o = c->spare, *next; o; o = next) {
        next = o->next;
        ms_buffer_finish(&o->bytes);
        ms_free(o);
    }
    ms_buffer_finish(&c->passwords);
    c->pool->pixels.reached_picture += c->pixels.reached_picture;
    c->pool->pixels.reached_message += c->pixels.reached_message;
    out->urls = c->links.at;
    out->url_count = c->links.n;
    out->urls_dropped = c->links.dropped;
    out->text_digest = c->digest;
    ms_free(c);
}
