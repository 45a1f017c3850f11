"""Cases of who sent a message, by the DNS answers that went by: mail() of cases_message, from 192.0.2.10 to a server that calls itself mail.example.org.

    signed()  a message of ann@example.com with an ed25519 signature (its private key is thrown away) that is right by KEY
"""
import base64
import hashlib

from cases import D, fires, silent
from cases_message import header, mail
from net_wire import ask
from pcapgen import data, greet, quit

KEY = "v=DKIM1; k=ed25519; p=2CbELmi3eEb9VTCQeRsYs0T8hzjSr1o3P6ycxKfzFlY="
SIGNATURE = ("v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.com; s=sel; h=from:to:subject:date:message-id; "
             "bh=4daN71HNdn/d5SSJNrmA4GnDoSU3uSw9/N1YsKJOhFc=; b=oV5FZuq6zJAadNOsBLLQE6FuZiL9UAZuG6/KqJXCMqkCv3OGkw4RQhcK7tz9vjGQCX+F9tKhr7dwjQr2ElmeAA==")
OUTSIDE = "203.0.113.7"


def spf(c, policy="v=spf1 ip4:192.0.2.0/24 -all", domain="example.com", at=0.0):
    ask(c, domain, "TXT", [policy], at=at)


def dmarc(c, policy="v=DMARC1; p=reject", at=0.1):
    ask(c, "_dmarc.example.com", "TXT", [policy], at=at)


def key(c, text=KEY, at=0.2):
    ask(c, "sel._domainkey.example.com", "TXT", [text], at=at)


def signed(c, head="", body="At noon?\r\n", client=OUTSIDE, signature=SIGNATURE):
    mail(c, "DKIM-Signature: " + signature + "\r\n" + head + header(), body, client=client)


@fires("spf-fail", "note", says="203.0.113.7 is not among the senders that example.com names (-all)")
def from_elsewhere(c):
    spf(c)
    mail(c, client=OUTSIDE)


@fires("spf-fail", "note", says="(-all)")
def answers_come_later(c):
    mail(c, client=OUTSIDE)
    spf(c, at=30)


@fires("spf-fail", "note", says="192.0.2.10 is not among the senders that client.example.com names (-all)")
def null_sender_by_helo(c):
    spf(c, "v=spf1 -all", "client.example.com")
    mail(c, sender="")


@silent("spf-fail", "dmarc-fail")
def from_its_own_machine(c):
    spf(c)
    dmarc(c)
    mail(c)


@silent("spf-fail")
def softfail(c):
    spf(c, "v=spf1 ip4:192.0.2.0/24 ~all")
    mail(c, client=OUTSIDE)


@silent("spf-fail", "dmarc-fail")
def from_a_private_address(c):
    spf(c)
    dmarc(c)
    mail(c, client="10.0.0.5")


@silent("spf-fail", "dmarc-fail", "dkim-fail")
def nobody_asked(c):
    signed(c)


@silent("spf-fail", "spf-open")
def a_part_of_it_is_unknown(c):
    spf(c, "v=spf1 include:_spf.example.net -all")
    mail(c, client=OUTSIDE)


@fires("spf-open", "warning", says="+all")
def anybody_may(c):
    spf(c, "v=spf1 mx +all")
    ask(c, "example.com", "MX", [(10, "mx.example.com")], at=0.1)
    ask(c, "mx.example.com", "A", ["192.0.2.25"], at=0.2)
    mail(c, client=OUTSIDE)


@silent("spf-open")
def a_network_may(c):
    spf(c, "v=spf1 ip4:192.0.2.0/24 ?all")
    mail(c)


@fires("dkim-fail", "note", says="the body is not the one that was signed")
def body_changed(c):
    """No key is needed to know."""
    signed(c, body="At one?\r\n")


def copies(c, clients, names=("lucy", "mona", "nick", "olga", "paul", "quin", "rosa"), head="", text="At noon?\r\n", at=0.0):
    """One signed message, by each client to a recipient of its own."""
    for n, client in enumerate(clients):
        d = greet(D(c, client=client, client_port=42000 + n, at=at + n))
        d.talk("C: MAIL FROM:<x@example.net>", "S: 250 2.1.0 Ok", "C: RCPT TO:<%s@example.org>" % names[n % len(names)], "S: 250 2.1.5 Ok")
        quit(data(d, ("DKIM-Signature: " + SIGNATURE + "\r\n" + head + header() + "\r\n" + text).encode()).talk("S: 250 2.0.0 Ok: queued as 4711"))


THREE, MANY = ["203.0.113.%d" % (7 + n % 3) for n in range(7)], ["203.0.113.%d" % (7 + n) for n in range(7)]


@fires("dkim-replay", "warning", says="7 copies with the signature of example.com")
def replayed(c):
    copies(c, THREE)


@fires("dkim-replay", "error", says="came from 6 addresses, to 6 recipients")
def replayed_by_many(c):
    key(c)
    copies(c, MANY)


@silent("dkim-replay")
def one_server_delivers_to_many(c):
    copies(c, [OUTSIDE] * 7)


@silent("dkim-replay")
def a_mailing_list(c):
    copies(c, THREE, head="List-Id: <list.example.net>\r\n")


@silent("dkim-replay")
def copies_to_those_named(c):
    copies(c, MANY, names=["bob"])


@silent("dkim-replay")
def one_mail_on_its_way(c):
    """To seven people, seen on each of four hops."""
    for n, client in enumerate(["203.0.113.7", "198.51.100.5", "198.51.100.6", "198.51.100.7"]):
        d = greet(D(c, client=client, client_port=42000 + n, at=float(n)))
        d.talk("C: MAIL FROM:<x@example.net>", "S: 250 2.1.0 Ok")
        for name in ("lucy", "mona", "nick", "olga", "paul", "quin", "rosa"):
            d.talk("C: RCPT TO:<%s@example.org>" % name, "S: 250 2.1.5 Ok")
        quit(data(d, ("DKIM-Signature: " + SIGNATURE + "\r\n" + header() + "\r\nAt noon?\r\n").encode()).talk("S: 250 2.0.0 Ok: queued as 4711"))


@silent("dkim-replay")
def copies_that_were_changed(c):
    """Who changes the text has no signature that holds."""
    copies(c, MANY, text="At one?\r\n")


@fires("dkim-fail", "note", says="header fields are not those that were signed")
def subject_changed(c):
    key(c)
    mail(c, "DKIM-Signature: " + SIGNATURE + "\r\n" + header(Subject="Dinner"))


@silent("dkim-fail", "dkim-weak", "dmarc-fail")
def right_by_the_key(c):
    key(c)
    dmarc(c)
    spf(c)
    signed(c)


@silent("dkim-fail")
def blank_lines_added(c):
    key(c)
    signed(c, body="At noon? \r\n\r\n\r\n")


@fires("dkim-weak", "note")
def old_algorithm(c):
    signed(c, signature=SIGNATURE.replace("ed25519-sha256", "rsa-sha1"))


@fires("dkim-weak", "note", says="to confuse")
def odd_domain(c):
    signed(c, signature=SIGNATURE.replace("d=example.com", "d=example.com(.example.net"))


@fires("dkim-weak", "note", says="behind the part of its body that is signed")
def text_behind(c):
    part = "At noon?\r\n"
    digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
    signed(c, body=part + "Or buy this.\r\n", signature="v=1; a=rsa-sha256; c=simple/simple; d=example.com; s=sel; h=from; l=%d; bh=%s; b=AAAA" % (len(part), digest))


@fires("dmarc-fail", "warning", says="neither SPF nor DKIM vouches for example.com")
def not_from_whom_it_says(c):
    spf(c)
    dmarc(c)
    mail(c, client=OUTSIDE)


@fires("dmarc-fail", "warning", says="policy: none")
def of_a_subdomain(c):
    ask(c, "_dmarc.news.example.com", "TXT", rcode=3)
    dmarc(c, "v=DMARC1; p=reject; sp=none")
    ask(c, "news.example.com", "TXT", ["v=spf1 -all"], at=0.3)
    mail(c, header(From="Ann <ann@news.example.com>"), sender="ann@news.example.com", client=OUTSIDE)


@silent("dmarc-fail")
def policy_unknown(c):
    spf(c)
    mail(c, client=OUTSIDE)


@silent("dmarc-fail")
def no_policy(c):
    spf(c)
    ask(c, "_dmarc.example.com", "TXT", rcode=3, at=0.1)
    mail(c, client=OUTSIDE)


@silent("dmarc-fail")
def key_unknown(c):
    """DKIM might vouch for it."""
    spf(c)
    dmarc(c)
    signed(c)


@fires("authentication-results-forged", "warning", says="mail.example.org")
def verdict_of_the_server_itself(c):
    mail(c, "Authentication-Results: mail.example.org; dmarc=pass\r\n" + header(), client=OUTSIDE)


@silent("authentication-results-forged")
def verdict_of_another_server(c):
    mail(c, "Authentication-Results: mx.example.net; dmarc=pass\r\n" + header(), client=OUTSIDE)


@silent("authentication-results-forged")
def verdict_of_an_inner_hop(c):
    mail(c, "Authentication-Results: mail.example.org; dmarc=pass\r\n" + header(), client="10.0.0.5")


# ---- who carries it ------------------------------------------------------------------------------------------------


def carried(c, head=""):
    """From a shop, by a carrier whose site is where its link leads, and who is named in fields as well."""
    text = ('<div style="display:none">One click and you are ready</div><p>Verify your email within 24 hours.</p>'
            '<p><a href="https://click.carrier-muster.net/a">Verify</a></p>\r\n')
    mail(c, head + header(From="Shop <news@shop-muster.com>", Message_ID="<1@shop-muster.com>", MIME_Version="1.0", Content_Type="text/html",
                          List_Unsubscribe="<https://click.carrier-muster.net/u>", Sender="bounce@carrier-muster.net"), text,
         sender="bounce@carrier-muster.net", client=OUTSIDE)


@fires("message-suspicious", "warning", says="leads-elsewhere")
def carrier_that_is_refused(c):
    spf(c, "v=spf1 -all", "carrier-muster.net")
    carried(c)


@fires("message-suspicious", "warning", says="leads-elsewhere")
def carrier_that_signed_another_body(c):
    spf(c, "v=spf1 -all", "carrier-muster.net")
    carried(c, "DKIM-Signature: " + SIGNATURE.replace("example.com", "carrier-muster.net") + "\r\n")


@silent("message-suspicious")
def carrier_that_is_proven(c):
    spf(c, "v=spf1 ip4:%s -all" % OUTSIDE, "carrier-muster.net")
    carried(c)


@silent("message-suspicious")
def carrier_of_whom_nothing_is_known(c):
    carried(c)
