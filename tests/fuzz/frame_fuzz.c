/* tests/fuzz/frame_fuzz.c - frames of hostile packets: their fields, their line in a packet list, and filters with every operator. Every SHARE-th field,
 * from one on that the sum of the input's bytes chooses: all of them for each input would be too slow.
 *
 * Input    byte 0 chooses the limits (odd: tiny); then packets: a byte for the link type, two for the length (little endian), the bytes.
 * Property no sanitizer report; a field gives values of its own type, and gives some to a frame without the marks that it says it depends on never;
 *          its filter for presence says the same as its values; a filter answers the same twice. */
#include "base/hash.h"
#include "base/text.h"
#include "frame/frames.h"
#include "sink/filter.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PACKETS = 64, HEAD = 3, SHARE = 16 };

#define must(truth) ((truth) ? (void)0 : abort())

static const uint32_t LINK_TYPES[] = { 1, 101, 0, 113, 276, 9, 108, 239, 104, 12, 50, 228, 229, 105 };

/* ---- filters: made once ---------------------------------------------------------------------------------------------------- */

/* By type, what %s, the name of the field, is asked; types without a row are asked for presence alone. */
static const struct { enum ms_field_type type; const char *text; } QUESTIONS[] = {
    { MS_FT_PROTOCOL, "%s[0:2] == 16:03 or %s contains 0d:0a or %s matches \"(a+)+$\" or len(%s) > 20 or %s#[2] or count(%s) == 2" },
    { MS_FT_BOOLEAN, "%s == 1 or all %s != 0" },
    { MS_FT_UINT, "%s in {1, 3..5, 0x10} or %s & 2 or max(%s) + 1 > 7 or %s === 4 or string(%s) matches \"1$\" or not %s != 2" },
    { MS_FT_FRAME, "%s > 1 and any %s < 1000" },
    { MS_FT_INT, "abs(%s) >= 1 or %s - 1 <= -2 or %s * 2 == -4" },
    { MS_FT_DOUBLE, "%s / 2 > 0.5 or min(%s) < 1e3" },
    { MS_FT_STRING, "%s[-3:] == \"xyz\" or upper(%s) contains \"A\" or lower(%s) ~ \"b+\" or %s in {\"a\", \"b\"..\"c\"} or len(%s) == 0" },
    { MS_FT_BYTES, "%s[1-2] == 00:01 or %s contains 00 or len(%s) > 2 or %s == 00:11:22" },
    { MS_FT_ETHER, "%s == 00:11:22:33:44:55 or %s[0:3] == 00:11:22 or %s in {ff:ff:ff:ff:ff:ff}" },
    { MS_FT_IPV4, "%s == 10.0.0.0/8 or %s in {1.2.3.4..9.9.9.9} or %s > 224.0.0.0" },
    { MS_FT_IPV6, "%s == fe80::/10 or %s[0:2] == fe:80" },
    { MS_FT_TIME, "%s > \"2001-01-01 00:00:00\"" },
    { MS_FT_DURATION, "%s > 0.5 or %s == -1.5" },
};

static struct ms_dfilter *present[MS_FF_COUNT], *asked[MS_FF_COUNT], *several;

static struct ms_dfilter *compile(const char *text, const char *name)
{
    struct ms_dfilter_error error;
    struct ms_buffer        filter = { 0 };
    for (const char *p = text; *p; p++) {
        if (p[0] == '%' && p[1] == 's') {
            ms_text_str(&filter, name);
            p++;
        } else {
            ms_text_char(&filter, *p);
        }
    }
    struct ms_dfilter *f = ms_dfilter_compile(ms_filter_table(), ms_buffer_bytes(&filter), &error);
    if (!f)
        fprintf(stderr, "%.*s: %s\n", (int)filter.n, (const char *)filter.p, error.sentence);
    must(f);
    ms_buffer_finish(&filter);
    return f;
}

static void make_filters(void)
{
    ms_hash_init();
    for (int i = 0; i < MS_FF_COUNT; i++) {
        const struct ms_field *field = &ms_frame_fields[i];
        present[i] = compile("%s", field->name);
        for (size_t q = 0; q < sizeof QUESTIONS / sizeof *QUESTIONS; q++)
            if (QUESTIONS[q].type == field->type)
                asked[i] = compile(QUESTIONS[q].text, field->name);
    }
    several = compile("(smtp xor tcp.srcport == tcp.dstport) and !(ip.src in {ip.dst, 10.0.0.0/8}) or frame.len != frame.cap_len or tcp.seq + tcp.len == tcp.nxtseq", "");
}

/* ---- one frame ------------------------------------------------------------------------------------------------------------- */

static void read_value(const struct ms_value *v)
{
    volatile uint8_t last = 0;
    bool             bytes = v->type == MS_FT_STRING || v->type == MS_FT_BYTES || v->type == MS_FT_PROTOCOL;
    for (size_t i = 0; bytes && i < v->bytes.n + v->beyond; i++)
        last = v->bytes.p[i];
    (void)last;
}

static void look_at_field(struct ms_frame *f, enum ms_frame_field field, struct ms_value *room, struct ms_buffer *text)
{
    struct ms_value_sink to = { .next = room, .end = room + MS_VALUES_MAX };
    uint64_t             marks = ms_frame_field_marks(field);
    ms_frame_values(f, field, &to);
    for (struct ms_value *v = room; v < to.next; v++) {
        must(v->type == ms_frame_fields[field].type);
        read_value(v);
        if (v->type != MS_FT_PROTOCOL && v->type != MS_FT_NONE)
            ms_value_text(text, &ms_frame_fields[field], v);
        text->n = 0;
    }
    must(to.next == room || !marks || f->marks & marks);
    must(ms_filter_matches_frame(present[field], f) == (to.next > room));
    if (asked[field])
        must(ms_filter_matches_frame(asked[field], f) == ms_filter_matches_frame(asked[field], f));
}

static int first_field; /* of those that are looked at */

static bool on_frame(void *ctx, const struct ms_frame *f)
{
    static struct ms_value room[MS_VALUES_MAX];
    struct ms_frame_line   line = { 0 };
    struct ms_buffer       text = { 0 };
    struct ms_frame        own = *f;
    (void)ctx;
    for (int printing = 0; printing < 2; printing++) {
        own.printing = printing;
        for (int i = first_field; i < MS_FF_COUNT; i += SHARE)
            look_at_field(&own, (enum ms_frame_field)i, room, &text);
    }
    ms_filter_matches_frame(several, f);
    ms_frame_line(f, &line);
    ms_buffer_finish(&line.source);
    ms_buffer_finish(&line.destination);
    ms_buffer_finish(&line.protocol);
    ms_buffer_finish(&line.info);
    ms_buffer_finish(&text);
    return true;
}

/* ---- the way of the packets ------------------------------------------------------------------------------------------------- */

static size_t packets_of(const uint8_t *data, size_t size, struct ms_packet out[PACKETS])
{
    size_t count = 0;
    while (size >= HEAD && count < PACKETS) {
        size_t n = ms_le16(data + 1);
        n = n < size - HEAD ? n : size - HEAD;
        out[count] = (struct ms_packet){ .number = count + 1, .time = (int64_t)count * 1000000, .data = { data + HEAD, n }, .length = (uint32_t)n + data[0] / 128u,
                                         .link_type = LINK_TYPES[data[0] % 128 % (sizeof LINK_TYPES / sizeof *LINK_TYPES)] };
        count++;
        data += HEAD + n;
        size -= HEAD + n;
    }
    return count;
}

static void run(const struct ms_packet *packets, size_t count, const struct ms_limits *limits)
{
    struct ms_decoded_packet decoded[MS_BATCH];
    struct ms_frames_options o = { .needs = MS_NEED_TIMES | MS_NEED_LINE | MS_NEED_FRAGMENTS, .limits = *limits, .each = on_frame,
                                   .decoder = ms_decoder_create(limits) };
    struct ms_frames        *frames = ms_frames_create(&o);
    struct ms_output         output = { .element = ms_frames_element, .elements = ms_frames_elements(frames), .kept = ms_frames_kept, .frames_ctx = frames };
    struct ms_engine_options options = { .limits = *limits, .dialogue_only = true, .want_headers = true, .decoder = o.decoder };
    struct ms_engine        *engine = ms_engine_create(&options, &output);
    ms_frames_take(frames, packets, count);
    ms_engine_decoded(engine, decoded, ms_frames_decoded(frames, decoded));
    ms_frames_release(frames, ms_engine_settled(engine));
    ms_engine_finish(engine);
    ms_frames_finish(frames);
    ms_frames_destroy(frames);
    ms_engine_destroy(engine);
    ms_decoder_destroy(o.decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_packet packets[PACKETS];
    if (!several)
        make_filters();
    if (size == 0)
        return 0;
    first_field = 0;
    for (size_t i = 0; i < size; i++)
        first_field = (first_field + data[i]) % SHARE;
    struct ms_limits limits = data[0] & 1 ? ms_limits_tiny() : ms_limits_default();
    run(packets, packets_of(data + 1, size - 1, packets), &limits);
    return 0;
}
