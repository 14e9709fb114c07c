"""What kind of file some bytes are, as far as deciding whether LinkedIn would take them."""

from __future__ import annotations

import struct

MOST_PIXELS = 36_152_320
MOST_BYTES = 100_000_000  # of a document

_DOCUMENTS = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # PDF, OOXML, older Office
# The JPEG segments that hold the size: all SOF markers.
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def problem_of_image(data: bytes) -> str:
    """Return why an image cannot be processed; empty where it can.

    >>> problem_of_image(b"hello")
    'not a JPEG, PNG or GIF'
    """
    size = _size(data)
    if size is None:
        return "not a JPEG, PNG or GIF"
    width, height = size
    if not width or not height or width * height >= MOST_PIXELS:
        return f"{width} by {height} pixels"
    return ""


def problem_of_document(data: bytes) -> str:
    """Return why a document cannot be processed; empty where it can."""
    if not data.startswith(_DOCUMENTS):
        return "not a PDF, PPT, PPTX, DOC or DOCX"
    return "more than 100 MB" if len(data) > MOST_BYTES else ""


def _size(data: bytes) -> tuple[int, int] | None:
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack_from(">II", data, 16)
        elif data.startswith((b"GIF87a", b"GIF89a")):
            width, height = struct.unpack_from("<HH", data, 6)
        elif data.startswith(b"\xff\xd8\xff"):
            return _jpeg_size(data)
        else:
            return None
    except struct.error:
        return None
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None
