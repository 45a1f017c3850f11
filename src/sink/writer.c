#include "sink/writer.h"

#include "model/record.h"

void ms_writer_start(struct ms_writer *w)
{
    w->flat_count = 0;
    w->path.n = 0;
    w->depth = 0;
    w->comma = w->arrays = 0;
    w->unwanted = 0;
    if (w->collector)
        ms_collect_start(w->collector);
    else if (w->out)
        ms_text_char(w->out, '{');
}

void ms_writer_finish(struct ms_writer *w)
{
    for (size_t i = 0; i < w->flat_room; i++) {
        ms_buffer_finish(&w->flat[i].json);
        ms_buffer_finish(&w->flat[i].plain);
        ms_free((void *)(uintptr_t)w->flat[i].name.p);
    }
    ms_free(w->flat);
    ms_buffer_finish(&w->path);
}

/* ---- JSON ---------------------------------------------------------------------------------------------------- */

static void json_key(struct ms_writer *w, const char *key)
{
    if (w->comma & 1u << w->depth)
        ms_text_char(w->out, ',');
    w->comma |= (uint16_t)(1u << w->depth);
    if (!key)
        return;
    ms_text_char(w->out, '"');
    ms_text_str(w->out, key);
    ms_text_str(w->out, "\":");
}

/* ---- flat ---------------------------------------------------------------------------------------------------- */

static struct ms_flat *flat_new(struct ms_writer *w, struct ms_bytes name)
{
    if (w->flat_count == w->flat_room) {
        size_t room = w->flat_room ? w->flat_room * 2 : 64;
        w->flat = ms_resize(w->flat, room * sizeof *w->flat);
        memset(w->flat + w->flat_room, 0, (room - w->flat_room) * sizeof *w->flat);
        w->flat_room = room;
    }
    struct ms_flat *f = &w->flat[w->flat_count++];
    if (!ms_equal(f->name, name)) {
        uint8_t *copy = ms_resize((void *)(uintptr_t)f->name.p, name.n);
        memcpy(copy, name.p, name.n);
        f->name = (struct ms_bytes){ copy, name.n };
    }
    f->json.n = f->plain.n = 0;
    f->count = 0;
    f->array = w->arrays != 0;
    return f;
}

const struct ms_flat *ms_writer_find(const struct ms_writer *w, struct ms_bytes name)
{
    for (size_t i = 0; i < w->flat_count; i++)
        if (ms_equal(w->flat[i].name, name))
            return &w->flat[i];
    return NULL;
}

static size_t add_key(struct ms_writer *w, const char *key)
{
    size_t before = w->path.n;
    if (key && before)
        ms_text_char(&w->path, '.');
    if (key)
        ms_text_str(&w->path, key);
    return before;
}

/* The field under path.key, with a comma when it holds a value already. */
static struct ms_flat *flat_value(struct ms_writer *w, const char *key)
{
    size_t          before = add_key(w, key);
    struct ms_flat *f = (struct ms_flat *)(uintptr_t)ms_writer_find(w, ms_buffer_bytes(&w->path));
    if (!f)
        f = flat_new(w, ms_buffer_bytes(&w->path));
    w->path.n = before;
    if (f->count++) {
        ms_text_char(&f->json, ',');
        ms_text_char(&f->plain, ',');
    }
    return f;
}

/* ---- values for a filter ----------------------------------------------------------------------------------------- */

static void collect(struct ms_writer *w, const char *key, struct ms_value v)
{
    size_t before = add_key(w, key);
    ms_collect_value(w->collector, ms_buffer_bytes(&w->path), v);
    w->path.n = before;
}

/* Flat: is what lies below this path a column? */
static bool is_column_inside(const struct ms_writer *w, struct ms_bytes path)
{
    if (!w->columns)
        return true;
    for (size_t i = 0; i < w->column_count; i++) {
        struct ms_bytes name = ms_str(w->columns[i]);
        if (name.n >= path.n && memcmp(name.p, path.p, path.n) == 0 && (name.n == path.n || name.p[path.n] == '.'))
            return true;
    }
    return false;
}

/* What lies below an object of which nothing is wanted costs a test each. */
static void enter_path(struct ms_writer *w, const char *key, bool array)
{
    if (w->unwanted) {
        w->unwanted++;
        return;
    }
    w->path_ends[w->depth % 16] = (uint32_t)add_key(w, key);
    struct ms_bytes path = ms_buffer_bytes(&w->path);
    w->unwanted = w->collector ? !ms_collect_inside(w->collector, path) : !is_column_inside(w, path);
    if (w->collector && !w->unwanted && !array)
        ms_collect_value(w->collector, path, ms_value_none());
}

bool ms_writer_collects(const struct ms_writer *w, const char *path)
{
    return w->collector && ms_collect_inside(w->collector, ms_str(path));
}

/* ---- objects and arrays ------------------------------------------------------------------------------------------- */

static void enter(struct ms_writer *w, const char *key, char open, bool array)
{
    if (w->out && !w->collector) {
        json_key(w, key);
        ms_text_char(w->out, open);
    } else {
        enter_path(w, key, array);
    }
    w->depth++;
    w->comma &= (uint16_t)~(1u << w->depth);
    if (array)
        w->arrays |= (uint16_t)(1u << w->depth);
}

static void leave(struct ms_writer *w, char close)
{
    w->arrays &= (uint16_t)~(1u << w->depth);
    w->depth--;
    w->unwanted -= w->unwanted > 0;
    if (w->out && !w->collector)
        ms_text_char(w->out, close);
    else if (!w->unwanted)
        w->path.n = w->path_ends[w->depth % 16];
}

void ms_write_begin(struct ms_writer *w, const char *key) { enter(w, key, '{', false); }
void ms_write_end(struct ms_writer *w) { leave(w, '}'); }
void ms_write_array(struct ms_writer *w, const char *key) { enter(w, key, '[', true); }
void ms_write_array_end(struct ms_writer *w) { leave(w, ']'); }

/* ---- values -------------------------------------------------------------------------------------------------- */

void ms_write_string(struct ms_writer *w, const char *key, struct ms_bytes text)
{
    if (w->unwanted)
        return;
    if (w->collector) {
        collect(w, key, ms_value_string(text));
        return;
    }
    if (w->out) {
        json_key(w, key);
        ms_text_json(w->out, text);
        return;
    }
    struct ms_flat *f = flat_value(w, key);
    ms_text_json(&f->json, text);
    ms_text_add(&f->plain, text);
}

void ms_write_text(struct ms_writer *w, const char *key, struct ms_bytes text)
{
    if (text.n)
        ms_write_string(w, key, text);
}

/* A value that is the same text in JSON and in a table. */
static void write_raw(struct ms_writer *w, const char *key, const struct ms_buffer *text)
{
    if (w->out) {
        json_key(w, key);
        ms_text_add(w->out, ms_buffer_bytes(text));
        return;
    }
    struct ms_flat *f = flat_value(w, key);
    ms_text_add(&f->json, ms_buffer_bytes(text));
    ms_text_add(&f->plain, ms_buffer_bytes(text));
}

void ms_write_u64(struct ms_writer *w, const char *key, uint64_t v)
{
    if (w->unwanted)
        return;
    if (w->collector) {
        collect(w, key, ms_value_uint(v));
        return;
    }
    if (w->out) {
        json_key(w, key);
        ms_text_u64(w->out, v);
        return;
    }
    struct ms_flat *f = flat_value(w, key);
    ms_text_u64(&f->json, v);
    ms_text_u64(&f->plain, v);
}

void ms_write_bool(struct ms_writer *w, const char *key, bool v)
{
    if (w->unwanted)
        return;
    if (w->collector) {
        collect(w, key, ms_value_bool(v));
        return;
    }
    struct ms_buffer text = { (uint8_t *)(uintptr_t)(v ? "true" : "false"), v ? 4 : 5, 0 };
    write_raw(w, key, &text);
}

void ms_write_seconds(struct ms_writer *w, const char *key, int64_t ns)
{
    if (w->unwanted || ns == MS_UNKNOWN)
        return;
    if (w->collector) {
        collect(w, key, ms_value_duration(ns));
        return;
    }
    if (w->out) {
        json_key(w, key);
        ms_text_seconds(w->out, ns, (int)w->time_digits);
        return;
    }
    struct ms_flat *f = flat_value(w, key);
    ms_text_seconds(&f->json, ns, (int)w->time_digits);
    ms_text_seconds(&f->plain, ns, (int)w->time_digits);
}

void ms_write_time(struct ms_writer *w, const char *key, int64_t ns)
{
    if (w->unwanted || ns == MS_UNKNOWN)
        return;
    if (w->collector) {
        collect(w, key, ms_value_time(ns));
        return;
    }
    struct ms_buffer *json = w->out, *plain = NULL;
    if (w->out) {
        json_key(w, key);
    } else {
        struct ms_flat *f = flat_value(w, key);
        json = &f->json;
        plain = &f->plain;
    }
    ms_text_char(json, '"');
    ms_text_time(json, ns, (int)w->time_digits);
    ms_text_char(json, '"');
    if (plain)
        ms_text_time(plain, ns, (int)w->time_digits);
}

void ms_write_flat(struct ms_writer *w, const char *name, struct ms_bytes json, struct ms_bytes plain, bool array)
{
    if (ms_writer_find(w, ms_str(name)))
        return;
    struct ms_flat *f = flat_new(w, ms_str(name));
    f->count = 1;
    f->array = array;
    ms_text_add(&f->json, json);
    ms_text_add(&f->plain, plain);
}

void ms_write_word(struct ms_writer *w, const char *key, const char *word, unsigned place)
{
    if (!w->collector) {
        ms_write_string(w, key, ms_str(word));
        return;
    }
    if (w->unwanted)
        return;
    size_t before = add_key(w, key);
    ms_collect_word(w->collector, ms_buffer_bytes(&w->path), ms_str(word), place);
    w->path.n = before;
}

void ms_write_code(struct ms_writer *w, const char *key, unsigned code)
{
    char scratch[8];
    if (code >= MS_RESULT_COUNT)
        ms_write_u64(w, key, code);
    else if (code)
        ms_write_word(w, key, ms_code_name(code, scratch), code);
}

void ms_write_code_count(struct ms_writer *w, unsigned code, uint64_t count)
{
    char scratch[8];
    if (w->unwanted)
        return;
    if (w->collector)
        collect(w, NULL, ms_value_uint(code));
    else
        ms_write_u64(w, ms_code_name(code, scratch), count);
}

void ms_write_address(struct ms_writer *w, const char *key, const uint8_t ip[16])
{
    if (w->unwanted)
        return;
    struct ms_buffer text = { 0 };
    if (w->collector) {
        collect(w, key, ms_value_ip(MS_FT_IP, ip));
        return;
    }
    ms_text_address(&text, ip);
    ms_write_string(w, key, ms_buffer_bytes(&text));
    ms_buffer_finish(&text);
}
