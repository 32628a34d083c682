"""Deliveries as the API takes and gives them."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.deliveries import DeliveryState, Recipient, RecipientKind, Tone
from billhook.sdk.api import Answer, Input, PageQuery
from billhook.services.delivering import DeliveryEntry, DeliveryView, RecipientEntry, Step
from billhook.services.delivering.delivery_search import DeliveryFilter
from billhook.services.delivering.retrying import Retried
from billhook.services.delivering.trail import StepKind
from billhook.services.delivering.usual import UsualWay

MOST_RETRIED = 100


class DeliveriesQuery(PageQuery):
    """Which deliveries; what is left out narrows nothing."""

    text: str = Field(
        "", max_length=limits.NAME, description="In number, customer's name or code, address."
    )
    state: DeliveryState | None = Field(None, description="Of it, or of one of its recipients.")
    channel: str = Field("", max_length=limits.CODE, description="Key of a channel.")
    customer: str = Field("", max_length=limits.CODE, description="Your own code.")
    document_id: UUID | None = None
    since: date | None = None
    until: date | None = None

    def wanted(self) -> DeliveryFilter:
        """Return what the service looks for."""
        return DeliveryFilter(
            text=self.text,
            state=self.state,
            channel=self.channel,
            customer=self.customer,
            document_id=self.document_id,
            since=self.since,
            until=self.until,
        )


class RecipientGiven(Input):
    """Somebody who is to get it, by an address of the channel's own kind."""

    address: str = Field(min_length=1, max_length=limits.EMAIL, examples=["ap@client.example"])
    kind: RecipientKind = RecipientKind.TO
    name: str = Field("", max_length=limits.NAME)


class SendInput(Input):
    """How to send a document; what is left out is as the customer wants it."""

    channel: str = Field("", max_length=limits.CODE, examples=["delivery_email.smtp"])
    recipients: list[RecipientGiven] = Field([], max_length=limits.RECIPIENTS)
    tone: Tone | None = None

    def given(self) -> list[Recipient]:
        """Return whom the service writes to."""
        return [
            Recipient(address=one.address, kind=one.kind, name=one.name) for one in self.recipients
        ]


class RetryInput(Input):
    """Which deliveries to try again."""

    ids: list[UUID] = Field(min_length=1, max_length=MOST_RETRIED)


class RecipientAnswer(Answer):
    """Whom a delivery goes to, and what became of it there."""

    address: str
    kind: RecipientKind
    name: str
    state: DeliveryState
    reason: str

    @classmethod
    def of(cls, one: RecipientEntry) -> "RecipientAnswer":
        """Return how the API shows a recipient."""
        return cls(
            address=one.address,
            kind=one.kind,
            name=one.name,
            state=one.state,
            reason=one.reason,
        )


class DeliveryStepAnswer(Answer):
    """One thing that happened to a delivery."""

    kind: StepKind
    address: str
    detail: str
    facts: dict[str, str]
    happened_at: datetime

    @classmethod
    def of(cls, one: Step) -> "DeliveryStepAnswer":
        """Return how the API shows a step."""
        return cls(
            kind=one.kind,
            address=one.address,
            detail=one.detail,
            facts=one.facts,
            happened_at=one.happened_at,
        )


class DeliveryAnswer(Answer):
    """A document on its way to a client."""

    id: UUID
    document_id: UUID
    number: str = Field(description="Of the document.")
    customer: str
    customer_name: str
    channel: str
    state: DeliveryState
    is_unknown: bool = Field(description="Nobody knows whether it arrived.")
    is_captured: bool = Field(description="A sandbox kept it.")
    subject: str
    recipients: list[RecipientAnswer]
    last_error: str
    created_at: datetime
    sent_at: datetime | None
    next_try_at: datetime | None = Field(description="Null where none comes by itself.")

    @classmethod
    def of(cls, one: DeliveryEntry) -> "DeliveryAnswer":
        """Return how the API shows a delivery."""
        return cls(
            id=one.id,
            document_id=one.document_id,
            number=one.number,
            customer=one.customer,
            customer_name=one.customer_name,
            channel=one.channel,
            state=one.state,
            is_unknown=one.is_unknown,
            is_captured=one.is_captured,
            subject=one.subject,
            recipients=[RecipientAnswer.of(person) for person in one.recipients],
            last_error=one.last_error,
            created_at=one.created_at,
            sent_at=one.sent_at,
            next_try_at=one.next_try_at,
        )


class DeliveryContentAnswer(Answer):
    """What a delivery says and carries, and every step of its way."""

    sender_name: str
    sender_email: str
    reply_to: str
    language: str
    subject: str
    text: str
    html: str
    files: list[str] = Field(description="Names of what was made of the document.")
    remote_id: str = Field(description="By which the other side knows it.")
    steps: list[DeliveryStepAnswer]

    @classmethod
    def of(cls, view: DeliveryView) -> "DeliveryContentAnswer":
        """Return how the API shows what was sent."""
        return cls(
            sender_name=view.sender_name,
            sender_email=view.sender_email,
            reply_to=view.reply_to,
            language=view.language,
            subject=view.entry.subject,
            text=view.text,
            html=view.html,
            files=list(view.files),
            remote_id=view.remote_id,
            steps=[DeliveryStepAnswer.of(one) for one in view.steps],
        )


class RetriedAnswer(Answer):
    """What became of several deliveries that were to be tried again."""

    tried: int
    refused: list[str] = Field(description="Why the others were not, each reason once.")

    @classmethod
    def of(cls, done: Retried) -> "RetriedAnswer":
        """Return how the API tells it."""
        return cls(tried=done.tried, refused=list(done.refused))


class WayRecipientAnswer(Answer):
    """Whom a channel writes to by itself."""

    address: str
    kind: RecipientKind
    name: str


class WayAnswer(Answer):
    """A channel, and whom it writes to where nobody names anyone else."""

    channel: str
    recipients: list[WayRecipientAnswer]
    is_preferred: bool = Field(description="Documents of the customer go this way by themselves.")
    failure: str = Field(description="Why the channel could not tell.")

    @classmethod
    def of(cls, way: UsualWay) -> "WayAnswer":
        """Return how the API shows a way."""
        return cls(
            channel=way.channel,
            recipients=[
                WayRecipientAnswer(address=one.address, kind=one.kind, name=one.name)
                for one in way.recipients
            ],
            is_preferred=way.is_preferred,
            failure=way.failure,
        )


class WaysAnswer(Answer):
    """All channels that are on, the customer's first."""

    data: list[WayAnswer]
