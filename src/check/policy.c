/* check/policy.c - what should have been encrypted, and devices that stand in the way. */
#include "check/private.h"

static void check_clear(struct ms_watch **w, struct ms_session *s)
{
    struct ms_watch *watch = *w;
    if (s->flags & MS_SESSION_CLEAR_SECRET) {
        struct ms_fact f = ms_fact_of(MS_RULE_CLEARTEXT_CREDENTIALS);
        f.user = s->user;
        f.detail = ms_str(ms_mechanism_name((enum ms_mechanism)s->mechanism));
        ms_fact_frame(&f, watch ? watch->secret_frames[0] : s->first_frame);
        ms_fact_frame(&f, watch ? watch->secret_frames[1] : 0);
        if (f.frame_count == 0)
            ms_fact_frame(&f, s->first_frame);
        ms_fact_add(ms_watch_of(w), &f);
    }
    if (!watch || watch->mails == 0)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_CLEARTEXT_MAIL);
    f.count = watch->mails;
    f.detail = ms_watch_text(watch, watch->mails == 1 ? "%u message" : "%u messages", watch->mails);
    for (int i = 0; i < MS_FINDING_FRAMES; i++)
        ms_fact_frame(&f, watch->mail_frames[i]);
    ms_fact_add(watch, &f);
}

static void check_offer(struct ms_watch **w, struct ms_session *s)
{
    if (!(s->flags & MS_SESSION_CAPS_SEEN) || s->flags & (MS_SESSION_TLS_OFFERED | MS_SESSION_TLS_ASKED) ||
        s->transport != MS_TRANSPORT_PLAIN || s->flags & MS_SESSION_GAPS || s->protocol == MS_PROTO_LMTP)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_STARTTLS_NOT_OFFERED);
    ms_fact_frame(&f, ms_watch_of(w)->caps_frame ? (*w)->caps_frame : s->first_frame);
    ms_fact_add(*w, &f);
}

void ms_check_policy(struct ms_watch **w, struct ms_session *s)
{
    check_clear(w, s);
    check_offer(w, s);
}
