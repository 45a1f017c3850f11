"""Packets beside TCP for scripted captures: UDP, DNS messages, ICMP errors. Times are seconds, as in pcapgen.

    ask(capture, "mail.example.org", "A", ["198.51.100.25"], at=0)      # query and answer, 20 ms apart
    ask(capture, "mail.exmaple.org", "A", rcode=NXDOMAIN)
    ask(capture, "example.org", "MX", [(10, "mx.example.org")], answer=False)
    icmp(capture, "203.0.113.1", d, 3, 13)                                 # about the last segment of Dialogue d
"""
import socket
import struct

from pcapgen import checksum

CLIENT, RESOLVER = "192.0.2.10", "192.0.2.53"
OK, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "TLSA": 52}
MAC = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02"


def ip4(protocol, src, dst, payload, ttl=64):
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0x4000, ttl, protocol, 0) + socket.inet_aton(src) + socket.inet_aton(dst)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(protocol, src, dst, payload):
    return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + socket.inet_pton(socket.AF_INET6, src) + socket.inet_pton(socket.AF_INET6, dst) + payload


def add(capture, at, packet):
    frame = MAC + (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\0") + packet
    capture.add(at, frame + b"\0" * max(0, 60 - len(frame)))


def udp(capture, at, src, dst, ports, payload):
    head = struct.pack("!HHHH", ports[0], ports[1], 8 + len(payload), 0)
    add(capture, at, ip4(17, src, dst, head + payload))


# ---- DNS ---------------------------------------------------------------------------------------------------------


def name(text):
    return b"".join(bytes([len(x)]) + x.encode() for x in text.split(".") if x) + b"\0"


def rdata(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "MX":
        return struct.pack("!H", value[0]) + name(value[1])
    if kind == "TXT":
        return bytes([len(value)]) + value.encode()
    return value if isinstance(value, bytes) else name(value)


def question(number, asked, kind, flags):
    return struct.pack("!HHHHHH", number, flags, 1, 0, 0, 0) + name(asked) + struct.pack("!HH", TYPES[kind], 1)


def answer(number, asked, kind, values, rcode):
    head = struct.pack("!HHHHHH", number, 0x8180 | rcode, 1, len(values), 0, 0) + name(asked) + struct.pack("!HH", TYPES[kind], 1)
    for value in values:
        data = rdata(kind, value)
        head += b"\xc0\x0c" + struct.pack("!HHIH", TYPES[kind], 1, 300, len(data)) + data
    return head


def ask(capture, asked, kind, values=(), rcode=OK, at=0.0, took=0.02, tries=(0.0,), answered=True, client=CLIENT, resolver=RESOLVER, number=None):
    """Queries at at + tries; the answer `took` after the last one."""
    number = len(capture.frames) + 1 if number is None else number
    port = 50000 + number % 10000
    for more in tries:
        udp(capture, at + more, client, resolver, (port, 53), question(number, asked, kind, 0x0100))
    if answered:
        udp(capture, at + tries[-1] + took, resolver, client, (53, port), answer(number, asked, kind, values, rcode))


# ---- ICMP --------------------------------------------------------------------------------------------------------


def icmp(capture, sender, d, kind, code, mtu=0, who="C", seq=None):
    """An error about a segment of the dialogue: sent by `sender` to the one who sent the segment, quoting its first bytes."""
    to = d.other(who)
    ports = struct.pack("!HHI", d.port[who], d.port[to], (d.seq[who] if seq is None else seq) & 0xFFFFFFFF)
    v6 = ":" in sender
    quoted = (ip6 if v6 else ip4)(6, d.address[who], d.address[to], ports + b"\x50\x02\0\0\0\0\0\0\0\0\0\0")
    body = struct.pack("!BBHI", kind, code, 0, mtu) + quoted
    if v6:
        pseudo = socket.inet_pton(socket.AF_INET6, sender) + socket.inet_pton(socket.AF_INET6, d.address[who]) + struct.pack("!II", len(body), 58)
        body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
        add(capture, d.now, ip6(58, sender, d.address[who], body))
    else:
        body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
        add(capture, d.now, ip4(1, sender, d.address[who], body))
