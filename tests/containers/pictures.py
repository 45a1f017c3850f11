"""Pictures with QR codes: every version, level and mask, as files of every kind, askew, damaged, coloured; and pictures without."""
import os
import random
import struct
import zlib

import qr
from office import ooxml
from others import CATALOG, pdf
from sample import Sample

LINK = "https://login.example.net/q?c=17"
CODE = ["url-qr-picture"]


def sample(label, data, name="a.png", links=(LINK,), signs=CODE, absent=()):
    return Sample("picture " + label, name, data, signs, type="image/" + name[-3:], links=links, absent=absent)


def grids():
    for version in range(1, 41):
        level, mask = qr.LEVELS[version % 4], version % 8
        spare = qr.room(version) - qr.BLOCKS[version][version % 4 * 2] * qr.BLOCKS[version][version % 4 * 2 + 1] - 3
        text = ("https://a.pl/" + "0123456789abcdef" * 200)[:min(spare, 900)]
        grid = qr.encode(text, version, level, mask) if version > 1 else qr.encode("http://a.pl", 1, "L", 1)
        yield sample("version %d %s mask %d" % (version, level, mask), qr.png(qr.picture(grid, 2 if version < 10 else 1)),
                     links=[text if version > 1 else "http://a.pl"])
    for level in qr.LEVELS:
        for mask in range(8):
            yield sample("level %s mask %d" % (level, mask), qr.png(qr.picture(qr.encode(LINK, 0, level, mask), 3)))


def segments():
    for version in (2, 12, 28):
        parts = [("letters", "HTTPS://A.EXAMPLE/"), ("numeric", "0012345678"), ("bytes", "/x"), ("numeric", "07"), ("letters", "Z")]
        yield sample("segments %d" % version, qr.png(qr.picture(qr.encode(parts, version, "L"), 2)), links=["HTTPS://A.EXAMPLE/0012345678/x07Z"])
    yield sample("character set", qr.png(qr.picture(qr.encode(LINK + "\u00fc", before=qr.ECI_UTF8))), links=[LINK + "\u00fc"])
    yield sample("one of several", qr.png(qr.picture(qr.encode(LINK, before=qr.APPENDED))))
    yield sample("card", qr.png(qr.picture(qr.encode("BEGIN:VCARD\nN:X\nURL:%s\nEND:VCARD\n" % LINK), 3)))
    yield sample("without a scheme", qr.png(qr.picture(qr.encode("login.example.com/x"))), links=["login.example.com/x"])
    yield sample("network", qr.png(qr.picture(qr.encode("WIFI:T:WPA;S:guests;P:welcome99;;"))), links=(), signs=["picture-qr"], absent=CODE)
    yield sample("wallet", qr.png(qr.picture(qr.encode("bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"))), links=(), signs=["picture-qr", "text-wallet"])


def png_with(rows, chunks):
    plain = qr.png(rows)
    return plain[:33] + b"".join(chunks) + plain[33:]


def files():
    grid = qr.encode(LINK)
    rows = qr.picture(grid, 3)
    for bits in (1, 8, 24, 32):
        yield sample("bmp %d" % bits, qr.bmp(rows, bits), "a.bmp")
    yield sample("gif", qr.gif(rows), "a.gif")
    yield sample("gif interlaced", qr.gif(rows, interlaced=True), "a.gif")
    yield sample("gif clear", qr.gif(rows, clear=True), "a.gif")
    yield sample("jpeg", qr.jpeg(grid), "a.jpg")
    lone = qr.jpeg(grid).replace(b"\xff\xc0", b"\xff\x01\xff\xc0", 1)
    yield sample("jpeg with a marker that has no length", lone, "a.jpg")
    yield sample("png with texts that unpack to much", png_with(rows, [qr.chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(4000000)))] * 64))
    yield sample("png that ends early", qr.png(rows)[:-14])
    yield sample("png clear", qr.png(rows, lambda p: (0, 0, 0, 255 - p)))
    yield sample("png blue", qr.png(rows, lambda p: (20 + p * 9 // 10, 40 + p * 8 // 10, 160 + p // 3)))
    yield sample("by content", qr.png(rows), "a.jpg")
    yield sample("without a name", qr.png(rows), "")


def views():
    grid = qr.encode(LINK, 4, "M", 2)
    small, rows = qr.picture(grid, 2), qr.picture(grid, 5)
    for degrees in (90, 180, 270):
        yield sample("turned %d" % degrees, qr.png(qr.turned(small, degrees)))
    for degrees in (5, 30, 45, 200):
        yield sample("turned %d" % degrees, qr.png(qr.turned(qr.picture(grid, 4), degrees)))
    for factor in (0.6, 0.77, 1.3):
        yield sample("resized %s" % factor, qr.png(qr.resized(rows, factor, factor)))
    yield sample("stretched", qr.png(qr.resized(rows, 1.2, 0.9)))
    yield sample("tilted", qr.png(qr.tilted(rows, 0.25, 0.1)))
    yield sample("tilted without alignment", qr.png(qr.tilted(qr.picture(qr.encode("http://a.pl", 1, "L"), 6), 0.15, 0.1)), links=["http://a.pl"])
    yield sample("blurred", qr.png(qr.blurred(rows)))
    yield sample("inverted", qr.png(qr.inverted(rows)))
    yield sample("mirrored", qr.png([row[::-1] for row in rows]))
    yield sample("without a margin", qr.png(qr.picture(grid, 3, border=0)))
    yield sample("pale", qr.png(qr.picture(grid, 3, dark=120, light=200)))
    yield sample("in a shadow", qr.png([[p * (60 + 195 * x // len(row)) // 255 for x, p in enumerate(row)] for row in rows]))
    dice = random.Random(1)
    yield sample("noisy", qr.png([[min(255, max(0, 50 + p * 6 // 10 + dice.randrange(-40, 41))) for p in row] for row in rows]))
    yield sample("large modules", qr.png(qr.picture(qr.encode("http://a.pl", 1, "L"), 30)), links=["http://a.pl"])


def damaged():
    dice = random.Random(2)
    for level, share in (("L", 0.006), ("M", 0.015), ("Q", 0.025), ("H", 0.03)):
        grid = qr.encode(LINK, 5, level)
        grid = [[m ^ (dice.random() < share and 9 < x < 28 and y > 9) for x, m in enumerate(row)] for y, row in enumerate(grid)]
        yield sample("damaged " + level, qr.png(qr.picture(grid, 3)))
    rows = qr.picture(qr.encode(LINK, 6, "H"), 4)
    for y in range(76, 120):
        rows[y][76:120] = [90] * 44
    yield sample("with a logo", qr.png(rows))


def several():
    """Four beside one another; one of them light on dark."""
    codes = [qr.picture(qr.encode("https://%d.example.net/" % i, 2, "L"), 3) for i in range(4)]
    codes[2] = qr.inverted(codes[2])
    left, right = codes[0] + codes[1], codes[2] + codes[3]
    yield sample("several", qr.png([a + b for a, b in zip(left, right)]), links=["https://%d.example.net/" % i for i in range(4)])


def documents():
    """Pictures in PDF, of each kind of colours and filters, and in Office documents."""
    grid = qr.encode(LINK)
    rows = qr.picture(grid, 3)
    flat, w, h = b"".join(bytes(r) for r in rows), len(rows[0]), len(rows)
    one = b"".join(int("".join("1" if p > 127 else "0" for p in r) + "0" * (-w % 8), 2).to_bytes((w + 7) // 8, "big") for r in rows)
    halves = b"".join(bytes((a & 0xF0) | b >> 4 for a, b in zip(r[::2], r[1::2] + [0] * (w % 2))) for r in rows)
    above = b"".join(b"\2" + bytes((a - b) & 255 for a, b in zip(r, p)) for r, p in zip(rows, [[0] * w] + rows))
    jpeg, flate, deep = qr.jpeg(grid), "/Filter/FlateDecode", "/BitsPerComponent 8"
    for label, more, data in (
            ("grey", "/ColorSpace/DeviceGray" + deep + flate, zlib.compress(flat)),
            ("colours", "/ColorSpace/DeviceRGB" + deep + flate, zlib.compress(bytes(p for p in flat for _ in range(3)))),
            ("inks", "/ColorSpace/DeviceCMYK" + deep + flate, zlib.compress(b"".join(bytes([0, 0, 0, 255 - p]) for p in flat))),
            ("deep", "/ColorSpace/DeviceGray/BitsPerComponent 16" + flate, zlib.compress(b"".join(bytes([p, 0]) for p in flat))),
            ("half bytes", "/ColorSpace/DeviceGray/BitsPerComponent 4" + flate, zlib.compress(halves)),
            ("mask", "/ImageMask true/BitsPerComponent 1" + flate, zlib.compress(one)),
            ("palette", "/ColorSpace[/Indexed/DeviceRGB 1 <202020f0f0ff>]" + deep + flate, zlib.compress(bytes(p > 127 for p in flat))),
            ("palette elsewhere", "/ColorSpace[/Indexed/DeviceRGB 1 51 0 R]" + deep + flate, zlib.compress(bytes(p > 127 for p in flat))),
            ("predicted", "/ColorSpace/DeviceGray/DecodeParms<</Predictor 15/Columns %d>>" % w + deep + flate, zlib.compress(above)),
            ("jpeg", "/Filter/DCTDecode", jpeg), ("jpeg in letters", "/Filter[/ASCIIHexDecode/DCTDecode]", jpeg.hex().encode() + b">")):
        image = "/Type/XObject/Subtype/Image/Width %d/Height %d%s" % (w, h, more)
        yield sample("pdf " + label, pdf(CATALOG, streams=[(image, data), ("", b"\x20\x20\x20\xf0\xf0\xff")]), "a.pdf")
    yield sample("docx", ooxml("word", {"word/media/image1.png": qr.png(rows)}), "a.docx")
    yield sample("pptx", ooxml("ppt", {"ppt/media/image1.jpg": jpeg}), "a.pptx")


def tricks():
    for make in (grids, segments, files, views, damaged, several, documents):
        yield from make()


def broken():
    """Files that lie, or that ask for much."""
    header = lambda w, h: b"\x89PNG\r\n\x1a\n" + qr.chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 0, 0, 0, 0))  # noqa: E731
    packed = zlib.compress(bytes(200000))
    for w, h in ((0, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0x10000, 0x10000), (16385, 30), (16384, 22), (1, 1)):
        yield "png %dx%d" % (w, h), "a.png", header(w, h) + qr.chunk(b"IDAT", packed)
    rows = qr.picture(qr.encode("https://a.pl/", 1, "L"), 3)
    gif, bmp, jpeg = bytearray(qr.gif(rows)), bytearray(qr.bmp(rows)), qr.jpeg(qr.encode("https://a.pl/", 1, "L"))
    yield "gif words beyond the table", "a.gif", bytes(gif[:48]) + b"\xff" * 200
    yield "gif frame elsewhere", "a.gif", bytes(gif[:26]) + b"\xff\xff\xff\xff" + bytes(gif[30:])
    yield "bmp larger than told", "a.bmp", bytes(bmp[:18]) + struct.pack("<ii", 900, -900) + bytes(bmp[26:])
    yield "bmp rows of the least number", "a.bmp", bytes(bmp[:18]) + struct.pack("<iI", 90, 0x80000000) + bytes(bmp[26:])
    yield "bmp data elsewhere", "a.bmp", bytes(bmp[:10]) + b"\xf0\xff\xff\xff" + bytes(bmp[14:])
    yield "jpeg of many scans", "a.jpg", qr.jpeg(qr.encode("https://a.pl/", 1, "L"), scans=100)
    yield "jpeg larger than told", "a.jpg", jpeg.replace(struct.pack(">HH", 232, 232), struct.pack(">HH", 800, 3000))


def benign():
    dice = random.Random(3)
    for label, name, data in broken():
        yield Sample("picture, " + label, name, data, None)
    yield Sample("picture of noise", "a.png", qr.png([[dice.randrange(256) for _ in range(200)] for _ in range(200)]), None)
    yield Sample("picture of bars", "a.png", qr.png([[255 * (x // 3 % 2) for x in range(200)] for _ in range(200)]), None)
    square = [[int(max(abs(x), abs(y)) not in (2, 4)) for x in range(-4, 4)] for y in range(-4, 4)]
    yield Sample("picture of squares", "a.png", qr.png(qr.picture([row * 12 for row in square] * 12, 2)), None)
    grid = [[int(dice.random() < 0.5) for _ in range(33)] for _ in range(33)]
    for x, y in ((0, 0), (25, 0), (0, 25)):
        for k in range(8):
            grid[y + k][x:x + 8] = [int(max(abs(i - 3 - (x > 0)), abs(k - 3 - (y > 0))) not in (2, 4)) for i in range(8)]
    yield Sample("picture of squares around noise", "a.png", qr.png(qr.picture(grid)), None)


def write_seeds(folder):
    """Small pictures of every kind for the fuzz target "picture"."""
    os.makedirs(folder, exist_ok=True)
    grid = qr.encode("https://a.pl/", 1, "L")
    rows = qr.picture(grid, 2, 2)
    seven = [("letters", "HTTPS://A.PL/"), ("numeric", "12345"), ("bytes", "/x")]
    modules = "".join(str(m) for row in grid for m in row)
    packed = bytes([0]) + bytes(int(modules[i:i + 8][::-1], 2) for i in range(0, len(modules), 8))
    for name, data in (("grey.png", qr.png(rows)), ("clear.png", qr.png(rows, lambda p: (0, 0, 0, 255 - p))), ("one.bmp", qr.bmp(rows, 1)), ("plain.gif", qr.gif(rows)),
                       ("interlaced.gif", qr.gif(rows, True, True)), ("blocks.jpg", qr.jpeg(grid, 2)), ("light.png", qr.png(qr.inverted(rows))),
                       ("seven.png", qr.png(qr.picture(qr.encode(seven, 7, "Q", before=qr.ECI_UTF8), 2))), ("tilted.png", qr.png(qr.tilted(qr.picture(qr.encode(seven, 2), 4), 0.2, 0.1))),
                       ("modules", packed)):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
