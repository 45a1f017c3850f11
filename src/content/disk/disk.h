/* content/disk/disk.h - images of disks: bytes of the disk wherever they lie in the file, and the file systems on it. disk.c, fat.c, ntfs.c.
 *
 * A file system is walked twice: files are counted, then looked at.                                                      */
#pragma once
#include "content/files.h"

struct ms_disk {
    const struct ms_file *f;
    struct ms_bytes       b;
    size_t                table, blocks, block; /* of a VHD that grows: where its table of blocks is, how many, bytes of each; block 0: as it stands */
    uint64_t              start;                /* of the file system */
    size_t                files;
    bool                  counted;
};

/* `n` bytes from `at` of the file system on: fewer when they lie apart, none when they are not there. */
struct ms_bytes ms_disk_at(const struct ms_disk *d, uint64_t at, size_t n);
/* The same, appended; paid for. False when something is missing. */
bool ms_disk_append(const struct ms_disk *d, uint64_t at, uint64_t n, struct ms_buffer *out);
/* A file: counted, or looked at. `size`: as the directory says. */
void ms_disk_file(struct ms_disk *d, struct ms_bytes name, struct ms_bytes bytes, uint64_t size);

/* Walk what starts at d->start; nothing when it is not theirs. */
void ms_fat_walk(struct ms_disk *d); /* FAT12, FAT16, FAT32, exFAT */
void ms_ntfs_walk(struct ms_disk *d);
