/* tests/unit/dfilter_test.c - display filters: the table of truth is dfilter_truth.def; errors with their columns; units and bits; limits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "dfilter_record.h"

#include <stdio.h>
#include <stdlib.h>

static struct record frame = RECORD(frame_samples), session = RECORD(session_samples), message = RECORD(message_samples);
static struct record *const records[] = { &frame, &session, &message };

static struct ms_dfilter *must_compile(const char *text)
{
    struct ms_dfilter_error error;
    size_t                  n = strlen(text);
    uint8_t                *exact = malloc(n ? n : 1); /* so that nothing reads past its end, or keeps it */
    memcpy(exact, text, n);
    struct ms_dfilter *f = ms_dfilter_compile(&test_table, (struct ms_bytes){ exact, n }, &error);
    free(exact);
    if (!f)
        fail_msg("%s: column %zu: %s", text, error.column, error.sentence);
    return f;
}

static uint64_t all_bits(const struct ms_dfilter *f)
{
    uint64_t bits = 0;
    for (unsigned unit = 0; unit < 3; unit++)
        bits |= ms_dfilter_test(f, unit, &(struct ms_dfilter_source){ record_values, records[unit] });
    return bits;
}

static bool truth_of(const struct ms_dfilter *f)
{
    uint32_t units = ms_dfilter_units(f);
    bool     decided = ms_dfilter_decide(f, all_bits(f));
    if (units == 0 || (units & (units - 1)))
        return decided;
    struct ms_dfilter_source source = { record_values, records[__builtin_ctz(units)] };
    bool                     first = ms_dfilter_matches(f, &source);
    assert_int_equal(first, ms_dfilter_matches(f, &source)); /* nothing is left from the evaluation before */
    assert_int_equal(first, decided);
    return first;
}

static const struct { const char *filter; bool holds; } truths[] = {
#define X(holds, ...) { __VA_ARGS__, holds },
#include "dfilter_truth.def"
#undef X
};

static void truth_table(void **state)
{
    size_t wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        struct ms_dfilter *f = must_compile(truths[i].filter);
        if (truth_of(f) != truths[i].holds)
            wrong += (size_t)fprintf(stderr, "%s: must %shold\n", truths[i].filter, truths[i].holds ? "" : "not ") > 0;
        ms_dfilter_destroy(f);
    }
    assert_int_equal(wrong, 0);
    assert_true(sizeof truths / sizeof *truths >= 250);
}

/* ---- errors ---------------------------------------------------------------------------------------------------- */

static const struct { const char *filter; size_t column, length; const char *part, *suggestion; } errors[] = {
    { "frame.numbr == 3", 0, 11, "neither a field nor a protocol", "frame.number" },
    { "tcp and smtpp", 8, 5, "neither a field nor a protocol", "smtp" },
    { "xyzzy.plugh", 0, 11, "neither a field nor a protocol", "" },
    { "tcp.port = 25", 9, 1, "no meaning here", "" },
    { "tcp.port == 70000", 12, 5, "too large for tcp.port", "" },
    { "ip.ttl == 256", 10, 3, "too large for ip.ttl", "" },
    { "frame.number == 99999999999999999999", 16, 20, "too large", "" },
    { "tcp.window_size_scalefactor == 2147483648", 31, 10, "too large", "" },
    { "tcp.port == \"25\"", 12, 4, "is text, and cannot be an unsigned integer", "" },
    { "tcp.port == http", 12, 4, "A protocol cannot be compared with an unsigned integer", "" },
    { "tcp.port == 25x", 12, 3, "no number", "" },
    { "tls.handshake.type == \"Hello\"", 22, 7, "has no value of this name", "" },
    { "ip.src == 10.0.0", 10, 6, "no IPv4 address", "" },
    { "ip.src == 10.0.0.0/33", 10, 11, "prefix longer than 32", "" },
    { "ip.src == ::1", 10, 3, "no IPv4 address", "" },
    { "session.server.ip == host", 21, 4, "names of hosts are not looked up", "" },
    { "eth.src == 00:11:22", 11, 8, "six bytes", "" },
    { "frame contains RSET", 15, 4, "between quotes", "" },
    { "frame.time > yesterday", 13, 9, "is no time", "" },
    { "frame.time_delta > soon", 19, 4, "no number of seconds", "" },
    { "ip.src contains 10", 0, 6, "cannot be searched with \"contains\"; string()", "" },
    { "frame.time matches \"2\"", 0, 10, "cannot be searched with \"matches\"", "" },
    { "frame matches abc", 14, 3, "between double quotes", "" },
    { "frame matches \"(\"", 14, 3, "regular expression, after 1", "" },
    { "tcp.port[0] == 25", 0, 8, "cannot be sliced", "" },
    { "frame[0:0] == 00", 6, 3, "greater than 0", "" },
    { "frame[3-1] == 00", 6, 3, "must not end before it begins", "" },
    { "frame[-2-1] == 00", 6, 4, "from the same side", "" },
    { "frame[a] == 00", 6, 1, "number is expected", "" },
    { "frame[] == 00", 6, 1, "number is expected", "" },
    { "tcp.port#-1 == 25", 9, 1, "right after \"#\"", "" },
    { "tcp.port# 1 == 25", 9, 1, "right after \"#\"", "" },
    { "tcp.analysis.flags == 1", 0, 18, "only its presence", "" },
    { "len(frame)", 0, 10, "must be compared", "" },
    { "lenn(frame) == 3", 0, 4, "no function of this name", "len" },
    { "len(3) == 3", 4, 1, "must be a field", "" },
    { "upper(frame.number) == \"A\"", 6, 12, "no argument for this function", "" },
    { "string(smtp.req.command) == \"A\"", 7, 16, "no argument for this function", "" },
    { "abs(ip.src) == 1", 4, 6, "no argument for this function", "" },
    { "abs(frame.number, 3) == 1", 0, 20, "takes one argument", "" },
    { "max() == 1", 0, 5, "at least one argument", "" },
    { "max(tcp.port, ip.src) == 1", 14, 6, "cannot be compared with", "" },
    { "smtp & tcp", 0, 4, "cannot take part in \"&\"", "" },
    { "smtp.req.command + 1 == 2", 0, 16, "cannot take part in \"+\"", "" },
    { "frame.time_relative * 2 > 1", 0, 19, "cannot take part in \"*\"", "" },
    { "frame.number + ip.src == 1", 15, 6, "cannot take part in \"+\" with", "" },
    { "-ip.src == 1", 0, 7, "has no negative", "" },
    { "1 == 1", 0, 1, "not a constant", "" },
    { "3 == frame.number", 0, 1, "not a constant", "" },
    { "\"smtp\"", 0, 6, "neither a field nor a protocol", "smtp" },
    { "smtp tcp", 5, 3, "\"tcp\" is not expected here", "" },
    { "(smtp", 5, 1, "ends too early", "" },
    { "smtp)", 4, 1, "\")\" is not expected", "" },
    { "smtp and", 8, 1, "ends too early", "" },
    { "", 0, 0, NULL, "" },
    { "and smtp", 0, 3, "\"and\" is not expected", "" },
    { "any tcp.port", 12, 1, "ends too early", "" },
    { "tcp.port in 25", 12, 2, "\"25\" is not expected", "" },
    { "tcp.port in {}", 13, 1, "\"}\" is not expected", "" },
    { "tcp.port in {25, \"a\"}", 17, 3, "is text", "" },
    { "smtp.req.command == \"RS", 20, 3, "closing quote is missing", "" },
    { "smtp.req.command == 'RS'", 20, 4, "exactly one character", "" },
    { "smtp.req.command == \"R\\q\"", 22, 2, "no escape sequence", "" },
    { "tcp.port == ${tcp.port}", 12, 1, "not supported", "" },
    { "@tcp.port == 25", 0, 1, "not supported", "" },
    { "frame.len > session.bytes", 12, 13, "This is a field of sessions; within one comparison all fields must be of frames", "" },
    { "session.user == message.subject", 16, 15, "of messages", "" },
};

static void error_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct ms_dfilter_error e;
        struct ms_dfilter      *f = ms_dfilter_compile(&test_table, ms_str(errors[i].filter), &e);
        if (!errors[i].part) {
            assert_non_null(f);
            ms_dfilter_destroy(f);
            continue;
        }
        if (f)
            fail_msg("%s: is accepted", errors[i].filter);
        if (e.column != errors[i].column || e.length != errors[i].length || !strstr(e.sentence, errors[i].part) ||
            strcmp(e.suggestion, errors[i].suggestion) != 0)
            fail_msg("%s: column %zu length %zu \"%s\" suggests \"%s\", want %zu %zu \"%s\" \"%s\"", errors[i].filter, e.column, e.length, e.sentence,
                     e.suggestion, errors[i].column, errors[i].length, errors[i].part, errors[i].suggestion);
    }
}

static void error_is_drawn(void **state)
{
    struct ms_dfilter_error e;
    struct ms_buffer        out = { 0 };
    (void)state;
    const char *text = "imf.from == \"\xc3\xa4\" and frame.numbr == 3";
    assert_null(ms_dfilter_compile(&test_table, ms_str(text), &e));
    ms_dfilter_error_render(&e, ms_str(text), &out);
    ms_buffer_append(&out, (struct ms_bytes){ (const uint8_t *)"", 1 });
    assert_string_equal((char *)out.p, "\"frame.numbr\" is neither a field nor a protocol.\n"
                                       "    imf.from == \"\xc3\xa4\" and frame.numbr == 3\n"
                                       "                        ^~~~~~~~~~~\n"
                                       "    Did you mean \"frame.number\"?\n");
    ms_buffer_finish(&out);
}

/* ---- units ----------------------------------------------------------------------------------------------------- */

static void units_and_bits(void **state)
{
    (void)state;
    struct ms_dfilter *f = must_compile("message.attachment.type == \"application/zip\" && (session.server.ip == 10.0.0.6 or tcp.port == 25) and not smtp.response.code > 300");
    struct ms_dfilter_source frames = { record_values, &frame }, sessions = { record_values, &session }, messages = { record_values, &message };
    assert_int_equal(ms_dfilter_units(f), 1 << FRAMES | 1 << SESSIONS | 1 << MESSAGES);
    assert_int_equal(ms_dfilter_test(f, MESSAGES, &messages), 1);
    assert_int_equal(ms_dfilter_test(f, SESSIONS, &sessions), 0);
    assert_int_equal(ms_dfilter_test(f, FRAMES, &frames), 4);
    assert_int_equal(ms_dfilter_test(f, 5, &frames), 0);
    assert_int_equal(ms_dfilter_test(f, 99, &frames), 0);
    assert_true(ms_dfilter_decide(f, 1 | 4));
    assert_true(ms_dfilter_decide(f, 1 | 2));
    assert_false(ms_dfilter_decide(f, 1));
    assert_false(ms_dfilter_decide(f, 4));
    assert_false(ms_dfilter_decide(f, 1 | 4 | 8));
    ms_dfilter_destroy(f);
}

static void fields_that_are_named(void **state)
{
    (void)state;
    struct ms_dfilter *f = must_compile("udp.port == 1 or tcp.port == 25 and len(smtp) > 1 or tcp.port in {udp.srcport}");
    static const char *const want[] = { "smtp", "tcp.port", "udp.port", "udp.srcport" };
    size_t                   n;
    const uint16_t          *fields = ms_dfilter_fields(f, &n);
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(test_fields[fields[i]].name, want[i]);
    ms_dfilter_destroy(f);
    f = must_compile("smtp and not tcp.port or udp.port == 1");
    ms_dfilter_fields(f, &n);
    assert_int_equal(n, 3);
    assert_false(ms_dfilter_reads(f, 0) || ms_dfilter_reads(f, 1)); /* only their presence counts */
    assert_true(ms_dfilter_reads(f, 2));
    ms_dfilter_destroy(f);
}

static unsigned asked(const char *text, const char *field)
{
    struct record      r = RECORD(frame_samples);
    struct ms_dfilter *f = must_compile(text);
    ms_dfilter_matches(f, &(struct ms_dfilter_source){ record_values, &r });
    ms_dfilter_destroy(f);
    return r.asked[test_field(field)];
}

static void only_what_is_needed_is_asked(void **state)
{
    (void)state;
    assert_int_equal(asked("tcp.port == 1 or tcp.port == 2 or len(tcp.port) == 3", "tcp.port"), 1);
    assert_int_equal(asked("tcp.port == 25 or udp.port == 1", "udp.port"), 0);
    assert_int_equal(asked("tcp.port == 1 and udp.port == 1", "udp.port"), 0);
    assert_int_equal(asked("udp.port == tcp.port", "tcp.port"), 0);
    assert_int_equal(asked("tcp.port == 1", "tcp.srcport"), 0);
}

/* ---- limits ---------------------------------------------------------------------------------------------------- */

/* `n` times `part`, after `head` and before `tail` */
static char *repeated(const char *head, const char *part, size_t n, const char *tail)
{
    size_t h = strlen(head), p = strlen(part);
    char  *out = malloc(h + n * p + strlen(tail) + 1);
    memcpy(out, head, h);
    for (size_t i = 0; i < n; i++)
        memcpy(out + h + i * p, part, p);
    memcpy(out + h + n * p, tail, strlen(tail) + 1);
    return out;
}

static void at_limit(const char *head, const char *part, size_t n, const char *tail, const char *why)
{
    struct ms_dfilter_error e;
    char                   *text = repeated(head, part, n, tail);
    struct ms_dfilter      *f = ms_dfilter_compile(&test_table, ms_str(text), &e);
    if (!why != !!f || (why && !strstr(e.sentence, why)))
        fail_msg("%zu of %s: %s", n, part, f ? "accepted" : e.sentence);
    ms_dfilter_destroy(f);
    free(text);
}

static void limits_of_compilation(void **state)
{
    (void)state;
    at_limit("smtp", " ", MS_DFILTER_TEXT - 4, "", NULL);
    at_limit("smtp", " ", MS_DFILTER_TEXT - 3, "", "longer than 65536 bytes");
    at_limit("smtp", " or tcp", MS_DFILTER_NODES / 2 - 2, "", NULL);
    at_limit("smtp", " or tcp", MS_DFILTER_NODES / 2, "", "more than 8192 parts");
    at_limit("smtp", " or (tcp", MS_DFILTER_DEPTH - 1, "", "ends too early");
    at_limit("smtp", " or (tcp", MS_DFILTER_DEPTH + 1, "", "deeper than 128 levels");
    at_limit("", "(", 60000, "", "deeper than 128 levels");
    at_limit("frame.number == ", "{", 60000, "", "deeper than 128 levels");
    at_limit("", "len(", 10000, "", "deeper than 128 levels");
    at_limit("frame.number == 1", " + 1", MS_DFILTER_DEPTH, "", NULL);
    at_limit("frame.number == 1", " + 1", MS_DFILTER_DEPTH + 1, "", "deeper than 128 levels");
    at_limit("frame", "[0:4]", MS_DFILTER_DEPTH + 1, "", "deeper than 128 levels");
    at_limit("", "!", 60000, "smtp", NULL);
    at_limit("smtp or session.user", " or tcp", MS_DFILTER_LEAVES - 2, "", NULL);
    at_limit("smtp or session.user", " or tcp", MS_DFILTER_LEAVES - 1, "", "at most 64 tests");
    at_limit("smtp", " or tcp", 1000, "", NULL);
    at_limit("smtp.req.command in {\"a\"", ",\"a\"", 8000, "}", NULL);
}

/* As long as they may be: each field is asked once, all tests are made, and the last one decides. */
static void long_filters_are_answered(void **state)
{
    static const struct { const char *head, *part; size_t n; const char *tail, *field; } rows[] = {
        { "tcp.port == 1", " or tcp.port == 1", 2000, " or tcp.port == 25", "tcp.port" },
        { "tcp.port == 25", " and tcp.port != 1", 2000, " and smtp", "tcp.port" },
        { "tcp.port in {1", ",1", 8000, ",25}", "tcp.port" },
        { "tcp.port in {1", ",1..2", 2600, ",25}", "tcp.port" },
        { "smtp.req.command in {\"a\"", ",\"a\"", 8000, ",\"RSET\"}", "smtp.req.command" },
        { "", "(", MS_DFILTER_DEPTH - 1, "tcp.port == 25", "tcp.port" },
        { "", "!!", 3000, "smtp", "smtp" },
        { "smtp[0:1] == 00", " or smtp[0:1] == 00", 1500, " or smtp[0:4] == \"RSET\"", "smtp" },
        { "smtp[0", ",0", 8000, "] contains \"RRRR\"", "smtp" },
        { "imf.from matches \"(x+x+)+y\"", " or imf.from matches \"(x+x+)+y\"", 1000, " or imf.from contains \"alice\"", "imf.from" },
        { "len(lower(upper(imf.from))) == 1", " or len(lower(upper(imf.from))) == 1", 1000, " or imf.from contains \"alice\"", "imf.from" },
        { "ip.src#1 == 1.2.3.4", " or ip.src#[1-9] == 1.2.3.4", 1500, " or ip.src#2 == 192.168.30.40", "ip.src" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool               closes = rows[i].part[0] == '(';
        char              *open = repeated(rows[i].head, rows[i].part, rows[i].n, rows[i].tail), *text = repeated(open, ")", closes ? rows[i].n : 0, "");
        struct record      r = RECORD(frame_samples);
        struct ms_dfilter *f = must_compile(text);
        if (!ms_dfilter_matches(f, &(struct ms_dfilter_source){ record_values, &r }))
            fail_msg("%zu of %s: does not match", rows[i].n, rows[i].part);
        assert_int_equal(r.asked[test_field(rows[i].field)], 1);
        assert_int_equal(ms_dfilter_cut(f), 0);
        ms_dfilter_destroy(f);
        free(open);
        free(text);
    }
}

static void many_ports(void *ctx, size_t field, struct ms_value_sink *to)
{
    for (uint64_t i = 0; i < *(uint64_t *)ctx; i++)
        ms_value_push(to, ms_value_uint(field == test_field("tcp.port") ? i : 100000 + i));
}

static void values_beyond_the_limit(void **state)
{
    (void)state;
    uint64_t                 n = MS_VALUES_MAX;
    struct ms_dfilter_source source = { many_ports, &n };
    struct ms_dfilter       *last = must_compile("tcp.port == 4095"), *beyond = must_compile("tcp.port == 4096");
    assert_true(ms_dfilter_matches(last, &source));
    assert_int_equal(ms_dfilter_cut(last), 0);
    n++;
    assert_true(ms_dfilter_matches(last, &source));
    assert_int_equal(ms_dfilter_cut(last), 1);
    assert_false(ms_dfilter_matches(beyond, &source));
    ms_dfilter_destroy(last);
    ms_dfilter_destroy(beyond);
    struct ms_dfilter *pairs = must_compile("tcp.port == udp.port"), *sums = must_compile("tcp.port + udp.port == 100000");
    assert_false(ms_dfilter_matches(pairs, &source));
    assert_true(ms_dfilter_cut(pairs) > 0);
    assert_true(ms_dfilter_matches(sums, &source));
    ms_dfilter_destroy(pairs);
    ms_dfilter_destroy(sums);
}

static void one_string(void *ctx, size_t field, struct ms_value_sink *to)
{
    (void)field;
    ms_value_push(to, ms_value_string(*(struct ms_bytes *)ctx));
}

static bool string_matches(const char *filter, struct ms_bytes subject, uint64_t *cut)
{
    struct ms_dfilter *f = must_compile(filter);
    uint8_t           *exact = malloc(subject.n ? subject.n : 1);
    memcpy(exact, subject.p, subject.n);
    struct ms_bytes b = { exact, subject.n };
    bool            holds = ms_dfilter_matches(f, &(struct ms_dfilter_source){ one_string, &b });
    *cut = ms_dfilter_cut(f);
    ms_dfilter_destroy(f);
    free(exact);
    return holds;
}

/* Long subjects are seen through a window: what lies across its borders is found, wherever it stands. */
static void expressions_in_long_subjects(void **state)
{
    static uint8_t text[20000];
    uint64_t       cut;
    (void)state;
    for (size_t at = 0; at < 6000; at += 37) {
        memset(text, '.', sizeof text);
        memcpy(text + at, "begin", 5);
        memcpy(text + at + 3000, "end", 3);
        struct ms_bytes whole = { text, sizeof text };
        assert_true(string_matches("imf.from matches \"begin\"", whole, &cut));
        assert_true(string_matches("imf.from matches \"begin.*end\"", whole, &cut));
        assert_true(string_matches("imf.from matches \"BEGIN.{2995}END\"", whole, &cut));
        assert_false(string_matches("imf.from matches \"begin.{2994}end\"", whole, &cut));
        assert_true(string_matches("imf.from matches \"end.*$\"", whole, &cut));
        assert_true(string_matches("imf.from matches \"^.*begin\"", whole, &cut));
        assert_true(string_matches("imf.from matches r\"begin(?=.*end)\"", whole, &cut));
        assert_true(string_matches("imf.from matches r\"(?<=begin).{2995}end.*\\z\"", whole, &cut));
        assert_false(string_matches("imf.from matches r\"begin\\z\"", whole, &cut));
        assert_false(string_matches("imf.from matches r\"end$\"", whole, &cut));
        assert_false(string_matches("imf.from matches r\"end.begin\"", whole, &cut));
        assert_int_equal(cut, 0);
    }
    assert_true(string_matches("imf.from matches r\"end.{1,2}\\z\"", (struct ms_bytes){ (const uint8_t *)"..end..", 7 }, &cut));
}

static void expressions_that_would_not_end(void **state)
{
    static uint8_t text[200000];
    uint64_t       cut;
    (void)state;
    memset(text, 'a', sizeof text);
    struct ms_bytes whole = { text, sizeof text };
    assert_false(string_matches("imf.from matches r\"^(a+)+$b\"", whole, &cut));
    assert_false(string_matches("imf.from matches r\"(a+)+[bc]\"", whole, &cut));
    assert_int_equal(cut, 1);
    assert_false(string_matches("imf.from matches r\"(a|aa)+[bc]\"", whole, &cut));
    assert_int_equal(cut, 1);
    assert_false(string_matches("imf.from matches r\"a.*[bc]\"", whole, &cut));
    assert_false(string_matches("imf.from matches r\"(?s)a.*b.*c.*d\"", whole, &cut));
    assert_true(string_matches("imf.from matches r\"a{2000}\"", whole, &cut));
    assert_int_equal(cut, 0);
}

static void made_text_is_limited(void **state)
{
    (void)state;
    static uint8_t text[MS_DFILTER_MADE + 1];
    uint64_t       cut;
    memset(text, 'a', sizeof text);
    assert_true(string_matches("upper(imf.from) contains \"AA\"", (struct ms_bytes){ text, MS_DFILTER_MADE }, &cut));
    assert_int_equal(cut, 0);
    assert_false(string_matches("upper(imf.from) contains \"AA\"", (struct ms_bytes){ text, MS_DFILTER_MADE + 1 }, &cut));
    assert_int_equal(cut, 1);
    /* doubled again and again, it would not fit anywhere */
    assert_false(string_matches("imf.from[:,:][:,:][:,:][:,:][:,:][:,:][:,:][:,:][:,:][:,:][:,:][:,:][:,:][:,:][:,:][:,:] contains 61",
                                (struct ms_bytes){ text, 1000 }, &cut));
    assert_true(cut > 0);
}

/* ---- tables and values ----------------------------------------------------------------------------------------- */

static void tables_are_searched(void **state)
{
    (void)state;
    assert_true(ms_field_table_sorted(&test_table));
    for (size_t i = 0; i < test_table.count; i++)
        assert_int_equal(ms_field_find(&test_table, ms_str(test_fields[i].name)), i);
    assert_int_equal(ms_field_find(&test_table, MS_LIT("tcp.por")), MS_FIELD_ABSENT);
    assert_int_equal(ms_field_find(&test_table, MS_LIT("tcp.portx")), MS_FIELD_ABSENT);
    assert_int_equal(ms_field_find(&test_table, MS_LIT("tcp\0")), MS_FIELD_ABSENT);
    assert_int_equal(ms_field_find(&test_table, MS_LIT("")), MS_FIELD_ABSENT);
    struct ms_field       two[] = { { .name = "b" }, { .name = "a" } };
    struct ms_field_table wrong = { two, 2, NULL };
    assert_false(ms_field_table_sorted(&wrong));
    two[0].name = "a";
    assert_false(ms_field_table_sorted(&wrong));
}

static void check_text(const struct ms_field *f, struct ms_value v, const char *want)
{
    struct ms_buffer out = { 0 };
    ms_value_text(&out, f, &v);
    ms_buffer_append(&out, (struct ms_bytes){ (const uint8_t *)"", 1 });
    assert_string_equal((char *)out.p, want);
    ms_buffer_finish(&out);
}

static void values_as_text(void **state)
{
    (void)state;
    uint8_t v4[16] = { [10] = 0xff, [11] = 0xff, 10, 0, 0, 1 };
    check_text(&test_fields[test_field("tcp.flags")], ms_value_uint(0x18), "0x0018");
    check_text(&test_fields[test_field("tcp.port")], ms_value_uint(25), "25");
    check_text(&test_fields[test_field("tcp.flags.syn")], ms_value_bool(true), "1");
    check_text(&test_fields[test_field("tcp.window_size_scalefactor")], ms_value_int(-2), "-2");
    check_text(&test_fields[test_field("frame.time_delta")], ms_value_duration(-1500000000), "-1.500000000");
    check_text(&test_fields[test_field("frame.time")], ms_value_time(1795521600500000000), "2026-11-24T12:00:00.500000000Z");
    check_text(&test_fields[test_field("ip.src")], ms_value_ip(MS_FT_IPV4, v4), "10.0.0.1");
    check_text(&test_fields[test_field("ipv6.src")], ms_value_ip(MS_FT_IPV6, v4), "::ffff:10.0.0.1");
    check_text(&test_fields[test_field("session.server.ip")], ms_value_ip(MS_FT_IP, v4), "10.0.0.1");
    check_text(&test_fields[test_field("eth.src")], ms_value_ether(v4 + 8), "00:00:ff:ff:0a:00");
    check_text(&test_fields[test_field("tcp.payload")], ms_value_bytes(MS_LIT("RS")), "5253");
    check_text(&test_fields[test_field("session.ratio")], ms_value_double(0.75), "0.75");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truth_table), cmocka_unit_test(error_table), cmocka_unit_test(error_is_drawn), cmocka_unit_test(units_and_bits),
        cmocka_unit_test(fields_that_are_named), cmocka_unit_test(only_what_is_needed_is_asked), cmocka_unit_test(limits_of_compilation),
        cmocka_unit_test(long_filters_are_answered),
        cmocka_unit_test(values_beyond_the_limit), cmocka_unit_test(expressions_in_long_subjects),
        cmocka_unit_test(expressions_that_would_not_end), cmocka_unit_test(made_text_is_limited), cmocka_unit_test(tables_are_searched),
        cmocka_unit_test(values_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
