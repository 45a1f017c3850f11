/* sink/time_format.h - the time of a frame as people want it in a list. All times are UTC. */
#pragma once
#include "frame/frame.h"

enum ms_time_format { MS_TIME_RELATIVE, MS_TIME_ABSOLUTE, MS_TIME_DATE, MS_TIME_EPOCH, MS_TIME_DELTA, MS_TIME_DELTA_DISPLAYED };

/* By its name ("delta"), or by its letters in tshark -t ("d"); false: there is none of that name. */
bool ms_time_format_find(const char *word, enum ms_time_format *out);
void ms_time_format_add(struct ms_buffer *t, enum ms_time_format format, const struct ms_frame *f, unsigned digits);
