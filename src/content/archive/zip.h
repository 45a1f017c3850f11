/* content/archive/zip.h - ZIP archives: entries as the directory at the end names them, opened one at a time. zip.c, zip_list.c, zip_shape.c, zip_crypt.c. */
#pragma once
#include "content/archive/unpack.h"

struct ms_zip_entry {
    struct ms_bytes name;          /* as it stands */
    struct ms_bytes unicode;       /* the same in UTF-8, in a field of its own; mostly empty */
    struct ms_bytes data;          /* packed, as much as is there */
    uint64_t packed, size, offset; /* as the directory says; offset of the local header in the bytes */
    size_t   end;                  /* behind its data */
    uint32_t crc;
    uint16_t flags, method, time;
    uint8_t  aes;                  /* 1 to 3: WinZip AES with 128, 192, 256 bits (`method` is what is below it); 0 none */
    bool     placed;               /* its local header is where the directory says */
    bool     link;                 /* its content is the path of another file */
};
struct ms_zip {
    const struct ms_file *f;
    struct ms_bytes       b;
    struct ms_zip_entry  *at;
    size_t                n, room;
    size_t                directory; /* where it begins; b.n when there is none */
    uint64_t              told;      /* number of entries, as the end of the archive says */
    bool                  other_directory; /* where that says, there is another one */
    size_t                files;     /* entries that are no folders, and no leavings of macOS */
    struct ms_bytes       password;  /* that opened an entry; p NULL: none yet */
    bool                  refused;   /* none of the candidates opens it */
};

/* The content of an entry, at most `most` bytes; decrypted when a password is known or found. False when it cannot be had. Free u->out. */
bool ms_zip_open(struct ms_zip *z, const struct ms_zip_entry *e, size_t most, struct ms_unpacked *u);
const struct ms_zip_entry *ms_zip_find(const struct ms_zip *z, const char *name); /* caseless; NULL */
static inline bool ms_zip_encrypted(const struct ms_zip_entry *e) { return e->flags & 1; }
/* Looks into an entry as a file of its own. */
void ms_zip_look_into(struct ms_zip *z, const struct ms_zip_entry *e, enum ms_around around);
/* zip_crypt.c: the packed bytes in clear, with one of in->passwords. */
bool ms_zip_decrypt(struct ms_zip *z, const struct ms_zip_entry *e, struct ms_buffer *out);
bool ms_zip_proves(const struct ms_zip *z, const struct ms_zip_entry *e, struct ms_bytes clear); /* it unpacks, and to the right checksum */
void ms_zip_look_at_shape(struct ms_zip *z); /* zip_shape.c. Entries are in the order of their places then */
/* zip_list.c: the entries; false when there is not one. */
bool ms_zip_list(struct ms_zip *z);
