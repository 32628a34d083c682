"""Webhooks as the API takes and gives them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.webhooks import EndpointState, WebhookDeliveryState
from billhook.sdk.api import Answer, Input, PageQuery
from billhook.services import webhooks

EventName = Annotated[str, Field(max_length=limits.CODE, examples=["document.issued"])]
Deliveries = Annotated[list[UUID], Field(min_length=1, max_length=100)]


class WebhooksQuery(PageQuery):
    """Which webhooks."""

    text: str = Field("", max_length=limits.NAME, description="In address or description.")
    state: EndpointState | None = None


class NewWebhook(Input):
    """Whom to tell of what."""

    url: str = Field(
        max_length=limits.URL,
        description="Public, and with https; the operator can allow networks of their own.",
        examples=["https://erp.example/billhook"],
    )
    events: list[EventName] = Field(
        [],
        max_length=100,
        description="Names of events; none is all of them, with those that come later.",
    )
    description: str = Field("", max_length=limits.NAME, examples=["ERP"])


class WebhookChanges(Input):
    """Fields of a webhook; what is left out stays."""

    url: str | None = Field(None, max_length=limits.URL)
    events: list[EventName] | None = Field(None, max_length=100)
    description: str | None = Field(None, max_length=limits.NAME)

    def over(self, stored: webhooks.Endpoint) -> webhooks.EndpointInput:
        """Return what the webhook will be."""
        return webhooks.EndpointInput(
            url=stored.url if self.url is None else self.url,
            events=stored.events if self.events is None else tuple(self.events),
            description=stored.description if self.description is None else self.description,
        )


class WebhookAnswer(Answer):
    """An address that is told of events."""

    id: UUID
    url: str
    events: list[str] = Field(description="None is all of them.")
    description: str
    state: EndpointState = Field(
        description="Paused by a person: messages wait. Disabled by itself: none are kept."
    )
    state_reason: str = Field(description="Why it was disabled: gone (it answered 410), failing.")
    failing_since: datetime | None = Field(description="Since when no attempt succeeded.")
    made_by: UUID | None = Field(description="The person or API key that made it.")
    created_at: datetime
    version: int

    @classmethod
    def of(cls, entry: webhooks.Endpoint) -> "WebhookAnswer":
        """Return how the API shows a webhook."""
        return cls(
            id=entry.id,
            url=entry.url,
            events=list(entry.events),
            description=entry.description,
            state=entry.state,
            state_reason=entry.state_reason,
            failing_since=entry.failing_since,
            made_by=entry.made_by,
            created_at=entry.made_at,
            version=entry.version,
        )


class NewWebhookAnswer(WebhookAnswer):
    """A webhook that was just made."""

    shows_secret: ClassVar[bool] = True

    secret: str = Field(
        description="What messages are signed with. It is shown this once.",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
    )

    @classmethod
    def made(cls, made: webhooks.NewEndpoint) -> "NewWebhookAnswer":
        """Return how the API shows a webhook with its secret."""
        shown = WebhookAnswer.of(made.endpoint).model_dump()
        return cls(**shown, secret=made.secret)


class SecretRotation(Input):
    """How a secret is rotated."""

    overlap_hours: int = Field(
        24, ge=0, le=168, description="How long the old secret signs beside the new one."
    )

    @property
    def overlap(self) -> timedelta:
        return timedelta(hours=self.overlap_hours)


class NewSecretAnswer(Answer):
    """A secret that was just made."""

    shows_secret: ClassVar[bool] = True

    secret: str = Field(description="It is shown this once.")
    overlaps_until: datetime


class TestMessage(Input):
    """What is sent to try a webhook out."""

    event: EventName = "document.issued"


class WebhookDeliveriesQuery(PageQuery):
    """Which messages of the last 30 days."""

    webhook_id: UUID | None = None
    event: str = Field("", max_length=limits.CODE)
    state: WebhookDeliveryState | None = None
    id: UUID | None = Field(None, description="Of the message (`webhook-id`) or the delivery.")
    since: datetime | None = Field(None, description="When it was made, at the earliest.")
    until: datetime | None = Field(None, description="The first instant after.")


class WebhookDeliveryAnswer(Answer):
    """A message to one webhook."""

    id: UUID
    message_id: UUID = Field(description="The header `webhook-id`, the same in every attempt.")
    webhook_id: UUID
    url: str
    event: str
    state: WebhookDeliveryState = Field(
        description="Dropped is what waited when its webhook was disabled."
    )
    attempts: int = Field(description="Since it was made or last replayed.")
    created_at: datetime
    finished_at: datetime | None
    next_attempt_at: datetime | None

    @classmethod
    def of(cls, entry: webhooks.DeliveryEntry) -> "WebhookDeliveryAnswer":
        """Return how the API shows a delivery in lists."""
        return cls(
            id=entry.id,
            message_id=entry.message_id,
            webhook_id=entry.endpoint_id,
            url=entry.url,
            event=entry.event,
            state=entry.state,
            attempts=entry.attempts,
            created_at=entry.made_at,
            finished_at=entry.finished_at,
            next_attempt_at=entry.due_at,
        )


class WebhookAttemptAnswer(Answer):
    """One request and what was answered."""

    attempted_at: datetime
    headers: Mapping[str, str]
    status: int | None = Field(description="HTTP's; null where no answer came.")
    answer: str = Field(description="The beginning of the answer's body.")
    error: str = Field(description="What was wrong; empty for what was received.")
    milliseconds: int
    address: str = Field(description="The network address that was connected to.")


class WebhookDeliveryDetail(WebhookDeliveryAnswer):
    """A message to one webhook, with every attempt."""

    body: str = Field(description="Exactly what was sent and signed.")
    tries: list[WebhookAttemptAnswer] = Field(description="The newest first.")

    @classmethod
    def in_full(cls, view: webhooks.DeliveryView) -> "WebhookDeliveryDetail":
        """Return how the API shows a delivery by itself."""
        return cls(
            **WebhookDeliveryAnswer.of(view.entry).model_dump(),
            body=view.body,
            tries=[
                WebhookAttemptAnswer(
                    attempted_at=one.attempted_at,
                    headers=one.headers,
                    status=one.status,
                    answer=one.answer,
                    error=one.error,
                    milliseconds=one.milliseconds,
                    address=one.address,
                )
                for one in view.attempts
            ],
        )


class Replays(Input):
    """Which messages are sent again."""

    ids: Deliveries = Field(description="Of deliveries.")


class LostSince(Input):
    """From when on what was not received is sent again."""

    since: datetime = Field(examples=["2026-11-20T00:00:00Z"])


class ReplayedAnswer(Answer):
    """How many messages are sent again."""

    count: int


class EventTypeAnswer(Answer):
    """A kind of event."""

    name: str
    summary: str
    fields: list[str] = Field(description="Of `data`; beside them is `url`, where there is one.")
    sample: str = Field(description="A whole body that was made up, in JSON.")

    @classmethod
    def of(cls, kind: webhooks.EventType) -> "EventTypeAnswer":
        """Return how the API shows a kind of event."""
        return cls(
            name=kind.name, summary=kind.summary, fields=list(kind.fields), sample=kind.sample
        )
