"""How the hand-made clients speak TLS: Python's library in every setting, or openssl and gnutls-cli as a pipe."""
import os
import socket
import ssl
import subprocess

from certificates import NAME
from processes import die_with_parent
from servers import EVERYTHING

NO_EXTENDED_MASTER, NO_ENCRYPT_THEN_MAC = 1 << 0, 1 << 19   # SSL_OP_* that Python has no names for
TLS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Library:
    """OpenSSL in this process. One object is one client: what it learns in a session is used in the next."""

    def __init__(self, lab, keys, only=None, ciphers=None, options=0, trust=True, name=NAME, certificate=None):
        self.name, self.session = name, None
        self.context = c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if trust:
            c.load_verify_locations(lab.authority.path("ca.pem"))
        if trust is None:
            c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
        c.minimum_version = c.maximum_version = TLS[only or "1.3"]
        if not only:
            c.minimum_version = TLS["1.2"]
        c.set_ciphers(ciphers or EVERYTHING)
        c.options |= options
        if certificate:
            c.load_cert_chain(lab.authority.path(certificate + ".pem"), lab.authority.path(certificate + ".key"))
        if keys:
            c.keylog_filename = keys

    def __call__(self, plain):
        s = self.context.wrap_socket(plain, server_hostname=self.name, session=self.session)
        self.socket, self.resumed = s, s.session_reused
        return s

    def remember(self):
        """At the end of a session: the next one may go on with what the server gave."""
        self.session = self.socket.session


class Program:
    """A client program that speaks TLS; what goes in and out of it in clear is a socket for us."""

    def __init__(self, lab, *command, keys=None, said=None):
        self.ours, theirs = socket.socketpair()
        self.said = said or os.path.join(lab.dir, "client.out")
        with open(self.said, "ab") as f:
            self.child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=f, preexec_fn=die_with_parent,
                                          env=dict(lab.env, **({"SSLKEYLOGFILE": keys} if keys else {})))
        theirs.close()
        self.ours.settimeout(20)

    def __getattr__(self, name):
        return getattr(self.ours, name)

    def close(self):
        self.ours.close()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.terminate()
            self.child.wait(5)


def openssl(lab, host, port, keys, *options, starttls=None):
    return Program(lab, "openssl", "s_client", "-connect", "%s:%d" % (host, port), "-brief", "-CAfile", lab.authority.path("ca.pem"),
                   "-servername", NAME, "-keylogfile", keys, *(["-starttls", starttls] if starttls else []), *options)


def gnutls(lab, host, port, keys, *options, starttls=None):
    return Program(lab, "gnutls-cli", "--x509cafile", lab.authority.path("ca.pem"), "--verify-hostname", NAME, "--sni-hostname", NAME,
                   "--logfile", os.path.join(lab.dir, "gnutls.out"), *(["--starttls-proto", starttls] if starttls else []), *options,
                   "--port", str(port), host, keys=keys)
