/* tests/fuzz/source_fuzz.c - any bytes as a capture: no sanitizer report, packets within the limit, and the same packets and
 * sentences from a file, from a pipe in two pieces, in many pieces, and twice each when the file is named twice.
 * Byte 0: where it is cut; byte 1: odd for tiny limits; the rest is the file.                                          */
#include "capture_build.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 4096 /* what a compressor makes of it can be 30,000 times as much */, PACKETS = 5000 };

struct result { uint64_t packets, sum; struct ms_buffer errors; };

static uint64_t mix(uint64_t sum, uint64_t v) { return (sum ^ v) * 0x9e3779b97f4a7c15u + (sum >> 29); }

static void add_packet(struct result *r, const struct ms_packet *p, const struct ms_limits *limits)
{
    must(p->data.n <= limits->packet_bytes && p->time != INT64_MIN);
    r->packets++;
    r->sum = mix(mix(mix(mix(r->sum, p->number), (uint64_t)p->time), p->link_type), p->length);
    r->sum = mix(r->sum, p->data.n);
    for (size_t i = 0; i < p->data.n; i++)
        r->sum = mix(r->sum, p->data.p[i]);
}

/* Without the names, which differ. */
static void add_error(struct result *r, const char *sentence)
{
    const char *colon = strchr(sentence, ':');
    must(colon != NULL && colon[1] == ' ');
    ms_text_str(&r->errors, colon);
    for (const char *c = sentence; *c; c++)
        must(*c >= ' ' && *c <= '~');
}

/* Keys that came earlier or later than they should change the sum. */
static void add_secrets(void *ctx, struct ms_bytes text)
{
    struct result *r = ctx;
    r->sum = mix(r->sum, text.n);
    for (size_t i = 0; i < text.n; i++)
        r->sum = mix(r->sum, text.p[i]);
}

static struct result run(const char *const *paths, size_t count, const struct ms_limits *limits)
{
    struct ms_source *s = ms_source_open(paths, count, limits);
    struct ms_packet  p[MS_BATCH];
    struct result     r = { 0 };
    uint64_t          last = 0;
    ms_source_on_secrets(s, add_secrets, &r);
    for (size_t n; r.packets < PACKETS && (n = ms_source_next(s, p)) > 0;) {
        must(n <= MS_BATCH);
        for (size_t i = 0; i < n && r.packets < PACKETS; i++) {
            must(p[i].number > last);
            last = p[i].number;
            add_packet(&r, &p[i], limits);
        }
    }
    for (size_t i = 0; r.packets < PACKETS && ms_source_error(s, i); i++)
        add_error(&r, ms_source_error(s, i));
    ms_source_close(s);
    ms_text_char(&r.errors, '\0');
    return r;
}

static void compare(struct result *want, struct result got)
{
    must(want->packets == got.packets && want->sum == got.sum);
    must(ms_equal(ms_buffer_bytes(&want->errors), ms_buffer_bytes(&got.errors)));
    ms_buffer_finish(&got.errors);
}

static void through_pipe(struct ms_bytes b, size_t first, size_t piece)
{
    int ends[2];
    must(pipe2(ends, O_DIRECT) == 0 && fcntl(ends[1], F_SETPIPE_SZ, 256 * 4096) > 0);
    for (size_t at = 0, n; at < b.n; at += n) {
        n = ms_slice(b, at, at == 0 && first ? first : piece).n;
        must(write(ends[1], b.p + at, n) == (ssize_t)n);
    }
    close(ends[1]);
    must(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    close(ends[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > LARGEST)
        return 0;
    struct ms_limits  limits = data[1] & 1 ? ms_limits_tiny() : ms_limits_default();
    struct ms_bytes   file = { data + 2, size - 2 };
    const char *const stdin_path = "-";
    char              path[32];
    int               fd = memfd_create("capture", MFD_CLOEXEC);
    must(fd >= 0 && (file.n == 0 || write(fd, file.p, file.n) == (ssize_t)file.n));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct result whole = run((const char *[]){ path }, 1, &limits);
    through_pipe(file, file.n * data[0] / 255, file.n + 1);
    compare(&whole, run(&stdin_path, 1, &limits));
    through_pipe(file, 0, file.n / 200 + 1);
    compare(&whole, run(&stdin_path, 1, &limits));
    struct result twice = run((const char *[]){ path, path }, 2, &limits);
    must(twice.packets == (whole.packets < PACKETS / 2 ? 2 * whole.packets : PACKETS));
    ms_buffer_finish(&twice.errors);
    ms_buffer_finish(&whole.errors);
    close(fd);
    return 0;
}
