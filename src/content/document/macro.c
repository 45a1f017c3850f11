/* content/document/macro.c - what macro source does: whether something starts it by itself, and whether that writes files or runs programs.
 *
 * The three questions are those of mraptor; the words are our own. Strings that are put together from pieces ("po" & "wershell", Chr(112)) are
 * joined first, and words are looked for backwards too.                                                                */
#include "content/document/office.h"
#include "content/program/vocabulary.h"

enum { AUTO, EVENT, WRITE, RUN, REACH, TELL = 160 };

/* AUTO: by the name of the procedure. EVENT: what controls do without being asked, behind "_". REACH: could run something, and has honest
 * uses; RUN: runs it. */
static const struct ms_vocable words[] = {
    { "autoexec", AUTO }, { "auto_exec", AUTO }, { "autoopen", AUTO }, { "auto_open", AUTO }, { "autonew", AUTO }, { "autoclose", AUTO },
    { "auto_close", AUTO }, { "autoexit", AUTO }, { "document_open", AUTO }, { "document_new", AUTO }, { "document_close", AUTO },
    { "document_beforeclose", AUTO }, { "documentopen", AUTO }, { "documentbeforeclose", AUTO }, { "workbook_open", AUTO },
    { "workbook_activate", AUTO }, { "workbook_beforeclose", AUTO }, { "workbook_deactivate", AUTO }, { "worksheet_calculate", AUTO },
    { "auto_activate", AUTO }, { "auto_ope", AUTO },
    { "_painted", EVENT }, { "_painting", EVENT }, { "_gotfocus", EVENT }, { "_lostfocus", EVENT }, { "_mousehover", EVENT }, { "_layout", EVENT },
    { "_resize", EVENT }, { "_beforenavigate2", EVENT }, { "_downloadcomplete", EVENT }, { "_navigatecomplete2", EVENT },
    { "createtextfile", WRITE }, { "opentextfile", WRITE }, { "filecopy", WRITE }, { "copyfile", WRITE }, { "savetofile", WRITE }, { "kill", WRITE },
    { "adodb.stream", WRITE }, { "put", WRITE }, { "regwrite", WRITE }, { "urldownloadtofile", WRITE }, { "urldownloadtofilea", WRITE },
    { "vbproject", WRITE }, { "vbcomponents", WRITE },
    { "shell", RUN }, { "wscript.shell", RUN }, { "shell.application", RUN }, { "shellexecute", RUN }, { "shellexecutea", RUN }, { "macscript", RUN },
    { "win32_process", RUN }, { "executeexcel4macro", RUN }, { "createthread", RUN }, { "virtualalloc", RUN }, { "callwindowprocw", RUN },
    { "powershell", RUN }, { "mshta", RUN }, { "sendkeys", RUN }, { "applescripttask", RUN }, { "popen", RUN },
    { "createobject", REACH }, { "getobject", REACH }, { "callbyname", REACH }, { "declare", REACH },
};
#define WORDS (sizeof words / sizeof *words)
_Static_assert(WORDS <= (size_t)MS_VOCABLES_MOST, "one bit each");

static bool have(uint64_t found, uint8_t kind)
{
    for (size_t i = 0; i < WORDS; i++)
        if (found >> i & 1 && words[i].kind == kind)
            return true;
    return false;
}

/* ---- strings put together -------------------------------------------------------------------------------------- */

/* "Chr(112)", "ChrW(112)", "Chr$(112)": the byte, and how much of the text it is; 0 when it is none. */
static size_t chr_at(struct ms_bytes b, uint8_t *out)
{
    size_t   at = 3;
    unsigned value = 0;
    if (!ms_starts_nocase(b, MS_LIT("chr")))
        return 0;
    if (ms_lower(ms_at(b, at)) == 'w')
        at++;
    if (ms_at(b, at) == '$')
        at++;
    if (ms_at(b, at++) != '(')
        return 0;
    while (ms_is_digit(ms_at(b, at)) && value < 256)
        value = value * 10 + (unsigned)(b.p[at++] - '0');
    if (ms_at(b, at) != ')' || value == 0 || value > 255)
        return 0;
    *out = (uint8_t)value;
    return at + 1;
}

static bool joins(uint8_t c) { return c == '"' || c == '&' || c == '+' || c == ' ' || c == '_' || c == '\r' || c == '\n' || c == '\t'; }

/* Blanks, quotes and operators between two pieces of one string: how long. At least an operator. */
static size_t seam_at(struct ms_bytes b)
{
    size_t n = 0;
    bool   operator = false;
    while (n < b.n && n < 64 && joins(b.p[n])) {
        operator |= b.p[n] == '&' || b.p[n] == '+';
        n++;
    }
    return operator ? n : 0;
}

static void join(struct ms_bytes source, struct ms_buffer *out)
{
    for (size_t i = 0, n; i < source.n; i += n) {
        struct ms_bytes rest = ms_tail(source, i);
        uint8_t         c = rest.p[0], lower = ms_lower(c);
        n = lower == 'c' ? chr_at(rest, &c) : joins(lower) ? seam_at(rest) : 0;
        if (n == 0 || lower == 'c')
            ms_buffer_append(out, (struct ms_bytes){ &c, 1 });
        n = n ? n : 1;
    }
}

static void reverse(struct ms_buffer *b)
{
    for (size_t i = 0; i < b->n / 2; i++) {
        uint8_t c = b->p[i];
        b->p[i] = b->p[b->n - 1 - i];
        b->p[b->n - 1 - i] = c;
    }
}

/* ---- verdict ----------------------------------------------------------------------------------------------------- */

/* "Open x For Output", "For Append", "For Binary". */
static bool opens_for_writing(struct ms_bytes b)
{
    static const struct ms_vocable modes[] = { { "output", 0 }, { "append", 0 }, { "binary", 0 }, { "open", 1 } };
    uint64_t found = ms_vocabulary_find(b, modes, 4);
    return found & 7 && found & 8;
}

/* Of words found in the text turned round: those long enough not to be there by chance. */
static uint64_t long_ones(uint64_t found)
{
    for (size_t i = 0; i < ms_command_count; i++)
        if (strlen(ms_command_words[i].text) < 6)
            found &= ~(UINT64_C(1) << i);
    return found;
}

static void tell(const struct ms_file *f, enum ms_sign_kind kind, uint64_t found)
{
    char text[TELL];
    ms_file_sign(f, kind, ms_vocabulary_tell(found, words, WORDS, text, sizeof text));
}

void ms_macro_look(const struct ms_file *f, struct ms_bytes source)
{
    struct ms_buffer joined = { 0 };
    char             text[TELL];
    if (source.n == 0 || !ms_file_spend(f, source.n))
        return;
    join(source, &joined);
    uint64_t found = ms_vocabulary_find(source, words, WORDS) | ms_vocabulary_find(ms_buffer_bytes(&joined), words, WORDS);
    uint64_t commands = ms_vocabulary_find(ms_buffer_bytes(&joined), ms_command_words, ms_command_count);
    reverse(&joined);
    uint64_t backwards = long_ones(ms_vocabulary_find(ms_buffer_bytes(&joined), ms_command_words, ms_command_count));
    bool     automatic = have(found, AUTO) || have(found, EVENT), writes = have(found, WRITE) || opens_for_writing(source);
    bool     runs = have(found, RUN) || ms_commands_have(commands | backwards, MS_COMMAND_PROGRAM);
    if (automatic && (runs || (writes && have(found, REACH))))
        tell(f, MS_SIGN_MACRO_RUNS, found);
    else if (automatic && (writes || have(found, REACH)))
        tell(f, MS_SIGN_MACRO_AUTOMATIC, found);
    if (ms_vocabulary_count(commands) >= 2 || backwards & ~commands)
        ms_file_sign(f, MS_SIGN_MACRO_COMMANDS, ms_vocabulary_tell(commands | backwards, ms_command_words, ms_command_count, text, sizeof text));
    ms_buffer_finish(&joined);
}
