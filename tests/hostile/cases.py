"""Captures made to hurt: each is one hostile connection, or very many, and behind it a harmless session that must still be seen.

A case is a function that takes a size and writes packets; `limits` names the limits of which standard error must speak.
"""
import base64
import struct

CLIENT, SERVER = b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02"
FIN, SYN, RST, ACK = 1, 2, 4, 16
SEGMENT = 60000


class Capture:
    def __init__(self, path):
        self.file = open(path, "wb", 1 << 20)
        self.file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
        self.time, self.count = 1700000000 * 1000000, 0

    def add(self, packet):
        self.time += 10
        self.count += 1
        self.file.write(struct.pack("<IIII", self.time // 1000000, self.time % 1000000, len(packet), len(packet)) + packet)

    def ip(self, src, dst, payload, ident=0, fragment=0):
        self.add(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), ident & 0xFFFF, fragment, 64, 6, 0) + src + dst + payload)


class Talk:
    """One TCP connection; C and S are the sides."""

    def __init__(self, capture, port, client_port=40000, client=CLIENT, segment=SEGMENT, late=False):
        self.capture, self.segment = capture, segment
        self.address = {"C": client, "S": SERVER}
        self.port = {"C": client_port, "S": port}
        self.seq = {"C": 1000, "S": 5000}
        if late:
            return
        self.flags("C", SYN, 1)
        self.flags("S", SYN | ACK, 1)
        self.flags("C", ACK, 0)

    def tcp(self, who, flags, payload=b"", seq=None):
        to = "S" if who == "C" else "C"
        return struct.pack("!HHIIBBHHH", self.port[who], self.port[to], (self.seq[who] if seq is None else seq) & 0xFFFFFFFF,
                           self.seq[to] & 0xFFFFFFFF, 0x50, flags, 64000, 0, 0) + payload

    def packet(self, who, flags, payload=b"", seq=None):
        to = "S" if who == "C" else "C"
        self.capture.ip(self.address[who], self.address[to], self.tcp(who, flags, payload, seq))

    def flags(self, who, flags, step):
        self.packet(who, flags)
        self.seq[who] += step

    def say(self, who, data):
        for at in range(0, len(data), self.segment):
            piece = data[at:at + self.segment]
            self.packet(who, ACK, piece)
            self.seq[who] += len(piece)

    def repeat(self, who, data, times):
        """The same bytes many times, in full segments."""
        each = max(1, SEGMENT // len(data))
        block = data * each
        for _ in range(times // each):
            self.say(who, block)
        self.say(who, data * (times % each))

    def close(self):
        self.flags("C", FIN | ACK, 1)
        self.flags("S", FIN | ACK, 1)
        self.flags("C", ACK, 0)


def smtp(capture, **more):
    t = Talk(capture, 25, **more)
    t.say("S", b"220 mx ESMTP\r\n")
    t.say("C", b"EHLO me\r\n")
    t.say("S", b"250-mx\r\n250 PIPELINING\r\n")
    return t


def to_data(t):
    t.say("C", b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
    t.say("S", b"250 ok\r\n250 ok\r\n354 go\r\n")


def end_data(t):
    t.say("C", b"\r\n.\r\nQUIT\r\n")
    t.say("S", b"250 queued\r\n221 bye\r\n")
    t.close()


def imap(capture, **more):
    t = Talk(capture, 143, **more)
    t.say("S", b"* OK IMAP4rev1 ready\r\n")
    t.say("C", b"a LOGIN u p\r\n")
    t.say("S", b"a OK done\r\n")
    return t


def pop3(capture, **more):
    t = Talk(capture, 110, **more)
    t.say("S", b"+OK POP3 ready\r\n")
    t.say("C", b"USER u\r\n")
    t.say("S", b"+OK\r\n")
    t.say("C", b"PASS p\r\n")
    t.say("S", b"+OK\r\n")
    return t


def last_word(capture):
    """The harmless session behind."""
    t = smtp(capture, client_port=65000, client=b"\x0a\x00\x00\x09")
    to_data(t)
    t.say("C", b"From: last@example.org\r\nSubject: last word\r\n\r\nhello")
    end_data(t)


# ---- the cases -------------------------------------------------------------------------------------------------------

def mime_parts(c, n):
    t = smtp(c)
    to_data(t)
    t.say("C", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n")
    t.repeat("C", b"--b\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n", n)
    end_data(t)


def mime_nesting(c, n):
    t = smtp(c)
    to_data(t)
    for i in range(n):
        t.say("C", b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i))
    end_data(t)


def rfc822_nesting(c, n):
    t = smtp(c)
    to_data(t)
    t.repeat("C", b"Content-Type: message/rfc822\r\n\r\n", n)
    end_data(t)


def boundary_prefixes(c, n):
    t = smtp(c)
    to_data(t)
    t.say("C", b"Content-Type: multipart/mixed; boundary=\"" + b"b" * 69 + b"\"\r\n\r\n")
    t.repeat("C", b"\r\n--" + b"b" * 68, n)
    end_data(t)


def long_command(c, n):
    t = smtp(c)
    t.repeat("C", b"x" * 1000, n // 1000)
    t.say("C", b"\r\n")
    t.close()


def long_reply(c, n):
    t = smtp(c)
    t.say("C", b"NOOP\r\n")
    t.say("S", b"250 ")
    t.repeat("S", b"x" * 1000, n // 1000)
    t.say("S", b"\r\n")
    t.close()


def many_reply_lines(c, n):
    t = smtp(c)
    t.say("C", b"HELP\r\n")
    t.repeat("S", b"214-word\r\n", n)
    t.say("S", b"214 end\r\n")
    t.close()


def long_imap_line(c, n):
    t = imap(c)
    t.say("C", b"b FETCH 1 (FLAGS)\r\n")
    t.say("S", b"* 1 FETCH (FLAGS (")
    t.repeat("S", b"x" * 1000, n // 1000)
    t.say("S", b"))\r\nb OK\r\n")
    t.close()


def deep_parentheses(c, n):
    t = imap(c)
    t.say("C", b"b FETCH 1 BODYSTRUCTURE\r\n")
    t.say("S", b"* 1 FETCH (BODYSTRUCTURE ")
    t.repeat("S", b"(" * 1000, n // 1000)
    t.repeat("S", b")" * 1000, n // 1000)
    t.say("S", b")\r\nb OK\r\n")
    t.close()


def endless_literals(c, n):
    t = imap(c)
    t.repeat("C", b"b SEARCH {1}\r\nx {1}\r\ny\r\n", n)
    t.close()


def long_pop3_list(c, n):
    t = pop3(c)
    t.say("C", b"LIST\r\n")
    t.say("S", b"+OK\r\n")
    t.repeat("S", b"1 120\r\n", n)
    t.say("S", b".\r\n")
    t.close()


def long_pop3_line(c, n):
    t = pop3(c)
    t.say("C", b"UIDL\r\n")
    t.say("S", b"+OK\r\n")
    t.repeat("S", b"1" * 1000, n // 1000)
    t.say("S", b"\r\n.\r\n")
    t.close()


def header_lines(c, n):
    t = smtp(c)
    to_data(t)
    t.repeat("C", b"X-A: b\r\n", n)
    end_data(t)


def long_header(c, n):
    t = smtp(c)
    to_data(t)
    t.say("C", b"Subject: ")
    t.repeat("C", b"=?utf-8?q?aaaa?=\r\n ", n // 20)
    end_data(t)


def long_parameters(c, n):
    t = smtp(c)
    to_data(t)
    t.say("C", b"Content-Disposition: attachment")
    t.repeat("C", b";\r\n filename*%d*=x" % 7, n // 20)
    end_data(t)


def addresses(c, n):
    t = smtp(c)
    to_data(t)
    t.say("C", b"From: ")
    t.repeat("C", b"(((\"a\\", n // 6)
    end_data(t)


def recipients(c, n):
    t = smtp(c)
    t.say("C", b"MAIL FROM:<a@example.org>\r\n")
    t.say("S", b"250 ok\r\n")
    for at in range(0, n, 1000):
        t.say("C", b"".join(b"RCPT TO:<u%d@example.org>\r\n" % i for i in range(at, at + 1000)))
        t.say("S", b"550 5.1.1 no such user\r\n" * 1000)
    t.say("C", b"RSET\r\n")
    t.say("S", b"250 ok\r\n")
    t.close()


def pipelined(c, n):
    t = smtp(c)
    t.repeat("C", b"NOOP\r\n", n)
    t.close()


def imap_pipelined(c, n):
    t = imap(c)
    for at in range(0, n, 1000):
        t.say("C", b"".join(b"t%d NOOP\r\n" % i for i in range(at, at + 1000)))
    t.close()


def pop3_pipelined(c, n):
    t = pop3(c)
    t.repeat("C", b"RETR 1\r\n", n)
    t.close()


def replies_only(c, n):
    t = smtp(c)
    t.repeat("S", b"250 ok\r\n", n)
    t.close()


def syns(c, n):
    for i in range(n):
        source = struct.pack("!BBH", 10, 1, i & 0xFFFF)
        c.ip(source, SERVER, struct.pack("!HHIIBBHHH", 1024 + (i >> 16), 25, i, 0, 0x50, SYN, 64000, 0, 0))


def syns_odd_port(c, n):
    """Connections that never say whether they are mail stand in front of those that are."""
    for i in range(n):
        source = struct.pack("!BBH", 10, 1, i & 0xFFFF)
        c.ip(source, SERVER, struct.pack("!HHIIBBHHH", 1024 + (i >> 16), 8025, i, 0, 0x50, SYN, 64000, 0, 0))
        if i % 4 == 0:
            t = smtp(c, client_port=1024 + (i >> 16), client=source)
            t.say("C", b"QUIT\r\n")
            t.say("S", b"221 bye\r\n")
            t.close()


def waiting_bytes(c, n):
    """One silent connection holds the numbers; a session behind it sends large records."""
    Talk(c, 8025, client_port=50000)
    t = smtp(c)
    for _ in range(n // 50000):
        t.say("C", b"NOOP " + b"y" * 50000 + b"\r\n")
        t.say("S", b"250 ok\r\n")
    t.close()


def backwards(c, n):
    t = smtp(c)
    to_data(t)
    body = b"Subject: backwards\r\n\r\n" + b"z" * n
    for i in range(len(body) - 1, -1, -1):
        t.packet("C", ACK, body[i:i + 1], t.seq["C"] + i)
    t.seq["C"] += len(body)
    end_data(t)


def every_other_byte(c, n):
    """Half of the segments never come: as many holes as there are bytes."""
    for k in range(4):
        t = smtp(c, client_port=41000 + k)
        for i in range(1, n // 2, 2):
            t.packet("C", ACK, b"x", t.seq["C"] + i)


def fetch_assemblies(c, n):
    t = imap(c)
    t.say("C", b"b FETCH 1:* BODY[]<0.4>\r\n")
    for at in range(1, n + 1, 1000):
        t.say("S", b"".join(b"* %d FETCH (BODY[]<%d> {4}\r\nabcd)\r\n" % (i, 4 * (i % 3)) for i in range(at, at + 1000)))
    t.say("S", b"b OK\r\n")
    t.close()


def selected(c, **more):
    t = imap(c, **more)
    t.say("C", b"b SELECT INBOX\r\nc UID FETCH 1:* (x)\r\n")
    t.say("S", b"b OK done\r\n")
    return t


STRUCTURE = b'(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)("A" "B" NIL NIL NIL "BASE64" 4 NIL ("ATTACHMENT" ("FILENAME" "n"))) "MIXED" ("BOUNDARY" "b"))'


def imap_listed(c, n):
    """A mailbox of n messages is listed; of each one part comes, from the last to the first and again."""
    t = selected(c)
    for at in range(1, n, 500):
        t.say("S", b"".join(b"* %d FETCH (UID %d BODY[HEADER.FIELDS (SUBJECT)] {12}\r\nSubject: s\r\n BODYSTRUCTURE %s)\r\n" % (i, i, STRUCTURE)
                            for i in range(at, at + 500)))
    for at in range(n, 0, -500):
        t.say("S", b"".join(b"* %d FETCH (UID %d BODY[1] {1}\r\na)\r\n" % (i, i) for i in range(at, at - 500, -1) if i > 0))
    t.close()


def imap_sections(c, n):
    """Parts that nobody listed: n of them, then each of the first ones again."""
    t = selected(c)
    for at in range(1, n, 500):
        t.say("S", b"".join(b"* 1 FETCH (BODY[%d] {3}\r\nabc)\r\n" % i for i in range(at, at + 500)))
    for at in range(1, n, 500):
        t.say("S", b"".join(b"* 1 FETCH (BODY[%d] {3}\r\nabd)\r\n" % (i % 1900 + 1) for i in range(at, at + 500)))
    t.close()


def imap_deep_section(c, n):
    """Numbers with n levels, ever longer ones, and a structure as deep."""
    t = selected(c)
    t.say("S", b"* 1 FETCH (BODY[1" + b".1" * n + b"] {3}\r\nabc)\r\n")
    for i in range(300):
        t.say("S", b"* 1 FETCH (BODY[1" + b".1" * i + b"] {3}\r\nabc BODY[1" + b".1" * i + b".MIME] {3}\r\nA:b)\r\n")
    for i in range(0, n, 100):
        t.say("S", b"* 1 FETCH (BODYSTRUCTURE " + b"(" * 20000 + b'"A" "B"' + b")" * 20000 + b" BODY[1] {1}\r\na)\r\n")
    t.close()


def imap_wide_structure(c, n):
    """Structures of as many parts as a line holds, one message after the other, a part of each."""
    t = selected(c)
    wide = b"(" + b'("A" "B" NIL NIL NIL "7BIT" 1)' * 700 + b' "MIXED" ("BOUNDARY" "b"))'
    for i in range(1, n):
        t.say("S", b"* %d FETCH (BODYSTRUCTURE %s BODY[HEADER] {2}\r\n\r\n BODY[700] {1}\r\na BODY[1] {1}\r\na)\r\n" % (i, wide))
    t.close()


def imap_parts_in_turns(c, n):
    """One byte of each of many parts, then the next one of each: only one of them can be open."""
    t = selected(c)
    wide = b"(" + b'("A" "B" NIL NIL NIL "7BIT" 999999)' * 200 + b' "MIXED" ("BOUNDARY" "b"))'
    t.say("S", b"* 1 FETCH (BODYSTRUCTURE " + wide + b" BODY[HEADER] {2}\r\n\r\n)\r\n")
    for i in range(n // 200):
        t.say("S", b"".join(b"* 1 FETCH (BODY[%d]<%d> {1}\r\na)\r\n" % (k, i) for k in range(1, 201)))
    t.close()


def imap_part_holes(c, n):
    """Every other segment of long parts never comes."""
    t = selected(c)
    t.say("S", b"* 1 FETCH (BODYSTRUCTURE " + STRUCTURE + b" BODY[HEADER] {2}\r\n\r\n)\r\n")
    for i in range(n // 2000):
        t.say("S", b"* 1 FETCH (BODY[%d] {2000}\r\n" % (i % 3 + 1))
        t.seq["S"] += 1000
        t.say("S", b"QUJD" * 250 + b")\r\n")
    t.close()


def codes(c, n):
    t = smtp(c)
    for at in range(0, n, 500):
        t.say("C", b"".join(b"X%06d y\r\n" % i for i in range(at, at + 500)))
        t.say("S", b"".join(b"%03d word %d\r\n" % (200 + i % 400, i) for i in range(at, at + 500)))
    t.close()


def user_names(c, n):
    for k in range(8):
        t = pop3(c, client_port=42000 + k)
        t.say("C", b"USER " + bytes([97 + k]) * n + b"\r\n")
        t.say("S", b"+OK\r\n")
        t.say("C", b"PASS " + b"q" * n + b"\r\n")
        t.say("S", b"-ERR no\r\n")
        t.close()


def users(c, n):
    t = pop3(c)
    for at in range(0, n, 500):
        for i in range(at, at + 500):
            t.say("C", b"USER u%d\r\nPASS secret\r\n" % i)
            t.say("S", b"+OK\r\n-ERR [AUTH] no\r\n")
    t.close()


def long_auth(c, n):
    t = smtp(c)
    t.say("C", b"AUTH PLAIN ")
    t.repeat("C", base64.b64encode(b"\0" * 750), n // 1000)
    t.say("C", b"\r\n")
    t.say("S", b"535 no\r\n")
    t.close()


def fragments(c, n):
    """Datagrams of overlapping pieces that never become whole, and of one byte in very many copies."""
    for i in range(n):
        c.ip(CLIENT, SERVER, b"x" * 64, ident=i // 8, fragment=0x2000 | (i % 8) * 4 + 1)


def open_bodies(c, n):
    """Messages that begin and never end."""
    for i in range(n):
        t = smtp(c, client_port=1024 + (i & 0x7FFF), client=struct.pack("!BBH", 10, 2, i >> 15))
        to_data(t)
        t.say("C", b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: image/png\r\n\r\nabc")


def followed_links(c, n):
    """Malicious messages whose links lead to ever new hosts, then lookups of all of them and connections by ever new addresses."""
    for first in range(0, n, 200):
        t = smtp(c, client_port=1024 + first // 200)
        to_data(t)
        t.say("C", b'From: "boss@example.org" <x@example.net>\r\nFrom: <y@example.com>\r\nReply-To: boss.example@gmail.com\r\n'
                   b"Message-ID: <%d@example.net>\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\nSubject: hi\r\n\r\n" % first)
        t.say("C", b"".join(b"http://h%d.example/p/%d\r\n" % (i, i) for i in range(first, first + 200)) + b".\r\n")
        t.say("S", b"250 Ok\r\n")
        t.close()
    for i in range(n):
        label = b"h%d" % i
        query = struct.pack("!HHHHHH", i & 0xFFFF, 0x0100, 1, 0, 0, 0) + bytes([len(label)]) + label + b"\7example\0\0\1\0\1"
        c.add(struct.pack("!BBHHHBBH", 0x45, 0, 28 + len(query), 0, 0, 64, 17, 0) + SERVER + CLIENT +
              struct.pack("!HHHH", 1024 + (i & 0x3FFF), 53, 8 + len(query), 0) + query)
        w = Talk(c, 80, client_port=1024 + (i & 0x7FFF), client=struct.pack("!BBH", 10, 3, i & 0xFFFF))
        w.say("C", b"GET /p/%d HTTP/1.1\r\nHost: %s.example\r\n\r\n" % (i, b"h0" if i % 2 else label))
        w.say("S", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
        w.close()


# name: (function, size of the quick run, full size, limits that must be named, commands)
CASES = {
    "mime-parts": (mime_parts, 20000, 100000, ["mime_parts"], ["messages", "export"]),
    "mime-nesting": (mime_nesting, 2000, 10000, ["mime_depth"], ["messages"]),
    "rfc822-nesting": (rfc822_nesting, 20000, 100000, ["mime_depth"], ["messages"]),
    "boundary-prefixes": (boundary_prefixes, 20000, 500000, [], ["messages"]),
    "long-command": (long_command, 4000000, 50000000, ["line_bytes"], ["exchanges", "follow", "follow-hex"]),
    "long-reply": (long_reply, 4000000, 50000000, ["line_bytes"], ["exchanges", "ladder"]),
    "many-reply-lines": (many_reply_lines, 200000, 2000000, [], ["exchanges"]),
    "long-imap-line": (long_imap_line, 4000000, 50000000, ["line_bytes"], ["exchanges"]),
    "deep-parentheses": (deep_parentheses, 2000000, 20000000, [], ["exchanges"]),
    "endless-literals": (endless_literals, 50000, 500000, ["pending_exchanges"], ["exchanges"]),
    "long-pop3-list": (long_pop3_list, 300000, 5000000, [], ["exchanges"]),
    "long-pop3-line": (long_pop3_line, 4000000, 50000000, [], ["exchanges"]),
    "header-lines": (header_lines, 200000, 1000000, ["header_count"], ["messages"]),
    "long-header": (long_header, 2000000, 20000000, ["header_bytes"], ["messages"]),
    "long-parameters": (long_parameters, 2000000, 20000000, ["header_bytes"], ["messages"]),
    "addresses": (addresses, 2000000, 20000000, ["header_bytes"], ["messages"]),
    "recipients": (recipients, 20000, 100000, ["recipients"], ["findings"]),
    "pipelined": (pipelined, 100000, 1000000, ["pending_exchanges"], ["findings", "ladder"]),
    "imap-pipelined": (imap_pipelined, 50000, 1000000, ["pending_exchanges"], ["findings"]),
    "pop3-pipelined": (pop3_pipelined, 100000, 1000000, ["pending_exchanges"], ["findings"]),
    "replies-only": (replies_only, 120000, 1000000, ["ladder_rows"], ["findings", "ladder", "follow-hex"]),
    "syns": (syns, 30000, 900000, [], ["sessions"]),
    "syns-odd-port": (syns_odd_port, 50000, 1000000, ["undecided"], ["sessions"]),
    "waiting-bytes": (waiting_bytes, 20000000, 400000000, ["pending_bytes"], ["exchanges"]),
    "backwards": (backwards, 20000, 200000, [], ["messages"]),
    "every-other-byte": (every_other_byte, 40000, 1000000, [], ["messages", "ladder"]),
    "fetch-assemblies": (fetch_assemblies, 20000, 100000, ["fetch_messages"], ["messages"]),
    "imap-listed": (imap_listed, 20000, 500000, ["fetch_known_bytes", "fetch_messages"], ["messages"]),
    "imap-sections": (imap_sections, 20000, 1000000, ["mime_parts"], ["messages"]),
    "imap-deep-section": (imap_deep_section, 20000, 100000, ["mime_depth"], ["messages"]),
    "imap-wide-structure": (imap_wide_structure, 500, 20000, ["fetch_messages"], ["messages"]),
    "imap-parts-in-turns": (imap_parts_in_turns, 100000, 2000000, ["fetch_buffer_bytes"], ["messages", "export"]),
    "imap-part-holes": (imap_part_holes, 2000000, 40000000, [], ["messages"]),
    "codes": (codes, 20000, 100000, ["reply_codes"], ["findings", "stats"]),
    "user-names": (user_names, 200000, 1000000, ["line_bytes"], ["findings"]),
    "users": (users, 40000, 100000, ["groups"], ["findings"]),
    "long-auth": (long_auth, 1000000, 20000000, ["line_bytes"], ["exchanges", "follow"]),
    "fragments": (fragments, 20000, 1000000, [], ["sessions"]),
    "followed-links": (followed_links, 10000, 200000, ["watched_links"], ["findings"]),
    "open-bodies": (open_bodies, 2000, 30000, [], ["messages", "export"]),
}
