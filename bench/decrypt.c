/* bench/decrypt.c - MB/s of ms_tls_cipher_open() for records of one size: prints "suite MB/s ns-a-record", a line a suite. bench/decrypt_speed builds and
 * runs it, and puts libcrypto's own figures beside.
 *
 * usage    decrypt [bytes of a record] [seconds a suite]
 * How      64 records are sealed once and opened again and again; every round begins with fresh keys, whose setup is measured as well.     */
#include "tls_seal.h"

#include <time.h>

enum { RECORDS = 64, ROOM = 17 * 1024 };

static const struct { uint16_t version; const char *suite; uint16_t id; bool etm; } suites[] = {
    { 0x0304, "TLS_AES_128_GCM_SHA256", 0x1301, 0 },
    { 0x0304, "TLS_AES_256_GCM_SHA384", 0x1302, 0 },
    { 0x0304, "TLS_CHACHA20_POLY1305_SHA256", 0x1303, 0 },
    { 0x0303, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f, 0 },
    { 0x0303, "TLS_RSA_WITH_AES_128_CBC_SHA", 0x002f, 0 },
    { 0x0303, "TLS_RSA_WITH_AES_128_CBC_SHA", 0x002f, 1 },
    { 0x0303, "TLS_RSA_WITH_AES_128_CBC_SHA256", 0x003c, 0 },
    { 0x0303, "TLS_RSA_WITH_AES_128_CCM", 0xc09c, 0 },
    { 0x0301, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 0x000a, 0 },
    { 0x0301, "TLS_RSA_WITH_RC4_128_SHA", 0x0005, 0 },
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct ms_tls_randoms randoms;
static uint8_t               master[48], records[RECORDS][ROOM], out[ROOM];

static struct ms_tls_cipher *receiver(size_t i)
{
    const struct ms_tls_suite *suite = ms_tls_suite_find(suites[i].id);
    struct ms_tls_cipher      *pair[2];
    if (suites[i].version == 0x0304)
        return ms_tls_cipher_from_secret(suite, (struct ms_bytes){ master, suites[i].id == 0x1302 ? 48 : 32 });
    if (!ms_tls_cipher_pair(suites[i].version, suite, master, &randoms, suites[i].etm, pair))
        exit(1);
    ms_tls_cipher_destroy(pair[1]);
    return pair[0];
}

static void open_all(size_t i, const size_t *sizes)
{
    struct ms_tls_cipher *c = receiver(i);
    for (size_t k = 0; k < RECORDS; k++) {
        struct ms_bytes plain;
        uint8_t         type;
        if (!ms_tls_cipher_open(c, records[k], (struct ms_bytes){ records[k] + 5, sizes[k] - 5 }, out, &plain, &type)) {
            fprintf(stderr, "%s: record %zu does not open\n", suites[i].suite, k);
            exit(1);
        }
    }
    ms_tls_cipher_destroy(c);
}

int main(int argc, char **argv)
{
    size_t size = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 16384;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 1.0;
    static uint8_t data[16384];
    if (size == 0 || size > sizeof data)
        return 2;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        size_t      sizes[RECORDS], rounds = 0;
        struct seal s = suites[i].version == 0x0304 ? seal_start13(suites[i].suite, (struct ms_bytes){ master, suites[i].id == 0x1302 ? 48 : 32 })
                                                    : seal_start(suites[i].version, suites[i].suite, master, &randoms, 0);
        s.etm = suites[i].etm;
        for (size_t k = 0; k < RECORDS; k++)
            sizes[k] = seal_record(&s, 23, (struct ms_bytes){ data, size }, 0, records[k]);
        open_all(i, sizes);
        double begin = now(), end = begin;
        for (; end - begin < seconds; rounds++, end = now())
            open_all(i, sizes);
        double each = (end - begin) / (double)(rounds * RECORDS);
        printf("%s%s %.1f %.0f\n", suites[i].suite, suites[i].etm ? "+etm" : "", (double)size / each / 1e6, each * 1e9);
        fflush(stdout);
    }
    return 0;
}
