"""ZIP archives that are sent while they are written, of a length that is known before.

Files are stored as they are: what is archived is compressed in itself, and their sizes say
how long the archive is. One file at a time is in memory.
"""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO, RawIOBase
from typing import Any

PIECE = 256 * 1024
"""Bytes that are handed on together."""

_LOCAL, _CENTRAL, _END = 30, 46, 22  # bytes of the headers, APPNOTE 4.3.7, 4.3.12, 4.3.16
_FIRST_YEAR = 1980
_READABLE = 0o644 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipEntry:
    """A file of an archive, not read yet."""

    name: str
    size: int
    day: date
    read: Callable[[], bytes]
    """Returns as many bytes as `size` says, or raises."""


class SizeDiffers(RuntimeError):
    """A file is not as long as was said: the archive's length was promised already."""


def length(entries: Iterable[ZipEntry]) -> int:
    """Return how many bytes the archive has; below 4 GB and 65,535 files."""
    return _END + sum(_LOCAL + _CENTRAL + 2 * len(one.name.encode()) + one.size for one in entries)


def stream(entries: Sequence[ZipEntry]) -> Iterator[bytes]:
    """Write an archive piece by piece. Raises what reading raises, and SizeDiffers."""
    window = _Window()
    with zipfile.ZipFile(window, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for one in entries:
            content = one.read()
            if len(content) != one.size:
                raise SizeDiffers(f"{one.name} has {len(content)} bytes, not {one.size}.")
            archive.writestr(_info(one), content)
            del content
            yield from window.taken()
    yield from window.taken()


def _info(one: ZipEntry) -> zipfile.ZipInfo:
    day = max(one.day, date(_FIRST_YEAR, 1, 1))
    info = zipfile.ZipInfo(one.name, (day.year, day.month, day.day, 0, 0, 0))
    info.external_attr = _READABLE
    return info


class _Window(RawIOBase):
    """What was written and not taken yet: the writer goes back in it to a file's header."""

    def __init__(self) -> None:
        super().__init__()
        self._begin = 0
        self._pieces = BytesIO()

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._begin + self._pieces.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        self._pieces.seek(offset - self._begin)
        return offset

    def write(self, content: Any) -> int:
        return self._pieces.write(content)

    def taken(self) -> Iterator[bytes]:
        """Take what is there in pieces, and begin anew behind it."""
        full, self._pieces = self._pieces, BytesIO()
        self._begin += full.seek(0, 2)
        full.seek(0)
        while piece := full.read(PIECE):
            yield piece
