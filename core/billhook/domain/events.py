"""Facts that are announced once they are committed, in the past tense.

A payload carries ids, never printed numbers or names, so that whoever listens asks
for the object as it is, with permissions of their own. It is flat and small:
what happens to many at once tells their number and the first `MOST_IDS` of them.
`version` rises when a payload changes its meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

from babel.support import LazyProxy

from billhook.i18n import lazy_gettext as _

MOST_IDS = 100
"""How many ids a payload carries at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The root of all events."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    summary: ClassVar[LazyProxy]
    """When it happens, for people who choose what to be told of."""
    resource: ClassVar[str] = ""
    """Where the API has the object, with the payload's fields in braces; empty where it has none."""
    examples: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """Values of a made-up payload, of the fields that are no ids and counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCreated(Event):
    name: ClassVar[str] = "customer.created"
    summary: ClassVar[LazyProxy] = _("A customer was added.")
    resource: ClassVar[str] = "/customers/{customer_id}"
    customer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged(Event):
    name: ClassVar[str] = "customer.changed"
    summary: ClassVar[LazyProxy] = _("What is known of a customer was changed.")
    resource: ClassVar[str] = "/customers/{customer_id}"
    customer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMerged(Event):
    name: ClassVar[str] = "customer.merged"
    summary: ClassVar[LazyProxy] = _("A duplicate of a customer was merged into another.")
    resource: ClassVar[str] = "/customers/{customer_id}"
    customer_id: UUID
    """The one that was kept."""
    duplicate_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerErased(Event):
    name: ClassVar[str] = "customer.erased"
    summary: ClassVar[LazyProxy] = _(
        "What was known of a customer was erased, as far as it may be."
    )
    resource: ClassVar[str] = "/customers/{customer_id}"
    customer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated(Event):
    name: ClassVar[str] = "product.created"
    summary: ClassVar[LazyProxy] = _("A product was added.")
    resource: ClassVar[str] = "/products/{product_id}"
    product_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanged(Event):
    name: ClassVar[str] = "product.changed"
    summary: ClassVar[LazyProxy] = _("A product was changed.")
    resource: ClassVar[str] = "/products/{product_id}"
    product_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAdded(Event):
    name: ClassVar[str] = "price.added"
    summary: ClassVar[LazyProxy] = _("A price of a product was added.")
    resource: ClassVar[str] = "/prices/{price_id}"
    price_id: UUID
    product_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesAdded(Event):
    name: ClassVar[str] = "charges.added"
    summary: ClassVar[LazyProxy] = _("Charges came in, from one source and at once.")
    examples: ClassVar[Mapping[str, Any]] = MappingProxyType({"source": "csv"})
    source: str
    count: int
    charge_ids: tuple[UUID, ...]
    """The first `MOST_IDS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesWithdrawn(Event):
    name: ClassVar[str] = "charges.withdrawn"
    summary: ClassVar[LazyProxy] = _("Charges were withdrawn: they are not billed.")
    count: int
    charge_ids: tuple[UUID, ...]
    """The first `MOST_IDS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCreated(Event):
    name: ClassVar[str] = "draft.created"
    summary: ClassVar[LazyProxy] = _("A draft was made, by hand or by a bill run.")
    resource: ClassVar[str] = "/drafts/{draft_id}"
    draft_id: UUID
    customer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftChanged(Event):
    name: ClassVar[str] = "draft.changed"
    summary: ClassVar[LazyProxy] = _("A draft was changed.")
    resource: ClassVar[str] = "/drafts/{draft_id}"
    draft_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDiscarded(Event):
    name: ClassVar[str] = "draft.discarded"
    summary: ClassVar[LazyProxy] = _("A draft was discarded; its charges wait again.")
    resource: ClassVar[str] = "/drafts/{draft_id}"
    draft_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMerged(Event):
    name: ClassVar[str] = "draft.merged"
    summary: ClassVar[LazyProxy] = _("Drafts were merged into one.")
    resource: ClassVar[str] = "/drafts/{draft_id}"
    draft_id: UUID
    """The one that they became."""
    merged_ids: tuple[UUID, ...]
    """The first `MOST_IDS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSplit(Event):
    name: ClassVar[str] = "draft.split"
    summary: ClassVar[LazyProxy] = _("A draft was split into several.")
    draft_id: UUID
    part_ids: tuple[UUID, ...]
    """The first `MOST_IDS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued(Event):
    name: ClassVar[str] = "document.issued"
    summary: ClassVar[LazyProxy] = _("An invoice or credit note was issued.")
    resource: ClassVar[str] = "/documents/{document_id}"
    examples: ClassVar[Mapping[str, Any]] = MappingProxyType({"type": "invoice"})
    document_id: UUID
    type: str
    customer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCredited(Event):
    name: ClassVar[str] = "document.credited"
    summary: ClassVar[LazyProxy] = _("A document was credited, in part or in full.")
    resource: ClassVar[str] = "/documents/{document_id}"
    document_id: UUID
    credit_note_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVoided(Event):
    name: ClassVar[str] = "document.voided"
    summary: ClassVar[LazyProxy] = _("A document was voided by a full reversal.")
    resource: ClassVar[str] = "/documents/{document_id}"
    document_id: UUID
    reversal_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRunFinished(Event):
    name: ClassVar[str] = "bill_run.finished"
    summary: ClassVar[LazyProxy] = _("A bill run has ended, with or without parked customers.")
    resource: ClassVar[str] = "/bill-runs/{run_id}"
    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFinished(Event):
    name: ClassVar[str] = "import.finished"
    summary: ClassVar[LazyProxy] = _("A file was brought in.")
    resource: ClassVar[str] = "/imports/{run_id}"
    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySent(Event):
    name: ClassVar[str] = "delivery.sent"
    summary: ClassVar[LazyProxy] = _("A document was sent to its recipients.")
    resource: ClassVar[str] = "/deliveries/{delivery_id}"
    delivery_id: UUID
    document_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(Event):
    """It failed, or came back."""

    name: ClassVar[str] = "delivery.failed"
    summary: ClassVar[LazyProxy] = _("A document could not be sent, or came back.")
    resource: ClassVar[str] = "/deliveries/{delivery_id}"
    delivery_id: UUID
    document_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked(Event):
    name: ClassVar[str] = "question.asked"
    summary: ClassVar[LazyProxy] = _("A client asked about a document, or disputed it.")
    resource: ClassVar[str] = "/questions/{question_id}"
    examples: ClassVar[Mapping[str, Any]] = MappingProxyType({"kind": "dispute"})
    question_id: UUID
    document_id: UUID
    customer_id: UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered(Event):
    """Either side said something: `side` is `client` or `company`."""

    name: ClassVar[str] = "question.answered"
    summary: ClassVar[LazyProxy] = _("A client or the company said more about a question.")
    resource: ClassVar[str] = "/questions/{question_id}"
    examples: ClassVar[Mapping[str, Any]] = MappingProxyType({"side": "client"})
    question_id: UUID
    message_id: UUID
    side: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionClosed(Event):
    name: ClassVar[str] = "question.closed"
    summary: ClassVar[LazyProxy] = _("A question or dispute was closed, by either side.")
    resource: ClassVar[str] = "/questions/{question_id}"
    examples: ClassVar[Mapping[str, Any]] = MappingProxyType({"side": "company"})
    question_id: UUID
    message_id: UUID
    side: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionReopened(Event):
    name: ClassVar[str] = "question.reopened"
    summary: ClassVar[LazyProxy] = _("A question or dispute was opened again, by either side.")
    resource: ClassVar[str] = "/questions/{question_id}"
    examples: ClassVar[Mapping[str, Any]] = MappingProxyType({"side": "client"})
    question_id: UUID
    message_id: UUID
    side: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginEnabled(Event):
    name: ClassVar[str] = "plugin.enabled"
    summary: ClassVar[LazyProxy] = _("A plugin was switched on.")
    resource: ClassVar[str] = "/plugins/{plugin}"
    examples: ClassVar[Mapping[str, Any]] = MappingProxyType({"plugin": "tax_rules"})
    plugin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginDisabled(Event):
    name: ClassVar[str] = "plugin.disabled"
    summary: ClassVar[LazyProxy] = _("A plugin was switched off.")
    resource: ClassVar[str] = "/plugins/{plugin}"
    examples: ClassVar[Mapping[str, Any]] = MappingProxyType({"plugin": "tax_rules"})
    plugin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDisabled(Event):
    name: ClassVar[str] = "webhook.disabled"
    summary: ClassVar[LazyProxy] = _(
        "A webhook was disabled, because it was gone or kept failing."
    )
    resource: ClassVar[str] = "/webhooks/{webhook_id}"
    examples: ClassVar[Mapping[str, Any]] = MappingProxyType({"reason": "gone"})
    webhook_id: UUID
    reason: str


EVENTS: tuple[type[Event], ...] = (
    CustomerCreated,
    CustomerChanged,
    CustomerMerged,
    CustomerErased,
    ProductCreated,
    ProductChanged,
    PriceAdded,
    ChargesAdded,
    ChargesWithdrawn,
    DraftCreated,
    DraftChanged,
    DraftDiscarded,
    DraftMerged,
    DraftSplit,
    DocumentIssued,
    DocumentCredited,
    DocumentVoided,
    BillRunFinished,
    ImportFinished,
    DeliverySent,
    DeliveryFailed,
    QuestionAsked,
    QuestionAnswered,
    QuestionClosed,
    QuestionReopened,
    PluginEnabled,
    PluginDisabled,
    WebhookDisabled,
)
