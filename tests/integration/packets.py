"""Reads a capture of the loopback interface as tcpdump writes it: what the network itself knows of each connection.

Bytes  by sequence numbers: what was sent again counts once.
BUGS   Ethernet, IPv4 without fragments, IPv6 without extension headers, whole packets: enough for here.
"""
import socket
import struct

SYN, ACK = 0x02, 0x10


class Connection:
    def __init__(self, client, server, frame, time):
        self.client, self.server = client, server   # (address, port)
        self.first, self.started, self.count = frame, time, 0
        self.bytes, self.begin = {"client": 0, "server": 0}, {}

    def add(self, frame, time, by_client, flags, sequence, payload):
        self.last, self.ended, self.count = frame, time, self.count + 1
        side = "client" if by_client else "server"
        if flags & SYN:
            self.begin[side] = sequence + 1
        elif payload:
            end = (sequence + payload - self.begin[side]) % 2**32
            self.bytes[side] = max(self.bytes[side], end)


def records(path):
    """(frame number, nanoseconds, bytes of the packet)."""
    with open(path, "rb") as f:
        data = f.read()
    micro = data[:4] == b"\xd4\xc3\xb2\xa1"
    at, frame = 24, 0
    while at + 16 <= len(data):
        seconds, fraction, held, _ = struct.unpack("<IIII", data[at:at + 16])
        frame += 1
        yield frame, seconds * 10**9 + fraction * (1000 if micro else 1), data[at + 16:at + 16 + held]
        at += 16 + held


def tcp_of(packet):
    """(source, destination, flags, sequence number, payload length)."""
    kind = packet[12:14]
    if kind == b"\x08\x00":
        header = 14 + (packet[14] & 15) * 4
        total = struct.unpack(">H", packet[16:18])[0] + 14
        addresses = [socket.inet_ntop(socket.AF_INET, packet[at:at + 4]) for at in (26, 30)]
    else:
        header = 14 + 40
        total = struct.unpack(">H", packet[18:20])[0] + header
        addresses = [socket.inet_ntop(socket.AF_INET6, packet[at:at + 16]) for at in (22, 38)]
    *ports, sequence = struct.unpack(">HHI", packet[header:header + 8])
    text = header + (packet[header + 12] >> 4) * 4
    return (addresses[0], ports[0]), (addresses[1], ports[1]), packet[header + 13], sequence, total - text


def connections(path):
    """In order of their SYN."""
    found, order = {}, []
    for frame, time, packet in records(path):
        source, destination, flags, sequence, payload = tcp_of(packet)
        if flags & (SYN | ACK) == SYN:
            c = found[source, destination] = Connection(source, destination, frame, time)
            order.append(c)
        by_client = (source, destination) in found
        c = found[(source, destination) if by_client else (destination, source)]
        c.add(frame, time, by_client, flags, sequence, payload)
    return order


def split(path, *names):
    """The packets of a capture shared out to several files in turn, in pieces of seven."""
    with open(path, "rb") as f:
        head = f.read(24)
        data = f.read()
    files = [open(name, "wb") for name in names]
    for f in files:
        f.write(head)
    at = count = 0
    while at + 16 <= len(data):
        size = 16 + struct.unpack("<I", data[at + 8:at + 12])[0]
        files[count // 7 % len(files)].write(data[at:at + size])
        at, count = at + size, count + 1
    for f in files:
        f.close()
