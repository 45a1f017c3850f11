"""Real TLS for scripted dialogues: handshakes made by Python's ssl with certificates made by the openssl command, as bytes for frames.

    t = Tls(certificate("mail.example.org"), versions=(TLS12, TLS12), sni="mail.example.org")
    t.shake(d)                                  # the flights of the handshake go into Dialogue d, an alert included
    t.say(d, "C", "EHLO client.example.com")    # one protected line
    t.close(d, "C")                             # close_notify
    capture.keylog = t.keys()                   # what --keylog needs

Certificates are made once a run, valid around the time of the scripted captures (November 2023) unless asked for otherwise.
"""
import atexit
import os
import shutil
import ssl
import subprocess
import tempfile

TLS10, TLS11, TLS12, TLS13 = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
CONFIG = """[ca]
default_ca = c
[c]
dir = {0}
database = {0}/index
serial = {0}/serial
new_certs_dir = {0}
default_md = {1}
policy = p
unique_subject = no
[p]
commonName = supplied
"""
_made, _folder = {}, []


def folder():
    if not _folder:
        _folder.append(tempfile.mkdtemp(prefix="tls_wire_"))
        atexit.register(shutil.rmtree, _folder[0], ignore_errors=True)
    return _folder[0]


def openssl(*words):
    p = subprocess.run(("openssl",) + words, cwd=folder(), capture_output=True, text=True)
    assert p.returncode == 0, "openssl %s: %s" % (" ".join(words), p.stderr)
    return p.stdout


def write(name, text):
    with open(os.path.join(folder(), name), "w", encoding="ascii") as f:
        f.write(text)
    return os.path.join(folder(), name)


class Certificate:
    """`chain` is the file that a server sends: its own certificate first."""

    def __init__(self, key, certificate, chain):
        self.key, self.certificate, self.chain = key, certificate, chain

    def der(self):
        with open(self.certificate, encoding="ascii") as f:
            return ssl.PEM_cert_to_DER_cert(f.read())


def new_key(path, kind):
    if kind.startswith("rsa"):
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:" + kind[3:], "-out", path)
    else:
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)


def issue(name, names, by, dates, kind, authority, digest):
    """One certificate: key, request, signature by `by` (None: by itself)."""
    base = os.path.join(folder(), "c%d" % len(_made))
    new_key(base + ".key", kind)
    openssl("req", "-new", "-key", base + ".key", "-subj", "/CN=" + name, "-out", base + ".csr")
    extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n" if authority else \
        "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n" + ("subjectAltName=%s\n" % ",".join("DNS:" + n for n in names) if names else "")
    write("ext", extensions)
    write("index", "")
    write("serial", "%04X" % (0x1000 + len(_made)))
    signer = ("-selfsign", "-keyfile", base + ".key") if by is None else ("-cert", by.certificate, "-keyfile", by.key)
    openssl("ca", "-batch", "-notext", "-config", write("ca.conf", CONFIG.format(folder(), digest)), "-in", base + ".csr", "-out", base + ".crt",
            "-startdate", dates[0], "-enddate", dates[1], "-extfile", "ext", *signer)
    return Certificate(base + ".key", base + ".crt", base + ".crt")


GOOD = ("20230101000000Z", "20400101000000Z")
EXPIRED = ("20220101000000Z", "20231101000000Z")
EARLY = ("20390101000000Z", "20400101000000Z")


def authority(name="Test Root", by=None):
    key = ("authority", name, by)
    if key not in _made:
        _made[key] = issue(name, (), by, GOOD, "ec", True, "sha256")
    return _made[key]


def certificate(name="mail.example.org", names=None, dates=GOOD, signed=True, kind="ec", middle=True, digest="sha256"):
    """For `names` (or `name` alone). signed: by an intermediate authority, which is sent with it if `middle`; else self-signed."""
    key = (name, names, dates, signed, kind, middle, digest)
    if key in _made:
        return _made[key]
    by = authority("Test Intermediate", authority()) if signed else None
    c = issue(name, names or (name,), by, dates, kind, False, digest)
    if by and middle:
        with open(c.certificate, encoding="ascii") as own, open(by.certificate, encoding="ascii") as above:
            c.chain = write(os.path.basename(c.certificate) + ".chain", own.read() + above.read())
    _made[key] = c
    return c


def wrong_chain(name="mail.example.org"):
    """The server's own certificate with a stranger's authority behind it."""
    c = certificate(name)
    with open(c.certificate, encoding="ascii") as own, open(authority("Stranger").certificate, encoding="ascii") as above:
        return Certificate(c.key, c.certificate, write("stranger.chain", own.read() + above.read()))


class Tls:
    def __init__(self, server, versions=(TLS12, TLS12), client_versions=None, sni="mail.example.org", ciphers=None, client_ciphers=None, trust=None,
                 names=None, setup=None):
        """trust: None the client takes anything; a Certificate the authority that it knows. names: the server refuses other SNI names.
        setup(client context, server context): whatever else."""
        self.log = os.path.join(folder(), "keys%d" % id(self))
        c, s = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.verify(c, trust)
        s.set_ciphers("ALL:@SECLEVEL=0")
        s.load_cert_chain(server.chain, server.key)
        for context, wanted, suites in ((c, client_versions or versions, client_ciphers or ciphers), (s, versions, ciphers)):
            context.minimum_version, context.maximum_version = wanted
            context.set_ciphers(suites or "ALL:@SECLEVEL=0")
            context.options &= ~ssl.OP_NO_TICKET
        if names is not None:
            s.sni_callback = lambda sock, name, context: None if name in names else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        c.keylog_filename = self.log
        if setup:
            setup(c, s)
        self.inputs = {"C": ssl.MemoryBIO(), "S": ssl.MemoryBIO()}
        self.outputs = {"C": ssl.MemoryBIO(), "S": ssl.MemoryBIO()}
        self.ends = {"C": c.wrap_bio(self.inputs["C"], self.outputs["C"], server_hostname=sni),
                     "S": s.wrap_bio(self.inputs["S"], self.outputs["S"], server_side=True)}
        self.error = {}

    @staticmethod
    def verify(context, trust):
        context.check_hostname = trust is not None
        context.verify_mode = ssl.CERT_REQUIRED if trust else ssl.CERT_NONE
        if trust:
            context.load_verify_locations(trust.certificate)

    def keys(self):
        with open(self.log, encoding="ascii") as f:
            return f.read()

    def move(self, who):
        """Takes what one end wants to send, and gives it to the other end."""
        data = self.outputs[who].read()
        self.inputs["S" if who == "C" else "C"].write(data)
        return data

    def step(self, who):
        try:
            self.ends[who].do_handshake()
            return True
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError as e:
            self.error[who] = e
            return False

    def flights(self, most=12):
        """(who, bytes) until both ends are done or one has given up."""
        who, idle = "C", 0
        for _ in range(most):
            if who not in self.error:
                self.step(who)
            data = self.move(who)
            idle = 0 if data else idle + 1
            if data:
                yield who, data
            if idle == 2 or (self.error and not data):
                return
            who = "S" if who == "C" else "C"

    def shake(self, d, stop=None):
        """`stop` flights only."""
        for n, (who, data) in enumerate(self.flights()):
            if stop is not None and n >= stop:
                break
            d.say(who, data)
        return self

    def protect(self, who, what):
        self.ends[who].write(what if isinstance(what, bytes) else (what + "\r\n").encode())
        data = self.move(who)
        try:
            self.ends["S" if who == "C" else "C"].read(65536)
        except ssl.SSLError:
            pass
        return data

    def say(self, d, who, what):
        d.say(who, self.protect(who, what))
        return self

    def talk(self, d, *lines):
        for line in lines:
            self.say(d, line[0], line[3:])
        return self

    def spoil(self, d, who):
        """A record that does not authenticate: the other end answers by a fatal alert."""
        other = "S" if who == "C" else "C"
        self.ends[who].write(b"NOOP\r\n")
        data = bytearray(self.outputs[who].read())
        data[-1] ^= 1
        self.inputs[other].write(bytes(data))
        try:
            self.ends[other].read(10)
        except ssl.SSLError as e:
            self.error[other] = e
        d.say(who, bytes(data))
        d.say(other, self.move(other))
        return self

    def close(self, d, who):
        try:
            self.ends[who].unwrap()
        except ssl.SSLError:
            pass
        d.say(who, self.move(who))
        return self
