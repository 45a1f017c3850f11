#include "sink/export.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 16384, PLACES = 4096 };

/* A file under way: part `index` of message `id`, or the whole message (WHOLE). */
static const uint32_t WHOLE = UINT32_MAX;
struct under_way { struct under_way *next; uint32_t id, index; bool begun, ended, failed; struct ms_buffer bytes; };

struct ms_export {
    bool              attachments;
    int               folder;      /* descriptor */
    FILE             *index;
    struct ms_rows   *rows;
    struct under_way *open[PLACES]; /* by message id */
    struct ms_map     written;     /* sha256 -> seen */
    uint64_t          files, occurrences, refused, most_files;
    int               error;
};

static const struct ms_table_column columns[] = {
    { "FILE", "file", false },       { "MESSAGE", "message", true },   { "SESSION", "session", true },
    { "FRAME", "frame", true },      { "PART", "part", false },        { "FILENAME", "filename", false },
    { "TYPE", "type", false },       { "DETECTED", "detected", false }, { "SIZE", "size", true },
    { "SHA256", "sha256", false },   { "COMPLETE", "complete", true }, { "FROM", "from", false },
    { "TO", "to", false },           { "SUBJECT", "subject", false },  { "DATE", "date", false },
};

static void note_error(struct ms_export *x)
{
    if (!x->error)
        x->error = errno ? errno : EIO;
}

static const char *index_name(enum ms_format f)
{
    static const char *const names[] = { "index.ndjson", "index.ndjson", "index.json", "index.csv", "index.tsv" };
    return names[f];
}

struct ms_export *ms_export_open(const char *folder, bool attachments, enum ms_format format, const struct ms_limits *limits)
{
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return NULL;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    int   index = openat(fd, index_name(format), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *file = index < 0 ? NULL : fdopen(index, "wb");
    if (!file) {
        close(fd);
        return NULL;
    }
    struct ms_export *x = ms_alloc(sizeof *x);
    *x = (struct ms_export){ .attachments = attachments, .folder = fd, .index = file, .most_files = limits->attachment_files };
    if (format == MS_FORMAT_TABLE)
        format = MS_FORMAT_NDJSON;
    x->rows = ms_rows_open(format, file, columns, sizeof columns / sizeof *columns);
    return x;
}

/* ---- files under way ------------------------------------------------------------------------------------------ */

static struct under_way *find(struct ms_export *x, uint32_t id, uint32_t index)
{
    struct under_way *u = x->open[id % PLACES];
    while (u && (u->id != id || u->index != index))
        u = u->next;
    return u;
}

static void temporary_name(const struct under_way *u, char name[48]) { snprintf(name, 48, ".mailscope-%d-%u-%u", (int)getpid(), u->id, u->index); }

static void write_out(struct ms_export *x, struct under_way *u)
{
    char name[48];
    temporary_name(u, name);
    int flags = u->begun ? O_APPEND : O_CREAT | O_EXCL;
    int fd = openat(x->folder, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | flags, 0666);
    struct ms_bytes rest = ms_buffer_bytes(&u->bytes);
    while (fd >= 0 && rest.n) {
        ssize_t n = write(fd, rest.p, rest.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        rest = ms_tail(rest, (size_t)n);
    }
    u->failed |= fd < 0 || rest.n;
    if (u->failed)
        note_error(x);
    if (fd >= 0)
        close(fd);
    u->begun = true;
    u->bytes.n = 0;
}

static struct under_way *start(struct ms_export *x, uint32_t id, uint32_t index)
{
    struct under_way *u = ms_alloc(sizeof *u);
    *u = (struct under_way){ .next = x->open[id % PLACES], .id = id, .index = index };
    x->open[id % PLACES] = u;
    return u;
}

static void add(struct ms_export *x, struct under_way *u, struct ms_bytes bytes)
{
    if (!u || u->failed)
        return;
    ms_buffer_append(&u->bytes, bytes);
    if (u->bytes.n > BUFFER_BYTES)
        write_out(x, u);
}

static void forget(struct ms_export *x, struct under_way *u)
{
    struct under_way **at = &x->open[u->id % PLACES];
    while (*at != u)
        at = &(*at)->next;
    *at = u->next;
    ms_buffer_finish(&u->bytes);
    ms_free(u);
}

static void drop(struct ms_export *x, struct under_way *u)
{
    char name[48];
    temporary_name(u, name);
    if (u->begun)
        unlinkat(x->folder, name, 0);
    forget(x, u);
}

/* ---- finished: named after its content -------------------------------------------------------------------------- */

static const char *ending(const char *detected)
{
    static const struct { const char *type, *ending; } endings[] = {
        { "application/pdf", "pdf" }, { "application/zip", "zip" }, { "image/png", "png" }, { "image/jpeg", "jpg" },
        { "image/gif", "gif" }, { "text/plain", "txt" }, { "text/html", "html" }, { "application/gzip", "gz" },
        { "application/vnd.ms-office", "ole" }, { "application/rtf", "rtf" }, { "image/svg+xml", "svg" },
        { "message/rfc822", "eml" }, { "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx" },
        { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx" },
        { "application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx" },
        { "text/calendar", "ics" }, { "text/vcard", "vcf" }, { "application/x-7z-compressed", "7z" },
    };
    for (size_t i = 0; detected && i < sizeof endings / sizeof *endings; i++)
        if (strcmp(detected, endings[i].type) == 0)
            return endings[i].ending;
    return "bin";
}

static bool is_new(struct ms_export *x, const uint8_t sha256[32])
{
    void **at = ms_map_put(&x->written, (struct ms_bytes){ sha256, 32 });
    bool   fresh = at && !*at;
    if (fresh)
        *at = x;
    return fresh;
}

/* Gives the file its name, or drops it when the content is there already. The name goes to `name`, empty when there is no file. */
static void settle(struct ms_export *x, struct under_way *u, const uint8_t sha256[32], const char *end, struct ms_buffer *name)
{
    char temporary[48];
    name->n = 0;
    if (u->bytes.n || !u->begun)
        write_out(x, u);
    ms_text_hex(name, (struct ms_bytes){ sha256, 32 });
    ms_text_format(name, ".%s", end);
    ms_buffer_append(name, (struct ms_bytes){ (const uint8_t *)"", 1 }); /* ends with NUL for the system */
    temporary_name(u, temporary);
    if (u->failed || (x->files >= x->most_files && !ms_map_get(&x->written, (struct ms_bytes){ sha256, 32 }))) {
        x->refused += !u->failed;
        name->n = 0;
    } else if (is_new(x, sha256) && renameat(x->folder, temporary, x->folder, (const char *)name->p) == 0) {
        x->files++;
        u->begun = false;
    }
    name->n -= name->n ? 1 : 0;
    drop(x, u);
}

static void cell_u64(struct ms_export *x, uint64_t v)
{
    struct ms_buffer t = { 0 };
    ms_text_u64(&t, v);
    ms_rows_cell(x->rows, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
}

static void list(struct ms_export *x, const struct ms_message *m, const struct ms_part *p, struct ms_bytes file)
{
    struct ms_buffer hex = { 0 };
    ms_text_hex(&hex, (struct ms_bytes){ p ? p->sha256 : m->sha256, 32 });
    ms_rows_cell(x->rows, file);
    cell_u64(x, m->id);
    cell_u64(x, m->session ? m->session->id : 0);
    cell_u64(x, m->first_frame);
    ms_rows_cell(x->rows, p ? p->path : (struct ms_bytes){ 0 });
    ms_rows_cell(x->rows, p ? p->filename : (struct ms_bytes){ 0 });
    ms_rows_cell(x->rows, p ? p->type : MS_LIT("message/rfc822"));
    ms_rows_cell(x->rows, ms_str(p ? p->detected : NULL));
    cell_u64(x, p ? p->size : m->size);
    ms_rows_cell(x->rows, ms_buffer_bytes(&hex));
    ms_rows_cell(x->rows, ms_str((p ? p->complete : m->complete) ? "true" : "false"));
    ms_rows_cell(x->rows, m->headers.from);
    ms_rows_cell(x->rows, m->headers.to);
    ms_rows_cell(x->rows, m->headers.subject);
    ms_rows_cell(x->rows, m->headers.date);
    x->occurrences++;
    ms_buffer_finish(&hex);
}

/* ---- what the engine tells --------------------------------------------------------------------------------------- */

static bool is_attachment(const struct ms_part *p)
{
    if (p->multipart || p->odd & MS_MIME_NOT_FETCHED)
        return false;
    if (p->filename.n || ms_equal_nocase(p->disposition, MS_LIT("attachment")))
        return true;
    return p->type.n && !ms_starts_nocase(p->type, MS_LIT("text/")) && !ms_starts_nocase(p->type, MS_LIT("message/"));
}

static void on_body(void *ctx, uint32_t id, struct ms_bytes bytes)
{
    struct ms_export *x = ctx;
    struct under_way *u = find(x, id, WHOLE);
    add(x, u ? u : start(x, id, WHOLE), bytes);
}

static void on_part_begin(void *ctx, uint32_t id, size_t index, const struct ms_part *part)
{
    if (is_attachment(part))
        start(ctx, id, (uint32_t)index);
}

static void on_part_data(void *ctx, uint32_t id, size_t index, struct ms_bytes decoded)
{
    struct ms_export *x = ctx;
    add(x, find(x, id, (uint32_t)index), decoded);
}

static void on_part_end(void *ctx, uint32_t id, size_t index, const struct ms_part *part)
{
    struct ms_export *x = ctx;
    struct under_way *u = find(x, id, (uint32_t)index);
    (void)part;
    if (u && u->bytes.n)
        write_out(x, u); /* its message may take long to end */
    if (u)
        ms_buffer_finish(&u->bytes);
}

static void on_body_done(void *ctx, uint32_t id, bool discarded)
{
    struct ms_export *x = ctx;
    for (struct under_way *u = x->open[id % PLACES], *next; u; u = next) {
        next = u->next;
        if (u->id != id)
            continue;
        if (discarded)
            drop(x, u);
        else if (u->bytes.n)
            write_out(x, u);
    }
}

static void on_message(void *ctx, const struct ms_message *m)
{
    struct ms_export *x = ctx;
    struct ms_buffer  name = { 0 };
    if (!x->attachments) {
        if (!find(x, m->id, WHOLE))
            start(x, m->id, WHOLE); /* an empty message */
        settle(x, find(x, m->id, WHOLE), m->sha256, "eml", &name);
        list(x, m, NULL, ms_buffer_bytes(&name));
    }
    for (size_t i = 0; x->attachments && i < m->part_count; i++) {
        struct under_way *u = find(x, m->id, (uint32_t)i);
        if (!u)
            continue;
        settle(x, u, m->parts[i].sha256, ending(m->parts[i].detected), &name);
        list(x, m, &m->parts[i], ms_buffer_bytes(&name));
    }
    ms_buffer_finish(&name);
}

struct ms_output ms_export_output(struct ms_export *x)
{
    struct ms_output o = { .message = on_message, .body_done = on_body_done, .ctx = x };
    if (!x->attachments) {
        o.body = on_body;
        return o;
    }
    o.part_begin = on_part_begin;
    o.part_data = on_part_data;
    o.part_end = on_part_end;
    return o;
}

uint64_t ms_export_files(const struct ms_export *x) { return x->files; }
uint64_t ms_export_occurrences(const struct ms_export *x) { return x->occurrences; }
uint64_t ms_export_refused(const struct ms_export *x) { return x->refused; }

bool ms_export_close(struct ms_export *x)
{
    for (size_t i = 0; i < PLACES; i++)
        while (x->open[i])
            drop(x, x->open[i]);
    if (!ms_rows_close(x->rows))
        note_error(x);
    if (fclose(x->index) != 0)
        note_error(x);
    close(x->folder);
    ms_map_finish(&x->written);
    int error = x->error;
    ms_free(x);
    errno = error;
    return error == 0;
}
