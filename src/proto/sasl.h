/* proto/sasl.h - who logs in, from the SASL messages that SMTP, POP3 and IMAP share (RFC 4422).
 *
 * Reads    PLAIN (RFC 4616), LOGIN (with or without initial response), CRAM-MD5 (RFC 2195), DIGEST-MD5 (RFC 2831), SCRAM-*
 *          (RFC 5802), NTLM (user, domain, workstation from message type 3, UTF-16LE or OEM), XOAUTH2, OAUTHBEARER (RFC 7628),
 *          ANONYMOUS, EXTERNAL; others are named and counted, not read, but for NTLM inside of GSSAPI and GSS-SPNEGO.
 * Owns     strings in the arena given, each at most 1024 bytes. Of passwords and tokens the line in which they were sent is kept, for as
 *          long as the login lasts: the server may repeat it, and what is printed of its words must not.
 * Limits   auth_response_bytes: what is longer is decoded up to there.                                                                           */
#pragma once
#include "base/limits.h"
#include "model/record.h"

struct ms_sasl {
    enum ms_mechanism mechanism;
    uint8_t           client_lines;
    bool              secret;       /* a password, token or a hash worth attacking crossed in clear */
    bool              clear_secret; /* the password or token itself (PLAIN, LOGIN, XOAUTH2, OAUTHBEARER) */
    struct ms_bytes   user;         /* authentication identity, UTF-8; empty when not (yet) seen */
    struct ms_bytes   domain, host; /* NTLM */
    struct ms_bytes   spoken;       /* the client's latest line with a secret, as sent (its first 1024 bytes); empty none */
    uint16_t          spoken_room;
    uint8_t           step;         /* LOGIN: answers taken (0 the user is due, 1 the password, 2 all) */
    uint8_t           name_n;
    uint8_t           name[MS_MECHANISM_BYTES]; /* of MS_MECH_OTHER, in upper case */
    bool              scram;        /* any SCRAM, known by name or not */
    struct ms_ntlm   *ntlm;         /* of the session; NULL: no challenge yet */
    bool              from_client;  /* domain and host are the client's words */
};

void ms_sasl_start(struct ms_sasl *s, struct ms_bytes mechanism_name);
/* The session's mechanism is this one. */
void ms_sasl_tell(const struct ms_sasl *s, struct ms_session *session, struct ms_arena *arena);
/* One base64 line from the client: initial response or answer. "=" is the empty initial response, "*" gives up. */
void ms_sasl_client(struct ms_sasl *s, struct ms_bytes line, struct ms_arena *arena, const struct ms_limits *limits);
/* One base64 challenge from the server (NTLM type 2 gives domain and host of the server when the client's are empty). */
void ms_sasl_server(struct ms_sasl *s, struct ms_bytes line, struct ms_arena *arena, const struct ms_limits *limits);
/* The same challenge: what it tells about the server goes into the session, once. */
void ms_sasl_disclosed(struct ms_sasl *s, struct ms_bytes line, struct ms_session *session, struct ms_arena *arena);
/* Nothing but base64 digits and padding. */
bool ms_sasl_is_base64(struct ms_bytes line);
/* Strict-enough base64 of one short line into the arena; blanks ignored; stops at the first foreign byte. */
struct ms_bytes ms_sasl_base64(struct ms_bytes line, struct ms_arena *arena, size_t limit);
