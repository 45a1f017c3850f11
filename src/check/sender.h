/* check/sender.h - what a message claims of its sender, while its header is looked at: sender.c reads it and compares, sender_names.c looks at
 * the names shown, sender_fields.c at what programs write. */
#pragma once
#include "check/private.h"
#include "mail/header.h"

/* The fields that are looked at, by what they say. */
enum ms_said {
    MS_SAID_FROM, MS_SAID_SENDER, MS_SAID_TO, MS_SAID_CC, MS_SAID_SUBJECT, MS_SAID_DATE, MS_SAID_MESSAGE_ID, MS_SAID_REPLY_TO, MS_SAID_MAILER,
    MS_SAID_PRIORITY, MS_SAID_IMPORTANCE, MS_SAID_PHP, MS_SAID_LIST_ID, MS_SAID_UNSUBSCRIBE, MS_SAID_RETURN_PATH, MS_SAID_TYPE, MS_SAID_THREAD,
    MS_SAID_COUNT
};
extern const char *const ms_said_names[MS_SAID_COUNT];

enum { MS_CLAIMS_MAILBOXES = 8 };

struct ms_claims {
    struct ms_signs         *signs;
    const struct ms_message *m;
    struct ms_arena         *arena;
    struct ms_bytes          value[MS_SAID_COUNT]; /* raw, the first of each */
    uint32_t                 count[MS_SAID_COUNT];
    struct ms_mailbox        from[MS_CLAIMS_MAILBOXES], reply[MS_CLAIMS_MAILBOXES];
    size_t                   from_count, reply_count;
    struct ms_bytes          site;    /* of the first From address; empty when there is none */
    struct ms_bytes          carrier; /* domain of the return path */
    struct ms_sites          own;     /* its and those of who carries and signs it */
    struct ms_hops           hops;    /* Received fields */
    struct ms_sites          ours;    /* of the recipients, as far as they are their own */
};

static inline void ms_claims_sign(const struct ms_claims *c, enum ms_sign_kind kind, struct ms_bytes evidence)
{
    ms_sign_add(c->signs, kind, MS_SIGN_WHOLE, evidence);
}
bool ms_claims_at_home(const struct ms_claims *c); /* From is at the site of a recipient */
/* That, and the server that took it in found so: programs of a domain, cPanel, forms of its web site, write to its people. */
bool ms_claims_from_home(const struct ms_claims *c);
bool ms_claims_is_ours(const struct ms_claims *c, struct ms_bytes domain); /* a recipient of the envelope is at this site */

void ms_check_sender_names(const struct ms_claims *c);  /* sender_names.c */
void ms_check_sender_fields(const struct ms_claims *c); /* sender_fields.c */
