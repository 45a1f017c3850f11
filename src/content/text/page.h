/* content/text/page.h - what of a piece of HTML people see, and what else it does: the part between tokens (html.h) and signs.
 *
 * Keeps    the text that is seen on the heap, of what is hidden the beginning and how much it was.
 * Bounds   MS_PAGE_DEPTH open elements (deeper ones count as part of the last), MS_PAGE_ANCHORS spans of anchors; the first MS_PAGE_BASED links are put behind a base address of MS_PAGE_BASE bytes. */
#pragma once
#include "content/content.h"
#include "content/text/css.h"
#include "content/text/html.h"
#include "content/text/reading.h"

enum { MS_PAGE_DEPTH = 256, MS_PAGE_ANCHORS = 1024, MS_PAGE_HIDDEN = 4096, MS_PAGE_BASE = 512, MS_PAGE_BASED = 1024 };

struct ms_page_level { /* an open element: what its text looks like */
    uint16_t tag;
    bool     hidden, invisible, tiny, clear, same_color, quiet, picture; /* picture: the background is no plain colour */
    uint32_t color, background;
};

struct ms_page {
    struct ms_inside     *in;
    struct ms_html        html;
    struct ms_html_token  token;
    struct ms_css_rules   rules;
    struct ms_page_level  levels[MS_PAGE_DEPTH];
    size_t                depth;                    /* of levels in use, from 1 */

    struct ms_buffer      seen, hidden;             /* UTF-8 */
    uint64_t              hidden_bytes, hidden_words;
    size_t                hidden_splits;            /* hidden text between two letters */
    struct ms_bytes       split;
    bool                  after_hidden;

    struct ms_bytes       href;                     /* of the open anchor */
    size_t                href_from;                /* where its text begins in `seen` */
    bool                  href_open, href_picture;
    struct ms_span        anchors[MS_PAGE_ANCHORS];
    size_t                anchor_count;

    struct ms_bytes       form;                     /* action of the open form */
    bool                  form_open, form_told;
    unsigned              links, pictures, linked_pictures, web_links;
    unsigned              turned;                   /* bdo dir=rtl */
    struct ms_bytes       based;                    /* base href */
    bool                  script;
};

void ms_page_init(struct ms_page *page, struct ms_inside *in, struct ms_bytes html);
void ms_page_finish(struct ms_page *page);
bool ms_page_step(struct ms_page *page); /* one token; false at the end */
/* content/text/page_do.c: what start and end tags do besides looks. */
void ms_page_start(struct ms_page *page);
void ms_page_end(struct ms_page *page);
void ms_page_raw(struct ms_page *page);   /* content of script, style, ... */
void ms_page_close_anchor(struct ms_page *page);
bool ms_page_is_hidden(const struct ms_page *page);
/* content/text/smuggling.c: a script, or the whole of an HTML file. */
void ms_script_judge(struct ms_inside *in, struct ms_bytes script);
