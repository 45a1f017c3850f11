/* sink/filter.h - every field that a display filter can name, in one table: those of frames (frame/fields) and those of records. */
#pragma once
#include "frame/frame.h"

enum ms_unit { MS_UNIT_FRAME, MS_UNIT_SESSION, MS_UNIT_EXCHANGE, MS_UNIT_MESSAGE, MS_UNIT_FINDING, MS_UNIT_COUNT };

const struct ms_field_table *ms_filter_table(void); /* sorted; made by the first call */
enum ms_frame_field ms_filter_frame_field(size_t index); /* of a field of MS_UNIT_FRAME */
/* What a frame needs so that this filter can be asked of it: enum ms_frame_need. */
uint32_t ms_filter_needs(const struct ms_dfilter *f);
bool ms_filter_names_frame_field(const struct ms_dfilter *f, enum ms_frame_field field);
bool ms_filter_matches_frame(const struct ms_dfilter *f, const struct ms_frame *frame);
