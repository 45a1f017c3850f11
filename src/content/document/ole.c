/* content/document/ole.c - compound files: sectors chained by an allocation table, small streams inside one stream with a table of its own.
 *
 * Every chain is followed at most as long as the file has sectors, and each sector read is taken from the budget: a chain that bites its own
 * tail ends there.                                                                                                     */
#include "content/document/ole.h"

enum { HEADER_TABLES = 109 };
#define END_OF_CHAIN 0xfffffffau /* this and above is no sector */

static struct ms_bytes sector_at(const struct ms_ole *o, uint32_t sector)
{
    uint64_t at = ((uint64_t)sector + 1) * o->sector;
    return sector < END_OF_CHAIN && at < o->b.n ? ms_slice(o->b, (size_t)at, o->sector) : (struct ms_bytes){ NULL, 0 };
}

static uint32_t next_sector(const struct ms_ole *o, uint32_t sector)
{
    size_t a_table = o->sector / 4, table = sector / a_table;
    if (table >= o->table_count)
        return END_OF_CHAIN;
    struct ms_bytes b = sector_at(o, o->tables[table]);
    size_t          at = sector % a_table * 4;
    return at + 4 <= b.n ? ms_le32(b.p + at) : END_OF_CHAIN;
}

/* Appends the chain, up to `most` bytes. */
static void read_chain(const struct ms_ole *o, uint32_t sector, uint64_t most, struct ms_buffer *out)
{
    size_t sectors = o->b.n / o->sector + 1;
    for (size_t i = 0; i < sectors && sector < END_OF_CHAIN && out->n < most; i++) {
        struct ms_bytes b = ms_head(sector_at(o, sector), most - out->n < o->sector ? (size_t)(most - out->n) : o->sector);
        if (b.n == 0 || !ms_file_spend(o->f, b.n))
            break;
        ms_buffer_append(out, b);
        sector = next_sector(o, sector);
    }
}

static void read_mini_chain(const struct ms_ole *o, uint32_t sector, uint64_t most, struct ms_buffer *out)
{
    struct ms_bytes all = ms_buffer_bytes(&o->mini_stream), table = ms_buffer_bytes(&o->mini_table);
    size_t          sectors = all.n / o->mini_sector + 1;
    for (size_t i = 0; i < sectors && sector < sectors && out->n < most; i++) {
        struct ms_bytes b = ms_slice(all, sector * o->mini_sector, most - out->n < o->mini_sector ? (size_t)(most - out->n) : o->mini_sector);
        if (b.n == 0 || !ms_file_spend(o->f, b.n))
            break;
        ms_buffer_append(out, b);
        size_t at = (size_t)sector * 4;
        sector = at + 4 <= table.n ? ms_le32(table.p + at) : END_OF_CHAIN;
    }
}

/* ---- opening -------------------------------------------------------------------------------------------------- */

static void add_table(struct ms_ole *o, uint32_t sector, size_t most)
{
    if (sector < END_OF_CHAIN && o->table_count < most)
        o->tables[o->table_count++] = sector;
}

/* The list of table sectors: 109 in the header, the others in a chain of sectors, the last number of each leads on. */
static void read_tables(struct ms_ole *o)
{
    size_t most = o->b.n / o->sector + 1, a_sector = o->sector / 4;
    o->tables = ms_alloc(most * sizeof *o->tables);
    for (size_t i = 0; i < HEADER_TABLES; i++)
        add_table(o, ms_le32_at(o->b, 76 + 4 * i), most);
    uint32_t sector = ms_le32_at(o->b, 68);
    for (size_t k = 0; k < most && sector < END_OF_CHAIN && o->table_count < most; k++) {
        struct ms_bytes b = sector_at(o, sector);
        if (b.n < o->sector)
            break;
        for (size_t i = 0; i + 1 < a_sector; i++)
            add_table(o, ms_le32(b.p + 4 * i), most);
        sector = ms_le32(b.p + o->sector - 4);
    }
}

static struct ms_bytes entry_at(const struct ms_ole *o, size_t entry)
{
    return ms_slice(ms_buffer_bytes(&o->directory), entry * MS_OLE_ENTRY, MS_OLE_ENTRY);
}

struct climb { size_t *stack, depth; bool *seen; };

static void push(const struct ms_ole *o, struct climb *c, uint32_t entry, size_t parent)
{
    if (entry >= o->n || c->seen[entry])
        return;
    c->seen[entry] = true;
    o->parents[entry] = parent;
    c->stack[c->depth++] = entry;
}

/* Siblings are a tree, left and right; children hang off their storage. Each entry is visited once. */
static void find_parents(struct ms_ole *o)
{
    struct climb c = { ms_alloc(o->n * sizeof *c.stack), 0, ms_alloc(o->n) };
    o->parents = ms_alloc(o->n * sizeof *o->parents);
    for (size_t i = 0; i < o->n; i++)
        o->parents[i] = MS_OLE_NO_ENTRY;
    push(o, &c, 0, MS_OLE_NO_ENTRY);
    while (c.depth > 0) {
        size_t          entry = c.stack[--c.depth];
        struct ms_bytes e = entry_at(o, entry);
        push(o, &c, ms_le32(e.p + 68), o->parents[entry]);
        push(o, &c, ms_le32(e.p + 72), o->parents[entry]);
        push(o, &c, ms_le32(e.p + 76), entry);
    }
    ms_free(c.stack);
    ms_free(c.seen);
}

bool ms_ole_open(struct ms_ole *o, const struct ms_file *f)
{
    struct ms_bytes b = f->piece->bytes;
    unsigned        shift = ms_le16_at(b, 30), mini_shift = ms_le16_at(b, 32);
    *o = (struct ms_ole){ .f = f, .b = b };
    if (b.n < 512 || (shift != 9 && shift != 12) || mini_shift < 4 || mini_shift > shift)
        return false;
    o->sector = (size_t)1 << shift;
    o->mini_sector = (size_t)1 << mini_shift;
    o->mini_limit = ms_le32(b.p + 56);
    read_tables(o);
    read_chain(o, ms_le32(b.p + 48), UINT64_MAX, &o->directory);
    o->n = o->directory.n / MS_OLE_ENTRY;
    if (o->n == 0 || !ms_file_spend(f, o->n * 2 * sizeof(size_t)))
        return false;
    find_parents(o);
    struct ms_bytes root = entry_at(o, 0);
    read_chain(o, ms_le32(b.p + 60), UINT64_MAX, &o->mini_table);
    read_chain(o, ms_le32(root.p + 116), ms_le32(root.p + 120), &o->mini_stream);
    return true;
}

void ms_ole_close(struct ms_ole *o)
{
    ms_free(o->tables);
    ms_free(o->parents);
    ms_buffer_finish(&o->directory);
    ms_buffer_finish(&o->mini_table);
    ms_buffer_finish(&o->mini_stream);
}

/* ---- entries --------------------------------------------------------------------------------------------------- */

unsigned        ms_ole_type(const struct ms_ole *o, size_t entry) { return ms_at(entry_at(o, entry), 66); }
struct ms_bytes ms_ole_class(const struct ms_ole *o, size_t entry) { return ms_slice(entry_at(o, entry), 80, 16); }

struct ms_bytes ms_ole_name(const struct ms_ole *o, size_t entry, char out[MS_OLE_NAME])
{
    return ms_utf16_text(ms_head(entry_at(o, entry), 64), false, out, MS_OLE_NAME);
}

bool ms_ole_is(const struct ms_ole *o, size_t entry, const char *name)
{
    char text[MS_OLE_NAME];
    return ms_equal_nocase(ms_ole_name(o, entry, text), ms_str(name));
}

size_t ms_ole_find(const struct ms_ole *o, const char *name, size_t parent, size_t from)
{
    for (size_t i = from; i < o->n; i++)
        if (ms_ole_type(o, i) && (parent == MS_OLE_NO_ENTRY || o->parents[i] == parent) && ms_ole_is(o, i, name))
            return i;
    return MS_OLE_NO_ENTRY;
}

void ms_ole_read(const struct ms_ole *o, size_t entry, struct ms_buffer *out)
{
    struct ms_bytes e = entry_at(o, entry);
    *out = (struct ms_buffer){ 0 };
    if (e.n < MS_OLE_ENTRY || ms_ole_type(o, entry) != MS_OLE_STREAM)
        return;
    uint32_t size = ms_le32(e.p + 120);
    if (size < o->mini_limit)
        read_mini_chain(o, ms_le32(e.p + 116), size, out);
    else
        read_chain(o, ms_le32(e.p + 116), size, out);
}
