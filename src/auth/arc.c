#include "auth/arc.h"
#include "auth/tags.h"
#include "base/text.h"

#include <openssl/evp.h>

enum slot { RESULTS, MESSAGE, SEAL, SLOTS };
struct sets { uint32_t fields[MS_ARC_SETS + 1][SLOTS]; size_t n; const char *broken; }; /* numbers of fields, by instance */

static const struct { const char *name; enum slot slot; } names[] = {
    { "arc-authentication-results", RESULTS }, { "arc-message-signature", MESSAGE }, { "arc-seal", SEAL },
};

/* "i=3" at the start, or anywhere in a list of tags. 0: none. */
static uint64_t instance_of(const struct ms_field *f)
{
    for (struct ms_bytes rest = f->value; rest.n;) {
        struct ms_bytes piece = ms_head(rest, ms_find(rest, ';'));
        uint64_t        value;
        rest = ms_tail(rest, piece.n + 1);
        size_t equals = ms_find(piece, '=');
        if (ms_equal(ms_trim(ms_head(piece, equals)), MS_LIT("i")) && ms_parse_u64(ms_trim(ms_tail(piece, equals + 1)), &value))
            return value;
    }
    return 0;
}

static void place(struct sets *sets, uint32_t number, enum slot slot, uint64_t instance)
{
    if (instance == 0)
        sets->broken = "an ARC field has no instance";
    else if (instance > MS_ARC_SETS)
        sets->broken = "the chain has more than 50 instances";
    else if (sets->fields[instance][slot])
        sets->broken = "an instance of the chain has a field twice";
    else
        sets->fields[instance][slot] = number;
    if (instance <= MS_ARC_SETS && instance > sets->n)
        sets->n = (size_t)instance;
}

static bool gather(const struct ms_fields *f, struct sets *sets)
{
    bool any = false;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        for (uint32_t i = ms_fields_last(f, ms_str(names[k].name)); i; i = f->above[i - 1]) {
            any = true;
            if (!sets->broken)
                place(sets, i, names[k].slot, instance_of(&f->at[i - 1]));
        }
    for (size_t i = 1; i <= sets->n && !sets->broken; i++)
        for (size_t k = 0; k < SLOTS; k++)
            if (!sets->fields[i][k])
                sets->broken = "an instance of the chain is not whole";
    return any;
}

static void hash_whole(EVP_MD_CTX *md, const struct ms_fields *f, uint32_t number)
{
    ms_field_hash(md, &f->at[number - 1], &(struct ms_form){ .relaxed = true });
}

/* A seal covers all fields of the chain up to itself (5.1.1): one digest runs through, and each seal takes a copy of it. */
static void hash_seals(struct ms_arc *a, const struct sets *sets, const struct ms_fields *f)
{
    EVP_MD_CTX *chain = EVP_MD_CTX_new(), *own = EVP_MD_CTX_new();
    bool        good = chain && own && EVP_DigestInit_ex(chain, EVP_sha256(), NULL) == 1;
    for (size_t i = 1; i <= a->n && good; i++) {
        const uint32_t *set = sets->fields[i];
        const struct ms_field *seal = &f->at[set[SEAL] - 1];
        struct ms_tags  tags;
        hash_whole(chain, f, set[RESULTS]);
        hash_whole(chain, f, set[MESSAGE]);
        good = ms_tags_read(seal->value, &tags) && ms_tag_find(&tags, "b") && EVP_MD_CTX_copy_ex(own, chain) == 1;
        if (!good)
            break;
        ms_field_hash(own, seal, &(struct ms_form){ .relaxed = true, .cut = ms_tag_find(&tags, "b")->raw, .last = true });
        EVP_DigestFinal_ex(own, a->seals[i - 1].digest, NULL);
        hash_whole(chain, f, set[SEAL]);
    }
    if (!good && !a->broken)
        a->broken = "a seal of the chain makes no sense";
    EVP_MD_CTX_free(chain);
    EVP_MD_CTX_free(own);
}

bool ms_arc_read(struct ms_arc *a, const struct ms_reading *r)
{
    struct sets sets = { .n = 0 };
    *a = (struct ms_arc){ .n = 0 };
    if (!gather(r->fields, &sets))
        return false;
    a->broken = sets.broken;
    if (a->broken)
        return true;
    a->n = sets.n;
    a->seals = ms_arena_alloc(r->arena, a->n * sizeof *a->seals);
    for (size_t i = 1; i <= a->n; i++) {
        ms_signature_read(r, MS_ARC_SEAL, sets.fields[i][SEAL], &a->seals[i - 1]);
        if (a->seals[i - 1].broken && !a->broken)
            a->broken = "a seal of the chain makes no sense";
    }
    ms_signature_read(r, MS_ARC_MESSAGE_SIGNATURE, sets.fields[a->n][MESSAGE], &a->message);
    a->domain = a->seals[a->n - 1].domain;
    if (!a->broken)
        hash_seals(a, &sets, r->fields);
    return true;
}

/* ---- judging (5.2) ------------------------------------------------------------------------------------------------ */

static void conclude(struct ms_arc *a, enum ms_signature_result result, const char *reason)
{
    a->result = result;
    a->reason = ms_str(reason);
}

static void conclude_of(struct ms_arc *a, const struct ms_judging *j, const struct ms_signature *s, const char *what)
{
    struct ms_buffer t = { 0 };
    ms_text_format(&t, "%s %u by ", what, (unsigned)s->instance);
    ms_text_plain(&t, s->domain);
    ms_text_str(&t, ": ");
    ms_text_add(&t, s->reason);
    a->result = s->result == MS_SIG_UNKNOWN || s->result == MS_SIG_TEMPERROR ? s->result : MS_SIG_FAIL;
    a->reason = ms_arena_keep(j->arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
}

static const char *wrong_cv(const struct ms_arc *a)
{
    if (a->seals[a->n - 1].cv == 'f')
        return "the last one who sealed the chain found it broken (cv=fail)";
    for (size_t i = 0; i < a->n; i++)
        if (a->seals[i].cv != (i ? 'p' : 'n'))
            return "a seal does not say what its place in the chain asks for (cv=)";
    return NULL;
}

/* A failure is one whatever else is unknown. */
static void judge_one(struct ms_arc *a, const struct ms_judging *j, struct ms_signature *s, const char *what)
{
    if (a->result == MS_SIG_FAIL)
        return;
    ms_signature_judge(j, s);
    bool worse = a->result == MS_SIG_PASS || (s->result != MS_SIG_UNKNOWN && s->result != MS_SIG_TEMPERROR);
    if (s->result != MS_SIG_PASS && worse)
        conclude_of(a, j, s, what);
}

void ms_arc_judge(struct ms_arc *a, const struct ms_judging *j)
{
    const char *wrong = a->broken ? a->broken : wrong_cv(a);
    if (wrong) {
        conclude(a, MS_SIG_FAIL, wrong);
        return;
    }
    conclude(a, MS_SIG_PASS, "");
    judge_one(a, j, &a->message, "message signature");
    for (size_t i = a->n; i > 0; i--)
        judge_one(a, j, &a->seals[i - 1], "seal");
}
