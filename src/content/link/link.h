/* content/link/link.h - links of a part, with the signs that they show. */
#pragma once
#include "content/content.h"
#include "content/link/url.h"

/* A link of the part; `text`: of its anchor, empty when there is none. */
void ms_link_found(struct ms_inside *in, struct ms_bytes url, struct ms_bytes text);
/* content/link/links.c: a link that was read already. */
struct ms_link_read { struct ms_arena *scratch; struct ms_url link; struct ms_url_view view; };
void ms_link_put(struct ms_links *links, struct ms_signs *signs, const struct ms_link_read *read);
bool ms_link_is_known(const struct ms_links *links, struct ms_bytes url);
/* content/link/link_signs.c: signs of the shape of a link, wherever it stands. */
void ms_link_judge(struct ms_arena *scratch, struct ms_signs *signs, const struct ms_url *link, const struct ms_url_view *view);
/* Is it the host of a service that wraps links of others (protection, statistics of newsletters)? */
bool ms_host_wraps(struct ms_bytes host);
bool ms_host_is_free(struct ms_bytes host);      /* one where anybody puts pages, without a name of his own */
bool ms_host_is_cheap(struct ms_bytes host);     /* below a top-level domain that costs little and is abused much */
bool ms_host_is_common(struct ms_bytes host);    /* one that mail of all kinds points to: social networks, stores of apps */
bool ms_host_has_pictures(struct ms_bytes host); /* one where anybody puts pictures */
/* The absolute link inside a link (in its path, query or fragment), percent escapes undone; empty: none. */
struct ms_bytes ms_link_embedded(const struct ms_url_view *view, struct ms_arena *arena);
