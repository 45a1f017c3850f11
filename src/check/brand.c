/* check/brand.c - names of companies that forgers pretend to be, and whose they are.
 *
 * Compares  without regard to case, and a second time as people read it: "PaypaI", "BRADESC0".
 * BUGS      names are few (brands.def), and words of other languages may be such names too.               */
#include "base/hash.h"
#include "base/text.h"
#include "check/private.h"
#include "content/link/confusable.h"
#include "content/link/link.h"
#include "content/link/url.h"
#include "mail/site.h"

#include <pthread.h>

struct ms_brand { const char *name, *sites; bool word, many; }; /* word: means something else, too; many: houses with sites of their own */
static const struct ms_brand brands[] = {
#define X(name, sites) { name, sites, false, false },
#define W(name, sites) { name, sites, true, false },
#define M(name, sites) { name, sites, false, true },
#include "check/brands.def"
#undef X
#undef W
#undef M
};
enum { BRANDS = sizeof brands / sizeof *brands, NAME_BYTES = 128, SHOWN_BYTES = 1024, SURE_LENGTH = 5, LABELS = 4, SITE_BYTES = 255 };

struct owners { uint64_t bits[(BRANDS + 63) / 64]; };

static struct ms_map  owners_of;  /* site: struct owners */
static struct ms_map  brand_of;   /* name that is no word and long enough to be sure, without blanks: struct ms_brand */
static struct ms_map  read_as;    /* the same names as people read them: struct ms_brand */

/* All names by their first words. */
struct names {
    struct ms_map   first_word;   /* 1 and the number of a brand */
    uint16_t        next[BRANDS]; /* likewise, another one that begins so; 0 none */
    struct ms_bytes name[BRANDS];
};
static struct names plain_names, read_names; /* as they are written, and as people read them */
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void add_sites(size_t brand)
{
    for (struct ms_bytes rest = ms_str(brands[brand].sites), site; rest.n; rest = ms_tail(rest, site.n + 1)) {
        site = ms_head(rest, ms_find(rest, '|'));
        void **at = ms_map_put(&owners_of, site);
        if (!*at)
            *at = ms_arena_alloc(&owners_of.arena, sizeof(struct owners));
        ((struct owners *)*at)->bits[brand / 64] |= UINT64_C(1) << brand % 64;
    }
}

/* The name without its blanks, as hosts have it. */
static struct ms_bytes joined(const char *name, uint8_t room[NAME_BYTES])
{
    size_t n = 0;
    for (; *name && n < NAME_BYTES; name++)
        if (*name != ' ')
            room[n++] = (uint8_t)*name;
    return (struct ms_bytes){ room, n };
}

static size_t word_length(struct ms_bytes text)
{
    size_t n = 0;
    while (n < text.n && ms_is_word_byte(text.p[n]))
        n++;
    return n;
}

static void add_name(struct names *x, size_t brand, struct ms_bytes name)
{
    void **at = ms_map_put(&x->first_word, ms_head(name, word_length(name)));
    x->name[brand] = name;
    x->next[brand] = (uint16_t)(uintptr_t)*at;
    *at = (void *)(uintptr_t)(brand + 1);
}

static void make(void)
{
    for (size_t i = 0; i < BRANDS; i++) {
        uint8_t read[MS_READ_BYTES];
        add_sites(i);
        add_name(&plain_names, i, ms_str(brands[i].name));
        add_name(&read_names, i, ms_arena_keep(&read_names.first_word.arena, ms_as_read(ms_str(brands[i].name), read)));
        uint8_t         room[NAME_BYTES];
        struct ms_bytes name = joined(brands[i].name, room);
        void          **at = brands[i].word || name.n < SURE_LENGTH ? NULL : ms_map_put(&brand_of, name);
        if (at && !*at)
            *at = (void *)(uintptr_t)&brands[i];
        if (at)
            *ms_map_put(&read_as, ms_arena_keep(&read_as.arena, ms_as_read(name, read))) = (void *)(uintptr_t)&brands[i];
    }
}

static void *look_up(const struct ms_map *map, struct ms_bytes key)
{
    uint8_t low[SITE_BYTES];
    if (key.n == 0 || key.n > sizeof low)
        return NULL;
    pthread_once(&made, make);
    for (size_t i = 0; i < key.n; i++)
        low[i] = ms_lower(key.p[i]);
    return ms_map_get(map, (struct ms_bytes){ low, key.n });
}

bool ms_has_word(struct ms_bytes text, struct ms_bytes word)
{
    for (size_t at = 0, more; (more = ms_search_nocase(ms_tail(text, at), word)) < text.n - at; at += more + 1) {
        size_t from = at + more;
        if ((from == 0 || !ms_is_word_byte(text.p[from - 1])) && !ms_is_word_byte(ms_at(text, from + word.n)))
            return true;
    }
    return false;
}

/* "Apple Support", "Orange": of a name that is a word too, something must say that a company is meant. */
static bool is_service(struct ms_bytes text, struct ms_bytes name)
{
    static const char *const words[] = { "support", "security", "service", "services", "team", "account", "accounts", "bank", "online", "alert", "alerts", "notification",
                                         "notifications", "billing", "help", "id", "store", "pay", "customer", "care", "wallet", "rewards", "delivery", "invoice",
                                         "premium", "desk", "update", "verification", "from", "live", "informa", "sicherheit", "kundenservice", "paket" };
    size_t letters = 0;
    for (size_t i = 0; i < text.n; i++)
        letters += ms_is_word_byte(text.p[i]);
    bool more = letters > name.n;
    for (size_t i = 0; more && i < sizeof words / sizeof *words; i++)
        more = !ms_has_word(text, ms_str(words[i]));
    return !more;
}

bool ms_is_brand_alone(const struct ms_brand *b, struct ms_bytes name) { return is_service(name, ms_str(b->name)); }

struct ms_bytes ms_as_read(struct ms_bytes text, uint8_t out[MS_READ_BYTES])
{
    size_t n = 0;
    for (size_t at = 0, used; at < text.n && n < MS_READ_BYTES; at += used) {
        uint32_t point = text.p[at];
        used = 1;
        if (point >= 0x80 && (used = ms_utf8_sequence(ms_tail(text, at), &point)) == 0) {
            used = 1;
            continue;
        }
        uint32_t look = ms_look_of(ms_fold_point(point));
        uint8_t  c = look < 0x80 ? ms_lower((uint8_t)look) : '~';
        if (ms_is_invisible(point))
            continue;
        out[n++] = c == '0' ? 'o' : c == '1' || c == 'i' || c == '|' ? 'l' : c;
        if (n > 1 && out[n - 2] == 'r' && out[n - 1] == 'n')
            out[--n - 1] = 'm';
    }
    return (struct ms_bytes){ out, n };
}

/* It has what stands for other letters: "Iedger", "AppIe", Cyrillic ones. A small i is seen. */
static bool is_swapped(struct ms_bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] >= 0x80 || ms_find(MS_LIT("I01|"), text.p[i]) < 4)
            return true;
    return false;
}

/* Does the brand whose name stands in `shown`, or in what it is read as, count? */
static bool counts(const struct ms_brand *b, struct ms_bytes shown, bool as_read)
{
    struct ms_bytes name = ms_str(b->name);
    if (!as_read)
        return !b->word || is_service(shown, name);
    return (!b->word || is_swapped(shown)) && name.n >= SURE_LENGTH && !ms_has_word(shown, name);
}

/* Number of the first brand of the table whose name stands in the text as a word, or as words; BRANDS: none. */
static size_t first_named(const struct names *x, struct ms_bytes text, struct ms_bytes shown)
{
    size_t least = BRANDS;
    for (size_t at = 0, n; at < text.n; at += n ? n : 1) {
        struct ms_bytes here = ms_tail(text, at);
        n = word_length(here);
        for (size_t i = (uintptr_t)look_up(&x->first_word, ms_head(here, n)); i; i = x->next[i - 1])
            if (i - 1 < least && ms_starts_nocase(here, x->name[i - 1]) && !ms_is_word_byte(ms_at(here, x->name[i - 1].n)) && counts(&brands[i - 1], shown, x == &read_names))
                least = i - 1;
    }
    return least;
}

/* "Crédit Agricole" without the mark; letters that are not ASCII in small. */
static struct ms_bytes unmarked(struct ms_bytes text, uint8_t room[SHOWN_BYTES])
{
    size_t n = 0;
    for (size_t at = 0, used; at < text.n && n < SHOWN_BYTES; at += used) {
        uint32_t point = text.p[at];
        used = point >= 0x80 ? ms_utf8_sequence(ms_tail(text, at), &point) : 1;
        uint8_t letter = used ? ms_letter_under_mark(point) : 0, small[4];
        size_t  bytes = ms_utf8_put(small, letter ? letter : used == 0 ? 0xfffd : point < 0x80 ? point : ms_fold_point(point));
        used = used ? used : 1;
        for (size_t i = 0; i < bytes && n < SHOWN_BYTES; i++)
            room[n++] = small[i];
    }
    return (struct ms_bytes){ room, n };
}

const struct ms_brand *ms_brand_in(struct ms_bytes name, bool *disguised)
{
    uint8_t         room[MS_READ_BYTES], plain[SHOWN_BYTES];
    struct ms_bytes text = unmarked(name, plain);
    size_t          i = first_named(&plain_names, text, text);
    *disguised = i == BRANDS;
    if (*disguised)
        i = first_named(&read_names, ms_as_read(ms_head(text, NAME_BYTES), room), text);
    *disguised = *disguised && i < BRANDS;
    return i < BRANDS ? &brands[i] : NULL;
}

/* The last labels of a host: as many as the sites of the table have. */
static struct ms_bytes last_labels(struct ms_bytes host)
{
    size_t n = host.n;
    for (int dots = 0; n > 0; n--)
        if (host.p[n - 1] == '.' && ++dots == LABELS)
            break;
    return ms_tail(host, n);
}

/* Whose is it? A site may be a suffix of others, as "gov.br" is. */
static struct owners owners(struct ms_bytes domain)
{
    struct owners all = { { 0 } };
    for (domain = last_labels(domain); domain.n; domain = ms_tail(domain, ms_find(domain, '.') + 1)) {
        const struct owners *some = look_up(&owners_of, domain);
        for (size_t i = 0; some && i < sizeof all.bits / sizeof *all.bits; i++)
            all.bits[i] |= some->bits[i];
    }
    return all;
}

bool ms_brand_has_site(const struct ms_brand *b, struct ms_bytes domain)
{
    size_t i = (size_t)(b - brands);
    return owners(domain).bits[i / 64] >> i % 64 & 1;
}

/* Where the name, without its blanks, stands in a site, its end too; false: nowhere. */
static bool find_name(const struct ms_brand *b, struct ms_bytes site, size_t *from, size_t *to)
{
    uint8_t         room[NAME_BYTES];
    struct ms_bytes name = joined(b->name, room);
    *from = ms_search_nocase(site, name);
    *to = *from + name.n;
    return *from < site.n;
}

/* Words that companies put beside their names in sites that carry their mail, and names of companies: "notif-colissimo-laposte.example". */
static bool is_plain_word(struct ms_bytes word)
{
    return look_up(&brand_of, word) || ms_is_one_of(word, "notif|notification|notifications|mail|mails|email|emails|mailing|e|news|newsletter|newsletters|info|infos|communication|"
                                                          "communications|marketing|promo|promotions|offers|group|gruppe|groupe|grupo|corp|jobs|careers|events|media|press|club|shop");
}

/* "paypal-secure.example": the name from `from` to `to` is one word of several, and the others are not plain. */
static bool is_one_word(struct ms_bytes site, size_t from, size_t to)
{
    struct ms_bytes label = ms_head(site, ms_find(site, '.'));
    bool            odd = false;
    if ((from > 0 && label.p[from - 1] != '-') || (to < label.n && label.p[to] != '-'))
        return false;
    for (size_t at = 0, n; at < label.n; at += n + 1) {
        n = ms_find(ms_tail(label, at), '-');
        odd |= at != from && n > 0 && !is_plain_word(ms_slice(label, at, n));
    }
    return odd;
}

bool ms_brand_owns(const struct ms_brand *b, struct ms_bytes domain)
{
    struct ms_bytes site = ms_site(domain);
    size_t          from, to;
    if (ms_find(domain, '.') == domain.n)
        return false;
    return ms_brand_has_site(b, domain) || (find_name(b, site, &from, &to) && !ms_host_is_cheap(domain) && (b->many || !is_one_word(site, from, to)));
}

bool ms_brand_posed(const struct ms_brand *b, struct ms_bytes domain)
{
    size_t from, to;
    return !ms_brand_has_site(b, domain) && find_name(b, ms_site(domain), &from, &to) && !b->many && is_one_word(ms_site(domain), from, to);
}

bool ms_same_brand(struct ms_bytes a, struct ms_bytes b)
{
    struct owners of_a = owners(a), of_b = owners(b);
    uint64_t      both = 0;
    for (size_t i = 0; i < sizeof of_a.bits / sizeof *of_a.bits; i++)
        both |= of_a.bits[i] & of_b.bits[i];
    return both != 0;
}

bool ms_is_brand_site(struct ms_bytes domain) { return ms_same_brand(domain, domain); }

bool ms_is_brand_host(struct ms_bytes host) { return look_up(&owners_of, ms_starts_nocase(host, MS_LIT("www.")) ? ms_tail(host, 4) : host); }

/* "www.paypal.dk", "paypal-mail.example": the name is all that the site is called, but for plain words. It may be hers in another country, not below
 * a top-level domain that costs nothing. */
static bool may_be_hers(struct ms_bytes host, struct ms_bytes name)
{
    struct ms_bytes site = ms_site(host);
    size_t          at = (size_t)(name.p - host.p) - (host.n - site.n);
    return name.p >= host.p + (host.n - site.n) && at < ms_find(site, '.') && !is_one_word(site, at, at + name.n) && !ms_host_is_cheap(host);
}

/* As far as its own labels go: "www.paypal-taxes.example.co.uk" without "co.uk". */
static struct ms_bytes own_labels(struct ms_bytes host)
{
    struct ms_bytes site = ms_site(host);
    return ms_host_has_suffix(host) ? ms_head(host, host.n - site.n + ms_find(site, '.')) : host;
}

/* Takes the next word of a host off: labels, and what hyphens part in them. */
static struct ms_bytes take_name(struct ms_bytes *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '.' && rest->p[n] != '-')
        n++;
    struct ms_bytes name = ms_head(*rest, n);
    *rest = ms_tail(*rest, n + 1);
    return name;
}

/* No name of DNS is longer (RFC 1035 2.3.4). */
static struct ms_bytes names_of(struct ms_bytes host) { return host.n > SITE_BYTES ? (struct ms_bytes){ NULL, 0 } : own_labels(host); }

struct ms_bytes ms_host_poses(struct ms_bytes host)
{
    for (struct ms_bytes rest = names_of(host), name; rest.n;) {
        name = take_name(&rest);
        const struct ms_brand *b = look_up(&brand_of, name);
        if (b && !ms_brand_has_site(b, host) && !may_be_hers(host, name))
            return name;
    }
    return (struct ms_bytes){ NULL, 0 };
}

/* "paypa1", "netfiix", "arnazon"; in long names, which are alike by chance hardly ever, an l for an i as well. "Klama" and "Allpay" are names. */
static bool is_made_alike(struct ms_bytes name)
{
    enum { LONG = 9 };
    bool alike = name.n >= LONG || ms_search_nocase(name, MS_LIT("rn")) < name.n;
    for (size_t i = 0; i < name.n && !alike; i++)
        alike = ms_find(MS_LIT("01i"), ms_lower(name.p[i])) < 3;
    return alike;
}

struct ms_bytes ms_host_imitates(struct ms_bytes host)
{
    for (struct ms_bytes rest = names_of(host), name; rest.n;) {
        name = take_name(&rest);
        uint8_t                read[MS_READ_BYTES];
        const struct ms_brand *b = name.n < SURE_LENGTH || look_up(&brand_of, name) || !is_made_alike(name) ? NULL : look_up(&read_as, ms_as_read(name, read));
        if (b && !ms_brand_has_site(b, host))
            return name;
    }
    return (struct ms_bytes){ NULL, 0 };
}

bool ms_is_freemail(struct ms_bytes site)
{
    static const char *const sites[] = {
#define X(site) site,
#include "check/freemail.def"
#undef X
    };
    for (size_t i = 0; i < sizeof sites / sizeof *sites; i++)
        if (ms_equal_nocase(site, ms_str(sites[i])))
            return true;
    return false;
}
