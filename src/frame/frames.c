/* frame/frames.c - the queue of frames of which not all is known yet. A ring in order of number. */
#include "frame/frames.h"

#include "frame/flows.h"
#include "frame/keep.h"
#include "frame/pdus.h"

#include <stdlib.h>

/* A piece of what a frame said; its text stands behind it. */
struct piece { struct piece *next; struct ms_keep_block *of; struct ms_element element; };

struct pending {
    struct ms_packet packet;
    struct ms_frame  frame;       /* what is known of it */
    struct ms_keep_block *copy;   /* of the packet's bytes, when it waits longer than its batch */
    struct ms_keep_block *joined; /* payload that came in fragments: in the decoder it dies with the next packet */
    struct piece    *first, *last;
    size_t           pieces;
    uint64_t         marks;       /* what it shows so far */
    struct ms_buffer pdus, pdu_text; /* struct ms_pdu; the slot keeps both for its next frame */
    struct ms_buffer fragments;   /* struct ms_pieces_seen, or empty; likewise */
    uint64_t         hash;        /* ms_segment_hash(), with streams */
    bool             asked, passed_over; /* matches() was asked; it will not be handed over */
    bool             kept;        /* it may say more, later than its batch */
};

struct ms_frames {
    struct ms_frames_options o;
    struct ms_streams *streams;
    struct ms_flows *flows;
    struct ms_pdus *pdus;
    struct pending   **ring; /* `size` slots, a power of two; NULL: not used yet */
    size_t             size, head, count, copied; /* copied: of the frames that wait, how many have a copy, from the head on */
    uint64_t           held, cut_count, cut_bytes, cut_elements; /* how often the limits frames_held, frames_held_bytes, frame_elements were reached */
    int64_t            first_time, previous_time, shown_time;
    struct ms_keep     keep;
    struct ms_buffer   elements; /* of the frame that is handed over, one behind the other */
    struct ms_arena    scratch;
    bool               silent;   /* with asked_marks: what matches() says of a frame with none of them */
    struct ms_frame_layers layers; /* of the frame that is asked about or handed over */
};

enum { KEEP_SLOT_BYTES = 1024 }; /* larger buffers of a slot are given back */

static struct pending *at(const struct ms_frames *f, size_t i) { return f->ring[(f->head + i) & (f->size - 1)]; }

static void drop_pieces(struct ms_frames *f, struct pending *p)
{
    for (struct piece *piece = p->first, *next; piece; piece = next) {
        next = piece->next;
        f->held -= piece->element.line.n + sizeof *piece;
        ms_keep_give_back(&f->keep, piece->of);
    }
    ms_keep_give_back(&f->keep, p->copy);
    ms_keep_give_back(&f->keep, p->joined);
}

static void free_slot(struct pending *p)
{
    if (!p)
        return;
    ms_buffer_finish(&p->pdus);
    ms_buffer_finish(&p->pdu_text);
    ms_buffer_finish(&p->fragments);
    ms_free(p);
}

void ms_frames_destroy(struct ms_frames *f)
{
    for (size_t i = 0; i < f->count; i++)
        drop_pieces(f, at(f, i));
    for (size_t i = 0; i < f->size; i++)
        free_slot(f->ring[i]);
    ms_keep_finish(&f->keep);
    ms_buffer_finish(&f->elements);
    ms_free(f->ring);
    ms_streams_destroy(f->streams);
    ms_flows_destroy(f->flows);
    ms_pdus_destroy(f->pdus);
    ms_arena_finish(&f->scratch);
    ms_free(f);
}

static void grow(struct ms_frames *f)
{
    struct pending **ring = ms_alloc(2 * f->size * sizeof(struct pending *));
    for (size_t i = 0; i < f->size; i++)
        ring[i] = at(f, i);
    ms_free(f->ring);
    f->ring = ring;
    f->size *= 2;
    f->head = 0;
}

static void keep_joined(struct ms_frames *f, struct pending *p)
{
    struct ms_frame *frame = &p->frame;
    struct ms_bytes *payload = &frame->segment.payload, old = ms_decoder_joined(f->o.decoder)->bytes;
    frame->joined = *ms_decoder_joined(f->o.decoder);
    frame->joined.bytes.p = memcpy(ms_keep_take(&f->keep, old.n, &p->joined), old.p, old.n);
    f->held += old.n;
    if (frame->decoded <= MS_DECODED_ICMP && payload->n)
        payload->p = frame->joined.bytes.p + (payload->p - old.p);
}

static void decode(struct ms_frames *f, struct pending *p)
{
    struct ms_frame *frame = &p->frame;
    frame->joined.bytes = (struct ms_bytes){ 0 };
    frame->decoded = MS_DECODED_OTHER;
    if (!f->o.decoder)
        return;
    const struct ms_packet *k = &p->packet;
    frame->decoded = ms_decode(f->o.decoder, k->link_type, k->data, k->length, k->time, &frame->segment);
    if (ms_decoder_joined(f->o.decoder)->bytes.p)
        keep_joined(f, p);
}

static struct ms_pdu *pdus_of(const struct pending *p, size_t *n)
{
    *n = p->pdus.n / sizeof(struct ms_pdu);
    return (struct ms_pdu *)(void *)p->pdus.p;
}

static void pair_dns(struct ms_frames *f, struct pending *p)
{
    size_t               n;
    const struct ms_pdu *pdu = pdus_of(p, &n);
    struct ms_frame     *frame = &p->frame;
    if (frame->decoded == MS_DECODED_UDP)
        ms_flows_dns(f->flows, &frame->segment, frame->segment.payload, &p->packet, &frame->dns);
    for (size_t i = 0; frame->decoded == MS_DECODED_TCP && i < n; i++)
        if (pdu[i].kind == MS_PDU_DNS)
            ms_flows_dns(f->flows, &frame->segment, pdu[i].body, &p->packet, &frame->dns);
}

/* Bodies come as offsets into the text. */
static void find_pdus(struct ms_frames *f, struct pending *p)
{
    size_t         n;
    ms_pdus_segment(f->pdus, &p->frame.segment, &p->frame.stream, &p->pdus, &p->pdu_text);
    if (p->pdus.n == 0)
        return;
    struct ms_pdu *pdu = pdus_of(p, &n);
    for (size_t i = 0; i < n; i++)
        pdu[i].body.p = p->pdu_text.n ? p->pdu_text.p + (uintptr_t)pdu[i].body.p : NULL;
    f->held += p->pdus.n + p->pdu_text.n;
}

/* What is known of a frame before anybody knows what it said. */
static struct ms_frame *known(struct ms_frames *f, struct pending *p)
{
    struct ms_frame *frame = &p->frame;
    frame->packet = &p->packet;
    frame->layers = &f->layers;
    frame->pieces = p->fragments.n ? (const struct ms_pieces_seen *)(const void *)p->fragments.p : NULL;
    frame->pdus = pdus_of(p, &frame->pdu_count);
    frame->shown_time = f->shown_time;
    frame->element_count = 0;
    frame->marks = 0;
    f->layers.known = false;
    return frame;
}

/* What comes of frames before this one: everything that depends on order. */
static void look_back(struct ms_frames *f, struct pending *p)
{
    struct ms_frame *frame = &p->frame;
    frame->has_stream = f->streams && frame->decoded == MS_DECODED_TCP;
    if (frame->has_stream) {
        ms_streams_segment(f->streams, &frame->segment, (struct ms_stream_place){ p->hash, p->packet.number, p->packet.time }, &frame->stream);
        p->marks |= frame->stream.analysis ? MS_MARK_ANALYSIS : 0;
    }
    if (frame->has_stream && f->pdus)
        find_pdus(f, p);
    if (!f->flows)
        return;
    frame->udp.count = 0;
    frame->ping = frame->dns = (struct ms_pair_seen){ 0 };
    pair_dns(f, p);
    if (f->o.decoder && frame->decoded == MS_DECODED_TCP && !frame->joined.bytes.p)
        return;
    struct ms_pieces_seen  pieces = { 0 };
    const struct ms_layers *layers = ms_frame_layers(known(f, p));
    ms_flows_packet(f->flows, &(struct ms_seen){ &p->packet, layers, frame->joined.bytes, &frame->udp, &frame->ping, &pieces });
    if (pieces.count) {
        ms_buffer_append(&p->fragments, (struct ms_bytes){ (const uint8_t *)&pieces, sizeof pieces });
        f->held += p->fragments.n;
    }
}

static void end_scratch(struct ms_frames *f)
{
    if (f->scratch.total)
        ms_arena_finish(&f->scratch);
}

static const struct ms_element *gather(struct ms_frames *f, const struct pending *p)
{
    if (p->pieces == 1)
        return &p->first->element;
    f->elements.n = 0;
    for (const struct piece *piece = p->first; piece; piece = piece->next)
        ms_buffer_append(&f->elements, (struct ms_bytes){ (const uint8_t *)&piece->element, sizeof piece->element });
    return (const struct ms_element *)(const void *)f->elements.p;
}

/* All that is known of it by now. */
static struct ms_frame *whole(struct ms_frames *f, struct pending *p)
{
    struct ms_frame *frame = known(f, p);
    frame->elements = gather(f, p);
    frame->element_count = p->pieces;
    frame->marks = p->marks;
    return frame;
}

static bool ask(struct ms_frames *f, struct pending *p)
{
    bool matches = f->o.matches(f->o.ctx, whole(f, p));
    end_scratch(f);
    return matches;
}

static void ask_silence(struct ms_frames *f)
{
    struct pending silent = { .frame.scratch = &f->scratch };
    f->silent = f->o.matches && f->o.asked_marks && ask(f, &silent);
}

/* A frame without any of those elements of mail of which matches() asks is not wanted. */
static bool wants_mail_alone(const struct ms_frames *f)
{
    return f->o.matches && f->o.asked_marks && !(f->o.asked_marks & MS_MARK_ANALYSIS) && !f->silent;
}

/* A frame that shows one of these is told by what it said: of TCP its line has the flags alone. */
static const uint64_t told = MS_ELEMENTS_ANY(MS_EL_LINES | 1 << MS_EL_HEADERS) | MS_ELEMENTS(MS_PROTO_SMTP, MS_EL_ALL) | MS_ELEMENTS(MS_PROTO_LMTP, MS_EL_ALL) |
                             MS_ELEMENTS(MS_PROTO_POP3, MS_EL_ALL & ~(1 << MS_EL_FRAGMENTS));

/* What MS_NEED_WORDS stands for. Where POP3 or IMAP brought a message, the line tells of its headers and of nothing else. */
static uint64_t words(const struct ms_frames *f)
{
    static const enum ms_protocol retrieving[] = { MS_PROTO_POP3, MS_PROTO_IMAP };
    if (!wants_mail_alone(f))
        return MS_NEED_STREAM | MS_NEED_FLOWS | MS_NEED_PDUS | MS_NEED_ELEMENTS;
    uint64_t said = ms_need_elements(MS_NEED_ELEMENTS), streams = f->o.asked_marks & ~told ? MS_NEED_STREAM : 0;
    for (size_t i = 0; i < sizeof retrieving / sizeof *retrieving; i++)
        if (!(f->o.asked_marks & MS_ELEMENTS(retrieving[i], MS_EL_ALL & ~(1 << MS_EL_HEADERS))))
            said &= ~MS_ELEMENTS(retrieving[i], MS_EL_ALL);
    return MS_NEED_SAID(said) | streams;
}

static struct ms_streams *streams_for(uint64_t needs, const struct ms_limits *limits)
{
    if (!(needs & (MS_NEED_STREAM | MS_NEED_ANALYSIS)))
        return NULL;
    bool flags_alone = !(needs & MS_NEED_STREAM);
    return ms_streams_create(limits, flags_alone ? MS_STREAMS_FLAGS : needs & MS_NEED_TIMES ? MS_STREAMS_TIMES : MS_STREAMS_VIEWS);
}

struct ms_frames *ms_frames_create(const struct ms_frames_options *o)
{
    struct ms_frames *f = ms_alloc(sizeof *f);
    f->o = *o;
    f->layers.tunnel_depth = o->limits.tunnel_depth;
    ask_silence(f);
    f->o.needs |= o->needs & MS_NEED_WORDS ? words(f) : 0;
    f->streams = streams_for(f->o.needs, &f->o.limits);
    f->flows = f->o.needs & MS_NEED_FLOWS ? ms_flows_create(&f->o.limits) : NULL;
    f->pdus = f->o.needs & MS_NEED_PDUS ? ms_pdus_create(&f->o.limits) : NULL;
    f->size = 2 * MS_BATCH;
    f->ring = ms_alloc(f->size * sizeof(struct pending *));
    f->first_time = f->previous_time = f->shown_time = MS_UNKNOWN;
    return f;
}

static bool is_wanted(struct ms_frames *f, struct pending *p)
{
    return f->o.asked_marks && !(p->marks & f->o.asked_marks) ? f->silent : ask(f, p);
}

static void decide(struct ms_frames *f, struct pending *p)
{
    if (p->asked || !f->o.matches)
        return;
    p->asked = true;
    p->passed_over = !is_wanted(f, p);
}

static void begin(struct ms_frames *f, struct pending *p, const struct ms_packet *packet)
{
    struct ms_frame *frame = &p->frame;
    if (f->first_time == MS_UNKNOWN)
        f->first_time = f->previous_time = packet->time;
    frame->first_time = f->first_time;
    frame->previous_time = f->previous_time;
    frame->session = frame->opened = 0;
    frame->scratch = &f->scratch;
    frame->show_secrets = f->o.show_secrets;
    f->previous_time = packet->time;
}

static void take(struct ms_frames *f, struct pending *p, const struct ms_packet *packet)
{
    p->packet = *packet;
    p->first = p->last = NULL;
    p->copy = p->joined = NULL;
    p->marks = 0;
    p->pieces = p->pdus.n = p->pdu_text.n = p->fragments.n = 0;
    p->asked = p->passed_over = p->kept = false;
    p->hash = 0;
    begin(f, p, packet);
    decode(f, p);
    if (!f->streams || p->frame.decoded > MS_DECODED_ICMP)
        return;
    p->hash = ms_segment_hash(&p->frame.segment);
    ms_streams_expect(f->streams, p->hash);
}

static struct pending *next_slot(struct ms_frames *f)
{
    struct pending **slot = &f->ring[(f->head + f->count++) & (f->size - 1)];
    if (!*slot)
        *slot = ms_alloc(sizeof **slot);
    return *slot;
}

/* In three rounds, so that the memory of streams is waited for once a batch. */
void ms_frames_take(struct ms_frames *f, const struct ms_packet *packets, size_t count)
{
    size_t from = f->count;
    while (f->count + count > f->size)
        grow(f);
    for (size_t i = 0; i < count; i++)
        take(f, next_slot(f), &packets[i]);
    for (size_t i = from; f->streams && i < f->count; i++)
        if (i == from || at(f, i)->hash != at(f, i - 1)->hash)
            ms_streams_prefetch(f->streams, at(f, i)->hash);
    for (size_t i = from; i < f->count; i++) {
        struct pending *p = at(f, i);
        look_back(f, p);
        if (!ms_need_elements(f->o.asked))
            decide(f, p);
    }
}

size_t ms_frames_decoded(struct ms_frames *f, struct ms_decoded_packet out[MS_BATCH])
{
    size_t n = 0;
    for (size_t i = f->copied; i < f->count; i++) {
        const struct pending *p = at(f, i);
        out[n++] = (struct ms_decoded_packet){ &p->packet, &p->frame.segment, p->frame.decoded, p->passed_over, p->passed_over && f->o.asked_ports, p->hash };
    }
    return n;
}

/* Numbers go up: in the batch mostly by one, among the frames that wait in front of it with holes. */
static struct pending *find(const struct ms_frames *f, uint64_t number)
{
    size_t low = 0, high = f->count;
    if (f->copied < high && at(f, f->copied)->packet.number <= number)
        low = f->copied;
    if (low == high || number < at(f, low)->packet.number)
        return NULL;
    uint64_t guess = low + (number - at(f, low)->packet.number);
    if (guess < high && at(f, (size_t)guess)->packet.number == number)
        return at(f, (size_t)guess);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (at(f, middle)->packet.number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < f->count && at(f, low)->packet.number == number ? at(f, low) : NULL;
}

void ms_frames_element(void *frames, const struct ms_session *s, const struct ms_element *el)
{
    struct ms_frames *f = frames;
    struct pending   *p = find(f, el->frame);
    if (!p || p->passed_over)
        return;
    if (p->pieces >= f->o.limits.frame_elements) {
        f->cut_elements++;
        return;
    }
    struct ms_keep_block *of;
    struct piece         *piece = ms_keep_take(&f->keep, sizeof *piece + el->line.n, &of);
    *piece = (struct piece){ .of = of, .element = *el };
    piece->element.line.p = (uint8_t *)(piece + 1);
    if (el->line.n)
        memcpy(piece + 1, el->line.p, el->line.n);
    *(p->last ? &p->last->next : &p->first) = piece;
    p->last = piece;
    p->pieces++;
    p->marks |= MS_ELEMENTS(el->protocol, 1u << el->kind);
    f->held += el->line.n + sizeof *piece;
    p->frame.session = s->id;
}

/* When matches() looks at nothing but elements, no frame is wanted of a protocol of which it looks at none. */
uint64_t ms_frames_elements(const struct ms_frames *f)
{
    uint64_t wanted = ms_need_elements(f->o.needs);
    bool     only = wants_mail_alone(f);
    for (int p = MS_PROTO_NONE + 1; only && p < MS_PROTO_COUNT; p++)
        wanted &= f->o.asked_marks & MS_ELEMENTS(p, MS_EL_ALL) ? UINT64_MAX : ~MS_ELEMENTS(p, MS_EL_ALL);
    return wanted;
}

void ms_frames_session(void *frames, const struct ms_session *s)
{
    struct ms_frames *f = frames;
    f->o.session(f->o.ctx, s);
}

void ms_frames_kept(void *frames, uint64_t frame)
{
    struct pending *p = find(frames, frame);
    if (p)
        p->kept = true;
}

void ms_frames_seen(void *frames, const struct ms_session *s, uint64_t frame)
{
    struct pending *p = find(frames, frame);
    if (p)
        p->frame.opened = s->first_frame;
}

static void show(struct ms_frames *f, struct pending *p)
{
    if (f->o.each(f->o.ctx, whole(f, p)))
        f->shown_time = p->packet.time;
    end_scratch(f);
}

static void give_back(struct ms_buffer *b)
{
    if (b->size > KEEP_SLOT_BYTES)
        ms_buffer_finish(b);
}

/* All that is kept for a frame. */
static void drop(struct ms_frames *f, struct pending *p)
{
    if (!p->first && !p->copy && !p->joined && (p->pdus.n | p->pdu_text.n | p->fragments.n) == 0)
        return;
    f->held -= (p->copy ? ms_packet_all(&p->packet).n : 0) + p->frame.joined.bytes.n + p->pdus.n + p->pdu_text.n + p->fragments.n;
    drop_pieces(f, p);
    give_back(&p->pdus);
    give_back(&p->pdu_text);
    give_back(&p->fragments);
}

static void hand_over(struct ms_frames *f)
{
    struct pending *p = at(f, 0);
    decide(f, p);
    if (!p->passed_over)
        show(f, p);
    drop(f, p);
    f->head = (f->head + 1) & (f->size - 1);
    f->count--;
    f->copied -= f->copied > 0;
}

/* Of the batch: what is known whole is decided, whatever else waits in front of it. */
static void decide_batch(struct ms_frames *f)
{
    for (size_t i = f->copied; i < f->count; i++) {
        struct pending *p = at(f, i);
        if (!p->kept)
            decide(f, p);
    }
}

/* What was passed over needs no place. */
static void close_ranks(struct ms_frames *f)
{
    size_t to = f->copied;
    for (size_t i = f->copied; i < f->count; i++) {
        struct pending **from = &f->ring[(f->head + i) & (f->size - 1)], **place = &f->ring[(f->head + to) & (f->size - 1)], *p = *from;
        if (p->passed_over) {
            drop(f, p);
            continue;
        }
        *from = *place;
        *place = p;
        to++;
    }
    f->count = to;
}

static void copy(struct ms_frames *f, struct pending *p)
{
    struct ms_bytes data = p->packet.data, *payload = &p->frame.segment.payload;
    bool   inside = p->frame.decoded <= MS_DECODED_ICMP && payload->n && !p->joined;
    size_t begin = inside ? (size_t)(payload->p - data.p) : 0;
    if (data.n == 0) {
        p->packet.options = 0;
        return;
    }
    struct ms_bytes all = ms_packet_all(&p->packet);
    p->packet.data.p = memcpy(ms_keep_take(&f->keep, all.n, &p->copy), all.p, all.n);
    if (inside)
        payload->p = p->packet.data.p + begin;
    f->held += all.n;
}

/* The batch is about to die: what waits on keeps its bytes, where somebody will read them. */
static void copy_waiting(struct ms_frames *f)
{
    for (; f->copied < f->count; f->copied++) {
        struct pending *p = at(f, f->copied);
        if (!f->o.bytes_unused) {
            copy(f, p);
            continue;
        }
        p->packet.data = (struct ms_bytes){ 0 };
        p->packet.options = 0;
        if (!p->joined)
            p->frame.segment.payload = (struct ms_bytes){ 0 };
    }
}

void ms_frames_release(struct ms_frames *f, uint64_t settled)
{
    decide_batch(f);
    while (f->count && (at(f, 0)->packet.number <= settled || at(f, 0)->passed_over))
        hand_over(f);
    close_ranks(f);
    copy_waiting(f);
    while (f->count && (f->held > f->o.limits.frames_held_bytes || f->count > f->o.limits.frames_held)) {
        if (f->count > f->o.limits.frames_held)
            f->cut_count++;
        else
            f->cut_bytes++;
        hand_over(f);
    }
}

void ms_frames_finish(struct ms_frames *f)
{
    while (f->count)
        hand_over(f);
}

void ms_frames_reached(const struct ms_frames *f, uint64_t limits[MS_LIMIT_COUNT])
{
    limits[MS_LIMIT_frames_held] += f->cut_count;
    limits[MS_LIMIT_frames_held_bytes] += f->cut_bytes;
    limits[MS_LIMIT_frame_elements] += f->cut_elements;
    limits[MS_LIMIT_tls_part_bytes] += ms_pdus_cut(f->pdus);
    limits[MS_LIMIT_streams] += f->streams ? ms_streams_forgotten(f->streams) : 0;
}
