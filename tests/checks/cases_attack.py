"""Attacks: a capture where each fires, and some, as close to it as can be, where it does not (see cases.py)."""
from cases import D, fires, greet, quit, pop3, pop3_quit, silent
from pcapgen import MAIL, Dialogue, envelope

STRANGER = "203.0.113.66"


def stranger(c, n=0, at=0.0, **how):
    return greet(Dialogue(c, client=STRANGER, client_port=41000 + n, at=at), **how)


# ---- user-enumeration --------------------------------------------------------------------------------------------


def harvest(d, names, known=()):
    d.talk("C: MAIL FROM:<a@example.net>", "S: 250 2.1.0 Ok")
    for name in names:
        d.talk("C: RCPT TO:<%s@example.org>" % name, "S: 250 2.1.5 Ok" if name in known else "S: 550 5.1.1 <%s@example.org>: Recipient address "
               "rejected: User unknown in local recipient table" % name)
    return d.talk("C: RSET", "S: 250 2.0.0 Ok")


@fires("user-enumeration", "warning", says="12 different recipients")
def rcpt_harvest(c):
    quit(harvest(stranger(c), ["user%d" % i for i in range(14)], known=("user3", "user9")))


@silent("user-enumeration")
def few_unknown(c):
    quit(harvest(stranger(c), ["user%d" % i for i in range(9)]))


@silent("user-enumeration")
def a_list_with_old_addresses(c):
    """12 of 30 are gone: a mailing list."""
    quit(harvest(stranger(c), ["user%d" % i for i in range(30)], known=["user%d" % i for i in range(12, 30)]))


@silent("user-enumeration")
def the_same_user_again(c):
    for n in range(12):
        quit(harvest(stranger(c, n, at=10.0 * n), ["bob"]))


@silent("user-enumeration")
def refused_over_hours(c):
    for n in range(12):
        quit(harvest(stranger(c, n, at=700.0 * n), ["user%d" % n]))


@fires("user-enumeration", "warning", says="VRFY")
def vrfy_harvest(c):
    d = stranger(c)
    for name in ("root", "admin", "info", "sales", "ann"):
        d.talk("C: VRFY %s" % name, "S: 250 Ann <ann@example.org>" if name == "ann" else "S: 550 5.1.1 %s... User unknown" % name)
    quit(d)


@silent("user-enumeration")
def vrfy_of_four(c):
    d = stranger(c)
    for name in ("root", "admin", "info", "ann"):
        d.talk("C: VRFY %s" % name, "S: 252 2.0.0 %s" % name)
    quit(d)


@fires("user-enumeration", "warning", says="1 were told")
def list_expanded(c):
    quit(stranger(c).talk("C: EXPN staff", "S: 250-Ann <ann@example.org>", "S: 250 Bob <bob@example.org>"))


@silent("user-enumeration")
def list_not_expanded(c):
    quit(stranger(c).talk("C: EXPN staff", "S: 502 5.5.1 EXPN is not available"))


def try_users(c, words, users=6):
    for n in range(users):
        d = pop3(Dialogue(c, client=STRANGER, port=110, client_port=41000 + n, at=5.0 * n))
        pop3_quit(d.talk("C: USER u%d" % n, "S: +OK", "C: PASS x", "S: -ERR " + words(n)))


@fires("user-enumeration", "warning", says="5 different user names")
def telling_errors(c):
    try_users(c, lambda n: "Wrong password" if n == 2 else "No such user here")


@silent("user-enumeration")
def same_error_for_all(c):
    try_users(c, lambda n: "[AUTH] Authentication failed.")


@silent("user-enumeration")
def four_unknown_users(c):
    try_users(c, lambda n: "No such user here", users=4)


# ---- protocol-mismatch -------------------------------------------------------------------------------------------


@fires("protocol-mismatch", "warning", says="HTTP")
def browser_on_25(c):
    d = D(c).open().talk("S: 220 mail.example.org ESMTP", "C: GET / HTTP/1.1", "S: 502 5.5.2 Error: command not recognized", "C: Host: mail.example.org",
                         "S: 221 2.7.0 Error: I can break rules, too. Goodbye.")
    d.close(first="S")


@fires("protocol-mismatch", "error", says="cross-protocol")
def mail_in_a_form(c):
    d = D(c).open().say("S", "220 mail.example.org ESMTP")
    d.say("C", b"POST / HTTP/1.1\r\nHost: mail.example.org:25\r\n\r\nHELO x\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nQUIT\r\n")
    d.talk("S: 500 5.5.2 What?", "S: 500 5.5.2 What?", "S: 500 5.5.2 What?", "S: 250 mail.example.org", "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 221 2.0.0 Bye")
    d.close()


@fires("protocol-mismatch", "warning", says="SSH")
def ssh_on_143(c):
    d = D(c, port=143).open().talk("C: SSH-2.0-OpenSSH_9.2", "S: SSH-2.0-OpenSSH_9.2")
    d.close()


@fires("protocol-mismatch", "warning", says="SOCKS")
def socks_on_110(c):
    D(c, port=110).open().say("S", "+OK POP3 ready").say("C", b"\x05\x01\x00").close()


@fires("protocol-mismatch", "warning", says="RDP")
def rdp_on_587(c):
    d = D(c, port=587).open().say("S", "220 mail.example.org ESMTP")
    d.say("C", b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00").close()


@fires("protocol-mismatch", "warning", says="SIP")
def sip_on_25(c):
    d = D(c).open().talk("S: 220 mail.example.org ESMTP", "C: OPTIONS sip:nm SIP/2.0", "S: 500 5.5.2 Error: bad syntax")
    d.close()


@fires("protocol-mismatch", "note", says="STARTTLS")
def tls_hello_to_plain(c):
    d = D(c, port=587).open().say("S", "220 mail.example.org ESMTP")
    d.say("C", bytes.fromhex("160301002f0100002b0303" + "11" * 32 + "000002c02f01000000")).talk("S: 500 5.5.2 Error: bad syntax").close()


@silent("protocol-mismatch")
def words_in_the_middle(c):
    """What looks like HTTP is an argument, and a later line."""
    quit(D(c).open().talk("S: 220 mail.example.org ESMTP", "C: EHLO GET", "S: 250 mail.example.org", "C: GET / HTTP/1.1", "S: 502 5.5.2 Error"))


@silent("protocol-mismatch")
def connection_says_nothing(c):
    D(c).open().say("S", "220 mail.example.org ESMTP").close()


# ---- smtp-smuggling ----------------------------------------------------------------------------------------------

INSIDE = b"MAIL FROM:<admin@example.org>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\nFrom: admin@example.org\r\n\r\nPay now.\r\n"


def text(c, content, *answers):
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 End data with <CR><LF>.<CR><LF>").say("C", MAIL + content + b".\r\n")
    quit(d.talk(*["S: " + a for a in answers or ["250 2.0.0 Ok: queued as 1"]]))


@fires("smtp-smuggling", "error", says="behind LF.CRLF")
def smuggled(c):
    text(c, b"Hello\n.\r\n" + INSIDE)


@fires("smtp-smuggling", "error", says="behind CR.CR)")
def smuggled_behind_cr(c):
    text(c, b"Hello\r.\r" + INSIDE)


@fires("smtp-smuggling", "critical", says="fell for it")
def smuggled_and_taken(c):
    text(c, b"Hello\n.\n" + INSIDE, "250 2.0.0 Ok: queued as 1", "250 2.1.0 Ok", "250 2.1.5 Ok", "354 Go", "250 2.0.0 Ok: queued as 2")


@fires("smtp-smuggling", "critical", says="CRLF NUL .CRLF")
def smuggled_behind_nul(c):
    text(c, b"Hello\r\n\0.\r\n" + INSIDE, "250 2.0.0 Ok: queued as 1", "250 2.1.0 Ok", "250 2.1.5 Ok", "354 Go", "250 2.0.0 Ok: queued as 2")


@silent("smtp-smuggling")
def lone_dot_without_commands(c):
    text(c, b"Hello\n.\r\nand more of it\r\n")


@silent("smtp-smuggling")
def a_letter_about_smtp(c):
    """Dots are stuffed as they should be, commands stand in the text."""
    text(c, b"Hello\r\n..\r\n" + INSIDE + b"..\r\n")


@silent("smtp-smuggling")
def two_messages_at_once(c):
    """A client that sends the next MAIL with the end of the text (RFC 2920 3.1)."""
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go").say("C", MAIL + b".\r\n" + INSIDE.split(b"From")[0])
    d.talk("S: 250 2.0.0 Ok", "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 354 Go").say("C", MAIL + b".\r\n").say("S", "250 2.0.0 Ok")
    quit(d)


@silent("smtp-smuggling")
def ends_with_bare_lf(c):
    """A simple client: lines end with LF, the server takes that for the end, and the client waits for it."""
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go").say("C", b"Subject: x\n\nHello\n.\n").say("S", "250 2.0.0 Ok")
    d.talk("C: MAIL FROM:<ann@example.com>", "S: 250 2.1.0 Ok", "C: RCPT TO:<bob@example.org>", "S: 250 2.1.5 Ok", "C: DATA", "S: 354 Go")
    quit(d.say("C", b"Subject: y\n\nHello\n.\n").say("S", "250 2.0.0 Ok"))
