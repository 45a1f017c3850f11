/* content/document/field.c - instructions of fields in documents: those that start programs or fetch something; and cells of text tables that do. */
#include "content/document/office.h"
#include "content/program/vocabulary.h"

static bool is_blank(uint8_t c) { return c == ' ' || c == '\t' || c == '"' || c == '\r' || c == '\n' || c == 0xa0; }

static bool ends_word(uint8_t c) { return c == ' ' || c == '\t' || c == '"' || c == '\\' || c == '\r' || c == '\n'; }

void ms_field_look(const struct ms_file *f, struct ms_bytes instruction)
{
    static const char *const words[] = { "DDEAUTO", "DDE" };
    while (instruction.n && is_blank(instruction.p[0]))
        instruction = ms_tail(instruction, 1);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (!ms_starts_nocase(instruction, ms_str(words[i])) || !ends_word(ms_at(instruction, n)))
            continue;
        struct ms_bytes text = ms_head(instruction, 120);
        ms_file_sign(f, MS_SIGN_DDE, ms_head(text, ms_find(text, 0x14)));
        return;
    }
}

/* ---- tables in text (CSV, TSV, SYLK) ------------------------------------------------------------------------------ */

enum { CELL = 256 };

static bool is_name_byte(uint8_t c) { return ms_is_digit(c) || (ms_lower(c) >= 'a' && ms_lower(c) <= 'z') || c == '.' || c == '_'; }

/* "=cmd|' /C calc'!A0": a program, a bar, and behind an exclamation mark a cell. */
static bool is_dde_cell(struct ms_bytes cell)
{
    size_t bar = ms_find(cell, '|'), start = bar;
    while (start > 0 && is_name_byte(cell.p[start - 1]))
        start--;
    struct ms_bytes topic = ms_tail(cell, bar);
    size_t          mark = ms_find(topic, '!');
    return bar < cell.n && bar - start >= 2 && mark < topic.n && (is_name_byte(ms_at(topic, mark + 1)) || ms_at(topic, mark + 1) == '\'');
}

static void look_at_cell(const struct ms_file *f, struct ms_bytes cell)
{
    struct ms_bytes start = ms_head(cell, 64);
    if (is_dde_cell(cell))
        ms_file_sign(f, MS_SIGN_DDE, ms_head(cell, 120));
    else if (ms_search_nocase(start, MS_LIT("webservice(")) < start.n)
        ms_file_sign(f, MS_SIGN_FETCHING_CELL, ms_head(cell, 120));
}

static bool begins_formula(uint8_t c) { return c == '=' || c == '+' || c == '-' || c == '@'; }

/* Cells begin behind separators. One that begins a formula is looked at up to the end of its line: commas may stand in it. */
void ms_table_look(const struct ms_file *f)
{
    struct ms_bytes b = f->piece->bytes;
    bool            begin = true;
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i];
        if (begin && begins_formula(c)) {
            struct ms_bytes cell = ms_slice(b, i, CELL);
            look_at_cell(f, ms_head(cell, ms_find(cell, '\n')));
        }
        begin = c == ',' || c == ';' || c == '\t' || c == '\n' || (begin && is_blank(c));
    }
}
