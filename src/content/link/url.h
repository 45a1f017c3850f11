/* content/link/url.h - where a link really goes, and what is odd about its spelling.
 *
 * Reads    as browsers do (WHATWG URL): white space and control characters at the ends dropped, tabs and line ends inside dropped, any
 *          number of slashes or backslashes, user information up to the last '@', ports; hosts with percent escapes, fullwidth and other
 *          foreign letters and dots, punycode; IPv4 as one number, in octal, hex and with parts left out; IPv6. Without a scheme: what
 *          mail programs make links of ("www.example.com/x", "example.com/x"). Nothing is refused: oddities are bits.
 * Bounds   the first MS_URL_BYTES count, of a host the first MS_HOST_CHARS characters.
 * Borrows  slices of the result point into the text or into the arena.
 * Threads  pure.                                                                                                         */
#pragma once
#include "base/arena.h"

enum { MS_URL_BYTES = 8192, MS_HOST_CHARS = 1024 };

enum ms_url_odd {
    MS_URL_CONTROL        = 1u << 0,  /* tabs, line ends or other control characters in it */
    MS_URL_NO_SCHEME      = 1u << 1,
    MS_URL_SLASHES        = 1u << 2,  /* not two slashes before the host */
    MS_URL_BACKSLASH      = 1u << 3,  /* in front of the host, or at its end */
    MS_URL_USER           = 1u << 4,  /* user information */
    MS_URL_USER_HOST      = 1u << 5,  /* that looks like a host or a path: "https://bank.example@..." */
    MS_URL_MANY_AT        = 1u << 6,
    MS_URL_PORT           = 1u << 7,  /* another port than that of the scheme */
    MS_URL_NESTED         = 1u << 8,  /* https://https:// */
    MS_URL_IPV4           = 1u << 9,
    MS_URL_IPV4_ODD       = 1u << 10, /* one number, octal, hex, parts left out */
    MS_URL_IPV6           = 1u << 11,
    MS_URL_PERCENT_HOST   = 1u << 12, /* percent escapes in the host */
    MS_URL_FOREIGN_DOT    = 1u << 13, /* a dot or a slash that is none in ASCII, in the host */
    MS_URL_INVISIBLE      = 1u << 14, /* characters that nobody sees, in the host */
    MS_URL_PUNYCODE       = 1u << 15, /* xn-- in the host */
    MS_URL_INTERNATIONAL  = 1u << 16, /* characters beyond ASCII in the host */
    MS_URL_MIXED_SCRIPT   = 1u << 17, /* Latin with Greek, Cyrillic or the like in one label */
    MS_URL_CONFUSABLE     = 1u << 18, /* a label of foreign letters that reads as Latin ones */
    MS_URL_BAD_HOST       = 1u << 19, /* browsers go nowhere */
    MS_URL_BAD_PORT       = 1u << 20,
    MS_URL_COMPATIBILITY  = 1u << 21, /* fullwidth, circled or mathematical letters in the host */
    MS_URL_LONG           = 1u << 22, /* over MS_URL_BYTES */
};

struct ms_url_view {
    struct ms_bytes scheme;       /* lower case: "https"; empty: none */
    struct ms_bytes user;         /* as it stands */
    struct ms_bytes host;         /* ASCII, lower case, addresses in their usual spelling: what is looked up and connected to */
    struct ms_bytes host_text;    /* the same in Unicode, as people read it */
    unsigned        port;         /* given and not usual; else 0 */
    struct ms_bytes path, query, fragment; /* without '?' and '#'; of other schemes all of the rest is path */
    uint32_t        odd;          /* enum ms_url_odd */
    bool            web;          /* http, https, ws, wss, ftp, or no scheme */
    bool            share;        /* a file on another host: \\host\x, or file: with a host */
};

/* False: it is no link at all (empty, relative). */
bool ms_url_read(struct ms_bytes text, struct ms_arena *arena, struct ms_url_view *out);

/* A host alone; content/link/host.c. Bits of enum ms_url_odd. */
struct ms_host { struct ms_bytes ascii, text; uint32_t odd; };
void ms_host_read(struct ms_bytes raw, struct ms_arena *arena, struct ms_host *out);

bool ms_host_has_suffix(struct ms_bytes host); /* its last labels are a suffix that the list knows: "a.example.com", not "a.b.html" */
struct ms_bytes ms_host_last_label(struct ms_bytes host); /* what stands behind the last dot */
bool ms_host_is_local(struct ms_bytes host);   /* an address of private networks or of the machine itself, or a name without a dot */
