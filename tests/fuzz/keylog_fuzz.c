/* tests/fuzz/keylog_fuzz.c - any bytes as a key log: the same secrets and counts as one text, as a file, and as a file that was read when a
 * part of it was there and again when the rest had come. Byte 0: where it is cut.                                          */
#include "base/text.h"
#include "tls/keylog.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void compare(const struct ms_keylog *a, const struct ms_keylog *b, struct ms_bytes id)
{
    must(ms_keylog_knows(a, id) == ms_keylog_knows(b, id));
    for (int label = 0; label < MS_KEY_LABEL_COUNT; label++) {
        struct ms_bytes x = ms_keylog_find(a, (enum ms_keylog_label)label, id, 0), y = ms_keylog_find(b, (enum ms_keylog_label)label, id, 0);
        must(ms_equal(x, y) && x.n <= MS_KEY_BYTES);
    }
}

/* What stands in the text as hex is asked for: 1, 8 and 32 bytes from each place where digits begin. */
static void compare_all(const struct ms_keylog *a, const struct ms_keylog *b, struct ms_bytes text)
{
    static const char digits[] = "0123456789abcdef";
    must(ms_keylog_count(a) == ms_keylog_count(b) && ms_keylog_odd(a) == ms_keylog_odd(b));
    for (size_t at = 0; at < text.n && at < 20000; at++) {
        uint8_t id[32];
        size_t  n = 0;
        for (; n < 64 && at + n < text.n; n++) {
            const char *d = memchr(digits, ms_lower(text.p[at + n]), 16);
            if (!d)
                break;
            id[n / 2] = (uint8_t)(n % 2 ? id[n / 2] << 4 | (d - digits) : d - digits);
        }
        if (n / 2)
            compare(a, b, (struct ms_bytes){ id, n / 2 });
        at += n;
    }
}

static int file_with(struct ms_bytes b, char path[40])
{
    int fd = memfd_create("keys", MFD_CLOEXEC);
    must(fd >= 0 && write(fd, b.p, b.n) == (ssize_t)b.n);
    snprintf(path, 40, "/proc/self/fd/%d", fd);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct ms_bytes   text = { data + 1, size - 1 }, half = ms_head(text, text.n * data[0] / 255);
    struct ms_keylog *k[3] = { ms_keylog_create(), ms_keylog_create(), ms_keylog_create() };
    char              path[40];
    ms_keylog_add_text(k[0], text);
    int fd = file_with(text, path);
    must(ms_keylog_add_file(k[1], path));
    close(fd);
    compare_all(k[0], k[1], text);
    bool mark = text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0; /* a byte order mark must not be cut */
    fd = file_with(mark && half.n < 3 ? text : half, path);
    must(ms_keylog_add_file(k[2], path));
    struct ms_bytes rest = mark && half.n < 3 ? ms_tail(text, text.n) : ms_tail(text, half.n);
    must(rest.n == 0 || write(fd, rest.p, rest.n) == (ssize_t)rest.n);
    ms_keylog_refresh(k[2]);
    close(fd);
    compare_all(k[0], k[2], text);
    for (int i = 0; i < 3; i++)
        ms_keylog_destroy(k[i]);
    return 0;
}
