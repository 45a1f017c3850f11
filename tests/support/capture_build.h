/* tests/support/capture_build.h - capture files made in memory, and what the source says about them as one line of text. */
#pragma once
#include "base/text.h"
#include "capture/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void must(bool ok) /* the test itself cannot go on */
{
    if (!ok)
        abort();
}

struct builder { struct ms_buffer b; bool big; };

static inline void put(struct builder *w, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        uint8_t c = (uint8_t)(v >> 8 * (w->big ? bytes - 1 - i : i));
        ms_buffer_append(&w->b, (struct ms_bytes){ &c, 1 });
    }
}

static inline void put_pattern(struct builder *w, uint32_t n, uint8_t first) /* n bytes that count up from `first` */
{
    for (uint32_t i = 0; i < n; i++)
        put(w, (uint8_t)(first + i), 1);
}

static inline void pcap_header(struct builder *w, uint32_t magic, uint32_t link)
{
    put(w, magic, 4);
    put(w, 2, 2);
    put(w, 4, 2);
    put(w, 0, 8);
    put(w, 65535, 4);
    put(w, link, 4);
}

static inline void pcap_record(struct builder *w, uint32_t s, uint32_t fraction, uint32_t n)
{
    put(w, s, 4);
    put(w, fraction, 4);
    put(w, n, 4);
    put(w, n + 1, 4); /* one byte more on the wire */
    put_pattern(w, n, (uint8_t)n);
}

/* Content in words, already padded; the length is written before and after. */
static inline void block_open(struct builder *w, uint32_t type, uint32_t total)
{
    put(w, type, 4);
    put(w, total, 4);
}

static inline void section_header(struct builder *w)
{
    block_open(w, 0x0a0d0d0a, 28);
    put(w, 0x1a2b3c4d, 4);
    put(w, 1, 2);
    put(w, 0, 2);
    put(w, UINT64_MAX, 8);
    put(w, 28, 4);
}

static inline void interface_header(struct builder *w, uint16_t link, uint32_t snaplen)
{
    block_open(w, 1, 20);
    put(w, link, 2);
    put(w, 0, 2);
    put(w, snaplen, 4);
    put(w, 20, 4);
}

static inline void interface_time(struct builder *w, uint8_t resolution, int64_t offset)
{
    block_open(w, 1, 44);
    put(w, 1, 2);
    put(w, 0, 2);
    put(w, 0, 4);
    put(w, 9, 2); /* if_tsresol */
    put(w, 1, 2);
    put(w, resolution, 1);
    put_pattern(w, 3, 0xee);
    put(w, 14, 2); /* if_tsoffset */
    put(w, 8, 2);
    put(w, (uint64_t)offset, 8);
    put(w, 0, 4); /* opt_endofopt */
    put(w, 44, 4);
}

static inline void packet_block(struct builder *w, uint32_t interface, uint64_t units, uint32_t n)
{
    uint32_t total = 32 + (n + 3) / 4 * 4;
    block_open(w, 6, total);
    put(w, interface, 4);
    put(w, units >> 32, 4);
    put(w, (uint32_t)units, 4);
    put(w, n, 4);
    put(w, n + 1, 4);
    put_pattern(w, n, (uint8_t)n);
    put(w, 0, (4 - n % 4) % 4);
    put(w, total, 4);
}

/* Text padded to a multiple of 4, without an end. */
static inline void put_text(struct builder *w, const char *text)
{
    ms_buffer_append(&w->b, ms_str(text));
    put(w, 0, (4 - strlen(text) % 4) % 4);
}

static inline void secrets_block(struct builder *w, uint32_t type, const char *text)
{
    uint32_t n = (uint32_t)strlen(text), total = 20 + (n + 3) / 4 * 4;
    block_open(w, 10, total);
    put(w, type, 4);
    put(w, n, 4);
    put_text(w, text);
    put(w, total, 4);
}

/* Puts options, a comment of this text and the end, into the block that was written last and begins at `at`. */
static inline void add_comment(struct builder *w, size_t at, const char *text)
{
    struct builder total = { .big = w->big };
    w->b.n -= 4;
    put(w, 1, 2);
    put(w, strlen(text), 2);
    put_text(w, text);
    put(w, 0, 4);
    put(&total, w->b.n + 4 - at, 4);
    ms_buffer_append(&w->b, ms_buffer_bytes(&total.b));
    memcpy(w->b.p + at + 4, total.b.p, 4);
    ms_buffer_finish(&total.b);
}

/* "number@seconds.fraction/link length>captured:first|..." "{secrets}|" where
 * secrets are handed up, and "!sentence|" for each error. A packet whose bytes do not
 * count up shows a "?". What the slices point to is read only after the whole batch has come.                        */
static inline void trace_batch(struct ms_buffer *t, const struct ms_packet *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool counts_up = true;
        for (size_t k = 1; k < p[i].data.n; k++)
            counts_up &= p[i].data.p[k] == (uint8_t)(p[i].data.p[0] + k);
        ms_text_format(t, "%llu@%lld.%09lld/%u %u>%zu:%u%s|", (unsigned long long)p[i].number,
                       (long long)(p[i].time / 1000000000), (long long)(p[i].time % 1000000000), p[i].link_type,
                       p[i].length, p[i].data.n, ms_at(p[i].data, 0), counts_up ? "" : "?");
    }
}

static inline void trace_secrets(void *ctx, struct ms_bytes text)
{
    ms_text_char(ctx, '{');
    ms_text_plain(ctx, text);
    ms_text_str(ctx, "}|");
}

static inline char *trace_of(const char *const *paths, size_t count, const struct ms_limits *limits)
{
    struct ms_source *s = ms_source_open(paths, count, limits);
    struct ms_packet  p[MS_BATCH];
    struct ms_buffer  t = { 0 };
    ms_source_on_secrets(s, trace_secrets, &t);
    for (size_t n; (n = ms_source_next(s, p)) > 0;)
        trace_batch(&t, p, n);
    for (size_t i = 0; ms_source_error(s, i); i++)
        ms_text_format(&t, "!%s|", ms_source_error(s, i));
    ms_source_close(s);
    ms_text_char(&t, '\0');
    return (char *)t.p;
}

static inline void write_file(const char *path, struct ms_bytes b)
{
    FILE *f = fopen(path, "wb");
    must(f);
    must(b.n == 0 || fwrite(b.p, 1, b.n, f) == b.n);
    fclose(f);
}

static inline char *trace_file(const char *path)
{
    struct ms_limits limits = ms_limits_default();
    return trace_of(&path, 1, &limits);
}

static inline char *trace_bytes(struct ms_bytes b)
{
    write_file("x", b);
    return trace_file("x");
}

/* Through standard input, a pipe on which read() returns `first` bytes and then pieces of `piece`. At most 250 pieces. */
static inline char *trace_pipe(struct ms_bytes b, size_t first, size_t piece)
{
    int ends[2];
    must(pipe2(ends, O_DIRECT) == 0);
    must(fcntl(ends[1], F_SETPIPE_SZ, 256 * 4096) > 0);
    for (size_t at = 0, n; at < b.n; at += n) {
        n = ms_slice(b, at, at == 0 && first ? first : piece).n;
        must(write(ends[1], b.p + at, n) == (ssize_t)n);
    }
    close(ends[1]);
    must(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    close(ends[0]);
    return trace_file("-");
}

/* The same, with the name of the file instead of "standard input". */
static inline char *named(char *trace, const char *name)
{
    struct ms_buffer t = { 0 };
    for (const char *at = trace, *hit; *at; at = hit) {
        hit = strstr(at, "standard input: ");
        ms_text_add(&t, (struct ms_bytes){ (const uint8_t *)at, hit ? (size_t)(hit - at) : strlen(at) });
        if (!hit)
            break;
        ms_text_format(&t, "%s: ", name);
        hit += strlen("standard input: ");
    }
    ms_text_char(&t, '\0');
    free(trace);
    return (char *)t.p;
}

static inline void enter_scratch(char dir[32])
{
    strcpy(dir, "/tmp/mailscope-test-XXXXXX");
    must(mkdtemp(dir));
    must(chdir(dir) == 0);
}
