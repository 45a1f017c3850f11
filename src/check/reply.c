/* check/reply.c - what a refusal means: from code, enhanced code, response code, command and the server's words to a rule.
 *
 * Sources  RFC 5321 4.2, RFC 3463 and RFC 5248 (enhanced codes), RFC 4954 (AUTH), RFC 3207 (STARTTLS), RFC 6647 (greylisting),
 *          RFC 2449 and 3206 (POP3 response codes), RFC 5530 and 9051 (IMAP response codes). Words decide only where the codes
 *          leave it open.
 * BUGS     Words are matched in English only.                                                               */
#include "check/private.h"

#define GREY_WORDS "greylist|graylist|grey-list|gray-list|grey list"
#define TLS_WORDS "starttls|stls|must issue a|tls required|requires tls|requires ssl|encryption required|encrypted|secure connection|" \
                  "plaintext auth|plain text auth|cleartext auth|privacyrequired|logindisabled|login disabled"
#define AUTH_WORDS "authentication required|authentication is required|must authenticate|need to authenticate|not authenticated|" \
                   "authenticate first|auth first|smtp auth|log in first|login first|requires authentication|not logged in"
#define RELAY_WORDS "relay"
#define UNKNOWN_WORDS "user unknown|unknown user|no such user|does not exist|unknown recipient|recipient unknown|" \
                      "user not found|recipient not found|no such recipient|no mailbox|no such mailbox|mailbox not found|" \
                      "unknown local|invalid recipient|unknown address|user doesn't exist|unrouteable address|no such address|" \
                      "mailbox unknown|unknown mailbox|not a valid mailbox|user not known"
#define SENDER_WORDS "sender address|sender rejected|sender domain|sender verify"
#define QUOTA_WORDS "quota|mailbox full|mailbox is full|full mailbox|storage allocation|insufficient storage in mailbox"
#define SIZE_WORDS "too large|too big|size exceeds|message size|size limit|exceeds size|exceeds maximum|exceeds the maximum"
#define IDLE_WORDS "timeout|timed out|time-out|idle|inactiv|autologout|auto-logout"
#define MECHANISM_WORDS "mechanism|unrecognized auth|unsupported auth|not supported|unsupported|unknown auth|not available"
#define LOCK_WORDS "lock|in use|already open|another session|busy"
#define STATE_WORDS "state|not selected|no mailbox selected|select a mailbox|not authenticated|wrong time|out of sequence|sequence"
#define LATER_WORDS "too many|try again|temporar|try later|unavailable|overload|maximum number of connections|internal"

static bool is_verb(const struct ms_exchange *x, const char *verb) { return ms_equal(x->command, ms_str(verb)); }

static bool is_enhanced(const struct ms_exchange *x, unsigned subject, unsigned detail)
{
    return x->enhanced.class_ && x->enhanced.subject == subject && x->enhanced.detail == detail;
}

/* Many servers judge the sender only when they answer RCPT (Postfix: smtpd_delay_reject). */
static bool is_about_sender(const struct ms_exchange *x, const struct ms_words *w)
{
    return is_verb(x, "MAIL") || (is_verb(x, "RCPT") && (is_enhanced(x, 1, 7) || is_enhanced(x, 1, 8) || ms_words_have(w, SENDER_WORDS)));
}

/* "<ann@example.com>: Sender address rejected" */
static struct ms_bytes sender_of(const struct ms_exchange *x)
{
    size_t end = ms_find(x->reply, '>');
    if (is_verb(x, "MAIL"))
        return x->subject;
    return ms_at(x->reply, 0) == '<' && end < x->reply.n ? ms_slice(x->reply, 1, end - 1) : MS_LIT("address");
}

/* ---- SMTP ------------------------------------------------------------------------------------------------- */

static enum ms_rule smtp_temporary(const struct ms_exchange *x, const struct ms_words *w)
{
    if (ms_words_have(w, GREY_WORDS))
        return MS_RULE_GREYLISTED;
    if (is_enhanced(x, 2, 2) || ms_words_have(w, QUOTA_WORDS))
        return MS_RULE_MAILBOX_FULL;
    if (x->code == 454 && is_verb(x, "STARTTLS"))
        return MS_RULE_STARTTLS_REFUSED;
    if (!is_verb(x, "AUTH") && ms_words_have(w, AUTH_WORDS)) /* Cyrus: 430 Authentication required */
        return MS_RULE_AUTH_REQUIRED;
    return MS_RULE_TEMPORARY_FAILURE;
}

static enum ms_rule smtp_auth(const struct ms_exchange *x, const struct ms_words *w)
{
    if (x->code == 538 || is_enhanced(x, 7, 11) || (x->code == 530 && ms_words_have(w, TLS_WORDS)))
        return MS_RULE_STARTTLS_REQUIRED;
    if (x->code == 503)
        return MS_RULE_BAD_SEQUENCE;
    if (x->code == 504 || x->code == 502 || x->code == 500 || x->code == 534 || is_enhanced(x, 7, 4) || is_enhanced(x, 7, 9) ||
        ms_words_have(w, "mechanism")) /* Postfix: 535 5.7.8 Error: authentication failed: Invalid authentication mechanism */
        return MS_RULE_AUTH_MECHANISM_REJECTED;
    if (x->code == 501 && !is_enhanced(x, 7, 8))
        return MS_RULE_SYNTAX_ERROR;
    return MS_RULE_AUTH_FAILED;
}

/* What MAIL, RCPT, DATA and the message have in common; MS_RULE_COUNT when it is none of these. */
static enum ms_rule smtp_transaction(const struct ms_exchange *x, const struct ms_words *w)
{
    if (x->code == 530 || is_enhanced(x, 7, 0))
        if (ms_words_have(w, "tls|ssl|encrypt"))
            return MS_RULE_STARTTLS_REQUIRED;
    if (x->code == 530 || ms_words_have(w, AUTH_WORDS))
        return MS_RULE_AUTH_REQUIRED;
    if (x->code == 502) /* it does not know the command, or not now: it judges nobody */
        return MS_RULE_COMMAND_REJECTED;
    if (x->code == 503 && !is_enhanced(x, 5, 2) && !is_enhanced(x, 5, 4))
        return MS_RULE_BAD_SEQUENCE;
    if (is_enhanced(x, 2, 2) || ms_words_have(w, QUOTA_WORDS))
        return MS_RULE_MAILBOX_FULL;
    if (is_enhanced(x, 3, 4) || is_enhanced(x, 2, 3) || ms_words_have(w, SIZE_WORDS) || (x->code == 552 && !x->enhanced.class_))
        return MS_RULE_MESSAGE_TOO_LARGE;
    if (x->code == 500 || x->code == 501 || x->code == 555 || is_enhanced(x, 5, 2) || is_enhanced(x, 5, 4) ||
        (ms_words_have(w, "syntax") && x->code != 554))
        return MS_RULE_SYNTAX_ERROR;
    return MS_RULE_COUNT;
}

static enum ms_rule smtp_recipient(const struct ms_exchange *x, const struct ms_words *w)
{
    if (is_about_sender(x, w))
        return MS_RULE_SENDER_REJECTED;
    if (ms_words_have(w, RELAY_WORDS))
        return MS_RULE_RELAY_DENIED;
    if (is_enhanced(x, 1, 1) || is_enhanced(x, 1, 10) || is_enhanced(x, 1, 2) || x->code == 551 || ms_words_have(w, UNKNOWN_WORDS))
        return MS_RULE_RECIPIENT_UNKNOWN;
    if (is_enhanced(x, 1, 3))
        return MS_RULE_SYNTAX_ERROR;
    return MS_RULE_RECIPIENT_REJECTED;
}

static enum ms_rule smtp_other(const struct ms_exchange *x, const struct ms_words *w)
{
    if (x->code == 503)
        return MS_RULE_BAD_SEQUENCE;
    if (x->code == 501)
        return MS_RULE_SYNTAX_ERROR;
    if (x->code == 530)
        return ms_words_have(w, "tls|ssl|encrypt") ? MS_RULE_STARTTLS_REQUIRED : MS_RULE_AUTH_REQUIRED;
    bool hello = is_verb(x, "EHLO") || is_verb(x, "HELO") || is_verb(x, "LHLO");
    return hello && x->code >= 550 ? MS_RULE_SERVICE_UNAVAILABLE : MS_RULE_COMMAND_REJECTED;
}

static enum ms_rule smtp_rule(const struct ms_exchange *x, const struct ms_words *w)
{
    bool content = x->flags & MS_EXCHANGE_DATA_END || is_verb(x, "DATA") || is_verb(x, "BDAT");
    bool unasked = x->flags & MS_EXCHANGE_GREETING && x->code < 500;
    if ((x->code == 421 || unasked) && ms_words_have(w, IDLE_WORDS))
        return MS_RULE_IDLE_TIMEOUT;
    if (x->flags & MS_EXCHANGE_GREETING || x->code == 421)
        return MS_RULE_SERVICE_UNAVAILABLE;
    if (is_verb(x, "STARTTLS"))
        return MS_RULE_STARTTLS_REFUSED;
    if (x->code < 500)
        return smtp_temporary(x, w);
    if (is_verb(x, "AUTH"))
        return smtp_auth(x, w);
    if (!content && !is_verb(x, "MAIL") && !is_verb(x, "RCPT"))
        return smtp_other(x, w);
    enum ms_rule rule = smtp_transaction(x, w);
    if (is_verb(x, "RCPT") && (rule == MS_RULE_COUNT || ms_words_have(w, RELAY_WORDS)))
        return smtp_recipient(x, w);
    if (rule != MS_RULE_COUNT)
        return rule;
    if (is_verb(x, "DATA") && ms_words_have(w, "recipient"))
        return MS_RULE_BAD_SEQUENCE;
    return content ? MS_RULE_MESSAGE_REJECTED : MS_RULE_SENDER_REJECTED;
}

/* ---- POP3 ------------------------------------------------------------------------------------------------- */

static enum ms_rule pop3_login(const struct ms_exchange *x, const struct ms_words *w)
{
    if (ms_starts_nocase(x->reply_code, MS_LIT("IN-USE")) || ms_words_have(w, LOCK_WORDS))
        return MS_RULE_MAILBOX_LOCKED;
    if (ms_starts_nocase(x->reply_code, MS_LIT("SYS/")) || ms_starts_nocase(x->reply_code, MS_LIT("LOGIN-DELAY")))
        return MS_RULE_TEMPORARY_FAILURE;
    if (ms_starts_nocase(x->reply_code, MS_LIT("AUTH")))
        return MS_RULE_AUTH_FAILED;
    if (ms_words_have(w, TLS_WORDS))
        return MS_RULE_STARTTLS_REQUIRED;
    if (is_verb(x, "AUTH") && ms_words_have(w, MECHANISM_WORDS))
        return MS_RULE_AUTH_MECHANISM_REJECTED;
    if (ms_words_have(w, "too many|try again|temporar|try later"))
        return MS_RULE_TEMPORARY_FAILURE;
    return is_verb(x, "AUTH") && x->argument.n == 0 ? MS_RULE_COMMAND_REJECTED : MS_RULE_AUTH_FAILED;
}

static enum ms_rule pop3_rule(const struct ms_exchange *x, const struct ms_words *w)
{
    if (x->flags & MS_EXCHANGE_GREETING)
        return ms_words_have(w, IDLE_WORDS) ? MS_RULE_IDLE_TIMEOUT : MS_RULE_SERVICE_UNAVAILABLE;
    if (is_verb(x, "STLS"))
        return MS_RULE_STARTTLS_REFUSED;
    if (is_verb(x, "USER") || is_verb(x, "PASS") || is_verb(x, "APOP") || is_verb(x, "AUTH"))
        return pop3_login(x, w);
    if (ms_starts_nocase(x->reply_code, MS_LIT("SYS/TEMP")))
        return MS_RULE_TEMPORARY_FAILURE;
    if (ms_words_have(w, STATE_WORDS "|" AUTH_WORDS))
        return MS_RULE_BAD_SEQUENCE;
    return ms_words_have(w, "syntax|argument|invalid number") ? MS_RULE_SYNTAX_ERROR : MS_RULE_COMMAND_REJECTED;
}

/* ---- IMAP ------------------------------------------------------------------------------------------------- */

static enum ms_rule imap_login(const struct ms_exchange *x, const struct ms_words *w)
{
    if (ms_starts_nocase(x->reply_code, MS_LIT("PRIVACYREQUIRED")) || ms_words_have(w, TLS_WORDS))
        return MS_RULE_STARTTLS_REQUIRED;
    if (ms_starts_nocase(x->reply_code, MS_LIT("UNAVAILABLE")) || ms_starts_nocase(x->reply_code, MS_LIT("LIMIT")) ||
        ms_starts_nocase(x->reply_code, MS_LIT("INUSE")))
        return MS_RULE_TEMPORARY_FAILURE;
    if (ms_starts_nocase(x->reply_code, MS_LIT("AUTHENTICATIONFAILED")))
        return MS_RULE_AUTH_FAILED;
    if (is_verb(x, "AUTHENTICATE") && ms_words_have(w, MECHANISM_WORDS))
        return MS_RULE_AUTH_MECHANISM_REJECTED;
    bool wrong = ms_words_have(w, "invalid user|invalid password|wrong password|incorrect password|invalid credentials|authentication failed|login failed|logon failure");
    if (x->code == MS_RESULT_BAD && !wrong)
        return MS_RULE_SYNTAX_ERROR;
    return ms_words_have(w, "too many|try again|temporar|try later") ? MS_RULE_TEMPORARY_FAILURE : MS_RULE_AUTH_FAILED;
}

static enum ms_rule imap_rule(const struct ms_exchange *x, const struct ms_words *w)
{
    if (x->flags & MS_EXCHANGE_GREETING || x->code == MS_RESULT_BYE)
        return ms_words_have(w, IDLE_WORDS) ? MS_RULE_IDLE_TIMEOUT : MS_RULE_SERVICE_UNAVAILABLE;
    if (is_verb(x, "STARTTLS"))
        return MS_RULE_STARTTLS_REFUSED;
    if (is_verb(x, "LOGIN") || is_verb(x, "AUTHENTICATE"))
        return imap_login(x, w);
    if (ms_starts_nocase(x->reply_code, MS_LIT("OVERQUOTA")) || ms_words_have(w, QUOTA_WORDS))
        return MS_RULE_MAILBOX_FULL;
    if (ms_starts_nocase(x->reply_code, MS_LIT("UNAVAILABLE")) || ms_starts_nocase(x->reply_code, MS_LIT("SERVERBUG")))
        return MS_RULE_TEMPORARY_FAILURE;
    if (ms_starts_nocase(x->reply_code, MS_LIT("INUSE")))
        return MS_RULE_MAILBOX_LOCKED;
    if (ms_words_have(w, AUTH_WORDS))
        return MS_RULE_AUTH_REQUIRED;
    if (x->code == MS_RESULT_BAD)
        return ms_words_have(w, STATE_WORDS) ? MS_RULE_BAD_SEQUENCE : MS_RULE_SYNTAX_ERROR;
    return MS_RULE_COMMAND_REJECTED;
}

/* ---- all -------------------------------------------------------------------------------------------------- */

static bool is_refusal(const struct ms_exchange *x)
{
    return ms_code_refuses(x->code) ||
           (x->code == MS_RESULT_BYE && x->flags & MS_EXCHANGE_GREETING);
}

/* "421 lost input connection": the server talks to a client that has closed already, after a dialogue. */
static bool is_to_nobody(const struct ms_session *s, const struct ms_exchange *x)
{
    bool unasked = x->flags & MS_EXCHANGE_GREETING || x->code == 421 || x->code == MS_RESULT_BYE;
    bool dialogue = s->code_count > 1 || (s->code_count == 1 && s->codes[0].count > 1);
    return unasked && dialogue && s->close_frame && s->close_frame < x->reply_frame && !(s->flags & MS_SESSION_SERVER_FIRST);
}

/* RCPT and DATA that left before the client knew of an earlier refusal: not without MAIL, not without a login. */
static bool is_consequence(enum ms_rule rule, const struct ms_reply *r)
{
    bool follows = is_verb(r->x, "RCPT") || is_verb(r->x, "DATA");
    return r->w->refused && follows && r->x->flags & MS_EXCHANGE_PIPELINED && (rule == MS_RULE_BAD_SEQUENCE || rule == MS_RULE_AUTH_REQUIRED);
}

static enum ms_rule rule_of(const struct ms_session *s, const struct ms_exchange *x, const struct ms_words *w)
{
    switch (s->protocol) {
    case MS_PROTO_POP3: return pop3_rule(x, w);
    case MS_PROTO_IMAP: return imap_rule(x, w);
    default: return smtp_rule(x, w);
    }
}

static const char *refused_tls_cause(const struct ms_reply *r, const struct ms_words *w)
{
    bool unknown = r->x->code == 500 || r->x->code == 502 || r->x->code == MS_RESULT_BAD || ms_words_have(w, "unknown|unrecognized|not implemented");
    if (!(r->s->flags & MS_SESSION_TLS_OFFERED))
        return unknown ? "The server had not offered it: it does not know the command, or a device on the way takes offer and command out." : NULL;
    return unknown ? "It had offered it just before and now does not know it: something on the way changes one of the two."
                   : "It had offered it just before: the offer is made without looking whether certificate and key are usable.";
}

static const char *cause_of(enum ms_rule rule, const struct ms_words *w)
{
    if (rule == MS_RULE_GREYLISTED)
        return "The server's own words name greylisting.";
    if (rule == MS_RULE_AUTH_FAILED && ms_words_have(w, "expired"))
        return "The words point to an expired password or account.";
    if (rule == MS_RULE_AUTH_FAILED && ms_words_have(w, "disabled|locked|suspended"))
        return "The words point to a locked account, not to a wrong password.";
    if (rule == MS_RULE_AUTH_FAILED && ms_words_have(w, "application-specific|app password|application password"))
        return "The account needs an application password.";
    return NULL;
}

/* A 503 after an earlier refusal is its consequence only; so is a BYE or 421 after work that was done. */
static uint8_t severity_of(enum ms_rule rule, const struct ms_reply *r)
{
    if (rule == MS_RULE_BAD_SEQUENCE && r->w->refused)
        return MS_SEVERITY_NOTE;
    if (rule == MS_RULE_SERVICE_UNAVAILABLE && r->s->protocol == MS_PROTO_IMAP && r->s->stage >= MS_STAGE_MAILBOX)
        return MS_SEVERITY_WARNING;
    if (rule == MS_RULE_MAILBOX_FULL && r->x->code >= 400 && r->x->code < 500)
        return MS_SEVERITY_WARNING;
    return (uint8_t)ms_rules[rule].severity;
}

bool ms_words_say_unknown(const struct ms_words *w)
{
    return ms_words_have(w, UNKNOWN_WORDS "|invalid user|unknown account|no such account|account not found|no account");
}

enum ms_rule ms_check_reply(struct ms_reply r)
{
    if (!is_refusal(r.x) || is_to_nobody(r.s, r.x) || ms_equal(r.x->command, MS_LIT("QUIT")) || ms_equal(r.x->command, MS_LIT("LOGOUT")))
        return MS_RULE_COUNT;
    struct ms_words w;
    ms_words_init(&w, r.x->reply);
    enum ms_rule   rule = rule_of(r.s, r.x, &w);
    if (is_consequence(rule, &r))
        return MS_RULE_COUNT;
    struct ms_fact f = ms_fact_reply(rule, r.x);
    bool           login = rule == MS_RULE_AUTH_FAILED || rule == MS_RULE_AUTH_MECHANISM_REJECTED;
    f.severity = severity_of(rule, &r);
    f.cause = ms_str(rule == MS_RULE_STARTTLS_REFUSED ? refused_tls_cause(&r, &w) : cause_of(rule, &w));
    f.user = r.s->user;
    if (login)
        f.detail = ms_session_mechanism(r.s);
    else if (rule == MS_RULE_SENDER_REJECTED)
        f.detail = sender_of(r.x);
    else if (rule == MS_RULE_MESSAGE_REJECTED)
        f.detail = ms_str(r.x->flags & MS_EXCHANGE_DATA_END ? "after reading it" : "before reading it");
    else if (rule == MS_RULE_TEMPORARY_FAILURE && is_verb(r.x, "RCPT") && is_about_sender(r.x, &w))
        f.detail = MS_LIT("It is the sender, not the recipient, that the server cannot take now.");
    if (rule == MS_RULE_AUTH_FAILED)
        f.subject = r.s->user;
    ms_fact_add(r.w, &f);
    r.w->refused = true;
    return rule;
}
