/* engine/fetch.c - what came by HTTP when somebody followed the link of a message: its digest, and what is inside.
 *
 * Feed     the server's bytes from the first one of its answer on. Bodies with a length, in chunks, or up to the end of the connection
 *          (RFC 9112 6.3) are hashed and looked into as parts of messages are (content/content.h) while they stream by.
 * Limits   content_bytes and content_held_bytes, as of attachments; the digest is of all bytes.
 * BUGS     The first answer of a connection alone. What is encoded (gzip), a piece (206), or not whole in the capture has no digest.      */
#include "engine/private.h"

#include "base/text.h"
#include "mail/sha256.h"

enum { FIRST_BYTES = 512, SIZE_DIGITS = 15 };

enum step { IN_HEAD, IN_BODY, UNTIL_END, IN_SIZE, IN_EXTENSION, IN_CHUNK, BEHIND_CHUNK, OVER };

struct ms_fetch {
    uint8_t            step;      /* enum step */
    uint8_t            digits;    /* of the size of a chunk */
    uint16_t           first_n;
    bool               chunked, sized;
    uint64_t           left;      /* of the head, body or chunk */
    uint64_t           length;
    struct ms_hasher  *hasher;
    struct ms_sha256   digest;
    struct ms_content *content;
    struct ms_signs    signs;
    struct ms_part     part;
    struct ms_download seen;
    struct ms_arena   *arena;
    uint8_t            first[FIRST_BYTES];
};

struct ms_fetch *ms_fetch_begin(struct ms_engine *e, struct ms_conn *c, const struct ms_fetch_head *head)
{
    struct ms_fetch *f = ms_arena_alloc(&c->arena, sizeof *f);
    *f = (struct ms_fetch){ .step = IN_HEAD, .left = head->bytes, .chunked = head->chunked, .sized = head->sized, .length = head->length, .arena = &c->arena,
                            .hasher = ms_mime_pool_hasher(e->examine.mime) };
    if (!ms_sha256_start(f->hasher, &f->digest))
        return NULL;
    f->part = (struct ms_part){ .type = head->type, .filename = head->name, .disposition = MS_LIT("attachment") };
    ms_signs_init(&f->signs, f->arena);
    f->content = ms_content_create(f->arena, &e->options.limits, &e->examine.content, &f->signs);
    ms_content_begin(f->content, 0, &f->part);
    return f;
}

static void end(struct ms_fetch *f, bool whole)
{
    struct ms_message nobody = { 0 };
    f->step = OVER;
    whole &= ms_sha256_final(f->hasher, &f->digest, f->seen.sha256);
    ms_sha256_release(f->hasher, &f->digest);
    if (whole) {
        f->seen.size = f->part.size;
        f->seen.name = f->part.filename;
        f->seen.detected = f->part.detected = ms_detect_content((struct ms_bytes){ f->first, f->first_n });
        f->seen.signs = &f->signs;
        ms_content_end(f->content, 0, &f->part);
    }
    ms_content_finish(f->content, &nobody);
}

static void take(struct ms_fetch *f, struct ms_bytes bytes)
{
    struct ms_bytes first = ms_head(bytes, FIRST_BYTES - f->first_n);
    if (first.n)
        memcpy(f->first + f->first_n, first.p, first.n);
    f->first_n = (uint16_t)(f->first_n + first.n);
    f->part.size += bytes.n;
    ms_sha256_update(f->hasher, &f->digest, bytes);
    ms_content_data(f->content, 0, bytes);
}

/* The head is over, or a chunk's size is known. */
static void begin_body(struct ms_fetch *f)
{
    f->step = f->chunked ? IN_SIZE : f->sized ? IN_BODY : UNTIL_END;
    f->left = f->chunked ? 0 : f->length;
    if (f->step == IN_BODY && f->left == 0)
        end(f, true);
}

static void begin_chunk(struct ms_fetch *f)
{
    f->step = IN_CHUNK;
    if (f->digits == 0 || f->left == 0) /* the last one; trailers are none of ours */
        end(f, f->digits);
    f->digits = 0;
}

/* One byte of the line with the size of a chunk (RFC 9112 7.1), or of the line end in front of it. */
static void take_mark(struct ms_fetch *f, uint8_t c)
{
    int digit = ms_hex_digit(c);
    if (c == '\n' && f->step == BEHIND_CHUNK)
        f->step = IN_SIZE;
    else if (c == '\n')
        begin_chunk(f);
    else if (c == '\r' || f->step == IN_EXTENSION)
        return;
    else if (f->step == IN_SIZE && digit >= 0 && f->digits < SIZE_DIGITS) {
        f->left = f->left << 4 | (unsigned)digit;
        f->digits++;
    } else if (f->step == IN_SIZE && (c == ';' || ms_is_blank(c)))
        f->step = IN_EXTENSION;
    else
        end(f, false);
}

/* Bytes of one step. */
static void take_run(struct ms_fetch *f, struct ms_bytes run)
{
    if (f->step != IN_HEAD)
        take(f, run);
    if (f->step == UNTIL_END || (f->left -= run.n))
        return;
    if (f->step == IN_HEAD)
        begin_body(f);
    else if (f->step == IN_CHUNK)
        f->step = BEHIND_CHUNK;
    else
        end(f, true);
}

void ms_fetch_data(struct ms_fetch *f, struct ms_bytes bytes, uint64_t frame)
{
    while (bytes.n && f->step != OVER) {
        bool            marks = f->step == IN_SIZE || f->step == IN_EXTENSION || f->step == BEHIND_CHUNK;
        struct ms_bytes run = ms_head(bytes, marks ? 1 : f->step == UNTIL_END || f->left > bytes.n ? bytes.n : (size_t)f->left);
        f->seen.last_frame = frame;
        if (marks)
            take_mark(f, run.p[0]);
        else
            take_run(f, run);
        bytes = ms_tail(bytes, run.n);
    }
}

void ms_fetch_gap(struct ms_fetch *f)
{
    if (f->step != OVER)
        end(f, false);
}

const struct ms_download *ms_fetch_end(struct ms_fetch *f, bool closed)
{
    if (f->step != OVER)
        end(f, closed && f->step == UNTIL_END);
    return f->seen.signs ? &f->seen : NULL;
}
