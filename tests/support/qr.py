"""QR codes as rows of modules (ISO/IEC 18004), and pictures of them, for samples."""
import math
import os
import re
import struct
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
LEVELS = "LMQH"
LEVEL_BITS = {"L": 1, "M": 0, "Q": 3, "H": 2}
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def versions():
    with open(os.path.join(HERE, "..", "..", "src", "content", "picture", "versions.def")) as f:
        rows = re.findall(r"^X\(([\d, ]+)\)", f.read(), re.M)
    return {int(r.split(",")[0]): [int(n) for n in r.split(",")[1:]] for r in rows}


BLOCKS = versions()
EXP = [1]
while len(EXP) < 255:
    EXP.append(EXP[-1] << 1 ^ (0x11D if EXP[-1] & 0x80 else 0))
LOG = {x: i for i, x in enumerate(EXP)}


def times(a, b):
    return EXP[(LOG[a] + LOG[b]) % 255] if a and b else 0


def checks_of(data, n):
    generator = [1]
    for i in range(n):
        generator = [times(EXP[i], a) ^ b for a, b in zip([0] + generator, generator + [0])]
    rest = [0] * n
    for byte in data:
        factor = byte ^ rest[0]
        rest = [r ^ times(g, factor) for r, g in zip(rest[1:] + [0], generator[1:])]
    return rest


def alignments(version):
    n = version // 7 + 2
    step = 26 if version == 32 else (version * 4 + n * 2 + 1) // (n * 2 - 2) * 2
    return [] if version == 1 else [6] + [version * 4 + 10 - step * i for i in range(n - 1)][::-1]


def room(version):
    """Bytes in the grid."""
    size, n = version * 4 + 17, len(alignments(version))
    fixed = 3 * 64 + 31 + 2 * (size - 16) + (36 if version >= 7 else 0)
    fixed += 25 * (n * n - 3) - 5 * 2 * (n - 2) if n else 0
    return (size * size - fixed) // 8


def segment(mode, text, version):
    """One segment as a string of bits."""
    kind = 0 if version < 10 else 1 if version < 27 else 2
    if mode == "numeric":
        groups = [text[i:i + 3] for i in range(0, len(text), 3)]
        return "0001" + format(len(text), "0%db" % (10 + 2 * kind)) + "".join(format(int(g), "0%db" % (3 * len(g) + 1)) for g in groups)
    if mode == "letters":
        values = [LETTERS.index(c) for c in text]
        pairs = [values[i:i + 2] for i in range(0, len(values), 2)]
        return "0010" + format(len(text), "0%db" % (9 + 2 * kind)) + "".join(
            format(p[0] * 45 + p[1], "011b") if len(p) == 2 else format(p[0], "06b") for p in pairs)
    data = text.encode() if isinstance(text, str) else text
    return "0100" + format(len(data), "0%db" % (16 if kind else 8)) + "".join(format(b, "08b") for b in data)


ECI_UTF8 = "0111" + format(26, "08b")
APPENDED = "0011" + format(0x01, "08b") + format(0x5A, "08b")


def words(bits, version, level):
    """The bytes in the order of the grid, with checks."""
    count, checks = BLOCKS[version][LEVELS.index(level) * 2:][:2]
    total = room(version)
    data_room = total - count * checks
    assert len(bits) <= data_room * 8, "too long for version %d" % version
    bits += "0" * min(4, data_room * 8 - len(bits))
    bits += "0" * (-len(bits) % 8)
    data = [int(bits[i:i + 8], 2) for i in range(0, len(bits), 8)]
    data += [(0xEC, 0x11)[i % 2] for i in range(data_room - len(data))]
    blocks, at = [], 0
    for b in range(count):
        n = total // count - checks + (b >= count - total % count)
        blocks.append(data[at:at + n])
        at += n
    rests = [checks_of(b, checks) for b in blocks]
    return [b[i] for i in range(max(map(len, blocks))) for b in blocks if i < len(b)] + [r[i] for i in range(checks) for r in rests]


def bch(value, generator, n):
    rest = value << n
    for bit in range(31, n - 1, -1):
        if rest >> bit & 1:
            rest ^= generator << (bit - n)
    return value << n | rest


MASKS = [lambda x, y: (x + y) % 2, lambda x, y: y % 2, lambda x, y: x % 3, lambda x, y: (x + y) % 3, lambda x, y: (x // 3 + y // 2) % 2,
         lambda x, y: x * y % 2 + x * y % 3, lambda x, y: (x * y % 2 + x * y % 3) % 2, lambda x, y: ((x + y) % 2 + x * y % 3) % 2]


def draw_fixed(version, level, mask):
    size, g = version * 4 + 17, {}
    for i in range(size):
        g[i, 6] = g[6, i] = 1 - i % 2
    for cx, cy in ((3, 3), (size - 4, 3), (3, size - 4)):
        for y in range(-4, 5):
            for x in range(-4, 5):
                if 0 <= cx + x < size and 0 <= cy + y < size:
                    g[cx + x, cy + y] = int(max(abs(x), abs(y)) not in (2, 4))
    at = alignments(version)
    for cx in at:
        for cy in at:
            if (cx, cy) not in ((6, 6), (6, at[-1]), (at[-1], 6)):
                g.update({(cx + x, cy + y): int(max(abs(x), abs(y)) != 1) for x in range(-2, 3) for y in range(-2, 3)})
    told = bch(LEVEL_BITS[level] << 3 | mask, 0x537, 10) ^ 0x5412
    for i in range(15):
        bit = told >> i & 1
        g[8, i if i < 6 else i + 1 if i < 8 else size - 15 + i] = bit
        g[size - 1 - i if i < 8 else 7 if i == 8 else 14 - i, 8] = bit
    g[8, size - 8] = 1
    for i in range(18 if version >= 7 else 0):
        g[size - 11 + i % 3, i // 3] = g[i // 3, size - 11 + i % 3] = bch(version, 0x1F25, 12) >> i & 1
    return size, g


def encode(text, version=0, level="M", mask=3, mode="bytes", before=""):
    """Rows of 1 (dark) and 0. `text`: of one segment, or a list of (mode, text); `before`: bits of what has no characters."""
    parts = text if isinstance(text, list) else [(mode, text)]
    bits_for = lambda v: before + "".join(segment(m, t, v) for m, t in parts)  # noqa: E731
    if not version:
        spare = lambda v: (room(v) - BLOCKS[v][LEVELS.index(level) * 2] * BLOCKS[v][LEVELS.index(level) * 2 + 1]) * 8  # noqa: E731
        version = min(v for v in BLOCKS if len(bits_for(v)) <= spare(v))
    size, fixed = draw_fixed(version, level, mask)
    bits = "".join(format(b, "08b") for b in words(bits_for(version), version, level))
    grid, at, up = [[fixed.get((x, y), 0) for x in range(size)] for y in range(size)], 0, True
    for right in [c for c in range(size - 1, 6, -2)] + [5, 3, 1]:
        for i in range(size):
            for x in (right, right - 1):
                y = size - 1 - i if up else i
                if (x, y) not in fixed:
                    bit = int(bits[at]) if at < len(bits) else 0
                    grid[y][x] = bit ^ (not MASKS[mask](x, y))
                    at += 1
        up = not up
    return grid


# ---- pictures: rows of shades, 0 black to 255 white ----------------------------------------------------------------


def picture(grid, scale=4, border=4, dark=0, light=255):
    size = len(grid) + 2 * border
    row_of = lambda y: grid[y - border] if border <= y < size - border else [0] * len(grid)  # noqa: E731
    rows = []
    for y in range(size):
        row = [light] * (border * scale) + [dark if m else light for m in row_of(y) for _ in range(scale)] + [light] * (border * scale)
        rows += [row] * scale
    return rows


def seen(rows, back, width, height):
    """`back` says for a point of the new picture where it was in the old one. Between four pixels it is mixed."""
    h, w = len(rows), len(rows[0])
    edge = rows[0][0]

    def at(x, y):
        return rows[y][x] if 0 <= x < w and 0 <= y < h else edge

    def mixed(x, y):
        x, y = x - 0.5, y - 0.5
        i, k = math.floor(x), math.floor(y)
        a, b = x - i, y - k
        return int((at(i, k) * (1 - a) + at(i + 1, k) * a) * (1 - b) + (at(i, k + 1) * (1 - a) + at(i + 1, k + 1) * a) * b + 0.5)
    return [[mixed(*back(x + 0.5, y + 0.5)) for x in range(width)] for y in range(height)]


def turned(rows, degrees):
    h, w, c, s = len(rows), len(rows[0]), math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    n = int(max(w, h) * 1.5)
    return seen(rows, lambda x, y: ((x - n / 2) * c - (y - n / 2) * s + w / 2, (x - n / 2) * s + (y - n / 2) * c + h / 2), n, n)


def resized(rows, fx, fy):
    return seen(rows, lambda x, y: (x / fx, y / fy), int(len(rows[0]) * fx), int(len(rows) * fy))


def tilted(rows, a, b):
    """As seen from aside: what is farther away is smaller."""
    h, w = len(rows), len(rows[0])

    def back(x, y):
        u, v = x / w, y / h
        d = 1 - a * u - b * v
        return u * (1 - a) / d * w if d > 0 else -9, v * (1 - b) / d * h if d > 0 else -9
    return seen(rows, back, w, h)


def blurred(rows):
    h, w = len(rows), len(rows[0])
    return [[sum(rows[min(max(y + k, 0), h - 1)][min(max(x + i, 0), w - 1)] for k in (-1, 0, 1) for i in (-1, 0, 1)) // 9 for x in range(w)] for y in range(h)]


def inverted(rows):
    return [[255 - p for p in row] for row in rows]


# ---- files -----------------------------------------------------------------------------------------------------------


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(rows, color=None):
    """Grey, or with `color` a function from shades to (red, green, blue[, alpha])."""
    h, w = len(rows), len(rows[0])
    values = 1 if not color else len(color(0))
    kind = {1: 0, 3: 2, 4: 6}[values]
    data = b"".join(b"\0" + (bytes(r) if not color else b"".join(bytes(color(p)) for p in r)) for r in rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, kind, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def bmp(rows, bits=24):
    """1, 8, 24 or 32 bits a pixel."""
    h, w = len(rows), len(rows[0])
    palette = {1: b"\0\0\0\0\xff\xff\xff\0", 8: b"".join(bytes([i, i, i, 0]) for i in range(256))}.get(bits, b"")
    step = (w * bits + 31) // 32 * 4

    def packed(row):
        if bits == 1:
            text = "".join("1" if p > 127 else "0" for p in row)
            text += "0" * (-len(text) % 8)
            data = bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))
        else:
            data = b"".join(bytes([p] * (bits // 8)) for p in row)
        return data + bytes(step - len(data))
    data = b"".join(packed(r) for r in rows[::-1])
    return (b"BM" + struct.pack("<IHHI", 54 + len(palette) + len(data), 0, 0, 54 + len(palette))
            + struct.pack("<IiiHHIIiiII", 40, w, h, 1, bits, 0, len(data), 2835, 2835, 0, 0) + palette + data)


def lzw(pixels, least):
    """With words as long as they may be, and a new table when it is full."""
    table, out, n_bits = {}, [], least + 1
    following, word = (1 << least) + 2, ()
    out.append((1 << least, n_bits))
    for p in pixels:
        longer = word + (p,)
        if len(longer) == 1 or longer in table:
            word = longer
            continue
        out.append((table[word] if len(word) > 1 else word[0], n_bits))
        table[longer] = following
        n_bits += following == 1 << n_bits and n_bits < 12
        following += 1
        word = (p,)
        if following == 4096:
            out.append((1 << least, n_bits))
            table, n_bits, following = {}, least + 1, (1 << least) + 2
    out += [(table[word] if len(word) > 1 else word[0], n_bits), ((1 << least) + 1, n_bits)]
    number = shift = 0
    for code, n in out:
        number |= code << shift
        shift += n
    return number.to_bytes((shift + 7) // 8, "little")


def gif(rows, interlaced=False, clear=False):
    """Black and white; with `clear` what is white is transparent."""
    h, w = len(rows), len(rows[0])
    order = [y for first, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(first, h, step)] if interlaced else range(h)
    data = lzw([int(p > 127) for y in order for p in rows[y]], 2)
    blocks = b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255))
    control = b"\x21\xf9\x04\x01\0\0\x01\0" if clear else b""
    return (b"GIF89a" + struct.pack("<HHBBB", w, h, 0x81, 0, 0) + b"\0\0\0" + (b"\x05\x05\x05" if clear else b"\xff\xff\xff") + b"\x80\0\0\0\x80\0"
            + control + b"\x2c" + struct.pack("<HHHHB", 0, 0, w, h, 0x40 if interlaced else 0) + b"\x02" + blocks + b"\0\x3b")


def jpeg(grid, border=4, scans=1):
    """A module is a block of 8 x 8 pixels of one shade, so that nothing but the mean of each block has to be written."""
    size = len(grid) + 2 * border
    lengths = [0, 1, 5, 1, 1, 1, 1, 1, 1] + [0] * 7  # DC, ITU T.81 table K.3
    codes = {0: "00", 1: "010", 2: "011", 3: "100", 4: "101", 5: "110", 6: "1110", 7: "11110", 8: "111110"}
    bits, before = "", 0
    for y in range(size):
        for x in range(size):
            inside = border <= x < size - border and border <= y < size - border
            value = -120 if inside and grid[y - border][x - border] else 120
            off, before = value - before, value
            n = abs(off).bit_length()
            bits += codes[n] + (format(off if off > 0 else off + (1 << n) - 1, "0%db" % n) if n else "") + "0"
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    part = lambda mark, body: b"\xff" + mark + struct.pack(">H", len(body) + 2) + body  # noqa: E731
    scan = part(b"\xda", b"\x01\x01\x00\0\x3f\0") + data
    return (b"\xff\xd8" + part(b"\xe0", b"JFIF\0\1\1\0\0\1\0\1\0\0") + part(b"\xdb", b"\0" + b"\x08" * 64)
            + part(b"\xc0", struct.pack(">BHHB", 8, size * 8, size * 8, 1) + b"\x01\x11\0") + part(b"\xc4", b"\x00" + bytes(lengths) + bytes(range(12)))
            + part(b"\xc4", b"\x10" + bytes([1] + [0] * 15) + b"\0") + scan * scans + b"\xff\xd9")
