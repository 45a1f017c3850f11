"""Reads the packets of pcap and pcapng files, plain or gzip, and writes them changed: cut, or in another order."""
import gzip
import struct


def read(path):
    """A list of (nanoseconds, link type, length on the wire, captured bytes)."""
    with open(path, "rb") as f:
        raw = f.read()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    return read_pcapng(raw) if raw[:4] == b"\x0a\x0d\x0d\x0a" else read_pcap(raw)


def read_pcap(raw):
    kinds = {b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\xa1\xb2\xc3\xd4": (">", 1000), b"\x4d\x3c\xb2\xa1": ("<", 1), b"\xa1\xb2\x3c\x4d": (">", 1)}
    order, scale = kinds[raw[:4]]
    link = struct.unpack_from(order + "I", raw, 20)[0] & 0xFFFF
    at, out = 24, []
    while at + 16 <= len(raw):
        sec, sub, kept, length = struct.unpack_from(order + "IIII", raw, at)
        out.append((sec * 1000000000 + sub * scale, link, length, raw[at + 16:at + 16 + kept]))
        at += 16 + kept
    return out


def options(raw, order="<"):
    """(code, value) of the options of a block."""
    at, out = 0, []
    while at + 4 <= len(raw):
        code, n = struct.unpack_from(order + "HH", raw, at)
        if code == 0:
            break
        out.append((code, raw[at + 4:at + 4 + n]))
        at += 4 + (n + 3) // 4 * 4
    return out


def read_pcapng(raw):
    at, order, links, scales, out = 0, "<", [], [], []
    while at + 12 <= len(raw):
        if raw[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if raw[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            links, scales = [], []
        kind, size = struct.unpack_from(order + "II", raw, at)
        if kind == 1:
            links.append(struct.unpack_from(order + "H", raw, at + 8)[0])
            scales.append(1000)
            for code, value in options(raw[at + 16:at + size - 4], order):
                if code == 9 and value[0] & 0x80 == 0 and value[0] <= 9:
                    scales[-1] = 10 ** (9 - value[0])
        elif kind == 6:
            interface, high, low, kept, length = struct.unpack_from(order + "IIIII", raw, at + 8)
            out.append((((high << 32) | low) * scales[interface], links[interface], length, raw[at + 28:at + 28 + kept]))
        at += max(size, 12)
    return out


def write(path, packets):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, packets[0][1] if packets else 1))
        for time, _, length, data in packets:
            f.write(struct.pack("<IIII", time // 1000000000, time % 1000000000, len(data), length) + data)


def snapped(packets, snaplen=96):
    return [(t, link, n, data[:snaplen]) for t, link, n, data in packets]


def reordered(packets, step=5):
    """Every `step`-th pair of neighbours changes places; the times stay in order."""
    order = list(packets)
    for i in range(3, len(order) - 1, step):
        order[i], order[i + 1] = order[i + 1], order[i]
    return [(packets[i][0],) + order[i][1:] for i in range(len(order))]
