"""For every rule of the catalogue a capture where it fires and one, as close to it as can be, where it does not.

    @fires("rule", expected severity, says="words of it") / @silent("rule")  decorate a function that plays dialogues into a Capture. It may
    return a list: the frames that the finding must cite.
"""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from pcapgen import (ACK, PSH, RST, MAIL, Dialogue, data, envelope, greet, imap, imap_quit, pop3, pop3_quit, quit)  # noqa: E402

CASES = []   # (rule, fires, severity or None, name, function)


def fires(rule, severity=None, says=None):
    def add(f):
        f.says = says
        CASES.append((rule, True, severity, f.__name__, f))
        return f
    return add


def silent(*rules):
    return lambda f: [CASES.append((rule, False, None, f.__name__, f)) for rule in rules] and f


def D(c, **k):
    return Dialogue(c, **k)


def later(c, at):
    """The capture goes on: a healthy session at that time."""
    quit(greet(D(c, client="192.0.2.99", client_port=50000, at=at)))


# ---- healthy sessions: nothing above a note ------------------------------------------------------------------------

HEALTHY = []


def healthy(f):
    HEALTHY.append((f.__name__, f))
    return f


@healthy
def healthy_smtp(c):
    d = data(envelope(greet(D(c))))
    quit(d.talk("S: 250 2.0.0 Ok: queued as 4711"))


@healthy
def healthy_lmtp(c):
    d = D(c, port=24).open().talk("S: 220 mail.example.org LMTP", "C: LHLO client.example.com", "S: 250-mail.example.org", "S: 250 8BITMIME")
    d = data(envelope(d, "ann@example.com", "bob@example.org", "eve@example.org"))
    quit(d.talk("S: 250 2.0.0 <bob@example.org> ok", "S: 250 2.0.0 <eve@example.org> ok"))


@healthy
def healthy_pop3(c):
    pop3_quit(pop3(D(c, port=110)).talk("C: CAPA", "S: +OK", "S: STLS", "S: UIDL", "S: ."))


@healthy
def healthy_imap(c):
    imap_quit(imap(D(c, port=143)).talk("C: a CAPABILITY", "S: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED", "S: a OK done"))


@healthy
def healthy_smtp_ipv6(c):
    quit(greet(D(c, client="2001:db8::10", server="2001:db8::25")))


# ---- connection --------------------------------------------------------------------------------------------------


@fires("connect-refused", "error")
def refused(c):
    D(c).refuse()


@silent("connect-refused", "connect-timeout", "server-silent", "connection-reset", "session-aborted", "reply-missing", "idle-timeout",
        "idle-dropped", "client-early", "middlebox", "capture-incomplete")
def quiet_smtp(c):
    healthy_smtp(c)


@fires("connect-timeout", "error")
def unreachable(c):
    d = D(c)
    for pause in (1, 2, 4, 8):
        d.syn()
        d.wait(pause)
    later(c, 20)


@silent("connect-timeout")
def slow_to_open(c):
    d = D(c)
    d.syn()
    d.wait(1)
    quit(greet(d))


@fires("connection-reset", "warning")
def reset_in_mail(c):
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go").say("C", MAIL)
    d.rst("S")


@silent("connection-reset")
def reset_after_quit(c):
    d = greet(D(c)).talk("C: QUIT", "S: 221 Bye")
    d.rst("C")


@fires("session-aborted", "warning")
def aborted_in_mail(c):
    envelope(greet(D(c))).talk("C: DATA", "S: 354 Go").say("C", MAIL).close()


@fires("session-aborted", "warning")
def left_at_the_password(c):
    """The last word is the server's: it waits for the password."""
    greet(D(c)).talk("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: YW5u", "S: 334 UGFzc3dvcmQ6").wait(8).close()


@silent("reply-missing")
def left_at_the_password_nothing_missing(c):
    left_at_the_password(c)


@silent("session-aborted")
def capture_ends_at_once(c):
    """All in one go, closed, and the capture ends before the server can say a word."""
    d = D(c).open()
    d.say("C", b"EHLO a\r\nMAIL FROM:<ann@example.com>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n" + MAIL, ack=False)
    d.segment("C", ACK | 1)


@silent("session-aborted")
def bare_lf_end_accepted(c):
    """The server takes LF.LF for the end and says so."""
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go").say("C", b"Subject: x\r\n\r\ntext\r\n.\n\n")
    d.talk("S: 250 2.0.0 Ok: queued as 4711", "S: 500 5.5.1 Command unrecognized").close()


@silent("session-aborted")
def closed_without_quit(c):
    greet(D(c)).close()


@fires("server-silent", "error")
def never_greets(c):
    D(c).open().wait(30).close()


@silent("server-silent")
def closes_at_once(c):
    D(c).open().wait(1).close()


@fires("reply-missing", "error")
def final_reply_missing(c):
    data(envelope(greet(D(c)))).wait(600).close()


@silent("reply-missing")
def final_reply_late(c):
    quit(data(envelope(greet(D(c)))).wait(60).talk("S: 250 2.0.0 Ok"))


@fires("idle-timeout", "note")
def imap_autologout(c):
    d = imap(D(c, port=143)).talk("C: a NOOP", "S: a OK done").wait(1800)
    d.talk("S: * BYE Autologout; idle for too long").close("S")


@fires("idle-timeout", "note")
def says_451(c):
    """Exchange does not say 421."""
    data(envelope(greet(D(c)))).talk("S: 250 2.6.0 Queued").wait(60).talk("S: 451 4.7.0 Timeout waiting for client input").close("S")


@silent("idle-timeout")
def imap_logout(c):
    imap_quit(imap(D(c, port=143)).talk("C: a NOOP", "S: a OK done").wait(1700))


@fires("idle-dropped", "warning")
def nat_forgot(c):
    d = imap(D(c, port=143)).talk("C: a NOOP", "S: a OK done").wait(1200)
    d.stuck("C", b"b NOOP\r\n", 7)
    later(c, d.now + 5)


@silent("idle-dropped")
def long_idle(c):
    imap_quit(imap(D(c, port=143)).talk("C: a NOOP", "S: a OK done").wait(1200).talk("C: b NOOP", "S: b OK done"))


@fires("client-early", "warning")
def early_client(c):
    d = D(c).open().say("C", "EHLO spam.example.net")
    d.wait(0.5)
    quit(d.talk("S: 220 mail.example.org ESMTP", "S: 250 mail.example.org"))


@silent("client-early")
def early_by_agreement(c):
    """Servers that offer PIPECONNECT let clients that know it speak first."""
    d = D(c).open().say("C", "EHLO client.example.com")
    d.wait(0.5)
    quit(d.talk("S: 220 mail.example.org ESMTP", "S: 250-mail.example.org", "S: 250-PIPELINING", "S: 250 PIPECONNECT"))


@silent("client-early")
def greeting_first(c):
    quit(greet(D(c)))


@fires("middlebox", "warning")
def fixup(c):
    d = D(c).open().talk("S: 220 ****************************************", "C: EHLO client.example.com", "S: 250-mail.example.org",
                         "S: 250-XXXXXXXA", "S: 250 8BITMIME")
    quit(d)


@silent("reply-missing")
def append_cut_short(c):
    d = imap(D(c, port=143)).talk("C: a LOGIN ann secret", "S: a OK done")
    d.talk("C: b APPEND INBOX {5000+}", "C: Subject: half", "C: ", "C: half a mess").fin("C").fin("S")
    later(c, 60)


@fires("capture-incomplete", "note")
def bytes_missing(c):
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go").say("C", MAIL).say("C", b"more\r\n" * 100, seen=False)
    quit(d.say("C", b"the end\r\n.\r\n").talk("S: 250 Ok"))


# ---- tcp ---------------------------------------------------------------------------------------------------------


@fires("tcp-retransmissions", "warning")
def lossy(c):
    d = greet(D(c))
    for _ in range(6):
        d.talk("C: NOOP", "S: 250 Ok", lost=1)
    quit(d)


@fires("tcp-retransmissions", "note")
def captured_twice(c):
    """Every packet of the server is there twice, 0.1 ms apart: a mirror, no loss."""
    d = greet(D(c))
    for _ in range(6):
        d.talk("C: NOOP").say("S", "250 Ok", lost=1, gap=0.0001)
    quit(d)


@silent("tcp-retransmissions")
def one_lost(c):
    d = greet(D(c))
    d.say("C", "NOOP", lost=1)
    quit(d.talk("S: 250 Ok"))


@fires("tcp-zero-window", "warning")
def zero_window(c):
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go")
    d.say("C", b"line\r\n" * 1000, ack=False)
    d.ack("S", window=0)
    d.wait(4)
    d.ack("S", window=64240)
    quit(d.say("C", b".\r\n").talk("S: 250 Ok"))


@silent("tcp-zero-window", "tcp-window-full", "tcp-out-of-order", "tcp-capture-loss", "path-mtu-stall")
def large_mail(c):
    quit(data(envelope(greet(D(c))), b"Subject: large\r\n\r\n" + b"line of text\r\n" * 2000).talk("S: 250 Ok"))


@fires("tcp-window-full", "note")
def small_window(c):
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go")
    d.window["S"] = 2920
    d.ack("S")
    for _ in range(5):
        d.say("C", b"0123456789012\r\n" * 194 + b"12345678\r\n")
    quit(d.say("C", b".\r\n").talk("S: 250 Ok"))


@fires("tcp-out-of-order", "note")
def overtaking(c):
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go")
    for i in range(8):
        first, second = b"a" * 998 + b"\r\n", b"b" * 998 + b"\r\n"
        d.wait(0.01)
        d.segment("C", PSH | ACK, second, seq=d.seq["C"] + 1000)
        d.wait(0.001)
        d.segment("C", PSH | ACK, first)
        d.seq["C"] += 2000
        d.ack("S")
    quit(d.say("C", b".\r\n").talk("S: 250 Ok"))


@fires("tcp-capture-loss", "note")
def capture_loss(c):
    bytes_missing(c)


@fires("path-mtu-stall", "error")
def mtu_hole(c):
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go").wait(0.01)
    d.stuck("C", b"Subject: x\r\n\r\n" + b"x" * 1446, 7)
    later(c, d.now + 5)


# ---- auth --------------------------------------------------------------------------------------------------------


def plain(user, password):
    return base64.b64encode(("\0%s\0%s" % (user, password)).encode()).decode()


def login(d, user, answer, password="secret"):
    return d.talk("C: AUTH PLAIN " + plain(user, password), "S: " + answer)


@fires("auth-failed", "error")
def smtp_535(c):
    quit(login(greet(D(c, port=587)), "ann", "535 5.7.8 Error: authentication failed"))


@fires("auth-failed", "error")
def pop3_pass_refused(c):
    pop3_quit(pop3(D(c, port=110)).talk("C: USER ann", "S: +OK", "C: PASS wrong", "S: -ERR [AUTH] Authentication failed."))


@fires("auth-failed", "error")
def imap_login_refused(c):
    imap_quit(imap(D(c, port=143)).talk('C: a LOGIN ann "wrong"', "S: a NO [AUTHENTICATIONFAILED] Authentication failed."))


@fires("auth-failed", "error", says="the server cannot check CRAM-MD5 for this account")
def challenge_in_vain(c):
    """The same user is let in with the password itself."""
    challenge = base64.b64encode(b"<1.2@mail.example.org>").decode()
    answer = base64.b64encode(b"ann 0123456789abcdef0123456789abcdef").decode()
    pop3_quit(pop3(D(c, port=110)).talk("C: AUTH CRAM-MD5", "S: + " + challenge, "C: " + answer, "S: -ERR Authentication failed."))
    pop3_quit(pop3(D(c, port=110, client_port=40001, at=60)).talk("C: USER ann", "S: +OK", "C: PASS secret", "S: +OK 0 messages"))


@silent("auth-failed", "auth-required", "auth-mechanism-rejected", "mailbox-locked")
def login_ok(c):
    quit(login(greet(D(c, port=587)), "ann", "235 2.7.0 Authentication successful"))


@fires("auth-required", "error")
def needs_login(c):
    quit(greet(D(c, port=587)).talk("C: MAIL FROM:<ann@example.com>", "S: 530 5.7.0 Authentication required"))


@fires("auth-mechanism-rejected", "error")
def no_mechanism(c):
    quit(greet(D(c, port=587)).talk("C: AUTH CRAM-MD5", "S: 504 5.5.4 Unrecognized authentication type"))


@fires("auth-mechanism-rejected", "error")
@silent("auth-failed")
def no_mechanism_postfix(c):
    quit(greet(D(c, port=587)).talk("C: AUTH NTLM", "S: 535 5.7.8 Error: authentication failed: Invalid authentication mechanism"))


@fires("mailbox-locked", "error")
def in_use(c):
    pop3_quit(pop3(D(c, port=110)).talk("C: USER ann", "S: +OK", "C: PASS secret", "S: -ERR [IN-USE] maildrop already locked"))


@silent("mailbox-locked")
def pop3_ok(c):
    pop3_quit(pop3(D(c, port=110)).talk("C: USER ann", "S: +OK", "C: PASS secret", "S: +OK 0 messages"))


# ---- protocol: one reply each ------------------------------------------------------------------------------------


def rcpt(c, answer):
    d = greet(D(c)).talk("C: MAIL FROM:<ann@example.com>", "S: 250 2.1.0 Ok", "C: RCPT TO:<bob@example.org>", "S: " + answer)
    quit(d)


@fires("relay-denied", "error")
def relay(c):
    rcpt(c, "554 5.7.1 <bob@example.org>: Relay access denied")


@fires("recipient-unknown", "error")
def unknown(c):
    rcpt(c, "550 5.1.1 <bob@example.org>: Recipient address rejected: User unknown")


@fires("recipient-rejected", "error")
def blocked(c):
    rcpt(c, "550 5.7.1 Service unavailable; client host blocked using a list")


@silent("relay-denied", "recipient-unknown", "recipient-rejected", "sender-rejected", "message-rejected", "message-too-large",
        "mailbox-full", "greylisted", "temporary-failure", "service-unavailable", "bad-sequence", "syntax-error", "starttls-required",
        "command-rejected")
def accepted(c):
    healthy_smtp(c)


@silent("relay-denied", "recipient-unknown")
def only_blocked(c):
    blocked(c)


@fires("sender-rejected", "error")
def not_owned(c):
    quit(greet(D(c)).talk("C: MAIL FROM:<ann@example.com>", "S: 553 5.7.1 Sender address rejected: not owned by user"))


@fires("sender-rejected", "error")
def at_rcpt(c):
    """Postfix judges the sender when it answers RCPT."""
    d = greet(D(c)).talk("C: MAIL FROM:<ann@example.com>", "S: 250 2.1.0 Ok", "C: RCPT TO:<bob@example.org>",
                         "S: 550 5.1.8 <ann@example.com>: Sender address rejected: Domain not found")
    quit(d)


@silent("recipient-unknown", "recipient-rejected")
def at_rcpt_not_the_recipient(c):
    at_rcpt(c)


@fires("message-rejected", "error")
def spam(c):
    quit(data(envelope(greet(D(c)))).talk("S: 554 5.7.1 Spam message rejected"))


@fires("message-rejected", "error", says="before reading it")
def refused_at_data(c):
    quit(envelope(greet(D(c))).talk("C: DATA", "S: 554 5.7.1 No mail from you today"))


@silent("recipient-rejected", "message-rejected")
def refused_for_what_was_before(c):
    """Courier: MAIL is put off, and all after it is 502."""
    d = greet(D(c)).talk("C: MAIL FROM:<ann@example.com>", "S: 417 DNS lookup failure. Try again later.")
    quit(d.talk("C: RCPT TO:<bob@example.org>", "S: 502 ESMTP command error", "C: DATA", "S: 502 ESMTP command error"))


@fires("message-too-large", "error")
def too_large(c):
    quit(greet(D(c)).talk("C: MAIL FROM:<ann@example.com> SIZE=99999999", "S: 552 5.3.4 Message size exceeds fixed limit"))


@fires("mailbox-full", "error")
def over_quota(c):
    rcpt(c, "552 5.2.2 <bob@example.org>: Over quota")


@fires("greylisted", "note")
def greylisting(c):
    rcpt(c, "451 4.7.1 Greylisting in action, please come back later")


@fires("greylisted", "note")
def greylisting_by_retry(c):
    rcpt(c, "450 4.2.0 <bob@example.org>: Recipient address rejected: try later")
    quit(data(envelope(greet(D(c, client_port=40001, at=400)))).talk("S: 250 2.0.0 Ok"))


@silent("greylisted")
def put_off_only(c):
    rcpt(c, "451 4.3.0 Temporary lookup failure")


@fires("temporary-failure", "warning")
def lookup_failure(c):
    rcpt(c, "451 4.3.0 Temporary lookup failure")


@fires("service-unavailable", "error")
def too_many(c):
    D(c).open().talk("S: 421 4.7.0 mail.example.org Error: too many connections from 192.0.2.10").close("S")


@silent("service-unavailable")
def talks_to_a_client_that_has_left(c):
    d = greet(D(c)).fin("C")
    d.talk("S: 421 mail.example.org lost input connection").fin("S")


@fires("service-unavailable", "error")
def hangs_up_in_the_middle(c):
    d = greet(D(c)).talk("C: NOOP", "S: 421 4.3.2 System is going down")
    d.close("S")


@fires("bad-sequence", "warning")
def wrong_order(c):
    quit(greet(D(c)).talk("C: RCPT TO:<bob@example.org>", "S: 503 5.5.1 Error: need MAIL command"))


@silent("bad-sequence")
def pipelined_behind_a_refusal(c):
    """RCPT and DATA left with the MAIL that is refused: what they get is its consequence."""
    d = greet(D(c)).talk("C: MAIL FROM:<ann@example.com>\r\nRCPT TO:<bob@example.org>\r\nDATA")
    quit(d.talk("S: 553 5.1.8 Sender not liked", "S: 503 5.5.1 Error: need MAIL command", "S: 503 5.5.1 Error: need RCPT command"))


@fires("syntax-error", "warning")
def bad_address(c):
    quit(greet(D(c)).talk("C: MAIL FROM:ann@", "S: 501 5.1.7 Bad sender address syntax"))


@fires("starttls-required", "error")
def tls_first(c):
    quit(greet(D(c, port=587)).talk("C: MAIL FROM:<ann@example.com>", "S: 530 5.7.0 Must issue a STARTTLS command first"))


@fires("command-rejected", "note")
def not_implemented(c):
    quit(greet(D(c)).talk("C: VRFY bob", "S: 502 5.5.1 VRFY command is disabled"))


# ---- performance -------------------------------------------------------------------------------------------------


@fires("slow-greeting", "warning")
def greets_late(c):
    quit(D(c).open().wait(10).talk("S: 220 mail.example.org ESMTP", "C: HELO client.example.com", "S: 250 mail.example.org"))


@silent("slow-greeting")
def greets_soon(c):
    quit(D(c).open().wait(2).talk("S: 220 mail.example.org ESMTP", "C: HELO client.example.com", "S: 250 mail.example.org"))


@fires("slow-server", "warning")
def thinks_long(c):
    d = greet(D(c)).talk("C: MAIL FROM:<ann@example.com>").wait(12)
    quit(d.talk("S: 250 Ok"))


@silent("slow-server", "slow-network")
def thinks_shortly(c):
    d = greet(D(c)).talk("C: MAIL FROM:<ann@example.com>").wait(1.5)
    quit(d.talk("S: 250 Ok"))


@fires("slow-client", "note")
def client_waits(c):
    d = greet(D(c)).wait(8)
    quit(d.talk("C: MAIL FROM:<ann@example.com>", "S: 250 Ok"))


@silent("slow-client")
def client_waits_shortly(c):
    d = greet(D(c)).wait(3)
    quit(d.talk("C: MAIL FROM:<ann@example.com>", "S: 250 Ok"))


@fires("slow-network", "note")
def far_away(c):
    quit(greet(D(c, rtt=0.5)))


@silent("slow-network")
def clock_jumps(c):
    """Years between two packets, as in captures put together: that is no network."""
    d = greet(D(c)).talk("C: MAIL FROM:<ann@example.com>", "S: 250 Ok")
    d.say("C", "RCPT TO:<bob@example.org>", lost=1, gap=300000000.0).talk("S: 250 Ok")
    quit(d)


@fires("slow-acceptance", "warning")
def scans_long(c):
    d = data(envelope(greet(D(c)))).wait(34)
    quit(d.talk("S: 250 2.0.0 Ok"))


@silent("slow-acceptance")
def scans_shortly(c):
    d = data(envelope(greet(D(c)))).wait(2)
    quit(d.talk("S: 250 2.0.0 Ok"))


# ---- policy ------------------------------------------------------------------------------------------------------


@fires("cleartext-credentials", "warning")
def clear_password(c):
    login_ok(c)


def cram_refused(d):
    return d.talk("C: AUTH CRAM-MD5", "S: 334 PDE4OTYuNjk3MTcwOTUyQGV4YW1wbGUub3JnPg==",
                  "C: YW5uIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw", "S: 535 5.7.8 Authentication failed")


@fires("cleartext-credentials", "warning", says="PLAIN")
def hash_before_password(c):
    """CRAM-MD5 is refused, PLAIN follows: it is PLAIN that sent the password."""
    d = cram_refused(greet(D(c, port=587)))
    login = len(c.frames) + 1
    d.talk("C: AUTH PLAIN AGFubgBzM2NyZXQ=", "S: 235 2.7.0 Ok")
    quit(d)
    return [login, login + 2]


@fires("cleartext-credentials", "warning", says="PLAIN")
def password_before_hash(c):
    """The other way around; what the session ended with is not what gave the password away."""
    d = greet(D(c, port=587))
    login = len(c.frames) + 1
    cram_refused(d.talk("C: AUTH PLAIN AGFubgBzM2NyZXQ=", "S: 535 5.7.8 Authentication failed"))
    quit(d)
    return [login, login + 2]


@silent("cleartext-credentials")
def cram(c):
    d = greet(D(c, port=587)).talk("C: AUTH CRAM-MD5", "S: 334 PDE4OTYuNjk3MTcwOTUyQGV4YW1wbGUub3JnPg==",
                                   "C: YW5uIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw", "S: 235 2.7.0 Ok")
    quit(d)


@fires("cleartext-mail", "warning")
def clear_mail(c):
    healthy_smtp(c)


@silent("cleartext-mail", "cleartext-credentials")
def no_mail(c):
    quit(greet(D(c)))


@fires("starttls-not-offered", "note")
def no_starttls(c):
    quit(D(c).open().talk("S: 220 mail.example.org ESMTP", "C: EHLO client.example.com", "S: 250-mail.example.org", "S: 250 8BITMIME"))


@silent("starttls-not-offered", "starttls-refused")
def starttls_there(c):
    quit(greet(D(c)))


@fires("starttls-refused", "warning")
def tls_broken(c):
    quit(greet(D(c)).talk("C: STARTTLS", "S: 454 4.7.0 TLS not available due to local problem"))


# ---- attack ------------------------------------------------------------------------------------------------------


def failures(c, users, each, gap=5.0, client="203.0.113.66"):
    n = 0
    for user in users:
        for attempt in range(each):
            d = greet(D(c, client=client, client_port=40000 + n, port=587, at=n * gap))
            quit(login(d, user, "535 5.7.8 Error: authentication failed", "guess%d" % attempt))
            n += 1


@fires("brute-force", "critical")
def brute(c):
    failures(c, ["info"], 12)


@silent("brute-force", "password-spray")
def forgot_password(c):
    failures(c, ["info"], 5)


@silent("brute-force", "password-spray", "auth-failed")
def asks_too_often(c):
    """The password was right each time; the server judges none."""
    answers = ["-ERR [LOGIN-DELAY] minimum time between mail checks violation", "-ERR [IN-USE] maildrop already locked",
               "-ERR Logins must be at least 1 minute apart, please try again"]
    for i in range(15):
        pop3_quit(pop3(D(c, port=110, client_port=40000 + i, at=i * 5)).talk("C: USER ann", "S: +OK", "C: PASS secret", "S: " + answers[i % 3]))


@fires("auth-required", "error")
def temporary_code(c):
    quit(greet(D(c, port=2003)).talk("C: MAIL FROM:<ann@example.com>", "S: 430 Authentication required"))


@fires("syntax-error", "warning")
def bad_arguments_with_503(c):
    quit(greet(D(c)).talk("C: MAIL FROM:<ann@example.com> BODY=BINARYMIME", "S: 503 5.5.4 Invalid command arguments: Unsupported option BODY=BINARYMIME"))


@silent("reply-missing")
def chunk_in_vain(c):
    """BDAT is refused, so the server cannot have taken the message when it hangs up at the next chunk."""
    d = envelope(greet(D(c))).talk("C: BDAT 4", "S: 500 5.5.1 Command unrecognized").say("C", b"hi\r\nBDAT 4 LAST\r\nho\r\n")
    d.rst("S")


@fires("password-spray", "critical")
def spray(c):
    failures(c, ["user%d" % i for i in range(8)], 1)


@silent("password-spray")
def four_users(c):
    failures(c, ["user%d" % i for i in range(4)], 1)


@silent("brute-force")
def sprayed_only(c):
    spray(c)
