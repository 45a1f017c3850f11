/* tests/fuzz/mask_fuzz.c - what the mask makes of a dialogue, a DNS message, a record of a TLS handshake, a text.
 *
 * Input    one byte that says which, one of how the dialogue is cut, then the bytes; a dialogue as a script like that of smtp_fuzz.c.
 * Property no sanitizer report; ends of lines stay where they are; the result does not depend on how the bytes were cut; and what is masked is
 *          read as what it was: a second mask goes through the same states. */
#include "sink/mask_lines.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SMTP, POP3, IMAP, LMTP, DNS, HANDSHAKE, NAMES, TEXT, KINDS };
enum { SIDES = 2 };

static void require(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* One for all: it does not change while it replaces. */
static struct ms_mask *the_mask(void)
{
    static const uint8_t   key[MS_MASK_KEY_BYTES] = "fuzz";
    static struct ms_mask *m;
    struct ms_limits       limits = ms_limits_default();
    if (!m) {
        m = ms_mask_create(&limits, key);
        ms_mask_hide(m, MS_LIT("list.gray@acme-gmbh.de"));
    }
    return m;
}

/* ---- dialogues ------------------------------------------------------------------------------------------------- */

struct drive {
    struct ms_mask_dialogue dialogue;
    struct ms_buffer        wait[SIDES], out[SIDES];
    struct ms_buffer        states; /* after each line */
};

static void note_state(struct drive *d, enum ms_dir dir, size_t n)
{
    const struct ms_mask_dialogue *g = &d->dialogue;
    const struct ms_mask_side     *s = &g->side[dir];
    ms_text_format(&d->states, "%d %zu: %d%d%d%d %u%u %d%d%d%d %d%d%d%d%d%d %d%d%d %zu %llu\n", (int)dir, n, s->in_content, s->counted, s->is_argument, s->login,
                   s->until_password, s->arguments, s->list, s->continued, s->secret, s->append, s->lost, s->replied, s->data_asked, s->ahead, s->chunks, s->behind_dot,
                   g->greeted, g->compress, g->deflated, g->asked, (unsigned long long)s->left);
}

static void work(struct drive *d, enum ms_dir dir, bool all)
{
    struct ms_buffer *w = &d->wait[dir];
    size_t            at = 0, n;
    while (at < w->n && (n = ms_mask_line_length(&d->dialogue, dir, ms_tail(ms_buffer_bytes(w), at), all)) > 0) {
        require(n <= w->n - at, "a line is longer than what there is");
        uint8_t *copy = malloc(n); /* of its size, so that nothing is read behind it unseen */
        memcpy(copy, w->p + at, n);
        ms_mask_dialogue_line(the_mask(), &d->dialogue, dir, (struct ms_mask_line){ copy, n });
        for (size_t i = 0; i < n; i++)
            require((copy[i] == '\n') == (w->p[at + i] == '\n'), "a line end came or went");
        ms_buffer_append(&d->out[dir], (struct ms_bytes){ copy, n });
        free(copy);
        note_state(d, dir, n);
        at += n;
    }
    ms_buffer_consume(w, at);
}

static void feed(struct drive *d, enum ms_dir dir, struct ms_bytes b, size_t cut)
{
    for (size_t n; b.n; b = ms_tail(b, n)) {
        n = cut && cut < b.n ? cut : b.n;
        ms_buffer_append(&d->wait[dir], ms_head(b, n));
        work(d, dir, false);
    }
}

/* `from`: what the two sides say, in place of the script's own words; NULL those. */
static void play(struct drive *d, struct ms_bytes script, struct ms_buffer *from, size_t cut)
{
    enum ms_dir dir = MS_C2S;
    size_t      at[SIDES] = { 0, 0 };
    while (script.n) {
        struct ms_bytes line = ms_head(script, ms_find(script, '\n'));
        script = ms_tail(script, line.n + 1);
        bool same = false, gap = false, end = true;
        for (; line.n && (line.p[0] == '<' || line.p[0] == '!' || line.p[0] == '~'); line = ms_tail(line, 1)) {
            same |= line.p[0] == '<';
            gap |= line.p[0] == '!';
            end &= line.p[0] != '~';
        }
        dir = same ? dir : ms_other(dir);
        if (gap) {
            work(d, dir, true);
            ms_mask_dialogue_gap(&d->dialogue, dir, 5);
        }
        struct ms_buffer said = { 0 };
        ms_buffer_append(&said, line);
        ms_text_str(&said, end ? "\r\n" : "");
        struct ms_bytes bytes = from ? ms_slice(ms_buffer_bytes(&from[dir]), at[dir], said.n) : ms_buffer_bytes(&said);
        at[dir] += said.n;
        feed(d, dir, bytes, cut);
        ms_buffer_finish(&said);
    }
    work(d, MS_C2S, true);
    work(d, MS_S2C, true);
}

static struct drive open_drive(uint8_t kind)
{
    static const uint8_t protocols[] = { [SMTP] = MS_PROTO_SMTP, [POP3] = MS_PROTO_POP3, [IMAP] = MS_PROTO_IMAP, [LMTP] = MS_PROTO_LMTP };
    return (struct drive){ .dialogue.protocol = protocols[kind] };
}

static void close_drive(struct drive *d)
{
    for (int i = 0; i < SIDES; i++) {
        ms_buffer_finish(&d->wait[i]);
        ms_buffer_finish(&d->out[i]);
    }
    ms_buffer_finish(&d->states);
}

static void check_dialogue(uint8_t kind, struct ms_bytes script, size_t cut)
{
    struct drive whole = open_drive(kind), pieces = open_drive(kind), again = open_drive(kind);
    play(&whole, script, NULL, 0);
    play(&pieces, script, NULL, cut);
    for (int i = 0; i < SIDES; i++)
        require(ms_equal(ms_buffer_bytes(&whole.out[i]), ms_buffer_bytes(&pieces.out[i])), "it depends on how the bytes were cut");
    play(&again, script, whole.out, 0);
    if (!ms_equal(ms_buffer_bytes(&whole.states), ms_buffer_bytes(&again.states)))
        fprintf(stderr, "%.*s\n%.*s\n%.*s%.*s", (int)whole.out[0].n, (char *)whole.out[0].p, (int)whole.out[1].n, (char *)whole.out[1].p, (int)whole.states.n,
                (char *)whole.states.p, (int)again.states.n, (char *)again.states.p);
    require(ms_equal(ms_buffer_bytes(&whole.states), ms_buffer_bytes(&again.states)), "what is masked is read as something else");
    close_drive(&whole);
    close_drive(&pieces);
    close_drive(&again);
}

/* ---- single pieces --------------------------------------------------------------------------------------------- */

static void check_piece(uint8_t kind, uint8_t how, struct ms_bytes b)
{
    const struct ms_mask *m = the_mask();
    uint8_t              *copy = malloc(b.n);
    memcpy(copy, b.p, b.n);
    if (kind == DNS)
        ms_mask_dns(m, copy, b.n);
    else if (kind == HANDSHAKE)
        ms_mask_tls_record(m, copy, b.n);
    else if (kind == NAMES)
        ms_mask_tls_names(m, copy, b.n);
    else
        ms_mask_text(m, copy, b.n, (unsigned)how << 8 | how);
    for (size_t i = 0; kind == TEXT && i < b.n; i++)
        require((copy[i] == '\n') == (b.p[i] == '\n'), "a line end came or went");
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 2, MOST = 4096 };
    if (size <= HEAD || size > MOST)
        return 0;
    struct ms_bytes b = { data + HEAD, size - HEAD };
    uint8_t         kind = data[0] % KINDS;
    if (kind <= LMTP)
        check_dialogue(kind, b, 1 + data[1] % 16);
    else
        check_piece(kind, data[1], b);
    return 0;
}
