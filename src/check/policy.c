/* check/policy.c - what should have been encrypted, and devices that stand in the way. */
#include "check/private.h"
#include "proto/proto.h"

bool ms_check_is_clear(const struct ms_session *s, uint64_t frame)
{
    if (ms_session_in_clear(s))
        return true;
    return s->transport == MS_TRANSPORT_STARTTLS && s->tls && frame && s->tls->client_hello_frame && frame < s->tls->client_hello_frame;
}

static struct ms_bytes opened_words(const struct ms_session *s)
{
    if (!(s->flags & MS_SESSION_CLEAR_AFTER))
        return (struct ms_bytes){ NULL, 0 };
    return MS_LIT("Client and server had agreed on STARTTLS, and yet the dialogue went on in clear at this place: an appliance opens TLS and hands the "
                  "plain text on, or the capture was made behind it. On the rest of the way it may be encrypted.");
}

static void check_clear_secret(struct ms_watch **w, struct ms_session *s)
{
    struct ms_watch *watch = *w;
    uint64_t         frame = watch && watch->secret_frames[0] ? watch->secret_frames[0] : s->first_frame;
    if (!(s->flags & MS_SESSION_CLEAR_SECRET) || !ms_check_is_clear(s, frame))
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_CLEARTEXT_CREDENTIALS);
    f.user = s->user;
    bool known = watch && watch->secret_frames[0];
    f.detail = known ? ms_str(ms_mechanism_name((enum ms_mechanism)watch->secret_mechanism)) : ms_session_mechanism(s);
    f.cause = opened_words(s);
    ms_fact_frame(&f, frame);
    ms_fact_frame(&f, watch ? watch->secret_frames[1] : 0);
    ms_fact_add(ms_watch_of(w), &f);
}

static void check_clear_mail(struct ms_watch *watch, const struct ms_session *s)
{
    if (!watch || watch->mails == 0)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_CLEARTEXT_MAIL);
    f.count = watch->mails;
    f.detail = ms_watch_text(watch, watch->mails == 1 ? "%u message" : "%u messages", watch->mails);
    f.cause = opened_words(s);
    for (int i = 0; i < MS_FINDING_FRAMES; i++)
        ms_fact_frame(&f, watch->mail_frames[i]);
    ms_fact_add(watch, &f);
}

/* An overwritten keyword may be another one of the same length: only without STARTTLS in the list it stands for it. */
static bool check_stripped(struct ms_watch **watch, const struct ms_session *s)
{
    bool as_long = (*watch && (*watch)->stripped_frames[1]) || s->tls_overwritten;
    bool stripped = as_long && !(s->flags & (MS_SESSION_TLS_OFFERED | MS_SESSION_TLS_ASKED)) && s->transport == MS_TRANSPORT_PLAIN;
    if (!as_long && !s->overwritten_frame)
        return false;
    struct ms_watch *w = ms_watch_of(watch);
    struct ms_fact f = ms_fact_of(stripped ? MS_RULE_STARTTLS_STRIPPED : MS_RULE_MIDDLEBOX);
    f.detail = MS_LIT("A keyword in the list of capabilities was overwritten");
    f.cause = stripped ? MS_LIT("It is as long as the one for STARTTLS, which is missing from the list: a device on the way (\"SMTP fixup\", mail guard, "
                                "an attacker) overwrote it and kept the length, so that sequence numbers still fit.")
                       : MS_LIT("Such a device (\"SMTP fixup\", mail guard, antivirus proxy) hides extensions from the client.");
    ms_fact_frame(&f, w->stripped_frames[0]);
    ms_fact_frame(&f, w->stripped_frames[1]);
    ms_fact_frame(&f, s->overwritten_frame);
    ms_fact_add(w, &f);
    return stripped;
}

/* A session that is logged in from its first line on may not begin TLS (RFC 9051 7.1.4), and some clients then went on in clear. */
static bool check_preauth(struct ms_watch **w, const struct ms_session *s)
{
    if (!(s->flags & MS_SESSION_PREAUTH) || s->transport != MS_TRANSPORT_PLAIN)
        return false;
    struct ms_fact f = ms_fact_of(MS_RULE_STARTTLS_STRIPPED);
    f.severity = MS_SEVERITY_WARNING;
    f.detail = MS_LIT("The greeting is PREAUTH, in clear: the session counts as logged in already, and STARTTLS is not allowed any more (RFC 9051 6.2.1)");
    f.cause = MS_LIT("An attacker on the way can put it in the place of the server's own greeting, to keep the client from TLS (CVE-2020-12398, "
                     "CVE-2020-14093); a server that means it should greet so inside of TLS or on the same host only.");
    ms_fact_frame(&f, ms_watch_of(w)->greeting_frame ? (*w)->greeting_frame : s->first_frame);
    ms_fact_add(*w, &f);
    return true;
}

static const char *tls_command(const struct ms_session *s) { return s->protocol == MS_PROTO_POP3 ? "STLS" : "STARTTLS"; }

static void check_injection(struct ms_watch **w, const struct ms_session *s)
{
    for (int d = 0; d < 2; d++) {
        if (!s->injected[d])
            continue;
        struct ms_fact f = ms_fact_of(MS_RULE_STARTTLS_INJECTION);
        f.command = d == MS_C2S ? ms_str(tls_command(s)) : ms_watch_text(ms_watch_of(w), "the reply to %s", tls_command(s));
        f.subject = d == MS_C2S ? MS_LIT("commands") : MS_LIT("replies");
        f.detail = d == MS_C2S ? MS_LIT("Commands in clear came together with the request for TLS, before it could begin")
                               : MS_LIT("More than the reply to the request for TLS came in clear, before TLS could begin");
        f.cause = d == MS_C2S ? MS_LIT("It is the server that is at risk: commands that are not the client's would run in the client's session.")
                              : MS_LIT("It is the client that is at risk: it would take forged replies (capabilities, mailbox data) for the server's.");
        ms_fact_frame(&f, s->injected[d]);
        ms_fact_add(ms_watch_of(w), &f);
    }
}

static void check_offer(struct ms_watch **w, struct ms_session *s)
{
    if (!(s->flags & MS_SESSION_CAPS_SEEN) || s->flags & (MS_SESSION_TLS_OFFERED | MS_SESSION_TLS_ASKED) ||
        s->transport != MS_TRANSPORT_PLAIN || s->flags & MS_SESSION_GAPS || s->protocol == MS_PROTO_LMTP)
        return;
    struct ms_fact         f = ms_fact_of(MS_RULE_STARTTLS_NOT_OFFERED);
    const struct ms_watch *seen = ms_watch_of(w);
    uint64_t               greeting = seen->greeting_frame ? seen->greeting_frame : s->first_frame; /* IMAP: the list is part of it */
    ms_fact_frame(&f, seen->caps_frame ? seen->caps_frame : greeting);
    ms_fact_add(*w, &f);
}

void ms_check_policy(struct ms_watch **w, struct ms_session *s)
{
    check_clear_secret(w, s);
    check_clear_mail(*w, s);
    check_injection(w, s);
    bool stripped = check_stripped(w, s);
    if (!check_preauth(w, s) && !stripped)
        check_offer(w, s);
}
