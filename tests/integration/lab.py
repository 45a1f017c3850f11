"""The place where the cases run: network, servers, captures, clients."""
import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

from certificates import Authority
from processes import adopt_orphans, die_with_parent, end_descendants, libc
from servers import Dovecot, Postfix, make_certificate
from truth import Capture

PROGRAMS = ("postfix", "dovecot", "swaks", "curl", "mpop", "tcpdump", "openssl", "gnutls-cli", "msmtp")
PORTS = {"smtp": 25, "submission": 587, "smtps": 465, "lmtp": 24, "pop3": 110, "pop3s": 995, "imap": 143, "imaps": 993}
CLONE_NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
START_SECONDS, LOG_SECONDS = 20, 15
WHOLE_PACKET = 66000   # bytes; the loopback interface carries 65536. More would leave tcpdump fewer buffers


class Failure(Exception):
    """What Mailscope says is not what happened."""


def missing_programs():
    return [p for p in PROGRAMS if not shutil.which(p, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")]


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(s, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def own_network():
    """True when we are now alone on a loopback interface of our own."""
    if libc.unshare(CLONE_NEWNET) != 0:
        return False
    loopback_up()
    return True


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Lab:
    def __init__(self, mailscope, folder, odd_ports, keep):
        self.mailscope, self.odd_ports, self.keep = mailscope, odd_ports, keep
        self.case, self.captures, self.children = "", 0, []
        self.dir = folder
        os.chmod(self.dir, 0o755)   # the servers drop root
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        self.env = dict(os.environ, LC_ALL="C", HOME=self.dir)
        self.env.pop("SSLKEYLOGFILE", None)

    # ---- start and stop

    def start(self):
        if not os.access(self.mailscope, os.X_OK):
            raise RuntimeError("no program at %s" % self.mailscope)
        adopt_orphans()
        self.alone = own_network()
        self.ipv6 = self.has_ipv6()
        self.ports = dict(PORTS)
        self.usual_ports = self.alone and not self.odd_ports
        if not self.usual_ports:
            self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.odd = dict(zip(("smtp", "lmtp", "pop3", "imap"), free_ports(4)))   # a second door to each server
        make_certificate(self.dir)
        self.authority = Authority(self.dir + "/tls")
        self.dovecot, self.postfix = Dovecot(self), Postfix(self)
        self.spawn(self.dovecot.command(), "dovecot.out")
        self.spawn(self.postfix.command(), "postfix.out")
        for port in list(self.ports.values()) + list(self.odd.values()):
            self.wait_port(port)
        self.quiet()

    def has_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
            return True
        except OSError:
            return False

    def about(self):
        return "Postfix %s, Dovecot %s, %s, ports %s" % (
            self.postfix.version, self.dovecot.version, "own network" if self.alone else "127.0.0.1",
            " ".join(str(p) for p in self.ports.values()))

    def spawn(self, command, output):
        with open(os.path.join(self.dir, output), "ab") as f:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=f, stderr=f, env=self.env,
                                     preexec_fn=die_with_parent)
        self.children.append(child)
        return child

    def wait_port(self, port):
        end = time.time() + START_SECONDS
        while time.time() < end:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            dead = [c for c in self.children if c.poll() is not None]
            if dead:
                raise RuntimeError("%s ended: %s" % (dead[0].args[0], self.tails()))
            time.sleep(0.05)
        raise RuntimeError("nothing listens on port %d: %s" % (port, self.tails()))

    def tails(self):
        said = []
        for name in ("dovecot.out", "dovecot.log", "postfix.out", "mail.log"):
            with contextlib.suppress(OSError):
                said += [name + ": " + line for line in self.read(name).splitlines()[-4:]]
        return " | ".join(said)

    def stop(self):
        end_descendants()
        if self.keep:
            os.makedirs(self.keep, exist_ok=True)
            for name in ["dovecot.out", "dovecot.log", "postfix.out", "mail.log"] + [n for n in os.listdir(self.dir) if n.endswith(".keys")]:
                with contextlib.suppress(OSError):
                    shutil.copy(os.path.join(self.dir, name), self.keep)

    # ---- what the servers said

    def read(self, name):
        with open(os.path.join(self.dir, name), errors="surrogateescape") as f:
            return f.read()

    def log(self, name, pattern, since=0, count=1):
        """Waits for `count` matches in a log written after `since` (see log_mark); all of them."""
        end = time.time() + LOG_SECONDS
        while True:
            found = list(re.finditer(pattern, self.read(name)[since:]))
            if len(found) >= count:
                return found
            if time.time() > end:
                raise Failure("the server's log %s does not have %d of /%s/" % (name, count, pattern))
            time.sleep(0.03)

    def log_mark(self):
        return {name: len(self.read(name)) for name in ("mail.log", "dovecot.log")}

    # ---- captures

    @contextlib.contextmanager
    def capture(self, snaplen=WHOLE_PACKET, only="", whole=True, options=()):
        """Captures what happens inside `with`; its records are there after it. `only`: what the filter lets through besides;
        `whole`: every connection begins inside, so that the packets themselves are a truth to compare with; `options`: for Mailscope."""
        self.captures += 1
        path = os.path.join(self.dir, "%03d-%s.pcap" % (self.captures, self.case))
        said = path + ".tcpdump"
        dump = self.spawn(["tcpdump", "-i", "lo", "-s", str(snaplen), "-B", "65536", "-U", "--immediate-mode", "-n",
                           "-Z", "root", "-w", path, "tcp and " + self.port_filter() + (" and " + only if only else "")], said)
        self.wait_text(said, "listening on")
        cap = Capture(self, path)
        cap.log_since, cap.doors, cap.options = self.log_mark(), self.secure_doors(), list(options)
        try:
            yield cap
            self.quiet()
        finally:
            dump.send_signal(signal.SIGINT)
            dump.wait(5)
            self.children.remove(dump)
            if self.keep:
                os.makedirs(self.keep, exist_ok=True)
                shutil.copy(path, self.keep)
        dropped = re.search(r"(\d+) packets dropped by kernel", self.read(os.path.basename(said)))
        if dropped and int(dropped[1]):
            raise Failure("tcpdump dropped %s packets: the case proves nothing" % dropped[1])
        cap.load()
        if whole and not only and snaplen == WHOLE_PACKET:
            cap.expect_network()

    def secure_doors(self):
        """TLS without keys on a port that nobody knows may be anything: Mailscope has to be told."""
        names = [n for n in ("smtps", "pop3s", "imaps") if self.ports[n] != PORTS[n]]
        return [word for n in names for word in ("--decode-as", "%d=%s" % (self.ports[n], n))]

    def port_filter(self):
        return "(" + " or ".join("port %d" % p for p in sorted(set(self.ports.values()) | set(self.odd.values()))) + ")"

    def wait_text(self, path, text):
        end = time.time() + START_SECONDS
        while text not in self.read(os.path.basename(path)):
            if time.time() > end:
                raise Failure("no '%s' from %s: %s" % (text, path, self.read(os.path.basename(path))))
            time.sleep(0.01)

    def quiet(self):
        """Until no connection of ours is open any more: the last FINs are in the capture then."""
        ours = set(self.ports.values()) | set(self.odd.values())
        end = time.time() + 5
        while time.time() < end and self.open_connections(ours):
            time.sleep(0.02)
        time.sleep(0.08)

    def open_connections(self, ports):
        closed = ("06", "0A")   # TIME_WAIT, LISTEN
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            with contextlib.suppress(OSError):
                with open(table) as f:
                    for line in list(f)[1:]:
                        here, there, state = line.split()[1:4]
                        if state not in closed and {int(a.rpartition(":")[2], 16) for a in (here, there)} & ports:
                            return True
        return False

    # ---- clients

    def client(self, *command, stdin=b"", ok=(0,)):
        """Runs a client program; its output."""
        done = subprocess.run(list(command), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.env,
                              timeout=30)
        if ok is not None and done.returncode not in ok:
            raise Failure("%s ended with %d: %s" % (command[0], done.returncode, done.stdout[-300:]))
        return done.stdout

    def programs(self, keys, *command, stdin=b""):
        """A client that writes its TLS keys to a file."""
        self.env["SSLKEYLOGFILE"] = keys
        try:
            return self.client(*command, stdin=stdin)
        finally:
            del self.env["SSLKEYLOGFILE"]

    def secret(self, name, text):
        """A configuration file with a password, as some clients want it: readable by nobody else."""
        p = self.path(name, text.encode())
        os.chmod(p, 0o600)
        return p

    def swaks(self, *options, ok=(0,)):
        return self.client("swaks", "--server", "127.0.0.1", "--helo", "client.example.test", *options, ok=ok)

    def path(self, name, content):
        p = os.path.join(self.dir, name)
        with open(p, "wb") as f:
            f.write(content)
        return p
