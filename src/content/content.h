/* content/content.h - what is inside the decoded parts of a message: links, hidden text, archives, documents, programs.
 *
 * Feed     the decoded parts as mail/mime.h hands them over (part_begin, part_data, part_end; they nest). Parts whose kind cannot hold
 *          anything that matters (sound, film) are passed over at once.
 * Gives    signs (model/sign.h) and links. Nothing that is found here decides by itself: check/verdict.c weighs.
 * Memory   the first `content_bytes` of a part are kept until the part ends, all messages together `content_held_bytes`; what is
 *          kept less is looked at as far as it goes. Results live in the arena of the message.
 * Speed    linear in what is kept; archives are unpacked up to `content_bytes` in all for each part.                            */
#pragma once
#include "base/limits.h"
#include "model/record.h"

struct ms_links {
    struct ms_arena *arena; const struct ms_limits *limits;
    struct ms_url   *at; size_t n, room;
    uint64_t         dropped;
    uint32_t        *slots; size_t slot_count; /* places in `at`, from 1, by hash of the link */
};
/* One link more, unless it was there. Copies; fills in the host (content/link/url.h). Signs of the link's own shape are added too. */
void ms_link_add(struct ms_links *links, struct ms_signs *signs, const struct ms_url *link);

/* What a letter shows without a click. */
struct ms_letter { size_t words; bool refers, unseen; }; /* of its longest text; refers: to what is attached; unseen: some of it may be missing */

/* Of all pictures of a message: pixels that may still be looked at, those that were in trying to read codes (as many at most), and how often there were too many. */
struct ms_pixels { uint64_t left, tried, reached_picture, reached_message; };

/* What readers of one part work with. */
struct ms_inside {
    struct ms_signs        *signs;
    struct ms_links        *links;
    struct ms_arena        *arena;     /* until the part ends */
    const struct ms_limits *limits;
    size_t                  part;      /* of signs and links */
    unsigned                depth;     /* how many archives and documents are around it */
    uint64_t               *budget;    /* bytes that may still be unpacked for this part, archives in it included */
    struct ms_bytes         passwords; /* words of the message's text that may be passwords, each with a NUL behind; of archives */
    bool                    loads;     /* links that are found now are of pictures */
    uint64_t               *digest;    /* of the words of texts that the mail program shows (struct ms_message); NULL: of others */
    struct ms_letter       *letter;    /* likewise */
    struct ms_signs        *said;      /* signs of texts in files, until it is known whether they count; NULL: at once */
    struct ms_pixels       *pixels;
    bool                    qr;        /* links that are found now stand in a code for cameras */
};

/* Text that the mail program shows, not a file that somebody has to open. */
bool ms_is_body(const struct ms_part *part);

struct ms_piece {                      /* a part, or a file in an archive */
    struct ms_bytes bytes;             /* decoded, its first ones */
    bool            cut;               /* there was more */
    struct ms_bytes name, type;        /* file name (UTF-8), declared type; empty when there is none */
    const char     *detected;          /* ms_detect_content() */
    struct ms_bytes charset;           /* of text; empty when it is not known */
};
/* content/text/: text that people read, in any charset. */
void ms_text_look(struct ms_inside *in, const struct ms_piece *piece);
void ms_subject_look(struct ms_inside *in, struct ms_bytes subject); /* decoded; in->part is MS_SIGN_WHOLE */
void ms_html_look(struct ms_inside *in, const struct ms_piece *piece);
/* content/picture/drawing.c: codes for cameras that a text draws with block elements, and in a picture that a link (data:) carries in itself. */
void ms_drawing_look(struct ms_inside *in, struct ms_bytes text);
void ms_data_picture_look(struct ms_inside *in, struct ms_bytes link);
/* content/file.c: everything else, and attached text as well (scripts, HTML as a file). Looks into archives by itself. Without bytes it
 * looks at the name: parts that nobody wants have one too. */
void ms_file_look(struct ms_inside *in, const struct ms_piece *piece);
/* A text that is shown, as a scanner of files sees it. */
void ms_body_look(struct ms_inside *in, const struct ms_piece *piece);
/* Whether the bytes of a part should be kept for ms_file_look, by its name, its types and the first 512 bytes. False for sound, film and plain
 * text that are what they say. */
bool ms_file_wants(const struct ms_part *part, struct ms_bytes first);
/* The same of pictures that are what they say: nothing but codes is looked for in them. */
bool ms_picture_wants(const struct ms_part *part, struct ms_bytes first);

/* Signs of links that name a recipient of the message; after its links and envelope are known. */
void ms_links_judge(struct ms_signs *signs, const struct ms_message *m);

/* ---- a message under way --------------------------------------------------------------------------------- */

/* Programs of others that look into parts, when the user asks for it. `hit`: the name of what they found, borrowed. */
struct ms_scan_hits { void (*hit)(struct ms_scan_hits *hits, struct ms_bytes name); };
struct ms_scanner { enum ms_sign_kind sign; void (*scan)(void *ctx, struct ms_bytes content, struct ms_scan_hits *to); void *ctx; };
struct ms_scanners { const struct ms_scanner *at; size_t n; };

/* What messages share: the memory that is kept for all together, and how often limits were reached. One a thread; zeroed is fine. */
struct ms_content_pool { uint64_t held, reached_bytes, reached_held, reached_picture_bytes; struct ms_pixels pixels; const struct ms_scanners *scanners; }; /* scanners: borrowed; NULL none */

struct ms_content;
/* Everything given outlives it. Signs and links are in the arena. */
struct ms_content *ms_content_create(struct ms_arena *arena, const struct ms_limits *limits, struct ms_content_pool *pool, struct ms_signs *signs);
/* As struct ms_mime_sink (mail/mime.h) says. */
void ms_content_begin(struct ms_content *c, size_t index, const struct ms_part *part);
void ms_content_data(struct ms_content *c, size_t index, struct ms_bytes decoded);
void ms_content_end(struct ms_content *c, size_t index, const struct ms_part *part);
void ms_content_partial(struct ms_content *c); /* parts of the message, or bytes, will not come */
/* Fills urls, url_count and urls_dropped of *out, and frees it. */
void ms_content_finish(struct ms_content *c, struct ms_message *out);
