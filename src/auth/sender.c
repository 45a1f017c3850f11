/* auth/sender.c - the author that policies are about, and verdicts that came along (RFC 7489 6.6.1, RFC 8601).
 *
 * BUGS     In files, where the receiver wrote no verdict, the first one may be the sender's own.                  */
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

/* Takes one result off, up to a ';' that stands in no comment and no quoted string. */
static struct ms_bytes take_result(struct ms_bytes *rest)
{
    size_t n = 0, depth = 0;
    bool   quoted = false;
    for (; n < rest->n && (rest->p[n] != ';' || depth || quoted); n++) {
        uint8_t c = rest->p[n];
        if (c == '\\')
            n++;
        else if (c == '"' && !depth)
            quoted = !quoted;
        else if (!quoted && (c == '(' || (c == ')' && depth)))
            depth += c == '(' ? 1 : (size_t)-1;
    }
    struct ms_bytes one = ms_trim(ms_head(*rest, n));
    *rest = ms_tail(*rest, n + 1);
    return one;
}

/* "dmarc = fail (p=none) header.from=example.org": method and result, whatever follows. */
static bool found(struct ms_bytes result, struct ms_bytes method, struct ms_bytes what)
{
    struct ms_bytes rest = ms_trim(ms_tail(result, method.n));
    if (!ms_starts_nocase(result, method) || ms_at(rest, 0) != '=')
        return false;
    rest = ms_trim(ms_tail(rest, 1));
    return ms_starts_nocase(rest, what) && !ms_is_letter(ms_at(rest, what.n));
}

/* Only what the last server on the way found counts: the fields in the name of the first one, with which they begin (RFC 8601 2.2). A sender
 * may write fields in her name below, which she should take out (RFC 8601 5): that a message is genuine counts in the first field alone,
 * what forwarders say above the next Received field. */
static void read_results(struct ms_sender *s, struct ms_bytes value, struct ms_arena *arena)
{
    struct ms_bytes name = ms_trim(ms_head(value, ms_find(value, ';'))), rest = value;
    struct ms_bytes by = ms_take_word(&name);
    bool            last = s->result_count == 0 || ms_equal_nocase(by, s->results[0]);
    while (last && rest.n) {
        struct ms_bytes one = take_result(&rest);
        if (found(one, MS_LIT("dmarc"), MS_LIT("fail")))
            s->refuted = MS_LIT("dmarc=fail");
        else if (s->refuted.n == 0 && found(one, MS_LIT("compauth"), MS_LIT("fail")))
            s->refuted = MS_LIT("compauth=fail");
        s->genuine |= s->result_count == 0 && (found(one, MS_LIT("dmarc"), MS_LIT("pass")) || found(one, MS_LIT("compauth"), MS_LIT("pass")));
        s->vouched |= !s->handed_on && found(one, MS_LIT("arc"), MS_LIT("pass"));
    }
    if (s->result_count < MS_AUTH_RESULTS)
        s->results[s->result_count++] = ms_arena_keep(arena, by);
}

void ms_sender_read(struct ms_sender *s, const struct ms_fields *fields, struct ms_arena *arena)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct ms_field *f = &fields->at[i];
        if (ms_equal_nocase(f->name, MS_LIT("from")))
            read_from(s, f->value, arena);
        else if (ms_equal_nocase(f->name, MS_LIT("authentication-results")))
            read_results(s, f->value, arena);
        else if (ms_equal_nocase(f->name, MS_LIT("received")))
            s->handed_on = s->result_count > 0;
        else if (ms_equal_nocase(f->name, MS_LIT("content-type")))
            s->report |= ms_starts_nocase(ms_trim(f->value), MS_LIT("multipart/report"));
        else if (ms_is_one_of(f->name, "list-id|list-post"))
            s->list = true;
        else if (ms_is_one_of(f->name, "auto-submitted|x-autoreply|x-auto-response-suppress|precedence|x-failed-recipients"))
            s->report = true;
    }
    s->report |= ms_is_one_of(s->local, "mailer-daemon|postmaster");
}
