"""What clients want changed about themselves, and what the company says to it.

A change waits with what its fields held when it was asked for. Whoever decides sees that
beside what is stored now: where somebody changed the customer meanwhile, both. What was
decided of a change becomes a row of its own where the rest still waits. Issued documents
froze their buyer and stay as they are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from babel.support import LazyProxy
from sqlalchemy import Select, and_, select

from billhook import limits
from billhook.db import db
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Contact, Customer
from billhook.models.portal import ProfileChange
from billhook.sdk.context import Context
from billhook.services import audit, customer_profiles, profile_fields
from billhook.services.customer_profiles import CustomerChanged, ProfileInput
from billhook.services.fields import Fields
from billhook.services.paging import Order, Slice, cut
from billhook.services.portal import letters, notice_words, notices
from billhook.services.portal.notices import ClientNoticeKind

MOST_COUNTED = 100


class ChangeState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ChangeDecided(Conflict):
    """Somebody decided on the change, or took it back."""

    code = "profile_change.decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """One value of a field."""

    column: str
    known: str
    """What it was when the change was asked for."""
    present: str
    wanted: str

    @property
    def is_overtaken(self) -> bool:
        """Whether somebody else changed it since."""
        return self.present not in (self.known, self.wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field that a client wants changed."""

    name: str
    label: LazyProxy
    columns: tuple[ColumnChange, ...]

    @property
    def is_overtaken(self) -> bool:
        return any(one.is_overtaken for one in self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEntry:
    """A change as those see it who decide."""

    id: UUID
    customer_id: UUID
    customer: str
    """Reference."""
    customer_name: str
    version: int
    """The customer's, as its present values are told here."""
    contact_id: UUID
    contact_name: str
    state: ChangeState
    asked_at: datetime
    decided_at: datetime | None
    decided_by: UUID | None
    reason: str
    fields: tuple[FieldChange, ...]


def search(
    ctx: Context,
    *,
    state: ChangeState | None = ChangeState.WAITING,
    customer_id: UUID | None = None,
    after: str = "",
    limit: int = limits.PAGE_ROWS,
) -> Slice[ChangeEntry]:
    """Return changes, the oldest first: those that wait, or all with None.

    Raises ValidationFailed for a cursor that is none.
    """
    ctx.require("customers.view")
    wanted = _rows()
    if state is not None:
        wanted = wanted.where(ProfileChange.state == state.value)
    if customer_id is not None:
        wanted = wanted.where(ProfileChange.customer_id == customer_id)
    return cut(
        wanted,
        (Order(ProfileChange.id, UUID),),
        after=after,
        limit=limit,
        make=lambda row: _entry(*row[:3]),
    )


def get(ctx: Context, change_id: UUID) -> ChangeEntry:
    """Raises NotFound."""
    ctx.require("customers.view")
    return _read(change_id)


def waiting(ctx: Context) -> int:
    """Count the changes that wait, up to `MOST_COUNTED`."""
    ctx.require("customers.view")
    found = select(ProfileChange.id).where(ProfileChange.state == ChangeState.WAITING.value)
    return len(db.session.scalars(found.limit(MOST_COUNTED)).all())


def approve(
    ctx: Context,
    change_id: UUID,
    *,
    fields: Collection[str] | None = None,
    version: int | None = None,
) -> ChangeEntry:
    """Take a change over, or some of its fields by name: the others go on waiting.

    `version` is the customer's that the present values were compared in; with None a field
    that somebody changed since it was asked for is refused. Returns what was approved.
    Raises NotFound, ChangeDecided, CustomerChanged, ValidationFailed.
    """
    ctx.require("customers.edit")
    with ctx.transaction():
        customer, change = _lock(change_id)
        columns = _chosen(change, fields)
        _refuse_unseen(customer, change, columns, version)
        wanted = profile_fields.only(change.changes, columns)
        given = profile_fields.input_of(customer, wanted)
        customer_profiles.write(ctx, customer, ProfileInput(customer=given, tags=None))
        audit.record(
            ctx,
            "customer.changed",
            "customer",
            customer.id,
            profile_change=change_id,
            fields=" ".join(profile_fields.names_of(columns)),
        )
        decided = _decide(ctx, change, columns, ChangeState.APPROVED, "")
    return _read(decided)


def refuse(
    ctx: Context, change_id: UUID, *, reason: str, fields: Collection[str] | None = None
) -> ChangeEntry:
    """Say no to a change, or to some of its fields by name, and why: the client reads it.

    Returns what was refused. Raises NotFound, ChangeDecided, CustomerChanged, ValidationFailed.
    """
    ctx.require("customers.edit")
    read = Fields()
    said = read.text("reason", reason, limit=limits.REASON, is_required=True)
    if read.problems:
        raise ValidationFailed(read.problems)
    with ctx.transaction():
        _customer, change = _lock(change_id)
        decided = _decide(ctx, change, _chosen(change, fields), ChangeState.REFUSED, said)
    return _read(decided)


def follow(ctx: Context, duplicate_id: UUID, *, to: UUID) -> None:
    """Let what waits of a duplicate wait of the customer that takes its place, inside the merge.

    Where both have something waiting, that of the customer stays, and the other is taken back.
    """
    rows = db.session.scalars(
        select(ProfileChange)
        .where(
            ProfileChange.customer_id.in_([duplicate_id, to]),
            ProfileChange.state == ChangeState.WAITING.value,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    waiting = {row.customer_id: row for row in rows}
    if (moved := waiting.get(duplicate_id)) is None:
        return
    if to in waiting:
        moved.state, moved.decided_at = ChangeState.WITHDRAWN.value, ctx.now()
        audit.record(ctx, "profile_change.withdrawn", "profile_change", moved.id)
    moved.customer_id = to
    db.session.flush()


def _decide(
    ctx: Context, change: ProfileChange, columns: Collection[str], state: ChangeState, reason: str
) -> UUID:
    """Note what was decided, tell who asked, and return the id of the row that says it."""
    decided = _part(change, columns)
    decided.state, decided.reason = state.value, reason
    decided.decided_at, decided.decided_by = ctx.now(), ctx.actor.id
    db.session.flush()
    names = profile_fields.names_of(columns)
    audit.record(
        ctx, f"profile_change.{state}", "profile_change", decided.id, fields=" ".join(names)
    )
    _tell(ctx, decided, len(names))
    return decided.id


def _part(change: ProfileChange, columns: Collection[str]) -> ProfileChange:
    """Return the row of some columns: the change itself, or one taken off it while the rest waits."""
    if set(columns) == set(change.changes):
        return change
    part = ProfileChange(
        tenant_id=change.tenant_id,
        id=new_id(),
        customer_id=change.customer_id,
        contact_id=change.contact_id,
        changes=profile_fields.only(change.changes, columns),
        known=profile_fields.only(change.known, columns),
        asked_at=change.asked_at,
    )
    rest = set(change.changes) - set(columns)
    change.changes = profile_fields.only(change.changes, rest)
    change.known = profile_fields.only(change.known, rest)
    db.session.add(part)
    return part


def _tell(ctx: Context, decided: ProfileChange, count: int) -> None:
    is_approved = decided.state == ChangeState.APPROVED.value
    kind = ClientNoticeKind.PROFILE_APPROVED if is_approved else ClientNoticeKind.PROFILE_REFUSED
    facts = {"count": str(count), "reason": decided.reason}
    letter = notice_words.letter(kind, facts, object_kind="profile_change", object_id=decided.id)
    notices.tell(
        ctx,
        [decided.contact_id],
        kind,
        facts=facts,
        object_kind="profile_change",
        object_id=decided.id,
        key=f"{kind}:{decided.id}",
    )
    letters.queue(ctx, decided.contact_id, letter, key=f"{kind}:{decided.id}")


def _lock(change_id: UUID) -> tuple[Customer, ProfileChange]:
    """Return customer and change, locked in this order, as clients do.

    Raises NotFound, ChangeDecided, CustomerChanged.
    """
    customer_id = db.session.scalar(
        select(ProfileChange.customer_id).where(ProfileChange.id == change_id)
    )
    if customer_id is None:
        raise NotFound(_("change"), change_id)
    customer = customer_profiles.lock(customer_id)
    change = db.session.scalars(
        select(ProfileChange)
        .where(ProfileChange.id == change_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if change.state != ChangeState.WAITING.value:
        raise ChangeDecided(
            _("This change does not wait any more: somebody decided on it, or took it back.")
        )
    if change.customer_id != customer_id:  # it was merged while we waited for its row
        raise CustomerChanged(_changed())
    return customer, change


def _chosen(change: ProfileChange, names: Collection[str] | None) -> set[str]:
    """Return the columns of the fields that are decided on. Raises ValidationFailed."""
    if names is None:
        return set(change.changes)
    read = Fields()
    there = profile_fields.names_of(change.changes)
    known = {read.one_of("fields", name, there) for name in names}
    if not read.problems and not known - {""}:
        read.refuse("fields", "input.missing", _("Choose at least one of the changes."))
    if read.problems:
        raise ValidationFailed(read.problems)
    return profile_fields.columns_of(known) & set(change.changes)


def _refuse_unseen(
    customer: Customer, change: ProfileChange, columns: Collection[str], version: int | None
) -> None:
    """Raises CustomerChanged where the present values are not those that were compared."""
    if version is not None:
        if customer.version != version:
            raise CustomerChanged(_changed())
        return
    compared = _compared(change, customer)
    if any(
        one.is_overtaken for field in compared for one in field.columns if one.column in columns
    ):
        raise CustomerChanged(
            _(
                "Somebody changed the same fields since the client asked. Compare what is stored "
                "now with what the client wants, then decide."
            )
        )


def _changed() -> str:
    return _(
        "Somebody changed this customer since you opened the page. Compare what is stored now "
        "with what the client wants, then decide."
    )


def _rows() -> Select[tuple[ProfileChange, Customer, str]]:
    return (
        select(ProfileChange, Customer, Contact.name)
        .join(
            Customer,
            and_(
                Customer.tenant_id == ProfileChange.tenant_id,
                Customer.id == ProfileChange.customer_id,
            ),
        )
        .join(
            Contact,
            and_(
                Contact.tenant_id == ProfileChange.tenant_id,
                Contact.id == ProfileChange.contact_id,
            ),
        )
    )


def _read(change_id: UUID) -> ChangeEntry:
    row = db.session.execute(
        _rows().where(ProfileChange.id == change_id).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(_("change"), change_id)
    return _entry(*row)


def _entry(change: ProfileChange, customer: Customer, contact_name: str) -> ChangeEntry:
    return ChangeEntry(
        id=change.id,
        customer_id=customer.id,
        customer=customer.reference,
        customer_name=customer.name,
        version=customer.version,
        contact_id=change.contact_id,
        contact_name=contact_name,
        state=ChangeState(change.state),
        asked_at=change.asked_at,
        decided_at=change.decided_at,
        decided_by=change.decided_by,
        reason=change.reason,
        fields=tuple(_compared(change, customer)),
    )


def _compared(change: ProfileChange, customer: Customer) -> Sequence[FieldChange]:
    present = profile_fields.stored(customer)
    return [
        FieldChange(
            name=field.name,
            label=field.label,
            columns=tuple(
                ColumnChange(
                    column=column,
                    known=change.known.get(column, ""),
                    present=present[column],
                    wanted=change.changes[column],
                )
                for column in field.columns
                if column in change.changes
            ),
        )
        for field in profile_fields.FIELDS
        if not set(field.columns).isdisjoint(change.changes)
    ]
