"""Messages as their senders' programs write them: header, parts, signatures, links that count clicks.

    letter(...)     any message, as bytes
    campaign(...)   one that a service for newsletters or receipts sent on behalf of somebody

Body hashes in DKIM-Signature fields are right (RFC 6376 3.7); the signatures themselves are not, as nobody has the keys.
"""
import base64
import hashlib
import quopri
import re

TO, NAME = "maria.lang@example.org", "Maria Lang"
DATE = "Tue, 12 May 2026 09:14:07 +0200"


def word(text):
    """A header value, encoded where it must be (RFC 2047)."""
    if all(" " <= c <= "~" for c in text):
        return text
    return " ".join("=?UTF-8?B?%s?=" % base64.b64encode(text[at:at + 12].encode()).decode() for at in range(0, len(text), 12))


def token(*words, n=22):
    """What looks random and is the same each time."""
    return base64.urlsafe_b64encode(hashlib.sha256("\0".join(words).encode()).digest()).decode()[:n].replace("-", "x").replace("_", "y")


def part(kind, content, *, name=None, inline=None, code=None):
    """One part: header and encoded content. `content` is text or bytes."""
    raw = content if isinstance(content, bytes) else content.encode()
    head = "Content-Type: %s%s\r\n" % (kind, "; charset=\"utf-8\"" if isinstance(content, str) else "")
    if name:
        head = head.replace(kind, '%s; name="%s"' % (kind, word(name)), 1) + 'Content-Disposition: attachment; filename="%s"\r\n' % word(name)
    if inline:
        head += "Content-Disposition: inline\r\nContent-ID: <%s>\r\n" % inline
    code = code or ("base64" if isinstance(content, bytes) else "quoted-printable")
    if code == "base64":
        body = base64.encodebytes(raw).replace(b"\n", b"\r\n")
    elif code == "quoted-printable":
        body = quopri.encodestring(raw.replace(b"\r\n", b"\n")).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    else:
        body = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return (head + "Content-Transfer-Encoding: %s\r\n\r\n" % code).encode() + body.rstrip(b"\r\n") + b"\r\n"


def parts(kind, inside, seed):
    """Parts in a multipart."""
    mark = "----=_Part_" + token(kind, seed, n=18)
    lines = b"".join(b"--" + mark.encode() + b"\r\n" + p for p in inside)
    return ('Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (kind, mark)).encode() + lines + ("--%s--\r\n" % mark).encode()


def body_hash(body):
    """Relaxed (RFC 6376 3.4.4)."""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return base64.b64encode(hashlib.sha256(b"".join(line + b"\r\n" for line in lines)).digest()).decode()


def letter(sender, subject, text=None, html=None, *, to=None, files=(), more=(), signed=(), bounce=None, ident=None, date=DATE, code=None):
    """sender: "Name <address>" or (name, address). `more`: further fields. `files`: parts. `signed`: domains that sign it."""
    name, address = sender if isinstance(sender, tuple) else re.match(r"(?:(.*) )?<?([^<>]+)>?$", sender).groups()
    domain = address.rsplit("@", 1)[1]
    shown = [part("text/%s" % kind, content, code=code) for kind, content in (("plain", text), ("html", html)) if content is not None]
    inside = shown[0] if len(shown) == 1 else parts("alternative", shown, subject)
    whole = parts("mixed", [inside] + list(files), subject + "files") if files else inside
    head, body = whole.split(b"\r\n\r\n", 1)
    fields = [("Return-Path", "<%s>" % (address if bounce is None else bounce)),
              ("Received", "from out.%s (out.%s [192.0.2.25])\r\n\tby mx.example.org with ESMTPS id %s\r\n\tfor <%s>; %s" % (domain, domain, token(subject, n=11), TO, date))]
    fields += [("DKIM-Signature", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=s1;\r\n\th=from:subject:date:to:message-id;\r\n\tbh=%s;\r\n\tb=%s"
                % (d, body_hash(body), token(d, subject, n=40))) for d in signed]
    fields += [("From", "%s <%s>" % (word(name) if all(c.isalnum() or c in " -" or c > "~" for c in name) else '"%s"' % name, address) if name else address),
               ("To", to if to is not None else "%s <%s>" % (NAME, TO)), ("Subject", word(subject)), ("Date", date),
               ("Message-ID", ident or "<%s@%s>" % (token(subject, address), domain)), ("MIME-Version", "1.0")] + list(more)
    return "".join("%s: %s\r\n" % f for f in fields if f[1]).encode() + head + b"\r\n\r\n" + body


# ---- services that send for others: (return path, Message-ID, domains that sign, a link that counts, fields) --------

def tagged(address): return address.replace("@", "=")


def coded(text): return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


SERVICES = {
    # the sender's own programs
    "own": lambda d, k: dict(bounce="bounce+%s@%s" % (tagged(TO), d), signed=[d], link=lambda p: "https://www.%s/%s" % (d, p), more=[]),
    # a large one: links below the sender's name, or below its own
    "grid": lambda d, k: dict(bounce="bounces+1234567-%s-%s@em4321.%s" % (token(k, n=4), tagged(TO), d), signed=[d, "sendgrid.info"],
                              link=lambda p: "https://u1234567.ct.sendgrid.net/ls/click?upn=u001.%s%s" % (token(p, n=40), token(k, p, n=40)), more=[]),
    "branded": lambda d, k: dict(bounce="bounces+1234567-%s-%s@em4321.%s" % (token(k, n=4), tagged(TO), d), signed=[d],
                                 link=lambda p: "https://url4321.%s/ls/click?upn=u001.%s%s" % (d, token(p, n=40), token(k, p, n=40)), more=[]),
    "monkey": lambda d, k: dict(bounce="bounce-mc.us1_12345.678-%s@mail12.suw11.mcsv.net" % tagged(TO), signed=[d, "mailchimpapp.net"],
                                ident="<%s@mail12.suw11.mcsv.net>" % token(k, n=40),
                                link=lambda p: "https://%s.us1.list-manage.com/track/click?u=%s&id=%s&e=%s" % (d.split(".")[0], token(d, n=20).lower(), token(p, n=10).lower(), token(TO, n=10).lower()),
                                more=[("X-Mailer", "Mailchimp Mailer - **CID%s**" % token(k, n=10).lower()), ("Reply-To", "<hello@%s>" % d),
                                      ("List-ID", "%smc list <1234.list-id.mcsv.net>" % token(d, n=20).lower()),
                                      ("List-Unsubscribe", "<https://%s.us1.list-manage.com/unsubscribe?u=1&id=2&e=3>" % d.split(".")[0]),
                                      ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]),
    "cloud": lambda d, k: dict(bounce="0102018f%s-000000@eu-west-1.amazonses.com" % token(k, n=20).lower(), signed=[d, "amazonses.com"],
                               ident="<0102018f%s-000000@eu-west-1.amazonses.com>" % token(k, n=20).lower(),
                               link=lambda p: "https://k3x9q7.r.eu-west-1.awstrack.me/L0/https:%%2F%%2Fwww.%s%%2F%s/1/0102018f%s/%s=434" % (d, p, token(k, p, n=20), token(p, n=27)), more=[]),
    # one that nobody has heard of: everything of it is elsewhere, and the recipient's address is in its links
    "small": lambda d, k: dict(bounce="b-%s@bounce.mailer.example.net" % token(k, n=12).lower(), signed=[d, "mailer.example.net"],
                               ident="<%s@mailer.example.net>" % token(k),
                               link=lambda p: "https://t.mailer.example.net/c/%s/%s?e=%s" % (token(p, n=30), token(k, p, n=12), coded(TO)),
                               more=[("List-Unsubscribe", "<https://t.mailer.example.net/u/%s>, <mailto:u-%s@mailer.example.net>" % (coded(TO), token(k, n=9)))]),
    "force": lambda d, k: dict(bounce="bounce-12_HTML-3456-78-90-1@bounce.e.%s" % d, signed=["e." + d],
                               link=lambda p: "https://click.e.%s/?qs=%s%s" % (d, hashlib.sha256(p.encode()).hexdigest(), hashlib.md5(k.encode()).hexdigest()),
                               more=[("Reply-To", "Service <reply-fe5b10707c6d0175751d-12_HTML-3456-78-90-1@e.%s>" % d),
                                     ("List-Unsubscribe", "<https://click.e.%s/subscription_center.aspx?jwt=%s>" % (d, token(k, n=30))), ("X-CSA-Complaints", "csa-complaints@eco.de")]),
}

UNSUBSCRIBE = {"en": "Unsubscribe", "de": "Abmelden", "fr": "Se désinscrire", "es": "Darse de baja", "pt": "Cancelar inscrição", "ja": "配信停止"}


def campaign(service, sender, subject, preview, lines, button, *, lang="en", paths=("account",), pixel=True, more=(), files=(), reply=None, plain=True, pictures=1):
    """`preview`: the line that lists of messages show and the page hides."""
    name, address = re.match(r"(.*) <([^<>]+)>$", sender).groups()
    domain = ".".join(address.rsplit("@", 1)[1].split(".")[-2:])
    s = SERVICES[service](domain, subject)
    link = s["link"]
    html = ['<!DOCTYPE html><html lang="%s"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>%s</title>'
            '<style>body{margin:0}.btn{background:#0a6;color:#fff}@media only screen and (max-width:600px){.w{width:100%%}}</style></head>'
            '<body style="background-color:#f4f4f4"><div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:#f4f4f4">%s%s</div>'
            '<table role="presentation" width="600" class="w" style="background:#ffffff"><tr><td>' % (lang, subject, preview, "&nbsp;&zwnj;" * 40)]
    html += ['<a href="%s"><img src="https://static.%s/img/%d.png" width="600" height="200" alt="%s"></a>' % (link("p%d" % i), domain, i, name) for i in range(pictures)]
    html += ["<p style=\"color:#333333;font-size:16px\">%s</p>" % line for line in lines]
    html += ['<p><a class="btn" href="%s" style="color:#ffffff;background-color:#00aa66;padding:12px">%s</a></p>' % (link(path), button) for path in paths]
    html += ['<p style="font-size:11px;color:#888888">%s, Hafenstr. 7, 20457 Hamburg. <a href="%s">%s</a> | <a href="https://www.%s/privacy">%s</a></p></td></tr></table>'
             % (name, link("unsubscribe"), UNSUBSCRIBE[lang], domain, "Privacy")]
    if pixel:
        html.append('<img src="%s" width="1" height="1" alt="" style="height:1px;width:1px;border:0">' % link("open.gif"))
    text = "\n\n".join([subject] + [re.sub("<[^>]*>", "", line) for line in lines] + ["%s: %s" % (button, link(path)) for path in paths] +
                       ["%s: %s" % (UNSUBSCRIBE[lang], link("unsubscribe"))])
    fields = [f for f in s["more"] if not (reply and f[0] == "Reply-To")] + ([("Reply-To", reply)] if reply else []) + list(more)
    return letter((name, address), subject, text if plain else None, "\n".join(html) + "</body></html>", files=files, bounce=s["bounce"], signed=s["signed"],
                  ident=s.get("ident"), more=fields)
