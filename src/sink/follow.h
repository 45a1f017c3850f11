/* sink/follow.h - the dialogue of one session, line by line, client and server apart, passwords masked.
 *
 * Text     "C: " and "S: " lines (red and blue with color, as in Wireshark); NDJSON: one object a line; JSON: an array of them.
 * Secrets  arguments of PASS, APOP, AUTH, LOGIN, AUTHENTICATE and every client line of a login under way read ********.
 * TLS      what was decrypted is shown like plain text, behind a remark that says where TLS begins; without keys its records are counted,
 *          with those of one side alone in the place where they were.
 *          Remarks stand in [brackets]; JSON: objects of type "remark".
 * Dumps    (sink/dump.h) have the same stars in the same places, as many as the secret has bytes. A client's line that stays unfinished
 *          while 64 KiB of the server wait behind it is taken for a secret.
 * Memory   one unfinished line a direction, at most LINE_BYTES; longer lines are shown in pieces.                  */
#pragma once
#include "engine/engine.h"
#include "sink/dump.h"
#include "sink/sink.h"

struct ms_follow;
struct ms_follow_options {
    FILE             *out;
    enum ms_format    format;
    enum ms_dump_kind dump;        /* instead of the format: bytes, not lines */
    enum ms_only      only;
    bool              color, show_secrets;
    uint64_t          first_frame; /* of the session */
};
struct ms_follow *ms_follow_create(const struct ms_follow_options *o);
void ms_follow_data(void *follow, const struct ms_session *s, const struct ms_chunk *c);
void ms_follow_gap(void *follow, const struct ms_session *s, enum ms_dir dir, uint64_t length);
void ms_follow_session(void *follow, const struct ms_session *s); /* its end, and what is known of it then */
uint64_t ms_follow_missing(const struct ms_follow *f, enum ms_dir dir); /* bytes that are missing from the capture, at least */
bool ms_follow_unread(const struct ms_follow *f); /* there were TLS records that could not be read */
void ms_follow_time_digits(void *follow, unsigned digits); /* 6 unless the capture knows better */
bool ms_follow_close(struct ms_follow *f); /* false: write error */
