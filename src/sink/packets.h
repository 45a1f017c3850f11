/* sink/packets.h - the packet list: No., Time, Source, Destination, Protocol, Length, Info, or columns of the user's choice.
 *
 * Columns  fields of frames, or filters: these say True where they match.
 * Order    rows leave as they come; a table too (sink/list.h).                                                       */
#pragma once
#include "frame/frame.h"
#include "sink/separated.h"
#include "sink/sink.h"
#include "sink/time_format.h"

struct ms_packets_options {
    struct ms_sink_options sink;     /* its `fields` name the columns */
    enum ms_time_format    time;     /* of a table */
    struct ms_separated    separated;
    size_t                 cut;      /* columns of the terminal that a table is for; 0: none */
};

struct ms_packets;
/* NULL: one of the columns is neither a field nor a filter; *error says why. */
struct ms_packets *ms_packets_open(const struct ms_packets_options *o, struct ms_buffer *error);
uint64_t ms_packets_needs(const struct ms_packets *p); /* enum ms_frame_need */
void ms_packets_time_digits(struct ms_packets *p, unsigned digits);
void ms_packets_frame(struct ms_packets *p, const struct ms_frame *f);
void ms_packets_flush(struct ms_packets *p);     /* what was told so far is to be read now */
uint64_t ms_packets_cut(const struct ms_packets *p); /* ms_dfilter_cut() of filters that are columns */
bool ms_packets_close(struct ms_packets *p); /* as ms_sink_close() */

/* packet_value.c: the values of one field. `json`: numbers, true and false, and text between quotes, with commas between; `plain`: text
 * with the aggregator between. */
struct ms_packet_value { struct ms_buffer json, plain; };
void ms_packet_value(const struct ms_field *field, const struct ms_value *values, size_t n, const struct ms_separated *s, struct ms_packet_value *out);

/* packet_color.c: what ms_list_row_end() takes. */
const char *ms_packet_color(const struct ms_frame *f, struct ms_bytes protocol);
