#include "check/check.h"

const struct ms_rule_row ms_rules[MS_RULE_COUNT] = {
#define X(NAME, slug, CATEGORY, SEVERITY, trigger, title, explanation, remedy, references, example) \
    { slug, MS_CATEGORY_##CATEGORY, MS_SEVERITY_##SEVERITY, trigger, title, explanation, remedy, references, example },
#include "check/catalogue.def"
#undef X
};

bool ms_rule_find(const char *name, enum ms_rule *out)
{
    for (int r = 0; r < MS_RULE_COUNT; r++) {
        if (strcmp(ms_rules[r].name, name) == 0) {
            *out = (enum ms_rule)r;
            return true;
        }
    }
    return false;
}
