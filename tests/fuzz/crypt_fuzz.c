/* tests/fuzz/crypt_fuzz.c - a script of records: good ones, lost ones, junk, key updates. Junk never opens; good ones open after anything, but
 * for ciphers whose state goes on over what does not open.
 *
 * Script   one byte: the cipher. Then steps: a letter and a length of two bytes. 'g' a good record of that length, 'l' a good one is lost,
 *          'j' that many bytes of the input as a record, 'r' the same behind a gap, 'u' an update.                                     */
#include "tls_seal.h"
#include "tls/cipher.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct { uint16_t version, id; bool etm; } suites[] = {
    { 0x0300, 0x0002, 0 }, { 0x0300, 0x0005, 0 }, { 0x0300, 0x000a, 0 }, { 0x0301, 0x002f, 0 }, { 0x0301, 0x0035, 1 }, { 0x0302, 0x0005, 0 },
    { 0x0302, 0xc013, 0 }, { 0x0303, 0x003b, 0 }, { 0x0303, 0x003c, 0 }, { 0x0303, 0x003d, 1 }, { 0x0303, 0xc028, 0 }, { 0x0303, 0x009c, 0 },
    { 0x0303, 0xc09c, 0 }, { 0x0303, 0xc0ae, 0 }, { 0x0303, 0xcca8, 0 }, { 0x0304, 0x1301, 0 }, { 0x0304, 0x1303, 0 }, { 0x0304, 0x1304, 0 },
};
enum { LONGEST = 4096, MOST_STEPS = 64 };

struct play {
    struct seal           s;
    struct ms_tls_cipher *c;
    const char           *suite;
    uint64_t              lost, missing; /* since the last record that opened */
    bool                  carries_on, upset;
};

static struct play start(uint8_t choice)
{
    static const struct ms_tls_randoms randoms = { { 1 }, { 2 } };
    static const uint8_t               master[48] = { 3 };
    size_t                     i = choice % (sizeof suites / sizeof *suites);
    const struct ms_tls_suite *suite = ms_tls_suite_find(suites[i].id);
    struct play                p = { .suite = suite->name };
    if (suites[i].version == 0x0304) {
        p.s = seal_start13(suite->name, (struct ms_bytes){ master, 32 });
        p.c = ms_tls_cipher_from_secret(suite, (struct ms_bytes){ master, 32 });
    } else {
        struct ms_tls_cipher *pair[2];
        p.s = seal_start(suites[i].version, suite->name, master, &randoms, 1);
        if (!ms_tls_cipher_pair(suites[i].version, suite, master, &randoms, suites[i].etm, pair))
            abort();
        ms_tls_cipher_destroy(pair[0]);
        p.c = pair[1];
        p.s.etm = suites[i].etm;
    }
    p.carries_on = p.s.kind == SEAL_RC4 || (p.s.kind == SEAL_CBC && p.s.version < 0x0302);
    return p;
}

/* From and into memory of the exact size. */
static bool try_open(struct play *p, const uint8_t *record, size_t n, bool gap)
{
    uint8_t        *body = malloc(n - 5 ? n - 5 : 1), *out = malloc(n - 5 ? n - 5 : 1), type;
    struct ms_bytes b = { body, n - 5 }, plain = { 0 };
    uint64_t        lost;
    memcpy(body, record + 5, n - 5);
    bool good = gap ? ms_tls_cipher_resync(p->c, p->missing, p->lost ? p->lost : 9, record, b, out, &plain, &type, &lost)
                    : ms_tls_cipher_open(p->c, record, b, out, &plain, &type);
    if (good && (plain.p < out || plain.p + plain.n > out + n - 5))
        abort();
    free(body);
    free(out);
    return good;
}

static void good_record(struct play *p, size_t n)
{
    static uint8_t record[LONGEST + 1024], text[LONGEST];
    n = seal_record(&p->s, 23, (struct ms_bytes){ text, n }, n % 7, record);
    bool opened = try_open(p, record, n, p->lost > 0);
    bool torn = p->lost > 0 && p->carries_on && p->s.kind == SEAL_CBC;
    if (!opened && !p->upset && !torn && p->c->spent < (16u << 20))
        abort();
    if (opened) {
        p->lost = p->missing = 0;
        p->upset = false;
    } else {
        p->lost++;
        p->missing += n;
        p->upset |= !torn;
    }
}

static void step(struct play *p, char what, struct ms_bytes rest, size_t n)
{
    static uint8_t record[LONGEST + 1024], text[LONGEST];
    switch (what) {
    case 'g':
        good_record(p, n);
        break;
    case 'l':
        p->missing += seal_record(&p->s, 23, (struct ms_bytes){ text, n }, 0, record);
        p->lost++;
        break;
    case 'j':
    case 'r': {
        if (p->s.kind == SEAL_NULL) /* its MAC stands in the open: a fuzzer reads it where it is compared, and forges */
            break;
        struct ms_bytes junk = ms_head(rest, n);
        uint8_t         header[5] = { 23, 3, 3, (uint8_t)(junk.n >> 8), (uint8_t)junk.n };
        memcpy(record, header, 5);
        if (junk.n)
            memcpy(record + 5, junk.p, junk.n);
        if (try_open(p, record, 5 + junk.n, what == 'r'))
            abort();
        p->upset |= p->carries_on;
        break;
    }
    case 'u':
        if (p->lost == 0 && p->s.version == 0x0304) {
            seal_update(&p->s, p->suite);
            if (!ms_tls_cipher_update(p->c))
                abort();
        }
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct play     p = start(data[0]);
    struct ms_bytes rest = { data + 1, size - 1 };
    for (int k = 0; k < MOST_STEPS && rest.n >= 3; k++) {
        char   what = (char)rest.p[0];
        size_t n = (size_t)ms_be16(rest.p + 1) % LONGEST;
        rest = ms_tail(rest, 3);
        step(&p, what, rest, n);
        if (what == 'j' || what == 'r')
            rest = ms_tail(rest, n);
    }
    ms_tls_cipher_destroy(p.c);
    return 0;
}
