"""Cases of what links and texts of messages show; mail() as in cases_message.py."""
import base64

import qr
from cases import fires, silent
from cases_message import header, mail


def page(c, body):
    mail(c, header(MIME_Version="1.0", Content_Type="text/html; charset=utf-8"), body + "\r\n")


def words(c, body):
    mail(c, header(MIME_Version="1.0", Content_Type="text/plain; charset=utf-8"), body + "\r\n")


@fires("url-text-mismatch", "warning", says="shows www.bank.com, leads to login.evil.com")
def text_shows_another_site(c):
    page(c, '<p>Log in at <a href="http://login.evil.com/x">https://www.bank.com/login</a></p>')


@silent("url-text-mismatch")
def text_shows_the_same_site(c):
    page(c, '<a href="http://login.bank.com/x">https://www.bank.com/login</a> <a href="https://evil.com/">click here</a> <a href="http://evil.com/">Node.js</a>')


@silent("url-text-mismatch")
def link_is_wrapped(c):
    page(c, '<a href="https://nam01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.bank.com%2F">https://www.bank.com/</a>')


@fires("url-disguised", "warning", says="another host's name")
def name_in_front(c):
    words(c, "See http://www.bank.com@login.evil.com/")


@fires("url-disguised", "warning", says="escapes")
def escaped_host(c):
    words(c, "See http://login%2eevil.com/")


@silent("url-disguised")
def user_of_a_server(c):
    words(c, "See ftp://ann@ftp.example.com/ and https://example.com/@ann")


@fires("url-lookalike", "warning")
def foreign_letters(c):
    words(c, "See http://p\u0430ypal.com/")


@fires("url-lookalike", "warning", says="url-own-lookalike): login.examp1e.org")
def lookalike_of_the_recipient(c):
    words(c, "See http://login.examp1e.org/")


@fires("url-lookalike", "warning", says="example.org.sso-login.net")
def recipient_in_front(c):
    words(c, "See http://example.org.sso-login.net/")


@silent("url-lookalike", "message-suspicious")
def sites_of_the_recipient(c):
    words(c, "See http://www.example.org/ http://example.net/ http://example.org.uk/ http://exmaple.org/ http://example.org-charts.net/ http://my-example.org.com/")


@silent("url-lookalike")
def foreign_name(c):
    words(c, "See http://b\u00fccher.example/ and http://\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444/")


@fires("url-punycode", "note", says="internationalised")
def punycode(c):
    words(c, "See http://xn--bcher-kva.example/")


@silent("url-punycode")
def two_hyphens(c):
    words(c, "See http://xn.example/ and http://foo--bar.example/")


@fires("url-ip-address", "warning", says="http://0xC0000263/")
def address_in_hex(c):
    words(c, "See http://0xC0000263/")


@silent("url-ip-address")
def private_address(c):
    words(c, "The printer is http://192.168.1.4/, the version 1.2.3.4")


@fires("url-shortener", "note", says="https://bit.ly/2Xyz")
def shortener(c):
    words(c, "See https://bit.ly/2Xyz")


@silent("url-shortener")
def no_shortener(c):
    words(c, "See https://rabbit.ly.example/2Xyz")


@fires("url-redirect", "note")
def redirect(c):
    words(c, "See https://www.example.com/goto?url=https%3A%2F%2Flogin.evil.com%2F")


@silent("url-redirect")
def redirect_to_itself(c):
    words(c, "See https://www.example.com/goto?url=https%3A%2F%2Flogin.example.com%2F")


def picture(c, text):
    png = qr.png(qr.picture(qr.encode(text), 3))
    mail(c, header(MIME_Version="1.0", Content_Type='image/png; name="code.png"', Content_Transfer_Encoding="base64"), base64.encodebytes(png).decode().replace("\n", "\r\n"))


@fires("url-qr-code", "note", says="code.png: https://login.example.net/q")
def code_with_a_link(c):
    picture(c, "https://login.example.net/q")


@silent("url-qr-code")
def code_of_a_network(c):
    picture(c, "WIFI:T:WPA;S:guests;P:welcome;;")


@fires("url-script", "warning")
def page_in_a_link(c):
    page(c, '<a href="data:text/html;base64,PGI+eDwvYj4=">Open</a>')


@silent("url-script")
def picture_in_a_link(c):
    page(c, '<img src="data:image/png;base64,iVBORw0KGgo=">')


@fires("url-file", "error", says="search-ms:")
def handler(c):
    page(c, '<a href="search-ms:query=x&amp;crumb=location:\\\\192.0.2.1\\share">Open</a>')


@fires("url-file", "error")
def file_share(c):
    page(c, '<a href="file://192.0.2.1/share/invoice.docx">Open</a>')


@fires("url-file", "error")
def picture_on_a_share(c):
    page(c, 'Hello <img src="file://192.0.2.1/share/logo.png">')


@fires("url-file", "error")
def style_sheet_on_a_share(c):
    page(c, '<link rel="stylesheet" href="\\\\192.0.2.1\\share\\a.css">Hello')


@fires("url-file", "error")
def background_on_a_share(c):
    page(c, '<table background=" file:////192.0.2.1/share/a.png"><tr><td>Hello</table>')


@fires("url-file", "error")
def share_behind_three_slashes(c):
    page(c, '<a href="file:///\\\\192.0.2.1\\share\\invoice.rtf!x">Open</a>')


@silent("url-file")
def own_picture(c):
    page(c, '<img src="file:///C:/Users/ann/logo.png"><img src="//www.example.com/a.png">Hello')


@silent("url-file")
def own_file(c):
    page(c, '<a href="file:///C:/Users/ann/list.txt">List</a>')


@fires("url-program", "warning")
def disk_image(c):
    words(c, "See https://files.example.net/invoice.iso")


@silent("url-program")
def no_program(c):
    words(c, "See https://files.example.net/invoice.iso.html and https://example.com")


@fires("url-credential-form", "warning", says="http://login.evil.com/")
def form_for_a_password(c):
    page(c, '<form action="http://login.evil.com/"><input name=u><input type=password name=p></form>')


@silent("url-credential-form")
def form_for_a_search(c):
    page(c, '<form action="http://www.example.com/"><input name=q><input type=hidden name=password></form>')


@fires("html-smuggling", "error", says="createObjectURL")
def file_from_a_script(c):
    page(c, "<script>var b = new Blob([atob(data)]); a.href = URL.createObjectURL(b); a.download = 'x'</script>")


@silent("html-smuggling")
def plain_script(c):
    page(c, "<script>document.write(unescape('%3Cb%3E'))</script>")


@fires("html-active", "note", says="by itself")
def refresh(c):
    page(c, '<meta http-equiv="refresh" content="0; url=http://www.example.com/">')


@silent("html-active")
def quiet_page(c):
    page(c, '<meta http-equiv="Content-Type" content="text/html"><link rel=stylesheet href="http://www.example.com/x.css"><b>At noon?</b>')


@fires("text-hidden", "warning", says="inside of words")
def hidden_letters(c):
    page(c, "Ver<i style='display:none'>x</i>ify your acc<i style='font-size:0'>y</i>ount at Pay<i hidden>z</i>pal")


@silent("text-hidden")
def preheader(c):
    page(c, "<div style='display:none'>The news of this week in short</div><p>Here is all that happened this week, and what will happen in the next one.</p>")


@fires("text-fraud", "warning", says="gift cards")
def favour_for_the_boss(c):
    words(c, "Are you available? I need a favour: buy some gift cards for me, I am in a meeting.")


@fires("text-fraud", "warning", says="digital coins")
def extortion(c):
    words(c, "I hacked your device and recorded a video with your webcam. Send bitcoin. After reading this you have 48 hours.")


@silent("text-fraud")
def ordinary_words(c):
    words(c, "Are you available at noon? The talk about bitcoin and webcams was good. Call me at 1-800-555-0100.")


@fires("stolen-passwords", "warning", says="words-stolen")
def report_of_a_thief(c):
    page(c, "Time: 11/14/2023 22:13:00<br>User Name: ann<br>Computer Name: DESKTOP-7<br>OSFullName: Windows 10 Pro<br>CPU: x<br>RAM: 8 GB<hr>"
            "URL: https://www.example.com/<br>Username: ann<br>Password: pw<br>Application: Chrome<br>")


@fires("stolen-passwords", "warning")
def report_of_another_thief(c):
    words(c, "PC Name: DESKTOP-7\r\nDate and Time: 11/14/2023\r\nClient IP: 192.0.2.1\r\nCountry Name: Nowhere\r\n\r\nHost: mail.example.com\r\nUsername: ann\r\nPassword: pw\r\n")


@silent("stolen-passwords")
def question_to_the_help_desk(c):
    words(c, "Hello, my computer name is DESKTOP-7 and my user name is ann. I forgot my password, can you set it anew?")


@silent("stolen-passwords")
def how_to_reach_a_desktop(c):
    words(c, "Computer name: DESKTOP-7\r\nUser name: ann\r\nUsername: EXAMPLE\\ann\r\nApplication: Remote Desktop, clipboard allowed, two logins\r\nPassword: as agreed\r\n")


@fires("test-pattern", "note")
def pattern(c):
    words(c, "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-" + "UBE-TEST-EMAIL*C.34X")


@silent("test-pattern")
def part_of_the_pattern(c):
    words(c, "GTUBE-STANDARD-ANTI-" + "UBE-TEST-EMAIL is the name.")
