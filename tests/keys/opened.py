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


def main(report):
    make_keys()
    for name, function in (("odd port", odd_port),):
        report.case(name, function)
