/* content/link/links.c - the links of a message: each one once, up to a limit. */
#include "content/link/link.h"

#include "base/hash.h"

static uint32_t *slot_for(const struct ms_links *links, struct ms_bytes url)
{
    size_t at = (size_t)ms_hash(url) & (links->slot_count - 1);
    while (links->slots[at] && !ms_equal(links->at[links->slots[at] - 1].url, url))
        at = (at + 1) & (links->slot_count - 1);
    return &links->slots[at];
}

/* Room for one more, and twice as many slots as that. */
static void grow(struct ms_links *links)
{
    size_t         room = links->room ? links->room * 2 : 8;
    struct ms_url *at = ms_arena_alloc(links->arena, room * sizeof *at);
    if (links->n)
        memcpy(at, links->at, links->n * sizeof *at);
    links->at = at;
    links->room = room;
    links->slot_count = room * 2;
    links->slots = ms_arena_alloc(links->arena, links->slot_count * sizeof *links->slots);
    for (size_t i = 0; i < links->n; i++)
        *slot_for(links, at[i].url) = (uint32_t)(i + 1);
}

static void keep(struct ms_links *links, const struct ms_url *link, const struct ms_url_view *view)
{
    struct ms_url *kept = &links->at[links->n++];
    *kept = *link;
    kept->url = ms_arena_keep(links->arena, link->url);
    kept->host = ms_arena_keep(links->arena, view->host);
    kept->text = ms_arena_keep(links->arena, link->text);
}

bool ms_link_is_known(const struct ms_links *links, struct ms_bytes url) { return links->n && *slot_for(links, url) != 0; }

void ms_link_put(struct ms_links *links, struct ms_signs *signs, const struct ms_link_read *read)
{
    if (links->n == links->room)
        grow(links);
    uint32_t *slot = slot_for(links, read->link.url);
    if (*slot)
        return;
    ms_link_judge(read->scratch, signs, &read->link, &read->view);
    if (links->n == links->limits->message_urls) {
        links->dropped++;
        return;
    }
    *slot = (uint32_t)(links->n + 1);
    keep(links, &read->link, &read->view);
}

void ms_link_add(struct ms_links *links, struct ms_signs *signs, const struct ms_url *link)
{
    struct ms_arena     scratch = { 0 };
    struct ms_link_read read = { .scratch = &scratch, .link = *link };
    if (!ms_url_read(link->url, &scratch, &read.view))
        read.view = (struct ms_url_view){ 0 };
    ms_link_put(links, signs, &read);
    ms_arena_finish(&scratch);
}
