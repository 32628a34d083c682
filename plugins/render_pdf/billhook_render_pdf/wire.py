"""What the renderer and the process that prints tell each other: a length, a JSON head, bytes.

Nothing that comes back from markup is unpickled or run: the head holds texts and
numbers, checked one by one.
"""

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from billhook_render_pdf.bounds import FILE_BYTES, HTML_BYTES, MB, RESOURCE_BYTES

_LENGTH = struct.Struct(">I")
_LONGEST_HEAD = 1 * MB


class Outcome(StrEnum):
    PRINTED = "printed"
    TOO_LONG = "too_long"
    """Time, of the processor or of the clock, ran out."""
    TOO_LARGE = "too_large"
    """Memory, or the size of the file, ran out."""
    TOO_DEEP = "too_deep"
    UNPRINTABLE = "unprintable"
    """The layout failed, or the process ended without saying why."""


class Gone(Exception):
    """The other side hung up before it had said everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A page to be printed."""

    html: bytes
    resources: Mapping[str, bytes] = field(default_factory=dict)
    title: str = ""
    author: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an order."""

    outcome: Outcome
    content: bytes = b""
    missing: str = ""
    """Characters that no font has, each once."""
    uncomposed: str = ""
    """Letters that stand side by side, though their script joins them."""
    has_broken_picture: bool = False
    refused: tuple[str, ...] = ()
    """Addresses that the page named and that were not loaded."""
    reason: str = ""
    """What the library said of a page that it could not lay out."""


def send_order(line: socket.socket, order: Order) -> None:
    """Raises Gone."""
    head = {
        "html": len(order.html),
        "resources": [[name, len(content)] for name, content in order.resources.items()],
        "title": order.title,
        "author": order.author,
        "language": order.language,
    }
    _send(line, head, [order.html, *order.resources.values()])


def receive_order(line: socket.socket) -> Order:
    """Raises Gone."""
    head = _head(line)
    sizes = [(str(name), int(size)) for name, size in head["resources"]]
    if head["html"] > HTML_BYTES or sum(size for _, size in sizes) > RESOURCE_BYTES:
        raise Gone
    return Order(
        html=_exactly(line, head["html"]),
        resources={name: _exactly(line, size) for name, size in sizes},
        title=head["title"],
        author=head["author"],
        language=head["language"],
    )


def send_answer(line: socket.socket, answer: Answer) -> None:
    """Raises Gone."""
    head = {
        "outcome": answer.outcome.value,
        "content": len(answer.content),
        "missing": answer.missing,
        "uncomposed": answer.uncomposed,
        "has_broken_picture": answer.has_broken_picture,
        "refused": answer.refused,
        "reason": answer.reason,
    }
    _send(line, head, [answer.content])


def receive_answer(line: socket.socket) -> Answer:
    """Raises Gone; so does an answer of any other shape."""
    head = _head(line)
    try:
        outcome, size = Outcome(head["outcome"]), int(head["content"])
        missing, uncomposed = str(head["missing"]), str(head["uncomposed"])
        has_broken_picture, reason = bool(head["has_broken_picture"]), str(head["reason"])
        refused = tuple(str(address) for address in head["refused"])
    except (KeyError, TypeError, ValueError) as error:
        raise Gone from error
    if not 0 <= size <= FILE_BYTES:
        raise Gone
    content = _exactly(line, size)
    return Answer(
        outcome=outcome,
        content=content,
        missing=missing,
        uncomposed=uncomposed,
        has_broken_picture=has_broken_picture,
        refused=refused,
        reason=reason,
    )


def _send(line: socket.socket, head: dict[str, Any], parts: list[bytes]) -> None:
    encoded = json.dumps(head).encode()
    try:
        line.sendall(_LENGTH.pack(len(encoded)) + encoded)
        for part in parts:
            line.sendall(part)
    except OSError as error:
        raise Gone from error


def _head(line: socket.socket) -> dict[str, Any]:
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    if length > _LONGEST_HEAD:
        raise Gone
    try:
        head = json.loads(_exactly(line, length))
    except ValueError as error:
        raise Gone from error
    if not isinstance(head, dict):
        raise Gone
    return head


def _exactly(line: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        try:
            part = line.recv(min(size - len(received), MB))
        except OSError as error:
            raise Gone from error
        if not part:
            raise Gone
        received += part
    return bytes(received)
