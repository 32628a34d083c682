"""Lines read from what was typed, with their products; priced by `line_prices`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain.custom_fields import FieldDefinition
from billhook.domain.periods import Period
from billhook.domain.states import Supply
from billhook.domain.totals import Adjustment
from billhook.i18n import gettext as _
from billhook.models.products import Product
from billhook.money import PRICE_DECIMALS, QUANTITY_DECIMALS
from billhook.services import own_fields
from billhook.services.draft_editing.adjustments import read_adjustments
from billhook.services.draft_editing.inputs import MOST_LINES, LineInput
from billhook.services.draft_editing.stored import StoredLine
from billhook.services.fields import Fields

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    """A line as read; what could not be read is None, and told among the problems."""

    place: int
    sku: str
    description: str
    section: str
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    base_quantity: Decimal
    adjustments: tuple[Adjustment, ...]
    tax_category: str
    supply: Supply | None
    supplied_on: date
    period: Period | None
    fields: Mapping[str, str]
    product: Product | None
    stored: StoredLine | None

    def path(self, name: str) -> str:
        """Return where a problem of one of its inputs stands."""
        return f"lines-{self.place}-{name}"


def read_lines(
    given: Sequence[LineInput],
    read: Fields,
    *,
    currency: str,
    today: date,
    own: Sequence[FieldDefinition],
    stored: Mapping[str, StoredLine],
) -> list[TypedLine]:
    """Read the lines that are not blank; `stored` are the draft's rows by their keys."""
    if len(given) > MOST_LINES:
        read.refuse(
            "lines",
            "draft.too_long",
            _("A page takes %(most)s lines at most. Split the draft.", most=MOST_LINES),
        )
        return []
    products = _products({line.sku.strip() for line in given if line.sku.strip()})
    return [
        _line(place, line, read, currency, today, own, products, stored.get(line.key))
        for place, line in enumerate(given)
        if not line.is_blank
    ]


def _products(skus: set[str]) -> dict[str, Product]:
    if not skus:
        return {}
    rows = db.session.scalars(select(Product).where(Product.sku.in_(skus)))
    return {row.sku: row for row in rows}


def _line(
    place: int,
    given: LineInput,
    read: Fields,
    currency: str,
    today: date,
    own: Sequence[FieldDefinition],
    products: Mapping[str, Product],
    stored: StoredLine | None,
) -> TypedLine:
    at = f"lines-{place}-"
    sku = read.text(f"{at}sku", given.sku, limit=limits.CODE)
    product = products.get(sku)
    period = _period(read, at, given)
    supplied_on = read.day(f"{at}supplied_on", given.supplied_on) or today
    values, problems = own_fields.read(
        given.fields, own, stored=stored.fields if stored else None, prefix=f"{at}fields-"
    )
    read.problems.extend(problems)
    if given.key and stored is None:
        _refuse_gone(read, f"{at}description")
    return TypedLine(
        place=place,
        sku=sku,
        description=_description(read, at, given.description, product, sku),
        section=read.text(f"{at}section", given.section, limit=limits.NAME),
        quantity=_quantity(read, f"{at}quantity", given.quantity),
        unit=read.text(f"{at}unit", given.unit, limit=10) or (product.unit if product else ""),
        unit_price=_price(read, at, given, product),
        base_quantity=_base_quantity(read, f"{at}base_quantity", given.base_quantity),
        adjustments=read_adjustments(read, f"{at}adjustments", given.adjustments, currency),
        tax_category=(
            read.text(f"{at}tax_category", given.tax_category, limit=limits.CODE)
            or (product.tax_category if product else "")
            or "standard"
        ),
        supply=read.choice(f"{at}supply", given.supply, Supply) or _supply_of(product),
        supplied_on=period.last_day if period else supplied_on,
        period=period,
        fields=values,
        product=product,
        stored=stored,
    )


def _refuse_gone(read: Fields, path: str) -> None:
    """A line that somebody else removed gave its charge back: billed from here, it would count twice."""
    read.refuse(
        path,
        "draft.line_gone",
        _(
            "Somebody removed this line meanwhile; what it charged waits in the queue again. "
            "Remove it here, too, and enter it anew if it is still wanted."
        ),
    )


def _supply_of(product: Product | None) -> Supply | None:
    return Supply(product.supply) if product and product.supply else None


def _description(read: Fields, at: str, typed: str, product: Product | None, sku: str) -> str:
    path, known = f"{at}description", len(read.problems)
    text = read.prose(path, typed) or (product.name if product else sku)
    if not text and len(read.problems) == known:
        read.refuse(path, "input.missing", _("Say what this line is for."))
    return text


def _quantity(read: Fields, path: str, typed: str) -> Decimal | None:
    if not typed.strip():
        read.refuse(path, "input.missing", _("Enter how many."))
        return None
    return read.number(path, typed, decimals=QUANTITY_DECIMALS)


def _base_quantity(read: Fields, path: str, typed: str) -> Decimal:
    found = read.number(path, typed, decimals=QUANTITY_DECIMALS)
    if found is not None and found <= 0:
        read.refuse(
            path, "line.base_quantity", _("The price is for a quantity above zero, such as 100.")
        )
        return _ONE
    return _ONE if found is None else found


def _price(read: Fields, at: str, given: LineInput, product: Product | None) -> Decimal | None:
    if given.unit_price.strip() or product:
        return read.number(f"{at}unit_price", given.unit_price, decimals=PRICE_DECIMALS)
    if given.sku.strip():
        read.refuse(
            f"{at}sku",
            "product.unknown",
            _(
                "There is no product “%(sku)s”. Choose one of the list, or enter a price.",
                sku=given.sku.strip()[: limits.CODE],
            ),
        )
    else:
        read.refuse(
            f"{at}unit_price", "input.missing", _("Enter a price, or choose a product with one.")
        )
    return None


def _period(read: Fields, at: str, given: LineInput) -> Period | None:
    first = read.day(f"{at}period_from", given.period_from)
    last = read.day(f"{at}period_until", given.period_until)
    if not (given.period_from.strip() or given.period_until.strip()):
        return None
    if first and last and first <= last:
        return Period.through(first, last)
    if first and last:
        message = _("The period ends before it begins. Choose a later last day.")
        read.refuse(f"{at}period_until", "line.period_order", message)
    elif first and not given.period_until.strip():
        message = _("Enter the last day of the period, too.")
        read.refuse(f"{at}period_until", "input.missing", message)
    elif last and not given.period_from.strip():
        message = _("Enter the first day of the period, too.")
        read.refuse(f"{at}period_from", "input.missing", message)
    return None


def product_id_of(line: TypedLine) -> UUID | None:
    """Return the line's product; that of a charge stays while its SKU stands."""
    if line.product:
        return line.product.id
    stored = line.stored
    return stored.product_id if stored and stored.sku == line.sku else None
