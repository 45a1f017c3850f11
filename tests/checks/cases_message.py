"""Cases of what is found in messages: mail() sends one message to bob@example.org; it cites its first and last frame.

    ORDINARY  the header of a message that nothing is wrong with; header(field=value) changes or takes away (None) fields of it
"""
import base64

from cases import D, fires, silent
from pcapgen import data, envelope, greet, quit

ORDINARY = {"From": "Ann <ann@example.com>", "To": "Bob <bob@example.org>", "Subject": "Lunch", "Message-ID": "<1@example.com>",
            "Date": "Tue, 14 Nov 2023 22:13:20 +0000"}


def header(**changes):
    fields = dict(ORDINARY)
    for name, value in changes.items():
        fields[name.replace("_", "-")] = value
    return "".join("%s: %s\r\n" % f for f in fields.items() if f[1] is not None)


def mail(c, head=None, body="At noon?\r\n", sender="ann@example.com", client="192.0.2.10", hello="EHLO client.example.com"):
    text = (head if head is not None else header()) + "\r\n" + body
    d = envelope(greet(D(c, client=client), hello), sender)
    quit(data(d, text.encode("utf-8", "surrogateescape")).talk("S: 250 2.0.0 Ok: queued as 4711"))


@fires("display-name-spoof", "warning", says="service@example.net")
def name_is_another_address(c):
    mail(c, header(From='"service@example.net" <x81@mail.example.com>'))


@fires("display-name-spoof", "warning", says="PayPal")
def name_is_a_brand(c):
    mail(c, header(From="PayPal Service <no-reply@example.com>"))


def named(c, name, domain, body="At noon?\r\n"):
    mail(c, header(From="%s <info@%s>" % (name, domain), Message_ID="<1@%s>" % domain, Content_Type="text/plain; charset=utf-8"), body, sender="info@" + domain)


@fires("display-name-spoof", "warning", says="PayPal")
def brand_in_a_domain_that_poses(c):
    named(c, "PayPal", "paypal-resolution.example")


@fires("display-name-spoof", "warning", says="name-brand")
def brand_with_a_mark(c):
    named(c, "=?utf-8?q?Soci=C3=A9t=C3=A9_G=C3=A9n=C3=A9rale?=", "example.com")


@fires("display-name-spoof", "warning", says="name-brand")
def brand_in_cyrillic(c):
    named(c, "=?utf-8?b?0JPQvtGB0YPRgdC70YPQs9C4?=", "example.com")


@silent("display-name-spoof")
def brand_in_another_country(c):
    named(c, "PayPal", "paypal.example")


@silent("display-name-spoof")
def brand_with_the_name_of_its_mail(c):
    named(c, "PayPal", "paypal-mail.example")


@silent("display-name-spoof")
def house_of_a_group(c):
    named(c, "Sparkasse Musterstadt", "sparkasse-musterstadt.example")


@fires("display-name-spoof", "warning", says="PayPal")
def brand_below_a_domain_that_costs_nothing(c):
    named(c, "PayPal", "paypal.top")


@silent("message-suspicious", "message-malicious")
def carried_by_another_and_leading_home(c):
    named(c, "PayPal", "carrier.example", "See https://www.paypal.com/activity\r\n")


@silent("display-name-spoof")
def family_of_that_name(c):
    named(c, "Marco Bartolini", "studio-bartolini.example")


@silent("display-name-spoof")
def brand_itself(c):
    mail(c, header(From="PayPal <service@mail.paypal.com>", Message_ID="<1@paypal.com>"), sender="bounce@paypal.com")


@silent("display-name-spoof")
def name_is_the_own_address(c):
    mail(c, header(From='"ann@example.com" <ann@mail.example.com>'))


@silent("display-name-spoof")
def brand_inside_a_word(c):
    mail(c, header(From="Purchaser Chaselton <ann@example.com>"))


def from_domain(c, domain, **more):
    mail(c, header(From="IT <help@%s>" % domain, Message_ID="<1@%s>" % domain, **more), sender="help@" + domain)


@fires("sender-lookalike", "warning", says="sender-lookalike): IT <help@examp1e.org>")
def digit_for_a_letter(c):
    from_domain(c, "examp1e.org")


@fires("sender-lookalike", "warning", says="sender-lookalike")
def two_letters_for_one(c):
    from_domain(c, "mail.exarnple.org")


@fires("sender-lookalike", "warning", says="sender-lookalike")
def hyphen_for_the_dot(c):
    from_domain(c, "example-org.com")


@fires("sender-lookalike", "warning", says="sender-lookalike")
def own_name_in_front(c):
    from_domain(c, "example.org.mail-login.net")


@fires("sender-lookalike", "warning", says="sender-lookalike")
def cyrillic_letter(c):
    from_domain(c, "xn--exmple-4nf.org")


@fires("sender-lookalike", "warning", says="sender-near")
def letters_changed_places(c):
    from_domain(c, "exmaple.org")


@fires("sender-lookalike", "warning", says="help@examp1e.org")
def answers_to_a_lookalike(c):
    mail(c, header(Reply_To="help@examp1e.org"))


@fires("sender-lookalike", "warning", says="reply-lookalike")
def answers_to_a_lookalike_of_the_sender(c):
    mail(c, header(From="Ann <ann@supplier.com>", Reply_To="ann@suppl1er.com", Message_ID="<1@supplier.com>"), sender="ann@supplier.com")


@fires("sender-lookalike", "warning", says="reply-lookalike")
def answers_one_letter_off(c):
    mail(c, header(From="Ann <ann@supplier.com>", Reply_To="ann@suplier.com", Message_ID="<1@supplier.com>"), sender="ann@supplier.com")


@fires("sender-lookalike", "warning", says="sender-imitates")
def sender_in_two_scripts(c):
    mail(c, header(From="Shop <shop@xn--pypal-4ve.com>", Message_ID="<1@xn--pypal-4ve.com>"), sender="shop@xn--pypal-4ve.com")


@silent("sender-lookalike")
def answers_and_letters_of_honest_senders(c):
    """The sender's name below another suffix, a desk of its own, a domain with letters of its language."""
    for n, (domain, reply) in enumerate((("supplier.com", "supplier.de"), ("supplier.com", "desk.supplier.com"), ("supplier.com", "helpdesk.net"), ("xn--bcher-kva.example", "xn--bcher-kva.example"))):
        mail(c, header(From="Ann <ann@%s>" % domain, Reply_To="ann@" + reply, Message_ID="<%d@%s>" % (n, domain)), sender="ann@" + domain, client="192.0.2.%d" % (10 + n))


@silent("sender-lookalike", "message-suspicious")
def own_name_elsewhere(c):
    """Another suffix, a longer name, the domain itself, and more than one letter."""
    for n, domain in enumerate(("example.com", "example.org.uk", "example-shop.org", "news.example.org", "sample.org", "emxalpe.org")):
        mail(c, header(From="IT <help@%s>" % domain, Message_ID="<%d@%s>" % (n, domain)), sender="help@" + domain, client="192.0.2.%d" % (10 + n))


@silent("sender-lookalike")
def numbered_names(c):
    text = header(From="IT <help@example2.org>", To="Bob <bob@example3.org>") + "\r\nAt noon?\r\n"
    quit(data(envelope(greet(D(c)), "help@example2.org", "bob@example3.org"), text.encode()).talk("S: 250 2.0.0 Ok: queued as 4711"))


@silent("sender-lookalike")
def lookalike_of_a_free_mailbox(c):
    text = header(From="Ann <ann@gmaii.com>", To="Bob <bob@gmail.com>") + "\r\nAt noon?\r\n"
    quit(data(envelope(greet(D(c)), "ann@gmaii.com", "bob@gmail.com"), text.encode()).talk("S: 250 2.0.0 Ok: queued as 4711"))


@fires("message-malicious", "critical", says="sender-lookalike")
def password_for_a_lookalike(c):
    mail(c, header(From="IT Help Desk <help@examp1e.org>"), body="Your password expires today. Keep the same password: http://examp1e.org/keep\r\n", sender="help@examp1e.org")


def traced(c, *fields, client="203.0.113.7", **more):
    mail(c, "".join("Received: %s\r\n" % f for f in fields) + header(), client=client, **more)


NOW = "Tue, 14 Nov 2023 22:13:%02d +0000"


@fires("trace-forged", "note", says="trace-claimed")
def trace_of_the_server_itself(c):
    traced(c, "from mail.example.net ([192.0.2.99])\r\n\tby mail.example.org (Postfix) with ESMTP id 4711; " + NOW % 1)


@fires("trace-forged", "note", says="trace-address")
def trace_with_another_address(c):
    traced(c, "from client.example.com (client.example.com [192.0.2.99]) by relay.example.com; " + NOW % 1)


@fires("trace-forged", "note", says="trace-backwards): from a.example.com by b.example.com; Fri, 17 Nov 2023")
def trace_backwards(c):
    traced(c, "from b.example.com by client.example.com; " + NOW % 2, "from a.example.com by b.example.com; Fri, 17 Nov 2023 22:13:01 +0000 (UTC)")


@silent("trace-forged")
def trace_of_a_relay(c):
    """Over two hops, by inner addresses and another one of the first; an older field names the server: it is a list's, or was forwarded."""
    traced(c, "from client.example.com (localhost [127.0.0.1]) by client.example.com; " + NOW % 3,
           "from a.example.com (a.example.com [192.0.2.99])\r\n by client.example.com (8.1/8.1); " + NOW % 2,
           "from pc (pc [10.0.0.1]) by mail.example.org (a; b); Tue, 14 Nov 2023 23:13:01 +0100")


@silent("trace-forged")
def trace_of_the_same_client(c):
    traced(c, "from client.example.com (client.example.com [203.0.113.7]) by filter.example.com; " + NOW % 1)


@silent("trace-forged")
def trace_by_another_family(c):
    traced(c, "from client.example.com (client.example.com [IPv6:2001:db8::7]) by filter.example.com; " + NOW % 1)


@silent("trace-forged")
def trace_inside(c):
    """From the same network: a filter in front of the server, that calls itself as the server does."""
    traced(c, "from mail.example.net ([192.0.2.99]) by mail.example.org; " + NOW % 1, client="198.51.100.9")


@silent("trace-forged")
def trace_with_wrong_clocks(c):
    traced(c, "from b.example.com by client.example.com; " + NOW % 2, "from a.example.com by b.example.com; Wed, 15 Nov 2023 10:13:01 +0000",
           "from pc.example.com by a.example.com; when it came")


@fires("reply-to-mismatch", "note", says="gmail.com")
def answers_to_freemail(c):
    mail(c, header(Reply_To="ann.example@gmail.com"))


@silent("reply-to-mismatch")
def answers_to_the_same_site(c):
    mail(c, header(Reply_To="desk@help.example.com"))


@silent("reply-to-mismatch")
def answers_to_the_list(c):
    mail(c, header(Reply_To="talk@lists.example.net", List_Id="<talk.lists.example.net>"))


@fires("envelope-mismatch", "note", says="bounce@mailer.example.net")
def envelope_elsewhere(c):
    mail(c, sender="bounce@mailer.example.net")


@silent("envelope-mismatch")
def envelope_of_the_same_site(c):
    mail(c, sender="bounce@mta.example.com")


@silent("envelope-mismatch")
def null_sender(c):
    mail(c, sender="")


@fires("message-id-mismatch", "note")
def id_elsewhere(c):
    mail(c, header(Message_ID="<1@host.example.net>"))


@silent("message-id-mismatch")
def id_of_the_envelope(c):
    mail(c, header(Message_ID="<1@mailer.example.net>"), sender="bounce@mailer.example.net")


@fires("header-malformed", "note", says="more than one From")
def two_from(c):
    mail(c, "From: Bank <bank@example.com>\r\n" + header())


@fires("header-malformed", "note", says="read in different ways")
def blank_before_the_colon(c):
    mail(c, "From : Bank <bank@example.com>\r\n" + header())


@fires("header-malformed", "note", says="read in different ways")
def route_in_from(c):
    mail(c, header(From="<@bank.example.com,@a.example.net:ann@example.com>"))


@fires("header-malformed", "note", says="lacks two or more")
def essentials_missing(c):
    mail(c, header(Date=None, Message_ID=None, Subject=None))


@silent("header-malformed")
def folded_from(c):
    mail(c, header(From="Ann\r\n <ann@example.com>"))


@silent("header-malformed")
def two_authors_one_sender(c):
    mail(c, header(From="Ann <ann@example.com>, Eve <eve@example.com>", Sender="ann@example.com"))


def parts(kind='multipart/mixed; boundary="a"', encoding="base64", name='attachment; filename="a.pdf"', text="JVBERi0xLjQK\r\n", around="--a\r\n"):
    """A message of a text and an attachment: (header, body)."""
    body = (around + "Content-Type: text/plain\r\n\r\nSee the attachment.\r\n--a\r\nContent-Type: application/pdf\r\nContent-Disposition: %s\r\n"
            "Content-Transfer-Encoding: %s\r\n\r\n%s--a--\r\n" % (name, encoding, text))
    return header(MIME_Version="1.0", Content_Type=kind), body


@fires("mime-ambiguous", "warning", says="boundary=b")
def two_boundaries(c):
    mail(c, *parts('multipart/mixed; boundary=a; boundary=b'))


@fires("mime-ambiguous", "warning", says="base64, quoted-printable")
def two_encodings(c):
    mail(c, *parts(encoding="base64, quoted-printable"))


@fires("mime-ambiguous", "warning", says="a.exe")
def two_names(c):
    mail(c, *parts(name='attachment; filename="a.pdf"; filename*=utf-8\'\'a.exe'))


@fires("mime-ambiguous", "warning", says="base64")
def junk_in_base64(c):
    mail(c, *parts(text="AB\r\nJVBERi0xLjQK\r\n"))


@fires("mime-ambiguous", "warning")
def a_part_behind_the_last_boundary(c):
    head, body = parts()
    mail(c, head, body + "--a\r\nContent-Type: application/octet-stream\r\n\r\nMZ\r\n")


@fires("mime-ambiguous", "warning", says="multipart/mixed")
def boundary_of_both(c):
    inner = "--a\r\nContent-Type: multipart/mixed; boundary=a\r\nContent-Transfer-Encoding: 7bit\r\n\r\n--a\r\n"
    mail(c, *parts(around=inner))


@fires("mime-ambiguous", "warning")
def tiny_lines_of_base64(c):
    mail(c, *parts(text="JVBERi\r\n0xLjQK\r\n"))


@fires("mime-ambiguous", "warning")
def file_in_lower_case_hex(c):
    mail(c, *parts(encoding="quoted-printable", text="=25=50=44=46=2d=31=2e=34=0a\r\n"))


@fires("mime-ambiguous", "note", says="message-encoded")
def encoded_message(c):
    mail(c, *parts(around="--a\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA0KDQp4\r\n--a\r\n"))


@silent("mime-ambiguous")
def lines_of_75(c):
    code = base64.b64encode(b"%PDF-1.4\n" + b"x" * 160).decode()
    mail(c, *parts(text="".join(code[at:at + 75] + "\r\n" for at in range(0, len(code), 75))))


@silent("mime-ambiguous")
def text_in_lower_case_hex(c):
    mail(c, header(MIME_Version="1.0", Content_Type="text/plain; charset=", Content_Transfer_Encoding="quoted-printable"), "Gr=c3=bc=c3=9fe\r\n")


@silent("mime-ambiguous")
def text_without_a_subtype(c):
    mail(c, header(MIME_Version="1.0", Content_Type="text"))


@silent("mime-ambiguous")
def parts_as_usual(c):
    mail(c, *parts())


@silent("mime-ambiguous")
def name_in_pieces(c):
    mail(c, *parts(name="attachment;\r\n filename*0*=UTF-8\'\'a%20long;\r\n filename*1*=%20name.pdf"))


@silent("mime-ambiguous")
def file_on_a_server(c):
    mail(c, *parts('multipart/mixed; boundary=a', around="--a\r\nContent-Type: message/external-body; access-type=anon-ftp; site=\"ftp.example.org\"; "
                   "name=\"a.txt\"\r\n\r\nContent-Type: text/plain\r\nContent-ID: <a@example.org>\r\n\r\n--a\r\n"))


@silent("mime-ambiguous")
def headers_in_a_bounce(c):
    mail(c, *parts(around="--a\r\nContent-Type: text/rfc822-headers\r\n\r\nContent-Type: text/plain\r\nFrom: ann@example.com\r\n--a\r\n"))


@silent("mime-ambiguous")
def text_before_the_parts(c):
    mail(c, *parts(around="This is a message in MIME format.\r\n\r\n--a\r\n"))


@fires("message-malicious", "critical", says="name-own-address")
def forged_and_answered_elsewhere(c):
    mail(c, "From: \"boss@example.org\" <x@example.net>\r\n" + header(Reply_To="boss.example@gmail.com"))


@silent("message-malicious", "message-suspicious")
def nothing_wrong(c):
    mail(c)


@fires("message-suspicious", "warning")
def one_strong_sign(c):
    mail(c, "From: Bank <bank@example.com>\r\n" + header())


@silent("message-suspicious", "message-malicious")
def many_weak_signs(c):
    mail(c, header(Subject="Lunch  ", Message_ID="<1@host.example.net>", To="undisclosed-recipients:;", X_Priority="1", X_Mailer="123"))
