"""Facts that are announced once they are committed, in the past tense.

A payload carries ids, never printed numbers or names. `version` rises when a
payload changes its meaning.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The root of all events."""

    name: ClassVar[str]
    version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued(Event):
    name: ClassVar[str] = "document.issued"
    document_id: UUID
    type: str
    customer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVoided(Event):
    name: ClassVar[str] = "document.voided"
    document_id: UUID
    reversal_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRunFinished(Event):
    name: ClassVar[str] = "bill_run.finished"
    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySent(Event):
    name: ClassVar[str] = "delivery.sent"
    delivery_id: UUID
    document_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(Event):
    """It failed, or came back."""

    name: ClassVar[str] = "delivery.failed"
    delivery_id: UUID
    document_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginEnabled(Event):
    name: ClassVar[str] = "plugin.enabled"
    plugin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginDisabled(Event):
    name: ClassVar[str] = "plugin.disabled"
    plugin: str


EVENTS: tuple[type[Event], ...] = (
    DocumentIssued,
    DocumentVoided,
    BillRunFinished,
    DeliverySent,
    DeliveryFailed,
    PluginEnabled,
    PluginDisabled,
)
