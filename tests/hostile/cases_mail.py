"""Message files made to hurt those who judge them: each is one shape, over and over, as large as asked for.

A case is a function that takes a size in bytes and returns a message of about that size.
"""
import base64
import gzip
import struct
import zlib

HEAD = (b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\nMessage-ID: <1@b.example>\r\n"
        b"MIME-Version: 1.0\r\n")
CASES = {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


def again(unit, size):
    """Lines of units."""
    line = unit * max(1, 900 // len(unit)) + b"\r\n"
    return line * (size // len(line) + 1)


def numbered(form, size):
    """Lines, %d in them counts."""
    out, done, i = [], 0, 0
    while done < size:
        out.append(form % ((i,) * form.count(b"%d")) + b"\r\n")
        done += len(out[-1])
        i += 1
    return b"".join(out)


def html(body):
    return HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body


def text(body):
    return HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + body


def attached(name, content):
    return (HEAD + b'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="' + name +
            b'"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + base64.encodebytes(content).replace(b"\n", b"\r\n"))


def multipart(body):
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body + b"--b--\r\n"


# ---- one unit, again and again -----------------------------------------------------------------------------------

REPEATED = {
    "html": (html, [
        ("angle", b"<"), ("open", b"<div>"), ("styled", b'<span style="color:#fff;font-size:1px">x'), ("tables", b"<table><tr><td>"),
        ("comment", b"<!--"), ("script", b"<script>"), ("entity", b"&#x41"), ("picture", b'<img src="http://t.example/p.gif" width=1 height=1>'),
        ("form", b'<form action="http://e.example/"><input type=password>'), ("smuggle", b'<script>atob("QUJD");new Blob('),
        ("same-link", b'<a href="http://h.example.org/p?u=http://x.example/">t</a>')]),
    "text": (text, [
        ("colon", b"://"), ("scheme", b"http://"), ("at", b"a@"), ("digits", b"1-"), ("phrase", b"verify your "), ("password", b"password: "),
        ("invisible", "a\u200bb".encode()), ("wide", "\uff41\uff42".encode()), ("uuencode", b"begin 644 a.exe\r\nM\r\n")]),
    "pdf": (lambda b: attached(b"x.pdf", b"%PDF-1.4\n" + b), [
        ("object", b"1 0 obj << /URI (http://a.example/) /S /URI >> endobj\n"), ("name", b"/#4a#53"), ("stream", b"/ObjStm stream\nx"),
        ("string", b"/URI (")]),
    "rtf": (lambda b: attached(b"x.rtf", b"{\\rtf1" + b), [("group", b"{"), ("object", b"{\\object\\objdata 01050000"), ("hex", b"{\\objdata d0cf11e0")]),
    "csv": (lambda b: attached(b"x.csv", b), [("formula", b"=cmd|x!A1,")]),
    "svg": (lambda b: attached(b"x.svg", b"<svg>" + b), [("script", b"<script>")]),
    "zip": (lambda b: attached(b"x.zip", b), [("signature", b"PK\x03\x04")]),
    "tnef": (lambda b: attached(b"winmail.dat", b"\x78\x9f\x3e\x22\0\0" + b), [("attribute", b"\x02")]),
    "ole": (lambda b: attached(b"x.doc", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16 + bytes.fromhex("3e000300feff0900") + b), [("zero", b"\0")]),
    "calendar": (lambda b: HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + b, [("link", b"DESCRIPTION:http://a.example/\r\n ")]),
    "header": (lambda b: b + HEAD + b"\r\nx\r\n", [
        ("received", b"Received: x\r\n"), ("signature", b"DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=x; h=from:to; bh=YQ==; b=YQ==\r\n")]),
    "message": (lambda b: HEAD + b, [("in-message", b"Content-Type: message/rfc822\r\n\r\n")]),
    "quoted": (lambda b: HEAD + b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + b, [("equals", b"=3D")]),
    "parts": (multipart, [("html", b"--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n")]),
}


def repeated(around, unit):
    return lambda size: around(again(unit, size))


for group, (around_it, units) in REPEATED.items():
    for word, one_unit in units:
        CASES["%s-%s" % (group, word)] = repeated(around_it, one_unit)


# ---- ever new ones ----------------------------------------------------------------------------------------------

NUMBERED = {
    "html-links": (html, b'<a href="http://h%d.example.org/p?q=1">text %d.example</a>'),
    "html-attributes": (lambda b: html(b"<a " + b + b">"), b"a%d=1 "),
    "text-links": (text, b"see http://w%d.example.com/a/b?c=d ok"),
    "header-names": (lambda b: b + HEAD + b"\r\nx\r\n", b"X-%d: y"),
    "header-seals": (lambda b: b + HEAD + b"\r\nx\r\n", b"ARC-Seal: i=%d; a=rsa-sha256; d=b.example; s=x; cv=none; b=YQ=="),
    "header-recipients": (lambda b: b"Cc:" + b + b" z@e.example\r\n" + HEAD + b"\r\nx\r\n", b" u%d@e.example,"),
    "parameters": (lambda b: HEAD + b"Content-Type: text/plain;" + b + b" c=d\r\n\r\nx\r\n", b" a%d=b;"),
    "parameter-pieces": (lambda b: HEAD + b"Content-Disposition: attachment;" + b + b" c=d\r\n\r\nx\r\n", b" filename*%d=b;"),
    "parts-files": (multipart, b'--b\r\nContent-Disposition: attachment; filename="f%d.zip"\r\n\r\nPK\x03\x04'),
}


def counted(around, form):
    return lambda size: around(numbered(form, size))


for word, (around_it, line_form) in NUMBERED.items():
    CASES[word] = counted(around_it, line_form)


# ---- others -----------------------------------------------------------------------------------------------------


@case
def html_closed_in_vain(size):
    return html(again(b"<div>", size // 2) + again(b"</b>", size // 2))


@case
def html_rules_and_classes(size):
    return html(b"<style>" + numbered(b".c%d{display:none}", size // 2) + b"</style>" + numbered(b'<p class="c%d">x</p>', size // 2))


@case
def html_rules_and_one_element(size):
    return html(b"<style>" + numbered(b".c%d{display:none}", size // 2) + b'</style><p class="' + numbered(b"c%d ", size // 2) + b'">x')


@case
def html_program_in_script(size):
    return html(b'<script>x="' + base64.b64encode(b"MZ" + b"\0" * size) + b'"</script>')


@case
def text_one_line(size):
    return text(b"a" * size + b"\r\n")


@case
def text_one_link(size):
    return text(b"http://a.example/" + b"%61" * (size // 3) + b"\r\n")


@case
def header_encoded_words(size):
    return HEAD.replace(b"Subject: x", b"Subject:" + b"\r\n =?utf-8?q?a?=" * (size // 18)) + b"\r\nx\r\n"


@case
def header_comments(size):
    return HEAD.replace(b"From: a@", b"From: " + b"(" * size + b" a@") + b"\r\nx\r\n"


@case
def header_signed_fields(size):
    return b"DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=x; bh=YQ==; b=YQ==; h=from" + b":to" * (size // 3) + b"\r\n" + HEAD + b"\r\nx\r\n"


@case
def parts_in_parts(size):
    return HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(size // 60))


def zip_of(entries):
    """entries: (name, method, packed bytes, size)"""
    local, central, at = [], [], 0
    for name, method, packed, size in entries:
        fields = struct.pack("<HHHIIIHH", method, 0, 0, 0, len(packed), size, len(name), 0)
        central.append(b"PK\x01\x02" + struct.pack("<HHH", 20, 20, 0) + fields + struct.pack("<HHHII", 0, 0, 0, 0, at) + name)
        local.append(b"PK\x03\x04" + struct.pack("<HH", 20, 0) + fields + name + packed)
        at += len(local[-1])
    many, directory = min(len(central), 0xFFFF), b"".join(central)
    return b"".join(local) + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, many, many, len(directory), at, 0)


@case
def zip_of_many(size):
    return attached(b"x.zip", zip_of((b"f%d.txt" % i, 0, b"", 0) for i in range(size // 90)))


@case
def zip_bomb(size):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = packer.compress(bytes(size * 20)) + packer.flush()
    return attached(b"x.zip", zip_of([(b"a.txt", 8, zeros, size * 20)]))


@case
def gzip_in_gzip(size):
    content = bytes(size)
    for _ in range(12):
        content = gzip.compress(content, 1)
    return attached(b"x.gz", content)


@case
def tar_of_many(size):
    block = bytearray(b"f".ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + b"00000000000\0" * 2 + b" " * 8).ljust(512, b"\0")
    block[148:156] = b"%06o\0 " % sum(block)
    return attached(b"x.tar", bytes(block) * (size // 512))
