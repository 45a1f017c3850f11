/* sink/members.h - which frames belong to the records that a display filter speaks of. A first pass tells the records, a second one asks
 * frame by frame.
 *
 * Means    a frame is kept when the filter is true of it together with its session and with at most one exchange, one message and one finding that
 *          it belongs to. It belongs to a session when it is a TCP segment of its connection, from the first frame of the record to the last;
 *          to an exchange or message of that session from the first to the last frame of the command and its reply, or of the
 *          content, and in the frames of the reply to it; to a finding when that names it.
 * Memory   40 bytes for each run of frames that records with the same answer cover, up to the limit frame_records; of one address pair as many
 *          different answers as filter_sets says.                                                                      */
#pragma once
#include "sink/select.h"

struct ms_members;
struct ms_members *ms_members_create(const struct ms_dfilter *filter, const struct ms_limits *limits); /* the filter is borrowed */
void ms_members_destroy(struct ms_members *m); /* NULL is fine */
bool ms_members_wants(const struct ms_members *m, enum ms_unit unit); /* records of this kind have to be taken */
void ms_members_take(struct ms_members *m, const struct ms_select_record *r);
void ms_members_close(struct ms_members *m);   /* all were taken */
bool ms_members_match(const struct ms_members *m, const struct ms_frame *f); /* with MS_NEED_SEGMENT and what the filter needs */
uint64_t ms_members_cut(const struct ms_members *m, enum ms_limit limit);    /* how often it was reached */
