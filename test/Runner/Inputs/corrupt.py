"""corrupt.py KIND FILE: writes a .npy file of 2x3 f32 that is malformed."""

import struct
import sys

DATA = struct.pack("<6f", *range(6))


def make(text: str, data: bytes = DATA, version: int = 1) -> bytes:
    """A file with this dictionary and data."""
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode() + data


def shaped(shape: str) -> str:
    """The dictionary of this shape."""
    return "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n"


FILES = {
    "magic": b"PK\x03\x04" + DATA,
    "empty": b"",
    "version": make(shaped("(2, 3)"), version=9),
    "header": make(shaped("(2, 3)"))[:40],
    "truncated": make(shaped("(2, 3)"), DATA[:-1]),
    "trailing": make(shaped("(2, 3)"), DATA + b"x"),
    "overflow": make(shaped("(4611686018427387904, 8)")),
    "huge": make(shaped("(1099511627776, 3)")),
    "negative": make(shaped("(-2, 3)")),
    "dictionary": make("['descr']\n"),
    "key": make("{'descr': '<f4', 'shape': (2, 3)}\n"),
    "structured": make("{'descr': [('a', '<f4')], 'fortran_order': False, "
                       "'shape': (2, 3)}\n"),
    "endian": make("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3)}\n"),
    "v2": make(shaped("(2, 3)"), version=2),
    "v3": make(shaped("(2, 3)"), version=3),
}

with open(sys.argv[2], "wb") as file:
    file.write(FILES[sys.argv[1]])
