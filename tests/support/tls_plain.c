/* tests/support/tls_plain.c - what is inside of every TLS stream of a capture, mail or not: for the comparison with other programs.
 *
 *     tls_plain CAPTURE [--keylog FILE]... [--private-key FILE]... [--raw FOLDER]
 *
 * Prints a line for each TCP connection in which TLS was met: number of the stream (from 0, as Wireshark counts), bytes and SHA-256 of what
 * client and server said in plain text behind TLS, the flags of model/tls.h in hex. --raw writes FOLDER/STREAM.client and .server.
 * TLS begins where a segment begins with a hello.                                                                   */
#include "base/hash.h"
#include "base/text.h"
#include "capture/source.h"
#include "net/decode.h"
#include "net/tcp.h"
#include "tls/tls.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

enum { STREAMS = 4096 };

struct stream {
    struct ms_endpoint  at[2]; /* client, server */
    struct ms_tcp       tcp;
    struct ms_tls      *tls;
    struct ms_tls_info *info;
    struct ms_arena     arena;
    struct ms_buffer    plain[2];
    bool                over[2];
    struct dump        *dump;
};

struct dump {
    struct stream         *streams[STREAMS];
    size_t                 count;
    struct ms_limits       limits;
    struct ms_tcp_pool    *pool;
    struct ms_tls_context *tls;
    struct ms_keylog      *keylog;
    struct ms_private_keys *keys;
    const char            *raw;
};

static void plain_data(void *ctx, const struct ms_chunk *c)
{
    struct stream *s = ctx;
    ms_buffer_append(&s->plain[c->dir], c->bytes);
}

static void plain_gap(void *ctx, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    (void)ctx, (void)dir, (void)length, (void)frame, (void)time;
}

static void tcp_data(void *ctx, enum ms_dir dir, struct ms_bytes b, uint64_t offset, uint64_t frame, int64_t time)
{
    struct stream        *s = ctx;
    struct ms_stream_sink sink = { plain_data, plain_gap, s };
    struct ms_chunk       chunk = { dir, b, offset, frame, time };
    bool                  handshake = ms_at(b, 0) == 0x16 && ms_at(b, 1) == 3;
    if (!s->over[dir] && (handshake || ms_tls_begins(b) == 1 || (s->over[ms_other(dir)] && ms_at(b, 0) == 0x15 && ms_at(b, 1) == 3))) {
        s->over[dir] = true;
        if (!s->tls)
            s->tls = ms_tls_create(s->dump->tls, &s->arena, &s->info);
    }
    if (s->over[dir])
        ms_tls_data(s->tls, &chunk, &sink);
}

static void tcp_gap(void *ctx, enum ms_dir dir, uint64_t length, uint64_t offset, uint64_t frame, int64_t time)
{
    struct stream        *s = ctx;
    struct ms_stream_sink sink = { plain_data, plain_gap, s };
    (void)offset;
    if (s->over[dir])
        ms_tls_gap(s->tls, dir, length, frame, time, &sink);
}

static bool is_at(const struct ms_endpoint *e, const uint8_t ip[16], uint16_t port) { return e->port == port && memcmp(e->ip, ip, 16) == 0; }

static struct stream *find(struct dump *d, const struct ms_segment *s, enum ms_dir *dir)
{
    for (size_t i = d->count; i-- > 0;) {
        struct stream *t = d->streams[i];
        bool forth = is_at(&t->at[0], s->src, s->src_port) && is_at(&t->at[1], s->dst, s->dst_port);
        bool back = is_at(&t->at[1], s->src, s->src_port) && is_at(&t->at[0], s->dst, s->dst_port);
        *dir = back ? MS_S2C : MS_C2S;
        if (forth || back)
            return s->flags & MS_SYN && ms_tcp_is_reuse(&t->tcp, *dir, s) ? NULL : t;
    }
    return NULL;
}

static struct stream *open_stream(struct dump *d, const struct ms_segment *s, enum ms_dir *dir)
{
    bool server = (s->flags & (MS_SYN | MS_ACK)) == (MS_SYN | MS_ACK) || (!(s->flags & MS_SYN) && s->src_port < s->dst_port);
    if (d->count == STREAMS)
        exit(2);
    struct stream *t = d->streams[d->count++] = ms_alloc(sizeof *t);
    t->dump = d;
    memcpy(t->at[server].ip, s->src, 16);
    memcpy(t->at[!server].ip, s->dst, 16);
    t->at[server].port = s->src_port;
    t->at[!server].port = s->dst_port;
    ms_tcp_init(&t->tcp);
    *dir = server ? MS_S2C : MS_C2S;
    return t;
}

static void packet(struct dump *d, struct ms_decoder *decoder, const struct ms_packet *p)
{
    struct ms_segment s;
    enum ms_dir       dir;
    if (ms_decode(decoder, p->link_type, p->data, p->length, p->time, &s) != MS_DECODED_TCP)
        return;
    struct stream *t = find(d, &s, &dir);
    if (!t)
        t = open_stream(d, &s, &dir);
    struct ms_tcp_sink sink = { tcp_data, tcp_gap, t };
    ms_tcp_segment(&t->tcp, d->pool, dir, &s, p->number, p->time, &sink, NULL);
}

static void write_raw(const struct dump *d, size_t i, const char *side, struct ms_bytes b)
{
    char  path[4096];
    snprintf(path, sizeof path, "%s/%zu.%s", d->raw, i, side);
    FILE *f = fopen(path, "wb");
    if (!f || (b.n && fwrite(b.p, 1, b.n, f) != b.n) || fclose(f) != 0) {
        perror(path);
        exit(2);
    }
}

static void print_side(const struct dump *d, size_t i, const char *side, struct ms_bytes b)
{
    struct ms_buffer hex = { 0 };
    uint8_t          digest[32];
    SHA256(b.n ? b.p : (const uint8_t *)"", b.n, digest);
    ms_text_hex(&hex, (struct ms_bytes){ digest, sizeof digest });
    printf(" %s %zu %.*s", side, b.n, (int)hex.n, (const char *)hex.p);
    ms_buffer_finish(&hex);
    if (d->raw)
        write_raw(d, i, side, b);
}

static void finish(struct dump *d, size_t i)
{
    struct stream        *t = d->streams[i];
    struct ms_tcp_sink    sink = { tcp_data, tcp_gap, t };
    struct ms_stream_sink plain = { plain_data, plain_gap, t };
    ms_tcp_finish(&t->tcp, d->pool, &sink);
    if (t->tls) {
        ms_tls_finish(t->tls, &plain);
        printf("%zu", i);
        print_side(d, i, "client", ms_buffer_bytes(&t->plain[MS_C2S]));
        print_side(d, i, "server", ms_buffer_bytes(&t->plain[MS_S2C]));
        printf(" %x\n", t->info->flags);
    }
    ms_buffer_finish(&t->plain[0]);
    ms_buffer_finish(&t->plain[1]);
    ms_arena_finish(&t->arena);
    ms_free(t);
}

static void secrets(void *keylog, struct ms_bytes text) { ms_keylog_add_text(keylog, text); }

static void read_option(struct dump *d, const char *option, const char *value)
{
    const char *why;
    if (strcmp(option, "--raw") == 0)
        d->raw = value;
    else if (strcmp(option, "--keylog") == 0 && ms_keylog_add_file(d->keylog, value))
        return;
    else if (strcmp(option, "--private-key") == 0 && ms_private_keys_add_file(d->keys, value, NULL, &why))
        return;
    else
        exit(2);
}

static void run(struct dump *d, const char *capture)
{
    struct ms_packet   batch[MS_BATCH];
    struct ms_decoder *decoder = ms_decoder_create(&d->limits);
    struct ms_source  *source = ms_source_open(&capture, 1, &d->limits);
    ms_source_on_secrets(source, secrets, d->keylog);
    for (size_t n; (n = ms_source_next(source, batch)) > 0;)
        for (size_t i = 0; i < n; i++)
            packet(d, decoder, &batch[i]);
    for (size_t i = 0; i < d->count; i++)
        finish(d, i);
    ms_source_close(source);
    ms_decoder_destroy(decoder);
}

int main(int argc, char **argv)
{
    struct dump *d = ms_alloc(sizeof *d);
    if (argc < 2)
        return 2;
    ms_hash_init();
    d->limits = ms_limits_default();
    d->keylog = ms_keylog_create();
    d->keys = ms_private_keys_create();
    for (int i = 2; i + 1 < argc; i += 2)
        read_option(d, argv[i], argv[i + 1]);
    d->pool = ms_tcp_pool_create(&d->limits);
    d->tls = ms_tls_context_create(&d->limits, d->keylog, d->keys, NULL, NULL);
    ms_tls_context_wait(d->tls, true);
    run(d, argv[1]);
    ms_tls_context_destroy(d->tls);
    ms_tcp_pool_destroy(d->pool);
    ms_private_keys_destroy(d->keys);
    ms_keylog_destroy(d->keylog);
    ms_free(d);
    return 0;
}
