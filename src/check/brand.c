/* check/brand.c - names of companies that forgers pretend to be, and whose they are.
 *
 * Compares  without regard to case, and a second time as people read it: "PaypaI", "BRADESC0".
 * BUGS      names are few (brands.def), and words of other languages may be such names too.               */
#include "base/text.h"
#include "check/private.h"
#include "content/confusable.h"
#include "mail/site.h"

struct ms_brand { const char *name, *sites; bool word; }; /* word: means something else, too */
static const struct ms_brand brands[] = {
#define X(name, sites) { name, sites, false },
#define W(name, sites) { name, sites, true },
#include "check/brands.def"
#undef X
#undef W
};
enum { BRANDS = sizeof brands / sizeof *brands, NAME_BYTES = 128 };

static bool is_word_byte(uint8_t c) { return ms_is_digit(c) || ms_is_letter(c) || c >= 0x80; }

bool ms_has_word(struct ms_bytes text, struct ms_bytes word)
{
    for (size_t at = 0, more; (more = ms_search_nocase(ms_tail(text, at), word)) < text.n - at; at += more + 1) {
        size_t from = at + more;
        if ((from == 0 || !is_word_byte(text.p[from - 1])) && !is_word_byte(ms_at(text, from + word.n)))
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
        letters += is_word_byte(text.p[i]);
    bool more = letters > name.n;
    for (size_t i = 0; more && i < sizeof words / sizeof *words; i++)
        more = !ms_has_word(text, ms_str(words[i]));
    return !more;
}

/* As it looks: lower case, letters of other scripts as the Latin ones that they imitate, 0 as o, 1 and I as l, nothing for what is invisible. */
static struct ms_bytes as_read(struct ms_bytes text, uint8_t out[NAME_BYTES])
{
    size_t n = 0;
    for (size_t at = 0, used; at < text.n && n < NAME_BYTES; at += used) {
        uint32_t point = text.p[at];
        used = 1;
        if (point >= 0x80 && (used = ms_utf8_sequence(ms_tail(text, at), &point)) == 0) {
            used = 1;
            continue;
        }
        uint32_t look = ms_look_of(ms_fold_point(point));
        uint8_t  c = look < 0x80 ? ms_lower((uint8_t)look) : '~';
        if (!ms_is_invisible(point))
            out[n++] = c == '0' ? 'o' : c == '1' || c == 'i' || c == '|' ? 'l' : c;
    }
    return (struct ms_bytes){ out, n };
}

const struct ms_brand *ms_brand_in(struct ms_bytes text, bool *disguised)
{
    enum { SURE_LENGTH = 5 };
    uint8_t         room[NAME_BYTES], name_room[NAME_BYTES];
    struct ms_bytes read = as_read(ms_head(text, NAME_BYTES), room);
    *disguised = false;
    for (size_t i = 0; i < BRANDS; i++) {
        struct ms_bytes name = ms_str(brands[i].name);
        if (ms_has_word(text, name) && (!brands[i].word || is_service(text, name)))
            return &brands[i];
    }
    for (size_t i = 0; i < BRANDS; i++)
        if (!brands[i].word && strlen(brands[i].name) >= SURE_LENGTH && ms_has_word(read, as_read(ms_str(brands[i].name), name_room))) {
            *disguised = true;
            return &brands[i];
        }
    return NULL;
}

/* The last labels of a host: as many as the sites of the table have. */
static struct ms_bytes last_labels(struct ms_bytes host)
{
    enum { LABELS = 4 };
    size_t n = host.n;
    for (int dots = 0; n > 0; n--)
        if (host.p[n - 1] == '.' && ++dots == LABELS)
            break;
    return ms_tail(host, n);
}

/* A site may be a suffix of others, as "gov.br" is. */
static bool is_below(struct ms_bytes domain, const char *sites)
{
    domain = last_labels(domain);
    while (domain.n && !ms_is_one_of(domain, sites))
        domain = ms_tail(domain, ms_find(domain, '.') + 1);
    return domain.n > 0;
}

/* The name, without its blanks, in a site. */
static bool has_name(struct ms_bytes site, const char *name)
{
    uint8_t word[NAME_BYTES];
    size_t  n = 0;
    for (; *name && n < sizeof word; name++)
        if (*name != ' ')
            word[n++] = (uint8_t)*name;
    return ms_search_nocase(site, (struct ms_bytes){ word, n }) < site.n;
}

bool ms_brand_owns(const struct ms_brand *b, struct ms_bytes domain)
{
    bool dotted = ms_find(domain, '.') < domain.n;
    return dotted && (is_below(domain, b->sites) || has_name(ms_site(domain), b->name));
}

bool ms_is_brand_site(struct ms_bytes domain)
{
    for (size_t i = 0; i < BRANDS; i++)
        if (is_below(domain, brands[i].sites))
            return true;
    return false;
}

bool ms_same_brand(struct ms_bytes a, struct ms_bytes b)
{
    for (size_t i = 0; i < BRANDS; i++)
        if (is_below(a, brands[i].sites) && is_below(b, brands[i].sites))
            return true;
    return false;
}

bool ms_is_brand_host(struct ms_bytes host)
{
    struct ms_bytes site = ms_starts_nocase(host, MS_LIT("www.")) ? ms_tail(host, 4) : host;
    for (size_t i = 0; i < BRANDS; i++)
        if (ms_is_one_of(site, brands[i].sites))
            return true;
    return false;
}

/* One piece of a host, between dots and hyphens. */
static const struct ms_brand *brand_called(struct ms_bytes piece)
{
    enum { SURE_LENGTH = 5 };
    for (size_t i = 0; i < BRANDS; i++)
        if (!brands[i].word && strlen(brands[i].name) >= SURE_LENGTH && ms_equal_nocase(piece, ms_str(brands[i].name)))
            return &brands[i];
    return NULL;
}

bool ms_host_poses(struct ms_bytes host)
{
    for (struct ms_bytes rest = host; rest.n;) {
        size_t n = 0;
        while (n < rest.n && rest.p[n] != '.' && rest.p[n] != '-')
            n++;
        const struct ms_brand *b = brand_called(ms_head(rest, n));
        if (b && !is_below(host, b->sites))
            return true;
        rest = ms_tail(rest, n + 1);
    }
    return false;
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
