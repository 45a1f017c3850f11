"""Images of disks: file systems of Windows with a few files, partitions around them, VHD around those. As small as their readers allow."""
import struct

SECTOR, CLUSTER = 512, 1024


def sectors(data, size=SECTOR):
    return data.ljust((len(data) + size - 1) // size * size, b"\0")


class Clusters:
    """Contents, each in a chain; `apart`: with a foreign cluster between every two."""

    def __init__(self, apart=False):
        self.blobs, self.next, self.apart = {}, {}, apart
        self.free = 2

    def add(self, data):
        pieces = [data[k:k + CLUSTER] for k in range(0, len(data), CLUSTER)] or [b""]
        numbers = [self.free + k * (2 if self.apart else 1) for k in range(len(pieces))]
        for k, number in enumerate(numbers):
            self.blobs[number] = pieces[k]
            self.next[number] = numbers[k + 1] if k + 1 < len(numbers) else None
        self.free = numbers[-1] + (2 if self.apart else 1)
        return numbers[0]

    def table(self, width):
        out, bits = 0, 0
        for number in range(self.free):
            follower = self.next.get(number, 0)
            out |= ((1 << (width if width < 32 else 28)) - 1 if follower is None else follower) << bits
            bits += width
        return out.to_bytes((bits + 7) // 8 + 4, "little")

    def data(self):
        return b"".join(self.blobs.get(k, b"").ljust(CLUSTER, b"\0") for k in range(2, self.free))


def fat_entries(name, first, size, number, folder=False, deleted=False):
    short = (b"FILE%04d" % number) + (b"   " if "." not in name else name.rsplit(".", 1)[1][:3].upper().encode().ljust(3))
    total = 0
    for c in short:
        total = ((total << 7 | total >> 1) + c) & 255
    wide = name.encode("utf-16-le") + b"\0\0"
    wide += b"\xff" * (-len(wide) % 26)
    pieces = [wide[k:k + 26] for k in range(0, len(wide), 26)]
    out = b""
    for k in reversed(range(len(pieces))):
        p = pieces[k]
        out += bytes([0xE5 if deleted else (k + 1) | (0x40 if k + 1 == len(pieces) else 0)]) + p[:10] + b"\x0f\0" + bytes([total]) + p[10:22] + bytes(2) + p[22:26]
    short = b"\xe5" + short[1:] if deleted else short
    return out + short + bytes([0x10 if folder else 0x20]) + bytes(8) + struct.pack("<H", first >> 16) + bytes(4) + struct.pack("<HI", first & 0xFFFF, size)


def fat(files, width=16, folder=None, apart=False, deleted=()):
    clusters = Clusters(apart)
    reserved, entries = 4, 64 if width < 32 else 0
    root_first = clusters.add(bytes(CLUSTER)) if width == 32 else 0
    listing = b"".join(fat_entries(name, clusters.add(data), len(data), k, deleted=name in deleted) for k, (name, data) in enumerate(files))
    root = b"DISK       \x08" + bytes(20) + (fat_entries(folder, clusters.add(b".          \x10" + bytes(20) + listing), 0, 9, True) if folder else listing)
    if width == 32:
        clusters.blobs[root_first] = root
    table = sectors(clusters.table(width))
    count = {12: 100, 16: 5000, 32: 70000}[width]
    total = reserved + 2 * len(table) // SECTOR + entries * 32 // SECTOR + count * CLUSTER // SECTOR
    boot = bytearray(SECTOR)
    boot[:36] = b"\xeb\x58\x90MSDOS5.0" + struct.pack("<HBHBHHBHHHII", SECTOR, CLUSTER // SECTOR, reserved, 2, entries, total if total < 65536 else 0, 0xF8,
                                                       len(table) // SECTOR if width < 32 else 0, 63, 255, 0, total if total >= 65536 else 0)
    if width == 32:
        boot[36:48] = struct.pack("<IHHI", len(table) // SECTOR, 0, 0, root_first)
        boot[82:90] = b"FAT32   "
    else:
        boot[54:62] = b"FAT%d   " % width
    boot[510:] = b"\x55\xaa"
    return bytes(boot) + bytes((reserved - 1) * SECTOR) + table * 2 + (root.ljust(entries * 32, b"\0") if entries else b"") + clusters.data()


def exfat(files, folder=None, chained=False):
    clusters = Clusters(chained)
    root_first = clusters.add(bytes(CLUSTER))

    def entries(name, first, size, is_folder=False):
        wide = name.encode("utf-16-le")
        pieces = [wide[k:k + 30].ljust(30, b"\0") for k in range(0, len(wide), 30)]
        out = b"\x85" + bytes([1 + len(pieces), 0, 0]) + struct.pack("<H", 0x10 if is_folder else 0x20) + bytes(26)
        out += b"\xc0" + bytes([1 if chained else 3, 0, len(name), 0, 0, 0, 0]) + struct.pack("<QII", size, 0, first) + struct.pack("<Q", size)
        return out + b"".join(b"\xc1\0" + p for p in pieces)
    listing = b"".join(entries(name, clusters.add(data), len(data)) for name, data in files)
    root = b"\x83" + bytes(31) + (entries(folder, clusters.add(listing), len(listing), True) if folder else listing)
    clusters.blobs[root_first] = root
    table = sectors(clusters.table(32))
    boot = bytearray(b"\xeb\x76\x90EXFAT   " + bytes(501))
    boot[80:112] = struct.pack("<IIIIIIHHBBBB", 24, len(table) // SECTOR, 24 + len(table) // SECTOR, clusters.free, root_first, 0, 0x100, 0, 9, 1, 1, 0)
    boot[510:] = b"\x55\xaa"
    return bytes(boot) + bytes(23 * SECTOR) + table + clusters.data()


def ntfs(files, resident=False, deleted=(), streams=False):
    record = 1024

    def attribute(kind, value, name=b""):
        head = 24 + len(name)
        n = (head + len(value) + 7) // 8 * 8
        return (struct.pack("<IIBBHHHIHH", kind, n, 0, len(name) // 2, 24, 0, 0, len(value), head, 0) + name + value).ljust(n, b"\0")

    def far(first, n, size):
        runs = b"\x44" + struct.pack("<II", n // 2, first) + b"\x44" + struct.pack("<Ii", n - n // 2, n // 2) + b"\0"
        head = struct.pack("<IIBBHHHQQHHIQQQ", 0x80, (64 + len(runs) + 7) // 8 * 8, 1, 0, 64, 0, 1, 0, n - 1, 64, 0, 0, n * SECTOR, size, size)
        return (head + runs).ljust((64 + len(runs) + 7) // 8 * 8, b"\0")

    def make(attributes, flags=1):
        body = bytearray((b"FILE" + struct.pack("<HHQHHHHIIQ", 48, 3, 0, 1, 1, 56, flags, 0, record, 0)).ljust(56, b"\0") + attributes + b"\xff\xff\xff\xff")
        assert len(body) <= record
        body = bytearray(bytes(body).ljust(record, b"\0"))
        for k in (1, 2):
            at = k * SECTOR - 2
            body[48 + 2 * k:50 + 2 * k] = body[at:at + 2]
            body[at:at + 2] = b"\x07\0"
        body[48:50] = b"\x07\0"
        return bytes(body)

    def name_of(name, kind=1):
        return attribute(0x30, bytes(64) + bytes([len(name), kind]) + name.encode("utf-16-le"))
    table_at = 8
    count = 24 + len(files)
    data_at = table_at + 2 * count
    records, blobs = [make(name_of("$MFT") + far(table_at, 2 * count, count * record))] + [make(name_of("$OWN")) for _ in range(23)], b""
    for name, data in files:
        own = name_of(name) + name_of("FILE~1.TXT", 2)
        if streams:
            own += attribute(0x80, b"[ZoneTransfer]", "Zone.Identifier".encode("utf-16-le"))
        if resident and len(data) < 500:
            own += attribute(0x80, data)
        else:
            own += far(data_at + len(blobs) // SECTOR, max(2, len(sectors(data)) // SECTOR), len(data))
            blobs += sectors(data, 2 * SECTOR)
        records.append(make(own, 0 if name in deleted else 1))
    boot = bytearray(b"\xeb\x52\x90NTFS    " + struct.pack("<HB", SECTOR, 1) + bytes(498))
    boot[40:65] = struct.pack("<QQQB", 100000, table_at, 4, 0xF6)
    boot[510:] = b"\x55\xaa"
    return bytes(boot) + bytes((table_at - 1) * SECTOR) + b"".join(records) + blobs


def mbr(volume, at=8, kind=7):
    out = bytearray(SECTOR)
    out[446:462] = b"\x80\0\2\0" + bytes([kind, 0, 0, 0]) + struct.pack("<II", at, len(volume) // SECTOR)
    out[510:] = b"\x55\xaa"
    return bytes(out).ljust(at * SECTOR, b"\0") + volume


def gpt(volume):
    out = bytearray(mbr(b"", kind=0xEE))
    out[446 + 8:446 + 16] = struct.pack("<II", 1, 9999)
    out = bytes(out[:SECTOR]) + (b"EFI PART" + bytes(64) + struct.pack("<QII", 2, 128, 128)).ljust(SECTOR, b"\0")
    out += b"\x01" * 32 + struct.pack("<QQ", 34, 34 + len(volume) // SECTOR) + bytes(80)
    return out.ljust(34 * SECTOR, b"\0") + volume


def vhd(disk, grows=False):
    def footer(kind, offset):
        return (b"conectix" + struct.pack(">IIQ", 2, 0x10000, offset)).ljust(60, b"\0") + struct.pack(">I", kind) + bytes(448)
    if not grows:
        return disk + footer(2, 0xFFFFFFFFFFFFFFFF)
    block, map_n = 32768, SECTOR
    pieces = [disk[k:k + block] for k in range(0, len(disk), block)]
    header = (b"cxsparse" + struct.pack(">QQIII", 0xFFFFFFFFFFFFFFFF, 1536, 0x10000, len(pieces), block)).ljust(1024, b"\0")
    table, body, at = b"", b"", 1536 + SECTOR
    for piece in reversed(pieces): # blocks lie in the order in which they were written
        if piece.strip(b"\0"):
            table = struct.pack(">I", (at + len(body)) // SECTOR) + table
            body += b"\xff" * map_n + piece.ljust(block, b"\0")
        else:
            table = b"\xff\xff\xff\xff" + table
    return footer(3, 512) + header + table.ljust(SECTOR, b"\xff") + body + footer(3, 512)
