"""What a client says of its company, and changes: at once, or once the company said yes.

A form says all that the client wants. Of what differs from what is stored, the fields that
the company marked become the change that waits, in place of one that waited before;
the others apply at once. The checks are those of the staff's own form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Contact, Customer
from billhook.models.portal import ProfileChange
from billhook.services import audit, customer_profiles, customers, profile_fields
from billhook.services.customer_profiles import ProfileInput
from billhook.services.portal import clients, log, settings
from billhook.services.portal.clients import Client
from billhook.services.portal.log import PortalAct
from billhook.services.profile_changes import ChangeDecided, ChangeState

NOTHING = ""
"""What a form says that was filled while no change waited."""


class AskedMeanwhile(Conflict):
    """A colleague asked for something else, or the company decided, since the form was filled."""

    code = "profile_change.asked_meanwhile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A value that waits for a yes."""

    column: str
    known: str
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The change that waits, as the client sees it."""

    id: UUID
    asked_at: datetime
    asked_by: str
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A client's company as it is stored."""

    values: Mapping[str, str]
    """By the columns of `profile_fields.COLUMNS`."""
    version: int
    waiting: Waiting | None
    approvals: frozenset[str]
    """Names of the fields whose change waits for a yes."""

    @property
    def wanted(self) -> dict[str, str]:
        """Return the values as the client wants them: what waits in the place of what is stored."""
        wishes = self.waiting.wishes if self.waiting else ()
        return {**self.values, **{one.column: one.wanted for one in wishes}}

    @property
    def mark(self) -> str:
        """Return what a form that is filled now says of the change that waits."""
        return str(self.waiting.id) if self.waiting else NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of a client's wishes: names of fields."""

    applied: tuple[str, ...]
    waiting: tuple[str, ...]


def show(client: Client) -> Profile:
    """Return what the company knows of the client."""
    client.require(clients.SEE)
    entry = customers.read(client.customer_id)
    row = db.session.execute(
        select(ProfileChange, Contact.name)
        .join(
            Contact,
            (Contact.tenant_id == ProfileChange.tenant_id)
            & (Contact.id == ProfileChange.contact_id),
        )
        .where(
            ProfileChange.customer_id == client.customer_id,
            ProfileChange.state == ChangeState.WAITING.value,
        )
    ).one_or_none()
    return Profile(
        values={column: getattr(entry, column) for column in profile_fields.COLUMNS},
        version=entry.version,
        waiting=_waiting(row[0], row[1]) if row else None,
        approvals=settings.current().approvals,
    )


def save(client: Client, wanted: Mapping[str, str], *, version: int, mark: str) -> Saved:
    """Change what the client may change, and ask for the rest.

    `version` and `mark` are the profile's that the form was filled from. Raises
    CustomerChanged, AskedMeanwhile, ValidationFailed.
    """
    client.require(clients.MANAGE)
    client.require(clients.WRITE)
    ctx = client.ctx
    with ctx.transaction():
        row = customer_profiles.lock(client.customer_id)
        customer_profiles.refuse_changed(row, version)
        before = _lock_waiting(client)
        if mark != (str(before.id) if before else NOTHING):
            raise AskedMeanwhile(
                _(
                    "A colleague asked for other changes, or an answer came, since you opened "
                    "this page. Look at it, then save again."
                )
            )
        changed = _changed(client, row, wanted)
        later = profile_fields.waiting_columns(changed, settings.current().approvals)
        known = profile_fields.stored(row)
        applied = _apply(client, row, profile_fields.only(changed, set(changed) - later))
        _ask(client, before, profile_fields.only(changed, later), known)
        if changed or before:
            log.note(client, PortalAct.PROFILE_CHANGED)
    return Saved(applied=applied, waiting=profile_fields.names_of(later))


def withdraw(client: Client, change_id: UUID) -> None:
    """Take back what waits. Raises ChangeDecided where it does not wait any more."""
    client.require(clients.MANAGE)
    client.require(clients.WRITE)
    with client.ctx.transaction():
        customer_profiles.lock(client.customer_id)
        before = _lock_waiting(client)
        if before is None or before.id != change_id:
            raise ChangeDecided(
                _("This change does not wait any more. Look at your profile as it is now.")
            )
        _take_back(client, before)
        log.note(client, PortalAct.PROFILE_CHANGED)


def _changed(client: Client, row: Customer, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that differ from what is stored, as they would be. Raises ValidationFailed."""
    asked = profile_fields.input_of(row, wanted)
    after = customer_profiles.preview(client.ctx, row, asked)
    stored = profile_fields.stored(row)
    return {
        column: after[column]
        for column in profile_fields.COLUMNS
        if column in after and after[column] != stored[column]
    }


def _apply(client: Client, row: Customer, changes: Mapping[str, str]) -> tuple[str, ...]:
    if not changes:
        return ()
    given = profile_fields.input_of(row, changes)
    customer_profiles.write(client.ctx, row, ProfileInput(customer=given, tags=None))
    names = profile_fields.names_of(changes)
    audit.record(client.ctx, "customer.changed", "customer", row.id, fields=" ".join(names))
    return names


def _ask(
    client: Client,
    before: ProfileChange | None,
    changes: dict[str, str],
    known: Mapping[str, str],
) -> None:
    """Let changes wait, in the place of those that waited before."""
    if before is not None and before.changes == changes:
        return
    if before is not None:
        _take_back(client, before)
    if not changes:
        return
    change = ProfileChange(
        tenant_id=client.ctx.tenant.id,
        id=new_id(),
        customer_id=client.customer_id,
        contact_id=client.contact_id,
        changes=changes,
        known=profile_fields.only(known, changes),
        asked_at=client.ctx.now(),
    )
    db.session.add(change)
    db.session.flush()
    names = " ".join(profile_fields.names_of(changes))
    audit.record(client.ctx, "profile_change.asked", "profile_change", change.id, fields=names)


def _take_back(client: Client, change: ProfileChange) -> None:
    change.state, change.decided_at = ChangeState.WITHDRAWN.value, client.ctx.now()
    db.session.flush()
    audit.record(client.ctx, "profile_change.withdrawn", "profile_change", change.id)


def _lock_waiting(client: Client) -> ProfileChange | None:
    """Return the change that waits, after the customer's own row was locked."""
    return db.session.scalar(
        select(ProfileChange)
        .where(
            ProfileChange.customer_id == client.customer_id,
            ProfileChange.state == ChangeState.WAITING.value,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _waiting(change: ProfileChange, asked_by: str) -> Waiting:
    return Waiting(
        id=change.id,
        asked_at=change.asked_at,
        asked_by=asked_by,
        wishes=tuple(
            Wish(column=column, known=change.known.get(column, ""), wanted=change.changes[column])
            for column in profile_fields.COLUMNS
            if column in change.changes
        ),
    )
