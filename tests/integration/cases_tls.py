"""TLS at Postfix and Dovecot with OpenSSL and GnuTLS clients: with keys, every record says what the same dialogue says in plain text;
without them nothing is guessed; and handshakes that fail are told with the side at fault."""
import os
import re
import ssl

from mails import dotted, noise, plain, with_attachments
from secure import NO_ENCRYPT_THEN_MAC, NO_EXTENDED_MASTER, Library, gnutls, openssl
from servers import DOORS, USERS, login
from truth import case
from wire import Imap, Pop, Smtp

ALICE, DAVE = login("alice"), "dave@elsewhere.test"
STORED = [plain("First"), dotted("Second"), with_attachments("Third", [("x.bin", noise(9, 60000), "application/octet-stream")])]
SENT = with_attachments("Sent", [("a.bin", noise(5, 90000), "application/octet-stream")])
APPENDED = plain("Appended")
# What differs from run to run, and what a server offers only before TLS.
VARIES = [(r"queued as \w+", "queued"), (r"\([0-9.]+ \+ [^)]*secs\)", "(time)"), (r"UIDVALIDITY \d+|APPENDUID \d+|HIGHESTMODSEQ \d+", "number"),
          (r"(?m)^STARTTLS\n|^STLS\n|(250-)?STARTTLS\r?\n| STARTTLS| STLS", "")]
# Who may send is not asked on the ports of submission: smtps and plain SMTP differ in it.
OWN = {"id", "session", "started", "frame", "reply_frame", "frames", "duration", "findings", "authentication"}


def keys_of(lab):
    return os.path.join(lab.dir, "%s-%d.keys" % (lab.case, lab.captures + 1))


# ---- dialogues, the same in plain text and inside TLS

def talk_smtp(c):
    c.do("EHLO client.example.test")
    c.envelope(DAVE, login("bob"), "nobody@example.test")
    c.data(SENT)
    c.envelope(DAVE, login("carol"))
    c.data(plain("Second mail"))
    c.quit()


def talk_pop3(c):
    c.login(ALICE, USERS["alice"])
    for command in ("STAT", "UIDL", "LIST 2", "RETR 2", "RETR 3", "TOP 1 1", "DELE 9"):
        c.do(command)
    c.quit()


def talk_imap(c):
    c.do('LOGIN "%s" "%s"' % (ALICE, USERS["alice"]))
    mailbox_imap(c)


def mailbox_imap(c):
    c.do("SELECT INBOX")
    c.do("FETCH 1:* (FLAGS BODY[])")
    c.append("INBOX", APPENDED)
    c.do("SELECT nowhere")
    c.do("FETCH 4 BODY[]")
    c.logout()


def talk_compressed(c):
    c.do('LOGIN "%s" "%s"' % (ALICE, USERS["alice"]))
    c.compress()
    mailbox_imap(c)


def talk_scram_smtp(c):
    c.do("EHLO client.example.test")
    c.scram("SCRAM-SHA-256", ALICE, USERS["alice"])
    c.envelope(ALICE, login("bob"))
    c.data(plain("With SCRAM", sender=ALICE))
    c.quit()


def talk_scram_imap(c):
    c.scram("SCRAM-SHA-1", ALICE, USERS["alice"])
    mailbox_imap(c)


class Dialogue:
    """What is said on which ports; `mails`: how many Postfix takes."""

    def __init__(self, client, talk, port, secure_port=None, mails=0):
        self.client, self.talk, self.port, self.secure_port, self.mails = client, talk, port, secure_port or port + "s", mails
        self.more = {"greet": None} if client is Smtp else {}

    def open(self, lab, host, secure=False, **more):
        return self.client(lab.ports[self.secure_port if secure else self.port], host=host, **self.more, **more)


SMTP = Dialogue(Smtp, talk_smtp, "smtp", mails=2)
POP3 = Dialogue(Pop, talk_pop3, "pop3")
IMAP = Dialogue(Imap, talk_imap, "imap")
COMPRESSED = Dialogue(Imap, talk_compressed, "imap")
SCRAM_SMTP = Dialogue(Smtp, talk_scram_smtp, "submission", "smtps", mails=1)
SCRAM_IMAP = Dialogue(Imap, talk_scram_imap, "imap")


# ---- the comparison

def steady(value):
    """A record without what differs from run to run."""
    if isinstance(value, dict):
        return {k: steady(v) for k, v in value.items() if k not in OWN}
    if isinstance(value, list):
        return [steady(v) for v in value]
    if isinstance(value, str):
        for pattern, instead in VARIES:
            value = re.sub(pattern, instead, value)
    return value


def alike(cap, what, got, want):
    """Names just the keys that differ."""
    got, want = steady(got), steady(want)
    for k in sorted(set(got) | set(want)):
        cap.same("%s's %s" % (what, k), got.get(k), want.get(k))


def in_plain(lab, d):
    """The records of a dialogue without TLS: taken once in a run."""
    if not hasattr(lab, "in_plain"):
        lab.in_plain = {}
    if d not in lab.in_plain:
        lab.dovecot.empty("alice", *STORED)
        with lab.capture() as cap:
            c = d.open(lab, DOORS["good"].host)
            d.talk(c)
            cap.log("mail.log", "status=sent", d.mails) if d.mails else None
        s = cap.expect_dialogue(c) if d.talk is not talk_compressed else cap.session_of(c)
        cap.true("decrypted in plain text", not s.get("decrypted"))
        lab.in_plain[d] = (cap, s)
    return lab.in_plain[d]


def after_upgrade(exchanges, starttls):
    """The exchanges that a dialogue has in either way: without greeting and STARTTLS, if that took place."""
    names = [x.get("command") for x in exchanges]
    for upgrade in ("STARTTLS", "STLS"):
        if upgrade in names:
            return exchanges[names.index(upgrade) + 1:]
    return exchanges[1:] if starttls else exchanges


def compare(cap, s, d, starttls, greeting=True):
    """The records of session `s` are those of the same dialogue in plain text."""
    seen, t = in_plain(cap.lab, d)
    cap.expect(s, transport="starttls" if starttls else "tls", decrypted=True)
    for name in ("protocol", "user", "auth", "outcome", "stage", "messages"):
        cap.same("session's " + name, s.get(name), t.get(name))
    cap.same("client's name", s["client"].get("name"), t["client"].get("name"))
    if not starttls:
        cap.same("codes", s["codes"], t["codes"])
    got, want = (after_upgrade(x, starttls) for x in (cap.exchanges_of(s), seen.exchanges_of(t)))
    cap.same("number of exchanges", [x.get("command") for x in got], [x.get("command") for x in want])
    for x, y in zip(got, want):
        alike(cap, "exchange %s at frame %s" % (x.get("command"), x.get("frame")), x, y)
    got, want = cap.messages_of(s), seen.messages_of(t)
    cap.same("number of messages", len(got), len(want))
    for x, y in zip(got, want):
        alike(cap, "message %d" % x["id"], x, y)


def check_dialogue(cap, s, c):
    """Commands and codes as the client had them; bytes as the network had them (see Capture.expect_network)."""
    cap.same("dialogue", [(x.get("command", ""), x.get("code")) for x in cap.exchanges_of(s)], c.dialogue)


def without_keys(cap, s, starttls):
    """Keyless, the session is still there, and nothing is guessed of what it hides."""
    options, cap.options = cap.options, []
    found = [r for r in cap.records("sessions") if r["id"] == s["id"]]
    hidden = [x for x in cap.records("exchanges") if x["session"] == s["id"]]
    messages = [m for m in cap.records("messages") if m["session"] == s["id"]]
    cap.options = options
    cap.same("sessions without keys", len(found), 1)
    bare = (found or [{"type": "session", "tls": {}}])[0]
    cap.expect(bare, decrypted=False, transport=s["transport"], bytes=s["bytes"], frames=s["frames"], duration=s["duration"], user=None,
               auth=None, messages=0)
    cap.same("exchanges without keys", [x.get("command") for x in hidden], ["", "EHLO", "STARTTLS"][:len(hidden)] if starttls == "smtp" else
             [x.get("command") for x in cap.exchanges_of(s)[:len(hidden)]])
    if not starttls:
        cap.same("exchanges guessed without keys", hidden, [])
    cap.same("messages guessed without keys", messages, [])
    for name in ("version", "cipher", "sni", "ja3", "ja4", "group"):
        cap.same("tls.%s without keys" % name, bare["tls"].get(name), s["tls"].get(name))


def healthy(cap, s, *wanted):
    """No finding above note but the wanted ones, and those that the dialogue in plain text has too. No word of clear text."""
    got = {f["rule"] for f in cap.findings_of(s) if f["severity"] != "note"} - {"recipient-unknown", "recipient-rejected"}
    cap.same("findings of session %d" % s["id"], sorted(got), sorted(wanted))
    cap.same("findings on clear text", [r for r in cap.rules(s) if r.startswith("cleartext")], [])


def secure(lab, d, starttls, door="good", wanted=(), run_with=None, tls=None, how=None, times=1, **settings):
    """The dialogue inside TLS, and all comparisons. The last session's record; `tls`: what session.tls must say besides."""
    in_plain(lab, d)
    keys = keys_of(lab)
    how = how or Library(lab, keys, **settings)
    done = []
    with lab.capture(options=["--keylog", keys] if run_with is None else run_with) as cap:
        for _ in range(times):
            lab.dovecot.empty("alice", *STORED)
            c = d.open(lab, DOORS[door].host, secure=not starttls, tls=None if starttls else how)
            if starttls and d.client is Smtp:
                c.do("EHLO client.example.test")
            if starttls:
                c.starttls(how)
            chosen = (c.socket.version(), c.socket.cipher()[0])
            d.talk(c)
            done.append((c, how.resumed, chosen))
        cap.log("mail.log", "status=sent", d.mails * times) if d.mails else None
    for c, resumed, chosen in done:
        s = cap.session_of(c)
        compare(cap, s, d, starttls)
        check_dialogue(cap, s, c)
        cap.same("tls.version", s["tls"].get("version"), {"TLSv1": "TLS 1.0"}.get(chosen[0], chosen[0].replace("v", " ")))
        cap.same("tls.sni", s["tls"].get("sni"), how.name)
        cap.same("tls.resumed", s["tls"].get("resumed", False), resumed)
        if chosen[0] == "TLSv1.3":
            cap.same("tls.cipher", s["tls"].get("cipher"), chosen[1])
        without_keys(cap, s, starttls)
        healthy(cap, s, *wanted)
    for name, value in (tls or {}).items():
        cap.same("tls." + name, s["tls"].get(name), value)
    return cap, s


OLD = ("tls-old-version",)
for case_name, how_it_goes in {
    "smtp-starttls-13": dict(d=SMTP, starttls=True, only="1.3"),
    "smtps-13": dict(d=SMTP, starttls=False, only="1.3", tls={"group": "x25519"}),
    "smtp-starttls-12-chacha20": dict(d=SMTP, starttls=True, only="1.2", ciphers="ECDHE-RSA-CHACHA20-POLY1305",
                                      tls={"cipher": "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"}),
    "smtp-starttls-12-dhe": dict(d=SMTP, starttls=True, only="1.2", ciphers="DHE-RSA-AES256-GCM-SHA384",
                                 tls={"cipher": "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"}),
    "imap-starttls-12-ecdhe-gcm": dict(d=IMAP, starttls=True, only="1.2", ciphers="ECDHE-RSA-AES128-GCM-SHA256",
                                       tls={"cipher": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}),
    "imaps-13": dict(d=IMAP, starttls=False, only="1.3", door="ec"),
    "imaps-12-ecdsa-ccm8": dict(d=IMAP, starttls=False, only="1.2", door="ec", ciphers="ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0",
                                tls={"cipher": "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"}),
    "pop3s-12-cbc-encrypt-then-mac": dict(d=POP3, starttls=False, only="1.2", ciphers="ECDHE-RSA-AES128-SHA256",
                                          tls={"cipher": "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"}),
    "pop3s-12-cbc-mac-then-encrypt": dict(d=POP3, starttls=False, only="1.2", ciphers="ECDHE-RSA-AES256-SHA384", options=NO_ENCRYPT_THEN_MAC,
                                          tls={"cipher": "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"}),
    "pop3-stls-13": dict(d=POP3, starttls=True, only="1.3"),
    "pop3-stls-12-no-extended-master-secret": dict(d=POP3, starttls=True, only="1.2", options=NO_EXTENDED_MASTER),
    "imap-starttls-12-rsa": dict(d=IMAP, starttls=True, only="1.2", ciphers="AES128-GCM-SHA256", tls={"cipher": "TLS_RSA_WITH_AES_128_GCM_SHA256"}),
    "smtps-11": dict(d=SMTP, starttls=False, only="1.1", wanted=OLD),
    "imaps-10-cbc": dict(d=IMAP, starttls=False, only="1.0", ciphers="AES128-SHA:@SECLEVEL=0", options=NO_ENCRYPT_THEN_MAC, wanted=OLD),
    "smtps-13-retry": dict(d=SMTP, starttls=False, only="1.3", door="retry", tls={"retry": True, "group": "secp384r1"}),
    "imap-starttls-13-retry": dict(d=IMAP, starttls=True, only="1.3", door="retry", tls={"retry": True}),
    "smtps-12-resumed-by-id": dict(d=SMTP, starttls=False, only="1.2", options=ssl.OP_NO_TICKET, times=2, tls={"resumed": True}),
    "smtp-starttls-12-resumed-by-ticket": dict(d=SMTP, starttls=True, only="1.2", times=2, tls={"resumed": True}),
    "smtps-13-resumed": dict(d=SMTP, starttls=False, only="1.3", times=2, tls={"resumed": True}),
    "imap-starttls-13-resumed": dict(d=IMAP, starttls=True, only="1.3", times=2, tls={"resumed": True}),
    "imaps-12-resumed-rsa": dict(d=IMAP, starttls=False, only="1.2", ciphers="AES256-GCM-SHA384", times=2, tls={"resumed": True}),
    "smtps-13-resumed-after-retry": dict(d=SMTP, starttls=False, only="1.3", door="retry", times=2, tls={"resumed": True, "retry": True}),
    "imaps-13-compressed": dict(d=COMPRESSED, starttls=False, only="1.3"),
    "imap-starttls-12-compressed": dict(d=COMPRESSED, starttls=True, only="1.2"),
    "smtps-13-scram": dict(d=SCRAM_SMTP, starttls=False, only="1.3"),
    "imap-starttls-12-scram": dict(d=SCRAM_IMAP, starttls=True, only="1.2"),
}.items():
    how_it_goes = dict(how_it_goes)
    case("tls-" + case_name)(lambda lab, h=how_it_goes: secure(lab, **h))


@case("tls-private-key")
def private_key(lab):
    """RSA key exchange with nothing but the server's key: STARTTLS by swaks at Postfix, TLS at Dovecot, then a resumed session."""
    key = lab.authority.path("good.key")
    secure(lab, IMAP, False, run_with=["--private-key", key], only="1.2", ciphers="AES128-GCM-SHA256", times=2)
    secure(lab, SMTP, True, run_with=["--private-key", key], only="1.2", ciphers="AES256-SHA", options=NO_EXTENDED_MASTER | NO_ENCRYPT_THEN_MAC)
    with lab.capture(options=["--private-key", key]) as cap:
        lab.client("swaks", "--server", DOORS["good"].host, "--port", str(lab.ports["submission"]), "--helo", "client.example.test", "--tls",
                   "--tls-protocol", "tlsv1_2", "--tls-cipher", "AES256-GCM-SHA384", "--auth", "PLAIN", "--auth-user", ALICE,
                   "--auth-password", USERS["alice"], "--from", ALICE, "--to", login("bob"), "--data", "@" + lab.path("m", plain("Swaks", sender=ALICE)))
        cap.log("mail.log", "status=sent")
    s = cap.only("smtp")
    cap.expect(s, transport="starttls", decrypted=True, user=ALICE, auth={"mechanism": "PLAIN", "result": "ok", "attempts": 1},
               outcome="completed", messages=1, tls__cipher="TLS_RSA_WITH_AES_256_GCM_SHA384")
    cap.expect(cap.messages_of(s)[0], complete=True, status="accepted", headers__subject="Swaks")
    healthy(cap, s)


@case("tls-other-keys")
def other_keys(lab):
    """Keys of other sessions, and the key of a server that did not use it for the key exchange: nothing opens, nothing is garbled."""
    for version in ("1.2", "1.3"):
        keys = keys_of(lab)
        with lab.capture() as cap:
            talk_imap(IMAP.open(lab, DOORS["good"].host, secure=True, tls=Library(lab, keys, only=version)))
        with lab.capture(options=["--keylog", keys, "--private-key", lab.authority.path("good.key")]) as cap:
            c = IMAP.open(lab, DOORS["good"].host, secure=True, tls=Library(lab, None, only=version))
            talk_imap(c)
        s = cap.session_of(c)
        cap.expect(s, decrypted=False, transport="tls", user=None, messages=0)
        cap.same("exchanges", cap.exchanges_of(s), [])
        healthy(cap, s)


@case("tls-keylog-in-environment")
def environment(lab):
    keys = keys_of(lab)
    with lab.capture() as cap:
        c = IMAP.open(lab, DOORS["good"].host, secure=True, tls=Library(lab, keys))
        talk_imap(c)
    lab.env["SSLKEYLOGFILE"] = keys
    try:
        cap.load()
    finally:
        del lab.env["SSLKEYLOGFILE"]
    cap.expect(cap.session_of(c), decrypted=True, user=ALICE)
    check_dialogue(cap, cap.session_of(c), c)


@case("imap-compressed")
def compressed(lab):
    """DEFLATE without TLS."""
    seen, t = in_plain(lab, IMAP)
    cap, s = in_plain(lab, COMPRESSED)
    cap.expect(s, protocol="imap", transport="plain", user=ALICE, outcome="completed", messages=t["messages"])
    names = [x.get("command") for x in cap.exchanges_of(s)]
    cap.true("COMPRESS is an exchange", "COMPRESS" in names)
    deflated = [x for x in cap.exchanges_of(s) if x.get("command") != "COMPRESS"]
    for x, y in zip(deflated, seen.exchanges_of(t)):
        alike(cap, "exchange " + str(x.get("command")), x, y)
    for x, y in zip(cap.messages_of(s), seen.messages_of(t)):
        alike(cap, "message %d" % x["id"], x, y)
    cap.expect_healthy()


# ---- client programs

def through(lab, program, client, talk, starttls, *options):
    """A dialogue through openssl or gnutls-cli, which did greeting and STARTTLS by themselves."""
    d = {Smtp: "smtp", Pop: "pop3", Imap: "imap"}[client]
    keys = keys_of(lab)
    lab.dovecot.empty("alice", *STORED)
    with lab.capture(options=["--keylog", keys]) as cap:
        p = program(lab, DOORS["good"].host, lab.ports[d if starttls else d + "s"], keys, *options, starttls=d if starttls else None)
        c = client(0, through=p, greeting=not starttls, **({"greet": None} if client is Smtp else {}))
        talk(c)
    s = cap.only(d)
    cap.expect(s, transport="starttls" if starttls else "tls", decrypted=True, outcome="completed")
    got = [(x.get("command", ""), x.get("code")) for x in cap.exchanges_of(s)]
    cap.same("dialogue", got[len(got) - len(c.dialogue):], c.dialogue)
    if program is not gnutls or not starttls:   # gnutls-cli does not wait for the greeting then
        healthy(cap, s)
    return cap, s, c


def mailbox_pausing(change):
    """As talk_imap, with `change` sent to the client program twice."""
    def talk(c):
        c.do('LOGIN "%s" "%s"' % (ALICE, USERS["alice"]))
        c.do("SELECT INBOX")
        c.command(change)
        c.do("FETCH 1:* (FLAGS BODY[])")
        c.append("INBOX", APPENDED)
        c.command(change)
        c.do("NOOP")
        c.logout()
    return talk


def check_mailbox(cap, s):
    cap.expect(s, user=ALICE, messages=len(STORED) + 1)
    for m, content in zip(cap.messages_of(s), STORED + [APPENDED]):
        cap.expect_message(m, content)


for case_name, (make, starttls_first, line, more) in {
    "openssl-key-update": (openssl, False, b"K\n", ["-tls1_3"]),
    "openssl-starttls-key-update-one-way": (openssl, True, b"k\n", ["-tls1_3"]),
    "gnutls-starttls-13-key-update": (gnutls, True, b"^rekey^\n", ["--inline-commands"]),
}.items():
    def body(lab, make=make, first=starttls_first, line=line, more=more):
        cap, s, _ = through(lab, make, Imap, mailbox_pausing(line), first, *more)
        check_mailbox(cap, s)
        cap.expect(s, tls__version="TLS 1.3", tls__key_update=True)
    case("tls-" + case_name)(body)

GNUTLS_12 = "NORMAL:-VERS-ALL:+VERS-TLS1.2"
for case_name, (make, starttls_first, more, what) in {
    "openssl-imap-12": (openssl, True, ["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA"], "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    "openssl-retry-by-groups": (openssl, False, ["-tls1_3", "-groups", "P-521:X25519"], None),
    "gnutls-imaps-12-ccm": (gnutls, False, ["--priority", GNUTLS_12 + ":-CIPHER-ALL:+AES-256-CCM:-KX-ALL:+RSA"], "TLS_RSA_WITH_AES_256_CCM"),
    "gnutls-imap-12-cbc": (gnutls, True, ["--priority", GNUTLS_12 + ":-CIPHER-ALL:+AES-128-CBC:%NO_ETM:%NO_SESSION_HASH"], None),
    "gnutls-imaps-12-cbc-encrypt-then-mac": (gnutls, False, ["--priority", GNUTLS_12 + ":-CIPHER-ALL:+AES-256-CBC"], None),
}.items():
    def body(lab, make=make, first=starttls_first, more=more, what=what):
        cap, s, _ = through(lab, make, Imap, talk_imap, first, *more)
        if what:
            cap.expect(s, tls__cipher=what)
    case("tls-" + case_name)(body)


def talk_by_program(c):
    """Without lines that begin with R or Q, which are commands to openssl."""
    c.do("ehlo client.example.test")
    c.do("mail FROM:<%s>" % DAVE)
    c.do("rcpt TO:<%s>" % login("bob"))
    c.data(plain("By a program"))
    c.do("noop")
    c.do("quit")
    c.end()


@case("tls-programs-smtp")
def programs_smtp(lab):
    for make, starttls in ((openssl, True), (gnutls, False)):
        cap, s, _ = through(lab, make, Smtp, talk_by_program, starttls)
        cap.expect_message(cap.messages_of(s)[0], plain("By a program"), status="accepted", envelope__from=DAVE)


@case("tls-clients-gnutls")
def clients_gnutls(lab):
    """msmtp sends, mpop fetches: GnuTLS in Debian; STARTTLS and TLS from the first byte."""
    common = "tls on\ntls_trust_file %s\nhost mx.example.test\n" % lab.authority.path("ca.pem")
    lab.dovecot.empty("bob")
    for starttls in (True, False):
        keys = keys_of(lab)
        content = plain("By msmtp", sender=ALICE, to=login("bob"))
        ports = [lab.ports[n] for n in (("submission", "pop3") if starttls else ("smtps", "pop3s"))]
        first = "tls_starttls %s\n" % ("on" if starttls else "off")
        with lab.capture(options=["--keylog", keys]) as cap:
            lab.programs(keys, "msmtp", "-C", lab.secret("msmtprc", common.replace("mx.example.test", DOORS["good"].host) + first +
                         "tls_host_override mx.example.test\nport %d\nauth plain\nuser %s\npassword %s\nfrom %s\ndomain client.example.test\n" % (
                             ports[0], ALICE, USERS["alice"], ALICE)), login("bob"), stdin=content)
            cap.log("mail.log", "status=sent")
            lab.programs(keys, "mpop", "-C", lab.secret("mpoprc", "account default\n" + common.replace("mx.example.test", DOORS["good"].host) + first +
                         "tls_host_override mx.example.test\nport %d\nauth user\nuser %s\npassword %s\nkeep on\ndelivery mbox %s\nuidls_file %s\n" % (
                             ports[1], login("bob"), USERS["bob"], os.path.join(lab.dir, "mpop.mbox"), os.path.join(lab.dir, "uidls-%d" % starttls))))
        for protocol, user in (("smtp", ALICE), ("pop3", login("bob"))):
            s = cap.only(protocol)
            cap.expect(s, transport="starttls" if starttls else "tls", decrypted=True, user=user, auth__result="ok", outcome="completed",
                       messages=1 if protocol == "smtp" or starttls else 2)
            healthy(cap, s)
            for m in cap.messages_of(s):
                cap.expect(m, complete=True, headers__subject="By msmtp")
                cap.true("the message is whole", m["size"] >= len(content))


@case("tls-clients-curl")
def clients_curl(lab):
    lab.dovecot.empty("alice", *STORED)
    keys = keys_of(lab)
    base = ["curl", "-sS", "--cacert", lab.authority.path("ca.pem"), "--ssl-reqd", "-u", "%s:%s" % (ALICE, USERS["alice"])]
    where = lambda name: ["--connect-to", "mx.example.test:%d:%s:%d" % (lab.ports[name], DOORS["ec"].host, lab.ports[name])]
    with lab.capture(options=["--keylog", keys]) as cap:
        lab.programs(keys, *base, *where("smtps"), "smtps://mx.example.test:%d/client.example.test" % lab.ports["smtps"], "--mail-from", ALICE,
                     "--mail-rcpt", login("bob"), "-T", lab.path("m", SENT))
        cap.log("mail.log", "status=sent")
        lab.programs(keys, *base, *where("imap"), "imap://mx.example.test:%d/INBOX;MAILINDEX=2" % lab.ports["imap"])
        lab.programs(keys, *base, *where("pop3"), "pop3://mx.example.test:%d/3" % lab.ports["pop3"])
    for protocol, transport, content in (("smtp", "tls", SENT), ("imap", "starttls", STORED[1]), ("pop3", "starttls", STORED[2])):
        s = cap.only(protocol)
        cap.expect(s, transport=transport, decrypted=True, user=ALICE, auth__result="ok", outcome="completed", messages=1, tls__sni="mx.example.test")
        cap.expect_message(cap.messages_of(s)[0], content)
        healthy(cap, s)


@case("tls-client-certificate")
def client_certificate(lab):
    cap, s = secure(lab, SMTP, True, door="asks", only="1.2", certificate="client")
    cap.true("client's certificate: %s" % s["tls"].get("client_certificate"),
             "alice@example.test" in s["tls"].get("client_certificate", {}).get("subject", ""))
    cap, s = secure(lab, IMAP, False, door="asks", only="1.3", certificate="client")
    cap.true("client's certificate in TLS 1.3: %s" % s["tls"].get("client_certificate"),
             "alice@example.test" in s["tls"].get("client_certificate", {}).get("subject", ""))


@case("tls-certificates")
def certificates(lab):
    """What is told of the server's certificate is what openssl prints of it."""
    for door in ("good", "ec"):
        cap, s = secure(lab, POP3, False, door=door, only="1.2")
        leaf = s["tls"]["certificates"][0]
        told = lab.client("openssl", "x509", "-in", lab.authority.path(DOORS[door].certificate + ".pem"), "-noout", "-serial", "-fingerprint", "-sha256",
                          "-dates", "-dateopt", "iso_8601").decode()
        cap.same("names", (leaf["subject"], leaf["issuer"], leaf["names"]), ("CN=mx.example.test", "CN=Example Test CA", ["mx.example.test"]))
        cap.same("serial", leaf["serial"].lower(), re.search(r"serial=(\w+)", told)[1].lower())
        cap.same("sha256", leaf["sha256"], re.search(r"ingerprint=([\w:]+)", told)[1].replace(":", "").lower())
        for field, name in (("not_before", "notBefore"), ("not_after", "notAfter")):
            cap.same(field, leaf[field][:19], re.search(name + r"=(\S+ \S+)Z", told)[1].replace(" ", "T"))
        cap.same("key", leaf["key"], {"good": "RSA 2048", "ec": "EC P-256"}[door])


def joined_late(lab, version):
    """The capture begins inside TLS on port 587. The capture and its session; None on a port that nobody knows, where it is nobody's mail."""
    keys = keys_of(lab)
    with Smtp(lab.ports["submission"], host=DOORS["good"].host) as c:
        c.starttls(Library(lab, keys, only=version))
        with lab.capture(whole=False, options=["--keylog", keys]) as cap:
            c.do("EHLO client.example.test")
            c.auth("PLAIN", ALICE, USERS["alice"])
            c.envelope(ALICE, login("bob"))
            c.data(noise(3, 30000).replace(b"\n", b" ") + b"\r\n")
            c.quit()
    if not lab.usual_ports:
        cap.same("sessions", [s for s in cap.sessions if s.get("protocol") != "lmtp"], [])
        return cap, None
    return cap, cap.session_of(c)


def nothing_guessed(cap, s):
    cap.expect(s, decrypted=False, user=None, messages=0)
    cap.same("exchanges", cap.exchanges_of(s), [])
    cap.same("codes", {k: v for k, v in s.get("codes", {}).items() if v}, {})
    cap.same("above note", [f["rule"] for f in cap.findings if f["severity"] in ("error", "critical")], [])


@case("tls-joined-late-12")
def joined_late_12(lab):
    """Without the server's hello no key opens it, and no codes are to be guessed."""
    cap, s = joined_late(lab, "1.2")
    if s:
        nothing_guessed(cap, s)


@case("tls-joined-late-13")
def joined_late_13(lab):
    """Which of the secrets opens it is found by trying; without them nothing is guessed."""
    cap, s = joined_late(lab, "1.3")
    if not s:
        return
    cap.expect(s, decrypted=True, user=ALICE, messages=1, outcome="completed", transport="tls")
    cap.options = []
    cap.load()
    nothing_guessed(cap, [x for x in cap.sessions if x["id"] == s["id"]][0])


# ---- handshakes that fail

def fails(lab, d, starttls, door, side, rules, words=(), **settings):
    """The handshake does not come about: `rules` are the findings with keys and without; each names the side that gave up."""
    keys = keys_of(lab)
    open(keys, "w").close()   # the handshake may end before there is any key
    how = Library(lab, keys, **settings)
    with lab.capture(options=["--keylog", keys]) as cap:
        try:
            c = d.open(lab, DOORS[door].host, secure=not starttls, tls=None if starttls else how)
            c.starttls(how)
            cap.true("the handshake went through", False)
        except (OSError, EOFError):
            pass
    failed(cap, rules[0], side, words)
    cap.options = []
    cap.load()
    failed(cap, rules[1], side)


def failed(cap, rule, side, words=()):
    cap.same("number of sessions", len(cap.sessions), 1)
    s = (cap.sessions or [{}])[0]
    if not s:
        return
    cap.expect(s, outcome="tls-failed", stage="tls", user=None, messages=0)
    found = [f for f in cap.findings_of(s) if f["rule"] == rule]
    cap.same("%s among %s" % (rule, cap.rules(s)), len(found), 1)
    above = {f["rule"] for f in cap.findings_of(s) if f["severity"] != "note"} - {"client-early"}   # gnutls-cli's STARTTLS is that
    cap.same("findings above note", sorted(above), sorted({rule, FAILED}))
    for f in cap.findings_of(s):
        said = " ".join(f.get(k, "") for k in ("title", "evidence", "explanation"))
        if f["rule"] == FAILED:
            cap.true("the one who gave up is the %s: %s" % (side, said), "the %s " % side in f["title"])
        for word in words:
            cap.true("%s says '%s': %s" % (rule, word, said), f["rule"] != rule or word in said)


EXPIRED, UNTRUSTED, NAME, FAILED = "tls-certificate-expired", "tls-certificate-untrusted", "tls-certificate-name-mismatch", "tls-handshake-failed"
AES = "ECDHE-RSA-AES128-GCM-SHA256"
for case_name, how_it_fails in {
    "expired-imaps-12": dict(d=IMAP, starttls=False, door="expired", side="client", rules=(EXPIRED, EXPIRED), words=["2021-01-01"], only="1.2"),
    "expired-smtp-13": dict(d=SMTP, starttls=True, door="expired", side="client", rules=(EXPIRED, EXPIRED), words=["2021-01-01"], only="1.3"),
    "unknown-authority-smtps-12": dict(d=SMTP, starttls=False, door="good", side="client", rules=(UNTRUSTED, UNTRUSTED), trust=False, only="1.2"),
    "unknown-authority-pop3-13": dict(d=POP3, starttls=True, door="ec", side="client", rules=(UNTRUSTED, UNTRUSTED), trust=False, only="1.3"),
    "self-signed-imap-12": dict(d=IMAP, starttls=True, door="usual", side="client", rules=(UNTRUSTED, UNTRUSTED), only="1.2"),
    "self-signed-smtps-13": dict(d=SMTP, starttls=False, door="usual", side="client", rules=(UNTRUSTED, UNTRUSTED), only="1.3"),
    "wrong-name-pop3s-12": dict(d=POP3, starttls=False, door="elsewhere", side="client", rules=(NAME, NAME), words=["mail.elsewhere.test"], only="1.2"),
    "wrong-name-imap-13": dict(d=IMAP, starttls=True, door="elsewhere", side="client", rules=(NAME, FAILED), words=["mail.elsewhere.test"], only="1.3"),
    "no-shared-version-smtps": dict(d=SMTP, starttls=False, door="modern", side="server", rules=(FAILED, FAILED), words=["protocol_version"], only="1.2"),
    "no-shared-version-imap": dict(d=IMAP, starttls=True, door="modern", side="server", rules=(FAILED, FAILED), only="1.2"),
    "no-shared-cipher-smtp": dict(d=SMTP, starttls=True, door="narrow", side="server", rules=(FAILED, FAILED), words=["handshake_failure"],
                                  only="1.2", ciphers=AES),
    "no-shared-cipher-imaps": dict(d=IMAP, starttls=False, door="narrow", side="server", rules=(FAILED, FAILED), only="1.2", ciphers=AES),
}.items():
    case("tls-fails-" + case_name)(lambda lab, h=how_it_fails: fails(lab, **h))


@case("tls-fails-at-plain-port")
def at_plain_port(lab):
    """TLS from the first byte where the server expects STARTTLS."""
    if lab.usual_ports:
        fails(lab, Dialogue(Smtp, None, "smtp", "smtp"), False, "good", "server", (FAILED, FAILED), ["plain text"])


@case("tls-fails-gnutls")
def fails_gnutls(lab):
    """GnuTLS as the client: it judges the certificate when the handshake is done, or does not get there."""
    for door, side, rule, more in (("expired", "client", EXPIRED, []), ("elsewhere", "client", NAME, []),
                                   ("modern", "server", FAILED, ["--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2"])):
        keys = keys_of(lab)
        open(keys, "w").close()
        with lab.capture(options=["--keylog", keys]) as cap:
            p = gnutls(lab, DOORS[door].host, lab.ports["imaps"], keys, *more)
            cap.same("what gnutls-cli got", p.recv(100), b"")
            p.close()
        failed(cap, rule, side)


@case("tls-fails-silent-close")
def silent_close(lab):
    """A client that looks at the name itself when the handshake is done, and hangs up without a word."""
    keys = keys_of(lab)
    with lab.capture(options=["--keylog", keys]) as cap:
        c = IMAP.open(lab, DOORS["elsewhere"].host, secure=True, tls=Library(lab, keys, trust=None))
        c.socket.close()
    s = cap.session_of(c)
    cap.true("name mismatch among %s" % cap.rules(s), NAME in cap.rules(s))
    cap.true("outcome is %s" % s["outcome"], s["outcome"] in ("tls-failed", "closed", "reset"))


@case("tls-fails-plain-to-tls-port")
def plain_to_tls_port(lab):
    with lab.capture() as cap:
        with Smtp.__new__(Smtp) as c:
            super(Smtp, c).__init__(lab.ports["smtps"], DOORS["good"].host)
            c.send("EHLO client.example.test\r\n")
            try:
                c.more()
            except (OSError, EOFError):
                pass
    s = cap.session_of(c)
    cap.true("a finding: %s" % cap.rules(s), {FAILED, "protocol-mismatch", "client-early"} & set(cap.rules(s)))
