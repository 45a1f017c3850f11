"""ZIP archives written byte by byte, so that they can be wrong; with both kinds of encryption."""
import hashlib
import hmac
import struct
import zlib

CRC = [0] * 256
for _i in range(256):
    _c = _i
    for _ in range(8):
        _c = _c >> 1 ^ (0xEDB88320 if _c & 1 else 0)
    CRC[_i] = _c


class Keys:
    def __init__(self, password):
        self.k = [0x12345678, 0x23456789, 0x34567890]
        for c in password:
            self.update(c)

    def update(self, c):
        k = self.k
        k[0] = CRC[(k[0] ^ c) & 255] ^ k[0] >> 8
        k[1] = ((k[1] + (k[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        k[2] = CRC[(k[2] ^ k[1] >> 24) & 255] ^ k[2] >> 8

    def encrypt(self, data):
        out = bytearray()
        for c in data:
            t = (self.k[2] | 2) & 0xFFFF
            out.append(c ^ (t * (t ^ 1) >> 8 & 255))
            self.update(c)
        return bytes(out)


def _sbox():
    box, p, q = [0] * 256, 1, 1
    while True:
        p = p ^ (p << 1 & 255) ^ (0x1B if p & 0x80 else 0)
        q ^= q << 1
        q ^= q << 2
        q = (q ^ q << 4) & 255
        q ^= 9 if q & 0x80 else 0
        x = q
        for s in range(1, 5):
            x ^= (q << s | q >> 8 - s) & 255
        box[p] = x ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


SBOX = _sbox()


def aes_block(key, block):
    n = len(key) // 4
    w = [list(key[4 * i:4 * i + 4]) for i in range(n)]
    rcon = 1
    for i in range(n, 4 * (n + 7)):
        t = list(w[i - 1])
        if i % n == 0:
            t = [SBOX[x] for x in t[1:] + t[:1]]
            t[0] ^= rcon
            rcon = rcon << 1 ^ (0x11B if rcon & 0x80 else 0)
        elif n > 6 and i % n == 4:
            t = [SBOX[x] for x in t]
        w.append([a ^ b for a, b in zip(w[i - n], t)])
    keys = [sum(w[4 * r:4 * r + 4], []) for r in range(n + 7)]
    s = [a ^ b for a, b in zip(block, keys[0])]
    for r in range(1, n + 7):
        s = [SBOX[x] for x in s]
        s = [s[(i + 4 * (i % 4)) % 16] for i in range(16)]
        if r < n + 6:
            m = []
            for c in range(4):
                a = s[4 * c:4 * c + 4]
                b = [x << 1 ^ (0x11B if x & 0x80 else 0) for x in a]
                m += [b[i] ^ a[(i + 3) % 4] ^ a[(i + 2) % 4] ^ b[(i + 1) % 4] ^ a[(i + 1) % 4] for i in range(4)]
            s = m
        s = [a ^ b for a, b in zip(s, keys[r])]
    return bytes(s)


assert aes_block(bytes(range(16)), bytes.fromhex("00112233445566778899aabbccddeeff")).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"


def aes_entry(data, password, strength, salt):
    n = 8 + 8 * strength
    k = hashlib.pbkdf2_hmac("sha1", password, salt, 1000, 2 * n + 2)
    out = bytearray()
    for i in range(0, len(data), 16):
        stream = aes_block(k[:n], struct.pack("<QQ", i // 16 + 1, 0))
        out += bytes(a ^ b for a, b in zip(data[i:i + 16], stream))
    return salt + k[2 * n:] + bytes(out) + hmac.new(k[n:2 * n], bytes(out), "sha1").digest()[:10]


class Entry:
    """One entry; what differs from an honest one is given by name."""

    def __init__(self, name, data=b"", deflate=True, password=None, aes=0, local_name=None, size=None, method=None, descriptor=False,
                 listed=True, zip64=False, offset=None, flags=0, packed=None):
        self.name = name if isinstance(name, bytes) else name.encode()
        self.local_name = self.name if local_name is None else local_name
        self.data, self.listed, self.zip64, self.offset, self.descriptor = data, listed, zip64, offset, descriptor
        self.crc, self.size = zlib.crc32(data), len(data) if size is None else size
        self.method, self.flags, self.extra = (8 if deflate else 0), flags | (0 if self.name.isascii() else 0x800), b""
        packed = data if packed is None else packed
        if deflate and packed is data:
            z = zlib.compressobj(9, zlib.DEFLATED, -15)
            packed = z.compress(data) + z.flush()
        if aes:
            packed = aes_entry(packed, password, aes, bytes(range(4 + 4 * aes)))
            self.extra = struct.pack("<HHHBBBH", 0x9901, 7, 2, 0x41, 0x45, aes, self.method)
            self.method, self.flags, self.crc = 99, self.flags | 1, 0
        elif password:
            packed = Keys(password).encrypt(bytes(11) + bytes([self.crc >> 24]) + packed)
            self.flags |= 1
        if method is not None:
            self.method = method
        if descriptor:
            self.flags |= 8
        self.packed = packed


def pack(entries, before=b"", comment=b"", shift=False, end=True):
    """`shift`: offsets count from the start of the archive, not of the file."""
    out, central = bytearray(before), b""
    base = len(before) if shift else 0
    for e in entries:
        at = len(out) - base if e.offset is None else e.offset
        sizes = (0, 0, 0) if e.descriptor else (e.crc, len(e.packed), e.size & 0xFFFFFFFF)
        if e.offset is None:
            out += struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, e.flags, e.method, 0, 0x5A00, *sizes, len(e.local_name), len(e.extra))
            out += e.local_name + e.extra + e.packed
            if e.descriptor:
                out += struct.pack("<4sIII", b"PK\7\10", e.crc, len(e.packed), e.size & 0xFFFFFFFF)
        if not e.listed:
            continue
        extra, n, size, where = e.extra, len(e.packed), e.size, at
        if e.zip64:
            extra = struct.pack("<HHQQQ", 1, 24, size, n, at) + extra
            n = size = where = 0xFFFFFFFF
        central += struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, e.flags, e.method, 0, 0x5A00, e.crc, n, size & 0xFFFFFFFF,
                               len(e.name), len(extra), 0, 0, 0, 0, where & 0xFFFFFFFF) + e.name + extra
    start, count = len(out) - base, sum(e.listed for e in entries)
    out += central
    if any(e.zip64 for e in entries):
        at = len(out) - base
        out += struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(central), start)
        out += struct.pack("<4sIQI", b"PK\6\7", 0, at, 1)
        start = 0xFFFFFFFF
    if end:
        out += struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(central), start, len(comment)) + comment
    return bytes(out)
