"""Captures made to hurt the layers below the parsers: TLS, DEFLATE, lookups. Very many connections that hold something for
ever, and among them mail inside of TLS (`sealed_word`, keys given) that must be read to its last byte.

A case is as those of cases.py; its last column says whether the capture is a pcapng, whose secrets may come late.
"""
import functools
import struct
import zlib

from cases import ACK, SERVER, Capture, Talk, imap
from tls_wire import TLS12, TLS13, Tls, certificate

WORDS = ["sealed word 1", "sealed word 2"]
PACKED = {"deflate-streams": ["packed word"]}
CERTIFICATE, CLIENT_HELLO, SERVER_HELLO = 11, 1, 2
HANDSHAKE, APPLICATION = 22, 23
RECORD = 16384


class PcapngCapture(Capture):
    def __init__(self, path):
        super().__init__(path)
        self.file.seek(0)
        self.file.truncate()
        self.block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        self.block(1, struct.pack("<HHI", 101, 0, 262144))

    def block(self, kind, body):
        body += b"\0" * (-len(body) % 4)
        size = struct.pack("<I", len(body) + 12)
        self.file.write(struct.pack("<I", kind) + size + body + size)

    def add(self, packet):
        self.time += 10
        self.count += 1
        self.block(6, struct.pack("<IIIII", 0, self.time >> 32, self.time & 0xFFFFFFFF, len(packet), len(packet)) + packet)

    def secrets(self, text):
        self.block(10, struct.pack("<II", 0x544C534B, len(text)) + text.encode())


# ---- bytes of TLS -----------------------------------------------------------------------------------------------------


def records(kind, data):
    return b"".join(struct.pack("!BHH", kind, 0x0303, len(data[at:at + RECORD])) + data[at:at + RECORD] for at in range(0, len(data), RECORD))


def message(kind, body):
    return struct.pack("!I", kind << 24 | len(body)) + body


def hello(kind, i, suite):
    """With no session id and no extension but, in TLS 1.3, the version."""
    random = struct.pack("!I", i) + bytes([kind]) * 28
    version = b"" if suite >> 8 != 0x13 else b"\x00\x07\x00\x2b\x00\x03\x02\x03\x04" if kind == CLIENT_HELLO else b"\x00\x06\x00\x2b\x00\x02\x03\x04"
    suites = struct.pack("!HHBB", 2, suite, 1, 0) if kind == CLIENT_HELLO else struct.pack("!HB", suite, 0)
    return records(HANDSHAKE, message(kind, b"\x03\x03" + random + b"\0" + suites + version))


def tls(c, i, suite=0x002F, port=993):
    t = Talk(c, port, client_port=1024 + (i & 0x7FFF), client=struct.pack("!BBH", 10, 3, i >> 15))
    t.say("C", hello(CLIENT_HELLO, i, suite))
    t.say("S", hello(SERVER_HELLO, i, suite))
    return t


def der(tag, *parts):
    body = b"".join(parts)
    length = bytes([len(body)]) if len(body) < 128 else b"\x82" + struct.pack("!H", len(body))
    return bytes([tag]) + length + body


def name(text):
    return der(0x30, der(0x31, der(0x30, der(6, b"\x55\x04\x03"), der(12, text))))


@functools.lru_cache
def alternatives(names):
    return der(0x30, *[der(0x82, b"name-%d.example" % k) for k in range(names)])


def junk_certificate(i, names):
    """Nobody signed it and its key is none, but its names can be read."""
    algorithm = der(0x30, der(6, b"\x2a\x03\x04"))
    extensions = der(0xA3, der(0x30, der(0x30, der(6, b"\x55\x1d\x11"), der(4, alternatives(names)))))
    dates = der(0x30, der(0x17, b"230101000000Z"), der(0x17, b"400101000000Z"))
    body = der(0x30, der(0xA0, der(2, b"\2")), der(2, struct.pack("!I", 1 << 30 | i)), algorithm, name(b"issuer"), dates, name(b"x" * 900),
               der(0x30, algorithm, der(3, b"\0key")), extensions)
    return der(0x30, body, algorithm, der(3, b"\0none"))


def chain(certificates):
    listed = b"".join(struct.pack("!I", len(x))[1:] + x for x in certificates)
    return message(CERTIFICATE, struct.pack("!I", len(listed))[1:] + listed)


def sealed_word(c, version=TLS12, i=0):
    """Submission in TLS, cut into small segments: each record and each flight is in pieces."""
    t = Talk(c, 465, client_port=61000 + i, client=b"\x0a\x00\x00\x08", segment=100)
    made = Tls(certificate("mail.example.org"), versions=(version, version)).shake(t)
    made.talk(t, "S: 220 mx ESMTP", "C: EHLO me", "S: 250 mx", "C: MAIL FROM:<a@example.org>", "S: 250 ok", "C: RCPT TO:<b@example.org>", "S: 250 ok",
              "C: DATA", "S: 354 go", "C: Subject: sealed word %d\r\n\r\n%s\r\n." % (i, "body " * 400), "S: 250 queued", "C: QUIT", "S: 221 bye")
    made.close(t, "C")
    t.close()
    return made.keys()


def with_sealed_words(function):
    """Behind the flood, with each version; a pcapng gives the secrets behind all packets."""
    def made(c, n):
        function(c, n)
        keys = sealed_word(c, i=1) + sealed_word(c, TLS13, i=2)
        if isinstance(c, PcapngCapture):
            c.secrets(keys)
            keys = ""
        with open(c.file.name + ".keys", "w", encoding="ascii") as f:
            f.write(keys + "CLIENT_RANDOM " + "ab" * 32 + " " + "cd" * 48 + "\n")
    return made


# ---- the cases ----------------------------------------------------------------------------------------------------------


def unfinished_certificates(c, n):
    whole = records(HANDSHAKE, message(CERTIFICATE, b"c" * (262144 - 4)))
    for i in range(n):
        tls(c, i).say("S", whole[:-1])


def cut_records(c, n):
    for i in range(n):
        tls(c, i).say("S", struct.pack("!BHH", HANDSHAKE, 0x0303, RECORD) + b"r" * (RECORD - 1))


def junk_chains(c, n):
    """Whole chains, each another one: none is remembered, all are parsed."""
    above = junk_certificate(0, 900)
    for i in range(n):
        t = tls(c, i, 0xC02F)
        t.say("S", records(HANDSHAKE, chain([junk_certificate(1000 + i, 1000), above])))
        t.say("C", records(HANDSHAKE, chain([junk_certificate(2000 + i, 700)])))


def junk_bytes(c, n):
    for i in range(n):
        tls(c, i).say("S", records(HANDSHAKE, chain([struct.pack("!I", i) + b"j" * 4080] * 60)))


def secrets_never_come(c, n):
    for i in range(n):
        tls(c, i, 0x1301).say("S", records(APPLICATION, b"a" * (55000 >> i % 10)))


def deflate_streams(c, n):
    """Each direction of each session has a window of its own, and is left in the middle of a block."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = b"".join(b"* %d EXISTS\r\n" % (k * 7919) for k in range(1000))
    packed = pack.compress(text) + pack.flush(zlib.Z_SYNC_FLUSH)
    for i in range(n):
        t = imap(c, client_port=1024 + (i & 0x7FFF), client=struct.pack("!BBH", 10, 4, i >> 15))
        t.say("C", b"b COMPRESS DEFLATE\r\n")
        t.say("S", b"b OK\r\n")
        t.say("S", packed[:-1])
        t.say("C", packed[:-1])


def deflate_word(c):
    pack = {who: zlib.compressobj(9, zlib.DEFLATED, -15) for who in "CS"}
    t = imap(c, client_port=62000, client=b"\x0a\x00\x00\x07")
    t.say("C", b"b COMPRESS DEFLATE\r\n")
    t.say("S", b"b OK\r\n")
    text = b"Subject: packed word\r\n\r\nhello\r\n"
    for who, line in (("C", b"c FETCH 1 BODY[]\r\n"), ("S", b"* 1 FETCH (BODY[] {%d}\r\n%s)\r\nc OK\r\n" % (len(text), text)), ("C", b"d LOGOUT\r\n"),
                      ("S", b"* BYE\r\nd OK\r\n")):
        t.say(who, pack[who].compress(line) + pack[who].flush(zlib.Z_SYNC_FLUSH))
    t.close()


def deflate_flood(c, n):
    deflate_streams(c, n)
    deflate_word(c)


def question(i):
    host = b"h%d" % i
    return struct.pack("!HHHHHH", i & 0xFFFF, 0x0100, 1, 0, 0, 0) + bytes([len(host)]) + host + b"\x07example\0" + struct.pack("!HH", 1, 1)


def lookups(c, n):
    for i in range(n):
        ask = question(i)
        udp = struct.pack("!HHHH", 1024 + i % 60000, 53, 8 + len(ask), 0) + ask
        c.add(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + struct.pack("!BBH", 10, 5, i >> 16) + SERVER + udp)


def lookup_streams(c, n):
    """Lookups over TCP that claim 65535 bytes and never end, some with a hole in front."""
    for i in range(n):
        t = Talk(c, 53, client_port=1024 + (i & 0x7FFF), client=struct.pack("!BBH", 10, 6, i >> 15))
        for who in "CS":
            if i % 2:
                t.seq[who] += 1
            t.packet(who, ACK, b"\xff\xff" + question(i) + b"q" * 3000)


# name: (function, size of the quick run, full size, limits that must be named, commands, pcapng)
CASES = {
    "tls-unfinished-certificates": (unfinished_certificates, 300, 3000, ["tls_part_bytes"], ["sessions"], False),
    "tls-cut-records": (cut_records, 4000, 30000, ["tls_part_bytes"], ["sessions"], False),
    "tls-junk-chains": (junk_chains, 600, 3000, ["tls_certificate_bytes"], ["sessions"], False),
    "tls-junk-bytes": (junk_bytes, 300, 3000, ["tls_part_bytes"], ["sessions"], False),
    "tls-secrets-never-come": (secrets_never_come, 2500, 20000, ["tls_held_bytes"], ["sessions"], True),
    "deflate-streams": (deflate_flood, 1500, 10000, ["inflate_streams"], ["messages"], False),
    "dns-lookups": (lookups, 50000, 1000000, ["dns_lookups"], ["findings"], False),
    "dns-streams": (lookup_streams, 10000, 60000, ["dns_lookups"], ["findings"], False),
}
