"""A made-up document in a tenant's own name: what its brands and templates make of one.

Figures, buyer and number belong to nobody; they pass through the calculator that
real documents pass through, and nothing of it is kept.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from billhook.domain.brands import Brand, Template
from billhook.domain.documents import Document
from billhook.domain.parties import Address, Party
from billhook.domain.periods import Period
from billhook.domain.publications import Publication, Reference, Stage
from billhook.domain.states import DocumentType
from billhook.domain.tax import TaxTreatment, usual_scheme
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.i18n import gettext as _
from billhook.i18n import language
from billhook.sdk.context import Context
from billhook.services.samples import Item, component, sample_document

NUMBER = "0000"
"""No series prints it."""
RATE = "10"
"""Percent, of the made-up tax."""

_TAXES = {"vat": "VAT", "gst": "GST", "sales_tax": "Sales tax"}


def sample(
    ctx: Context,
    kind: DocumentType,
    brand: Brand,
    template: Template,
    *,
    words: str = "",
    stage: Stage = Stage.DRAFT,
) -> Publication:
    """Return a sample document in a brand and by a template, in a language or the tenant's.

    A draft is marked as one, so that nobody takes it for a document that was issued.
    """
    spoken = words or ctx.tenant.language
    with language(spoken):
        document = _document(ctx, kind, spoken)
    credited = Reference(number=NUMBER, issue_on=document.issue_on - timedelta(days=30))
    return Publication(
        document=document,
        number=NUMBER,
        stage=stage,
        brand=brand,
        template=template,
        credited=credited if kind is DocumentType.CREDIT_NOTE else None,
        is_sandbox=ctx.tenant.is_sandbox and stage is Stage.DRAFT,
    )


def _document(ctx: Context, kind: DocumentType, spoken: str) -> Document:
    today = ctx.today()
    made = sample_document(
        _items(today),
        [_treatment(ctx.tenant.party.address.country)],
        seller=ctx.tenant.party,
        buyer=_buyer(ctx.tenant.party.address.country),
        currency=ctx.tenant.currency,
        language=spoken,
    )
    return replace(
        made,
        type=kind,
        issue_on=today,
        due_on=today + timedelta(days=ctx.tenant.payment_days),
        purchase_order="4500017739",
    )


def _treatment(country: str) -> TaxTreatment:
    scheme = usual_scheme(country)
    return TaxTreatment(
        components=(component(_TAXES.get(scheme, scheme), country, RATE),),
        category="S" if scheme == "vat" else None,
    )


def _buyer(country: str) -> Party:
    return Party(
        name=_("Sample client"),
        address=Address(
            country=country,
            street=_("Example Street 1"),
            postal_code="12345",
            city=_("Exampletown"),
        ),
        reference="C-0001",
    )


def _items(today: date) -> list[Item]:
    last_month = today.replace(day=1) - timedelta(days=1)
    period = Period.through(last_month.replace(day=1), last_month)
    loyalty = Adjustment(
        kind=AdjustmentKind.ALLOWANCE, reason=_("Loyal clients"), percent=Decimal(5)
    )
    return [
        Item(
            text=_("Consulting, two visits on site"),
            quantity="12.5",
            price="96",
            unit="HUR",
            sku="CONSULT",
            section=_("Services"),
            explanation=_("96.00 an hour, by agreement"),
        ),
        Item(
            text=_("Plan Team, 8 seats"),
            quantity="8",
            price="19",
            sku="TEAM",
            section=_("Services"),
            period=period,
            adjustments=(loyalty,),
        ),
        Item(text=_("Printed handbook"), quantity="3", price="24.9", sku="BOOK"),
    ]
