/* tls/handshake.h - handshake messages read into the facts of a connection: RFC 8446, 5246, 6101, 6066, 7301, 7627, 7366, 5077.
 *
 * Takes    whole handshake messages (type and body, without the 4-byte header), put together from records by tls/tls.c.
 * Fills    struct ms_tls_info (what users see) and struct ms_tls_handshake (what decryption needs).
 * Odd      a message that contradicts itself is read as far as it goes; nothing is ever read past it.
 * JA3      MD5 of "version,ciphers,extensions,groups,point formats", GREASE left out; JA3S likewise for the server hello.
 * JA4      "t13d1516h2_8daaf6152771_..." of the client hello over TCP; JA4S of the server hello.                    */
#pragma once
#include "base/arena.h"
#include "base/limits.h"
#include "model/record.h"
#include "model/tls.h"
#include "tls/certificate.h"
#include "tls/crypt.h"

enum ms_tls_message {
    MS_HS_HELLO_REQUEST = 0, MS_HS_CLIENT_HELLO = 1, MS_HS_SERVER_HELLO = 2, MS_HS_NEW_SESSION_TICKET = 4, MS_HS_END_OF_EARLY_DATA = 5,
    MS_HS_ENCRYPTED_EXTENSIONS = 8, MS_HS_CERTIFICATE = 11, MS_HS_SERVER_KEY_EXCHANGE = 12, MS_HS_CERTIFICATE_REQUEST = 13,
    MS_HS_SERVER_HELLO_DONE = 14, MS_HS_CERTIFICATE_VERIFY = 15, MS_HS_CLIENT_KEY_EXCHANGE = 16, MS_HS_FINISHED = 20,
    MS_HS_CERTIFICATE_STATUS = 22, MS_HS_KEY_UPDATE = 24, MS_HS_COMPRESSED_CERTIFICATE = 25,
};

struct ms_tls_handshake { /* lives until the handshake is over */
    struct ms_tls_info   *info;
    struct ms_arena      *arena;      /* of the session: what info points to */
    struct ms_tls_randoms randoms;
    bool     have_client, have_server;
    uint16_t client_version;          /* legacy_version of the client hello */
    struct ms_buffer session_id;      /* that the server chose (TLS 1.2 and before), up to 32 bytes */
    struct ms_buffer offered_session_id, offered_ticket; /* by the client; the ticket up to 4 KiB */
    struct ms_buffer new_ticket;      /* NewSessionTicket of TLS 1.2 */
    struct ms_buffer key_exchange;    /* ClientKeyExchange of RSA: the encrypted pre-master secret, without its length */
    struct ms_buffer leaf;            /* DER of the server's certificate, when RSA key exchange */
    bool     psk_chosen, certificate_seen;
    bool     server_done;             /* ServerHelloDone was seen */
    uint64_t most;                    /* bytes of a message that was compressed; no bound after init */
    bool     too_large;               /* one had more */
    struct ms_certificate_cache *cache; /* borrowed, of the shard; NULL (as after init): every chain is read anew */
};

void ms_tls_handshake_init(struct ms_tls_handshake *hs, struct ms_tls_info *info, struct ms_arena *arena);
void ms_tls_handshake_finish(struct ms_tls_handshake *hs); /* frees its buffers */
void ms_tls_handshake_message(struct ms_tls_handshake *hs, enum ms_dir dir, uint8_t type, struct ms_bytes body, uint64_t frame, int64_t time);
/* A side changes to the new keys (ChangeCipherSpec). When the server does so without having sent a certificate though a ticket was
 * offered, the session is resumed by it (RFC 5077 3.4). TLS 1.3 has no use for it and ignores it. */
void ms_tls_handshake_changed(struct ms_tls_handshake *hs, enum ms_dir dir);
/* A client hello in the format of SSL 2.0 (RFC 5246 E.2), from its message type on. */
void ms_tls_handshake_ssl2(struct ms_tls_handshake *hs, struct ms_bytes hello, uint64_t frame, int64_t time);
/* Is it, without its header, the server hello that asks for another client hello (RFC 8446 4.1.3)? */
bool ms_tls_is_retry(struct ms_bytes server_hello);
