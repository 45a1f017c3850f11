"""Ways to spoil a capture. Each takes a random.Random and the bytes of captures; the first is the one to spoil."""
import gzip
import struct

SNAP = 96


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    return gzip.decompress(data) if path.endswith(".gz") else data


def packets(data):
    """File header and records of a classic pcap; a pcapng or a damaged one is a single record."""
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}.get(data[:4])
    if not order:
        return data[:28], [data[28:]], None
    records, at = [], 24
    while at + 16 <= len(data):
        n = struct.unpack_from(order + "I", data, at + 8)[0]
        if at + 16 + n > len(data):
            break
        records.append(data[at:at + 16 + n])
        at += 16 + n
    return data[:24], records or [data[24:]], order


def truncated(dice, files):
    data = files[0]
    return data[:dice.randrange(1, len(data))]


def flipped(dice, files):
    data = bytearray(files[0])
    for _ in range(dice.choice((1, 3, 30, 300))):
        at = dice.randrange(len(data))
        data[at] ^= 1 << dice.randrange(8)
    return bytes(data)


def payload_flipped(dice, files):
    """Only past the headers: the dialogue is spoilt, the packets are whole."""
    head, records, _ = packets(files[0])
    out = []
    for r in map(bytearray, records):
        if len(r) > 80 and dice.random() < 0.3:
            r[dice.randrange(70, len(r))] = dice.choice(b"\r\n .{}\"\x00\xff5A=-")
        out.append(bytes(r))
    return head + b"".join(out)


def concatenated(dice, files):
    return files[0] + files[-1]


def dropped(dice, files):
    head, records, _ = packets(files[0])
    share = dice.choice((0.02, 0.1, 0.4))
    return head + b"".join(r for r in records if dice.random() > share)


def doubled(dice, files):
    head, records, _ = packets(files[0])
    return head + b"".join(r * dice.choice((1, 1, 1, 2, 3)) for r in records)


def shuffled(dice, files):
    """Records trade places with near ones, or with any."""
    head, records, _ = packets(files[0])
    reach = dice.choice((1, 3, len(records)))
    for i in range(len(records)):
        j = min(len(records) - 1, i + dice.randrange(reach + 1))
        if dice.random() < 0.3:
            records[i], records[j] = records[j], records[i]
    return head + b"".join(records)


def snapped(dice, files):
    """As captured with a small snapshot length."""
    head, records, order = packets(files[0])
    if not order:
        return truncated(dice, files)
    snap = dice.choice((SNAP, 60, 200))
    out = []
    for r in records:
        n = min(snap, len(r) - 16)
        out.append(r[:8] + struct.pack(order + "I", n) + r[12:16 + n])
    return head + b"".join(out)


KINDS = (truncated, flipped, payload_flipped, concatenated, dropped, doubled, shuffled, snapped)
