/* tests/unit/handshake_build.h - handshake messages written as text.
 *
 * "C01 0303 R (1) (2 1301) (1 00)" is a message of the client of type 1. Hex digits stand for themselves, "(2 ...)" is a vector behind a
 * length of two bytes, 'text' its bytes, R and S 32 bytes AA and BB, H the random of a HelloRetryRequest, X and Y session ids of 32
 * bytes, L, M and W the certificates leaf, middle and weak, P the begin of the primes of RFC 7919 filled up to 256 bytes, K 128 bytes. */
#pragma once
#include "base/arena.h"
#include "certificates.h"

static inline void build_fill(struct ms_buffer *b, uint8_t c, size_t n)
{
    while (n--)
        ms_buffer_append(b, (struct ms_bytes){ &c, 1 });
}

static inline void build_hex(struct ms_buffer *b, const char *hex)
{
    struct ms_bytes bytes = from_hex(hex);
    ms_buffer_append(b, bytes);
    free((void *)(uintptr_t)bytes.p);
}

static inline void build_letter(struct ms_buffer *b, char c)
{
    switch (c) {
    case 'R': build_fill(b, 0xaa, 32); break;
    case 'S': build_fill(b, 0xbb, 32); break;
    case 'X': build_fill(b, 0x11, 32); break;
    case 'Y': build_fill(b, 0x22, 32); break;
    case 'K': build_fill(b, 0x77, 128); break;
    case 'H': build_hex(b, "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"); break;
    case 'L': build_hex(b, certificate_leaf); break;
    case 'M': build_hex(b, certificate_middle); break;
    case 'W': build_hex(b, certificate_weak); break;
    case 'P':
        build_hex(b, "ffffffffffffffffadf85458a2bb4a9a");
        build_fill(b, 0x55, 240);
        break;
    default: break;
    }
}

static inline const char *build_bytes(struct ms_buffer *b, const char *s);

static inline const char *build_vector(struct ms_buffer *b, const char *s) /* behind '(' */
{
    size_t width = (size_t)(*s - '0'), at = b->n;
    build_fill(b, 0, width);
    s = build_bytes(b, s + 1);
    size_t n = b->n - at - width;
    for (size_t i = 0; i < width; i++)
        b->p[at + i] = (uint8_t)(n >> 8 * (width - 1 - i));
    return *s ? s + 1 : s;
}

static inline const char *build_bytes(struct ms_buffer *b, const char *s) /* up to ')' or the end */
{
    while (*s && *s != ')') {
        if (*s == '(') {
            s = build_vector(b, s + 1);
        } else if (*s == '\'') {
            size_t n = strcspn(s + 1, "'");
            ms_buffer_append(b, (struct ms_bytes){ (const uint8_t *)s + 1, n });
            s += n + 2;
        } else if (strchr("0123456789abcdef", *s)) {
            char two[3] = { s[0], s[1], 0 };
            build_hex(b, two);
            s += 2;
        } else {
            build_letter(b, *s++);
        }
    }
    return s;
}
