/* sink/filter.h - every field that a display filter can name, in one table: those of frames (frame/fields), those of records (fields.def)
 * with the kind in front, and the kinds themselves (`message`). */
#pragma once
#include "frame/frame.h"
#include "sink/records.h"

enum ms_unit { MS_UNIT_FRAME, MS_UNIT_SESSION, MS_UNIT_EXCHANGE, MS_UNIT_MESSAGE, MS_UNIT_FINDING, MS_UNIT_COUNT };

const struct ms_field_table *ms_filter_table(void); /* sorted; made by the first call */
enum ms_frame_field ms_filter_frame_field(size_t index); /* of a field of MS_UNIT_FRAME */
const struct ms_record_field *ms_filter_record_field(size_t index); /* of a field of a record; NULL: that there is one */
bool ms_filter_names(const struct ms_dfilter *f, const char *end); /* a field whose name ends so */
/* What a frame needs so that this filter can be asked of it: enum ms_frame_need. */
uint64_t ms_filter_needs(const struct ms_dfilter *f);
bool ms_filter_names_frame_field(const struct ms_dfilter *f, enum ms_frame_field field);
bool ms_filter_names_only(const struct ms_dfilter *f, enum ms_frame_field field); /* and no other */
uint64_t ms_filter_marks(const struct ms_dfilter *f); /* it looks at these elements (model/element.h) and at nothing else; 0: it looks at more */
bool ms_filter_matches_frame(const struct ms_dfilter *f, const struct ms_frame *frame);
/* The leaves that hold for a frame: ms_dfilter_test(). */
uint64_t ms_filter_test_frame(const struct ms_dfilter *f, const struct ms_frame *frame);
