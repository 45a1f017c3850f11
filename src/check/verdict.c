/* check/verdict.c - from signs to a verdict: groups that cannot add up to an alarm, combinations that can, the evidence that carries it.
 *
 * Points   tenths. Of a group the heaviest sign counts whole, of the others three tenths, up to the group's cap; what speaks for the message is taken
 *          off. Combinations (verdicts.def) add points when all their sides are there. The score is the sum, 0 to 100.
 * Classes  malicious from 70, suspicious from 40. Without a combination or a sign of at least 40 it stays below malicious, without a sign of at least
 *          20 below suspicious: many weak signs are no alarm.                                                                         */
#include "check/private.h"
#include <string.h>

enum { MALICIOUS = 70, SUSPICIOUS = 40, STRONG = 40, TELLING = 20, TRUST_FLOOR = -30, SHARE = 3 };

struct sign_row { int weight; enum ms_sign_group group; };
static const struct sign_row rows[MS_SIGN_COUNT] = {
#define X(name, slug, group, weight, rule, meaning) { weight, MS_GROUP_##group },
#include "model/signs.def"
#undef X
};
static const int caps[MS_GROUP_COUNT] = { [MS_GROUP_IDENTITY] = 60, [MS_GROUP_LINKS] = 70, [MS_GROUP_TEXT] = 50, [MS_GROUP_FILES] = 80,
                                          [MS_GROUP_STRUCTURE] = 60, [MS_GROUP_ORIGIN] = 35 };

/* Sides of a combination are sets of signs; an empty one is always there. */
enum { SIDE_SIGNS = 24, SIDES = 3 };
struct combination { int points; uint16_t sides[SIDES][SIDE_SIGNS]; };
static const struct combination combinations[] = {
#define NEED(...) { __VA_ARGS__ __VA_OPT__(,) MS_SIGN_COUNT }
#define X(name, points, one, other, third) { points, { one, other, third } },
#include "check/verdicts.def"
#undef X
#undef NEED
};

struct set { const struct ms_sign *const *at; size_t n; const struct ms_weights *weights; };

static int weight(const struct set *s, size_t i) { return s->weights->points[s->at[i]->kind]; }

static bool holds(const struct set *s, unsigned kind)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->at[i]->kind == kind)
            return true;
    return false;
}

static bool has_side(const struct set *s, const uint16_t side[SIDE_SIGNS])
{
    for (int i = 0; i < SIDE_SIGNS && side[i] != MS_SIGN_COUNT; i++)
        if (holds(s, side[i]))
            return true;
    return side[0] == MS_SIGN_COUNT;
}

/* The points of the best combination that is there; 0: none. */
static int combined(const struct set *s)
{
    int best = 0;
    for (size_t i = 0; i < sizeof combinations / sizeof *combinations; i++) {
        const struct combination *c = &combinations[i];
        if (c->points > best && has_side(s, c->sides[0]) && has_side(s, c->sides[1]) && has_side(s, c->sides[2]))
            best = c->points;
    }
    return best;
}

static int group_points(const struct set *s, enum ms_sign_group group)
{
    int best = 0, sum = 0;
    for (size_t i = 0; i < s->n; i++) {
        int w = weight(s, i);
        if (rows[s->at[i]->kind].group != group)
            continue;
        sum += w;
        best = w > best ? w : best;
    }
    if (group == MS_GROUP_TRUST)
        return sum < TRUST_FLOOR ? TRUST_FLOOR : sum;
    int points = best + (sum - best) * SHARE / 10;
    return points > caps[group] ? caps[group] : points;
}

static int heaviest(const struct set *s)
{
    int best = 0;
    for (size_t i = 0; i < s->n; i++)
        best = weight(s, i) > best ? weight(s, i) : best;
    return best;
}

static int score_of(const struct set *s)
{
    int more = combined(s), most = heaviest(s), score = more;
    for (int g = 0; g < MS_GROUP_COUNT; g++)
        score += group_points(s, (enum ms_sign_group)g);
    if (!more && most < STRONG && score >= MALICIOUS)
        score = MALICIOUS - 1;
    if (!more && most < TELLING && score >= SUSPICIOUS)
        score = SUSPICIOUS - 1;
    return score < 0 ? 0 : score > 100 ? 100 : score;
}

static enum ms_class class_of(int score)
{
    return score >= MALICIOUS ? MS_CLASS_MALICIOUS : score >= SUSPICIOUS ? MS_CLASS_SUSPICIOUS : MS_CLASS_CLEAN;
}

/* Lightest first: that order is how reasons are taken away. Ties in order of appearance. */
static void sort(const struct ms_weights *w, const struct ms_sign **at, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && w->points[at[k - 1]->kind] > w->points[at[k]->kind]; k--) {
            const struct ms_sign *swap = at[k];
            at[k] = at[k - 1];
            at[k - 1] = swap;
        }
}

/* Takes away what the class does not need; what is left is turned round, heaviest first. */
static size_t reduce(const struct ms_weights *w, const struct ms_sign **at, size_t n, enum ms_class class_)
{
    for (size_t i = 0; i < n;) {
        const struct ms_sign *without = at[i];
        memmove(&at[i], &at[i + 1], (n - i - 1) * sizeof *at);
        if (w->points[without->kind] >= 0 && class_of(score_of(&(struct set){ at, n - 1, w })) >= class_) {
            n--;
            continue;
        }
        memmove(&at[i + 1], &at[i], (n - i - 1) * sizeof *at);
        at[i++] = without;
    }
    for (size_t i = 0; i < n / 2; i++) {
        const struct ms_sign *swap = at[i];
        at[i] = at[n - 1 - i];
        at[n - 1 - i] = swap;
    }
    return n;
}

int ms_sign_weight(enum ms_sign_kind kind) { return rows[kind].weight; }

void ms_weights_init(struct ms_weights *w)
{
    *w = (struct ms_weights){ 0 };
    for (int i = 0; i < MS_SIGN_COUNT; i++)
        w->points[i] = (int16_t)rows[i].weight;
}

bool ms_weights_set(struct ms_weights *w, const char *name, int16_t points)
{
    enum ms_rule rule;
    for (int i = 0; i < MS_SIGN_COUNT; i++)
        if (strcmp(name, ms_sign_name((enum ms_sign_kind)i)) == 0) {
            w->points[i] = points;
            return true;
        }
    if (points != MS_POINTS_OFF || !ms_rule_find(name, &rule))
        return false;
    ms_rules_add(&w->rules_off, rule);
    return true;
}

bool ms_rule_is_off(const struct ms_weights *w, unsigned rule) { return w && ms_rules_have(&w->rules_off, rule); }

static void take_off(const struct ms_weights *w, struct ms_signs *signs)
{
    size_t n = 0;
    for (size_t i = 0; i < signs->n; i++)
        if (w->points[signs->at[i].kind] != MS_POINTS_OFF)
            signs->at[n++] = signs->at[i];
    signs->n = n;
}

void ms_check_verdict(const struct ms_weights *w, struct ms_signs *signs, struct ms_message *m)
{
    take_off(w, signs);
    size_t                 n = signs->n;
    const struct ms_sign **at = ms_arena_alloc(signs->arena, (n + 1) * sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[i] = &signs->at[i];
    sort(w, at, n);
    int score = score_of(&(struct set){ at, n, w });
    m->verdict.score = (uint8_t)score;
    m->verdict.class_ = (uint8_t)class_of(score);
    m->reasons = at;
    m->reason_count = m->verdict.class_ == MS_CLASS_CLEAN ? 0 : reduce(w, at, n, class_of(score));
    ms_check_message_rules(w, m);
}
