/* auth/spf_match.c - mechanisms that compare the client's address with what DNS says (RFC 7208 5.3 to 5.7). */
#include "auth/spf_private.h"
#include "base/text.h"

static bool in_network(const uint8_t ip[16], const uint8_t network[16], unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    return memcmp(ip, network, whole) == 0 && (rest == 0 || ((ip[whole] ^ network[whole]) & (0xff00u >> rest) & 0xff) == 0);
}

static bool matches(const struct ms_spf_run *r, const struct ms_spf_term *t, const uint8_t ip[16])
{
    return in_network(r->in->ip, ip, ms_spf_is_ipv4(r->in->ip) ? 96 + t->bits4 : t->bits6);
}

/* Of ip4 and ip6: those of the other family match nobody. */
static bool matches_network(const struct ms_spf_run *r, const struct ms_spf_term *t)
{
    return (t->kind == MS_SPF_IP4) == ms_spf_is_ipv4(r->in->ip) && matches(r, t, t->ip);
}

static uint16_t address_type(const struct ms_spf_run *r) { return ms_spf_is_ipv4(r->in->ip) ? MS_DNS_A : MS_DNS_AAAA; }

static int match_addresses(struct ms_spf_run *r, const struct ms_spf_term *t, struct ms_bytes name)
{
    struct ms_dns_set set;
    int               result = ms_spf_ask(r, name, address_type(r), &set);
    for (size_t i = 0; result == MS_SPF_RUN_ON && i < set.n; i++)
        if (matches(r, t, set.at[i].ip))
            return MS_SPF_MATCH;
    return result;
}

static int match_mx(struct ms_spf_run *r, const struct ms_spf_term *t, struct ms_bytes name)
{
    struct ms_dns_set set;
    struct ms_bytes   hosts[MS_SPF_NAMES];
    int               result = ms_spf_ask(r, name, MS_DNS_MX, &set);
    size_t            n = set.n;
    if (n > MS_SPF_NAMES)
        return ms_spf_problem(r, MS_SPF_PERMERROR, "more than 10 mail exchangers", name);
    for (size_t i = 0; i < n; i++) /* the set goes with the next question */
        hosts[i] = ms_arena_keep(r->arena, set.at[i].value);
    for (size_t i = 0; result == MS_SPF_RUN_ON && i < n; i++)
        if (hosts[i].n)
            result = match_addresses(r, t, hosts[i]);
    return result;
}

static int match_exists(struct ms_spf_run *r, struct ms_bytes name)
{
    struct ms_dns_set set;
    int               result = ms_spf_ask(r, name, MS_DNS_A, &set);
    return result == MS_SPF_RUN_ON && set.n ? MS_SPF_MATCH : result;
}

/* ---- names of the client (5.5) ---------------------------------------------------------------------------------- */

static struct ms_bytes reverse_name(const uint8_t ip[16], struct ms_arena *arena)
{
    struct ms_buffer t = { 0 };
    if (ms_spf_is_ipv4(ip)) {
        ms_text_format(&t, "%u.%u.%u.%u.in-addr.arpa", ip[15], ip[14], ip[13], ip[12]);
    } else {
        for (int i = 15; i >= 0; i--)
            ms_text_format(&t, "%x.%x.", (unsigned)(ip[i] & 15), (unsigned)(ip[i] >> 4));
        ms_text_str(&t, "ip6.arpa");
    }
    struct ms_bytes name = ms_arena_keep(arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
    return name;
}

/* As ms_spf_ask, but a failure is the same as no records. */
static bool ask_name(struct ms_spf_run *r, struct ms_bytes name, uint16_t type, struct ms_dns_set *out)
{
    int result = ms_spf_ask(r, name, type, out);
    if (result == MS_SPF_TEMPERROR)
        r->out->problem = NULL;
    return result == MS_SPF_RUN_ON;
}

static bool leads_back(struct ms_spf_run *r, struct ms_bytes name)
{
    struct ms_dns_set set;
    if (!ask_name(r, name, address_type(r), &set))
        return false;
    for (size_t i = 0; i < set.n; i++)
        if (memcmp(set.at[i].ip, r->in->ip, 16) == 0)
            return true;
    return false;
}

void ms_spf_learn_names(struct ms_spf_run *r)
{
    struct ms_dns_set set;
    struct ms_bytes   names[MS_SPF_NAMES];
    if (r->names_done)
        return;
    r->names_done = true;
    if (!ask_name(r, reverse_name(r->in->ip, r->arena), MS_DNS_PTR, &set))
        return;
    size_t n = set.n < MS_SPF_NAMES ? set.n : MS_SPF_NAMES;
    for (size_t i = 0; i < n; i++)
        names[i] = ms_arena_keep(r->arena, set.at[i].value);
    for (size_t i = 0; i < n; i++)
        if (leads_back(r, names[i]))
            r->names[r->name_count++] = names[i];
}

bool ms_spf_is_below(struct ms_bytes name, struct ms_bytes domain)
{
    if (domain.n == 0 || name.n < domain.n || !ms_equal_nocase(ms_tail(name, name.n - domain.n), domain))
        return false;
    return name.n == domain.n || name.p[name.n - domain.n - 1] == '.';
}

static int match_ptr(struct ms_spf_run *r, struct ms_bytes domain)
{
    ms_spf_learn_names(r);
    if (r->out->problem) /* too many empty answers */
        return MS_SPF_PERMERROR;
    for (size_t i = 0; i < r->name_count; i++)
        if (ms_spf_is_below(r->names[i], domain))
            return MS_SPF_MATCH;
    return MS_SPF_RUN_ON;
}

int ms_spf_match(struct ms_spf_run *r, const struct ms_spf_term *t, struct ms_bytes domain)
{
    struct ms_bytes name;
    if (t->kind == MS_SPF_ALL)
        return MS_SPF_MATCH;
    if (t->kind == MS_SPF_IP4 || t->kind == MS_SPF_IP6)
        return matches_network(r, t) ? MS_SPF_MATCH : MS_SPF_RUN_ON;
    if (!ms_spf_expand_name(r, t->spec, domain, &name))
        return ms_spf_problem(r, MS_SPF_PERMERROR, "macros that expand beyond measure", t->text);
    switch (t->kind) {
    case MS_SPF_A: return match_addresses(r, t, name);
    case MS_SPF_MX: return match_mx(r, t, name);
    case MS_SPF_PTR: return match_ptr(r, name);
    default: return match_exists(r, name);
    }
}
