"""People and roles as the API takes and gives them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.states import Reach
from billhook.sdk.api import Answer, Input, Query
from billhook.services.people import MOST_TAGS, MemberEntry
from billhook.services.roles import PermissionGroup, RoleEntry

MOST_PERMISSIONS = 500


class PeopleQuery(Query):
    """Which people."""

    state: Literal["active", "invited", "ended"] | None = None
    role: str = Field("", max_length=limits.CODE)


class SeatChanges(Input):
    """What somebody may do here; what is left out stays."""

    role: str | None = Field(None, max_length=limits.CODE, examples=["clerk"])
    scope: Reach | None = Field(None, description="Whose customers they see.")
    scope_tags: list[Annotated[str, Field(max_length=limits.NAME)]] | None = Field(
        None, max_length=MOST_TAGS, description="Of the customers, where the scope is tags."
    )


class NewPerson(Input):
    """Somebody who is offered a seat."""

    email: str = Field(min_length=1, max_length=limits.EMAIL, examples=["ada@example.org"])
    name: str = Field(min_length=1, max_length=limits.NAME, examples=["Ada Lovelace"])
    role: str = Field(min_length=1, max_length=limits.CODE, examples=["clerk"])
    scope: Reach = Reach.ALL
    scope_tags: list[Annotated[str, Field(max_length=limits.NAME)]] = Field(
        [], max_length=MOST_TAGS
    )


class PersonAnswer(Answer):
    """Somebody who works, worked or is invited here."""

    id: UUID
    email: str
    name: str
    role: str
    role_title: str
    state: Literal["active", "invited", "ended"]
    scope: Reach
    scope_tags: list[str]
    has_second_factor: bool

    @classmethod
    def of(cls, entry: MemberEntry) -> "PersonAnswer":
        """Return how the API shows a person."""
        return cls(
            id=entry.person_id,
            email=entry.email,
            name=entry.name,
            role=entry.role,
            role_title=entry.role_title,
            state="active" if entry.is_active else "invited" if entry.is_invited else "ended",
            scope=entry.reach,
            scope_tags=list(entry.tags),
            has_second_factor=entry.has_second_factor,
        )


class InvitationAnswer(Answer):
    """An invitation, and what became of its mail."""

    shows_secret = True

    person: PersonAnswer
    expires_at: datetime
    is_mailed: bool
    link: str = Field(
        description="Where it could not be mailed: to be passed on to them alone. It works once."
    )
    reason: str = Field(description="Why it could not be mailed, as far as that is known.")


class RoleChanges(Input):
    """A role of your own as it shall be; what is left out stays."""

    title: str | None = Field(None, max_length=limits.NAME)
    summary: str | None = Field(None, max_length=limits.TEXT)
    permissions: list[Annotated[str, Field(max_length=limits.CODE)]] | None = Field(
        None, max_length=MOST_PERMISSIONS, description="All that it may do."
    )


class NewRole(Input):
    """A role to be."""

    title: str = Field(min_length=1, max_length=limits.NAME, examples=["Junior clerk"])
    summary: str = Field("", max_length=limits.TEXT)
    like: str = Field("", max_length=limits.CODE, description="The role whose copy it starts as.")
    permissions: list[Annotated[str, Field(max_length=limits.CODE)]] = Field(
        [], max_length=MOST_PERMISSIONS, description="What it may do beyond that."
    )


class RoleAnswer(Answer):
    """A role, and what it may do."""

    code: str
    title: str
    summary: str
    permissions: list[str]
    is_own: bool = Field(description="Whether you made it, and can change it.")
    members: int
    version: int

    @classmethod
    def of(cls, entry: RoleEntry) -> "RoleAnswer":
        """Return how the API shows a role."""
        return cls(
            code=entry.code,
            title=entry.title,
            summary=entry.summary,
            permissions=sorted(entry.permissions),
            is_own=entry.is_own,
            members=entry.members,
            version=entry.version,
        )


class PermissionAnswer(Answer):
    """Something that a role or a key may be allowed."""

    name: str
    group: str
    text: str
    is_yours: bool = Field(description="Whether the key that asks may do it, and so may give it.")


def permissions_answer(
    groups: Iterable[PermissionGroup], held: frozenset[str] | None
) -> list[PermissionAnswer]:
    """Return how the API shows permissions."""
    return [
        PermissionAnswer(
            name=one.name,
            group=group.title,
            text=str(one.label),
            is_yours=held is None or one.name in held,
        )
        for group in groups
        for one in group.permissions
    ]
