/* A message as it streams by: lines of header blocks, bodies up to the next boundary.
 *
 * A line end is read but handed on only when the next line is known not to be a boundary, since it belongs to the boundary
 * otherwise (RFC 2046 5.1.1). What cannot be judged yet (a header line, a line that begins with "--") is copied to `carry`, and
 * no more than line_need() bytes of it.
 *
 * Old Macs ended lines with a CR alone. A message whose first line ends so is read line by line while a boundary is looked for, and
 * either line end counts.
 *
 * BUGS     uuencoded blocks that stand in the text of such a message are not found.                                     */
#include "mail/mime_private.h"

void ms_mime_stream_start(struct ms_mime_stream *st, struct ms_mime *m, uint32_t depth, struct ms_bytes path)
{
    st->m = m;
    st->state = MS_STREAM_HEAD;
    st->eol = MS_EOL_NONE;
    st->bol = st->root = st->first_line = true;
    st->skip_line = st->head_full = st->moved = st->cr_lines = st->cr_message = false;
    st->depth = depth;
    st->head_count = st->head_odd = st->need = st->level_n = st->messages = 0;
    st->head.n = st->boundaries.n = st->path.n = st->carry.n = 0;
    st->leaf.out = NULL;
    st->leaf.bare = NULL;
    st->leaf.inner = NULL;
    st->guess_n = 0;
    ms_buffer_append(&st->path, path);
}

void ms_mime_stream_free(struct ms_mime_stream *st)
{
    ms_buffer_finish(&st->head);
    ms_buffer_finish(&st->boundaries);
    ms_buffer_finish(&st->path);
    ms_buffer_finish(&st->carry);
    ms_free(st->levels);
    st->levels = NULL;
    st->level_size = 0;
}

/* Bytes of attached messages as they stand, for their size and digest. */
static void write_raw(struct ms_mime_stream *st, struct ms_bytes b)
{
    for (uint32_t i = 0, left = st->messages; left && i < st->level_n; i++) {
        if (!st->levels[i].message)
            continue;
        ms_mime_out_write(st->m, st->levels[i].out, b);
        left--;
    }
}

/* A CR alone ends a line here. */
static bool by_cr(const struct ms_mime_stream *st) { return st->state == MS_STREAM_HEAD ? st->cr_lines : st->cr_message && st->need; }

/* Where the first line end of b begins; b.n when there is none. */
static size_t line_end(const struct ms_mime_stream *st, struct ms_bytes b) { return by_cr(st) ? ms_find_either(b, '\r', '\n') : ms_find(b, '\n'); }

/* Bytes of b up to and with that line end, all of them when there is none. */
static size_t line_size(const struct ms_mime_stream *st, struct ms_bytes b)
{
    size_t end = line_end(st, b), n = end < b.n ? end + 1 : end;
    return n + (ms_at(b, end) == '\r' && ms_at(b, n) == '\n');
}

static void write_content(struct ms_mime_stream *st, struct ms_bytes b)
{
    if (b.n == 0)
        return;
    write_raw(st, b);
    if (st->leaf.out && st->leaf.encoding != MS_ENC_BASE64)
        ms_mime_leaf_write(st, b);
    else if (st->state == MS_STREAM_BODY && ms_mime_tree_may_guess(st) && st->levels[st->level_n - 1].out)
        ms_mime_out_write(st->m, st->levels[st->level_n - 1].out, b);
}

/* The held line end was content after all. */
static void flush_eol(struct ms_mime_stream *st)
{
    static const struct ms_bytes bytes[] = {
        [MS_EOL_NONE] = { NULL, 0 }, [MS_EOL_CR] = MS_WORD("\r"), [MS_EOL_LF] = MS_WORD("\n"), [MS_EOL_CRLF] = MS_WORD("\r\n"),
    };
    enum ms_line_end eol = st->eol;
    st->eol = MS_EOL_NONE;
    if (eol == MS_EOL_CR && by_cr(st) && st->state == MS_STREAM_BODY)
        ms_mime_odd(st, MS_MIME_BARE_CR);
    if (eol == MS_EOL_CR && by_cr(st) && st->leaf.out && st->leaf.encoding == MS_ENC_UUENCODE) { /* its decoder knows lines */
        write_raw(st, bytes[MS_EOL_CR]);
        ms_mime_leaf_write(st, bytes[MS_EOL_LF]);
        return;
    }
    write_content(st, bytes[eol]);
}

/* Splits off the line end of a piece and holds it; a CR may be the half of one. */
static struct ms_bytes hold_eol(struct ms_mime_stream *st, struct ms_bytes piece)
{
    uint8_t last = piece.p[piece.n - 1];
    st->bol = last == '\n' || (last == '\r' && by_cr(st));
    st->eol = MS_EOL_NONE;
    if (last == '\r')
        st->eol = MS_EOL_CR;
    else if (last == '\n')
        st->eol = piece.n > 1 && piece.p[piece.n - 2] == '\r' ? MS_EOL_CRLF : MS_EOL_LF;
    return ms_head(piece, piece.n - (st->eol == MS_EOL_CRLF ? 2u : st->eol != MS_EOL_NONE));
}

/* ---- header blocks -------------------------------------------------------------------------------------- */

static void end_head(struct ms_mime_stream *st)
{
    struct ms_mime     *m = st->m;
    struct ms_mime_info info;
    if (m->part_n > 0 && m->part_n >= m->limits->mime_parts) { /* not even read: memory is bounded */
        m->dropped++;
        m->odd |= MS_MIME_PARTS_LIMIT;
        st->state = MS_STREAM_BODY;
    } else {
        ms_mime_head_read(st, ms_mime_tree_digest(st), &info);
        ms_mime_tree_body(st, &info);
    }
    st->head.n = 0;
    st->head_count = st->head_odd = 0;
    st->head_full = false;
    st->cr_lines = st->cr_message;
    st->first_line = true;
    st->moved = true;
}

/* ---- boundaries ----------------------------------------------------------------------------------------- */

static bool ends_in_blank(struct ms_bytes line)
{
    while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
        line.n--;
    return line.n && ms_is_blank(line.p[line.n - 1]);
}

static void at_boundary(struct ms_mime_stream *st, uint32_t level, bool close, struct ms_bytes line)
{
    if (st->state == MS_STREAM_HEAD && st->head.n)
        st->head_odd |= MS_MIME_HEADER_SYNTAX;
    while (st->state == MS_STREAM_HEAD) /* a boundary ends a header block, too */
        end_head(st);
    if (ends_in_blank(line)) /* RFC 2046 5.1.1 allows it, and not every program does */
        st->m->parts[st->levels[level].index].odd |= MS_MIME_ODD_BOUNDARY;
    ms_mime_tree_end_inside(st, level + 1);
    flush_eol(st);
    write_raw(st, hold_eol(st, line));
    st->bol = true;
    st->guess_n = 0;
    if (close)
        ms_mime_tree_close(st, true);
    else
        ms_mime_tree_child(st, level);
}

enum verdict { NO_BOUNDARY, BOUNDARY, UNDECIDED };

/* Is there a boundary at s, the start of a line? */
static enum verdict try_boundary(struct ms_mime_stream *st, struct ms_bytes s, bool last, size_t *used)
{
    if (st->need == 0 || s.p[0] != '-')
        return NO_BOUNDARY;
    if (s.n < 2)
        return last ? NO_BOUNDARY : UNDECIDED;
    if (s.p[1] != '-')
        return NO_BOUNDARY;
    struct ms_bytes window = ms_head(s, st->need);
    size_t          end = line_end(st, window);
    if (end == window.n && window.n == st->need)
        return NO_BOUNDARY;
    if (end == window.n && !last)
        return UNDECIDED;
    bool close;
    int  level = ms_mime_tree_match(st, ms_head(window, end), &close);
    if (level < 0)
        return NO_BOUNDARY;
    *used = line_size(st, s);
    at_boundary(st, (uint32_t)level, close, ms_head(s, *used));
    return BOUNDARY;
}

/* In a multipart whose boundary has not come yet, a line with dashes that is followed by "Content-" begins a part, whatever the
 * boundary was said to be: mail programs that find no boundary do the same. Elsewhere between parts it is only noted.    */
static enum verdict try_guess(struct ms_mime_stream *st, struct ms_bytes s, bool last)
{
    static const struct ms_bytes field = MS_WORD("content-");
    uint32_t before = st->guess_n;
    if (before && s.n < field.n && ms_starts_nocase(field, s) && !last)
        return UNDECIDED;
    st->guess_n = 0;
    if (before && ms_starts_nocase(s, field) && !ms_mime_tree_may_guess(st)) {
        ms_mime_odd(st, MS_MIME_OUTSIDE);
        return NO_BOUNDARY;
    }
    if (before && ms_starts_nocase(s, field)) {
        st->guess_n = before;
        flush_eol(st);
        ms_mime_tree_guess(st);
        st->moved = true;
        st->guess_n = 0;
        return BOUNDARY;
    }
    struct ms_bytes window = ms_head(s, st->need ? st->need : MS_GUESS_MAX + MS_BLANKS_MAX);
    struct ms_bytes line = ms_head(window, line_end(st, window));
    if (st->need == 0 && s.p[0] == '-' && line.n == s.n && !last) /* try_boundary() did not wait for its end */
        return UNDECIDED;
    while (line.n && (ms_is_blank(line.p[line.n - 1]) || line.p[line.n - 1] == '\r'))
        line.n--;
    if (line.n <= 2 || line.n > MS_GUESS_MAX + 2 || line.p[0] != '-' || line.p[1] != '-')
        return NO_BOUNDARY;
    st->guess_n = (uint32_t)line.n - 2;
    memcpy(st->guess, line.p + 2, st->guess_n);
    return NO_BOUNDARY;
}

/* ---- header lines --------------------------------------------------------------------------------------- */

static size_t head_room(const struct ms_mime_stream *st)
{
    uint64_t limit = st->m->limits->header_bytes;
    return st->head.n < limit ? (size_t)(limit - st->head.n) : 0;
}

enum { NAME_ROOM = 1024 }; /* bytes of a line, enough to see that it is a field at all */

/* The first line of the body will say what it is. */
static bool unsure(const struct ms_mime_stream *st)
{
    return st->state == MS_STREAM_BODY && st->leaf.out && st->leaf.unsure;
}

/* Bytes that a line must have before it is judged without its end. */
static size_t line_need(const struct ms_mime_stream *st)
{
    size_t need = st->need;
    if (unsure(st))
        return need > NAME_ROOM ? need : NAME_ROOM;
    if (st->state == MS_STREAM_HEAD) {
        size_t room = head_room(st) + 1;
        need = need > room ? need : room;
        need = need > NAME_ROOM ? need : NAME_ROOM;
    }
    return need ? need : 1;
}

static void drop_field(struct ms_mime_stream *st, uint32_t why)
{
    st->head_full = true;
    st->head_odd |= why;
}

static void keep_line(struct ms_mime_stream *st, struct ms_bytes line)
{
    bool folded = ms_is_blank(line.p[0]);
    bool many = !folded && st->head_count >= st->m->limits->header_count;
    if (st->head_full || many || line.n > head_room(st)) {
        drop_field(st, st->head_full ? 0 : many ? MS_MIME_HEADER_COUNT : MS_MIME_HEADER_LIMIT);
        return;
    }
    st->head_count += !folded;
    ms_buffer_append(&st->head, line);
}

static bool is_mbox_line(const struct ms_mime_stream *st, struct ms_bytes line)
{
    return st->root && st->first_line && (ms_starts_nocase(line, MS_LIT("From ")) || ms_starts_nocase(line, MS_LIT(">From ")));
}

/* A line of a header block that is not empty; false: it is none, the body begins with it. */
static bool take_head_line(struct ms_mime_stream *st, struct ms_bytes line)
{
    bool folded = ms_is_blank(line.p[0]);
    if (is_mbox_line(st, line)) {
        st->first_line = false;
        return true;
    }
    if (!folded && !ms_mime_is_field(line)) {
        st->head_odd |= MS_MIME_HEADER_SYNTAX;
        return false;
    }
    if (ms_starts_nocase(line, MS_LIT("--")))
        st->head_odd |= MS_MIME_HEADER_SYNTAX; /* a boundary, for other programs */
    if (folded && st->head.n == 0 && !st->head_full)
        st->head_odd |= MS_MIME_HEADER_SYNTAX; /* folded from nothing */
    else
        keep_line(st, line);
    st->first_line = false;
    return true;
}

static size_t skip_line(struct ms_mime_stream *st, struct ms_bytes s)
{
    size_t used = line_size(st, s);
    flush_eol(st);
    write_raw(st, hold_eol(st, ms_head(s, used)));
    if (s.p[used - 1] == '\n' || (s.p[used - 1] == '\r' && by_cr(st)))
        st->skip_line = false;
    return used;
}

/* A header whose lines end with a CR alone, as old Macs write them, is known by its first one. */
static enum verdict try_cr_lines(struct ms_mime_stream *st, struct ms_bytes s, bool last)
{
    if (st->cr_lines || !st->root || !st->first_line || st->head.n || st->head_full)
        return NO_BOUNDARY;
    struct ms_bytes window = ms_head(s, NAME_ROOM);
    size_t          cr = ms_find(ms_head(window, ms_find(window, '\n')), '\r');
    bool found = ms_at(window, cr) == '\r';
    if ((cr == window.n || (found && cr + 1 == window.n)) && window.n < NAME_ROOM && !last)
        return UNDECIDED;
    st->cr_lines = found && cr + 1 < window.n && window.p[cr + 1] != '\n' && ms_mime_is_field(ms_head(window, cr));
    st->cr_message = st->cr_lines && st->level_n == 0;
    return NO_BOUNDARY;
}

/* One of its lines; what is kept of it ends with CRLF. */
static size_t cr_line(struct ms_mime_stream *st, struct ms_bytes s, bool last)
{
    size_t       boundary = 0;
    enum verdict v = try_boundary(st, s, last, &boundary);
    if (v != NO_BOUNDARY)
        return boundary;
    struct ms_bytes window = ms_head(s, line_need(st));
    size_t          end = ms_find(ms_head(window, ms_find(window, '\n')), '\r');
    bool            cut = end + 1 >= window.n; /* what follows the CR is not known yet */
    if (cut && window.n < line_need(st) && !last)
        return 0;
    struct ms_bytes text = ms_head(window, end);
    size_t          used = end < window.n ? end + 1 : end;
    used += ms_at(window, end) == '\r' && ms_at(window, end + 1) == '\n';
    flush_eol(st);
    if (text.n == 0) {
        write_raw(st, ms_head(window, used));
        end_head(st);
        return used;
    }
    if (!take_head_line(st, text)) {
        end_head(st);
        return 0;
    }
    if (st->head.n && !st->head_full)
        ms_buffer_append(&st->head, MS_LIT("\r\n"));
    st->head_odd |= MS_MIME_BARE_CR;
    write_raw(st, ms_head(window, used));
    return used;
}

static size_t head_line(struct ms_mime_stream *st, struct ms_bytes s, bool last)
{
    size_t used = 0, need = line_need(st);
    if (st->skip_line)
        return skip_line(st, s);
    if (try_cr_lines(st, s, last) == UNDECIDED)
        return 0;
    if (st->cr_lines)
        return cr_line(st, s, last);
    enum verdict v = try_boundary(st, s, last, &used);
    if (v != NO_BOUNDARY)
        return used;
    struct ms_bytes line = ms_head(s, need);
    size_t          lf = ms_find(line, '\n');
    if (lf == line.n && line.n < need && !last)
        return 0;
    line = ms_head(line, lf < line.n ? lf + 1 : lf);
    flush_eol(st);
    bool whole = line.p[line.n - 1] == '\n';
    if (whole && (line.n == 1 || (line.n == 2 && line.p[0] == '\r'))) {
        write_raw(st, line);
        end_head(st);
        return line.n;
    }
    if (!take_head_line(st, line)) {
        end_head(st);
        return 0;
    }
    st->skip_line = !whole;
    write_raw(st, hold_eol(st, line));
    return line.n;
}

/* ---- bodies --------------------------------------------------------------------------------------------- */

static bool watching(const struct ms_mime_stream *st)
{
    return st->leaf.out && st->leaf.bare && st->leaf.bare->watching;
}

static size_t text_run(struct ms_mime_stream *st, struct ms_bytes s)
{
    struct ms_line_odd odd = { false, false, false };
    size_t             end;
    bool               may_begin = st->leaf.out && st->leaf.watch_uu;
    if (watching(st) || st->guess_n || by_cr(st)) { /* line by line: what the next one begins with matters, whatever it is */
        end = line_size(st, s);
        ms_scan_lines(ms_head(s, end), '-', &odd);
    } else {
        end = ms_scan_lines(s, may_begin ? 'b' : '-', &odd);
    }
    write_content(st, hold_eol(st, ms_head(s, end)));
    if (odd.bare_lf | odd.bare_cr | odd.nul)
        ms_mime_odd(st, (odd.bare_lf ? MS_MIME_BARE_LF : 0u) | (odd.bare_cr ? MS_MIME_BARE_CR : 0u) |
                        (odd.nul ? MS_MIME_NUL : 0u));
    return end;
}

static size_t base64_run(struct ms_mime_stream *st, struct ms_bytes s, bool line_start)
{
    struct ms_base64 *d = &st->leaf.decoder.base64;
    d->bol = false; /* what begins this line was judged already */
    if (line_start)
        d->skip_line = d->cr = false;
    bool cr = by_cr(st);
    size_t used = ms_mime_leaf_base64(st, cr ? ms_head(s, line_size(st, s)) : s, st->need > 0 && !cr);
    write_raw(st, hold_eol(st, ms_head(s, used)));
    return used;
}

/* Is an attached message in base64, as it says, or in clear? */
static enum verdict try_clear(struct ms_mime_stream *st, struct ms_bytes s, bool last)
{
    struct ms_bytes line = ms_head(s, NAME_ROOM);
    size_t          lf = ms_find(line, '\n');
    if (lf == line.n && line.n < NAME_ROOM && !last)
        return UNDECIDED;
    st->leaf.unsure = false;
    if (!ms_mime_tree_clear(st, ms_head(line, lf)))
        return NO_BOUNDARY;
    st->moved = true;
    return BOUNDARY;
}

static size_t body_piece(struct ms_mime_stream *st, struct ms_bytes s, bool last)
{
    size_t used = 0;
    bool   line_start = st->bol;
    if (line_start) {
        enum verdict v = try_boundary(st, s, last, &used);
        if (v == NO_BOUNDARY && !st->leaf.out)
            v = try_guess(st, s, last);
        if (v == NO_BOUNDARY && unsure(st))
            v = try_clear(st, s, last);
        if (v != NO_BOUNDARY)
            return used;
        flush_eol(st);
        st->bol = false;
        if (s.p[0] == 'b' && st->leaf.out && st->leaf.watch_uu && !watching(st))
            ms_mime_leaf_watch(st);
    }
    if (st->leaf.out && st->leaf.encoding == MS_ENC_BASE64)
        return base64_run(st, s, line_start);
    return text_run(st, s);
}

/* A CR was the last byte of the piece before: is it half of a line end? */
static size_t settle_cr(struct ms_mime_stream *st, struct ms_bytes s)
{
    if (st->eol != MS_EOL_CR)
        return 0;
    if (s.p[0] == '\n') {
        st->eol = MS_EOL_CRLF;
        st->bol = true;
        st->skip_line = false;
        if (st->leaf.out && st->leaf.encoding == MS_ENC_BASE64)
            ms_mime_leaf_base64(st, ms_head(s, 1), false);
        return 1;
    }
    if (st->bol && by_cr(st))
        return 0;
    if (st->state == MS_STREAM_BODY)
        ms_mime_odd(st, MS_MIME_BARE_CR);
    flush_eol(st);
    return 0;
}

/* Judges what can be judged; returns how far. */
static size_t step(struct ms_mime_stream *st, struct ms_bytes s, bool last)
{
    size_t at = settle_cr(st, s);
    while (at < s.n) {
        struct ms_bytes rest = ms_tail(s, at);
        st->moved = false;
        size_t used = st->state == MS_STREAM_HEAD ? head_line(st, rest, last) : body_piece(st, rest, last);
        if (used == 0 && !st->moved)
            break;
        at += used;
    }
    return at;
}

/* Completes the carried line from *bytes; true when it can be judged. */
static bool fill_carry(struct ms_mime_stream *st, struct ms_bytes *bytes)
{
    size_t          need = line_need(st), room = need > st->carry.n ? need - st->carry.n : 1;
    struct ms_bytes window = ms_head(*bytes, room);
    size_t          lf = ms_find(window, '\n'), n = lf < window.n ? lf + 1 : lf;
    ms_buffer_append(&st->carry, ms_head(window, n));
    *bytes = ms_tail(*bytes, n);
    bool no_dashes = st->carry.n >= 2 && st->state == MS_STREAM_BODY && st->carry.p[1] != '-';
    return lf < window.n || st->carry.n >= need || (no_dashes && !unsure(st));
}

void ms_mime_stream_push(struct ms_mime_stream *st, struct ms_bytes bytes)
{
    while (bytes.n) {
        if (st->carry.n == 0) {
            ms_buffer_append(&st->carry, ms_tail(bytes, step(st, bytes, false)));
            break;
        }
        if (fill_carry(st, &bytes))
            ms_buffer_consume(&st->carry, step(st, ms_buffer_bytes(&st->carry), false));
    }
    ms_mime_leaf_flush(st);
}

static void step_last(struct ms_mime_stream *st)
{
    if (st->carry.n)
        step(st, ms_buffer_bytes(&st->carry), true);
    st->carry.n = 0;
}

static void resync_leaf(struct ms_mime_stream *st)
{
    struct ms_mime_leaf *leaf = &st->leaf;
    if (leaf->encoding == MS_ENC_BASE64) {
        struct ms_base64 *d = &leaf->decoder.base64;
        d->count = d->pads = 0;
        d->bits = 0;
        d->padded = d->cr = false;
        d->skip_line = true;
    } else if (leaf->encoding == MS_ENC_QUOTED) {
        leaf->decoder.quoted.state = 0;
    } else if (leaf->encoding == MS_ENC_UUENCODE) {
        leaf->decoder.uu.skip_line = true;
    }
    if (leaf->bare)
        leaf->bare->uu.skip_line = true;
    if (leaf->inner)
        ms_mime_stream_gap(leaf->inner);
}

/* The rest of the carried line is missing: a field is kept as far as it goes, the start of a name says nothing. */
static void settle_carry(struct ms_mime_stream *st)
{
    if (st->carry.n)
        ms_buffer_consume(&st->carry, step(st, ms_buffer_bytes(&st->carry), false));
    struct ms_bytes line = ms_buffer_bytes(&st->carry);
    if (st->state == MS_STREAM_HEAD && line.n && !ms_is_blank(line.p[0]) && !ms_mime_is_field(line)) {
        flush_eol(st);
        write_raw(st, line);
        st->carry.n = 0;
    }
    step_last(st);
}

void ms_mime_stream_gap(struct ms_mime_stream *st)
{
    settle_carry(st);
    flush_eol(st);
    ms_mime_leaf_flush(st);
    ms_mime_tree_incomplete(st);
    if (st->state == MS_STREAM_HEAD) {
        st->skip_line = true;
        st->head_odd |= MS_MIME_GAP;
    }
    st->bol = st->leaf.unsure = false;
    st->guess_n = 0;
    if (st->leaf.out)
        resync_leaf(st);
}

void ms_mime_stream_finish(struct ms_mime_stream *st)
{
    step_last(st);
    if (st->eol == MS_EOL_CR)
        ms_mime_odd(st, MS_MIME_BARE_CR);
    while (st->state == MS_STREAM_HEAD) {
        flush_eol(st);
        end_head(st);
    }
    if (st->need == 0) /* else it belongs to the boundary that should have come */
        flush_eol(st);
    ms_mime_tree_end_inside(st, 0);
}
