"""Cases of cases.py that are about TLS, STARTTLS, name lookups and reachability."""
import hashlib
import subprocess

import cases
from cases import D, fires, healthy, later, login, plain, silent
from net_wire import CLIENT, NXDOMAIN, RESOLVER, SERVFAIL, answer, ask, icmp, question, udp
from pcapgen import ACK, MAIL, RST, data, envelope, greet, imap, imap_quit, pop3, quit
from tls_wire import EARLY, EXPIRED, TLS10, TLS11, TLS12, TLS13, Tls, authority, certificate, wrong_chain

HOST, SERVER = "mail.example.org", "198.51.100.25"


def imaps(c, tls, stop=None, **where):
    d = D(c, port=993, **where).open()
    tls.shake(d, stop)
    return d


def imaps_session(c, tls):
    """A whole session, closed in order."""
    d = imaps(c, tls)
    tls.talk(d, "S: * OK IMAP4rev1 ready", "C: a LOGIN ann secret", "S: a OK done", "C: z LOGOUT", "S: * BYE Logging out", "S: z OK done")
    tls.close(d, "S")
    d.close("S")


def starttls(c, tls, **where):
    d = greet(D(c, **where)).talk("C: STARTTLS", "S: 220 2.0.0 Ready to start TLS")
    tls.shake(d)
    return d


def relay(c, tls, **where):
    """A mail from server to server."""
    d = starttls(c, tls, **where)
    tls.talk(d, "C: EHLO client.example.com", "S: 250-mail.example.org", "S: 250 8BITMIME", "C: MAIL FROM:<ann@example.com>", "S: 250 Ok",
             "C: RCPT TO:<bob@example.org>", "S: 250 Ok", "C: DATA", "S: 354 Go")
    tls.say(d, "C", MAIL + b".\r\n")
    tls.talk(d, "S: 250 2.0.0 Ok", "C: QUIT", "S: 221 Bye")
    d.close("S")


def with_keys(c, tls):
    c.keylog = tls.keys()


# ---- healthy -----------------------------------------------------------------------------------------------------


@healthy
def healthy_imaps_tls12(c):
    imaps_session(c, Tls(certificate(), trust=authority()))


@healthy
def healthy_imaps_tls13(c):
    imaps_session(c, Tls(certificate(), versions=(TLS13, TLS13), trust=authority()))


@healthy
def healthy_relay(c):
    relay(c, Tls(certificate()))


@healthy
def healthy_relay_decrypted(c):
    t = Tls(certificate(), versions=(TLS13, TLS13))
    relay(c, t)
    with_keys(c, t)


@healthy
def healthy_lookups(c):
    """What a mail server asks around one mail: MX, addresses, policies, pins, block lists, reverse names."""
    ask(c, "example.org", "MX", [(10, HOST)], at=0)
    ask(c, HOST, "A", [SERVER], at=0.1)
    ask(c, HOST, "AAAA", [], at=0.1)
    ask(c, "_25._tcp." + HOST, "TLSA", rcode=NXDOMAIN, at=0.2)
    ask(c, "_mta-sts.example.org", "TXT", rcode=NXDOMAIN, at=0.2)
    ask(c, "_dmarc.example.org", "TXT", rcode=NXDOMAIN, at=0.2)
    ask(c, "10.2.0.192.zen.spamhaus.org", "A", rcode=NXDOMAIN, at=0.3)
    ask(c, "10.2.0.192.in-addr.arpa", "PTR", rcode=NXDOMAIN, at=0.3)
    relay(c, Tls(certificate()), at=1)


# ---- tls: the handshake ------------------------------------------------------------------------------------------


@fires("tls-handshake-failed", "error")
@fires("tls-certificate-untrusted", "error")
def unknown_authority(c):
    imaps(c, Tls(certificate(middle=False), trust=authority())).close()


@fires("tls-handshake-failed", "error")
@fires("tls-certificate-name-mismatch", "error")
def wrong_name_refused(c):
    imaps(c, Tls(certificate("www.example.net"), trust=authority())).close()


@fires("tls-handshake-failed", "error")
@fires("tls-certificate-expired", "error")
def expired_refused_on_25(c):
    """On port 25 as well: this client did look."""
    starttls(c, Tls(certificate(dates=EXPIRED), trust=authority())).close()


@fires("tls-handshake-failed", "error")
def no_common_version(c):
    imaps(c, Tls(certificate(), versions=(TLS12, TLS13), client_versions=(TLS10, TLS11))).close("S")


@fires("tls-handshake-failed", "error")
def no_common_cipher(c):
    t = Tls(certificate(), ciphers="ECDHE-ECDSA-AES128-GCM-SHA256", client_ciphers="ECDHE-RSA-AES128-GCM-SHA256")
    imaps(c, t).close("S")


@fires("tls-handshake-failed", "error")
def name_not_served(c):
    imaps(c, Tls(certificate(), names=("www.example.net",))).close("S")


@fires("tls-handshake-failed", "error")
def server_leaves(c):
    imaps(c, Tls(certificate()), stop=1).close("S")


@fires("tls-handshake-failed", "error")
def server_resets(c):
    imaps(c, Tls(certificate()), stop=1).rst("S")


@fires("tls-handshake-failed", "error")
def server_leaves_and_the_client_complains(c):
    """The alert is an answer to the end of the connection, not its cause."""
    d = imaps(c, Tls(certificate()), stop=1).fin("S")
    d.say("C", b"\x15\x03\x01\x00\x02\x02\x32").fin("C")


@silent("tls-alert")
def no_close_notify(c):
    t = Tls(certificate())
    d = imaps(c, t)
    t.talk(d, "S: * OK IMAP4rev1 ready", "C: z LOGOUT", "S: * BYE Logging out", "S: z OK done")
    d.fin("S")
    d.fin("C")
    with_keys(c, t)


@fires("tls-handshake-failed", "error")
def client_leaves(c):
    imaps(c, Tls(certificate()), stop=2).close("C")


@fires("tls-handshake-failed", "error")
def server_hangs(c):
    imaps(c, Tls(certificate()), stop=1).wait(30).close("C")


@fires("tls-handshake-failed", "error")
def plain_text_back(c):
    imaps(c, Tls(certificate()), stop=1).talk("S: * BAD Error in IMAP command received by server.").close("S")


@fires("tls-handshake-failed", "error")
def tls_to_a_plain_port(c):
    d = D(c).open().talk("S: 220 mail.example.org ESMTP")
    Tls(certificate()).shake(d, 1)
    d.talk("S: 500 5.5.2 Error: bad syntax").close("S")


@fires("tls-handshake-failed", "error")
@silent("session-aborted", "client-early", "connection-reset")
def plain_to_a_tls_port(c):
    d = D(c, port=993).open().talk("C: a CAPABILITY")
    d.say("S", b"\x15\x03\x01\x00\x02\x02\x46").close("S")


@fires("tls-handshake-failed", "error")
@silent("client-early", "connection-reset", "session-aborted")
def plain_to_smtps(c):
    d = D(c, port=465).open().talk("C: EHLO client.example.com")
    d.say("S", b"\x15\x03\x01\x00\x02\x02\x46").rst("S")


@fires("tls-handshake-failed", "error")
@silent("client-early", "connection-reset")
def plain_to_smtps_and_nothing_back(c):
    D(c, port=465).open().talk("C: EHLO client.example.com").rst("S")


@fires("tls-handshake-failed", "warning")
@silent("server-silent")
def waits_for_a_greeting_of_smtps(c):
    D(c, port=465).open().wait(30).close("C")


@silent("tls-handshake-failed")
def connects_to_smtps_only(c):
    D(c, port=465).open().wait(1).close("C")


@silent("tls-certificate-name-mismatch")
def wildcard_common_name_and_no_sni(c):
    """Nothing but the certificate names the server."""
    imaps_session(c, Tls(certificate("*.example.org", names=("*.example.net",)), sni=None))


@silent("tls-handshake-failed")
def plain_imap(c):
    imap_quit(imap(D(c, port=143)))


@fires("tls-handshake-failed", "error")
def unreadable_refusal(c):
    """TLS 1.3: instead of a Finished the client sends a record of the size of an alert."""
    d = imaps(c, Tls(certificate(), versions=(TLS13, TLS13)), stop=2)
    d.say("C", b"\x14\x03\x03\x00\x01\x01\x17\x03\x03\x00\x13" + bytes(range(100, 119))).close("C")


@silent("tls-handshake-failed", "tls-alert", "tls-certificate-expired", "tls-certificate-name-mismatch", "tls-certificate-untrusted", "tls-old-version",
        "tls-weak-cipher")
def tls_in_order(c):
    healthy_imaps_tls12(c)


@silent("tls-handshake-failed", "tls-alert")
def tls13_in_order(c):
    healthy_imaps_tls13(c)


@silent("tls-handshake-failed")
def capture_ends_in_handshake(c):
    imaps(c, Tls(certificate()), stop=1)


@fires("tls-alert", "warning")
def record_spoilt(c):
    t = Tls(certificate())
    d = imaps(c, t)
    t.talk(d, "S: * OK IMAP4rev1 ready", "C: a NOOP", "S: a OK done")
    t.spoil(d, "C")
    d.close("S")
    with_keys(c, t)


@silent("tls-alert", "tls-handshake-failed")
def closed_by_notify(c):
    t = Tls(certificate())
    imaps_session(c, t)
    with_keys(c, t)


# ---- tls: certificates -------------------------------------------------------------------------------------------


@fires("tls-certificate-expired", "error")
def expired(c):
    imaps_session(c, Tls(certificate(dates=EXPIRED)))


@fires("tls-certificate-expired", "error", says="expired on 2023-11-14, 1 day before the session")
def expired_half_a_day_ago(c):
    imaps_session(c, Tls(certificate(dates=("20230101000000Z", "20231114101320Z"))))


@fires("tls-certificate-expired", "error", says="expired on 2023-11-13, 2 days before the session")
def expired_a_day_and_a_half_ago(c):
    imaps_session(c, Tls(certificate(dates=("20230101000000Z", "20231113101320Z"))))


@fires("tls-certificate-expired", "error")
def not_yet_valid(c):
    imaps_session(c, Tls(certificate(dates=EARLY)))


@fires("tls-certificate-expired", "warning")
def expired_on_25(c):
    relay(c, Tls(certificate(dates=EXPIRED)))


@fires("tls-certificate-name-mismatch", "error")
def wrong_name(c):
    imaps_session(c, Tls(certificate("www.example.net")))


@fires("tls-certificate-name-mismatch", "warning")
def wrong_name_by_lookup(c):
    ask(c, HOST, "A", [SERVER])
    relay(c, Tls(certificate("www.example.net"), sni=None), at=1)


@fires("tls-certificate-name-mismatch", "note")
def wrong_name_by_greeting(c):
    relay(c, Tls(certificate("www.example.net"), sni=None))


@silent("tls-certificate-name-mismatch")
def wildcard(c):
    imaps_session(c, Tls(certificate("example.org", names=("*.example.org",))))


@silent("tls-certificate-name-mismatch")
def name_of_the_certificate_alone(c):
    """Nothing but its own common name, which it does not speak for, names the server."""
    imaps_session(c, Tls(certificate("mail.example.com", names=("*.example.org",)), sni=None))


@silent("tls-certificate-name-mismatch")
def name_looked_up(c):
    ask(c, HOST, "A", [SERVER])
    relay(c, Tls(certificate(), sni=None), at=1)


@fires("tls-certificate-untrusted", "error")
def self_signed(c):
    imaps_session(c, Tls(certificate(signed=False)))


@fires("tls-certificate-untrusted", "warning")
def self_signed_on_25(c):
    relay(c, Tls(certificate(signed=False)))


@fires("tls-certificate-untrusted", "error")
def chain_broken(c):
    imaps_session(c, Tls(wrong_chain()))


@silent("tls-certificate-untrusted")
def chain_without_root(c):
    imaps_session(c, Tls(certificate()))


# ---- tls: strength -----------------------------------------------------------------------------------------------


@fires("tls-old-version", "warning")
def tls10(c):
    imaps_session(c, Tls(certificate(), versions=(TLS10, TLS10)))


@fires("tls-weak-cipher", "error")
def no_encryption(c):
    imaps_session(c, Tls(certificate(kind="rsa2048"), ciphers="NULL-SHA256:@SECLEVEL=0"))


@fires("tls-weak-cipher", "error")
def anonymous(c):
    imaps_session(c, Tls(certificate(), ciphers="AECDH-AES128-SHA:@SECLEVEL=0"))


@fires("tls-weak-cipher", "warning")
def short_key(c):
    imaps_session(c, Tls(certificate(kind="rsa1024")))


@fires("tls-weak-cipher", "warning")
def sha1_signature(c):
    imaps_session(c, Tls(certificate(digest="sha1")))


# ---- what DNS asks for -------------------------------------------------------------------------------------------


def pinned(c, *records):
    ask(c, "example.org", "MX", [(10, HOST)])
    ask(c, HOST, "A", [SERVER], at=0.1)
    ask(c, "_25._tcp." + HOST, "TLSA", list(records), at=0.2)


def key_hash(certificate_):
    pem = subprocess.run(["openssl", "x509", "-in", certificate_.certificate, "-noout", "-pubkey"], capture_output=True, check=True).stdout
    return hashlib.sha256(subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=pem, capture_output=True, check=True).stdout).digest()


@fires("dane-mismatch", "error")
def pinned_another(c):
    pinned(c, b"\3\0\1" + bytes(32))
    relay(c, Tls(certificate(), sni=None), at=1)


@fires("dane-mismatch", "error")
def pinned_another_key(c):
    pinned(c, b"\3\1\1" + bytes(32))
    relay(c, Tls(certificate(), sni=None), at=1)


@silent("dane-mismatch", "dane-ignored")
def pinned_certificate(c):
    pinned(c, b"\3\0\1" + bytes(32), b"\3\0\1" + hashlib.sha256(certificate().der()).digest())
    relay(c, Tls(certificate(), sni=None), at=1)


@silent("dane-mismatch", "dane-ignored")
def pinned_key(c):
    pinned(c, b"\3\1\1" + key_hash(certificate()))
    relay(c, Tls(certificate(), sni=None), at=1)


@fires("dane-ignored", "warning")
def pinned_and_clear(c):
    pinned(c, b"\3\1\1" + key_hash(certificate()))
    quit(data(envelope(greet(D(c, at=1)))).talk("S: 250 2.0.0 Ok"))


def promised(c):
    ask(c, "example.org", "MX", [(10, HOST)])
    ask(c, "_mta-sts.example.org", "TXT", ["v=STSv1; id=20231114"], at=0.1)
    ask(c, HOST, "A", [SERVER], at=0.2)


@fires("mta-sts-ignored", "warning")
def promised_and_clear(c):
    promised(c)
    quit(data(envelope(greet(D(c, at=1)))).talk("S: 250 2.0.0 Ok"))


@fires("mta-sts-ignored", "warning")
def promised_and_self_signed(c):
    promised(c)
    relay(c, Tls(certificate(signed=False)), at=1)


@silent("mta-sts-ignored")
def promised_and_done(c):
    promised(c)
    relay(c, Tls(certificate()), at=1)


@silent("mta-sts-ignored")
def nothing_promised(c):
    ask(c, "example.org", "MX", [(10, HOST)])
    ask(c, HOST, "A", [SERVER], at=0.2)
    quit(data(envelope(greet(D(c, at=1)))).talk("S: 250 2.0.0 Ok"))


# ---- dns ---------------------------------------------------------------------------------------------------------


@fires("dns-nxdomain", "error")
def misspelt(c):
    ask(c, "smtp.exmaple.org", "A", rcode=NXDOMAIN)
    later(c, 5)


@silent("dns-nxdomain", "dns-servfail", "dns-no-answer", "dns-no-mx", "slow-dns")
def lookups_in_order(c):
    healthy_lookups(c)


@silent("dns-nxdomain")
def search_list(c):
    ask(c, HOST + ".corp.example", "A", rcode=NXDOMAIN)
    ask(c, HOST, "A", [SERVER], at=0.1)
    quit(greet(D(c, at=1)))


@fires("dns-servfail", "error")
def resolver_fails(c):
    ask(c, "example.org", "MX", rcode=SERVFAIL)


@fires("dns-servfail", "note")
def resolver_fails_once(c):
    ask(c, "example.org", "MX", rcode=SERVFAIL)
    ask(c, "example.org", "MX", [(10, HOST)], resolver="192.0.2.54", at=0.5)


@fires("dns-servfail", "note")
def only_ipv6_fails(c):
    """Clients connect by the other address."""
    ask(c, HOST, "AAAA", rcode=SERVFAIL, at=0)
    ask(c, HOST, "A", [SERVER], at=0)
    later(c, 1)


@fires("dns-no-answer", "error")
@silent("dns-no-mx")
def truncated_and_no_tcp(c):
    """An answer without records that says "truncated" is not one that says that there are none."""
    udp(c, 0, CLIENT, RESOLVER, (5556, 53), question(8, "example.org", "MX", 0x0100))
    udp(c, 0.02, RESOLVER, CLIENT, (53, 5556), question(8, "example.org", "MX", 0x8380))
    D(c, client=CLIENT, server=RESOLVER, port=53, at=0.1).refuse()
    later(c, 40)


@silent("dns-no-answer", "dns-no-mx")
def truncated_and_tcp(c):
    udp(c, 0, CLIENT, RESOLVER, (5556, 53), question(8, "example.org", "MX", 0x0100))
    udp(c, 0.02, RESOLVER, CLIENT, (53, 5556), question(8, "example.org", "MX", 0x8380))
    d = D(c, client=CLIENT, server=RESOLVER, port=53, at=0.1).open()
    for who, m in (("C", question(9, "example.org", "MX", 0x0100)), ("S", answer(9, "example.org", "MX", [(10, HOST)], 0))):
        d.say(who, len(m).to_bytes(2, "big") + m)
    d.close()
    later(c, 40)


@fires("dns-no-answer", "error")
def resolver_silent(c):
    ask(c, HOST, "A", tries=(0, 5, 10), answered=False)
    later(c, 20)


@fires("dns-no-answer", "error")
def host_without_address(c):
    ask(c, HOST, "A")
    ask(c, HOST, "AAAA", at=0.1)


@fires("dns-no-answer", "warning")
def host_without_ipv4_address(c):
    """Whether it has one of IPv6 was not asked."""
    ask(c, HOST, "A")


@fires("dns-no-answer", "note")
def guessed_host_without_address(c):
    ask(c, "autoconfig.example.org", "A")
    ask(c, "autoconfig.example.org", "AAAA", at=0.1)


@silent("dns-no-answer")
def host_with_one_address(c):
    """The usual host has no IPv6; one has nothing else; and one is found with a suffix only."""
    ask(c, HOST, "A", [SERVER])
    ask(c, HOST, "AAAA", at=0.1)
    ask(c, "mail2.example.org", "AAAA", at=1)
    ask(c, "mail.corp.example", "A", at=2)
    ask(c, "mail.corp.example", "AAAA", at=2.1)
    ask(c, "mail.corp.example", "A", [SERVER], at=3)


@silent("dns-no-answer")
def capture_ends_before_answer(c):
    later(c, 0)
    ask(c, HOST, "A", at=1, answered=False)


@fires("dns-no-mx", "error")
def no_mx(c):
    ask(c, "example.org", "MX")
    ask(c, "example.org", "A", at=0.1)


@fires("dns-no-mx", "warning")
def null_mx(c):
    ask(c, "example.org", "MX", [(0, "")])


@silent("dns-no-mx")
def address_for_mx(c):
    ask(c, "example.org", "MX")
    ask(c, "example.org", "A", [SERVER], at=0.1)
    quit(greet(D(c, at=1)))


@fires("slow-dns", "warning")
def slow_lookup(c):
    ask(c, HOST, "A", [SERVER], took=3)
    quit(greet(D(c, at=4)))


@fires("slow-dns", "warning")
def second_resolver(c):
    ask(c, HOST, "A", answered=False)
    ask(c, HOST, "A", [SERVER], at=5, resolver="192.0.2.54")
    quit(greet(D(c, at=6)))


@fires("slow-dns", "warning")
def second_try(c):
    ask(c, HOST, "A", [SERVER], tries=(0, 5))
    quit(greet(D(c, at=6)))


@fires("dns-slow", "warning")
def resolver_slow(c):
    for n, name in enumerate(("example.org", "example.net", "example.com", "example.edu")):
        ask(c, name, "MX", [(10, "mx." + name)], at=n * 4, took=2)


@silent("dns-slow")
def one_domain_slow(c):
    for n, name in enumerate(("example.org", "example.net", "example.com", "example.edu")):
        ask(c, name, "MX", [(10, "mx." + name)], at=n * 4, took=0.02 if n else 2)


# ---- reachability ------------------------------------------------------------------------------------------------


@fires("connect-refused", "error")
def refused_by_icmp(c):
    d = D(c)
    d.syn()
    d.wait(0.01)
    icmp(c, SERVER, d, 3, 3)
    later(c, 20)


@fires("connect-timeout", "error")
def forbidden_by_router(c):
    d = D(c)
    d.syn()
    d.wait(0.01)
    icmp(c, "203.0.113.1", d, 3, 13)
    later(c, 20)


@fires("middlebox", "warning")
def reset_by_another(c):
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go").say("C", MAIL)
    d.ttl["S"] = 57
    d.rst("S")


@silent("middlebox")
def reset_by_itself(c):
    envelope(greet(D(c))).talk("C: DATA", "S: 354 Go").say("C", MAIL).rst("S")


@fires("path-mtu-stall", "error")
def mtu_told_in_vain(c):
    d = envelope(greet(D(c))).talk("C: DATA", "S: 354 Go").wait(0.01)
    icmp(c, "203.0.113.1", d, 3, 4, mtu=1400)
    d.stuck("C", b"Subject: x\r\n\r\n" + b"x" * 1446, 7)
    later(c, d.now + 5)


# ---- STARTTLS ----------------------------------------------------------------------------------------------------


STRIPPED = ["S: 220 mail.example.org ESMTP", "C: EHLO client.example.com", "S: 250-mail.example.org", "S: 250-SIZE 10240000", "S: 250-XXXXXXXA",
            "S: 250 8BITMIME"]


@fires("starttls-stripped", "error")
@silent("starttls-not-offered")
def keyword_overwritten(c):
    quit(D(c).open().talk(*STRIPPED))


@silent("starttls-stripped")
@fires("middlebox", "warning")
def chunking_overwritten(c):
    """The keyword is as long as STARTTLS, but BINARYMIME tells that it was CHUNKING."""
    quit(D(c).open().talk("S: 220 mail.example.org ESMTP", "C: EHLO client.example.com", "S: 250-mail.example.org", "S: 250-XXXA", "S: 250-8BITMIME",
                          "S: 250-BINARYMIME", "S: 250 XXXXXXXB"))


@fires("starttls-stripped", "error")
def stls_overwritten(c):
    d = D(c, port=110).open().talk("S: +OK ready", "C: CAPA", "S: +OK", "S: UIDL", "S: XXXX", "S: .", "C: QUIT", "S: +OK Bye")
    d.close()


IMAP_STRIPPED = ("C: a CAPABILITY", "S: * CAPABILITY IMAP4rev1 XXXXXXXX AUTH=PLAIN", "S: a OK done")


@fires("starttls-stripped", "error")
@silent("starttls-not-offered")
def imap_keyword_overwritten(c):
    imap_quit(imap(D(c, port=143)).talk(*IMAP_STRIPPED))


@fires("starttls-stripped", "error")
@silent("starttls-not-offered")
def imap_greeting_overwritten(c):
    imap_quit(D(c, port=143).open().talk("S: * OK [CAPABILITY IMAP4rev1 XXXXXXXA AUTH=PLAIN] mail.example.org ready"))


@fires("middlebox", "warning")
@silent("starttls-stripped")
def imap_other_keyword_overwritten(c):
    imap_quit(imap(D(c, port=143)).talk("C: a CAPABILITY", "S: * CAPABILITY IMAP4rev1 STARTTLS XXXXXXXX", "S: a OK done"))


@fires("middlebox", "warning")
@silent("starttls-stripped")
def imap_short_keyword_overwritten(c):
    imap_quit(imap(D(c, port=143)).talk("C: a CAPABILITY", "S: * CAPABILITY IMAP4rev1 XXXX", "S: a OK done"))


@fires("starttls-stripped", "warning")
def imap_greets_with_preauth(c):
    imap_quit(D(c, port=143).open().talk("S: * PREAUTH mail.example.org ready", "C: a CAPABILITY", "S: * CAPABILITY IMAP4rev1 STARTTLS", "S: a OK done"))


@silent("starttls-stripped", "starttls-injection")
def preauth_inside_of_tls(c):
    t = Tls(certificate())
    d = D(c, port=993).open()
    t.shake(d)
    t.talk(d, "S: * PREAUTH mail.example.org ready", "C: z LOGOUT", "S: * BYE Logging out", "S: z OK done")
    d.close()
    with_keys(c, t)


@fires("starttls-stripped", "warning")
def offered_to_another(c):
    quit(greet(D(c, client="192.0.2.77", client_port=41000)))
    quit(D(c, at=5).open().talk("S: 220 mail.example.org ESMTP", "C: EHLO client.example.com", "S: 250-mail.example.org", "S: 250 8BITMIME"))


@silent("starttls-stripped", "middlebox")
def offered_to_nobody(c):
    cases.no_starttls(c)


@silent("starttls-stripped")
def offered_to_all(c):
    quit(greet(D(c, client="192.0.2.77", client_port=41000)))
    relay(c, Tls(certificate()), at=5)


@fires("starttls-injection", "critical")
def command_behind_starttls(c):
    t = Tls(certificate())
    d = greet(D(c)).say("C", b"STARTTLS\r\nRSET\r\n").talk("S: 220 2.0.0 Ready to start TLS")
    t.shake(d)
    t.talk(d, "C: QUIT", "S: 221 Bye")
    d.close()


@fires("starttls-injection", "critical")
def reply_behind_starttls(c):
    t = Tls(certificate())
    d = imap(D(c, port=143)).talk("C: a CAPABILITY", "S: * CAPABILITY IMAP4rev1 STARTTLS", "S: a OK done", "C: b STARTTLS")
    d.say("S", b"b OK Begin TLS\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
    t.shake(d)
    t.talk(d, "C: z LOGOUT", "S: * BYE Logging out", "S: z OK done")
    d.close()


@fires("starttls-injection", "critical")
def command_behind_starttls_alone(c):
    """In a segment of its own: where packets end says nothing."""
    d = greet(D(c)).say("C", "STARTTLS", ack=False).say("C", "RSET").talk("S: 220 2.0.0 Ready to start TLS")
    Tls(certificate()).shake(d)
    d.close()


@fires("starttls-injection", "critical")
def command_behind_stls(c):
    d = pop3(D(c, port=110)).say("C", "STLS", ack=False).say("C", "USER mallory").talk("S: +OK Begin TLS")
    Tls(certificate()).shake(d)
    d.close()


@fires("starttls-injection", "critical")
@silent("tls-handshake-failed")
def reply_behind_smtp_starttls(c):
    """The handshake that follows is read all the same."""
    d = greet(D(c)).talk("C: STARTTLS").say("S", b"220 2.0.0 Ready to start TLS\r\n250 mail.example.org\r\n")
    Tls(certificate()).shake(d)
    d.close()


@fires("starttls-injection", "critical")
def reply_behind_stls_alone(c):
    d = pop3(D(c, port=110)).talk("C: STLS").say("S", "+OK Begin TLS", ack=False).say("S", "+OK mallory")
    Tls(certificate()).shake(d)
    d.close()


@silent("starttls-injection")
def starttls_given_up(c):
    """The server takes its time, and the client leaves; and the server whose client does not begin."""
    greet(D(c)).talk("C: STARTTLS").wait(30).talk("C: QUIT", "S: 220 2.0.0 Ready to start TLS", "S: 221 2.0.0 Bye").close()
    greet(D(c, client_port=40001, at=60)).talk("C: STARTTLS", "S: 220 2.0.0 Ready to start TLS").wait(30).say("S", "421 4.4.2 Timeout").close("S")
    pop3(D(c, port=110, client_port=40002, at=120)).talk("C: STLS").wait(30).talk("C: QUIT", "S: +OK Begin TLS", "S: +OK Bye").close()


@silent("starttls-injection", "starttls-refused", "starttls-not-offered", "starttls-stripped")
def starttls_in_order(c):
    relay(c, Tls(certificate()))


@silent("starttls-injection")
def hello_behind_reply(c):
    """The client is quick, and the capture joins nothing: TLS follows at once."""
    t = Tls(certificate(), versions=(TLS13, TLS13))
    relay(c, t)
    with_keys(c, t)


@fires("auth-failed")
def tls_in_single_bytes(c):
    """On a port that says nothing, the client hello comes in some hundred segments, and there are keys for it."""
    t = Tls(certificate(), versions=(TLS13, TLS13))
    d = D(c, port=4711).open()
    d.mss = 1
    t.shake(d)
    d.mss = 1460
    t.talk(d, "S: 220 mail.example.org ESMTP", "C: EHLO client.example.com", "S: 250-mail.example.org", "S: 250 AUTH PLAIN",
           "C: AUTH PLAIN AGFubgBzZWNyZXQ=", "S: 535 5.7.8 Authentication failed", "C: QUIT", "S: 221 Bye")
    d.close()
    with_keys(c, t)


# ---- in clear, or only opened ------------------------------------------------------------------------------------


@silent("cleartext-credentials", "cleartext-mail")
def read_by_keys(c):
    t = Tls(certificate())
    d = starttls(c, t, port=587)
    t.talk(d, "C: EHLO client.example.com", "S: 250-mail.example.org", "S: 250 AUTH PLAIN", "C: AUTH PLAIN " + plain("ann", "secret"), "S: 235 2.7.0 Ok",
           "C: MAIL FROM:<ann@example.com>", "S: 250 Ok", "C: RCPT TO:<bob@example.org>", "S: 250 Ok", "C: DATA", "S: 354 Go")
    t.say(d, "C", MAIL + b".\r\n")
    t.talk(d, "S: 250 2.0.0 Ok", "C: QUIT", "S: 221 Bye")
    d.close()
    with_keys(c, t)


@fires("cleartext-credentials", "warning")
def clear_before_starttls(c):
    """The password went first, TLS came after it."""
    t = Tls(certificate())
    d = login(greet(D(c, port=587)), "ann", "535 5.7.8 Error: authentication failed").talk("C: STARTTLS", "S: 220 Ready")
    t.shake(d)
    t.talk(d, "C: QUIT", "S: 221 Bye")
    d.close()


@fires("cleartext-credentials", "warning")
@fires("cleartext-mail", "warning")
def opened_by_an_appliance(c):
    d = greet(D(c, port=587)).talk("C: STARTTLS", "S: 220 2.0.0 Ready to start TLS", "C: EHLO client.example.com", "S: 250-mail.example.org",
                                   "S: 250 AUTH PLAIN")
    quit(data(envelope(login(d, "ann", "235 2.7.0 Ok"))).talk("S: 250 2.0.0 Ok"))
