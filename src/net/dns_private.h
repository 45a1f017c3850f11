/* net/dns_private.h - what the files of the DNS reader share: names and messages as read, tables in order of age.
 *
 * Borrows  a message as read points into its struct ms_dns_scratch until the next one is read.               */
#pragma once
#include "net/aged.h"
#include "net/dns.h"

enum {
    MS_DNS_HEADER = 12,
    MS_DNS_NAME_WIRE = 255,            /* RFC 1035 2.3.4, with length bytes and the root */
    MS_DNS_NAME_TEXT = 255 * 4,        /* every byte as \DDD */
    MS_DNS_ANSWERS = 64,               /* kept of one message */
    MS_DNS_SCRATCH = MS_DNS_NAME_TEXT * (2 * MS_DNS_ANSWERS + 1) + 65536, /* all names, and texts */
};

/* Reads the name at `at` as text into `text`; its length there goes to *n. Gives the offset behind the name, 0 when it is none: a label
 * of an unknown kind, a pointer that does not point back, more than 255 bytes, or past the end. */
size_t ms_dns_name(struct ms_bytes message, size_t at, uint8_t text[MS_DNS_NAME_TEXT], size_t *n);
size_t ms_dns_name_skip(struct ms_bytes message, size_t at); /* the offset behind it, wherever it points; 0: none */

struct ms_dns_scratch {
    struct ms_dns_answer answers[MS_DNS_ANSWERS];
    size_t  used;
    uint8_t text[MS_DNS_SCRATCH];
};

struct ms_dns_read { /* a query or an answer to one */
    uint16_t id, type;
    uint8_t  rcode;           /* with the upper bits of EDNS (RFC 6891 6.1.3); more than 255 counts as 255 */
    bool     response, truncated, has_question;
    bool     incomplete;      /* answers that are not among those below */
    struct ms_bytes name;
    const struct ms_dns_answer *answers; size_t answer_count;
};
/* False: no message of opcode QUERY, class IN, and at most one question. What is missing or makes no sense behind the question is
 * left out. */
bool ms_dns_read(struct ms_bytes message, struct ms_dns_scratch *scratch, struct ms_dns_read *out);

/* ---- addresses and what they are called (dns_names.c) ---- */

struct ms_dns_names {
    struct ms_aged by_client, by_any;
    uint64_t cap, dropped; /* entries of each table; those that had to leave */
};
/* Remembers what the answers of a finished lookup say. */
void ms_dns_names_learn(struct ms_dns_names *names, const struct ms_lookup *l);
bool ms_dns_names_find(const struct ms_dns_names *names, const uint8_t client[16], const uint8_t ip[16], struct ms_dns_name *out);
void ms_dns_names_finish(struct ms_dns_names *names);
