/* dfilter/field.h - fields that a display filter can name, and their values.
 *
 * Owns     nothing. Tables are static; the bytes of a value are borrowed until the evaluation that asked for it has ended.
 * Units    times and durations are nanoseconds; an address is 16 bytes, IPv4 as ::ffff:a.b.c.d.
 * Threads  pure.                                                                                             */
#pragma once
#include "base/arena.h"

enum ms_field_type {
    MS_FT_NONE,     /* presence only: true where the source gives a value */
    MS_FT_PROTOCOL, /* presence; `bytes` from its first to its last byte where the source has them: sliced and searched */
    MS_FT_BOOLEAN,  /* u: 0 or 1 */
    MS_FT_UINT,     /* u */
    MS_FT_FRAME,    /* u: the number of a frame */
    MS_FT_INT,      /* i */
    MS_FT_DOUBLE,   /* d */
    MS_FT_STRING,   /* bytes: text, perhaps not valid UTF-8 */
    MS_FT_BYTES,    /* bytes */
    MS_FT_ETHER,    /* ether */
    MS_FT_IPV4,     /* ip; compared with IPv4 addresses and networks */
    MS_FT_IPV6,     /* ip; with IPv6 ones */
    MS_FT_IP,       /* ip of either family; with both */
    MS_FT_TIME,     /* i: since 1970 UTC */
    MS_FT_DURATION, /* i; written as seconds with a fraction */
    MS_FT_COUNT
};

enum ms_field_base { MS_FB_DEC, MS_FB_HEX, MS_FB_OCT }; /* how string() and columns print an unsigned integer */

const char *ms_field_type_name(enum ms_field_type type); /* "duration", for lists of fields */

enum { MS_FIELD_UNITS = 8 };

struct ms_field_word { uint64_t value; const char *word; }; /* the last one has no word */

struct ms_field {
    const char *name;  /* "tcp.port" */
    uint8_t     type;  /* enum ms_field_type */
    uint8_t     unit;  /* class of record that has it (frame, session, message ...): the caller's number, < MS_FIELD_UNITS */
    uint8_t     base;  /* enum ms_field_base */
    uint8_t     bits;  /* width of an integer, 8 to 64, for literals too large; 0 is 64 */
    const char *title; /* "Source or Destination Port" */
    const char *help;
    const struct ms_field_word *words; /* names of values: compared as `tls.handshake.type == "Client Hello"`; or NULL */
};

/* Sorted by name as bytes (strcmp), no name twice: ms_field_table_sorted() for tests. */
struct ms_field_table {
    const struct ms_field *fields;
    size_t                 count;
    const char *const     *units; /* what a record of each unit is called, in the plural ("frames"), for errors; or NULL */
};

enum { MS_FIELD_ABSENT = -1 };
/* Its index, or MS_FIELD_ABSENT. What begins with "ssl" is what begins with "tls": the name of old. */
long ms_field_find(const struct ms_field_table *t, struct ms_bytes name);
long ms_field_nearest(const struct ms_field_table *t, struct ms_bytes name); /* for "did you mean"; or MS_FIELD_ABSENT */
bool ms_field_table_sorted(const struct ms_field_table *t);

struct ms_value {
    union {
        uint64_t        u;
        int64_t         i;
        double          d;
        struct ms_bytes bytes;
        uint8_t         ether[6];
        uint8_t         ip[16];
    };
    uint8_t type;  /* that of its field */
    uint8_t layer; /* which of several headers of that protocol, from 1, for `ip.src#2`; 0 is 1 */
    uint32_t beyond; /* of a protocol: bytes behind its header, which `contains` and `matches` look at too */
};

/* Where a source puts the values of the field that it was asked for. What is beyond MS_VALUES_MAX is left out. Whoever asks a
 * source of his own accord gives an array, from `next` to `end`, and no grow().                                        */
enum { MS_VALUES_MAX = 4096 };
struct ms_value_sink {
    struct ms_value *next, *end;
    bool             full; /* something was left out */
    bool           (*grow)(struct ms_value_sink *);
    uint8_t          layer; /* what values that are pushed get as theirs */
};

static inline void ms_value_push(struct ms_value_sink *sink, struct ms_value v)
{
    if (sink->next == sink->end && !(sink->grow && sink->grow(sink))) {
        sink->full = true;
        return;
    }
    struct ms_value *to = sink->next++; /* each by itself: a copy of the whole waits until the parts of `v` are in memory */
    to->bytes = v.bytes;
    to->type = v.type;
    to->layer = sink->layer ? sink->layer : v.layer;
    to->beyond = v.beyond;
}

/* Values of the common types, for ms_value_push(). */
static inline struct ms_value ms_value_uint(uint64_t u) { return (struct ms_value){ .u = u, .type = MS_FT_UINT }; }
static inline struct ms_value ms_value_int(int64_t i) { return (struct ms_value){ .i = i, .type = MS_FT_INT }; }
static inline struct ms_value ms_value_bool(bool b) { return (struct ms_value){ .u = b, .type = MS_FT_BOOLEAN }; }
static inline struct ms_value ms_value_double(double d) { return (struct ms_value){ .d = d, .type = MS_FT_DOUBLE }; }
static inline struct ms_value ms_value_frame(uint64_t n) { return (struct ms_value){ .u = n, .type = MS_FT_FRAME }; }
static inline struct ms_value ms_value_time(int64_t ns) { return (struct ms_value){ .i = ns, .type = MS_FT_TIME }; }
static inline struct ms_value ms_value_duration(int64_t ns) { return (struct ms_value){ .i = ns, .type = MS_FT_DURATION }; }
static inline struct ms_value ms_value_string(struct ms_bytes b) { return (struct ms_value){ .bytes = b, .type = MS_FT_STRING }; }
static inline struct ms_value ms_value_bytes(struct ms_bytes b) { return (struct ms_value){ .bytes = b, .type = MS_FT_BYTES }; }
static inline struct ms_value ms_value_protocol(struct ms_bytes b) { return (struct ms_value){ .bytes = b, .type = MS_FT_PROTOCOL }; }
/* A protocol whose header are the first n bytes of what was captured of it. */
static inline struct ms_value ms_value_header(struct ms_bytes whole, size_t n)
{
    struct ms_bytes header = ms_head(whole, n);
    return (struct ms_value){ .bytes = header, .type = MS_FT_PROTOCOL, .beyond = (uint32_t)(whole.n - header.n) };
}
static inline struct ms_value ms_value_none(void) { return (struct ms_value){ .type = MS_FT_NONE }; }
static inline struct ms_value ms_value_ether(const uint8_t ether[6])
{
    struct ms_value v = { .type = MS_FT_ETHER };
    memcpy(v.ether, ether, 6);
    return v;
}
static inline struct ms_value ms_value_ip(enum ms_field_type type, const uint8_t ip[16]) /* MS_FT_IPV4, _IPV6 or _IP */
{
    struct ms_value v = { .type = (uint8_t)type };
    memcpy(v.ip, ip, 16);
    return v;
}

/* For a column: numbers in the base of the field, booleans 1 or 0, addresses, times as RFC 3339, durations as seconds with nine digits,
 * bytes as hex, text as it is (not escaped).                                                                     */
void ms_value_text(struct ms_buffer *out, const struct ms_field *f, const struct ms_value *v);
