"""tar, gzip, RAR, 7z, cabinets and disk images."""
import bz2
import gzip
import io
import lzma
import random
import tarfile
from archives import plain
from disks import exfat, fat, gpt, mbr, ntfs, vhd
from formats import ace, arj, cab, iso, lha, lzip, rar4, rar5, seven, udf, zstd
from sample import EICAR, TEXT, Sample, pe

def alone_lzma(data):
    """LZMA without a container, its size told."""
    packed = lzma.compress(data, lzma.FORMAT_ALONE)
    return packed[:5] + len(data).to_bytes(8, "little") + packed[13:]


LONG = "x" * 120 + "/"


def tar(files, form=tarfile.GNU_FORMAT, link=None):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as t:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
        if link:
            info = tarfile.TarInfo("link")
            info.type, info.linkname = tarfile.SYMTYPE, link
            t.addfile(info)
    return out.getvalue()


def reseal(head):
    """The head of an entry of tar with the sum that fits it."""
    return head[:148] + b"%06o\0 " % (sum(head[:148]) + 8 * 32 + sum(head[156:])) + head[156:]


def disks(bad, alone, large):
    systems = [("fat%d" % w, lambda files, w=w, **how: fat(files, w, **how)) for w in (12, 16, 32)] + [("exfat", exfat), ("ntfs", ntfs)]
    variants = {"fat": ({}, {"folder": "docs"}, {"apart": True}), "exfat": ({}, {"folder": "docs"}, {"chained": True}), "ntfs": ({}, {"resident": True}, {"streams": True})}
    for word, make in systems:
        for k, how in enumerate(variants[word.rstrip("0123456789")]):
            label = "%s %d" % (word, k)
            yield Sample(label, "a.img", make(bad, **how), ["disk-image", "archived-program", "program"])
            yield Sample(label + " disguised", "a.dat", make(large, **how), ["disk-image", "program", "eicar"])
            yield Sample(label + " alone", "a.img", make(alone, **how), ["archived-program", "archived-alone"])
            yield Sample(label + " long name", "a.img", make([("the minutes of our meeting on the first of May.pdf.exe", pe())], **how), ["double-extension", "archived-alone"])
        yield Sample(word + " as zip", "a.zip", mbr(make(bad)), ["misnamed-archive", "archived-program"])
        yield Sample(word + " in zip", "a.zip", plain([("a.img", make(bad))]), ["disk-image", "archived-program", "program"])
        for around in (mbr, gpt):
            yield Sample("%s in %s" % (word, around.__name__), "a.img", around(make(large)), ["disk-image", "program", "eicar"])
            for grows in (False, True):
                yield Sample("%s in %s in vhd %d" % (word, around.__name__, grows), "a.vhd", vhd(around(make(large)), grows), ["disk-image", "program", "eicar"])
        yield Sample(word + "-vhd in zip", "a.zip", plain([("a.vhd", vhd(mbr(make(bad)), True))]), ["disk-image", "archived-program", "program"])
    yield Sample("fat deleted", "a.img", fat(bad, deleted=["payment.exe"]), "disk-image", absent=["archived-program"])
    yield Sample("ntfs deleted", "a.img", ntfs(bad, deleted=["payment.exe"]), "disk-image", absent=["archived-program"])
    endless = iso([("A.TXT", TEXT)], joliet=True, folder="DOCS", loop=True, other=[("a.txt", TEXT), ("payment.exe", pe())])
    yield Sample("iso with more folders than are read", "a.iso", endless, ["disk-image", "archived-program", "program"], absent=["ambiguous-archive"])
    yield Sample("disk as pdf", "a.pdf", mbr(fat(bad)), ["disk-image", "archived-program"])


def tricks():
    rng = random.Random(5)
    bad = [("notes.txt", TEXT), ("payment.exe", pe())]
    alone = [("payment.js", TEXT)]
    large = [("notes.txt", bytes(rng.randrange(256) for _ in range(50000))), ("annex.dat", pe() + bytes(40000)), ("b.dat", EICAR)]
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT):
        yield Sample("tar %d" % form, "a.tar", tar(bad, form), ["archived-program", "program"])
        yield Sample("tar long %d" % form, "a.tar", tar([(LONG + "payment.vbs", TEXT)], form), ["archived-program", "archived-alone"])
        yield Sample("tar.gz %d" % form, "a.tar.gz", gzip.compress(tar(bad, form)), ["archived-program", "program"])
    old = tar(bad).replace(b"ustar  \0", bytes(8))
    old = b"".join(reseal(old[k:k + 512]) if old[k:k + 9] in (b"notes.txt", b"payment.e") else old[k:k + 512] for k in range(0, len(old), 512))
    yield Sample("old tar", "a.tar", old, ["archived-program", "program"])
    yield Sample("old tar.gz", "a.tar.gz", gzip.compress(old), ["archived-program", "program"])
    yield Sample("tgz", "a.tgz", gzip.compress(tar(alone)), ["archived-program", "archived-alone"])
    yield Sample("gz of program", "payment.exe.gz", gzip.compress(pe()), ["archived-program", "program"])
    yield Sample("gz of script by its name outside", "payment.js.gz", gzip.compress(TEXT), "archived-program")
    yield Sample("gz of EICAR", "a.gz", gzip.compress(EICAR), "eicar")
    for word, pack in (("xz", lzma.compress), ("xz", lambda d: lzma.compress(d, check=lzma.CHECK_SHA256)), ("lz", lzip), ("zst", zstd),
                       ("bz2", bz2.compress), ("lzma", alone_lzma)):
        yield Sample("%s of program" % word, "payment.exe." + word, pack(pe()), ["archived-program", "program"])
        yield Sample("%s of script by its name outside" % word, "payment.js." + word, pack(TEXT), "archived-program")
        yield Sample("%s of tar" % word, "a.tar." + word, pack(tar(bad)), ["archived-program", "program"])
        yield Sample("%s of large" % word, "a." + word, pack(tar(large)), ["archived-program", "program", "eicar"])
    yield Sample("txz", "a.txz", lzma.compress(tar(alone)), ["archived-program", "archived-alone"])
    blocks = lzma.compress(large[0][1]) + lzma.compress(pe())
    for word in ("tbz", "tb2", "tbz2"):
        yield Sample(word, "a." + word, bz2.compress(tar(alone)), ["archived-program", "archived-alone"])
    yield Sample("bz2 of several processors", "a.tar.bz2", bz2.compress(tar(large)[:70000]) + bz2.compress(tar(large)[70000:]), ["program", "eicar"])
    yield Sample("bz2 cut", "payment.exe.bz2", bz2.compress(pe() + rng.randbytes(900000) + bytes(900000))[:-9], ["archived-program", "program"])
    yield Sample("bz2 of empty streams", "a.txt.bz2", bz2.compress(b"") * 300000, [])
    yield Sample("lzma without a size", "payment.js.lzma", lzma.compress(TEXT, lzma.FORMAT_ALONE), "archived-program")
    yield Sample("xz in two streams", "a.exe.xz", blocks, "archived-program")
    yield Sample("tar escapes", "a.tar", tar([("../../a.txt", TEXT)]), "escaping-name")
    yield Sample("tar link escapes", "a.tar", tar([("a.txt", TEXT)], link="/etc/passwd"), "escaping-name")
    yield Sample("gz bomb", "a.gz", gzip.compress(bytes(80 << 20)), "archive-bomb")
    yield Sample("zip in tar in zip", "a.zip", plain([("b.tar", tar([("c.zip", plain(alone))]))]), ["nested-archive", "archived-program"])
    for make, name in ((rar4, "4"), (rar5, "5")):
        yield Sample("rar" + name, "a.rar", make(bad), ["archived-program", "program"])
        yield Sample("rar%s alone" % name, "a.rar", make(alone), ["archived-program", "archived-alone"])
        yield Sample("rar%s encrypted" % name, "a.rar", make(bad, encrypted=True), ["archived-program", "encrypted-archive"], absent=["program"])
        yield Sample("rar%s hidden" % name, "a.rar", make(bad, hidden=True), "encrypted-archive")
        yield Sample("rar%s escapes" % name, "a.rar", make([("..\\..\\a.txt", TEXT)]), "escaping-name")
        yield Sample("rar%s as zip" % name, "a.zip", make(bad), ["misnamed-archive", "archived-program"])
        yield Sample("rar%s double" % name, "a.rar", make([("a.pdf .cmd", TEXT)]), ["double-extension", "archived-program"])
    yield Sample("rar4 unicode", "a.rar", rar4(alone, unicode=True), "archived-program")
    yield Sample("rar5 stream escapes", "a.rar", rar5([("a.txt", TEXT)], stream=b"..\\..\\Startup\\a.lnk"), "escaping-name")
    yield Sample("rar5 packed", "a.rar", rar5(alone, packed=True), "archived-program")
    for packed in (False, True):
        yield Sample("7z %d" % packed, "a.7z", seven(bad, packed=packed), "archived-program")
        yield Sample("7z alone %d" % packed, "a.7z", seven(alone, packed=packed), ["archived-program", "archived-alone"])
        yield Sample("7z many %d" % packed, "a.7z", seven([("f%d.txt" % i, TEXT) for i in range(60)] + bad, packed=packed), "archived-program")
        yield Sample("7z encrypted %d" % packed, "a.7z", seven(bad, aes=True, packed=packed), ["archived-program", "encrypted-archive"])
        yield Sample("7z turned %d" % packed, "a.7z", seven([("annex\u202efdp.exe", pe())], packed=packed), ["turned-name", "archived-program"])
    for method in ("lzma", "lzma2", "deflate", "stored", "bzip2"):
        for solid in (False, True):
            for filtered in (False, True):
                label = "7z %s %d %d" % (method, solid, filtered)
                yield Sample(label, "a.7z", seven(bad, method=method, solid=solid, filtered=filtered), ["archived-program", "program"])
                yield Sample(label + " disguised", "a.7z", seven(large, method=method, solid=solid, filtered=filtered, folder="docs"), ["archived-program", "program", "eicar"])
                yield Sample(label + " of zip", "a.7z", seven([("b.zip", plain(alone))], method=method, solid=solid, filtered=filtered, folder="docs"), "archived-program")
    yield Sample("7z alone in a folder", "a.7z", seven([("docs/a.js", TEXT)], folder="docs"), ["archived-program", "archived-alone"])
    yield Sample("7z of unknown kind", "a.7z", seven(bad, method="ppmd"), "archived-program", absent=["program"])
    yield Sample("7z that counts twice", "a.7z", seven([("f%d.txt" % i, TEXT) for i in range(60)], packed=False, again=b"\x08\0" * 9), [])
    yield Sample("7z hidden", "a.7z", seven(bad, hidden=True), "encrypted-archive", absent=["archived-program"])
    yield Sample("7z escapes", "a.7z", seven([("../a.txt", TEXT)]), "escaping-name")
    for kind in (0, 1):
        for folders in (1, 2):
            for reserved in (b"", b"12345"):
                label = "%d %d %d" % (kind, folders, len(reserved))
                yield Sample("cab " + label, "a.cab", cab(bad, kind, folders, reserved), ["archived-program", "program"])
                yield Sample("cab of disguised " + label, "a.cab", cab(large, kind, folders, reserved), ["archived-program", "program", "eicar"])
    yield Sample("cab alone", "a.cab", cab(alone), ["archived-program", "archived-alone"])
    yield Sample("cab with small blocks", "a.cab", cab([("a.txt", TEXT * 40), ("b", pe())], block=100), ["program", "archived-program"])
    yield Sample("cab of zip", "a.cab", cab([("b.zip", plain(alone))]), "archived-program")
    yield Sample("cab damaged", "a.cab", cab(bad, damaged=True), "archived-program", absent=["program"])
    yield Sample("cab LZX", "a.cab", cab(bad, kind=3), "archived-program", absent=["program"])
    yield Sample("cab escapes", "a.cab", cab([("../a.txt", TEXT)]), "escaping-name")
    yield Sample("cab as doc", "a.doc", cab(alone), "archived-program")
    for joliet in (False, True):
        yield Sample("iso %d" % joliet, "a.iso", iso(bad, joliet), ["disk-image", "archived-program", "program"])
        yield Sample("iso unnamed %d" % joliet, "a.dat", iso(bad, joliet), ["disk-image", "archived-program"])
        yield Sample("iso folder %d" % joliet, "a.img", iso([("A.LNK", b"x")], joliet, folder="DOCS"), ["disk-image", "shortcut-name"])
        yield Sample("iso loop %d" % joliet, "a.iso", iso(bad, joliet, folder="DOCS", loop=True), "archived-program")
    for i, how in enumerate(({}, {"folder": "docs"}, {"embedded": True}, {"wide": True}, {"latin": True}, {"block": 512}, {"metadata": True}, {"metadata": True, "block": 512})):
        yield Sample("udf %d" % i, "a.img", udf(bad, **how), ["disk-image", "archived-program", "program"])
        yield Sample("udf of disguised %d" % i, "a.dat", udf(large, **how), ["disk-image", "program", "eicar"])
        yield Sample("udf alone %d" % i, "a.udf", udf(alone, **how), ["archived-program", "archived-alone"])
    yield Sample("udf deleted", "a.img", udf(bad, deleted=["payment.exe"]), "disk-image", absent=["program"])
    clean = [("notes.txt", TEXT)]
    for joliet in (None, clean, bad):
        label = "two directories %s " % (joliet and len(joliet))
        yield Sample(label + "shown by UDF", "a.iso", udf(bad, clean, joliet), ["disk-image", "archived-program", "program", "ambiguous-archive"])
        yield Sample(label + "hidden from UDF", "a.iso", udf(clean, bad, joliet), ["disk-image", "archived-program", "program", "ambiguous-archive"])
        yield Sample(label + "other name", "a.iso", udf([("a.exe", TEXT)], [("A.TXT", TEXT)], joliet), ["archived-program", "ambiguous-archive"])
    yield Sample("joliet hides", "a.iso", iso(bad, True, other=clean), ["archived-program", "ambiguous-archive"])
    yield Sample("joliet shows", "a.iso", iso(clean, True, other=bad), ["archived-program", "ambiguous-archive"])
    same = [("notes.txt", TEXT), ("archive.tar.gz", b"x" * 99), ("page.html", TEXT * 2), ("empty.json", b""), ("copy.txt", TEXT)]
    short = [("NOTES.TXT", TEXT), ("ARCHIVE.TGZ", b"x" * 99), ("PAGE.HTM", TEXT * 2), ("EMPTY.JSO", b""), ("COPY.TXT", TEXT)]
    yield Sample("one disc with three directories", "a.iso", udf(same, short, same), "disk-image", absent=["ambiguous-archive", "archived-program"])
    yield Sample("udf-in-zip", "a.zip", plain([("a.iso", udf(bad, folder="docs"))]), ["disk-image", "archived-program"])
    yield Sample("udf-beside-iso in zip", "a.zip", plain([("a.iso", udf(bad, clean, clean, metadata=True))]), ["disk-image", "ambiguous-archive"])
    yield Sample("iso as pdf", "a.pdf", iso(bad), "disk-image")
    yield from disks(bad, alone, large)
    yield Sample("vhd", "a.dat", b"conectix" + bytes(504), "disk-image")
    yield Sample("vhdx", "a.dat", b"vhdxfile" + bytes(504), "disk-image")
    yield Sample("iso in zip", "a.zip", plain([("a.iso", iso(bad))]), ["disk-image", "archived-program"])
    for word, make in (("arj", arj), ("ace", ace)) + tuple(("lha %d" % k, lambda f, k=k, **how: lha(f, k, **how)) for k in (0, 1, 2)):
        yield Sample(word, "a." + word[:3].replace("lha", "lzh"), make(bad), ["rare-archive", "archived-program", "program"], absent=["misnamed-archive"])
        yield Sample(word + " packed", "a." + word[:3], make(bad, stored=False), ["rare-archive", "archived-program"], absent=["program"])
        yield Sample(word + " disguised", "a.dat", make(large), ["rare-archive", "program", "eicar"])
        yield Sample(word + " alone", "a.zip", make(alone), ["archived-program", "archived-alone", "misnamed-archive"])
        yield Sample(word + " escapes", "a.dat", make([("../../a.txt", TEXT)]), "escaping-name")
        if word in ("arj", "ace"):
            yield Sample(word + " encrypted", "a.dat", make(bad, encrypted=True), ["encrypted-archive", "archived-program"], absent=["program"])
    for level in (1, 2):
        yield Sample("lha in a folder %d" % level, "a.lzh", lha(alone, level, folder="docs"), ["archived-program", "archived-alone"])
        yield Sample("lha escapes by a folder %d" % level, "a.lzh", lha(alone, level, folder="../docs"), "escaping-name")
    for start in (b"1234567**ACE**", b"\x60\xea\x29\0\x22\x0b\1\2", b"xx-lh5-xx"):
        yield Sample("rare archive %r" % start[:3], "a.dat", start + bytes(60), "rare-archive")


def benign():
    rng = random.Random(9)
    for i in range(40):
        files = [("f%d/%d.txt" % (i, k), TEXT * rng.randrange(1, 30)) for k in range(rng.randrange(1, 9))]
        make = rng.choice([tar, lambda f: gzip.compress(tar(f)), rar4, rar5, seven, cab])
        data = make(files)
        word = {b"Rar!": "rar", b"7z\xbc\xaf": "7z", b"MSCF": "cab"}.get(data[:4], "tar.gz" if data[:2] == b"\x1f\x8b" else "tar")
        yield Sample("benign %s %d" % (word, i), "files%d.%s" % (i, word), data, None)
    for word, pack in (("xz", lzma.compress), ("lz", lzip), ("zst", zstd)):
        yield Sample("benign log " + word, "log.txt." + word, pack(TEXT * 1000), None)
        yield Sample("benign tar " + word, "a.tar." + word, pack(tar([("a.txt", TEXT), ("b.pdf", b"%PDF-1.4\n")])), None)
    yield Sample("benign stream", "a.rar", rar5([("a.txt", TEXT)], stream=b"Zone.Identifier"), None)
    yield Sample("benign log", "log.txt.gz", gzip.compress(TEXT * 1000), None)
    yield Sample("benign tar link", "a.tar", tar([("a.txt", TEXT)], link="a.txt"), None)
    yield Sample("benign zip in tar.gz", "a.tar.gz", gzip.compress(tar([("a.zip", plain([("a.txt", TEXT)]))])), None)
    yield Sample("benign dump", "backup.sql.gz", gzip.compress(TEXT), None)
