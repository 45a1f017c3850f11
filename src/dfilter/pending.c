/* Only until the compiler is here. */
#include "base/text.h"
#include "dfilter/dfilter.h"
struct ms_dfilter *ms_dfilter_compile(const struct ms_field_table *table, struct ms_bytes text, struct ms_dfilter_error *error)
{ (void)table, (void)text; *error = (struct ms_dfilter_error){ 0 }; return NULL; }
void ms_dfilter_destroy(struct ms_dfilter *f) { (void)f; }
void ms_dfilter_error_render(const struct ms_dfilter_error *error, struct ms_bytes text, struct ms_buffer *out) { (void)error, (void)text; ms_text_str(out, "no filters yet\n"); }
const uint16_t *ms_dfilter_fields(const struct ms_dfilter *f, size_t *n) { (void)f; *n = 0; return NULL; }
bool ms_dfilter_matches(const struct ms_dfilter *f, const struct ms_dfilter_source *source) { (void)f, (void)source; return false; }
void ms_value_text(struct ms_buffer *out, const struct ms_field *f, const struct ms_value *v)
{
    switch (v->type) {
    case MS_FT_NONE: case MS_FT_PROTOCOL: ms_text_str(out, f->title); break;
    case MS_FT_STRING: ms_text_add(out, v->bytes); break;
    case MS_FT_BYTES: ms_text_hex(out, v->bytes); break;
    case MS_FT_IPV4: case MS_FT_IPV6: case MS_FT_IP: ms_text_address(out, v->ip); break;
    case MS_FT_ETHER: for (int i = 0; i < 6; i++) ms_text_format(out, "%s%02x", i ? ":" : "", v->ether[i]); break;
    case MS_FT_TIME: ms_text_time(out, v->i, 9); break;
    case MS_FT_DURATION: ms_text_seconds(out, v->i, 9); break;
    default: if (f->base == MS_FB_HEX) ms_text_format(out, "0x%llx", (unsigned long long)v->u); else ms_text_u64(out, v->u);
    }
}
