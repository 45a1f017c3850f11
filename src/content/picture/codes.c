/* content/picture/codes.c - from three squares to the grid of a code: its size, how it lies, what is dark in it.
 *
 * A picture of a flat code is a projection: it keeps lines straight. One that sends three points where they are is given by three weights, and a fourth
 * point that is known, the alignment pattern, gives these; so do, less exactly, the sizes of the squares: what is farther away is smaller.
 * BUGS     codes on bent paper. */
#include "content/picture/finder.h"
#include "content/picture/qr.h"
#include "base/text.h"
#include "mail/header.h"

#include <math.h>
#include <stdlib.h>

struct mapping { struct ms_point corner, right, below; double weights[3]; unsigned size; };

struct search {
    const struct ms_bitmap *b;
    struct ms_finders       finders;
    struct ms_qr_grid       grid, turned;
    struct ms_buffer        text;
    struct ms_code_sink    *to;
    uint64_t                tried; /* pixels that were looked at in trying, about */
    bool                    light; /* the code that is tried is light on dark */
};

/* ---- pixels ------------------------------------------------------------------------------------------------------- */

static bool is_dark(const struct search *s, struct ms_point p)
{
    bool inside = p.x >= 0 && p.y >= 0 && p.x < (double)s->b->width && p.y < (double)s->b->height;
    return inside && ms_bitmap_dark(s->b, (size_t)p.x, (size_t)p.y) != s->light;
}

static struct ms_point plus(struct ms_point a, struct ms_point step, double times) { return (struct ms_point){ a.x + step.x * times, a.y + step.y * times }; }

/* ---- how large ------------------------------------------------------------------------------------------------------ */

/* Half a finder pattern, from its centre towards a point: where the dark around the light ends. 0: it does not look like one. */
static double reach(const struct search *s, struct ms_point from, struct ms_point to, double module)
{
    enum { SIDES = 3, STEPS_A_PIXEL = 2 };
    double          all = hypot(to.x - from.x, to.y - from.y), most = module * 8 * STEPS_A_PIXEL;
    struct ms_point step = { (to.x - from.x) / all / STEPS_A_PIXEL, (to.y - from.y) / all / STEPS_A_PIXEL };
    bool            dark = true;
    for (int n = 1, changes = 0; n < most; n++) {
        bool now = is_dark(s, plus(from, step, n));
        changes += now != dark;
        dark = now;
        if (changes == SIDES)
            return (n - 0.5) / STEPS_A_PIXEL;
    }
    return 0;
}

/* The width of a module of `a` along the line to `b`. */
static double module_towards(const struct search *s, const struct ms_finder *a, const struct ms_finder *b)
{
    struct ms_point behind = { 2 * a->at.x - b->at.x, 2 * a->at.y - b->at.y };
    double          ahead = reach(s, a->at, b->at, a->module), back = reach(s, a->at, behind, a->module);
    double          parts = (ahead > 0 ? 3.5 : 0) + (back > 0 ? 3.5 : 0);
    return parts > 0 ? (ahead + back) / parts : a->module;
}

/* Modules between two finder patterns, by their size along the line through both. */
static double distance(const struct search *s, const struct ms_finder *a, const struct ms_finder *b)
{
    return hypot(a->at.x - b->at.x, a->at.y - b->at.y) * 2 / (module_towards(s, a, b) + module_towards(s, b, a));
}

/* Version information lies on the inner side of the two outer patterns (ISO/IEC 18004, 7.10). 0: there is none that can be read. */
static unsigned told_version(const struct search *s, const struct mapping *m, bool below)
{
    double          modules = m->size - 7.0;
    struct ms_point across = { (m->right.x - m->corner.x) / modules, (m->right.y - m->corner.y) / modules };
    struct ms_point down = { (m->below.x - m->corner.x) / modules, (m->below.y - m->corner.y) / modules };
    uint32_t        bits = 0;
    for (int i = 0; i < 18; i++) {
        int along = i % 3 - 7, aside = i / 3 - 3;
        struct ms_point at = below ? plus(plus(m->below, down, along), across, aside) : plus(plus(m->right, across, along), down, aside);
        bits |= (uint32_t)is_dark(s, at) << i;
    }
    return ms_qr_version_of(bits);
}

/* ---- how it lies ---------------------------------------------------------------------------------------------------- */

static struct ms_point place(const struct mapping *m, double x, double y) /* in modules */
{
    double a = (x - 3.5) / (m->size - 7.0), b = (y - 3.5) / (m->size - 7.0);
    double c = (1 - a - b) * m->weights[0], r = a * m->weights[1], d = b * m->weights[2], all = c + r + d;
    if (fabs(all) < 1e-6)
        return (struct ms_point){ -1, -1 };
    return (struct ms_point){ (c * m->corner.x + r * m->right.x + d * m->below.x) / all, (c * m->corner.y + r * m->right.y + d * m->below.y) / all };
}

/* Parts of the two timing patterns, dark and light by turns, that are as they should be: 0 to 1. */
static double timing(const struct search *s, const struct mapping *m)
{
    unsigned right = 0, all = 0;
    for (unsigned i = 8; i < m->size - 8; i++, all += 2) {
        bool want = i % 2 == 0;
        right += is_dark(s, place(m, i + 0.5, 6.5)) == want;
        right += is_dark(s, place(m, 6.5, i + 0.5)) == want;
    }
    return all ? (double)right / all : 0;
}

/* Of 25 modules of an alignment pattern with its centre there, how many are right. */
static unsigned alignment_at(const struct search *s, struct ms_point centre, struct ms_point across, struct ms_point down)
{
    unsigned right = 0;
    for (int y = -2; y <= 2; y++)
        for (int x = -2; x <= 2; x++) {
            bool want = abs(x) == 2 || abs(y) == 2 || (x == 0 && y == 0);
            right += is_dark(s, plus(plus(centre, across, x), down, y)) == want;
        }
    return right;
}

/* The last alignment pattern, near where a flat code has it. It shows right in a small area: its middle is the centre. */
static bool find_alignment(const struct search *s, const struct mapping *m, struct ms_point *found)
{
    enum { STEPS = 3, ENOUGH = 22 };
    double          modules = m->size - 7.0, at = ms_qr_alignment(m->size) + 0.5;
    int             radius = (int)(3 + m->size / 16) * STEPS;
    struct ms_point across = { (m->right.x - m->corner.x) / modules, (m->right.y - m->corner.y) / modules };
    struct ms_point down = { (m->below.x - m->corner.x) / modules, (m->below.y - m->corner.y) / modules }, centre = place(m, at, at), sum = { 0, 0 };
    struct { int x, y; unsigned right; } best = { 0, 0, 0 };
    for (int y = -radius; y <= radius; y++)
        for (int x = -radius; x <= radius; x++) {
            unsigned right = alignment_at(s, plus(plus(centre, across, (double)x / STEPS), down, (double)y / STEPS), across, down);
            if (right > best.right || (right == best.right && x * x + y * y < best.x * best.x + best.y * best.y)) {
                best.x = x;
                best.y = y;
                best.right = right;
            }
        }
    if (best.right < ENOUGH)
        return false;
    int n = 0;
    for (int y = best.y - STEPS; y <= best.y + STEPS; y++)
        for (int x = best.x - STEPS; x <= best.x + STEPS; x++) {
            struct ms_point p = plus(plus(centre, across, (double)x / STEPS), down, (double)y / STEPS);
            if (alignment_at(s, p, across, down) < best.right)
                continue;
            sum = plus(sum, p, 1);
            n++;
        }
    *found = (struct ms_point){ sum.x / n, sum.y / n };
    return true;
}

/* Weights so that (at, at) lies at `p`: what p is made of, by what it would be made of in a flat code. */
static bool weigh(struct mapping *m, double at, struct ms_point p)
{
    double part = (at - 3.5) / (m->size - 7.0), first = 1 - 2 * part;
    double ax = m->right.x - m->corner.x, ay = m->right.y - m->corner.y, bx = m->below.x - m->corner.x, by = m->below.y - m->corner.y;
    double px = p.x - m->corner.x, py = p.y - m->corner.y, area = ax * by - ay * bx;
    if (fabs(area) < 1)
        return false;
    double a = (px * by - py * bx) / area, b = (ax * py - ay * px) / area;
    m->weights[0] = (1 - a - b) / first;
    m->weights[1] = a / part;
    m->weights[2] = b / part;
    return m->weights[0] > 0.2 && m->weights[1] > 0.2 && m->weights[2] > 0.2;
}

/* ---- what is in it --------------------------------------------------------------------------------------------------- */

static void sample(struct search *s, const struct mapping *m)
{
    s->grid.size = s->turned.size = m->size;
    for (unsigned y = 0; y < m->size; y++)
        for (unsigned x = 0; x < m->size; x++)
            s->grid.dark[y][x] = s->turned.dark[x][y] = is_dark(s, place(m, x + 0.5, y + 0.5));
}

/* As it is, or as a mirror shows it. */
static bool read_grid(struct search *s, const struct mapping *m)
{
    sample(s, m);
    return ms_qr_read(&s->grid, &s->text) || ms_qr_read(&s->turned, &s->text);
}

static void hand_over(struct search *s)
{
    struct ms_arena scratch = { 0 };
    s->to->code(s->to, ms_text_to_utf8(ms_buffer_bytes(&s->text), (struct ms_bytes){ NULL, 0 }, &scratch));
    ms_arena_finish(&scratch);
}

static bool read_laid(struct search *s, const struct mapping *m)
{
    const double    like_timing = 0.65;
    struct ms_point alignment;
    struct mapping  aligned = *m;
    unsigned        at = ms_qr_alignment(m->size);
    if (timing(s, m) < like_timing)
        return false;
    s->tried += m->size * m->size * 8 + 16384;
    if (at && find_alignment(s, m, &alignment) && weigh(&aligned, at + 0.5, alignment) && read_grid(s, &aligned))
        return true;
    return read_grid(s, m);
}

/* Flat before the eye, then aslant. Along a line from one end to the other modules shrink by the square of the weights. */
static bool read_at(struct search *s, struct mapping *m, const struct ms_finder *corner, const struct ms_finder *right, const struct ms_finder *below)
{
    struct mapping aslant = *m;
    aslant.weights[1] = sqrt(module_towards(s, corner, right) / module_towards(s, right, corner));
    aslant.weights[2] = sqrt(module_towards(s, corner, below) / module_towards(s, below, corner));
    return read_laid(s, m) || read_laid(s, &aslant);
}

/* The version by the distance between the patterns is not sure where modules are many. */
static unsigned told_near(const struct search *s, const struct mapping *m, unsigned about)
{
    enum { FIRST_TOLD = 7 };
    for (int below = 0; below < 2 && about + 1 >= FIRST_TOLD; below++) {
        unsigned told = told_version(s, m, below);
        if (told && told <= about + about / 5 + 1 && about <= told + about / 5 + 1)
            return told;
    }
    return 0;
}

static bool try(struct search *s, const struct ms_triple *t)
{
    static const int around[] = { 0, -1, 1, -2, 2 };
    struct ms_finder *c = &s->finders.at[t->corner], *r = &s->finders.at[t->right], *b = &s->finders.at[t->below];
    struct mapping    m = { c->at, r->at, b->at, { 1, 1, 1 }, 0 };
    if (c->used || r->used || b->used)
        return false;
    s->light = c->light;
    double   exact = ((distance(s, c, r) + distance(s, c, b)) / 2 + 7 - 17) / 4;
    unsigned about = exact < 1 ? 1 : exact > MS_QR_VERSIONS ? MS_QR_VERSIONS : (unsigned)lround(exact);
    m.size = about * 4 + 17;
    unsigned told = told_near(s, &m, about);
    bool     read = false;
    for (size_t i = 0; i < (told ? 1 : sizeof around / sizeof *around) && !read; i++) {
        int version = (int)(told ? told : about) + around[i];
        m.size = (unsigned)version * 4 + 17;
        read = version >= 1 && version <= MS_QR_VERSIONS && read_at(s, &m, c, r, b);
    }
    c->used = r->used = b->used = read;
    return read;
}

uint64_t ms_codes_find(const struct ms_picture *p, struct ms_code_sink *to)
{
    struct ms_bitmap b;
    struct ms_triple triples[MS_TRIPLES];
    struct search   *s = ms_alloc(sizeof *s);
    ms_bitmap_make(&b, p);
    s->b = &b;
    s->to = to;
    ms_finders_find(&b, &s->finders);
    size_t n = ms_finders_group(&s->finders, triples);
    for (size_t i = 0; i < n; i++)
        if (try(s, &triples[i]))
            hand_over(s);
    uint64_t tried = s->tried;
    ms_buffer_finish(&s->text);
    ms_free(s);
    ms_bitmap_finish(&b);
    return tried;
}
