/* tests/unit/dump_test.c - a dialogue as bytes: every byte in its place, secrets under stars, wherever the input was cut. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "sink/follow.h"

struct said { enum ms_dir dir; const char *text; };

struct stage { struct ms_follow *follow; struct ms_session session; FILE *file; char *text; size_t n; uint64_t frame; };

static void begin(struct stage *t, struct ms_follow_options how, enum ms_protocol protocol)
{
    *t = (struct stage){ .session = { .id = 1, .first_frame = 1, .protocol = (uint8_t)protocol } };
    t->file = open_memstream(&t->text, &t->n);
    how.out = t->file;
    how.first_frame = 1;
    t->follow = ms_follow_create(&how);
}

static void say_bytes(struct stage *t, enum ms_dir dir, struct ms_bytes b)
{
    struct ms_chunk c = { .dir = dir, .bytes = b, .frame = ++t->frame };
    ms_follow_data(t->follow, &t->session, &c);
}

static void say(struct stage *t, enum ms_dir dir, const char *text) { say_bytes(t, dir, ms_str(text)); }

static const char *end(struct stage *t)
{
    ms_follow_session(t->follow, &t->session);
    assert_true(ms_follow_close(t->follow));
    fclose(t->file);
    return t->text;
}

static const struct said smtp[] = {
    { MS_S2C, "220 mx ESMTP\r\n" },          { MS_C2S, "EHLO a\r\nAUTH PLAIN AGJvYgBzM2NyZXQ=\r\n" },
    { MS_S2C, "250-mx\r\n250 OK\r\n" },      { MS_S2C, "535 5.7.8 AGJvYgBzM2NyZXQ= is wrong\r\n" },
    { MS_C2S, "AUTH LOGIN\r\n" },            { MS_S2C, "334 VXNlcm5hbWU6\r\n" },
    { MS_C2S, "Ym9i\r\n" },                  { MS_S2C, "334 UGFzc3dvcmQ6\r\n" },
    { MS_C2S, "czNjcmV0\r\n" },              { MS_S2C, "235 ok\r\n" },
    { MS_C2S, "DATA\r\n" },                  { MS_S2C, "354 go\r\n" },
    { MS_C2S, "AUTH PLAIN in a mail\r\n\n" }, { MS_C2S, ".\r\nQUIT" },
};
static const char smtp_raw[] =
    "220 mx ESMTP\r\nEHLO a\r\nAUTH PLAIN ****************\r\n250-mx\r\n250 OK\r\n535 5.7.8 **************** is wrong\r\nAUTH LOGIN\r\n"
    "334 VXNlcm5hbWU6\r\n****\r\n334 UGFzc3dvcmQ6\r\n********\r\n235 ok\r\nDATA\r\n354 go\r\nAUTH PLAIN in a mail\r\n\n.\r\nQUIT";

static void a_cut_changes_no_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof smtp / sizeof *smtp; i++) {
        for (size_t cut = 0; cut <= strlen(smtp[i].text); cut++) {
            struct stage t;
            begin(&t, (struct ms_follow_options){ .dump = MS_DUMP_RAW }, MS_PROTO_SMTP);
            for (size_t j = 0; j < sizeof smtp / sizeof *smtp; j++) {
                struct ms_bytes whole = ms_str(smtp[j].text);
                say_bytes(&t, smtp[j].dir, j == i ? ms_head(whole, cut) : whole);
                if (j == i)
                    say_bytes(&t, smtp[j].dir, ms_tail(whole, cut));
            }
            assert_string_equal(end(&t), smtp_raw);
            free(t.text);
        }
    }
}

static void secrets_are_shown_when_asked_for(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_follow_options){ .dump = MS_DUMP_RAW, .only = MS_ONLY_CLIENT, .show_secrets = true }, MS_PROTO_POP3);
    say(&t, MS_S2C, "+OK hi\r\n");
    say(&t, MS_C2S, "PASS s3c");
    say(&t, MS_C2S, "ret\r\n");
    assert_string_equal(end(&t), "PASS s3cret\r\n");
    free(t.text);
}

/* The client's line is not over, and the server goes on and on: no byte of the line may be told to be harmless. */
static void an_unfinished_line_is_taken_for_a_secret(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < 12; cut++) {
        static char  flood[1000];
        struct stage t;
        struct ms_bytes line = MS_LIT("PASS s3cret\r\nSTAT\r\n");
        begin(&t, (struct ms_follow_options){ .dump = MS_DUMP_RAW, .only = MS_ONLY_CLIENT }, MS_PROTO_POP3);
        say_bytes(&t, MS_C2S, ms_head(line, cut));
        memset(flood, '.', sizeof flood - 1);
        for (int i = 0; i < 100; i++)
            say(&t, MS_S2C, flood);
        say_bytes(&t, MS_C2S, ms_tail(line, cut));
        const char *text = end(&t);
        assert_int_equal(t.n, line.n);
        assert_null(strstr(text, "s3"));
        assert_null(strpbrk(text, "cre"));
        assert_string_equal(text + 11, "\r\nSTAT\r\n");
        free(t.text);
    }
}

static void ascii_has_dots_and_no_controls(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_follow_options){ .dump = MS_DUMP_ASCII }, MS_PROTO_SMTP);
    say(&t, MS_S2C, "220 a\x1b[2Jb\tz\xc3\xbc\r");
    say(&t, MS_S2C, "\n250 x\ry\r\n");
    say(&t, MS_C2S, "QUIT");
    ms_follow_gap(t.follow, &t.session, MS_C2S, 5);
    say(&t, MS_S2C, "221 bye\r\r\n");
    assert_string_equal(end(&t), "220 a.[2Jb\tz..\n250 x.y\nQUIT\nC: [5 bytes missing from the capture]\n221 bye.\n");
    free(t.text);
}

static void hex_counts_offsets_of_each_side(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_follow_options){ .dump = MS_DUMP_HEX }, MS_PROTO_POP3);
    say(&t, MS_S2C, "+OK\r\n");
    say(&t, MS_C2S, "UIDL abcdefghijklmn\r\n");
    ms_follow_gap(t.follow, &t.session, MS_S2C, 256);
    say(&t, MS_S2C, "\xffz\r\n");
    assert_string_equal(end(&t), "    00000000  2b 4f 4b 0d 0a                                    +OK..\n"
                                 "00000000  55 49 44 4c 20 61 62 63  64 65 66 67 68 69 6a 6b  UIDL abcdefghijk\n"
                                 "00000010  6c 6d 6e 0d 0a                                    lmn..\n"
                                 "S: [256 bytes missing from the capture]\n"
                                 "    00000105  ff 7a 0d 0a                                       .z..\n");
    free(t.text);
}

static void a_packet_is_an_array(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_follow_options){ .dump = MS_DUMP_C_ARRAY }, MS_PROTO_POP3);
    say(&t, MS_S2C, "+OK hello\r\n");
    say(&t, MS_C2S, "NOO");
    say(&t, MS_C2S, "P\r\n");
    ms_follow_gap(t.follow, &t.session, MS_C2S, 1);
    assert_string_equal(end(&t), "char peer1_0[] = { /* Packet 1 */\n"
                                 "    0x2b, 0x4f, 0x4b, 0x20, 0x68, 0x65, 0x6c, 0x6c,\n"
                                 "    0x6f, 0x0d, 0x0a };\n"
                                 "char peer0_0[] = { /* Packet 2 */\n"
                                 "    0x4e, 0x4f, 0x4f };\n"
                                 "char peer0_1[] = { /* Packet 3 */\n"
                                 "    0x50, 0x0d, 0x0a };\n"
                                 "/* C: [1 byte missing from the capture] */\n");
    free(t.text);
}

static void one_side_alone(void **state)
{
    (void)state;
    static const struct { struct ms_follow_options how; const char *want; } cases[] = {
        { { .only = MS_ONLY_CLIENT }, "C: PASS ********\n" },
        { { .only = MS_ONLY_SERVER }, "S: +OK\nS: [7 bytes missing from the capture]\nS: -ERR ******** is wrong\n" },
        { { .dump = MS_DUMP_RAW, .only = MS_ONLY_SERVER }, "+OK\n-ERR ****** is wrong\n" },
        { { .dump = MS_DUMP_ASCII, .only = MS_ONLY_CLIENT, .color = true }, "\033[31mPASS ******\n\033[0m" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage t;
        begin(&t, cases[i].how, MS_PROTO_POP3);
        say(&t, MS_S2C, "+OK\n");
        say(&t, MS_C2S, "PASS s3cret\n");
        ms_follow_gap(t.follow, &t.session, MS_S2C, 7);
        say(&t, MS_S2C, "-ERR s3cret is wrong\n");
        assert_int_equal(ms_follow_missing(t.follow, MS_S2C), 7);
        assert_string_equal(end(&t), cases[i].want);
        free(t.text);
    }
}

/* More than the queue keeps of what was written. */
static void a_long_dialogue_is_whole(void **state)
{
    (void)state;
    struct stage t;
    size_t       want = 0;
    begin(&t, (struct ms_follow_options){ .dump = MS_DUMP_RAW }, MS_PROTO_POP3);
    say(&t, MS_C2S, "NO");
    for (int i = 0; i < 3000; i++) {
        char line[80];
        want += (size_t)snprintf(line, sizeof line, "+OK %d and some more words in this line of the server\r\n", i);
        say(&t, MS_S2C, line);
        if (i % 50 == 0)
            say(&t, MS_C2S, "OP\r\nNO");
    }
    const char *text = end(&t);
    assert_int_equal(t.n, want + 60 * 6 + 2);
    assert_non_null(strstr(text, "+OK 2999 and"));
    free(t.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_changes_no_byte), cmocka_unit_test(secrets_are_shown_when_asked_for),
        cmocka_unit_test(an_unfinished_line_is_taken_for_a_secret), cmocka_unit_test(ascii_has_dots_and_no_controls),
        cmocka_unit_test(hex_counts_offsets_of_each_side), cmocka_unit_test(a_packet_is_an_array), cmocka_unit_test(one_side_alone),
        cmocka_unit_test(a_long_dialogue_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
