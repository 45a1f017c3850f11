"""Writers of archive formats, as small as their readers need."""
import bz2
import lzma
import struct
import zlib
from sample import TEXT


# ---- RAR ---------------------------------------------------------------------------------------------------------


def rar4(files, encrypted=False, hidden=False, unicode=False):
    """files: (name, data); stored."""
    def block(kind, flags, body, data=b""):
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data
    out = b"Rar!\x1a\7\0" + block(0x73, 0x80 if hidden else 0, bytes(6))
    for name, data in files:
        raw = name.encode() + (b"\0xyz" if unicode else b"")
        body = struct.pack("<IIBIIBBHI", len(data), len(data), 2, zlib.crc32(data), 0, 29, 0x30, len(raw), 0x20) + raw
        out += block(0x74, 0x8000 | (4 if encrypted else 0) | (0x200 if unicode else 0), body, data)
    return out + block(0x7B, 0x4000, b"")


def vint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def rar5(files, encrypted=False, hidden=False, packed=False, stream=None):
    def block(kind, body, data=b"", extra=b""):
        flags = (1 if extra else 0) | (2 if data else 0)
        head = vint(kind) + vint(flags) + (vint(len(extra)) if extra else b"") + (vint(len(data)) if data else b"") + body + extra
        head = vint(len(head)) + head
        return struct.pack("<I", zlib.crc32(head)) + head + data
    out = b"Rar!\x1a\7\1\0"
    if hidden:
        return out + block(4, vint(0) + vint(0) + b"\x0f" + bytes(16)) + bytes(64)
    out += block(1, vint(0))
    for name, data in files:
        raw = name.encode()
        body = vint(4) + vint(len(data)) + vint(0x20) + struct.pack("<I", zlib.crc32(data)) + vint(0x180 if packed else 0) + vint(0) + vint(len(raw)) + raw
        record = vint(1) + vint(0) + vint(0) + b"\x0f" + bytes(32)
        out += block(2, body, data, vint(len(record)) + record if encrypted else b"")
    if stream: # of NTFS, beside the last file
        body = vint(4) + vint(len(TEXT)) + vint(0) + struct.pack("<I", 0) + vint(0) + vint(0) + vint(3) + b"STM"
        record = vint(7) + b":" + stream
        out += block(3, body, TEXT, vint(len(record)) + record)
    return out + block(5, vint(0))


# ---- 7z ----------------------------------------------------------------------------------------------------------


def number(n):
    if n < 0x80:
        return bytes([n])
    if n < 0x4000:
        return bytes([0x80 | n >> 8, n & 255])
    if n < 0x200000:
        return bytes([0xC0 | n >> 16, n & 255, n >> 8 & 255])
    return b"\xe0" + struct.pack("<I", n)[:3]


def seven(files, aes=False, hidden=False, packed=True, method="lzma", solid=True, folder=None, filtered=False, again=b""):
    """Streams of one file each, or one of all; the header packed, as 7-Zip does it. `filtered`: x86 addresses are said to be changed.
    `again`: what stands behind the counts of files."""
    lz = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "lc": 3, "lp": 0, "pb": 2}]
    properties = b"\x5d" + struct.pack("<I", 1 << 16)

    def compress(data, how):
        if how == "lzma":
            return lzma.compress(data, lzma.FORMAT_RAW, filters=lz)
        if how == "lzma2":
            return lzma.compress(data, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}])
        if how == "deflate":
            return zlib.compress(data)[2:-4]
        return bz2.compress(data) if how == "bzip2" else data

    def streams(at, parts, how, cipher=False, counts=None):
        """parts: (packed, unpacked data, sizes of the files in it)"""
        coder = {"lzma": b"\x23\3\1\1\5" + properties, "lzma2": b"\x21\x21\1\x18", "deflate": b"\3\4\1\x08", "bzip2": b"\3\4\2\2", "stored": b"\1\0", "ppmd": b"\x23\3\4\1\5" + bytes(5)}[how]
        chain = b"\1" + coder if not cipher else b"\1\x24\x06\xf1\x07\x01\x02\x53\x07"
        if filtered and not cipher:
            chain = b"\2\4\3\3\1\3" + coder + b"\0\1"
        out = b"\6" + number(at) + number(len(parts)) + b"\x09" + b"".join(number(len(p)) for p, _, _ in parts) + b"\0"
        out += b"\7\x0b" + number(len(parts)) + b"\0" + chain * len(parts) + b"\x0c"
        out += b"".join(number(len(d)) * (2 if filtered and not cipher else 1) for _, d, _ in parts)
        if counts is None:
            return out + b"\x0a\1" + b"".join(struct.pack("<I", zlib.crc32(d)) for _, d, _ in parts) + b"\0\0"
        sizes = b"".join(number(n) for _, _, s in parts for n in s[:-1])
        return (out + b"\0\x08\x0d" + b"".join(number(len(s)) for _, _, s in parts) + (b"\x09" + sizes if sizes else b"")
                + b"\x0a\1" + b"".join(struct.pack("<I", c) for c in counts) + b"\0" + again + b"\0")
    groups = [files] if solid else [[f] for f in files]
    parts = [(compress(b"".join(d for _, d in g), method), b"".join(d for _, d in g), [len(d) for _, d in g]) for g in groups]
    listed = ([(folder, None)] if folder else []) + list(files)
    names = b"\0" + b"".join(n.encode("utf-16-le") + b"\0\0" for n, _ in listed)
    bits = int("".join("1" if d is None else "0" for _, d in listed).ljust((len(listed) + 7) // 8 * 8, "0"), 2).to_bytes((len(listed) + 7) // 8, "big")
    header = b"\1\4" + streams(0, parts, method, aes, [zlib.crc32(d) for _, d in files]) + b"\5" + number(len(listed))
    header += (b"\x0e" + number(len(bits)) + bits if folder else b"") + b"\x11" + number(len(names)) + names + b"\0\0"
    body = b"".join(p for p, _, _ in parts)
    if packed:
        filtered = False
        small = compress(header, "lzma")
        end = b"\x17" + streams(len(body), [(small, header, [len(header)])], "lzma", hidden)
        body += small
    else:
        end = header
    head = struct.pack("<QQI", len(body), len(end), zlib.crc32(end))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(head)) + head + body + end


# ---- one file, compressed ----------------------------------------------------------------------------------------


def lzip(data):
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "lc": 3, "lp": 0, "pb": 2}]
    return b"LZIP\1\x10" + lzma.compress(data, lzma.FORMAT_RAW, filters=filters) + struct.pack("<IQQ", zlib.crc32(data), len(data), 0)


def zstd(data):
    """One frame of blocks that are not compressed."""
    out = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data))
    pieces = [data[k:k + 100000] for k in range(0, len(data), 100000)] or [b""]
    for k, piece in enumerate(pieces):
        out += struct.pack("<I", len(piece) << 3 | (k + 1 == len(pieces)))[:3] + piece
    return out


# ---- others ------------------------------------------------------------------------------------------------------


def cab(files, kind=1, folders=1, reserved=b"", block=32768, damaged=False):
    """files: (name, data), dealt to the folders in turn; kind 0 stored, 1 MSZIP, others are only said."""
    out, heads, listing = b"", b"", b""
    for i in range(folders):
        content = b""
        for name, data in files[i::folders]:
            listing += struct.pack("<IIHHHH", len(data), len(content), i, 0, 0, 0x20) + name.encode() + b"\0"
            content += data
        pieces = [content[k:k + block] for k in range(0, len(content), block)]
        heads += struct.pack("<IHH", len(out), len(pieces), kind) + reserved
        before = b""
        for piece in pieces:
            z = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=before) if before else zlib.compressobj(9, zlib.DEFLATED, -15)
            data = b"CK" + z.compress(piece) + z.flush() if kind == 1 else piece
            data = data[:3] + bytes(len(data) - 3) if damaged else data
            out += struct.pack("<IHH", 0, len(data), len(piece)) + reserved + data
            before = (before + piece)[-32768:]
    flags = 4 if reserved else 0
    more = struct.pack("<HBB", 7, len(reserved), len(reserved)) + bytes(7) if reserved else b""
    at = 36 + len(more) + len(heads)
    size = 8 + len(reserved)
    heads = b"".join(struct.pack("<I", struct.unpack_from("<I", heads, k)[0] + at + len(listing)) + heads[k + 4:k + size] for k in range(0, len(heads), size))
    return (b"MSCF\0\0\0\0" + struct.pack("<IIIIBBHHHHH", at + len(listing) + len(out), 0, at, 0, 3, 1, folders, len(files), flags, 0, 0) + more + heads
            + listing + out)


def arj(files, stored=True, encrypted=False):
    def block(kind, name, packed, size, method=0, flags=0):
        head = bytes([30, 11, 1, 2, flags, method, kind, 0]) + bytes(4) + struct.pack("<III", packed, size, 0) + bytes(6) + name.encode() + b"\0\0"
        return b"\x60\xea" + struct.pack("<H", len(head)) + head + struct.pack("<I", zlib.crc32(head)) + b"\0\0"
    out = block(2, "a.arj", 0, 0)
    for name, data in files:
        packed = data if stored else data[::-1]
        out += block(0, name, len(packed), len(data), 0 if stored else 1, int(encrypted)) + packed
    return out + b"\x60\xea\0\0"


def lha(files, level=0, stored=True, folder=""):
    """`folder` as level 1 and 2 tell it: in a header of its own."""
    out = b""
    for name, data in files:
        packed = data if stored else data[::-1]
        method = b"-lh0-" if stored else b"-lh5-"
        more = [b"\1" + name.encode()] + ([b"\2" + folder.encode() + b"\xff"] if folder else [])
        further = b"".join(m + struct.pack("<H", len(n) + 2) for m, n in zip(more, more[1:])) + more[-1] + b"\0\0"
        first = struct.pack("<H", len(more[0]) + 2)
        if level == 2:
            head = method + struct.pack("<IIIBBHB", len(packed), len(data), 0, 0x20, 2, 0, 0x4D) + first + further
            out += struct.pack("<H", len(head) + 2) + head + packed
            continue
        base = method + struct.pack("<IIIBB", len(packed) + (len(further) if level else 0), len(data), 0, 0x20, level)
        base += (b"\0" if level else bytes([len(name)]) + name.encode()) + b"\0\0" + (b"\x4d" + first if level else b"")
        out += bytes([len(base), 0]) + base + (further if level else b"") + packed
    return out + b"\0"


def ace(files, stored=True, encrypted=False):
    def block(kind, flags, body, data=b""):
        head = struct.pack("<BH", kind, flags) + body
        return struct.pack("<HH", 0, len(head)) + head + data
    out = block(0, 0, b"**ACE**" + bytes(20))
    for name, data in files:
        packed = data if stored else data[::-1]
        body = struct.pack("<IIIIIBBHHH", len(packed), len(data), 0, 0x20, 0, 0 if stored else 1, 3, 0, 0, len(name)) + name.encode()
        out += block(1, 1 | (0x4000 if encrypted else 0), body, packed)
    return out


class Disc:
    """Disc images with up to three directories, each with files of its own; contents that are equal are there once."""

    def __init__(self, block=2048):
        self.block, self.blobs, self.places = block, b"", {}

    def place(self, data, start):
        if data not in self.places:
            self.places[data] = len(self.blobs) // 2048
            self.blobs += data.ljust((len(data) + 2047) // 2048 * 2048, b"\0")
        return start + self.places[data]


def udf(files, plain=None, joliet=None, folder=None, embedded=False, wide=False, latin=False, block=2048, metadata=False, deleted=()):
    """ECMA-167 with one partition; `plain`, `joliet`: files of directories of ECMA-119 beside it."""
    disc, sectors = Disc(), {}
    per = 2048 // block      # blocks in a sector
    part, data_at = 300, 400 # sectors

    def tag(ident, body, location=0):
        return struct.pack("<HHBBHHHI", ident, 2, 0, 0, 0, 0, len(body), location) + body

    def long_ad(n, at):
        return struct.pack("<IIH", n, at, 0) + bytes(6)

    def entry(data, at, is_folder=False):
        """A file entry for content at block `at` of the partition; None: in the entry."""
        icb = bytes(11) + bytes([4 if is_folder else 5]) + bytes(6) + struct.pack("<H", 3 if at is None else 0)
        ads = data if at is None else struct.pack("<II", len(data), at)
        head = icb + bytes(20) + struct.pack("<Q", len(data))
        head = head.ljust((216 if wide else 176) - 16 - 8, b"\0") + struct.pack("<II", 0, len(ads)) + ads
        return tag(266 if wide else 261, head)

    def names(listing):
        out = tag(257, struct.pack("<HBB", 1, 10, 0) + long_ad(block, per) + bytes(2)) + bytes(2)
        for name, at, flags in listing:
            raw = b"\x08" + name.encode("latin-1") if latin else b"\x10" + name.encode("utf-16-be")
            one = tag(257, struct.pack("<HBB", 1, flags, len(raw)) + long_ad(block, at) + bytes(2) + raw)
            out += one.ljust((len(one) + 3) // 4 * 4, b"\0")
        return out
    listing, next_entry = [], 4
    for name, data in files:
        at = None if embedded and len(data) < 1000 else (disc.place(data, data_at) - part) * per
        sectors[part + next_entry] = entry(data, at)
        listing.append((name, next_entry * per, 4 if name in deleted else 0))
        next_entry += 1
    sectors[part] = tag(256, bytes(400 - 16) + long_ad(block, per))
    if folder:
        root = names([(folder, 2 * per, 2)])
        inner = names(listing)
        sectors[part + 1] = entry(root, None, True)
        sectors[part + 2] = entry(inner, 90 * per, True)
        sectors[part + 90] = inner
    else:
        root = names(listing)
        sectors[part + 1] = entry(root, 90 * per, True)
        sectors[part + 90] = root
    maps = b"\1\6" + bytes(4)
    if metadata:
        sectors[part + 95] = entry(bytes(90 * 2048), 0)
        maps = b"\2\x40" + bytes(2) + b"\0*UDF Metadata Partition".ljust(36, b"\0") + struct.pack("<I", 95 * per) + bytes(20)
    volume = bytes(212 - 16) + struct.pack("<I", block) + bytes(32) + long_ad(2048, 0) + struct.pack("<II", len(maps), 1) + bytes(168) + maps
    out = bytearray((data_at * 2048) + len(disc.blobs))

    def put(at, data):
        out[at:at + len(data)] = data
    for k, name in enumerate((b"BEA01", b"NSR02", b"TEA01")):
        put((16 + k + (3 if plain is not None else 0)) * 2048, b"\0" + name + b"\1")
    put(256 * block, tag(2, struct.pack("<II", 16 * 2048, 260 * 2048 // block) + bytes(480), 256))
    for k, d in enumerate((tag(5, bytes(188 - 16) + struct.pack("<II", part * per, 9999)), tag(6, volume), tag(8, bytes(496)))):
        put(260 * 2048 + k * block, d)
    for at, data in sectors.items():
        put(at * 2048, data)
    if plain is not None:
        head = iso(plain, disc=disc, data_at=data_at, joliet=joliet is not None, other=joliet)
        put(16 * 2048, head[16 * 2048:24 * 2048])
        for k, name in enumerate((b"BEA01", b"NSR02", b"TEA01")):
            put((24 + k) * 2048, b"\0" + name + b"\1")
        out = out[:data_at * 2048] + disc.blobs
    else:
        put(data_at * 2048, disc.blobs)
    return bytes(out)


def iso(files, joliet=False, folder=None, loop=False, other=None, disc=None, data_at=24):
    """ECMA-119 with one folder at most; `loop`: that folder is its own child. `other`: files of the directory of Joliet, when they differ."""
    sector, disc = 2048, disc or Disc()
    root_at, folder_at, wide_root_at, wide_folder_at = 20, 21, 22, 23

    def record(name, at, n, is_folder=False, wide=False):
        raw = name if isinstance(name, bytes) else name.encode("utf-16-be" if wide else "ascii")
        head = struct.pack("<BB", 33 + len(raw) + (len(raw) + 1) % 2, 0) + struct.pack("<I", at) + struct.pack(">I", at) + struct.pack("<I", n) + struct.pack(">I", n)
        return (head + bytes(7) + bytes([2 if is_folder else 0, 0, 0]) + bytes(4) + bytes([len(raw)]) + raw).ljust(head[0], b"\0")

    def directory(files, root_at, folder_at, wide):
        listing = b"".join(record(name + ";1", disc.place(data, data_at), len(data), wide=wide) for name, data in files)
        dots = record(b"\0", root_at, sector, True) + record(b"\1", root_at, sector, True)
        root = dots + (record(folder, folder_at, sector, True, wide) if folder else listing)
        inner = dots + listing + (record("LOOP", folder_at, sector, True, wide) if loop else b"")
        return root.ljust(sector, b"\0") + inner.ljust(sector, b"\0")

    def descriptor(kind, root_at, escape=b""):
        d = bytearray(bytes([kind]) + b"CD001\1" + bytes(sector - 7))
        d[88:88 + len(escape)] = escape
        d[156:190] = record(b"\0", root_at, sector, True)
        return bytes(d)
    folders = directory(files, root_at, folder_at, False)
    if joliet:
        folders += directory(files if other is None else other, wide_root_at, wide_folder_at, True)
    volumes = descriptor(1, root_at) + (descriptor(2, wide_root_at, b"%/E") if joliet else b"") + bytes([255]) + b"CD001\1" + bytes(sector - 7)
    return ((bytes(16 * sector) + volumes).ljust(root_at * sector, b"\0") + folders).ljust(data_at * sector, b"\0") + disc.blobs
