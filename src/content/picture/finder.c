/* content/picture/finder.c - runs of 1:1:3:1:1 modules in a row, then in the column and the slopes through their middle; groups of three.
 *
 * BUGS     a picture full of such squares that belong to nothing hides a code that lies below them. */
#include "content/picture/finder.h"

#include <math.h>
#include <stdlib.h>

enum { RUNS = 5, MODULES = 7, ROW_STEP = 2 };

/* ---- one pattern ------------------------------------------------------------------------------------------------- */

/* The middle one three times as long as each other, each within half a module. */
static bool is_pattern(const int runs[RUNS])
{
    int all = runs[0] + runs[1] + runs[2] + runs[3] + runs[4], slack = all / 2 + 3;
    if (all < MODULES || abs(7 * runs[2] - 3 * all) > all + 3)
        return false;
    for (int i = 0; i < RUNS; i++)
        if (i != 2 && abs(7 * runs[i] - all) > slack)
            return false;
    return true;
}

struct line { const struct ms_bitmap *b; int x, y, dx, dy; };

/* Lengths of the three runs from the middle outwards; false when one is longer than `most`, or the first two meet the edge. */
static bool walk(const struct line *l, int sign, int most, int runs[3])
{
    int  x = l->x, y = l->y, width = (int)l->b->width, height = (int)l->b->height;
    bool dark = ms_bitmap_dark(l->b, (size_t)x, (size_t)y);
    for (int i = 0; i < 3; i++, dark = !dark) {
        runs[i] = 0;
        while (x >= 0 && y >= 0 && x < width && y < height && ms_bitmap_dark(l->b, (size_t)x, (size_t)y) == dark) {
            x += sign * l->dx;
            y += sign * l->dy;
            if (++runs[i] > most)
                return false;
        }
    }
    return runs[2] > 0;
}

/* The pattern along a line whose point (x, y) lies in its middle run. *middle: how many steps from there its middle is; *all: its length in steps. */
static bool cross(const struct line *l, int most, double *middle, int *all)
{
    int ahead[3], back[3];
    if (!walk(l, 1, most, ahead) || !walk(l, -1, most, back))
        return false;
    const int runs[RUNS] = { back[2], back[1], back[0] + ahead[0] - 1, ahead[1], ahead[2] };
    int outer = ahead[0] + ahead[1] + ahead[2] - back[0] - back[1] - back[2];
    *middle = (ahead[0] - back[0] + outer) / 4.0; /* of the inner and of the outer square */
    *all = runs[0] + runs[1] + runs[2] + runs[3] + runs[4];
    return is_pattern(runs);
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static void keep(struct ms_finders *out, struct ms_finder found)
{
    for (size_t i = 0; i < out->n; i++) {
        struct ms_finder *f = &out->at[i];
        double            near = 2 * f->module;
        if (f->light != found.light || fabs(f->at.x - found.at.x) > near || fabs(f->at.y - found.at.y) > near)
            continue;
        f->at.x = (f->at.x * f->seen + found.at.x) / (f->seen + 1);
        f->at.y = (f->at.y * f->seen + found.at.y) / (f->seen + 1);
        f->module = (f->module * f->seen + found.module) / (f->seen + 1);
        f->seen++;
        return;
    }
    if (out->n < MS_FINDERS)
        out->at[out->n++] = found;
}

/* Runs that began at `at` look like a pattern: the column, the row through its middle and both slopes have to as well. */
static void look(const struct ms_bitmap *b, size_t y, const size_t at[RUNS + 1], struct ms_finders *out)
{
    int    length = (int)(at[RUNS] - at[0]), high, wide, slope;
    int    most = length; /* of one run: three modules, and the pattern may lie askew */
    double up, left, aside;
    struct line column = { b, (int)((at[2] + at[3]) / 2), (int)y, 0, 1 };
    if (!cross(&column, most, &up, &high) || high > 2 * length || length > 2 * high)
        return;
    struct line row = { b, column.x, (int)floor(column.y + 0.5 + up), 1, 0 };
    if (!cross(&row, most, &left, &wide))
        return;
    struct line down = { b, (int)floor(row.x + 0.5 + left), row.y, 1, 1 }, rise = { b, down.x, down.y, 1, -1 };
    if (!cross(&down, most, &aside, &slope) || !cross(&rise, most, &aside, &slope))
        return;
    keep(out, (struct ms_finder){ .at = { row.x + 0.5 + left, column.y + 0.5 + up }, .module = (high + wide) / 2.0 / MODULES,
                                  .light = !ms_bitmap_dark(b, (size_t)row.x, (size_t)row.y), .seen = 1 });
}

static void step(const struct ms_bitmap *b, size_t y, size_t x, size_t at[RUNS + 1], struct ms_finders *out)
{
    memmove(at, at + 1, RUNS * sizeof *at);
    at[RUNS] = x;
    const int runs[RUNS] = { (int)(at[1] - at[0]), (int)(at[2] - at[1]), (int)(at[3] - at[2]), (int)(at[4] - at[3]), (int)(at[5] - at[4]) };
    if (runs[0] > 0 && is_pattern(runs))
        look(b, y, at, out);
}

static void look_at_row(const struct ms_bitmap *b, size_t y, struct ms_finders *out)
{
    const uint64_t *row = b->rows + y * b->words;
    size_t          at[RUNS + 1] = { 0 };
    uint64_t        before = row[0] & 1;
    for (size_t w = 0; w < b->words; w++) {
        uint64_t changes = row[w] ^ (row[w] << 1 | before);
        before = row[w] >> 63;
        for (; changes; changes &= changes - 1) {
            size_t x = w * 64 + (size_t)__builtin_ctzll(changes);
            if (x < b->width)
                step(b, y, x, at, out);
        }
    }
    step(b, y, b->width, at, out);
}

void ms_finders_find(const struct ms_bitmap *b, struct ms_finders *out)
{
    out->n = 0;
    for (size_t y = 0; y < b->height; y += ROW_STEP)
        look_at_row(b, y, out);
}

/* ---- groups of three ---------------------------------------------------------------------------------------------- */

static double length(struct ms_point a, struct ms_point b) { return hypot(a.x - b.x, a.y - b.y); }

/* Of the rows that go through the middle of the pattern, the part that showed it: 0 to 1. What only looks like one shows it once. */
static double support(const struct ms_finder *f)
{
    double part = f->seen * ROW_STEP / (3 * f->module);
    return part < 1 ? part : 1;
}

/* How far two legs of a corner are from being alike and at right angles, of patterns that are none; negative: too far. */
static double misfit(const struct ms_finder *corner, const struct ms_finder *a, const struct ms_finder *b)
{
    const double most_unlike = 1.7, most_aslant = 0.45, shortest = 10, longest = 220;
    double u = length(corner->at, a->at), v = length(corner->at, b->at), module = (corner->module + a->module + b->module) / 3;
    double unlike = u > v ? u / v : v / u;
    double aslant = fabs((a->at.x - corner->at.x) * (b->at.x - corner->at.x) + (a->at.y - corner->at.y) * (b->at.y - corner->at.y)) / (u * v);
    if (unlike > most_unlike || aslant > most_aslant || (u + v) / 2 < shortest * module || (u + v) / 2 > longest * module)
        return -1;
    double doubt = 3 - support(corner) - support(a) - support(b), near = (u + v) / 2 / module / longest;
    return unlike - 1 + aslant + doubt + near / 10; /* of squares that lie evenly the near ones belong together */
}

static bool is_alike(const struct ms_finder *a, const struct ms_finder *b)
{
    double ratio = a->module / b->module;
    return a->light == b->light && ratio < 1.8 && ratio > 1 / 1.8;
}

static void rank(struct ms_triple out[MS_TRIPLES], size_t *n, struct ms_triple t)
{
    size_t at = *n;
    if (at == MS_TRIPLES && t.cost >= out[at - 1].cost)
        return;
    at = at == MS_TRIPLES ? at - 1 : (*n)++;
    for (; at > 0 && out[at - 1].cost > t.cost; at--)
        out[at] = out[at - 1];
    out[at] = t;
}

/* The corner is the one that the longest side does not touch. */
static void try_three(const struct ms_finders *f, size_t i, size_t k, size_t m, struct ms_triple out[MS_TRIPLES], size_t *n)
{
    double ik = length(f->at[i].at, f->at[k].at), km = length(f->at[k].at, f->at[m].at), mi = length(f->at[m].at, f->at[i].at);
    size_t corner = km >= ik && km >= mi ? i : mi >= ik ? k : m, right = corner == i ? k : i, below = corner == m ? k : m;
    const struct ms_finder *c = &f->at[corner], *r = &f->at[right], *b = &f->at[below];
    double turn = (r->at.x - c->at.x) * (b->at.y - c->at.y) - (r->at.y - c->at.y) * (b->at.x - c->at.x), cost = misfit(c, r, b);
    if (cost >= 0)
        rank(out, n, (struct ms_triple){ (uint8_t)corner, (uint8_t)(turn > 0 ? right : below), (uint8_t)(turn > 0 ? below : right), cost });
}

size_t ms_finders_group(const struct ms_finders *f, struct ms_triple out[MS_TRIPLES])
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        for (size_t k = i + 1; k < f->n; k++)
            for (size_t m = k + 1; m < f->n && is_alike(&f->at[i], &f->at[k]); m++)
                if (is_alike(&f->at[i], &f->at[m]) && is_alike(&f->at[k], &f->at[m]))
                    try_three(f, i, k, m, out, &n);
    return n;
}
