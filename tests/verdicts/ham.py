"""Mail of today that nobody has to be warned of: newsletters, receipts, resets of passwords, parcels, invoices, lists, invitations.

Senders are invented; large services stand with their own names where a check knows them. Many use the words that fraud uses, because
fraud copies them.
"""
import qr
from letters import DATE, NAME, TO, campaign, coded, letter, part, parts, token

HAM = []


def add(kind, message):
    HAM.append(("%02d %s" % (len(HAM) + 1, kind), message))


def news(service, sender, subject, preview, lines, button, **more):
    add("newsletter %s" % service, campaign(service, sender, subject, preview, lines, button, **more))


def notice(service, sender, subject, preview, lines, button, **more):
    add("notice %s" % service, campaign(service, sender, subject, preview, lines, button, pictures=more.pop("pictures", 1), **more))


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\nxref\n0 3\n0000000000 65535 f \n" \
      b"trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n120\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\6\0\0\0\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\1\0\0\5\0\1\r\n-\xb4\0\0\0\0IEND\xaeB`\x82"

# ---- shops and newsletters ------------------------------------------------------------------------------------------

news("monkey", "Kornblume <hello@kornblume.example>", "Last chance: 20 % off everything, ends tonight", "Our spring sale ends at midnight. Do not miss it, dear friends of flowers!",
     ["Hello Maria,", "this is your last chance to get 20 % off on all seeds and bulbs. The offer expires today at midnight.", "Congratulations to everybody who already planted their garden."], "Shop now")
news("grid", "Nordlicht Optik <news@nordlicht.example>", "Herzlichen Glückwunsch zum Geburtstag, Maria!", "Wir schenken Ihnen einen Gutschein im Wert von 10 Euro, nur noch heute.",
     ["Liebe Maria Lang,", "herzlichen Glückwunsch! Zu Ihrem Geburtstag erhalten Sie einen Einkaufsgutschein. Einfach im Kundenkonto einlösen, nur noch heute."], "Gutschein einlösen", lang="de")
news("force", "Möbelwerk <newsletter@e.moebelwerk.example>", "Nur noch heute: Gewinnspiel und 15 % auf alle Betten", "Letzte Chance auf das große Gewinnspiel. Jetzt mitmachen und ein Boxspringbett gewinnen.",
     ["Guten Tag,", "nehmen Sie an unserem Gewinnspiel teil. Letzte Chance! Die Gewinner benachrichtigen wir umgehend."], "Jetzt mitmachen", lang="de", pictures=3)
news("branded", "Maison Verte <bonjour@maisonverte.example>", "Dernier rappel : vos 15 € offerts expirent ce soir", "Un bon d'achat de 15 € vous attend dans votre espace client jusqu'à ce soir.",
     ["Bonjour Maria,", "votre bon d'achat de 15 € expire ce soir. Retrouvez-le dans votre espace client.", "À très vite !"], "J'en profite", lang="fr")
news("small", "Librería Azul <novedades@libreriaazul.example>", "Último aviso: envío gratis hasta el domingo", "Has ganado puntos con tu última compra. Canjéalos antes del domingo.",
     ["Hola María:", "has ganado 120 puntos con tu última compra. Último aviso para canjearlos, no esperes más."], "Canjear puntos", lang="es")
news("cloud", "Café do Sul <ola@cafedosul.example>", "Seus pontos vencem amanhã, Maria", "Última chance de trocar seus pontos por um pacote de café especial.",
     ["Olá, Maria!", "seus 340 pontos vencem amanhã. É a última chance: troque por um pacote de café especial."], "Trocar pontos", lang="pt")
news("small", "さくら書店 <info@sakura-shoten.example>", "【本日限り】全品ポイント10倍キャンペーンのお知らせ", "本日23時59分まで。対象の本をご購入のお客様に、ポイントを10倍差し上げます。",
     ["マリア様", "いつもご利用いただきありがとうございます。本日限り、全品ポイント10倍です。"], "キャンペーンを見る", lang="ja")
news("grid", "Trail & Peak <gear@trailpeak.example>", "You have been chosen for our tester club", "Take this short survey and claim your tester jacket, only for members.",
     ["Hi Maria,", "you have been chosen to test our new rain jacket. Take this survey (two minutes) and claim your place.", "Congratulations and see you outside!"], "Take the survey")
news("monkey", "The Weekly Byte <editor@weeklybyte.example>", "Phishing is getting smarter: how to spot it", "This week: what attackers write, and how to verify your accounts are safe.",
     ["Attackers write that your account has been suspended, or that unusual activity was seen, and ask you to verify your account within 24 hours.",
      "Bitcoin rose again; a lottery of tokens went wrong. Read why <a href=\"https://en.wikipedia.org/wiki/Phishing\">phishing</a> works."], "Read online")
news("branded", "Fondation Lumière <lettre@lumiere.example>", "Votre don change des vies", "Merci à nos 4 000 donateurs : 2 millions d'euros récoltés pour les enfants.",
     ["Chère Madame Lang,", "grâce à vous, 2 millions d'euros ont été récoltés. Chaque don compte."], "Faire un don", lang="fr")
news("force", "Bank Alster <info@e.bankalster.example>", "Ihre neue Bank-App ist da", "Jetzt pushTAN einrichten und Daten aktualisieren: so geht es.",
     ["Sehr geehrte Frau Lang,", "mit der neuen App geben Sie Aufträge mit pushTAN frei. Wir fragen Sie nie in einer E-Mail nach Ihrer PIN.",
      "Bitte prüfen Sie im Online-Banking, ob Ihre Daten aktuell sind."], "Mehr erfahren", lang="de")
news("small", "Kinderhilfe Nord <post@kinderhilfe-nord.example>", "Ihre Spende kommt an", "Bericht aus dem Projekt, mit Bildern der neuen Schule in Togo.",
     ["Liebe Frau Lang,", "in Togo wurde die Schule eröffnet. Charity lebt von Menschen wie Ihnen."], "Zum Bericht", lang="de", pictures=4)
news("cloud", "Streamhaus <hallo@streamhaus.example>", "Neu im Mai: 12 Serien, die Sie nicht verpassen sollten", "Nicht verpassen: die neue Staffel startet am Freitag.",
     ["Hallo Maria,", "nicht verpassen! Am Freitag startet die neue Staffel."], "Jetzt ansehen", lang="de", pictures=6)
news("grid", "Casa Rosa <olá@casarosa.example>".replace("olá", "ola"), "Parabéns! Você ganhou frete grátis", "Em até 24 horas seu cupom estará ativo.", ["Parabéns, Maria!", "você ganhou frete grátis. O cupom vale em até 24 horas."],
     "Usar cupom", lang="pt", plain=False)
add("newsletter picture with few words", letter("Glanz Kosmetik <news@glanz.example>", "Sale bis -50 %", None,
    '<html><body><a href="https://click.e.glanz.example/?qs=%s"><img src="https://image.e.glanz.example/lib/sale.jpg" width="640" height="1200" alt="Sale"></a>'
    '<p><a href="https://click.e.glanz.example/unsub?e=%s">Abmelden</a></p></body></html>' % (token("glanz", n=40), coded(TO)), signed=["glanz.example"],
    bounce="bounce-1@bounce.e.glanz.example", more=[("List-Unsubscribe", "<https://click.e.glanz.example/unsub?e=%s>" % coded(TO))]))

# ---- accounts -------------------------------------------------------------------------------------------------------

notice("grid", "Taskboard <no-reply@taskboard.example>", "Reset your password", "Someone asked to reset the password of your account.",
       ["Hi Maria,", "we received a request to reset your password. This link expires in 24 hours. If you did not make this request, ignore this email."], "Reset password", pictures=0)
notice("own", "Postfachdienst <noreply@postfachdienst.example>", "Bitte bestätigen Sie Ihre E-Mail-Adresse", "Ein Klick, und Ihr Konto ist fertig.",
       ["Guten Tag Maria Lang,", "bestätigen Sie Ihre E-Mail-Adresse innerhalb von 24 Stunden, sonst wird die Anmeldung gelöscht."], "E-Mail-Adresse bestätigen", lang="de", pictures=0)
notice("cloud", "Cloudkammer <team@cloudkammer.example>", "Verify your email address", "Please verify your email to finish signing up.",
       ["Welcome!", "Please verify your email address to activate your account. Verify your email within 24 hours."], "Verify email", pictures=1)
notice("branded", "Bank Alster <sicherheit@bankalster.example>", "Neue Anmeldung an Ihrem Konto", "Waren Sie das? Dann ist nichts zu tun.",
       ["Sehr geehrte Frau Lang,", "es gab eine Anmeldung mit einem neuen Gerät: Firefox unter Linux, Hamburg. Waren Sie es nicht, sperren Sie den Zugang umgehend."], "Aktivität prüfen", lang="de")
notice("small", "Videoclub <hola@videoclub.example>", "No pudimos procesar tu pago: accion requerida", "Actualiza tu forma de pago para seguir viendo.",
       ["Hola:", "no pudimos cobrar tu suscripción. Acción requerida: actualiza tu forma de pago dentro de 24 horas."], "Actualizar pago", lang="es", pictures=1)
notice("grid", "Streamhaus <billing@streamhaus.example>", "Payment failed: update your payment method", "Your subscription continues as soon as the payment works.",
       ["Hi Maria,", "your last payment was declined. Please update your payment details to avoid interruption. Action required within 72 hours."], "Update payment")
notice("own", "Speicherbox <storage@speicherbox.example>", "Your storage is full", "92 of 100 GB used.", ["Your cloud storage is almost full.", "Upgrade, or free some space: storage limit reached soon."], "Manage storage")
notice("force", "Assurances du Port <contact@e.assurancesduport.example>", "Mise à jour de votre contrat", "Votre espace client a changé.",
       ["Bonjour,", "une mise à jour de votre contrat est disponible dans votre espace client. Veuillez en prendre connaissance."], "Voir mon contrat", lang="fr")
notice("own", "Código Postal <seguridad@codigopostal.example>", "Actividad inusual en su cuenta", "Inicio de sesión desde un dispositivo nuevo.",
       ["Estimada María:", "detectamos actividad inusual. Si fue usted, no haga nada. Si no, cambie su contraseña inmediatamente."], "Revisar actividad", lang="es", pictures=0)
notice("cloud", "Nuvem Clara <suporte@nuvemclara.example>", "Confirme seu e-mail", "Falta pouco para começar.", ["Olá!", "confirme seu e-mail nas próximas 24 horas para ativar a conta."], "Confirmar e-mail", lang="pt")
notice("small", "日の出銀行 <info@hinode-bank.example>", "【日の出銀行】ログインのお知らせ", "お客様の口座にログインがありました。", ["マリア様", "新しい端末からログインがありました。お心当たりのない場合はご連絡ください。"], "詳細を見る", lang="ja")
add("code for signing in", letter("Kassenwart <login@kassenwart.example>", "Your code is 481 920", "Your code is 481 920. It expires in 10 minutes.\r\nIf you did not try to sign in, change your password.\r\n", signed=["kassenwart.example"]))
add("password of a portal expires", letter("IT Service Desk <servicedesk@example.org>", "Your password expires in 7 days",
    "Dear Maria Lang,\r\n\r\nyour password expires in 7 days. Press Ctrl+Alt+Del and choose \"Change a password\",\r\nor go to https://portal.example.org/password\r\n\r\nIT Service Desk, extension 4100\r\n", signed=["example.org"]))
add("quarantine report of the own server", letter("Mail Gateway <postmaster@example.org>", "Quarantine report: 2 messages on hold",
    None, '<html><body><p>2 quarantined messages are on hold for maria.lang@example.org.</p><table><tr><td>offers@example.net</td><td>Cheap watches</td>'
    '<td><a href="https://mailgate.example.org/release?id=1&rcpt=maria.lang%40example.org">Release</a></td></tr></table></body></html>', signed=["example.org"]))

# ---- orders, parcels, invoices --------------------------------------------------------------------------------------

notice("cloud", "Kaufladen <bestellung@kaufladen.example>", "Ihre Bestellung 302-118 ist unterwegs", "Ihr Paket kommt am Donnerstag.",
       ["Hallo Maria Lang,", "Ihre Lieferung ist unterwegs. Sendungsnummer 00340434161094015902. Ihre Sendung trifft am Donnerstag ein."], "Sendung verfolgen", lang="de")
notice("own", "Eilboten <noreply@eilboten.example>", "Ihr Paket konnte nicht zugestellt werden", "Abholung ab morgen im Paketshop.",
       ["Guten Tag,", "wir haben Sie nicht angetroffen. Ihr Paket liegt ab morgen 10 Uhr im Paketshop, Hafenstr. 7. Ihre Sendung bewahren wir sieben Tage auf."], "Abholort zeigen", lang="de")
notice("grid", "QuickShip <tracking@quickship.example>", "Delivery attempt: we missed you", "Reschedule your delivery in two clicks.",
       ["Hi Maria,", "we could not deliver your package today. Reschedule delivery, or pick it up at the depot. Tracking number 1Z 999 AA1 01 2345 6784."], "Reschedule delivery")
notice("small", "Colis Malin <suivi@colismalin.example>", "Votre colis arrive demain", "Suivez votre colis en direct.", ["Bonjour Maria,", "votre colis arrive demain entre 9h et 12h. Aucun frais de livraison n'est dû."], "Suivre mon colis", lang="fr")
notice("branded", "Correio Rápido <avisos@correiorapido.example>", "Sua encomenda saiu para entrega", "Acompanhe em tempo real.", ["Olá, Maria!", "sua encomenda saiu para entrega. Rastreamento do objeto: BR123456789."], "Acompanhar", lang="pt")
notice("monkey", "Töpferei Lehm <shop@toepferei-lehm.example>", "Danke für Ihre Bestellung", "Ihre Rechnung liegt bei.", ["Liebe Frau Lang,", "vielen Dank. Ihre Zahlungsdaten haben wir erhalten, die Rechnung liegt bei."], "Zum Kundenkonto",
       lang="de", files=[part("application/pdf", PDF, name="Rechnung-2026-118.pdf")])
notice("grid", "Ride On <receipts@rideon.example>", "Your Tuesday trip with Ride On", "Total EUR 14.20", ["Thanks for riding, Maria.", "You have been charged EUR 14.20. Transaction ID 8841. Contact us at any time."], "Get a receipt")
notice("own", "Stadtwerke Elbtal <rechnung@stadtwerke-elbtal.example>", "Ihre Rechnung für April", "Im Anhang.", ["Sehr geehrte Frau Lang,", "die Rechnung liegt bei. Bitte begleichen Sie den Betrag bis 31. Mai per Überweisung."], "Zum Portal",
       lang="de", files=[part("application/pdf", PDF, name="Rechnung_04_2026.pdf")])
notice("force", "Fluglinie Nord <reservierung@e.fluglinie-nord.example>", "Online-Check-in ist offen: HAM nach LIS", "Letzter Hinweis: bitte innerhalb von 24 Stunden einchecken.",
       ["Guten Tag Frau Lang,", "Ihr Flug startet innerhalb von 24 Stunden. Letzter Hinweis: checken Sie jetzt ein."], "Einchecken", lang="de")
notice("small", "Hotel Miramar <reservas@hotelmiramar.example>", "Confirme su reserva", "Le esperamos en junio.", ["Estimada señora Lang:", "confirme su reserva con una transferencia bancaria de 120 euros dentro de 48 horas, o por teléfono."], "Ver reserva", lang="es")
notice("cloud", "さくらストア <order@sakura-store.example>", "ご注文ありがとうございます(注文番号 250-118)", "商品の発送準備に入りました。", ["マリア・ラング様", "ご注文ありがとうございます。発送後に追跡番号をお知らせします。"], "注文を確認する", lang="ja")
add("invoice by a craftsman at a freemail address", letter("Tischlerei Brandt <tischlerei.brandt@gmx.de>", "Rechnung 2026-31", "Hallo Frau Lang,\r\n\r\nanbei die Rechnung für die Fenster. Bitte überweisen Sie den Betrag\r\n"
    "auf das bekannte Konto.\r\n\r\nGruß\r\nJens Brandt\r\nTel. 040 555 0123\r\n", files=[part("application/pdf", PDF, name="Rechnung 2026-31.pdf")], signed=["gmx.de"], ident="<trinity-1234@3c-app-gmx-bs35>"))
add("statement with an encrypted file", letter("Bank Alster <kontoauszug@bankalster.example>", "Ihr Kontoauszug", "Sehr geehrte Frau Lang,\r\n\r\nIhr Auszug liegt bei. Er öffnet sich mit dem Kennwort, das Sie\r\nin der Filiale festgelegt haben.\r\n",
    files=[part("application/pdf", PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 4 0 R"), name="Auszug.pdf")], signed=["bankalster.example"]))
add("receipt of a shop with reply elsewhere", campaign("grid", "Velo Nord <shop@velonord.example>", "Order confirmation #7781", "Thank you for your order.",
    ["Thank you for your order, Maria.", "Shipping address: Hafenstr. 7, 20457 Hamburg. Invoice number 7781."], "View order", reply="Velo Nord <velonord@gmail.com>"))

# ---- services at work -----------------------------------------------------------------------------------------------

GITHUB = [("List-ID", "acme/tools <tools.acme.github.com>"), ("List-Unsubscribe", "<https://github.com/notifications/unsubscribe/%s>" % token("gh", n=40)), ("X-GitHub-Sender", "jdoe"),
          ("Reply-To", "acme/tools <reply+%s@reply.github.com>" % token("reply", n=40)), ("In-Reply-To", "<acme/tools/pull/12@github.com>"), ("References", "<acme/tools/pull/12@github.com>")]
add("pull request", letter("Jane Doe <notifications@github.com>", "Re: [acme/tools] Verify account tokens on login (PR #12)", "@jdoe commented on this pull request.\r\n\r\n> +    return False\r\n\r\nThis will permanently delete the key, please use a soft delete.\r\n\r\n-- \r\n"
    "Reply to this email directly or view it on GitHub:\r\nhttps://github.com/acme/tools/pull/12\r\n", '<p><b>@jdoe</b> commented on this pull request.</p><div style="display:none">hidden summary for screen readers only</div>'
    '<p>Reply to this email directly, <a href="https://github.com/acme/tools/pull/12">view it on GitHub</a>.<img src="https://github.com/notifications/beacon/A.gif" height="1" width="1" alt="" /></p>', more=GITHUB,
    signed=["github.com"], to="acme/tools <tools@noreply.github.com>"))
add("shared document", letter("Paul Klein (via Google Docs) <drive-shares-dm-noreply@google.com>", "Document shared with you: \"Budget 2026\"", "Paul Klein shared a document with you:\r\nhttps://docs.google.com/document/d/%s/edit?usp=sharing\r\n" % token("doc", n=40),
    '<html><body><p>Paul Klein shared a document with you</p><p><a href="https://docs.google.com/document/d/%s/edit?usp=sharing_eil_m">Open</a></p></body></html>' % token("doc", n=40),
    more=[("Reply-To", "Paul Klein <paul.klein@example.com>")], signed=["google.com"], ident="<autogen-java-1@google.com>"))
add("chat at work", letter("Microsoft Teams <noreply@email.teams.microsoft.com>", "Ravi sent you a message in Teams", None, '<html><body><p>Ravi sent you a message. You have 3 missed calls and activity messages.</p><p><a href="https://teams.microsoft.com/l/message/19:a@thread.v2/1">'
    'Reply in Teams</a></p><p>This email was sent from an unmonitored mailbox. Update your email preferences.</p></body></html>', signed=["email.teams.microsoft.com"]))
add("voicemail of the own telephone system", letter("Phone System <pbx@example.org>", "New voicemail from 040 555 0199", "You have a new voice message of 0:42 from 040 555 0199.\r\n", files=[part("audio/x-wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + bytes(24), name="voicemail.wav")], signed=["example.org"]))
add("scan of the copier", letter("copier@example.org", "Message from KM_C308", "DEVICE NAME: KM_C308\r\nDEVICE MODEL: C308\r\n", files=[part("application/pdf", PDF, name="SKM_C30826051209140.pdf")]))
add("contract to sign", campaign("own", "Signaturo <dse@signaturo.example>", "Please review and sign: lease 2026", "Paul Klein sent you a document to review and sign.",
    ["Paul Klein (paul.klein@example.com) sent you a document to review and sign.", "Review document before 20 May."], "Review document", reply="Paul Klein <paul.klein@example.com>", pixel=False))
add("calendar", letter("Paul Klein <paul.klein@example.com>", "Invitation: Budget 2026 @ Wed 13 May 2026 10:00", "You have been invited to the following event.\r\nJoin: https://meet.example.com/abc-defg-hij\r\n",
    files=[part('text/calendar; method=REQUEST', "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@example.com\r\nORGANIZER;CN=Paul Klein:mailto:paul.klein@example.com\r\nATTENDEE;RSVP=TRUE:mailto:%s\r\n"
                "DTSTART:20260513T080000Z\r\nDTEND:20260513T090000Z\r\nSUMMARY:Budget 2026\r\nDESCRIPTION:Join: https://meet.example.com/abc-defg-hij\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n" % TO, name="invite.ics")], signed=["example.com"]))
add("tracker of tasks", letter("Jira <jira@example.atlassian.net>", "[JIRA] (OPS-118) Renew certificate: immediate action", "Paul Klein assigned OPS-118 to you.\r\n\r\nhttps://example.atlassian.net/browse/OPS-118\r\nUrgent action before Friday.\r\n",
    more=[("Importance", "High"), ("X-Priority", "1")], signed=["example.atlassian.net"], bounce="bounces+1-a@example.atlassian.net"))
add("monitoring", letter("Nagios <nagios@mon1.example.org>", "** PROBLEM Service Alert: web1/HTTP is CRITICAL **", "Notification Type: PROBLEM\r\nService: HTTP\r\nHost: web1\r\nAddress: 10.1.2.3\r\nhttp://10.1.2.9/nagios/cgi-bin/status.cgi?host=web1\r\n"))
add("files by a service", campaign("own", "Dateibote <noreply@dateibote.example>", "paul.klein@example.com sent you files via Dateibote", "3 files, 220 MB in total, expires in 7 days.",
    ["paul.klein@example.com shared a file with you: plan.zip", "Files will be deleted forever on 19 May."], "Get your files", reply="paul.klein@example.com"))
add("survey", campaign("small", "People Team <people@example.org>", "Last reminder: employee survey closes today", "Two minutes, anonymous.", ["Dear colleagues,", "last reminder: please take this survey. It closes today."], "Take the survey"))
add("job portal", campaign("force", "Stellenmarkt <jobs@e.stellenmarkt.example>", "12 neue Stellen für Sie", "Buchhalter, Hamburg und weitere.", ["Guten Tag,", "wir haben 12 neue Stellen. Umgehend bewerben lohnt sich."], "Stellen ansehen", lang="de"))
add("social network", campaign("own", "Kontaktnetz <messages-noreply@kontaktnetz.example>", "Paul Klein möchte Sie als Kontakt", "Annehmen oder ablehnen.", ["Paul Klein wartet auf Ihre Antwort."], "Annehmen", lang="de"))
add("webinar", campaign("monkey", "Datenschule <kurse@datenschule.example>", "Action required: confirm your seat for tomorrow", "Join by Zoom, link inside.", ["Hi Maria,", "action required: confirm your seat within 24 hours. The room is https://zoom.us/j/5550123?pwd=%s" % token("zoom", n=20)], "Confirm my seat"))

# ---- people and lists -----------------------------------------------------------------------------------------------

LIST = [("List-Id", "Talk about gardens <garden-talk.lists.example.net>"), ("List-Unsubscribe", "<mailto:garden-talk-leave@lists.example.net>"), ("List-Post", "<mailto:garden-talk@lists.example.net>"),
        ("Precedence", "list"), ("Sender", "Garden-talk <garden-talk-bounces@lists.example.net>"), ("In-Reply-To", "<1@example.com>"), ("References", "<1@example.com>")]
add("list", letter("Tom Gardener via Garden-talk <garden-talk@lists.example.net>", "Re: [Garden-talk] Bitcoin miners and greenhouse heat", "On Monday Ann wrote:\r\n> My neighbour heats his greenhouse with a bitcoin miner.\r\n\r\nThe ethereum people did that too. See https://bit.ly/3abcDEF\r\n",
    more=LIST + [("Reply-To", "Tom Gardener <tom@gmail.com>")], to="garden-talk@lists.example.net", bounce="garden-talk-bounces+maria=example.org@lists.example.net"))
add("list, answers at the writer", letter("Olga <olga.tuner@mail.ru>", "[Garden-talk] Hello, may I ask a favour?", "Hello all,\r\n\r\nare you available on Saturday for the seed swap? I need a favour: a van.\r\n", more=LIST, to="garden-talk@lists.example.net", bounce="garden-talk-bounces@lists.example.net"))
add("a friend with a link", letter("Jo <jo.meyer@gmail.com>", "photos", "Hi Maria,\r\n\r\nthe photos are here: https://drive.google.com/drive/folders/%s?usp=sharing\r\nCongratulations again to you two!\r\n\r\nJo\r\n" % token("folder", n=30), '<div dir="ltr">Hi Maria,<br><br>the photos are here: '
    '<a href="https://drive.google.com/drive/folders/%s?usp=sharing">https://drive.google.com/drive/folders/%s?usp=sharing</a><br>Congratulations again to you two!<br></div>' % ((token("folder", n=30),) * 2), signed=["gmail.com"], ident="<CAK%s@mail.gmail.com>" % token("jo", n=40)))
add("club by hidden copies", letter("TSV Elbtal <tsv.elbtal.vorstand@gmail.com>", "Einladung Mitgliederversammlung", "Liebe Mitglieder,\r\n\r\ndie Versammlung ist am 30. Mai um 19 Uhr im Vereinsheim.\r\nAntworten bitte an Sabine.\r\n", to="undisclosed-recipients:;",
    more=[("Reply-To", "Sabine <sabine.tsv@web.de>")], signed=["gmail.com"], ident="<CAM%s@mail.gmail.com>" % token("tsv", n=40)))
add("forwarded", letter("Paul Klein <paul.klein@example.com>", "FW: Your invoice", "FYI\r\n\r\n-----Original Message-----\r\nFrom: Velo Nord <shop@velonord.example>\r\nSubject: Your invoice\r\n\r\nThank you for your order. Invoice number 7781, see https://www.velonord.example/orders\r\n", signed=["example.com"]))
add("answer of a ticket system", letter("Velo Nord Support <support@velonord.example>", "Re: [#4711] Where is my parcel?", "Hi Maria,\r\n\r\nyour package left today, tracking number 1Z 999. Sorry for the wait!\r\n\r\n##- Please type your reply above this line -##\r\n", signed=["velonord.example"],
    ident="<4711.reply@velonord.zendesk.com>", bounce="support@velonord.zendesk.com"))
add("boss with a question", letter("Paul Klein <paul.klein@example.org>", "Quick question", "Hi Maria,\r\n\r\nare you in the office today? I am in a meeting until 11, then let us talk about the budget.\r\n\r\nPaul\r\n", signed=["example.org"]))
add("boss from his private address", letter("Paul Klein <paul.klein.hh@gmail.com>", "Keys", "Hi Maria, forgot my laptop. Are you in the office? Please tell Ravi that I am late. Paul\r\n", signed=["gmail.com"], ident="<CAP%s@mail.gmail.com>" % token("paul", n=40)))
add("named like a brand", letter("Emma Chase <emma.chase@example.com>", "Minutes", "Hi all,\r\n\r\nthe minutes are at https://wiki.example.com/minutes. Please verify your details in the table.\r\n\r\nEmma Chase\r\n", signed=["example.com"]))
add("supplier with a new account", letter("Buchhaltung <buchhaltung@lieferant.example>", "Neue Bankverbindung ab Juni", "Sehr geehrte Damen und Herren,\r\n\r\nab 1. Juni gilt unsere neue Bankverbindung. Einzelheiten im beigefügten Schreiben;\r\nrufen Sie bei Fragen unter der bekannten Nummer an.\r\n",
    files=[part("application/pdf", PDF, name="Bankverbindung.pdf")], signed=["lieferant.example"]))
add("bounce", letter("Mail Delivery System <MAILER-DAEMON@mx.example.org>", "Undelivered Mail Returned to Sender", "This is the mail system at host mx.example.org.\r\n\r\nYour message could not be delivered to one or more recipients.\r\n\r\n<bob@example.net>: host mx.example.net said: 550 5.1.1 User unknown\r\n",
    bounce="", more=[("Auto-Submitted", "auto-replied")]))
add("cron", letter("Cron Daemon <root@web1>", "Cron <root@web1> /usr/local/bin/backup", "backup: 118 files, 2.1 GB\r\n"))
add("away", letter("Ravi Nair <ravi@example.com>", "Automatic reply: Budget", "I am away until 18 May. In urgent cases contact Paul Klein, paul.klein@example.com.\r\n", more=[("Auto-Submitted", "auto-replied"), ("In-Reply-To", "<1@example.org>")], signed=["example.com"]))
add("report of abuse", letter("CERT Elbtal <cert@example.edu>", "Phishing wave: what to look for", "Dear colleagues,\r\n\r\nthe mails say that your mailbox is full and ask to verify your account within 24 hours at\r\nhxxps://login-example[.]com/owa. Please report them to cert@example.edu.\r\n", signed=["example.edu"]))
add("security update", letter("Paketdienst <advisories@distro.example>", "[SECURITY] trojan horse in a build script", "An attacker gained access to your operating system if you ran it. Remote access was possible; keyloggers were not found.\r\nDetails: https://distro.example/security/118\r\nSHA256: %s\r\n" % ("0a" * 32),
    more=[("List-Id", "<security-announce.distro.example>")], bounce="bounce@lists.distro.example"))
add("school", letter("Sekretariat <sekretariat@schule-elbtal.example>", "Wandertag", "Liebe Eltern,\r\n\r\nbitte überweisen Sie 12 Euro umgehend. Formular: https://forms.office.com/r/%s\r\n" % token("form", n=10), signed=["schule-elbtal.example"]))
add("court of law, signed", letter("Kanzlei Hafen <kanzlei@kanzlei-hafen.example>", "Erbsache Lang", "Sehr geehrte Frau Lang,\r\n\r\nin der Erbsache Ihrer Großmutter bitten wir um eine Kopie Ihres Ausweises\r\nund Ihre Telefonnummer. Die Erbschaft beträgt 40.000 Euro.\r\n", signed=["kanzlei-hafen.example"]))

# ---- harder: senders with several sites, services of others, links that somebody wrapped ------------------------------

add("sends from a second site", letter("Kaufladen <service@kaufladen-mail.example>", "Bitte bestätigen Sie Ihr Konto", "Guten Tag,\r\n\r\nbitte bestätigen Sie Ihr Konto innerhalb von 24 Stunden: https://www.kaufladen.example/bestaetigen?t=%s\r\n" % token("kl", n=30), signed=["kaufladen-mail.example"]))
add("sends from a company of another name", letter("Sonnenkonto <no-reply@sonnenkonto.example>", "Verify your email address", None, '<html><body><div style="display:none">one click and you are ready to start with us</div><p>Hello Maria,</p><p>please verify your email within 24 hours.</p>'
    '<p><a href="https://login.identitaet.example.com/verify?token=%s">Verify email</a></p></body></html>' % token("sk", n=30), signed=["sonnenkonto.example", "identitaet.example.com"], bounce="b@identitaet.example.com"))
add("links wrapped by the own mail system", letter("Taskboard <no-reply@taskboard.example>", "Action required: update your payment method", None, '<html><body><p>Your payment failed. Please update your payment details.</p><p><a href="https://eur01.safelinks.protection.outlook.com/?url='
    'https%%3A%%2F%%2Fwww.taskboard.example%%2Fbilling&data=05%%7C02%%7Cmaria.lang%%40example.org%%7C%s">Update payment</a></p></body></html>' % token("safe", n=60), signed=["taskboard.example"]))
add("small shop: its host's program, answers at gmail, the parcel service's link", letter("Atelier Lune <orders@atelierlune.example>", "Your order is on its way!", None, '<html><body><p>Hello Maria, your package left today.</p><p><a href="https://www.dhl.de/de/privatkunden/pakete-empfangen/'
    'verfolgen.html?piececode=1">Tracking number 00340434161094015902</a></p><div style="display:none">Thank you for your order, we hope you like it</div></body></html>', more=[("Reply-To", "atelierlune@gmail.com")], signed=["atelierlune.example"]))
add("meeting by a calendar service", letter("Ravi Nair <ravi@example.com>", "Let's find a time", "Hi Maria,\r\n\r\nlast chance before my holiday: https://calendly.com/ravi-example/30min\r\n\r\nRavi\r\n", signed=["example.com"]))
add("colleague shares a file", letter("Ravi Nair <ravi@example.com>", "Budget: please review document", "Hi Maria,\r\n\r\nplease review document by Friday, action required from finance:\r\nhttps://example.sharepoint.com/:x:/s/finance/%s\r\n\r\nRavi\r\n" % token("sp", n=30), signed=["example.com"]))
add("shares of a bank's customers", letter("PayPal <service@paypal.de>", "Sie haben eine Zahlung gesendet", None, '<html><body><p>Guten Tag, Maria Lang!</p><p>Sie haben 14,20 EUR an Velo Nord gesendet.</p><p><a href="https://www.paypal.com/myaccount/activities">Details</a></p><img src="https://www.paypalobjects.com/logo.png">'
    '</body></html>', signed=["paypal.de"], bounce="service@paypal.de"))
add("security of a large account", letter("Google <no-reply@accounts.google.com>", "Security alert", "A new sign-in on Linux\r\nmaria@gmail.com\r\nWe noticed a new sign-in to your Google Account. If this was you, you don't need to do anything.\r\nhttps://accounts.google.com/AccountChooser?Email=maria@gmail.com\r\n", signed=["accounts.google.com"],
    bounce="3abc@gaia.bounces.google.com"))
add("program's account by its maker", letter("Fotofix <noreply@fotofix-1a2b.firebaseapp.com>", "Verify your email for Fotofix", "Hello,\r\n\r\nFollow this link to verify your email address.\r\n\r\nhttps://fotofix-1a2b.firebaseapp.com/__/auth/action?mode=verifyEmail&oobCode=%s\r\n" % token("fb", n=40), signed=["fotofix-1a2b.firebaseapp.com"]))
add("newsletter with symbols", campaign("small", "🌱 Kornblume 🌱 <hello@kornblume.example>", "🌷 Last chance: tulips 🌷", "Claim your free bulbs with every order", ["Hello!", "Claim your free bulbs: last chance, ends today."], "Claim now"))
add("shop in a cheap domain", campaign("own", "Bonbonniere <hallo@bonbonniere.example>", "Gewinnen Sie ein Jahr Schokolade", "Gewinnspiel bis Sonntag", ["Gewinnen Sie ein Jahr Schokolade."], "Mitmachen", lang="de"))
add("craftsman asks to pay", letter("Heizung Petersen <heizung.petersen@web.de>", "Erinnerung: Rechnung 118", "Guten Tag Frau Lang,\r\n\r\nbitte begleichen Sie die offene Rechnung umgehend per bank transfer.\r\n\r\nPetersen\r\n", signed=["web.de"], ident="<trinity-2@3c-app-webde>"))
add("cousin writes of money", letter("Anna <anna.lang.77@gmail.com>", "Oma", "Liebe Maria,\r\n\r\ndie Erbschaft von Oma: der Notar braucht deine Telefonnummer und eine Kopie von deinem Ausweis. Die Summe von 40.000 ist geteilt.\r\n\r\nAnna\r\n", signed=["gmail.com"], ident="<CAA%s@mail.gmail.com>" % token("anna", n=40)))
add("charity letter", letter("Kirchengemeinde <buero@kirche-elbtal.example>", "Spendenaufruf", "Liebe Gemeinde,\r\n\r\nthe widow of our late pastor and an orphanage need a donation of any size. God bless you.\r\nKonto: DE02 1203 0000 0000 2020 51\r\n", signed=["kirche-elbtal.example"]))
add("loan offer of the own bank", letter("Bank Alster <beratung@bankalster.example>", "Ihr Darlehen", "Sehr geehrte Frau Lang,\r\n\r\ndas Darlehen zu 3,1 % ist bereit. Bitte rufen Sie uns an: 040 555 0100.\r\n", signed=["bankalster.example"]))
add("old style list digest", letter("garden-talk-request@lists.example.net", "Garden-talk Digest, Vol 12, Issue 3", "Send Garden-talk mailing list submissions to\r\n\tgarden-talk@lists.example.net\r\n\r\nTo subscribe or unsubscribe via the World Wide Web, visit\r\n\thttps://lists.example.net/listinfo/garden-talk\r\n\r\nToday's Topics:\r\n\r\n   1. Lottery of seeds: you have won (Ann)\r\n",
    more=[("List-Id", "<garden-talk.lists.example.net>"), ("Precedence", "list")], to="garden-talk@lists.example.net", bounce="garden-talk-bounces@lists.example.net"))
add("patch", letter("Jane Doe <jane@corp.example.com>", "[PATCH v2 3/7] mm: fix use after free", "Fixes: 0a1b2c3d\r\nReported-by: bot <bot@ci.example.org>\r\nLink: https://lore.example.net/all/%s/\r\n---\r\n mm/slab.c | 2 +-\r\n" % token("lkml", n=20), more=[("List-Id", "<linux-example.vger.example.net>")], to="linux-example@vger.example.net",
    bounce="linux-example+bounces-1@vger.example.net"))
add("payroll", letter("Lohnbüro <lohn@example.org>", "Gehaltsabrechnung April", "Liebe Maria,\r\n\r\ndie Abrechnung liegt im Portal: https://portal.example.org/lohn\r\n", signed=["example.org"], files=[part("application/pdf", PDF, name="Abrechnung-04.pdf")]))
add("two-factor", letter("Cloudkammer <security@cloudkammer.example>", "New sign-in from Hamburg", None, '<html><body><table><tr><td>We noticed an unusual sign-in. If it was not you, secure your account: <a href="https://cloudkammer.example/security">Review activity</a></td></tr></table></body></html>', signed=["cloudkammer.example"]))
add("ticket for a concert with a picture code", letter("Saal am Hafen <tickets@saal-am-hafen.example>", "Ihre Tickets", None, '<html><body><p>Scannen Sie den Code am Eingang.</p><img src="cid:code1"></body></html>', files=[part("image/png", PNG, inline="code1")], signed=["saal-am-hafen.example"]))
add("exchange to its customers", letter("Münzhafen <news@muenzhafen.example>", "Your staking rewards", None, '<html><body><p>Hello Maria, your staking rewards of March are in your wallet: 0.0031 XRP. Staked: 12. New: self custody and web3.</p>' \
    '<p><a href="https://www.muenzhafen.example/rewards">Claim your rewards</a></p></body></html>', signed=["muenzhafen.example"]))
add("news of coins", letter("Kettenbrief Magazin <redaktion@kettenbrief.example>", "Halving: what it means", None, '<html><body><p>Bitcoin after the halving: token holders, DeFi protocols and the price of Solana.</p><p><a href="https://kettenbrief.example/halving">Read on' \
    '</a></p></body></html>', signed=["kettenbrief.example"]))
add("names in both cases", letter("Release <BuildBotXML@example.com>", "Re: Working My_Mark2CurSeen, iPhone15ProMax", "It builds again: https://ci.example.com/42\r\n", signed=["example.com"]))
add("company abroad under its own name", letter("Netflix <info@netflix.example>", "Neu auf Netflix", "Viel Spaß: https://www.netflix.com/browse\r\n", signed=["netflix.example"]))
add("newsletter by way of a service that hides the address", letter('"Gartenblatt post@gartenblatt.example" <a118@alias.example.net>', "Gartenblatt im Mai", None, '<html><body><p>Was im Mai zu tun ist: your account is up to date.</p><p><a href="https://www.gartenblatt.example/mai">' \
    'www.gartenblatt.example</a> <a href="https://klick.gartenblatt.example/ab">Abbestellen</a></p></body></html>', signed=["alias.example.net"]))

# ---- names of companies in names of others ----------------------------------------------------------------------------

add("dealer of a brand", letter("Vodafone Shop Musterstadt <info@handyladen.example>", "Ihre Bestellung liegt bereit", None,
                                '<p>Guten Tag,</p><p>Ihr Gerät liegt bei uns bereit.</p><p><a href="https://www.handyladen.example/abholung">Öffnungszeiten</a></p>', signed=["handyladen.example"]))
add("agent of a brand", letter("State Farm - Jo Doe Agency <jo@doeagency.example>", "Your annual review", None,
                               '<p>Hello Maria,</p><p>it is time for your annual review.</p><p><a href="https://www.doeagency.example/book">Book a time</a></p>', signed=["doeagency.example"]))
add("carrier of her mail", letter("PayPal <paypal@mail.carrier.example>", "Your monthly summary", None,
                                  '<p>Hello Maria,</p><p>your summary is ready.</p><p><a href="https://www.paypal.com/summary">Open</a></p>', signed=["carrier.example"]))
# ---- what companies and people write in other languages -------------------------------------------------------------

for language, sender, subject, lines in [
    ("German", "Sparkasse Elbtal <service@sparkasse-elbtal.example>", "Ihr Kontoauszug ist da", "Ihr Kontoauszug für April liegt in Ihrem Postfach bereit. Bitte melden Sie sich dazu wie gewohnt im Online-Banking an."),
    ("German", "Paul Klein <paul.klein@example.org>", "Morgen", "Hallo zusammen, ich bin bis 14 Uhr in einer Besprechung. Bitte schickt mir die Zahlen bis morgen per Mail."),
    ("French", "Mutuelle du Lac <contact@mutuelle-du-lac.example>", "Votre relevé est disponible", "Votre relevé de remboursements est disponible dans votre espace. Nous ne vous demandons jamais votre mot de passe."),
    ("French", "Transport Rivière <suivi@transport-riviere.example>", "Votre colis arrive demain", "Votre colis sera livré demain entre 9 h et 12 h. Vous n'avez rien à faire."),
    ("Spanish", "Banco del Río <avisos@bancodelrio.example>", "Su extracto de abril", "Su extracto del mes de abril está disponible en la banca en línea. Gracias por su confianza."),
    ("Spanish", "Ana Ruiz <ana.ruiz@example.org>", "Reunión del lunes", "Hola a todos, el lunes estoy en una reunión hasta las doce. Por la tarde revisamos las facturas pendientes."),
    ("Portuguese", "Loja Azul <pedidos@lojaazul.example>", "Seu pedido foi enviado", "Seu pedido saiu para entrega e chega até sexta-feira. A nota fiscal está em sua conta na loja."),
    ("Italian", "Ferrovie Colline <info@ferroviecolline.example>", "Il suo biglietto", "Grazie per l'acquisto. Il biglietto per il 14 maggio è in allegato, buon viaggio."),
    ("Dutch", "Energie Noord <klant@energienoord.example>", "Uw factuur van april", "Uw factuur van april staat klaar. Het bedrag van 84,20 euro schrijven wij rond 20 mei automatisch af."),
    ("Japanese", "さくら銀行 <info@sakura-ginko.example>", "ご利用明細のお知らせ", "4月分のご利用明細が確定しました。いつもの方法でログインしてご覧ください。当行がメールで暗証番号をお尋ねすることはありません。"),
    ("Japanese", "やまと通販 <order@yamato-tsuhan.example>", "商品発送のお知らせ", "ご注文の商品を本日発送いたしました。お届けは5月14日の予定です。"),
    ("Polish", "Sklep Zielony <zamowienia@sklepzielony.example>", "Zamówienie wysłane", "Twoje zamówienie zostało wysłane. Paczka dotrze do paczkomatu jutro po południu."),
    ("Turkish", "Mavi Market <bilgi@mavimarket.example>", "Siparişiniz kargoya verildi", "Siparişiniz bugün kargoya verildi, iki gün içinde elinizde olacak. Bizi seçtiğiniz için teşekkürler."),
    ("Russian", "Книжный дом <info@knizhny-dom.example>", "Ваш заказ отправлен", "Ваш заказ отправлен и придёт в пункт выдачи через три дня. Спасибо за покупку!"),
    ("Swedish", "Norrbanken <info@norrbanken.example>", "Ditt kontoutdrag", "Ditt kontoutdrag för april finns i internetbanken. Logga in som vanligt."),
    ("Danish", "Havnens Boghandel <ordre@havnens-bog.example>", "Din ordre er afsendt", "Din ordre er afsendt i dag. Du kan hente pakken i butikken fra torsdag."),
    ("Czech", "Obchod Lípa <objednavky@obchod-lipa.example>", "Objednávka odeslána", "Vaše objednávka byla odeslána. Zásilku doručíme ve čtvrtek, děkujeme za nákup."),
    ("Chinese", "青山书店 <order@qingshan.example>", "您的订单已发货", "您的订单已于今天发货，预计三天内送达。感谢您的购买。"),
    ("Greek", "Βιβλιοπωλείο Αιγαίο <info@aigaio.example>", "Η παραγγελία σας εστάλη", "Η παραγγελία σας εστάλη σήμερα και θα παραδοθεί την Πέμπτη. Ευχαριστούμε."),
    ("Korean", "한강서점 <order@hangang.example>", "주문하신 상품이 발송되었습니다", "주문하신 상품이 오늘 발송되었습니다. 이용해 주셔서 감사합니다."),
]:
    site = sender.rsplit("@", 1)[1].rstrip(">")
    add("in %s" % language, letter(sender, subject, None, '<html><body><p>%s</p><p><a href="https://www.%s/">www.%s</a></p></body></html>' % (lines, site, site), signed=[site]))
add("office of a state", letter("Dirección Electrónica <noreply@correo.gob.es>", "Nueva notificación disponible", None,
                                '<p>Tiene una nueva notificación.</p><p><a href="https://notificaciones.red.example/">Acceder</a></p>', signed=["correo.gob.es"]))

# ---- codes for cameras ----------------------------------------------------------------------------------------------


def code(text, name="code.png"):
    return part("image/png", qr.png(qr.picture(qr.encode(text), 4)), name=name)


add("code ticket", letter("Bahnkontor <tickets@bahnkontor.example>", "Your ticket", "Show this code to the conductor.\r\n", files=[code("B7K3-118-20260512-0914-MARIA LANG")], signed=["bahnkontor.example"]))
add("code ticket with a link", letter("Kinohaus <karten@kinohaus.example>", "Ihre Karten", "Viel Vergnügen!\r\n", files=[code("https://www.kinohaus.example/t/%s" % token("kino"), "karte.png")], signed=["kinohaus.example"]))
add("code parcel label", letter("Paketwerk <retoure@paketwerk.example>", "Your return label", "Your parcel label: have the code scanned at the shop, without printing.\r\n", files=[code("https://pw.example/r/118")], signed=["paketwerk.example"]))
add("code network", letter("Ann Marsh <ann@kontor.example>", "Wifi for guests", "Hi Maria,\r\n\r\nthe code for the guests' wifi, as you asked.\r\n\r\nAnn\r\n", files=[code("WIFI:T:WPA;S:guests;P:welcome;;")]))
add("code chat", letter("Ann Marsh <ann@kontor.example>", "Group", "Scan this to join our group.\r\n\r\nAnn\r\n", files=[code("https://chat.whatsapp.com/%s" % token("chat"))]))
add("code card", letter("Ravi Nair <ravi@kontor.example>", "My new number", "Scan the card, it is easier than typing.\r\n", files=[code("BEGIN:VCARD\nVERSION:3.0\nN:Nair;Ravi\nTEL:+15550100\nURL:https://www.kontor.example\nEND:VCARD\n")]))
add("code second factor of our own", letter("IT <it@example.org>", "Your new phone: set up the authenticator", "Hello Maria,\r\n\r\nas discussed on the phone, here is the code for the authenticator.\r\n", files=[code("otpauth://totp/example.org:maria.lang?secret=GEZDGNBVGY3TQOJQ&issuer=example.org")]))
add("code invoice", letter("Stadtwerke <rechnung@stadtwerke-nord.example>", "Ihre Rechnung 118", "Guten Tag,\r\n\r\nim Anhang der Zahlcode für Ihre Bank-App.\r\n", files=[code("BCD\n002\n1\nSCT\n\nStadtwerke Nord\nDE02120300000000202051\nEUR118.00\n\n\nRechnung 118")], signed=["stadtwerke-nord.example"]))
add("code newsletter with the stores of apps", campaign("grid", "Streamhaus <hallo@streamhaus.example>", "Our app is here", "Scan and watch on your phone.", ["Scan the code below to get the app, last chance for the launch price today."], "Get the app", files=[code("https://apps.apple.com/app/id118")]))
