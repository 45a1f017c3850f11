/* content/picture/reed_solomon.c - syndromes, Berlekamp and Massey's search for the polynomial whose roots are the places, Forney's values. */
#include "content/picture/reed_solomon.h"

#include <pthread.h>

static uint8_t        powers[510], logs[256];
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void make(void)
{
    unsigned x = 1;
    for (unsigned i = 0; i < 255; i++) {
        powers[i] = powers[i + 255] = (uint8_t)x;
        logs[x] = (uint8_t)i;
        x = x << 1 ^ (x & 0x80 ? 0x11d : 0);
    }
}

static uint8_t times(uint8_t a, uint8_t b) { return a && b ? powers[logs[a] + logs[b]] : 0; }
static uint8_t over(uint8_t a, uint8_t b) { return a ? powers[logs[a] + 255 - logs[b]] : 0; }

/* Polynomials: the coefficient of x^i at i. */
struct polynomial { uint8_t at[MS_RS_CHECKS + 1]; };

static uint8_t value(const struct polynomial *p, size_t terms, uint8_t x)
{
    uint8_t sum = 0;
    while (terms-- > 0)
        sum = times(sum, x) ^ p->at[terms];
    return sum;
}

/* The values of the block at the roots; all 0 when nothing is wrong. */
static bool find_syndromes(const uint8_t *block, size_t n, size_t checks, struct polynomial *s)
{
    bool wrong = false;
    for (size_t i = 0; i < checks; i++) {
        uint8_t sum = 0;
        for (size_t k = 0; k < n; k++)
            sum = (uint8_t)((sum ? powers[logs[sum] + i] : 0) ^ block[k]);
        s->at[i] = sum;
        wrong |= sum != 0;
    }
    return wrong;
}

/* The polynomial whose roots are the inverses of the wrong places. Returns its degree. */
static size_t find_locator(const struct polynomial *s, size_t checks, struct polynomial *locator)
{
    struct polynomial before = { { 1 } };
    size_t            degree = 0, gap = 1;
    uint8_t           base = 1;
    *locator = before;
    for (size_t n = 0; n < checks; n++, gap++) {
        uint8_t off = s->at[n];
        for (size_t i = 1; i <= degree; i++)
            off ^= times(locator->at[i], s->at[n - i]);
        if (off == 0)
            continue;
        struct polynomial kept = *locator;
        for (size_t i = 0; i + gap <= checks; i++)
            locator->at[i + gap] ^= times(over(off, base), before.at[i]);
        if (2 * degree > n)
            continue;
        degree = n + 1 - degree;
        before = kept;
        base = off;
        gap = 0;
    }
    return degree;
}

/* What has to be added at the place whose inverse is a root of the locator. */
static uint8_t find_error(const struct polynomial *s, const struct polynomial *locator, size_t degree, uint8_t inverse)
{
    uint8_t over_it = 0, slope = 0, power = 1;
    for (size_t i = 0; i < degree; i++) { /* syndromes times locator, without what the degree cuts off */
        uint8_t sum = 0;
        for (size_t k = 0; k <= i; k++)
            sum ^= times(s->at[i - k], locator->at[k]);
        over_it ^= times(sum, power);
        if (i % 2 == 0)
            slope ^= times(locator->at[i + 1], power);
        power = times(power, inverse);
    }
    return slope ? times(over(over_it, slope), over(1, inverse)) : 0;
}

bool ms_reed_solomon(uint8_t *block, size_t n, size_t checks)
{
    struct polynomial s = { { 0 } }, locator;
    size_t            found = 0;
    pthread_once(&made, make);
    if (n > MS_RS_BLOCK || checks > MS_RS_CHECKS || checks > n)
        return false;
    if (!find_syndromes(block, n, checks, &s))
        return true;
    size_t degree = find_locator(&s, checks, &locator);
    if (degree > checks / 2)
        return false;
    for (size_t i = 0; i < n; i++) {
        uint8_t inverse = powers[(255 - i) % 255];
        if (value(&locator, degree + 1, inverse) != 0)
            continue;
        block[n - 1 - i] ^= find_error(&s, &locator, degree, inverse);
        found++;
    }
    return found == degree && !find_syndromes(block, n, checks, &s);
}
