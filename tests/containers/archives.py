"""Archives: what is in them, and archives that lie about it."""
import bz2
import io
import lzma
import random
import struct
import zipfile
import zlib
from sample import EICAR, JPEG, PNG, TEXT, Sample, pe
from formats import cab, lzip, rar5, seven, zstd
from zips import Entry, pack


def zip_lzma(data):
    return b"\x09\x14\5\0\x5d\0\0\1\0" + lzip(data)[6:-20]


def plain(files, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as z:
        for name, data in files:
            z.writestr(name, data)
    return out.getvalue()


def patch(data, sign, at, value, nth=0):
    """Writes over bytes of the nth record with that sign."""
    p = -1
    for _ in range(nth + 1):
        p = data.index(sign, p + 1)
    return data[:p + at] + value + data[p + at + len(value):]


def lies():
    """What the two headers of an entry, the directory and the end of an archive tell differently."""
    honest = pack([Entry("a.txt", TEXT), Entry("b.dat", pe() + bytes(200))])
    local, central, end = b"PK\3\4", b"PK\1\2", b"PK\5\6"
    yield "method in front", patch(honest, local, 8, b"\0\0", 1)
    yield "method in the directory", patch(honest, central, 10, b"\0\0", 1)
    yield "both methods", patch(patch(honest, central, 10, b"\0\0", 1), local, 8, b"\0\0", 1)
    yield "encrypted in front", patch(honest, local, 6, b"\1", 1)
    yield "encrypted in the directory", patch(honest, central, 8, b"\1", 1)
    yield "size in front", patch(honest, local, 18, bytes(4), 1)
    yield "size in the directory", patch(honest, central, 20, bytes(4), 1)
    yield "number of entries", patch(honest, end, 8, b"\1\0\1\0")
    yield "place", patch(honest, local, 0, b"PKxx", 1)
    yield "NUL in a name", pack([Entry(b"a.exe\0.txt", TEXT)])
    yield "folder with content", pack([Entry("a.txt", TEXT), Entry("a.exe/", pe())])
    yield "entry without a name", pack([Entry("a.txt", TEXT), Entry("", pe())])
    yield "one name twice", pack([Entry("a.dat", TEXT), Entry("b.dat", TEXT), Entry("a.dat", b"other")])
    named = Entry("a.txt", TEXT)
    named.extra = struct.pack("<HHBI", 0x7075, 10, 1, zlib.crc32(b"a.txt")) + b"b.exe"
    yield "name in Unicode", pack([named])
    twin = pack([Entry("a.txt", TEXT), Entry("b.exe", pe())])
    at, stop, one = twin.index(central), twin.index(end), 46 + len("a.txt")
    yield "two directories", patch(twin[:at] + twin[at:stop] + twin[at:at + one] + twin[stop:], end, 12, struct.pack("<II", one, at))


def tricks():
    for name, data in (("a.exe", pe()), ("a.js", TEXT), ("x/y/a.vbs", TEXT), ("a.pdf.exe", pe()), ("a.wsf", TEXT), ("a.scr", pe()), ("a.hta", TEXT),
                       ("a.ps1", TEXT), ("a.bat", TEXT), ("a.jse", TEXT), ("a.msi", b"x")):
        yield Sample("zip of " + name, "a.zip", plain([(name, data)]), ["archived-program", "archived-alone"])
        yield Sample("zip of stored " + name, "a.zip", plain([(name, data), ("readme.txt", TEXT)], zipfile.ZIP_STORED), "archived-program")
    yield Sample("zip of disguised", "a.zip", plain([("a.jpg", pe())]), ["disguised-program", "archived-program"])
    yield Sample("zip of nameless program", "a.zip", plain([("a", pe())]), "archived-program")
    for name in ("a.lnk", "a.url", "a.iqy"):
        yield Sample("zip of " + name, "a.zip", plain([(name, b"x")]), "link-file" if name == "a.url" else "shortcut-name")
    yield Sample("zip of iso", "a.zip", plain([("a.iso", b"x")]), "disk-image")
    yield Sample("zip of EICAR", "a.zip", plain([("a.txt", EICAR)]), "eicar")
    yield Sample("zip of turned name", "a.zip", plain([("annex\u202efdp.exe", pe())]), ["turned-name", "archived-program"])
    yield Sample("scripts among files", "a.zip", plain([("%d.js" % i, TEXT) for i in range(9)]), "archived-scripts", absent=["archived-program"])
    inner = plain([("a.exe", pe())])
    for depth in range(2, 6):
        inner = plain([("inner%d.zip" % depth, inner)])
        yield Sample("%d archives" % depth, "a.zip", inner, ["archived-program"] + (["nested-archive"] if depth > 2 else []))
    for depth in range(6, 9):
        inner = plain([("inner%d.zip" % depth, inner)])
        yield Sample("%d archives" % depth, "a.zip", inner, ["nested-archive", "nested-deep"])
    for aes in (0, 1, 2, 3):
        for deflate in (False, True):
            data = pack([Entry("a.exe", pe() + bytes(500), deflate, b"s3cret!", aes), Entry("b.txt", TEXT * 9, deflate, b"s3cret!", aes)])
            yield Sample("encrypted %d" % aes, "a.zip", data, ["encrypted-archive", "archived-program"], absent=["password-given"])
            yield Sample("wrong words %d" % aes, "a.zip", data, "encrypted-archive", words="the password is secret", absent=["password-given", "program"])
            yield Sample("password given %d" % aes, "a.zip", data, ["password-given", "program"], words="the password is s3cret! please", absent=["encrypted-archive"])
            data = pack([Entry("a.dat", EICAR, deflate, b"1234", aes, descriptor=False)])
            yield Sample("EICAR behind a password %d" % aes, "a.zip", data, ["password-given", "eicar"], words="code: 1234")
    yield Sample("names differ", "a.zip", pack([Entry("a.txt", TEXT, local_name=b"a.exe")]), "ambiguous-archive")
    yield Sample("shared bytes", "a.zip", pack([Entry("a.txt", TEXT * 50), Entry("b.txt", TEXT, offset=0)]), "ambiguous-archive")
    yield Sample("hidden entry", "a.zip", pack([Entry("a.txt", TEXT), Entry("b.exe", pe(), listed=False), Entry("c.txt", TEXT)]), "ambiguous-archive")
    yield Sample("hidden last", "a.zip", pack([Entry("a.txt", TEXT), Entry("b.exe", pe(), listed=False)]), "ambiguous-archive")
    yield Sample("hidden behind descriptor", "a.zip", pack([Entry("a.txt", TEXT, descriptor=True), Entry("b.exe", pe(), listed=False)]), "ambiguous-archive")
    for label, data in lies():
        yield Sample("lie: " + label, "a.zip", data, "ambiguous-archive")
    link = patch(pack([Entry("a.txt", b"../../etc/passwd", False)]), b"PK\1\2", 5, b"\3")
    yield Sample("link escapes", "a.zip", patch(link, b"PK\1\2", 38, struct.pack("<I", 0xA1FF0000)), "escaping-name")
    for before in (b"PK\7\10", b"PK00"):
        yield Sample("split once", "a.zip", before + pack([Entry("a.exe", pe())]), ["archived-program", "program"], absent=["two-formats"])
    yield Sample("much behind", "a.zip", pack([Entry("a.exe", pe())]) + bytes(70000), ["archived-program", "program"])
    for name, data in (("a.rar", rar5([("b.exe", pe())])), ("a.7z", seven([("b.exe", pe())])), ("a.cab", cab([("b.exe", pe())]))):
        yield Sample("other bytes before " + name, name, b"\1\2\3\4" * 50 + data, ["two-formats", "archived-program"])
    first = plain([("a.txt", TEXT)])
    for shift in (False, True):
        yield Sample("two archives", "a.zip", pack([Entry("b.exe", pe())], before=first, shift=shift), ["ambiguous-archive", "archived-program"])
        yield Sample("PDF and zip", "a.zip", pack([Entry("b.exe", pe())], before=b"%PDF-1.4\n%%EOF\n", shift=shift), ["two-formats", "archived-program"])
        yield Sample("picture and zip", "a.zip", pack([Entry("b.js", TEXT)], before=JPEG, shift=shift), ["two-formats", "archived-program"])
    for name in ("../../a.txt", "/etc/a.txt", "x/../../a.txt", "..\\a.txt"):
        yield Sample("escapes " + name, "a.zip", pack([Entry(name, TEXT)]), "escaping-name")
    yield Sample("bomb", "a.zip", pack([Entry("a.bin", bytes(100000), size=3 << 30)]), "archive-bomb")
    yield Sample("bomb of zeros", "a.zip", plain([("a.img", bytes(80 << 20))]), ["archive-bomb", "disk-image"])
    yield Sample("zip64", "a.zip", pack([Entry("a.exe", pe(), zip64=True)]), "archived-program")
    yield Sample("comment", "a.zip", pack([Entry("a.exe", pe())], comment=b"x" * 5000), "archived-program")
    yield Sample("no directory", "a.zip", pack([Entry("b.txt", TEXT), Entry("a.exe", pe(), descriptor=True)], end=False), "archived-program")
    yield Sample("cut", "a.zip", pack([Entry("b.txt", TEXT), Entry("a.exe", pe()), Entry("c.bin", random.Random(1).randbytes(9000))])[:-4000], "archived-program")
    for method, squeeze in ((12, bz2.compress), (14, zip_lzma), (93, zstd), (95, lzma.compress)):
        packed = [Entry("a.txt", TEXT, method=method, packed=squeeze(TEXT)), Entry("b.dat", pe(), method=method, packed=squeeze(pe()))]
        yield Sample("method %d" % method, "a.zip", pack(packed), ["archived-program", "program"])
        yield Sample("method %d of EICAR" % method, "a.zip", pack([Entry("a", EICAR, method=method, packed=squeeze(EICAR))]), "eicar")
    yield Sample("unknown method", "a.zip", pack([Entry("a.exe", pe(), method=98)]), "archived-program")
    yield Sample("Java", "a.zip", plain([("META-INF/MANIFEST.MF", b"Main-Class: A"), ("A.class", b"\xca\xfe\xba\xbe\0\0\0\x34")]), "program")


def benign():
    rng = random.Random(7)
    for i in range(30):
        kinds = [rng.choice([("txt", TEXT * 20), ("jpg", PNG), ("pdf", b"%PDF-1.4\n"), ("csv", b"a;b\n"), ("png", PNG), ("dat", b"")])
                 for _ in range(rng.randrange(1, 12))]
        files = [("doc%d/file %d.%s" % (i, k, kind[0]), kind[1]) for k, kind in enumerate(kinds)]
        yield Sample("benign zip %d" % i, "files%d.zip" % i, plain(files, rng.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])), None)
    yield Sample("benign zip64", "a.zip", pack([Entry("a.txt", TEXT, zip64=True)]), None)
    yield Sample("benign descriptors", "a.zip", pack([Entry("a.txt", TEXT, descriptor=True), Entry("b.txt", TEXT, descriptor=True)]), None)
    yield Sample("benign names", "a.zip", pack([Entry("\u00e4\u00f6.txt", TEXT), Entry("b\\c.txt", TEXT, local_name=b"b/c.txt"), Entry("dir/", b"", False)]), None)
    ours = Entry("\u00e4.txt".encode("cp437"), TEXT)
    ours.extra = struct.pack("<HHBI", 0x7075, 5 + 6, 1, 0) + "\u00e4.txt".encode()
    yield Sample("benign Unicode", "a.zip", pack([ours]), None)
    yield Sample("benign packed folder", "a.zip", pack([Entry("docs/", b"", True), Entry("docs/a.txt", TEXT)]), None)
    link = patch(pack([Entry("a", b"b.txt", False), Entry("b.txt", TEXT)]), b"PK\1\2", 5, b"\3")
    yield Sample("benign link", "a.zip", patch(link, b"PK\1\2", 38, struct.pack("<I", 0xA1FF0000)), None)
    yield Sample("benign empty", "a.zip", plain([]), None)
    streamed = [Entry("docs/", b"", False)] + [Entry("docs/%d.txt" % i, TEXT, False, descriptor=True) for i in range(2)]
    yield Sample("benign, streamed and cut", "a.zip", pack(streamed, end=False), None)
    yield Sample("benign sources", "src.zip", plain([("src/%d.%s" % (i, e), TEXT) for i, e in enumerate("c h py sh js css html md txt json".split())]), None)
    yield Sample("benign macOS", "a.zip", plain([("a.txt", TEXT), ("__MACOSX/._a.txt", b"\0\5\x16\7"), (".DS_Store", b"x")]), None)
    yield Sample("benign large zeros", "a.zip", plain([("a.dat", bytes(3 << 20))]), None)
