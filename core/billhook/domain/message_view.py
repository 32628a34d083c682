"""A mail as people read it: what a theme's mail templates lay out."""

from dataclasses import dataclass

from billhook.domain.document_view import Direction, Field, ViewPayment, ViewTotal


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLink:
    """A button that leads to the portal."""

    label: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """All that a theme may show in a mail; texts are plain, not markup."""

    language: str  # IETF tag
    direction: Direction
    subject: str
    summary: str
    """What a list of mails shows beside the subject."""
    mark: str
    """A draft or a sandbox says so; empty in a real mail."""
    greeting: str
    paragraphs: tuple[str, ...]
    facts: tuple[Field, ...]
    """Number, dates, amount; none in a letter that is not about a document."""
    lines: tuple[ViewTotal, ...]
    """What was supplied, where it is short enough for a mail."""
    totals: tuple[ViewTotal, ...]
    payment: ViewPayment | None
    """Without a code: a telephone cannot photograph itself."""
    closing: tuple[str, ...]
    sender: tuple[str, ...]
    """Who writes: name, contact."""
    footer: tuple[str, ...]
    link: MessageLink | None = None
    """Where the reader sees it at the portal; None where there is nothing to see."""
