/* auth/sender.c - the author that policies are about, and verdicts that came along (RFC 7489 6.6.1, RFC 8601). */
#include "auth/auth_private.h"
#include "mail/mime.h"

enum { ADDRESSES = 16 };

static void read_from(struct ms_sender *s, struct ms_bytes value, struct ms_arena *arena)
{
    struct ms_mailbox boxes[ADDRESSES];
    size_t            n = ms_parse_addresses(value, boxes, ADDRESSES, arena);
    s->several |= s->froms++ > 0 || n > ADDRESSES;
    for (size_t i = 0; i < n && i < ADDRESSES; i++) {
        if (boxes[i].domain.n == 0)
            continue;
        if (s->domain.n == 0) {
            s->domain = boxes[i].domain;
            s->local = boxes[i].local;
        } else if (!ms_equal_nocase(s->domain, boxes[i].domain)) {
            s->several = true;
        }
    }
}

/* The name of who judged comes first (RFC 8601 2.2). */
static void read_results(struct ms_sender *s, struct ms_bytes value, struct ms_arena *arena)
{
    static const char *const against[] = { "dmarc=fail", "compauth=fail" };
    struct ms_bytes          name = ms_trim(ms_head(value, ms_find(value, ';')));
    bool                     vouched = ms_search_nocase(value, MS_LIT("arc=pass")) < value.n;
    for (size_t i = 0; s->result_count == 0 && !vouched && s->refuted.n == 0 && i < sizeof against / sizeof *against; i++)
        if (ms_search_nocase(value, ms_str(against[i])) < value.n)
            s->refuted = ms_str(against[i]);
    if (s->result_count < MS_AUTH_RESULTS)
        s->results[s->result_count++] = ms_arena_keep(arena, ms_take_word(&name));
}

void ms_sender_read(struct ms_sender *s, const struct ms_fields *fields, struct ms_arena *arena)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct ms_field *f = &fields->at[i];
        if (ms_equal_nocase(f->name, MS_LIT("from")))
            read_from(s, f->value, arena);
        else if (ms_equal_nocase(f->name, MS_LIT("authentication-results")))
            read_results(s, f->value, arena);
        else if (ms_equal_nocase(f->name, MS_LIT("content-type")))
            s->report |= ms_starts_nocase(ms_trim(f->value), MS_LIT("multipart/report"));
        else if (ms_is_one_of(f->name, "list-id|list-post"))
            s->list = true;
        else if (ms_is_one_of(f->name, "auto-submitted|x-autoreply|x-auto-response-suppress|precedence|x-failed-recipients"))
            s->report = true;
    }
    s->report |= ms_is_one_of(s->local, "mailer-daemon|postmaster");
}
