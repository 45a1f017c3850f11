/* content/links.c - the links of a message: each one once, up to a limit. */
#include "content/content.h"
#include <string.h>

static bool is_known(const struct ms_links *links, struct ms_bytes url)
{
    for (size_t i = 0; i < links->n; i++)
        if (ms_equal(links->at[i].url, url))
            return true;
    return false;
}

static struct ms_url *room_for(struct ms_links *links)
{
    if (links->n == links->limits->message_urls) {
        links->dropped++;
        return NULL;
    }
    if (links->n == links->room) {
        size_t         room = links->room ? links->room * 2 : 8;
        struct ms_url *at = ms_arena_alloc(links->arena, room * sizeof *at);
        if (links->n)
            memcpy(at, links->at, links->n * sizeof *at);
        links->at = at;
        links->room = room;
    }
    return &links->at[links->n++];
}

void ms_link_add(struct ms_links *links, struct ms_signs *signs, const struct ms_url *link)
{
    (void)signs;
    if (is_known(links, link->url))
        return;
    struct ms_url *kept = room_for(links);
    if (!kept)
        return;
    *kept = *link;
    kept->url = ms_arena_keep(links->arena, link->url);
    kept->host = ms_arena_keep(links->arena, link->host);
    kept->text = ms_arena_keep(links->arena, link->text);
}
