"""The records of a capture, and how they are compared with what is known from clients and servers."""
import base64
import datetime
import hashlib
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from packets import connections
from servers import USERS, WRONG

CASES = []
QUIET = {"cleartext-credentials", "cleartext-mail"}   # warnings that healthy traffic without TLS earns
RANKS = ("note", "warning", "error", "critical")
SLOW_MACHINE = 2.0   # seconds: what lasts longer may well be called slow


def case(name):
    """A case collects what differs in lab.problems and fails with all of it."""
    def wrap(body):
        def run(lab):
            from lab import Failure
            lab.problems = []
            body(lab)
            if lab.problems:
                raise Failure("; ".join(lab.problems[:6]) + (" and %d more" % (len(lab.problems) - 6) if lab.problems[6:] else ""))
        CASES.append((name, run))
        return run
    return wrap


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def secrets():
    """Every form in which a password may be printed."""
    forms = set()
    for user, password in list(USERS.items()) + [(u, WRONG) for u in USERS]:
        full = "%s@example.test" % user
        forms |= {password, base64.b64encode(password.encode()).decode()}
        for who in ("", full):
            forms.add(base64.b64encode(("%s\0%s\0%s" % (who, full, password)).encode()).decode())
    return forms


class Capture:
    def __init__(self, lab, path):
        self.lab, self.pcap, self.doors, self.options = lab, path, [], []

    # ---- records

    def run(self, *command, stdin=None, ok=(0,)):
        """Runs Mailscope; its standard output as bytes."""
        from lab import Failure
        done = subprocess.run([self.lab.mailscope, *command], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60, env=self.lab.env)
        if done.returncode not in ok:
            raise Failure("mailscope %s ended with %d: %s" % (command[0], done.returncode, done.stderr[-300:]))
        leaked = [s for s in secrets() if s.encode() in done.stdout + done.stderr]
        if leaked:
            self.lab.problems.append("mailscope %s prints the secret %s" % (command[0], leaked[0]))
        return done.stdout

    def records(self, kind):
        text = self.run(kind, "--json", *self.doors, *self.options, self.pcap)
        if self.lab.keep:
            with open("%s/%s.%s.ndjson" % (self.lab.keep, self.pcap.rpartition("/")[2], kind), "wb") as f:
                f.write(text)
        return [json.loads(line) for line in text.decode("utf-8").splitlines()]

    def load(self):
        with ThreadPoolExecutor(4) as pool:
            self.sessions, self.exchanges, self.messages, self.findings = pool.map(
                self.records, ("sessions", "exchanges", "messages", "findings"))
        for record in (self.sessions, self.messages, self.findings):
            record.sort(key=lambda r: r["id"])
        self.same("records of sessions told twice", len({s["id"] for s in self.sessions}), len(self.sessions))
        for s in self.sessions:
            self.check_session(s)

    def check_session(self, s):
        """What the records say must agree with each other."""
        self.same("findings of session %d" % s["id"], sorted(set(self.rules(s))), sorted(s.get("findings", [])))
        self.same("messages of session %d" % s["id"], len(self.messages_of(s)), s["messages"])
        self.same("codes of session %d" % s["id"], self.code_sum(s), self.code_histogram(s))
        first, last = s["frames"]["first"], s["frames"]["last"]
        for x in self.exchanges_of(s):
            frames = [x[k] for k in ("frame", "reply_frame") if k in x]
            self.true("frames %s of an exchange outside of session %d" % (frames, s["id"]), all(first <= f <= last for f in frames))
            self.true("a reply before its command: %s" % x, frames == sorted(frames))
        for f in self.findings_of(s):
            self.true("frames of %s outside of session %d" % (f["rule"], s["id"]), all(first <= n <= last for n in f["frames"]))
        parties = sum(s["timing"].get(k, 0) for k in ("server", "client", "network", "stalled"))
        self.true("times of session %d add up to %f of %f s" % (s["id"], parties, s["duration"]),
                  abs(parties - s["duration"]) < 0.00001)

    def expect_network(self):
        """Sessions against the packets themselves: who, when, which frames, how many bytes."""
        truth = connections(self.pcap)
        self.same("number of sessions", len(self.sessions), len(truth))
        for s, c in zip(self.sessions, truth):
            self.same("parties of session %d" % s["id"], [(s[k]["ip"], s[k]["port"]) for k in ("client", "server")], [c.client, c.server])
            self.same("frames of session %d" % s["id"], s["frames"], {"first": c.first, "last": c.last, "count": c.count})
            self.same("bytes of session %d" % s["id"], s["bytes"], c.bytes)
            self.true("duration of session %d" % s["id"], abs(s["duration"] - (c.ended - c.started) / 1e9) < 1e-7)
            started = datetime.datetime.fromtimestamp(c.started // 10**9, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
            self.same("start of session %d" % s["id"], s["started"], "%s.%06dZ" % (started, c.started % 10**9 // 1000))

    def code_histogram(self, s):
        """Without what is no answer to a command: 334 and 354 come in between, IMAP's greeting and BYE are untagged."""
        return {k: v for k, v in s.get("codes", {}).items() if v and k not in ("334", "354", "BYE", "PREAUTH")}

    def code_sum(self, s):
        """The codes as the exchanges have them."""
        counted = {}
        for x in self.exchanges_of(s):
            answered = "command" in x or s.get("protocol") != "imap"
            if answered and "code" in x and x["code"] not in (334, 354):
                counted[str(x["code"])] = counted.get(str(x["code"]), 0) + 1
        return counted

    def exchanges_of(self, s):
        return [x for x in self.exchanges if x["session"] == s["id"]]

    def messages_of(self, s):
        return [m for m in self.messages if m["session"] == s["id"]]

    def findings_of(self, s):
        return [f for f in self.findings if f.get("session") == s["id"]]

    def rules(self, s):
        return [f["rule"] for f in self.findings_of(s)]

    def of(self, protocol):
        return [s for s in self.sessions if s.get("protocol") == protocol]

    def session_of(self, wire):
        """The session of one hand-made connection."""
        from lab import Failure
        found = [s for s in self.sessions if s["client"]["port"] == wire.local_port and s["server"]["port"] == wire.port]
        if len(found) != 1:
            raise Failure("%d sessions for one connection from port %d" % (len(found), wire.local_port))
        return found[0]

    def only(self, protocol):
        from lab import Failure
        found = self.of(protocol)
        if len(found) != 1:
            raise Failure("%d %s sessions, 1 took place" % (len(found), protocol))
        return found[0]

    # ---- comparisons

    def same(self, what, got, want):
        if got != want:
            self.lab.problems.append("%s: Mailscope says %s, it was %s" % (what, short(got), short(want)))

    def true(self, what, condition):
        if not condition:
            self.lab.problems.append(what)

    def expect_sessions(self, **counts):
        got = {}
        for s in self.sessions:
            got[s.get("protocol", "none")] = got.get(s.get("protocol", "none"), 0) + 1
        self.same("sessions", got, counts)

    def expect(self, record, **values):
        """Dots in names are double underscores: auth__result."""
        for name, want in values.items():
            got = record
            for part in name.split("__"):
                got = got.get(part) if isinstance(got, dict) else None
            self.same("%s %s %s" % (record["type"], record.get("id", ""), name.replace("__", ".")), got, want)

    def expect_findings(self, *wanted, also=()):
        """Exactly these rules above `note`, except for the cleartext ones and what a slow machine explains."""
        slow = any(s["duration"] > SLOW_MACHINE for s in self.sessions)
        got = sorted({f["rule"] for f in self.findings if f["severity"] != "note" and f["rule"] not in QUIET
                      and f["rule"] not in also and not (slow and f["category"] == "performance")} |
                     {f["rule"] for f in self.findings if f["rule"] in wanted})
        self.same("findings", got, sorted(wanted))
        for f in self.findings:
            self.true("finding %s names no frame" % f["rule"], f["frames"])
            self.true("finding %s has an empty text" % f["rule"], f["title"] and f["evidence"] and f["remedy"])
            for text in (f["title"], f["evidence"], f["explanation"]):
                self.true("finding %s shows a raw template: %s" % (f["rule"], text), not re.search(r"\{[a-z]+\}|\[\]", text))

    def expect_healthy(self):
        self.expect_findings()
        for s in self.sessions:
            if s["transport"] == "plain":
                self.expect(s, outcome="completed")

    def expect_dialogue(self, wire):
        """Commands, codes and bytes exactly as the client had them."""
        s = self.session_of(wire)
        got = [(x.get("command", ""), x.get("code")) for x in self.exchanges_of(s)]
        self.same("dialogue", got, wire.dialogue)
        self.expect(s, bytes__client=wire.sent, bytes__server=wire.received)
        self.true("bytes.missing in a whole capture", "missing" not in s["bytes"])
        return s

    def expect_message(self, m, content, **values):
        """`content`: the bytes as the receiver stores them, CRLF line ends."""
        self.expect(m, size=len(content), sha256=sha256(content), complete=True, **values)

    def expect_parts(self, m, parts):
        """parts: (file name or None, decoded bytes) of the leaves that matter."""
        got = [(p.get("filename"), p.get("size"), p.get("sha256")) for p in m["parts"]]
        for name, content in parts:
            self.true("part %s of message %d is not among %s" % (name, m["id"], short(got)),
                      (name, len(content), sha256(content)) in got)

    def expect_to(self, m, wanted):
        """wanted: (address, code, status) in order."""
        got = [(t["address"], t.get("code"), t["status"]) for t in m["envelope"].get("to", [])]
        self.same("recipients of message %d" % m["id"], got, wanted)

    # ---- the servers' logs, from the time the capture began

    def log(self, name, pattern, count=1):
        return self.lab.log(name, pattern, self.log_since[name], count)

    def logged(self, name, pattern):
        """Matches that are in the log now."""
        return list(re.finditer(pattern, self.lab.read(name)[self.log_since[name]:]))


def short(value):
    text = str(value)
    return text if len(text) <= 400 else text[:200] + "..." + text[-180:]
