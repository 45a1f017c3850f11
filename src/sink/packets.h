/* sink/packets.h - the packet list: No., Time, Source, Destination, Protocol, Length, Info, or columns of the user's choice.
 *
 * Columns  fields of frames, or filters: these say True where they match.                                          */
#pragma once
#include "frame/frame.h"
#include "sink/sink.h"

struct ms_packets;
/* o->fields names the columns. NULL: one of them is neither a field nor a filter; *error says why. */
struct ms_packets *ms_packets_open(const struct ms_sink_options *o, struct ms_buffer *error);
uint32_t ms_packets_needs(const struct ms_packets *p); /* enum ms_frame_need */
void ms_packets_time_digits(struct ms_packets *p, unsigned digits);
void ms_packets_frame(struct ms_packets *p, const struct ms_frame *f);
bool ms_packets_close(struct ms_packets *p); /* as ms_sink_close() */
