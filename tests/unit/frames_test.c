/* tests/unit/frames_test.c - the queue of frames: handed over in order, when settled, with all that they said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "frame/frames.h"

struct run { struct ms_frames *frames; char trace[8192]; size_t n; bool show; char asked[256]; size_t asked_n; };

static bool on_frame(void *ctx, const struct ms_frame *f)
{
    struct run *r = ctx;
    r->n += (size_t)snprintf(r->trace + r->n, sizeof r->trace - r->n, "%s%llu:%.*s", r->n ? " " : "", (unsigned long long)f->packet->number,
                             (int)f->packet->data.n, (const char *)f->packet->data.p);
    for (size_t i = 0; i < f->element_count; i++)
        r->n += (size_t)snprintf(r->trace + r->n, sizeof r->trace - r->n, "[%.*s]", (int)f->elements[i].line.n, (const char *)f->elements[i].line.p);
    return r->show;
}

static void start(struct run *r, struct ms_limits limits)
{
    *r = (struct run){ .show = true };
    struct ms_frames_options o = { .limits = limits, .each = on_frame, .ctx = r };
    r->frames = ms_frames_create(&o);
}

/* A frame matches when it said something, or as its number is odd, while the filter looks at numbers. */
static bool said_something(void *ctx, const struct ms_frame *f)
{
    struct run *r = ctx;
    r->asked_n += (size_t)snprintf(r->asked + r->asked_n, sizeof r->asked - r->asked_n, "%s%llu", r->asked_n ? " " : "", (unsigned long long)f->packet->number);
    return f->element_count > 0;
}

static bool is_odd(void *ctx, const struct ms_frame *f)
{
    (void)ctx;
    return f->packet->number & 1;
}

static void start_filtered(struct run *r, struct ms_limits limits, bool said)
{
    *r = (struct run){ .show = true };
    struct ms_frames_options o = { .limits = limits, .each = on_frame, .matches = said ? said_something : is_odd,
                                   .asked = said ? MS_NEED_ELEMENTS : 0, .asked_marks = said ? UINT64_MAX : 0, .ctx = r };
    r->frames = ms_frames_create(&o);
}

/* A batch whose bytes die when it is released, as those of a source do. */
static void take(struct run *r, uint64_t first, size_t count, void (*during)(struct run *r), uint64_t settled)
{
    struct ms_packet p[8];
    char            *bytes = malloc(count);
    for (size_t i = 0; i < count; i++) {
        bytes[i] = (char)('a' + (first + i) % 26);
        p[i] = (struct ms_packet){ .number = first + i, .time = (int64_t)(first + i), .length = 1, .data = { (uint8_t *)bytes + i, 1 } };
    }
    ms_frames_take(r->frames, p, count);
    if (during)
        during(r);
    ms_frames_release(r->frames, settled);
    memset(bytes, '?', count);
    free(bytes);
}

static void batch(struct run *r, uint64_t first, size_t count, uint64_t settled) { take(r, first, count, NULL, settled); }

static void say(struct run *r, uint64_t frame, const char *line)
{
    struct ms_session s = { .id = 1 };
    char             *exact = malloc(strlen(line));
    memcpy(exact, line, strlen(line));
    ms_frames_element(r->frames, &s, &(struct ms_element){ .frame = frame, .line = { (uint8_t *)exact, strlen(line) } });
    free(exact);
}

/* How often limits were reached, all together. */
static uint64_t cut(const struct run *r)
{
    uint64_t limits[MS_LIMIT_COUNT] = { 0 }, sum = 0;
    ms_frames_reached(r->frames, limits);
    for (int i = 0; i < MS_LIMIT_COUNT; i++)
        sum += limits[i];
    return sum;
}

static void at_once(void **state)
{
    struct run r;
    (void)state;
    start(&r, ms_limits_default());
    batch(&r, 1, 3, UINT64_MAX);
    assert_string_equal(r.trace, "1:b 2:c 3:d");
    ms_frames_destroy(r.frames);
}

static void waits(void **state)
{
    struct run r;
    (void)state;
    start(&r, ms_limits_default());
    batch(&r, 1, 3, 1);
    assert_string_equal(r.trace, "1:b");
    say(&r, 3, "three");
    batch(&r, 10, 2, 1); /* numbers may have gaps */
    say(&r, 2, "two");
    say(&r, 3, "more of three");
    say(&r, 11, "eleven");
    assert_string_equal(r.trace, "1:b");
    batch(&r, 12, 1, 10);
    assert_string_equal(r.trace, "1:b 2:c[two] 3:d[three][more of three] 10:k");
    ms_frames_finish(r.frames);
    assert_string_equal(r.trace, "1:b 2:c[two] 3:d[three][more of three] 10:k 11:l[eleven] 12:m");
    assert_int_equal(cut(&r), 0);
    say(&r, 2, "too late");
    say(&r, 7, "no such frame");
    assert_int_equal(cut(&r), 0); /* a frame that left too early was counted when it did */
    ms_frames_destroy(r.frames);
}

static void limits(void **state)
{
    struct run       r;
    struct ms_limits tight = ms_limits_default();
    (void)state;
    tight.frames_held = 4;
    tight.frame_elements = 2;
    start(&r, tight);
    batch(&r, 1, 6, 0); /* nothing is settled */
    assert_string_equal(r.trace, "1:b 2:c");
    assert_int_equal(cut(&r), 2);
    for (int i = 0; i < 3; i++)
        say(&r, 3, "x");
    assert_int_equal(cut(&r), 3);
    ms_frames_finish(r.frames);
    assert_string_equal(r.trace, "1:b 2:c 3:d[x][x] 4:e 5:f 6:g");
    ms_frames_destroy(r.frames);
}

static void bytes_limit(void **state)
{
    struct run       r;
    struct ms_limits tight = ms_limits_default();
    (void)state;
    tight.frames_held_bytes = 3;
    start(&r, tight);
    batch(&r, 1, 5, 0);
    assert_string_equal(r.trace, "1:b 2:c");
    ms_frames_finish(r.frames);
    ms_frames_destroy(r.frames);
}

/* The ring grows while its head is somewhere in the middle. */
static void grows(void **state)
{
    struct run r;
    (void)state;
    start(&r, ms_limits_default());
    for (uint64_t first = 1; first < 600; first += 6)
        batch(&r, first, 6, first < 100 ? first + 1 : 100);
    say(&r, 599, "far");
    ms_frames_finish(r.frames);
    assert_non_null(strstr(r.trace, " 598:a 599:b[far] 600:c"));
    assert_int_equal(cut(&r), 0);
    ms_frames_destroy(r.frames);
}

/* While one frame waits, those that a filter leaves out take no room: the limit is about the others. */
static void leaves_out(void **state)
{
    struct run       r;
    struct ms_limits tight = ms_limits_default();
    (void)state;
    tight.frames_held = 8;
    start_filtered(&r, tight, false);
    batch(&r, 1, 8, 0);
    batch(&r, 9, 8, 0);
    assert_string_equal(r.trace, "");
    assert_int_equal(cut(&r), 0);
    batch(&r, 17, 2, 0);
    assert_string_equal(r.trace, "1:b");
    assert_int_equal(cut(&r), 1);
    say(&r, 4, "left out");
    ms_frames_finish(r.frames);
    assert_string_equal(r.trace, "1:b 3:d 5:f 7:h 9:j 11:l 13:n 15:p 17:r");
    ms_frames_destroy(r.frames);
}

static void during_batch(struct run *r)
{
    say(r, 3, "three");
    say(r, 6, "six");
    ms_frames_kept(r->frames, 2);
    ms_frames_kept(r->frames, 7);
}

/* Frames of which more may come are asked about later; all that said nothing, once and beforehand (as frame 0). */
static void asks_late(void **state)
{
    struct run r;
    (void)state;
    start_filtered(&r, ms_limits_default(), true);
    take(&r, 1, 8, during_batch, 1);
    assert_string_equal(r.asked, "0 3 6");
    assert_string_equal(r.trace, "");
    say(&r, 7, "seven");
    batch(&r, 9, 1, 6);
    assert_string_equal(r.trace, "3:d[three] 6:g[six]");
    ms_frames_finish(r.frames);
    assert_string_equal(r.trace, "3:d[three] 6:g[six] 7:h[seven]");
    assert_string_equal(r.asked, "0 3 6 7");
    assert_int_equal(cut(&r), 0);
    ms_frames_destroy(r.frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_once), cmocka_unit_test(waits), cmocka_unit_test(limits), cmocka_unit_test(bytes_limit), cmocka_unit_test(grows),
        cmocka_unit_test(leaves_out), cmocka_unit_test(asks_late),
    };
    ms_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
