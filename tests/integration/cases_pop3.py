"""Mail out of Dovecot by POP3."""
import poplib
import ssl

from mails import dotted, long_lines, noise, plain, with_attachments
from servers import USERS, WRONG, login
from truth import case, sha256
from wire import Pop, b64, cram, stuff

ALICE, SECRET = login("alice"), USERS["alice"]


def box(lab, *contents):
    lab.dovecot.empty("alice", *contents)
    return contents


def pop(lab, door=None, host="127.0.0.1"):
    return Pop(door or lab.ports["pop3"], host)


def logged_out(cap):
    """What Dovecot counted: retr=count/bytes, del=count/of, size."""
    m = cap.log("dovecot.log", r"pop3\([^)]*\).*Disconnected: Logged out top=(\d+)/(\d+), retr=(\d+)/(\d+), del=(\d+)/(\d+), size=(\d+)")[0]
    return {k: int(v) for k, v in zip(("top", "top_bytes", "retr", "retr_bytes", "deleted", "messages", "size"), m.groups())}


def counted(cap, s):
    """Number and bytes of the whole messages as Dovecot counts what it sends for RETR: with its status line and the stuffed
    dots, which a record is without."""
    got = whole(cap, s)
    dots = sum(cap.dots.get(m["sha256"], 0) for m in got)
    return len(got), sum(m["size"] + len("+OK %d octets\r\n" % m["size"]) for m in got) + dots


def knows(cap, content):
    cap.dots = {sha256(x): len(stuff(x)) - len(x) - len(b".\r\n") for x in content}


def whole(cap, s):
    return [m for m in cap.messages_of(s) if m["complete"]]


@case("pop3-dialogue")
def dialogue(lab):
    content = box(lab, plain("One"), dotted("Two"), long_lines("Three"))
    with lab.capture() as cap, pop(lab) as c:
        c.do("CAPA")
        c.login(ALICE, SECRET)
        for line in ("STAT", "LIST", "LIST 2", "UIDL", "UIDL 1", "NOOP"):
            c.do(line)
        got = [c.do("RETR %d" % n)[1] for n in (1, 2, 3)]
        c.do("DELE 1")
        c.do("RSET")
        c.do("DELE 3")
        c.quit()
        count = logged_out(cap)
    cap.same("what the client got", [sha256(g) for g in got], [sha256(x) for x in content])
    s = cap.expect_dialogue(c)
    cap.expect(s, protocol="pop3", transport="plain", user=ALICE, auth={"mechanism": "USER", "result": "ok", "attempts": 1},
               outcome="completed", stage="quit", messages=3)
    for m, x in zip(cap.messages_of(s), content):
        cap.expect_message(m, x, direction="retrieved", status="retrieved")
    knows(cap, content)
    cap.same("retrieved, as Dovecot counts", counted(cap, s),
             (count["retr"], count["retr_bytes"]))
    cap.expect_healthy()


@case("pop3-odd-port")
def odd(lab):
    content = box(lab, dotted("Odd"))
    with lab.capture() as cap, pop(lab, lab.odd["pop3"]) as c:
        c.login(ALICE, SECRET)
        c.do("RETR 1")
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, protocol="pop3", user=ALICE, outcome="completed")
    cap.expect_message(cap.messages_of(s)[0], content[0])
    cap.expect_healthy()


@case("pop3-top")
def top(lab):
    content = box(lab, dotted("Top"))
    with lab.capture() as cap, pop(lab) as c:
        c.login(ALICE, SECRET)
        _, head = c.do("TOP 1 0")
        c.do("TOP 1 5")
        c.do("RETR 1")
        c.quit()
        count = logged_out(cap)
    s = cap.expect_dialogue(c)
    cap.same("whole messages", len(whole(cap, s)), count["retr"])
    cap.expect_message(whole(cap, s)[0], content[0])
    parts = [m for m in cap.messages_of(s) if not m["complete"]]
    cap.same("parts of messages", len(parts), count["top"])
    cap.same("size of TOP 1 0", parts[0]["size"] if parts else None, len(head))
    cap.expect_healthy()


@case("pop3-login-failed")
def failed(lab):
    box(lab)
    with lab.capture() as cap, pop(lab) as c:
        c.login(ALICE, WRONG)
        c.quit()
        cap.log("dovecot.log", r"pop3-login: .*auth failed, 1 attempts.*user=<%s>" % ALICE)
    s = cap.expect_dialogue(c)
    cap.expect(s, user=ALICE, auth={"mechanism": "USER", "result": "failed", "attempts": 1}, outcome="auth-failed", messages=0)
    cap.expect_findings("auth-failed")


@case("pop3-login-second-try")
def second_try(lab):
    box(lab)
    with lab.capture() as cap, pop(lab) as c:
        c.login(ALICE, WRONG)
        c.login(ALICE, SECRET)
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, user=ALICE, auth={"mechanism": "USER", "result": "ok", "attempts": 2}, outcome="completed")
    cap.same("errors", [f["rule"] for f in cap.findings if f["severity"] == "error"], [])


@case("pop3-auth-plain")
def auth_plain(lab):
    content = box(lab, plain("Auth plain"))
    with lab.capture() as cap, pop(lab) as c:
        c.do("CAPA")
        c.send("AUTH PLAIN %s\r\n" % b64("\0%s\0%s" % (ALICE, SECRET)))
        c.take("AUTH", False)
        c.do("RETR 1")
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, user=ALICE, auth={"mechanism": "PLAIN", "result": "ok", "attempts": 1}, outcome="completed")
    cap.expect_message(cap.messages_of(s)[0], content[0])
    cap.expect_healthy()


@case("pop3-auth-cram-md5")
def auth_cram(lab):
    box(lab)
    with lab.capture() as cap, pop(lab) as c:
        c.do("CAPA")
        c.send("AUTH CRAM-MD5\r\n")
        challenge = c.line()
        c.send(cram(ALICE, SECRET, challenge[2:]) + "\r\n")
        c.take("AUTH", False)
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, user=ALICE, auth={"mechanism": "CRAM-MD5", "result": "ok", "attempts": 1}, outcome="completed")
    cap.same("cleartext-credentials", "cleartext-credentials" in cap.rules(s), False)
    cap.expect_healthy()


@case("pop3-errors")
def errors(lab):
    box(lab, plain("Only one"))
    with lab.capture() as cap, pop(lab) as c:
        c.do("CAPA")   # on an odd port the first words say what is spoken
        c.do("FROB")
        c.login(ALICE, SECRET)
        c.do("RETR 9")
        c.do("DELE 1")
        c.do("RETR 1")
        c.do("TOP 7 1")
        c.do("UIDL 3")
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, messages=0, outcome="completed")


@case("pop3-pipelined")
def pipelined(lab):
    content = box(lab, dotted("P one"), plain("P two"), with_attachments("P three", [("p.bin", noise(5, 50_000), "application/octet-stream")]))
    with lab.capture() as cap, pop(lab) as c:
        c.login(ALICE, SECRET)
        lines = ["STAT", "LIST", "UIDL", "RETR 1", "RETR 2", "RETR 9", "RETR 3", "TOP 1 1", "DELE 2", "NOOP"]
        c.send("".join(x + "\r\n" for x in lines))
        for x in lines:
            c.take(x.split()[0], Pop.is_multi(x))
        c.quit()
        count = logged_out(cap)
    s = cap.expect_dialogue(c)
    got = whole(cap, s)
    knows(cap, content)
    cap.same("retrieved, as Dovecot counts", counted(cap, s), (count["retr"], count["retr_bytes"]))
    for m, x in zip(got, content):
        cap.expect_message(m, x)
    cap.expect_parts(got[2], [("p.bin", noise(5, 50_000))])


@case("pop3-poplib")
def library(lab):
    content = box(lab, plain("Lib one"), dotted("Lib two"))
    with lab.capture() as cap:
        c = poplib.POP3("127.0.0.1", lab.ports["pop3"], 20)
        c.user(ALICE)
        c.pass_(SECRET)
        count, octets = c.stat()
        for n in range(count):
            c.top(n + 1, 2)
            c.retr(n + 1)
        c.uidl()
        c.dele(1)
        c.quit()
        logged = logged_out(cap)
    s = cap.only("pop3")
    got = whole(cap, s)
    knows(cap, content)
    cap.same("retrieved, as Dovecot counts", counted(cap, s), (logged["retr"], logged["retr_bytes"]))
    cap.same("retrieved, as STAT says", sum(m["size"] for m in got), octets)
    for m, x in zip(got, content):
        cap.expect_message(m, x)
    cap.expect(s, outcome="completed", user=ALICE)
    cap.expect_healthy()


@case("pop3-curl")
def curl(lab):
    content = box(lab, plain("Curl one"), dotted("Curl two"))
    url = "pop3://127.0.0.1:%d/" % lab.ports["pop3"]
    with lab.capture() as cap:
        got = lab.client("curl", "-sS", "--user", ALICE + ":" + SECRET, url + "2")
        lab.client("curl", "-sS", "--user", ALICE + ":" + SECRET, url)
    cap.expect_sessions(pop3=2)
    cap.same("what curl got", sha256(got.rstrip(b"\r\n")), sha256(content[1].rstrip(b"\r\n")))
    m = cap.messages
    cap.same("messages", len(m), 1)
    cap.expect_message(m[0], content[1])
    cap.same("users", [s["user"] for s in cap.of("pop3")], [ALICE] * 2)
    cap.expect_healthy()


@case("pop3-curl-failed")
def curl_failed(lab):
    with lab.capture() as cap:
        lab.client("curl", "-sS", "--user", ALICE + ":" + WRONG, "pop3://127.0.0.1:%d/" % lab.ports["pop3"], ok=(67,))
        cap.log("dovecot.log", "auth failed")
    s = cap.only("pop3")
    cap.expect(s, user=ALICE, auth__result="failed", outcome="auth-failed")
    cap.expect_findings("auth-failed")


@case("pop3-mpop")
def mpop(lab):
    content = box(lab, plain("Mpop one"), dotted("Mpop two"), with_attachments("Mpop three", [("m.bin", noise(6, 30_000), "application/octet-stream")]))
    lab.path("password", SECRET.encode())
    with lab.capture() as cap:
        lab.client("mpop", "--file=/dev/null", "--host=127.0.0.1", "--port=%d" % lab.ports["pop3"], "--user=" + ALICE, "--auth=user",
                   "--passwordeval=cat %s/password" % lab.dir, "--tls=off", "--uidls-file=%s/uidls" % lab.dir, "--keep=off",
                   "--delivery=mbox,%s/mbox" % lab.dir)
        count = logged_out(cap)
    s = cap.only("pop3")
    got = whole(cap, s)
    cap.same("messages", len(got), 3)
    for m, x in zip(got, content):
        cap.expect_message(m, x)
    knows(cap, content)
    cap.same("retrieved, as Dovecot counts", counted(cap, s), (count["retr"], count["retr_bytes"]))
    deleted = sum(x.get("command") == "DELE" and x["code"] == "+OK" for x in cap.exchanges_of(s))
    cap.same("deleted, as Dovecot counts", deleted, count["deleted"])
    cap.expect(s, outcome="completed", user=ALICE)
    cap.expect_healthy()


@case("pop3-stls")
def stls(lab):
    with lab.capture() as cap:
        c = poplib.POP3("127.0.0.1", lab.ports["pop3"], 20)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        c.stls(context)
        c.user(ALICE)
        c.pass_(SECRET)
        c.quit()
        cap.log("dovecot.log", r"pop3-login: .*user=<%s>.*TLS" % ALICE)
    s = cap.only("pop3")
    cap.expect(s, transport="starttls", decrypted=False, user=None, auth=None)
    cap.expect_findings()
    cap.same("cleartext findings", [r for r in cap.rules(s) if r.startswith("cleartext")], [])


@case("pop3-implicit-tls")
def implicit_tls(lab):
    box(lab, plain("Tls"))
    with lab.capture(whole=lab.ports["pop3s"] == 995) as cap:
        lab.client("curl", "-sSk", "--user", ALICE + ":" + SECRET, "pop3s://127.0.0.1:%d/1" % lab.ports["pop3s"])
    if lab.ports["pop3s"] == 995:
        cap.expect(cap.only("pop3"), transport="tls", decrypted=False, user=None, messages=0)
    cap.expect_findings()


@case("pop3-broken-off")
def broken_off(lab):
    box(lab, with_attachments("Broken off", [("b.bin", noise(8, 1_500_000), "application/octet-stream")]))
    with lab.capture() as cap, pop(lab) as c:
        c.login(ALICE, SECRET)
        c.send("RETR 1\r\n")
        c.line()
        c.socket.close()
        cap.log("dovecot.log", r"pop3\([^)]*\).*Disconnected")
    s = cap.session_of(c)
    cap.true("not completed", s["outcome"] in ("closed", "reset"))
    m = cap.messages_of(s)
    cap.same("messages", len(m), 1)
    cap.expect(m[0], complete=False)
