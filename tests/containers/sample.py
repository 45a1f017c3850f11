"""What one sample is, and harmless stand-ins for programs."""
import struct


class Sample:
    def __init__(self, label, name, data, signs, type="application/octet-stream", words="", absent=(), links=()):
        """signs: all of them must be given; None: a benign file, nothing of weight may be."""
        self.label, self.name, self.data, self.type, self.words = label, name, data, type, words
        self.signs, self.absent, self.links = signs if signs is None or isinstance(signs, (list, tuple)) else [signs], absent, links


def pe(dll=False):
    """Headers of a program without a line of code."""
    dos = b"MZ\x90\0" + bytes(56) + struct.pack("<I", 64)
    return dos + b"PE\0\0" + struct.pack("<HHIIIHH", 0x14C, 0, 0, 0, 0, 0, 0x2002 if dll else 2) + bytes(64)


ELF = b"\x7fELF\2\1\1" + bytes(57)
MACHO = bytes.fromhex("cffaedfe07000001") + bytes(56)
EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*").encode()
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(32)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(64)
TEXT = b"The minutes of the meeting on Monday.\r\nAll agreed.\r\n"
HTML = b"<html><body><p>Hello</p></body></html>\n"
