"""A batch of customers on its way into the table: read, checked, stored in sets."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from billhook import limits
from billhook.db import db
from billhook.domain import tax_numbers
from billhook.domain.custom_fields import FieldSubject
from billhook.domain.states import Consolidation
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Customer
from billhook.models.people import Member
from billhook.problems import Problem, Severity
from billhook.scoping import CustomerScope, looking_beyond
from billhook.sdk.context import Context
from billhook.services import own_fields
from billhook.services.fields import Fields

_LONGEST_TERM = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInput:
    """What somebody says of a customer. None leaves what is stored; "" empties it."""

    reference: str
    name: str | None = None
    country: str | None = None
    subdivision: str | None = None
    street: str | None = None
    extra: str | None = None
    postal_code: str | None = None
    city: str | None = None
    email: str | None = None
    tax_number: str | None = None
    legal_id: str | None = None
    legal_id_scheme: str | None = None
    electronic_address: str | None = None
    electronic_scheme: str | None = None
    contact_name: str | None = None
    phone: str | None = None
    currency: str | None = None
    language: str | None = None
    time_zone: str | None = None
    consolidation: str | None = None
    payment_days: str | None = None
    purchase_order: str | None = None
    buyer_reference: str | None = None
    payer: str | None = None
    """Reference of the customer who pays for this one."""
    is_active: str | None = None
    owner: str | None = None
    """Id of the member's person who looks after the customer."""
    fields: Mapping[str, str] | None = None
    """The tenant's own fields by their keys; those that are not named stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """What became of an input; `id` is None where it was refused."""

    reference: str
    state: Literal["new", "changed", "unchanged", "refused"]
    id: UUID | None = None
    problems: tuple[Problem, ...] = ()


def store(ctx: Context, customers: Sequence[CustomerInput]) -> list[Upserted]:
    """Create or change what is good; each answer stands at its input's place."""
    batch = _Batch(ctx, customers)
    answers = [batch.take(customer) for customer in customers]
    batch.store()
    return answers


def preview(ctx: Context, customer: CustomerInput) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Return the columns as they would be stored, and what is wrong. Writes nothing.

    No columns where the input is refused, or says what is stored already.
    """
    batch = _Batch(ctx, [customer])
    answer = batch.take(customer)
    [row] = [*batch.new.values(), *batch.changed.values()] or [{}]
    return row, answer.problems


class _Batch:
    """One batch on its way into the table."""

    def __init__(self, ctx: Context, customers: Sequence[CustomerInput]) -> None:
        self.ctx = ctx
        self.now = ctx.now()
        self.stored = _load(ctx, customers)
        """Every customer that the batch names, as the table will hold it, by reference."""
        self.hidden = _hidden(ctx, customers) - self.stored.keys()
        """References of customers that the member who acts does not see."""
        self.kept = _kept(self.stored.values())
        """Who took the place of duplicates that the batch names, by id."""
        self.paying = _paying(row["id"] for row in self.stored.values())
        """Customers who pay for others."""
        self.new: dict[UUID, dict[str, Any]] = {}
        self.changed: dict[UUID, dict[str, Any]] = {}

    def take(self, customer: CustomerInput) -> Upserted:
        fields = Fields()
        reference = fields.text(
            "reference", customer.reference, limit=limits.CODE, is_required=True
        )
        before = self.stored.get(reference)
        if reference in self.hidden:
            fields.refuse("reference", "customer.reference_taken", _taken(reference))
        if before and before["merged_into_id"] in self.kept:
            return self._leave(before)
        values = _read(self.ctx, fields, customer, before)
        if customer.payer is not None:
            values["payer_id"] = self._payer(fields, customer.payer.strip(), before)
        if fields.problems:
            return Upserted(reference=reference, state="refused", problems=tuple(fields.problems))
        if values.get("payer_id"):
            self.paying.add(values["payer_id"])
        if before is None:
            return self._add(reference, values)
        return self._change(before, values)

    def store(self) -> None:
        if self.new:
            db.session.execute(insert(Customer), list(self.new.values()))
        if self.changed:
            _update(self.changed.values())

    def _leave(self, duplicate: Mapping[str, Any]) -> Upserted:
        """Leave a duplicate that was merged: who took its place has a row of its own."""
        kept = self.kept[duplicate["merged_into_id"]]
        problem = Problem(
            code="customer.merged",
            path="reference",
            severity=Severity.WARNING,
            message=_(
                "“%(duplicate)s” was merged into “%(kept)s”, so nothing of it was changed. Change "
                "that one instead.",
                duplicate=duplicate["reference"],
                kept=kept["reference"],
            ),
        )
        return Upserted(
            reference=duplicate["reference"],
            state="unchanged",
            id=kept["id"],
            problems=(problem,),
        )

    def _add(self, reference: str, values: dict[str, Any]) -> Upserted:
        row = {
            "tenant_id": self.ctx.tenant.id,
            "id": new_id(),
            "reference": reference,
            "payer_id": None,
            "owner_id": _owned_by(self.ctx),
            "fields": {},
            "merged_into_id": None,
            "erased_at": None,
            "created_at": self.now,
            "version": 1,
            **values,
        }
        self.stored[reference] = self.new[row["id"]] = row
        return Upserted(reference=reference, state="new", id=row["id"])

    def _change(self, row: dict[str, Any], values: dict[str, Any]) -> Upserted:
        if all(row[name] == value for name, value in values.items()):
            return Upserted(reference=row["reference"], state="unchanged", id=row["id"])
        row.update(values)
        if row["id"] not in self.new and row["id"] not in self.changed:
            row["version"] += 1
            self.changed[row["id"]] = row
        return Upserted(reference=row["reference"], state="changed", id=row["id"])

    def _payer(
        self, fields: Fields, reference: str, customer: Mapping[str, Any] | None
    ) -> UUID | None:
        """Return who pays: somebody known, who pays for themselves. None is the customer."""
        if not reference or (customer and reference == customer["reference"]):
            return None
        payer = self.stored.get(reference)
        if payer and payer["merged_into_id"]:
            payer = self.kept[payer["merged_into_id"]]
            if customer and payer["id"] == customer["id"]:
                return None
        if payer is None:
            message = _(
                "There is no customer “%(payer)s”. Put the payer's row before this one.",
                payer=reference[: limits.CODE],
            )
        elif payer["payer_id"]:
            message = _(
                "“%(payer)s” has a payer of its own. Name that one instead.", payer=reference
            )
        elif customer and customer["id"] in self.paying:
            message = _("This customer pays for others, and so pays for itself.")
        else:
            payer_id: UUID = payer["id"]
            return payer_id
        fields.refuse("payer", "customer.payer_refused", message)
        return None


def _load(ctx: Context, customers: Sequence[CustomerInput]) -> dict[str, dict[str, Any]]:
    wanted = {customer.reference.strip() for customer in customers}
    wanted |= {customer.payer.strip() for customer in customers if customer.payer}
    rows = db.session.execute(select(*_columns()).where(Customer.reference.in_(wanted)))
    return {row["reference"]: dict(row) for row in rows.mappings()}


def _hidden(ctx: Context, customers: Sequence[CustomerInput]) -> set[str]:
    if ctx.scope is None:
        return set()
    wanted = {customer.reference.strip() for customer in customers}
    with looking_beyond():
        return set(
            db.session.scalars(select(Customer.reference).where(Customer.reference.in_(wanted)))
        )


def _taken(reference: str) -> str:
    return _(
        "“%(reference)s” is taken by a customer whom you do not look after. Choose another "
        "reference, or ask an administrator to let you see them.",
        reference=reference,
    )


def _kept(stored: Iterable[Mapping[str, Any]]) -> dict[UUID, dict[str, Any]]:
    wanted = {row["merged_into_id"] for row in stored if row["merged_into_id"]}
    if not wanted:
        return {}
    rows = db.session.execute(select(*_columns()).where(Customer.id.in_(wanted)))
    return {row["id"]: dict(row) for row in rows.mappings()}


def _columns() -> list[Any]:
    return [getattr(Customer, column.name) for column in Customer.__table__.c]


def _paying(ids: Iterable[UUID]) -> set[UUID]:
    query = select(Customer.payer_id).where(Customer.payer_id.in_(list(ids))).distinct()
    return {payer_id for payer_id in db.session.scalars(query) if payer_id}


def _update(rows: Iterable[Mapping[str, Any]]) -> None:
    table = Customer.__table__
    keys = {"tenant_id", "id"}
    fixed = {*keys, "reference", "created_at", "merged_into_id", "erased_at"}
    names = [column.name for column in table.c if column.name not in fixed]
    db.session.connection().execute(
        update(Customer)
        .where(table.c.tenant_id == bindparam("_tenant_id"), table.c.id == bindparam("_id"))
        .values({name: bindparam(name) for name in names}),
        [
            {
                "_tenant_id": row["tenant_id"],
                "_id": row["id"],
                **{name: row[name] for name in names},
            }
            for row in rows
        ],
    )


def _read(
    ctx: Context, fields: Fields, sent: CustomerInput, before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the columns that the input sets; for a new customer all but key and payer."""
    defaults = _defaults(ctx)
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        text = getattr(sent, name)
        if text is None and before is None and name in _REQUIRED:
            text = ""
        if text is not None:
            found = read(fields, name, text)
            values[name] = defaults.get(name, "") if found in ("", None) else found
        elif before is None:
            values[name] = defaults.get(name, "")
    _refuse_half(fields, values, before)
    if sent.tax_number is not None:
        country = values.get("country") or (before["country"] if before else "")
        values["tax_number"] = _tax_number(fields, country, sent.tax_number)
    elif before is None:
        values["tax_number"] = ""
    if sent.owner is not None:
        values["owner_id"] = _owner(fields, sent.owner)
    if sent.fields is not None:
        values["fields"] = _own(fields, sent.fields, before["fields"] if before else {})
    return values


def _owner(fields: Fields, text: str) -> UUID | None:
    """Read who looks after a customer: a member with a seat, or nobody."""
    if not text.strip():
        return None
    try:
        person_id = UUID(text.strip())
    except ValueError:
        person_id = None
    seat = select(Member.person_id).where(Member.person_id == person_id, Member.is_active)
    if person_id and db.session.scalar(seat):
        return person_id
    message = _("Choose somebody who works here, or nobody.")
    fields.refuse("owner", "customer.owner_unknown", message)
    return None


def _own(fields: Fields, typed: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, str]:
    """Read the tenant's own fields; what is not named stays."""
    known = own_fields.definitions(FieldSubject.CUSTOMER)
    found, problems = own_fields.read({**stored, **typed}, known, stored=stored)
    fields.problems += problems
    return found


def _refuse_half(
    fields: Fields, values: Mapping[str, Any], before: Mapping[str, Any] | None
) -> None:
    """Refuse an electronic address without its scheme, or a scheme without an address."""
    after = {**(before or {}), **values}
    address, scheme = after["electronic_address"], after["electronic_scheme"]
    if bool(address) == bool(scheme) or fields.problems:
        return
    fields.refuse(
        "electronic_address" if scheme else "electronic_scheme",
        "customer.electronic_address_half",
        _(
            "An electronic address needs its scheme, and a scheme its address, such as 0088 "
            "with a GLN or 9930 with a German VAT number."
        ),
    )


def _defaults(ctx: Context) -> dict[str, Any]:
    """Return what stands where an input says nothing."""
    return {
        "currency": ctx.tenant.currency,
        "language": ctx.tenant.language,
        "time_zone": ctx.tenant.time_zone,
        "consolidation": Consolidation.PER_RUN.value,
        "payment_days": None,
        "is_active": True,
    }


def _tax_number(fields: Fields, country: str, number: str) -> str:
    text = fields.text("tax_number", number, limit=limits.CODE)
    if not text or not country:
        return ""
    checked = tax_numbers.check(country, text)
    if isinstance(checked, Problem):
        fields.problems.append(checked)
        return ""
    return checked


def _text(limit: int) -> Callable[[Fields, str, str], str]:
    return lambda fields, name, text: fields.text(
        name, text, limit=limit, is_required=name in _REQUIRED
    )


def _country(fields: Fields, name: str, text: str) -> str:
    return fields.country(name, fields.text(name, text, limit=limits.NAME, is_required=True))


def _consolidation(fields: Fields, name: str, text: str) -> str:
    chosen = fields.choice(name, text, Consolidation)
    return chosen.value if chosen else ""


_REQUIRED = frozenset({"name", "country"})
_READERS: dict[str, Callable[[Fields, str, str], Any]] = {
    "name": _text(limits.NAME),
    "country": _country,
    "subdivision": _text(10),
    "street": _text(limits.NAME),
    "extra": _text(limits.NAME),
    "postal_code": _text(limits.CODE),
    "city": _text(limits.NAME),
    "email": Fields.email,
    "legal_id": _text(limits.CODE),
    "legal_id_scheme": Fields.identifier_scheme,
    "electronic_address": _text(limits.NAME),
    "electronic_scheme": Fields.electronic_scheme,
    "contact_name": _text(limits.NAME),
    "phone": _text(limits.CODE),
    "currency": Fields.currency,
    "language": Fields.language,
    "time_zone": Fields.time_zone,
    "consolidation": _consolidation,
    "payment_days": lambda fields, name, text: fields.whole(name, text, most=_LONGEST_TERM),
    "purchase_order": _text(limits.CODE),
    "buyer_reference": _text(limits.CODE),
    "is_active": Fields.flag,
}


def _owned_by(ctx: Context) -> UUID | None:
    """Return whose a new customer is: that of who sees their own ones alone."""
    return ctx.scope.person_id if isinstance(ctx.scope, CustomerScope) else None
