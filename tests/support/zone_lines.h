/* tests/support/zone_lines.h - zones on standard input, for programs that judge senders. Fields parted by TAB, bytes in hexadecimal:
 *   Z                              a new, empty zone
 *   R name type preference value   a record; value: text, name or address; type "FAIL": questions of the type in value fail
 * With `zone_open` what is not in the zone is unknown; else it does not exist.                                            */
#pragma once
#include "auth/dns.h"
#include "base/hash.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { RECORDS = 4096, FIELDS = 8 };

struct row { struct ms_bytes name; uint16_t type; bool fails; struct ms_dns_record record; };
static struct row           rows[RECORDS];
static size_t               row_count;
static struct ms_dns_record found[RECORDS];
static struct ms_arena      zone;
static bool                 zone_open;

static struct ms_bytes unhex(const char *s)
{
    size_t   n = strlen(s) / 2;
    uint8_t *p = ms_arena_alloc(&zone, n + 1);
    for (size_t i = 0; i < n; i++) {
        char pair[3] = { s[2 * i], s[2 * i + 1], 0 };
        p[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return (struct ms_bytes){ p, n };
}

static uint16_t type_of(const char *word)
{
    static const struct { const char *word; uint16_t type; } types[] = {
        { "A", MS_DNS_A }, { "AAAA", MS_DNS_AAAA }, { "MX", MS_DNS_MX }, { "PTR", MS_DNS_PTR }, { "TXT", MS_DNS_TXT }, { "CNAME", MS_DNS_CNAME },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(word, types[i].word) == 0)
            return types[i].type;
    return 0;
}

static void read_ip(const char *text, uint8_t ip[16])
{
    memcpy(ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    if (inet_pton(AF_INET, text, ip + 12) != 1 && inet_pton(AF_INET6, text, ip) != 1)
        exit(2);
}

static enum ms_answer ask(void *ctx, struct ms_bytes name, uint16_t type, struct ms_dns_set *out)
{
    (void)ctx;
    for (int hops = 0; hops < 8; hops++) {
        bool            exists = false, fails = false;
        struct ms_bytes alias = { NULL, 0 };
        size_t          n = 0;
        for (size_t i = 0; i < row_count; i++) {
            if (!ms_equal_nocase(rows[i].name, name))
                continue;
            exists = true;
            if (rows[i].type == type && rows[i].fails)
                fails = true;
            else if (rows[i].type == type)
                found[n++] = rows[i].record;
            else if (rows[i].type == MS_DNS_CNAME)
                alias = rows[i].record.value;
        }
        *out = (struct ms_dns_set){ found, n };
        if (n || !alias.n)
            return fails ? MS_ANSWER_FAILED : n ? MS_ANSWER_FOUND : exists ? MS_ANSWER_NODATA
                         : zone_open ? MS_ANSWER_UNKNOWN : MS_ANSWER_NXDOMAIN;
        name = alias;
    }
    return MS_ANSWER_NODATA;
}

static void add(char *const *f)
{
    struct row *r = &rows[row_count++];
    if (row_count == RECORDS)
        exit(2);
    *r = (struct row){ .name = unhex(f[1]), .type = type_of(f[2]), .record.preference = (uint16_t)strtoul(f[3], NULL, 10) };
    if (strcmp(f[2], "FAIL") == 0) {
        r->type = type_of((const char *)unhex(f[4]).p);
        r->fails = true;
    } else if (r->type == MS_DNS_A || r->type == MS_DNS_AAAA) {
        read_ip((const char *)unhex(f[4]).p, r->record.ip);
    } else {
        r->record.value = unhex(f[4]);
    }
}

/* Lines that are not of zones go to `other`. */
static int zone_run(void (*other)(char *const *fields, size_t count))
{
    char  *line = NULL;
    size_t size = 0;
    ms_hash_init();
    for (ssize_t n; (n = getline(&line, &size, stdin)) > 0;) {
        char  *fields[FIELDS] = { 0 }, *at = line;
        size_t count = 0;
        line[strcspn(line, "\n")] = 0;
        while (at && count < FIELDS)
            fields[count++] = strsep(&at, "\t");
        if (line[0] == 'Z') {
            row_count = 0;
            ms_arena_finish(&zone);
        } else if (line[0] == 'R' && count >= 5) {
            add(fields);
        } else {
            other(fields, count);
        }
    }
    free(line);
    ms_arena_finish(&zone);
    return 0;
}
