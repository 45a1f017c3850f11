#include "sink/tls_words.h"

#include <stdio.h>

static struct ms_bytes words(const char *name, uint16_t number, char scratch[8])
{
    if (name)
        return ms_str(name);
    if (number == 0)
        return (struct ms_bytes){ 0 };
    snprintf(scratch, 8, "0x%04x", (unsigned)number);
    return ms_str(scratch);
}

/* 0 is a cipher (TLS_NULL_WITH_NULL_NULL), but not one that is ever chosen: here it means unknown. */
struct ms_bytes ms_tls_version_words(uint16_t v, char scratch[8]) { return words(v ? ms_tls_version_name(v) : NULL, v, scratch); }
struct ms_bytes ms_tls_cipher_words(uint16_t c, char scratch[8]) { return words(c ? ms_tls_cipher_name(c) : NULL, c, scratch); }
struct ms_bytes ms_tls_group_words(uint16_t g, char scratch[8]) { return words(g ? ms_tls_group_name(g) : NULL, g, scratch); }

enum ms_tls_reading ms_tls_reading_of(const struct ms_session *s)
{
    bool met = s->tls || s->flags & MS_SESSION_ENCRYPTED;
    if (s->flags & MS_SESSION_DECRYPTED)
        return s->tls && (s->tls->unread[0] || s->tls->unread[1]) ? MS_TLS_PARTLY : MS_TLS_READ;
    if (met && s->outcome == MS_OUTCOME_TLS_FAILED)
        return MS_TLS_BROKEN;
    if (s->tls && !(s->flags & MS_SESSION_ENCRYPTED) && !(s->tls->flags & MS_TLS_NO_KEYS))
        return MS_TLS_NOTHING;
    return met ? MS_TLS_UNREAD : MS_TLS_NONE;
}
