/* frame/tcp_header.h - TCP headers of a frame and their options, for the fields and for the packet list (private to frame/). */
#pragma once
#include "frame/frame.h"

struct ms_tcp_header {
    struct ms_bytes bytes;   /* the header as far as it was captured; 4 to 19 bytes in ICMP errors and behind a short snap length, 8 when its length makes no sense */
    struct ms_bytes payload; /* captured */
    size_t          size;    /* of the header */
    uint32_t        length;  /* of the payload on the wire */
};

/* The next one from *at on (start with 0); false: no more. */
bool ms_tcp_header_next(const struct ms_frame *f, size_t *at, struct ms_tcp_header *out);
/* Takes one option, NOP and the end too; false: no more, or one whose length makes no sense. */
bool ms_tcp_option_next(struct ms_bytes *options, struct ms_bytes *out);
