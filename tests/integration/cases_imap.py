"""Dovecot's IMAP: fetched, appended, moved, waited for."""
import imaplib
import re

from mails import EXAMPLE_PNG, dotted, long_lines, noise, plain, with_attachments
from servers import USERS, WRONG, login
from truth import case, sha256
from wire import Imap, Smtp, b64, cram

ALICE, SECRET = login("alice"), USERS["alice"]


def imap(lab, door=None, host="127.0.0.1"):
    return Imap(door or lab.ports["imap"], host)


def enter(c, user=ALICE, password=SECRET):
    return c.do('LOGIN "%s" "%s"' % (user, password))


def whole(cap, s, direction="retrieved"):
    return [m for m in cap.messages_of(s) if m["complete"] and m["direction"] == direction]


def logged_out(cap):
    """What Dovecot counted."""
    m = cap.log("dovecot.log", r"imap\([^)]*\).*(?:Logged out|Disconnected).* in=\d+ out=\d+ .*body_count=(\d+) body_bytes=(\d+)")[0]
    return int(m[1]), int(m[2])


@case("imap-dialogue")
def dialogue(lab):
    content = (plain("One"), dotted("Two"), long_lines("Three"))
    lab.dovecot.empty("alice", *content)
    with lab.capture() as cap, imap(lab) as c:
        c.do("CAPABILITY")
        enter(c)
        c.do('LIST "" "*"')
        c.do("STATUS INBOX (MESSAGES UNSEEN)")
        c.do("SELECT INBOX")
        _, got, _ = c.do("FETCH 1:* (UID FLAGS BODY[])")
        c.do("NOOP")
        c.do("CLOSE")
        c.logout()
        count = logged_out(cap)
    s = cap.expect_dialogue(c)
    cap.expect(s, protocol="imap", transport="plain", user=ALICE, auth={"mechanism": "LOGIN", "result": "ok", "attempts": 1},
               outcome="completed", stage="quit", messages=3)
    for m, x in zip(whole(cap, s), content):
        cap.expect_message(m, x, direction="retrieved", status="retrieved")
    cap.same("bodies, as Dovecot counts", (len(whole(cap, s)), sum(m["size"] for m in whole(cap, s))), count)
    cap.expect_healthy()


@case("imap-odd-port")
def odd(lab):
    content = plain("Odd")
    lab.dovecot.empty("alice", content)
    with lab.capture() as cap, imap(lab, lab.odd["imap"]) as c:
        enter(c)
        c.do("EXAMINE INBOX")
        c.do("FETCH 1 RFC822")
        c.logout()
    s = cap.expect_dialogue(c)
    cap.expect(s, protocol="imap", user=ALICE, outcome="completed")
    cap.expect_message(cap.messages_of(s)[0], content)
    cap.expect_healthy()


@case("imap-ipv6")
def ipv6(lab):
    if not lab.ipv6:
        return
    lab.dovecot.empty("alice", plain("Six"))
    with lab.capture() as cap, imap(lab, host="::1") as c:
        enter(c)
        c.do("SELECT INBOX")
        c.do("UID FETCH 1:* (BODY.PEEK[])")
        c.logout()
    s = cap.expect_dialogue(c)
    cap.expect_message(cap.messages_of(s)[0], plain("Six"))
    cap.expect_healthy()


@case("imap-login-failed")
def failed(lab):
    with lab.capture() as cap, imap(lab) as c:
        enter(c, password=WRONG)
        c.logout()
        cap.log("dovecot.log", r"imap-login: .*auth failed, 1 attempts.*user=<%s>" % ALICE)
    s = cap.expect_dialogue(c)
    cap.expect(s, user=ALICE, auth={"mechanism": "LOGIN", "result": "failed", "attempts": 1}, outcome="auth-failed", messages=0)
    cap.expect_findings("auth-failed")


@case("imap-login-literals")
def login_literals(lab):
    with lab.capture() as cap, imap(lab) as c:
        tag = c.start("LOGIN {%d}" % len(ALICE))
        c.answer()
        c.send("%s {%d}\r\n" % (ALICE, len(SECRET)))
        c.answer()
        c.send(SECRET + "\r\n")
        c.finish(tag, "LOGIN")
        c.logout()
    s = cap.expect_dialogue(c)
    cap.expect(s, user=ALICE, auth={"mechanism": "LOGIN", "result": "ok", "attempts": 1}, outcome="completed", messages=0)
    cap.expect_healthy()


def authenticate(lab, mechanism, answers, ok=True):
    with lab.capture() as cap, imap(lab) as c:
        tag = c.start("AUTHENTICATE " + mechanism)
        for answer in answers:
            challenge = c.answer()
            c.send(answer(challenge[2:].decode()) + "\r\n")
        c.finish(tag, "AUTHENTICATE")
        c.logout()
    s = cap.expect_dialogue(c)
    cap.expect(s, user=ALICE, auth={"mechanism": mechanism.split()[0], "result": "ok" if ok else "failed", "attempts": 1},
               outcome="completed" if ok else "auth-failed")
    cap.same("cleartext-credentials", "cleartext-credentials" in cap.rules(s), "CRAM" not in mechanism)
    cap.expect_findings(*(() if ok else ("auth-failed",)))


@case("imap-authenticate-plain")
def authenticate_plain(lab):
    authenticate(lab, "PLAIN", [lambda _: b64("\0%s\0%s" % (ALICE, SECRET))])


@case("imap-authenticate-plain-failed")
def authenticate_plain_failed(lab):
    authenticate(lab, "PLAIN", [lambda _: b64("\0%s\0%s" % (ALICE, WRONG))], ok=False)


@case("imap-authenticate-sasl-ir")
def authenticate_ir(lab):
    authenticate(lab, "PLAIN " + b64("\0%s\0%s" % (ALICE, SECRET)), [])


@case("imap-authenticate-login")
def authenticate_login(lab):
    authenticate(lab, "LOGIN", [lambda _: b64(ALICE), lambda _: b64(SECRET)])


@case("imap-authenticate-cram-md5")
def authenticate_cram(lab):
    authenticate(lab, "CRAM-MD5", [lambda challenge: cram(ALICE, SECRET, challenge)])


@case("imap-sections")
def sections(lab):
    files = [("s.bin", noise(9, 40_000), "application/octet-stream"), ("s.png", EXAMPLE_PNG, "image/png")]
    content = with_attachments("Sections", files)
    lab.dovecot.empty("alice", content)
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        c.do("SELECT INBOX")
        for what in ("(FLAGS ENVELOPE BODYSTRUCTURE RFC822.SIZE)", "BODY.PEEK[HEADER]", "BODY[HEADER.FIELDS (FROM SUBJECT)]", "BODY[1]",
                     "BODY[2]", "BODY[2.MIME]", "BODY[TEXT]", "BODY[]<0.1000>", "BODY[]<1000.5000>", "(BODY.PEEK[])"):
            c.do("FETCH 1 " + what)
        c.logout()
    s = cap.expect_dialogue(c)
    cap.same("whole messages", len(whole(cap, s)), 2)   # header and text; all at once
    for m in whole(cap, s):
        cap.expect_message(m, content)
        cap.expect_parts(m, [(n, b) for n, b, _ in files])
    cap.expect_healthy()


@case("imap-fetch-in-ranges")
def ranges(lab):
    """As some clients read large mail: piece by piece. No piece is the message."""
    content = with_attachments("Ranges", [("r.bin", noise(10, 60_000), "application/octet-stream")])
    lab.dovecot.empty("alice", content)
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        c.do("SELECT INBOX")
        for at in range(0, len(content), 16384):
            c.do("UID FETCH 1 BODY.PEEK[]<%d.16384>" % at)
        c.logout()
    s = cap.expect_dialogue(c)
    cap.true("a piece has more bytes than the message", all(m["size"] <= len(content) for m in cap.messages_of(s)))
    for m in whole(cap, s):
        cap.expect_message(m, content)
    cap.expect_healthy()


@case("imap-binary-and-empty")
def binary(lab):
    content = (plain("Empty", ""), plain("No line end", "the last line has no end"), plain("Text with marks", "a1 OK FETCH done\r\n* BYE\r\n)\r\n{5}\r\n"))
    lab.dovecot.empty("alice", *content)
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        c.do("SELECT INBOX")
        c.do("FETCH 1:3 BODY[]")
        c.do("FETCH 1:2 (BODY[TEXT])")
        c.logout()
    s = cap.expect_dialogue(c)
    cap.same("whole messages", len(whole(cap, s)), 3)
    for m, x in zip(whole(cap, s), content):
        cap.expect_message(m, x)
    cap.expect_healthy()


def append(lab, *contents, plus=False, one_by_one=True):
    lab.dovecot.empty("alice")
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        for group in ([[x] for x in contents] if one_by_one else [contents]):
            result, _, tagged = c.append("INBOX", *group, plus=plus)
            cap.same("Dovecot's own result", result, "OK")
        c.logout()
    s = cap.expect_dialogue(c)
    got = whole(cap, s, "appended")
    cap.same("appended messages", len(got), len(contents))
    for m, x in zip(got, contents):
        cap.expect_message(m, x, status="accepted")
    stored = lab.dovecot.contents("alice")
    cap.same("stored", sorted(m["sha256"] for m in got), sorted(sha256(x) for x in stored))
    cap.expect_healthy()
    return got


@case("imap-append")
def append_sync(lab):
    append(lab, plain("Appended"), dotted("Appended dots"))


@case("imap-append-literal-plus")
def append_plus(lab):
    content = with_attachments("Appended plus", [("p.bin", noise(11, 80_000), "application/octet-stream")])
    append(lab, content, plain("Appended small"), plus=True)


@case("imap-multiappend")
def multiappend(lab):
    append(lab, plain("Multi one"), dotted("Multi two"), plain("Multi three"), plus=True, one_by_one=False)


@case("imap-multiappend-sync")
def multiappend_sync(lab):
    append(lab, plain("Multi one"), dotted("Multi two"), one_by_one=False)


@case("imap-append-cut-short")
def append_cut(lab):
    """The connection ends inside the literal."""
    lab.dovecot.empty("alice")
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        c.send("a9 APPEND INBOX {5000+}\r\n" + "Subject: half\r\n\r\n" + "x" * 700)
        c.socket.close()
        cap.log("dovecot.log", r"imap\([^)]*\).*(?:Disconnected|Connection closed)")
    s = cap.session_of(c)
    cap.expect(s, outcome="closed", messages=1)
    cap.expect(cap.messages_of(s)[0], direction="appended", status="incomplete", complete=False)
    cap.same("stored", lab.dovecot.contents("alice"), [])
    cap.expect_findings("session-aborted")


@case("imap-empty-append")
def append_empty(lab):
    """A literal of no bytes: Dovecot takes it for a cancelled append."""
    lab.dovecot.empty("alice")
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        c.do("NOOP")
        c.append("INBOX", b"", plus=True)
        c.logout()
    s = cap.expect_dialogue(c)
    cap.true("no message of more than no bytes", all(m["size"] == 0 for m in cap.messages_of(s)))


@case("imap-append-refused")
def append_refused(lab):
    content = plain("Nowhere")
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        result, _, tagged = c.append("NoSuchFolder", content, plus=True)
        cap.same("Dovecot's own result", (result, b"[TRYCREATE]" in tagged), ("NO", True))
        c.logout()
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)
    cap.same("messages", len(m), 1)
    cap.expect_message(m[0], content, status="rejected", direction="appended")


@case("imap-flags-copy-move-search")
def flags(lab):
    lab.dovecot.empty("alice", plain("F one"), plain("F two"), plain("F three"))
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        c.do("CREATE Archive")
        c.do("SELECT INBOX")
        c.do("STORE 1 +FLAGS (\\Flagged)")
        c.do("UID STORE 2 FLAGS.SILENT (\\Seen)")
        c.do('SEARCH SUBJECT "two"')
        c.do("UID SEARCH ALL")
        c.do("COPY 1 Archive")
        c.do("UID COPY 2 Archive")
        c.do("MOVE 2 Archive")
        c.do("UID MOVE 1 Archive")
        c.do("STORE 1 +FLAGS (\\Deleted)")
        c.do("EXPUNGE")
        c.do("COPY 9 Archive")
        c.do("SELECT NoSuchFolder")
        c.do("UNSELECT")
        c.do("FROB")
        c.do("DELETE Archive")
        c.logout()
    s = cap.expect_dialogue(c)
    cap.expect(s, messages=0, outcome="completed")


@case("imap-pipelined")
def pipelined(lab):
    content = (dotted("IP one"), plain("IP two"))
    lab.dovecot.empty("alice", *content)
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        c.do("SELECT INBOX")
        c.together("FETCH 1 BODY[]", "NOOP", "FETCH 2 (BODY[])", "FETCH 1:2 FLAGS", "LOGOUT")
        c.end()
    s = cap.expect_dialogue(c)
    for m, x in zip(whole(cap, s), content):
        cap.expect_message(m, x)
    cap.same("whole messages", len(whole(cap, s)), 2)
    cap.expect(s, outcome="completed")
    cap.expect_healthy()


@case("imap-idle")
def idle(lab):
    """New mail arrives by SMTP and LMTP while the client waits: the whole way in one capture."""
    content = plain("While you wait")
    lab.dovecot.empty("alice")
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        c.do("SELECT INBOX")
        tag = c.start("IDLE")
        cap.true("Dovecot waits", c.answer().startswith(b"+"))
        with Smtp(lab.ports["smtp"]) as sender:
            sender.envelope("dave@elsewhere.test", ALICE)
            sender.data(content)
            sender.quit()
        while not re.match(rb"\* 1 EXISTS", c.answer()):
            pass
        c.send("DONE\r\n")
        c.finish(tag, "IDLE")
        _, got, _ = c.do("FETCH 1 BODY[]")
        c.logout()
    s = cap.expect_dialogue(c)
    cap.expect_sessions(imap=1, smtp=1, lmtp=1)
    m = whole(cap, s)
    cap.same("whole messages", len(m), 1)
    cap.true("the fetched message ends with the sent one", content.decode() in b"".join(got).decode())
    cap.expect_message(cap.messages_of(cap.session_of(sender))[0], content, status="accepted")
    fetched = re.search(rb"\{(\d+)\}\r\n", got[0])
    body = got[0][fetched.end():fetched.end() + int(fetched[1])]
    cap.expect_message(m[0], body, headers__subject="While you wait")
    cap.expect_healthy()


@case("imap-imaplib")
def library(lab):
    content = (plain("Lib one"), dotted("Lib two"))
    lab.dovecot.empty("alice", *content)
    with lab.capture() as cap:
        c = imaplib.IMAP4("127.0.0.1", lab.ports["imap"], 20)
        c.login(ALICE, SECRET)
        c.select("INBOX")
        _, found = c.search(None, "ALL")
        got = [c.fetch(n, "(RFC822)")[1][0][1] for n in found[0].decode().split()]
        c.append("INBOX", None, None, plain("Lib three"))
        c.store("1", "+FLAGS", "\\Deleted")
        c.expunge()
        c.close()
        c.logout()
    s = cap.only("imap")
    cap.expect(s, user=ALICE, outcome="completed", messages=3)
    for m, x in zip(whole(cap, s), content):
        cap.expect_message(m, x)
    cap.same("what imaplib got", [sha256(x) for x in got], [m["sha256"] for m in whole(cap, s)])
    cap.expect_message(whole(cap, s, "appended")[0], plain("Lib three"), status="accepted")
    cap.expect_healthy()


@case("imap-curl")
def curl(lab):
    content = (plain("Curl one"), with_attachments("Curl two", [("c.bin", noise(12, 20_000), "application/octet-stream")]))
    lab.dovecot.empty("alice", *content)
    url = "imap://127.0.0.1:%d/INBOX" % lab.ports["imap"]
    with lab.capture() as cap:
        got = lab.client("curl", "-sS", "--user", ALICE + ":" + SECRET, url + ";MAILINDEX=2")
        lab.client("curl", "-sS", "--user", ALICE + ":" + SECRET, url, "-X", "SEARCH ALL")
        lab.client("curl", "-sS", "--user", ALICE + ":" + SECRET, url, "-T", lab.path("upload", plain("Curl upload")))
    cap.expect_sessions(imap=3)
    retrieved = [m for m in cap.messages if m["direction"] == "retrieved"]
    cap.same("what curl got", sha256(got.rstrip(b"\r\n")), sha256(content[1].rstrip(b"\r\n")))
    cap.same("retrieved messages", len(retrieved), 1)
    cap.expect_message(retrieved[0], content[1])
    cap.expect_parts(retrieved[0], [("c.bin", noise(12, 20_000))])
    cap.expect_message([m for m in cap.messages if m["direction"] == "appended"][0], plain("Curl upload"), status="accepted")
    cap.same("users", [s["user"] for s in cap.of("imap")], [ALICE] * 3)
    cap.expect_findings()


@case("imap-curl-failed")
def curl_failed(lab):
    with lab.capture() as cap:
        lab.client("curl", "-sS", "--user", ALICE + ":" + WRONG, "imap://127.0.0.1:%d/" % lab.ports["imap"], ok=(67,))
        cap.log("dovecot.log", "auth failed")
    cap.expect(cap.only("imap"), user=ALICE, auth__result="failed", outcome="auth-failed")
    cap.expect_findings("auth-failed")


@case("imap-starttls")
def starttls(lab):
    with lab.capture() as cap, imap(lab) as c:
        c.do("STARTTLS")
        c.tls()
        c.tag += 1
        c.send('b1 LOGIN "%s" "%s"\r\nb2 LOGOUT\r\n' % (ALICE, SECRET))
        c.end()
        cap.log("dovecot.log", r"imap-login: .*user=<%s>.*TLS" % ALICE)
    s = cap.session_of(c)
    cap.expect(s, transport="starttls", decrypted=False, user=None, auth=None, messages=0)
    cap.same("dialogue", [(x.get("command", ""), x.get("code")) for x in cap.exchanges_of(s)], c.dialogue)
    cap.same("cleartext findings", [r for r in cap.rules(s) if r.startswith("cleartext")], [])
    cap.expect_findings()


@case("imap-implicit-tls")
def implicit_tls(lab):
    lab.dovecot.empty("alice", plain("Tls"))
    with lab.capture(whole=lab.ports["imaps"] == 993) as cap:
        lab.client("curl", "-sSk", "--user", ALICE + ":" + SECRET, "imaps://127.0.0.1:%d/INBOX;MAILINDEX=1" % lab.ports["imaps"])
    if lab.ports["imaps"] == 993:
        cap.expect(cap.only("imap"), transport="tls", decrypted=False, user=None, messages=0)
    cap.expect_findings()


@case("imap-broken-off")
def broken_off(lab):
    lab.dovecot.empty("alice", with_attachments("Broken off", [("b.bin", noise(8, 1_500_000), "application/octet-stream")]))
    with lab.capture() as cap, imap(lab) as c:
        enter(c)
        c.do("SELECT INBOX")
        c.start("FETCH 1 BODY[]")
        c.line()
        c.socket.close()
        cap.log("dovecot.log", r"imap\([^)]*\).*Disconnected")
    s = cap.session_of(c)
    cap.true("not completed", s["outcome"] in ("closed", "reset"))
    m = cap.messages_of(s)
    cap.same("messages", len(m), 1)
    cap.expect(m[0], complete=False)
