/* tls/keylog.h - secrets by client random: NSS key logs from files, from pcapng secrets blocks, from comments.
 *
 * Lines    "LABEL <client random, 64 hex> <secret, hex>", the labels of the NSS key log format; "RSA <8 bytes of the encrypted
 *          pre-master, hex> <pre-master>"; "RSA Session-ID:<hex> Master-Key:<hex>"; "PMS_CLIENT_RANDOM <random> <pre-master>".
 *          Comments (#), empty and odd lines are counted and passed over; line ends LF or CRLF; a last line without one counts.
 * Memory   secrets live in base/secret.h memory: a compact table (client random, label, secret), no per-line malloc. A capture has far
 *          fewer connections than a key log of a busy host has lines: loading 100 MB takes at most a second.
 *          What a capture brings along is not the user's choice: ms_keylog_cap() bounds it.
 * Doubles  the same random and label with several secrets: the last MS_KEY_CANDIDATES are kept, and tried in turn, the last one first
 *          (sslkeylog files are appended to), those of a file that the user named before what a capture brings along: no wrong line
 *          can keep a connection shut.
 * Live     a file that was added is looked at again by ms_keylog_refresh(): what was appended is read, a half line waits. */
#pragma once
#include "base/bytes.h"

#include <stdbool.h>

enum ms_keylog_label {
    MS_KEY_MASTER,                  /* CLIENT_RANDOM: 48 bytes, SSL 3.0 to TLS 1.2 */
    MS_KEY_CLIENT_EARLY, MS_KEY_CLIENT_HANDSHAKE, MS_KEY_SERVER_HANDSHAKE, MS_KEY_CLIENT_TRAFFIC, MS_KEY_SERVER_TRAFFIC, /* TLS 1.3 */
    MS_KEY_PREMASTER,               /* PMS_CLIENT_RANDOM */
    MS_KEY_RSA_PREMASTER,           /* RSA: found by 8 bytes of the encrypted pre-master */
    MS_KEY_SESSION_MASTER,          /* RSA Session-ID: found by session id (up to 32 bytes) */
    MS_KEY_LABEL_COUNT,
};
enum { MS_KEY_BYTES = 64 /* longest secret */, MS_KEY_CANDIDATES = 4 /* secrets of one id and label */ };

struct ms_keylog;
struct ms_keylog *ms_keylog_create(void);
void ms_keylog_destroy(struct ms_keylog *k); /* wipes */
/* Reads all of it. False: errno says why. A directory or a file without any key line is an error for the caller to word: see
 * ms_keylog_count(). Reading the rest of a file later: ms_keylog_refresh(). */
bool ms_keylog_add_file(struct ms_keylog *k, const char *path);
void ms_keylog_add_text(struct ms_keylog *k, struct ms_bytes lines); /* a secrets block, a comment */
void ms_keylog_cap(struct ms_keylog *k, uint64_t most); /* new secrets that ms_keylog_add_text() may add, all calls together */
uint64_t ms_keylog_refused(const struct ms_keylog *k);  /* those it would not */
void ms_keylog_refresh(struct ms_keylog *k);                         /* cheap when nothing changed (one fstat a file) */
bool ms_keylog_premasters(const struct ms_keylog *k); /* it has pre-master secrets, or a file that may yet have some */
bool ms_keylog_by_server(const struct ms_keylog *k);  /* it has secrets that are found by what the server has a part in: not by client random */
uint64_t ms_keylog_count(const struct ms_keylog *k); /* secrets */
uint64_t ms_keylog_lines(const struct ms_keylog *k); /* lines that had one, doubles counted */
uint64_t ms_keylog_odd(const struct ms_keylog *k);   /* lines that could not be read */
/* The nth secret (from 0) of `id` (client random, 32 bytes; for the last two labels what they are found by). Empty when there is none; borrowed
 * until the next call that adds. */
struct ms_bytes ms_keylog_find(const struct ms_keylog *k, enum ms_keylog_label label, struct ms_bytes id, unsigned nth);
size_t ms_keylog_ids(const struct ms_keylog *k); /* at most so many client randoms and other ids: cheap */
size_t ms_keylog_randoms(const struct ms_keylog *k, const uint8_t **list); /* the client randoms, 32 bytes each; room for ms_keylog_ids() */
bool ms_keylog_knows(const struct ms_keylog *k, struct ms_bytes client_random); /* any label; fast for "no" */
