/* content/link/link_signs.c - what the shape of a link says, whoever shows it. */
#include "content/link/link.h"

#include "base/text.h"
#include "mail/site.h"

#include <pthread.h>

/* ---- hosts that do something ----------------------------------------------------------------------------------- */

enum host_kind { NOTHING, SHORT, WRAP, GATEWAY, FREE, SHARE, COMMON, CHAT, PICTURE };

static const struct { struct ms_bytes host; enum host_kind kind; } hosts[] = {
#define X(kind, host) { { (const uint8_t *)(host), sizeof(host) - 1 }, kind },
#include "content/link/hosts.def"
#undef X
};

enum { HOSTS = sizeof hosts / sizeof *hosts, SLOT_BITS = 11, LONGEST = 64 };
static uint16_t       slots[1 << SLOT_BITS]; /* places in hosts, from 1 */
static pthread_once_t made = PTHREAD_ONCE_INIT;
_Static_assert(HOSTS * 4 <= 1 << SLOT_BITS, "the table of hosts is full");

/* From the last character to the first, so that one walk from the end meets the sums of all domains that a host is in. */
static uint32_t sum_of(uint32_t sum, uint8_t c) { return (sum ^ c) * 16777619u; }
static unsigned slot_of(uint32_t sum) { return (sum ^ sum >> 15) * 2654435761u >> (32 - SLOT_BITS); }

static void make(void)
{
    for (unsigned i = 0; i < HOSTS; i++) {
        uint32_t sum = 0;
        for (size_t n = hosts[i].host.n; n-- > 0;)
            sum = sum_of(sum, hosts[i].host.p[n]);
        unsigned slot = slot_of(sum);
        while (slots[slot])
            slot = (slot + 1) % (1 << SLOT_BITS);
        slots[slot] = (uint16_t)(i + 1);
    }
}

static enum host_kind kind_of(struct ms_bytes host)
{
    enum host_kind found = NOTHING;
    uint32_t       sum = 0;
    pthread_once(&made, make);
    for (size_t n = host.n; n-- > 0 && host.n - n < LONGEST;) { /* the longest domain counts: it comes last */
        sum = sum_of(sum, host.p[n]);
        if (n > 0 && host.p[n - 1] != '.')
            continue;
        for (unsigned slot = slot_of(sum); slots[slot]; slot = (slot + 1) % (1 << SLOT_BITS))
            if (ms_equal(hosts[slots[slot] - 1].host, ms_tail(host, n)))
                found = hosts[slots[slot] - 1].kind;
    }
    return found;
}

bool ms_host_wraps(struct ms_bytes host) { return kind_of(host) == WRAP; }
bool ms_host_is_free(struct ms_bytes host) { return kind_of(host) == FREE; }
bool ms_host_is_common(struct ms_bytes host)
{
    enum host_kind kind = kind_of(host);
    return kind == COMMON || kind == CHAT;
}
bool ms_host_has_pictures(struct ms_bytes host) { return kind_of(host) == PICTURE; }

/* ---- rows: a bit of the reader, the sign that it is ------------------------------------------------------------ */

struct judge { struct ms_arena *scratch; struct ms_signs *signs; const struct ms_url *link; const struct ms_url_view *view; enum host_kind kind; };

static void say(const struct judge *j, enum ms_sign_kind kind, struct ms_bytes evidence) { ms_sign_add(j->signs, kind, j->link->part, evidence); }

static void judge_spelling(const struct judge *j)
{
    static const struct { uint32_t bits; enum ms_sign_kind sign; } rows[] = {
        { MS_URL_USER_HOST, MS_SIGN_URL_USER }, { MS_URL_MANY_AT, MS_SIGN_URL_USER }, { MS_URL_IPV4_ODD, MS_SIGN_URL_IP_DISGUISED },
        { MS_URL_FOREIGN_DOT, MS_SIGN_URL_FALSE_DOT }, { MS_URL_INVISIBLE, MS_SIGN_URL_INVISIBLE },
        { MS_URL_COMPATIBILITY, MS_SIGN_URL_LOOKALIKE }, { MS_URL_MIXED_SCRIPT, MS_SIGN_URL_LOOKALIKE }, { MS_URL_CONFUSABLE, MS_SIGN_URL_LOOKALIKE },
        { MS_URL_BACKSLASH, MS_SIGN_URL_SPELLING },
    };
    uint32_t odd = j->view->odd;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (odd & rows[i].bits)
            say(j, rows[i].sign, j->link->url);
    if (odd & MS_URL_PERCENT_HOST && !(odd & MS_URL_BAD_HOST))
        say(j, MS_SIGN_URL_ESCAPED_HOST, j->link->url);
    bool address = odd & (MS_URL_IPV4 | MS_URL_IPV6) && !(odd & MS_URL_BAD_HOST);
    bool web = j->view->scheme.n == 0 || ms_starts_nocase(j->view->scheme, MS_LIT("http")); /* FTP servers often have no name */
    if (address && web && !ms_host_is_local(j->view->host))
        say(j, MS_SIGN_URL_IP_ADDRESS, j->link->url);
    if (odd & (MS_URL_PUNYCODE | MS_URL_INTERNATIONAL))
        say(j, MS_SIGN_URL_PUNYCODE, j->view->host_text);
    if (odd & MS_URL_PORT && j->view->port != 80 && j->view->port != 443 && j->view->port != 8080)
        say(j, MS_SIGN_URL_PORT, j->link->url);
}

/* ---- what the path leads to ------------------------------------------------------------------------------------ */

static struct ms_bytes extension_of(struct ms_bytes path)
{
    size_t n = path.n;
    while (n > 0 && path.p[n - 1] != '.' && path.p[n - 1] != '/')
        n--;
    return n > 0 && path.p[n - 1] == '.' ? ms_tail(path, n) : (struct ms_bytes){ NULL, 0 };
}

static bool is_long_code(struct ms_bytes b)
{
    if (b.n < 100)
        return false;
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i], low = ms_lower(c);
        if (!((low >= 'a' && low <= 'z') || ms_is_digit(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_'))
            return false;
    }
    return true;
}

/* Directories that web servers hide, or that belong to a program, with a page for people in it. */
static bool is_intruded(struct ms_bytes path)
{
    struct ms_bytes ext = extension_of(path);
    if (ext.n == 0 || !ms_is_one_of(ext, "php|html|htm|zip|exe|js"))
        return false;
    bool well_known = ms_search_nocase(path, MS_LIT("/.well-known/")) < path.n;
    bool includes = ms_search_nocase(path, MS_LIT("/wp-includes/")) < path.n;
    return well_known || includes;
}

static void judge_path(const struct judge *j)
{
    const struct ms_url_view *v = j->view;
    static const char dangerous[] = "exe|scr|msi|bat|cmd|pif|vbs|vbe|jse|wsf|hta|lnk|ps1|jar|apk|iso|img|vhd|vhdx|xll|one|chm|cpl|reg|msix|appx|"
                                    "docm|xlsm|pptm|ace|cab|iqy|rdp";
    struct ms_bytes ext = extension_of(v->path);
    if (ext.n && ms_is_one_of(ext, dangerous))
        say(j, MS_SIGN_URL_PROGRAM, j->link->url);
    if (is_intruded(v->path))
        say(j, MS_SIGN_URL_INTRUDED, j->link->url);
    if (is_long_code(v->fragment))
        say(j, MS_SIGN_URL_CODED_FRAGMENT, j->link->url);
    bool device = ms_is_one_of(v->host, "microsoft.com|www.microsoft.com") && ms_starts_nocase(v->path, MS_LIT("/devicelogin"));
    if (device || (ms_is_one_of(v->host, "login.microsoftonline.com|login.microsoft.com") && ms_search_nocase(v->path, MS_LIT("/deviceauth")) < v->path.n))
        say(j, MS_SIGN_URL_CONSENT, j->link->url); /* whoever types the code there logs somebody else's program in */
    if (ms_search_nocase(v->host, MS_LIT("login.microsoftonline.com")) < v->host.n && ms_search_nocase(v->query, MS_LIT("client_id=")) < v->query.n &&
        ms_search_nocase(v->query, MS_LIT("redirect_uri=")) < v->query.n)
        say(j, MS_SIGN_URL_CONSENT, j->link->url);
}

static void judge_redirect(const struct judge *j)
{
    struct ms_url_view inner;
    struct ms_bytes    leaf = ms_link_embedded(j->view, j->scratch);
    if (leaf.n < 12 || j->kind == WRAP || !ms_url_read(leaf, j->scratch, &inner) || inner.odd & MS_URL_BAD_HOST)
        return;
    if (inner.host.n && ms_host_has_suffix(inner.host) && !ms_equal(ms_site(inner.host), ms_site(j->view->host)))
        say(j, MS_SIGN_URL_REDIRECT, j->link->url);
}

static bool is_vowel(uint8_t c) { return c && strchr("aeiouy", c); }

/* A label that nobody would remember: many consonants, or a long number with letters in hex. */
static bool is_random(struct ms_bytes label)
{
    size_t letters = 0, vowels = 0, digits = 0, hex = 0;
    for (size_t i = 0; i < label.n; i++) {
        uint8_t c = label.p[i];
        letters += c >= 'a' && c <= 'z';
        vowels += is_vowel(c);
        digits += ms_is_digit(c);
        hex += ms_is_digit(c) || (c >= 'a' && c <= 'f');
    }
    bool consonants = letters >= 7 && vowels == 0 && digits + letters == label.n;
    return consonants || (hex == label.n && label.n >= 12 && digits >= 3 && digits < label.n);
}

static void judge_labels(const struct judge *j)
{
    struct ms_bytes site = ms_site(j->view->host), rest = j->view->host;
    bool            address = j->view->odd & (MS_URL_IPV4 | MS_URL_IPV6);
    size_t          own = rest.n - site.n + ms_find(site, '.');
    for (rest = ms_head(rest, own); rest.n && !address && j->kind != WRAP;) { /* without the public suffix */
        struct ms_bytes label = ms_head(rest, ms_find(rest, '.'));
        rest = ms_tail(rest, label.n + 1);
        if (is_random(label)) {
            say(j, MS_SIGN_URL_RANDOM_HOST, j->view->host);
            return;
        }
    }
}

/* A public IPv4 address in a name, either way round, as providers name the machines of their customers: "178-162-245-26.cloud.example.net". */
static bool names_address(struct ms_bytes host)
{
    enum { PARTS = 4, LARGEST = 255 };
    unsigned parts = 0, value = 0, digits = 0;
    uint8_t  ip[16] = { [10] = 0xff, 0xff }, turned[16] = { [10] = 0xff, 0xff };
    bool     address = false;
    for (size_t i = 0; i <= host.n && !address; i++) {
        uint8_t c = ms_at(host, i);
        if (ms_is_digit(c)) {
            value = value * 10 + c - '0';
            digits++;
            continue;
        }
        bool number = digits > 0 && digits <= 3 && value <= LARGEST;
        if (number) {
            memmove(ip + 12, ip + 13, PARTS - 1);
            memmove(turned + 13, turned + 12, PARTS - 1);
            ip[15] = turned[12] = (uint8_t)value;
        }
        parts = number ? parts + 1 : 0;
        address = parts >= PARTS && i < host.n && ms_address_is_global(ip) && ms_address_is_global(turned);
        value = digits = 0;
        if (c != '-' && c != '.')
            parts = 0;
    }
    return address;
}

bool ms_host_is_cheap(struct ms_bytes host)
{
    return ms_is_one_of(ms_host_last_label(host), "tk|ml|ga|cf|gq|top|xyz|icu|cyou|buzz|rest|sbs|cfd|click|lol|bond|quest|zip|mov|shop|online|site|store|space|website|fun|club|best|vip|monster|hair|beauty|autos|homes|pics|"
                                      "mom|pw|help|today|world|live|life|claims|digital|uno|ltd|skin|makeup|boats|wang|cam|art");
}

static void judge_host(const struct judge *j)
{
    struct ms_bytes host = j->view->host;
    switch (j->link->loaded ? NOTHING : j->kind) {
    case SHORT: say(j, MS_SIGN_URL_SHORTENER, j->link->url); break;
    case GATEWAY: say(j, MS_SIGN_URL_GATEWAY, j->link->url); break;
    case FREE: say(j, MS_SIGN_URL_FREE_HOST, j->link->url); break;
    case CHAT: say(j, MS_SIGN_URL_CHAT, j->link->url); break;
    case SHARE: say(j, MS_SIGN_URL_SHARED_FILE, j->link->url); break;
    case NOTHING:
    case COMMON:
    case PICTURE:
    case WRAP: break;
    }
    if (!ms_is_one_of(ms_host_last_label(host), "arpa") && names_address(host))
        say(j, MS_SIGN_URL_REVERSE_NAME, host);
    if (ms_is_one_of(ms_host_last_label(host), "onion"))
        say(j, MS_SIGN_URL_GATEWAY, j->link->url);
    if (ms_host_is_cheap(host))
        say(j, MS_SIGN_URL_CHEAP_DOMAIN, host);
}

/* ---- other schemes --------------------------------------------------------------------------------------------- */

static void judge_scheme(const struct judge *j)
{
    struct ms_bytes scheme = j->view->scheme, path = j->view->path;
    bool            data = ms_is_one_of(scheme, "data");
    if (ms_is_one_of(scheme, "javascript|vbscript") || (data && (ms_starts_nocase(path, MS_LIT("text/html")) || ms_starts_nocase(path, MS_LIT("text/javascript")) ||
                                                                 ms_starts_nocase(path, MS_LIT("image/svg")) || ms_starts_nocase(path, MS_LIT("application/")))))
        say(j, MS_SIGN_URL_SCRIPT, j->link->url);
    bool outside = (j->view->host.n && !ms_is_one_of(j->view->host, "localhost")) || ms_find(path, '!') < path.n; /* "!": Outlook makes an object of it (CVE-2024-21413) */
    if (ms_is_one_of(scheme, "search-ms|search|ms-msdt|ms-officecmd|ms-search|ms-appinstaller|ms-word|ms-excel|ms-powerpoint|ms-cxh-full|smb") || (ms_is_one_of(scheme, "file") && outside))
        say(j, MS_SIGN_URL_FILE, j->link->url);
}

void ms_link_judge(struct ms_arena *scratch, struct ms_signs *signs, const struct ms_url *link, const struct ms_url_view *view)
{
    const struct judge j = { scratch, signs, link, view, kind_of(view->host) };
    if (!view->web) {
        judge_scheme(&j);
        return;
    }
    if (view->share) { /* Windows logs in there */
        say(&j, MS_SIGN_URL_FILE, link->url);
        return;
    }
    judge_spelling(&j);
    judge_host(&j);
    judge_labels(&j);
    judge_path(&j);
    judge_redirect(&j);
}
