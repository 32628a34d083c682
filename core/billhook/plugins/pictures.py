"""The size of a picture, read from its head: nothing is decoded, so no bomb goes off."""

import struct
import zlib

PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of JPEG that begin a frame, and with it say its size."""


def pixels(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG; None where the bytes are neither."""
    if content.startswith(PNG) and content[12:16] == b"IHDR" and len(content) >= 24:
        return struct.unpack(">II", content[16:24])
    if content.startswith(_JPEG):
        return _jpeg(content)
    return None


def _jpeg(content: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + int(struct.unpack(">H", content[place + 2 : place + 4])[0])
    return None


def is_whole(content: bytes) -> bool:
    """Tell whether a picture ends as it should, and a PNG's data are as long as its size says."""
    if content.startswith(PNG):
        return _is_whole_png(content)
    return content.startswith(_JPEG) and content.rstrip(b"\x00").endswith(b"\xff\xd9")


def _is_whole_png(content: bytes) -> bool:
    data = b""
    place = len(PNG)
    while place + 12 <= len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        kind = content[place + 4 : place + 8]
        body = content[place + 8 : place + 8 + length]
        check = content[place + 8 + length : place + 12 + length]
        if check != struct.pack(">I", zlib.crc32(kind + body)):
            return False
        if kind == b"IEND":
            return _is_inflatable(data, content)
        data += body if kind == b"IDAT" else b""
        place += 12 + length
    return False


def _is_inflatable(data: bytes, content: bytes) -> bool:
    """Tell whether the pixels' data end, within what the largest kind of pixel would take."""
    width, height = struct.unpack(">II", content[16:24])
    most = (width * 8 + 2) * height + 64 * 8  # 16 bits of each of four channels, and a filter
    inflating = zlib.decompressobj()
    try:
        inflating.decompress(data, most)
    except zlib.error:
        return False
    return inflating.eof


def fitted(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size of the same shape that fits into the box, in the box's unit."""
    (width, height), (most_width, most_height) = size, box
    if width * most_height > height * most_width:
        return most_width, max(height * most_width // width, 1)
    return max(width * most_height // height, 1), most_height
