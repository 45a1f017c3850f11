"""Cases of what comes of a message: LURE is malicious and links to HOST, DOUBTFUL is suspicious, ordinary() is neither.

    fetched(c, text)  bob's host BOB fetches it by POP3; delivered(c, text) a server takes it by SMTP
    look(c, at)       BOB looks HOST up; secure(c, at), plain(c, at) a host connects to it by TLS or HTTP; got(body) is an answer of HTTP
    lure(n, ...)      the nth message of a campaign, malicious; sent(c, n, text) a server takes it in a session of its own
"""
import base64
import gzip
import hashlib
import struct
import zlib

from cases import D, fires, silent
from cases_files import pe
from cases_message import header
from net_wire import ask
from pcapgen import data, envelope, greet, pop3, pop3_quit, quit
from zips import Entry, pack

BOB, EVE, WEB, HOST = "192.0.2.10", "192.0.2.66", "203.0.113.80", "login.bank-check.example"
LINK = "Look at http://%s/a/b?c=1 today.\r\n" % HOST
LURE = "From: \"boss@example.org\" <x@example.net>\r\n" + header(Reply_To="boss.example@gmail.com") + "\r\n" + LINK
DOUBTFUL = "From: Bank <bank@example.com>\r\n" + header() + "\r\n" + LINK


def ordinary():
    return header() + "\r\n" + LINK


def fetched(c, text=LURE, at=0.0, client=BOB):
    d = pop3(D(c, client=client, port=110, at=at)).talk("C: USER bob", "S: +OK", "C: PASS secret", "S: +OK", "C: RETR 1")
    d.say("S", ("+OK\r\n" + text + ".\r\n").encode())
    return pop3_quit(d)


def delivered(c, text=LURE, at=0.0):
    return quit(data(envelope(greet(D(c, at=at))), text.encode()).talk("S: 250 2.0.0 Ok: queued as 4711"))


def look(c, at, host=HOST, client=BOB):
    ask(c, host, "A", (WEB,), at=at, client=client)


def hello(host):
    """A client hello that asks for that server name (RFC 8446 4.1.2, RFC 6066 3)."""
    name = host.encode()
    names = struct.pack("!HBH", len(name) + 3, 0, len(name)) + name
    extensions = struct.pack("!HH", 0, len(names)) + names
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\2\x13\1" + b"\1\0" + struct.pack("!H", len(extensions)) + extensions
    message = b"\1" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\3\1" + struct.pack("!H", len(message)) + message


def secure(c, at, host=HOST, client=BOB, mss=1460):
    d = D(c, client=client, server=WEB, port=443, client_port=41000, at=at, mss=mss).open().say("C", hello(host))
    return d.say("S", b"\x16\3\3\0\2\2\0").say("S", b"\x17\3\3\4\0" + bytes(1024)).close()


def got(body, fields="Content-Length: %d", status="200 OK", type="application/zip"):
    return ("HTTP/1.1 %s\r\nContent-Type: %s\r\n%s\r\n\r\n" % (status, type, fields.replace("%d", str(len(body))))).encode() + body


def plain(c, at, host=HOST, path="/a/b?c=1", client=BOB, mss=1460, answer=got(b"PK\3\4" + bytes(96)), verb="GET", missed=None):
    """`missed`: that piece of the answer, by its number, is not in the capture."""
    d = D(c, client=client, server=WEB, port=80, client_port=41001, at=at, mss=mss).open()
    d.talk("C: %s %s HTTP/1.1" % (verb, path), "C: Host: %s" % host, "C: ")
    for n, piece in enumerate(answer if isinstance(answer, list) else [answer]):
        d.say("S", piece, seen=n != missed)
    return d.close()


# ---- link-followed -------------------------------------------------------------------------------------------------


@fires("link-followed", "critical", says="the link itself, and got 200, application/zip, 100 bytes")
def link_opened(c):
    fetched(c)
    look(c, 12)
    plain(c, 12.5)


@fires("link-followed", "critical", says="by TLS, ")
def link_opened_by_tls(c):
    fetched(c)
    look(c, 12)
    secure(c, 12.5)


@fires("link-followed", "critical", says="the link itself, and got 200, application/zip, 100 bytes, the first of 2 connections")
def link_opened_byte_by_byte(c):
    fetched(c)
    plain(c, 12.5, mss=1)
    secure(c, 20, mss=1)


@fires("link-followed", "critical", says="another page there")
def link_of_the_same_host(c):
    fetched(c)
    plain(c, 12.5, path="/favicon.ico")


@fires("link-followed", "error", says="suspicious message")
def link_of_a_suspicious_message(c):
    fetched(c, DOUBTFUL)
    secure(c, 12.5)


@fires("link-followed", "error", says="another host")
def link_opened_elsewhere(c):
    fetched(c)
    secure(c, 12.5, client=EVE)


@fires("link-followed", "error", says="the mail server itself")
def link_opened_by_the_server(c):
    delivered(c)
    secure(c, 12.5, client="198.51.100.25")


@fires("link-followed", "note", says="No connection by that name")
def link_looked_up(c):
    fetched(c)
    look(c, 12)


@silent("link-followed")
def link_of_an_ordinary_message(c):
    fetched(c, ordinary())
    look(c, 12)
    plain(c, 12.5)


@silent("link-followed")
def link_opened_before(c):
    look(c, 0)
    plain(c, 0.5)
    secure(c, 2)
    fetched(c, at=5)


@silent("link-followed")
def link_of_nobody(c):
    """Another name on the same server, and a lookup by somebody who did not get the message."""
    fetched(c)
    look(c, 12, host="www.bank-check.example")
    look(c, 13, client=EVE)
    secure(c, 13.5, host="www.bank-check.example")


# ---- link-download -------------------------------------------------------------------------------------------------


TRAP = pack([Entry(b"invoice.exe", pe())])
CHUNKS = b"".join(b"%x;x=y\r\n%s\r\n" % (len(TRAP[at:at + 50]), TRAP[at:at + 50]) for at in range(0, len(TRAP), 50)) + b"0\r\nX-Sum: 1\r\n\r\n"


@fires("link-download", "critical", says="archived-program (b/invoice.exe)")
def program_in_an_archive(c):
    fetched(c)
    plain(c, 12.5, answer=got(TRAP))


@fires("link-download", "critical", says=hashlib.sha256(TRAP).hexdigest())
def program_in_chunks(c):
    fetched(c)
    plain(c, 12.5, mss=7, answer=got(CHUNKS, "Transfer-Encoding: chunked"))


@fires("link-download", "critical", says=hashlib.sha256(TRAP).hexdigest())
def program_byte_by_byte(c):
    fetched(c)
    plain(c, 12.5, mss=1, answer=got(CHUNKS, "Transfer-Encoding: chunked"))


@fires("link-download", "error", says="program (update.pdf")
def program_up_to_the_end(c):
    """From a suspicious message; the connection's end is the file's, which has the name that the server says."""
    fetched(c, DOUBTFUL)
    plain(c, 12.5, mss=100, answer=got(pe(), 'Content-Disposition: attachment; filename="update.pdf"'))


@fires("link-download", "warning", says="application/gzip")
def plain_archive(c):
    fetched(c)
    plain(c, 12.5, answer=got(gzip.compress(b"minutes of the meeting", mtime=0)))


@fires("link-download", "warning", says="The same file is attached to message 1 of session 1")
def file_known_from_mail(c):
    sent(c, 0, ordinary_file())
    fetched(c, at=20)
    plain(c, 32.5, answer=got(base64.b64decode(NOTES)))


@fires("link-download", "critical", says="The same file is attached to message 2 of session 2")
def file_that_is_mailed_later(c):
    fetched(c)
    plain(c, 12.5, answer=got(base64.b64decode(PROGRAM)))
    sent(c, 2, with_file(0))


def kept(c, at, *answers, **how):
    """A connection that goes on: a request and its answer, and so on."""
    d = D(c, client=BOB, server=WEB, port=80, client_port=41001, at=at, mss=how.get("mss", 1460)).open()
    for n, answer in enumerate(answers):
        path, verb = how.get("paths", {}).get(n, "/%d" % n), how.get("verbs", {}).get(n, "GET")
        d.talk("C: %s %s HTTP/1.1" % (verb, path), "C: Host: %s" % HOST, "C: ").say("S", answer)
    return d.close()


PAGE = got(b"<html><body>Hello</body></html>", type="text/html")
SHA = hashlib.sha256(TRAP).hexdigest()


@fires("link-download", "critical", says=SHA)
def file_behind_a_page(c):
    fetched(c)
    kept(c, 12.5, PAGE, got(b"", "Content-Length: 0", "302 Found"), got(TRAP), mss=50)


@fires("link-download", "critical", says="archived-program (x.zip/invoice.exe)")
def file_behind_others(c):
    """An answer to HEAD has a length and no content; 304 has neither; a page in chunks with a trailer."""
    fetched(c)
    head = got(TRAP)[:-len(TRAP)]
    page = got(b"2\r\nhi\r\n0\r\nX: y\r\n\r\n", "Transfer-Encoding: chunked", type="text/html")
    kept(c, 12.5, head, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", page, b"HTTP/1.1 100 Continue\r\n\r\n" + got(TRAP), verbs={0: "HEAD"}, paths={3: "/a/x.zip?b"})


@fires("link-download", "critical", says=SHA)
def file_in_gzip(c):
    fetched(c)
    packed = gzip.compress(TRAP)
    plain(c, 12.5, answer=got(packed, "Content-Encoding: gzip\r\nContent-Length: %d"), mss=7)


@fires("link-download", "critical", says=SHA)
def file_in_gzip_with_more_behind(c):
    fetched(c)
    packed = gzip.compress(TRAP) + bytes(20000)
    plain(c, 12.5, answer=got(packed, "Content-Encoding: gzip\r\nContent-Length: %d"))


@fires("link-download", "critical", says=SHA)
def file_in_deflate(c):
    fetched(c)
    plain(c, 12.5, answer=got(zlib.compress(TRAP), "Content-Encoding: deflate\r\nContent-Length: %d"), mss=1)


@fires("link-download", "critical", says=SHA)
def file_in_bare_deflate_and_chunks(c):
    fetched(c)
    packed = zlib.compress(TRAP)[2:-4]
    plain(c, 12.5, answer=got(b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed), "Content-Encoding: deflate\r\nTransfer-Encoding: chunked"))


def piece(start, end):
    return got(TRAP[start:end], "Content-Range: bytes %d-%d/%d\r\nContent-Length: %%d" % (start, end - 1, len(TRAP)), "206 Partial Content")


@fires("link-download", "critical", says=SHA)
def file_in_pieces(c):
    fetched(c)
    kept(c, 12.5, piece(0, 50), piece(50, 90), piece(90, len(TRAP)), paths=dict.fromkeys(range(3), "/x"))


@silent("link-download")
def pieces_that_do_not_fit(c):
    fetched(c)
    kept(c, 12.5, piece(0, 50), piece(60, len(TRAP)), piece(0, 50), PAGE, piece(50, len(TRAP)), paths=dict.fromkeys(range(5), "/x"))


@silent("link-download")
def damaged_gzip(c):
    fetched(c)
    packed = gzip.compress(TRAP)
    plain(c, 12.5, answer=got(packed[:-30] + bytes(30), "Content-Encoding: gzip\r\nContent-Length: %d"))
    plain(c, 22.5, answer=got(packed[:-12], "Content-Encoding: gzip\r\nContent-Length: %d"))


@silent("link-download")
def file_by_proxy_from_elsewhere(c):
    fetched(c)
    kept(c, 12.5, PAGE, got(TRAP), paths={1: "http://other.example.com/x"})


@silent("link-download")
def page_of_a_link(c):
    fetched(c)
    plain(c, 12.5, answer=got(b"<html><body>Hello</body></html>", type="text/html"))


@silent("link-download")
def file_of_an_ordinary_message(c):
    fetched(c, ordinary())
    plain(c, 12.5, answer=got(TRAP))


@silent("link-download")
def file_with_a_hole(c):
    fetched(c)
    plain(c, 12.5, answer=[got(TRAP)[:120], got(TRAP)[120:140], got(TRAP)[140:]], missed=1)


@silent("link-download")
def file_cut_off(c):
    fetched(c)
    plain(c, 12.5, answer=got(TRAP)[:-1])


@silent("link-download")
def broken_chunks(c):
    fetched(c)
    plain(c, 12.5, answer=got(CHUNKS.replace(b";x=y\r\n", b"g\r\n"), "Transfer-Encoding: chunked"))


@silent("link-download")
def no_file(c):
    """A piece of it, one that is encoded, and the head alone."""
    fetched(c)
    plain(c, 12.5, answer=got(TRAP, status="206 Partial Content"))
    plain(c, 22.5, answer=got(TRAP, "Content-Encoding: br\r\nContent-Length: %d"))
    plain(c, 32.5, answer=got(TRAP), verb="HEAD")


# ---- attachment-spread, campaign -----------------------------------------------------------------------------------

FORGED = "From: \"boss@example.org\" <x%d@example.net>\r\n"
PROGRAM = "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAA="


def lure(n, subject="Invoice", body="Hi.\r\n", forged=True, extra=""):
    return (FORGED % n if forged else "") + header(From="Ann <ann@site%d.example>" % n, Reply_To="boss.example@gmail.com", Message_ID="<%d@example.net>" % n,
                               Subject=subject) + extra + "\r\n" + body


def with_file(n, name="data.bin", content=PROGRAM, subject="Invoice", forged=True):
    return lure(n, subject + " %d" % n, "--q\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=%s\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n--q--\r\n" % (name, content), forged,
                "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n")


NOTES = "bWludXRlcyBvZiB0aGUgbWVldGluZw=="


def ordinary_file():
    return with_file(0, name="notes.dat", content=NOTES, forged=False).replace("Reply-To", "X-Reply-To").replace("example.net", "site0.example")


def sent(c, n, *texts):
    d = greet(D(c, at=10.0 * n, client_port=40000 + n))
    for text in texts:
        d = data(envelope(d), text.encode()).talk("S: 250 2.0.0 Ok: queued as 4711")
    quit(d)


@fires("attachment-spread", "error", says="2 messages of sessions 1 and 2 carry the same 32 bytes")
def file_on_two_sessions(c):
    sent(c, 0, with_file(0))
    sent(c, 1, with_file(1))


@fires("attachment-spread", says="It is a program")
def program_on_two_sessions(c):
    for n in range(2):
        sent(c, n, with_file(n, "setup.exe", forged=False).replace("Reply-To", "X-Reply-To"))


@silent("attachment-spread")
def file_twice_in_one_session(c):
    sent(c, 0, with_file(0), with_file(1))


@silent("attachment-spread")
def files_alike(c):
    sent(c, 0, with_file(0))
    sent(c, 1, with_file(1, content=PROGRAM[:-4] + "AAE="))


WORDS = "We have seen that your mailbox is nearly full and that mail for you had to wait, so please look after it today or some of it goes back.\r\n"


@fires("campaign", "error", says="3 dangerous messages belong together")
def same_words(c):
    for n in range(3):
        sent(c, n, lure(n, "Case %d" % n, "%d: " % n + WORDS.replace(" ", "\r\n" if n == 1 else "  ")))


@fires("campaign", "error", says="the shape of a link")
def same_links(c):
    for n in range(3):
        sent(c, n, lure(n, "Case %d" % n, "http://files.bank-check.example/login/%dx/go.php?t=%d\r\n" % (n, n)))


@fires("campaign", "error", says="They share a file, subject and sender's domain; sessions 1, 2 and 3")
def one_thing_and_another(c):
    """Two share a file, two the subject."""
    sent(c, 0, with_file(0))
    sent(c, 1, with_file(1).replace("site1.example", "site.example"))
    sent(c, 2, lure(2, "Invoice 1").replace("site2.example", "site.example").replace("x2@example.net", "x1@example.net"))


@silent("campaign")
def two_alike(c):
    for n in range(2):
        sent(c, n, lure(n, "Case %d" % n, WORDS))


@silent("campaign")
def one_message_on_its_way(c):
    for n in range(4):
        sent(c, n, lure(7, "Case", WORDS))


@silent("campaign")
def nothing_in_common(c):
    for n in range(4):
        sent(c, n, lure(n, "Case %d" % n, "http://files%d.bank-check.example/a\r\n" % n))


@silent("campaign")
def newsletter(c):
    for n in range(4):
        sent(c, n, header(Message_ID="<%d@example.com>" % n) + "\r\n" + WORDS)
