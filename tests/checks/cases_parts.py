"""Cases of messages that an IMAP client fetches in parts: what is not seen is not held against them, and what the server told of counts."""
import base64

from cases import D, fires, healthy, silent
from cases_auth import SIGNATURE
from cases_message import header
from pcapgen import imap, imap_quit

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(32)).decode()
MIXED = "Content-Type: multipart/mixed; boundary=b\r\n"


def structure(name, kind='"APPLICATION" "OCTET-STREAM"', size=len(PNG)):
    return ('(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 10 1)(%s NIL NIL NIL "BASE64" %d NIL ("ATTACHMENT" ("FILENAME" "%s"))) "MIXED" ("BOUNDARY" "b"))'
            % (kind, size, name))


def fetch(c, *items):
    """Of message 1, each with a command of its own: ("BODY[1]", content) or ("BODYSTRUCTURE", text)."""
    d = imap(D(c, port=143)).talk("C: a SELECT INBOX", "S: * 1 EXISTS", "S: a OK [READ-WRITE] done")
    for name, value in items:
        said = value if name == "BODYSTRUCTURE" else "{%d}\r\n%s" % (len(value), value)
        d.talk("C: f UID FETCH 7 (%s)" % name, "S: * 1 FETCH (UID 7 %s %s)" % (name, said), "S: f OK done")
    imap_quit(d)


HEAD = ("BODY[HEADER]", header() + MIXED + "\r\n")
FIELDS = ("BODY[HEADER.FIELDS (FROM SUBJECT)]", "From: Ann <ann@example.com>\r\nSubject: Lunch\r\n\r\n")
TEXT = ("BODY[1]", "At noon?\r\n")


@healthy
def healthy_parts(c):
    fetch(c, FIELDS, ("BODYSTRUCTURE", structure("plan.png", '"IMAGE" "PNG"')), TEXT, ("BODY[2]", PNG))


@silent("dkim-fail")
def header_alone(c):
    fetch(c, ("BODY[HEADER]", "DKIM-Signature: " + SIGNATURE + "\r\n" + header() + "\r\n"))


@fires("dkim-fail", "note", says="the body is not the one that was signed")
def header_and_other_text(c):
    fetch(c, ("BODY[HEADER]", "DKIM-Signature: " + SIGNATURE + "\r\n" + header() + "\r\n"), ("BODY[TEXT]", "At one?\r\n"))


@fires("attachment-executable", "warning", says="payment.exe")
def program_not_fetched(c):
    fetch(c, HEAD, ("BODYSTRUCTURE", structure("payment.exe")), TEXT)


@silent("attachment-executable", "header-malformed", "message-id-mismatch", "dkim-fail")
def picture_not_fetched(c):
    fetch(c, FIELDS, ("BODYSTRUCTURE", structure("plan.png", '"IMAGE" "PNG"')), TEXT)


@fires("attachment-type-mismatch", says="plan.png")
def text_as_picture(c):
    program = base64.b64encode(b"%PDF-1.4\n" + bytes(64)).decode()
    fetch(c, HEAD, ("BODYSTRUCTURE", structure("plan.png", '"IMAGE" "PNG"', len(program))), ("BODY[2]", program))
