"""Customers, by the tenant's own code, and their contacts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from billhook import limits
from billhook.db import db
from billhook.domain import tax_numbers
from billhook.domain.states import Consolidation
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Contact, Customer
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.fields import Fields

_BATCH = 500
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """What became of an input; `id` is None where it was refused."""

    reference: str
    state: Literal["new", "changed", "unchanged", "refused"]
    id: UUID | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerEntry:
    """A customer as people see it."""

    id: UUID
    reference: str
    name: str
    country: str
    subdivision: str
    street: str
    extra: str
    postal_code: str
    city: str
    email: str
    tax_number: str
    currency: str
    language: str
    time_zone: str
    consolidation: Consolidation
    payment_days: int | None
    purchase_order: str
    buyer_reference: str
    payer: str
    """Reference of who pays; empty where the customer pays."""
    is_active: bool
    version: int


def save(ctx: Context, customer: CustomerInput) -> CustomerEntry:
    """Create a customer, or change the one of that reference. Raises ValidationFailed."""
    with ctx.transaction():
        [answer] = upsert(ctx, [customer])
        if answer.problems:
            raise ValidationFailed(answer.problems)
        if answer.state != "unchanged":
            action = "customer.created" if answer.state == "new" else "customer.changed"
            audit.record(ctx, action, "customer", answer.id)
        return get(ctx, answer.reference)


def upsert(ctx: Context, customers: Sequence[CustomerInput]) -> list[Upserted]:
    """Create or change customers by reference; each answer stands at its input's place.

    Inputs with problems are left out and say why; the caller decides what that
    means for the rest. A payer must be stored or stand before its customer. Joins
    the caller's transaction, and leaves the audit row to the caller.
    """
    ctx.require("customers.edit")
    with ctx.transaction():
        return [
            answer
            for start in range(0, len(customers), _BATCH)
            for answer in _upsert(ctx, customers[start : start + _BATCH])
        ]


def _upsert(ctx: Context, customers: Sequence[CustomerInput]) -> list[Upserted]:
    batch = _Batch(ctx, customers)
    answers = [batch.take(customer) for customer in customers]
    batch.store()
    return answers


def get(ctx: Context, reference: str) -> CustomerEntry:
    """Raises NotFound."""
    ctx.require("customers.view")
    row = db.session.scalar(select(Customer).where(Customer.reference == reference))
    if row is None:
        raise NotFound(_("customer"), reference)
    return _entry(row, _references([row.payer_id]))


def listing(
    ctx: Context,
    *,
    after: str = "",
    limit: int = limits.PAGE_ROWS,
    search: str = "",
    is_active: bool | None = None,
) -> list[CustomerEntry]:
    """Return customers by reference, after one; search finds parts of reference, name, e-mail."""
    ctx.require("customers.view")
    query = select(Customer).where(Customer.reference > after).order_by(Customer.reference)
    if search:
        query = query.where(
            Customer.reference.icontains(search, autoescape=True)
            | Customer.name.icontains(search, autoescape=True)
            | Customer.email.icontains(search, autoescape=True)
        )
    if is_active is not None:
        query = query.where(Customer.is_active == is_active)
    rows = db.session.scalars(query.limit(limit)).all()
    payers = _references([row.payer_id for row in rows])
    return [_entry(row, payers) for row in rows]


def _references(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    wanted = {customer_id for customer_id in ids if customer_id}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Customer.id, Customer.reference).where(Customer.id.in_(wanted))
    )
    return dict(rows.tuples().all())


def _entry(row: Customer, payers: Mapping[UUID, str]) -> CustomerEntry:
    return CustomerEntry(
        id=row.id,
        reference=row.reference,
        name=row.name,
        country=row.country,
        subdivision=row.subdivision,
        street=row.street,
        extra=row.extra,
        postal_code=row.postal_code,
        city=row.city,
        email=row.email,
        tax_number=row.tax_number,
        currency=row.currency,
        language=row.language,
        time_zone=row.time_zone,
        consolidation=Consolidation(row.consolidation),
        payment_days=row.payment_days,
        purchase_order=row.purchase_order,
        buyer_reference=row.buyer_reference,
        payer=payers.get(row.payer_id, "") if row.payer_id else "",
        is_active=row.is_active,
        version=row.version,
    )


# Checking and storing a batch


class _Batch:
    """One batch on its way into the table."""

    def __init__(self, ctx: Context, customers: Sequence[CustomerInput]) -> None:
        self.ctx = ctx
        self.now = ctx.now()
        self.stored = _load(ctx, customers)
        """Every customer that the batch names, as the table will hold it, by reference."""
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

    def _add(self, reference: str, values: dict[str, Any]) -> Upserted:
        row = {
            "tenant_id": self.ctx.tenant.id,
            "id": new_id(),
            "reference": reference,
            "payer_id": None,
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
    table = Customer.__table__
    rows = db.session.execute(
        select(*table.c).where(table.c.tenant_id == ctx.tenant.id, table.c.reference.in_(wanted))
    )
    return {row["reference"]: dict(row) for row in rows.mappings()}


def _paying(ids: Iterable[UUID]) -> set[UUID]:
    query = select(Customer.payer_id).where(Customer.payer_id.in_(list(ids))).distinct()
    return {payer_id for payer_id in db.session.scalars(query) if payer_id}


def _update(rows: Iterable[Mapping[str, Any]]) -> None:
    table = Customer.__table__
    keys = {"tenant_id", "id"}
    fixed = {*keys, "reference", "created_at"}
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
    if sent.tax_number is not None:
        country = values.get("country") or (before["country"] if before else "")
        values["tax_number"] = _tax_number(fields, country, sent.tax_number)
    elif before is None:
        values["tax_number"] = ""
    return values


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
    "currency": Fields.currency,
    "language": Fields.language,
    "time_zone": Fields.time_zone,
    "consolidation": _consolidation,
    "payment_days": lambda fields, name, text: fields.whole(name, text, most=_LONGEST_TERM),
    "purchase_order": _text(limits.CODE),
    "buyer_reference": _text(limits.CODE),
    "is_active": Fields.flag,
}


# Contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEntry:
    """A customer's person."""

    id: UUID
    customer: str
    name: str
    email: str
    phone: str
    is_active: bool


def save_contact(
    ctx: Context, customer: str, *, email: str, name: str, phone: str = "", is_active: bool = True
) -> ContactEntry:
    """Add a person to a customer, or change the one of that e-mail.

    Raises NotFound, ValidationFailed, Conflict where the e-mail is another customer's.
    """
    ctx.require("customers.edit")
    fields = Fields()
    address = fields.email("email", fields.text("email", email, limit=1_000, is_required=True))
    name = fields.text("name", name, limit=limits.NAME, is_required=True)
    phone = fields.text("phone", phone, limit=limits.CODE)
    if fields.problems:
        raise ValidationFailed(fields.problems)
    with ctx.transaction() as session:
        customer_id = get(ctx, customer).id
        row = session.scalar(select(Contact).where(Contact.email == address))
        if row is None:
            row = Contact(
                tenant_id=ctx.tenant.id, id=new_id(), customer_id=customer_id, email=address
            )
            session.add(row)
        elif row.customer_id != customer_id:
            raise Conflict(_("%(email)s is a contact of another customer already.", email=address))
        row.name, row.phone, row.is_active = name, phone, is_active
        session.flush()
        audit.record(ctx, "contact.saved", "contact", row.id, customer=str(customer_id))
        return _contact(row, customer)


def contacts(ctx: Context, customer: str) -> list[ContactEntry]:
    """Return a customer's people, by name. Raises NotFound."""
    customer_id = get(ctx, customer).id
    rows = db.session.scalars(
        select(Contact).where(Contact.customer_id == customer_id).order_by(Contact.name)
    )
    return [_contact(row, customer) for row in rows]


def _contact(row: Contact, customer: str) -> ContactEntry:
    return ContactEntry(
        id=row.id,
        customer=customer,
        name=row.name,
        email=row.email,
        phone=row.phone,
        is_active=row.is_active,
    )
