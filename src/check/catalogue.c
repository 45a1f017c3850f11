#include "check/check.h"

const struct ms_rule_row ms_rules[MS_RULE_COUNT] = {
#define X(NAME, slug, CATEGORY, SEVERITY, trigger, title, explanation, remedy, references, example) \
    { slug, MS_CATEGORY_##CATEGORY, MS_SEVERITY_##SEVERITY, trigger, title, explanation, remedy, references, example },
#include "check/catalogue.def"
#undef X
};

static const struct ms_rule_row *users[MS_USER_RULES];
static unsigned                  user_count;

bool ms_rule_add(const struct ms_rule_row *row, unsigned *number)
{
    if (user_count == MS_USER_RULES)
        return false;
    *number = MS_RULE_COUNT + user_count;
    users[user_count++] = row;
    return true;
}

unsigned ms_rule_total(void) { return MS_RULE_COUNT + user_count; }

const struct ms_rule_row *ms_rule_at(unsigned rule) { return rule < MS_RULE_COUNT ? &ms_rules[rule] : users[rule - MS_RULE_COUNT]; }

bool ms_rule_find(const char *name, enum ms_rule *out)
{
    for (unsigned r = 0; r < ms_rule_total(); r++) {
        if (strcmp(ms_rule_at(r)->name, name) == 0) {
            *out = (enum ms_rule)r;
            return true;
        }
    }
    return false;
}
