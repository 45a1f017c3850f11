/* engine/fetch.c - what came by HTTP when somebody followed the link of a message: its digest, and what is inside.
 *
 * Feed     both directions from the first byte on (http.c finds the answers). Contents are hashed and looked into as parts of messages are
 *          (content/content.h) while they stream by. What a browser shows or uses and does not store is passed over.
 * Limits   content_bytes and content_held_bytes, as of attachments; the digest is of all bytes. DOWNLOADS of a connection are kept.
 * BUGS     What is not whole in the capture has no digest.                                                                   */
#include "engine/private.h"

#include "base/text.h"
#include "mail/header.h"
#include "mail/sha256.h"

enum { FIRST_BYTES = 512, DOWNLOADS = 8, TYPE_BYTES = 64 };

struct file { /* that comes */
    struct ms_sha256     digest;
    struct ms_content   *content;
    struct ms_signs     *signs;
    struct ms_part       part;
    struct ms_bytes      target;
    uint64_t             frame;
    uint16_t             first_n;
    uint8_t              first[FIRST_BYTES];
};
struct ms_fetch {
    struct ms_http_sink sink;
    struct ms_engine   *engine;
    struct ms_arena    *arena;   /* of the connection */
    struct ms_bytes     host;    /* that is watched for */
    struct ms_http     *http;
    struct ms_hasher   *hasher;
    struct file         file;
    uint64_t            frame;   /* of the bytes under way */
    struct ms_download  found[DOWNLOADS]; size_t n;
};

/* By the server's name for it, or the last piece of the link's path. */
static struct ms_bytes file_name(struct ms_fetch *f, const struct ms_http_answer *a)
{
    struct ms_bytes name = ms_header_param_text(a->disposition, MS_LIT("filename"), (struct ms_bytes){ NULL, 0 }, f->arena);
    if (name.n)
        return ms_arena_keep(f->arena, name);
    name = ms_head(f->file.target, ms_find(f->file.target, '?'));
    for (size_t slash; (slash = ms_find(name, '/')) < name.n;)
        name = ms_tail(name, slash + 1);
    return name;
}

/* What a browser loads for the page that it shows: by its type, or as text that is called so. It does not store that. */
static bool is_of_page(struct ms_bytes type, struct ms_bytes target)
{
    static const char *const names[] = { ".js", ".mjs", ".css", ".json", ".map" };
    struct ms_bytes path = ms_head(target, ms_find(target, '?'));
    bool            named = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        named |= path.n > strlen(names[i]) && ms_equal_nocase(ms_tail(path, path.n - strlen(names[i])), ms_str(names[i]));
    return ms_starts_nocase(type, MS_LIT("image/")) || ms_starts_nocase(type, MS_LIT("font/")) || (named && ms_starts_nocase(type, MS_LIT("text/"))) ||
           ms_is_one_of(type, "text/css|text/javascript|text/x-javascript|application/javascript|application/x-javascript|application/json");
}

/* "http://example.com/x" for a proxy is /x, when it goes to the host that is watched for. */
static bool is_here(const struct ms_fetch *f, struct ms_bytes *target)
{
    struct ms_bytes scheme = MS_LIT("http://"), rest = ms_tail(*target, scheme.n);
    if (!ms_starts_nocase(*target, scheme))
        return true;
    size_t slash = ms_find(rest, '/');
    *target = ms_tail(rest, slash);
    return ms_equal_nocase(ms_head(rest, ms_find(ms_head(rest, slash), ':')), f->host);
}

static bool on_answer(struct ms_http_sink *to, const struct ms_http_answer *a)
{
    struct ms_fetch *f = (struct ms_fetch *)(void *)to;
    struct ms_bytes  type = ms_trim(ms_head(a->type, ms_find(a->type, ';')));
    struct ms_bytes  target = a->target;
    if (!is_here(f, &target) || f->n == DOWNLOADS || (is_of_page(type, target) && a->disposition.n == 0) || !ms_sha256_start(f->hasher, &f->file.digest))
        return false;
    f->file.frame = f->frame;
    f->file.first_n = 0;
    f->file.target = ms_arena_keep(f->arena, target);
    f->file.part = (struct ms_part){ .type = ms_arena_lower(f->arena, ms_head(type, TYPE_BYTES)), .filename = file_name(f, a), .disposition = MS_LIT("attachment") };
    f->file.signs = ms_arena_alloc(f->arena, sizeof *f->file.signs);
    ms_signs_init(f->file.signs, f->arena);
    f->file.content = ms_content_create(f->arena, &f->engine->options.limits, &f->engine->examine.content, f->file.signs);
    ms_content_begin(f->file.content, 0, &f->file.part);
    return true;
}

static void on_bytes(struct ms_http_sink *to, struct ms_bytes bytes)
{
    struct file    *file = &((struct ms_fetch *)(void *)to)->file;
    struct ms_bytes first = ms_head(bytes, FIRST_BYTES - file->first_n);
    if (first.n)
        memcpy(file->first + file->first_n, first.p, first.n);
    file->first_n = (uint16_t)(file->first_n + first.n);
    file->part.size += bytes.n;
    ms_sha256_update(((struct ms_fetch *)(void *)to)->hasher, &file->digest, bytes);
    ms_content_data(file->content, 0, bytes);
}

static void keep(struct ms_fetch *f, const uint8_t sha256[32])
{
    struct file        *file = &f->file;
    struct ms_download *d = &f->found[f->n++];
    file->part.detected = ms_detect_content((struct ms_bytes){ file->first, file->first_n });
    *d = (struct ms_download){ .size = file->part.size, .answer_frame = file->frame, .last_frame = f->frame, .name = file->part.filename, .target = file->target,
                               .detected = file->part.detected, .signs = file->signs };
    memcpy(d->sha256, sha256, sizeof d->sha256);
    ms_content_end(file->content, 0, &file->part);
}

static void on_end(struct ms_http_sink *to, bool whole)
{
    struct ms_fetch  *f = (struct ms_fetch *)(void *)to;
    struct ms_message nobody = { 0 };
    uint8_t           sha256[32];
    whole &= ms_sha256_final(f->hasher, &f->file.digest, sha256);
    ms_sha256_release(f->hasher, &f->file.digest);
    if (whole && f->file.part.size)
        keep(f, sha256);
    ms_content_finish(f->file.content, &nobody);
}

struct ms_fetch *ms_fetch_begin(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_fetch *f = ms_arena_alloc(&c->arena, sizeof *f);
    *f = (struct ms_fetch){ .sink = { on_answer, on_bytes, on_end }, .engine = e, .arena = &c->arena, .host = c->visit->seen.host,
                            .hasher = ms_mime_pool_hasher(e->examine.mime) };
    f->http = ms_http_create(&f->sink, &f->engine->http_work);
    return f;
}

void ms_fetch_data(struct ms_fetch *f, enum ms_dir dir, struct ms_bytes bytes, uint64_t frame)
{
    f->frame = frame;
    ms_http_data(f->http, dir, bytes);
}

void ms_fetch_gap(struct ms_fetch *f, enum ms_dir dir) { ms_http_gap(f->http, dir); }

size_t ms_fetch_end(struct ms_fetch *f, bool closed, const struct ms_download **found)
{
    ms_http_end(f->http, closed);
    *found = f->found;
    return f->n;
}
