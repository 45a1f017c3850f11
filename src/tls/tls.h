/* tls/tls.h - TLS as a filter on a stream: records in, facts and (with keys) plain text out.
 *
 * Begins   at a record border: the first byte of a connection, or what follows the line that agreed on STARTTLS. A client hello in the
 *          format of SSL 2.0 counts. What is no record (plain text after all) sets MS_TLS_NOT_TLS and is dropped.
 * Keys     looked up by client random when the hellos are read; again, with a look for lines appended to the key log, when the first
 *          protected record comes. Key exchange by RSA with a private key; resumption of a session whose master secret was learnt
 *          (session id, ticket) needs no key log.
 * Begin    missing (a hello, or both): the secrets of the key logs are tried, as far as version and cipher suite leave a way (tls_guess.c).
 * Holds    while secrets may still come (ms_tls_context_wait()) and none is known, protected records are held, up to the limits
 *          tls_held_bytes of all connections (the one silent for longest waits no more) and 64 KiB of one.
 * Order    each direction on its own, in the order in which chunks come; a direction that runs ahead of what it depends on (client data
 *          seen before the server hello) is held until the other one has come, bounded by the same limits.
 * Gaps     after missing bytes the next whole record is looked for (type, version, length, then the next header); sequence numbers are
 *          found by trying. sink->gap says that plain text is missing.
 * Without keys everything is counted (records, bytes, alerts in clear) and nothing is handed on.
 * Memory   a struct ms_tls and what a handshake needs; after the handshake under 500 bytes plus cipher contexts (with keys). Cut records are
 *          put together in the connection's memory. What all connections hold of records and messages that are not whole is bounded by
 *          tls_part_bytes: beyond it the one silent for longest loses them (a record is lost then, a message passed over), and
 *          certificates in the records of open sessions are by tls_certificate_bytes.
 * Threads  one context a shard.                                                                                  */
#pragma once
#include "base/arena.h"
#include "base/limits.h"
#include "model/stream.h"
#include "model/tls.h"
#include "tls/keylog.h"
#include "tls/private_key.h"

struct ms_tls_context; /* shared by the connections of a shard */
/* Keys are borrowed; either may be NULL. `limit` is told when a limit is reached. */
struct ms_tls_context *ms_tls_context_create(const struct ms_limits *limits, struct ms_keylog *keylog, struct ms_private_keys *keys,
                                             void (*limit)(void *ctx, enum ms_limit which), void *ctx);
void ms_tls_context_destroy(struct ms_tls_context *x);
void ms_tls_context_tick(struct ms_tls_context *x); /* at times, as with each batch of packets: key logs are looked at again, when a secret is missing */
void ms_tls_context_wait(struct ms_tls_context *x, bool may_come); /* secrets may still come: a pcapng, a live capture */
/* Who lists records: what each one under keys held, before it is handed on. Of application data `plain` is empty. */
typedef void ms_tls_record_fn(void *ctx, enum ms_dir dir, uint8_t content_type, struct ms_bytes plain, uint64_t frame);
void ms_tls_context_tell(struct ms_tls_context *x, ms_tls_record_fn *record, void *ctx);

struct ms_tls;
/* info is made in `arena` (of the session) and set at once. */
struct ms_tls *ms_tls_create(struct ms_tls_context *x, struct ms_arena *arena, struct ms_tls_info **info);
void ms_tls_data(struct ms_tls *t, const struct ms_chunk *c, const struct ms_stream_sink *sink);
void ms_tls_gap(struct ms_tls *t, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time, const struct ms_stream_sink *sink);
/* The end: held records are tried a last time; facts are final. Frees all. */
void ms_tls_finish(struct ms_tls *t, const struct ms_stream_sink *sink);

/* Does a stream begin with TLS? 1 yes, 0 no, -1 too few bytes. Record header, version, plausible length, handshake type; SSL 2.0 hello. */
int ms_tls_begins(struct ms_bytes stream);
/* May the keys that are given open a connection whose client begins so? 1 yes: by its client random, or because there are keys that are found by
 * what the server says, or by an earlier session; 0 no; -1 its hello is not whole yet. */
int ms_tls_may_open(const struct ms_tls_context *x, struct ms_bytes client);
bool ms_tls_is_blind(const struct ms_tls *t); /* neither side will be read, whatever comes */
/* The server name that a client hello at the begin of the stream asks for; empty: none. 1 it is whole, 0 no TLS, -1 too few bytes. */
int ms_tls_server_name(struct ms_bytes stream, struct ms_bytes *name);
