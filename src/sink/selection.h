/* sink/selection.h - which frames of a capture belong to sessions: learnt in one pass, asked in a second one over the same captures.
 *
 * Frames   of a session: its TCP stream from the first frame on, IP fragments between its two hosts, ICMP errors about it, the DNS lookup that led
 *          to its server.
 * Memory   a bit a TCP stream; about 200 bytes a session that is selected, 48 one that may be. It grows with the capture's sessions.    */
#pragma once
#include "frame/frame.h"

struct ms_selection;
struct ms_selection *ms_selection_create(const struct ms_limits *limits);
void ms_selection_destroy(struct ms_selection *s);

/* First pass. */
void ms_selection_frame(struct ms_selection *s, const struct ms_frame *f);     /* its session is wanted; with MS_NEED_STREAM */
void ms_selection_whole(struct ms_selection *s, const struct ms_session *n);   /* this session is wanted */
void ms_selection_session(struct ms_selection *s, const struct ms_session *n); /* wanted if ms_selection_frame() named it: every session */
void ms_selection_number(struct ms_selection *s, uint64_t frame);              /* this frame alone is wanted */
void ms_selection_close(struct ms_selection *s); /* between the passes */

void ms_selection_rewind(struct ms_selection *s); /* before one more second pass */

/* Second pass, frames in order, with MS_NEED_STREAM. */
bool ms_selection_has(struct ms_selection *s, const struct ms_frame *f);
