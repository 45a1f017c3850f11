/* check/mail_names.c - which name lookups are mail's: by type, and by what hosts and services are called.
 *
 * BUGS     Block lists are known by words in their names only.                                            */
#include "check/private.h"
#include "net/dns.h"

enum { LONG_LABEL = 40, LONG_NAME = 100 };

#define DISCOVERY "autodiscover|autoconfig"
#define HOSTS "smtp|smtps|imap|imaps|pop|pops|mail|mx|submission|email|mailhost|mailin|mailout|relay|mta|exchange|" DISCOVERY
#define SERVICES "imap|imaps|pop|pops|submission|submissions|smtp|smtps|autodiscover"
#define BLOCK_LISTS "dnsbl|rhsbl|.dbl.|surbl|uribl|spamhaus|spamcop|dnswl|barracudacentral|sorbs|blocklist|blacklist|.bl."

/* "smtp-out3.example.org" -> "smtp" */
static struct ms_bytes first_word(struct ms_bytes name)
{
    size_t n = 0;
    while (n < name.n && name.p[n] != '.' && name.p[n] != '-' && !ms_is_digit(name.p[n]))
        n++;
    return ms_head(name, n);
}

static bool is_block_list(struct ms_bytes name)
{
    struct ms_words w;
    ms_words_init(&w, name);
    return ms_words_have(&w, BLOCK_LISTS);
}

/* Labels this long are data, not names: programs hide traffic in MX questions. */
static bool is_tunnel(struct ms_bytes name) { return ms_find(name, '.') > LONG_LABEL || name.n > LONG_NAME; }

static bool is_pin(struct ms_bytes name)
{
    return ms_starts_nocase(name, MS_LIT("_25._tcp.")) || ms_starts_nocase(name, MS_LIT("_587._tcp.")) || ms_starts_nocase(name, MS_LIT("_465._tcp."));
}

bool ms_mail_name_is_guess(struct ms_bytes name) { return ms_is_one_of(first_word(name), DISCOVERY); }

bool ms_mail_name_matters(const struct ms_promises *p, const struct ms_lookup *l)
{
    switch (l->type) {
    case MS_DNS_MX: return l->name.n > 0 && ms_at(l->name, 0) != '_' && !is_tunnel(l->name);
    case MS_DNS_SRV: return ms_at(l->name, 0) == '_' && ms_is_one_of(first_word(ms_tail(l->name, 1)), SERVICES);
    case MS_DNS_TLSA: return is_pin(l->name);
    case MS_DNS_A:
    case MS_DNS_AAAA: return ms_promises_is_mail_host(p, l->name) || (ms_is_one_of(first_word(l->name), HOSTS) && !is_block_list(l->name));
    default: return false;
    }
}
