"""Which connections keys open: sessions inside of TLS, made with OpenSSL, some of them with records that the capture missed."""
import csv
import io
import os
import struct
import subprocess
import sys

from pcapgen import Capture, Dialogue, MAIL
from tls_wire import TLS12, TLS13, Tls, certificate

PROGRAM = os.path.abspath(sys.argv[1])
RSA = dict(versions=(TLS12, TLS12), ciphers="AES128-GCM-SHA256")
ODD = 10465
TALK = ("S: 220 mail.example.org ESMTP", "C: EHLO client.example.com", "S: 250 mail.example.org", "C: MAIL FROM:<ann@example.com>", "S: 250 Ok",
        "C: RCPT TO:<bob@example.org>", "S: 250 Ok", "C: DATA", "S: 354 Go on", "C: " + MAIL.decode() + ".", "S: 250 Ok", "C: QUIT", "S: 221 Bye")


def records(data):
    while data:
        n = 5 + struct.unpack_from("!H", data, 3)[0]
        yield data[:n]
        data = data[n:]


class Leaky(Tls):
    """Each record is a segment. missed(who, flight, record) says which ones the capture does not have, all counted from 0 on each side."""

    def __init__(self, *args, missed=None, **how):
        super().__init__(*args, **how)
        self.missed, self.sent = missed or (lambda who, flight, record: False), {"C": 0, "S": 0}

    def put(self, d, who, data):
        for i, record in enumerate(records(data)):
            d.say(who, record, seen=not self.missed(who, self.sent[who], i))
        self.sent[who] += 1

    def shake(self, d):
        for who, data in self.flights():
            self.put(d, who, data)
        return self

    def say(self, d, who, what):
        self.put(d, who, self.protect(who, what))
        return self


def server():
    return certificate(kind="rsa2048")


def captured(port, talk=TALK, **how):
    """A mail inside of TLS from the first byte, in opened.pcap; its keys in mail.keys."""
    capture = Capture()
    d = Dialogue(capture, port=port).open()
    tls = Leaky(server(), **how)
    tls.shake(d).talk(d, *talk)
    d.close()
    capture.write("opened.pcap")
    with open("mail.keys", "w", encoding="ascii") as f:
        f.write(tls.keys())
    return capture, tls.keys()


def sessions(*args, fields=("decrypted", "outcome", "messages"), capture="opened.pcap", status=0):
    wanted = [x for f in fields for x in ("-e", f)]
    out = subprocess.run([PROGRAM, "sessions", "-f", "csv", *wanted, *args, capture], capture_output=True, text=True, timeout=60,
                         env={k: v for k, v in os.environ.items() if k != "SSLKEYLOGFILE"})
    assert out.returncode == status, out.stderr
    return [tuple(row) for row in csv.reader(io.StringIO(out.stdout))][1:]


def same(found, wanted):
    assert found == wanted, "found %r, not %r" % (found, wanted)


READ = [("true", "completed", "1")]


def odd_port():
    """Mail inside of TLS on a port that says nothing: known by what is inside, when a key opens it."""
    own, other = server().key, certificate("other.example.org", kind="rsa2048").key
    captured(ODD, **RSA)
    same(sessions("--private-key", own), READ)
    same(sessions("--keylog", "mail.keys"), READ)
    same(sessions("--private-key", other), [])
    same(sessions(), [])
    captured(ODD, versions=(TLS13, TLS13))
    same(sessions("--private-key", own), [])
    same(sessions("--private-key", own, "--keylog", "mail.keys"), READ)


HELLO_C, HELLO_S = ("C", 0, 0), ("S", 0, 0)


def missing_hellos():
    """Records are authenticated, so that what a lost hello said can be found by trying; but for the server's random of TLS 1.2."""
    suites = (("ECDHE-RSA-AES128-GCM-SHA256", TLS12), ("ECDHE-RSA-AES256-SHA384", TLS12), (None, TLS13))
    unread = [("false", "closed", "0")]
    for ciphers, version in suites:
        for lost in ([HELLO_C], [HELLO_S], [HELLO_C, HELLO_S]):
            captured(465, versions=(version, version), ciphers=ciphers, missed=lambda *record: record in lost)
            same(sessions("--keylog", "mail.keys"), READ if version == TLS13 or lost == [HELLO_C] else unread)
            same(sessions("--keylog", "mail.keys", "--limit", "tls_guess_bytes=65536"), unread)
            same(sessions(), unread)
    captured(465, versions=(TLS13, TLS13), missed=lambda who, flight, record: flight == 0 or (who, flight, record) == ("C", 1, 0))
    same(sessions("--keylog", "mail.keys", fields=("decrypted", "tls.version", "tls.cipher")), [("true", "TLS 1.3", "TLS_AES_256_GCM_SHA384")])
    others = "".join("CLIENT_RANDOM %064x %096x\nSERVER_HANDSHAKE_TRAFFIC_SECRET %064x %064x\n" % (i, i, i, i) for i in range(20))
    with open("mail.keys", encoding="ascii") as f, open("many.keys", "w", encoding="ascii") as many:
        many.write(others + f.read().rstrip("\n"))
    same(sessions("--keylog", "many.keys"), READ)


def secrets_behind(pcapng):
    """A long session whose keys stand behind its packets."""
    long = ("C: NOOP " + 400 * "x", "S: 250 Ok") * 400
    capture, keys = captured(465, talk=TALK[:3] + long + TALK[3:], versions=(TLS13, TLS13))
    for name, front, behind, read in (("behind", "", keys, True), ("front", keys, "", True), ("nowhere", "", "", False)):
        with open(name + ".pcapng", "wb") as f:
            f.write(pcapng(capture, front, behind))
        same(sessions(capture=name + ".pcapng"), READ if read else [("false", "closed", "0")])
    for n in (1, 3, 4, 12, 15, 40):  # cut off at the end: nothing is found there, and nothing breaks
        with open("behind.pcapng", "rb") as f, open("cut.pcapng", "wb") as cut:
            cut.write(f.read()[:-n])
        same([s[0] for s in sessions(capture="cut.pcapng", status=3)], ["false"])


def main(report, pcapng):
    """pcapng(capture, front, behind): the file, with key logs before and behind the packets."""
    for name, function, *more in (("odd port", odd_port), ("missing hellos", missing_hellos), ("secrets behind packets", secrets_behind, pcapng)):
        report.case(name, function, *more)
