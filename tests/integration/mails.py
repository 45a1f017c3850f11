"""Messages whose every byte is known."""
import hashlib
from email.message import EmailMessage
from email.policy import SMTP

EXAMPLE_PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f0300"
                            "050001ff8ad7a0d00000000049454e44ae426082")


def noise(seed, count):
    """The same unguessable bytes on every run."""
    out, n = b"", 0
    while len(out) < count:
        out += hashlib.sha256(b"%d %d" % (seed, n)).digest()
        n += 1
    return out[:count]


def plain(subject, body="Hello,\r\n\r\nthis is a short message.\r\n", sender="dave@elsewhere.test", to="alice@example.test"):
    return ("From: Dave <%s>\r\nTo: %s\r\nSubject: %s\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
            "Message-ID: <%s@elsewhere.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s"
            % (sender, to, subject, subject.lower().replace(" ", "."), body)).encode()


def with_attachments(subject, files, sender="dave@elsewhere.test", to="alice@example.test"):
    m = EmailMessage(policy=SMTP)
    m["From"], m["To"], m["Subject"] = "Dave <%s>" % sender, to, subject
    m["Date"], m["Message-ID"] = "Tue, 24 Nov 2026 10:00:00 +0000", "<%s@elsewhere.test>" % subject.lower().replace(" ", ".")
    m.set_content("Please find the files attached.\n")
    for name, content, kind in files:
        main, _, sub = kind.partition("/")
        m.add_attachment(content, maintype=main, subtype=sub, filename=name)
    m.set_boundary("=_boundary_of_" + subject.lower().replace(" ", "_"))
    return m.as_bytes()


def dotted(subject):
    """Lines that begin with dots, an only dot, dots at the very end."""
    return plain(subject, ".\r\n..\r\n...three\r\n.hidden\r\n\r\na line. and a dot.\r\n" + ".x\r\n" * 300 + "." * 70 + "\r\n..\r\n")


def long_lines(subject):
    return plain(subject, "".join("%04d " % n + "x" * (n * 7 % 900) + "\r\n" for n in range(400)))
