/* mail/mime.h - a message as it streams by: headers, MIME tree, decoded parts, digests.
 *
 * Feed     the message as the receiver stores it (no dot-stuffing, no end marker), in pieces of any size. The result never depends
 *          on where the pieces were cut.
 * Reads    headers: folding, repeated fields, encoded words (RFC 2047; B, Q, across words, broken ones), RFC 2231 names and
 *          continuations, raw 8-bit (UTF-8, else the charset of the part, else Latin-1), CRLF, LF and mixed line ends, mbox "From " line.
 *          MIME (RFC 2045-2049): nested multiparts, message/rfc822 and message/global, missing, wrong and never closed boundaries,
 *          a boundary that prefixes another, digest defaults, base64 (with junk, wrong padding, several runs), quoted-printable
 *          (soft breaks, broken escapes, trailing blanks), 7bit, 8bit, binary, uuencode (x-uuencode, and bare "begin 644 name" blocks
 *          in text/plain, recorded as parts of their own after their text part).
 * Content  the line end before a boundary belongs to the boundary (RFC 2046 5.1.1). Decoded sizes and SHA-256 are of the decoded bytes
 *          (text parts: not converted to UTF-8). `detected` by the first bytes.
 * Parts    leaves, multiparts and attached messages, in order of appearance. Paths as IMAP numbers sections; the multipart that is
 *          the body of a message has the path of that message (empty for the outermost one). An attached message is a part of its
 *          own (its bytes as they stand, decoded) and its parts follow it. A bare uuencoded block in part 2 is 2.1, the next 2.2.
 *          A multipart has no content, unless no part of it ever came: then size and digest are of the text in it.
 * Guesses  a multipart whose boundary never comes is split at a line that begins with "--" and has "Content-" on the next line
 *          (NO_BOUNDARY is set); the boundary given still counts when it comes later. Bytes that no header field can begin with
 *          begin the body (HEADER_SYNTAX). An attached message that says base64 and begins with a header field is read as it stands
 *          (NOT_ENCODED): ':' is no digit of base64. boundary="" is a boundary: "--" alone on a line, "----" for the end. Between a plain and an extended file name the extended one is taken.
 * Memory   bounded by the limits header_bytes, header_count, mime_depth, mime_parts, whatever the size of the message: bodies stream
 *          through. Beyond a limit the bytes still count for the message's size and digest.
 * Owns     everything in the arena given; results live as long as it does.
 * Speed    one pass; base64 with SIMD chosen at run time; no work per line inside base64 and 8bit bodies.                */
#pragma once
#include "base/limits.h"
#include "model/stream.h"

enum ms_mime_odd {
    MS_MIME_HEADER_SYNTAX   = 1u << 0,  /* a header line without a colon */
    MS_MIME_HEADER_LIMIT    = 1u << 1,  /* headers over the limit header_bytes */
    MS_MIME_NO_BOUNDARY     = 1u << 2,  /* multipart without a boundary parameter, or whose parts use another */
    MS_MIME_NOT_CLOSED      = 1u << 3,  /* multipart whose closing boundary never came */
    MS_MIME_BASE64_SYNTAX   = 1u << 4,  /* foreign bytes or data after padding in base64 */
    MS_MIME_QP_SYNTAX       = 1u << 5,
    MS_MIME_UNKNOWN_ENCODING= 1u << 6,
    MS_MIME_DEPTH_LIMIT     = 1u << 7,
    MS_MIME_PARTS_LIMIT     = 1u << 8,
    MS_MIME_GAP             = 1u << 9,  /* bytes of it are missing from the capture */
    MS_MIME_BARE_LF         = 1u << 10,
    MS_MIME_BARE_CR         = 1u << 11,
    MS_MIME_NUL             = 1u << 12,
    MS_MIME_8BIT_HEADER     = 1u << 13,
    MS_MIME_REPEATED_FIELD  = 1u << 14, /* a field that may stand once (From, Subject, Content-Type, ...) stands twice */
    MS_MIME_UU_SYNTAX       = 1u << 15,
    MS_MIME_EMPTY           = 1u << 16, /* no header at all */
    MS_MIME_HEADER_COUNT    = 1u << 17, /* headers over the limit header_count */
    MS_MIME_NOT_ENCODED     = 1u << 18, /* an attached message said base64 and stands in clear */
    MS_MIME_IN_PARTS        = 1u << 19, /* of a message: its parts came one by one, what stands between them is not known */
    MS_MIME_NOT_FETCHED     = 1u << 20, /* of a part: the server told of it, its content never came */
    MS_MIME_ODD_FIELD       = 1u << 21, /* a Content- field that programs read in different ways (mail/doubt.h), or two that differ */
    MS_MIME_ODD_BOUNDARY    = 1u << 22, /* a boundary that they read in different ways */
    MS_MIME_TWO_NAMES       = 1u << 23, /* file names with different extensions for one part */
    MS_MIME_ENCODED_PARTS   = 1u << 24, /* base64 or quoted-printable around other parts (RFC 2045 6.4 forbids it) */
    MS_MIME_SHARED_BOUNDARY = 1u << 25, /* a multipart with the boundary of one around it */
    MS_MIME_OUTSIDE         = 1u << 26, /* Content- fields where no part is: before the first boundary, behind the last, behind an empty line */
    MS_MIME_BASE64_SPLIT    = 1u << 27, /* a line that ends inside a group of four characters, and is shorter than any program writes it */
};

/* Who wants the decoded bytes (export, later content checks). Calls nest by part; `index` is its place in message->parts.
 * path/type/filename of the part are final at part_begin; size, sha256, detected at part_end. */
struct ms_mime_sink {
    void (*part_begin)(void *ctx, size_t index, const struct ms_part *part);
    void (*part_data)(void *ctx, size_t index, struct ms_bytes decoded);
    void (*part_end)(void *ctx, size_t index, const struct ms_part *part);
    void *ctx;
};

struct ms_mime_options { bool hash_parts, hash_message; struct ms_mime_pool *pool; struct ms_mime_sink sink; /* functions may be NULL */ };

/* What parsers use again and again: the digest, its contexts, decode buffers, the parsers themselves. One a thread; without one,
 * each parser makes its own (slow for small messages). Destroy it after the last finish.                                    */
struct ms_mime_pool *ms_mime_pool_create(void);
void ms_mime_pool_destroy(struct ms_mime_pool *pool);
struct ms_hasher;
struct ms_hasher *ms_mime_pool_hasher(struct ms_mime_pool *pool); /* for digests beside those of the parts */

bool ms_mime_opens(struct ms_bytes type); /* a message that is taken apart with the one around it */
bool ms_mime_is_field(struct ms_bytes line); /* begins like a header field; a colon is there */

struct ms_mime;
/* `arena` and `limits` must outlive it; the parser's own working memory is on the heap and freed by finish. */
struct ms_mime *ms_mime_create(struct ms_arena *arena, const struct ms_limits *limits, const struct ms_mime_options *options);
void ms_mime_push(struct ms_mime *m, struct ms_bytes bytes);
/* `missing` bytes are not in the capture. The open part becomes incomplete, base64 resynchronises at the next line, and a
 * boundary may still end it. */
void ms_mime_gap(struct ms_mime *m, uint64_t missing);
/* One of its parts (IMAP BODY[n]) begins or ends, or is told of. Bytes pushed between BEGIN and END are that part's alone; parts come in any order, and
 * are recorded in the order in which they were listed. The digest is of all bytes with the leads, and nobody's but ours: IN_PARTS is set. */
void ms_mime_section(struct ms_mime *m, const struct ms_section *s);
/* Ends the message; fills headers, parts, part_count, parts_dropped, size, missing, sha256, hashed, odd of *out (the rest is left
 * alone) and frees the parser. */
void ms_mime_finish(struct ms_mime *m, struct ms_message *out);

/* ---- used on their own too ------------------------------------------------------------------------------- */

/* RFC 2047 encoded words and raw bytes to UTF-8, unfolded. Never fails: what cannot be decoded stays as it is. */
struct ms_bytes ms_decode_header(struct ms_bytes raw, struct ms_arena *arena);
/* Bytes of a charset to UTF-8 (iconv, with the labels of real mail: "ansi_x3.4-1968", "x-sjis", "ks_c_5601-1987", "unicode-1-1-utf-7").
 * Unknown charsets: as Latin-1. */
bool ms_charset_known(struct ms_bytes label);
struct ms_bytes ms_charset_to_utf8(struct ms_bytes raw, struct ms_bytes charset, struct ms_arena *arena);

struct ms_mailbox { struct ms_bytes display, local, domain, group; }; /* UTF-8; group: name of the RFC 5322 group it is in */
/* Address list of a header value (raw): groups, comments, quoted strings, route-addr, missing commas. At most `max`; returns how many
 * there were. */
size_t ms_parse_addresses(struct ms_bytes raw, struct ms_mailbox *out, size_t max, struct ms_arena *arena);

/* MIME type by the first bytes (at least 512 when there are that many); NULL when unknown. Text is "text/plain", "text/html", ... */
const char *ms_detect_content(struct ms_bytes first);
