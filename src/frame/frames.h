/* frame/frames.h - the frames of a capture in order, each handed over when all is known of it.
 *
 * A frame may say something late: its segment waits for one before it, or nobody knows yet whether its connection is mail. Until then it
 * and those behind it that are to be handed over wait, copied, up to the limits frames_held and frames_held_bytes; beyond them the oldest
 * goes as it is.
 *
 * Use      per batch: ms_frames_take(), then the engine where elements are needed (ms_frames_element() being its output, of ms_frames_elements()): ms_engine_decoded() of
 *          ms_frames_decoded() where a decoder is at hand, else ms_engine_packets(); then ms_frames_release(). At the end ms_engine_finish() and
 *          ms_frames_finish().                                                                                      */
#pragma once
#include "engine/engine.h"
#include "frame/frame.h"

struct ms_frames_options {
    uint64_t needs;                /* enum ms_frame_need */
    struct ms_limits limits;
    struct ms_decoder *decoder;    /* with MS_NEED_SEGMENT; borrowed */
    bool     show_secrets;
    bool   (*each)(void *ctx, const struct ms_frame *f); /* true: it was shown (frame.time_delta_displayed) */
    void   (*session)(void *ctx, const struct ms_session *s); /* a session ended; NULL: nobody asks. With elements */
    /* Which frames are handed over; NULL: all. Asked as soon as a frame is known as far as `asked` says, a part of `needs`: not in order, so that
     * nothing is kept of those that it leaves out. `shown_time` is not right in this call. */
    bool   (*matches)(void *ctx, const struct ms_frame *f);
    uint64_t asked;
    uint64_t asked_marks;          /* matches() looks at what has these marks and at nothing else: frames without one are all alike to it; 0: it looks at more */
    bool     asked_ports;          /* matches() looks at tcp.port and at nothing else: all segments of a connection are alike to it */
    bool     bytes_unused;         /* nobody reads the packet's bytes or a payload: frames that wait lose theirs */
    void    *ctx;
};

struct ms_frames;
struct ms_frames *ms_frames_create(const struct ms_frames_options *o);
void ms_frames_destroy(struct ms_frames *f);
void ms_frames_take(struct ms_frames *f, const struct ms_packet *packets, size_t count); /* borrowed until ms_frames_release() */
size_t ms_frames_decoded(struct ms_frames *f, struct ms_decoded_packet out[MS_BATCH]); /* of the batch that was taken */
uint64_t ms_frames_elements(const struct ms_frames *f); /* those without which another list would come out */
void ms_frames_session(void *frames, const struct ms_session *s);
void ms_frames_element(void *frames, const struct ms_session *s, const struct ms_element *el);
void ms_frames_seen(void *frames, const struct ms_session *s, uint64_t frame); /* the engine's output frame(): whose it is */
void ms_frames_kept(void *frames, uint64_t frame); /* the engine's output kept(): it may say more later */
void ms_frames_release(struct ms_frames *f, uint64_t settled); /* hands over what is settled (ms_engine_settled()), copies the rest */
void ms_frames_finish(struct ms_frames *f);
/* Adds how often its limits were reached: frames handed over too early (frames_held, frames_held_bytes), elements left out, streams forgotten. */
void ms_frames_reached(const struct ms_frames *f, uint64_t limits[MS_LIMIT_COUNT]);
