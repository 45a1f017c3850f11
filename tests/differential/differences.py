"""The list of differences from tshark that are meant: differences.txt, which says what its columns are."""
import re

SIDES = {"tshark", "mailscope", "both"}


def pattern(text):
    return re.compile("".join(".*" if piece == "*" else re.escape(piece) for piece in re.split(r"(\*)", text)), re.DOTALL)


class Entry:
    def __init__(self, line, number):
        columns = line.split("\t")
        assert len(columns) == 4 and all(columns), "line %d has not four columns" % number
        self.filter, self.capture, more, self.reason = columns
        self.side, _, self.version = more.partition("-")
        assert self.side in SIDES, "line %d: %s is none of %s" % (number, self.side, ", ".join(sorted(SIDES)))
        self.where = "line %d: %s, %s, %s" % (number, self.filter, self.capture, more)
        self.filters, self.captures, self.used = pattern(self.filter), pattern(self.capture), False

    def explains(self, text, capture, side):
        return self.side == side and (self.filter == text or self.filters.fullmatch(text)) and self.captures.fullmatch(capture)


class Differences:
    """Those that hold for a version of tshark."""

    def __init__(self, path, version):
        with open(path, encoding="utf-8") as f:
            lines = [(n, line.rstrip("\n")) for n, line in enumerate(f, 1)]
        entries = [Entry(line, n) for n, line in lines if line and not line.startswith("#")]
        self.entries = [e for e in entries if version == e.version or not e.version or version.startswith(e.version + ".")]

    def explain(self, text, capture, side):
        """The first entry that explains it, if one does. All that do are used."""
        fitting = [e for e in self.entries if e.explains(text, capture, side)]
        for e in fitting:
            e.used = True
        return fitting[0] if fitting else None

    def stale(self):
        return [e.where for e in self.entries if not e.used]
