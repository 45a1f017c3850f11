#include "capture/reader.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>

__attribute__((format(printf, 3, 0)))
static void note_v(struct ms_reader *r, enum ms_reader_note kind, const char *fmt, va_list ap)
{
    char              text[256];
    struct ms_buffer *b = &r->notes[kind];
    b->n = 0;
    vsnprintf(text, sizeof text, fmt, ap);
    ms_text_plain(b, strcmp(r->path, "-") == 0 ? MS_LIT("standard input") : ms_str(r->path));
    ms_text_str(b, ": ");
    ms_text_str(b, text);
    ms_text_char(b, '\0');
}

void ms_reader_note(struct ms_reader *r, enum ms_reader_note kind, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    note_v(r, kind, fmt, ap);
    va_end(ap);
}

void ms_reader_stop(struct ms_reader *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    note_v(r, MS_NOTE_STOPPED, fmt, ap);
    va_end(ap);
    r->done = true;
}

static void stop_cut(struct ms_reader *r, enum ms_inside inside)
{
    static const char *const names[] = { "", "the file header", "a packet record", "a block" };
    bool packet = inside == MS_IN_PACKET;
    if (inside == MS_IN_HEADER)
        ms_reader_stop(r, "cut off in the middle of %s", names[inside]);
    else if (inside != MS_WHOLE)
        ms_reader_stop(r, "cut off in the middle of %s at byte %" PRIu64 " (%sframe %" PRIu64 ")", names[inside],
                       ms_input_offset(&r->in), packet ? "" : "after ", r->frames + packet);
}

void ms_reader_stop_early(struct ms_reader *r, enum ms_inside inside)
{
    const struct ms_input *in = &r->in;
    const char            *codec = ms_codec_name(in->codec);
    r->done = true;
    switch (in->fault) {
    case MS_FAULT_NONE:
        stop_cut(r, inside);
        break;
    case MS_FAULT_OPEN:
        ms_reader_stop(r, "%s", strerror(in->error));
        break;
    case MS_FAULT_DIRECTORY:
        ms_reader_stop(r, "a directory, not a capture file");
        break;
    case MS_FAULT_READ:
        ms_reader_stop(r, "cannot be read from byte %" PRIu64 " on (after frame %" PRIu64 "): %s", in->file_read, r->frames,
                       strerror(in->error));
        break;
    case MS_FAULT_CUT:
        ms_reader_stop(r, "cut off in the middle of the %s data at byte %" PRIu64 " (after frame %" PRIu64 ")", codec,
                       in->file_read, r->frames);
        break;
    case MS_FAULT_DAMAGED:
        ms_reader_stop(r, "damaged %s data (after frame %" PRIu64 ")", codec, r->frames);
        break;
    }
}

static void stop_foreign(struct ms_reader *r)
{
    enum { LOOK = 512 };
    ms_input_need(&r->in, LOOK);
    struct ms_bytes start = ms_head((struct ms_bytes){ r->in.p + r->in.at, ms_input_left(&r->in) }, LOOK); /* no more: how much is there is chance */
    const char     *foreign = ms_foreign_format(start, r->path);
    if (start.n < LOOK && r->in.fault != MS_FAULT_NONE)
        ms_reader_stop_early(r, MS_WHOLE);
    else if (start.n == 0)
        ms_reader_stop(r, "the file is empty");
    else
        ms_reader_stop(r, "not a capture file (pcap or pcapng)%s%s", foreign ? ", but " : "", foreign ? foreign : "");
}

bool ms_reader_open(struct ms_reader *r, size_t window)
{
    r->digits = 6;
    if (!ms_input_open(&r->in, r->path, window))
        ms_reader_stop_early(r, MS_WHOLE);
    else if (!ms_input_need(&r->in, 4) || (!ms_pcap_start(r) && !ms_pcapng_start(r)))
        stop_foreign(r);
    return !r->done;
}

void ms_reader_close(struct ms_reader *r)
{
    ms_input_close(&r->in);
    ms_free(r->pcapng.interfaces);
    r->pcapng.interfaces = NULL;
    r->pcapng.count = r->pcapng.size = 0;
    r->done = true;
}

void ms_reader_finish(struct ms_reader *r)
{
    ms_reader_close(r);
    ms_map_finish(&r->pcapng.names);
    for (size_t i = 0; i < MS_NOTE_COUNT; i++)
        ms_buffer_finish(&r->notes[i]);
}

size_t ms_reader_batch(struct ms_reader *r, struct ms_packet out[MS_BATCH])
{
    size_t n = 0;
    if (!r->done && r->format == MS_FORMAT_PCAP)
        n = ms_pcap_batch(r, out);
    else if (!r->done)
        n = ms_pcapng_batch(r, out);
    if (n)
        r->last_time = out[n - 1].time;
    return n;
}
