"""Cases of attachments: what each finding fires for, and the harmless file next to it."""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "containers"))
import archives  # noqa: E402
import formats  # noqa: E402
import office  # noqa: E402
import others  # noqa: E402
from cases import fires, silent  # noqa: E402
from cases_message import header, mail  # noqa: E402
from sample import EICAR, HTML, PNG, TEXT, pe  # noqa: E402
from zips import Entry, pack  # noqa: E402


def attach(c, name, data, type="application/octet-stream", text="Please see the file.\r\n"):
    head = header(MIME_Version="1.0", Content_Type='multipart/mixed; boundary="b"')
    body = '--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n--b\r\nContent-Type: %s; name="x"\r\nContent-Disposition: attachment;\r\n filename*=utf-8\'\'%s\r\n' % (
        text, type, "".join("%%%02X" % b for b in name.encode()))
    encoded = base64.encodebytes(data).decode().replace("\n", "\r\n")
    mail(c, head, body + "Content-Transfer-Encoding: base64\r\n\r\n" + encoded + "--b--\r\n")


@fires("attachment-executable", "warning", says="payment.exe")
def program_by_name(c):
    attach(c, "payment.exe", TEXT)


@fires("attachment-executable", "warning", says="a program for Windows")
def program_by_content(c):
    attach(c, "payment.dat", pe())


@silent("attachment-executable", "attachment-type-mismatch", "attachment-double-extension", "filename-bidi", "message-suspicious")
def an_ordinary_document(c):
    attach(c, "minutes 1.2.2024.pdf", others.pdf(others.CATALOG), "application/pdf")


@fires("attachment-double-extension", "warning", says="invoice.pdf.exe")
def two_endings(c):
    attach(c, "invoice.pdf.exe", TEXT)


@fires("attachment-double-extension", "warning", says="out of sight")
def padded_name(c):
    attach(c, "invoice.pdf" + " " * 40 + ".exe", TEXT)


@fires("filename-bidi", "warning", says="direction of writing")
def turned_name(c):
    attach(c, "annex\u202efdp.exe", TEXT)


@silent("filename-bidi")
def name_in_hebrew(c):
    attach(c, "\u05d7\u05e9\u05d1\u05d5\u05df\u200f.pdf", others.pdf(others.CATALOG))


@fires("attachment-type-mismatch", "note", says="text/html")
def page_named_pdf(c):
    attach(c, "scan.pdf", HTML)


@silent("attachment-type-mismatch")
def picture_of_another_kind(c):
    attach(c, "photo.jpg", PNG, "image/jpeg")


@fires("attachment-script-in-archive", "warning", says="files.zip/a.js")
def script_in_zip(c):
    attach(c, "files.zip", archives.plain([("a.js", TEXT)]))


@silent("attachment-script-in-archive")
def sources_in_zip(c):
    attach(c, "src.zip", archives.plain([("src/%d.js" % i, TEXT) for i in range(20)]))


@fires("attachment-encrypted", "note", says="encrypted-archive")
def encrypted_zip(c):
    attach(c, "files.zip", pack([Entry("a.txt", TEXT, password=b"secret")]))


@silent("attachment-encrypted")
def plain_zip(c):
    attach(c, "files.zip", pack([Entry("a.txt", TEXT)]))


@fires("attachment-malformed-archive", "warning", says="one archive behind another")
def two_archives(c):
    attach(c, "files.zip", pack([Entry("b.txt", TEXT)], before=archives.plain([("a.txt", TEXT)])))


@silent("attachment-malformed-archive")
def archive_with_descriptors(c):
    attach(c, "files.zip", pack([Entry("a.txt", TEXT, descriptor=True), Entry("b.txt", TEXT, descriptor=True)]))


@fires("attachment-disk-image", "warning", says="documents.iso")
def iso(c):
    attach(c, "documents.iso", formats.iso([("A.TXT", TEXT)]))


@silent("attachment-disk-image")
def tar_of_documents(c):
    attach(c, "documents.tar", bytes(1024))


@fires("attachment-shortcut", "warning", says="cmd.exe")
def shortcut(c):
    attach(c, "letter.lnk", others.link("cmd.exe", "/c start x"))


@fires("attachment-shortcut", "warning", says="192.0.2.7")
def link_to_a_share(c):
    attach(c, "letter.url", b"[InternetShortcut]\r\nURL=file://192.0.2.7/share/a.pdf\r\n")


@silent("attachment-shortcut")
def link_to_a_page(c):
    attach(c, "letter.url", b"[InternetShortcut]\r\nURL=https://www.example.com/\r\n")


@fires("attachment-macro", "note", says="autoopen")
def macro(c):
    attach(c, "letter.doc", office.document(b'Sub AutoOpen()\r\nShell "calc.exe", 1\r\nEnd Sub\r\n'))


@silent("attachment-macro")
def document_without_macro(c):
    attach(c, "letter.doc", office.cfb({"WordDocument": b"AutoOpen Shell".ljust(5000)}))


@fires("attachment-remote-template", "warning", says="http://files.example.net/a.dotm")
def remote_template(c):
    attach(c, "a.docx", office.ooxml("word", {"word/_rels/settings.xml.rels": office.relationships([("attachedTemplate", "http://files.example.net/a.dotm", True)])}))


@silent("attachment-remote-template")
def local_template(c):
    attach(c, "a.docx", office.ooxml("word", {"word/_rels/settings.xml.rels": office.relationships([("attachedTemplate", "file:///C:\\Templates\\a.dotx", True)]),
                                              "word/_rels/document.xml.rels": office.relationships([("hyperlink", "http://www.example.com/", True)])}))


@fires("attachment-dde", "warning", says="DDEAUTO")
def dde_field(c):
    attach(c, "a.docx", office.ooxml("word", {"word/document.xml": "<w:instrText>DDEAUTO x</w:instrText>"}))


@silent("attachment-dde")
def other_field(c):
    attach(c, "a.docx", office.ooxml("word", {"word/document.xml": "<w:instrText>PAGE</w:instrText><w:t>DDEAUTO x</w:t>"}))


@fires("attachment-exploit", "warning", says="Equation.3")
def equation(c):
    attach(c, "a.rtf", b"{\\rtf1{\\object{\\*\\objdata %s}}}" % office.old_object("Equation.3", bytes(60)).encode())


@silent("attachment-exploit")
def rich_text(c):
    attach(c, "a.rtf", b"{\\rtf1 The object Equation.3 is explained here.}")


@fires("attachment-pdf-action", "warning", says="cmd.exe")
def pdf_launch(c):
    attach(c, "a.pdf", others.pdf("<</S/Launch/Win<</F(cmd.exe)>>>>"), "application/pdf")


@silent("attachment-pdf-action")
def pdf_with_link(c):
    attach(c, "a.pdf", others.pdf("<</OpenAction[3 0 R/Fit]>>", "<</S/URI/URI(https://www.example.com/)>>"), "application/pdf")


@fires("attachment-svg-script", "warning", says="script")
def svg_script(c):
    attach(c, "logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>", "image/svg+xml")


@silent("attachment-svg-script")
def svg_drawing(c):
    attach(c, "logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M1 1'/></svg>", "image/svg+xml")


@fires("test-pattern", "note", says="EICAR")
def eicar(c):
    attach(c, "a.txt", EICAR)


@fires("test-pattern", "note", says="EICAR")
def eicar_as_the_text(c):
    mail(c, body=EICAR.decode() + "\r\n")


@silent("test-pattern")
def about_eicar(c):
    attach(c, "a.txt", b"EICAR is a test file.")


@fires("message-malicious", "critical", says="password-given")
def password_in_the_text(c):
    attach(c, "files.zip", pack([Entry("invoice.js", TEXT, password=b"s3cret!")]), text="The password is s3cret!\r\n")
