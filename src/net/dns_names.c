/* net/dns_names.c - addresses and what they are called: by which lookup a client, or anyone, knows an address.
 *
 * Rank     the name that was asked for to get an address stands above what a reverse lookup says of it; of two of the same rank the
 *          later one counts.
 * Memory   two tables of at most `cap` addresses, the one that was named longest ago leaves first; the addresses of one lookup
 *          share its name.
 *
 * BUGS     names of more than 255 bytes as text are not kept. TTLs are not looked at: clients hold on to addresses, too.      */
#include "net/dns_private.h"

#include "base/hash.h"

enum { KEPT_NAME = 255, CHAIN_PASSES = 2 };

struct fact { uint32_t refs; uint16_t type, n; uint64_t frame, answer_frame; int64_t sent, replied; uint8_t name[]; };
struct entry { struct ms_aged_node node; struct fact *fact; };

static uint64_t word(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t hash_of(const uint8_t client[16], const uint8_t ip[16]) /* client NULL: anyone */
{
    return client ? ms_hash_words(word(client), word(client + 8), word(ip), word(ip + 8), 1) : ms_hash_words(0, 0, word(ip), word(ip + 8), 2);
}

static void drop_ref(struct fact *f)
{
    if (--f->refs == 0)
        ms_free(f);
}

static struct fact *fact_of(const struct ms_lookup *l, struct ms_bytes name)
{
    struct fact *f = ms_alloc(sizeof *f + name.n);
    f->refs = 1;
    f->type = l->type;
    f->n = (uint16_t)name.n;
    f->frame = l->frame;
    f->answer_frame = l->answer_frame;
    f->sent = l->sent;
    f->replied = l->replied;
    memcpy(f->name, name.p, name.n);
    return f;
}

static void put(struct ms_dns_names *names, struct ms_aged *x, uint64_t hash, struct fact *f)
{
    struct entry *e = (struct entry *)(void *)ms_aged_find(x, hash);
    if (e && f->type == MS_DNS_PTR && e->fact->type != MS_DNS_PTR)
        return;
    f->refs++;
    if (e) {
        drop_ref(e->fact);
        e->fact = f;
        ms_aged_touch(x, &e->node);
        return;
    }
    if (x->count >= names->cap) {
        e = (struct entry *)(void *)x->oldest;
        ms_aged_remove(x, &e->node);
        drop_ref(e->fact);
        names->dropped += x == &names->by_client;
    } else {
        e = ms_alloc(sizeof *e);
    }
    e->node.hash = hash;
    e->fact = f;
    ms_aged_add(x, &e->node);
}

static void name_address(struct ms_dns_names *names, const uint8_t client[16], const uint8_t ip[16], struct fact *f)
{
    put(names, &names->by_client, hash_of(client, ip), f);
    put(names, &names->by_any, hash_of(NULL, ip), f);
}

/* Where the CNAMEs lead from the name that was asked for. Servers give them in order; one change of places is forgiven. */
static struct ms_bytes end_of_chain(const struct ms_lookup *l)
{
    struct ms_bytes at = l->name;
    for (int pass = 0; pass < CHAIN_PASSES; pass++)
        for (size_t i = 0; i < l->answer_count; i++)
            if (l->answers[i].type == MS_DNS_CNAME && ms_equal(l->answers[i].name, at))
                at = l->answers[i].target;
    return at;
}

static void learn_addresses(struct ms_dns_names *names, const struct ms_lookup *l)
{
    struct ms_bytes end = end_of_chain(l);
    struct fact    *f = fact_of(l, l->name);
    for (size_t i = 0; i < l->answer_count; i++) {
        const struct ms_dns_answer *a = &l->answers[i];
        if ((a->type == MS_DNS_A || a->type == MS_DNS_AAAA) && ms_equal(a->name, end))
            name_address(names, l->client.ip, a->ip, f);
    }
    drop_ref(f);
}

/* "25.100.51.198.in-addr.arpa": the bytes of the address backwards, in decimal. */
static bool reverse_ipv4(struct ms_bytes labels, uint8_t ip[16])
{
    memcpy(ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    for (int i = 15; i >= 12; i--) {
        size_t   dot = ms_find(labels, '.');
        uint64_t v;
        if (!ms_parse_u64(ms_head(labels, dot), &v) || v > 255 || (dot == labels.n) != (i == 12))
            return false;
        ip[i] = (uint8_t)v;
        labels = ms_tail(labels, dot + 1);
    }
    return true;
}

/* RFC 3596 2.5: 32 hexadecimal digits backwards. */
static bool reverse_ipv6(struct ms_bytes labels, uint8_t ip[16])
{
    if (labels.n != 63)
        return false;
    for (size_t i = 0; i < 32; i++) {
        int digit = ms_hex_digit(labels.p[i * 2]);
        if (digit < 0 || (i < 31 && labels.p[i * 2 + 1] != '.'))
            return false;
        uint8_t *to = &ip[15 - i / 2];
        *to = (uint8_t)(i % 2 ? *to | digit << 4 : digit);
    }
    return true;
}

static bool ends_with(struct ms_bytes *name, struct ms_bytes suffix)
{
    if (name->n <= suffix.n || !ms_equal(ms_tail(*name, name->n - suffix.n), suffix))
        return false;
    name->n -= suffix.n;
    return true;
}

static bool reverse_address(struct ms_bytes name, uint8_t ip[16])
{
    if (ends_with(&name, MS_LIT(".in-addr.arpa")))
        return reverse_ipv4(name, ip);
    return ends_with(&name, MS_LIT(".ip6.arpa")) && reverse_ipv6(name, ip);
}

static void learn_reverse(struct ms_dns_names *names, const struct ms_lookup *l)
{
    uint8_t ip[16];
    if (!reverse_address(l->name, ip))
        return;
    for (size_t i = 0; i < l->answer_count; i++) {
        const struct ms_dns_answer *a = &l->answers[i];
        if (a->type != MS_DNS_PTR || a->target.n > KEPT_NAME)
            continue;
        struct fact *f = fact_of(l, a->target);
        name_address(names, l->client.ip, ip, f);
        drop_ref(f);
        return;
    }
}

void ms_dns_names_learn(struct ms_dns_names *names, const struct ms_lookup *l)
{
    if (!l->answered || l->rcode != MS_DNS_OK || l->answer_count == 0 || names->cap == 0)
        return;
    if (l->type == MS_DNS_PTR)
        learn_reverse(names, l);
    else if (l->name.n <= KEPT_NAME)
        learn_addresses(names, l);
}

bool ms_dns_names_find(const struct ms_dns_names *names, const uint8_t client[16], const uint8_t ip[16], struct ms_dns_name *out)
{
    const struct entry *own = (const void *)ms_aged_find(&names->by_client, hash_of(client, ip));
    const struct entry *any = (const void *)ms_aged_find(&names->by_any, hash_of(NULL, ip));
    const struct entry *e = own ? own : any;
    if (!e)
        return false;
    if (e->fact->type == MS_DNS_PTR && any && any->fact->type != MS_DNS_PTR)
        e = any;
    const struct fact *f = e->fact;
    *out = (struct ms_dns_name){ { f->name, f->n }, f->type, f->frame, f->answer_frame, f->sent, f->replied };
    return true;
}

static void drop_facts(struct ms_aged *x)
{
    for (struct ms_aged_node *n = x->oldest; n; n = n->newer)
        drop_ref(((struct entry *)(void *)n)->fact);
    ms_aged_finish(x);
}

void ms_dns_names_finish(struct ms_dns_names *names)
{
    drop_facts(&names->by_client);
    drop_facts(&names->by_any);
}
