/* tests/support/zone.h - a resolver for tests: rows of name, type and value; what is not there is unknown. */
#pragma once
#include "auth/dns.h"

#include <arpa/inet.h>
#include <stdlib.h>

struct zone_row { const char *name; uint16_t type; const char *value; enum ms_answer answer; }; /* value: text, name or address */
struct zone { const struct zone_row *rows; size_t n; unsigned asked; struct ms_dns_record found[16]; };
#define ZONE(rows) { rows, sizeof(rows) / sizeof *(rows), 0, { { { NULL, 0 }, { 0 }, 0 } } }

static inline void zone_ip(const char *text, uint8_t ip[16])
{
    memcpy(ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    if (inet_pton(AF_INET, text, ip + 12) != 1 && inet_pton(AF_INET6, text, ip) != 1)
        abort();
}

static enum ms_answer zone_ask(void *ctx, struct ms_bytes name, uint16_t type, struct ms_dns_set *out)
{
    struct zone   *z = ctx;
    enum ms_answer answer = MS_ANSWER_UNKNOWN;
    size_t         n = 0;
    z->asked++;
    for (size_t i = 0; i < z->n && n < 16; i++) {
        const struct zone_row *row = &z->rows[i];
        if (row->type != type || !ms_equal_nocase(ms_str(row->name), name))
            continue;
        answer = row->answer;
        if (answer != MS_ANSWER_FOUND)
            continue;
        z->found[n] = (struct ms_dns_record){ .value = ms_str(row->value) };
        if (type == MS_DNS_A || type == MS_DNS_AAAA)
            zone_ip(row->value, z->found[n].ip);
        n++;
    }
    *out = (struct ms_dns_set){ z->found, n };
    return answer;
}

static inline struct ms_resolver zone_resolver(struct zone *z) { return (struct ms_resolver){ zone_ask, z }; }
