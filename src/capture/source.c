/* One file: its batches are handed through. Several: a heap of the files that are open, ordered by the time of their next
 * packet. A file is opened for good only when the timeline reaches its first packet, and closed at its end, so a
 * thousand rotated files cost the memory and the descriptors of those that overlap. To know the first packets, each
 * file is opened once at the start; what cannot be opened twice (pipes) stays open.
 *
 * BUGS  A batch of a merged timeline ends where one of the files needs new bytes: it is often shorter than MS_BATCH.
 *       Files that all overlap each cost a window.                                                              */
#include "capture/source.h"

#include "base/secret.h"
#include "capture/reader.h"

#include <stdlib.h>

enum {
    WINDOW = 256 * 1024, /* leaves most of the second-level cache to what is done with the packets: 1 MiB was 5 % slower */
    PEEK_WINDOW = 64 * 1024,
};

struct file {
    struct ms_reader reader;
    struct ms_source *source;
    struct ms_buffer held;       /* secrets before packets[0], with several files */
    bool             pcapng;
    bool             parked;     /* closed again after the look at its first packet */
    int64_t          first_time;
    size_t           rank;       /* breaks ties of time: by first packet, then path */
    size_t           at, n;
    uint64_t         number;     /* of the last packet taken, within the file: not every number is a packet */
    struct ms_packet *packets;   /* NULL while not open; packets[at] is next */
};

struct ms_source {
    size_t       count;
    struct file *files;          /* by path */
    struct file *single;         /* the only one: no heap */
    struct file **waiting;       /* those with packets, by rank; [begun] is the next to be opened */
    size_t       waiting_count, begun;
    struct file **heap;
    size_t       active;
    uint64_t     number;
    unsigned     digits;
    void       (*secrets)(void *ctx, struct ms_bytes text);
    void        *secrets_ctx;
};

static bool is_stdin(const struct file *f) { return strcmp(f->reader.path, "-") == 0; }

static void note_digits(struct ms_source *s, const struct file *f)
{
    if (f->reader.digits > s->digits)
        s->digits = f->reader.digits;
}

/* ---- heap ------------------------------------------------------------------------------------------------ */

static bool before(const struct file *a, const struct file *b)
{
    int64_t ta = a->packets[a->at].time, tb = b->packets[b->at].time;
    return ta != tb ? ta < tb : a->rank < b->rank;
}

static void swap(struct file **a, struct file **b)
{
    struct file *t = *a;
    *a = *b;
    *b = t;
}

static void sift_down(struct ms_source *s)
{
    for (size_t i = 0;;) {
        size_t least = i, l = 2 * i + 1;
        if (l < s->active && before(s->heap[l], s->heap[least]))
            least = l;
        if (l + 1 < s->active && before(s->heap[l + 1], s->heap[least]))
            least = l + 1;
        if (least == i)
            return;
        swap(&s->heap[i], &s->heap[least]);
        i = least;
    }
}

static void push(struct ms_source *s, struct file *f)
{
    size_t i = s->active++;
    s->heap[i] = f;
    for (; i > 0 && before(s->heap[i], s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&s->heap[i], &s->heap[(i - 1) / 2]);
}

/* ---- secrets --------------------------------------------------------------------------------------------- */

static void drop_held(struct file *f)
{
    ms_secret_wipe(f->held.p, f->held.n);
    ms_buffer_finish(&f->held);
}

static void hand_held(struct file *f)
{
    if (f->held.n && f->source->secrets)
        f->source->secrets(f->source->secrets_ctx, ms_buffer_bytes(&f->held));
    drop_held(f);
}

/* With several files: kept until the timeline is there, or as much as a packet may have. */
static void keep_secrets(void *ctx, struct ms_bytes text)
{
    struct file *f = ctx;
    if (f->held.n + text.n > f->reader.packet_bytes)
        hand_held(f);
    ms_buffer_append(&f->held, text);
    ms_buffer_append(&f->held, MS_LIT("\n"));
}

void ms_source_on_secrets(struct ms_source *s, void (*fn)(void *ctx, struct ms_bytes text), void *ctx)
{
    s->secrets = fn;
    s->secrets_ctx = ctx;
    for (size_t i = 0; i < s->count; i++) {
        struct file *f = &s->files[i];
        if (s->single)
            f->reader.secrets.fn = fn, f->reader.secrets.ctx = ctx;
        else if (!f->parked && !f->packets)
            hand_held(f);
    }
}

void ms_source_secrets_behind(struct ms_source *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->files[i].pcapng && s->files[i].reader.in.regular && !is_stdin(&s->files[i]))
            ms_pcapng_secrets_behind(s->files[i].reader.path, s->files[i].reader.packet_bytes, s->secrets, s->secrets_ctx);
}

bool ms_source_may_have_secrets(const struct ms_source *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->files[i].pcapng)
            return true;
    return false;
}

/* ---- files ----------------------------------------------------------------------------------------------- */

static bool next_batch(struct ms_source *s, struct file *f)
{
    f->at = 0;
    f->n = ms_reader_batch(&f->reader, f->packets);
    note_digits(s, f);
    return f->n > 0;
}

static void shut(struct file *f)
{
    ms_reader_close(&f->reader);
    ms_free(f->packets);
    f->packets = NULL;
}

static bool begin(struct ms_source *s, struct file *f, size_t window)
{
    f->reader.secrets.fn = keep_secrets;
    f->reader.secrets.ctx = f;
    if (!ms_reader_open(&f->reader, window))
        return false;
    f->pcapng = f->reader.format == MS_FORMAT_PCAPNG;
    f->packets = ms_alloc(MS_BATCH * sizeof *f->packets);
    return next_batch(s, f);
}

/* Back to the state before the look; sentences will come again. */
static void park(struct file *f)
{
    struct ms_reader *r = &f->reader;
    shut(f);
    drop_held(f);
    ms_reader_finish(r);
    *r = (struct ms_reader){ .path = r->path, .packet_bytes = r->packet_bytes, .in.file_size = r->in.file_size,
                             .in.regular = true };
    f->parked = true;
}

static void peek(struct ms_source *s, struct file *f)
{
    if (!begin(s, f, PEEK_WINDOW)) {
        shut(f);
        return;
    }
    f->first_time = f->packets[0].time;
    s->waiting[s->waiting_count++] = f;
    if (f->reader.in.regular && !is_stdin(f))
        park(f);
}

/* Opens the files whose first packet is due. */
static void wake(struct ms_source *s)
{
    while (s->begun < s->waiting_count) {
        struct file *f = s->waiting[s->begun];
        if (s->active > 0 && f->first_time > s->heap[0]->packets[s->heap[0]->at].time)
            return;
        s->begun++;
        if (!f->parked || begin(s, f, WINDOW))
            push(s, f);
        else
            shut(f);
    }
}

/* ---- opening and closing --------------------------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->reader.path, ((const struct file *)b)->reader.path);
}

static int by_rank(const void *a, const void *b)
{
    const struct file *x = *(struct file *const *)a, *y = *(struct file *const *)b;
    if (x->first_time != y->first_time)
        return x->first_time < y->first_time ? -1 : 1;
    return (x > y) - (x < y); /* files lie by path */
}

static void open_all(struct ms_source *s)
{
    s->waiting = ms_alloc(s->count * sizeof(struct file *));
    s->heap = ms_alloc(s->count * sizeof(struct file *));
    for (size_t i = 0; i < s->count; i++) {
        if (i > 0 && is_stdin(&s->files[i]) && is_stdin(&s->files[i - 1]))
            ms_reader_stop(&s->files[i].reader, "can be read only once");
        else
            peek(s, &s->files[i]);
    }
    qsort(s->waiting, s->waiting_count, sizeof *s->waiting, by_rank);
    for (size_t i = 0; i < s->waiting_count; i++)
        s->waiting[i]->rank = i;
}

struct ms_source *ms_source_open(const char *const *paths, size_t count, const struct ms_limits *limits)
{
    struct ms_source *s = ms_alloc(sizeof *s);
    s->count = count;
    s->digits = 6;
    s->files = ms_alloc(count * sizeof *s->files);
    for (size_t i = 0; i < count; i++)
        s->files[i] = (struct file){ .source = s, .reader = { .path = paths[i], .packet_bytes = limits->packet_bytes, .in.fd = -1 } };
    qsort(s->files, count, sizeof *s->files, by_path);
    if (count == 1) {
        s->single = s->files;
        ms_reader_open(&s->single->reader, WINDOW);
        s->single->pcapng = s->single->reader.format == MS_FORMAT_PCAPNG;
        note_digits(s, s->single);
    } else {
        open_all(s);
    }
    return s;
}

void ms_source_close(struct ms_source *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        ms_free(s->files[i].packets);
        drop_held(&s->files[i]);
        ms_reader_finish(&s->files[i].reader);
    }
    ms_free(s->files);
    ms_free(s->waiting);
    ms_free(s->heap);
    ms_free(s);
}

/* ---- packets --------------------------------------------------------------------------------------------- */

static size_t next_single(struct ms_source *s, struct ms_packet out[MS_BATCH])
{
    size_t n = ms_reader_batch(&s->single->reader, out);
    note_digits(s, s->single);
    return n;
}

/* The first of the heap has used up its batch: the next one, or out with it. */
static void refill_first(struct ms_source *s)
{
    struct file *f = s->heap[0];
    if (!next_batch(s, f)) {
        hand_held(f);
        shut(f);
        s->heap[0] = s->heap[--s->active];
    }
    sift_down(s);
}

static void take_first(struct ms_source *s, struct file *f, struct ms_packet *out)
{
    *out = f->packets[f->at++];
    s->number += out->number - f->number;
    f->number = out->number;
    out->number = s->number;
    if (f->at < f->n)
        sift_down(s);
}

size_t ms_source_next(struct ms_source *s, struct ms_packet out[MS_BATCH])
{
    if (s->single)
        return next_single(s, out);
    size_t n = 0;
    while (n < MS_BATCH) {
        struct file *f = s->active ? s->heap[0] : NULL;
        if (f && f->at == f->n) {
            if (n > 0)
                break; /* its packets in `out` are still to be used */
            refill_first(s);
            continue;
        }
        wake(s);
        if (s->active == 0)
            break;
        f = s->heap[0];
        if (f->held.n && f->at == 0) {
            if (n > 0)
                break;
            hand_held(f);
        }
        take_first(s, f, &out[n++]);
    }
    return n;
}

/* ---- what it says about itself --------------------------------------------------------------------------- */

unsigned ms_source_time_digits(const struct ms_source *s) { return s->digits; }

uint64_t ms_source_bytes(const struct ms_source *s)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < s->count; i++)
        sum += s->files[i].reader.in.file_read;
    return sum;
}

uint64_t ms_source_bytes_total(const struct ms_source *s)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct ms_input *in = &s->files[i].reader.in;
        if (!in->regular && in->fault != MS_FAULT_OPEN && in->fault != MS_FAULT_DIRECTORY)
            return 0;
        sum += in->file_size;
    }
    return sum;
}

const char *ms_source_error(const struct ms_source *s, size_t i)
{
    for (size_t f = 0; f < s->count; f++)
        for (size_t kind = 0; kind < MS_NOTE_COUNT; kind++) {
            const struct ms_buffer *b = &s->files[f].reader.notes[kind];
            if (b->n && i-- == 0)
                return (const char *)b->p;
        }
    return NULL;
}
