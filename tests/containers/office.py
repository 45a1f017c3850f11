"""Writers of compound files, macro sources, Office documents and RTF."""
import io
import struct
import zipfile

FREE, END = 0xFFFFFFFF, 0xFFFFFFFE


def cfb(streams, classes=None, loop=False, sector=512):
    """streams: {"Storage/Stream": bytes}; classes: {"Storage" or "": 16 bytes}. `loop`: the chain of every large stream bites its own tail."""
    classes = classes or {}
    names = [""]
    for path in list(streams) + [c for c in classes if c]:
        parts = path.split("/")
        for i in range(1, len(parts) + 1):
            if "/".join(parts[:i]) not in names:
                names.append("/".join(parts[:i]))
    fat, body, mini, minifat, placed = [], b"", b"", [], {}

    def add(data):
        nonlocal body
        first, count = len(fat), (len(data) + sector - 1) // sector
        for i in range(count):
            fat.append(first + i + 1 if i + 1 < count else (first if loop else END))
        body += data.ljust(count * sector, b"\0")
        return first if count else END
    for path, data in streams.items():
        if len(data) >= 4096:
            placed[path] = add(data), len(data)
            continue
        first, count = len(minifat), (len(data) + 63) // 64
        minifat += [first + i + 1 if i + 1 < count else END for i in range(count)]
        mini += data.ljust(count * 64, b"\0")
        placed[path] = (first if count else END), len(data)
    root = add(mini) if mini else END
    children = {n: [m for m in names if m and m.rpartition("/")[0] == n] for n in names}
    directory = b""
    for n in names:
        raw = (n.rpartition("/")[2] or "Root Entry").encode("utf-16-le")[:62]
        siblings = children[n.rpartition("/")[0]] if n else []
        after = siblings[siblings.index(n) + 1:] if n else []
        kind = 5 if not n else 2 if n in streams else 1
        start, size = placed.get(n, (root if not n else 0, len(mini) if not n else 0))
        directory += raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw) + 2, kind, 1, FREE, names.index(after[0]) if after else FREE,
                                                        names.index(children[n][0]) if children[n] else FREE)
        directory += classes.get(n, bytes(16)) + bytes(20) + struct.pack("<IQ", start, size)
    directory = directory.ljust((len(directory) + sector - 1) // sector * sector, b"\0")
    dir_at = add(directory)
    mini_at = add(struct.pack("<%dI" % len(minifat), *minifat)) if minifat else END
    tables = 1
    while tables * sector // 4 < len(fat) + tables:
        tables += 1
    table_at = len(fat)
    fat += [0xFFFFFFFD] * tables
    body += struct.pack("<%dI" % (tables * sector // 4), *(fat + [FREE] * (tables * sector // 4 - len(fat))))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3 if sector == 512 else 4, 0xFFFE, 9 if sector == 512 else 12, 6)
    head += bytes(6) + struct.pack("<IIIIIIIIII", 0, tables, dir_at, 0, 4096, mini_at, (len(minifat) * 4 + sector - 1) // sector, END, 0, table_at)
    head += struct.pack("<%dI" % 108, *([table_at + i for i in range(1, tables)] + [FREE] * (109 - tables)))
    return head.ljust(sector, b"\0") + body


def compress(data, copies=True):
    """MS-OVBA compression; the first bytes stay as they are."""
    out = b"\1"
    for start in range(0, len(data), 4096):
        chunk, i, packed = data[start:start + 4096], 0, b""
        while i < len(chunk):
            flags, tokens = 0, b""
            for k in range(8):
                if i >= len(chunk):
                    break
                bits = 4
                while bits < 12 and 1 << bits < i:
                    bits += 1
                best, back = 0, 0
                for b in range(1, min(i, 400) + 1 if copies else 0):
                    n = 0
                    while n < (0xFFFF >> bits) + 3 and i + n < len(chunk) and chunk[i + n] == chunk[i - b + n]:
                        n += 1
                    if n > best:
                        best, back = n, b
                if best >= 3:
                    flags |= 1 << k
                    tokens += struct.pack("<H", (back - 1) << 16 - bits | best - 3)
                    i += best
                else:
                    tokens += chunk[i:i + 1]
                    i += 1
            packed += bytes([flags]) + tokens
        out += struct.pack("<H", 0xB000 | len(packed) - 1) + packed
    return out


def module(source, before=300, copies=True):
    text = b'Attribute VB_Name = "ThisDocument"\r\nAttribute VB_Base = "1Normal.ThisDocument"\r\n' + source
    return b"\1\x16\1" + bytes(before) + compress(text, copies)


def project(source, root="", **more):
    folder = root + "VBA/"
    return {folder + "ThisDocument": source if isinstance(source, bytes) and source[:2] == b"\1\x16" else module(source, **more),
            folder + "_VBA_PROJECT": b"\xcc\x61" + bytes(60), folder + "dir": compress(bytes(200)), root + "PROJECT": b"ID=\"{0}\"\r\n"}


def document(source, **more):
    return cfb(dict({"WordDocument": bytes(5000)}, **project(source, "Macros/", **more)))


def ooxml(kind, files):
    """kind: word, xl, ppt."""
    main = {"word": "word/document.xml", "xl": "xl/workbook.xml", "ppt": "ppt/presentation.xml"}[kind]
    parts = {"[Content_Types].xml": "<?xml version='1.0'?><Types/>", "_rels/.rels": relationships([("officeDocument", main, False)]), main: "<a/>"}
    parts.update(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in parts.items():
            z.writestr(name, data)
    return out.getvalue()


def relationships(rows):
    schema = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    text = "".join('<Relationship Id="r%d" Type="%s%s" Target="%s"%s/>' % (i, schema, kind, target.replace("&", "&amp;"), ' TargetMode="External"' if external else "")
                   for i, (kind, target, external) in enumerate(rows))
    return '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>' % text


def native(name, data, path=None, size=True):
    body = struct.pack("<H", 2) + name.encode() + b"\0" + (path or "C:\\x\\" + name).encode() + b"\0" + struct.pack("<HH", 0, 3)
    temp = ("C:\\t\\" + name).encode() + b"\0"
    body += struct.pack("<I", len(temp)) + temp + struct.pack("<I", len(data)) + data
    return (struct.pack("<I", len(body)) if size else b"") + body


def old_object(name, data):
    """An object as RTF has it, as hexadecimal digits."""
    raw = name.encode() + b"\0"
    return (struct.pack("<III", 0x501, 2, len(raw)) + raw + struct.pack("<III", 0, 0, len(data)) + data).hex()


def biff(records):
    return b"".join(struct.pack("<HH", i, len(d)) + d for i, d in records)


def workbook(sheets, names=(), formulas=(), encrypted=False):
    """sheets: (name, state, type)."""
    records = [(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))]
    if encrypted:
        records.append((0x2F, struct.pack("<HHH", 1, 1, 1) + bytes(48)))
    records += [(0x85, struct.pack("<IBBBB", 0, state, kind, len(n), 0) + n.encode()) for n, state, kind in sheets]
    records += [(0x18, struct.pack("<HBBHHHBBBB", 0x20, 0, 1, 0, 0, 0, 0, 0, 0, 0) + bytes([0, 1])) for _ in names]
    records += [(0x0A, b""), (0x809, struct.pack("<HHHHII", 0x600, 0x40, 0, 0, 0, 0))]
    records += [(0x06, bytes(20) + struct.pack("<H", 8) + b"\x17\x01\0x\x42\1" + struct.pack("<H", f)) for f in formulas]
    return cfb({"Workbook": biff(records + [(0x0A, b"")]).ljust(4096, b"\0")})
