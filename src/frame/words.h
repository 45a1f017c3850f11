/* frame/words.h - names of numbers on the wire, as filters compare and columns show them. */
#pragma once
#include "dfilter/field.h"

extern const struct ms_field_word ms_words_tls_content[], ms_words_tls_version[], ms_words_tls_level[], ms_words_tls_alert[], ms_words_tls_handshake[];

const char *ms_word_of(const struct ms_field_word *words, uint64_t value); /* NULL: it has none */
