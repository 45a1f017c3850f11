"""Dialogues in which somebody's name, address or password stands in a place of its own; each with the strings that a masked capture must not
say any more, in whatever encoding the capture itself says them. spoken() gives (title, write(path), secrets)."""
import base64
import socket
import struct

from net_wire import TYPES, ask, icmp
from pcapgen import ACK, PSH, Capture, Dialogue, checksum

SPOKEN = []


def case(*secrets):
    def add_case(function):
        SPOKEN.append((function.__name__, function, secrets))
        return function
    return add_case


def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def smtp(capture, hello="client.acme-gmbh.de", **how):
    return Dialogue(capture, port=25, **how).open().talk("S: 220 mx.nordwind.de ESMTP", "C: EHLO " + hello, "S: 250-mx.nordwind.de", "S: 250-SIZE 35882577",
                                                         "S: 250 AUTH PLAIN LOGIN")


def pop(capture, **how):
    return Dialogue(capture, port=110, **how).open().talk("S: +OK POP3 ready <1896.697170952@post.nordwind.de>")


def imap(capture, **how):
    return Dialogue(capture, port=143, **how).open().talk("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN LITERAL+] ready")


def message(d, text):
    """Sent, with dot and all."""
    d.talk("C: MAIL FROM:<kirsten.vogel@acme-gmbh.de>", "S: 250 2.1.0 Ok", "C: RCPT TO:<otto@nordwind.de>", "S: 250 2.1.5 Ok", "C: DATA", "S: 354 go ahead")
    d.say("C", text.replace("\n", "\r\n").encode("utf-8", "surrogateescape") + b"\r\n.\r\n")
    d.talk("S: 250 2.0.0 Ok: queued", "C: QUIT", "S: 221 2.0.0 Bye").close()


# ---- logins ------------------------------------------------------------------------------------------------------


@case("P@55-w!rd#7", "@55-w!", "kirsten")
def pop_password_of_signs(capture):
    pop(capture).talk("C: USER kirsten", "S: +OK", "C: PASS P@55-w!rd#7", "S: -ERR invalid password", "C: QUIT", "S: +OK").close()


@case("a-1!b=2", "$!$!$!$")
def pop_password_of_single_letters(capture):
    pop(capture).talk("C: USER kirsten", "S: +OK", "C: PASS a-1!b=2", "S: -ERR no", "C: PASS $!$!$!$", "S: +OK logged in", "C: QUIT", "S: +OK").close()


@case("list", "482913")
def pop_words_of_the_protocol(capture):
    pop(capture).talk("C: USER list", "S: +OK", "C: PASS 482913", "S: -ERR [AUTH] no, not 482913", "C: QUIT", "S: +OK").close()


@case("q\\\"uo\\\\te", "x-9-y", "%;(1)")
def imap_login_quoted(capture):
    imap(capture).talk('C: a1 LOGIN "kirsten vogel" "q\\"uo\\\\te"', "S: a1 NO [AUTHENTICATIONFAILED] no", "C: a2 LOGIN x-9-y %;(1)", "S: a2 OK logged in",
                       "C: a3 LOGOUT", "S: * BYE", "S: a3 OK").close()


@case("kirsten", "g-7-h-8", "91-77", "vogel.kirsten")
def imap_login_literals(capture):
    imap(capture).talk("C: a1 LOGIN {7}", "S: + ready").say("C", b"kirsten {7}\r\n").talk("S: + ready").say("C", b"g-7-h-8\r\n").talk(
        "S: a1 NO no", "C: a2 LOGIN vogel.kirsten {5+}").say("C", b"91-77\r\n").talk("S: a2 NO no", "C: a3 LOGIN {13}", "S: + ready").say(
            "C", b'vogel.kirsten "g-7-h-8"\r\n').talk("S: a3 OK in", "C: a3 LOGOUT", "S: a3 OK").close()


@case("kirsten", "s!1-x", "77-!-9")
def smtp_sasl(capture):
    d = smtp(capture).talk("C: AUTH PLAIN " + b64("\0kirsten@acme-gmbh.de\0s!1-x"), "S: 535 5.7.8 failed", "C: AUTH PLAIN", "S: 334 ").talk(
        "C: " + b64("\0kirsten\0s!1-x"), "S: 535 5.7.8 failed", "C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: " + b64("kirsten"), "S: 334 UGFzc3dvcmQ6")
    d.talk("C: " + b64("77-!-9"), "S: 535 5.7.8 failed", "C: AUTH LOGIN " + b64("kirsten"), "S: 334 UGFzc3dvcmQ6", "C: " + b64("77-!-9"), "S: 235 2.7.0 ok")
    d.talk("C: QUIT", "S: 221 Bye").close()


@case("Sommer24", "R4+x/9Q=")
def smtp_login_without_base64(capture):
    """A client that sends its password as it is: it happens to be base64 of something."""
    smtp(capture).talk("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: " + b64("kirsten"), "S: 334 UGFzc3dvcmQ6", "C: Sommer24", "S: 535 5.7.8 no",
                       "C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: " + b64("kirsten"), "S: 334 UGFzc3dvcmQ6", "C: R4+x/9Q=", "S: 535 5.7.8 no",
                       "C: QUIT", "S: 221 Bye").close()


@case("kirsten", "b913a602c7eda7a495b4e6e7334d3890", "d388dad90d4bbd760a152321f2143af7", "fyko+d2lbbFgONRv9qkxdawL", "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts", "acme-gmbh",
      "QSXCR+Q6sek8bf92", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg")
def challenges(capture):
    d = smtp(capture).talk("C: AUTH CRAM-MD5", "S: 334 " + b64("<1896.697170952@post.acme-gmbh.de>"), "C: " + b64("kirsten b913a602c7eda7a495b4e6e7334d3890"),
                           "S: 535 5.7.8 no", "C: AUTH DIGEST-MD5", "S: 334 " + b64('realm="acme-gmbh.de",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8'),
                           "C: " + b64('charset=utf-8,username="kirsten",realm="acme-gmbh.de",nonce="OA6MG9tEQGm2hh",nc=00000001,cnonce="OA6MHXh6VqTrRk",'
                                       'digest-uri="smtp/mx.acme-gmbh.de",response=d388dad90d4bbd760a152321f2143af7,qop=auth'), "S: 535 5.7.8 no")
    d.talk("C: AUTH SCRAM-SHA-1 " + b64("n,a=kirsten,n=kirsten,r=fyko+d2lbbFgONRv9qkxdawL"),
           "S: 334 " + b64("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"),
           "C: " + b64("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="), "S: 535 5.7.8 no")
    d.talk("C: AUTH XOAUTH2 " + b64("user=kirsten@acme-gmbh.de\1auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\1\1"), "S: 535 5.7.8 no",
           "C: QUIT", "S: 221 Bye").close()


def ntlm(kind, fields):
    """A message with its fields (MS-NLMP 2.2.1), in Unicode."""
    places, head = {1: ((16, 24), 32), 2: ((12, 40), 48), 3: (range(12, 52, 8), 64)}[kind]
    out, data = bytearray(head), b""
    out[:12] = b"NTLMSSP\0" + struct.pack("<I", kind)
    for at, field in zip(places, fields):
        struct.pack_into("<HHI", out, at, len(field), len(field), head + len(data))
        data += field
    struct.pack_into("<I", out, {1: 12, 2: 20, 3: 60}[kind], 1)
    return b64(bytes(out) + data)


def pairs(*names):
    return b"".join(struct.pack("<HH", i + 1, len(n) * 2) + n.encode("utf-16-le") for i, n in enumerate(names)) + b"\0\0\0\0"


@case(*(name.encode("utf-16-le") for name in ("Кириленко", "НОРДВИНД", "RECHNER7", "рабочая", "fs-7.nordwind.de")), b"RECHNER7")
def ntlm_of_other_scripts(capture):
    wide = [x.encode("utf-16-le") for x in ("НОРДВИНД", "Кириленко", "RECHNER7")]
    smtp(capture).talk("C: AUTH NTLM", "S: 334 ", "C: " + ntlm(1, [b"NORDWIND", b"RECHNER7"]),
                       "S: 334 " + ntlm(2, ["НОРДВИНД".encode("utf-16-le"), pairs("рабочая", "НОРДВИНД", "fs-7.nordwind.de")]),
                       "C: " + ntlm(3, [b"\x11" * 24, b"\x22" * 24] + wide), "S: 535 5.7.8 no", "C: QUIT", "S: 221 Bye").close()


@case(bytes(range(100, 180)), "kirsten")
def kerberos_ticket(capture):
    token = b"\x60\x81\x90\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\0" + b"kirsten" + bytes(range(100, 180)) + bytes(range(1, 30))
    imap(capture).talk("C: a1 AUTHENTICATE GSSAPI", "S: + ", "C: " + b64(token), "S: a1 NO no", "C: a2 LOGOUT", "S: a2 OK").close()


@case("kirsten", "c4c9334bac560ecc979e58001b3e22fb", "post.nordwind.de", "697170952")
def apop(capture):
    pop(capture).talk("C: APOP kirsten c4c9334bac560ecc979e58001b3e22fb", "S: +OK kirsten has no messages", "C: QUIT", "S: +OK").close()


@case("kirsten", "7-a-!", b64("kirsten"), b64("7-a-!"))
def joined_in_a_login(capture):
    d = Dialogue(capture, port=25)
    d.talk("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", seen=False, ack=False)
    d.talk("C: " + b64("kirsten"), "S: 334 UGFzc3dvcmQ6", "C: " + b64("7-a-!"), "S: 235 2.7.0 ok", "C: QUIT", "S: 221 Bye").close()


@case("kirsten", "44-b-77!", "acme-gmbh")
def cut_and_repeated(capture):
    """Segments of three bytes; every other one is sent again with other borders, and two come in the wrong order."""
    d = smtp(capture, hello="host-44.acme-gmbh.de")
    line = ("AUTH PLAIN " + b64("\0kirsten\0" + "44-b-77!") + "\r\nMAIL FROM:<kirsten@acme-gmbh.de>\r\n").encode()
    start = d.seq["C"]
    order = list(range(0, len(line), 3))
    order[4], order[5] = order[5], order[4]
    for at in order:
        d.wait(0.001).segment("C", PSH | ACK, line[at:at + 3], seq=start + at)
        if at % 2 == 0 and at > 4:
            d.segment("C", PSH | ACK, line[at - 4:at + 2], seq=start + at - 4)
    d.seq["C"] += len(line)
    d.ack("S")
    d.talk("S: 235 2.7.0 ok", "S: 250 2.1.0 <kirsten@acme-gmbh.de> ok", "C: QUIT", "S: 221 Bye").close()


# ---- hosts and addresses -----------------------------------------------------------------------------------------


@case("203-0-113-57", "203.0.113.57", "57.113.0.203")
def address_in_a_name(capture):
    d = Dialogue(capture, client="203.0.113.57", port=25).open().talk("S: 220 mx.nordwind.de ESMTP", "C: EHLO dsl-203-0-113-57.acme-gmbh.de")
    d.talk("S: 250 mx.nordwind.de Hello dsl-203-0-113-57.acme-gmbh.de [203.0.113.57]", "C: HELO [203.0.113.57]", "S: 250 Hello 57.113.0.203.acme-gmbh.de")
    d.talk("C: XFORWARD NAME=dsl-203-0-113-57.acme-gmbh.de ADDR=203.0.113.57", "S: 250 ok")
    message(d, "Received: from dsl-203-0-113-57.acme-gmbh.de (dsl-203-0-113-57.acme-gmbh.de [203.0.113.57])\n by mx.nordwind.de; Mon, 6 Nov 2023 10:00:00 +0100\n"
               "Subject: x\n\nhttp://203.0.113.57/ 203-0-113-57\n")


@case("first-data", "secure.data", "secure-message", "first.local-data")
def names_of_words(capture):
    """Hosts whose names are words of the protocols."""
    d = Dialogue(capture, port=25).open().talk("S: 220 mx.secure-message.net ESMTP", "C: EHLO first-data.org", "S: 250 mx.secure-message.net Hello first-data.org",
                                               "C: HELO first-data", "S: 250 mx.secure-message.net")
    d.talk("C: MAIL FROM:<help@secure.data.org>", "S: 550 5.1.8 <help@secure.data.org>: domain secure.data.org not found, see first.local-data.org")
    message(d, "Received: from list.first-data.org by secure.data.net; Mon, 6 Nov 2023 10:00:00 +0100\n"
               "Authentication-Results: mx.secure-message.net; spf=pass smtp.mailfrom=first-data.org\n\nx\n")


@case("mark.gray", "jan.may", "<max>", "Max Mai", "Jan May")
def people_called_like_words(capture):
    d = smtp(capture).talk("C: VRFY mark.gray", "S: 252 mark.gray perhaps", "C: MAIL FROM:<max>", "S: 501 5.1.7 <max>: no domain", "C: RCPT TO:<jan.may>",
                           "S: 503 5.5.1 first MAIL")
    message(d, "From: Max Mai <max@acme-gmbh.de>\nTo: Jan May <jan.may@nordwind.de>\nSubject: x\n\nHi Jan May, Max Mai\n")


@case("jan", "Jan Mark", "998877", "project", "4711")
def imap_envelope(capture):
    d = imap(capture).talk("C: a1 LOGIN jan x", "S: a1 OK in", "C: a2 SELECT INBOX", "S: * 1 EXISTS", "S: a2 OK [READ-WRITE] done", "C: a3 FETCH 1 (ENVELOPE INTERNALDATE BODYSTRUCTURE)")
    d.talk('S: * 1 FETCH (ENVELOPE ("Mon, 6 Nov 2023 10:00:00 +0100" "Your code is 998877" (("Jan Mark" NIL "jan" "acme-gmbh.de")) NIL NIL NIL NIL NIL NIL '
           '"<4711@acme-gmbh.de>") INTERNALDATE "06-Nov-2023 10:00:00 +0100" BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "iso-8859-1") NIL NIL "7BIT" 12 1 NIL NIL NIL))',
           "S: a3 OK done", 'C: a4 SEARCH CHARSET UTF-8 SUBJECT "project 4711" FROM "jan"', "S: * SEARCH 1", "S: a4 OK", 'C: a5 LIST "" "*"',
           'S: * LIST (\\HasNoChildren) "." "INBOX.jan.2023"', "S: a5 OK", "C: a6 XKNOWNTONOBODY 4711", "S: a6 BAD", "C: a7 LOGOUT", "S: a7 OK").close()


@case(socket.inet_aton("10.77.66.55"), socket.inet_aton("192.0.2.10"), socket.inet_aton("10.77.66.56"))
def addresses_in_packets(capture):
    """A redirect names a gateway, an IP header the route that was recorded."""
    d = smtp(capture)
    icmp(capture, "203.0.113.1", d, 5, 1, mtu=struct.unpack("!I", socket.inet_aton("10.77.66.55"))[0])
    option = b"\x07\x0b\x0c" + socket.inet_aton("10.77.66.55") + socket.inet_aton("10.77.66.56") + b"\0"
    d.segment("C", ACK)
    time, at, frame = capture.frames.pop()
    head = bytes([0x48]) + frame[15:34] + option
    head = head[:2] + struct.pack("!H", 52) + head[4:10] + b"\0\0" + head[12:]
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    capture.frames.append((time, at, frame[:14] + head + frame[34:54]))
    d.talk("C: QUIT", "S: 221 Bye").close()


def record(kind, body):
    """A handshake message in clear."""
    body = bytes([kind]) + struct.pack("!I", len(body))[1:] + body
    return b"\x16\3\3" + struct.pack("!H", len(body)) + body


@case("post.nordwind.de", socket.inet_aton("198.51.100.25"), socket.inet_pton(socket.AF_INET6, "2001:db8::19"))
def certificate(capture):
    """Its other names are a host and two addresses, which the packets have, too."""
    d = Dialogue(capture, port=465).open()
    name = b"post.nordwind.de"
    sni = struct.pack("!HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    hello = b"\3\3" + bytes(range(32)) + b"\0\0\2\x13\1\1\0" + struct.pack("!H", len(sni)) + sni
    names = b"\x82\x10" + name + b"\x87\4" + socket.inet_aton("198.51.100.25") + b"\x87\x10" + socket.inet_pton(socket.AF_INET6, "2001:db8::19")
    names = b"\6\3\x55\x1d\x11\4" + bytes([len(names) + 2]) + b"\x30" + bytes([len(names)]) + names
    d.say("C", record(1, hello)).say("S", record(2, b"\3\3" + bytes(range(32, 64)) + b"\0\x13\1\0") + record(11, b"\0\0\x40\0\0\x3d" + names)).close()


def in_pieces(capture, *cuts):
    """The last frame, as fragments that begin at 0 and `cuts`, in units of 8 bytes."""
    time, _, frame = capture.frames.pop()
    v6 = frame[12:14] == b"\x86\xdd"
    head, data = (frame[14:54], frame[54:]) if v6 else (frame[14:34], frame[34:14 + struct.unpack_from("!H", frame, 16)[0]])
    for at, end in zip((0,) + cuts, cuts + (0,)):
        piece, more = data[at * 8:end * 8 or None], 1 if end else 0
        if v6:
            packet = head[:4] + struct.pack("!HB", len(piece) + 8, 44) + head[7:] + struct.pack("!BBHI", 6, 0, at << 3 | more, 777) + piece
        else:
            packet = head[:2] + struct.pack("!HHH", 20 + len(piece), 777, at | more << 13) + head[8:10] + b"\0\0" + head[12:]
            packet = packet[:10] + struct.pack("!H", checksum(packet)) + packet[12:] + piece
        capture.add(time, frame[:14] + packet)


@case("kirsten", "acme-gmbh", "482913")
def fragments(capture):
    """Packets in pieces: a password of digits in the second one."""
    d = pop(capture)
    d.talk("C: USER kirsten@acme-gmbh.de", "S: +OK")
    d.say("C", "PASS 482913", ack=False)
    in_pieces(capture, 3)
    d.ack("S")
    d.talk("S: -ERR no", "C: QUIT", "S: +OK").close()


@case("kirsten", "998877", "887766", "776655", "please", "first message")
def fragments_of_messages(capture):
    """Numbers and words of the protocols in the text; the header of TCP is cut, too."""
    for at, addresses in enumerate((("192.0.2.10", "198.51.100.25"), ("2001:db8::10", "2001:db8::25"))):
        d = Dialogue(capture, *addresses, port=25, client_port=40000 + at, at=9 * at).open()
        d.talk("S: 220 mx.nordwind.de ESMTP", "C: HELO kirsten", "S: 250 mx.nordwind.de", "C: MAIL FROM:<kirsten@acme-gmbh.de>", "S: 250 2.1.0 Ok",
               "C: RCPT TO:<otto@nordwind.de>", "S: 250 2.1.5 Ok", "C: DATA", "S: 354 go ahead")
        d.say("C", "Subject: first message\r\n\r\n998877 list mail 887766, please, first message\r\nquit 776655\r\n.", ack=False)
        in_pieces(capture, 1, 4, 7)
        d.ack("S")
        d.talk("S: 250 2.0.0 Ok", "C: QUIT", "S: 221 Bye").close()


# ---- messages ----------------------------------------------------------------------------------------------------


@case("Vögel", "V=C3=B6gel", "Kirsten", "acme-gmbh", "Geheim", "5551234567", "x-77-q")
def headers(capture):
    message(smtp(capture), "From: =?utf-8?Q?Kirsten_V=C3=B6gel?= <kirsten.vogel@acme-gmbh.de> (Kirsten at home)\nTo: Gruppe: Kirsten <x-77-q@acme-gmbh.de>,\n"
            " =?utf-8?B?" + b64("Kirsten Vögel") + "?= <kirsten@acme-gmbh.de>;\nSubject: =?iso-8859-1?q?Geheim?=\n =?utf-8?b?" + b64("Geheim 5551234567") + "?=\n"
            "Content-Description: Geheim\nContent-Alias: Geheim\nContent-Type: text/plain; name*=UTF-8''Geheim%20V%C3%B6gel; charset=utf-8\nDate: Mon, 6 Nov 2023 10:00:00 +0100 (Kirsten)\n\nx\n")


@case("Kirsten", "kirsten@acme-gmbh.de", "4 7 1 1", "4-7-1-1", "k.v@a.de", "Geheim")
def bodies(capture):
    text = "Hallo Kirsten, kirsten@acme-gmbh.de ist Geheim. 4 7 1 1 und 4-7-1-1, k.v@a.de\n"
    lines = "".join(b64(text[i:i + 57]) + "\n" for i in range(0, len(text), 57))
    message(smtp(capture), "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=_mixed alternative 1\"\n\n--=_mixed alternative 1\nContent-Type: text/plain\n"
            "Content-Transfer-Encoding: base64\n\n" + lines + "--=_mixed alternative 1\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
            "Hallo Kir=\nsten, kirsten@ac=\nme-gmbh.de, =4Birsten, Geh=\neim 4 7 1 1\n--=_mixed alternative 1\nContent-Type: text/html; charset=utf-16\nContent-Transfer-Encoding: base64\n\n"
            + b64(text.encode("utf-16-le")) + "\n--=_mixed alternative 1--\n")


@case("geheim", "kirsten", "bericht.", "V%C3%B6gel")
def unknown_words_of_mime(capture):
    """Types, parameters, encodings and charsets that nobody knows; the end of a file's name stays."""
    message(smtp(capture), "Subject: =?geheim?Q?x?= =?utf-8*kirsten?Q?x?=\nMIME-Version: 1.0 (kirsten)\nContent-Type: multipart/x-geheim; boundary=b\nContent-Language: kirsten\n\n"
            "--b\nContent-Type: text/plain; charset=\"x-geheim\"; x-kirsten=1; name*=utf-8'geheim'V%C3%B6gel.pdf\nContent-Transfer-Encoding: x-geheim\n\nx\n"
            "--b\nContent-Type: application/vnd.geheim+zip; charset=geheim\nContent-Disposition: geheim; filename=bericht.pdf.exe\n\nx\n--b--\n")


@case("jet.li", "info.acme-gmbh", "mx7.acme-gmbh", "nordwind", "<li@", "web@")
def words_of_domains(capture):
    """A user is called like a top-level domain, a host like a mail provider."""
    d = smtp(capture, hello="mx7.acme-gmbh.co.uk").talk("C: AUTH PLAIN " + b64("\0jet.li\0x"), "S: 535 5.7.8 jet.li: authentication failed")
    message(d, "From: <li@info.acme-gmbh.co.uk>\nTo: <web@gmail.com.nordwind.de>\n\nx\n")


@case("こんにちは".encode("iso-2022-jp")[3:-3], "カタカナ".encode("shift_jis"))
def japanese(capture):
    jis = "こんにちは".encode("iso-2022-jp")
    message(smtp(capture), "From: =?ISO-2022-JP?B?" + b64(jis) + "?= <kirsten.vogel@acme-gmbh.de>\n"
            "Content-Type: text/plain; charset=iso-2022-jp\n\n" + jis.decode() + "\n" + "カタカナ".encode("shift_jis").decode("utf-8", "surrogateescape") + "\n")


# ---- losses ------------------------------------------------------------------------------------------------------


@case("kirsten", "998877")
def lost_end_of_data(capture):
    """What follows is commands again, and is no message."""
    d = smtp(capture).talk("C: MAIL FROM:<kirsten@acme-gmbh.de>", "S: 250 2.1.0 Ok", "C: RCPT TO:<otto@nordwind.de>", "S: 250 2.1.5 Ok", "C: DATA", "S: 354 go ahead")
    d.say("C", "Subject: x\r\n\r\nmail list 998877").say("C", "more\r\n.", seen=False)
    d.talk("S: 250 2.0.0 Ok: queued", "C: MAIL FROM:<list@acme-gmbh.de>", "S: 250 2.1.0 Ok", "C: RCPT TO:<kirsten@acme-gmbh.de>", "S: 250 2.1.5 Ok", "C: DATA",
           "S: 354 go ahead", "C: Subject: y", "C: .", "S: 250 2.0.0 Ok", "C: QUIT", "S: 221 Bye").close()


@case("kirsten", "998877", "887766")
def lost_end_of_retr(capture):
    d = pop(capture).talk("C: USER kirsten", "S: +OK", "C: PASS x-y", "S: +OK in", "C: RETR 1")
    d.say("S", "+OK 100 octets\r\nSubject: x\r\n\r\nlist 998877").say("S", "more\r\n.", seen=False)
    d.talk("C: RETR 2", "S: +OK 50 octets").say("S", "Subject: z\r\n\r\nlist 887766\r\n.").talk("C: DELE 1", "S: +OK gone", "C: QUIT", "S: +OK bye").close()


@case("998877", "Kirsten")
def lost_begin_of_data(capture):
    d = smtp(capture).talk("C: MAIL FROM:<kirsten@acme-gmbh.de>", "S: 250 2.1.0 Ok", "C: RCPT TO:<otto@nordwind.de>", "S: 250 2.1.5 Ok")
    d.say("C", "DATA", seen=False).say("S", "354 go", seen=False).say("C", "Subject: x", seen=False)
    d.say("C", "From: Kirsten\r\n\r\nmail list help 998877\r\nquit now\r\n.").talk("S: 250 2.0.0 Ok: queued", "C: QUIT", "S: 221 Bye").close()


@case("998877", "887766", "please")
def joined_in_a_message(capture):
    d = Dialogue(capture, port=25)
    d.say("C", "mail list help 998877\r\nquit, please, 887766\r\n.").talk("S: 250 2.0.0 Ok: queued", "C: QUIT", "S: 221 Bye").close()
    d = Dialogue(capture, port=143, client_port=40001, at=5)
    d.say("S", "the server is 998877 please\r\nlist 887766)\r\na7 OK done").talk("C: a8 LOGOUT", "S: * BYE", "S: a8 OK bye").close()


# ---- DNS ---------------------------------------------------------------------------------------------------------


@case(b"\x0257\x03113\x010\x03203", "203.0.113.57", socket.inet_aton("203.0.113.57"), "acme-gmbh", b"1\x01b\x01a\x019", "nordwind")
def dns(capture):
    TYPES.update(OPT=41, RRSIG=46, ANY=255)
    at = -9.0
    ask(capture, "57.113.0.203.zen.spamhaus.org", "A", ["127.0.0.4"], at=at)
    ask(capture, "57.113.0.203.in-addr.arpa", "PTR", ["dsl-203-0-113-57.acme-gmbh.de"], at=at + 1)
    ask(capture, ".".join("7.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.1.b.a.9.b.d.0.1.0.0.2".split(".")) + ".ip6.arpa", "PTR", ["mx.nordwind.de"], at=at + 2)
    ask(capture, "acme-gmbh.de", "TXT", ["v=spf1 ip4:203.0.113.57 include:spf.acme-gmbh.de a:office.google.acme-gmbh.de exists:%{i}.acme-gmbh.de -all"], at=at + 3)
    ask(capture, "mx.nordwind.de", "RRSIG", [b"\0\1\5\2" + b"\0" * 14 + b"\x08nordwind\2de\0" + b"\xaa" * 20], at=at + 4)
    ask(capture, "mx.nordwind.de", "OPT", [b"\0\x08\0\x08\0\1\x20\0" + socket.inet_aton("203.0.113.57")], at=at + 5)
    smtp(capture, client="203.0.113.57").talk("C: QUIT", "S: 221 Bye").close()


@case("kirsten", "acme-gmbh")
def attacks(capture):
    """What gives them away stays, and so do the findings."""
    d = smtp(capture, hello="nmap.acme-gmbh.de").talk("C: X-LINK2STATE LAST CHUNK={00000000}", "S: 500 5.5.2 what", "C: DEBUG", "S: 500 5.5.2 what",
                                                      "C: MAIL FROM:<kirsten@acme-gmbh.de>", "S: 250 2.1.0 Ok")
    d.talk("C: RCPT TO:<${run{/bin/sh -c kirsten}}@acme-gmbh.de>", "S: 550 5.1.1 no", "C: RCPT TO:<kirsten%0d%0aRCPT@acme-gmbh.de>", "S: 550 5.1.1 no",
           "C: QUIT", "S: 221 Bye").close()
    Dialogue(capture, port=25, client_port=40001, at=9).open().talk("S: 220 mx.nordwind.de ESMTP", "C: GET / HTTP/1.1", "S: 500 5.5.2 what").close()


def one_address(capture):
    """The same address as user, sender, in a header and in a text."""
    d = smtp(capture).talk("C: AUTH PLAIN " + b64("\0anna.b@mail.acme-gmbh.de\0x"), "S: 235 ok", "C: MAIL FROM:<anna.b@mail.acme-gmbh.de>", "S: 250 ok",
                           "C: RCPT TO:<otto@nordwind.de>", "S: 250 ok", "C: DATA", "S: 354 go")
    d.say("C", "From: Anna <anna.b@mail.acme-gmbh.de>\r\nSubject: anna.b@mail.acme-gmbh.de\r\n\r\nx\r\n.").talk("S: 250 ok", "C: QUIT", "S: 221 Bye").close()


def spoken():
    for title, function, secrets in SPOKEN:
        def write(path, function=function):
            capture = Capture()
            function(capture)
            capture.write(path)
        yield title, write, secrets
