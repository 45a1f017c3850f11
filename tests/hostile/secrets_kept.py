"""Dialogues with secrets: none may be in what is printed unless it is asked for. The rows: name, port, who says what; GAP: the side
and how many of its bytes are missing from the capture; LATE first: the capture begins there."""
import os
import subprocess

import cases

S, C, GAP, LATE = "S", "C", "GAP", "LATE"
SECRETS = ("s3cret", "czNjcmV0", "AGJvYgBzM2NyZXQ")
BEGINS = [(LATE, b"")]
COMMANDS = (["follow", "1"], ["follow", "1", "--json"], ["exchanges", "--json"], ["findings", "--json"], ["sessions", "--json"],
            ["ladder", "1"], ["follow", "1", "-f", "raw"], ["follow", "1", "-f", "ascii", "--only", "client"], ["packets"],
            ["packets", "--json"])
GREETING = [(S, b"220 mx ESMTP\r\n")]
CAN = b"250-mx\r\n250-AUTH PLAIN LOGIN\r\n250 OK\r\n"
POP3 = [(S, b"+OK hi <1.2@x>\r\n")]
IMAP = [(S, b"* OK IMAP4rev1\r\n")]

DIALOGUES = [
    ("plain", 25, GREETING + [(C, b"EHLO a\r\n"), (S, CAN), (C, b"AUTH PLAIN AGJvYgBzM2NyZXQ=\r\n"), (S, b"235 ok\r\n"), (C, b"QUIT\r\n"), (S, b"221 b\r\n")]),
    ("plain2", 25, GREETING + [(C, b"EHLO a\r\n"), (S, CAN), (C, b"AUTH PLAIN\r\n"), (S, b"334 \r\n"), (C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"535 no\r\n"), (C, b"QUIT\r\n"), (S, b"221 b\r\n")]),
    ("login pipelined ehlo", 25, GREETING + [(C, b"EHLO a\r\nAUTH LOGIN\r\n"), (S, CAN), (C, b"Ym9i\r\n"), (S, b"334 VXNlcm5hbWU6\r\n"), (S, b"334 UGFzc3dvcmQ6\r\n"), (C, b"czNjcmV0\r\n"), (S, b"235 ok\r\n")]),
    ("login all at once", 25, GREETING + [(C, b"EHLO a\r\nAUTH LOGIN\r\nYm9i\r\nczNjcmV0\r\nMAIL FROM:<a@b>\r\n"), (S, CAN + b"334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 ok\r\n250 ok\r\n")]),
    ("login refused at once", 25, GREETING + [(C, b"EHLO a\r\n"), (S, CAN), (C, b"AUTH LOGIN\r\n"), (S, b"503 no auth\r\n"), (C, b"Ym9i\r\n"), (S, b"500 what\r\n"), (C, b"czNjcmV0\r\n"), (S, b"500 what\r\n")]),
    ("login all, refused", 25, GREETING + [(C, b"EHLO a\r\nAUTH LOGIN\r\nYm9i\r\nczNjcmV0\r\n"), (S, CAN), (S, b"503 no\r\n500 x\r\n500 x\r\n")]),
    ("login echoed", 25, GREETING + [(C, b"EHLO a\r\n"), (S, CAN), (C, b"AUTH LOGIN\r\n"), (S, b"503 no auth\r\n"), (C, b"Ym9i\r\n"), (S, b"500 what: Ym9i\r\n"), (C, b"czNjcmV0\r\n"), (S, b"502 5.5.2 czNjcmV0 command not recognized\r\n")]),
    ("gap", 25, GREETING + [(C, b"EHLO a\r\n"), (S, CAN), (GAP, (C, 30)), (C, b"czNjcmV0\r\n"), (S, b"535 no\r\n"), (C, b"QUIT\r\n")]),
    ("gap auth lost", 25, GREETING + [(C, b"EHLO a\r\n"), (S, CAN), (GAP, (C, 12)), (S, b"334 VXNlcm5hbWU6\r\n"), (C, b"Ym9i\r\n"), (S, b"334 UGFzc3dvcmQ6\r\n"), (C, b"czNjcmV0\r\n"), (S, b"535 no\r\n"), (C, b"QUIT\r\n")]),
    ("server lost", 25, GREETING + [(C, b"EHLO a\r\n"), (GAP, (S, 80)), (C, b"AUTH LOGIN\r\n"), (GAP, (S, 18)), (C, b"Ym9i\r\n"), (GAP, (S, 18)), (C, b"czNjcmV0\r\n"), (S, b"535 no\r\n"), (C, b"QUIT\r\n")]),
    ("auth case", 25, GREETING + [(C, b"ehlo a\r\n"), (S, CAN), (C, b"auth plain AGJvYgBzM2NyZXQ=\r\n"), (S, b"235 ok\r\n")]),
    ("auth spaces", 25, GREETING + [(C, b"ehlo a\r\n"), (S, CAN), (C, b" AUTH  PLAIN  AGJvYgBzM2NyZXQ=\r\n"), (S, b"235 ok\r\n")]),
    ("auth tab", 25, GREETING + [(C, b"ehlo a\r\n"), (S, CAN), (C, b"AUTH\tPLAIN\tAGJvYgBzM2NyZXQ=\r\n"), (S, b"235 ok\r\n")]),
    ("auth in data", 25, GREETING + [(C, b"EHLO a\r\n"), (S, CAN), (C, b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"), (S, b"250 ok\r\n250 ok\r\n354 go\r\n"), (C, b"Subject: x\r\n\r\nhi\r\n"), (GAP, (C, 7)), (S, b"250 ok\r\n"), (C, b"AUTH PLAIN AGJvYgBzM2NyZXQ=\r\n"), (S, b"235 ok\r\n")]),
    ("pass", 110, POP3 + [(C, b"USER bob\r\n"), (S, b"+OK\r\n"), (C, b"PASS s3cret\r\n"), (S, b"-ERR no\r\n")]),
    ("pass words", 110, POP3 + [(C, b"USER bob\r\n"), (S, b"+OK\r\n"), (C, b"PASS a s3cret x\r\n"), (S, b"-ERR no\r\n")]),
    ("pass long", 110, POP3 + [(C, b"USER bob\r\nPASS "+b"a"*70000+b"s3cret\r\n"), (S, b"+OK\r\n-ERR no\r\n")]),
    ("pass gap", 110, POP3 + [(C, b"USER bob\r\n"), (S, b"+OK\r\n"), (C, b"PASS s"), (GAP, (C, 4)), (C, b"xs3cret\r\n"), (S, b"-ERR no\r\n")]),
    ("pass in user", 110, POP3 + [(C, b"USER bob\r\n"), (S, b"+OK\r\n"), (C, b"PASS s3cret\r\n"), (S, b"-ERR wrong password s3cret for bob\r\n")]),
    ("auth plain pipelined", 110, POP3 + [(C, b"CAPA\r\nAUTH PLAIN\r\n"), (S, b"+OK\r\nUIDL\r\n.\r\n+ \r\n"), (C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"+OK\r\n")]),
    ("capa late", 110, POP3 + [(C, b"AUTH PLAIN\r\n"), (S, b"+ \r\n"), (C, b"AGJvYgBzM2NyZXQ=\r\nSTAT\r\n"), (S, b"+OK\r\n+OK 0 0\r\n")]),
    ("ilogin", 143, IMAP + [(C, b"a LOGIN bob s3cret\r\n"), (S, b"a OK\r\n")]),
    ("ilit", 143, IMAP + [(C, b"a LOGIN {3}\r\n"), (S, b"+ go\r\n"), (C, b"bob {6}\r\n"), (S, b"+ go\r\n"), (C, b"s3cret\r\n"), (S, b"a NO bad\r\n")]),
    ("ilit+", 143, IMAP + [(C, b"a LOGIN {3+}\r\nbob {6+}\r\ns3cret\r\n"), (S, b"a NO bad\r\n")]),
    ('ilitq', 143, IMAP + [(C, b'a LOGIN "bo b" "x s3cret"\r\n'), (S, b'a NO bad\r\n')]),
    ("two", 143, IMAP + [(C, b"a1 LOGIN bob s3cret\r\na2 LOGIN {3}\r\n"), (S, b"a1 NO x\r\n+ go\r\n"), (C, b"bob s3cret\r\n"), (S, b"a2 OK\r\n")]),
    ("iauth", 143, IMAP + [(C, b"a AUTHENTICATE PLAIN\r\n"), (S, b"+ \r\n"), (C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"a OK\r\n")]),
    ("iauthir", 143, IMAP + [(C, b"a AUTHENTICATE PLAIN AGJvYgBzM2NyZXQ=\r\n"), (S, b"a OK\r\n")]),
    ("itag", 143, IMAP + [(C, b"a LOGIN {3}\r\n"), (S, b"+ go\r\nab OK\r\n"), (C, b"bob s3cret\r\n"), (S, b"a OK\r\n")]),
    ("ilong", 143, IMAP + [(C, b"a LOGIN "+b"u"*20000+b" s3cret\r\n"), (S, b"a NO\r\n")]),
    ('iquote esc', 143, IMAP + [(C, b'a LOGIN "bo\\"b" "s\\"s3cret"\r\n'), (S, b'a NO bad\r\n')]),
    ("ibadtag", 143, IMAP + [(C, b"LOGIN bob s3cret\r\n"), (S, b"* BAD no tag\r\n")]),
    ("idouble space", 143, IMAP + [(C, b"a  LOGIN  bob  s3cret\r\n"), (S, b"a BAD x\r\n")]),
    ("igap", 143, IMAP + [(GAP, (C, 6)), (C, b"IN bob s3cret\r\n"), (S, b"a NO\r\n")]),
    ("late", 143, [(C, b"LOGIN bob s3cret\r\n"), (S, b"a NO\r\n")]),
    ("late plain", 25, BEGINS + [(C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"235 2.7.0 ok\r\n"), (C, b"MAIL FROM:<a@b>\r\n"), (S, b"250 ok\r\n")]),
    ("late plain refused", 25, BEGINS + [(C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"535 5.7.8 no\r\n"), (C, b"QUIT\r\n"), (S, b"221 b\r\n")]),
    ("late challenge", 25, BEGINS + [(S, b"334 UGFzc3dvcmQ6\r\n"), (C, b"czNjcmV0\r\n"), (S, b"535 no\r\n"), (C, b"QUIT\r\n"), (S, b"221 b\r\n")]),
    ("late login", 587, BEGINS + [(C, b"Ym9i\r\n"), (S, b"334 UGFzc3dvcmQ6\r\n"), (C, b"czNjcmV0\r\n"), (S, b"535 no\r\n"), (C, b"QUIT\r\n"), (S, b"221 b\r\n")]),
    ("late password", 25, BEGINS + [(C, b"czNjcmV0\r\n"), (S, b"535 no\r\n"), (C, b"QUIT\r\n"), (S, b"221 b\r\n")]),
    ("late unknown", 25, BEGINS + [(C, b"czNjcmV0\r\n"), (S, b"502 5.5.2 what\r\n"), (C, b"QUIT\r\n"), (S, b"221 b\r\n")]),
    ("late pop3", 110, BEGINS + [(C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"-ERR no\r\n"), (C, b"QUIT\r\n"), (S, b"+OK b\r\n")]),
    ("late pop3 ok", 110, BEGINS + [(C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"+OK in\r\n"), (C, b"STAT\r\n"), (S, b"+OK 0 0\r\n")]),
    ("late pop3 login", 110, BEGINS + [(S, b"+ UGFzc3dvcmQ6\r\n"), (C, b"czNjcmV0\r\n"), (S, b"-ERR no\r\n"), (C, b"QUIT\r\n"), (S, b"+OK b\r\n")]),
    ("late imap", 143, BEGINS + [(C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"a1 OK in\r\n"), (C, b"a2 NOOP\r\n"), (S, b"a2 OK\r\n")]),
    ("late imap refused", 143, BEGINS + [(C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"a NO no\r\n"), (C, b"a2 NOOP\r\n"), (S, b"a2 OK\r\n")]),
    ("late imap login", 143, BEGINS + [(S, b"+ UGFzc3dvcmQ6\r\n"), (C, b"czNjcmV0\r\n"), (S, b"a NO no\r\n"), (C, b"a2 NOOP\r\n"), (S, b"a2 OK\r\n")]),
    ("auth in a gap", 25, GREETING + [(C, b"EHLO a\r\n"), (S, CAN), (GAP, (C, 12)), (GAP, (S, 6)), (C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"535 no\r\n"), (C, b"QUIT\r\n"), (S, b"221 b\r\n")]),
    ("pop3 auth in a gap", 110, POP3 + [(C, b"STAT\r\n"), (S, b"+OK 0 0\r\n"), (GAP, (C, 12)), (GAP, (S, 4)), (C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"-ERR no\r\n"), (C, b"QUIT\r\n"), (S, b"+OK b\r\n")]),
    ("imap auth in a gap", 143, IMAP + [(C, b"b NOOP\r\n"), (S, b"b OK\r\n"), (GAP, (C, 22)), (GAP, (S, 4)), (C, b"AGJvYgBzM2NyZXQ=\r\n"), (S, b"a NO no\r\n"), (C, b"c NOOP\r\n"), (S, b"c OK\r\n")]),
]


FAILS = (b"4", b"5", b"-ERR", b"a NO", b"a BAD", b"a1 OK", b"+OK in", b"235")
PARTLY = ("pass long", "pass gap", "pass words", "ilitq", "iquote esc", "ibadtag", "igap", "late", "gap", "gap auth lost",
          "auth in data", "server lost", "auth in a gap", "pop3 auth in a gap", "imap auth in a gap")  # the secret or its AUTH is not seen, or the secret is more than that


def repeated(steps, words):
    """The dialogue with a server that repeats `words` where it answers the login, and where it refuses what follows."""
    told, out = False, []
    for who, what in steps:
        if who == S and told:
            what = b"".join(line + (b" (%s)" % words if line.startswith(FAILS) else b"") + b"\r\n" for line in what.split(b"\r\n")[:-1])
        told = told or (who == C and any(s.encode() in what for s in SECRETS))
        out.append((who, what))
    return out


def all_dialogues():
    """With and without a server that repeats the secret: as it was sent, decoded, and the password alone in base64."""
    yield from DIALOGUES
    for name, port, steps in DIALOGUES:
        sent = b"".join(what for who, what in steps if who == C)
        for form in SECRETS:
            if name not in PARTLY and (form != "AGJvYgBzM2NyZXQ" or form.encode() in sent):
                yield "%s, %s repeated" % (name, form), port, repeated(steps, form.encode())


def leaks(program, path, steps, port):
    """Every line that holds a secret, with the command that printed it."""
    capture = cases.Capture(path)
    talk = cases.Talk(capture, port, late=steps[0][0] == LATE)
    for who, what in steps:
        if who == GAP:
            talk.seq[what[0]] += what[1]
        elif who != LATE:
            talk.say(who, what)
    talk.close()
    capture.file.close()
    for command in COMMANDS:
        done = subprocess.run([program] + command + [path], capture_output=True, text=True, errors="replace", check=True,
                              env=dict(os.environ, COLUMNS="1000"))
        for line in (done.stdout + done.stderr).splitlines():
            if any(secret in line for secret in SECRETS):
                yield "%s: %s" % (" ".join(command), line[:200])
