"""Names that lie, and kinds that contradict them."""
from sample import EICAR, ELF, HTML, JPEG, MACHO, PNG, TEXT, Sample, pe


def tricks():
    for word in "exe scr pif cpl msi dll jar apk chm msix appinstaller xll".split():
        yield Sample("program " + word, "payment." + word, b"", "program-name")
    for word in "js jse vbs vbe wsf hta ps1 bat cmd reg".split():
        yield Sample("script " + word, "payment." + word, TEXT, "script-name")
    for word in "lnk url scf library-ms search-ms iqy rdp theme slk settingcontent-ms".split():
        yield Sample("shortcut " + word, "payment." + word, b"", "link-file" if word in ("url", "rdp") else "shortcut-name")
    for word in "iso img vhd vhdx dmg udf".split():
        yield Sample("disk " + word, "payment." + word, b"", "disk-image")
    for name in ("invoice.pdf.exe", "scan.jpg.js", "report.docx.scr", "list.xlsx.vbs", "film.mp4.lnk", "notes.txt.bat", "order.pdf.html", "CV.DOC.EXE"):
        yield Sample("double " + name, name, b"", "double-extension")
    yield Sample("trailing dot", "invoice.pdf.exe.", b"", ["double-extension", "program-name"])
    yield Sample("trailing blanks", "invoice.exe  \u00a0", b"", "program-name")
    yield Sample("stream", "invoice.exe::$DATA", b"", "program-name")
    yield Sample("zero width", "invoice.exe\u200b", b"", "program-name")
    for mark in "\u202e\u202d\u202b\u2067":
        yield Sample("turned %04x" % ord(mark), "annex%sfdp.exe" % mark, b"", "turned-name")
    yield Sample("blanks", "invoice.pdf" + " " * 60 + ".exe", b"", ["padded-name", "double-extension"])
    yield Sample("braille", "invoice.pdf" + "\u2800" * 8 + ".exe", b"", ["padded-name", "double-extension"])
    yield Sample("filler", "invoice.pdf\u3164\u3164.js", b"", "padded-name")
    yield Sample("no-break blanks", "photo.jpg" + "\u00a0" * 20 + ".scr", b"", "padded-name")
    for name, data in (("a.pdf", pe()), ("a.txt", pe()), ("a.jpg", ELF), ("a.docx", MACHO), ("a.zip", pe(True)), ("a.mp3", pe()), ("a.html", pe())):
        yield Sample("disguised " + name, name, data, ["disguised-program", "program"])
    yield Sample("declared a picture", "a.dat", pe(), ["disguised-program", "program"], type="image/png")
    yield Sample("no name", "", pe(), "program")
    yield Sample("page as picture", "a.jpg", HTML, "type-mismatch")
    yield Sample("page as PDF", "a.pdf", HTML, "type-mismatch", type="application/pdf")
    yield Sample("page declared PDF", "a.dat", HTML, "type-mismatch", type="application/pdf")
    yield Sample("PDF as text", "a.txt", b"%PDF-1.4\n%%EOF", "type-mismatch")
    for end in ("contact", "group", "job", "ins", "isp", "desklink", "printerexport", "mobileconfig"):
        yield Sample("risky " + end, "a." + end, TEXT, "risky-name")
    yield Sample("RTF as picture", "a.png", b"{\\rtf1 x}", "type-mismatch")
    for name, start in (("a.zip", b"Rar!\x1a\7\0"), ("a.zip", b"7z\xbc\xaf\x27\x1c\0\4"), ("a.rar", b"PK\3\4" + bytes(40)), ("a.gz", b"Rar!\x1a\7\1\0"),
                        ("a.zip", b"1234567**ACE**"), ("a.7z", b"Rar!\x1a\7\1\0"), ("a.z", b"\x60\xea\x29\0\x22\x0b\1\2" + bytes(60))):
        yield Sample("misnamed " + name, name, start + bytes(64), "misnamed-archive")
    yield Sample("script by content", "a.dat", b"@echo off\r\necho hello\r\n", "program")
    yield Sample("registry", "a.txt", b"Windows Registry Editor Version 5.00\r\n", "program")
    yield Sample("EICAR", "a.txt", EICAR, "eicar")
    yield Sample("EICAR with blanks", "a.com", EICAR + b"\r\n", "eicar")


def benign():
    for name, data in (("report.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), ("photo.jpg", JPEG), ("photo.jpg", PNG), ("photo.png", JPEG), ("notes.txt", TEXT),
                       ("table.csv", b"a;b;c\r\n1;2;3\r\n"), ("Minutes 3.5.2026 v1.2.doc", b"{\\rtf1\\ansi Hello}"), ("list.xls", HTML), ("data.xml", b"<?xml version='1.0'?><a/>"),
                       ("README", TEXT), ("archive.tar.gz", b"\x1f\x8b\x08\0" + bytes(20)), ("a.b.c.d.txt", TEXT), ("www.example.com", b""), ("jquery-3.1.min.css", TEXT),
                       ("\u05d7\u05e9\u05d1\u05d5\u05df\u200f.pdf", b"%PDF-1.5\n"), ("Rechnung  Nr. 12.pdf", b"%PDF-1.5\n"), ("_____________________.txt", TEXT),
                       ("sound.wav", b"RIFF\x10\0\0\0WAVEfmt "), ("film.mp4", b"\0\0\0\x20ftypisom" + bytes(40)), ("smime.p7s", b"0\x82\1\2"), ("", TEXT),
                       ("budget.doc", TEXT), ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), ("contact.vcf", b"BEGIN:VCARD\r\nEND:VCARD\r\n"),
                       ("forwarded message.eml", b"From: a@x.test\r\nTo: b@x.test\r\nSubject: x\r\n\r\nHello\r\n"), ("backup.sql", TEXT), ("page.html", HTML)):
        yield Sample("benign " + name, name, data, None)
