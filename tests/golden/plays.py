"""Captures of the golden cases that are about what happens around mail: name lookups, ICMP errors, packets of other machines."""
import struct

from net_wire import CLIENT, NXDOMAIN, RESOLVER, TYPES, ask, icmp, name, question, rdata, udp
from pcapgen import ACK, RST, Dialogue

POINTER = b"\xc0\x0c"  # to the name in the question


def reply(number, asked, kind, records=(), flags=0x8180):
    """Records are (owner as bytes, type, value)."""
    out = struct.pack("!HHHHHH", number, flags, 1, len(records), 0, 0) + name(asked) + struct.pack("!HH", TYPES[kind], 1)
    for owner, of, value in records:
        data = rdata(of, value)
        out += owner + struct.pack("!HHIH", TYPES[of], 1, 300, len(data)) + data
    return out


def over_tcp(c, number, asked, kind, records, at):
    d = Dialogue(c, server=RESOLVER, port=53, client_port=51000, at=at).open()
    query, answer = question(number, asked, kind, 0x0100), reply(number, asked, kind, records)
    d.say("C", struct.pack("!H", len(query)) + query)
    whole = struct.pack("!H", len(answer)) + answer
    d.say("S", whole[:30]).say("S", whole[30:])
    return d.close()


def lookups(c):
    """A mail server is found by MX and an alias, a mailbox server over TCP after a truncated answer; one has only a reverse name."""
    ask(c, "example.org", "MX", [(10, "mail.example.org"), (20, "backup.example.net")], at=0)
    udp(c, 0.1, CLIENT, RESOLVER, (50100, 53), question(77, "Mail.Example.ORG", "A", 0x0100))
    udp(c, 5.1, CLIENT, RESOLVER, (50100, 53), question(77, "Mail.Example.ORG", "A", 0x0100))
    udp(c, 5.12, RESOLVER, CLIENT, (53, 50100), reply(77, "Mail.Example.ORG", "A", [
        (POINTER, "CNAME", "mx7.hosting.example"), (name("mx7.hosting.example"), "A", "198.51.100.25")]))
    Dialogue(c, at=6).open().talk("S: 220 node7.internal.example ESMTP", "C: EHLO client.example", "S: 250 node7.internal.example", "C: QUIT",
                                  "S: 221 Bye").close()
    udp(c, 7, CLIENT, RESOLVER, (50101, 53), question(78, "imap.example.org", "A", 0x0100))
    udp(c, 7.02, RESOLVER, CLIENT, (53, 50101), reply(78, "imap.example.org", "A", flags=0x8380))
    over_tcp(c, 79, "imap.example.org", "A", [(POINTER, "A", "198.51.100.43")], at=7.03)
    Dialogue(c, server="198.51.100.43", port=143, client_port=40001, at=8).open().talk(
        "S: * OK ready", "C: a LOGOUT", "S: * BYE", "S: a OK").close()
    ask(c, "10.100.51.198.in-addr.arpa", "PTR", ["pop.example.net"], at=9)
    ask(c, "pop.example.com", "A", rcode=NXDOMAIN, at=9.1)
    Dialogue(c, server="198.51.100.10", port=110, client_port=40002, at=10).open().talk("S: +OK ready", "C: QUIT", "S: +OK").close()


def obstacles(c):
    """Three connections that machines on the way did not want, and one refused by the server itself."""
    d = Dialogue(c, server="198.51.100.1", client_port=40001, at=0)
    d.syn()
    icmp(c, "203.0.113.1", d.wait(0.01), 3, 13, seq=d.seq["C"])
    d = Dialogue(c, client="2001:db8::10", server="2001:db8:1::25", client_port=40002, at=1)
    d.syn()
    icmp(c, "2001:db8::1", d.wait(0.01), 1, 0, seq=d.seq["C"])
    d = Dialogue(c, server="198.51.100.3", client_port=40003, at=2).open().talk("S: 220 mail.example.org ESMTP", "C: EHLO client.example")
    d.wait(0.001).segment("S", RST | ACK)
    time, order, frame = c.frames[-1]
    c.frames[-1] = (time, order, frame[:22] + b"\x5c" + frame[23:])  # its TTL: 92, where the server's are 64
    Dialogue(c, server="198.51.100.4", client_port=40004, at=3).refuse()


def stamped_back(c):
    """Two packets are stamped earlier than those before them, one of them the last."""
    d = Dialogue(c).open().talk("S: 220 mail.example.org ESMTP", "C: EHLO client.example", "S: 250 mail.example.org")
    c.early[len(c.frames) - 1] = 0.015
    d.talk("C: QUIT", "S: 221 Bye").close()
    c.early[len(c.frames) - 1] = 0.004


PLAYS = {"lookups": lookups, "obstacles": obstacles, "stamped_back": stamped_back}
