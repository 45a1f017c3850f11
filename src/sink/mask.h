/* sink/mask.h - captures without what they tell of people: names, addresses, passwords and contents replaced by others of the same length,
 * the same wherever they occur, so that protocols still parse.
 *
 * Words    runs of letters and digits, each replaced by another of the same length, case and places of digits, a one-to-one mapping by key;
 *          words of the protocols (mask_vocabulary.c) stay where the protocol has its place. Everything else is replaced: nothing has to be
 *          recognised as a name to be hidden. base64 (logins, encoded words, lines of messages) is replaced inside where that is text.
 * Streams  TCP is put in order first and replaced by line; each segment then gets the bytes of its place (mask_stream.c).
 * Frames   addresses, names in DNS; what is not understood becomes zeros (mask_frame.c). Checksums keep being as right as they were.
 * Use      ms_mask_learn() in a pass over the frames that are to be written, ms_mask_ready(), then ms_mask_packet() in a second one.
 * Memory   replaced streams lie in a temporary file; about 1 KiB a connection.                                               */
#pragma once
#include "frame/frame.h"

enum { MS_MASK_KEY_BYTES = 16 };

struct ms_mask;
struct ms_mask *ms_mask_create(const struct ms_limits *limits, const uint8_t key[MS_MASK_KEY_BYTES]);
void ms_mask_destroy(struct ms_mask *m);
void ms_mask_hide(struct ms_mask *m, struct ms_bytes name); /* its words are replaced even where they could be a server's prose */
void ms_mask_session(struct ms_mask *m, const struct ms_session *s); /* a mail session: its connection is read as its protocol */
/* Frames with MS_NEED_SEGMENT and MS_NEED_STREAM, in order. */
void ms_mask_learn(struct ms_mask *m, const struct ms_frame *f);
void ms_mask_ready(struct ms_mask *m);
/* The packet, replaced; its bytes live until the next call. */
struct ms_packet ms_mask_packet(struct ms_mask *m, const struct ms_frame *f);
