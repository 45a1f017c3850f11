"""A small authority and the certificates of servers and clients, good and bad, made anew for every run."""
import os
import subprocess

NAME = "mx.example.test"
KEYS = {"rsa": ["rsa:2048"], "ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}
CONFIGURATION = """
[ca]
default_ca = authority
[authority]
dir = {dir}
database = {dir}/index
new_certs_dir = {dir}
serial = {dir}/serial
default_md = sha256
default_days = 30
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


class Authority:
    """`folder`/NAME.pem and NAME.key for each certificate; `folder`/ca.pem is what clients trust."""

    def __init__(self, folder):
        self.dir = folder
        os.makedirs(folder)
        for name, text in (("ca.cnf", CONFIGURATION.format(dir=folder)), ("index", ""), ("serial", "1000\n")):
            with open(os.path.join(folder, name), "w") as f:
                f.write(text)
        self.openssl("req", "-x509", "-nodes", "-days", "60", "-subj", "/CN=Example Test CA", "-newkey", *KEYS["ec"],
                     "-keyout", self.path("ca.key"), "-out", self.path("ca.pem"))
        self.issue("good", NAME)
        self.issue("ec", NAME, kind="ec")
        self.issue("expired", NAME, kind="ec", dates=("20200101000000Z", "20210101000000Z"))
        self.issue("elsewhere", "mail.elsewhere.test", kind="ec")
        self.issue("client", "alice@example.test", kind="ec")

    def path(self, name):
        return os.path.join(self.dir, name)

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError("openssl %s: %s" % (words[0], done.stdout.decode(errors="replace")[-300:]))

    def issue(self, file, name, kind="rsa", dates=None):
        key, request, made = self.path(file + ".key"), self.path(file + ".csr"), self.path(file + ".pem")
        self.openssl("req", "-new", "-nodes", "-subj", "/CN=" + name, "-newkey", *KEYS[kind], "-keyout", key, "-out", request,
                     "-addext", "subjectAltName=" + ("email:" if "@" in name else "DNS:") + name)
        when = ["-startdate", dates[0], "-enddate", dates[1]] if dates else []
        self.openssl("ca", "-batch", "-notext", "-config", self.path("ca.cnf"), "-cert", self.path("ca.pem"), "-keyfile",
                     self.path("ca.key"), "-in", request, "-out", made, *when)
        os.chmod(key, 0o600)
