/* frame/numbers.h - fields that are numbers at a place of a header, given as a table (private to frame/). */
#pragma once
#include "frame/frame.h"

struct ms_number_at {
    uint16_t field;        /* enum ms_frame_field, boolean or integer */
    uint8_t  at, size;     /* bytes 1 to 4, big-endian */
    uint8_t  shift;        /* after `mask` */
    uint32_t mask;         /* 0: all */
};

/* Pushes the value when `field` is one of the rows and lies inside of `header`. False: it is none of them. */
bool ms_number_push(const struct ms_number_at *rows, size_t count, struct ms_bytes header, enum ms_frame_field field, struct ms_value_sink *to);
#define MS_NUMBER_PUSH(rows, header, field, to) ms_number_push(rows, sizeof(rows) / sizeof *(rows), header, field, to)

/* What is pushed from here on is of the n-th header of its protocol, from 1 (`ip.src#2`). */
static inline void ms_value_layer(struct ms_value_sink *to, unsigned n) { to->layer = (uint8_t)(n < 255 ? n : 255); }

static inline struct ms_value ms_value_ipv4(const uint8_t ip[4])
{
    uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
    memcpy(mapped + 12, ip, 4);
    return ms_value_ip(MS_FT_IPV4, mapped);
}
