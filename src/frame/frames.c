/* frame/frames.c - the queue of frames of which not all is known yet. A ring in order of number; a slot keeps its buffers for the next frame. */
#include "frame/frames.h"

#include "frame/flows.h"
#include "frame/pdus.h"

#include <stdlib.h>

struct pending {
    struct ms_packet packet;
    struct ms_buffer copy;     /* of the packet's bytes, when it waits longer than its batch */
    struct ms_buffer elements; /* struct ms_element; `line.p` is an offset into `text` until it is handed over */
    struct ms_buffer text;
    struct ms_buffer pdus, pdu_text; /* struct ms_pdu, likewise */
    struct ms_udp_seen udp;
    struct ms_pair_seen ping, dns;
    struct ms_buffer joined;   /* a packet that came in fragments: in the decoder it dies with the next packet */
    struct ms_buffer pieces;   /* struct ms_pieces_seen, or empty */
    struct ms_packet_joined join;
    uint64_t         session;
    struct ms_segment segment;
    struct ms_stream_view stream;
    enum ms_decoded  decoded;
};

struct ms_frames {
    struct ms_frames_options o;
    struct ms_decoder *decoder;
    struct ms_streams *streams;
    struct ms_flows *flows;
    struct ms_pdus *pdus;
    struct pending    *ring; /* `size` slots, a power of two */
    size_t             size, head, count, copied; /* copied: of the frames that wait, how many have a copy, from the head on */
    uint64_t           held, cut_count, cut_bytes, cut_elements; /* how often the limits frames_held, frames_held_bytes, frame_elements were reached */
    int64_t            first_time, previous_time, shown_time;
    struct ms_arena    scratch;
};

enum { KEEP_SLOT_BYTES = 16384 }; /* larger buffers of a slot are given back */

static struct pending *at(const struct ms_frames *f, size_t i) { return &f->ring[(f->head + i) & (f->size - 1)]; }

struct ms_frames *ms_frames_create(const struct ms_frames_options *o)
{
    struct ms_frames *f = ms_alloc(sizeof *f);
    f->o = *o;
    f->decoder = o->needs & MS_NEED_SEGMENT ? ms_decoder_create(&f->o.limits) : NULL;
    f->streams = o->needs & MS_NEED_STREAM ? ms_streams_create(&f->o.limits) : NULL;
    f->flows = o->needs & MS_NEED_FLOWS ? ms_flows_create(&f->o.limits) : NULL;
    f->pdus = o->needs & MS_NEED_PDUS ? ms_pdus_create(&f->o.limits) : NULL;
    f->size = 2 * MS_BATCH;
    f->ring = ms_alloc(f->size * sizeof *f->ring);
    f->first_time = f->previous_time = f->shown_time = MS_UNKNOWN;
    return f;
}

void ms_frames_destroy(struct ms_frames *f)
{
    for (size_t i = 0; i < f->size; i++) {
        ms_buffer_finish(&f->ring[i].copy);
        ms_buffer_finish(&f->ring[i].elements);
        ms_buffer_finish(&f->ring[i].text);
        ms_buffer_finish(&f->ring[i].joined);
        ms_buffer_finish(&f->ring[i].pdus);
        ms_buffer_finish(&f->ring[i].pdu_text);
        ms_buffer_finish(&f->ring[i].pieces);
    }
    ms_free(f->ring);
    ms_decoder_destroy(f->decoder);
    ms_streams_destroy(f->streams);
    ms_flows_destroy(f->flows);
    ms_pdus_destroy(f->pdus);
    ms_arena_finish(&f->scratch);
    ms_free(f);
}

static void grow(struct ms_frames *f)
{
    struct pending *ring = ms_alloc(2 * f->size * sizeof *ring);
    for (size_t i = 0; i < f->size; i++)
        ring[i] = *at(f, i);
    ms_free(f->ring);
    f->ring = ring;
    f->size *= 2;
    f->head = 0;
}

static void decode(struct ms_frames *f, struct pending *p)
{
    p->decoded = MS_DECODED_OTHER;
    p->join = (struct ms_packet_joined){ 0 };
    if (!f->decoder)
        return;
    const struct ms_packet *k = &p->packet;
    p->decoded = ms_decode(f->decoder, k->link_type, k->data, k->length, k->time, &p->segment);
    p->join = *ms_decoder_joined(f->decoder);
    struct ms_bytes old = p->join.bytes, *payload = &p->segment.payload;
    if (!old.p)
        return;
    ms_buffer_append(&p->joined, old);
    p->join.bytes = ms_buffer_bytes(&p->joined);
    if (p->decoded <= MS_DECODED_ICMP && payload->n)
        payload->p = p->join.bytes.p + (payload->p - old.p);
}

static void find_layers(const struct ms_frames *f, const struct pending *p, struct ms_layers *out)
{
    ms_layers_of(p->packet.link_type, p->packet.data, p->packet.length, f->o.limits.tunnel_depth, out);
    if (p->join.bytes.p)
        ms_layers_joined(&p->join, f->o.limits.tunnel_depth, out);
}

static void pair_dns(struct ms_frames *f, struct pending *p)
{
    const struct ms_pdu *pdu = (const struct ms_pdu *)(const void *)p->pdus.p;
    if (p->decoded == MS_DECODED_UDP)
        ms_flows_dns(f->flows, &p->segment, p->segment.payload, &p->packet, &p->dns);
    for (size_t i = 0; p->decoded == MS_DECODED_TCP && i < p->pdus.n / sizeof *pdu; i++)
        if (pdu[i].kind == MS_PDU_DNS)
            ms_flows_dns(f->flows, &p->segment, (struct ms_bytes){ p->pdu_text.p + (uintptr_t)pdu[i].body.p, pdu[i].body.n }, &p->packet, &p->dns);
}

/* What comes of frames before this one: everything that depends on order. */
static void look_back(struct ms_frames *f, struct pending *p)
{
    struct ms_layers layers;
    if (f->streams && p->decoded == MS_DECODED_TCP)
        ms_streams_segment(f->streams, &p->segment, p->packet.number, p->packet.time, &p->stream);
    if (f->streams && f->pdus && p->decoded == MS_DECODED_TCP)
        ms_pdus_segment(f->pdus, &p->segment, p->stream.stream, &p->pdus, &p->pdu_text);
    f->held += p->pdus.n + p->pdu_text.n;
    p->udp = (struct ms_udp_seen){ 0 };
    p->ping = p->dns = (struct ms_pair_seen){ 0 };
    if (!f->flows)
        return;
    pair_dns(f, p);
    if (f->decoder && p->decoded == MS_DECODED_TCP && !p->join.bytes.p)
        return;
    find_layers(f, p, &layers);
    struct ms_pieces_seen pieces = { 0 };
    ms_flows_packet(f->flows, &(struct ms_seen){ &p->packet, &layers, p->join.bytes, &p->udp, &p->ping, &pieces });
    if (pieces.count) {
        ms_buffer_append(&p->pieces, (struct ms_bytes){ (const uint8_t *)&pieces, sizeof pieces });
        f->held += p->pieces.n;
    }
}

void ms_frames_take(struct ms_frames *f, const struct ms_packet *packets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (f->count == f->size)
            grow(f);
        struct pending *p = at(f, f->count++);
        p->packet = packets[i];
        p->session = 0;
        p->elements.n = p->text.n = p->copy.n = p->joined.n = p->pdus.n = p->pdu_text.n = p->pieces.n = 0;
        decode(f, p);
        look_back(f, p);
    }
}

/* Numbers go up, mostly by one. */
static struct pending *find(const struct ms_frames *f, uint64_t number)
{
    size_t low = 0, high = f->count;
    if (high == 0 || number < at(f, 0)->packet.number)
        return NULL;
    uint64_t guess = number - at(f, 0)->packet.number;
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
    if (!p || p->elements.n / sizeof *el >= f->o.limits.frame_elements) {
        f->cut_elements += p != NULL;
        return;
    }
    struct ms_element kept = *el;
    kept.line.p = (const uint8_t *)(uintptr_t)p->text.n; /* NOLINT: an offset for now */
    ms_buffer_append(&p->text, el->line);
    ms_buffer_append(&p->elements, (struct ms_bytes){ (const uint8_t *)&kept, sizeof kept });
    f->held += el->line.n + sizeof kept;
    p->session = s->id;
}

void ms_frames_session(void *frames, const struct ms_session *s)
{
    struct ms_frames *f = frames;
    f->o.session(f->o.ctx, s);
}

static void give_back(struct ms_buffer *b)
{
    if (b->size > KEEP_SLOT_BYTES)
        ms_buffer_finish(b);
}

static void hand_over(struct ms_frames *f)
{
    struct pending    *p = at(f, 0);
    struct ms_element *el = (struct ms_element *)(void *)p->elements.p;
    size_t             n = p->elements.n / sizeof *el;
    f->held -= p->copy.n + (p->copy.n ? p->joined.n : 0);
    for (size_t i = 0; i < n; i++) {
        f->held -= el[i].line.n + sizeof *el;
        el[i].line.p = p->text.p + (uintptr_t)el[i].line.p;
    }
    struct ms_pdu *pdu = (struct ms_pdu *)(void *)p->pdus.p;
    f->held -= p->pdus.n + p->pdu_text.n + p->pieces.n;
    for (size_t i = 0; i < p->pdus.n / sizeof *pdu; i++)
        pdu[i].body.p = p->pdu_text.p + (uintptr_t)pdu[i].body.p;
    if (f->first_time == MS_UNKNOWN)
        f->first_time = f->previous_time = p->packet.time;
    struct ms_frame frame = { .packet = &p->packet, .decoded = p->decoded, .joined = p->join, .segment = p->segment, .stream = p->stream,
                              .has_stream = f->streams && p->decoded == MS_DECODED_TCP, .elements = el, .element_count = n,
                              .session = p->session, .first_time = f->first_time, .previous_time = f->previous_time,
                              .shown_time = f->shown_time, .scratch = &f->scratch, .show_secrets = f->o.show_secrets,
                              .pdus = pdu, .pdu_count = p->pdus.n / sizeof *pdu, .udp = p->udp, .ping = p->ping, .dns = p->dns,
                              .pieces = p->pieces.n ? (const struct ms_pieces_seen *)(const void *)p->pieces.p : NULL };
    if (f->o.needs & MS_NEED_LAYERS)
        find_layers(f, p, &frame.layers);
    if (f->o.each(f->o.ctx, &frame))
        f->shown_time = p->packet.time;
    f->previous_time = p->packet.time;
    if (f->scratch.total)
        ms_arena_finish(&f->scratch);
    give_back(&p->copy);
    give_back(&p->elements);
    give_back(&p->text);
    give_back(&p->joined);
    give_back(&p->pdus);
    give_back(&p->pdu_text);
    give_back(&p->pieces);
    f->head = (f->head + 1) & (f->size - 1);
    f->count--;
    f->copied -= f->copied > 0;
}

/* The batch is about to die: what waits on keeps its bytes. */
static void copy_waiting(struct ms_frames *f)
{
    for (; f->copied < f->count; f->copied++) {
        struct pending *p = at(f, f->copied);
        struct ms_bytes data = p->packet.data, *payload = &p->segment.payload;
        bool inside = p->decoded <= MS_DECODED_ICMP && payload->n && payload->p >= data.p && payload->p < data.p + data.n;
        size_t begin = inside ? (size_t)(payload->p - data.p) : 0;
        ms_buffer_append(&p->copy, ms_packet_all(&p->packet));
        p->packet.data = ms_head(ms_buffer_bytes(&p->copy), data.n);
        if (inside)
            payload->p = p->packet.data.p + begin;
        f->held += p->copy.n + p->joined.n;
    }
}

void ms_frames_release(struct ms_frames *f, uint64_t settled)
{
    while (f->count && at(f, 0)->packet.number <= settled)
        hand_over(f);
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
    limits[MS_LIMIT_streams] += f->streams ? ms_streams_forgotten(f->streams) : 0;
}
