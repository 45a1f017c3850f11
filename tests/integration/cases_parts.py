"""Dovecot's IMAP, read as mail programs read it: a list, a structure, then part by part."""
import email
import email.message
import email.mime.application
import email.mime.message
import email.mime.multipart
import email.mime.text
import email.policy
import imaplib
import random

from cases_imap import ALICE, SECRET
from mails import EXAMPLE_PNG, noise, plain, with_attachments
from truth import case, sha256

FILES = [("Übersicht für März.bin", noise(21, 150_000)), ("small.png", EXAMPLE_PNG)]


def rich():
    """Text and HTML, files with names of all kinds, a message in it."""
    m = email.mime.multipart.MIMEMultipart("mixed", boundary="outer")
    m["From"], m["To"], m["Subject"] = "Dave <dave@elsewhere.test>", "Alice <alice@example.test>", "=?utf-8?q?Gr=C3=BC=C3=9Fe?="
    m["Date"], m["Message-ID"] = "Tue, 14 Nov 2023 22:13:20 +0000", "<rich@elsewhere.test>"
    both = email.mime.multipart.MIMEMultipart("alternative", boundary="inner")
    both.attach(email.mime.text.MIMEText("Grüße, mit Text.\n", "plain", "utf-8"))
    both.attach(email.mime.text.MIMEText("<p>Grüße, mit HTML.</p>\n", "html", "iso-8859-1"))
    m.attach(both)
    for name, content in FILES:
        part = email.mime.application.MIMEApplication(content)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name) if not name.isascii() else name)
        m.attach(part)
    m.attach(email.mime.message.MIMEMessage(email.message_from_bytes(plain("Inside"))))
    return m.as_bytes(policy=email.policy.SMTP)


def leaves(content):
    """path -> decoded bytes, as IMAP numbers sections."""
    found = {}

    def walk(m, path):
        if m.get_content_maintype() == "multipart":
            for i, p in enumerate(m.get_payload(), 1):
                walk(p, path + [i])
        elif m.get_content_type() != "message/rfc822":
            found[".".join(map(str, path or [1]))] = m.get_payload(decode=True)
    walk(email.message_from_bytes(content), [])
    return found


def enter(lab):
    c = imaplib.IMAP4("127.0.0.1", lab.ports["imap"], 20)
    c.login(ALICE, SECRET)
    c.select("INBOX")
    return c


def ask(c, what):
    kind, data = c.uid("FETCH", "1", "(%s)" % what)
    assert kind == "OK", data
    return data


def told(m):
    return {p["path"]: p.get("sha256") for p in m["parts"] if not p["type"].startswith(("multipart/", "message/"))}


def in_parts(lab, content, wanted, *before):
    """The list of parts, then each wanted one; the record of the message and what a Python mail parser says of its parts."""
    lab.dovecot.empty("alice", content)
    with lab.capture() as cap:
        c = enter(lab)
        for what in before:
            ask(c, what)
        for what in wanted:
            ask(c, what)
        c.logout()
    s = cap.only("imap")
    cap.same("messages", len(cap.messages_of(s)), 1)
    m = cap.messages_of(s)[0]
    cap.same("complete", m["complete"], False)
    cap.true("a digest of what nobody saw", "sha256" not in m)
    cap.expect_healthy()
    return cap, m


@case("imap-parts-all")
def all_of_them(lab):
    content = rich()
    paths = list(leaves(content))
    random.Random(5).shuffle(paths)
    cap, m = in_parts(lab, content, ["BODY.PEEK[%s]" % p for p in paths] + ["BODY.PEEK[4.HEADER]", "BODY.PEEK[4.TEXT]"], "BODY.PEEK[HEADER]", "BODYSTRUCTURE")
    inside = email.message_from_bytes(content).get_payload()[3].get_payload()[0].get_payload(decode=True)
    cap.same("parts", told(m), {**{p: sha256(b) for p, b in leaves(content).items()}, "4.1": sha256(inside)})
    cap.same("file names", [p["filename"] for p in m["parts"] if "filename" in p], [name for name, _ in FILES])
    cap.same("subject", m["headers"]["subject"], "Grüße")
    cap.same("order", [p["path"] for p in m["parts"]], ["", "1", "1.1", "1.2", "2", "3", "4", "4.1"])


@case("imap-parts-some")
def some(lab):
    """As a mail program on a telephone: fields and structure, the text, one file in pieces; the other is left where it is."""
    content = rich()
    size = len(email.message_from_bytes(content).get_payload()[1].get_payload())
    wanted = ["BODY.PEEK[1.1]"] + ["BODY.PEEK[2]<%d.32768>" % at for at in range(0, size + 32768, 32768)]
    cap, m = in_parts(lab, content, wanted, "FLAGS BODY.PEEK[HEADER.FIELDS (FROM SUBJECT DATE)] BODYSTRUCTURE")
    got, truth = told(m), leaves(content)
    cap.same("fetched", {p: d for p, d in got.items() if d}, {p: sha256(truth[p]) for p in ("1.1", "2")})
    cap.same("not fetched", sorted(p["path"] for p in m["parts"] if p.get("fetched") is False), ["1.2", "3", "4", "4.1"])
    cap.same("sender", m["headers"]["from"], "Dave <dave@elsewhere.test>")


@case("imap-parts-mime")
def mime_headers(lab):
    """No structure: each part with its own header, all in one command."""
    content = rich()
    paths = list(leaves(content))
    cap, m = in_parts(lab, content, [" ".join("BODY.PEEK[%s.MIME] BODY.PEEK[%s]" % (p, p) for p in paths)], "BODY.PEEK[HEADER]")
    cap.same("parts", told(m), {p: sha256(b) for p, b in leaves(content).items()})


@case("imap-parts-binary")
def decoded_by_the_server(lab):
    content = rich()
    cap, m = in_parts(lab, content, ["BINARY.PEEK[2]", "BINARY.PEEK[1.1]"], "BODY.PEEK[HEADER]", "BODYSTRUCTURE")
    got, truth = told(m), leaves(content)
    cap.same("fetched", {p: d for p, d in got.items() if d}, {p: sha256(truth[p]) for p in ("1.1", "2")})


@case("imap-parts-joined")
def joined(lab):
    """Header and text are the message, whatever they are called."""
    content = (with_attachments("Header and text", [("j.bin", noise(22, 20_000), "application/octet-stream")]), plain("Header and part"))
    for message, text in zip(content, ("BODY.PEEK[TEXT]", "BODY.PEEK[1]")):
        lab.dovecot.empty("alice", message)
        with lab.capture() as cap:
            c = enter(lab)
            ask(c, "BODY.PEEK[HEADER]")
            ask(c, text)
            c.logout()
        s = cap.only("imap")
        cap.same("messages", len(cap.messages_of(s)), 1)
        cap.expect_message(cap.messages_of(s)[0], message)
        cap.expect_healthy()
