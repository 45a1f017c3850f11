"""Mail into Postfix: taken, refused, in pieces, in a row; and what Postfix wrote about it."""
import contextlib
import re
import smtplib
import socket

from mails import EXAMPLE_PNG, dotted, long_lines, noise, plain, with_attachments
from servers import SIZE_LIMIT
from truth import case, sha256
from wire import Smtp, stuff

DAVE, ALICE, BOB, CAROL = "dave@elsewhere.test", "alice@example.test", "bob@example.test", "carol@example.test"


def queue_id(reply):
    """Out of "250 2.0.0 Ok: queued as ..."."""
    found = re.search(r"queued as (\w+)", reply or "")
    return found[1] if found else "no queue id in %r" % reply


def smtp(lab, **more):
    return Smtp(lab.ports["smtp"], **more)


def wait_sent(cap, text, recipients=1):
    """Until Postfix has delivered; the queue id."""
    qid = queue_id(text)
    cap.log("mail.log", qid + r": to=<[^>]+>,.* status=sent", recipients)
    cap.log("mail.log", qid + r": removed")
    return qid


def check_delivery(cap, accepted, wanted):
    """The LMTP hop to Dovecot that follows: the same mail with a Received: in front, as Dovecot stored it."""
    lmtp = cap.only("lmtp")
    hop = cap.messages_of(lmtp)[0]
    cap.expect(hop, direction="sent", status="accepted", complete=True)
    cap.expect_to(hop, [(a, 250, "accepted") for a in wanted])
    cap.expect(lmtp, outcome="completed", stage="quit", auth=None)
    stored = cap.lab.dovecot.stored(wanted[0], hop["size"])
    cap.same("sha256 of the message in the LMTP session", hop["sha256"], sha256(stored))
    cap.true("the delivered message ends with the accepted one", stored.endswith(accepted))
    cap.true("the delivered message begins with Received:", stored.startswith(b"Received:"))


@case("smtp-plain-swaks")
def plain_swaks(lab):
    content = plain("Plain swaks")
    with lab.capture() as cap:
        lab.swaks("--port", str(lab.ports["smtp"]), "--from", DAVE, "--to", ALICE, "--data",
                  "@" + lab.path("m", content))
        cap.log("mail.log", "status=sent")
    cap.expect_sessions(smtp=1, lmtp=1)
    s = cap.only("smtp")
    cap.expect(s, outcome="completed", stage="quit", user=None, auth=None, transport="plain", client__name="client.example.test",
               server__name="mx.example.test", codes__221=1)
    m = cap.messages_of(s)[0]
    cap.expect(m, direction="sent", status="accepted", complete=True, envelope__from=DAVE, headers__subject="Plain swaks",
               headers__message_id="<plain.swaks@elsewhere.test>")
    cap.expect_to(m, [(ALICE, 250, "accepted")])
    qid = queue_id(m.get("reply"))
    logged = cap.log("mail.log", r"(\w+): from=<([^>]*)>, size=")[0]
    cap.same("queue id and sender", (qid, m["envelope"]["from"]), (logged[1], logged[2]))
    cap.log("mail.log", qid + r": to=<%s>,.* status=sent" % ALICE)
    check_delivery(cap, content + b"\r\n", [ALICE])
    cap.expect_healthy()


@case("smtp-dialogue")
def dialogue(lab):
    content = plain("Dialogue")
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, ALICE)
        _, text = c.data(content)[0]
        c.quit()
        qid = wait_sent(cap, text)
    s = cap.expect_dialogue(c)
    cap.expect(s, outcome="completed", stage="quit", messages=1, codes={"220": 1, "250": 4, "354": 1, "221": 1})
    m = cap.messages_of(s)[0]
    cap.expect_message(m, content, status="accepted", envelope__from=DAVE, direction="sent")
    cap.same("queue id", queue_id(m["reply"]), qid)
    check_delivery(cap, content, [ALICE])
    cap.expect_healthy()


@case("smtp-ipv6")
def ipv6(lab):
    if not lab.ipv6:
        return
    content = plain("Over six")
    with lab.capture() as cap, smtp(lab, host="::1") as c:
        c.envelope(DAVE, BOB)
        _, text = c.data(content)[0]
        c.quit()
        wait_sent(cap, text)
    s = cap.expect_dialogue(c)
    cap.expect(s, client__ip="::1", server__ip="::1", outcome="completed")
    cap.expect_message(cap.messages_of(s)[0], content, status="accepted")
    cap.expect_healthy()


@case("smtp-odd-port")
def odd_port(lab):
    content = plain("Odd port")
    with lab.capture() as cap, Smtp(lab.odd["smtp"]) as c:
        c.envelope(DAVE, BOB)
        _, text = c.data(content)[0]
        c.quit()
        wait_sent(cap, text)
    s = cap.expect_dialogue(c)
    cap.expect(s, protocol="smtp", outcome="completed")
    cap.expect_message(cap.messages_of(s)[0], content, status="accepted")
    cap.expect_healthy()


@case("smtp-attachments")
def attachments(lab):
    files = [("report.pdf", b"%PDF-1.4\n" + noise(1, 70000) + b"\n%%EOF\n", "application/pdf"), ("dot.png", EXAMPLE_PNG, "image/png"),
             ("\u00fcbersicht.txt", b"eins\r\nzwei\r\n" * 40, "application/octet-stream"), ("empty.bin", b"", "application/octet-stream")]
    content = with_attachments("With files", files)
    with lab.capture() as cap:
        with smtplib.SMTP("127.0.0.1", lab.ports["smtp"], "client.example.test") as c:
            c.sendmail(DAVE, [ALICE], content)
        cap.log("mail.log", "status=sent")
    s = cap.only("smtp")
    m = cap.messages_of(s)[0]
    cap.expect_message(m, content, status="accepted")
    cap.expect_parts(m, [(name, body) for name, body, _ in files])
    cap.same("detected", [p.get("detected") for p in m["parts"] if p.get("filename") in ("report.pdf", "dot.png")],
             ["application/pdf", "image/png"])
    check_delivery(cap, content, [ALICE])
    cap.expect_parts(cap.messages_of(cap.only("lmtp"))[0], [(name, body) for name, body, _ in files])
    cap.expect_healthy()


@case("smtp-dots")
def dots(lab):
    content = dotted("Dots")
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, ALICE)
        c.do("DATA")
        wire = stuff(content)
        for at in range(0, len(wire), 37):   # dots and line ends fall on borders of segments
            c.send(wire[at:at + 37])
        _, text = c.take(".")
        c.quit()
        wait_sent(cap, text)
    s = cap.expect_dialogue(c)
    cap.expect_message(cap.messages_of(s)[0], content, status="accepted")
    check_delivery(cap, content, [ALICE])
    cap.expect_healthy()


@case("smtp-large")
def large(lab):
    content = with_attachments("Large", [("big.bin", noise(2, 900_000), "application/octet-stream")])
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, ALICE)
        _, text = c.data(content)[0]
        c.quit()
        wait_sent(cap, text)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)[0]
    cap.expect_message(m, content, status="accepted")
    cap.expect_parts(m, [("big.bin", noise(2, 900_000))])
    check_delivery(cap, content, [ALICE])
    cap.expect_healthy()


@case("smtp-two-mails")
def two_mails(lab):
    first, second = plain("First of two"), long_lines("Second of two")
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, ALICE)
        one = wait_sent(cap, c.data(first)[0][1])
        c.envelope("", BOB)
        two = wait_sent(cap, c.data(second)[0][1])
        c.quit()
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)
    cap.expect(s, messages=2, outcome="completed")
    cap.expect_message(m[0], first, envelope__from=DAVE)
    cap.expect_message(m[1], second, envelope__from="")
    cap.expect_to(m[1], [(BOB, 250, "accepted")])
    cap.same("queue ids", [queue_id(x["reply"]) for x in m], [one, two])
    cap.expect_sessions(smtp=1, lmtp=2)
    cap.expect_healthy()


@case("smtp-rset-vrfy-noop-help")
def rset(lab):
    content = plain("After RSET")
    with lab.capture() as cap, smtp(lab) as c:
        c.do("NOOP")
        c.do("VRFY " + ALICE)
        c.envelope("nobody@elsewhere.test", BOB)
        c.do("RSET")
        c.envelope(DAVE, CAROL)
        _, text = c.data(content)[0]
        c.quit()
        wait_sent(cap, text)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)
    cap.same("messages", len(m), 1)
    cap.expect_message(m[0], content, envelope__from=DAVE)
    cap.expect_to(m[0], [(CAROL, 250, "accepted")])   # not BOB: his transaction was reset
    cap.expect_healthy()


@case("smtp-helo")
def helo(lab):
    content = plain("HELO")
    with lab.capture() as cap, smtp(lab, greet="HELO") as c:
        c.envelope(DAVE, ALICE)
        _, text = c.data(content)[0]
        c.quit()
        wait_sent(cap, text)
    s = cap.expect_dialogue(c)
    cap.expect_message(cap.messages_of(s)[0], content, status="accepted")
    cap.expect_healthy()


@case("smtp-quit-only")
def quit_only(lab):
    with lab.capture() as cap, smtp(lab, greet=None) as c:
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, outcome="completed", messages=0, codes={"220": 1, "221": 1})
    cap.expect_healthy()


# ---- refused

def rejects(cap):
    """(code, enhanced code, recipient) of Postfix's reject lines."""
    return [(int(m[1]), m[2], m[3]) for m in
            cap.logged("mail.log", r"(?:NOQUEUE|\w+): reject: RCPT from [^:]+: (\d+) ([\d.]+) <([^>]*)>")]


@case("smtp-unknown-user")
def unknown_user(lab):
    with lab.capture() as cap:
        lab.swaks("--port", str(lab.ports["smtp"]), "--from", DAVE, "--to", "nobody@example.test", ok=(24,))
        cap.log("mail.log", "reject: RCPT")
    s = cap.only("smtp")
    cap.expect(s, outcome="completed", messages=0, codes__550=1)
    x = [x for x in cap.exchanges_of(s) if x.get("command") == "RCPT"]
    cap.same("rejects", [(e["code"], e["enhanced"], "nobody@example.test") for e in x], rejects(cap))
    cap.expect_findings("recipient-unknown")
    cap.true("the finding names recipient and words", all(w in cap.findings_of(s)[0]["title"] + cap.findings_of(s)[0]["explanation"] +
             cap.findings_of(s)[0]["evidence"] for w in ("nobody@example.test", "User unknown")))


@case("smtp-relay-denied")
def relay_denied(lab):
    with lab.capture() as cap:
        lab.swaks("--port", str(lab.ports["smtp"]), "--from", DAVE, "--to", "victim@far.test", ok=(24,))
        cap.log("mail.log", "reject: RCPT")
    s = cap.only("smtp")
    cap.expect(s, outcome="completed", messages=0, codes__554=1)
    x = [x for x in cap.exchanges_of(s) if x.get("command") == "RCPT"]
    cap.same("rejects", [(e["code"], e["enhanced"], "victim@far.test") for e in x], rejects(cap))
    cap.expect_findings("relay-denied")


@case("smtp-some-recipients")
def some_recipients(lab):
    content = plain("Some recipients")
    to = [ALICE, "nobody@example.test", BOB, "victim@far.test", CAROL]
    with lab.capture() as cap, smtp(lab) as c:
        codes = c.envelope(DAVE, *to)[1:]
        _, text = c.data(content)[0]
        c.quit()
        qid = wait_sent(cap, text, 3)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)[0]
    cap.expect_message(m, content, status="accepted")
    cap.expect_to(m, [(a, code, "accepted" if code == 250 else "rejected") for a, code in zip(to, codes)])
    logged = sorted(x[1] for x in cap.logged("mail.log", qid + r": to=<([^>]+)>,.* status=sent"))
    cap.same("delivered to", sorted(t["address"] for t in m["envelope"]["to"] if t["status"] == "accepted"), logged)
    cap.same("refused", sorted((t["code"], t["address"]) for t in m["envelope"]["to"] if t["status"] == "rejected"),
             sorted((code, a) for code, _, a in rejects(cap)))
    check_delivery(cap, content, [ALICE, BOB, CAROL])
    cap.expect_findings("recipient-unknown", "relay-denied")


@case("smtp-no-recipient-left")
def no_recipient(lab):
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, "nobody@example.test")
        c.do("DATA")
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, messages=0, outcome="completed")
    cap.true("recipient-unknown", "recipient-unknown" in cap.rules(s))


@case("smtp-oversized-declared")
def oversized_declared(lab):
    with lab.capture() as cap, smtp(lab) as c:
        code, _ = c.do("MAIL FROM:<%s> SIZE=%d" % (DAVE, SIZE_LIMIT + 1))
        cap.same("Postfix's own code", code, 552)
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, codes__552=1, messages=0)
    cap.expect_findings("message-too-large")


@case("smtp-oversized-sent")
def oversized_sent(lab):
    content = plain("Too large", ("x" * 78 + "\r\n") * (SIZE_LIMIT // 80 + 1000))
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, ALICE)
        code, _ = c.data(content)[0]
        cap.same("Postfix's own code", code, 552)
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect_message(cap.messages_of(s)[0], content, status="rejected")
    cap.log("mail.log", "Message size exceeds fixed limit|message file too big|File too large|5.3.4|size limit exceeded")
    cap.expect_sessions(smtp=1)
    cap.expect_findings("message-too-large")


@case("smtp-bad-commands")
def bad_commands(lab):
    with lab.capture() as cap, smtp(lab) as c:
        c.do("FROB x")
        c.do("RCPT TO:<%s>" % ALICE)
        c.do("MAIL FROM:" + "<<>>")
        c.do("DATA")
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, messages=0, outcome="completed")
    cap.true("bad-sequence and syntax-error", {"bad-sequence", "syntax-error"} & set(cap.rules(s)) or "command-rejected" in cap.rules(s))
    cap.true("nothing worse", set(cap.rules(s)) <= {"bad-sequence", "syntax-error", "command-rejected", "starttls-not-offered"})


@case("smtp-greylisted")
def greylisted(lab):
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, "grey@example.test")
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, messages=0, outcome="completed", codes__450=1)
    x = [x for x in cap.exchanges_of(s) if x.get("command") == "RCPT"]
    cap.same("rejects", [(e["code"], e["enhanced"], "grey@example.test") for e in x], rejects(cap))
    cap.true("greylisted", "greylisted" in cap.rules(s))
    cap.same("errors", [f["rule"] for f in cap.findings if f["severity"] in ("error", "critical")], [])


@case("smtp-deferred-recipient")
def deferred(lab):
    content = plain("One later")
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, ALICE, "grey@example.test", "full@example.test", "policy@example.test")
        _, text = c.data(content)[0]
        c.quit()
        wait_sent(cap, text)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)[0]
    cap.expect_message(m, content, status="accepted")
    cap.expect_to(m, [(ALICE, 250, "accepted"), ("grey@example.test", 450, "deferred"), ("full@example.test", 552, "rejected"),
                      ("policy@example.test", 550, "rejected")])
    got = set(cap.rules(s))
    cap.true("each refusal has its finding: %s" % got, {"greylisted", "mailbox-full", "recipient-rejected"} <= got)


@case("smtp-sender-refused")
def sender_refused(lab):
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope("spammer@elsewhere.test", ALICE)   # Postfix says so at RCPT
        c.quit()
        cap.log("mail.log", "reject: RCPT from .* Sender address rejected: ")
    s = cap.expect_dialogue(c)
    cap.expect(s, messages=0, outcome="completed", codes__550=1)
    errors = [f for f in cap.findings if f["severity"] == "error"]
    cap.true("one error, the answer to RCPT or what it says of the sender: %s" % [f["rule"] for f in errors],
             len(errors) == 1 and errors[0]["rule"] in ("sender-rejected", "recipient-rejected"))
    cap.true("the server's words about the sender are quoted", any("Sender address rejected" in f["evidence"] for f in errors))


@case("smtp-content-refused")
def content_refused(lab):
    content = plain("Our casino")
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, ALICE)
        code, text = c.data(content)[0]
        cap.same("Postfix's own words", (code, text), (550, "5.7.1 We do not gamble"))
        c.quit()
        cap.log("mail.log", "reject: header Subject: Our casino")
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)[0]
    cap.expect_message(m, content, status="rejected")
    cap.expect_to(m, [(ALICE, 550, "rejected")])
    cap.expect_findings("message-rejected")


@case("smtp-service-unavailable")
def unavailable(lab):
    with lab.capture() as cap, smtp(lab, greet=None) as c:
        c.do("EHLO overload.example.test")
        c.do("MAIL FROM:<%s>" % DAVE)
        code, _ = c.do("RCPT TO:<%s>" % ALICE)
        cap.same("Postfix's own code", code, 421)
        c.end()
    s = cap.expect_dialogue(c)
    cap.expect(s, messages=0, outcome="closed", codes__421=1)
    cap.true("service-unavailable", "service-unavailable" in cap.rules(s))


@case("smtp-web-browser")
def browser(lab):
    """Postfix says 221 and closes at the first line of a web client."""
    with lab.capture() as cap, smtp(lab, greet=None) as c:
        c.send("GET / HTTP/1.1\r\nHost: mx.example.test\r\n\r\n")
        cap.same("Postfix's own code", c.reply()[0], 221)
        c.end()
    s = cap.session_of(c)
    cap.expect(s, protocol="smtp", outcome="closed", messages=0, codes={"220": 1, "221": 1})
    known = b'"protocol-mismatch"' in cap.run("findings", "--list", "--json")
    cap.same("protocol-mismatch", "protocol-mismatch" in cap.rules(s), known)


# ---- many at once

@case("smtp-pipelined-swaks")
def pipelined_swaks(lab):
    content = plain("Pipelined swaks")
    with lab.capture() as cap:
        lab.swaks("--port", str(lab.ports["smtp"]), "--pipeline", "--from", DAVE, "--to", ALICE + "," + BOB, "--data",
                  "@" + lab.path("m", content))
        cap.log("mail.log", "status=sent", 2)
    s = cap.only("smtp")
    m = cap.messages_of(s)[0]
    cap.expect(m, status="accepted", complete=True)
    cap.expect_to(m, [(ALICE, 250, "accepted"), (BOB, 250, "accepted")])
    check_delivery(cap, content + b"\r\n", [ALICE, BOB])   # swaks ends a message with a line end of its own
    cap.expect_healthy()


@case("smtp-pipelined")
def pipelined(lab):
    content = dotted("Pipelined")
    to = [ALICE, "nobody@example.test", BOB]
    with lab.capture() as cap, smtp(lab) as c:
        c.send("MAIL FROM:<%s>\r\n" % DAVE + "".join("RCPT TO:<%s>\r\n" % a for a in to) + "DATA\r\n")
        for verb in ["MAIL"] + ["RCPT"] * 3 + ["DATA"]:
            c.take(verb)
        c.send(stuff(content) + b"MAIL FROM:<>\r\nRCPT TO:<%s>\r\nRSET\r\nQUIT\r\n" % CAROL.encode())
        _, text = c.take(".")
        for verb in ("MAIL", "RCPT", "RSET", "QUIT"):
            c.take(verb)
        c.end()
        wait_sent(cap, text, 2)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)
    cap.same("messages", len(m), 1)
    cap.expect_message(m[0], content, status="accepted")
    cap.expect_to(m[0], [(ALICE, 250, "accepted"), ("nobody@example.test", 550, "rejected"), (BOB, 250, "accepted")])
    cap.expect_findings("recipient-unknown")


@case("smtp-chunking")
def chunking(lab):
    content = dotted("Chunks") + b"\r\n.\r\nQUIT\r\n" + b"After what looks like the end.\r\n"
    with lab.capture() as cap, smtp(lab) as c:
        cap.true("Postfix offers CHUNKING", "CHUNKING" in c.ehlo[1])
        c.envelope(DAVE, ALICE)
        c.bdat(content[:1])
        c.bdat(content[1:500])
        c.bdat(content[500:])
        _, text = c.bdat(b"", True)
        c.quit()
        wait_sent(cap, text)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)
    cap.same("messages", len(m), 1)
    cap.expect_message(m[0], content, status="accepted")
    check_delivery(cap, content, [ALICE])
    cap.expect_healthy()


@case("smtp-chunking-pipelined")
def chunking_pipelined(lab):
    first = with_attachments("Chunks two", [("a.bin", noise(3, 60_000), "application/octet-stream")])
    second = plain("Chunks three")
    with lab.capture() as cap, smtp(lab) as c:
        c.send("MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\n" % (DAVE, ALICE))
        c.send(b"BDAT 40000\r\n" + first[:40000] + b"BDAT %d LAST\r\n" % (len(first) - 40000) + first[40000:])
        for verb in ("MAIL", "RCPT", "BDAT"):
            c.take(verb)
        _, one = c.take("BDAT")
        c.send(b"MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nBDAT %d LAST\r\n" % (DAVE.encode(), BOB.encode(), len(second)) + second)
        for verb in ("MAIL", "RCPT"):
            c.take(verb)
        _, two = c.take("BDAT")
        c.quit()
        ids = [wait_sent(cap, one), wait_sent(cap, two)]
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)
    cap.same("queue ids", [queue_id(x["reply"]) for x in m], ids)
    cap.expect_message(m[0], first, status="accepted")
    cap.expect_parts(m[0], [("a.bin", noise(3, 60_000))])
    cap.expect_message(m[1], second, status="accepted")
    cap.expect_healthy()


@case("smtp-chunking-reset")
def chunking_reset(lab):
    content = plain("Chunks after reset")
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, ALICE)
        c.bdat(b"Subject: never finished\r\n\r\nhalf a mess")
        c.do("RSET")
        c.envelope(DAVE, BOB)
        _, text = c.bdat(content, True)
        c.quit()
        wait_sent(cap, text)
    s = cap.expect_dialogue(c)
    done = [m for m in cap.messages_of(s) if m["status"] == "accepted"]
    cap.same("accepted messages", len(done), 1)
    cap.expect_message(done[0], content)
    cap.expect_to(done[0], [(BOB, 250, "accepted")])
    cap.true("the other is not called whole", all(not m["complete"] for m in cap.messages_of(s) if m is not done[0]))


@case("smtp-many-at-once")
def many(lab):
    contents = [plain("Parallel %d" % n, "line %d\r\n" % n * 50) for n in range(6)]
    clients = []
    with lab.capture() as cap:
        clients = [smtp(lab) for _ in contents]
        for verb in range(4):   # step by step, so that all sessions lie across each other
            for c, content in zip(clients, contents):
                if verb == 0:
                    c.envelope(DAVE, ALICE)
                elif verb == 1:
                    c.do("DATA")
                elif verb == 2:
                    c.send(stuff(content)[:700])
                else:
                    c.send(stuff(content)[700:])
        for c in clients:
            c.take(".")
            c.quit()
        cap.log("mail.log", "status=sent", len(contents))
    cap.expect_sessions(smtp=6, lmtp=6)
    for c, content in zip(clients, contents):
        s = cap.expect_dialogue(c)
        cap.expect_message(cap.messages_of(s)[0], content, status="accepted")
    cap.expect_healthy()


@case("smtp-chunking-refused")
def chunking_refused(lab):
    """Nobody takes the mail, yet its chunks come: they are no commands."""
    chunk = b"Subject: no one\r\n\r\nMAIL FROM:<x@y.test>\r\nQUIT\r\n.\r\n"
    with lab.capture() as cap, smtp(lab) as c:
        c.send(b"MAIL FROM:<%s>\r\nRCPT TO:<nobody@example.test>\r\nBDAT %d\r\n%sBDAT %d LAST\r\n%s" %
               (DAVE.encode(), len(chunk), chunk, len(chunk), chunk))
        for verb in ("MAIL", "RCPT", "BDAT", "BDAT"):
            c.take(verb)
        c.do("RSET")
        c.quit()
    s = cap.expect_dialogue(c)
    cap.true("no message was taken", not any(m["status"] == "accepted" for m in cap.messages_of(s)))
    cap.true("recipient-unknown", "recipient-unknown" in cap.rules(s))


@case("smtp-chunking-oversized")
def chunking_oversized(lab):
    chunk = noise(30, 750_000).hex().encode()[:SIZE_LIMIT // 2]
    head = b"Subject: too large\r\n\r\n"
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, ALICE)
        c.bdat(head)
        lines = b"\r\n".join(chunk[at:at + 70] for at in range(0, len(chunk), 70))
        c.bdat(lines)
        cap.same("Postfix's own code", c.bdat(lines)[0], 552)
        with contextlib.suppress(OSError):   # some versions say good-bye by themselves: "I can break rules, too"
            c.bdat(lines, True)
            c.quit()
    s = cap.session_of(c)
    cap.same("accepted messages", [m["id"] for m in cap.messages_of(s) if m["status"] == "accepted"], [])
    cap.true("message-too-large", "message-too-large" in cap.rules(s))


@case("smtp-pipelined-refused")
def pipelined_refused(lab):
    with lab.capture() as cap, smtp(lab) as c:
        c.send("MAIL FROM:<%s>\r\nRCPT TO:<nobody@example.test>\r\nDATA\r\n" % DAVE)
        for verb in ("MAIL", "RCPT", "DATA"):
            c.take(verb)
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, messages=0, outcome="completed")
    cap.expect_findings("recipient-unknown")


@case("smtp-eight-bit")
def eight_bit(lab):
    """Bytes above 127, a subject in encoded words, addresses with letters beyond ASCII."""
    content = plain("X").replace(b"Subject: X", b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_aus?= =?utf-8?b?IEvDtmxu?=") + bytes(range(128, 256)) + b"\r\n"
    with lab.capture() as cap, smtp(lab) as c:
        c.send("MAIL FROM:<j\u00fcrgen@elsewhere.test> BODY=8BITMIME SMTPUTF8\r\n")
        c.take("MAIL")
        c.do("RCPT TO:<%s>" % ALICE)
        c.data(content)
        c.quit()
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)[0]
    cap.expect_message(m, content, envelope__from="j\u00fcrgen@elsewhere.test", headers__subject="Gr\u00fc\u00dfe aus K\u00f6ln")


# ---- broken off, encrypted

@case("smtp-broken-off")
def broken_off(lab):
    with lab.capture() as cap, smtp(lab) as c:
        c.envelope(DAVE, ALICE)
        c.do("DATA")
        c.send(b"Subject: half\r\n\r\nhalf a mess")
        c.socket.close()
        cap.log("mail.log", "lost connection after DATA")
    s = cap.session_of(c)
    cap.expect(s, outcome="closed", messages=1)
    cap.expect(cap.messages_of(s)[0], status="incomplete", complete=False)
    cap.expect_findings("session-aborted")


@case("smtp-starttls")
def starttls(lab):
    with lab.capture() as cap, smtp(lab) as c:
        c.starttls()
        c.send("EHLO client.example.test\r\n")
        c.reply()
        c.send("QUIT\r\n")
        c.reply()
        cap.log("mail.log", "disconnect from .* starttls=1 quit=1")
    s = cap.session_of(c)
    cap.expect(s, transport="starttls", decrypted=False, messages=0)
    cap.same("dialogue", [(x.get("command", ""), x.get("code")) for x in cap.exchanges_of(s)], c.dialogue)
    cap.same("cleartext findings", [r for r in cap.rules(s) if r.startswith("cleartext")], [])
    cap.expect_findings()


@case("smtp-starttls-mail")
def starttls_mail(lab):
    with lab.capture() as cap:
        lab.swaks("--port", str(lab.ports["smtp"]), "--tls", "--from", DAVE, "--to", ALICE, "--data", "@" + lab.path("m", plain("Tls")))
        cap.log("mail.log", "status=sent")
    s = cap.only("smtp")
    cap.expect(s, transport="starttls", decrypted=False, messages=0)
    cap.same("cleartext findings", [r for r in cap.rules(s) if r.startswith("cleartext")], [])
    cap.expect_sessions(smtp=1, lmtp=1)
    cap.expect_findings()


@case("smtp-implicit-tls")
def implicit_tls(lab):
    with lab.capture(whole=lab.ports["smtps"] == 465) as cap:
        lab.swaks("--port", str(lab.ports["smtps"]), "--tls-on-connect", "--from", DAVE, "--to", ALICE, "--data",
                  "@" + lab.path("m", plain("Tls")))
        cap.log("mail.log", "status=sent")
    if lab.ports["smtps"] == 465:   # on an odd port nothing says that this TLS is mail
        cap.expect(cap.only("smtp"), transport="tls", decrypted=False, messages=0)
    cap.expect_findings()


@case("smtp-refused-connection")
def refused(lab):
    if lab.ports["smtp"] != 25:   # on an odd port nothing says that it was meant for mail
        return
    with lab.capture() as cap:
        try:
            socket.create_connection(("127.0.0.2", 25), 2).close()
        except ConnectionRefusedError:
            pass
    cap.same("sessions", [(s["protocol"], s["outcome"], s["stage"]) for s in cap.sessions], [("smtp", "refused", "connect")])
    cap.expect_findings("connect-refused")
