"""The program that runs stylesheets, in a process of its own: `process` starts it and talks to it.

Saxon is a compiled Java with memory and threads of its own. Here it can be killed
when it takes too long, crash without taking anybody along, and give its 170 MB
back. The process knows nothing of Billhook, gets no environment, and ends when
its input does or when nobody asked for a while.

Frames in both directions: length (8 bytes, big-endian), then that many bytes. A
question is a stylesheet's path and a document; an answer is ``ok`` and the
result, or ``error`` and what Saxon says.
"""

import resource
import select
import struct
import sys
from functools import lru_cache
from typing import IO, Any

IDLE_SECONDS = 600

_LENGTH = struct.Struct(">Q")


def main() -> None:
    """Answer until the input ends."""
    from saxonche import PySaxonApiError  # others import this module for its frames alone

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    saxon = Saxon()
    with open(0, "rb", buffering=0) as questions:  # unbuffered, so that select sees what waits
        while select.select([questions], [], [], IDLE_SECONDS)[0]:
            if (path := read_frame(questions)) is None:
                return
            document = read_frame(questions) or b""
            try:
                status, result = b"ok", saxon.transform(path.decode(), document.decode()).encode()
            except PySaxonApiError as error:
                status, result = b"error", str(error).encode()
            write_frames(sys.stdout.buffer, status, result)


class Saxon:
    """A processor with the stylesheets that it compiled so far."""

    def __init__(self) -> None:
        from saxonche import PySaxonProcessor

        self._processor = PySaxonProcessor(license=False)
        for name, value in {
            "http://saxon.sf.net/feature/allowedProtocols": "file",
            "http://saxon.sf.net/feature/parserFeature?"
            "uri=http://apache.org/xml/features/disallow-doctype-decl": "true",
        }.items():
            self._processor.set_configuration_property(name, value)
        self._compiled = lru_cache(maxsize=8)(self._compile)

    def transform(self, stylesheet: str, document: str) -> str:
        """Raises PySaxonApiError."""
        node = self._processor.parse_xml(xml_text=document)
        result = self._compiled(stylesheet).transform_to_string(xdm_node=node)
        return str(result)

    def _compile(self, stylesheet: str) -> Any:
        return self._processor.new_xslt30_processor().compile_stylesheet(
            stylesheet_file=stylesheet
        )


def read_frame(source: IO[bytes]) -> bytes | None:
    """Return the next frame; None at the end of the input."""
    head = _read_exactly(source, _LENGTH.size)
    return None if head is None else _read_exactly(source, _LENGTH.unpack(head)[0])


def _read_exactly(source: IO[bytes], size: int) -> bytes | None:
    parts = []
    while size:
        part = source.read(size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def write_frames(target: IO[bytes], *frames: bytes) -> None:
    for frame in frames:
        target.write(_LENGTH.pack(len(frame)))
        target.write(frame)
    target.flush()


if __name__ == "__main__":
    main()
