"""Scripted mail dialogues as capture files: TCP as seen by a capture on the client's side, always the same bytes.

    capture = Capture()
    d = Dialogue(capture)                       # 192.0.2.10:40000 to 198.51.100.25:25
    d.open(); d.say("S", "220 mail.example.org ESMTP"); d.say("C", "QUIT"); d.say("S", "221 Bye"); d.close()
    capture.write(path)

Times are seconds. Letters: C the client, S the server. Text gets CRLF, bytes are sent as they are.
"""
import socket
import struct

START = 1700000000.0
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Capture:
    def __init__(self):
        self.frames = []
        self.keylog = None      # text for --keylog, written beside the capture
        self.early = {}         # how many seconds too early a frame is stamped, by its place in `frames`

    def add(self, time, frame):
        self.frames.append((time, len(self.frames), frame))

    def bytes(self, snaplen=262144, order=None):
        """The capture as a pcap file with microseconds; `order` sorts the frames anew."""
        out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, 1)]
        for time, at, frame in order or sorted(self.frames):
            micro = round((START + time - self.early.get(at, 0)) * 1000000)
            kept = frame[:snaplen]
            out.append(struct.pack("<IIII", micro // 1000000, micro % 1000000, len(kept), len(frame)) + kept)
        return b"".join(out)

    def write(self, path):
        with open(path, "wb") as f:
            f.write(self.bytes())


class Dialogue:
    def __init__(self, capture, client="192.0.2.10", server="198.51.100.25", port=25, client_port=40000, at=0.0, rtt=0.02, mss=1460):
        self.capture, self.rtt, self.mss, self.now = capture, rtt, mss, at
        self.address = {"C": client, "S": server}
        self.port = {"C": client_port, "S": port}
        self.seq = {"C": 1000, "S": 9000}       # next to send
        self.window = {"C": 64240, "S": 64240}
        self.ident = 1
        self.ttl = {"C": 64, "S": 64}

    @staticmethod
    def other(who):
        return "S" if who == "C" else "C"

    def segment(self, who, flags, payload=b"", seq=None, ack=None, options=b"", window=None, seen=True):
        """One segment as it is; does not move sequence numbers or the clock."""
        to = self.other(who)
        seq = self.seq[who] if seq is None else seq
        ack = (self.seq[to] if ack is None else ack) if flags & ACK else 0
        window = self.window[who] if window is None else window
        v6 = ":" in self.address[who]
        family = socket.AF_INET6 if v6 else socket.AF_INET
        src, dst = (socket.inet_pton(family, self.address[x]) for x in (who, to))
        tcp = struct.pack("!HHIIBBHHH", self.port[who], self.port[to], seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                          (20 + len(options)) // 4 << 4, flags, window, 0, 0) + options + payload
        pseudo = src + dst + (struct.pack("!II", len(tcp), 6) if v6 else struct.pack("!BBH", 0, 6, len(tcp)))
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        if v6:
            ip = struct.pack("!IHBB", 6 << 28, len(tcp), 6, self.ttl[who]) + src + dst
        else:
            ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), self.ident & 0xFFFF, 0x4000, self.ttl[who], 6, 0) + src + dst
            ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        self.ident += 1
        mac = {"C": b"\x02\0\0\0\0\x0a", "S": b"\x02\0\0\0\0\x19"}
        frame = mac[to] + mac[who] + (b"\x86\xdd" if v6 else b"\x08\0") + ip + tcp
        if seen:
            self.capture.add(self.now, frame + b"\0" * max(0, 60 - len(frame)))

    def wait(self, seconds):
        self.now += seconds
        return self

    def syn(self):
        self.segment("C", SYN, options=b"\x02\x04" + struct.pack("!H", self.mss))

    def open(self):
        self.syn()
        self.seq["C"] += 1
        self.wait(self.rtt)
        self.segment("S", SYN | ACK, options=b"\x02\x04" + struct.pack("!H", self.mss))
        self.seq["S"] += 1
        self.wait(0.0001)
        self.segment("C", ACK)
        return self

    def refuse(self, after=0.02):
        self.syn()
        self.seq["C"] += 1
        self.wait(after)
        self.segment("S", RST | ACK, seq=0)
        return self

    def pieces(self, data):
        return [data[i:i + self.mss] for i in range(0, len(data), self.mss)]

    def say(self, who, what, after=0.001, ack=True, seen=True, lost=0, gap=0.3):
        """Sends a line or bytes, and the other side acknowledges. `seen=False`: the capture missed it. `lost`: every segment is
        sent that many times in vain before, `gap` seconds apart and doubling."""
        data = what if isinstance(what, bytes) else (what + "\r\n").encode()
        self.wait(after + (self.rtt if who == "S" else 0))
        for piece in self.pieces(data):
            pause = gap
            for _ in range(lost):
                self.segment(who, PSH | ACK, piece)
                self.wait(pause)
                pause *= 2
            self.segment(who, PSH | ACK, piece, seen=seen)
            self.seq[who] += len(piece)
            self.wait(0.00005)
        if ack:
            self.ack(self.other(who))
        return self

    def ack(self, who, window=None):
        self.wait(self.rtt if who == "S" else 0.0001)
        self.segment(who, ACK, window=window)

    def talk(self, *lines, **how):
        """Lines "C: ..." and "S: ..."."""
        for line in lines:
            self.say(line[0], line[3:], **how)
        return self

    def stuck(self, who, data, tries=6, gap=0.4):
        """Data that is sent again and again and never acknowledged."""
        pause = gap
        for _ in range(tries):
            self.segment(who, PSH | ACK, data)
            self.wait(pause)
            pause *= 2
        return self

    def fin(self, who):
        self.wait(0.001)
        self.segment(who, FIN | ACK)
        self.seq[who] += 1
        self.ack(self.other(who))
        return self

    def rst(self, who):
        self.wait(0.001)
        self.segment(who, RST | ACK)
        return self

    def close(self, first="C"):
        self.fin(first)
        self.fin(self.other(first))
        return self


# ---- phrases -----------------------------------------------------------------------------------------------------

CAPABILITIES = "S: 250-mail.example.org|S: 250-SIZE 10240000|S: 250-STARTTLS|S: 250 8BITMIME".split("|")
MAIL = (b"From: Ann <ann@example.com>\r\nTo: Bob <bob@example.org>\r\nSubject: Lunch\r\n"
        b"Message-ID: <1@example.com>\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\nAt noon?\r\n")


def greet(d, hello="EHLO client.example.com"):
    return d.open().talk("S: 220 mail.example.org ESMTP", "C: " + hello).talk(*CAPABILITIES)


def envelope(d, sender="ann@example.com", *recipients):
    d.talk("C: MAIL FROM:<%s>" % sender, "S: 250 2.1.0 Ok")
    for r in recipients or ("bob@example.org",):
        d.talk("C: RCPT TO:<%s>" % r, "S: 250 2.1.5 Ok")
    return d


def data(d, mail=MAIL):
    d.talk("C: DATA", "S: 354 End data with <CR><LF>.<CR><LF>")
    return d.say("C", mail + b".\r\n")


def quit(d):
    return d.talk("C: QUIT", "S: 221 2.0.0 Bye").close()


def pop3(d):
    return d.open().talk("S: +OK POP3 ready")


def imap(d):
    return d.open().talk("S: * OK IMAP4rev1 ready")


def pop3_quit(d):
    return d.talk("C: QUIT", "S: +OK Bye").close()


def imap_quit(d):
    return d.talk("C: z LOGOUT", "S: * BYE Logging out", "S: z OK Logout completed").close()
