"""Dated versions: a program keeps the answers it was written for, until it asks for newer ones.

A key is answered in the version that it was made in; the header `Billhook-Version`
takes another for one request. A change that would break programs gets a date and
a `Change`, which makes a request of the version before into one of today, and an
answer of today into one of the version before. New fields, routes and events are no
such changes: programs pass over what they do not know.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, request

from billhook.i18n import gettext as _
from billhook.problems import Problem
from billhook.sdk.api import RequestMalformed
from billhook.services.api_versions import FIRST, LATEST
from billhook.services.key_contexts import KeyVisit

HEADER = "Billhook-Version"

Plain = Any
"""JSON as Python has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a version changed of some operations, both ways."""

    version: str
    """The date, in ISO 8601, from which on it is so."""
    operations: frozenset[str]
    """Names of operations."""
    request: Callable[[Plain], Plain] = lambda body: body
    """Makes a body of the version before into one of this."""
    answer: Callable[[Plain], Plain] = lambda body: body
    """Makes an answer of this version into one of the version before."""


CHANGES: Sequence[Change] = ()
"""Newest last. There has been one version only."""


def init_app(app: Flask) -> None:
    """Tell in each answer in which version it is."""
    app.after_request(_tell)


def known(changes: Sequence[Change]) -> list[str]:
    """Return all versions, oldest first."""
    return [FIRST, *dict.fromkeys(change.version for change in changes)]


def settle(visit: KeyVisit) -> None:
    """Choose the version of a request. Raises RequestMalformed for one that there never was."""
    asked = request.headers.get(HEADER)
    if asked is not None and asked not in known(CHANGES):
        message = _(
            "There is no version “%(asked)s”. Send one of these, or leave the header out: %(known)s.",
            asked=asked[:40],
            known=", ".join(known(CHANGES)),
        )
        raise RequestMalformed([Problem(code="version.unknown", path=HEADER, message=message)])
    g.api_version = asked or visit.api_version


def newer_than(version: str, operation: str, changes: Sequence[Change]) -> list[Change]:
    """Return what changed of an operation since a version, oldest first."""
    return [one for one in changes if one.version > version and operation in one.operations]


def to_latest(body: Plain, version: str, operation: str, changes: Sequence[Change]) -> Plain:
    """Return the body that a program of today would have sent."""
    for change in newer_than(version, operation, changes):
        body = change.request(body)
    return body


def from_latest(answer: Plain, version: str, operation: str, changes: Sequence[Change]) -> Plain:
    """Return the answer that a program of that version knows."""
    for change in reversed(newer_than(version, operation, changes)):
        answer = change.answer(answer)
    return answer


def _tell(response: Response) -> Response:
    if "api_version" in g:
        response.headers[HEADER] = g.api_version
    return response


__all__ = ["CHANGES", "HEADER", "LATEST", "Change", "from_latest", "known", "settle", "to_latest"]
