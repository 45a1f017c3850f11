"""Which connections keys open: sessions inside of TLS, made with OpenSSL, some of them with records that the capture missed."""
import csv
import io
import os
import ssl
import subprocess
import sys

from pcapgen import Capture, Dialogue, MAIL
from tlsgen import Tls

PROGRAM = os.path.abspath(sys.argv[1])
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
RSA = dict(version=V12, ciphers="AES128-GCM-SHA256")
ODD = 10465


def make_keys():
    for name in ("server", "other"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".pem", "-out", name + ".crt", "-days", "3650",
                        "-subj", "/CN=mail.example.org"], check=True, capture_output=True)
        with open(name + ".crt") as certificate, open(name + ".pem", "a") as key:
            key.write(certificate.read())


def submission(capture, port, number=0, **how):
    """A mail inside of TLS from the first byte; its keys in mail.keys."""
    d = Dialogue(capture, port=port, client_port=40000 + number, at=number * 10).open()
    how.setdefault("certificate", "server.pem")
    t = Tls(d, "mail.keys", **how)
    t.talk("S: 220 mail.example.org ESMTP", "C: EHLO client.example.com", "S: 250 mail.example.org", "C: MAIL FROM:<ann@example.com>", "S: 250 Ok",
           "C: RCPT TO:<bob@example.org>", "S: 250 Ok", "C: DATA", "S: 354 Go on", "C: " + MAIL.decode() + ".", "S: 250 Ok", "C: QUIT", "S: 221 Bye")
    d.close()


def captured(port, **how):
    """One such session in opened.pcap."""
    if os.path.exists("mail.keys"):
        os.remove("mail.keys")
    capture = Capture()
    submission(capture, port, **how)
    capture.write("opened.pcap")


def sessions(*args, fields=("decrypted", "outcome", "messages"), capture="opened.pcap"):
    wanted = [x for f in fields for x in ("-e", f)]
    out = subprocess.run([PROGRAM, "sessions", "-f", "csv", *wanted, *args, capture], capture_output=True, text=True, timeout=60, check=True,
                         env={k: v for k, v in os.environ.items() if k != "SSLKEYLOGFILE"})
    return [tuple(row) for row in csv.reader(io.StringIO(out.stdout))][1:]


def same(found, wanted):
    assert found == wanted, "found %r, not %r" % (found, wanted)


READ = [("true", "completed", "1")]


def odd_port():
    """Mail inside of TLS on a port that says nothing: known by what is inside, when a key opens it."""
    captured(ODD, **RSA)
    same(sessions("--private-key", "server.pem"), READ)
    same(sessions("--keylog", "mail.keys"), READ)
    same(sessions("--private-key", "other.pem"), [])
    same(sessions(), [])
    captured(ODD, version=V13)
    same(sessions("--private-key", "server.pem"), [])
    same(sessions("--private-key", "server.pem", "--keylog", "mail.keys"), READ)


HELLO_C, HELLO_S = ("C", 0, 0), ("S", 0, 0)


def missing_hellos():
    """Records are authenticated, so that what a lost hello said can be found by trying; but for the server's random of TLS 1.2."""
    suites = {"ECDHE-RSA-AES128-GCM-SHA256": V12, "ECDHE-RSA-AES256-SHA384": V12, None: V13}
    for ciphers, version in suites.items():
        for lost in ([HELLO_C], [HELLO_S], [HELLO_C, HELLO_S]):
            captured(465, version=version, ciphers=ciphers, missed=lambda *record: record in lost)
            read = version == V13 or lost == [HELLO_C]
            same(sessions("--keylog", "mail.keys"), READ if read else [("false", "closed", "0")])
            same(sessions("--keylog", "mail.keys", "--limit", "tls_guess_bytes=65536"), [("false", "closed", "0")])
            same(sessions(), [("false", "closed", "0")])
    captured(465, version=V13, missed=lambda who, flight, record: flight == 0 or (who, flight, record) == ("C", 1, 0))
    same(sessions("--keylog", "mail.keys", fields=("decrypted", "tls.version", "tls.cipher")), [("true", "TLS 1.3", "TLS_AES_256_GCM_SHA384")])
    others = "".join("CLIENT_RANDOM %064x %096x\nSERVER_HANDSHAKE_TRAFFIC_SECRET %064x %064x\n" % (i, i, i, i) for i in range(20))
    with open("mail.keys") as f, open("many.keys", "w") as many:
        many.write(others + f.read().rstrip("\n"))
    same(sessions("--keylog", "many.keys"), READ)


def main(report):
    make_keys()
    for name, function in (("odd port", odd_port), ("missing hellos", missing_hellos)):
        report.case(name, function)
