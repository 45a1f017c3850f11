/* sink/mask_private.h - what the files of the mask share. */
#pragma once
#include "base/hash.h"
#include "base/text.h"
#include "sink/mask.h"

/* Which words stay, and what else is done: bits of `how`. In mail addresses only those of hosts do. */
enum ms_mask_how {
    MS_KEEP_STRICT = 1,     /* words of the protocols */
    MS_KEEP_PROSE = 2,      /* words of servers, unless they are somebody's name in this capture */
    MS_KEEP_HOST = 4,       /* words that hosts are called by: mail, smtp, mx */
    MS_KEEP_MIME = 8,       /* types, parameters, encodings, charsets */
    MS_KEEP_SASL = 16,      /* keys in login dialogues */
    MS_KEEP_HEADER = 32,    /* names of header fields */
    MS_KEEP_REPLY = 64,     /* words by which refusals are told apart */
    MS_KEEP_TRICK = 128,    /* what commands for a shell are told by, and a line end in percent signs */
    MS_KEEP_NAMES = 256,    /* words that hosts are called by, in names and nowhere else */
    MS_KEEP_EXTENSION = 512, /* what the ends of file names say: "report.pdf" */
    MS_MASK_DIGITS = 1024,  /* numbers are replaced, too */
    MS_MASK_LOOSE = 2048,   /* likewise, but for those in "iso-8859-1" */
    MS_MASK_SINGLES = 4096, /* single letters and digits are replaced, too */
    MS_MASK_SUFFIXES = 8192, /* "jet.li" is a user: without an @ the last word is no domain */
    MS_MASK_ESCAPES = 16384, /* =C3 and its like stand for a byte */
    MS_MASK_PERCENTS = 32768, /* likewise %C3 */
};

struct ms_mask_streams;
struct ms_mask {
    uint64_t         key[2];
    struct ms_limits limits;
    struct ms_map    vocabulary; /* lower case -> enum ms_mask_how */
    struct ms_map    hidden;
    struct ms_map    flows;      /* of mail sessions (mask_stream.c) */
    struct ms_mask_streams *streams;
    struct ms_buffer packet;
};

/* mask_words.c */
static inline uint64_t ms_mask_next(uint64_t *state) /* more numbers from one */
{
    uint64_t x = *state += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}
uint64_t ms_mask_hash(const struct ms_mask *m, uint64_t salt, struct ms_bytes b); /* keyed */
void ms_mask_word(const struct ms_mask *m, uint8_t *p, size_t n);                 /* letters and digits */
unsigned ms_mask_vocabulary(const struct ms_mask *m, const uint8_t *p, size_t n); /* where the word may stay; 0 nowhere */
void ms_mask_noise(const struct ms_mask *m, uint8_t *p, size_t n);                /* other bytes, by what they were */
static inline bool ms_is_word(uint8_t c) { return ms_is_digit(c) || (ms_lower(c) >= 'a' && ms_lower(c) <= 'z'); }

/* A line without its end. */
static inline size_t ms_mask_chomp(const uint8_t *p, size_t n)
{
    while (n && (p[n - 1] == '\n' || p[n - 1] == '\r'))
        n--;
    return n;
}

/* mask_text.c */
void ms_mask_text(const struct ms_mask *m, uint8_t *p, size_t n, unsigned how);   /* in place */
unsigned ms_mask_tricks(const uint8_t *p, size_t n);                              /* MS_KEEP_TRICK, if a sign of one is there */
size_t ms_mask_kept_tail(struct ms_bytes host); /* where the part of a host's name begins that stays: a public suffix, or a mail provider's domain */
bool ms_mask_is_date(const struct ms_mask *m, const uint8_t *p, size_t n);
void ms_mask_secret(const struct ms_mask *m, uint8_t *p, size_t n);               /* a password: its signs, too, but for quotes and backslashes */

/* mask_vocabulary.c */
void ms_mask_fill_vocabulary(struct ms_map *to);

/* mask_address.c */
void ms_mask_ip4(const struct ms_mask *m, uint8_t ip[4]);
void ms_mask_ip6(const struct ms_mask *m, uint8_t ip[16]);
void ms_mask_mac(const struct ms_mask *m, uint8_t mac[6]);
size_t ms_mask_address_text(const struct ms_mask *m, uint8_t *p, size_t n); /* an address begins at p: replaced, its length; 0: none does */

/* mask_encoded.c */
bool ms_mask_base64(const struct ms_mask *m, uint8_t *p, size_t n, unsigned how); /* false: no base64 of a text: nothing was done */
void ms_mask_login(const struct ms_mask *m, uint8_t *p, size_t n, bool password); /* base64 of a login dialogue; of nothing but a password */
void ms_mask_charset(const struct ms_mask *m, uint8_t *p, size_t n);               /* its name: a known one stays */
size_t ms_mask_encoded_word(const struct ms_mask *m, uint8_t *p, size_t n);       /* =?charset?B?...?= at p: its length; 0: none */

/* mask_content.c: lines of messages */
enum { MS_MASK_BOUNDARIES = 8 };
struct ms_mask_content {
    bool     begun, headers, after_dashes;
    bool     dated, mime_field, words; /* of the field at work: a date, of MIME, words of servers stay in it */
    bool     part_base64, rfc822, uu;
    uint64_t boundaries[MS_MASK_BOUNDARIES]; /* hashes, the latest ones */
    unsigned boundary_count;
};
void ms_mask_content_line(const struct ms_mask *m, struct ms_mask_content *c, uint8_t *p, size_t n);

/* mask_tls.c */
void ms_mask_tls_record(const struct ms_mask *m, uint8_t *p, size_t n); /* a handshake record in clear */
void ms_mask_tls_names(const struct ms_mask *m, uint8_t *p, size_t n);  /* strings in certificates */

/* mask_dns.c */
void ms_mask_dns(const struct ms_mask *m, uint8_t *p, size_t n);

/* mask_stream.c */
struct ms_mask_streams *ms_mask_streams_create(struct ms_mask *m);
void ms_mask_streams_destroy(struct ms_mask_streams *s);
void ms_mask_streams_learn(struct ms_mask *m, const struct ms_frame *f);
void ms_mask_streams_ready(struct ms_mask *m);
void ms_mask_payload(struct ms_mask *m, const struct ms_frame *f, uint8_t *p, size_t n); /* p: zeros, where the payload goes */
