/* sink/tls_words.h - what outputs say about TLS in words: versions, ciphers, whether a session could be read.                     */
#pragma once
#include "model/record.h"

/* "TLS 1.2", or "0x7f17" for a number without a name; empty for 0. `scratch` may hold the text. */
struct ms_bytes ms_tls_version_words(uint16_t version, char scratch[8]);
struct ms_bytes ms_tls_cipher_words(uint16_t cipher, char scratch[8]);
struct ms_bytes ms_tls_group_words(uint16_t group, char scratch[8]);

enum ms_tls_reading {
    MS_TLS_NONE,      /* no TLS was met */
    MS_TLS_READ,      /* decrypted */
    MS_TLS_PARTLY,    /* in part: there are records of data that were not read, those of one side perhaps */
    MS_TLS_UNREAD,    /* there was something to read, and no key for it */
    MS_TLS_BROKEN,    /* the handshake failed */
    MS_TLS_NOTHING,   /* TLS was met, nothing in it was left to read */
};
enum ms_tls_reading ms_tls_reading_of(const struct ms_session *s);
