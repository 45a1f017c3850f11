"""Hand-made clients that remember what they said and got: the truth about a dialogue."""
import base64
import hashlib
import hmac
import re
import socket
import ssl
import time
import zlib

SECONDS = 20   # for any answer


class Wire:
    """A connection; `dialogue` is the list of (command, code) as the records should have it."""

    def __init__(self, port, host="127.0.0.1", tls=None, through=None):
        """`tls`: a callable that makes the socket a secure one at once; `through`: stands in for a socket of ours."""
        self.port, self.sent, self.received, self.dialogue = port, 0, 0, []
        self.transcript = []   # (who, bytes) of what was said above TLS
        self.held = b""
        self.clear = True   # counts what is readable on the network
        self.local_port, self.secure = None, None
        if through:
            self.socket = through
            return
        self.socket = socket.create_connection((host, port), SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.local_port = self.socket.getsockname()[1]
        if tls:
            self.tls(tls)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def send(self, data):
        data = data.encode() if isinstance(data, str) else data
        if self.clear:
            self.sent += len(data)
        self.transcript.append(("C", data))
        self.socket.sendall(data)

    def command(self, line):
        """To the client program that speaks TLS for us, which takes a line of its own for a command."""
        for wait in (0.15, 0.15):
            time.sleep(wait)
            if line:
                self.socket.sendall(line)
            line = b""

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("the server closed the connection after %r" % (self.dialogue[-3:],))
        if self.clear:
            self.received += len(data)
        self.transcript.append(("S", data))
        self.held += data

    def line(self):
        while b"\n" not in self.held:
            self.more()
        line, _, self.held = self.held.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "surrogateescape")

    def exactly(self, count):
        while len(self.held) < count:
            self.more()
        data, self.held = self.held[:count], self.held[count:]
        return data

    def end(self):
        """Reads until the server closes."""
        while True:
            data = self.socket.recv(65536)
            if not data:
                break
            self.received += len(data) if self.clear else 0
        if self.secure:
            self.secure.remember()
        self.socket.close()

    def tls(self, how=None):
        self.secure = how
        if how is None:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            how = context.wrap_socket
        self.clear = False
        self.socket = how(self.socket)


class Deflated:
    """A socket inside raw deflate streams, one a direction."""

    def __init__(self, inner):
        self.inner, self.out, self.into = inner, zlib.compressobj(9, zlib.DEFLATED, -15), zlib.decompressobj(-15)

    def sendall(self, data):
        self.inner.sendall(self.out.compress(data) + self.out.flush(zlib.Z_SYNC_FLUSH))

    def recv(self, count):
        data = b"more"
        while data:
            data = self.inner.recv(count)
            text = self.into.decompress(data)
            if text:
                return text
        return b""

    def close(self):
        self.inner.close()


def b64(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def cram(user, password, challenge):
    digest = hmac.new(password.encode(), base64.b64decode(challenge), "md5").hexdigest()
    return b64("%s %s" % (user, digest))


class Scram:
    """RFC 5802 and 7677, the client's side."""

    def __init__(self, mechanism, user, password):
        self.hash, self.password = mechanism.replace("SCRAM-", "").replace("-", "").lower(), password
        self.bare = "n=%s,r=fyko+d2lbbFgONRv9qkxdawL" % user

    def first(self):
        return b64("n,," + self.bare)

    def final(self, challenge):
        told = base64.b64decode(challenge).decode()
        fields = dict(f.split("=", 1) for f in told.split(","))
        without_proof = "c=biws,r=" + fields["r"]
        salted = hashlib.pbkdf2_hmac(self.hash, self.password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        key = hmac.digest(salted, b"Client Key", self.hash)
        text = ",".join((self.bare, told, without_proof))
        signature = hmac.digest(hashlib.new(self.hash, key).digest(), text.encode(), self.hash)
        return b64("%s,p=%s" % (without_proof, b64(bytes(a ^ b for a, b in zip(key, signature)))))


def stuff(content):
    """A message as it goes after DATA, with the end mark."""
    return re.sub(rb"(?m)^\.", b"..", content) + b".\r\n"


class Smtp(Wire):
    """SMTP and LMTP: say() sends, reply() reads; do() is both."""

    def __init__(self, port, host="127.0.0.1", greet="EHLO", tls=None, through=None, greeting=True):
        super().__init__(port, host, tls, through)
        if greeting:
            self.take("")
        if greet:
            self.ehlo = self.do(greet + " client.example.test")

    def reply(self):
        lines = []
        while not lines or lines[-1][3:4] == "-":
            lines.append(self.line())
        return int(lines[0][:3]), "\n".join(x[4:] for x in lines)

    def take(self, command):
        """Reads the reply to a command sent before."""
        code, text = self.reply()
        self.dialogue.append((command, code))
        return code, text

    def do(self, line):
        self.send(line + "\r\n")
        return self.take(line.split()[0].upper())

    def auth(self, mechanism, user, password):
        """Replies 334 are part of the one exchange AUTH."""
        answers = {"PLAIN": [b64("\0%s\0%s" % (user, password))], "LOGIN": [b64(user), b64(password)], "CRAM-MD5": [None]}[mechanism]
        self.send("AUTH %s\r\n" % mechanism)
        for answer in answers:
            code, text = self.reply()
            assert code == 334, (code, text)
            self.send((answer if answer is not None else cram(user, password, text)) + "\r\n")
        return self.take("AUTH")

    def scram(self, mechanism, user, password):
        """With an initial response; the server's proof of itself is answered by an empty line."""
        client = Scram(mechanism, user, password)
        self.send("AUTH %s %s\r\n" % (mechanism, client.first()))
        self.send(client.final(self.reply()[1]) + "\r\n")
        assert self.reply()[0] == 334
        self.send("\r\n")
        return self.take("AUTH")

    def envelope(self, sender, *recipients):
        return [self.do("MAIL FROM:<%s>" % sender)[0]] + [self.do("RCPT TO:<%s>" % r)[0] for r in recipients]

    def data(self, content, replies=1):
        """DATA and the message; LMTP answers once for each recipient. The replies after the dot."""
        self.do("DATA")
        self.send(stuff(content))
        return [self.take(".") for _ in range(replies)]

    def bdat(self, chunk, last=False):
        self.send(b"BDAT %d%s\r\n" % (len(chunk), b" LAST" if last else b"") + chunk)
        return self.take("BDAT")

    def quit(self):
        self.do("QUIT")
        self.end()

    def starttls(self, how=None):
        self.do("STARTTLS")
        self.tls(how)
        return self


class Pop(Wire):
    LISTS = ("CAPA", "RETR", "TOP")

    def __init__(self, port, host="127.0.0.1", tls=None, through=None, greeting=True):
        super().__init__(port, host, tls, through)
        if greeting:
            self.take("", False)

    def starttls(self, how=None):
        self.do("STLS")
        self.tls(how)
        return self

    def take(self, command, multi):
        """The status line, and the unstuffed lines of a multi-line answer joined by CRLF."""
        status = self.line()
        self.dialogue.append((command, status.split()[0]))
        body = b""
        while multi and status.startswith("+OK"):
            line = self.line()
            if line == ".":
                break
            body += (line[1:] if line.startswith("..") else line).encode("utf-8", "surrogateescape") + b"\r\n"
        return status, body

    @staticmethod
    def is_multi(line):
        words = line.upper().split()
        return words[0] in Pop.LISTS or (words[0] in ("LIST", "UIDL") and len(words) == 1)

    def do(self, line):
        self.send(line + "\r\n")
        return self.take(line.split()[0].upper(), self.is_multi(line))

    def login(self, user, password):
        self.do("USER " + user)
        return self.do("PASS " + password)

    def quit(self):
        self.do("QUIT")
        self.end()


class Imap(Wire):
    def __init__(self, port, host="127.0.0.1", tls=None, through=None, greeting=True):
        super().__init__(port, host, tls, through)
        self.tag = 0
        if greeting:
            self.dialogue.append(("", self.line().split()[1]))

    def starttls(self, how=None):
        self.do("STARTTLS")
        self.tls(how)
        return self

    def scram(self, mechanism, user, password):
        client = Scram(mechanism, user, password)
        tag = self.start("AUTHENTICATE %s %s" % (mechanism, client.first()))
        self.send(client.final(self.answer()[2:]) + "\r\n")
        assert self.answer().startswith(b"+ ")
        self.send("\r\n")
        return self.finish(tag, "AUTHENTICATE")

    def compress(self):
        """COMPRESS DEFLATE (RFC 4978): what follows is deflated on the way."""
        got = self.do("COMPRESS DEFLATE")
        self.clear = False
        self.socket = Deflated(self.socket)
        return got

    @staticmethod
    def verb(command):
        words = command.upper().split()
        return " ".join(words[:2]) if words[0] == "UID" else words[0]

    def answer(self):
        """One response: its lines, literals in their place as bytes."""
        whole = b""
        while True:
            line = self.line().encode("utf-8", "surrogateescape")
            whole += line
            literal = re.search(rb"\{(\d+)\}$", line)
            if not literal:
                return whole
            whole += b"\r\n" + self.exactly(int(literal[1]))

    def start(self, command):
        self.tag += 1
        self.send("a%d %s\r\n" % (self.tag, command))
        return "a%d" % self.tag

    def finish(self, tag, verb):
        """Untagged responses up to the tagged one, and that one's result."""
        got = []
        while True:
            r = self.answer()
            if r.startswith(tag.encode() + b" "):
                result = r.split()[1].decode()
                self.dialogue.append((verb, result))
                return result, got, r
            got.append(r)

    def do(self, command):
        return self.finish(self.start(command), self.verb(command))

    def together(self, *commands):
        """Sends all at once. The server may answer in another order: `dialogue` has the order of the answers."""
        tags = {}
        text = ""
        for command in commands:
            self.tag += 1
            tags["a%d" % self.tag] = self.verb(command)
            text += "a%d %s\r\n" % (self.tag, command)
        self.send(text)
        while tags:
            words = self.answer().split()
            verb = tags.pop(words[0].decode("ascii", "replace"), None)
            if verb:
                self.dialogue.append((verb, words[1].decode()))

    def append(self, folder, *contents, plus=False):
        """APPEND, MULTIAPPEND with several contents; synchronising literals wait for "+". Without that wait all goes out at once: a server may
        answer an empty literal before it has seen the end of the command."""
        self.tag += 1
        tag = "a%d" % self.tag
        line, held = "%s APPEND %s" % (tag, folder), b""
        for content in contents:
            head = ("%s (\\Seen) {%d%s}\r\n" % (line, len(content), "+" if plus else "")).encode()
            if plus:
                held += head + content
            else:
                self.send(head)
                r = self.answer()
                assert r.startswith(b"+"), r
                self.send(content)
            line = ""
        self.send(held + b"\r\n")
        return self.finish(tag, "APPEND")

    def logout(self):
        got = self.do("LOGOUT")
        self.end()
        return got
