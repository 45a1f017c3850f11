/* Blocks of draft-ietf-opsawg-pcapng, little endian.
 *
 * BUGS  Times before 1970 become 1970. Of the options of a packet only comments and flags go along. The snap length of the source is
 *       not known here: it reads "none".                                                                          */
#include "capture/write.h"

#include "base/secret.h"
#include "capture/reader.h"

enum {
    BLOCK_INTERFACE = 1, BLOCK_ENHANCED = 6, BLOCK_SECRETS = 10, SECRETS_TLS = 0x544c534b,
    OPTION_END = 0, OPTION_COMMENT = 1, OPTION_FLAGS = 2, OPTION_NAME = 2, OPTION_APPLICATION = 4, OPTION_RESOLUTION = 9,
    HEADER = 8, TRAILER = 4,
};
#define BLOCK_SECTION 0x0a0d0d0au
#define BYTE_ORDER_MARK 0x1a2b3c4du

struct ms_capture_writer {
    FILE            *out;
    struct ms_map    interfaces; /* link type, precision, name -> number from 1 */
    struct ms_buffer block;      /* under construction */
    unsigned         digits;
    bool             bare;
    uint64_t         count;
};

static void put16(struct ms_capture_writer *w, unsigned v)
{
    uint8_t b[2] = { (uint8_t)v, (uint8_t)(v >> 8) };
    ms_buffer_append(&w->block, (struct ms_bytes){ b, sizeof b });
}

static void put32(struct ms_capture_writer *w, uint32_t v)
{
    put16(w, v & 0xffff);
    put16(w, v >> 16);
}

static void put_padded(struct ms_capture_writer *w, struct ms_bytes b)
{
    static const uint8_t zeros[3];
    ms_buffer_append(&w->block, b);
    ms_buffer_append(&w->block, (struct ms_bytes){ zeros, (4 - b.n % 4) % 4 });
}

static void put_option(struct ms_capture_writer *w, unsigned code, struct ms_bytes value)
{
    put16(w, code);
    put16(w, (unsigned)value.n);
    put_padded(w, value);
}

static void begin(struct ms_capture_writer *w, uint32_t type)
{
    w->block.n = 0;
    put32(w, type);
    put32(w, 0); /* its length: end() */
}

static void end(struct ms_capture_writer *w)
{
    uint32_t total = (uint32_t)w->block.n + TRAILER;
    put32(w, total);
    memcpy(w->block.p + 4, w->block.p + w->block.n - TRAILER, 4);
    fwrite(w->block.p, 1, w->block.n, w->out);
}

struct ms_capture_writer *ms_capture_writer_create(FILE *out)
{
    struct ms_capture_writer *w = ms_alloc(sizeof *w);
    w->out = out;
    w->digits = 6;
    begin(w, BLOCK_SECTION);
    put32(w, BYTE_ORDER_MARK);
    put16(w, 1);
    put16(w, 0);
    put32(w, UINT32_MAX); /* length of the section: not known */
    put32(w, UINT32_MAX);
    put_option(w, OPTION_APPLICATION, MS_LIT("Mailscope " MS_VERSION));
    put32(w, OPTION_END);
    end(w);
    return w;
}

void ms_capture_writer_destroy(struct ms_capture_writer *w)
{
    ms_map_finish(&w->interfaces);
    ms_buffer_finish(&w->block);
    ms_free(w);
}

void ms_capture_writer_digits(struct ms_capture_writer *w, unsigned digits) { w->digits = digits; }
void ms_capture_writer_bare(struct ms_capture_writer *w) { w->bare = true; }
uint64_t ms_capture_writer_count(const struct ms_capture_writer *w) { return w->count; }

static void write_interface(struct ms_capture_writer *w, const struct ms_packet *p, bool fine)
{
    static const uint8_t nanoseconds = 9;
    begin(w, BLOCK_INTERFACE);
    put16(w, p->link_type);
    put16(w, 0);
    put32(w, 0); /* no snap length */
    if (p->interface && !w->bare)
        put_option(w, OPTION_NAME, ms_str(p->interface));
    if (fine)
        put_option(w, OPTION_RESOLUTION, (struct ms_bytes){ &nanoseconds, 1 });
    if ((p->interface && !w->bare) || fine)
        put32(w, OPTION_END);
    end(w);
}

static uint32_t interface_of(struct ms_capture_writer *w, const struct ms_packet *p, bool fine)
{
    struct ms_bytes name = ms_str(p->interface);
    w->block.n = 0;
    put32(w, p->link_type);
    put32(w, fine);
    ms_buffer_append(&w->block, name);
    void **at = ms_map_put(&w->interfaces, ms_buffer_bytes(&w->block));
    if (!*at) {
        *at = (void *)(uintptr_t)w->interfaces.count; /* NOLINT: a number */
        write_interface(w, p, fine);
    }
    return (uint32_t)((uintptr_t)*at - 1);
}

static void put_flags(struct ms_capture_writer *w, uint32_t flags)
{
    put16(w, OPTION_FLAGS);
    put16(w, 4);
    put32(w, flags);
}

static void put_options(struct ms_capture_writer *w, const struct ms_packet *p)
{
    size_t before = w->block.n;
    for (struct ms_bytes rest = ms_packet_options(p); rest.n >= 4;) {
        unsigned        code = ms_word16(rest.p, p->big), n = ms_word16(rest.p + 2, p->big);
        struct ms_bytes value = ms_slice(rest, 4, n);
        if (code == OPTION_END || value.n < n)
            break;
        if (code == OPTION_COMMENT && !w->bare && !ms_pcapng_is_key_comment(value))
            put_option(w, OPTION_COMMENT, value);
        if (code == OPTION_FLAGS && n == 4)
            put_flags(w, ms_word32(value.p, p->big));
        rest = ms_tail(rest, 4 + ((size_t)n + 3) / 4 * 4);
    }
    if (w->block.n > before)
        put32(w, OPTION_END);
}

void ms_capture_writer_packet(struct ms_capture_writer *w, const struct ms_packet *p)
{
    uint64_t time = p->time > 0 ? (uint64_t)p->time : 0;
    bool     fine = w->digits > 6 || time % 1000;
    uint32_t interface = interface_of(w, p, fine);
    uint64_t units = fine ? time : time / 1000;
    begin(w, BLOCK_ENHANCED);
    put32(w, interface);
    put32(w, (uint32_t)(units >> 32));
    put32(w, (uint32_t)units);
    put32(w, (uint32_t)p->data.n);
    put32(w, p->length);
    put_padded(w, p->data);
    if (p->options)
        put_options(w, p);
    end(w);
    w->count++;
}

void ms_capture_writer_secrets(struct ms_capture_writer *w, struct ms_bytes lines)
{
    begin(w, BLOCK_SECRETS);
    put32(w, SECRETS_TLS);
    put32(w, (uint32_t)lines.n);
    put_padded(w, lines);
    end(w);
    ms_secret_wipe(w->block.p, w->block.n);
}
