"""The same answer by every way of asking; files written; captures that hold less than all."""
import gzip
import json
import os
import shutil

from lab import WHOLE_PACKET
from mails import dotted, noise, plain, with_attachments
from packets import split
from servers import USERS, login
from truth import case, sha256
from wire import Imap, Pop, Smtp

ALICE, DAVE = login("alice"), "dave@elsewhere.test"
FILES = [("one.bin", noise(20, 5000), "application/octet-stream"), ("two.txt", b"two\r\n" * 100, "application/octet-stream")]


def mixed(lab, snaplen=WHOLE_PACKET):
    """A mail's whole way: in by SMTP, over LMTP, out by POP3 and IMAP."""
    content = with_attachments("Mixed", FILES)
    lab.dovecot.empty("alice")
    with lab.capture(snaplen) as cap:
        with Smtp(lab.ports["smtp"]) as c:
            c.envelope(DAVE, ALICE)
            c.data(content)
            c.quit()
        cap.log("mail.log", "status=sent")
        with Pop(lab.ports["pop3"]) as c:
            c.login(ALICE, USERS["alice"])
            c.do("RETR 1")
            c.quit()
        with Imap(lab.ports["imap"]) as c:
            c.do('LOGIN "%s" "%s"' % (ALICE, USERS["alice"]))
            c.do("SELECT INBOX")
            c.do("FETCH 1 BODY[]")
            c.logout()
    return cap, content


@case("tool-whole-way")
def whole_way(lab):
    cap, content = mixed(lab)
    cap.expect_sessions(smtp=1, lmtp=1, pop3=1, imap=1)
    cap.same("directions", [m["direction"] for m in cap.messages], ["sent", "sent", "retrieved", "retrieved"])
    for m in cap.messages:
        cap.expect(m, complete=True, headers__subject="Mixed")
        cap.expect_parts(m, [(n, b) for n, b, _ in FILES])
    cap.expect_message(cap.messages[0], content)
    cap.same("both ways out give the same bytes", cap.messages[2]["sha256"], cap.messages[3]["sha256"])
    cap.expect_healthy()


@case("tool-export")
def export(lab):
    cap, content = mixed(lab)
    for what, wanted in (("messages", {m["sha256"] for m in cap.messages} | {sha256(content)}), ("attachments", {sha256(b) for _, b, _ in FILES})):
        folder = "%s/out-%s" % (lab.dir, what)
        shutil.rmtree(folder, ignore_errors=True)
        cap.run("export", what, "-o", folder, cap.pcap)
        found = set()
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as f:
                found.add(sha256(f.read()))
        cap.true("exported %s lack some of the true ones" % what, wanted <= found)


@case("tool-ways-of-asking")
def ways(lab):
    cap, _ = mixed(lab)
    for kind in ("sessions", "exchanges", "messages", "findings"):
        direct = cap.run(kind, "--json", cap.pcap)
        with open(cap.pcap, "rb") as f:
            cap.true("%s from standard input differ" % kind, cap.run(kind, "--json", "-", stdin=f) == direct)
        lines = [json.loads(x) for x in direct.decode().splitlines()]
        cap.true("%s as json differ" % kind, json.loads(cap.run(kind, "-f", "json", cap.pcap)) == lines)
        for form in ("csv", "tsv", "table"):
            cap.true("%s as %s say nothing" % (kind, form), len(cap.run(kind, "-f", form, cap.pcap).splitlines()) > min(len(lines), 1))
    first, second, packed = cap.pcap + ".1", cap.pcap + ".2", cap.pcap + ".gz"
    split(cap.pcap, first, second)
    with open(cap.pcap, "rb") as f, gzip.open(packed, "wb") as z:
        z.write(f.read())
    for kind in ("sessions", "exchanges", "messages", "findings"):
        direct = cap.run(kind, "--json", cap.pcap)
        cap.true("%s from two files differ" % kind, cap.run(kind, "--json", first, second) == direct)
        cap.true("%s depend on the order of files" % kind, cap.run(kind, "--json", second, first) == direct)
        cap.true("%s from a compressed file differ" % kind, cap.run(kind, "--json", packed) == direct)
    cap.true("diagnose says nothing", b"smtp" in cap.run(cap.pcap).lower())
    followed = cap.run("follow", str(cap.only("pop3")["id"]), cap.pcap)
    cap.true("follow masks", b"PASS ********" in followed and b"RETR 1" in followed)
    for kind in ("codes", "commands", "conversations", "times"):
        cap.true("stats %s say nothing" % kind, cap.run("stats", kind, cap.pcap).strip())


@case("tool-snap-length")
def snap(lab):
    """Packets cut short: less is known, and that is said; nothing is invented."""
    cap, content = mixed(lab, snaplen=120)
    cap.same("sessions", len(cap.sessions), 4)
    cap.true("capture-incomplete", "capture-incomplete" in {f["rule"] for f in cap.findings})
    cap.true("no message is called whole", not any(m["complete"] for m in cap.messages))
    cap.same("above note", sorted({f["rule"] for f in cap.findings if f["severity"] in ("error", "critical")}), [])


@case("tool-joined-late")
def joined_late(lab):
    """The capture begins when the sessions are under way."""
    content, old = dotted("Late"), plain("Was there")
    lab.dovecot.empty("bob", old)
    with Smtp(lab.ports["smtp"]) as c, Imap(lab.ports["imap"]) as i:
        i.do('LOGIN "%s" "%s"' % (login("bob"), USERS["bob"]))
        with lab.capture(whole=False) as cap:
            c.envelope(DAVE, ALICE)
            c.data(content)
            i.do("SELECT INBOX")
            i.do("FETCH 1 BODY[]")
            c.quit()
            i.logout()
            cap.log("mail.log", "status=sent")
    s, t = cap.session_of(c), cap.session_of(i)
    cap.expect(s, protocol="smtp", outcome="completed")
    cap.expect(t, protocol="imap", outcome="completed")
    cap.expect_message(cap.messages_of(s)[0], content, status="accepted", envelope__from=DAVE)
    cap.expect_message(cap.messages_of(t)[0], old, status="retrieved")
    cap.true("capture-incomplete", "capture-incomplete" in cap.rules(s) and "capture-incomplete" in cap.rules(t))
    cap.expect_findings()


@case("tool-one-way")
def one_way(lab):
    """A mirror port that shows one direction only: the mail is there, its fate is not."""
    content = dotted("One way")
    with lab.capture(only="dst port %d" % lab.ports["smtp"], whole=False) as cap, Smtp(lab.ports["smtp"]) as c:
        c.envelope(DAVE, ALICE)
        c.data(content)
        c.quit()
    s = cap.session_of(c)
    cap.expect(s, protocol="smtp", codes=None, messages=1)
    m = cap.messages_of(s)[0]
    cap.expect_message(m, content, status="unanswered", envelope__from=DAVE)
    cap.expect_to(m, [(ALICE, None, "unanswered")])
    cap.true("capture-incomplete", "capture-incomplete" in cap.rules(s))
    cap.expect_findings()


@case("tool-other-way")
def other_way(lab):
    """The same from the server's side: its answers are there, what was asked is not."""
    with lab.capture(only="src port %d" % lab.ports["smtp"], whole=False) as cap, Smtp(lab.ports["smtp"]) as c:
        c.envelope(DAVE, ALICE)
        c.data(plain("Other way"))
        c.quit()
    s = cap.session_of(c)
    cap.expect(s, protocol="smtp", codes={"220": 1, "250": 4, "354": 1, "221": 1}, bytes__client=0, bytes__server=c.received)
    cap.true("capture-incomplete", "capture-incomplete" in cap.rules(s))
    cap.same("complete messages", [m["id"] for m in cap.messages_of(s) if m["complete"]], [])
    cap.expect_findings()


@case("tool-half-a-capture")
def half(lab):
    """The file ends in the middle of a packet: what was read is told, and the exit status says that something is missing."""
    cap, _ = mixed(lab)
    cut = cap.pcap + ".cut"
    with open(cap.pcap, "rb") as f:
        data = f.read()
    with open(cut, "wb") as f:
        f.write(data[:len(data) * 2 // 3])
    lines = cap.run("sessions", "--json", cut, ok=(0, 3)).decode().splitlines()
    cap.true("no session from two thirds of a capture", lines)
    for line in lines:
        json.loads(line)


@case("tool-silence")
def silence(lab):
    """Nothing happens: no record, no finding, no error."""
    with lab.capture() as cap:
        pass
    cap.same("records", len(cap.sessions) + len(cap.exchanges) + len(cap.messages) + len(cap.findings), 0)
    cap.run(cap.pcap)
