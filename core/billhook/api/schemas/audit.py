"""The audit log as the API gives it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.sdk.api import Answer, PageQuery
from billhook.services.acts import ActView, FoundAct


class ActsQuery(PageQuery):
    """Which acts; days are the company's and inclusive."""

    text: str = Field(
        "",
        max_length=limits.CODE,
        description="A document's number, a customer's reference, an id, or the beginning of an "
        "act's name.",
    )
    object_kind: str = Field("", max_length=limits.CODE, examples=["document"])
    actor_id: UUID | None = Field(
        None, description="The person, key or client's contact that acted."
    )
    since: date | None = None
    until: date | None = None


class ActAnswer(Answer):
    """Who did what, when."""

    id: UUID
    happened_at: datetime
    actor_kind: Literal["person", "api_key", "client", "guest", "operator", "system"]
    actor_id: UUID | None
    actor: str = Field(
        description="The name of the person, the key or the client's contact; empty for who has none."
    )
    address: str = Field(description="Of the network.")
    request_id: UUID | None
    action: str
    object_kind: str
    object_id: str
    object: str = Field(description="The number or name that people know it by, else empty.")
    details: dict[str, str]

    @classmethod
    def of(cls, act: FoundAct) -> "ActAnswer":
        """Return how the API shows an act."""
        return cls(
            id=act.id,
            happened_at=act.happened_at,
            actor_kind=act.actor_kind,  # type: ignore[arg-type]  # one of them since it was noted
            actor_id=act.actor_id,
            actor=act.actor,
            address=act.address,
            request_id=act.request_id,
            action=act.action,
            object_kind=act.object_kind,
            object_id=act.object_id,
            object=act.object,
            details=dict(act.details),
        )


class LinkAnswer(Answer):
    """The place of an act in the chain that shows that none was changed or taken out."""

    sequence: int | None = Field(description="Null until the chain is continued, every 5 minutes.")
    hash: str | None = Field(description="SHA-256 as hexadecimal digits.")

    @classmethod
    def of(cls, view: ActView) -> "LinkAnswer":
        """Return how the API shows a link."""
        return cls(sequence=view.sequence, hash=view.hash.hex() if view.hash else None)
