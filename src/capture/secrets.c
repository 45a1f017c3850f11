/* capture/secrets.c - keys that a pcapng brings along: secrets blocks of TLS key log lines, and key log lines in comments.
 *
 * Order    they are handed up before the packets behind them, and not before those in front of them have been used: while packets of the
 *          batch are out, the answer is "later".
 * Behind   a file is looked at from its end, too, up to its last packet: secrets that were put behind all packets come before the first, and once
 *          more in their place.
 * Cuts     what stands behind a packet's bytes is waited for only as long as there may be more of it: a file cut off there loses no packet.
 *
 * BUGS     Of a secrets block the first packet_bytes (a limit) are looked at, of the options of one block the first 64 KiB. Comments in blocks of
 *          statistics and names are not looked at.                                                                            */
#include "base/secret.h"
#include "capture/reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SECRETS_FIXED = 16,     /* block header, type, length */
    SECRETS_TLS = 0x544c534b,
    OPTION_COMMENT = 1,
    OPTIONS_LOOK = 65536,
    TRAILER = 4, SMALLEST_BLOCK = 12,
    BLOCK_NAMES = 4, BLOCK_STATISTICS = 5, BLOCK_SECRETS = 10, BLOCKS_BEHIND = 1000,
};
#define SECTION_MAGIC 0x0a0d0d0au

/* So much of the block, when it can still come. 0: what there is must do. */
static size_t wait_for(struct ms_reader *r, const struct ms_block *b, size_t n)
{
    if (b->here >= n || r->pcapng.no_more)
        return 0;
    r->pcapng.optional = true;
    return n;
}

size_t ms_pcapng_secrets(struct ms_reader *r, const struct ms_block *b)
{
    bool big = r->pcapng.big;
    if (!r->secrets.fn || b->total < SECRETS_FIXED + TRAILER)
        return 0;
    size_t need = wait_for(r, b, SECRETS_FIXED);
    if (need || b->here < SECRETS_FIXED || ms_word32(b->p + 8, big) != SECRETS_TLS)
        return need;
    uint32_t n = ms_word32(b->p + 12, big), room = b->total - SECRETS_FIXED - TRAILER;
    if (n > room)
        n = room;
    if (n > r->packet_bytes)
        n = (uint32_t)r->packet_bytes;
    need = wait_for(r, b, SECRETS_FIXED + (size_t)n);
    if (need || r->pcapng.packets_out)
        return need ? need : b->here;
    r->secrets.fn(r->secrets.ctx, ms_slice((struct ms_bytes){ b->p, b->here }, SECRETS_FIXED, n));
    return 0;
}

bool ms_pcapng_is_key_comment(struct ms_bytes comment)
{
    static const struct ms_bytes labels[] = {
        { (const uint8_t *)"CLIENT_RANDOM ", 14 }, { (const uint8_t *)"_TRAFFIC_SECRET", 15 }, { (const uint8_t *)"RSA ", 4 },
    };
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (comment.n > labels[i].n && memmem(comment.p, comment.n, labels[i].p, labels[i].n))
            return true;
    return false;
}

/* False: later. */
static bool comments(const struct ms_reader *r, struct ms_bytes options)
{
    while (options.n >= 4) {
        unsigned        code = ms_word16(options.p, r->pcapng.big), n = ms_word16(options.p + 2, r->pcapng.big);
        struct ms_bytes value = ms_slice(options, 4, n);
        if (code == 0 || value.n < n)
            return true;
        if (code == OPTION_COMMENT && ms_pcapng_is_key_comment(value)) {
            if (r->pcapng.packets_out)
                return false;
            r->secrets.fn(r->secrets.ctx, value);
        }
        options = ms_tail(options, 4 + ((size_t)n + 3) / 4 * 4);
    }
    return true;
}

uint32_t ms_pcapng_options(const struct ms_block *b, size_t from)
{
    size_t end = b->total - TRAILER, look = end - from < OPTIONS_LOOK ? end : from + OPTIONS_LOOK;
    return from + 4 <= end && b->here >= look ? (uint32_t)(look - from) : 0;
}

size_t ms_pcapng_comments(struct ms_reader *r, const struct ms_block *b, size_t from)
{
    size_t end = b->total - TRAILER, look = end - from < OPTIONS_LOOK ? end : from + OPTIONS_LOOK;
    size_t need = wait_for(r, b, look);
    if (need)
        return need;
    return comments(r, ms_slice(ms_head((struct ms_bytes){ b->p, b->here }, look), from, look)) ? 0 : b->here;
}

/* ---- behind the packets ------------------------------------------------------------------------------------------------- */

/* A file that is read backwards from `end`. */
struct tail { int fd; bool big; uint64_t end, most; void (*fn)(void *ctx, struct ms_bytes text); void *ctx; };

static bool read_at(const struct tail *t, uint64_t at, uint8_t *to, size_t n) { return pread(t->fd, to, n, (off_t)at) == (ssize_t)n; }

static bool open_tail(struct tail *t, const char *path)
{
    struct stat st;
    uint8_t     start[12];
    t->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (t->fd < 0 || fstat(t->fd, &st) != 0 || !S_ISREG(st.st_mode) || !read_at(t, 0, start, sizeof start) || ms_be32(start) != SECTION_MAGIC)
        return false;
    t->big = ms_be32(start + 8) == 0x1a2b3c4d;
    t->end = (uint64_t)st.st_size;
    return true;
}

static void hand_tail_secrets(struct tail *t, uint64_t at, uint32_t n)
{
    uint8_t *text = ms_secret_alloc(n);
    t->most -= n;
    if (read_at(t, at, text, n))
        t->fn(t->ctx, (struct ms_bytes){ text, n });
    ms_secret_free(text, n);
}

/* One block further to the front; false: it is none, or a packet, or there are secrets enough. */
static bool step_back(struct tail *t)
{
    uint8_t  trailer[TRAILER], head[SECRETS_FIXED] = { 0 };
    if (t->end < SMALLEST_BLOCK || !read_at(t, t->end - TRAILER, trailer, TRAILER))
        return false;
    uint32_t total = ms_word32(trailer, t->big);
    bool     fits = total >= SMALLEST_BLOCK && total % 4 == 0 && total <= t->end;
    if (!fits || !read_at(t, t->end - total, head, total < sizeof head ? SMALLEST_BLOCK : sizeof head) || ms_word32(head + 4, t->big) != total)
        return false;
    t->end -= total;
    uint32_t type = ms_word32(head, t->big), n = ms_word32(head + 12, t->big);
    if (type == BLOCK_NAMES || type == BLOCK_STATISTICS)
        return true;
    if (type != BLOCK_SECRETS)
        return false;
    if (total < SECRETS_FIXED + TRAILER || ms_word32(head + 8, t->big) != SECRETS_TLS || n == 0)
        return true;
    if (n > total - SECRETS_FIXED - TRAILER || n > t->most)
        return false;
    hand_tail_secrets(t, t->end + SECRETS_FIXED, n);
    return true;
}

void ms_pcapng_secrets_behind(const char *path, uint64_t most, void (*fn)(void *ctx, struct ms_bytes text), void *ctx)
{
    struct tail t = { .most = most, .fn = fn, .ctx = ctx };
    bool        open = open_tail(&t, path);
    for (int i = 0; open && i < BLOCKS_BEHIND && step_back(&t); i++)
        continue;
    if (t.fd >= 0)
        close(t.fd);
}
