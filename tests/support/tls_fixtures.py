#!/usr/bin/env python3
"""Writes tests/support/tls_fixtures.h: TLS connections of two OpenSSL peers, as dialogues for tls_drive.h, with keys made for them alone.

    python3 tests/support/tls_fixtures.py > tests/support/tls_fixtures.h

Most come from the ssl module with both peers in memory; KeyUpdate, renegotiation and early data from openssl s_server and s_client,
with a relay between that writes down what passes."""
import os
import socket
import ssl
import subprocess
import tempfile
import threading
import time

SCRIPT = [("S", b"220 fixture ESMTP\r\n"), ("C", b"EHLO client.test\r\n"), ("S", b"250 fixture\r\n"), ("C", b"NOOP\r\n"), ("S", b"250 done\r\n")]
NO_EMS, NO_ETM, NO_TICKET = 1 << 0, 1 << 19, ssl.OP_NO_TICKET
HEX_MAX = 3900
work = tempfile.TemporaryDirectory()
fixtures = []


def path(name):
    return os.path.join(work.name, name)


def make_certificates():
    for name, new in (("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]), ("rsa", ["rsa:2048"]), ("client", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
        subprocess.run(["openssl", "req", "-x509", "-newkey", *new, "-nodes", "-keyout", path(name + ".key"), "-out", path(name + ".pem"),
                        "-days", "36500", "-subj", "/CN=" + name + ".test"], check=True, capture_output=True)
    key = open(path("rsa.key")).read()
    return key


def context(server, key="ec", low=ssl.TLSVersion.TLSv1_2, high=None, ciphers=None, options=0, curve=None, verify=False):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    c.minimum_version, c.maximum_version = low, high or low
    c.options |= options
    if ciphers:
        c.set_ciphers(ciphers)
    if server:
        c.load_cert_chain(path(key + ".pem"), path(key + ".key"))
        if curve:
            c.set_ecdh_curve(curve)
        if verify:
            c.verify_mode = ssl.CERT_REQUIRED
            c.load_verify_locations(path("client.pem"))
    else:
        c.check_hostname = False
        c.verify_mode = ssl.CERT_NONE
        c.keylog_filename = path("keys")
        if verify:
            c.load_cert_chain(path("client.pem"), path("client.key"))
    return c


class Pair:
    """Two peers in memory."""

    def __init__(self, server, client, session=None):
        self.lines = []
        self.end = {}
        self.bio = {}
        for side, c in (("S", server), ("C", client)):
            self.bio[side] = ssl.MemoryBIO(), ssl.MemoryBIO()
            more = {"server_side": True} if side == "S" else {"server_hostname": "mx.example.test", "session": session}
            self.end[side] = c.wrap_bio(*self.bio[side], **more)

    def pass_on(self):
        moved = False
        for side, other in (("C", "S"), ("S", "C")):
            data = self.bio[side][1].read()
            if data:
                self.lines.append(side + " " + data.hex())
                self.bio[other][0].write(data)
                moved = True
        return moved

    def handshake(self):
        done = {"C": False, "S": False}
        failed = False
        for _ in range(20):
            for side in "CS":
                if not done[side]:
                    try:
                        self.end[side].do_handshake()
                        done[side] = True
                    except ssl.SSLWantReadError:
                        pass
                    except ssl.SSLError:
                        failed = done[side] = True
            if not self.pass_on() and all(done.values()):
                break
        return not failed

    def talk(self, script):
        for side, text in script:
            self.end[side].write(text)
            self.pass_on()
            other = self.end["S" if side == "C" else "C"]
            assert other.read(65536) == text

    def close(self):
        for side in "SC":
            try:
                self.end[side].unwrap()
            except (ssl.SSLWantReadError, ssl.SSLError):
                pass
            self.pass_on()


def keys(take):
    lines = open(path("keys")).read().split("\n") if os.path.exists(path("keys")) else []
    if lines:
        os.truncate(path("keys"), 0)  # contexts go on appending to it
    return ["K " + x for x in lines if x and not x.startswith("#")] if take else []


def connection(name, server, client, take_keys=True, session=None, script=SCRIPT):
    p = Pair(server, client, session)
    good = p.handshake()
    if good:
        p.talk(script)
        p.close()
    add(name, keys(take_keys) + p.lines)
    return p.end["C"].session if good else None


def add(name, lines):
    short = []
    for line in lines:
        while len(line) > HEX_MAX:
            short.append(line[:HEX_MAX])
            line = line[:2] + line[HEX_MAX:]
        short.append(line)
    fixtures.append((name, short))


def tls12(name, ciphers, key="ec", options=0, low=ssl.TLSVersion.TLSv1_2, take_keys=True):
    s = context(True, key, low, ciphers=ciphers, options=options | NO_TICKET)
    c = context(False, key, low, ciphers=ciphers, options=options)
    connection(name, s, c, take_keys)


def in_memory():
    v13 = ssl.TLSVersion.TLSv1_3
    connection("tls13", context(True, low=v13), context(False, low=v13))
    connection("tls13_retry", context(True, low=v13, curve="secp521r1"), context(False, low=v13))
    connection("tls13_client_certificate", context(True, low=v13, verify=True), context(False, low=v13, verify=True))
    s, c = context(True, low=v13), context(False, low=v13)
    session = connection("tls13_first", s, c)
    connection("tls13_resumed", s, c, session=session)
    tls12("tls12_gcm", "ECDHE-ECDSA-AES128-GCM-SHA256")
    tls12("tls12_chacha", "ECDHE-ECDSA-CHACHA20-POLY1305")
    tls12("tls12_ccm", "ECDHE-ECDSA-AES128-CCM")
    tls12("tls12_cbc_etm", "ECDHE-ECDSA-AES128-SHA256")
    tls12("tls12_cbc", "ECDHE-ECDSA-AES128-SHA256", options=NO_ETM)
    tls12("tls10_cbc", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", options=NO_ETM, low=ssl.TLSVersion.TLSv1)
    tls12("tls12_rsa", "AES128-GCM-SHA256", key="rsa", take_keys=False)
    tls12("tls12_rsa_no_ems", "AES128-GCM-SHA256", key="rsa", options=NO_EMS, take_keys=False)
    for name, option in (("id", NO_TICKET), ("ticket", 0)):
        s, c = context(True, options=option), context(False)
        s.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        session = connection("tls12_by_" + name, s, c)
        connection("tls12_resumed_by_" + name, s, c, take_keys=False, session=session)
    connection("tls12_client_certificate", context(True, verify=True), context(False, verify=True))
    refusing = context(False)
    refusing.verify_mode = ssl.CERT_REQUIRED
    connection("tls12_refused", context(True), refusing)
    refusing = context(False, low=v13)
    refusing.verify_mode = ssl.CERT_REQUIRED
    connection("tls13_refused", context(True, low=v13), refusing)
    connection("no_shared_version", context(True, low=v13), context(False))
    connection("no_shared_cipher", context(True, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256"), context(False, ciphers="AES256-GCM-SHA384"))


class Relay:
    """Between s_client and s_server; each read is a line."""

    def __init__(self, to):
        self.lines = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.to = to
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        client = self.listener.accept()[0]
        server = socket.create_connection(("127.0.0.1", self.to))
        for a, b, side in ((client, server, "C"), (server, client, "S")):
            threading.Thread(target=self.copy, args=(a, b, side), daemon=True).start()

    def copy(self, a, b, side):
        try:
            while data := a.recv(65536):
                with self.lock:
                    self.lines.append(side + " " + data.hex())
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def command(name, server_options, client_options, steps, port=None, server=None):
    """Steps: (side, bytes) typed at that side."""
    own = server is None
    if own:
        port = free_port()
        server = start_server(port, server_options)
    relay = Relay(port)
    client = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % relay.port, "-keylogfile", path("keys"), *client_options],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.7)
    for side, text in steps:
        end = server if side == "S" else client
        end.stdin.write(text)
        end.stdin.flush()
        time.sleep(0.4)
    client.stdin.close()
    client.wait(5)
    if own:
        server.kill()
        server.wait()
    add(name, keys(True) + relay.lines)


def start_server(port, options):
    server = subprocess.Popen(["openssl", "s_server", "-accept", str(port), "-cert", path("ec.pem"), "-key", path("ec.key"), *options],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return server


def by_command():
    plain = [(side, text.replace(b"\r", b"")) for side, text in SCRIPT]
    update = plain[:2] + [("C", b"K\n")] + plain[2:3] + [("C", b"k\n"), ("S", b"K\n")] + plain[3:]
    command("tls13_key_update", ["-tls1_3"], ["-tls1_3"], update)
    again = plain[:2] + [("C", b"R\n")] + plain[2:]
    command("tls12_renegotiated", ["-tls1_2", "-client_renegotiation"], ["-tls1_2"], again)
    port, session, early = free_port(), path("session"), path("early")
    with open(early, "wb") as f:
        f.write(b"EHLO early.test\n")
    server = start_server(port, ["-tls1_3", "-early_data", "-max_early_data", "1024"])
    command("tls13_before_early", [], ["-tls1_3", "-sess_out", session], plain, port, server)
    command("tls13_early", [], ["-tls1_3", "-sess_in", session, "-early_data", early], plain, port, server)
    server.kill()
    server.wait()
    port = free_port()
    server = start_server(port, ["-tls1_3", "-early_data", "-max_early_data", "1024", "-no_anti_replay"])
    command("", [], ["-tls1_3", "-sess_out", session], plain, port, server)
    fixtures.pop()
    server.kill()
    server.wait()
    server = start_server(port, ["-tls1_3"])
    command("tls13_early_rejected", [], ["-tls1_3", "-sess_in", session, "-early_data", early], plain, port, server)
    server.kill()
    server.wait()


def write(key):
    print("/* Made by tests/support/tls_fixtures.py. Keys and certificates were made for this file and are used nowhere else. */")
    print("#pragma once\n")
    print("struct tls_fixture { const char *name; const char *const *lines; };\n")
    print("static const char tls_fixture_rsa_key[] =")
    print("\n".join('    "%s\\n"' % x for x in key.strip().split("\n")) + ";\n")
    for name, lines in fixtures:
        print("static const char *const fixture_%s[] = {" % name)
        for line in lines:
            print('    "%s",' % line)
        print("    NULL };")
    print("\nstatic const struct tls_fixture tls_fixtures[] = {")
    for name, _ in fixtures:
        print('    { "%s", fixture_%s },' % (name, name))
    print("};")


rsa_key = make_certificates()
in_memory()
by_command()
write(rsa_key)
