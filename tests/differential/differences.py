"""The list of differences from tshark that are meant: differences.txt, which says what its columns are."""
import re

from truth import frame_set, ranges

# The fields that a filter names: words outside of text and of literals that begin with a digit.
WORD = re.compile(r"""r?"(?:[^"\\]|\\.)*"|'[^']*'|(?<![\w.:])[a-z][\w.-]*""")
NO_FIELDS = set("abs all and any bitwise_and contains count eq ge gt in le len lower lt matches max min ne not or string upper xor".split())


def fields_of(text):
    """By today's names: ssl was tls."""
    return {re.sub(r"^ssl(?=$|[.])", "tls", w) for w in WORD.findall(text) if w[0].islower() and not w.startswith('r"')} - NO_FIELDS


def pattern(words):
    """Words of which one must fit, * stands for anything."""
    return re.compile("|".join(re.escape(w).replace(r"\*", ".*") for w in words.split()))


class Entry:
    def __init__(self, line, number):
        columns = line.split("\t")
        assert len(columns) == 4 and all(columns), "line %d has not four columns" % number
        self.captures, self.fields, self.frames, self.reason = pattern(columns[0]), pattern(columns[1]), columns[2], columns[3]
        self.where = "line %d: %s" % (number, ", ".join(columns[:3]))
        self.listed = frame_set(self.frames) if re.fullmatch(r"[0-9,-]+", self.frames) else frozenset()
        self.used, self.spared = False, set(self.listed)

    def covers(self, capture, names, shown):
        """The frames in which it may be said. `shown` gives the frames of a filter."""
        if not self.captures.fullmatch(capture) or not any(self.fields.fullmatch(n) for n in names):
            return frozenset()
        if self.frames == "*":
            return None
        return self.listed or shown(self.frames)

    def take(self, frames):
        self.used = True
        self.spared -= frames


class Differences:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            lines = [(n, line.rstrip("\n")) for n, line in enumerate(f, 1)]
        self.entries = [Entry(line, n) for n, line in lines if line and not line.startswith("#")]

    def unexplained(self, text, capture, frames, shown):
        """What of these frames no entry covers, and the reasons for the others. Entries that cover some are used."""
        left, reasons, names = set(frames), [], fields_of(text)
        for e in self.entries:
            covered = e.covers(capture, names, shown)
            covered = frames if covered is None else frames & covered
            if covered:
                e.take(covered)
                left -= covered
                reasons.append(e.reason)
        return left, reasons

    def stale(self):
        for e in self.entries:
            if not e.used:
                yield e.where + " explains nothing"
            elif e.spared:
                yield e.where + " explains nothing in " + ranges(e.spared)
