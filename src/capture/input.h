/* capture/input.h - the bytes of one capture file as a window that moves forward: read, and decompressed when need be.
 *
 * Owns     the descriptor, one window (aligned; it grows only for a record that is larger) and the decoder.
 * Reads    with read(), never seeks or maps (mapping costs 3 to 5 times as much: page faults). A record that straddles
 *          the end of the window is moved to its front.
 * Borrows  bytes of the window stay put until the next ms_input_need() or ms_input_drop().
 * Threads  one input, one thread.                                                                               */
#pragma once
#include "capture/decompress.h"

enum ms_fault { MS_FAULT_NONE, MS_FAULT_OPEN, MS_FAULT_DIRECTORY, MS_FAULT_READ, MS_FAULT_CUT, MS_FAULT_DAMAGED };

struct ms_input {
    uint8_t       *p;         /* the window: p[at] to p[n] is still to be used */
    size_t         at, n, size;
    uint64_t       before;    /* stream bytes before p[0] */
    uint64_t       skip;      /* bytes after the window that nobody wants: ms_input_drop() */
    void          *memory;    /* `p` aligned */
    int            fd, error; /* errno of MS_FAULT_OPEN and MS_FAULT_READ */
    enum ms_fault  fault;
    bool           end;       /* nothing comes after p[n] */
    bool           regular;
    uint64_t       file_size; /* 0 unless regular */
    uint64_t       file_read; /* bytes read, before decompression */
    enum ms_codec  codec;
    struct ms_decompressor *decoder;
    struct ms_bytes raw;      /* compressed bytes not used yet, in raw_memory */
    uint8_t       *raw_memory;
};

/* False: in->fault says why. `path` "-" is standard input. A window of `size` bytes, at least 64 KiB. */
bool ms_input_open(struct ms_input *in, const char *path, size_t size);
void ms_input_close(struct ms_input *in);

/* At least n bytes from p[at] on. False: the input ends before (in->fault says whether in peace); what there is stays. */
bool ms_input_need(struct ms_input *in, size_t n);
/* Carries out `skip`. False: the input ended before. */
bool ms_input_drop(struct ms_input *in);

static inline size_t   ms_input_left(const struct ms_input *in) { return in->n - in->at; }
static inline uint64_t ms_input_offset(const struct ms_input *in) { return in->before + in->at; } /* after decompression */
/* Goes forward, also past the end of the window. */
static inline void ms_input_advance(struct ms_input *in, uint64_t n)
{
    size_t here = n < ms_input_left(in) ? (size_t)n : ms_input_left(in);
    in->at += here;
    in->skip += n - here;
}
