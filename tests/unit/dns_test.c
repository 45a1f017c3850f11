/* tests/unit/dns_test.c - DNS messages byte by byte and cut, and dialogues written as words.
 *
 * Words    "+20" lets 20 ms pass. "Q7" is a query with id 7, "R7" its answer; letters behind it: t over TCP, c truncated, n without a
 *          question, x to the client 192.0.2.11 instead of .10, y from another port, r3 response code 3. Then type and name, and
 *          records "owner=TYPE:value"; ";" ends the message. Each message comes 1 ms after the one before.
 * Trace    one line a lookup: "A mx.example.org 2 tries #1-#3 21ms NOERROR" and its records.                             */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "base/text.h"
#include "net/dns_private.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- messages ---- */

struct message { uint8_t p[2048]; size_t n; };

static void put8(struct message *m, unsigned v)
{
    assert_true(m->n < sizeof m->p);
    m->p[m->n++] = (uint8_t)v;
}
static void put16(struct message *m, unsigned v) { put8(m, v >> 8 & 255); put8(m, v & 255); }
static void put32(struct message *m, unsigned v) { put16(m, v >> 16); put16(m, v & 0xffff); }

static void put_name(struct message *m, const char *name) /* "." is the root; ends at any of "=: ;" */
{
    while (*name && !strchr("=: ;", *name)) {
        size_t n = strcspn(name, ".=: ;");
        if (n) {
            put8(m, (unsigned)n);
            for (size_t i = 0; i < n; i++)
                put8(m, (uint8_t)name[i]);
        }
        name += n + (name[n] == '.');
    }
    put8(m, 0);
}

static unsigned type_of(const char *word)
{
    static const struct { const char *name; unsigned type; } rows[] = { { "AAAA", 28 }, { "A", 1 }, { "MX", 15 }, { "CNAME", 5 }, { "PTR", 12 },
        { "TXT", 16 }, { "SRV", 33 }, { "TLSA", 52 }, { "NS", 2 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strncmp(rows[i].name, word, strlen(rows[i].name)) == 0)
            return rows[i].type;
    return 65;
}

static void put_value(struct message *m, unsigned type, const char *value)
{
    unsigned a, b, c, d;
    if (type == 1 && sscanf(value, "%u.%u.%u.%u", &a, &b, &c, &d) == 4)
        put32(m, a << 24 | b << 16 | c << 8 | d);
    else if (type == 28)
        for (unsigned i = 0; i < 16; i++)
            put8(m, i == 15 ? (unsigned)atoi(value) : i == 0 ? 0x20 : i == 1 ? 1 : 0);
    else if (type == 15 || type == 33) {
        put16(m, (unsigned)strtoul(value, NULL, 10));
        if (type == 33)
            put32(m, 5 << 16 | 25);
        put_name(m, strchr(value, '/') + 1);
    } else if (type == 16 || type == 52) {
        size_t n = strcspn(value, " ;");
        if (type == 16)
            put8(m, (unsigned)n);
        for (size_t i = 0; i < n; i++)
            put8(m, (uint8_t)value[i]);
    } else
        put_name(m, value);
}

static void put_record(struct message *m, const char *record)
{
    const char *type = strchr(record, '=') + 1, *value = strchr(type, ':') + 1;
    put_name(m, record);
    put16(m, type_of(type));
    put16(m, 1);
    put32(m, 300);
    size_t at = m->n;
    put16(m, 0);
    put_value(m, type_of(type), value);
    m->p[at] = (uint8_t)((m->n - at - 2) >> 8);
    m->p[at + 1] = (uint8_t)(m->n - at - 2);
}

/* ---- dialogues ---- */

struct play { struct ms_dns *d; struct ms_buffer trace; uint64_t frame; int64_t time; uint64_t limits[MS_LIMIT_COUNT]; };

static void show_records(struct ms_buffer *t, const struct ms_lookup *l)
{
    char scratch[12];
    for (size_t i = 0; i < l->answer_count; i++) {
        const struct ms_dns_answer *a = &l->answers[i];
        ms_text_str(t, " ");
        if (!ms_equal(a->name, l->name))
            ms_text_format(t, "%.*s=", (int)a->name.n, (const char *)a->name.p);
        ms_text_format(t, "%s:", ms_dns_type_name(a->type, scratch));
        if (a->type == MS_DNS_A || a->type == MS_DNS_AAAA)
            ms_text_address(t, a->ip);
        if (a->type == MS_DNS_MX || a->type == MS_DNS_SRV)
            ms_text_format(t, "%u/", a->preference);
        ms_text_format(t, "%.*s", (int)a->target.n, (const char *)a->target.p);
    }
}

static void show(void *ctx, const struct ms_lookup *l)
{
    struct play      *play = ctx;
    struct ms_buffer *t = &play->trace;
    char              scratch[12];
    ms_text_format(t, "%s%s %.*s", t->n ? "\n" : "", ms_dns_type_name(l->type, scratch), (int)l->name.n, (const char *)l->name.p);
    ms_text_format(t, " %u %s #%d-#%d", l->tries, l->tries == 1 ? "try" : "tries", (int)l->frame, (int)l->answer_frame);
    if (l->answered && l->frame)
        ms_text_format(t, " %dms", (int)((l->replied - l->sent) / 1000000));
    ms_text_format(t, " %s%s%s%s", l->answered ? ms_dns_rcode_name(l->rcode, scratch) : "unanswered", l->truncated ? " truncated" : "",
                   l->over_tcp ? " tcp" : "", l->incomplete ? " incomplete" : "");
    show_records(t, l);
}

static void count_limit(void *ctx, enum ms_limit which) { ((struct play *)ctx)->limits[which]++; }

static void begin(struct play *play, const struct ms_limits *limits)
{
    *play = (struct play){ .time = 1000000000 };
    play->d = ms_dns_create(limits, &(struct ms_dns_sink){ show, count_limit, play });
}

static void end(struct play *play)
{
    ms_dns_destroy(play->d);
    ms_buffer_finish(&play->trace);
}

static struct ms_endpoint endpoint(unsigned last, uint16_t port)
{
    return (struct ms_endpoint){ .ip = { [10] = 0xff, [11] = 0xff, 192, 0, 2, (uint8_t)last }, .port = port };
}

/* One message; `text` starts at its first word and is moved behind its ";". */
static struct message compose(const char **text, struct ms_dns_packet *p)
{
    struct message m = { .n = 0 };
    const char    *at = *text;
    bool           answer = *at++ == 'R';
    unsigned       id = (unsigned)strtoul(at, (char **)(void *)&at, 10), flags = answer ? 0x8180 : 0x0100, port = 5000, host = 10;
    bool           question = true;
    for (; *at && *at != ' ' && *at != ';'; at++) {
        p->tcp |= *at == 't';
        flags |= *at == 'c' ? 0x0200 : 0;
        flags |= *at == 'r' ? (unsigned)atoi(at + 1) : 0;
        question &= *at != 'n';
        host += *at == 'x';
        port += *at == 'y';
    }
    struct ms_endpoint client = endpoint(host, (uint16_t)port), resolver = endpoint(53, 53);
    p->from = answer ? resolver : client;
    p->to = answer ? client : resolver;
    put16(&m, id), put16(&m, flags), put16(&m, question), put32(&m, 0), put16(&m, 0);
    if (question) {
        const char *type = at + 1, *name = strchr(type, ' ') + 1;
        put_name(&m, name);
        put16(&m, type_of(type));
        put16(&m, 1);
        at = name + strcspn(name, " ;");
    }
    while (*at == ' ' && at[1] != ';') {
        put_record(&m, ++at);
        m.p[7]++;
        at += strcspn(at, " ;");
    }
    *text = at + strcspn(at, ";");
    return m;
}

static void run(struct play *play, const char *text)
{
    while (*(text += strspn(text, " ;"))) {
        if (*text == '+') {
            play->time += strtol(text + 1, (char **)(void *)&text, 10) * 1000000;
            continue;
        }
        struct ms_dns_packet p = { .frame = ++play->frame, .time = play->time += 1000000 };
        struct message       m = compose(&text, &p);
        p.message = (struct ms_bytes){ m.p, m.n };
        ms_dns_message(play->d, &p);
    }
}

static void is_trace(struct play *play, const char *why, const char *want)
{
    ms_text_char(&play->trace, '\0');
    if (strcmp((const char *)play->trace.p, want) != 0)
        fail_msg("%s: want\n%s\ngot\n%s", why, want, (const char *)play->trace.p);
    play->trace.n--;
}

static const struct { const char *why, *play, *want; } dialogues[] = {
    { "question and answer", "Q1 A mx.example.org; +20 R1 A MX.Example.ORG mx.example.org=A:198.51.100.25;",
      "A mx.example.org 1 try #1-#2 21ms NOERROR A:198.51.100.25" },
    { "records of all kinds", "Q1 MX example.org; R1 MX example.org example.org=MX:10/mx1.example.org example.org=MX:20/mx2.example.org"
      " example.org=TXT:v=spf1 example.org=SRV:3/smtp.example.org example.org=AAAA:7 a.example=CNAME:b.example x=TLSA:abc .=NS:ns.example;",
      "MX example.org 1 try #1-#2 1ms NOERROR MX:10/mx1.example.org MX:20/mx2.example.org TXT:v=spf1 SRV:3/smtp.example.org AAAA:2001::7"
      " a.example=CNAME:b.example x=TLSA:abc .=NS:ns.example" },
    { "no mail accepted (RFC 7505)", "Q1 MX example.org; R1 MX example.org example.org=MX:0/.;",
      "MX example.org 1 try #1-#2 1ms NOERROR MX:0/." },
    { "no such name", "Q1 A nosuch.example; R1r3 A nosuch.example;", "A nosuch.example 1 try #1-#2 1ms NXDOMAIN" },
    { "asked again with the same id and with another one", "Q1 A a.example; +5000 Q1 A a.example; +5000 Q9y A a.example; R9y A a.example;",
      "A a.example 3 tries #1-#4 10003ms NOERROR" },
    { "the answer to the first try counts", "Q1 A a.example; +5000 Q2 A a.example; R1 A a.example;", "A a.example 2 tries #1-#3 5002ms NOERROR" },
    { "an answer with another id or port is none", "Q1 A a.example; R2 A a.example a.example=A:1.2.3.4; R1y A a.example a.example=A:1.2.3.5;"
      " R1 A a.example a.example=A:1.2.3.6;", "A a.example 1 try #1-#4 3ms NOERROR A:1.2.3.6" },
    { "the answer comes twice", "Q1 A a.example; +900 Q1 A a.example; R1 A a.example; R1 A a.example;", "A a.example 2 tries #1-#3 902ms NOERROR" },
    { "the tap shows everything twice", "Q1 A a.example; Q1 A a.example; R1 A a.example; R1 A a.example;", "A a.example 1 try #1-#3 2ms NOERROR" },
    { "the tap shows the answer first", "R1 A a.example; Q1 A a.example;", "A a.example 0 tries #0-#1 NOERROR" },
    { "asked anew after the answer", "Q1 A a.example; R1 A a.example; +500 Q2 A a.example; R2 A a.example;",
      "A a.example 1 try #1-#2 1ms NOERROR\nA a.example 1 try #3-#4 1ms NOERROR" },
    { "truncated, then over TCP", "Q1 TXT a.example; R1c TXT a.example; Q7ty TXT a.example; R7ty TXT a.example a.example=TXT:x;",
      "TXT a.example 2 tries #1-#4 3ms NOERROR truncated tcp TXT:x" },
    { "truncated, and nothing follows", "Q1 TXT a.example; R1c TXT a.example a.example=TXT:x;", "TXT a.example 1 try #1-#2 1ms NOERROR truncated incomplete" },
    { "an error without question", "Q1 A a.example; R1nr1;", "A a.example 1 try #1-#2 1ms FORMERR" },
    { "an error without question for somebody else", "Q1 A a.example; R1nxr1;", "A a.example 1 try #1-#0 unanswered" },
    { "no query in sight", "R1 A a.example a.example=A:1.2.3.4; R1 A a.example;", "A a.example 0 tries #0-#1 NOERROR A:1.2.3.4" },
    { "two clients", "Q1 A a.example; Q1x A a.example; R1 A a.example; R1xr2 A a.example;",
      "A a.example 1 try #1-#3 2ms NOERROR\nA a.example 1 try #2-#4 2ms SERVFAIL" },
    { "no answer in dns_seconds", "Q1 A a.example; +31000 Q1x A b.example; R1x A b.example;",
      "A a.example 1 try #1-#0 unanswered\nA b.example 1 try #2-#3 1ms NOERROR" },
    { "asked again, too late to be the same", "Q1 A a.example; +31000 Q1 A a.example; R1 A a.example;",
      "A a.example 1 try #1-#0 unanswered\nA a.example 1 try #2-#3 1ms NOERROR" },
    { "never answered", "Q1 MX a.example; Q2 A b.example;", "MX a.example 1 try #1-#0 unanswered\nA b.example 1 try #2-#0 unanswered" },
    { "escaped", "Q1 A A@b(c)$\"\\\x07\xff.example; R1 A a@B(c)$\"\\\x07\xff.example;",
      "A a\\@b\\(c\\)\\$\\\"\\\\\\007\\255.example 1 try #1-#2 1ms NOERROR" },
    { "unknown type", "Q1 HTTPS a.example; R1 HTTPS a.example;", "HTTPS a.example 1 try #1-#2 1ms NOERROR" },
};

static void dialogue(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dialogues / sizeof *dialogues; i++) {
        struct ms_limits limits = ms_limits_default();
        struct play      play;
        begin(&play, &limits);
        run(&play, dialogues[i].play);
        ms_dns_finish(play.d);
        is_trace(&play, dialogues[i].why, dialogues[i].want);
        end(&play);
    }
}

/* Cut anywhere, a message is refused, or it is the same one with fewer answers, and says so. */
static void every_cut(void **state)
{
    (void)state;
    static struct ms_dns_scratch a, b;
    for (size_t i = 0; i < sizeof dialogues / sizeof *dialogues; i++) {
        for (const char *text = dialogues[i].play; *(text += strspn(text, " ;"));) {
            if (*text == '+') {
                text += strcspn(text, " ");
                continue;
            }
            struct ms_dns_packet p = { .frame = 1 };
            struct message       m = compose(&text, &p);
            struct ms_dns_read   whole, part;
            assert_true(ms_dns_read((struct ms_bytes){ m.p, m.n }, &a, &whole));
            assert_false(whole.incomplete);
            for (size_t cut = 0; cut < m.n; cut++) {
                uint8_t *exact = malloc(cut ? cut : 1);
                memcpy(exact, m.p, cut);
                if (ms_dns_read((struct ms_bytes){ exact, cut }, &b, &part)) {
                    assert_true(ms_equal(whole.name, part.name) && whole.type == part.type && whole.rcode == part.rcode);
                    assert_true(part.incomplete && part.answer_count < whole.answer_count);
                }
                free(exact);
            }
        }
    }
}

/* ---- names with pointers ---- */

#define LABEL63 "\x3f" "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static void pointers(void **state)
{
    (void)state;
    const struct { const char *why; struct ms_bytes message; size_t at, after; const char *text; } names[] = {
        { "plain", MS_LIT("\3www\2Ex\0"), 0, 8, "www.ex" },
        { "root", MS_LIT("\0"), 0, 1, "." },
        { "a pointer", MS_LIT("\2ex\0\3www\xc0\0"), 4, 10, "www.ex" },
        { "nothing but a pointer", MS_LIT("\2ex\0\xc0\0"), 4, 6, "ex" },
        { "a pointer to a pointer", MS_LIT("\2ex\0\1b\xc0\0\1a\xc0\4"), 8, 12, "a.b.ex" },
        { "a dot in a label", MS_LIT("\3a.b\0"), 0, 5, "a\\.b" },
        { "a pointer at itself", MS_LIT("\xc0\0"), 0, 0, "" },
        { "a loop", MS_LIT("\1a\xc0\0"), 0, 0, "" },
        { "a loop of two", MS_LIT("\xc0\2\xc0\0"), 2, 0, "" },
        { "forward", MS_LIT("\xc0\2\2ex\0"), 0, 0, "" },
        { "into its own labels", MS_LIT("\1a\1b\xc0\2"), 0, 0, "" },
        { "past the end", MS_LIT("\xc0\x40"), 0, 0, "" },
        { "half a pointer", MS_LIT("\0\xc0"), 1, 0, "" },
        { "a label past the end", MS_LIT("\5ab"), 0, 0, "" },
        { "no root", MS_LIT("\2ab"), 0, 0, "" },
        { "label kinds 01 and 10", MS_LIT("\x41" "a\0"), 0, 0, "" },
        { "255 bytes", MS_LIT(LABEL63 LABEL63 LABEL63 "\x3d" "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghi\0"), 0, 255, NULL },
        { "256 bytes", MS_LIT(LABEL63 LABEL63 LABEL63 "\x3e" "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghij\0"), 0, 0, NULL },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint8_t text[MS_DNS_NAME_TEXT];
        size_t  n = 0, after = ms_dns_name(names[i].message, names[i].at, text, &n);
        if (after != names[i].after)
            fail_msg("%s: ends at %zu", names[i].why, after);
        if (after && names[i].text && !ms_equal((struct ms_bytes){ text, n }, ms_str(names[i].text)))
            fail_msg("%s: %.*s", names[i].why, (int)n, (const char *)text);
        if (after)
            assert_int_equal(ms_dns_name_skip(names[i].message, names[i].at), after);
    }
}

/* ---- what no words are for ---- */

static void read_is(const char *why, struct ms_bytes m, bool is, unsigned rcode, size_t answers, bool incomplete)
{
    static struct ms_dns_scratch s;
    struct ms_dns_read           r;
    bool                         got = ms_dns_read(m, &s, &r);
    if (got != is || (got && (r.rcode != rcode || r.answer_count != answers || r.incomplete != incomplete)))
        fail_msg("%s: %d, rcode %u, %zu answers%s", why, got, r.rcode, r.answer_count, r.incomplete ? ", incomplete" : "");
}

#define Q_A "\1a\0\0\1\0\1"
static void odd_messages(void **state)
{
    (void)state;
    read_is("a dynamic update", MS_LIT("\0\1\x28\0\0\1\0\0\0\0\0\0" Q_A), false, 0, 0, false);
    read_is("class CHAOS", MS_LIT("\0\1\1\0\0\1\0\0\0\0\0\0" "\1a\0\0\x10\0\3"), false, 0, 0, false);
    read_is("two questions", MS_LIT("\0\1\1\0\0\2\0\0\0\0\0\0" Q_A Q_A), false, 0, 0, false);
    read_is("a query without question", MS_LIT("\0\1\1\0\0\0\0\0\0\0\0\0"), false, 0, 0, false);
    read_is("EDNS: BADVERS", MS_LIT("\0\1\x81\0\0\1\0\0\0\0\0\1" Q_A "\0\0\x29\x10\0\1\0\0\0\0\0"), true, 16, 0, false);
    read_is("EDNS behind a record of authority", MS_LIT("\0\1\x81\0\0\1\0\0\0\1\0\1" Q_A "\xc0\x0c\0\2\0\1\0\0\0\1\0\1\0" "\0\0\x29\x10\0\1\0\0\0\0\0"),
            true, 16, 0, false);
    read_is("EDNS with all bits", MS_LIT("\0\1\x81\x0f\0\1\0\0\0\0\0\1" Q_A "\0\0\x29\x10\0\xff\0\0\0\0\0"), true, 255, 0, false);
    read_is("an address of 3 bytes", MS_LIT("\0\1\x81\0\0\1\0\2\0\0\0\0" Q_A "\xc0\x0c\0\1\0\1\0\0\0\1\0\3abc" "\xc0\x0c\0\1\0\1\0\0\0\1\0\4abcd"),
            true, 0, 1, true);
    read_is("a target that leaves its record", MS_LIT("\0\1\x81\0\0\1\0\1\0\0\0\0" Q_A "\xc0\x0c\0\5\0\1\0\0\0\1\0\2\3b" "cd\0"), true, 0, 0, true);
    read_is("65535 answers promised", MS_LIT("\0\1\x81\0\0\1\xff\xff\xff\xff\xff\xff" Q_A "\xc0\x0c\0\1\0\1\0\0\0\1\0\4abcd"), true, 0, 1, true);
}

static void many_answers(void **state)
{
    (void)state;
    static struct ms_dns_scratch s;
    struct message               m = { .n = 0 };
    struct ms_dns_read           r;
    put16(&m, 1), put16(&m, 0x8180), put16(&m, 1), put16(&m, MS_DNS_ANSWERS + 1), put16(&m, 0), put16(&m, 1);
    put_name(&m, "a"), put16(&m, 1), put16(&m, 1);
    for (unsigned i = 0; i <= MS_DNS_ANSWERS; i++)
        put16(&m, 0xc00c), put16(&m, 1), put16(&m, 1), put32(&m, 0x80000000u), put16(&m, 4), put32(&m, i);
    put8(&m, 0), put16(&m, 41), put16(&m, 1232), put32(&m, 1u << 24), put16(&m, 0);
    assert_true(ms_dns_read((struct ms_bytes){ m.p, m.n }, &s, &r));
    assert_int_equal(r.answer_count, MS_DNS_ANSWERS);
    assert_true(r.incomplete);
    assert_int_equal(r.rcode, 16); /* the OPT record behind them was found */
    assert_int_equal(r.answers[63].ip[15], 63);
    assert_int_equal(r.answers[0].ttl, 0);
}

/* ---- names of addresses ---- */

static const struct { const char *why, *play; unsigned client; const char *ip, *want; } named[] = {
    { "by its address", "Q1 A mx.example.org; R1 A mx.example.org mx.example.org=A:198.51.100.25;", 10, "198.51.100.25", "A mx.example.org #1-#2" },
    { "by an alias", "Q1 A mail.example.org; R1 A mail.example.org mail.example.org=CNAME:a.host.example a.host.example=CNAME:b.host.example"
      " b.host.example=A:198.51.100.25;", 10, "198.51.100.25", "A mail.example.org #1-#2" },
    { "aliases in the wrong order", "Q1 A m.example; R1 A m.example b.example=A:198.51.100.25 a.example=CNAME:b.example m.example=CNAME:a.example;",
      10, "198.51.100.25", "A m.example #1-#2" },
    { "aliases in a circle", "Q1 A m.example; R1 A m.example m.example=CNAME:a.example a.example=CNAME:m.example m.example=A:198.51.100.25;",
      10, "198.51.100.25", "A m.example #1-#2" },
    { "an address nobody asked for", "Q1 A m.example; R1 A m.example evil.example=A:198.51.100.25;", 10, "198.51.100.25", "unknown" },
    { "somebody else's lookup", "Q1 A m.example; R1 A m.example m.example=A:198.51.100.25;", 11, "198.51.100.25", "A m.example #1-#2" },
    { "the client's own lookup before others", "Q1 A m.example; R1 A m.example m.example=A:198.51.100.25; Q1x A x.example;"
      " R1x A x.example x.example=A:198.51.100.25;", 10, "198.51.100.25", "A m.example #1-#2" },
    { "the latest", "Q1 A m.example; R1 A m.example m.example=A:198.51.100.25; Q2 A n.example; R2 A n.example n.example=A:198.51.100.25;",
      10, "198.51.100.25", "A n.example #3-#4" },
    { "the latest of others", "Q1 A m.example; R1 A m.example m.example=A:198.51.100.25; Q1x A x.example; R1x A x.example x.example=A:198.51.100.25;",
      12, "198.51.100.25", "A x.example #3-#4" },
    { "reverse", "Q1 PTR 25.100.51.198.in-addr.arpa; R1 PTR 25.100.51.198.in-addr.arpa 25.100.51.198.in-addr.arpa=PTR:host.example;",
      10, "198.51.100.25", "PTR host.example #1-#2" },
    { "reverse does not replace", "Q1 A m.example; R1 A m.example m.example=A:198.51.100.25; Q1 PTR 25.100.51.198.in-addr.arpa;"
      " R1 PTR 25.100.51.198.in-addr.arpa 25.100.51.198.in-addr.arpa=PTR:host.example;", 10, "198.51.100.25", "A m.example #1-#2" },
    { "reverse of the client stands behind what others asked", "Q1x A m.example; R1x A m.example m.example=A:198.51.100.25;"
      " Q1 PTR 25.100.51.198.in-addr.arpa; R1 PTR 25.100.51.198.in-addr.arpa 25.100.51.198.in-addr.arpa=PTR:host.example;",
      10, "198.51.100.25", "A m.example #1-#2" },
    { "reverse of what is no address", "Q1 PTR 300.100.51.198.in-addr.arpa; R1 PTR 300.100.51.198.in-addr.arpa x=PTR:host.example;"
      " Q1 PTR 100.51.198.in-addr.arpa; R1 PTR 100.51.198.in-addr.arpa x=PTR:host.example;", 10, "198.51.100.0", "unknown" },
    { "an error names nothing", "Q1 A m.example; R1r3 A m.example m.example=A:198.51.100.25;", 10, "198.51.100.25", "unknown" },
    { "truncated, but there", "Q1 A m.example; R1c A m.example m.example=A:198.51.100.25;", 10, "198.51.100.25", "A m.example #1-#2" },
    { "no query in sight", "R1 A m.example m.example=A:198.51.100.25;", 10, "198.51.100.25", "A m.example #0-#1" },
};

static void name_is(struct play *play, const char *why, unsigned client, const char *ip, const char *want)
{
    unsigned           v[4];
    uint8_t            address[16] = { [10] = 0xff, [11] = 0xff };
    struct ms_dns_name name;
    char               scratch[12], got[300] = "unknown";
    assert_int_equal(sscanf(ip, "%u.%u.%u.%u", &v[0], &v[1], &v[2], &v[3]), 4);
    for (int i = 0; i < 4; i++)
        address[12 + i] = (uint8_t)v[i];
    if (ms_dns_name_of(play->d, endpoint(client, 0).ip, address, &name))
        snprintf(got, sizeof got, "%s %.*s #%d-#%d", ms_dns_type_name(name.type, scratch), (int)name.name.n, (const char *)name.name.p,
                 (int)name.frame, (int)name.answer_frame);
    if (strcmp(got, want) != 0)
        fail_msg("%s: want %s, got %s", why, want, got);
}

static void names_of_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        struct ms_limits limits = ms_limits_default();
        struct play      play;
        begin(&play, &limits);
        run(&play, named[i].play);
        name_is(&play, named[i].why, named[i].client, named[i].ip, named[i].want);
        end(&play);
    }
}

static void reverse_ipv6(void **state)
{
    (void)state;
    struct ms_limits   limits = ms_limits_default();
    struct play        play;
    uint8_t            ip[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x25 };
    struct ms_dns_name name;
#define ARPA "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
    begin(&play, &limits);
    run(&play, "Q1 PTR " ARPA "; R1 PTR " ARPA " " ARPA "=PTR:six.example;");
    assert_true(ms_dns_name_of(play.d, ip, ip, &name));
    assert_true(ms_equal(name.name, MS_LIT("six.example")));
    end(&play);
}

/* ---- limits: dns_lookups 4, dns_names 4, dns_seconds 5 ---- */

static void limit_lookups(void **state)
{
    (void)state;
    for (int n = 3; n <= 5; n++) {
        struct ms_limits limits = ms_limits_tiny();
        struct play      play;
        begin(&play, &limits);
        for (int i = 1; i <= n; i++) {
            char text[40];
            snprintf(text, sizeof text, "Q%d A n%d.example;", i, i);
            run(&play, text);
        }
        assert_int_equal(play.limits[MS_LIMIT_dns_lookups], n > 4);
        is_trace(&play, "limit", n > 4 ? "A n1.example 1 try #1-#0 unanswered" : "");
        end(&play);
    }
}

static void limit_names(void **state)
{
    (void)state;
    for (int n = 3; n <= 5; n++) {
        struct ms_limits limits = ms_limits_tiny();
        struct play      play;
        begin(&play, &limits);
        for (int i = 1; i <= n; i++) {
            char text[100];
            snprintf(text, sizeof text, "Q%d A n%d.example; R%d A n%d.example n%d.example=A:198.51.100.%d;", i, i, i, i, i, i);
            run(&play, text);
        }
        assert_int_equal(play.limits[MS_LIMIT_dns_names], n > 4);
        name_is(&play, "the oldest", 10, "198.51.100.1", n > 4 ? "unknown" : "A n1.example #1-#2");
        name_is(&play, "the second", 10, "198.51.100.2", "A n2.example #3-#4");
        end(&play);
    }
}

static void limit_seconds(void **state)
{
    (void)state;
    for (int ms = 4998; ms <= 5000; ms++) { /* the next message comes 1 ms later */
        struct ms_limits limits = ms_limits_tiny();
        struct play      play;
        char             text[60];
        begin(&play, &limits);
        snprintf(text, sizeof text, "Q1 A a.example; +%d Q2x A b.example;", ms);
        run(&play, text);
        is_trace(&play, "limit", ms >= 5000 ? "A a.example 1 try #1-#0 unanswered" : "");
        end(&play);
    }
}

static void words(void **state)
{
    (void)state;
    char scratch[12];
    assert_string_equal(ms_dns_type_name(15, scratch), "MX");
    assert_string_equal(ms_dns_type_name(65280, scratch), "TYPE65280");
    assert_string_equal(ms_dns_rcode_name(2, scratch), "SERVFAIL");
    assert_string_equal(ms_dns_rcode_name(200, scratch), "RCODE200");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dialogue), cmocka_unit_test(every_cut), cmocka_unit_test(pointers), cmocka_unit_test(odd_messages),
        cmocka_unit_test(many_answers), cmocka_unit_test(names_of_addresses), cmocka_unit_test(reverse_ipv6), cmocka_unit_test(limit_lookups),
        cmocka_unit_test(limit_names), cmocka_unit_test(limit_seconds), cmocka_unit_test(words),
    };
    ms_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
