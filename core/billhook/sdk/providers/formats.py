"""E-invoice formats: a publication becomes a file that machines read, by a standard's rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from billhook.domain.publications import Publication
from billhook.problems import Problem
from billhook.sdk.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the standard's own rules say of a file."""

    rules: str
    """Name and version of every rule set that was run; empty where none could be."""
    findings: tuple[Problem, ...] = ()
    """Code is the rule's id, path the business term; errors forbid to issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file with the verdict on its very bytes."""

    content: bytes
    verdict: Verdict


@runtime_checkable
class DocumentFormat(Protocol):
    """A provider of family "document format". Keys are ``<plugin>.<name>``."""

    key: str
    content_type: str
    extension: str  # without the dot

    def write(self, publications: Sequence[Publication]) -> Sequence[Written]:
        """Write a batch and run the rules on it: one answer per publication, in order.

        Called on drafts, before a number is used, and again on what was issued.
        What the format cannot express is a finding, never left out silently.
        """
        ...


@runtime_checkable
class DocumentFormatFactory(Protocol):
    """Makes a document format for a tenant."""

    key: str

    def __call__(self, ctx: Context) -> DocumentFormat: ...
