/* check/codes.c - what reply codes mean, in plain words (RFC 3463, RFC 5248, RFC 7372, RFC 7505, RFC 5321 4.2). */
#include "check/check.h"

static const struct { uint16_t subject, detail; const char *words; } enhanced[] = {
    { 0, 0, "other or undefined status" },
    { 1, 0, "address problem" },
    { 1, 1, "the mailbox does not exist" },
    { 1, 2, "the destination host or domain does not exist" },
    { 1, 3, "the mailbox address is not written correctly" },
    { 1, 4, "the mailbox address is ambiguous" },
    { 1, 5, "the address is valid" },
    { 1, 6, "the mailbox has moved" },
    { 1, 7, "the sender's address is not written correctly" },
    { 1, 8, "the sender's domain does not exist or takes no mail" },
    { 1, 9, "relayed to a host without these extensions" },
    { 1, 10, "the recipient's domain takes no mail (null MX)" },
    { 2, 0, "mailbox problem" },
    { 2, 1, "the mailbox is disabled and takes no mail" },
    { 2, 2, "the mailbox is full" },
    { 2, 3, "the message is too long for this mailbox" },
    { 2, 4, "mailing list expansion failed" },
    { 3, 0, "mail system problem" },
    { 3, 1, "the mail system's disk is full" },
    { 3, 2, "the system takes no messages now" },
    { 3, 3, "the system lacks a feature the message needs" },
    { 3, 4, "the message is too big for the system" },
    { 3, 5, "the system is set up wrongly" },
    { 3, 6, "the requested priority was changed" },
    { 4, 0, "network or routing problem" },
    { 4, 1, "the next host does not answer" },
    { 4, 2, "bad connection" },
    { 4, 3, "a directory or name server did not answer" },
    { 4, 4, "no route to the next host" },
    { 4, 5, "the mail system is congested" },
    { 4, 6, "a mail loop was found" },
    { 4, 7, "the message expired in the queue" },
    { 5, 0, "protocol problem" },
    { 5, 1, "invalid command" },
    { 5, 2, "syntax error" },
    { 5, 3, "too many recipients" },
    { 5, 4, "invalid command arguments" },
    { 5, 5, "wrong protocol version" },
    { 5, 6, "the authentication exchange line is too long" },
    { 6, 0, "content problem" },
    { 6, 1, "the media type is not supported" },
    { 6, 2, "a conversion is needed and prohibited" },
    { 6, 3, "a conversion is needed and not supported" },
    { 6, 4, "converted with loss" },
    { 6, 5, "the conversion failed" },
    { 6, 6, "the content is not available" },
    { 6, 7, "internationalised addresses are not supported" },
    { 7, 0, "security or policy" },
    { 7, 1, "delivery not authorised, message refused" },
    { 7, 2, "mailing list expansion prohibited" },
    { 7, 3, "a security conversion is needed and not possible" },
    { 7, 4, "security features not supported" },
    { 7, 5, "cryptographic failure" },
    { 7, 6, "cryptographic algorithm not supported" },
    { 7, 7, "message integrity failure" },
    { 7, 8, "wrong user name or password" },
    { 7, 9, "the authentication mechanism is too weak" },
    { 7, 10, "encryption is needed" },
    { 7, 11, "encryption is required for this mechanism" },
    { 7, 12, "the password must be changed first" },
    { 7, 13, "the user account is disabled" },
    { 7, 14, "a trust relationship is required" },
    { 7, 15, "the priority level is too low" },
    { 7, 16, "the message is too big for its priority" },
    { 7, 17, "the mailbox owner has changed" },
    { 7, 18, "the domain owner has changed" },
    { 7, 20, "no DKIM signature passed" },
    { 7, 21, "no acceptable DKIM signature" },
    { 7, 22, "no DKIM signature of the author's domain" },
    { 7, 23, "SPF validation failed" },
    { 7, 24, "SPF validation error" },
    { 7, 25, "the reverse DNS of the client is missing or wrong" },
    { 7, 26, "several authentication checks failed" },
    { 7, 27, "the sender's domain takes no mail (null MX)" },
    { 7, 28, "too much mail, looks like a flood" },
    { 7, 29, "ARC validation failed" },
    { 7, 30, "REQUIRETLS is not supported" },
};

static const struct { uint16_t code; const char *words; } basic[] = {
    { 211, "system status" }, { 214, "help" }, { 220, "service ready" }, { 221, "closing" },
    { 235, "login succeeded" }, { 250, "done" }, { 251, "user not local, will forward" },
    { 252, "cannot verify the user, will try" }, { 334, "go on with the login" }, { 354, "send the message" },
    { 421, "service not available, closing the connection" }, { 432, "a password change is needed" },
    { 450, "mailbox unavailable for the moment" }, { 451, "local error" }, { 452, "out of storage, or too many recipients" },
    { 454, "temporary authentication or TLS failure" }, { 455, "cannot take the parameters now" },
    { 500, "command not understood" }, { 501, "parameters not understood" }, { 502, "command not implemented" },
    { 503, "wrong sequence of commands" }, { 504, "parameter not implemented" }, { 521, "this host takes no mail" },
    { 530, "login or TLS required" }, { 534, "the login mechanism is too weak" },
    { 535, "wrong user name or password" }, { 538, "encryption is required for this login" },
    { 550, "mailbox unavailable or refused by policy" }, { 551, "user not local" }, { 552, "storage exceeded" },
    { 553, "mailbox name not allowed" }, { 554, "transaction failed" }, { 555, "parameters not recognised" },
    { 556, "the domain takes no mail" },
};

const char *ms_enhanced_meaning(struct ms_enhanced e)
{
    for (size_t i = 0; i < sizeof enhanced / sizeof *enhanced; i++)
        if (enhanced[i].subject == e.subject && enhanced[i].detail == e.detail)
            return enhanced[i].words;
    return NULL;
}

const char *ms_code_meaning(enum ms_protocol p, unsigned code)
{
    if (code < MS_RESULT_COUNT || p == MS_PROTO_POP3 || p == MS_PROTO_IMAP)
        return NULL;
    for (size_t i = 0; i < sizeof basic / sizeof *basic; i++)
        if (basic[i].code == code)
            return basic[i].words;
    return NULL;
}
