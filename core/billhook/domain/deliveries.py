"""What leaves the house, to whom, and what came of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from billhook.domain.brands import Sender
from billhook.domain.parties import Party
from billhook.domain.publications import FileContent


class DeliveryState(StrEnum):
    """Of a delivery, and of each of its recipients."""

    QUEUED = "queued"
    SENT = "sent"  # the next server or service has taken it
    BOUNCED = "bounced"  # it came back later
    FAILED = "failed"  # refused, given up, or nobody knows
    OPENED = "opened"


class RecipientKind(StrEnum):
    TO = "to"
    CC = "cc"
    BCC = "bcc"


class Tone(StrEnum):
    """How a mail speaks."""

    FORMAL = "formal"
    FRIENDLY = "friendly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """An address of the channel's own kind: of mail, a fax number, a Peppol id."""

    address: str
    kind: RecipientKind = RecipientKind.TO
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPerson:
    """A customer's person, and whether documents go to them as well."""

    name: str
    email: str
    phone: str = ""
    receives: RecipientKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom a channel may write to."""

    party: Party
    contacts: tuple[ContactPerson, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a client reads: the same in plain text and as a page."""

    subject: str
    text: str
    html: str
    pictures: tuple[FileContent, ...] = ()
    """What the page shows: by name as `cid:<name>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One delivery, ready to go. `id` is the same however often it is tried."""

    id: UUID
    sender: Sender
    recipients: tuple[Recipient, ...]
    message: Message
    language: str
    files: tuple[FileContent, ...] = ()
    document_id: UUID | None = None
    settled: frozenset[str] = frozenset()
    """Addresses that have it already, or refused it: named in the message, not written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """A short message to one person by e-mail, without a document: an invitation, a link."""

    sender: Sender
    to: str
    name: str
    message: Message
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecipient:
    """Whom the other side would not take mail for, and in its words why."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the other side said when it took a dispatch."""

    remote_id: str  # by which it is found again, such as a Message-ID
    answer: str = ""
    refused: tuple[RefusedRecipient, ...] = ()
    """Recipients left out for good; at least one other was taken."""
    postponed: tuple[RefusedRecipient, ...] = ()
    """Recipients left out for now: the core tries them again, and no one else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What became of a dispatch later."""

    remote_id: str
    state: DeliveryState
    delivery_id: UUID | None = None
    """The dispatch's own id, where the news tells it; found by `remote_id` otherwise."""
    address: str = ""
    """Whose; empty for all."""
    reason: str = ""
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStep:
    """One step of a trial: what was done, what came back, and what to do where it failed."""

    what: str
    answer: str = ""
    is_good: bool = True
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A test message, step by step; it ends with the first step that failed."""

    steps: tuple[TrialStep, ...]

    @property
    def is_good(self) -> bool:
        return all(step.is_good for step in self.steps)


def state_of(recipients: Collection[tuple[RecipientKind, DeliveryState]]) -> DeliveryState:
    """Return a delivery's state from its recipients'.

    It waits while one of them waits. Else those it is addressed to decide, copies
    only where it is addressed to nobody: what reached one of them is sent.
    """
    states = [state for _kind, state in recipients]
    addressed = [state for kind, state in recipients if kind is RecipientKind.TO] or states
    if DeliveryState.QUEUED in states:
        return DeliveryState.QUEUED
    for state in (DeliveryState.OPENED, DeliveryState.SENT, DeliveryState.BOUNCED):
        if state in addressed:
            return state
    return DeliveryState.FAILED
