"""LMTP straight into Dovecot: one answer for each recipient."""
from mails import dotted, noise, plain, with_attachments
from servers import login
from truth import case
from wire import Smtp, stuff

DAVE, ALICE, BOB, CAROL = "dave@elsewhere.test", login("alice"), login("bob"), login("carol")


def lmtp(lab, port="lmtp"):
    return Smtp(lab.ports[port] if port == "lmtp" else lab.odd["lmtp"], greet="LHLO")


def saved(cap, count):
    """Who got the mail, by Dovecot's log, in order."""
    found = cap.log("dovecot.log", r"lmtp\(([^)]+)\)[^:]*:.*(?:saved mail to|stored mail into mailbox) '?INBOX", count)
    return [m[1].split(")")[0] for m in found]


def deliver(lab, content, port="lmtp"):
    with lab.capture() as cap, lmtp(lab, port) as c:
        c.envelope(DAVE, ALICE)
        c.data(content)
        c.quit()
        who = saved(cap, 1)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)[0]
    cap.expect(s, protocol="lmtp", outcome="completed", stage="quit", messages=1)
    cap.expect_message(m, content, status="accepted", direction="sent", envelope__from=DAVE)
    cap.same("delivered to", [t["address"] for t in m["envelope"]["to"]], who)
    cap.same("stored", lab.dovecot.stored(ALICE, len(content)), content)
    cap.expect_healthy()
    return cap, m


@case("lmtp-one")
def one(lab):
    deliver(lab, plain("One"))


@case("lmtp-odd-port")
def odd(lab):
    deliver(lab, plain("One"), "odd")


@case("lmtp-dots")
def dots(lab):
    deliver(lab, dotted("Dots by LMTP"))


@case("lmtp-attachment")
def attachment(lab):
    cap, m = deliver(lab, with_attachments("File by LMTP", [("x.bin", noise(7, 120_000), "application/octet-stream")]))
    cap.expect_parts(m, [("x.bin", noise(7, 120_000))])


@case("lmtp-recipients")
def recipients(lab):
    content = plain("To three")
    to = [ALICE, "nobody@example.test", BOB, CAROL]
    with lab.capture() as cap, lmtp(lab) as c:
        codes = c.envelope(DAVE, *to)[1:]
        cap.same("Dovecot's own codes", codes, [250, 550, 250, 250])
        c.data(content, replies=3)
        c.quit()
        who = saved(cap, 3)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)
    cap.same("messages", len(m), 1)
    cap.expect_message(m[0], content, status="accepted")
    cap.expect_to(m[0], [(a, code, "accepted" if code == 250 else "rejected") for a, code in zip(to, codes)])
    cap.same("delivered to", sorted(t["address"] for t in m[0]["envelope"]["to"] if t["status"] == "accepted"), sorted(who))
    cap.expect_findings("recipient-unknown")


@case("lmtp-one-mailbox-fails")
def one_fails(lab):
    """Accepted at RCPT, refused after the message: the reply that decides is the later one."""
    content = plain("One cannot")
    with lab.dovecot.unwritable("bob"), lab.capture() as cap, lmtp(lab) as c:
        c.envelope(DAVE, ALICE, BOB, CAROL)
        answers = [code for code, _ in c.data(content, replies=3)]
        c.quit()
        saved(cap, 2)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)[0]
    cap.expect_message(m, content)
    cap.true("Dovecot refused one: %s" % answers, answers[0] == answers[2] == 250 and answers[1] >= 400)
    status = "deferred" if answers[1] < 500 else "rejected"
    cap.expect_to(m, [(ALICE, 250, "accepted"), (BOB, answers[1], status), (CAROL, 250, "accepted")])
    cap.true("a finding about it", {"temporary-failure", "recipient-rejected", "message-rejected"} & set(cap.rules(s)))


@case("lmtp-pipelined-two-mails")
def pipelined(lab):
    first, second = dotted("Pipelined one"), plain("Pipelined two")
    with lab.capture() as cap, lmtp(lab) as c:
        c.send("MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n" % (DAVE, ALICE, BOB))
        for verb in ("MAIL", "RCPT", "RCPT", "DATA"):
            c.take(verb)
        c.send(stuff(first) + b"MAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n" % CAROL.encode())
        for verb in (".", ".", "MAIL", "RCPT", "DATA"):
            c.take(verb)
        c.send(stuff(second) + b"QUIT\r\n")
        for verb in (".", "QUIT"):
            c.take(verb)
        c.end()
        saved(cap, 3)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)
    cap.same("messages", len(m), 2)
    cap.expect_message(m[0], first, status="accepted")
    cap.expect_to(m[0], [(ALICE, 250, "accepted"), (BOB, 250, "accepted")])
    cap.expect_message(m[1], second, status="accepted", envelope__from="")
    cap.expect_healthy()


@case("lmtp-chunking")
def chunking(lab):
    content = dotted("LMTP chunks")
    with lab.capture() as cap, lmtp(lab) as c:
        cap.true("Dovecot offers CHUNKING", "CHUNKING" in c.ehlo[1])
        c.envelope(DAVE, ALICE, BOB)
        c.bdat(content[:333])
        c.send(b"BDAT %d LAST\r\n" % len(content[333:]) + content[333:])
        c.take("BDAT")
        c.take("BDAT")
        c.quit()
        saved(cap, 2)
    s = cap.expect_dialogue(c)
    m = cap.messages_of(s)[0]
    cap.expect_message(m, content, status="accepted")
    cap.expect_to(m, [(ALICE, 250, "accepted"), (BOB, 250, "accepted")])
    cap.expect_healthy()
