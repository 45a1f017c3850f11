#include "sink/dump.h"

#include "base/text.h"

enum { HOLD_BYTES = 65536, OUT_BYTES = 65536, HEX_ROW = 16, ARRAY_ROW = 8 };

/* A packet, or a remark, which is ready at once; `skip` bytes are missing there. */
struct piece { uint64_t frame, skip; size_t at, n, ready; uint8_t dir; bool remark; };

struct ms_dump {
    FILE             *out;
    enum ms_dump_kind kind;
    enum ms_only      only;
    bool              color, failed;
    struct ms_buffer  bytes, pieces, text; /* held bytes, struct piece, output */
    size_t            first, next[2];      /* piece to write, piece of that side with bytes that are not ready */
    uint64_t          offset[2], arrays[2];
    bool              in_line, cr;         /* ASCII: the line under way is not empty; a CR may end it */
    uint8_t           side;                /* that it belongs to */
};

struct ms_dump *ms_dump_create(FILE *out, enum ms_dump_kind kind, enum ms_only only, bool color)
{
    struct ms_dump *d = ms_alloc(sizeof *d);
    *d = (struct ms_dump){ .out = out, .kind = kind, .only = only, .color = color };
    return d;
}

static struct piece *piece_at(const struct ms_dump *d, size_t i) { return (struct piece *)(void *)d->pieces.p + i; }
static size_t piece_count(const struct ms_dump *d) { return d->pieces.n / sizeof(struct piece); }

/* ---- the four ways to write ------------------------------------------------------------------------------------ */

static uint8_t shown(uint8_t c) { return c >= 0x20 && c < 0x7f ? c : '.'; }

static void color_on(struct ms_dump *d, unsigned dir)
{
    if (d->color)
        ms_text_str(&d->text, dir == MS_C2S ? "\033[31m" : "\033[34m");
}

static void color_off(struct ms_dump *d)
{
    if (d->color)
        ms_text_str(&d->text, "\033[0m");
}

static void end_line(struct ms_dump *d)
{
    if (d->cr)
        ms_text_char(&d->text, '.');
    if (d->in_line || d->cr)
        ms_text_char(&d->text, '\n');
    d->in_line = d->cr = false;
}

/* CRLF and LF end a line; a CR alone would go back to its start and is a dot like other unprintable bytes. */
static void put_ascii(struct ms_dump *d, const struct piece *p, struct ms_bytes b)
{
    if (d->side != p->dir)
        end_line(d);
    d->side = p->dir;
    color_on(d, p->dir);
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i];
        if (d->cr && c != '\n')
            ms_text_char(&d->text, '.');
        d->in_line = c != '\n' && (d->in_line || d->cr || c != '\r');
        d->cr = c == '\r';
        if (!d->cr)
            ms_text_char(&d->text, (char)(c == '\n' || c == '\t' ? c : shown(c)));
    }
    color_off(d);
}

static void put_hex_row(struct ms_dump *d, struct ms_bytes row)
{
    for (size_t i = 0; i < HEX_ROW; i++) {
        ms_text_str(&d->text, i == HEX_ROW / 2 ? "  " : " ");
        if (i < row.n)
            ms_text_hex(&d->text, ms_slice(row, i, 1));
        else
            ms_text_str(&d->text, "  ");
    }
    ms_text_str(&d->text, "  ");
    for (size_t i = 0; i < row.n; i++)
        ms_text_char(&d->text, (char)shown(row.p[i]));
}

static void put_hex(struct ms_dump *d, const struct piece *p, struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i += HEX_ROW) {
        ms_text_str(&d->text, p->dir == MS_C2S ? "" : "    ");
        color_on(d, p->dir);
        ms_text_format(&d->text, "%08llx ", (unsigned long long)(d->offset[p->dir] + i));
        put_hex_row(d, ms_slice(b, i, HEX_ROW));
        color_off(d);
        ms_text_char(&d->text, '\n');
    }
}

static void put_array(struct ms_dump *d, const struct piece *p, struct ms_bytes b)
{
    ms_text_format(&d->text, "char peer%u_%llu[] = { /* Packet %llu */", p->dir, (unsigned long long)d->arrays[p->dir]++,
                   (unsigned long long)p->frame);
    for (size_t i = 0; i < b.n; i++)
        ms_text_format(&d->text, "%s0x%02x%s", i % ARRAY_ROW ? " " : "\n    ", b.p[i], i + 1 < b.n ? "," : "");
    ms_text_str(&d->text, " };\n");
}

static void put_remark(struct ms_dump *d, struct ms_bytes lines)
{
    end_line(d);
    while (lines.n && d->kind != MS_DUMP_RAW) {
        size_t lf = ms_find(lines, '\n');
        ms_text_str(&d->text, d->kind == MS_DUMP_C_ARRAY ? "/* " : "");
        ms_text_add(&d->text, ms_head(lines, lf));
        ms_text_str(&d->text, d->kind == MS_DUMP_C_ARRAY ? " */\n" : "\n");
        lines = ms_tail(lines, lf + 1);
    }
}

static void put_bytes(struct ms_dump *d, const struct piece *p, struct ms_bytes b)
{
    if (d->kind == MS_DUMP_RAW)
        ms_text_add(&d->text, b);
    else
        (d->kind == MS_DUMP_ASCII ? put_ascii : d->kind == MS_DUMP_HEX ? put_hex : put_array)(d, p, b);
}

/* ---- the queue ------------------------------------------------------------------------------------------------- */

static void flush(struct ms_dump *d)
{
    d->failed |= d->text.n && fwrite(d->text.p, 1, d->text.n, d->out) != d->text.n;
    d->text.n = 0;
}

/* The written ones leave, when that is worth a move. */
static void forget_written(struct ms_dump *d)
{
    size_t n = piece_count(d), bytes = d->first < n ? piece_at(d, d->first)->at : d->bytes.n;
    if (d->first < n && bytes < HOLD_BYTES)
        return;
    ms_buffer_consume(&d->bytes, bytes);
    ms_buffer_consume(&d->pieces, d->first * sizeof(struct piece));
    for (size_t i = 0; i < n - d->first; i++)
        piece_at(d, i)->at -= bytes;
    for (int s = 0; s < 2; s++)
        d->next[s] = d->next[s] > d->first ? d->next[s] - d->first : 0;
    d->first = 0;
}

static void write_ready(struct ms_dump *d)
{
    size_t n = piece_count(d);
    for (; d->first < n && piece_at(d, d->first)->ready == piece_at(d, d->first)->n; d->first++) {
        const struct piece *p = piece_at(d, d->first);
        struct ms_bytes     b = ms_slice(ms_buffer_bytes(&d->bytes), p->at, p->n);
        if (p->remark)
            put_remark(d, b);
        else if (!ms_only_leaves_out(d->only, (enum ms_dir)p->dir))
            put_bytes(d, p, b);
        d->offset[p->dir] += p->remark ? p->skip : p->n;
        if (d->text.n > OUT_BYTES)
            flush(d);
    }
    forget_written(d);
}

static void add_piece(struct ms_dump *d, struct piece p, struct ms_bytes bytes)
{
    p.at = d->bytes.n;
    p.n = bytes.n;
    p.ready = p.remark ? bytes.n : 0;
    ms_buffer_append(&d->bytes, bytes);
    ms_buffer_append(&d->pieces, (struct ms_bytes){ (const uint8_t *)&p, sizeof p });
}

void ms_dump_chunk(struct ms_dump *d, const struct ms_chunk *c)
{
    if (c->bytes.n)
        add_piece(d, (struct piece){ .frame = c->frame, .dir = (uint8_t)c->dir }, c->bytes);
}

void ms_dump_ready(struct ms_dump *d, enum ms_dir dir, size_t n, bool secret)
{
    size_t *at = &d->next[dir];
    *at = *at < d->first ? d->first : *at;
    while (n && *at < piece_count(d)) {
        struct piece *p = piece_at(d, *at);
        size_t        part = p->n - p->ready < n ? p->n - p->ready : n;
        if (p->remark || p->dir != (uint8_t)dir || part == 0) {
            ++*at;
            continue;
        }
        if (secret)
            memset(d->bytes.p + p->at + p->ready, '*', part);
        p->ready += part;
        n -= part;
    }
    write_ready(d);
}

void ms_dump_remark(struct ms_dump *d, struct ms_bytes lines)
{
    if (lines.n == 0)
        return;
    add_piece(d, (struct piece){ .remark = true }, lines);
    write_ready(d);
}

void ms_dump_gap(struct ms_dump *d, enum ms_dir dir, uint64_t length)
{
    add_piece(d, (struct piece){ .remark = true, .dir = (uint8_t)dir, .skip = length }, (struct ms_bytes){ NULL, 0 });
    write_ready(d);
}

bool ms_dump_waits(const struct ms_dump *d, enum ms_dir *dir)
{
    if (d->first == piece_count(d) || d->bytes.n - piece_at(d, d->first)->at <= HOLD_BYTES)
        return false;
    *dir = (enum ms_dir)piece_at(d, d->first)->dir;
    return true;
}

bool ms_dump_close(struct ms_dump *d)
{
    write_ready(d);
    end_line(d);
    flush(d);
    bool ok = !d->failed;
    ms_buffer_finish(&d->bytes);
    ms_buffer_finish(&d->pieces);
    ms_buffer_finish(&d->text);
    ms_free(d);
    return ok;
}
