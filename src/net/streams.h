/* net/streams.h - TCP streams as a packet list shows them: numbered from 0 in order of first frame, with sequence numbers relative to
 * their begin and the analysis of each segment. All TCP, mail or not; nothing is put in order here.
 *
 * Number   a SYN with another sequence number on a known address pair begins a new stream.
 * Limit    `streams` are remembered; the one that was silent for longest goes first, and counts anew when it speaks again.
 * Units    nanoseconds; MS_UNKNOWN where there is no such time.                                                     */
#pragma once
#include "net/tcp.h"

struct ms_stream_view { /* one segment, seen in its stream */
    uint64_t stream;
    int64_t  time_relative, time_delta;       /* since the first and the previous segment of the stream */
    int64_t  ack_rtt, initial_rtt, rto;
    uint64_t acks_frame, rto_frame, duplicate_ack_frame; /* 0: none */
    uint32_t analysis;                        /* enum ms_tcp_analysis */
    uint32_t seq_base, ack_base;              /* what relative numbers count from */
    uint32_t duplicate_ack_number;            /* with MS_TA_DUPLICATE_ACK */
    uint32_t in_flight, push_bytes;           /* with data; in_flight 0: not known */
    int32_t  window_factor;                   /* -1 unknown, -2 no scaling, else what the window is multiplied by */
    uint32_t window;                          /* scaled */
    uint8_t  completeness;                    /* before this segment: 1 SYN, 2 SYN+ACK, 4 ACK, 8 data, 16 FIN, 32 RST */
};

struct ms_streams;
enum ms_streams_depth {
    MS_STREAMS_FLAGS, /* of the view, analysis and what duplicate acknowledgements repeat */
    MS_STREAMS_VIEWS, /* all but the next */
    MS_STREAMS_TIMES, /* which segment an acknowledgement is for, and how long that took: acks_frame, ack_rtt */
};
struct ms_streams *ms_streams_create(const struct ms_limits *limits, enum ms_streams_depth depth);
void ms_streams_destroy(struct ms_streams *s);
uint64_t ms_streams_forgotten(const struct ms_streams *s); /* for the limit */
struct ms_stream_place { uint64_t hash /* ms_segment_hash() */, frame; int64_t time; };
void ms_streams_segment(struct ms_streams *s, const struct ms_segment *segment, struct ms_stream_place at, struct ms_stream_view *out);
/* A segment with this hash comes soon: first for many, then again for each of them. */
void ms_streams_expect(const struct ms_streams *s, uint64_t hash);
void ms_streams_prefetch(const struct ms_streams *s, uint64_t hash);
