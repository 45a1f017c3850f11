/* sink/writer.h - a record told field by field; written as JSON, kept flat under dotted names, or collected as values for a display filter.
 *
 * One function a record kind tells its fields (records.c); the formats are told apart here and nowhere else. In flat form an
 * array is one field with several values ("envelope.to.address").                                          */
#pragma once
#include "sink/collect.h"

struct ms_flat { struct ms_bytes name; struct ms_buffer json, plain; uint32_t count; bool array; };

struct ms_writer {
    struct ms_buffer *out;        /* JSON goes here; NULL: flat */
    struct ms_collector *collector; /* then neither */
    unsigned          unwanted;   /* depth below the object of which nothing is collected or a column */
    const char *const *columns;   /* flat: names that are asked for, borrowed; what lies below other objects is not kept. NULL: all is */
    size_t            column_count;
    struct ms_flat   *flat;       /* flat fields in order of first appearance, reused from record to record */
    size_t            flat_count, flat_room;
    struct ms_buffer  path;       /* dotted prefix (flat) */
    uint32_t          path_ends[16];
    uint8_t           depth;
    uint16_t          comma;      /* bit d: something was written at depth d (JSON) */
    uint16_t          arrays;     /* bit d: depth d is an array */
    unsigned          time_digits;
};

void ms_writer_start(struct ms_writer *w);  /* a new record */
void ms_writer_finish(struct ms_writer *w); /* frees */

/* key is NULL inside arrays. Empty text is left out by ms_write_text; ms_write_string writes it. */
void ms_write_begin(struct ms_writer *w, const char *key); /* object */
void ms_write_end(struct ms_writer *w);
void ms_write_array(struct ms_writer *w, const char *key);
void ms_write_array_end(struct ms_writer *w);
void ms_write_text(struct ms_writer *w, const char *key, struct ms_bytes text);
void ms_write_string(struct ms_writer *w, const char *key, struct ms_bytes text);
void ms_write_u64(struct ms_writer *w, const char *key, uint64_t v);
void ms_write_bool(struct ms_writer *w, const char *key, bool v);
void ms_write_seconds(struct ms_writer *w, const char *key, int64_t ns); /* left out when MS_UNKNOWN */
void ms_write_time(struct ms_writer *w, const char *key, int64_t ns);    /* the same */
/* Flat alone: a value that is made already, `array` when JSON shows it between brackets. */
void ms_write_flat(struct ms_writer *w, const char *name, struct ms_bytes json, struct ms_bytes plain, bool array);
/* A word of a list whose order means something. */
void ms_write_word(struct ms_writer *w, const char *key, const char *word, unsigned place);
/* SMTP codes are numbers, POP3 and IMAP results are words; left out when 0. With a count: an object's member under the code's name. */
void ms_write_code(struct ms_writer *w, const char *key, unsigned code);
void ms_write_code_count(struct ms_writer *w, unsigned code, uint64_t count);
void ms_write_address(struct ms_writer *w, const char *key, const uint8_t ip[16]);
bool ms_writer_collects(const struct ms_writer *w, const char *path); /* for what is told to filters alone */
const struct ms_flat *ms_writer_find(const struct ms_writer *w, struct ms_bytes name); /* NULL: not in this record */
