/* content/document/ole.h - compound files (MS-CFB): a small file system in one file, of old Office documents, macros, messages, installers. */
#pragma once
#include "content/files.h"

enum { MS_OLE_ENTRY = 128, MS_OLE_NAME = 100, MS_OLE_ROOT = 5, MS_OLE_STREAM = 2, MS_OLE_STORAGE = 1 };
#define MS_OLE_NO_ENTRY SIZE_MAX

struct ms_ole {
    const struct ms_file *f;
    struct ms_bytes       b;
    size_t                sector, mini_sector; /* bytes */
    uint32_t              mini_limit;          /* streams below it are in the mini stream */
    uint32_t             *tables;              /* sectors that the allocation table is in */
    size_t                table_count;
    struct ms_buffer      directory, mini_table, mini_stream;
    size_t                n;                   /* entries */
    size_t               *parents;             /* of each entry; MS_OLE_NO_ENTRY: none, or out of the tree */
};

bool ms_ole_open(struct ms_ole *o, const struct ms_file *f); /* close it in either case */
void ms_ole_close(struct ms_ole *o);
unsigned        ms_ole_type(const struct ms_ole *o, size_t entry);
struct ms_bytes ms_ole_class(const struct ms_ole *o, size_t entry); /* 16 bytes as they stand */
struct ms_bytes ms_ole_name(const struct ms_ole *o, size_t entry, char out[MS_OLE_NAME]);
bool            ms_ole_is(const struct ms_ole *o, size_t entry, const char *name); /* caseless */
/* An entry of that name, from `from` on; `parent` MS_OLE_NO_ENTRY: anywhere. MS_OLE_NO_ENTRY when there is none. */
size_t          ms_ole_find(const struct ms_ole *o, const char *name, size_t parent, size_t from);
/* The content of a stream as far as it is there and the budget goes. */
void            ms_ole_read(const struct ms_ole *o, size_t entry, struct ms_buffer *out);
