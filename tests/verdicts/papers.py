"""Letters whose attachments do the talking: documents that companies and people send daily, and fraud that hides in a document.

PDF is written here by hand, as simple programs write it: one font, streams that are packed, links as annotations.
"""
import io
import zipfile
import zlib

from letters import letter, part

HONEST, FRAUD = [], []
WALLET = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"  # the example of BIP 173
PDF = "application/pdf"


def escaped(text): return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252", "replace")


def pdf(*lines, link=None):
    """Pages of 50 lines; what does not fit into a line goes on in the next one."""
    rows = []
    for line in lines:
        words, row = line.split(), ""
        for word in words:
            if len(row) + len(word) > 84:
                rows.append(row)
                row = ""
            row += (" " if row else "") + word
        rows.append(row)
    pages = [rows[i:i + 50] for i in range(0, len(rows), 50)]
    note = b"<</Type/Annot/Subtype/Link/Rect[40 700 300 760]/Border[0 0 0]/A<</S/URI/URI(%s)>>>>" % link.encode() if link else b""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(len(pages))), len(pages)),
               b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"]
    for i, page in enumerate(pages):
        text = b"BT /F1 10 Tf 13 TL 50 790 Td\n" + b"".join(b"(%s) Tj T*\n" % escaped(row) for row in page) + b"ET\n"
        packed = zlib.compress(text)
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R/Annots[%s]>>" % (5 + 2 * i, note))
        objects.append(b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(packed), packed))
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for i, content in enumerate(objects):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i + 1, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % at for at in places)
    return out + table + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))


def packed(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in files:
            z.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def marked(line): return line.replace("&", "&amp;").replace("<", "&lt;")


def docx(*lines):
    body = "".join("<w:p><w:pPr><w:jc w:val=\"left\"/></w:pPr>%s</w:p>" % "".join("<w:r><w:t xml:space=\"preserve\">%s </w:t></w:r>" % marked(word) for word in line.split()) for line in lines)
    return packed([("[Content_Types].xml", "<Types/>"), ("_rels/.rels", "<Relationships/>"), ("word/document.xml", "<w:document><w:body>%s</w:body></w:document>" % body)])


def xlsx(*lines):
    return packed([("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>"),
                   ("xl/sharedStrings.xml", "<sst>%s</sst>" % "".join("<si><t>%s</t></si>" % marked(line) for line in lines))])


def odt(*lines):
    return packed([("mimetype", "application/vnd.oasis.opendocument.text"),
                   ("content.xml", "<office:document-content><office:body><office:text>%s</office:text></office:body></office:document-content>"
                    % "".join("<text:p text:style-name=\"P1\">%s</text:p>" % marked(line) for line in lines))])


TYPES = {"pdf": PDF, "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "odt": "application/vnd.oasis.opendocument.text",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def add(to, label, sender, subject, text, name, document, **more):
    files = [part(TYPES[name.rsplit(".", 1)[1]], document, name=name)]
    to.append(("paper %02d %s" % (len(to) + 1, label), letter(sender, subject, text, files=files, **more)))


def honest(*words, **more): add(HONEST, *words, **more)
def fraud(*words, **more): add(FRAUD, *words, **more)


# ---- what people and companies send -------------------------------------------------------------------------------------

honest("bill for software", "Grafikwerk Billing <billing@grafikwerk.example>", "Your invoice 2026-1187", "Hello Maria,\r\n\r\nthank you for your order. Your invoice is attached.\r\n\r\nGrafikwerk Inc.\r\n",
       "invoice.pdf", pdf("Grafikwerk Inc.", "Invoice number 2026-1187", "Thank you for your purchase! Your subscription has been renewed.", "Total $ 239.88, charged to your card ending in 4242",
                          "You can cancel your subscription at any time in your account: https://www.grafikwerk.example/account", "Questions? Contact us at 1-800-555-0123."), signed=["grafikwerk.example"])
honest("bill of a craftsman", "Tom Miller <millerplumbing55@gmail.com>", "Invoice", "Invoice attached. Thanks, Tom\r\n", "Invoice 118.pdf",
       pdf("Miller Plumbing", "Invoice number 118", "Thank you for choosing Miller Plumbing!", "Repair of the heating, 3 hours $ 285.00", "If you have any questions about this invoice, please call us at (555) 010-7788.",
           "We accept PayPal and checks. Payment is due within 14 days."), signed=["gmail.com"])
honest("statement of a bank", "Bank an der Alster <noreply@bankalster.example>", "Your statement is ready", "Dear customer,\r\n\r\nyour statement for April is attached.\r\n\r\nBank an der Alster\r\n", "statement-04.pdf",
       pdf("Bank an der Alster", "Statement of account, April 2026", *["0%d/04 Card payment, shop %d, debited from your account $ %d.20" % (i % 9 + 1, i, i) for i in range(70)],
           "In case of errors or questions about your electronic transfers call us at 1-800-555-0199.",
           "To dispute a charge that you do not recognize, or if you did not authorize a transaction, please call toll free 1-888-555-0142."), signed=["bankalster.example"])
honest("bill for the telephone", "Fernruf <rechnung@fernruf.example>", "Your bill", "Your bill for May is attached to this mail.\r\n", "bill.pdf",
       pdf("Fernruf", "Your bill for May", "Your autopay of $ 61.20 will be charged to your card on May 20.", "Thank you for choosing Fernruf.", "Billing department: 1-800-555-0177. Please call us on weekdays.", "https://www.fernruf.example/bill"),
       signed=["fernruf.example"])
honest("ticket for a flight", "Luftfahrt <tickets@luftfahrt.example>", "Your booking K7Q2MX", "Dear Ms Lang,\r\n\r\nyour ticket is attached. We wish you a pleasant flight.\r\n", "eticket.pdf",
       pdf("Electronic ticket", "Booking K7Q2MX, passenger LANG/MARIA MS", "HAM - LIS 12 June 2026 07:05", "Please check in online at https://www.luftfahrt.example/checkin not later than 60 minutes before departure.",
           "Changes and refunds: request a refund at +49 40 555 01 99 or 1-800-555-0111."), signed=["luftfahrt.example"])
honest("manual", "Routerwerk <support@routerwerk.example>", "Manual of your router", "As you asked, here is the manual.\r\n", "manual.pdf",
       pdf("User manual", *["Chapter %d. Open the page of the router, enter your password, and verify your account. Confirm your password within 24 hours. If there is unusual activity, "
                            "reset your password. Do not share it with others; update your account in the settings." % i for i in range(1, 40)], "https://www.routerwerk.example/help", link="https://bit.ly/3routerwerk"),
       signed=["routerwerk.example"])
honest("payslip", "Lohnbüro <lohn@example.org>", "Gehaltsabrechnung Mai", "Anbei die Abrechnung.\r\n", "Abrechnung-05.pdf",
       pdf("Entgeltabrechnung Mai 2026", "Maria Lang, Personalnummer 1180", "Brutto 4.310,00 EUR", "Netto 2.718,55 EUR", "Überweisung auf IBAN DE02 1203 0000 0000 2020 51"), signed=["example.org"])
honest("contract", "Kanzlei Brandt <kanzlei@brandt.example>", "Kaufvertrag", "Sehr geehrte Frau Lang,\r\n\r\nanbei der Entwurf.\r\n", "Vertrag.pdf",
       pdf("Purchase agreement", *["%d. The buyer shall transfer the purchase price of 1,450,000 USD to the account of the seller within ten days. The bank details are those in the annex. "
                                   "All information is confidential. In the event of death the rights pass on to the next of kin and the beneficiary of the estate." % i for i in range(1, 20)]), signed=["brandt.example"])
honest("leaflet against fraud", "IT security <security@example.org>", "Leaflet: how to see fraud", "Please read the leaflet in the attachment.\r\n", "leaflet.pdf",
       pdf("How to see fraud", "Letters that say: verify your account, unusual activity, your mailbox is almost full, or ask for gift cards, are not from us.", "Call the help desk at 040 555 0100 when in doubt."), signed=["example.org"])
honest("bill in German", "Malerbetrieb Krause <info@maler-krause.example>", "Rechnung 2026-31", "Guten Tag Frau Lang,\r\n\r\nanbei unsere Rechnung.\r\n\r\nGruß\r\nKrause\r\n", "Rechnung.pdf",
       pdf("Malerbetrieb Krause GmbH", "Rechnung Nr. 2026-31", "Anstrich Treppenhaus 1.980,00 EUR", "Zahlbar innerhalb von 14 Tagen auf unser Konto DE02 1203 0000 0000 2020 51.", "Telefon 040 555 01 23, rufen Sie uns an."),
       signed=["maler-krause.example"])
honest("reminder to pay", "Stadtwerke <service@stadtwerke.example>", "Zahlungserinnerung", "Bitte beachten Sie das Schreiben im Anhang.\r\n", "Mahnung.pdf",
       pdf("2. Mahnung", "Bitte zahlen Sie sofort, spätestens innerhalb von 7 Tagen, sonst wird Ihr Konto gesperrt.", "Fragen: 0800 555 01 99", "https://www.stadtwerke.example/zahlen"), signed=["stadtwerke.example"])
honest("booking of a hotel", "Hotel am See <rezeption@hotelsee.example>", "Reservation 7781", "Dear Ms Lang,\r\n\r\nthank you for your reservation, which you find attached.\r\n", "confirmation.pdf",
       pdf("Order confirmation 7781", "Your card will be charged on arrival. To cancel the order call us at +49 4152 555 018 or 1-800-555-0166 until 6 pm of the day before.", "Thank you for choosing Hotel am See."),
       signed=["hotelsee.example"])
honest("policy of an insurance", "Nordversicherung <service@nordversicherung.example>", "Ihre Police", "Anbei erhalten Sie Ihre Police.\r\n", "police.pdf",
       pdf("Life insurance policy", "In the event of death the sum of 250,000 EUR is paid to the beneficiary, the next of kin. The claim needs full name, address and bank details.", "Nordversicherung AG, Hamburg"),
       signed=["nordversicherung.example"])
honest("scan of the copier", "copier@example.org", "Message from KM_C308", "DEVICE NAME: KM_C308\r\n", "SKM_C308.pdf",
       pdf("Invoice number 4471", "Thank you for your order.", "Please call our billing department: 1-800-555-0134"))
honest("nothing but a paper", "Jonas Peters <jonas.peters88@gmail.com>", "Bewerbung", "", "Lebenslauf.pdf",
       pdf("Jonas Peters", "Lebenslauf", "Tel. 0176 5550 1234", "2019 bis 2025 Studium der Informatik", "https://github.com/jonas-peters-example"), signed=["gmail.com"])
honest("paper about coins", "Prof. Weber <weber@uni.example>", "Draft", "Dear all,\r\n\r\nthe draft is attached.\r\n", "draft.pdf",
       pdf("Payments without banks", "Donations in bitcoin: " + WALLET, "We study how wallets and tokens are used, and what an address shows of its owner."), signed=["uni.example"])
honest("first password", "IT <it@example.org>", "Ihr Zugang", "Siehe Anhang.\r\n", "Zugang.pdf", pdf("Ihr Zugang", "Benutzer: mlang", "Passwort: Sonne-1180", "Bitte ändern Sie es beim ersten Anmelden unter https://portal.example.org/"), signed=["example.org"])
honest("receipt of a donation", "Seenotretter <spenden@retter.example>", "Spendenbescheinigung", "Vielen Dank, die Bescheinigung liegt bei.\r\n", "bescheinigung.pdf",
       pdf("Zuwendungsbestätigung", "Wir bestätigen eine Spende von 50,00 EUR.", "Vielen Dank für Ihre Hilfe!"), signed=["retter.example"])
honest("minutes", "Ravi <ravi@example.org>", "Minutes", "Minutes attached.\r\n", "minutes.docx", docx("Minutes of May 12", "Payroll moves to the new system in June.", "Ravi asks for the invoices until Friday."), signed=["example.org"])
honest("list of prices", "Lieferant <verkauf@lieferant.example>", "Preisliste", "Anbei die Preisliste.\r\n", "preise.xlsx", xlsx("Artikel", "Preis", "Schraube M8", "0,12", "Bestellung: 040 555 0100"), signed=["lieferant.example"])
honest("letter of a club", "Chor <info@chor.example>", "Einladung", "Im Anhang die Einladung.\r\n", "einladung.odt", odt("Einladung zum Konzert", "Am 12. Juni um 19 Uhr, Eintritt frei.", "Rückfragen: 040 555 01 01"), signed=["chor.example"])

# ---- fraud -----------------------------------------------------------------------------------------------------------------

CALL = ("If you did not authorize this transaction, please call us immediately to claim a refund.", "Customer care number: +1 (888) 555-0143")
fraud("Geek Squad from a free address", "Mark Renner <markrenner8817@gmail.com>", "INV-88172", "", "INV-88172.pdf",
      pdf("GEEK SQUAD", "Thank you for your purchase. Your subscription has been renewed.", "Invoice number GS-88172, amount $ 499.99 will be charged to your account within 24 hours.", *CALL), signed=["gmail.com"])
fraud("PayPal and coins from a broken mailbox", "Billing <buero@tischlerei-muster.example>", "Payment receipt", "Please see the attached receipt.\r\n", "Receipt.pdf",
      pdf("PayPal", "Bitcoin purchase of $ 899.00 has been charged. Transaction ID 77A-1", "Not placed by you? Cancel this order: +1 (808) 555-0155 toll free"), signed=["tischlerei-muster.example"])
fraud("antivirus, few words", "Norton Renewals <n.renewals.dept@outlook.com>", "Renewal", "Dear customer,\r\n\r\nyour plan has been renewed. Find the invoice attached.\r\n\r\nBilling team\r\n", "Renewal.pdf",
      pdf("NORTON 360", "Order confirmation: your antivirus plan has been renewed for 3 years.", "Amount debited $ 349.99", *CALL), signed=["outlook.com"])
fraud("antivirus as a Word document", "Kevin Ross <kross77120@gmail.com>", "Order", "", "Order.docx", docx("McAfee Total Protection", "Thank you for your order. Your subscription will be charged $ 399.99.", *CALL), signed=["gmail.com"])
fraud("renewal as a workbook", "Anna Bell <annabell9912@gmail.com>", "Bill", "see attached\r\n", "Bill.xlsx", xlsx("Geek Squad", "Renewal amount $ 419.99 has been debited", *CALL), signed=["gmail.com"])
fraud("renewal as an OpenDocument text", "Anna Bell <annabell9913@gmail.com>", "Bill", "see attached\r\n", "Bill.odt", odt("Geek Squad", "Renewal amount $ 419.99 has been debited", *CALL), signed=["gmail.com"])
fraud("payroll", "HR <hr@kontor.example>", "Payroll update", "See attached.\r\n", "Payroll_Update.pdf",
      pdf("Human resources", "Action required: review your payroll information. Confirm your account details within 24 hours.", "Sign in to review", link="https://hr-portal-118.web.app/login"), signed=["kontor.example"])
fraud("refund of taxes", "Tax Office <office@kontor.example>", "Your tax refund", "", "Refund.pdf",
      pdf("Notice of refund", "You have a tax refund of 718.20 USD. Verify your identity and confirm your details within 48 hours to receive it.", link="https://refund.example.net/verify"), signed=["kontor.example"])
fraud("shared document", "Ravi <ravi@kontor.example>", "Document", "", "Document.pdf",
      pdf("SharePoint", "Ravi shared a document with you.", "Sign in to view the document. Review document", link="https://documents-x7.pages.dev/view"), signed=["kontor.example"])
fraud("voice mail", "Voice <vm@kontor.example>", "New voicemail", "", "Voicemail.pdf", pdf("You have a new voicemail of 0:42.", "Play message", link="https://vm.example.net/play"), signed=["kontor.example"])
fraud("mailbox is full", "Mail <mail@kontor.example>", "Notice", "", "Notice.pdf",
      pdf("Your mailbox is almost full. Verify your mailbox within 24 hours, or your account will be suspended.", link="https://quota-118.netlify.app/"), signed=["kontor.example"])
fraud("gift cards", "CEO <ceo.office1180@gmail.com>", "Request", "", "Request.pdf",
      pdf("Hello Maria,", "are you available? I need you to purchase gift cards for a client. I am in a meeting and can't talk. Send me the codes."), signed=["gmail.com"])
fraud("extortion", "Anonymous <x7@kontor.example>", "Read it", "", "Read.pdf",
      pdf("I have hacked your device and recorded you with your webcam while you visited adult sites.", "Pay 1200 USD in bitcoin within 48 hours or I will send the video to all your contacts.", "Bitcoin address: " + WALLET))
fraud("inheritance", "Barrister John <john.barrister11@gmail.com>", "Attention", "Open the attached letter.\r\n", "Letter.pdf",
      pdf("Dear beneficiary,", "I am a barrister to a late client who died in a plane crash and left 18.5 million dollars in a bank, without next of kin.",
          "I seek your consent to present you as the next of kin to claim this inheritance fund. It is risk free and confidential. Send your full name, telephone number and bank details."), more=[("Reply-To", "john.b1180@yandex.com")])
fraud("contract to sign", "Sign <sign@kontor.example>", "Agreement", "Please find the agreement attached.\r\n", "Agreement.pdf",
      pdf("DocuSign", "Completed document: please review and sign", "Review document", link="https://ipfs.io/ipfs/bafy118/sign.html"), signed=["kontor.example"])
fraud("bank, German", "Sparkasse <service@kontor.example>", "Wichtige Mitteilung", "", "Mitteilung.pdf",
      pdf("Ihr Konto wurde eingeschränkt. Bestätigen Sie Ihre Daten innerhalb von 24 Stunden.", "Jetzt bestätigen", link="https://kunden.example.net/s"), signed=["kontor.example"])
fraud("lottery as a Word document", "Claims <claims@kontor.example>", "Winner", "", "Winner.docx",
      docx("Congratulations, you have won 2.5 million euro in our lottery.", "To claim your winnings send your full name, address and telephone number to our claims agent. Keep this confidential.", "Your email address was selected."),
      more=[("Reply-To", "claims.agent118@gmail.com")])
