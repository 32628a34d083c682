"""Typed lines get their prices: what was typed, else what the product's prices say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from billhook.domain.adjusting import adjustment_json
from billhook.domain.bills import BillLine
from billhook.domain.custom_fields import FieldDefinition
from billhook.i18n import gettext as _
from billhook.money import LARGEST_AMOUNT
from billhook.plugins.relay import Relay
from billhook.sdk.context import Context
from billhook.services import own_fields, pricing
from billhook.services.draft_editing.heading import Heading
from billhook.services.draft_editing.lines import TypedLine, product_id_of
from billhook.services.fencing import Refused
from billhook.services.fields import Fields
from billhook.services.pricing import Priced
from billhook.services.waiting import Waiting

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """A typed line, and the lines of the bill that it makes: several where its price has tiers."""

    typed: TypedLine
    parts: tuple[BillLine, ...]
    is_listed: bool
    """Whether the price is the product's, not typed."""

    @property
    def amount(self) -> int:
        """What all parts come to, signed, in minor units."""
        return sum(part.amount for part in self.parts)


def priced_lines(
    ctx: Context,
    relay: Relay,
    heading: Heading,
    typed: Sequence[TypedLine],
    read: Fields,
    own: Sequence[FieldDefinition],
) -> list[PricedLine]:
    """Return the lines that have a quantity and get a price; the others' problems are read's."""
    rows = {line.place: _waiting(heading, line) for line in typed if line.quantity is not None}
    asking = [row for row in rows.values() if row.unit_price is None and row.product_id]
    answers = pricing.priced(ctx, relay, asking)
    found = []
    for line in typed:
        row = rows.get(line.place)
        if row is None:
            continue
        answer = answers.get(row.id)
        if isinstance(answer, Refused):
            for problem in answer.problems:
                read.refuse(line.path("unit_price"), problem.code, problem.message)
        elif answer or row.unit_price is not None:
            found.append(_priced(ctx, line, row, answer, own))
    for one in found:
        if abs(one.amount) > LARGEST_AMOUNT:
            read.refuse(
                one.typed.path("unit_price"),
                "line.too_much",
                _("This comes to more than can be booked. Enter a smaller price or quantity."),
            )
    return [one for one in found if abs(one.amount) <= LARGEST_AMOUNT]


def _priced(
    ctx: Context,
    line: TypedLine,
    row: Waiting,
    answer: Priced | None,
    own: Sequence[FieldDefinition],
) -> PricedLine:
    charge_id = line.stored.charge_id if line.stored else None
    fields = own_fields.frozen(line.fields, own)
    parts = pricing.lines(ctx, row, answer)
    return PricedLine(
        typed=line,
        parts=tuple(replace(part, charge_id=charge_id, fields=fields) for part in parts),
        is_listed=answer is not None,
    )


def _waiting(heading: Heading, line: TypedLine) -> Waiting:
    """Return the line as pricing reads a charge that waits."""
    assert line.quantity is not None
    product = line.product
    return Waiting(
        id=UUID(int=line.place + 1),
        customer_id=heading.buyer.id if heading.buyer else _NOBODY,
        payer_id=heading.payer_id or _NOBODY,
        currency=heading.currency,
        charged_on=line.supplied_on,
        period_start=line.period.start if line.period else None,
        period_end=line.period.end if line.period else None,
        description=line.description,
        sku=line.sku,
        unit=line.unit,
        product_id=product_id_of(line),
        quantity=line.quantity,
        unit_price=line.unit_price,
        base_quantity=line.base_quantity,
        amount=None,
        adjustments=[adjustment_json(one) for one in line.adjustments],
        supply=line.supply.value if line.supply else "",
        tax_category=line.tax_category,
        revenue_account=_account(line),
        group_key=_section_key(line),
        group_label=line.section,
        purchase_order="",
        delivery_country="",
        product_sku=product.sku if product else None,
        product_unit=product.unit if product else None,
        product_supply=product.supply if product else None,
        product_category=product.tax_category if product else None,
        product_account=product.revenue_account if product else None,
    )


def _account(line: TypedLine) -> str:
    if line.stored and line.stored.sku == line.sku:
        return line.stored.revenue_account
    return line.product.revenue_account if line.product else ""


def _section_key(line: TypedLine) -> str:
    """Keep the key of a section whose label stands; a new one is keyed by its label."""
    if line.stored and line.stored.section_label == line.section:
        return line.stored.section_key
    return line.section[:80]


def explained(
    ctx: Context, relay: Relay, heading: Heading, lines: Sequence[PricedLine]
) -> list[PricedLine]:
    """Return the lines with why their prices are what they are.

    A price that stands as it was stored keeps its explanation and plugins; one that was
    typed and is the product's takes the product's; any other typed one says that it was.
    """
    changed = [line for line in lines if not (line.is_listed or _stands(line, heading))]
    rows = [
        _waiting(heading, line.typed)._replace(unit_price=None)
        for line in changed
        if line.typed.product
    ]
    answers = pricing.priced(ctx, relay, rows)
    return [
        _explained(line, heading, answers.get(UUID(int=line.typed.place + 1))) for line in lines
    ]


def _explained(line: PricedLine, heading: Heading, answer: Priced | Refused | None) -> PricedLine:
    if line.is_listed:
        return line
    stored = line.typed.stored
    if stored and _stands(line, heading):
        plugins = tuple(sorted(stored.plugins.items()))
        return _saying(line, stored.explanation, plugins)
    if isinstance(answer, Priced):
        if _is_listed_price(line.parts[0], answer):
            return _saying(line, answer.answer.explanation, (answer.plugin,))
        return _saying(line, _("The price was typed over that of the price list."))
    if stored and (stored.explanation or stored.charge_id):
        return _saying(line, _("The price was typed over the one that was there."))
    return line


def _saying(
    line: PricedLine, explanation: str, plugins: tuple[tuple[str, str], ...] = ()
) -> PricedLine:
    parts = (replace(part, explanation=explanation, plugins=plugins) for part in line.parts)
    return replace(line, parts=tuple(parts))


def _stands(line: PricedLine, heading: Heading) -> bool:
    stored, part = line.typed.stored, line.parts[0]
    return bool(
        stored
        and heading.currency == heading.stored_currency
        and (stored.sku, stored.quantity, stored.unit_price, stored.base_quantity)
        == (part.sku, part.quantity, part.unit_price, part.base_quantity)
    )


def _is_listed_price(part: BillLine, priced: Priced) -> bool:
    listed = priced.answer.parts
    return len(listed) == 1 and (part.quantity, part.unit_price, part.base_quantity) == (
        listed[0].quantity,
        listed[0].unit_price,
        listed[0].base_quantity,
    )
