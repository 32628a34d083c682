"""Issued documents as bills again, for the customer as it is now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.billing_anew import Taxed, billed_line, whole_adjustments
from billhook.domain.bills import Bill, BillLine, turned
from billhook.domain.documents import Document, DocumentLine
from billhook.domain.states import DocumentType, Supply
from billhook.ids import new_id
from billhook.models.charges import ChargeRow
from billhook.models.products import Product
from billhook.sdk.context import Context
from billhook.services import claims, merged
from billhook.services.buyers import buyers
from billhook.services.sets import one_of


def bill_of(ctx: Context, document: Document) -> Bill:
    """Return a document as a bill under an id of its own, its discounts of the whole included.

    A credit note's lines are negative again. Its charges stay with the document.
    """
    lines = tuple(replace(line, charge_id=None) for line in billed_lines(ctx, document))
    bill = heading(ctx, document, lines)
    return turned(bill) if document.type is DocumentType.CREDIT_NOTE else bill


def heading(ctx: Context, document: Document, lines: Sequence[BillLine]) -> Bill:
    """Return a bill with the lines, and all else as the document had it."""
    buyer = buyers(ctx, [document.customer_id])[document.customer_id]
    return Bill(
        id=new_id(),
        buyer=buyer,
        payer_id=merged.payer(document.payer_id),
        currency=document.currency,
        lines=tuple(lines),
        adjustments=whole_adjustments(document.adjustments),
        delivery_country=document.delivery_country,
        purchase_order=document.purchase_order,
        note="" if document.credits_document_id else document.note,
        buyer_reference=document.buyer_reference,
        language=document.language,
        payment_days=(document.due_on - document.issue_on).days,
        terms=document.terms,
        brand_id=document.brand_id,
        fields=document.fields,
    )


def billed_lines(ctx: Context, document: Document) -> list[BillLine]:
    """Return a document's lines as a bill has them, in their order."""
    taxed = _taxed(ctx, document.lines)
    return [billed_line(line, taxed[line.line_no], document.currency) for line in document.lines]


def numbered_lines(ctx: Context, note: Document) -> dict[int, BillLine]:
    """Return a credit note's lines by the numbers that they have on its invoice."""
    lines = billed_lines(ctx, note)
    numbers = [line.credited.line_no if line.credited else line.line_no for line in note.lines]
    return dict(zip(numbers, lines, strict=True))


def _taxed(ctx: Context, lines: Sequence[DocumentLine]) -> dict[int, Taxed]:
    """Return what taxes ask about each line: what it says itself, else its charge, its product."""
    silent = [line for line in lines if not (line.supply and line.tax_category)]
    charges = claims.charge_rows({line.charge_id for line in silent if line.charge_id})
    products = _products({line.product_id for line in silent if line.product_id})
    return {line.line_no: _taxed_as(ctx, line, charges, products) for line in lines}


def _taxed_as(
    ctx: Context,
    line: DocumentLine,
    charges: Mapping[UUID, ChargeRow],
    products: Mapping[UUID, Product],
) -> Taxed:
    charge = charges.get(line.charge_id) if line.charge_id else None
    product = products.get(line.product_id) if line.product_id else None
    said = [(one.supply, one.tax_category) for one in (line, charge, product) if one]
    supply = next((supply for supply, _category in said if supply), "")
    category = next((category for _supply, category in said if category), "standard")
    return Taxed(supply=Supply(supply) if supply else ctx.tenant.supplies, tax_category=category)


def _products(product_ids: set[UUID]) -> dict[UUID, Product]:
    if not product_ids:
        return {}
    rows = db.session.scalars(select(Product).where(one_of(Product.id, product_ids)))
    return {row.id: row for row in rows}
