/* frame/dns_message.h - a DNS message, question by question and record by record, names as Wireshark writes them (private to frame/).
 *
 * Bounds   a name has at most 255 bytes on the wire, a pointer points before the labels that led to it.               */
#pragma once
#include "frame/frame.h"

enum { MS_DNS_SHOWN_NAME = 256 };
struct ms_dns_shown { uint8_t text[MS_DNS_SHOWN_NAME]; size_t n; unsigned labels; };

struct ms_dns_item { /* a question or a record */
    struct ms_dns_shown name;
    uint16_t type, class_;
    uint32_t ttl;
    size_t   at;          /* of the data */
    struct ms_bytes data; /* as far as it was captured */
    uint16_t length;
    uint8_t  section;     /* 0 question, 1 answer, 2 authority, 3 additional */
};

struct ms_dns_items { struct ms_bytes message; size_t at; uint32_t left[4]; unsigned section; };
bool ms_dns_items_begin(struct ms_dns_items *w, struct ms_bytes message); /* false: no whole header */
bool ms_dns_items_next(struct ms_dns_items *w, struct ms_dns_item *out);  /* false: no more, or it cannot be read */
/* The name at `at`; gives the offset behind it, 0: it is none. The root is "<Root>". */
size_t ms_dns_shown_name(struct ms_bytes message, size_t at, struct ms_dns_shown *out);
/* What a record says, by its type. */
void ms_values_dns_data(const struct ms_frame *f, struct ms_bytes message, const struct ms_dns_item *r, enum ms_frame_field field, struct ms_value_sink *to);
