/* Drives the TLS filter with a dialogue and writes down all that comes out: plain text, gaps, facts.
 *
 * Dialogue  lines: "C <hex>", "S <hex>" bytes of a direction; "GC <n>", "GS <n>" n bytes are missing (0: unknown how many); "K <line>" a key
 *           log line that is known from the start; "L <line>" one that comes at this place. Each line is a frame. */
#pragma once
#include "base/text.h"
#include "tls/tls.h"

struct tls_drive {
    struct ms_tls_context *x;
    struct ms_keylog      *keylog;
    struct ms_private_keys *keys;     /* borrowed */
    struct ms_tls         *tls;
    struct ms_tls_info    *info;
    struct ms_arena        arena;
    struct ms_buffer       trace;
    struct ms_buffer       plain[2];
    struct ms_limits       limits;
    uint64_t               offset[2];
    uint64_t               frame;
    unsigned               limited;   /* limits told */
    bool                   wrong;     /* an invariant does not hold */
};

static inline void tls_drive_add(struct tls_drive *v, const char *text) { ms_buffer_append(&v->trace, ms_str(text)); }

static inline void tls_drive_number(struct tls_drive *v, const char *name, uint64_t n)
{
    char line[64];
    snprintf(line, sizeof line, "%s%llu ", name, (unsigned long long)n);
    tls_drive_add(v, line);
}

static inline void tls_drive_data(void *ctx, const struct ms_chunk *c)
{
    struct tls_drive *v = ctx;
    v->wrong |= c->offset != v->offset[c->dir] || c->bytes.n == 0 || c->frame > v->frame || c->time != (int64_t)c->frame * 1000;
    v->offset[c->dir] += c->bytes.n;
    tls_drive_number(v, c->dir == MS_C2S ? "C " : "S ", c->frame);
    ms_buffer_append(&v->trace, c->bytes);
    tls_drive_add(v, "\n");
    ms_buffer_append(&v->plain[c->dir], c->bytes);
}

static inline void tls_drive_gap(void *ctx, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    struct tls_drive *v = ctx;
    v->wrong |= frame > v->frame || time != (int64_t)frame * 1000;
    tls_drive_number(v, dir == MS_C2S ? "C gap " : "S gap ", length);
    tls_drive_number(v, "frame ", frame);
    tls_drive_add(v, "\n");
}

static inline void tls_drive_limit(void *ctx, enum ms_limit which)
{
    (void)which;
    ((struct tls_drive *)ctx)->limited++;
}

static inline void tls_drive_facts(struct tls_drive *v)
{
    static const char *const names[] = {
        "client-hello", "server-hello", "ssl2", "retry", "resumed", "early", "early-accepted", "client-asked", "client-certificate", "ems", "etm",
        "renegotiated", "done", "decrypted", "no-keys", "lost", "key-update", "closed", "not-tls", "compressed", "chain-broken", "chain-order",
        "client-spoke", "server-spoke", "client-blind", "server-blind" };
    const struct ms_tls_info *i = v->info;
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        if (i->flags >> n & 1) {
            tls_drive_add(v, names[n]);
            tls_drive_add(v, " ");
        }
    tls_drive_number(v, "\nversion ", i->version);
    tls_drive_number(v, "cipher ", i->cipher);
    tls_drive_number(v, "certificates ", i->certificate_count);
    tls_drive_number(v, "records ", i->records[0]);
    tls_drive_number(v, "", i->records[1]);
    tls_drive_number(v, "bytes ", i->protected_bytes[0]);
    tls_drive_number(v, "", i->protected_bytes[1]);
    for (int d = 0; d < 2; d++) {
        tls_drive_number(v, "unread ", i->unread[d]);
        tls_drive_number(v, "", i->unread_bytes[d]);
    }
    tls_drive_number(v, "faults ", i->key_faults);
    tls_drive_number(v, "lost ", i->lost_records);
    tls_drive_number(v, "at ", i->lost_frame);
    tls_drive_number(v, "hellos ", i->client_hello_frame);
    tls_drive_number(v, "", i->server_hello_frame);
    tls_drive_number(v, "done ", i->done_frame);
    for (uint32_t n = 0; n < i->alert_count && n < MS_TLS_ALERTS; n++) {
        tls_drive_number(v, i->alerts[n].dir == MS_C2S ? "\nalert C " : "\nalert S ", i->alerts[n].description);
        tls_drive_number(v, "frame ", i->alerts[n].frame);
        tls_drive_add(v, i->alerts[n].encrypted ? "encrypted " : "clear ");
    }
    tls_drive_add(v, "\n");
}

/* Keys and sessions stay from one connection to the next. */
static inline void tls_drive_open(struct tls_drive *v, const struct ms_limits *limits, struct ms_private_keys *keys)
{
    memset(v, 0, sizeof *v);
    v->limits = *limits;
    v->keylog = ms_keylog_create();
    v->x = ms_tls_context_create(limits, v->keylog, keys, tls_drive_limit, v);
}

static inline void tls_drive_begin(struct tls_drive *v)
{
    v->tls = ms_tls_create(v->x, &v->arena, &v->info);
    v->frame = v->offset[0] = v->offset[1] = 0;
}

/* In pieces of `piece` bytes, each a heap block of its own, so that reading past its end is seen. 0: in one. */
static inline void tls_drive_bytes(struct tls_drive *v, enum ms_dir dir, struct ms_bytes b, size_t piece)
{
    struct ms_stream_sink sink = { tls_drive_data, tls_drive_gap, v };
    while (b.n) {
        struct ms_bytes part = ms_head(b, piece ? piece : b.n);
        uint8_t        *copy = malloc(part.n);
        memcpy(copy, part.p, part.n);
        struct ms_chunk c = { .dir = dir, .bytes = { copy, part.n }, .frame = v->frame, .time = (int64_t)v->frame * 1000 };
        ms_tls_data(v->tls, &c, &sink);
        free(copy);
        b = ms_tail(b, part.n);
    }
}

static inline void tls_drive_missing(struct tls_drive *v, enum ms_dir dir, uint64_t length)
{
    struct ms_stream_sink sink = { tls_drive_data, tls_drive_gap, v };
    ms_tls_gap(v->tls, dir, length, v->frame, (int64_t)v->frame * 1000, &sink);
}

static inline void tls_drive_end(struct tls_drive *v)
{
    struct ms_stream_sink sink = { tls_drive_data, tls_drive_gap, v };
    ms_tls_finish(v->tls, &sink);
    v->tls = NULL;
    tls_drive_facts(v);
}

static inline void tls_drive_close(struct tls_drive *v)
{
    ms_tls_context_destroy(v->x);
    ms_keylog_destroy(v->keylog);
    ms_arena_finish(&v->arena);
    ms_buffer_finish(&v->trace);
    ms_buffer_finish(&v->plain[0]);
    ms_buffer_finish(&v->plain[1]);
}

static inline size_t tls_drive_unhex(struct ms_bytes hex, uint8_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i + 1 < hex.n; i += 2) {
        int high = hex.p[i] <= '9' ? hex.p[i] - '0' : (hex.p[i] | 0x20) - 'a' + 10;
        int low = hex.p[i + 1] <= '9' ? hex.p[i + 1] - '0' : (hex.p[i + 1] | 0x20) - 'a' + 10;
        out[n++] = (uint8_t)(high << 4 | low);
    }
    return n;
}

/* How a dialogue is cut: pieces of `piece` bytes, but the frame `only` alone is cut at `at` when it is not 0. */
struct tls_cut { size_t piece; uint64_t only; size_t at; };

static inline void tls_drive_line(struct tls_drive *v, struct ms_bytes line, const struct tls_cut *cut)
{
    struct ms_bytes rest = line, word = ms_take_word(&rest), what = ms_take_word(&rest);
    enum ms_dir     dir = word.n && word.p[word.n - 1] == 'S' ? MS_S2C : MS_C2S;
    uint64_t        n = 0;
    v->frame++;
    if (word.n == 2 && ms_parse_u64(what, &n)) {
        tls_drive_missing(v, dir, n);
    } else if (word.n == 1 && word.p[0] == 'L') {
        ms_keylog_add_text(v->keylog, ms_tail(line, 2));
    } else if (word.n == 1 && word.p[0] != 'K') {
        uint8_t        *bytes = malloc(what.n / 2 + 1);
        struct ms_bytes b = { bytes, tls_drive_unhex(what, bytes) };
        if (cut->only) {
            size_t at = v->frame == cut->only && cut->at < b.n ? cut->at : b.n;
            tls_drive_bytes(v, dir, ms_head(b, at), 0);
            tls_drive_bytes(v, dir, ms_tail(b, at), 0);
        } else {
            tls_drive_bytes(v, dir, b, cut->piece);
        }
        free(bytes);
    }
}

static inline struct ms_bytes tls_drive_take_line(struct ms_bytes *text)
{
    size_t          n = ms_find(*text, '\n');
    struct ms_bytes line = ms_head(*text, n);
    *text = ms_tail(*text, n + 1);
    return line;
}

static inline void tls_drive_keys(struct tls_drive *v, struct ms_bytes dialogue)
{
    while (dialogue.n) {
        struct ms_bytes line = tls_drive_take_line(&dialogue);
        if (line.n > 2 && line.p[0] == 'K')
            ms_keylog_add_text(v->keylog, ms_tail(line, 2));
    }
}

static inline void tls_drive_connection(struct tls_drive *v, struct ms_bytes dialogue, const struct tls_cut *cut)
{
    tls_drive_begin(v);
    while (dialogue.n)
        tls_drive_line(v, tls_drive_take_line(&dialogue), cut);
    tls_drive_end(v);
}
