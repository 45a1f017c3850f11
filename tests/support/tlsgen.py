"""Dialogues inside of TLS as captures: OpenSSL plays both ends in this process, and what they send is laid into a scripted TCP connection.

    tls = Tls(dialogue, keys="x.keys", certificate="server.pem", version=ssl.TLSVersion.TLSv1_2)   # on a Dialogue of pcapgen that is open
    tls.talk("S: 220 mail.example.org ESMTP", "C: QUIT")

Each record is a segment. `missed(who, flight, record)` says which ones the capture does not have; flights and records count from 0 on each side.
"""
import ssl
import struct


class End:
    def __init__(self, context, server, name=None):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=server, server_hostname=name)
        self.flights, self.agreed = 0, False

    def shake(self):
        try:
            self.tls.do_handshake()
            self.agreed = True
        except ssl.SSLWantReadError:
            pass

    def read(self):
        try:
            while self.tls.read(65536):
                pass
        except ssl.SSLWantReadError:
            pass


def records(data):
    while data:
        n = 5 + struct.unpack_from("!H", data, 3)[0]
        yield data[:n]
        data = data[n:]


class Tls:
    def __init__(self, dialogue, keys, certificate, version=None, ciphers=None, name="mail.example.org", missed=None):
        client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        client.check_hostname, client.verify_mode, client.keylog_filename = False, ssl.CERT_NONE, keys
        server.load_cert_chain(certificate)
        for context in (client, server):
            if version:
                context.minimum_version = context.maximum_version = version
            if ciphers:
                context.set_ciphers(ciphers)
        self.dialogue, self.missed = dialogue, missed or (lambda who, flight, record: False)
        self.ends = {"C": End(client, False, name), "S": End(server, True)}
        while not all(e.agreed for e in self.ends.values()):
            for who in "CS":
                self.ends[who].shake()
                self.send(who)

    def send(self, who):
        """What that end has to say goes over the network."""
        end, other = self.ends[who], self.ends[self.dialogue.other(who)]
        data = end.outgoing.read()
        for i, record in enumerate(records(data)):
            self.dialogue.say(who, record, seen=not self.missed(who, end.flights, i))
        end.flights += bool(data)
        other.incoming.write(data)

    def say(self, who, what):
        self.ends[who].tls.write(what if isinstance(what, bytes) else (what + "\r\n").encode())
        self.send(who)
        self.ends[self.dialogue.other(who)].read()
        return self

    def talk(self, *lines):
        for line in lines:
            self.say(line[0], line[3:])
        return self
