/* tls/key_table.h - the secrets of a key log by what they are found by; inside of tls/ only.
 *
 * Owns     memory of base/secret.h, wiped at the end. Zeroed is empty; nothing is allocated before the first secret.
 * Borrows  a secret that was found stays where it is until the end; another one of the same id and label may take its place.
 * Threads  one.                                                                                                     */
#pragma once
#include "tls/keylog.h"

/* What a line says. The id is a client random, 8 bytes of an encrypted pre-master or a session id. `brought`: by a capture, not by the user. */
struct ms_key { enum ms_keylog_label label; bool brought; uint8_t id_n, n, id[MS_KEY_BYTES], secret[MS_KEY_BYTES]; };
enum { MS_KEY_ID_BYTES = 32 }; /* longest id */

struct ms_key_slot;
struct ms_key_table {
    uint32_t **blocks; size_t block_count, block_size;
    uint32_t   used;                 /* words of the newest block */
    struct ms_key_slot *slots;
    uint32_t   slot_count, head_count;
    uint64_t   count;                /* secrets */
};

/* False: to be added. True: it is known, or it took the place of another one, or it is left out: of the MS_KEY_CANDIDATES secrets of one id and
 * label the oldest goes, first those that a capture brought, which take no place of one that the user gave. */
bool ms_key_table_replace(struct ms_key_table *t, const struct ms_key *key);
void ms_key_table_add(struct ms_key_table *t, const struct ms_key *key);     /* after ms_key_table_replace() said false */
/* The user's ones first, then those of a capture, each the newest first. */
struct ms_bytes ms_key_table_find(const struct ms_key_table *t, enum ms_keylog_label label, struct ms_bytes id, unsigned nth);
/* The client randoms that have secrets; `list` has room for head_count. Their number is returned. */
size_t ms_key_table_randoms(const struct ms_key_table *t, const uint8_t **list);
bool ms_key_table_knows(const struct ms_key_table *t, struct ms_bytes client_random);
void ms_key_table_finish(struct ms_key_table *t);
