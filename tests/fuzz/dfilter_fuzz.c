/* tests/fuzz/dfilter_fuzz.c - any bytes as a display filter, asked of the records of tests/support/dfilter_record.h and of one whose text is the
 * input itself: it compiles or says where it does not, answers the same twice, the same with bits as without, and its error can be
 * drawn.                                                                                                              */
#include "dfilter_record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static const struct ms_bytes *own_text;

/* Everything is the text of the filter, or made of its length; two values of each. */
static void text_values(void *ctx, size_t field, struct ms_value_sink *to)
{
    (void)ctx;
    struct ms_value v = { .type = test_fields[field].type, .layer = 1 };
    switch (v.type) {
    case MS_FT_STRING: case MS_FT_BYTES: case MS_FT_PROTOCOL: v.bytes = *own_text; break;
    case MS_FT_DOUBLE: v.d = (double)own_text->n / 4; break;
    case MS_FT_NONE: break;
    case MS_FT_BOOLEAN: v.u = own_text->n & 1; break;
    default: memcpy(v.ip, own_text->p, own_text->n < 16 ? own_text->n : 16); break;
    }
    ms_value_push(to, v);
    v.layer = 2;
    if (v.type == MS_FT_STRING || v.type == MS_FT_BYTES || v.type == MS_FT_PROTOCOL)
        v.bytes = ms_tail(v.bytes, v.bytes.n / 2);
    ms_value_push(to, v);
}

static void ask(const struct ms_dfilter *f, void (*values)(void *, size_t, struct ms_value_sink *), void *ctx)
{
    struct ms_dfilter_source source = { values, ctx };
    bool                     holds = ms_dfilter_matches(f, &source);
    uint64_t                 bits = 0, again = 0;
    must(holds == ms_dfilter_matches(f, &source));
    for (unsigned unit = 0; unit < MS_FIELD_UNITS; unit++) {
        bits |= ms_dfilter_test(f, unit, &source);
        again |= ms_dfilter_test(f, unit, &source);
    }
    must(bits == again);
    uint32_t units = ms_dfilter_units(f);
    if (units & (units - 1))
        must(ms_dfilter_decide(f, bits) == holds); /* the same source stands for all units */
}

static void draw(const struct ms_dfilter_error *error, struct ms_bytes text)
{
    struct ms_buffer out = { 0 };
    must(error->sentence[0] && error->column <= text.n && error->length > 0);
    ms_dfilter_error_render(error, text, &out);
    must(out.n > 0);
    ms_buffer_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_dfilter_error error;
    struct record           records[] = { RECORD(frame_samples), RECORD(session_samples), RECORD(message_samples) };
    struct ms_bytes         text = { data, size };
    struct ms_dfilter      *f = ms_dfilter_compile(&test_table, text, &error);
    if (!f) {
        draw(&error, text);
        return 0;
    }
    own_text = &text;
    for (size_t i = 0; i < 3; i++)
        ask(f, record_values, &records[i]);
    ask(f, text_values, NULL);
    ms_dfilter_destroy(f);
    return 0;
}
