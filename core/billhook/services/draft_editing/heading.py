"""All of a draft but its lines, read from what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain.bills import Buyer
from billhook.domain.custom_fields import FieldDefinition
from billhook.domain.totals import Adjustment
from billhook.i18n import gettext as _
from billhook.models.brands import BrandRow
from billhook.models.customers import Customer
from billhook.sdk.context import Context
from billhook.services import own_fields
from billhook.services.buyers import buyer
from billhook.services.draft_editing.adjustments import read_adjustments
from billhook.services.draft_editing.inputs import DraftInput
from billhook.services.draft_editing.stored import StoredDraft
from billhook.services.fields import Fields

MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What was read; None and empty as a bill has them. `buyer` is None where none is known."""

    buyer: Buyer | None
    payer_id: UUID | None
    currency: str
    adjustments: tuple[Adjustment, ...]
    note: str
    terms: str
    purchase_order: str
    buyer_reference: str | None
    payment_days: int | None
    issue_on: date | None
    language: str
    brand_id: UUID | None
    delivery_country: str
    fields: Mapping[str, str]
    stored_currency: str = ""
    """In which the stored lines are priced."""


def read_heading(
    ctx: Context,
    given: DraftInput,
    read: Fields,
    own: Sequence[FieldDefinition],
    stored: StoredDraft,
) -> Heading:
    """Read the heading over what is stored; `own` are the documents' own fields."""
    customer = _customer(given.customer, read)
    currency = read.currency("currency", given.currency)
    currency = currency or (customer.currency if customer else ctx.tenant.currency)
    values, problems = own_fields.read(given.fields, own, stored=stored.fields)
    read.problems.extend(problems)
    return Heading(
        buyer=buyer(ctx, customer) if customer else None,
        payer_id=_payer(customer, stored) if customer else None,
        currency=currency,
        adjustments=read_adjustments(read, "adjustments", given.adjustments, currency),
        note=read.prose("note", given.note),
        terms=read.prose("terms", given.terms),
        purchase_order=read.text("purchase_order", given.purchase_order, limit=limits.CODE),
        buyer_reference=(
            read.text("buyer_reference", given.buyer_reference, limit=limits.CODE) or None
        ),
        payment_days=read.whole("payment_days", given.payment_days, most=MOST_DAYS),
        issue_on=read.day("issue_on", given.issue_on),
        language=read.language("language", given.language),
        brand_id=_brand(given.brand, read),
        delivery_country=read.country("delivery_country", given.delivery_country),
        fields=values,
        stored_currency=stored.currency,
    )


def _payer(customer: Customer, stored: StoredDraft) -> UUID | None:
    """Who pays is settled when a draft is made, and looked up anew for another customer."""
    if customer.id == stored.customer_id:
        return stored.payer_id
    return customer.payer_id or customer.id


def _customer(typed: str, read: Fields) -> Customer | None:
    """Find who is meant by a reference, else by a name that only one has."""
    wanted = typed.strip()
    if not wanted:
        read.refuse(
            "customer", "draft.customer_missing", _("Choose whom this is for: by name or number.")
        )
        return None
    found = db.session.scalar(select(Customer).where(Customer.reference == wanted))
    found = found or _named(wanted)
    if found and found.merged_into_id:
        found = db.session.scalar(select(Customer).where(Customer.id == found.merged_into_id))
    if found is None:
        read.refuse(
            "customer",
            "customer.unknown",
            _(
                "There is no customer “%(customer)s”. Choose one of the list, or add it first.",
                customer=wanted[: limits.CODE],
            ),
        )
    return found


def _named(name: str) -> Customer | None:
    rows = db.session.scalars(select(Customer).where(Customer.name == name).limit(2)).all()
    return rows[0] if len(rows) == 1 else None


def _brand(code: str, read: Fields) -> UUID | None:
    wanted = code.strip()
    if not wanted:
        return None
    found = db.session.scalar(select(BrandRow.id).where(BrandRow.code == wanted))
    if found is None:
        read.refuse(
            "brand",
            "brand.unknown",
            _("There is no brand “%(brand)s”. Choose another.", brand=wanted[: limits.CODE]),
        )
    return found
