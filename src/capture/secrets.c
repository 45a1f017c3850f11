/* capture/secrets.c - keys that a pcapng brings along: secrets blocks of TLS key log lines, and key log lines in comments.
 *
 * Order    they are handed up before the packets behind them, and not before those in front of them have been used: while packets of the
 *          batch are out, the answer is "later".
 * Cuts     what stands behind a packet's bytes is waited for only as long as there may be more of it: a file cut off there loses no packet.
 *
 * BUGS     Of a secrets block the first packet_bytes (a limit) are looked at, of the options of one block the first 64 KiB. Comments in blocks of
 *          statistics and names are not looked at.                                                                            */
#include "capture/reader.h"

enum {
    SECRETS_FIXED = 16,     /* block header, type, length */
    SECRETS_TLS = 0x544c534b,
    OPTION_COMMENT = 1,
    OPTIONS_LOOK = 65536,
    TRAILER = 4,
};

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
