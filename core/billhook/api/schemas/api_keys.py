"""Keys of programs as the API takes and gives them."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from billhook import limits
from billhook.sdk.api import Answer, Input, PageQuery
from billhook.services.api_keys import (
    MOST_PER_MINUTE,
    PER_MINUTE,
    KeyEntry,
    KeyInput,
    KeyState,
    MadeKey,
)
from billhook.services.api_requests import ApiRequestRecord

MOST_SCOPES = 500
LONGEST_OVERLAP_HOURS = 7 * 24


def _as_utc(instant: datetime) -> datetime:
    """Raises PydanticCustomError for what no calendar has in UTC."""
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("datetime_beyond", "beyond the calendar") from None


Instant = Annotated[AwareDatetime, AfterValidator(_as_utc)]
Scope = Annotated[str, Field(max_length=limits.CODE)]


class KeysQuery(PageQuery):
    """Which keys."""

    text: str = Field(
        "", max_length=limits.NAME, description="A part of the name, or how a secret begins."
    )
    state: KeyState | None = None
    made_by: UUID | None = Field(None, description="The person or key that made them.")


class KeyChanges(Input):
    """What a key is to be; what is left out stays."""

    name: str | None = Field(None, max_length=limits.NAME)
    scopes: list[Scope] | None = Field(None, max_length=MOST_SCOPES)
    expires_at: Instant | None = Field(None, description="Null is never.")
    requests_per_minute: int | None = Field(None, ge=1, le=MOST_PER_MINUTE)

    def on(self, known: KeyEntry) -> KeyInput:
        """Return what the key would be."""
        is_end_given = "expires_at" in self.model_fields_set
        return KeyInput(
            name=known.name if self.name is None else self.name,
            scopes=known.scopes if self.scopes is None else self.scopes,
            expires_at=self.expires_at if is_end_given else known.expires_at,
            requests_per_minute=self.requests_per_minute or known.requests_per_minute,
        )


class NewKey(Input):
    """A key to be."""

    name: str = Field(min_length=1, max_length=limits.NAME, examples=["Our shop"])
    scopes: list[Scope] = Field(
        min_length=1, max_length=MOST_SCOPES, examples=[["customers.view", "charges.edit"]]
    )
    expires_at: Instant | None = Field(None, description="Null is never.")
    requests_per_minute: int = Field(PER_MINUTE, ge=1, le=MOST_PER_MINUTE)


class KeyRotation(Input):
    """How a key gets a new secret."""

    overlap_hours: int = Field(
        24,
        ge=0,
        le=LONGEST_OVERLAP_HOURS,
        description="How long the secrets before stay good.",
    )


class SecretAnswer(Answer):
    """A secret that is good now, by its first characters."""

    hint: str
    made_at: datetime
    expires_at: datetime | None


class KeyAnswer(Answer):
    """A key without its secrets, which nobody can read."""

    id: UUID
    name: str
    scopes: list[str]
    secrets: list[SecretAnswer] = Field(description="Those that are good now, the newest first.")
    requests_per_minute: int
    api_version: str
    state: KeyState
    made_by: UUID | None
    maker: str = Field(description="The name of who made it; empty for the operator.")
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    used_from: str = Field(description="The network address of its last use.")
    version: int

    @classmethod
    def of(cls, entry: KeyEntry) -> "KeyAnswer":
        """Return how the API shows a key."""
        return cls(
            id=entry.id,
            name=entry.name,
            scopes=list(entry.scopes),
            secrets=[
                SecretAnswer(hint=one.hint, made_at=one.made_at, expires_at=one.expires_at)
                for one in entry.secrets
            ],
            requests_per_minute=entry.requests_per_minute,
            api_version=entry.api_version,
            state=entry.state,
            made_by=entry.made_by,
            maker=entry.maker,
            made_at=entry.made_at,
            expires_at=entry.expires_at,
            revoked_at=entry.revoked_at,
            used_at=entry.used_at,
            used_from=entry.used_from,
            version=entry.version,
        )


class MadeKeyAnswer(Answer):
    """A key with its new secret, which is shown now and never again."""

    shows_secret = True

    key: KeyAnswer
    secret: str

    @classmethod
    def of(cls, made: MadeKey) -> "MadeKeyAnswer":
        """Return how the API shows a new secret."""
        return cls(key=KeyAnswer.of(made.entry), secret=made.secret)


class OwnKeyAnswer(Answer):
    """The key that asks, and the company that it opens."""

    id: UUID
    name: str
    scopes: list[str] = Field(description="What it may do now: plugins that are off bring none.")
    requests_per_minute: int
    api_version: str
    expires_at: datetime | None = Field(description="When the key ends; null is never.")
    company_id: UUID
    company: str
    is_sandbox: bool


class RequestsQuery(PageQuery):
    """Which requests; days are the company's and inclusive."""

    key_id: UUID | None = None
    status_class: int | None = Field(
        None, ge=2, le=5, description="2 went well, 4 was refused, 5 failed."
    )
    method: str = Field("", max_length=10, examples=["POST"])
    text: str = Field(
        "",
        max_length=limits.NAME,
        description="A part of the path, the code of a problem, or a request's id.",
    )
    since: date | None = None
    until: date | None = None


class RequestAnswer(Answer):
    """A request that was answered, without its content."""

    id: UUID
    key_id: UUID
    key: str = Field(description="The key's name.")
    requested_at: datetime
    method: str
    route: str
    path: str
    status: int
    problem: str = Field(description="The code that it was refused with.")
    milliseconds: int
    address: str
    user_agent: str
    api_version: str

    @classmethod
    def of(cls, record: ApiRequestRecord, key: str) -> "RequestAnswer":
        """Return how the API shows a request."""
        return cls(
            id=record.id,
            key_id=record.key_id,
            key=key,
            requested_at=record.requested_at,
            method=record.method,
            route=record.route,
            path=record.path,
            status=record.status,
            problem=record.problem,
            milliseconds=record.milliseconds,
            address=record.address,
            user_agent=record.user_agent,
            api_version=record.api_version,
        )
