"""What a capture's answers must hold, whatever is in it: the promises of the product, one method each."""
import base64
import binascii
import csv
import hashlib
import io
import json
import os
import re
import subprocess

COMMANDS = (("diagnose",), ("sessions",), ("exchanges",), ("messages",), ("findings",), ("stats", "codes"),
            ("stats", "commands"), ("stats", "conversations"), ("stats", "endpoints"), ("stats", "times"), ("follow", "1"))
LISTS = ("sessions", "exchanges", "messages", "findings")
KEYS = {
    "session": "type id protocol transport decrypted client server started duration frames bytes user auth outcome stage "
               "codes messages findings tcp tls timing",
    "exchange": "type id session frame reply_frame command argument code enhanced reply duration data",
    "message": "type id session direction envelope status reply size sha256 complete frames started missing headers parts "
               "urls authentication verdict findings",
    "finding": "type id rule severity category session message frames title evidence explanation remedy references",
}
KEYS = {k: v.split() for k, v in KEYS.items()}
OUTCOMES = {"completed", "closed", "auth-failed", "refused", "unreachable", "reset", "timeout", "tls-failed", "incomplete"}
STAGES = {"connect", "greeting", "tls", "auth", "mailbox", "envelope", "data", "quit"}
ENDPOINT = {"ip", "port", "name"}
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SANITIZER = re.compile(r"(AddressSanitizer|LeakSanitizer|UndefinedBehavior|runtime error:)")
SHORTEST_SECRET = 6  # shorter ones are found in innocent text
WORDS = {"password", "secret"}  # passwords that findings use as words: looked for in the dialogue only
TIMEOUT = 60


class Case:
    def __init__(self, program, path, folder):
        self.program, self.path, self.folder = program, path, folder
        self.complaints, self.records, self.outputs = [], {}, {}

    def complain(self, text):
        self.complaints.append(text)

    def check(self, truth, text, *args):
        if not truth:
            self.complain(text % args if args else text)
        return truth

    # ---- running

    def run(self, *args):
        words = " ".join(args)
        try:
            p = subprocess.run([self.program, *args, "--progress", "never", self.path], capture_output=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.complain("%s: not done in %d s" % (words, TIMEOUT))
            return b""
        errors = p.stderr.decode(errors="replace")
        hit = SANITIZER.search(errors)
        if hit:
            self.complain("%s: %s" % (words, errors[max(0, hit.start() - 200):hit.start() + 1500]))
        no_session = args[0] in ("follow", "ladder") and p.returncode == 2 and "no mail session" in errors
        if p.returncode not in (0, 3) and not hit and not no_session:
            self.complain("%s: exit status %d: %s" % (words, p.returncode, errors[-500:]))
        if p.returncode == 3:
            self.check(errors.strip(), "%s: exit status 3 without a word", words)
        return p.stdout

    def ndjson(self, *args):
        out, rows = self.run(*args, "--format", "ndjson"), []
        for number, line in enumerate(out.splitlines(), 1):
            try:
                rows.append(json.loads(line.decode("utf-8")))
            except ValueError as e:
                self.complain("%s, line %d: %s: %r" % (" ".join(args), number, e, line[:200]))
        return out, rows

    # ---- what every list must hold

    def keys(self, r):
        order = KEYS[r["type"]]
        unknown = [k for k in r if k not in order]
        self.check(not unknown, "%s %s: unknown keys %s", r["type"], r.get("id"), unknown)
        known = [k for k in r if k in order]
        self.check(known == sorted(known, key=order.index), "%s %s: keys not in order: %s", r["type"], r.get("id"), known)

    def numbers(self, kind):
        ids = [r["id"] for r in self.records[kind]]
        self.check(sorted(ids) == list(range(1, len(ids) + 1)), "%s: ids are not 1 to %d: %s", kind, len(ids), ids[:20])

    def first_frames(self, kind):
        rows = sorted(self.records[kind], key=lambda r: r["id"])
        firsts = [r["frames"]["first"] for r in rows]
        self.check(firsts == sorted(firsts), "%s: not numbered by first frame: %s", kind, firsts[:40])

    def frames_exist(self, last):
        for kind in LISTS:
            for r in self.records[kind]:
                frames = r.get("frames", [])
                if isinstance(frames, dict):
                    frames = [v for k, v in frames.items() if k != "count"]
                frames = frames + [r[k] for k in ("frame", "reply_frame") if k in r]
                self.check(frames and all(1 <= f <= last for f in frames), "%s %s: frames %s of %d", kind, r["id"], frames, last)

    def session_values(self):
        for s in self.records["sessions"]:
            at = "session %d" % s["id"]
            self.check(s["outcome"] in OUTCOMES, "%s: outcome %s", at, s["outcome"])
            self.check(s["stage"] in STAGES, "%s: stage %s", at, s["stage"])
            self.check(s["transport"] in ("plain", "starttls", "tls"), "%s: transport %s", at, s["transport"])
            self.check(s["duration"] >= 0, "%s: duration %s", at, s["duration"])
            self.check(s["frames"]["first"] <= s["frames"]["last"], "%s: frames %s", at, s["frames"])
            self.check(set(s["client"]) <= ENDPOINT and set(s["server"]) <= ENDPOINT | {"lookup"}, "%s: endpoints", at)
            parties = sum(s["timing"].get(k, 0) for k in ("server", "client", "network", "stalled"))
            self.check(abs(parties - s["duration"]) < 0.00001, "%s: times add up to %f of %f s", at, parties, s["duration"])
            for name, value in s["timing"].items():
                self.check(value is None or value >= 0, "%s: timing %s is %s", at, name, value)

    def references(self):
        sessions = {s["id"]: s for s in self.records["sessions"]}
        messages = {m["id"] for m in self.records["messages"]}
        counted = {i: 0 for i in sessions}
        for kind in ("exchanges", "messages", "findings"):
            for r in self.records[kind]:
                if "session" in r and self.check(r["session"] in sessions, "%s %d: no session %d", kind, r["id"], r["session"]):
                    counted[r["session"]] += kind == "messages"
        for f in self.records["findings"]:
            self.check("message" not in f or f["message"] in messages, "finding %d: no message", f["id"])
        for i, n in counted.items():
            self.check(sessions[i]["messages"] == n, "session %d: says %d messages, %d listed", i, sessions[i]["messages"], n)

    def exchange_order(self):
        for r in self.records["exchanges"]:
            if "frame" in r and "reply_frame" in r:
                self.check(r.get("duration", 0) >= 0, "exchange %d: negative duration", r["id"])

    def read_lists(self):
        for kind in LISTS:
            self.outputs[kind], self.records[kind] = self.ndjson(kind)
            for r in self.records[kind]:
                if self.check(r.get("type") == kind.rstrip("s"), "%s: type %s", kind, r.get("type")):
                    self.keys(r)
            self.numbers(kind)
        self.outputs["diagnose"], rows = self.ndjson("diagnose")
        if not self.check(len(rows) == 1, "diagnose: %d records", len(rows)):
            return
        self.frames_exist(rows[0]["frames"])
        self.check(sum(rows[0]["sessions"].values()) == len(self.records["sessions"]), "diagnose: other number of sessions")
        self.first_frames("sessions")
        self.session_values()
        self.references()
        self.exchange_order()

    def sound(self):
        """For a spoilt capture: no crash, and answers that agree with one another."""
        self.read_lists()
        self.table(self.run("exchanges", "--format", "table"), "exchanges")

    # ---- other formats

    def csv(self, out, words):
        text = out.decode("utf-8", errors="strict")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        for number, row in enumerate(rows):
            self.check(len(row) == len(rows[0]), "%s, csv row %d: %d cells of %d", words, number, len(row), len(rows[0]))

    def table(self, out, words):
        text = out.decode("utf-8", errors="replace")
        self.check("\ufffd" not in text or b"\xef\xbf\xbd" in out, "%s: not UTF-8", words)
        hit = CONTROL.search(text)
        self.check(not hit, "%s: control character %r in %r", words, hit and hit.group(),
                   hit and text[max(0, hit.start() - 30):hit.start() + 30])

    def formats(self):
        for command in COMMANDS:
            words = " ".join(command)
            if words not in self.outputs:
                self.outputs[words] = self.ndjson(*command)[0]
            if command[0] not in ("diagnose", "follow"):  # these have no columns
                self.outputs[words + " csv"] = out = self.run(*command, "--format", "csv")
                self.csv(out, words)
            self.outputs[words + " table"] = out = self.run(*command, "--format", "table")
            self.table(out, words)
        self.outputs["follow 1 raw"] = self.run("follow", "1", "--format", "raw")
        self.outputs["follow 1 ascii"] = out = self.run("follow", "1", "--format", "ascii")
        self.table(out.replace(b"\t", b" "), "follow 1 ascii")
        self.outputs["ladder 1"] = out = self.run("ladder", "1")
        self.table(out, "ladder 1")

    def endpoints(self):
        _, rows = self.ndjson("stats", "endpoints")
        said = sum(s["bytes"]["client"] + s["bytes"]["server"] for s in self.records["sessions"])
        for key, want in (("bytes_sent", said), ("bytes_received", said), ("messages_sent", len(self.records["messages"])),
                          ("messages_received", len(self.records["messages"]))):
            got = sum(r[key] for r in rows)
            self.check(got == want, "stats endpoints: %s is %d in all, not %d", key, got, want)

    def same_again(self):
        for kind in LISTS + ("diagnose",):
            self.check(self.run(kind, "--format", "ndjson") == self.outputs[kind], "%s: another answer the second time", kind)

    # ---- files

    def export(self, what):
        folder = os.path.join(self.folder, what)
        self.run("export", what, "-o", folder)
        if not os.path.isdir(folder):
            return self.complain("export %s: no folder" % what)
        hashes = {m.get("sha256") for m in self.records["messages"]} if what == "messages" else \
            {p.get("sha256") for m in self.records["messages"] for p in m.get("parts", [])}
        joined = sum("sha256" not in m for m in self.records["messages"]) if what == "messages" else 0  # from parts: their file has a digest, they have none
        for name in os.listdir(folder):
            if name.startswith("index."):
                continue
            with open(os.path.join(folder, name), "rb") as f:
                digest = hashlib.sha256(f.read()).hexdigest()
            self.check(name.split(".")[0] == digest, "export %s: %s holds other bytes (%s)", what, name, digest)
            joined -= digest not in hashes
        self.check(joined >= 0, "export %s: %d files are in no record", what, -joined)

    # ---- secrets

    def secrets(self):
        """Passwords by the plain rules of the protocols, from the dialogue, independent of what the program marks."""
        found, users = set(), set()
        for s in self.records["sessions"][:20]:
            users.add(s.get("user", ""))
            _, lines = self.ndjson("follow", str(s["id"]), "--show-secrets")
            texts = [(r.get("from"), r.get("text", "")) for r in lines]
            found |= secrets_of(texts)
        return {x for x in found if len(x) >= SHORTEST_SECRET and not any(x in u for u in users)}

    def masked(self):
        for secret in self.secrets():
            for words, out in self.outputs.items():
                if words.startswith("messages"):  # mail, not dialogue: it may say anything
                    continue
                if secret.lower() in WORDS and not words.startswith(("exchanges", "follow", "ladder")):
                    continue
                shown = out.decode("utf-8", errors="replace")
                self.check(secret not in shown, "%s: shows the secret %r", words, secret)

    # ---- all of it

    def all(self):
        self.read_lists()
        self.first_frames("messages")
        if not self.records["sessions"]:
            self.run("stats", "conversations", "--format", "table")
            self.run("follow", "1", "--format", "ndjson")
            self.run("ladder", "1")
            return None
        self.formats()
        self.endpoints()
        self.same_again()
        self.export("messages")
        self.export("attachments")
        self.masked()
        return self.seen()

    def seen(self):
        codes, commands, rules = {}, {}, {}
        for s in self.records["sessions"]:
            for k, n in s.get("codes", {}).items():
                codes[k] = codes.get(k, 0) + n
        for x in self.records["exchanges"]:
            if "command" in x:
                commands[x["command"]] = commands.get(x["command"], 0) + 1
        for f in self.records["findings"]:
            if f["severity"] != "note":
                rules[f["rule"]] = rules.get(f["rule"], 0) + 1
        messages = [[m["direction"], m["status"], m["complete"], m.get("headers", {}).get("subject", "")]
                    for m in sorted(self.records["messages"], key=lambda m: m["id"])]
        outcomes = [[s.get("protocol", ""), s["outcome"], s["stage"]] for s in sorted(self.records["sessions"], key=lambda s: s["id"])]
        return {"sessions": len(outcomes), "outcomes": outcomes, "codes": dict(sorted(codes.items())),
                "commands": dict(sorted(commands.items())), "messages": messages, "findings": dict(sorted(rules.items()))}


def decoded(text):
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError):
        return ""


def secrets_of(lines):
    """PASS; LOGIN in IMAP; AUTH PLAIN and AUTH LOGIN with and without an initial response."""
    found, wait = set(), None
    for side, text in lines:
        if side != "client":
            continue
        words = text.split()
        upper = [w.upper() for w in words]
        if wait == "plain" and len(words) == 1:
            found |= {text, decoded(text).split("\0")[-1]}
        elif wait == "password" and len(words) == 1:
            found |= {text, decoded(text)}
        if wait == "user":
            wait = "password"
            continue
        wait = None
        if upper[:1] == ["PASS"] and len(words) > 1:
            found.add(text[5:])
        elif upper[1:2] == ["LOGIN"] and len(words) == 4:
            found.add(words[3].strip('"'))
        for verb in ("AUTH", "AUTHENTICATE"):
            if verb not in upper[:2]:
                continue
            rest = words[upper.index(verb) + 1:]
            if rest[:1] and rest[0].upper() == "PLAIN":
                if len(rest) > 1:
                    found |= {rest[1], decoded(rest[1]).split("\0")[-1]}
                else:
                    wait = "plain"
            elif rest[:1] and rest[0].upper() == "LOGIN":
                wait = "password" if len(rest) > 1 else "user"
    return {x for x in found if x}
