"""Scripted captures for what the others do not show: odd lines, logins, pipelines, BDAT, lost and repeated segments, closed windows, lookups.

CAPTURES has the name of each and the function that plays it into a pcapgen.Capture.
"""
import struct

from net_wire import CLIENT, NXDOMAIN, RESOLVER, SERVFAIL, ask, icmp, name, question, udp
from pcapgen import ACK, MAIL, PSH, Dialogue, envelope, greet, imap, imap_quit, pop3, pop3_quit, quit

HEADERS = (b"From: Ann B <ann@example.com>\r\nTo: bob@example.org, \"X, Y\" <x@example.net>,\r\n Group: m@example.org;\r\nBcc: hidden@example.com\r\n"
           b"Subject: Lunch\r\nComments: none\r\nKeywords: food, noon\r\nPrecedence: bulk\r\nPriority: urgent\r\nSensitivity: private\r\n"
           b"Lines: 2\r\nX-Virus-Scanned: yes\r\nX-Spam: yes\r\nResent-From: carol@example.net\r\nAuto-Submitted: no\r\nContent-ID: <1@x>\r\n"
           b"Content-Description: a note\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nbefore\r\n--x\r\n"
           b"Content-Type: text/plain; charset=utf-8\r\nContent-Description: text\r\n\r\nhello\r\n--x\r\nContent-Type: application/pdf\r\n"
           b"Content-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--x--\r\nafter\r\n")


class Plays:
    """Dialogues one after the other, each from a port of its own."""

    def __init__(self, capture, port):
        self.capture, self.port, self.at, self.client = capture, port, 0.0, 40000

    def begin(self, opening=greet, **how):
        self.client, self.at = self.client + 1, self.at + 5
        return opening(Dialogue(self.capture, port=self.port, client_port=self.client, at=self.at, **how))


def swapped(d, who, first, second):
    """Two segments of which the second comes first."""
    seq = d.seq[who]
    d.segment(who, PSH | ACK, second, seq=seq + len(first))
    d.wait(0.002).segment(who, PSH | ACK, first, seq=seq)
    d.seq[who] += len(first) + len(second)
    d.ack(d.other(who))
    return d


# ---- SMTP --------------------------------------------------------------------------------------------------------


def smtp_logins(c):
    p = Plays(c, 25)
    quit(p.begin().talk("C: AUTH PLAIN AGFubgBzZWNyZXQ=", "S: 235 2.7.0 ok", "C: AUTH PLAIN", "S: 334 ", "C: AGFubgBzZWNyZXQ=", "S: 535 5.7.8 no"))
    quit(p.begin().talk("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: YW5uQGV4YW1wbGU=", "S: 334 UGFzc3dvcmQ6", "C: c2VjcmV0", "S: 535 5.7.8 no"))
    quit(p.begin().talk("C: auth login YW5u", "S: 334 UGFzc3dvcmQ6", "C: c2VjcmV0", "S: 235 ok"))
    quit(p.begin().talk("C: AUTH CRAM-MD5", "S: 334 PDE+", "C: YW5uIDAxMjM=", "S: 235 ok"))
    quit(p.begin().talk("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: *", "S: 501 cancelled"))
    quit(p.begin().talk("C: AUTH XOAUTH2 dXNlcj0=", "S: 334 e30=", "C: ", "S: 535 5.7.8 no"))


def smtp_lines(c):
    p = Plays(c, 25)
    quit(p.begin().talk("C: MAIL FROM:<> BODY=8BITMIME", "S: 250 ok", "C: mail from:<low@example.com>", "S: 503 5.5.1 nested", "C: HELO", "S: 501",
                        "C: VRFY  bob", "S: 252", "C: EXPN list", "S: 502 no", "C: RCPT TO:<x@example.org>", "S: 550 5.1.1 unknown", "C: NOOP ", "S: 250"))
    quit(p.begin().talk("C: X", "S: 500 what", "C: XCLIENT NAME=x", "S: 500 what", "C: FROB x", "S: 500 what", "S: hello", "S: 25", "S: 2500 x"))
    d = p.begin()
    for line in (b"NOOP\nRSET\n", b"NOOP\r\nFROB x\r\nRSET\r\n", b"ET\r\nNOOP\r\n", b"NOOP\r\nRS", b"ET\r\n"):
        d.say("C", line)
    for line in (b"250 lf\n", b"250-a\r\n", b"250-b\r\n250 c\r\n250 d\r\n", b"250-a\r\n350-b\r\n250 c\r\n", b"250 x\r\ntrash\r\n250 y\r\n"):
        d.say("S", line)
    quit(d)
    quit(p.begin().say("C", b"EH").say("C", b"LO again\r\n").say("S", b"25").say("S", b"0 ok\r\n"))


def smtp_pipelines(c):
    p = Plays(c, 587)
    d = p.begin().say("C", b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n").say("S", b"250 1\r\n250 2\r\n550 3\r\n354 4\r\n")
    quit(d.say("C", MAIL + b".\r\n").talk("S: 250 ok"))
    d = p.begin().say("C", b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").say("S", b"550 1\r\n503 2\r\n503 3\r\n")
    quit(d.talk("C: RSET", "S: 250 ok"))
    d = envelope(p.begin()).talk("C: DATA", "S: 354 go").say("C", MAIL + b".\r\nMAIL FROM:<b@b>\r\nRCPT TO:<c@c>\r\nDATA\r\n")
    quit(d.say("S", b"250 1\r\n250 2\r\n250 3\r\n354 4\r\n").say("C", b"Subject: second\r\n\r\nx\r\n.\r\n").talk("S: 250 ok"))
    p.begin(Dialogue.open).say("C", b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n" + MAIL + b".\r\nQUIT\r\n").say(
        "S", b"220 hi\r\n250 x\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n221 bye\r\n").close()


def smtp_mails(c):
    p = Plays(c, 25)
    quit(envelope(p.begin()).talk("C: DATA", "S: 354 go").say("C", HEADERS + b".\r\n").talk("S: 250-two", "S: 250 lines"))
    quit(envelope(p.begin()).talk("C: DATA", "S: 354 go").say("C", MAIL[:60]).say("C", MAIL[60:] + b"..dot\r\n").say("C", b".\r\n").talk("S: 250 ok"))
    d = envelope(p.begin()).talk("C: DATA", "S: 354 go").say("C", MAIL).say("C", b"\r").say("C", b"\n.\r").say("C", b"\n").talk("S: 250 ok")
    quit(d)
    quit(envelope(p.begin()).talk("C: DATA", "S: 354 go", "C: .", "S: 250 empty", "C: DATA", "S: 451 4.3.0 no", "C: RSET", "S: 250 ok"))
    d = envelope(p.begin()).say("C", b"BDAT 20\r\n" + MAIL[:20]).talk("S: 250 20 octets").say("C", b"BDAT %d LAST\r\n" % (len(MAIL) - 20))
    quit(d.say("C", MAIL[20:]).talk("S: 250 done"))
    quit(envelope(p.begin()).say("C", b"BDAT %d LAST\r\n" % len(MAIL)).say("C", MAIL[:50]).say("C", MAIL[50:]).talk("S: 250 done"))


def smtp_tls(c):
    p = Plays(c, 25)
    p.begin().talk("C: STARTTLS", "S: 220 ready").say("S", b"\x15\x03\x03\0\2\2\x28").close()
    quit(p.begin().talk("C: STARTTLS", "S: 454 no", "C: NOOP", "S: 250 ok"))
    quit(p.begin().talk("C: STARTTLS", "S: 220 ready", "C: EHLO in the clear", "S: 250 x"))


def tls_pieces(c):
    """Records of several segments, of which one comes late, is sent again or has the border of two; what is no record; text on a port of TLS."""
    p, size = Plays(c, 993), 1000
    for length, late, behind, after in ((8000, 3, 5, 0.0001), (8000, 3, 5, 0.5), (8000, 8, 10, 0.0001), (8000, 2, 9, 0.0001), (7995, 7, 10, 0.0001), (7995, 7, 10, 0.5)):
        d = p.begin(Dialogue.open)
        stream, begin = b"".join(b"\x17\x03\x03" + struct.pack("!H", length) + bytes([0x99]) * length for _ in range(3)), d.seq["C"]
        order = [at for at in range(len(stream) // size + 1) if at != late]
        order.insert(order.index(behind) + 1, late)
        for at in order:
            d.wait(after if at == late else 0.0001).segment("C", PSH | ACK, stream[at * size:(at + 1) * size], seq=begin + at * size)
        d.seq["C"] = begin + len(stream)
        d.ack("S")
    p.begin(Dialogue.open).say("S", b"\x99" * 50).say("C", b"\x17\x03\x03\0\x09" + b"\x99" * 9).say("S", b"\x99" * 50).say("C", b"text at last").close()
    p.begin(Dialogue.open).say("S", b"hell").say("S", b"o there\r\n").say("C", b"\xff").say("C", b"text\r\n").close()


# ---- POP3, IMAP --------------------------------------------------------------------------------------------------


def pop3_dialogues(c):
    p, mail = Plays(c, 110), b"+OK %d octets\r\n" % len(MAIL) + MAIL + b".\r\n"
    pop3_quit(p.begin(pop3).talk("C: USER ann", "S: +OK", "C: PASS two words", "S: -ERR [AUTH] no", "C: user Ann", "S: +OK", "C: APOP ann 01", "S: +OK in"))
    pop3_quit(p.begin(pop3).talk("C: CAPA").say("S", b"+OK\r\nUSER\r\nUIDL\r\n.\r\n").talk("C: RETR 1").say("S", mail).talk("C: DELE 1", "S: +OK"))
    pop3_quit(p.begin(pop3).talk("C: RETR 1").say("S", mail[:16]).say("S", MAIL).say("S", b".\r\n"))
    pop3_quit(p.begin(pop3).talk("C: TOP 1 5").say("S", mail[:90]).say("S", mail[90:]).talk("C: LIST").say("S", b"+OK\r\n").say("S", b"1 120\r\n.\r\n"))
    pop3_quit(p.begin(pop3).say("C", b"STAT\r\nRETR 1\r\nDELE 1\r\n").say("S", b"+OK 1 152\r\n" + mail + b"+OK\r\n"))
    pop3_quit(p.begin(pop3).talk("C: AUTH PLAIN", "S: + ", "C: AGFubgBz", "S: -ERR [SYS/TEMP] no").say("C", b"US").say("C", b"ER ann\r\n").talk("S: +OK"))


def imap_dialogues(c):
    p, fetch = Plays(c, 143), b"* 1 FETCH (BODY[] {%d}\r\n" % len(MAIL) + MAIL + b")\r\na1 OK done\r\n"
    d = p.begin(imap).talk("C: a1 CAPABILITY").say("S", b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\na1 OK done\r\n")
    d.talk("C: a2 LOGIN ann secret", "S: a2 NO [AUTHENTICATIONFAILED] no", 'C: a3 LOGIN "ann x" "se cret"', "S: a3 BAD what", "C: a4 SELECT INBOX")
    d.say("S", b"* 3 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\na4 OK [READ-WRITE] done\r\n").talk("C: a5 UID COPY 1 Trash", "S: a5 OK", "C: a6 IDLE", "S: + idling")
    imap_quit(d.talk("S: * 4 EXISTS", "C: DONE", "S: a6 OK").say("C", b"b1 NOOP\r\nb2 CHECK\r\n").say("S", b"b1 OK 1\r\nb2 OK 2\r\n"))
    imap_quit(p.begin(imap).talk("C: a1 FETCH 1 BODY[]").say("S", fetch))
    imap_quit(p.begin(imap).talk("C: a1 UID FETCH 1 BODY[]").say("S", fetch[:26]).say("S", fetch[26:80]).say("S", fetch[80:]))
    imap_quit(p.begin(imap).talk("C: a1 APPEND Sent (\\Seen) {%d}" % len(MAIL), "S: + go").say("C", MAIL + b"\r\n").talk("S: a1 OK"))
    imap_quit(p.begin(imap).say("C", b"a1 NO").say("C", b"OP\r\n").say("S", b"a1 O").say("S", b"K\r\n").talk("C: a2", "S: hello", "C: a3 AUTHENTICATE PLAIN", "S: + "))
    p.begin(imap).talk("C: a1 STARTTLS", "S: a1 OK go").say("S", b"\x15\x03\x03\0\2\2\x28").close()


# ---- TCP, names --------------------------------------------------------------------------------------------------


def lost_segments(c):
    p = Plays(c, 25)
    quit(p.begin().say("C", "MAIL FROM:<a@b>", lost=2).say("S", "250 ok", lost=1))
    quit(swapped(p.begin(), "C", b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<c@d>\r\n").say("S", b"250 1\r\n250 2\r\n"))
    quit(envelope(p.begin()).talk("C: DATA", "S: 354 go").say("C", MAIL[:80], seen=False).say("C", MAIL[80:] + b".\r\n").talk("S: 250 ok"))
    d = envelope(p.begin(mss=300)).talk("C: DATA", "S: 354 go").say("C", b"x" * 300, seen=False, ack=False).say("C", b"y" * 900, ack=False)
    start = d.seq["C"] - 1200
    for _ in range(4):
        d.wait(0.001).segment("S", ACK, ack=start)
    d.wait(0.001).segment("C", PSH | ACK, b"x" * 300, seq=start)
    d.ack("S")
    d.segment("C", PSH | ACK, b"y" * 300, seq=start + 300)  # spurious
    quit(d)
    d = Dialogue(c, client_port=50000, at=60)
    d.talk("C: RCPT TO:<a@b>", "S: 250 ok").rst("C")        # joined in the middle
    d = Dialogue(c, client_port=40001, at=70)
    d.seq = {"C": 5000000, "S": 7000000}
    d.open().say("S", "220 the port again").close("S")


def windows(c):
    p = Plays(c, 110)
    d = p.begin(pop3).talk("C: RETR 1").say("S", b"+OK\r\n" + b"x" * 200 + b"\r\n")
    d.ack("C", window=0)
    d.wait(1).segment("S", PSH | ACK, b"p")
    d.wait(0.1).segment("C", ACK, window=0)
    d.wait(1).segment("C", ACK, window=5000)
    d.wait(0.1).segment("S", ACK, seq=d.seq["S"] - 1)       # keep-alives, without and with a byte
    d.wait(0.1).segment("C", ACK, window=5000)
    d.wait(1).segment("S", PSH | ACK, b"z", seq=d.seq["S"] - 1)
    d.wait(0.1).segment("C", ACK, window=5000)
    d.window["C"] = 100
    d.ack("C")
    d.say("S", b"y" * 98 + b"\r\n")
    pop3_quit(d)


def lookups(c):
    ask(c, "example.org", "MX", [(10, "mail.example.org"), (20, "backup.example.net")], at=0)
    ask(c, "mail.example.org", "A", ["198.51.100.25"], at=1)
    ask(c, "nowhere.example.org", "A", rcode=NXDOMAIN, at=2)
    ask(c, "example.net", "TXT", ["v=spf1 -all"], at=3)
    ask(c, "example.com", "MX", rcode=SERVFAIL, at=4)
    ask(c, "slow.example.org", "AAAA", answered=False, at=5)
    udp(c, 6, CLIENT, RESOLVER, (50101, 53), question(78, "_submission._tcp.example.org", "SRV", 0x0100))
    target = struct.pack("!HHH", 0, 1, 587) + name("mail.example.org")
    udp(c, 6.2, RESOLVER, CLIENT, (53, 50101), question(78, "_submission._tcp.example.org", "SRV", 0x8180)[:6] + struct.pack("!HHH", 1, 0, 0)
        + question(78, "_submission._tcp.example.org", "SRV", 0)[12:] + b"\xc0\x0c\0\x21\0\1\0\0\1\x2c" + struct.pack("!H", len(target)) + target)
    udp(c, 7, CLIENT, RESOLVER, (50102, 53), question(79, "big.example.org", "TXT", 0x0100))
    udp(c, 7.02, RESOLVER, CLIENT, (53, 50102), question(79, "big.example.org", "TXT", 0x8380))
    d = greet(Dialogue(c, at=8))
    icmp(c, "203.0.113.1", d.say("C", "MAIL FROM:<a@b>"), 3, 4)
    icmp(c, "203.0.113.1", d, 3, 13)
    icmp(c, "203.0.113.1", d, 11, 0)


def answer(number, *records):
    """A response with these records: name, type, data."""
    return struct.pack("!HHHHHH", number, 0x8580, 0, len(records), 0, 0) + b"".join(
        name(of) + struct.pack("!HHIH", kind, 1, 3600, len(data)) + data for of, kind, data in records)


def records(c):
    text = b"\x0dv=spf1 a -all\x04more"
    signed = struct.pack("!HBBIIIH", 15, 13, 2, 3600, 1790000000, 1780000000, 4711) + name("example.org") + bytes(range(64))
    udp(c, 0, RESOLVER, CLIENT, (53, 50103), answer(
        80, ("example.org", 39, name("example.net")), ("example.org", 99, text), ("example.org", 13, b"\5AMD64\5Linux"),
        ("_25._tcp.example.org", 52, b"\3\1\1" + bytes(range(32))), ("example.org", 43, struct.pack("!HBB", 4711, 13, 2) + bytes(range(32))),
        ("example.org", 48, struct.pack("!HBB", 257, 3, 13) + bytes(range(64))), ("example.org", 46, signed)))
    udp(c, 1, RESOLVER, CLIENT, (53, 50104), answer(
        81, ("example.org", 47, name("mail.example.org") + b"\0\1\x40"), ("example.org", 257, b"\x80\5issueca.example.net"),
        ("example.org", 35, struct.pack("!HH", 10, 20) + b"\1S\x07SIP+D2U\0" + name("_sip._udp.example.org")),
        ("_imaps._tcp.example.org", 33, struct.pack("!HHH", 0, 1, 993) + name("imap.example.org")),
        ("example.org", 6, name("ns.example.org") + name("hostmaster.example.org") + struct.pack("!IIIII", 2026112700, 7200, 900, 1209600, 300))))
    subnet = struct.pack("!HHHBB", 8, 7, 1, 24, 0) + b"\xc6\x33\x64"
    edns = b"\0" + struct.pack("!HHIH", 41, 1232, 0x8000, len(subnet) + 12) + subnet + struct.pack("!HH", 10, 8) + bytes(8)
    udp(c, 2, CLIENT, RESOLVER, (50105, 53), question(82, "example.org", "A", 0x0120)[:10] + b"\0\1" + question(82, "example.org", "A", 0)[12:] + edns)


CAPTURES = {f.__name__.replace("_", "-"): f for f in (smtp_logins, smtp_lines, smtp_pipelines, smtp_mails, smtp_tls, tls_pieces, pop3_dialogues, imap_dialogues,
                                                      lost_segments, windows, lookups, records)}
