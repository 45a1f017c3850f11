"""Logins at Postfix, checked by Dovecot: each mechanism, right and wrong."""
import smtplib

from mails import plain
from servers import USERS, WRONG, login
from truth import case
from wire import Smtp, b64

ALICE, FAR = login("alice"), "someone@far.test"
CLEAR = {"PLAIN": True, "LOGIN": True, "CRAM-MD5": False}   # does the password cross the network?


def good(lab, mechanism):
    with lab.capture() as cap, Smtp(lab.ports["submission"]) as c:
        code, text = c.auth(mechanism, ALICE, USERS["alice"])
        cap.same("Postfix's own code", code, 235)
        c.envelope(ALICE, login("bob"))
        c.data(plain("Logged in " + mechanism, sender=ALICE, to=login("bob")))
        c.quit()
        cap.log("mail.log", "status=sent")
    s = cap.expect_dialogue(c)
    logged = cap.log("mail.log", r"sasl_method=(\S+), sasl_username=(\S+)")[0]
    cap.same("login", (s["auth"]["mechanism"], s["user"]), (logged[1], logged[2]))
    cap.expect(s, auth={"mechanism": mechanism, "result": "ok", "attempts": 1}, outcome="completed", codes__235=1, messages=1)
    cap.same("cleartext-credentials", "cleartext-credentials" in cap.rules(s), CLEAR[mechanism])
    cap.expect_healthy()


def bad(lab, mechanism, user="alice", password=WRONG):
    with lab.capture() as cap, Smtp(lab.ports["submission"]) as c:
        code, _ = c.auth(mechanism, login(user), password)
        cap.same("Postfix's own code", code, 535)
        c.quit()
        cap.log("mail.log", r"SASL %s authentication failed" % mechanism)
    s = cap.expect_dialogue(c)
    cap.expect(s, user=login(user), auth={"mechanism": mechanism, "result": "failed", "attempts": 1}, outcome="auth-failed",
               codes__535=1, messages=0)
    cap.expect_findings("auth-failed")
    cap.true("the finding names the user", login(user) in cap.findings_of(s)[0]["title"] or
             any(login(user) in f["title"] for f in cap.findings_of(s) if f["rule"] == "auth-failed"))


for mechanism_name in CLEAR:
    case("auth-ok-" + mechanism_name.lower())(lambda lab, m=mechanism_name: good(lab, m))
    case("auth-failed-" + mechanism_name.lower())(lambda lab, m=mechanism_name: bad(lab, m))


@case("auth-failed-unknown-user")
def unknown(lab):
    bad(lab, "PLAIN", "mallory")


@case("auth-plain-initial-response")
def initial_response(lab):
    with lab.capture() as cap, Smtp(lab.ports["submission"]) as c:
        c.send("AUTH PLAIN %s\r\n" % b64("\0%s\0%s" % (ALICE, USERS["alice"])))
        c.take("AUTH")
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, user=ALICE, auth={"mechanism": "PLAIN", "result": "ok", "attempts": 1}, outcome="completed")
    cap.expect_healthy()


@case("auth-second-try")
def second_try(lab):
    with lab.capture() as cap, Smtp(lab.ports["submission"]) as c:
        c.auth("LOGIN", ALICE, WRONG)
        c.auth("PLAIN", ALICE, USERS["alice"])
        c.quit()
    s = cap.expect_dialogue(c)
    cap.expect(s, user=ALICE, auth={"mechanism": "PLAIN", "result": "ok", "attempts": 2}, outcome="completed")
    cap.same("errors", [f["rule"] for f in cap.findings if f["severity"] == "error"], [])


@case("auth-cancelled")
def cancelled(lab):
    with lab.capture() as cap, Smtp(lab.ports["submission"]) as c:
        c.send("AUTH LOGIN\r\n")
        c.reply()
        c.send("*\r\n")
        c.take("AUTH")
        c.quit()
    s = cap.expect_dialogue(c)
    cap.true("no success", s.get("auth", {}).get("result") != "ok")


@case("auth-unknown-mechanism")
def unknown_mechanism(lab):
    with lab.capture() as cap, Smtp(lab.ports["submission"]) as c:
        c.do("AUTH KERBEROS_V4")
        c.quit()
    s = cap.expect_dialogue(c)
    cap.true("no success", s.get("auth", {}).get("result") != "ok")
    cap.expect_findings("auth-mechanism-rejected")


@case("auth-required")
def required(lab):
    """The submission port takes no mail without a login."""
    with lab.capture() as cap, Smtp(lab.ports["submission"]) as c:
        codes = c.envelope("dave@elsewhere.test", ALICE)
        cap.same("Postfix's own codes", codes, [250, 554])
        c.quit()
        cap.log("mail.log", "reject: RCPT")
    s = cap.expect_dialogue(c)
    cap.expect(s, messages=0)
    cap.true("one finding", {f["rule"] for f in cap.findings if f["severity"] == "error"} <= {"relay-denied", "auth-required", "recipient-rejected"})
    cap.true("any finding", any(f["severity"] == "error" for f in cap.findings))


@case("auth-swaks")
def swaks(lab):
    with lab.capture() as cap:
        for mechanism in CLEAR:
            lab.swaks("--port", str(lab.ports["submission"]), "--auth", mechanism, "--auth-user", ALICE, "--auth-password",
                      USERS["alice"], "--from", ALICE, "--to", login("bob"), "--data", "@" + lab.path("m", plain("Swaks", sender=ALICE)))
        cap.log("mail.log", "status=sent", 3)
    got = [(s["auth"]["mechanism"], s["auth"]["result"], s["user"]) for s in cap.of("smtp")]
    logged = [(m[1], "ok", m[2]) for m in cap.logged("mail.log", r"sasl_method=(\S+), sasl_username=(\S+)")]
    cap.same("logins", got, logged)
    cap.expect_healthy()


@case("auth-smtplib")
def library(lab):
    with lab.capture() as cap:
        with smtplib.SMTP("127.0.0.1", lab.ports["submission"], "client.example.test") as c:
            try:
                c.login(ALICE, WRONG)
            except smtplib.SMTPAuthenticationError:
                pass
            c.login(ALICE, USERS["alice"])
    s = cap.only("smtp")
    cap.expect(s, user=ALICE, auth__result="ok", outcome="completed")


@case("auth-guessing")
def guessing(lab):
    """Many wrong passwords for one name: the capture tells of an attack."""
    tries = 12
    with lab.capture() as cap:
        for n in range(tries):
            with Smtp(lab.ports["submission"]) as c:
                c.auth("PLAIN", ALICE, "%s%d" % (WRONG, n))
                c.quit()
        cap.log("mail.log", "authentication failed", tries)
    cap.same("failed logins", sum(s["outcome"] == "auth-failed" and s["user"] == ALICE for s in cap.sessions), tries)
    cap.true("brute-force", "brute-force" in {f["rule"] for f in cap.findings})


@case("auth-starttls")
def starttls(lab):
    with lab.capture() as cap:
        lab.swaks("--port", str(lab.ports["submission"]), "--tls", "--auth", "PLAIN", "--auth-user", ALICE, "--auth-password",
                  USERS["alice"], "--from", ALICE, "--to", login("bob"), "--data", "@" + lab.path("m", plain("Secret", sender=ALICE)))
        cap.log("mail.log", "status=sent")
    s = cap.only("smtp")
    cap.expect(s, transport="starttls", decrypted=False, user=None, auth=None, messages=0)
    cap.same("cleartext findings", [r for r in cap.rules(s) if r.startswith("cleartext")], [])
    cap.expect_findings()
