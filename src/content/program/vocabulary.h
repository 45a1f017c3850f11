/* content/program/vocabulary.h - which words of a list stand in a text, in one pass. */
#pragma once
#include "content/files.h"

struct ms_vocable { char text[28]; uint8_t kind; };
enum { MS_VOCABLES_MOST = 64 };

/* A bit for each word of the list (at most MS_VOCABLES_MOST, lower case). Words begin and end where no letter or digit goes on; a list's word
 * that begins with '-' or '_' may begin anywhere. Caseless. */
uint64_t ms_vocabulary_find(struct ms_bytes text, const struct ms_vocable *words, size_t n);
/* "a, b, c": those found, as evidence. */
struct ms_bytes ms_vocabulary_tell(uint64_t found, const struct ms_vocable *words, size_t n, char *out, size_t size);

/* What scripts, shortcuts and macros name when they fetch or start something (commands.def). */
enum ms_command { MS_COMMAND_PROGRAM, MS_COMMAND_FETCH, MS_COMMAND_OBJECT, MS_COMMAND_HIDE };
extern const struct ms_vocable ms_command_words[];
extern const size_t ms_command_count;
/* Of one kind among those found. */
bool ms_commands_have(uint64_t found, enum ms_command kind);
unsigned ms_vocabulary_count(uint64_t found);
