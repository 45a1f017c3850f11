/* tls/keylog.c - lines and files of key logs; what they say is kept in key_table.c.
 *
 * Reads    a file in pieces of 64 KiB. What its last line says as long as it has no end is kept beside the table and forgotten when more
 *          comes: half of a secret can look like a whole one.
 *
 * BUGS     A key log that was replaced by another file under its name is not noticed, one that was emptied is. A secret of more than 64 bytes
 *          (the pre-master of a Diffie-Hellman exchange in a PMS_CLIENT_RANDOM line) is counted as odd. UTF-16 is not read.      */
#include "base/arena.h"
#include "base/secret.h"
#include "tls/key_table.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RANDOM_BYTES = 32, MASTER_BYTES = 48, ENCRYPTED_BYTES = 8,
    LINE_BYTES = 1024,        /* longest line looked at: the longest good one has 273 */
    READ_BYTES = 64 * 1024,
    NOT_HEX = 0xff,
};

#define LABEL_NONE MS_KEY_LABEL_COUNT /* known, and of no use for reading records */

enum kind { LINE_NONE, LINE_KEY, LINE_ODD };

struct key_file {
    int           fd;
    bool          in_long_line;
    uint64_t      at;         /* read so far */
    enum kind     half_kind;  /* of a line whose end has not come */
    struct ms_key half_key;
    size_t        half_n;
    uint8_t       half[LINE_BYTES];
};

struct ms_keylog {
    struct ms_key_table table;
    uint64_t lines, odd, refused, text_count, text_cap;
    bool     from_text, premasters, by_server;
    struct key_file **files; size_t file_count;
    uint8_t  hex[256];        /* value of a digit; NOT_HEX */
};

/* ---- a line ------------------------------------------------------------------------------------------------------ */

static struct ms_bytes word(struct ms_bytes *line)
{
    while (line->n && *line->p == ' ')
        *line = ms_tail(*line, 1);
    const uint8_t  *end = line->n ? memchr(line->p, ' ', line->n) : NULL;
    struct ms_bytes w = ms_head(*line, end ? (size_t)(end - line->p) : line->n);
    *line = ms_tail(*line, w.n);
    return w;
}

/* Bytes from hex: `least` to `most` of them; 0 when it is no hex or too many or few. */
static size_t from_hex(const struct ms_keylog *k, struct ms_bytes hex, size_t least, uint8_t out[MS_KEY_BYTES])
{
    size_t  n = hex.n / 2;
    uint8_t bad = 0;
    if (hex.n % 2 || n < least || n > MS_KEY_BYTES)
        return 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t high = k->hex[hex.p[2 * i]], low = k->hex[hex.p[2 * i + 1]];
        bad |= high | low; /* NOT_HEX has bits that no digit has */
        out[i] = (uint8_t)(high << 4 | low);
    }
    return bad & 0x80 ? 0 : n;
}

static bool secret_fits(enum ms_keylog_label label, size_t n)
{
    switch (label) {
    case MS_KEY_MASTER:
    case MS_KEY_SESSION_MASTER:
    case MS_KEY_RSA_PREMASTER: return n == MASTER_BYTES;
    case MS_KEY_PREMASTER: return n > 0;
    default: return n == 32 || n == 48 || n == 64; /* SHA-256, SHA-384, SHA-512 */
    }
}

static enum kind key_line(const struct ms_keylog *k, struct ms_bytes id_hex, struct ms_bytes secret_hex, struct ms_key *key)
{
    key->id_n = (uint8_t)from_hex(k, id_hex, 1, key->id);
    key->n = (uint8_t)from_hex(k, secret_hex, 1, key->secret);
    bool fits = key->label == MS_KEY_SESSION_MASTER  ? key->id_n > 0 && key->id_n <= RANDOM_BYTES
                : key->label == MS_KEY_RSA_PREMASTER ? key->id_n == ENCRYPTED_BYTES
                                                     : key->id_n == RANDOM_BYTES;
    return fits && secret_fits(key->label, key->n) ? LINE_KEY : LINE_ODD;
}

static struct ms_bytes after(struct ms_bytes w, struct ms_bytes prefix) /* empty when it does not begin so */
{
    bool begins = w.n >= prefix.n && memcmp(w.p, prefix.p, prefix.n) == 0;
    return begins ? ms_tail(w, prefix.n) : (struct ms_bytes){ NULL, 0 };
}

/* "RSA <8 bytes> <pre-master>", "RSA Session-ID:<id> Master-Key:<key>" */
static enum kind rsa_line(const struct ms_keylog *k, struct ms_bytes id, struct ms_bytes secret, struct ms_key *key)
{
    struct ms_bytes session = after(id, MS_LIT("Session-ID:"));
    key->label = session.n ? MS_KEY_SESSION_MASTER : MS_KEY_RSA_PREMASTER;
    return session.n ? key_line(k, session, after(secret, MS_LIT("Master-Key:")), key) : key_line(k, id, secret, key);
}

/* False: no label that is known. */
static bool find_label(struct ms_bytes w, enum ms_keylog_label *label)
{
    static const struct { struct ms_bytes name; enum ms_keylog_label label; } labels[] = {
#define ROW(text, label) { { (const uint8_t *)(text), sizeof(text) - 1 }, label }
        ROW("CLIENT_RANDOM", MS_KEY_MASTER),
        ROW("CLIENT_HANDSHAKE_TRAFFIC_SECRET", MS_KEY_CLIENT_HANDSHAKE), ROW("SERVER_HANDSHAKE_TRAFFIC_SECRET", MS_KEY_SERVER_HANDSHAKE),
        ROW("CLIENT_TRAFFIC_SECRET_0", MS_KEY_CLIENT_TRAFFIC), ROW("SERVER_TRAFFIC_SECRET_0", MS_KEY_SERVER_TRAFFIC),
        ROW("CLIENT_EARLY_TRAFFIC_SECRET", MS_KEY_CLIENT_EARLY), ROW("PMS_CLIENT_RANDOM", MS_KEY_PREMASTER),
        ROW("EXPORTER_SECRET", LABEL_NONE), ROW("EARLY_EXPORTER_SECRET", LABEL_NONE), ROW("EARLY_EXPORTER_MASTER_SECRET", LABEL_NONE),
        ROW("ECH_SECRET", LABEL_NONE), ROW("ECH_CONFIG", LABEL_NONE),
#undef ROW
    };
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        if (labels[i].name.n != w.n || memcmp(labels[i].name.p, w.p, w.n) != 0)
            continue;
        *label = labels[i].label;
        return true;
    }
    return false;
}

/* The shape of a label that is not known here, as later generations of a secret: CLIENT_TRAFFIC_SECRET_1. */
static bool is_label(struct ms_bytes w)
{
    for (size_t i = 0; i < w.n; i++)
        if (w.p[i] != '_' && !ms_is_digit(w.p[i]) && (w.p[i] < 'A' || w.p[i] > 'Z'))
            return false;
    return true;
}

static enum kind parse_line(const struct ms_keylog *k, struct ms_bytes line, struct ms_key *key)
{
    while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
        line.n--;
    struct ms_bytes name = word(&line), id = word(&line), secret = word(&line);
    if (name.n == 0 || *name.p == '#')
        return LINE_NONE;
    if (word(&line).n)
        return LINE_ODD;
    if (ms_equal(name, MS_LIT("RSA")))
        return rsa_line(k, id, secret, key);
    if (!find_label(name, &key->label)) {
        key->label = MS_KEY_CLIENT_TRAFFIC; /* of the same shape */
        return is_label(name) && key_line(k, id, secret, key) == LINE_KEY ? LINE_NONE : LINE_ODD;
    }
    return key->label == LABEL_NONE ? LINE_NONE : key_line(k, id, secret, key);
}

static bool may_add(struct ms_keylog *k)
{
    if (!k->from_text)
        return true;
    if (k->text_count >= k->text_cap) {
        k->refused++;
        return false;
    }
    k->text_count++;
    return true;
}

static void store(struct ms_keylog *k, const struct ms_key *key)
{
    k->premasters |= key->label == MS_KEY_PREMASTER || key->label == MS_KEY_RSA_PREMASTER;
    k->by_server |= key->label >= MS_KEY_RSA_PREMASTER;
    if (!ms_key_table_replace(&k->table, key) && may_add(k))
        ms_key_table_add(&k->table, key);
}

static void take_line(struct ms_keylog *k, struct ms_bytes line, struct ms_key *key)
{
    enum kind kind = line.n > LINE_BYTES ? LINE_ODD : parse_line(k, line, key);
    key->brought = k->from_text;
    if (kind == LINE_KEY)
        store(k, key);
    k->lines += kind == LINE_KEY;
    k->odd += kind == LINE_ODD;
}

/* The lines that end in `text`; what is left of it. */
static struct ms_bytes take_lines(struct ms_keylog *k, struct ms_bytes text)
{
    struct ms_key key = { 0 };
    for (const uint8_t *end; text.n && (end = memchr(text.p, '\n', text.n));) {
        size_t n = (size_t)(end - text.p);
        take_line(k, ms_head(text, n), &key);
        text = ms_tail(text, n + 1);
    }
    ms_secret_wipe(&key, sizeof key);
    return text;
}

static struct ms_bytes without_mark(struct ms_bytes text) /* the byte order mark that some editors put before UTF-8 */
{
    return text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0 ? ms_tail(text, 3) : text;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* The end of a line that was too long: it is counted when it has come. */
static struct ms_bytes leave_long_line(struct ms_keylog *k, struct key_file *f, struct ms_bytes text)
{
    if (!f->in_long_line)
        return text;
    size_t end = ms_find(text, '\n');
    if (end == text.n)
        return ms_tail(text, end);
    f->in_long_line = false;
    k->odd++;
    return ms_tail(text, end + 1);
}

static void keep_half(const struct ms_keylog *k, struct key_file *f, struct ms_bytes half)
{
    f->half_n = half.n;
    memcpy(f->half, half.p, half.n);
    f->half_kind = parse_line(k, half, &f->half_key);
}

/* From where it was left to its present end. */
static bool read_on(struct ms_keylog *k, struct key_file *f)
{
    uint8_t *buffer = ms_secret_alloc(LINE_BYTES + READ_BYTES);
    size_t   n = f->half_n;
    ssize_t  got;
    memcpy(buffer, f->half, n);
    while ((got = read(f->fd, buffer + n, READ_BYTES)) > 0 || (got < 0 && errno == EINTR)) {
        if (got < 0)
            continue;
        struct ms_bytes text = { buffer, n + (size_t)got };
        if (f->at == 0 && text.n >= 3)
            text = without_mark(text);
        f->at += (uint64_t)got;
        text = take_lines(k, leave_long_line(k, f, text));
        if (text.n > LINE_BYTES) {
            f->in_long_line = true;
            text.n = 0;
        }
        n = text.n;
        memmove(buffer, text.p, n);
    }
    int error = errno;
    keep_half(k, f, (struct ms_bytes){ buffer, n });
    ms_secret_free(buffer, LINE_BYTES + READ_BYTES);
    errno = error;
    return got == 0;
}

static void close_file(struct key_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

bool ms_keylog_add_file(struct ms_keylog *k, const char *path)
{
    struct stat st;
    int         fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    struct key_file *f = ms_secret_alloc(sizeof *f);
    f->fd = fd;
    k->files = ms_resize(k->files, (k->file_count + 1) * sizeof *k->files);
    k->files[k->file_count++] = f;
    k->from_text = false;
    bool whole = read_on(k, f);
    int  error = errno;
    if (!whole || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) /* nothing will be appended */
        close_file(f);
    errno = error;
    return whole;
}

void ms_keylog_refresh(struct ms_keylog *k)
{
    k->from_text = false;
    for (size_t i = 0; i < k->file_count; i++) {
        struct key_file *f = k->files[i];
        struct stat      st;
        if (f->fd < 0 || fstat(f->fd, &st) != 0 || (uint64_t)st.st_size == f->at)
            continue;
        if ((uint64_t)st.st_size < f->at && lseek(f->fd, 0, SEEK_SET) == 0) { /* emptied, and written anew */
            f->at = f->half_n = 0;
            f->in_long_line = false;
        }
        read_on(k, f);
    }
}

void ms_keylog_add_text(struct ms_keylog *k, struct ms_bytes lines)
{
    struct ms_key key = { 0 };
    k->from_text = true;
    take_line(k, take_lines(k, without_mark(lines)), &key);
    k->from_text = false; /* a file may grow later */
    ms_secret_wipe(&key, sizeof key);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

struct ms_keylog *ms_keylog_create(void)
{
    struct ms_keylog *k = ms_alloc(sizeof *k);
    k->text_cap = UINT64_MAX;
    memset(k->hex, NOT_HEX, sizeof k->hex);
    for (uint8_t i = 0; i < 16; i++)
        k->hex[(uint8_t)"0123456789abcdef"[i]] = k->hex[(uint8_t)"0123456789ABCDEF"[i]] = i;
    return k;
}

void ms_keylog_destroy(struct ms_keylog *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < k->file_count; i++) {
        close_file(k->files[i]);
        ms_secret_free(k->files[i], sizeof *k->files[i]);
    }
    ms_key_table_finish(&k->table);
    ms_free(k->files);
    ms_free(k);
}

void     ms_keylog_cap(struct ms_keylog *k, uint64_t most) { k->text_cap = most; }
uint64_t ms_keylog_refused(const struct ms_keylog *k) { return k->refused; }

/* ---- questions --------------------------------------------------------------------------------------------------- */

static struct ms_bytes half_id(const struct key_file *f) { return (struct ms_bytes){ f->half_key.id, f->half_key.id_n }; }

bool ms_keylog_by_server(const struct ms_keylog *k)
{
    bool half = false;
    for (size_t i = 0; i < k->file_count; i++)
        half |= k->files[i]->half_kind == LINE_KEY && k->files[i]->half_key.label >= MS_KEY_RSA_PREMASTER;
    return half || k->by_server;
}

bool ms_keylog_premasters(const struct ms_keylog *k) { return k->premasters || k->file_count; }

/* Would the secret of its unfinished line be one more? */
static bool half_is_new(const struct ms_keylog *k, const struct key_file *f)
{
    struct ms_bytes secret = { f->half_key.secret, f->half_key.n }, found;
    unsigned        n = 0;
    while ((found = ms_key_table_find(&k->table, f->half_key.label, half_id(f), n)).n && !ms_equal(found, secret))
        n++;
    return found.n == 0 && n < MS_KEY_CANDIDATES;
}

uint64_t ms_keylog_count(const struct ms_keylog *k)
{
    uint64_t n = k->table.count;
    for (size_t i = 0; i < k->file_count; i++) {
        const struct key_file *f = k->files[i];
        n += f->half_kind == LINE_KEY && half_is_new(k, f);
    }
    return n;
}

uint64_t ms_keylog_lines(const struct ms_keylog *k)
{
    uint64_t n = k->lines;
    for (size_t i = 0; i < k->file_count; i++)
        n += k->files[i]->half_kind == LINE_KEY;
    return n;
}

uint64_t ms_keylog_odd(const struct ms_keylog *k)
{
    uint64_t n = k->odd;
    for (size_t i = 0; i < k->file_count; i++)
        n += k->files[i]->half_kind == LINE_ODD || k->files[i]->in_long_line;
    return n;
}

struct ms_bytes ms_keylog_find(const struct ms_keylog *k, enum ms_keylog_label label, struct ms_bytes id, unsigned nth)
{
    for (size_t i = 0; i < k->file_count; i++) {
        const struct key_file *f = k->files[i];
        if (f->half_kind == LINE_KEY && f->half_key.label == label && ms_equal(half_id(f), id) && nth-- == 0)
            return (struct ms_bytes){ f->half_key.secret, f->half_key.n };
    }
    return ms_key_table_find(&k->table, label, id, nth);
}

bool ms_keylog_knows(const struct ms_keylog *k, struct ms_bytes client_random)
{
    if (client_random.n != RANDOM_BYTES)
        return false;
    for (size_t i = 0; i < k->file_count; i++) {
        const struct key_file *f = k->files[i];
        if (f->half_kind == LINE_KEY && f->half_key.label < MS_KEY_RSA_PREMASTER && ms_equal(half_id(f), client_random))
            return true;
    }
    return ms_key_table_knows(&k->table, client_random);
}

size_t ms_keylog_ids(const struct ms_keylog *k) { return k->table.head_count + k->file_count; }

size_t ms_keylog_randoms(const struct ms_keylog *k, const uint8_t **list)
{
    size_t n = ms_key_table_randoms(&k->table, list);
    for (size_t i = 0; i < k->file_count; i++) {
        const struct key_file *f = k->files[i];
        if (f->half_kind == LINE_KEY && f->half_key.label < MS_KEY_RSA_PREMASTER && !ms_key_table_knows(&k->table, half_id(f)))
            list[n++] = f->half_key.id;
    }
    return n;
}
