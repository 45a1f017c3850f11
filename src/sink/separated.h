/* sink/separated.h - how values stand in CSV and TSV, as tshark -E says it: KEY=VALUE. */
#pragma once
#include "base/text.h"

enum ms_occurrence { MS_OCCURRENCE_ALL, MS_OCCURRENCE_FIRST, MS_OCCURRENCE_LAST };

struct ms_separated {
    char separator, aggregator; /* between cells, and between the values of one; 0: as the format says, and a comma */
    char quote;                 /* around each cell that is not empty, but for names in the first row; 0: as the format says, 'n': none */
    bool no_header, bom;
    enum ms_occurrence occurrence; /* which values of a field */
};

/* Takes "header=n", "separator=/t", "occurrence=f", "aggregator=/s", "quote=d", "bom=y"; false: that is none of them. */
bool ms_separated_set(struct ms_separated *s, const char *word);
/* A cell of CSV (`csv`) or TSV, the separator in front of it unless it is the first. */
void ms_separated_cell(struct ms_buffer *out, const struct ms_separated *s, bool csv, bool first, struct ms_bytes text);
