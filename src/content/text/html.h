/* content/text/html.h - HTML of messages, token by token, as browsers cut it (WHATWG HTML 13.2.5), however broken it is.
 *
 * Reads    start and end tags with attributes in any quoting, comments and everything that browsers take for one, CDATA, character
 *          references, script, style, title, textarea and the like as raw text, tags that are never closed, NULs.
 * Borrows  all slices point into the input. Character references in them stand as they are: ms_html_decode().
 * Bounds   one pass; of a tag the first MS_HTML_ATTRIBUTES attributes.
 * Threads  pure.
 * BUGS     no script is run, and "<!--<script>" inside a script does not change where it ends.                            */
#pragma once
#include "base/arena.h"

enum { MS_HTML_ATTRIBUTES = 32 };

/* Elements that mean something here, with what is known of them. */
enum ms_html_tag {
    MS_TAG_OTHER,
#define X(name, slug, flags) MS_TAG_##name,
#include "content/text/tags.def"
#undef X
    MS_TAG_COUNT
};
enum ms_html_flag {
    MS_TAG_BLOCK = 1,  /* begins a new line */
    MS_TAG_VOID  = 2,  /* has no end */
    MS_TAG_RAW   = 4,  /* its content is no markup */
    MS_TAG_QUIET = 8,  /* its content is not shown */
    MS_TAG_CELL  = 16, /* closed by the next of its kind */
};

enum ms_html_kind { MS_HTML_TEXT, MS_HTML_START, MS_HTML_END, MS_HTML_COMMENT, MS_HTML_RAW };

struct ms_html_attribute { struct ms_bytes name, value; };
struct ms_html_token {
    enum ms_html_kind        kind;
    enum ms_html_tag         tag;   /* of START, END; RAW: whose content it is */
    unsigned                 flags; /* of the tag */
    struct ms_bytes          text;  /* TEXT, COMMENT, RAW: content; tags: the name as it stands */
    struct ms_html_attribute attributes[MS_HTML_ATTRIBUTES];
    size_t                   attribute_count;
};
struct ms_html { struct ms_bytes rest; enum ms_html_tag raw; };

/* False at the end. */
bool ms_html_next(struct ms_html *html, struct ms_html_token *out);
/* The attribute's value as it stands; NULL p: there is none. `name` in lower case. */
struct ms_bytes ms_html_raw_attribute(const struct ms_html_token *token, struct ms_bytes name);
/* The same with character references resolved; in the arena when there were some. */
struct ms_bytes ms_html_attribute(const struct ms_html_token *token, struct ms_bytes name, struct ms_arena *arena);

/* Appends text with its character references resolved, as UTF-8; NUL becomes U+FFFD. `attribute`: by the rules for values of attributes. */
void ms_html_decode(struct ms_bytes raw, bool attribute, struct ms_buffer *out);
