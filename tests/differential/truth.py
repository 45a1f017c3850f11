"""What tshark shows for each filter, asked once a capture by truth.lua and kept in the build folder.

    t = Truth(filters, cache=folder)          # Truth.missing() says why it cannot be asked, or ""
    frames, unknown = t.ask(capture, keylog)  # {filter: frozenset of frame numbers}, {filter: why tshark does not take it}

tshark runs without any configuration of its user, with default preferences, in one pass as `tshark -Y` does, and without name resolution; times
are UTC. An answer is found again by the filter, the digests of the capture and of the keys, and the version of tshark.
"""
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "truth.lua")
TIMEOUT = 900
UNREAD = 2          # exit status of tshark for a file that it cannot open


def frame_set(text):
    """The numbers of "1-3,7"."""
    numbers = set()
    for run in filter(None, text.split(",")):
        first, _, last = run.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return frozenset(numbers)


def ranges(numbers):
    """The shortest text that frame_set() reads."""
    runs = []
    for n in sorted(numbers):
        if runs and runs[-1][1] == n - 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    return ",".join(str(a) if a == b else "%d-%d" % (a, b) for a, b in runs)


def digest(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        for piece in iter(lambda: f.read(1 << 20), b""):
            h.update(piece)
    return h.hexdigest()


class Unreadable(Exception):
    """A capture that tshark does not read: another kind of file, or a link layer that it does not know."""


class Truth:
    def __init__(self, filters, cache):
        self.filters = filters
        self.tshark = shutil.which("tshark")
        self.about = self.run(["--version"]).stdout if self.tshark else ""
        self.version = self.about.split("(Wireshark) ")[-1].split(" ")[0].rstrip(".\n")
        with open(SCRIPT, "rb") as f:
            asked = self.about.encode() + f.read()
        self.cache = os.path.join(cache, hashlib.sha256(asked).hexdigest()[:16])
        os.makedirs(self.cache, exist_ok=True)

    def missing(self):
        if not self.tshark:
            return "tshark is not installed"
        return "" if "with Lua" in " ".join(self.about.split()) else "this tshark has no Lua"

    def run(self, arguments):
        with tempfile.TemporaryDirectory() as home:
            env = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "WIRESHARK_CONFIG_DIR": home, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
            env.pop("SSLKEYLOGFILE", None)
            return subprocess.run([self.tshark, *arguments], env=env, capture_output=True, text=True, errors="replace", timeout=TIMEOUT,
                                  stdin=subprocess.DEVNULL)

    def ask(self, capture, keylog, filters=None):
        filters = filters or self.filters
        key = digest(capture)[:32] + (digest(keylog)[:32] if keylog else "")
        kept, answers = os.path.join(self.cache, key + ".json.gz"), {}
        if os.path.exists(kept):
            with gzip.open(kept, "rt", encoding="utf-8") as f:
                answers = json.load(f)
        missing = [f for f in filters if f not in answers]
        if missing:
            answers.update(self.fresh(capture, keylog, missing))
            part = "%s.%d" % (kept, os.getpid())
            with gzip.open(part, "wt", 1, encoding="utf-8") as f:
                json.dump(answers, f)
            os.replace(part, kept)
        unknown = {f: answers[f][9:] for f in filters if answers[f].startswith("unknown: ")}
        return {f: frame_set(answers[f]) for f in filters if f not in unknown}, unknown

    def fresh(self, capture, keylog, filters):
        """Filter to ranges of frames, or "unknown: why"."""
        with tempfile.TemporaryDirectory() as folder:
            asked, told = os.path.join(folder, "filters"), os.path.join(folder, "frames")
            with open(asked, "w", encoding="utf-8") as f:
                f.writelines(line + "\n" for line in filters)
            keys = ["-o", "tls.keylog_file:" + keylog] if keylog else []
            done = self.run(["-n", "-q", "-r", capture, *keys, "-X", "lua_script:" + SCRIPT, "-X", "lua_script1:" + asked,
                             "-X", "lua_script1:" + told])
            if not os.path.exists(told) and done.returncode == UNREAD:  # one that cannot be read to its end has an answer all the same
                raise Unreadable(done.stderr.strip().split("\n")[-1])
            assert os.path.exists(told), "tshark ends with status %d and says nothing: %s" % (done.returncode, done.stderr[-500:])
            with open(told, encoding="utf-8", errors="replace") as f:
                answers = [line.rstrip("\n").split("\t", 1)[1] for line in f]
        assert len(answers) == len(filters), "%d answers to %d filters" % (len(answers), len(filters))
        return dict(zip(filters, answers))
