#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SMALLEST_WINDOW = 64 * 1024,
    RAW_BYTES = SMALLEST_WINDOW, /* compressed bytes read at a time; the first of them arrive in the window */
    PAGE = 4096,
};

static void allot(struct ms_input *in, size_t size)
{
    uint8_t *memory = ms_alloc(size + PAGE);
    uint8_t *p = memory + (PAGE - (uintptr_t)memory % PAGE) % PAGE;
    if (in->n)
        memcpy(p, in->p, in->n);
    ms_free(in->memory);
    in->memory = memory;
    in->p = p;
    in->size = size;
}

static size_t read_some(struct ms_input *in, uint8_t *to, size_t n)
{
    ssize_t got;
    do
        got = read(in->fd, to, n);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        in->error = errno;
        in->fault = MS_FAULT_READ;
        return 0;
    }
    in->file_read += (uint64_t)got;
    return (size_t)got;
}

static bool more_raw(struct ms_input *in)
{
    size_t got = read_some(in, in->raw_memory, RAW_BYTES);
    in->raw = (struct ms_bytes){ in->raw_memory, got };
    if (got == 0 && in->fault == MS_FAULT_NONE && !ms_decompressor_resting(in->decoder))
        in->fault = MS_FAULT_CUT;
    return got > 0;
}

/* Fills the window as far as the compressed bytes at hand go, so that a live pipe is followed without delay. */
static void fill_decoded(struct ms_input *in)
{
    size_t old = in->n;
    while (in->n < in->size && !in->end) {
        size_t made = 0, had = in->raw.n;
        if (!ms_decompressor_run(in->decoder, &in->raw, in->p + in->n, in->size - in->n, &made))
            in->fault = MS_FAULT_DAMAGED;
        in->n += made;
        bool stuck = made == 0 && had == in->raw.n;
        if (stuck && had)
            in->fault = MS_FAULT_DAMAGED;
        if (in->fault == MS_FAULT_NONE && in->raw.n == 0 && in->n > old)
            return;
        in->end = in->fault != MS_FAULT_NONE || (in->raw.n == 0 && stuck && !more_raw(in));
    }
}

static void fill(struct ms_input *in)
{
    if (in->decoder) {
        fill_decoded(in);
        return;
    }
    size_t got = read_some(in, in->p + in->n, in->size - in->n);
    in->n += got;
    in->end = got == 0;
}

/* What is left goes to the front. */
static void make_room(struct ms_input *in, size_t need)
{
    size_t left = ms_input_left(in);
    if (in->at && left)
        memmove(in->p, in->p + in->at, left);
    in->before += in->at;
    in->at = 0;
    in->n = left;
    if (need > in->size)
        allot(in, need > in->size * 2 ? (need + PAGE - 1) / PAGE * PAGE : in->size * 2);
}

bool ms_input_need(struct ms_input *in, size_t n)
{
    if (ms_input_left(in) >= n)
        return true;
    make_room(in, n);
    while (ms_input_left(in) < n && !in->end)
        fill(in);
    return ms_input_left(in) >= n;
}

bool ms_input_drop(struct ms_input *in)
{
    for (;;) {
        size_t here = in->skip < ms_input_left(in) ? (size_t)in->skip : ms_input_left(in);
        in->at += here;
        in->skip -= here;
        if (in->skip == 0)
            return true;
        if (!ms_input_need(in, 1))
            return false;
    }
}

/* The magic is read into the window; when it is one of a compressor, the bytes become raw ones. */
static bool find_codec(struct ms_input *in)
{
    while (in->n < MS_CODEC_MAGIC && !in->end) {
        size_t got = read_some(in, in->p + in->n, RAW_BYTES - in->n);
        in->n += got;
        in->end = got == 0;
    }
    in->codec = ms_codec_of((struct ms_bytes){ in->p, in->n });
    if (in->codec == MS_CODEC_PLAIN)
        return in->fault == MS_FAULT_NONE;
    in->decoder = ms_decompressor_create(in->codec);
    if (!in->decoder) {
        in->fault = MS_FAULT_DAMAGED;
        return false;
    }
    in->raw_memory = ms_alloc(RAW_BYTES);
    memcpy(in->raw_memory, in->p, in->n);
    in->raw = (struct ms_bytes){ in->raw_memory, in->n };
    in->n = 0;
    return true;
}

static bool look_at(struct ms_input *in)
{
    struct stat st;
    if (fstat(in->fd, &st) != 0)
        return true;
    if (S_ISDIR(st.st_mode)) {
        in->fault = MS_FAULT_DIRECTORY;
        return false;
    }
    in->regular = S_ISREG(st.st_mode);
    if (in->regular) {
        in->file_size = (uint64_t)st.st_size;
        posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return true;
}

bool ms_input_open(struct ms_input *in, const char *path, size_t size)
{
    *in = (struct ms_input){ .fd = STDIN_FILENO };
    if (strcmp(path, "-") != 0)
        in->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0) {
        in->error = errno;
        in->fault = MS_FAULT_OPEN;
        return false;
    }
    if (!look_at(in))
        return false;
    allot(in, size < SMALLEST_WINDOW ? SMALLEST_WINDOW : size);
    return find_codec(in);
}

void ms_input_close(struct ms_input *in)
{
    if (in->fd > STDIN_FILENO)
        close(in->fd);
    ms_decompressor_destroy(in->decoder);
    ms_free(in->raw_memory);
    ms_free(in->memory);
    in->fd = -1;
    in->decoder = NULL;
    in->raw_memory = in->p = in->memory = NULL;
    in->at = in->n = in->size = 0;
    in->raw = (struct ms_bytes){ NULL, 0 };
}
