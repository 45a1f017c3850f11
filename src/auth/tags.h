/* auth/tags.h - "name=value; name=value" (RFC 6376 3.2; RFC 7489 6.4): signatures, keys and policies. Borrows its text. */
#pragma once
#include "base/arena.h"

enum { MS_TAGS = 32 };
struct ms_tag  { struct ms_bytes name, value, raw; }; /* value: without blanks at its ends; raw: all between '=' and ';' */
struct ms_tags { struct ms_tag at[MS_TAGS]; size_t n; };

bool ms_tags_read(struct ms_bytes text, struct ms_tags *out); /* false: no list of tags, a tag twice, or more than MS_TAGS */
const struct ms_tag *ms_tag_find(const struct ms_tags *t, const char *name); /* NULL: absent. Names as they are, values too */
struct ms_bytes ms_tag_value(const struct ms_tags *t, const char *name);     /* empty when absent */
struct ms_bytes ms_tag_packed(struct ms_bytes value, struct ms_arena *arena); /* without any blanks and line ends */
bool ms_tag_base64(struct ms_bytes value, struct ms_arena *arena, struct ms_bytes *out); /* false: it is none */
bool ms_tag_lists(struct ms_bytes value, const char *word); /* "a : b": word is one of them, without regard to case */
struct ms_bytes ms_tag_next(struct ms_bytes *list);          /* takes the next of "a : b", without blanks around it */
