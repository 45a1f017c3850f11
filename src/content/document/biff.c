/* content/document/biff.c - old workbooks (MS-XLS): the macro language of Excel 4, encryption, links by DDE. */
#include "content/document/office.h"

enum { BOF = 0x809, SHEET = 0x85, NAME = 0x18, FILE_PASS = 0x2f, FORMULA = 0x06, SHEET_MACRO = 1, STREAM_MACRO = 0x40 };

struct book { const struct ms_file *f; bool macro, hidden, automatic, runs, encrypted, in_macro; };

static void read_sheet(struct book *b, struct ms_bytes r) /* position, state, type, name */
{
    if (ms_at(r, 5) != SHEET_MACRO)
        return;
    b->macro = true;
    b->hidden |= ms_at(r, 4) & 3;
}

static void read_name(struct book *b, struct ms_bytes r) /* flags, key, length of the name, ..., name */
{
    bool built_in = ms_le16_at(r, 0) & 0x20;
    struct ms_bytes name = ms_tail(r, 15);
    b->automatic |= (built_in && (ms_at(name, 0) == 1 || ms_at(name, 0) == 2)) || ms_starts_nocase(name, MS_LIT("auto_open"));
}

/* Functions in compiled formulas: 22, 42 or 62, count of arguments, number. */
static void read_formula(struct book *b, struct ms_bytes r)
{
    for (size_t i = 20; b->in_macro && i + 3 < r.n; i++) {
        unsigned token = r.p[i], function = ms_le16(r.p + i + 2) & 0x7fff;
        if (token != 0x22 && token != 0x42 && token != 0x62)
            continue;
        b->runs |= function == 110 || function == 149 || function == 150 || function == 132; /* EXEC, REGISTER, CALL, FOPEN */
    }
}

static void read_record(struct book *b, unsigned id, struct ms_bytes r)
{
    switch (id) {
    case BOF: b->in_macro = ms_le16_at(r, 2) == STREAM_MACRO; break;
    case SHEET: read_sheet(b, r); break;
    case NAME: read_name(b, r); break;
    case FORMULA: read_formula(b, r); break;
    case FILE_PASS: b->encrypted = true; break;
    default: break;
    }
}

void ms_biff_look(const struct ms_file *f, struct ms_bytes stream)
{
    struct book b = { .f = f };
    for (size_t at = 0; at + 4 <= stream.n && !b.encrypted;) {
        size_t n = ms_le16(stream.p + at + 2);
        read_record(&b, ms_le16(stream.p + at), ms_slice(stream, at + 4, n));
        at += 4 + n;
    }
    if (b.encrypted)
        ms_file_sign(f, MS_SIGN_ENCRYPTED_OFFICE, (struct ms_bytes){ NULL, 0 });
    if (!b.macro)
        return;
    ms_file_sign(f, MS_SIGN_EXCEL4_MACRO, (struct ms_bytes){ NULL, 0 });
    if (b.runs || b.hidden || b.automatic)
        ms_file_sign(f, MS_SIGN_EXCEL4_RUNS, b.runs ? MS_LIT("calls programs or functions of the system") : b.hidden ? MS_LIT("hidden") : MS_LIT("starts by itself"));
}
